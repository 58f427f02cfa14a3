//! Which uploads are under way together under the operator's limit. Owns the bytes that are promised to the line, in memory only; nothing
//! durable hangs on them. Must not hold up what has a task already: its hour is running.
//!
//! TikTok's upload address lives for an hour. Many large files that are due together and share a low limit evenly would all run out of it,
//! so a file waits, by due time, until it and those that have begun can end within theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::attempt::URL_LIFE_MS;
use tokio::sync::Notify;

use super::slots::Place;

/// Of an address's hour, what uploads that have begun may need together: the rest is for a line that is slower than its limit.
const SHARE_OF_THE_HOUR: u64 = 2;

/// The line's berths.
#[derive(Debug)]
pub(super) struct Berths {
    /// Bytes that may be promised at once; `None` without a limit, where nobody waits.
    capacity: Option<u64>,
    known: Mutex<Known>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct Known {
    /// Bytes that each upload under way has still to send.
    under_way: BTreeMap<u64, u64>,
    waiting: BTreeSet<Place>,
}

/// A promise of the line; dropping it lets the next one begin.
#[derive(Debug)]
pub(super) struct Berth {
    of: Arc<Berths>,
    number: u64,
}

impl Berths {
    /// The berths of a line with this limit, bytes per second.
    pub(super) fn new(limit: Option<u64>) -> Self {
        let hour_s = URL_LIFE_MS.unsigned_abs() / 1000;
        let capacity = limit.map(|limit| limit.saturating_mul(hour_s) / SHARE_OF_THE_HOUR);
        Self { capacity, known: Mutex::default(), moved: Notify::new() }
    }

    /// A berth at once, for what has a task already.
    pub(super) fn take(self: &Arc<Self>, bytes: u64) -> Berth {
        self.occupy(&mut self.known(), bytes)
    }

    /// A berth when all that are due earlier have one and the line can carry it. A file that alone is too large for an hour gets the line
    /// to itself: whether it fits is judged elsewhere.
    pub(super) async fn wait(self: &Arc<Self>, place: Place, bytes: u64) -> Berth {
        let in_line = InLine::enter(self, place);
        loop {
            let mut moved = std::pin::pin!(self.moved.notified());
            // Listening begins before looking, so that no move is missed.
            moved.as_mut().enable();
            if let Some(berth) = self.try_occupy(place, bytes) {
                drop(in_line);
                return berth;
            }
            moved.await;
        }
    }

    fn try_occupy(self: &Arc<Self>, place: Place, bytes: u64) -> Option<Berth> {
        let mut known = self.known();
        let promised = known.under_way.values().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
        let fits = self.capacity.is_none_or(|capacity| promised == 0 || promised.saturating_add(bytes) <= capacity);
        let is_first = self.capacity.is_none() || known.waiting.first() == Some(&place);
        (fits && is_first).then(|| self.occupy(&mut known, bytes))
    }

    fn occupy(self: &Arc<Self>, known: &mut Known, bytes: u64) -> Berth {
        let number = known.under_way.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        known.under_way.insert(number, bytes);
        Berth { of: Arc::clone(self), number }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Berth {
    /// So many bytes are still to be sent.
    pub(super) fn left(&self, bytes: u64) {
        if let Some(own) = self.of.known().under_way.get_mut(&self.number) {
            *own = bytes;
        }
        self.of.moved.notify_waiters();
    }
}

impl Drop for Berth {
    fn drop(&mut self) {
        self.of.known().under_way.remove(&self.number);
        self.of.moved.notify_waiters();
    }
}

/// A place among those who wait.
struct InLine<'a> {
    of: &'a Berths,
    place: Place,
}

impl<'a> InLine<'a> {
    fn enter(of: &'a Berths, place: Place) -> Self {
        of.known().waiting.insert(place);
        Self { of, place }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.of.known().waiting.remove(&self.place);
        self.of.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use domain::id::PostId;
    use domain::time::UnixMillis;
    use futures::poll;
    use uuid::Uuid;

    use super::*;

    const MB: u64 = 1_000_000;

    fn place(at: i64) -> Place {
        (UnixMillis::from_millis(at), PostId::from_uuid(Uuid::from_u128(1)))
    }

    macro_rules! waits {
        ($future:expr) => {
            assert!(matches!(poll!($future.as_mut()), Poll::Pending))
        };
    }

    #[tokio::test]
    async fn files_begin_by_due_time_and_only_as_many_as_end_within_the_hour() {
        // 1 MB/s carry 1,800 MB in half of an hour.
        let berths = Arc::new(Berths::new(Some(MB)));
        let first = berths.wait(place(1), 1_000 * MB).await;
        let mut late = Box::pin(berths.wait(place(9), 100 * MB));
        let mut large = Box::pin(berths.wait(place(5), 1_000 * MB));
        waits!(large);
        // It came earlier and would fit; but what is due before it must not be overtaken.
        waits!(late);
        first.left(800 * MB);
        let second = large.await;
        waits!(late);
        drop(first);
        drop(late.await);
        drop(second);
        assert!(berths.known().under_way.is_empty() && berths.known().waiting.is_empty());
    }

    #[tokio::test]
    async fn what_has_begun_never_waits_and_what_fits_no_hour_gets_the_line_alone() {
        let berths = Arc::new(Berths::new(Some(MB)));
        let huge = berths.wait(place(1), 4_000 * MB).await;
        let resumed = berths.take(4_000 * MB);
        let mut small = Box::pin(berths.wait(place(2), 1));
        waits!(small);
        drop(huge);
        waits!(small);
        drop(resumed);
        drop(small.await);
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_stands_in_nobodys_way() {
        let berths = Arc::new(Berths::new(Some(MB)));
        let first = berths.take(1_700 * MB);
        let mut large = Box::pin(berths.wait(place(1), 1_000 * MB));
        let mut small = Box::pin(berths.wait(place(2), 50 * MB));
        waits!(large);
        waits!(small);
        drop(large);
        drop(small.await);
        drop(first);
    }

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        let berths = Arc::new(Berths::new(None));
        let held: Vec<_> = futures::future::join_all((0..50).map(|n| berths.wait(place(n), u64::MAX))).await;
        assert_eq!(held.len(), 50);
    }
}
