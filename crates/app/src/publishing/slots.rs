//! Who may talk to TikTok at the same time, and who of an account is first. Owns places in memory only; nothing durable hangs on them.
//!
//! One account gets at most half of the places, so that its long uploads leave some to the others; what is done for a post whose
//! time has come never waits behind work that is done ahead of time, and its release behind nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use domain::id::{ConnectionId, PostId};
use domain::time::UnixMillis;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::pool::{Held, Pool};

/// Last chunks on their way at once, for each place of other work: they are short, and being late is what must not happen.
const URGENT_PER_SLOT: usize = 8;

/// What an effect is for, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// The release of a post that is due within the second.
    Due,
    /// What has to be done before that, of a post whose time has come.
    Overdue,
    /// Everything else.
    Ahead,
}

/// So long before its due time a post's work is overdue, milliseconds.
pub(super) const SOON_MS: i64 = 1000;

/// What bytes are for, those that go first first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bytes {
    /// A picture that TikTok fetches: it is small, and whoever fetches does not wait for ever.
    Picture,
    /// A last chunk, whose post is due.
    Last,
    /// All that may leave before the due time.
    Rest,
}

/// Whose turn it is: the less goes first. What is overdue so goes before what is ahead of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// What the bytes are for.
    pub(super) bytes: Bytes,
    /// When their post is due.
    pub(super) due_at: UnixMillis,
}

/// The places.
#[derive(Debug)]
pub(super) struct Slots {
    urgent: Arc<Semaphore>,
    overdue: Arc<Pool>,
    ahead: Arc<Pool>,
}

/// A taken place; dropping it gives it back.
#[derive(Debug)]
pub(super) enum Slot {
    /// One of those for releases.
    Urgent { _place: OwnedSemaphorePermit },
    /// One of those that are shared.
    Shared { _place: Held },
}

impl Slots {
    pub(super) fn new(slots: usize) -> Self {
        let slots = slots.max(1);
        Self {
            urgent: Arc::new(Semaphore::new(slots.saturating_mul(URGENT_PER_SLOT))),
            overdue: Pool::new(slots),
            ahead: Pool::new(slots),
        }
    }

    /// Waits for a place, behind whoever is due before; `None` when the places are closed for good, which they never are.
    pub(super) async fn take(&self, connection: ConnectionId, urgency: Urgency, due_at: UnixMillis) -> Option<Slot> {
        let pool = match urgency {
            Urgency::Due => {
                let place = Arc::clone(&self.urgent).acquire_owned().await.ok()?;
                return Some(Slot::Urgent { _place: place });
            }
            Urgency::Overdue => &self.overdue,
            Urgency::Ahead => &self.ahead,
        };
        Some(Slot::Shared { _place: pool.take(connection, due_at).await? })
    }
}

/// The order in which an account's posts begin: by due time, then by id.
pub(super) type Place = (UnixMillis, PostId);

#[derive(Debug, Default)]
struct Line {
    places: BTreeSet<Place>,
    moved: Arc<Notify>,
}

/// The posts of each account that are about to ask TikTok for a task.
#[derive(Debug, Default)]
pub(super) struct Lines {
    accounts: Mutex<HashMap<ConnectionId, Line>>,
}

/// A place in an account's line; dropping it lets the next one forward.
#[derive(Debug)]
pub(super) struct Ticket {
    lines: Arc<Lines>,
    connection: ConnectionId,
    place: Place,
}

impl Lines {
    /// Takes a place.
    pub(super) fn enter(self: &Arc<Self>, connection: ConnectionId, place: Place) -> Ticket {
        if let Ok(mut accounts) = self.accounts.lock() {
            accounts.entry(connection).or_default().places.insert(place);
        }
        Ticket { lines: Arc::clone(self), connection, place }
    }

    /// Whether this is the first of its line; if not, what to wait for.
    fn first(&self, connection: ConnectionId, place: Place) -> Option<Arc<Notify>> {
        let accounts = self.accounts.lock().ok()?;
        let line = accounts.get(&connection)?;
        (line.places.first().is_some_and(|first| *first < place)).then(|| Arc::clone(&line.moved))
    }
}

impl Ticket {
    /// Resolves when nobody of this account stands before.
    pub(super) async fn first(&self) {
        while let Some(moved) = self.lines.first(self.connection, self.place) {
            let mut notified = std::pin::pin!(moved.notified());
            // Listening begins before looking again, so that no move is missed.
            notified.as_mut().enable();
            if self.lines.first(self.connection, self.place).is_none() {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Ok(mut accounts) = self.lines.accounts.lock() else { return };
        let Some(line) = accounts.get_mut(&self.connection) else { return };
        line.places.remove(&self.place);
        line.moved.notify_waiters();
        if line.places.is_empty() {
            accounts.remove(&self.connection);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::task::Poll;

    use futures::poll;
    use uuid::Uuid;

    use super::*;

    const NOW: UnixMillis = UnixMillis::from_seconds(1);

    fn account(n: u128) -> ConnectionId {
        ConnectionId::from_uuid(Uuid::from_u128(n))
    }

    fn place(at: i64, n: u128) -> Place {
        (UnixMillis::from_millis(at), PostId::from_uuid(Uuid::from_u128(n)))
    }

    #[tokio::test]
    async fn one_account_never_has_all_places_and_a_due_post_waits_for_none_of_them() {
        let slots = Slots::new(4);
        let one = slots.take(account(1), Urgency::Ahead, NOW).await.unwrap();
        let _two = slots.take(account(1), Urgency::Ahead, NOW).await.unwrap();
        {
            let mut third = std::pin::pin!(slots.take(account(1), Urgency::Ahead, NOW));
            assert!(poll!(third.as_mut()).is_pending(), "half of them is enough");
            let _other = slots.take(account(2), Urgency::Ahead, NOW).await.unwrap();
            let _other = slots.take(account(3), Urgency::Ahead, NOW).await.unwrap();
            let mut fifth = std::pin::pin!(slots.take(account(4), Urgency::Ahead, NOW));
            assert!(poll!(fifth.as_mut()).is_pending(), "all are taken");
            assert!(slots.take(account(1), Urgency::Due, NOW).await.is_some());
            assert!(slots.take(account(1), Urgency::Overdue, NOW).await.is_some(), "nor one whose time has come");
        }
        drop(one);
        assert!(slots.take(account(1), Urgency::Ahead, NOW).await.is_some());
    }

    #[tokio::test]
    async fn posts_of_an_account_begin_in_the_order_of_their_due_times() {
        let lines = Arc::new(Lines::default());
        let later = lines.enter(account(1), place(10, 1));
        let sooner = lines.enter(account(1), place(5, 2));
        let elsewhere = lines.enter(account(2), place(99, 3));
        elsewhere.first().await;
        sooner.first().await;
        let mut waiting = std::pin::pin!(later.first());
        assert!(poll!(waiting.as_mut()).is_pending());
        drop(sooner);
        assert_eq!(poll!(waiting.as_mut()), Poll::Ready(()));
        drop(elsewhere);
        assert_eq!(lines.accounts.lock().unwrap().len(), 1);
    }
}
