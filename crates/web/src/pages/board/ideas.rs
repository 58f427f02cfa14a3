//! Writing ideas down, changing and forgetting them. Owns these routes; what was typed and not taken comes back on the board.

use app::{Error, Result as Outcome};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as RepeatedForm;
use domain::board::Stage;
use domain::id::{ConnectionId, IdeaId};
use domain::time::UnixMillis;
use serde::Deserialize;

use super::panel::Panel;
use super::place::{Asked, CardId, Place};
use super::view::{Typed, board_page};
use super::{Shown, again, respond};
use crate::error::{WebError, sentence};
use crate::pages::labels::LabellingForm;
use crate::pages::post::beside::{self, Refused};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::preferences::local_path;

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IdeaForm {
    words: String,
    account: String,
    /// What a new one shall be called.
    id: String,
    /// As it was worded when the form was drawn, milliseconds.
    seen: i64,
}

impl IdeaForm {
    fn account(&self) -> Outcome<Option<ConnectionId>> {
        if self.account.is_empty() {
            return Ok(None);
        }
        self.account.parse().map(Some).map_err(|_| Error::NotFound { what: "connection" })
    }

    /// What was typed, as it comes back on the board.
    fn typed(self, of: Option<IdeaId>) -> Typed {
        Typed { words: self.words, account: self.account, of, is_outdated: false }
    }
}

/// `POST /board/ideas`.
///
/// # Errors
/// What is wrong with the text is shown beside it, also that the account is gone or was never theirs.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
    Form(form): Form<IdeaForm>,
) -> Result<Response, WebError> {
    let place = asked.place().on(Stage::Ideas);
    let done = match (form.account(), form.id.parse()) {
        (Err(missing), _) => Err(missing),
        (Ok(account), Ok(id)) => state.app.idea_add_once(&me.actor, id, &form.words, account).await,
        (Ok(account), Err(_)) => state.app.idea_add(&me.actor, &form.words, account).await,
    };
    match done {
        Err(Error::NotFound { what: "connection" }) => {
            refused(&state, &me, place, form.typed(None), (StatusCode::NOT_FOUND, "idea-account-gone")).await
        }
        Ok(_) => Ok(Redirect::to(&place.address()).into_response()),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            refused(&state, &me, place, form.typed(None), (StatusCode::UNPROCESSABLE_ENTITY, code)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /board/ideas/{id}`.
///
/// # Errors
/// What is wrong with the text is shown beside it, also that the account is gone, and that another window worded the idea meanwhile; where
/// the idea is gone, what was typed stands in the form of a new one.
pub async fn change(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    Query(asked): Query<Asked>,
    Form(form): Form<IdeaForm>,
) -> Result<Response, WebError> {
    let place = asked.place().on(Stage::Ideas);
    let seen = UnixMillis::from_millis(form.seen);
    let done = match form.account() {
        Err(missing) => Err(missing),
        Ok(account) => state.app.idea_change(&me.actor, id, seen, &form.words, account).await,
    };
    match done {
        Err(Error::NotFound { what: "connection" }) => {
            refused(&state, &me, place, form.typed(Some(id)), (StatusCode::NOT_FOUND, "idea-account-gone")).await
        }
        Ok(()) => Ok(me.flash(&format!("{}&card={}", place.address(), CardId::Idea(id)), "idea-kept")),
        Err(Error::BadInput { code }) => {
            refused(&state, &me, place, form.typed(Some(id)), (StatusCode::UNPROCESSABLE_ENTITY, code)).await
        }
        Err(Error::Conflict { code }) => {
            let typed = Typed { is_outdated: true, ..form.typed(Some(id)) };
            refused(&state, &me, place, typed, (StatusCode::CONFLICT, code)).await
        }
        Err(Error::NotFound { what: "idea" }) => {
            refused(&state, &me, place, form.typed(None), (StatusCode::NOT_FOUND, "idea-gone")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /board/ideas/{id}/labels`.
///
/// # Errors
/// When it is not theirs. What else is wrong comes back on the board.
pub async fn labels(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    RepeatedForm(form): RepeatedForm<LabellingForm>,
) -> Result<Response, WebError> {
    if let Err(error) = state.app.idea_labels_set(&me.actor, id, &form.wanted()).await {
        let refused = Refused::of(me.locale(), beside::Typed::Labels(form.wanted()), error)?;
        let next: Uri = local_path(&form.next).parse().unwrap_or_default();
        let asked = Query::<Asked>::try_from_uri(&next).map(|Query(asked)| asked).unwrap_or_default();
        return again(&state, &me, &asked, CardId::Idea(id), refused).await;
    }
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
    (status, code): (StatusCode, &'static str),
) -> Result<Response, WebError> {
    let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
    let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
    let panel = match typed.of {
        Some(id) => Some(Panel::of(state, me, CardId::Idea(id)).await?),
        None => None,
    };
    let said = Some((status, format!("{words} {todo}")));
    let shown = Shown { panel, typed: Some(typed), said, ..Shown::of(place) };
    respond(state, me, &shown, board_page).await
}
