//! TikTok's webhooks: verified, counted once, and then only a reason to ask TikTok. Owns the door; what they mean is in `app`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::error::WebError;
use crate::state::WebState;

/// `POST /webhooks/tiktok`.
///
/// # Errors
/// 401 for a bad signature; everything genuine is answered 200 at once, because anything else is sent again for three days.
pub async fn receive(State(state): State<WebState>, headers: HeaderMap, body: Bytes) -> Result<Response, WebError> {
    let signature = headers.get("tiktok-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if state.app.webhook(signature, &body).await? {
        Ok(StatusCode::OK.into_response())
    } else {
        Err(WebError::status(StatusCode::UNAUTHORIZED))
    }
}
