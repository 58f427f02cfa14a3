//! Writing ideas down, changing and forgetting them. Owns these routes; what was typed and not taken comes back on the board.

use app::{Error, Result as Outcome};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as RepeatedForm;
use domain::board::Stage;
use domain::id::{ConnectionId, IdeaId};
use serde::Deserialize;

use super::panel::Panel;
use super::place::{Asked, CardId, Place};
use super::view::{Typed, board_page};
use super::{Shown, respond};
use crate::error::{WebError, sentence};
use crate::pages::labels::LabellingForm;
use crate::session::SignedIn;
use crate::state::WebState;

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IdeaForm {
    words: String,
    account: String,
}

impl IdeaForm {
    fn account(&self) -> Outcome<Option<ConnectionId>> {
        if self.account.is_empty() {
            return Ok(None);
        }
        self.account.parse().map(Some).map_err(|_| Error::NotFound { what: "connection" })
    }
}

/// `POST /board/ideas`.
///
/// # Errors
/// For a foreign account; what is wrong with the text is shown beside it.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
    Form(form): Form<IdeaForm>,
) -> Result<Response, WebError> {
    let place = asked.place().on(Stage::Ideas);
    let done = state.app.idea_add(&me.actor, &form.words, form.account()?).await;
    match done {
        Ok(_) => Ok(Redirect::to(&place.address()).into_response()),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            refused(&state, &me, place, Typed { words: form.words, account: form.account, of: None }, code).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /board/ideas/{id}`.
///
/// # Errors
/// When it or the account is not theirs; what is wrong with the text is shown beside it.
pub async fn change(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    Query(asked): Query<Asked>,
    Form(form): Form<IdeaForm>,
) -> Result<Response, WebError> {
    let place = asked.place().on(Stage::Ideas);
    match state.app.idea_change(&me.actor, id, &form.words, form.account()?).await {
        Ok(()) => Ok(me.flash(&format!("{}&card={}", place.address(), CardId::Idea(id)), "idea-kept")),
        Err(Error::BadInput { code }) => {
            refused(&state, &me, place, Typed { words: form.words, account: form.account, of: Some(id) }, code).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /board/ideas/{id}/labels`.
///
/// # Errors
/// When it or a label is not theirs, or there would be too many.
pub async fn labels(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    RepeatedForm(form): RepeatedForm<LabellingForm>,
) -> Result<Response, WebError> {
    state.app.idea_labels_set(&me.actor, id, &form.wanted()).await?;
    let next = if form.next.is_empty() { format!("/board?card={}", CardId::Idea(id)) } else { form.next };
    Ok(me.flash(&next, "labels-set"))
}

/// `POST /board/ideas/{id}/delete`.
///
/// # Errors
/// When it is not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    state.app.idea_delete(&me.actor, id).await?;
    Ok(me.flash(&asked.place().on(Stage::Ideas).address(), "idea-deleted"))
}

async fn refused(
    state: &WebState,
    me: &SignedIn,
    place: Place,
    typed: Typed,
    code: &'static str,
) -> Result<Response, WebError> {
    let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
    let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
    let panel = match typed.of {
        Some(id) => Some(Panel::of(state, me, CardId::Idea(id)).await?),
        None => None,
    };
    let said = Some((StatusCode::UNPROCESSABLE_ENTITY, format!("{words} {todo}")));
    let shown = Shown { panel, typed: Some(typed), said, ..Shown::of(place) };
    respond(state, me, &shown, board_page).await
}
