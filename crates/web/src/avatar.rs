//! Pictures of accounts, from this server: a page shows nothing from TikTok's hosts. Owns their addresses and headers.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::id::ConnectionId;
use store::{Avatar, Connection, Unconfirmed};

use crate::error::WebError;
use crate::media::{put, seal};
use crate::session::SignedIn;
use crate::state::WebState;

/// Characters of the hash that tell one picture of an account from its next.
const VERSION_CHARS: usize = 12;

/// Where the picture of a connection is, when there is one. Another picture has another address, so browsers may keep it for a while.
#[must_use]
pub fn address(connection: &Connection) -> Option<String> {
    let version = connection.avatar_sha256.as_deref()?.get(..VERSION_CHARS)?;
    Some(format!("/connections/{}/avatar?v={version}", connection.id))
}

/// Where the picture of an account is that waits for the person's word.
#[must_use]
pub fn address_of_unconfirmed(account: &Unconfirmed) -> Option<String> {
    account.avatar.as_ref().map(|_| format!("/connect/account/{}/avatar", account.id))
}

/// `GET /connections/{id}/avatar`.
///
/// # Errors
/// 404 where there is none, or for a foreign connection.
pub async fn of_connection(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    Ok(answer(state.app.avatar(&me.actor, id).await?, &headers))
}

/// `GET /connect/account/{id}/avatar`.
///
/// # Errors
/// 404 where there is none, and for a question that is over or somebody else's.
pub async fn of_unconfirmed(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    Ok(answer(state.app.unconfirmed_avatar(&me.actor, id).await?, &headers))
}

fn answer(avatar: Avatar, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", avatar.sha256());
    let known = is_known(headers, &tag);
    let mime = avatar.format.mime();
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { (StatusCode::OK, avatar.bytes).into_response() };
    seal(&mut response);
    put(&mut response, header::CACHE_CONTROL, "private, max-age=3600");
    put(&mut response, header::ETAG, &tag);
    if !known {
        put(&mut response, header::CONTENT_TYPE, mime);
    }
    response
}

/// Whether the browser has exactly these bytes (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == tag)
}
