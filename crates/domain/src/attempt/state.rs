//! What an attempt is: its frozen subject and its state, each state carrying only what is valid in it.
//!
//! Must not decide anything. The text forms are repeated by CHECKs in the schema.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, UncertainCause};
use super::plan::MediaPlan;
use crate::id::{AttemptId, ConnectionId, ConsentId, PostId};
use crate::post::{Delivery, PostContent};
use crate::time::UnixMillis;

/// `next_at` of an attempt that nobody needs to look at any more.
pub const NEVER: UnixMillis = UnixMillis::from_millis(253_402_300_799_000);

/// How long TikTok accepts bytes on an upload URL, milliseconds.
pub const URL_LIFE_MS: i64 = 3_600_000;

/// What is added to [`URL_LIFE_MS`] before an incomplete upload counts as proven dead, milliseconds.
pub const URL_MARGIN_MS: i64 = 3_600_000;

/// How the bytes and the post reach TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Published to the profile, the file is uploaded by us.
    DirectFile,
    /// Delivered to the creator's inbox, the file is uploaded by us.
    InboxFile,
    /// Photos on the profile: TikTok fetches them through our gate, which opens at the release.
    DirectPhotos,
    /// Photos in the creator's inbox, fetched the same way.
    InboxPhotos,
}

impl Mode {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DirectFile => "direct_file",
            Self::InboxFile => "inbox_file",
            Self::DirectPhotos => "direct_photos",
            Self::InboxPhotos => "inbox_photos",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }

    /// All modes.
    pub const ALL: [Self; 4] = [Self::DirectFile, Self::InboxFile, Self::DirectPhotos, Self::InboxPhotos];

    /// The mode that carries a video to where it is delivered.
    #[must_use]
    pub const fn for_video(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Direct => Self::DirectFile,
            Delivery::Inbox => Self::InboxFile,
        }
    }

    /// The mode that carries photos to where they are delivered.
    #[must_use]
    pub const fn for_photos(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Direct => Self::DirectPhotos,
            Delivery::Inbox => Self::InboxPhotos,
        }
    }

    /// TikTok fetches the bytes from us; nothing is sent.
    #[must_use]
    pub const fn is_pull(self) -> bool {
        match self {
            Self::DirectFile | Self::InboxFile => false,
            Self::DirectPhotos | Self::InboxPhotos => true,
        }
    }

    /// It ends in the creator's inbox, so it carries no options.
    #[must_use]
    pub const fn is_inbox(self) -> bool {
        match self {
            Self::DirectFile | Self::DirectPhotos => false,
            Self::InboxFile | Self::InboxPhotos => true,
        }
    }
}

/// An upload URL, encrypted. Opaque here; only the vault can open it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedUrl(Vec<u8>);

impl SealedUrl {
    /// Wraps a ciphertext that the vault made.
    #[must_use]
    pub const fn from_ciphertext(ciphertext: Vec<u8>) -> Self {
        Self(ciphertext)
    }

    /// The ciphertext, for the vault and the database.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedUrl({} bytes)", self.0.len())
    }
}

/// What TikTok gave for one init: the task's name and the only place where its bytes may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// TikTok's `publish_id`, opaque.
    pub publish_id: String,
    /// Where the bytes go; wiped at every terminal state. `None` when TikTok fetches them itself.
    pub upload_url: Option<SealedUrl>,
    /// TikTok's clock when it issued the URL; `None` when the answer had no Date header.
    pub url_date: Option<UnixMillis>,
}

/// How often TikTok was seen to lack bytes after the last chunk was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShortLooks {
    /// Looks so far since the last chunk was sent.
    pub count: u32,
    /// When the latest of them that counts was.
    pub last_at: Option<UnixMillis>,
}

