//! What tests and the admin API see of the world: plain values, detached from it.
//! It exposes facts only; nothing here can change the simulation.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::media::MediaFacts;
use crate::world::{Channel, Grant, Post, Task, TaskState, Webhook, WebhookState};

/// Tokens of a grant made without a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantedTokens {
    /// Access token.
    pub access_token: String,
    /// Its life, seconds.
    pub expires_in: i64,
    /// Refresh token.
    pub refresh_token: String,
    /// Its life, seconds.
    pub refresh_expires_in: i64,
    /// The user's id in this app.
    pub open_id: String,
    /// Granted scopes, comma-joined.
    pub scope: String,
}

/// A consent and the refresh token the platform honours now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimGrant {
    /// App.
    pub client_key: String,
    /// User.
    pub username: String,
    /// The user's id in this app.
    pub open_id: String,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// Virtual time of consent, milliseconds.
    pub granted_at_ms: i64,
    /// Whether it was removed.
    pub removed: bool,
    /// The newest access token.
    pub access_token: String,
    /// The newest refresh token.
    pub refresh_token: String,
}

impl SimGrant {
    pub(crate) fn of(grant: &Grant) -> Self {
        Self {
            client_key: grant.client_key.clone(),
            username: grant.username.clone(),
            open_id: grant.open_id.clone(),
            scopes: grant.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            granted_at_ms: grant.granted_at_ms,
            removed: grant.removed.is_some(),
            access_token: grant.current_access_token().to_owned(),
            refresh_token: grant.current_refresh_token().to_owned(),
        }
    }
}

/// A post on a simulated profile, public or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimPost {
    /// The item id: 19 digits, beyond 2^53.
    pub post_id: u64,
    /// The task it came from.
    pub publish_id: String,
    /// App.
    pub client_key: String,
    /// Creator.
    pub username: String,
    /// Caption (photos: the description).
    pub caption: String,
    /// Who sees it, in TikTok's words.
    pub privacy_level: String,
    /// Comments are off.
    pub comment_disabled: bool,
    /// Duets are off.
    pub duet_disabled: bool,
    /// Stitches are off.
    pub stitch_disabled: bool,
    /// Paid partnership.
    pub brand_content: bool,
    /// Promotes the creator's own business.
    pub brand_organic: bool,
    /// Labelled as AI-generated.
    pub is_aigc: bool,
    /// Cover frame, milliseconds.
    pub cover_ms: Option<i64>,
    /// Whether it is a photo post.
    pub is_photo: bool,
    /// Music was to be added automatically (photos).
    pub auto_add_music: bool,
    /// Virtual time of posting, milliseconds.
    pub created_at_ms: i64,
    /// When moderation shows it to everybody; none for other privacy levels.
    pub public_at_ms: Option<i64>,
    /// Visible to everybody now.
    pub is_public: bool,
    /// Received files, in order.
    pub files: Vec<PathBuf>,
    /// What was measured.
    pub media: Option<MediaFacts>,
    /// Bytes received.
    pub size_bytes: u64,
    /// SHA-256 of the received bytes, lower-case hexadecimal.
    pub sha256: String,
}

impl SimPost {
    pub(crate) fn of(post: &Post, now_ms: i64) -> Self {
        Self {
            post_id: post.post_id,
            publish_id: post.publish_id.clone(),
            client_key: post.client_key.clone(),
            username: post.username.clone(),
            caption: post.caption().to_owned(),
            privacy_level: post.privacy.as_str().to_owned(),
            comment_disabled: post.comment_off,
            duet_disabled: post.duet_off,
            stitch_disabled: post.stitch_off,
            brand_content: post.info.brand_content == Some(true),
            brand_organic: post.info.brand_organic == Some(true),
            is_aigc: post.info.is_aigc,
            cover_ms: post.info.cover_ms,
            is_photo: post.is_photo,
            auto_add_music: post.info.auto_add_music,
            created_at_ms: post.created_at_ms,
            public_at_ms: post.public_at_ms,
            is_public: post.is_public(now_ms),
            files: post.files.clone(),
            media: post.media.clone(),
            size_bytes: post.size_bytes,
            sha256: post.sha256.clone(),
        }
    }
}

/// A webhook as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedWebhook {
    /// Names it in the answer.
    pub index: usize,
    /// Value of the `TikTok-Signature` header.
    pub signature: String,
    /// The body.
    pub body: String,
}

/// A publishing task: one per successful init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimTask {
    /// Its id.
    pub publish_id: String,
    /// App.
    pub client_key: String,
    /// Creator.
    pub username: String,
    /// `direct_file`, `direct_pull`, `inbox_file`, `inbox_pull`, `photo_direct`, `photo_inbox`.
    pub channel: &'static str,
    /// The status on the wire.
    pub status: &'static str,
    /// The reason on the wire, when failed.
    pub fail_reason: Option<String>,
    /// Virtual time of init, milliseconds.
    pub created_at_ms: i64,
    /// Declared or known size, bytes.
    pub size_bytes: u64,
    /// Bytes received.
    pub received_bytes: u64,
    /// Title sent at init.
    pub title: String,
}

