//! The library: files with what was measured, what TikTok would say, where they are used. Owns its routes and looks.

mod card;
pub mod fit;
pub mod pick;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod view;

use app::media::library::LibraryView;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::{MediaId, UploadId};
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::upload::Upload;

use self::view::Asked;
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Frame, GlassSize, Icon, Kind, Nav, When, app_page, button, empty_state, glass, link_button, page_head, when,
};

/// The library page.
pub struct LibraryPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was asked for.
    pub asked: &'a Asked,
    /// The files and what is told beside them.
    pub view: &'a LibraryView,
    /// Uploads that are not complete, newest first.
    pub open: &'a [Upload],
    /// The reader's clock and zone.
    pub when: &'a When,
    /// This instance can make files fit.
    pub can_fit: bool,
    /// What time it is.
    pub now: UnixMillis,
}

/// The library page.
#[must_use]
pub fn library_page(page: &LibraryPage<'_>) -> Markup {
    let l = page.frame.locale;
    let add = link_button(
        "/compose",
        &Button { label: &t!(l, "library-add"), kind: Kind::Primary, icon: Some(Icon::Upload), ..Button::default() },
    );
    let content = html! {
        (page_head(&t!(l, "nav-library"), Some(&t!(l, "library-lede")), Some(&add)))
        div.stack.loose {
            (room(page))
            @if !page.open.is_empty() { (unfinished(page)) }
            @if page.view.files.is_empty() && page.asked.is_plain() {
                (empty_state(&t!(l, "library-empty"), &t!(l, "library-empty-more"), 2, None))
            } @else {
                (view::filters(l, page.asked, &page.view.tags))
                @if page.view.cut { p.hint { (t!(l, "library-cut", n = app::media::library::LOOKED_AT_MAX)) } }
                @if page.view.files.is_empty() {
                    (empty_state(&t!(l, "library-none"), &t!(l, "library-none-more"), 2, Some(&link_button("/library", &Button { label: &t!(l, "library-show-all"), ..Button::default() }))))
                } @else {
                    (pick::bar(l, &page.view.tags))
                    div.grid.m20 { @for file in &page.view.files { (card::card(page, file)) } }
                }
                @if let Some(next) = page.view.next {
                    div { (link_button(&page.asked.next(next), &Button { label: &t!(l, "library-more"), ..Button::default() })) }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "nav-library"), &content)
}

/// How much room there is, and what takes it.
fn room(page: &LibraryPage<'_>) -> Markup {
    let l = page.frame.locale;
    let (bytes, quota) = (page.view.bytes, page.view.quota_bytes);
    let used = bytes.videos.saturating_add(bytes.photos).saturating_add(bytes.other);
    let percent = u8::try_from(used.saturating_mul(100) / quota.max(1)).unwrap_or(100);
    let filled = t!(l, "library-room", used = when::size(l, used), quota = when::size(l, quota));
    html! {
        p.row.tight {
            (glass("room", percent, &filled, GlassSize::Small))
            span.sub { (filled) }
            @if bytes.videos > 0 { span.sub { " · " (t!(l, "library-room-videos", size = when::size(l, bytes.videos))) } }
            @if bytes.photos > 0 { span.sub { " · " (t!(l, "library-room-photos", size = when::size(l, bytes.photos))) } }
            @if bytes.other > 0 { span.sub { " · " (t!(l, "library-room-other", size = when::size(l, bytes.other))) } }
        }
    }
}

/// Uploads that broke off: how far they are, and that the same file goes on where it stopped.
fn unfinished(page: &LibraryPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="open" {
            h2 id="open" { (t!(l, "library-open")) }
            p.sub { (t!(l, "library-open-more")) }
            div.list {
                @for upload in page.open {
                    div.item.plain {
                        span.grow {
                            b.ttl { (upload.file_name) }
                            small {
                                (t!(l, "size-of", done = when::size(l, upload.offset_bytes), total = when::size(l, upload.length_bytes)))
                                " · " (t!(l, "library-open-until")) " " (page.when.relative(upload.expires_at))
                            }
                        }
                        form method="post" action=(format!("/library/uploads/{}/delete", upload.id)) {
                            (button(&Button { label: &t!(l, "library-give-up"), small: true, kind: Kind::Ghost, ..Button::default() }))
                        }
                    }
                }
            }
        }
    }
}

/// `GET /library`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let view = state.app.library(&me.actor, &asked.query()).await?;
    let open = state.app.uploads_open(&me.actor).await?;
    let frame = me.frame(Nav::Library, "/library");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let page = LibraryPage {
        frame: &frame,
        asked: &asked,
        view: &view,
        open: &open,
        when: &when,
        can_fit: state.app.media_tools().is_some(),
        now: state.app.now(),
    };
    Ok(library_page(&page).into_response())
}

/// `POST /library/uploads/{id}/delete`: gives an unfinished upload up.
///
/// # Errors
/// When it is not theirs, or bytes arrive.
pub async fn give_up(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<UploadId>,
) -> Result<Response, WebError> {
    state.app.upload_terminate(&me.actor, id).await?;
    Ok(me.flash("/library", "upload-given-up"))
}

/// `POST /library/{id}/delete`.
///
/// # Errors
/// When a post needs the file, or it is not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
) -> Result<Response, WebError> {
    state.app.media_delete(&me.actor, id).await?;
    Ok(me.flash("/library", "media-deleted"))
}
