//! When the numbers of posts and accounts are read, and what follows from what TikTok said. Pure: owns the rhythm of reading, what a missing post means,
//! and by how much a counter grew. Must not know a database, TikTok's client or a clock.
//!
//! A gap is a gap: a counter that was not told is nothing, never zero.

use crate::time::UnixMillis;

#[cfg(test)]
mod tests;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

/// A post is read every quarter of an hour while it is younger than this.
const NEWEST_MS: i64 = 6 * HOUR_MS;
/// Every hour while it is younger than this.
const NEW_MS: i64 = 48 * HOUR_MS;
/// Every day while it is younger than this, then every week.
const YOUNG_MS: i64 = 30 * DAY_MS;

/// The shortest time between two readings of one post, milliseconds.
pub const SHORTEST_MS: i64 = 15 * MINUTE_MS;
/// Followers are read so often, milliseconds.
pub const FOLLOWERS_MS: i64 = DAY_MS;
/// An account is looked at so often even when nothing of it is due: for posts that came some other way, milliseconds.
pub const LOOK_MS: i64 = 6 * HOUR_MS;
/// Samples older than this stay one an hour, milliseconds.
pub const HOURLY_AFTER_MS: i64 = NEW_MS;
/// Samples older than this stay one a day, milliseconds.
pub const DAILY_AFTER_MS: i64 = YOUNG_MS;

/// What TikTok counts of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Views so far.
    pub views: Option<i64>,
    /// Likes so far.
    pub likes: Option<i64>,
    /// Comments so far.
    pub comments: Option<i64>,
    /// Shares so far.
    pub shares: Option<i64>,
}

impl Counters {
    /// What every post begins with.
    pub const NOTHING: Self = Self { views: Some(0), likes: Some(0), comments: Some(0), shares: Some(0) };

    /// Nothing was told.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.views.is_none() && self.likes.is_none() && self.comments.is_none() && self.shares.is_none()
    }

    /// Counters without those that can be none: TikTok counts nothing below zero.
    #[must_use]
    pub fn credible(self) -> Self {
        let least = |it: Option<i64>| it.filter(|n| *n >= 0);
        Self {
            views: least(self.views),
            likes: least(self.likes),
            comments: least(self.comments),
            shares: least(self.shares),
        }
    }

    /// These, and what they do not tell as it was before.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            views: self.views.or(before.views),
            likes: self.likes.or(before.likes),
            comments: self.comments.or(before.comments),
            shares: self.shares.or(before.shares),
        }
    }

    /// By how much each grew since; of one that either side does not tell nobody knows.
    #[must_use]
    pub fn since(self, before: Self) -> Growth {
        let by = |now: Option<i64>, then: Option<i64>| Some(now?.saturating_sub(then?));
        Growth {
            views: by(self.views, before.views),
            likes: by(self.likes, before.likes),
            comments: by(self.comments, before.comments),
            shares: by(self.shares, before.shares),
        }
    }
}

/// By how much counters grew; less than nothing where TikTok took something back, `None` where nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Growth {
    /// Views.
    pub views: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Comments.
    pub comments: Option<i64>,
    /// Shares.
    pub shares: Option<i64>,
}

impl Growth {
    /// Both together: what one of them does not tell is what the other one tells.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: Option<i64>, b: Option<i64>| a.zip(b).map(|(a, b)| a.saturating_add(b)).or(a).or(b);
        Self {
            views: sum(self.views, other.views),
            likes: sum(self.likes, other.likes),
            comments: sum(self.comments, other.comments),
            shares: sum(self.shares, other.shares),
        }
    }
}

/// Whether TikTok still tells of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchState {
    /// It does.
    Live,
    /// It left the post out once; that can be chance.
    Missing,
    /// It left it out twice: the post is deleted, private, or not let through yet.
    Unavailable,
}

impl WatchState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Live, Self::Missing, Self::Unavailable];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Missing => "missing",
            Self::Unavailable => "unavailable",
        }
    }

    /// Reads that text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is known of a post that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// When it went out.
    pub published_at: UnixMillis,
    /// Whether TikTok tells of it.
    pub state: WatchState,
    /// Since when it is in that state.
    pub since: UnixMillis,
    /// What was read last.
    pub last: Option<Counters>,
}