/// Where an attempt is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing was sent.
    Ready,
    /// The init call is announced; its answer is not durable yet.
    InitSent {
        /// When it was announced.
        sent_at: UnixMillis,
    },
    /// TikTok's task is durable, no byte was sent.
    InitAcked(Task),
    /// Bytes before the last chunk are going out.
    Uploading {
        /// TikTok's task.
        task: Task,
        /// Bytes TikTok accepted, a hint and never an authority.
        acked_bytes: u64,
    },
    /// The last chunk is announced: from here a post may exist.
    FinalIntent {
        /// TikTok's task.
        task: Task,
        /// When it was announced.
        at: UnixMillis,
        /// Double look before a resend.
        looks: ShortLooks,
    },
    /// TikTok has every byte.
    HandedOver {
        /// TikTok's task.
        task: Task,
        /// When that was seen.
        since: UnixMillis,
    },
    /// TikTok says the post is out.
    Published {
        /// TikTok's task; unknown when a person confirmed it.
        publish_id: Option<String>,
        /// When we learned it.
        at: UnixMillis,
        /// Ids of the public posts, exact decimal digits, first is canonical; often empty.
        post_ids: Vec<String>,
    },
    /// TikTok says the draft is in the creator's inbox.
    Delivered {
        /// TikTok's task.
        publish_id: String,
        /// When we learned it.
        at: UnixMillis,
    },
    /// Proven unable to ever become visible.
    Dead {
        /// The proof.
        evidence: Evidence,
        /// TikTok's task, when there was one.
        publish_id: Option<String>,
    },
    /// Nobody but a person can tell.
    Uncertain {
        /// Why.
        cause: UncertainCause,
        /// TikTok's task, when it is known.
        publish_id: Option<String>,
    },
}

/// The name of a state, as the database and the table of edges know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// See [`State::Ready`].
    Ready,
    /// See [`State::InitSent`].
    InitSent,
    /// See [`State::InitAcked`].
    InitAcked,
    /// See [`State::Uploading`].
    Uploading,
    /// See [`State::FinalIntent`].
    FinalIntent,
    /// See [`State::HandedOver`].
    HandedOver,
    /// See [`State::Published`].
    Published,
    /// See [`State::Delivered`].
    Delivered,
    /// See [`State::Dead`].
    Dead,
    /// See [`State::Uncertain`].
    Uncertain,
}

impl Kind {
    /// Every kind, in the order of a smooth run.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::InitSent,
        Self::InitAcked,
        Self::Uploading,
        Self::FinalIntent,
        Self::HandedOver,
        Self::Published,
        Self::Delivered,
        Self::Dead,
        Self::Uncertain,
    ];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::InitSent => "init_sent",
            Self::InitAcked => "init_acked",
            Self::Uploading => "uploading",
            Self::FinalIntent => "final_intent",
            Self::HandedOver => "handed_over",
            Self::Published => "published",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Uncertain => "uncertain",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// A worker has something to do here.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Ready | Self::InitSent | Self::InitAcked | Self::Uploading | Self::FinalIntent | Self::HandedOver => {
                true
            }
            Self::Published | Self::Delivered | Self::Dead | Self::Uncertain => false,
        }
    }

    /// The last byte was certainly not sent, unless commits were lost.
    #[must_use]
    pub const fn is_before_final(self) -> bool {
        match self {
            Self::Ready | Self::InitSent | Self::InitAcked | Self::Uploading => true,
            Self::FinalIntent | Self::HandedOver | Self::Published | Self::Delivered | Self::Dead | Self::Uncertain => {
                false
            }
        }
    }
}

impl State {
    /// The name of this state.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Ready => Kind::Ready,
            Self::InitSent { .. } => Kind::InitSent,
            Self::InitAcked(_) => Kind::InitAcked,
            Self::Uploading { .. } => Kind::Uploading,
            Self::FinalIntent { .. } => Kind::FinalIntent,
            Self::HandedOver { .. } => Kind::HandedOver,
            Self::Published { .. } => Kind::Published,
            Self::Delivered { .. } => Kind::Delivered,
            Self::Dead { .. } => Kind::Dead,
            Self::Uncertain { .. } => Kind::Uncertain,
        }
    }

    /// TikTok's name of the task, when it is known.
    #[must_use]
    pub fn publish_id(&self) -> Option<&str> {
        match self {
            Self::Ready | Self::InitSent { .. } => None,
            Self::InitAcked(task)
            | Self::Uploading { task, .. }
            | Self::FinalIntent { task, .. }
            | Self::HandedOver { task, .. } => Some(&task.publish_id),
            Self::Delivered { publish_id, .. } => Some(publish_id),
            Self::Published { publish_id, .. } | Self::Dead { publish_id, .. } | Self::Uncertain { publish_id, .. } => {
                publish_id.as_deref()
            }
        }
    }

    /// The task whose upload URL may still be used.
    #[must_use]
    pub const fn task(&self) -> Option<&Task> {
        match self {
            Self::InitAcked(task)
            | Self::Uploading { task, .. }
            | Self::FinalIntent { task, .. }
            | Self::HandedOver { task, .. } => Some(task),
            Self::Ready
            | Self::InitSent { .. }
            | Self::Published { .. }
            | Self::Delivered { .. }
            | Self::Dead { .. }
            | Self::Uncertain { .. } => None,
        }
    }
}

