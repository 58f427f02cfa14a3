//! The way from the simulated TikTok to the gate of pictures, in this process. Owns the translation of answers only.

use std::sync::{Arc, Mutex, PoisonError};

use app::App;
use app::publishing::GateAnswer;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::id::AttemptId;
use http::StatusCode;

use crate::time::TrueTime;

/// Which attempt's pictures were let out, and when by the true time, milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct LetOut {
    seen: Arc<Mutex<Vec<(AttemptId, i64)>>>,
}

impl LetOut {
    fn note(&self, attempt: AttemptId, at_ms: i64) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push((attempt, at_ms));
    }

    pub(crate) fn of(&self, attempt: AttemptId) -> Vec<i64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|(of, _)| *of == attempt).map(|(_, at)| *at).collect()
    }
}

#[derive(Clone)]
struct Door {
    app: Arc<App>,
    time: TrueTime,
    let_out: LetOut,
}

/// Answers pulls as the web server does, out of a process that is never killed.
pub(crate) fn router(app: Arc<App>, time: TrueTime, let_out: LetOut) -> Router {
    Router::new().route("/pull/{attempt}/{word}/{n}", get(picture)).with_state(Door { app, time, let_out })
}

async fn picture(State(door): State<Door>, Path((attempt, word, n)): Path<(String, String, u32)>) -> Response {
    let Ok(attempt) = attempt.parse::<AttemptId>() else { return StatusCode::NOT_FOUND.into_response() };
    match door.app.pull_gate(attempt, &word, n).await {
        Ok(GateAnswer::Open { bytes, .. }) => {
            door.let_out.note(attempt, door.time.now_ms());
            Body::from_stream(bytes).into_response()
        }
        Ok(GateAnswer::NotYet) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Ok(GateAnswer::Gone) => StatusCode::GONE.into_response(),
        Ok(GateAnswer::Unknown) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::debug!(%error, "the gate does not answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
