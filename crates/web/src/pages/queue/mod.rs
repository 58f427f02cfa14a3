//! The queue: full page and the fragment that live updates fetch. Owns their routes.

pub mod arrange;
pub mod view;

use app::queue::QUEUE_ROWS;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::LabelId;
use domain::schedule::{LocalTime, Zone, resolve, to_local};
use domain::time::UnixMillis;
use serde::Deserialize;

use self::view::{QueuePage, queue_body, queue_page};
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// The address's query; what is unreadable in it is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// How many planned posts to show.
    rows: String,
    /// Only what bears this label.
    label: String,
}

/// `GET /queue`.
///
/// # Errors
/// For a foreign label.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    respond(&state, &me, &asked, queue_page).await
}

/// `GET /queue/body`: everything below the heading.
///
/// # Errors
/// For a foreign label.
pub async fn body(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    respond(&state, &me, &asked, queue_body).await
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    asked: &Asked,
    draw: fn(&QueuePage<'_>) -> maud::Markup,
) -> Result<Response, WebError> {
    let now = state.app.now();
    let rows = asked.rows.trim().parse().unwrap_or(QUEUE_ROWS);
    let label: Option<LabelId> = asked.label.parse().ok();
    let view = state.app.queue_rows(&me.actor, day_start(now, &me.actor.time_zone), rows, label).await?;
    // What the page was asked for comes back after a change of language or colours.
    let is_plain = rows == QUEUE_ROWS && label.is_none();
    let here = if is_plain { "/queue".to_owned() } else { format!("/queue?{}", view::asked(rows, label)) };
    let frame = me.frame(Nav::Queue, &here);
    // Whoever has anything planned is past the first steps.
    let begins =
        view.upcoming.is_empty() && view.resting.is_empty() && view.attention.is_empty() && view.done_today.is_empty();
    let guide = if begins && label.is_none() { state.app.guide(&me.actor).await? } else { None };
    let when = When::new(me.locale(), &me.actor.time_zone, view.now);
    let zone = me.zone();
    let name = &me.actor.display_name;
    let page = QueuePage { frame: &frame, view: &view, when: &when, zone: &zone, name, rows, label, guide };
    Ok(draw(&page).into_response())
}

/// Midnight of today in a zone; where the clock skips midnight, the first instant after it.
fn day_start(now: UnixMillis, zone: &str) -> UnixMillis {
    let zone: Zone = zone.parse().unwrap_or_else(|_| Zone::utc());
    let today = to_local(now, &zone).to_string();
    let midnight = today.split_once('T').and_then(|(date, _)| format!("{date}T00:00").parse::<LocalTime>().ok());
    midnight.map_or(now, |midnight| resolve(midnight, &zone).at())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_starts_at_the_readers_midnight() {
        // 2026-11-23T21:30Z is already the 24th in Moscow.
        let now = UnixMillis::from_seconds(1_795_469_400);
        let start = day_start(now, "Europe/Moscow");
        assert_eq!(now.millis_since(start), 30 * 60_000);
        assert_eq!(now.millis_since(day_start(now, "UTC")), (21 * 60 + 30) * 60_000);
    }
}
