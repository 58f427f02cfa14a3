//! Checks and reads webhooks. The signature is judged over the raw bytes; nothing is believed before it.
//! The age of a signature is reported, not judged: TikTok repeats deliveries for 72 hours and whether it signs them anew is not
//! documented. Webhooks are hints: dedupe them and ask status/fetch before acting.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::{id, null_is_default};
use crate::hex;
use crate::limits::WEBHOOK_BODY_MAX_BYTES;
use crate::post::PublishId;
use crate::status::FailReason;
use crate::text_enum::text_enum;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "TikTok-Signature";

/// A webhook whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// When TikTok signed it, Unix seconds. Old ones are genuine too; dedupe instead of refusing.
    pub t: i64,
    /// What happened.
    pub event: Event,
}

/// One event. Source: webhooks-overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The app; tells production from sandbox.
    pub client_key: String,
    /// What happened.
    pub event: EventKind,
    /// When, Unix seconds.
    pub create_time: i64,
    /// The user in this app; absent in events about no user.
    pub user_openid: Option<String>,
    /// Details; which members are present depends on `event`.
    pub content: EventContent,
}

text_enum! {
    /// Kinds of events. Source: webhooks-events. The misspelling of the last publishing event is TikTok's.
    pub enum EventKind {
        /// The grant ended; its tokens are already dead. Content: `removal_reason`.
        AuthorizationRemoved = "authorization.removed",
        /// A task failed. Content: `publish_id`, `fail_reason`, `publish_type`.
        PublishFailed = "post.publish.failed",
        /// A task was posted; several times for a draft that became several posts. Content: `publish_id`, `publish_type`.
        PublishComplete = "post.publish.complete",
        /// A draft reached the inbox. Content: `publish_id`, `publish_type`.
        InboxDelivered = "post.publish.inbox_delivered",
        /// A post can be seen by everybody. Content: `publish_id`, `post_id`, `publish_type`.
        PubliclyAvailable = "post.publish.publicly_available",
        /// A post cannot be seen by everybody any more. Content: `publish_id`, `post_id`, `publish_type`.
        NoLongerPubliclyAvailable = "post.publish.no_longer_publicaly_available"
            | "post.publish.no_longer_publicly_available",
        /// Share Kit only.
        VideoUploadFailed = "video.upload.failed",
        /// Share Kit only.
        VideoPublishCompleted = "video.publish.completed",
        /// Data Portability only.
        PortabilityDownloadReady = "portability.download.ready",
    }
}

text_enum! {
    /// How a task was started. Source: webhooks-events.
    pub enum PublishType {
        /// Posted directly.
        DirectPublish = "DIRECT_PUBLISH" | "DIRECT_POST",
        /// Delivered to the inbox.
        InboxShare = "INBOX_SHARE",
    }
}

/// Why a grant ended. Source: webhooks-events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemovalReason {
    /// 0, or a number this version does not know.
    Unknown(i64),
    /// 1: the user disconnected the app in TikTok.
    UserDisconnected,
    /// 2: the account was deleted.
    AccountDeleted,
    /// 3: the user's age changed.
    AgeChanged,
    /// 4: the account was banned.
    AccountBanned,
    /// 5: the app revoked the grant itself.
    DeveloperRevoked,
}

impl RemovalReason {
    fn from_number(number: i64) -> Self {
        match number {
            1 => Self::UserDisconnected,
            2 => Self::AccountDeleted,
            3 => Self::AgeChanged,
            4 => Self::AccountBanned,
            5 => Self::DeveloperRevoked,
            other => Self::Unknown(other),
        }
    }
}

/// Details of an event; members an event does not have are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventContent {
    /// The task.
    pub publish_id: Option<PublishId>,
    /// The post, exact decimal text.
    pub post_id: Option<String>,
    /// How the task was started.
    pub publish_type: Option<PublishType>,
    /// Why the task failed.
    pub fail_reason: Option<FailReason>,
    /// Why the grant ended.
    pub removal_reason: Option<RemovalReason>,
}

/// Why a webhook was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The header is not `t=<unix seconds>,s=<64 hex digits>`.
    #[error("the {SIGNATURE_HEADER} header is not of the form t=<unix seconds>,s=<64 hex digits>")]
    Header,
    /// The body is larger than this crate reads.
    #[error("the webhook body has {bytes} bytes, at most {WEBHOOK_BODY_MAX_BYTES} are read")]
    TooLarge {
        /// Size found.
        bytes: usize,
    },
    /// The body was not signed with this app's secret.
    #[error("the webhook's signature does not fit its body and this app's secret")]
    Signature,
    /// The signature is right and the body is not an event.
    #[error("the webhook is genuine, but could not be read: {why}")]
    Malformed {
        /// What did not fit, without content.
        why: &'static str,
    },
}