/// The status word of a task.
pub(crate) fn status_word(task: &Task) -> &'static str {
    match &task.state {
        TaskState::Uploading => "PROCESSING_UPLOAD",
        TaskState::Downloading { .. } => "PROCESSING_DOWNLOAD",
        TaskState::Processing { .. } if task.channel.is_pull() => "PROCESSING_DOWNLOAD",
        TaskState::Processing { .. } => "PROCESSING_UPLOAD",
        TaskState::InInbox { .. } => "SEND_TO_USER_INBOX",
        TaskState::Complete { .. } => "PUBLISH_COMPLETE",
        TaskState::Failed { .. } => "FAILED",
    }
}

impl SimTask {
    pub(crate) fn of(task: &Task) -> Self {
        Self {
            publish_id: task.publish_id.clone(),
            client_key: task.client_key.clone(),
            username: task.username.clone(),
            channel: match task.channel {
                Channel::DirectFile => "direct_file",
                Channel::DirectPull => "direct_pull",
                Channel::InboxFile => "inbox_file",
                Channel::InboxPull => "inbox_pull",
                Channel::PhotoDirect => "photo_direct",
                Channel::PhotoInbox => "photo_inbox",
            },
            status: status_word(task),
            fail_reason: match &task.state {
                TaskState::Failed { reason, .. } => Some(reason.clone()),
                TaskState::Uploading
                | TaskState::Downloading { .. }
                | TaskState::Processing { .. }
                | TaskState::InInbox { .. }
                | TaskState::Complete { .. } => None,
            },
            created_at_ms: task.created_at_ms,
            size_bytes: task.size_bytes,
            received_bytes: task.received_bytes,
            title: task.info.title.clone(),
        }
    }
}

/// How a webhook ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookOutcome {
    /// To be sent, or sent again, at this virtual instant, milliseconds.
    Waiting(i64),
    /// On its way.
    Sending,
    /// Answered with 200 at this virtual instant, milliseconds.
    Delivered(i64),
    /// Given up after 72 hours.
    Dropped,
    /// The app has no webhook address.
    NoAddress,
}

/// A webhook and its fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimWebhook {
    /// App.
    pub client_key: String,
    /// Event name.
    pub event: String,
    /// The inner JSON text.
    pub content: String,
    /// Virtual time of the event, milliseconds.
    pub created_at_ms: i64,
    /// Sendings so far.
    pub attempts: u32,
    /// Status of the last answer.
    pub last_status: Option<u16>,
    /// Where it stands.
    pub outcome: WebhookOutcome,
}

impl SimWebhook {
    pub(crate) fn of(webhook: &Webhook) -> Self {
        Self {
            client_key: webhook.client_key.clone(),
            event: webhook.event.clone(),
            content: webhook.content.clone(),
            created_at_ms: webhook.created_at_ms,
            attempts: webhook.attempts,
            last_status: webhook.last_status,
            outcome: match webhook.state {
                WebhookState::Waiting { due_at_ms } => WebhookOutcome::Waiting(due_at_ms),
                WebhookState::Sending => WebhookOutcome::Sending,
                WebhookState::Delivered { at_ms } => WebhookOutcome::Delivered(at_ms),
                WebhookState::Dropped => WebhookOutcome::Dropped,
                WebhookState::NoAddress => WebhookOutcome::NoAddress,
            },
        }
    }
}

/// A sign of publishing twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicate {
    /// The same bytes are live more than once for one creator.
    SameContentTwice {
        /// Creator.
        username: String,
        /// Hash of the content.
        sha256: String,
        /// All tasks that delivered it.
        publish_ids: Vec<String>,
    },
    /// The same words and size were initialised again although an earlier task has every byte and has not failed.
    InitAfterFinalByte {
        /// Creator.
        username: String,
        /// The task that has every byte.
        first_publish_id: String,
        /// The task opened after it.
        second_publish_id: String,
    },
}

/// A breach of the posting guidelines seen on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UxFlagKind {
    /// Init without a recent creator info call by the same grant.
    NoFreshCreatorInfo,
    /// `disable_comment`, `disable_duet` or `disable_stitch` was left out.
    InteractionMissing,
    /// A brand toggle was left out.
    BrandToggleMissing,
    /// Branded content sent with `SELF_ONLY`.
    PrivateBrandedContent,
    /// `post_info` sent with a draft; TikTok throws it away.
    PostInfoOnDraft,
}

/// When and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UxFlag {
    /// Virtual time, milliseconds.
    pub at_ms: i64,
    /// App.
    pub client_key: String,
    /// Creator.
    pub username: String,
    /// What was wrong.
    pub kind: UxFlagKind,
}
