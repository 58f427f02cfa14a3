//! Reports of weeks: the list, one report, the same as a workbook. Owns these routes; a report's looks are in `view`, its chart in `days`, links for others in
//! `share` and what they show in `shared`, telling people in `weekly`.

mod days;
mod list;
pub mod share;
pub mod shared;
mod view;
pub mod weekly;

use app::reports::ReportQuery;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::ConnectionId;
use domain::report::Week;
use serde::Deserialize;

use crate::error::WebError;
use crate::pages::download::{Kind, download};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

pub use self::list::{ListPage, list_page};
pub use self::view::{ReportPage, report_page, title as week_title};

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    account: String,
    newest: String,
}

impl Asked {
    /// Which account; an address that names none that could be leads nowhere.
    fn account(&self) -> Result<Option<ConnectionId>, WebError> {
        let one = (!self.account.is_empty()).then(|| self.account.parse());
        one.transpose().map_err(|_| WebError::status(StatusCode::NOT_FOUND))
    }
}

/// An address that names no week leads nowhere.
fn week_of(text: &str) -> Result<Week, WebError> {
    text.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))
}

/// `GET /reports`.
///
/// # Errors
/// For a foreign account.
pub async fn list(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let account = asked.account()?;
    let newest = asked.newest.parse().ok();
    let weeks = state.app.report_weeks(&me.actor, account, newest).await?;
    let connections = state.app.connections(&me.actor).await?;
    let links = state.app.report_links(&me.actor).await?;
    let frame = me.frame(Nav::Analytics, "/reports");
    let now = state.app.now();
    let page = ListPage {
        frame: &frame,
        weeks: &weeks,
        running: Week::of(now, &me.zone()),
        is_newest: newest.is_none(),
        connections: &connections,
        account,
        links: &links,
        when: &When::new(me.locale(), &me.actor.time_zone, now),
    };
    Ok(list_page(&page).into_response())
}

/// `GET /reports/{week}`.
///
/// # Errors
/// For an address that names no week; for an account that is foreign or disconnected.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Path(week): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let query = ReportQuery { week: week_of(&week)?, connection: asked.account()? };
    let report = state.app.report(&me.actor, query).await?;
    let frame = me.frame(Nav::Analytics, &format!("/reports/{}", query.week));
    let when = When::new(me.locale(), &me.actor.time_zone, report.now);
    Ok(report_page(&ReportPage { frame: &frame, report: &report, when: &when }).into_response())
}

/// `GET /reports/{week}/file`: the same as a workbook.
///
/// # Errors
/// As [`show`].
pub async fn file(
    State(state): State<WebState>,
    me: SignedIn,
    Path(week): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let query = ReportQuery { week: week_of(&week)?, connection: asked.account()? };
    let bytes = state.app.report_file(&me.actor, query).await?;
    Ok(download(Kind::Xlsx, &format!("moloko-report-{}", query.week), bytes))
}

#[cfg(test)]
mod tests;
