//! A report as whoever has a link reads it: without signing in, without a cookie, with no way into the application. Owns its two routes and its frame.
//!
//! A link that is unknown, was ended or is past its day looks the same as any other of these.

use app::Error;
use app::reports::links::Shared;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::MediaId;
use maud::{Markup, html};
use serde::Deserialize;

use super::view::{Drawn, Reader, body, lede, title};
use crate::assets::Asset;
use crate::error::WebError;
use crate::locale::Locale;
use crate::media::{put, seal};
use crate::session::ClientIp;
use crate::state::WebState;
use crate::ui::{Frame, Head, Theme, When, page_head, shared_page};

/// The page.
pub struct SharedPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was opened.
    pub shared: &'a Shared,
    /// The word of the link, for its pictures.
    pub word: &'a str,
    /// The clock and zone of whoever made the link.
    pub when: &'a When,
}

/// `/r/{token}`
#[must_use]
pub fn report(page: &SharedPage<'_>) -> Markup {
    let (l, report, link) = (page.frame.locale, &page.shared.report, &page.shared.link);
    let when = &page.when.absolute();
    let drawn = Drawn { l, report, when, reader: Reader::Link(page.word) };
    let print = html! { button.btn type="button" data-print hidden { span { (t!(l, "report-print")) } } };
    let content = html! {
        (page_head(&title(l, report.query.week), Some(&lede(l, report, when)), Some(&print)))
        div.stack.loose.report {
            @if !link.name.is_empty() { p.sub { (link.name) } }
            (body(&drawn))
        }
        p.hint { (t!(l, "shared-until", at = when.moment(link.expires_at), zone = when.zone_label(report.now))) }
    };
    let head = Head {
        title: title(l, report.query.week),
        description: Some(t!(l, "shared-description")),
        script: Some(Asset::Reports),
        sheets: &[Asset::AnalyticsStyle, Asset::ReportStyle],
    };
    shared_page(page.frame, head, &content)
}

/// What is there for a link that opens nothing.
#[must_use]
pub fn nothing(frame: &Frame) -> Markup {
    let l = frame.locale;
    let content = html! { (page_head(&t!(l, "shared-nothing"), Some(&t!(l, "shared-nothing-more")), None)) };
    let head = Head {
        title: t!(l, "shared-nothing"),
        description: Some(t!(l, "shared-description")),
        sheets: &[Asset::ReportStyle],
        ..Head::default()
    };
    shared_page(frame, head, &content)
}

/// The reader's choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    lang: String,
}

/// No shared cache keeps it, no search engine lists it. That nobody is told where a reader came from is the router's.
fn private(response: &mut Response) {
    put(response, header::CACHE_CONTROL, "private, no-store");
}

fn closed(l: Locale, path: &str) -> Response {
    let mut response = (StatusCode::NOT_FOUND, nothing(&Frame::public(l, Theme::System, path))).into_response();
    private(&mut response);
    response
}

/// `GET /r/{token}`: the language is that of whoever made the link, unless the address asks for another one.
///
/// # Errors
/// 429 for an address that asks too often.
pub async fn show(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Path(word): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    state.throttle.shared(ip).map_err(WebError::too_many)?;
    let asked = Locale::parse(&wanted.lang);
    let shared = match state.app.shared_report(&word).await {
        Err(Error::NotFound { .. }) => {
            let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
            let l = asked.or_else(|| browser.and_then(Locale::negotiate)).unwrap_or_default();
            return Ok(closed(l, &format!("/r/{}", if word.is_ascii() { &word } else { "" })));
        }
        shared => shared?,
    };
    let l = asked.or_else(|| Locale::parse(&shared.locale)).unwrap_or_default();
    let frame = Frame::public(l, Theme::System, &format!("/r/{word}"));
    let when = When::new(l, &shared.time_zone, state.app.now());
    let page = report(&SharedPage { frame: &frame, shared: &shared, word: &word, when: &when });
    let mut response = page.into_response();
    private(&mut response);
    Ok(response)
}

/// `GET /r/{token}/pictures/{id}`: a small picture of a post that the report shows.
///
/// # Errors
/// 404 for anything else; 429 for an address that asks too often.
pub async fn picture(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    Path((word, id)): Path<(String, MediaId)>,
) -> Result<Response, WebError> {
    state.throttle.shared_picture(ip).map_err(WebError::too_many)?;
    let mut response = state.app.shared_picture(&word, id).await?.into_response();
    put(&mut response, header::CONTENT_TYPE, "image/jpeg");
    seal(&mut response);
    Ok(response)
}
