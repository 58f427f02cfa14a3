//! What a decision says: what to make durable, then at most one effect. Must not perform anything.

use serde::{Deserialize, Serialize};

use super::state::Attempt;
use crate::time::UnixMillis;

/// The interactions as they are really sent: what the creator turned off since the consent is sent off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendOptions {
    /// Comments are off.
    pub disable_comment: bool,
    /// Duets are off.
    pub disable_duet: bool,
    /// Stitches are off.
    pub disable_stitch: bool,
}

/// The one thing to do after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask TikTok what this creator may do now.
    CheckCreator,
    /// Ask for a task; `None` for inbox drafts, which carry no options.
    SendInit(Option<SendOptions>),
    /// Hash the whole stored file before the last chunk is announced.
    VerifyMedia,
    /// Send one chunk.
    PutChunk {
        /// Which.
        index: u64,
        /// It holds the last byte.
        is_final: bool,
    },
    /// Ask what became of the task.
    FetchStatus,
    /// Renew the access token although it has not expired.
    RefreshToken,
}

/// Why something went wrong, for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Our key or TikTok's code; the texts are keyed by it.
    pub code: String,
    /// TikTok's code, when TikTok said it.
    pub tiktok_code: Option<String>,
    /// TikTok's log id.
    pub log_id: Option<String>,
}

impl Trouble {
    /// A trouble of our own.
    #[must_use]
    pub fn ours(code: &'static str) -> Self {
        Self { code: code.to_owned(), tiktok_code: None, log_id: None }
    }

    /// A trouble in TikTok's words.
    #[must_use]
    pub fn theirs(code: &str, log_id: Option<String>) -> Self {
        Self { code: code.to_owned(), tiktok_code: Some(code.to_owned()), log_id }
    }
}

/// What the same transaction writes to the post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostChange {
    /// Nothing.
    Keep,
    /// It is out, with these ids.
    Published {
        /// Exact decimal digits, first is canonical.
        post_ids: Vec<String>,
    },
    /// The ids of an already published post became known.
    Linked {
        /// Exact decimal digits, first is canonical.
        post_ids: Vec<String>,
    },
    /// The draft is in the creator's inbox.
    InInbox,
    /// TikTok refused for good.
    Failed(Trouble),
    /// A person has to decide or repair something.
    NeedsAttention(Trouble),
    /// The dead attempt is followed by a new one, not before this instant.
    TryAgain {
        /// Earliest start of the new attempt.
        not_before: UnixMillis,
        /// Counters the new attempt inherits.
        carried: super::state::Carried,
    },
    /// Its account rests: it waits again, with the time and the consent that it has.
    Waits,
    /// Whoever stopped the attempt writes the post themselves.
    LeftToCaller,
}

/// Why an edge was taken; kept in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The init call is about to be sent.
    InitAnnounced,
    /// TikTok gave a task.
    TaskReceived,
    /// TikTok refused the init.
    InitRefused,
    /// The init's answer was lost; nobody has its URL.
    InitAnswerLost,
    /// The first chunk is about to be sent.
    UploadStarted,
    /// Bytes were accepted.
    Progress,
    /// The rest cannot be sent within the URL's hour.
    UrlTooShort,
    /// TikTok refused a chunk so that only a new task helps.
    UploadRefused,
    /// Chunks failed too often.
    UploadFailedOften,
    /// Our own request was wrong.
    OurRequestWrong,
    /// The stored file is not the approved one.
    MediaChanged,
    /// The last chunk is about to be sent.
    Released,
    /// The last chunk is about to be sent again.
    Resent,
    /// TikTok was seen to lack bytes after the last chunk.
    SeenShort,
    /// TikTok has every byte.
    AllBytesTaken,
    /// TikTok says the post is out.
    TikTokPublished,
    /// TikTok says the draft is in the inbox.
    TikTokDelivered,
    /// TikTok told the ids of the post.
    IdsKnown,
    /// Nobody looks for ids any more.
    IdsGivenUp,
    /// TikTok says it failed.
    TikTokFailed,
    /// The URL's hour is provably over.
    UrlProvenExpired,
    /// TikTok never settled.
    NeverSettled,
    /// TikTok does not know the task.
    TaskUnknown,
    /// Commits were lost.
    CommitsLost,
    /// TikTok contradicts our record.
    Contradiction,
    /// The creator cannot receive this post as consented.
    CreatorRefused,
    /// The account has to be reconnected.
    ReconnectNeeded,
    /// The account was disconnected.
    Disconnected,
    /// It is too late to publish without asking.
    TooLate,
    /// No matching consent exists.
    ConsentMissing,
    /// The post was changed or withdrawn elsewhere.
    Superseded,
    /// The user cancelled.
    Cancelled,
    /// The user edited.
    Edited,
    /// The user deleted.
    Deleted,
    /// The user lets the account rest.
    Paused,
    /// A person saw the post on the profile.
    PersonSaidYes,
    /// A person did not see it.
    PersonSaidNo,
    /// Our own program failed on it again and again.
    EngineFailed,
    /// Nothing but the wait changed.
    Waiting,
}