/// Checks the signature over the raw bytes in constant time, then reads the event. Source: webhooks-verification.
///
/// # Errors
/// [`WebhookError`]; only [`WebhookError::Malformed`] is genuine and should be answered with 200 so that it is not repeated.
pub fn verify(secret: &SecretString, header: &str, raw_body: &[u8]) -> Result<Signed, WebhookError> {
    if raw_body.len() > WEBHOOK_BODY_MAX_BYTES {
        return Err(WebhookError::TooLarge { bytes: raw_body.len() });
    }
    let (t_text, t, signature) = parse_header(header).ok_or(WebhookError::Header)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let message = [t_text.as_bytes(), b".", raw_body].concat();
    hmac::verify(&key, &message, &signature).map_err(|_unspecified| WebhookError::Signature)?;
    Ok(Signed { t, event: Event::parse(raw_body)? })
}

/// `t` as text, because the signature covers its exact spelling, as number, and the signature's bytes.
fn parse_header(header: &str) -> Option<(&str, i64, Vec<u8>)> {
    if header.len() > 512 {
        return None;
    }
    let (mut t, mut s) = (None, None);
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => t = Some(value.trim()),
            Some(("s", value)) => s = Some(value.trim()),
            Some(_) | None => {}
        }
    }
    let t = t?;
    let signature = hex::decode(s?).filter(|bytes| bytes.len() == 32)?;
    Some((t, t.parse().ok()?, signature))
}

#[derive(Deserialize)]
struct RawEvent {
    #[serde(default, deserialize_with = "null_is_default")]
    client_key: String,
    event: EventKind,
    #[serde(default, deserialize_with = "null_is_default")]
    create_time: i64,
    #[serde(default)]
    user_openid: Option<String>,
    #[serde(default)]
    content: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
struct RawContent {
    #[serde(default)]
    publish_id: Option<String>,
    #[serde(default, deserialize_with = "id")]
    post_id: Option<String>,
    #[serde(default)]
    publish_type: Option<PublishType>,
    #[serde(default)]
    reason: Option<Reason>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reason {
    Number(i64),
    Text(String),
}

impl Event {
    /// Reads a body whose signature was checked.
    fn parse(raw_body: &[u8]) -> Result<Self, WebhookError> {
        let raw: RawEvent = serde_json::from_slice(raw_body)
            .map_err(|_error| WebhookError::Malformed { why: "the body is not an event in JSON" })?;
        let content = raw_content(raw.content.as_deref())?;
        let publish_id = content
            .publish_id
            .filter(|text| !text.is_empty())
            .map(|text| PublishId::parse(&text))
            .transpose()
            .map_err(|_error| WebhookError::Malformed {
                why: "publish_id is longer than 64 characters or not visible ASCII",
            })?;
        let (removal_reason, fail_reason) = match (&raw.event, content.reason) {
            (EventKind::AuthorizationRemoved, Some(Reason::Number(number))) => {
                (Some(RemovalReason::from_number(number)), None)
            }
            (EventKind::PublishFailed, Some(Reason::Text(text))) => (None, Some(FailReason::parse(&text))),
            (_event, _reason) => (None, None),
        };
        Ok(Self {
            client_key: raw.client_key,
            event: raw.event,
            create_time: raw.create_time,
            user_openid: raw.user_openid.filter(|open_id| !open_id.is_empty()),
            content: EventContent {
                publish_id,
                post_id: content.post_id,
                publish_type: content.publish_type,
                fail_reason,
                removal_reason,
            },
        })
    }

    /// Equal for repeated deliveries of one event, different for different events.
    ///
    /// Kinds that may truly happen again for the same ids (a draft posted twice, a grant given and ended again, a post hidden and
    /// shown again) also differ by `create_time`, which a repeated delivery keeps.
    #[must_use]
    pub fn dedupe_key(&self) -> String {
        let repeats = match self.event {
            EventKind::AuthorizationRemoved
            | EventKind::PublishComplete
            | EventKind::PubliclyAvailable
            | EventKind::NoLongerPubliclyAvailable
            | EventKind::Other(_) => true,
            EventKind::PublishFailed
            | EventKind::InboxDelivered
            | EventKind::VideoUploadFailed
            | EventKind::VideoPublishCompleted
            | EventKind::PortabilityDownloadReady => false,
        };
        let create_time = if repeats { self.create_time.to_string() } else { String::new() };
        [
            self.event.as_str(),
            self.user_openid.as_deref().unwrap_or_default(),
            self.content.publish_id.as_ref().map_or("", PublishId::as_str),
            self.content.post_id.as_deref().unwrap_or_default(),
            &create_time,
        ]
        .join("|")
    }
}

/// `content` is JSON inside a JSON string; a plain object is taken too.
fn raw_content(content: Option<&RawValue>) -> Result<RawContent, WebhookError> {
    let unreadable = |_error: serde_json::Error| WebhookError::Malformed { why: "content is not an object in JSON" };
    let Some(content) = content.map(RawValue::get).filter(|json| *json != "null") else {
        return Ok(RawContent::default());
    };
    if !content.starts_with('"') {
        return serde_json::from_str(content).map_err(unreadable);
    }
    let inner: String = serde_json::from_str(content).map_err(unreadable)?;
    if inner.trim().is_empty() {
        return Ok(RawContent::default());
    }
    serde_json::from_str(&inner).map_err(unreadable)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
