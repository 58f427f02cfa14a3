//! The history as a file. Owns its route.

use app::history::file::HistoryFormat;
use app::sheet::Format;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Asked;
use crate::error::WebError;
use crate::pages::download::{Kind, download};
use crate::session::SignedIn;
use crate::state::WebState;

/// Which kind of file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    format: String,
}

/// `GET /history/file`: what the page of the same query shows, all of it.
///
/// # Errors
/// For a foreign label; when the database does not answer.
pub async fn take(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    let (format, kind) = match wanted.format.as_str() {
        "xlsx" => (HistoryFormat::Table(Format::Xlsx), Kind::Xlsx),
        "json" => (HistoryFormat::Json, Kind::Json),
        _ => (HistoryFormat::Table(Format::Csv), Kind::Csv),
    };
    let bytes = state.app.history_file(&me.actor, &asked.query(&me.zone()), format).await?;
    Ok(download(kind, "moloko-history", bytes))
}
