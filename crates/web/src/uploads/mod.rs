//! Resumable uploads over tus 1.0: creation (also with bytes), appending, asking, giving up, checksums, files in parts. Owns the
//! protocol's statuses and its walk; what a header says is read by `headers`, what arrives is kept by `app::uploads`.

pub mod form;
#[cfg(test)]
mod fuzz;
mod headers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::Error;
use app::uploads::{Assembly, Checksum, Progress};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::{MediaId, UploadId};
use domain::media::VIDEO_MAX_BYTES;
use domain::time::UnixMillis;
use futures::StreamExt as _;
use store::upload::Upload;

use self::headers::{
    CHECKSUM_ALGORITHMS, CHECKSUM_MISMATCH, CONCAT, Concat, DEFER, EXPIRES, EXTENSION, EXTENSIONS, LENGTH, MAX_SIZE,
    MEDIA, METADATA, OFFSET, OFFSET_STREAM, RESUMABLE, TUS, VERSION,
};
use crate::error::WebError;
use crate::session::{ClientIp, SignedIn};
use crate::state::WebState;

/// `OPTIONS /api/v1/uploads`: what the server can do.
pub async fn options() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    put(&mut response, VERSION, TUS);
    put(&mut response, EXTENSION, EXTENSIONS);
    put(&mut response, CHECKSUM_ALGORITHMS, &Checksum::ALGORITHMS.join(","));
    put(&mut response, MAX_SIZE, &VIDEO_MAX_BYTES.to_string());
    spoken(response)
}

/// `POST /api/v1/uploads`: begins an upload, perhaps with its first bytes; or puts parts that are complete together.
///
/// # Errors
/// 412 for another protocol version, 400 without a length, 413 above the limits, 429 for too many, 507 below the disk reserve, 460 for
/// bytes that are not what their checksum says, 409 for parts that are not complete.
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
    let name = headers::file_name(&headers)?;
    let is_part = match headers::concat(&headers)? {
        Concat::None => false,
        Concat::Partial => true,
        Concat::Final(parts) => return join(&state, &me, &name, parts).await,
    };
    let length =
        headers::number(&headers, &LENGTH).ok_or(Refused::coded(StatusCode::BAD_REQUEST, "upload-length-missing"))?;
    let with_bytes = headers::content_type(&headers) == Some(OFFSET_STREAM);
    if with_bytes && headers::number(&headers, &header::CONTENT_LENGTH).is_some_and(|coming| coming > length) {
        return Err(too_long());
    }
    let checksum = headers::checksum(&headers)?;
    let upload = if is_part {
        state.app.upload_create_part(&me.actor, &name, length).await?
    } else {
        state.app.upload_create(&me.actor, &name, length).await?
    };
    let progress = if with_bytes {
        match take(&state, &me, upload.id, Stretch { offset: 0, room: length, checksum }, body).await {
            Ok(progress) => Some(progress),
            Err(refused) => {
                // All of it is safe: only the last step failed, perhaps because a storage is away, and is done later.
                let open = state.app.uploads_open(&me.actor).await?;
                let is_safe = |it: &Upload| it.id == upload.id && it.offset_bytes == length && !is_part;
                if let Some(kept) = open.into_iter().find(is_safe) {
                    return Ok(created(kept.id, length, kept.expires_at, None));
                }
                // The client never learns this upload's address, so nobody could go on with it.
                state.app.upload_terminate(&me.actor, upload.id).await?;
                return Err(refused);
            }
        }
    } else {
        None
    };
    let offset = progress.as_ref().map_or(0, |progress| progress.offset_bytes);
    Ok(created(upload.id, offset, upload.expires_at, progress.and_then(|progress| progress.media_id)))
}

/// Answers when the file is whole: a client that asks for it wants to know what became of it.
async fn join(state: &WebState, me: &SignedIn, name: &str, parts: Vec<UploadId>) -> Result<Response, Refused> {
    let done = state.app.upload_join(&me.actor, name, parts).await?;
    Ok(created(done.id, done.offset_bytes, done.expires_at, done.media_id))
}

