//! What a person writes beside an entry of their history. Owns the form, its looks and its route; the entry is not changed by it.

use app::correction::NOTE_MAX;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::id::PostId;
use domain::post::PostState;
use maud::{Markup, html};
use serde::Deserialize;

use super::view::PostPage;
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, TextArea, button, text_area};

/// The part of the page of a post from which something came.
pub(super) fn card(page: &PostPage<'_>) -> Markup {
    let (l, post) = (page.frame.locale, &page.detail.row.post);
    match post.state {
        PostState::Published
        | PostState::InInbox
        | PostState::Failed
        | PostState::NeedsAttention
        | PostState::Cancelled => {}
        PostState::Draft | PostState::Scheduled | PostState::Publishing => return Markup::default(),
    }
    let note = page.detail.note.as_ref();
    html! {
        details.card open[note.is_some()] {
            summary { (t!(l, "note-title")) }
            form.stack method="post" action=(format!("/posts/{}/note", post.id)) {
                (text_area(&TextArea {
                    id: "note", name: "note", label: &t!(l, "note-label"), value: note.map_or("", |note| note.words.as_str()),
                    limit_utf16: NOTE_MAX, hint: Some(&t!(l, "note-hint")), ..TextArea::default()
                }))
                div { (button(&Button { label: &t!(l, "verb-save"), small: true, ..Button::default() })) }
            }
        }
    }
}

/// The note.
#[derive(Debug, Deserialize)]
pub struct NoteForm {
    #[serde(default)]
    note: String,
}

/// `POST /posts/{id}/note`.
///
/// # Errors
/// 404 for a foreign post; before something came of it, and for a note that is too long.
pub async fn write(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Form(form): Form<NoteForm>,
) -> Result<Response, WebError> {
    state.app.annotate(&me.actor, id, &form.note).await?;
    Ok(me.flash(&format!("/posts/{id}"), "note-saved"))
}