impl Cause {
    /// The text in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InitAnnounced => "init_announced",
            Self::TaskReceived => "task_received",
            Self::InitRefused => "init_refused",
            Self::InitAnswerLost => "init_answer_lost",
            Self::UploadStarted => "upload_started",
            Self::Progress => "progress",
            Self::UrlTooShort => "url_too_short",
            Self::UploadRefused => "upload_refused",
            Self::UploadFailedOften => "upload_failed_often",
            Self::OurRequestWrong => "our_request_wrong",
            Self::MediaChanged => "media_changed",
            Self::Released => "released",
            Self::Resent => "resent",
            Self::SeenShort => "seen_short",
            Self::AllBytesTaken => "all_bytes_taken",
            Self::TikTokPublished => "tiktok_published",
            Self::TikTokDelivered => "tiktok_delivered",
            Self::IdsKnown => "ids_known",
            Self::IdsGivenUp => "ids_given_up",
            Self::TikTokFailed => "tiktok_failed",
            Self::UrlProvenExpired => "url_proven_expired",
            Self::NeverSettled => "never_settled",
            Self::TaskUnknown => "task_unknown",
            Self::CommitsLost => "commits_lost",
            Self::Contradiction => "contradiction",
            Self::CreatorRefused => "creator_refused",
            Self::ReconnectNeeded => "reconnect_needed",
            Self::Disconnected => "disconnected",
            Self::TooLate => "too_late",
            Self::ConsentMissing => "consent_missing",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Paused => "paused",
            Self::PersonSaidYes => "person_said_yes",
            Self::PersonSaidNo => "person_said_no",
            Self::EngineFailed => "engine_failed",
            Self::Waiting => "waiting",
        }
    }
}

/// What one transaction writes: the attempt by compare-and-set on its state and epoch, its log line, and the post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The attempt as it shall be.
    pub attempt: Attempt,
    /// Why.
    pub cause: Cause,
    /// What becomes of the post.
    pub post: PostChange,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// Counters and hints that may be lost in a crash.
    Memory(Box<Attempt>),
    /// A durable change; the effect follows only if the compare-and-set hit.
    Commit(Box<Commit>),
}

/// Why a wish was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The last chunk may be at TikTok.
    TooLate,
    /// The database lost commits; what really happened must be proven first.
    ProofNeeded,
    /// The post could still come although nobody sees it yet.
    TooSoon {
        /// From when it cannot.
        from: UnixMillis,
    },
    /// Our clock jumped, so nobody knows how much time really passed.
    ClockUnsure,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Decide again at once with [`super::Event::Resume`].
    Continue,
    /// Do this one thing; its result is the next event.
    Perform(Effect),
    /// Look again at this instant with [`super::Event::Resume`].
    WaitUntil(UnixMillis),
    /// Keep the row and wake at exactly this instant with [`super::Event::DueReached`].
    HoldUntil(UnixMillis),
    /// Nothing more to do for a worker.
    Finished,
    /// The person's wish cannot be granted.
    Refused(Refused),
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What changes.
    pub change: Change,
    /// What follows.
    pub then: Then,
}
