//! The way from the simulated TikTok to the gate of pictures, in this process. Owns the translation of answers only.

use std::sync::Arc;

use app::App;
use app::publishing::GateAnswer;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::id::AttemptId;
use http::StatusCode;

/// Answers pulls as the web server does, out of a process that is never killed.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().route("/pull/{attempt}/{word}/{n}", get(picture)).with_state(app)
}

async fn picture(State(app): State<Arc<App>>, Path((attempt, word, n)): Path<(String, String, u32)>) -> Response {
    let Ok(attempt) = attempt.parse::<AttemptId>() else { return StatusCode::NOT_FOUND.into_response() };
    match app.pull_gate(attempt, &word, n).await {
        Ok(GateAnswer::Open { bytes, .. }) => Body::from_stream(bytes).into_response(),
        Ok(GateAnswer::NotYet) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Ok(GateAnswer::Gone) => StatusCode::GONE.into_response(),
        Ok(GateAnswer::Unknown) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::debug!(%error, "the gate does not answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
