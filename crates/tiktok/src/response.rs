//! Reads every answer without I/O. The family is known by the endpoint, never guessed from the body, and success is decided by
//! the body's `error`, not by the HTTP status. An unreadable answer is an error of its own, never a success.

use std::time::UNIX_EPOCH;

use http::header::{CONTENT_RANGE, DATE};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answer::{Answer, null_is_default};
use crate::avatar::{Avatar, AvatarFormat};
use crate::creator::CreatorInfo;
use crate::display::{Video, VideoPage};
use crate::endpoint::Endpoint;
use crate::error::{ApiError, AvatarError, Error, ErrorCode, OAuthError, OAuthErrorCode, UploadError, UploadErrorKind};
use crate::oauth::{ClientToken, TokenGrant, TokenReply};
use crate::post::{PublishId, UploadGrant, UploadUrl};
use crate::status::{PublishStatus, StatusData};
use crate::text_enum::bounded;
use crate::transport::Response;
use crate::upload::Chunk;
use crate::user::{UserInfo, UserInfoData};

const MAX_MESSAGE_CHARS: usize = 1_000;
const MAX_LOG_ID_CHARS: usize = 128;

/// Unix seconds of the `Date` header.
#[must_use]
pub fn remote_date(response: &Response) -> Option<i64> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    let date = httpdate::parse_http_date(text).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// TikTok's name for the request from the `x-tt-logid` header.
fn header_log_id(response: &Response) -> Option<String> {
    let text = response.headers().get("x-tt-logid")?.to_str().ok()?;
    log_id(text)
}

fn log_id(text: &str) -> Option<String> {
    let text = bounded(text.trim(), MAX_LOG_ID_CHARS);
    (!text.is_empty()).then_some(text)
}

fn malformed(endpoint: Endpoint, response: &Response, why: impl Into<String>) -> Error {
    Error::Malformed {
        endpoint,
        http_status: response.status().as_u16(),
        log_id: header_log_id(response),
        remote_date: remote_date(response),
        why: why.into(),
    }
}

/// What a JSON parser complained about, without the text it complained about.
fn json_trouble(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Io => "unreadable",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "JSON of another shape",
        serde_json::error::Category::Eof => "cut off",
    };
    format!("{kind} at line {}, column {}", error.line(), error.column())
}

/// The outer shape of the API family.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Option<Box<RawValue>>,
    error: EnvelopeError,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum EnvelopeError {
    Object {
        code: String,
        #[serde(default, deserialize_with = "null_is_default")]
        message: String,
        #[serde(default)]
        log_id: Option<String>,
        #[serde(default)]
        logid: Option<String>,
    },
    Text(String),
}

/// `data` of an API answer, or the failing code.
fn api<T: DeserializeOwned>(endpoint: Endpoint, response: &Response) -> Result<Answer<T>, Error> {
    let (data, log_id) = envelope(endpoint, response)?;
    let json = data.as_deref().map_or("{}", RawValue::get);
    let value = serde_json::from_str(json).map_err(|error| malformed(endpoint, response, json_trouble(&error)))?;
    Ok(Answer { value, remote_date: remote_date(response), log_id })
}

type Data = Option<Box<RawValue>>;

fn envelope(endpoint: Endpoint, response: &Response) -> Result<(Data, Option<String>), Error> {
    let http_status = response.status().as_u16();
    let refused = |raw_code: &str, message: &str, log_id: Option<String>| {
        Error::Api(ApiError {
            endpoint,
            code: ErrorCode::parse(raw_code),
            raw_code: bounded(raw_code, 256),
            message: bounded(message, MAX_MESSAGE_CHARS),
            log_id: log_id.or_else(|| header_log_id(response)),
            http_status,
            remote_date: remote_date(response),
        })
    };
    let envelope = match serde_json::from_slice::<Envelope>(response.body()) {
        Ok(envelope) => envelope,
        // A 4xx is a refusal even when a gateway in between worded it.
        Err(_unreadable) if response.status().is_client_error() => {
            return Err(refused("", "", None));
        }
        Err(error) => return Err(malformed(endpoint, response, json_trouble(&error))),
    };
    let (code, message, body_log_id) = match envelope.error {
        EnvelopeError::Object { code, message, log_id, logid } => (code, message, log_id.or(logid)),
        EnvelopeError::Text(code) => (code, String::new(), None),
    };
    let log_id = body_log_id.as_deref().and_then(log_id);
    if code != "ok" {
        return Err(refused(&code, &message, log_id));
    }
    if !response.status().is_success() {
        return Err(malformed(endpoint, response, "error.code is ok, but the HTTP status is not"));
    }
    Ok((envelope.data, log_id.or_else(|| header_log_id(response))))
}

