//! What a decision may know about the world beside the attempt itself. Owns no reading of it: the engine fills it in.

use crate::connection::ConnectionState;
use crate::time::UnixMillis;

/// TikTok's clock as its latest answer showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteClock {
    /// The Date header, whole seconds.
    pub date: UnixMillis,
    /// Our clock when it arrived.
    pub seen_at: UnixMillis,
}

impl RemoteClock {
    /// How far TikTok's clock and ours may differ before a post is held back, milliseconds.
    pub const TOLERANCE_MS: i64 = 120_000;

    /// TikTok's clock and ours agreed when the answer arrived.
    #[must_use]
    pub const fn agrees(self) -> bool {
        self.date.millis_since(self.seen_at).abs() <= Self::TOLERANCE_MS
    }
}

/// What the post and its account say at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostFacts {
    /// The post still wants to be published (it is neither cancelled nor changed back to a draft).
    pub wanted: bool,
    /// Its revision now.
    pub revision: i64,
    /// A consent record exists and covers exactly what is sent.
    pub consent_matches: bool,
    /// The account.
    pub connection: ConnectionState,
    /// Its person lets it rest: nothing of it is sent.
    pub paused: bool,
}

/// How many inits were spent, and when the next one may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitUse {
    /// Inits of this post in the last hour.
    pub last_hour: u32,
    /// When the oldest of them leaves the hour.
    pub hour_frees_at: UnixMillis,
    /// Inits of this post in the last day.
    pub last_day: u32,
    /// When the oldest of them leaves the day.
    pub day_frees_at: UnixMillis,
    /// When the account's rate of 6 per minute has room.
    pub rate_frees_at: UnixMillis,
}

impl InitUse {
    /// Inits per post and hour.
    pub const PER_HOUR: u32 = 3;
    /// Inits per post and day.
    pub const PER_DAY: u32 = 6;

    /// The earliest instant at which an init may be sent.
    #[must_use]
    pub fn earliest(&self) -> UnixMillis {
        let mut at = self.rate_frees_at;
        if self.last_hour >= Self::PER_HOUR {
            at = at.max(self.hour_frees_at);
        }
        if self.last_day >= Self::PER_DAY {
            at = at.max(self.day_frees_at);
        }
        at
    }
}

/// The first incomplete answer without a Date, remembered by this process alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndatedWatch {
    /// Wall clock since then, milliseconds.
    pub wall_ms: i64,
    /// Monotonic clock since then, milliseconds.
    pub monotonic_ms: i64,
}

/// Everything a decision may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Our clock.
    pub now: UnixMillis,
    /// Our wall clock jumped and no answer of TikTok confirmed it since.
    pub clock_suspect: bool,
    /// TikTok's clock; `None` until an answer with a Date arrived.
    pub remote: Option<RemoteClock>,
    /// The post and its account.
    pub post: PostFacts,
    /// The init budget.
    pub inits: InitUse,
    /// Upload speed measured lately, bytes per second.
    pub upload_rate: Option<u64>,
    /// How late a post may start, milliseconds; later it is held for a person. `None` publishes always.
    pub hold_after_ms: Option<i64>,
    /// This process hashed the whole stored file and it is the approved one.
    pub media_verified: bool,
    /// The database may have lost commits, so silence in the journal proves nothing.
    pub commits_may_be_lost: bool,
    /// For the proof without Date headers.
    pub undated: Option<UndatedWatch>,
    /// Injected chance, 0 to 999, that spreads waits.
    pub jitter: u32,
}

impl Facts {
    /// How long to wait when the clocks disagree, milliseconds.
    pub const CLOCK_RETRY_MS: i64 = 30_000;

    /// Nothing speaks against our clock. While something does, nothing is called late or over by it.
    #[must_use]
    pub fn clock_is_trusted(&self) -> bool {
        !self.clock_suspect && self.remote.is_none_or(RemoteClock::agrees)
    }

    /// What TikTok's clock shows by now, as far as ours went on evenly since it was seen; ours where it never was.
    #[must_use]
    pub fn remote_now(&self) -> UnixMillis {
        self.remote.map_or(self.now, |remote| remote.date.plus_millis(self.now.millis_since(remote.seen_at)))
    }

    /// TikTok's clock was seen and agrees with ours.
    #[must_use]
    pub fn clock_is_proven(&self) -> bool {
        !self.clock_suspect && self.remote.is_some_and(RemoteClock::agrees)
    }
}
