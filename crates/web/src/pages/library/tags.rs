//! The words beside a file: shown as links to the files that share them, changed in a folded form. Owns its route and looks.

use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::Form;
use domain::id::MediaId;
use domain::media::tags::{TAG_CHARS_MAX, TAGS_MAX, written};
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TagsForm {
    tags: String,
}

/// The part of a card.
pub(super) fn part(l: Locale, id: MediaId, name: &str, tags: &[String]) -> Markup {
    let (field, hint) = (format!("tags-{id}"), format!("tags-{id}-hint"));
    let longest = TAGS_MAX.saturating_mul(TAG_CHARS_MAX.saturating_add(2));
    html! {
        @if !tags.is_empty() {
            ul.plain.row.tight aria-label=(t!(l, "library-tags")) {
                @for tag in tags { li { a.label href=(super::view::tagged(tag)) { (tag) } } }
            }
        }
        details.hint {
            summary { (t!(l, "library-tags-change")) span.vh { ": " (name) } }
            form.stack.tight method="post" action=(format!("/library/{id}/tags")) {
                div.field {
                    label for=(field) { (t!(l, "library-tags")) }
                    input.input id=(field) name="tags" list="known-tags" value=(written(tags)) maxlength=(longest) autocomplete="off" aria-describedby=(hint);
                    span.hint id=(hint) { (t!(l, "library-tags-hint")) }
                }
                div { button.btn.small type="submit" { (t!(l, "library-tags-save")) } }
            }
        }
    }
}

/// `POST /library/{id}/tags`.
///
/// # Errors
/// When the file is not theirs, or there are too many words or one is too long.
pub async fn save(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
    Form(form): Form<TagsForm>,
) -> Result<Response, WebError> {
    state.app.media_tags_set(&me.actor, id, &form.tags).await?;
    Ok(me.flash("/library", "library-tags-saved"))
}
