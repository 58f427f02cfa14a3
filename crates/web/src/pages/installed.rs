//! What the application needs when it is installed on a phone or a desk: its worker, the page without a connection, and the door for files
//! that another application shares. Owns their routes and looks; what the worker does is `assets/ts/worker.ts`.

use axum::http::{HeaderValue, header};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use futures::TryStreamExt as _;
use maud::{Markup, html};

use crate::assets;
use crate::session::{MaybeSignedIn, SignedIn};
use crate::ui::{Button, Frame, GlassSize, Kind, Nav, app_page, glass, link_button, page_head, public_page};

/// Of a file that cannot be taken over, so much is listened to before the answer, bytes.
const THROWN_AWAY_BYTES: usize = 256 * 1024 * 1024;
/// And no longer than this.
const THROWN_AWAY_WITHIN: Duration = Duration::from_secs(60);

/// `GET /worker.js`: beside the pages and not under `/assets`, because a worker only sees what lies below it; asked for anew each time, so
/// that a new version is noticed.
pub async fn worker() -> Response {
    let mut response = assets::worker().into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The page without a connection. It lies in the browser of whoever installed the worker, so nobody's name is in it.
#[must_use]
pub fn offline_page(frame: &Frame) -> Markup {
    let l = frame.locale;
    let content = html! {
        main.reading id="main" tabindex="-1" {
            section.trouble {
                span aria-hidden="true" { (glass("offline", 0, "", GlassSize::Medium)) }
                h1 { (t!(l, "offline-title")) }
                p { (t!(l, "offline-what")) }
                p { (t!(l, "offline-goes-on")) }
                // It stands in the place of another page: an empty address is that page's.
                (link_button("", &Button { label: &t!(l, "offline-again"), kind: Kind::Primary, ..Button::default() }))
            }
        }
    };
    public_page(frame, t!(l, "offline-title"), &content)
}

/// `GET /offline`.
pub async fn offline(reader: MaybeSignedIn) -> Markup {
    offline_page(&Frame::public(reader.1.locale, reader.1.theme, "/"))
}

/// Where somebody comes whose shared file could not be taken over.
#[must_use]
pub fn share_page(frame: &Frame) -> Markup {
    let l = frame.locale;
    let choose =
        link_button("/compose", &Button { label: &t!(l, "share-choose"), kind: Kind::Primary, ..Button::default() });
    let content = html! {
        (page_head(&t!(l, "share-title"), Some(&t!(l, "share-what")), None))
        div.row { (choose) }
    };
    app_page(frame, t!(l, "share-title"), &content)
}

/// `GET /share`.
pub async fn share(me: SignedIn) -> Markup {
    share_page(&me.frame(Nav::NewPost, "/share"))
}

/// `POST /share`: the worker answers it in the browser; it comes here only where the worker is gone. What comes is thrown away, and taken
/// only so that the browser hears the answer: many do not listen before they have said everything.
pub async fn shared(_me: SignedIn, body: Body) -> Redirect {
    let thrown_away = body.into_data_stream().try_fold(0_usize, |sum, piece| async move {
        let sum = sum.saturating_add(piece.len());
        if sum > THROWN_AWAY_BYTES { Err(axum::Error::new("more than is listened to")) } else { Ok(sum) }
    });
    // Whatever ended it, the answer is the same.
    let _ = tokio::time::timeout(THROWN_AWAY_WITHIN, thrown_away).await;
    Redirect::to("/share")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::pages::check;
    use crate::ui::Theme;

    #[test]
    fn the_pages_read_well_in_every_language() {
        check::in_every_language(offline_page);
        check::in_every_language(share_page);
    }

    #[test]
    fn what_stays_in_a_browser_names_nobody() {
        let frame = Frame::public(Locale::En, Theme::System, "/");
        let text = offline_page(&frame).0;
        assert!(frame.viewer.is_none() && !text.contains("sign-out") && !text.contains("/media/"));
    }
}
