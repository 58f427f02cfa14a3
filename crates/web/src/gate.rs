//! The gate for photos: TikTok fetches pictures here, and checks here that the address is ours. Owns the HTTP of both.
//!
//! Must not be cached by anybody, and must not tell why it is shut; when it opens is decided in `app`.

use app::publishing::GateAnswer;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::AttemptId;

use crate::error::WebError;
use crate::state::WebState;

/// What stands before every path of the gate.
const START: &str = "/pull/";

/// A path as it may stand in a log: the word that opens a gate is left out.
#[must_use]
pub fn loggable(path: &str) -> &str {
    match path.strip_prefix(START) {
        Some(rest) => path.get(..START.len().saturating_add(rest.find('/').unwrap_or(0))).unwrap_or(START),
        None => path,
    }
}

/// `GET /pull/{attempt}/{word}/{n}`: one picture of a released attempt. 503 with `Retry-After` when it is not released yet, 410 when
/// it will not be, 404 for everything that is no gate.
///
/// # Errors
/// When database or disk do not answer.
pub async fn picture(
    State(state): State<WebState>,
    Path((attempt, word, n)): Path<(String, String, String)>,
) -> Result<Response, WebError> {
    let (Ok(attempt), Ok(n)) = (attempt.parse::<AttemptId>(), n.parse::<u32>()) else {
        return Ok(bare(StatusCode::NOT_FOUND));
    };
    Ok(match state.app.pull_gate(attempt, &word, n).await? {
        GateAnswer::Open { mime, size_bytes, bytes } => {
            let mut response = bare(StatusCode::OK);
            *response.body_mut() = Body::from_stream(bytes);
            put(&mut response, header::CONTENT_TYPE, &mime);
            put(&mut response, header::CONTENT_LENGTH, &size_bytes.to_string());
            response
        }
        GateAnswer::NotYet => {
            let mut response = bare(StatusCode::SERVICE_UNAVAILABLE);
            put(&mut response, header::RETRY_AFTER, "5");
            response
        }
        GateAnswer::Gone => bare(StatusCode::GONE),
        GateAnswer::Unknown => bare(StatusCode::NOT_FOUND),
    })
}

/// `GET /pull/{file}`: the signature file with which TikTok checks that the address below which photos are fetched is ours.
pub async fn signature(State(state): State<WebState>, Path(file): Path<String>) -> Response {
    let Some(word) = state.app.settings.site_verification.as_deref() else { return bare(StatusCode::NOT_FOUND) };
    if file != format!("tiktok{word}.txt") {
        return bare(StatusCode::NOT_FOUND);
    }
    let mut response = bare(StatusCode::OK);
    *response.body_mut() = Body::from(format!("tiktok-developers-site-verification={word}"));
    put(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

fn bare(status: StatusCode) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")]).into_response();
    put(&mut response, header::CACHE_CONTROL, "no-store");
    put(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_gate_never_stands_in_a_log() {
        assert_eq!(loggable("/pull/0199-attempt/secretword/3"), "/pull/0199-attempt");
        assert_eq!(loggable("/pull/secretword"), "/pull/");
        assert_eq!(loggable("/queue"), "/queue");
    }
}