/// What a new attempt inherits from the dead one before it, so that "once" and "late" are counted per post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// From when lateness counts: the due time, or the moment a person said "publish now".
    pub released_at: UnixMillis,
    /// Attempts that TikTok ended with an internal error.
    pub internal_failures: u32,
    /// Attempts given up because the upload URL ran out or refused bytes.
    pub upload_restarts: u32,
    /// Inits whose answer was lost or that were refused for the moment.
    pub init_failures: u32,
}

/// One picture as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSnapshot {
    /// Where the file is.
    pub blob_key: String,
    /// MIME type sent with the bytes.
    pub mime: String,
    /// SHA-256 of the approved file, lower-case hex.
    pub sha256: String,
    /// File size, bytes.
    pub size_bytes: u64,
}

/// The pictures of a photo post as they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotosSnapshot {
    /// In their order.
    pub pictures: Vec<PictureSnapshot>,
    /// Place of the cover among them, from zero.
    pub cover_index: u32,
}

/// What exactly is sent, frozen when the attempt was made: the content is never read from the post again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Caption and options.
    pub content: PostContent,
    /// The consent that covers them.
    pub consent_id: ConsentId,
    /// Where the file is; of photos the cover.
    pub blob_key: String,
    /// MIME type sent with the bytes.
    pub mime: String,
    /// Inherited counters.
    pub carried: Carried,
    /// Every picture of a photo post; `None` for a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<PhotosSnapshot>,
}

/// What is remembered for people and for later questions; nothing is decided on it except where a state names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// When the init call was announced; also feeds the rate windows after a restart.
    pub init_sent_at: Option<UnixMillis>,
    /// TikTok's clock in the init answer.
    pub url_date: Option<UnixMillis>,
    /// When the last chunk was announced.
    pub final_intent_at: Option<UnixMillis>,
    /// When TikTok was seen to have every byte.
    pub final_acked_at: Option<UnixMillis>,
    /// Bytes accepted, a hint.
    pub acked_bytes: u64,
    /// TikTok's latest status word.
    pub status: Option<String>,
    /// TikTok's clock in that answer.
    pub status_date: Option<UnixMillis>,
    /// TikTok's reason, with `FAILED`.
    pub fail_reason: Option<String>,
    /// TikTok's log id of the latest answer that mattered.
    pub log_id: Option<String>,
    /// Commits about this attempt may have been lost: rule R9 holds for it until it has settled.
    pub doubted: bool,
}

/// One run at publishing a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The post it serves.
    pub post_id: PostId,
    /// The account it serves it on.
    pub connection_id: ConnectionId,
    /// 1, 2, 3 and so on within the post.
    pub ordinal: u32,
    /// Direct or inbox.
    pub mode: Mode,
    /// Grows at every claim and every act of a person; an older one is fenced off.
    pub epoch: i64,
    /// The instant before which nothing may become visible.
    pub due_at: UnixMillis,
    /// The post's revision when the snapshot was frozen.
    pub revision: i64,
    /// What is sent.
    pub snapshot: Snapshot,
    /// The file and its chunks.
    pub plan: MediaPlan,
    /// Where it is.
    pub state: State,
    /// What is remembered.
    pub trace: Trace,
    /// Failures in a row since the last progress.
    pub tries: u32,
    /// When a worker should look again.
    pub next_at: UnixMillis,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
}
