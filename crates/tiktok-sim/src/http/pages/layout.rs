//! The frame of every page: banner, head, security headers. Nothing is loaded from elsewhere.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};

use crate::answer;
use crate::clock::UtcInstant;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What differs between pages.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) is_narrow: bool,
    /// Set on pages that reload themselves.
    pub(super) version: Option<u64>,
}

/// A whole page.
pub(super) fn page(status: u16, frame: &Frame<'_>, body: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" data-version=[frame.version] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (frame.title) " · simulator" }
                link rel="stylesheet" href="/console/style.css";
                @if frame.version.is_some() { script type="module" src="/console/live.js" {} }
            }
            body {
                aside.banner aria-label="Simulator" { "Simulator: this is not TikTok. Nothing here leaves this machine." }
                @if !frame.is_narrow {
                    header.top {
                        h1 { (frame.title) }
                        a href="/console" { "Overview" }
                        a href="/console/requests" { "Requests" }
                    }
                }
                main.narrow[frame.is_narrow] { (body) }
            }
        }
    };
    let mut response = answer::bare(status);
    *response.body_mut() = Body::from(markup.into_string());
    answer::set_header(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    guard(&mut response);
    response
}

/// A stylesheet or script.
pub(super) fn asset(kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    guard(&mut response);
    response
}

fn guard(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Virtual time for people.
pub(super) fn time(ms: i64) -> String {
    UtcInstant::from_ms(ms).readable()
}

/// Shows that a secret is there without showing it.
pub(super) fn masked(secret: &str) -> String {
    let start: String = secret.chars().take(4).collect();
    format!("{start}… ({} characters)", secret.chars().count())
}