/// What a reading said about a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Its counters.
    There(Counters),
    /// TikTok answered and left it out.
    LeftOut,
}

/// What follows from a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The state from now on.
    pub state: WatchState,
    /// Since when.
    pub since: UnixMillis,
    /// When it is read next.
    pub next_at: UnixMillis,
    /// What is kept as a sample.
    pub sample: Option<Counters>,
    /// What is added to its day.
    pub growth: Growth,
}

/// The time between two readings of a post that went out then, milliseconds.
#[must_use]
pub fn interval_ms(published_at: UnixMillis, now: UnixMillis) -> i64 {
    match now.millis_since(published_at) {
        age if age < NEWEST_MS => SHORTEST_MS,
        age if age < NEW_MS => HOUR_MS,
        age if age < YOUNG_MS => DAY_MS,
        _ => WEEK_MS,
    }
}

/// A post that is not due yet, and read along with others that are: it saves a call of its own, and comes by a quarter too early at most.
#[must_use]
pub fn goes_along(state: WatchState, published_at: UnixMillis, next_at: UnixMillis, now: UnixMillis) -> bool {
    let early = match state {
        WatchState::Live => interval_ms(published_at, now) / 4,
        // A second look soon after the first one would say nothing.
        WatchState::Missing | WatchState::Unavailable => 0,
    };
    next_at.millis_since(now) <= early
}

/// What follows from what TikTok said about a post.
#[must_use]
pub fn after(watch: &Watch, seen: Seen, now: UnixMillis) -> Next {
    let usual = interval_ms(watch.published_at, now);
    let age = now.millis_since(watch.published_at);
    match seen {
        Seen::There(counters) => {
            let told = counters.credible();
            let known = watch.last.unwrap_or_default();
            // Every post begins with nothing. Of one that has been out for long nobody knows when it grew to what it is.
            let before = if age <= DAY_MS { known.over(Counters::NOTHING) } else { known };
            let growth = told.since(before);
            let since = if watch.state == WatchState::Live { watch.since } else { now };
            let sample = (!told.is_empty()).then_some(told);
            Next { state: WatchState::Live, since, next_at: now.plus_millis(usual), sample, growth }
        }
        Seen::LeftOut => {
            let (state, since, wait) = match watch.state {
                WatchState::Live => (WatchState::Missing, now, usual.min(HOUR_MS)),
                // What is new may still wait for TikTok's own look at it.
                WatchState::Missing => (WatchState::Unavailable, now, if age < NEW_MS { HOUR_MS } else { DAY_MS }),
                WatchState::Unavailable if age < NEW_MS => (WatchState::Unavailable, watch.since, HOUR_MS),
                WatchState::Unavailable if now.millis_since(watch.since) < WEEK_MS => {
                    (WatchState::Unavailable, watch.since, DAY_MS)
                }
                WatchState::Unavailable => (WatchState::Unavailable, watch.since, WEEK_MS),
            };
            Next { state, since, next_at: now.plus_millis(wait), sample: None, growth: Growth::default() }
        }
    }
}

/// Between two samples of a post something is missing: more time than two and a half readings take, thinned out as they are.
#[must_use]
pub fn is_gap(published_at: UnixMillis, earlier: UnixMillis, later: UnixMillis, now: UnixMillis) -> bool {
    let kept = match now.millis_since(earlier) {
        age if age > DAILY_AFTER_MS => DAY_MS,
        age if age > HOURLY_AFTER_MS => HOUR_MS,
        _ => 0,
    };
    later.millis_since(earlier) > interval_ms(published_at, later).max(kept) / 2 * 5
}

/// When an account is looked at again after so many failures in a row, the last one counted: a quarter of an hour, doubled up to six.
#[must_use]
pub fn after_failure(failures: i64, now: UnixMillis) -> UnixMillis {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 5)).unwrap_or(5);
    now.plus_millis(SHORTEST_MS.saturating_mul(1_i64 << doublings).min(LOOK_MS))
}

/// The day of an instant in UTC, counted from 1970-01-01.
#[must_use]
pub const fn day_number(at: UnixMillis) -> i64 {
    at.millis().div_euclid(DAY_MS)
}
