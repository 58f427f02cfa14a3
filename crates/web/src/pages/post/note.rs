//! What a person writes beside a post. Owns the form, its looks and its route; the post is not changed by it.

use app::correction::NOTE_MAX;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::id::PostId;
use maud::{Markup, html};
use serde::Deserialize;

use super::beside::{Refused, Typed, again};
use super::view::PostPage;
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, TextArea, button, text_area};

/// The part of the page of a post.
pub(super) fn card(page: &PostPage<'_>) -> Markup {
    let (l, post) = (page.frame.locale, &page.detail.row.post);
    let words = page.detail.note.as_ref().map(|note| note.words.as_str());
    let refused = page.refused.and_then(Refused::note);
    html! {
        details.card open[words.is_some() || refused.is_some()] {
            summary { (t!(l, "note-title")) }
            (form(l, post.id, words.unwrap_or_default(), &format!("/posts/{}", post.id), refused))
        }
    }
}

/// The form of a note; with what was typed and why it was not taken, where it was not.
#[must_use]
pub fn form(l: Locale, id: PostId, words: &str, next: &str, refused: Option<(&str, &str)>) -> Markup {
    let words = refused.map_or(words, |(typed, _)| typed);
    html! {
        form.stack.tight method="post" action=(format!("/posts/{id}/note")) {
            input type="hidden" name="next" value=(next);
            (text_area(&TextArea {
                id: "note", name: "note", label: &t!(l, "note-label"), value: words,
                limit_utf16: NOTE_MAX, hint: Some(&t!(l, "note-hint")), error: refused.map(|(_, why)| why), ..TextArea::default()
            }))
            div { (button(&Button { label: &t!(l, "verb-save"), small: true, ..Button::default() })) }
        }
    }
}

/// The note.
#[derive(Debug, Deserialize)]
pub struct NoteForm {
    #[serde(default)]
    note: String,
    /// The page that comes after it.
    #[serde(default)]
    next: String,
}

/// `POST /posts/{id}/note`.
///
/// # Errors
/// 404 for a foreign post. A note that is too long comes back on the page where it was typed.
pub async fn write(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Form(form): Form<NoteForm>,
) -> Result<Response, WebError> {
    if let Err(error) = state.app.annotate(&me.actor, id, &form.note).await {
        let refused = Refused::of(me.locale(), Typed::Note(form.note), error)?;
        return again(&state, &me, id, &form.next, refused).await;
    }
    let next = if form.next.is_empty() { format!("/posts/{id}") } else { form.next };
    Ok(me.flash(&next, "note-saved"))
}
