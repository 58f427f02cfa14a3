//! The board: ideas, drafts, what is ready, what is planned. Owns its routes and the reading of its address, which holds the whole view; must
//! not plan a post: a card that goes there opens the post page.

mod card;
pub mod ideas;
pub mod moving;
mod panel;
pub mod place;
#[cfg(test)]
mod tests;
mod view;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::Markup;

use self::moving::Undo;
use self::panel::Panel;
use self::place::{Asked, CardId, Place};
use self::view::{BoardPage, Typed, board_body, board_page};
use crate::error::WebError;
use crate::pages::post::beside::Refused;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// `GET /board`.
///
/// # Errors
/// For a foreign account, label, idea or post.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let panel = match asked.card() {
        Some(card) => Some(Panel::of(&state, &me, card).await?),
        None => None,
    };
    let undo = Undo::asked(&state, &me, &asked.undo).await;
    let shown = Shown { panel, undo, ..Shown::of(asked.place()) };
    respond(&state, &me, &shown, board_page).await
}

/// `GET /board/body`: everything that changes while the page is open.
///
/// # Errors
/// For a foreign account or label.
pub async fn body(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    respond(&state, &me, &Shown::of(asked.place()), board_body).await
}

/// The board once more, with the card beside which something was typed and not taken.
///
/// # Errors
/// For a foreign card.
pub async fn again(
    state: &WebState,
    me: &SignedIn,
    asked: &Asked,
    card: CardId,
    refused: Refused,
) -> Result<Response, WebError> {
    let panel = Some(Panel::of(state, me, card).await?);
    let shown = Shown { panel, beside: Some(refused), ..Shown::of(asked.place()) };
    respond(state, me, &shown, board_page).await
}

/// What a page shows besides the cards.
struct Shown {
    place: Place,
    panel: Option<Panel>,
    undo: Option<Undo>,
    /// What was typed and not taken.
    typed: Option<Typed>,
    /// Why something was not done.
    said: Option<(StatusCode, String)>,
    /// What was typed beside a card and not taken.
    beside: Option<Refused>,
}

impl Shown {
    const fn of(place: Place) -> Self {
        Self { place, panel: None, undo: None, typed: None, said: None, beside: None }
    }
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    shown: &Shown,
    draw: fn(&BoardPage<'_>) -> Markup,
) -> Result<Response, WebError> {
    let view = state.app.board(&me.actor, &shown.place.asks()).await?;
    let frame = me.frame(Nav::Board, &shown.place.address());
    let when = When::new(me.locale(), &me.actor.time_zone, view.now);
    let page = BoardPage {
        frame: &frame,
        view: &view,
        when: &when,
        place: &shown.place,
        panel: shown.panel.as_ref(),
        undo: shown.undo.as_ref(),
        typed: shown.typed.as_ref(),
        said: shown.said.as_ref().map(|(_, words)| words.as_str()),
        beside: shown.beside.as_ref(),
    };
    let said = shown.said.as_ref().map(|(status, _)| *status);
    let status = said.or(shown.beside.as_ref().map(Refused::status)).unwrap_or(StatusCode::OK);
    Ok((status, draw(&page)).into_response())
}
