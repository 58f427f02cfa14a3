//! Resumable uploads over tus 1.0: creation (also with bytes), appending, asking, giving up. Owns the protocol's headers and
//! statuses; what arrives is kept by `app::uploads`.

pub mod form;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::Error;
use app::uploads::Progress;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::UploadId;
use domain::media::VIDEO_MAX_BYTES;
use domain::time::UnixMillis;
use futures::StreamExt as _;

use crate::error::WebError;
use crate::session::{ClientIp, SignedIn};
use crate::state::WebState;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSION: HeaderName = HeaderName::from_static("tus-version");
const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const DEFER: HeaderName = HeaderName::from_static("upload-defer-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// Which file an upload became; a word of ours.
const MEDIA: HeaderName = HeaderName::from_static("moloko-media");

/// The protocol version spoken here.
const TUS: &str = "1.0.0";
/// Extensions spoken here.
const EXTENSIONS: &str = "creation,creation-with-upload,termination,expiration";
/// The content type of appended bytes.
const OFFSET_STREAM: &str = "application/offset+octet-stream";
/// Longest metadata header, characters.
const METADATA_MAX: usize = 4_096;

/// `OPTIONS /uploads`: what the server can do.
pub async fn options() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    put(&mut response, VERSION, TUS);
    put(&mut response, EXTENSION, EXTENSIONS);
    put(&mut response, MAX_SIZE, &VIDEO_MAX_BYTES.to_string());
    spoken(response)
}

/// `POST /uploads`: begins an upload, perhaps with its first bytes.
///
/// # Errors
/// 412 for another protocol version, 400 without a length, 413 above the limits, 429 for too many, 507 below the disk reserve.
pub async fn create(
    State(state): State<WebState>,
    me: SignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    speaks_tus(&headers)?;
    state.throttle.upload(ip).map_err(|wait| Refused(WebError::too_many(wait)))?;
    if headers.contains_key(DEFER) {
        return Err(Refused::coded(StatusCode::BAD_REQUEST, "upload-length-deferred"));
    }
    let length = number(&headers, &LENGTH).ok_or(Refused::coded(StatusCode::BAD_REQUEST, "upload-length-missing"))?;
    let name = file_name(&headers)?;
    let with_bytes = content_type(&headers) == Some(OFFSET_STREAM);
    if with_bytes && number(&headers, &header::CONTENT_LENGTH).is_some_and(|coming| coming > length) {
        return Err(too_long());
    }
    let upload = state.app.upload_create(&me.actor, &name, length).await?;
    let progress = if with_bytes {
        match take(&state, &me, upload.id, 0, length, body).await {
            Ok(progress) => Some(progress),
            Err(refused) => {
                // The client never learns this upload's address, so nobody could go on with it.
                state.app.upload_terminate(&me.actor, upload.id).await?;
                return Err(refused);
            }
        }
    } else {
        None
    };
    let mut response = StatusCode::CREATED.into_response();
    put(&mut response, header::LOCATION, &format!("/uploads/{}", upload.id));
    put(&mut response, OFFSET, &progress.as_ref().map_or(0, |progress| progress.offset_bytes).to_string());
    put(&mut response, EXPIRES, &http_date(upload.expires_at));
    if let Some(media) = progress.and_then(|progress| progress.media_id) {
        put(&mut response, MEDIA, &media.to_string());
    }
    Ok(spoken(response))
}

/// `HEAD /uploads/{id}`: how far it is.
///
/// # Errors
/// 404 for an unknown or foreign upload.
pub async fn ask(
    State(state): State<WebState>,
    me: SignedIn,
    headers: HeaderMap,
    Path(id): Path<UploadId>,
) -> Result<Response, Refused> {
    speaks_tus(&headers)?;
    let progress = state.app.upload_progress(&me.actor, id).await?;
    let mut response = StatusCode::OK.into_response();
    put(&mut response, LENGTH, &progress.length_bytes.to_string());
    put(&mut response, METADATA, &format!("filename {}", STANDARD.encode(&progress.file_name)));
    put(&mut response, header::CACHE_CONTROL, "no-store");
    told(&mut response, &progress);
    Ok(spoken(response))
}

