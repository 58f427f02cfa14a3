//! TikTok's answers and errors in the machine's words. Owns the reading of each class; must not decide what follows.

use domain::attempt::{CallFailure, ChunkRefusal, Event, Refusal, RemoteState, StatusReport};
use domain::time::UnixMillis;
use tiktok::{ErrorClass, PublishState, UploadErrorKind};

use crate::tokens::TokenError;

/// TikTok's Date header as an instant.
pub(super) fn date(seconds: Option<i64>) -> Option<UnixMillis> {
    seconds.map(UnixMillis::from_seconds)
}

fn refusal(error: &tiktok::Error) -> Refusal {
    Refusal {
        code: error.code(),
        http_status: error.http_status().unwrap_or(0),
        log_id: error.log_id().map(str::to_owned),
    }
}

/// A failed init: only TikTok's own 4xx (or our own refusal to send) proves that no task exists.
pub(super) fn init_failed(error: &tiktok::Error) -> Event {
    match error {
        tiktok::Error::Api(api) if api.http_status < 500 => Event::InitRefused(refusal(error)),
        tiktok::Error::Refused(_) => Event::InitRefused(refusal(error)),
        tiktok::Error::Api(_)
        | tiktok::Error::OAuth(_)
        | tiktok::Error::Upload(_)
        | tiktok::Error::Transport(_)
        | tiktok::Error::Avatar(_)
        | tiktok::Error::Malformed { .. } => Event::InitUnknown,
    }
}

/// A failed read: creator info or status.
pub(super) fn read_failed(error: &tiktok::Error) -> Event {
    let failure = match error.class() {
        ErrorClass::Auth => CallFailure::TokenRefused,
        ErrorClass::RateLimit => CallFailure::RateLimited { until: None },
        ErrorClass::Transient | ErrorClass::Ambiguous => CallFailure::Transient,
        ErrorClass::Scope
        | ErrorClass::Cap
        | ErrorClass::AccountBlocked
        | ErrorClass::Input
        | ErrorClass::Privacy
        | ErrorClass::Configuration
        | ErrorClass::Permanent => CallFailure::Refused(refusal(error)),
    };
    Event::CallFailed(failure)
}

/// A failed status call: a task that TikTok does not know, or says is not ours, is told apart from every other failure.
pub(super) fn status_failed(error: &tiktok::Error) -> Event {
    if let tiktok::Error::Api(api) = error {
        let names_task =
            matches!(api.raw_code.as_str(), "invalid_publish_id" | "token_not_authorized_for_specified_publish_id");
        // One log shows the id problem as invalid_params with the id named in the message.
        let about_task =
            matches!(api.raw_code.as_str(), "invalid_param" | "invalid_params") && api.message.contains("publish_id");
        if names_task || about_task {
            return Event::TaskUnknown { log_id: api.log_id.clone() };
        }
    }
    read_failed(error)
}

/// A failed chunk.
pub(super) fn chunk_failed(error: &tiktok::Error) -> Event {
    match error {
        tiktok::Error::Upload(upload) => match upload.kind {
            UploadErrorKind::BadChunk => Event::ChunkRefused(ChunkRefusal::BadRequest),
            UploadErrorKind::UrlExpired => Event::ChunkRefused(ChunkRefusal::UrlExpired),
            UploadErrorKind::UnknownUpload => Event::ChunkRefused(ChunkRefusal::NoSuchUpload),
            UploadErrorKind::RangeMismatch => Event::ChunkRefused(ChunkRefusal::WrongRange),
            UploadErrorKind::TooManyRequests | UploadErrorKind::Server | UploadErrorKind::Unexpected => {
                Event::ChunkUnknown
            }
        },
        tiktok::Error::Refused(_) => Event::ChunkRefused(ChunkRefusal::BadRequest),
        tiktok::Error::Api(_)
        | tiktok::Error::OAuth(_)
        | tiktok::Error::Transport(_)
        | tiktok::Error::Avatar(_)
        | tiktok::Error::Malformed { .. } => Event::ChunkUnknown,
    }
}

/// A status answer.
pub(super) fn status(answer: tiktok::Answer<tiktok::PublishStatus>) -> StatusReport {
    let status = answer.value;
    let word = status.state.as_str().to_owned();
    let state = match status.state {
        PublishState::PublishComplete => RemoteState::Published,
        PublishState::SendToUserInbox => RemoteState::InInbox,
        PublishState::Failed => RemoteState::Failed {
            reason: status.fail_reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        },
        // An unknown word is still pending: it must not become a verdict.
        PublishState::ProcessingUpload | PublishState::ProcessingDownload | PublishState::Other(_) => {
            RemoteState::Pending
        }
    };
    StatusReport {
        state,
        word,
        uploaded_bytes: status.uploaded_bytes,
        post_ids: status.post_ids,
        remote_date: date(answer.remote_date),
        log_id: answer.log_id,
    }
}

/// No token could be had.
pub(super) fn token_failed(error: &TokenError) -> Event {
    let failure = match error {
        TokenError::ReconnectNeeded => CallFailure::ReconnectNeeded,
        TokenError::Disconnected => CallFailure::Disconnected,
        TokenError::Busy | TokenError::TikTok(_) | TokenError::Store(_) | TokenError::Vault(_) => {
            CallFailure::Transient
        }
    };
    Event::CallFailed(failure)
}
