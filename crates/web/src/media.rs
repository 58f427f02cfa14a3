//! A file's bytes for the person who owns it: ranges for players, small pictures. Must not guess a type from a name.

use app::Error;
use app::media::MediaBytes;
use app::media::pictures::Picture;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::MediaId;
use domain::media::FileFacts;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;

/// Bytes read from the file at a time.
pub(crate) const BUFFER_BYTES: usize = 256 * 1024;

/// `GET /media/{id}/file`, whole or a range.
///
/// # Errors
/// For a foreign file.
pub async fn file(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let size = state.app.media(&me.actor, id).await?.size_bytes;
    let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let (first, last, status) = match asked_range(asked, size) {
        Range::Whole => (0, size.saturating_sub(1), StatusCode::OK),
        Range::Part(first, last) => (first, last, StatusCode::PARTIAL_CONTENT),
        Range::Unsatisfiable => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let MediaBytes { media, file, .. } = state.app.media_bytes(&me.actor, id, first).await?;
    let length = last.saturating_sub(first).saturating_add(1).min(size);
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), BUFFER_BYTES));
    let mut response = (status, body).into_response();
    let mime = media.facts.as_ref().map_or("application/octet-stream", FileFacts::mime);
    put(&mut response, header::CONTENT_TYPE, mime);
    put(&mut response, header::CONTENT_LENGTH, &length.to_string());
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        put(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{size}"));
    }
    seal(&mut response);
    Ok(response)
}

/// `GET /media/{id}/thumbnail`.
///
/// # Errors
/// 404 while there is none, or for a foreign file.
pub async fn thumbnail(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
) -> Result<Response, WebError> {
    picture(&state, &me, id, Picture::Thumbnail).await
}

/// `GET /media/{id}/frames/{n}`.
///
/// # Errors
/// 404 while there is none, or for a foreign file.
pub async fn frame(
    State(state): State<WebState>,
    me: SignedIn,
    Path((id, n)): Path<(MediaId, u32)>,
) -> Result<Response, WebError> {
    picture(&state, &me, id, Picture::Frame(n)).await
}

async fn picture(state: &WebState, me: &SignedIn, id: MediaId, which: Picture) -> Result<Response, WebError> {
    let bytes = state.app.picture(&me.actor, id, which).await?.ok_or(Error::NotFound { what: "picture" })?;
    let mut response = bytes.into_response();
    put(&mut response, header::CONTENT_TYPE, "image/jpeg");
    seal(&mut response);
    put(&mut response, header::CACHE_CONTROL, "private, max-age=3600");
    Ok(response)
}

/// Uploaded bytes are hostile until proven otherwise: never a document, never a script, never kept by a shared cache.
pub(crate) fn seal(response: &mut Response) {
    put(response, header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    put(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(response, header::CACHE_CONTROL, "private, no-store");
}

pub(crate) fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Range {
    Whole,
    Part(u64, u64),
    Unsatisfiable,
}

/// What the header asks for; nothing is the whole.
pub(crate) fn asked_range(asked: Option<&str>, size: u64) -> Range {
    asked.map_or(Range::Whole, |range| parse_range(range, size))
}

/// One byte range; several, or a form that is not understood, give the whole file (RFC 9110, 14.2).
fn parse_range(text: &str, size: u64) -> Range {
    let Some(spec) = text.trim().strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Range::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Range::Whole };
    match (first.trim(), last.trim()) {
        ("", suffix) => match suffix.parse::<u64>() {
            Ok(0) => Range::Unsatisfiable,
            Ok(n) if size > 0 => Range::Part(size.saturating_sub(n), size - 1),
            Ok(_) => Range::Unsatisfiable,
            Err(_) => Range::Whole,
        },
        (first, last) => {
            let Ok(first) = first.parse::<u64>() else { return Range::Whole };
            let last = if last.is_empty() { Ok(u64::MAX) } else { last.parse::<u64>() };
            match last {
                Ok(last) if last < first => Range::Whole,
                Ok(_) if first >= size => Range::Unsatisfiable,
                Ok(last) => Range::Part(first, last.min(size - 1)),
                Err(_) => Range::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(parse_range("bytes=0-99", 1000), Range::Part(0, 99));
        assert_eq!(parse_range("bytes=900-", 1000), Range::Part(900, 999));
        assert_eq!(parse_range("bytes=-100", 1000), Range::Part(900, 999));
        assert_eq!(parse_range("bytes=-5000", 1000), Range::Part(0, 999));
        assert_eq!(parse_range("bytes=0-5000", 1000), Range::Part(0, 999));
        assert_eq!(parse_range("bytes=1000-", 1000), Range::Unsatisfiable);
        assert_eq!(parse_range("bytes=-0", 1000), Range::Unsatisfiable);
        assert_eq!(parse_range("bytes=0-", 0), Range::Unsatisfiable);
        for whole in ["bytes=5-1", "bytes=a-b", "bytes=0-1,4-5", "items=0-1", "bytes=", "bytes=-"] {
            assert_eq!(parse_range(whole, 1000), Range::Whole, "{whole}");
        }
    }
}
