//! The calendar: month, week, day and what comes. Owns its routes and the reading of its address, which holds the whole view.

mod card;
mod grid;
pub mod moving;
mod place;
#[cfg(test)]
mod tests;
mod view;

use app::calendar::{CalendarQuery, CalendarView};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::calendar::{Day, Span};
use maud::Markup;

use self::moving::{Panel, Undo};
use self::place::{Asked, Place};
use self::view::{CalendarPage, calendar_body, calendar_page};
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// Posts that a day's page draws at once.
const DAY_SHOWN: usize = 200;

/// Posts drawn for each day; the day's own page has the rest.
const fn per_day(span: Span) -> usize {
    match span {
        Span::Month => 3,
        Span::Week => 24,
        Span::Day => DAY_SHOWN,
        Span::Agenda => 20,
    }
}

/// `GET /calendar`.
///
/// # Errors
/// For a foreign account or post.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let place = asked.place(today(&state, &me));
    let panel = Panel::asked(&state, &me, &asked).await?;
    let undo = Undo::asked(&state, &me, &asked).await;
    let shown = Shown { place, panel, undo, said: None };
    respond(&state, &me, &shown, calendar_page).await
}

/// `GET /calendar/body`: everything that changes while the page is open.
///
/// # Errors
/// For a foreign account.
pub async fn body(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let shown = Shown { place: asked.place(today(&state, &me)), panel: None, undo: None, said: None };
    respond(&state, &me, &shown, calendar_body).await
}

/// What a page shows besides the posts.
struct Shown {
    place: Place,
    panel: Option<Panel>,
    undo: Option<Undo>,
    /// Why something was not done.
    said: Option<(StatusCode, String)>,
}

fn today(state: &WebState, me: &SignedIn) -> Day {
    Day::of(state.app.now(), &me.zone())
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    shown: &Shown,
    draw: fn(&CalendarPage<'_>) -> Markup,
) -> Result<Response, WebError> {
    let (zone, place) = (me.zone(), &shown.place);
    let days = place.span.days(place.day);
    let view: CalendarView = state
        .app
        .calendar(
            &me.actor,
            &CalendarQuery {
                days: &days,
                zone: &zone,
                connection: place.account,
                state: place.state,
                tag: place.tag.as_deref(),
                label: place.label,
                per_day: per_day(place.span),
                skip: place.page.saturating_mul(DAY_SHOWN),
            },
        )
        .await?;
    let frame = me.frame(Nav::Calendar, &place.address());
    let when = When::new(me.locale(), zone.name(), view.now);
    let refused = shown.panel.as_ref().and_then(Panel::status);
    let status = shown.said.as_ref().map(|(status, _)| *status).or(refused).unwrap_or(StatusCode::OK);
    let page = CalendarPage {
        frame: &frame,
        view: &view,
        when: &when,
        zone: &zone,
        place,
        panel: shown.panel.as_ref(),
        undo: shown.undo.as_ref(),
        said: shown.said.as_ref().map(|(_, words)| words.as_str()),
    };
    Ok((status, draw(&page)).into_response())
}
