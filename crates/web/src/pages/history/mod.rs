//! History: list with filters, search and paging. Owns its route and the reading of its query.
//!
//! Views that are kept are in [`views`], the history as a file in [`mod@file`], how punctual it was in [`punctuality`].

pub mod file;
pub mod punctuality;
#[cfg(test)]
mod tests;
pub mod view;
pub mod views;

use app::history::{HistoryPage, HistoryQuery};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::PostId;
use domain::post::PostState;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use serde::Deserialize;

use self::view::{HistoryView, STATES, history_page};
use self::views::Refused;
use super::download::{day_begins, day_ends};
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// The address's query as it was typed; anything unreadable in it asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Words in captions.
    pub words: String,
    /// A state.
    pub state: String,
    /// An account.
    pub account: String,
    /// A label.
    pub label: String,
    /// The first day, in the reader's zone.
    pub from: String,
    /// The last day.
    pub until: String,
    /// `on` for what was late.
    pub late: String,
    /// Where the page before ended.
    pub before: String,
}

impl Asked {
    /// What is asked for.
    #[must_use]
    pub fn query(&self, zone: &Zone) -> HistoryQuery {
        HistoryQuery {
            states: PostState::parse(&self.state).filter(|state| STATES.contains(state)).into_iter().collect(),
            connection: self.account.parse().ok(),
            label: self.label.parse().ok(),
            from: day_begins(&self.from, zone),
            until: day_ends(&self.until, zone),
            late: !self.late.is_empty(),
            words: self.words.clone(),
            before: cursor(&self.before),
        }
    }

    /// The query of the address, without the place in it.
    #[must_use]
    pub fn address(&self) -> String {
        let mut address = url::form_urlencoded::Serializer::new(String::new());
        let parts = [
            ("words", &self.words),
            ("state", &self.state),
            ("account", &self.account),
            ("label", &self.label),
            ("from", &self.from),
            ("until", &self.until),
            ("late", &self.late),
        ];
        for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.append_pair(name, value);
        }
        address.finish()
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
    respond(&state, &me, &asked, None).await
}

/// The page, and what was wrong with a name when one was refused.
async fn respond(
    state: &WebState,
    me: &SignedIn,
    asked: &Asked,
    refused: Option<&Refused>,
) -> Result<Response, WebError> {
    let connections = state.app.connections(&me.actor).await?;
    let labels = state.app.labels(&me.actor).await?;
    let query = asked.query(&me.zone());
    // A view that is kept may ask for a label that was deleted since.
    let is_label_gone = query.label.is_some_and(|id| labels.iter().all(|label| label.id != id));
    let page = if is_label_gone { HistoryPage::default() } else { state.app.history(&me.actor, &query).await? };
    let views = state.app.saved_views(&me.actor).await?;
    let frame = me.frame(Nav::History, &format!("/history?{}", asked.address()));
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let view = HistoryView {
        frame: &frame,
        page: &page,
        asked,
        connections: &connections,
        labels: &labels,
        views: &views,
        is_label_gone,
        refused,
        when: &when,
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, history_page(&view)).into_response())
}
