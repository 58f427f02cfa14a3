//! History: list with filters and paging. Owns its route and the reading of its query.

pub mod view;

use app::history::HistoryQuery;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::PostId;
use domain::post::PostState;
use domain::time::UnixMillis;
use serde::Deserialize;

use self::view::{HistoryView, STATES, history_page};
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// The address's query; anything unreadable in it is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    account: String,
    label: String,
    before: String,
}

impl Asked {
    fn query(&self) -> HistoryQuery {
        HistoryQuery {
            states: PostState::parse(&self.state).filter(|state| STATES.contains(state)).into_iter().collect(),
            connection: self.account.parse().ok(),
            label: self.label.parse().ok(),
            before: cursor(&self.before),
        }
    }
}

fn cursor(text: &str) -> Option<(UnixMillis, PostId)> {
    let (at, id) = text.split_once('.')?;
    Some((UnixMillis::from_millis(at.parse().ok()?), id.parse().ok()?))
}

/// `GET /history`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let query = asked.query();
    let page = state.app.history(&me.actor, &query).await?;
    let connections = state.app.connections(&me.actor).await?;
    let frame = me.frame(Nav::History, "/history");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let labels = state.app.labels(&me.actor).await?;
    let (connections, labels) = (connections.as_slice(), labels.as_slice());
    let view = HistoryView { frame: &frame, page: &page, query: &query, connections, labels, when: &when };
    Ok(history_page(&view).into_response())
}