fn created(id: UploadId, offset: u64, expires_at: UnixMillis, media: Option<MediaId>) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    put(&mut response, header::LOCATION, &headers::address(id));
    put(&mut response, OFFSET, &offset.to_string());
    put(&mut response, EXPIRES, &headers::http_date(expires_at));
    if let Some(media) = media {
        put(&mut response, MEDIA, &media.to_string());
    }
    spoken(response)
}

/// `HEAD /api/v1/uploads/{id}`: how far it is.
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
    if let Some(concat) = headers::concat_of(&progress.assembly) {
        put(&mut response, CONCAT, &concat);
    }
    told(&mut response, &progress);
    Ok(spoken(response))
}

/// `PATCH /api/v1/uploads/{id}`: appends bytes at an offset. What arrived before a break is kept.
///
/// # Errors
/// 409 for a wrong offset, 415 for another content type, 423 while another sender appends, 403 for a sum of parts, 460 for bytes that
/// are not what their checksum says, 404, 413, 507.
pub async fn append(
    State(state): State<WebState>,
    me: SignedIn,
    headers: HeaderMap,
    Path(id): Path<UploadId>,
    body: Body,
) -> Result<Response, Refused> {
    speaks_tus(&headers)?;
    if headers::content_type(&headers) != Some(OFFSET_STREAM) {
        return Err(Refused::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let offset =
        headers::number(&headers, &OFFSET).ok_or(Refused::coded(StatusCode::BAD_REQUEST, "upload-offset-missing"))?;
    let known = state.app.upload_progress(&me.actor, id).await?;
    if matches!(known.assembly, Assembly::Final(_)) {
        return Err(Error::Conflict { code: "upload-final" }.into());
    }
    let declared = known.length_bytes;
    let coming = headers::number(&headers, &header::CONTENT_LENGTH).unwrap_or(0);
    if offset.saturating_add(coming) > declared {
        return Err(too_long());
    }
    let checksum = headers::checksum(&headers)?;
    let stretch = Stretch { offset, room: declared.saturating_sub(offset), checksum };
    let progress = take(&state, &me, id, stretch, body).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    told(&mut response, &progress);
    Ok(spoken(response))
}

/// Where a request's bytes belong.
struct Stretch {
    offset: u64,
    /// Bytes up to the file's end.
    room: u64,
    checksum: Option<Checksum>,
}

/// Appends a body. One without a length may turn out longer than the file's rest: then what does not fit is refused, because a
/// file cut off at its declared end would look complete.
async fn take(
    state: &WebState,
    me: &SignedIn,
    id: UploadId,
    stretch: Stretch,
    body: Body,
) -> Result<Progress, Refused> {
    let Stretch { offset, room, checksum } = stretch;
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
    let progress = state.app.upload_append_checked(&me.actor, id, offset, bytes, checksum).await?;
    if overrun.load(Ordering::Relaxed) { Err(too_long()) } else { Ok(progress) }
}

fn too_long() -> Refused {
    Refused::coded(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-long")
}

/// `DELETE /api/v1/uploads/{id}`: gives it up and removes what arrived.
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
            Error::Conflict { code: "upload-final" } => Some(StatusCode::FORBIDDEN),
            Error::BadInput { code: "upload-checksum" } => StatusCode::from_u16(CHECKSUM_MISMATCH).ok(),
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
    // Nobody is to go on with a sum of parts that is being put together.
    if !matches!(progress.assembly, Assembly::Final(_)) || progress.media_id.is_some() {
        put(response, OFFSET, &progress.offset_bytes.to_string());
    }
    match progress.media_id {
        Some(media) => put(response, MEDIA, &media.to_string()),
        None => put(response, EXPIRES, &headers::http_date(progress.expires_at)),
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
