//! Texts that are kept for captions: the page where they are written, and the part of the post page that offers them. Owns their routes and looks;
//! must not put one into a caption by itself.

#[cfg(test)]
mod tests;
mod view;

use app::Error;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::SnippetId;
use domain::snippet::SnippetKind;
use serde::Deserialize;

use crate::error::{WebError, sentence};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::Nav;

pub use self::view::offered;
use self::view::{Refused, SnippetsPage, snippets_page};

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SnippetForm {
    kind: String,
    name: String,
    words: String,
}

/// `GET /snippets`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    respond(&state, &me, None).await
}

async fn respond(state: &WebState, me: &SignedIn, refused: Option<Refused>) -> Result<Response, WebError> {
    let frame = me.frame(Nav::Settings, "/snippets");
    let all = state.app.snippets(&me.actor).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SnippetsPage { frame: &frame, all: &all, refused: refused.as_ref() };
    Ok((status, snippets_page(&page)).into_response())
}

/// `POST /snippets`.
///
/// # Errors
/// When the database does not answer; what is wrong with the text is shown beside it.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<SnippetForm>,
) -> Result<Response, WebError> {
    let kind = SnippetKind::parse(&form.kind).unwrap_or(SnippetKind::Template);
    let done = state.app.snippet_add(&me.actor, kind, &form.name, &form.words).await.map(drop);
    answer(&state, &me, None, form, done, "snippet-kept").await
}

/// `POST /snippets/{id}`.
///
/// # Errors
/// When it is not theirs; what is wrong with the text is shown beside it.
pub async fn change(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<SnippetId>,
    Form(form): Form<SnippetForm>,
) -> Result<Response, WebError> {
    let done = state.app.snippet_change(&me.actor, id, &form.name, &form.words).await;
    answer(&state, &me, Some(id), form, done, "snippet-kept").await
}

/// `POST /snippets/{id}/delete`.
///
/// # Errors
/// When it is not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<SnippetId>,
) -> Result<Response, WebError> {
    state.app.snippet_delete(&me.actor, id).await?;
    Ok(me.flash("/snippets", "snippet-deleted"))
}

/// Back to the page; with everything that was typed still in it when it was refused.
async fn answer(
    state: &WebState,
    me: &SignedIn,
    of: Option<SnippetId>,
    form: SnippetForm,
    done: app::Result<()>,
    said: &'static str,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(me.flash("/snippets", said)),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
            let at_name = code.starts_with("snippet-name");
            respond(state, me, Some(Refused { of, form, why: format!("{words} {todo}"), at_name })).await
        }
        Err(error) => Err(error.into()),
    }
}
