//! Serves the pages that need no database, to look at them while working on the look:
//! `cargo run -p web --example render_pages -- 8090`, then `/`, `/privacy`, `/terms`, `/error`, `/app`, `/dev/gallery`.

use axum::{
    Router,
    extract::OriginalUri,
    http::StatusCode,
    middleware,
    response::sse::{Event, Sse},
    routing::{get, post},
};
use domain::privacy::documents::Document;
use web::{
    assets,
    locale::Locale,
    pages::{
        gallery,
        landing::Landing,
        legal::{self, LegalFacts},
        not_found::ErrorPage,
    },
    security_headers::{SecurityHeaders, protect},
    ui::{self, Frame, Nav, Preferences, preferences},
};

fn public(p: Preferences, uri: &axum::http::Uri) -> Frame {
    Frame::public(p.locale, p.theme, uri.path())
}

/// The newest text with an example's facts.
fn document(p: Preferences, uri: &axum::http::Uri, document: Document) -> maud::Markup {
    let facts = LegalFacts::sample();
    let today = jiff::civil::date(2027, 1, 1);
    let version = document.in_force(today);
    legal::document_page(&legal::DocumentPage { frame: &public(p, uri), version, facts: &facts, today })
}

/// One message that replaces an element, one named event that makes another element fetch itself, every second.
async fn live() -> Sse<impl futures::Stream<Item = Result<Event, std::convert::Infallible>>> {
    let stream = futures::stream::unfold(1_u32, async |n| {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let event = if n % 2 == 1 {
            Event::default().data(maud::html! { p id="beat" hx-swap-oob="outerMorph" { (n) } }.into_string())
        } else {
            Event::default().event("post").data("id")
        };
        Some((Ok(event), n + 1))
    });
    Sse::new(stream)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(8090), |text| text.parse())?;
    let headers = SecurityHeaders::new(&"https://www.tiktok.com".parse()?, false);
    let router: Router = Router::new()
        .route(
            "/",
            get(async |p: Preferences, OriginalUri(uri): OriginalUri| {
                Landing { retention_days: 30 }.render(&public(p, &uri))
            }),
        )
        .route("/privacy", get(async |p: Preferences, uri: OriginalUri| document(p, &uri, Document::Privacy)))
        .route("/terms", get(async |p: Preferences, uri: OriginalUri| document(p, &uri, Document::Terms)))
        .route(
            "/dev/gallery",
            get(async |p: Preferences, OriginalUri(uri): OriginalUri| gallery::gallery(&public(p, &uri))),
        )
        .route(
            "/error",
            get(async |p: Preferences, OriginalUri(uri): OriginalUri| {
                ErrorPage::sample(p.locale).render(&public(p, &uri))
            }),
        )
        .route(
            "/app",
            get(async |p: Preferences| {
                let frame =
                    Frame { live_url: Some("/live".to_owned()), ..Frame::sample(p.locale, p.theme, Nav::Queue) };
                let title = match p.locale {
                    Locale::En => "Good afternoon",
                    Locale::Ru => "Добрый день",
                };
                let content = maud::html! {
                    (ui::page_head(title, Some("Море рядом"), None))
                    (ui::empty_state(title, "…", 2, None))
                    p id="beat" { "0" }
                    p id="fetched" hx-get="/beat" hx-trigger="post from:#live" hx-swap="outerMorph" { "-" }
                };
                ui::app_page(&frame, title, &content)
            }),
        )
        .route("/live", get(live))
        .route("/beat", get(async || maud::html! { p id="fetched" { "fetched" } }))
        .route("/preferences", post(preferences::save))
        .merge(assets::routes())
        .fallback(async |p: Preferences, OriginalUri(uri): OriginalUri| {
            (StatusCode::NOT_FOUND, ErrorPage::http(p.locale, StatusCode::NOT_FOUND).render(&public(p, &uri)))
        })
        .layer(middleware::from_fn_with_state(headers, protect));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
