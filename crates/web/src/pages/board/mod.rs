//! The board: ideas, drafts, what is ready, what is planned. Owns its routes and the reading of its address, which holds the whole view; must
//! not plan a post: a card that goes there opens the post page.

mod card;
pub mod ideas;
pub mod moving;
mod panel;
mod place;
#[cfg(test)]
mod tests;
mod view;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::Markup;

use self::moving::Undo;
use self::panel::Panel;
use self::place::{Asked, Place};
use self::view::{BoardPage, Typed, board_body, board_page};
use crate::error::WebError;
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

/// What a page shows besides the cards.
struct Shown {
    place: Place,
    panel: Option<Panel>,
    undo: Option<Undo>,
    /// What was typed and not taken.
    typed: Option<Typed>,
    /// Why something was not done.
    said: Option<(StatusCode, String)>,
}

impl Shown {
    const fn of(place: Place) -> Self {
        Self { place, panel: None, undo: None, typed: None, said: None }
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
    };
    let status = shown.said.as_ref().map_or(StatusCode::OK, |(status, _)| *status);
    Ok((status, draw(&page)).into_response())
}