/// The failing half of a token answer.
#[derive(Deserialize)]
struct OAuthFailure {
    #[serde(default)]
    error: Option<EnvelopeError>,
    #[serde(default, deserialize_with = "null_is_default")]
    error_description: String,
    #[serde(default)]
    log_id: Option<String>,
}

/// Fails when the body names an error, whatever the HTTP status is.
fn oauth_failure(endpoint: Endpoint, response: &Response) -> Result<(), Error> {
    let http_status = response.status().as_u16();
    let refused = |code: &str, description: &str, log_id: Option<String>| {
        Error::OAuth(OAuthError {
            endpoint,
            code: OAuthErrorCode::parse(code),
            error: bounded(code, 256),
            description: bounded(description, MAX_MESSAGE_CHARS),
            log_id: log_id.or_else(|| header_log_id(response)),
            http_status,
            remote_date: remote_date(response),
        })
    };
    let failure = match serde_json::from_slice::<OAuthFailure>(response.body()) {
        Ok(failure) => failure,
        Err(_unreadable) if response.status().is_client_error() => {
            return Err(refused(&format!("http_{http_status}"), "", None));
        }
        Err(error) => return Err(malformed(endpoint, response, json_trouble(&error))),
    };
    let flat_log_id = failure.log_id.as_deref().and_then(log_id);
    match failure.error {
        Some(EnvelopeError::Text(code)) if !code.is_empty() => {
            Err(refused(&code, &failure.error_description, flat_log_id))
        }
        Some(EnvelopeError::Object { code, message, log_id: inner, logid }) if code != "ok" => {
            let inner = inner.or(logid).as_deref().and_then(log_id);
            Err(refused(&code, &message, inner.or(flat_log_id)))
        }
        Some(EnvelopeError::Text(_) | EnvelopeError::Object { .. }) | None => {
            if response.status().is_success() {
                Ok(())
            } else if response.status().is_client_error() {
                Err(refused(&format!("http_{http_status}"), "", flat_log_id))
            } else {
                Err(malformed(endpoint, response, "a failing HTTP status without an error"))
            }
        }
    }
}

fn token_reply(endpoint: Endpoint, response: &Response) -> Result<TokenReply, Error> {
    oauth_failure(endpoint, response)?;
    serde_json::from_slice(response.body()).map_err(|error| malformed(endpoint, response, json_trouble(&error)))
}

/// Tokens for a code.
///
/// # Errors
/// [`Error::OAuth`] when `error` is present, [`Error::Malformed`] when the answer is not a grant.
pub fn exchange_code(response: &Response) -> Result<TokenGrant, Error> {
    let endpoint = Endpoint::TokenExchange;
    token_reply(endpoint, response)?.into_grant(None).map_err(|why| malformed(endpoint, response, why))
}

/// New tokens; an answer without refresh token leaves `previous` in force.
///
/// # Errors
/// As [`exchange_code`].
pub fn refresh(response: &Response, previous: &SecretString) -> Result<TokenGrant, Error> {
    let endpoint = Endpoint::TokenRefresh;
    token_reply(endpoint, response)?.into_grant(Some(previous)).map_err(|why| malformed(endpoint, response, why))
}

/// The app's own token.
///
/// # Errors
/// As [`exchange_code`].
pub fn client_token(response: &Response) -> Result<ClientToken, Error> {
    let endpoint = Endpoint::ClientToken;
    token_reply(endpoint, response)?.into_client_token().map_err(|why| malformed(endpoint, response, why))
}

/// The end of a grant; success has an empty body.
///
/// # Errors
/// As [`exchange_code`].
pub fn revoke(response: &Response) -> Result<(), Error> {
    let is_blank = response.body().iter().all(u8::is_ascii_whitespace);
    if is_blank && response.status().is_success() {
        return Ok(());
    }
    oauth_failure(Endpoint::Revoke, response)
}

/// Profile members.
///
/// # Errors
/// [`Error::Api`] for a failing code, [`Error::Malformed`] for an unreadable answer.
pub fn user_info(response: &Response) -> Result<Answer<UserInfo>, Error> {
    let answer = api::<UserInfoData>(Endpoint::UserInfo, response)?;
    Ok(answer.map(|data| data.user))
}

/// What the creator may post now. TikTok reports three caps here with HTTP 200 and a failing code.
///
/// # Errors
/// As [`user_info`].
pub fn creator_info(response: &Response) -> Result<Answer<CreatorInfo>, Error> {
    api(Endpoint::CreatorInfo, response)
}

#[derive(Deserialize)]
struct InitData {
    publish_id: String,
    #[serde(default)]
    upload_url: Option<String>,
}

