//! How a post did at a fixed age: what its counters were between the reading before that moment and the one after it. Owns the ages and how close the two
//! readings have to stand.

use super::between;
use crate::metrics::Counters;
use crate::time::UnixMillis;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// An age at which posts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkAge {
    /// The age, hours.
    pub hours: i64,
    /// The two readings around it stand at most so far apart, milliseconds.
    apart_ms: i64,
}

/// The ages, the youngest first. As far apart as readings of that age are, and half as much again.
pub const MARKS: [MarkAge; 5] = [
    MarkAge { hours: 1, apart_ms: 30 * MINUTE_MS },
    MarkAge { hours: 6, apart_ms: 90 * MINUTE_MS },
    MarkAge { hours: 24, apart_ms: 150 * MINUTE_MS },
    MarkAge { hours: 48, apart_ms: 150 * MINUTE_MS },
    MarkAge { hours: 168, apart_ms: 36 * HOUR_MS },
];

/// What was read of a post, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// When.
    pub at: UnixMillis,
    /// What TikTok told.
    pub counters: Counters,
}

/// What the counters of a post were at an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The age, hours.
    pub hours: i64,
    /// Between the two readings; one that either of them does not tell is not known.
    pub counters: Counters,
}

/// The ages that a post passed between two readings that follow each other, with its counters then. Nothing where the readings stand too far apart.
#[must_use]
pub fn marks_between(published_at: UnixMillis, before: Read, after: Read) -> Vec<Mark> {
    let (earlier, later) = (before.at.millis(), after.at.millis());
    let mark = |age: &MarkAge| {
        let at = published_at.millis().saturating_add(age.hours.saturating_mul(HOUR_MS));
        let value = |pick: fn(Counters) -> Option<i64>| {
            let (old, new) = pick(before.counters).zip(pick(after.counters))?;
            Some(between(at, (earlier, old), (later, new)))
        };
        let counters = Counters {
            views: value(|it| it.views),
            likes: value(|it| it.likes),
            comments: value(|it| it.comments),
            shares: value(|it| it.shares),
        };
        let is_passed = earlier < at && at <= later && later.saturating_sub(earlier) <= age.apart_ms;
        (is_passed && !counters.is_empty()).then_some(Mark { hours: age.hours, counters })
    };
    MARKS.iter().filter_map(mark).collect()
}
