//! Which uploads are under way together under the operator's limit. Owns the bytes that are promised to the line, in memory only; nothing
//! durable hangs on them. Must not hold up what has a task already (its hour is running), and keeps nobody waiting: who is not let in gives
//! its row back and asks again, so that what happened to the post meanwhile is seen.
//!
//! TikTok's upload address lives for an hour. Many large files that are due together and share a low limit evenly would all run out of it,
//! so a file begins only when it and those that have begun can end within theirs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::attempt::URL_LIFE_MS;
use domain::time::UnixMillis;

use super::slots::Place;

/// After a refusal it is asked again, milliseconds.
pub(super) const ASK_AGAIN_MS: i64 = 15_000;
/// A refused one keeps its place before those that are due later for so long.
const KEEPS_ITS_PLACE: Duration = Duration::from_secs(40);
/// What is through sooner than this, alone on the line, is always let in: it costs the others next to nothing. Seconds.
const SMALL_S: u64 = 60;

/// The line's berths.
#[derive(Debug)]
pub(super) struct Berths {
    /// Bytes per second; `None` without a limit, where everybody is let in.
    limit: Option<u64>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    under_way: BTreeMap<u64, Promise>,
    /// Who was refused, and until when it stands before those that are due later, by the monotonic clock.
    refused: BTreeMap<Place, Duration>,
}

/// What an upload under way has still to send.
#[derive(Debug, Clone, Copy)]
struct Promise {
    due_at: UnixMillis,
    bytes: u64,
}

/// A promise of the line; dropping it makes room.
#[derive(Debug)]
pub(super) struct Berth {
    of: Arc<Berths>,
    number: u64,
}

impl Berths {
    /// The berths of a line with this limit, bytes per second.
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { limit, known: Mutex::default() }
    }

    /// A berth for what has a task already.
    pub(super) fn take(self: &Arc<Self>, due_at: UnixMillis, bytes: u64) -> Berth {
        self.occupy(&mut self.known(), Promise { due_at, bytes })
    }

    /// A berth for what would begin now; `None` when the line cannot carry it yet, or somebody that is due earlier waits for that. A file
    /// that alone is too large for an hour gets the line to itself: whether it fits is judged elsewhere. `now` is the monotonic clock's.
    pub(super) fn ask(self: &Arc<Self>, place: Place, bytes: u64, now: Duration) -> Option<Berth> {
        let mut known = self.known();
        known.refused.retain(|_, until| *until > now);
        let promise = Promise { due_at: place.0, bytes };
        let is_its_turn = known.refused.first_key_value().is_none_or(|(first, _)| *first >= place);
        let may = self.limit.is_none_or(|limit| {
            bytes <= limit.saturating_mul(SMALL_S) || (is_its_turn && known.can_carry(limit, promise))
        });
        if may {
            known.refused.remove(&place);
            return Some(self.occupy(&mut known, promise));
        }
        known.refused.insert(place, now.saturating_add(KEEPS_ITS_PLACE));
        None
    }

    fn occupy(self: &Arc<Self>, known: &mut Known, promise: Promise) -> Berth {
        let number = known.under_way.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        known.under_way.insert(number, promise);
        Berth { of: Arc::clone(self), number }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Bytes go by due time. So a newcomer's hour has to hold what is due before it, half of the hour at most: the rest is for a line that is
    /// slower than its limit. And what is due later has begun already: three quarters of an hour have to hold all.
    fn can_carry(&self, limit: u64, newcomer: Promise) -> bool {
        let hour = limit.saturating_mul(URL_LIFE_MS.unsigned_abs() / 1000);
        let sum = |all: &mut dyn Iterator<Item = &Promise>| {
            all.fold(newcomer.bytes, |sum, promise| sum.saturating_add(promise.bytes))
        };
        let before = sum(&mut self.under_way.values().filter(|promise| promise.due_at <= newcomer.due_at));
        let all = sum(&mut self.under_way.values());
        self.under_way.is_empty() || (before <= hour / 2 && all <= hour / 4 * 3)
    }
}

impl Berth {
    /// So many bytes are still to be sent.
    pub(super) fn left(&self, bytes: u64) {
        if let Some(own) = self.of.known().under_way.get_mut(&self.number) {
            own.bytes = bytes;
        }
    }
}

impl Drop for Berth {
    fn drop(&mut self) {
        self.of.known().under_way.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::id::PostId;
    use uuid::Uuid;

    use super::*;

    const MB: u64 = 1_000_000;
    const NOW: Duration = Duration::from_secs(1_000);

    fn place(at: i64) -> Place {
        (UnixMillis::from_millis(at), PostId::from_uuid(Uuid::from_u128(1)))
    }

    /// A line of 1 MB/s: half of an hour are 1,800 MB, three quarters 2,700 MB.
    fn line() -> Arc<Berths> {
        Arc::new(Berths::new(Some(MB)))
    }

    #[test]
    fn files_begin_by_due_time_and_only_as_many_as_end_within_the_hour() {
        let berths = line();
        let first = berths.ask(place(1), 1_000 * MB, NOW).unwrap();
        assert!(berths.ask(place(5), 1_000 * MB, NOW).is_none());
        assert!(berths.ask(place(9), 100 * MB, NOW).is_none(), "it would fit, but what is due earlier waits");
        first.left(800 * MB);
        assert!(berths.ask(place(9), 100 * MB, NOW).is_none());
        let second = berths.ask(place(5), 1_000 * MB, NOW).unwrap();
        assert!(berths.ask(place(9), 100 * MB, NOW).is_none(), "1,800 MB are promised to what is due before it");
        drop(first);
        assert!(berths.ask(place(9), 100 * MB, NOW).is_some());
        drop(second);
        assert!(berths.known().refused.is_empty());
    }

    #[test]
    fn who_does_not_ask_again_stands_in_nobodys_way_for_long() {
        let berths = line();
        let first = berths.take(UnixMillis::from_millis(1), 1_700 * MB);
        assert!(berths.ask(place(2), 1_000 * MB, NOW).is_none());
        assert!(berths.ask(place(3), 90 * MB, NOW).is_none());
        // The one before it was cancelled.
        assert!(berths.ask(place(3), 90 * MB, NOW + KEEPS_ITS_PLACE).is_some());
        drop(first);
    }

    #[test]
    fn what_is_due_earlier_overtakes_what_has_begun_as_long_as_that_still_ends() {
        let berths = line();
        let later = berths.ask(place(100), 1_500 * MB, NOW).unwrap();
        let urgent = berths.ask(place(1), 1_000 * MB, NOW).unwrap();
        assert!(berths.ask(place(2), 700 * MB, NOW).is_none(), "the first one would lose its hour");
        let small: Vec<_> = (0..20).map(|n| berths.ask(place(n), 60 * MB, NOW)).collect();
        assert!(small.iter().all(Option::is_some), "what takes a minute never waits");
        drop((later, urgent));
    }

    #[test]
    fn what_has_begun_never_waits_and_what_fits_no_hour_gets_the_line_alone() {
        let berths = line();
        let huge = berths.ask(place(1), 4_000 * MB, NOW).unwrap();
        let resumed = berths.take(UnixMillis::from_millis(1), 4_000 * MB);
        assert!(berths.ask(place(2), 61 * MB, NOW).is_none());
        drop(huge);
        assert!(berths.ask(place(2), 61 * MB, NOW).is_none());
        drop(resumed);
        assert!(berths.ask(place(2), 61 * MB, NOW).is_some());
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let berths = Arc::new(Berths::new(None));
        assert!((0..50).all(|n| berths.ask(place(n), u64::MAX, NOW).is_some()));
    }
}