/// Id and upload address of an init for bytes we send.
///
/// # Errors
/// As [`user_info`]; also [`Error::Malformed`] without a usable id or address.
pub fn upload_grant(endpoint: Endpoint, response: &Response) -> Result<Answer<UploadGrant>, Error> {
    let answer = api::<InitData>(endpoint, response)?;
    answer.try_map(|data| {
        let publish_id =
            PublishId::parse(&data.publish_id).map_err(|error| malformed(endpoint, response, error.to_string()))?;
        let address = data.upload_url.ok_or_else(|| malformed(endpoint, response, "upload_url is missing"))?;
        let upload_url =
            UploadUrl::parse(&address).map_err(|error| malformed(endpoint, response, error.to_string()))?;
        Ok(UploadGrant { publish_id, upload_url })
    })
}

/// Id of an init for media that TikTok fetches.
///
/// # Errors
/// As [`upload_grant`].
pub fn publish_id(endpoint: Endpoint, response: &Response) -> Result<Answer<PublishId>, Error> {
    let answer = api::<InitData>(endpoint, response)?;
    answer.try_map(|data| {
        PublishId::parse(&data.publish_id).map_err(|error| malformed(endpoint, response, error.to_string()))
    })
}

/// An accepted chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkAnswer {
    /// The chunk was taken. For a final chunk this is not yet a completed upload: ask status/fetch.
    Accepted {
        /// What TikTok says it has, bytes; whether it is a count or a last index is not documented, so it is a hint only.
        progress: Option<u64>,
        /// Unix seconds of the `Date` header.
        remote_date: Option<i64>,
    },
    /// The last chunk was taken; TikTok may publish from now on.
    Complete {
        /// Unix seconds of the `Date` header.
        remote_date: Option<i64>,
    },
}

/// Reads the answer to `chunk`: 206 accepts, 201 completes; 200 is tolerated and means whichever fits the chunk.
///
/// # Errors
/// [`Error::Upload`] with the meaning of the status.
pub fn chunk(chunk: &Chunk, response: &Response) -> Result<ChunkAnswer, Error> {
    let remote_date = remote_date(response);
    let http_status = response.status().as_u16();
    match (http_status, chunk.is_final) {
        (200 | 201, true) => Ok(ChunkAnswer::Complete { remote_date }),
        (200 | 201, false) | (206, _) => Ok(ChunkAnswer::Accepted { progress: progress(response), remote_date }),
        (_refused, _) => Err(Error::Upload(UploadError {
            http_status,
            kind: UploadErrorKind::of_status(http_status),
            log_id: header_log_id(response),
            remote_date,
        })),
    }
}

/// `N` of `Content-Range: bytes 0-N/total`.
fn progress(response: &Response) -> Option<u64> {
    let text = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, _total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (_first, last) = range.split_once('-')?;
    last.trim().parse().ok()
}

/// A profile picture. Its format is judged by its bytes.
///
/// # Errors
/// [`Error::Avatar`] for another status than 200 and for bytes that are no picture.
pub fn avatar(response: &Response) -> Result<Avatar, Error> {
    let http_status = response.status().as_u16();
    if http_status != 200 {
        return Err(Error::Avatar(AvatarError::Status { http_status }));
    }
    let bytes = response.body();
    match AvatarFormat::of_content(bytes) {
        Some(format) => Ok(Avatar { format, bytes: bytes.clone() }),
        None => Err(Error::Avatar(AvatarError::NotAPicture { size_bytes: bytes.len() })),
    }
}

/// What became of a task.
///
/// # Errors
/// As [`user_info`]. A failed task is a successful answer.
pub fn status(response: &Response) -> Result<Answer<PublishStatus>, Error> {
    Ok(api::<StatusData>(Endpoint::StatusFetch, response)?.map(PublishStatus::from))
}

/// TikTok agreed to try to stop; whether it did shows in the status.
///
/// # Errors
/// As [`user_info`].
pub fn cancel(response: &Response) -> Result<Answer<()>, Error> {
    let (_data, log_id) = envelope(Endpoint::Cancel, response)?;
    Ok(Answer { value: (), remote_date: remote_date(response), log_id })
}

/// A page of the user's public videos.
///
/// # Errors
/// As [`user_info`].
pub fn list_videos(response: &Response) -> Result<Answer<VideoPage>, Error> {
    api(Endpoint::VideoList, response)
}

/// The named videos that exist, belong to the user and are public; others are simply missing.
///
/// # Errors
/// As [`user_info`].
pub fn query_videos(response: &Response) -> Result<Answer<Vec<Video>>, Error> {
    Ok(api::<VideoPage>(Endpoint::VideoQuery, response)?.map(|page| page.videos))
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
