//! What can happen to an attempt: results of effects and acts of people. Must not carry secrets or TikTok's wire types.

use super::decision::{SendOptions, Trouble};
use super::state::Task;
use crate::id::UserId;
use crate::time::UnixMillis;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A worker looks at the row: just claimed, just committed, or woken.
    Resume,
    /// The instant that was waited for at the last chunk has come.
    DueReached,
    /// Creator info was read and judged.
    CreatorChecked(CreatorVerdict),
    /// A read (creator info, status) or the token for it failed.
    CallFailed(CallFailure),
    /// The access token was renewed.
    TokenRefreshed,
    /// TikTok accepted the init.
    InitAnswered(Task),
    /// TikTok refused the init definitely.
    InitRefused(Refusal),
    /// Nobody knows whether TikTok accepted the init.
    InitUnknown,
    /// TikTok took a chunk and wants more.
    ChunkAccepted {
        /// Which.
        index: u64,
    },
    /// TikTok took a chunk and has every byte.
    ChunkComplete,
    /// TikTok refused a chunk.
    ChunkRefused(ChunkRefusal),
    /// Nobody knows whether TikTok took the chunk.
    ChunkUnknown,
    /// The stored file was hashed and is the approved one.
    MediaVerified,
    /// The stored file is not the approved one, or cannot be read.
    MediaMismatch,
    /// TikTok told the status.
    StatusSeen(StatusReport),
    /// TikTok does not know the task, or says it is not ours.
    TaskUnknown {
        /// TikTok's log id.
        log_id: Option<String>,
    },
    /// Somebody wants this attempt not to publish.
    Stop(StopCause),
    /// A person looked at the profile.
    Answer {
        /// Who.
        user_id: UserId,
        /// What they saw.
        answer: PersonAnswer,
    },
    /// A webhook named the task: look now.
    Hint,
    /// Our own program failed on this attempt so often that a person has to look.
    EngineFailed,
}

/// What creator info means for this post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatorVerdict {
    /// The post can go out with these interactions.
    Go(SendOptions),
    /// It cannot go out as it was consented to.
    Park(Trouble),
}

/// Why a read did not give an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// Network, 5xx, garbage: ask again.
    Transient,
    /// 429, or our own window is full.
    RateLimited {
        /// When it is sensible to ask again; `None` leaves it to the schedule.
        until: Option<UnixMillis>,
    },
    /// TikTok refused the access token: renew it once, then ask again.
    TokenRefused,
    /// No token can be had until the person reconnects.
    ReconnectNeeded,
    /// The account was disconnected for good; its tokens are destroyed.
    Disconnected,
    /// TikTok refused for a reason that will not pass.
    Refused(Refusal),
}

/// A definite refusal in TikTok's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// TikTok's code, verbatim.
    pub code: String,
    /// HTTP status.
    pub http_status: u16,
    /// TikTok's log id.
    pub log_id: Option<String>,
}

/// A definite refusal of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkRefusal {
    /// 400: our headers or our length are wrong.
    BadRequest,
    /// 403: the URL's hour is over.
    UrlExpired,
    /// 404: no such task.
    NoSuchUpload,
    /// 416: TikTok has another number of bytes.
    WrongRange,
}

/// TikTok's answer about a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// Where TikTok is.
    pub state: RemoteState,
    /// TikTok's status word, verbatim.
    pub word: String,
    /// Bytes TikTok has.
    pub uploaded_bytes: Option<u64>,
    /// Ids of public posts, exact decimal digits.
    pub post_ids: Vec<String>,
    /// TikTok's clock in this answer.
    pub remote_date: Option<UnixMillis>,
    /// TikTok's log id.
    pub log_id: Option<String>,
}

/// Where TikTok says a task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteState {
    /// Working or waiting for bytes; also every word we do not know.
    Pending,
    /// In the creator's inbox.
    InInbox,
    /// Out.
    Published,
    /// Over, no post.
    Failed {
        /// TikTok's reason, verbatim; empty when it gave none.
        reason: String,
    },
}

/// Who wants an attempt not to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// The user cancelled the post.
    Cancelled,
    /// The user changed it.
    Edited,
    /// The user deleted it.
    Deleted,
    /// The account was disconnected.
    Disconnected,
    /// The user lets the account rest; the post waits until that ends.
    Paused,
}

/// What a person saw on the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonAnswer {
    /// The post is there.
    ItIsThere,
    /// The post is not there.
    ItIsNotThere,
}