/// `PATCH /uploads/{id}`: appends bytes at an offset. What arrived before a break is kept.
///
/// # Errors
/// 409 for a wrong offset, 415 for another content type, 423 while another sender appends, 404, 413, 507.
pub async fn append(
    State(state): State<WebState>,
    me: SignedIn,
    headers: HeaderMap,
    Path(id): Path<UploadId>,
    body: Body,
) -> Result<Response, Refused> {
    speaks_tus(&headers)?;
    if content_type(&headers) != Some(OFFSET_STREAM) {
        return Err(Refused::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset = number(&headers, &OFFSET).ok_or(Refused::coded(StatusCode::BAD_REQUEST, "upload-offset-missing"))?;
    let declared = state.app.upload_progress(&me.actor, id).await?.length_bytes;
    let coming = number(&headers, &header::CONTENT_LENGTH).unwrap_or(0);
    if offset.saturating_add(coming) > declared {
        return Err(too_long());
    }
    let progress = take(&state, &me, id, offset, declared.saturating_sub(offset), body).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    told(&mut response, &progress);
    Ok(spoken(response))
}

/// Appends a body. One without a length may turn out longer than the file's rest: then what does not fit is refused, because a
/// file cut off at its declared end would look complete.
async fn take(
    state: &WebState,
    me: &SignedIn,
    id: UploadId,
    offset: u64,
    room: u64,
    body: Body,
) -> Result<Progress, Refused> {
    let overrun = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&overrun);
    let bytes = body.into_data_stream().scan(room, move |room, chunk| {
        let fits = match &chunk {
            Ok(chunk) => room.checked_sub(u64::try_from(chunk.len()).unwrap_or(u64::MAX)),
            Err(_) => Some(*room),
        };
        noticed.fetch_or(fits.is_none(), Ordering::Relaxed);
        *room = fits.unwrap_or(0);
        std::future::ready(fits.map(|_| chunk))
    });
    let progress = state.app.upload_append(&me.actor, id, offset, bytes).await?;
    if overrun.load(Ordering::Relaxed) { Err(too_long()) } else { Ok(progress) }
}

fn too_long() -> Refused {
    Refused::coded(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-long")
}

/// `DELETE /uploads/{id}`: gives it up and removes what arrived.
///
/// # Errors
/// 404 for an unknown or foreign upload, 423 while bytes arrive.
pub async fn terminate(
    State(state): State<WebState>,
    me: SignedIn,
    headers: HeaderMap,
    Path(id): Path<UploadId>,
) -> Result<Response, Refused> {
    speaks_tus(&headers)?;
    state.app.upload_terminate(&me.actor, id).await?;
    Ok(spoken(StatusCode::NO_CONTENT.into_response()))
}

/// A refusal in the protocol's own statuses and headers, with a problem document for people.
#[derive(Debug)]
pub struct Refused(WebError);

impl Refused {
    const fn status(status: StatusCode) -> Self {
        Self(WebError::status(status))
    }

    fn coded(status: StatusCode, code: &str) -> Self {
        Self(WebError::coded(status, code))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Conflict { code: "upload-locked" } => Some(StatusCode::LOCKED),
            Error::Limit { code: "upload-too-many" } => Some(StatusCode::TOO_MANY_REQUESTS),
            Error::Limit { .. } | Error::BadInput { code: "upload-too-long" } => Some(StatusCode::PAYLOAD_TOO_LARGE),
            Error::BadInput { .. } => Some(StatusCode::BAD_REQUEST),
            Error::NotFound { .. }
            | Error::Conflict { .. }
            | Error::Invalid(_)
            | Error::DiskReserve
            | Error::ReconnectNeeded
            | Error::TikTok(_)
            | Error::Pkce(_)
            | Error::Store(_)
            | Error::Vault(_)
            | Error::Io(_)
            | Error::PolicyUnanswered => None,
        };
        let mut drawn = WebError::from(error);
        drawn.status = status.unwrap_or(drawn.status);
        Self(drawn)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        put(&mut response, VERSION, TUS);
        spoken(response)
    }
}

fn speaks_tus(headers: &HeaderMap) -> Result<(), Refused> {
    if headers.get(RESUMABLE).is_some_and(|version| version == TUS) {
        Ok(())
    } else {
        Err(Refused::status(StatusCode::PRECONDITION_FAILED))
    }
}

fn told(response: &mut Response, progress: &Progress) {
    put(response, OFFSET, &progress.offset_bytes.to_string());
    match progress.media_id {
        Some(media) => put(response, MEDIA, &media.to_string()),
        None => put(response, EXPIRES, &http_date(progress.expires_at)),
    }
}

fn spoken(mut response: Response) -> Response {
    put(&mut response, RESUMABLE, TUS);
    response
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// The `filename` of `Upload-Metadata`: pairs of a key and a base64 value, separated by commas.
fn file_name(headers: &HeaderMap) -> Result<String, Refused> {
    let Some(value) = headers.get(METADATA) else { return Ok(String::new()) };
    let bad = || Refused::coded(StatusCode::BAD_REQUEST, "upload-metadata");
    let text = value.to_str().ok().filter(|text| text.len() <= METADATA_MAX).ok_or_else(bad)?;
    for pair in text.split(',') {
        let mut words = pair.split_whitespace();
        if words.next() == Some("filename") {
            let bytes = STANDARD.decode(words.next().unwrap_or_default()).map_err(|_| bad())?;
            return String::from_utf8(bytes).map_err(|_| bad());
        }
    }
    Ok(String::new())
}

fn http_date(at: UnixMillis) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zoned.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_from_the_metadata_whatever_else_is_there() {
        let mut headers = HeaderMap::new();
        headers.insert(METADATA, HeaderValue::from_static("filetype dmlkZW8vbXA0,filename 0L/QsNGA0YPRgS5tcDQ=,flag"));
        assert_eq!(file_name(&headers).ok().as_deref(), Some("парус.mp4"));
        headers.insert(METADATA, HeaderValue::from_static("filename ***"));
        assert!(file_name(&headers).is_err());
    }

    #[test]
    fn lengths_are_plain_numbers() {
        let mut headers = HeaderMap::new();
        for (text, read) in
            [("12", Some(12)), ("+12", None), ("-1", None), ("1.0", None), ("", None), ("99999999999999999999", None)]
        {
            headers.insert(LENGTH, HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("x")));
            assert_eq!(number(&headers, &LENGTH), read, "{text}");
        }
    }

    #[test]
    fn dates_are_in_the_form_of_http() {
        assert_eq!(http_date(UnixMillis::from_seconds(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
