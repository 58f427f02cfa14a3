//! Proofs that an attempt can never become visible, and the reasons why nobody but a person can tell.
//!
//! Must not judge: who may produce which proof is in the table of edges.

use serde::{Deserialize, Serialize};

use super::state::Kind;
use crate::id::UserId;
use crate::time::UnixMillis;

/// Why an attempt is dead. A timeout, a 5xx, a lost lease or our own clock is never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id")]
pub enum Evidence {
    /// TikTok's status says `FAILED`.
    #[serde(rename = "E1")]
    Failed {
        /// TikTok's reason; empty when it gave none.
        reason: String,
        /// TikTok's log id.
        log_id: Option<String>,
        /// TikTok's clock in that answer.
        remote_date: Option<UnixMillis>,
    },
    /// The last chunk was never announced: the row went from one of the early states to dead by compare-and-set.
    #[serde(rename = "E2")]
    FinalNeverSent {
        /// The state it was in.
        from: FromState,
        /// The epoch it was in.
        epoch: i64,
    },
    /// TikTok's own clock is an hour past the URL's hour and its status still lacks bytes.
    #[serde(rename = "E3")]
    UrlExpired {
        /// TikTok's clock when it issued the URL.
        url_date: UnixMillis,
        /// TikTok's clock when it still lacked bytes.
        status_date: UnixMillis,
        /// Bytes it had.
        uploaded_bytes: u64,
    },
    /// TikTok sends no Date: two incomplete answers two hours apart on the wall clock and on the monotonic clock of one process.
    #[serde(rename = "E3b")]
    UrlExpiredUndated {
        /// Wall clock between the two answers, milliseconds.
        wall_ms: i64,
        /// Monotonic clock between them, milliseconds.
        monotonic_ms: i64,
        /// Bytes it had.
        uploaded_bytes: u64,
    },
    /// TikTok refused the init definitely, so no task exists.
    #[serde(rename = "E4")]
    InitRefused {
        /// TikTok's code.
        code: String,
        /// HTTP status.
        http_status: u16,
        /// TikTok's log id.
        log_id: Option<String>,
    },
    /// A person looked at the profile and said that it is not there.
    #[serde(rename = "E5")]
    PersonSaidNo {
        /// Who.
        user_id: UserId,
        /// When.
        at: UnixMillis,
    },
}

impl Evidence {
    /// The id used by the specification, `E1` to `E5`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "E1",
            Self::FinalNeverSent { .. } => "E2",
            Self::UrlExpired { .. } => "E3",
            Self::UrlExpiredUndated { .. } => "E3b",
            Self::InitRefused { .. } => "E4",
            Self::PersonSaidNo { .. } => "E5",
        }
    }
}

/// A state in which the last byte was certainly not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromState {
    /// Nothing was sent.
    Ready,
    /// Perhaps an orphan task, inert: nobody has its URL.
    InitSent,
    /// No byte was sent.
    InitAcked,
    /// The last chunk was not sent.
    Uploading,
}

impl FromState {
    /// The proof exists only in these four states.
    #[must_use]
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Ready => Some(Self::Ready),
            Kind::InitSent => Some(Self::InitSent),
            Kind::InitAcked => Some(Self::InitAcked),
            Kind::Uploading => Some(Self::Uploading),
            Kind::FinalIntent | Kind::HandedOver | Kind::Published | Kind::Delivered | Kind::Dead | Kind::Uncertain => {
                None
            }
        }
    }
}

/// Why nobody but a person can tell what became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UncertainCause {
    /// The account was disconnected for good after the last chunk was sent.
    Disconnected,
    /// TikTok's status did not settle within 72 hours.
    Unresolved,
    /// TikTok does not know the task, or says it is not ours.
    UnknownTask,
    /// The database lost commits, so what was never recorded may have happened.
    CommitsLost,
    /// TikTok says it finished although our record says the last byte was never sent.
    Contradiction,
    /// Our own program failed on it again and again after the last chunk was announced.
    EngineFailed,
}

impl UncertainCause {
    /// All causes.
    pub const ALL: [Self; 6] = [
        Self::Disconnected,
        Self::Unresolved,
        Self::UnknownTask,
        Self::CommitsLost,
        Self::Contradiction,
        Self::EngineFailed,
    ];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Unresolved => "unresolved",
            Self::UnknownTask => "unknown_task",
            Self::CommitsLost => "commits_lost",
            Self::Contradiction => "contradiction",
            Self::EngineFailed => "engine_failed",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}
