//! Places of which no account has more than its share, given to whoever is due first. Owns who waits and who has one; what a place is good
//! for is said by `slots`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::ConnectionId;
use domain::time::UnixMillis;
use tokio::sync::oneshot;

/// By due time, then by when they came.
type Turn = (UnixMillis, u64);

/// The places.
#[derive(Debug)]
pub(super) struct Pool {
    per_account: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    came: u64,
    accounts: HashMap<ConnectionId, Account>,
    /// The first who waits of each account that may have another place.
    heads: BTreeSet<(Turn, ConnectionId)>,
}

#[derive(Debug, Default)]
struct Account {
    held: usize,
    waiting: BTreeMap<Turn, oneshot::Sender<Held>>,
    head: Option<Turn>,
}

/// A place; dropping it gives it to the next one.
#[derive(Debug)]
pub(super) struct Held {
    pool: Arc<Pool>,
    connection: ConnectionId,
}

/// Somebody who waits; dropping it takes them out of the line.
struct Waiting<'a> {
    pool: &'a Pool,
    connection: ConnectionId,
    turn: Turn,
}

impl Pool {
    /// So many places, of which an account gets at most half.
    pub(super) fn new(places: usize) -> Arc<Self> {
        let state = State { free: places, came: 0, accounts: HashMap::new(), heads: BTreeSet::new() };
        Arc::new(Self { per_account: (places / 2).max(1), state: Mutex::new(state) })
    }

    /// Waits for a place. `None` never comes: whoever stands in the line gets one in the end.
    pub(super) async fn take(self: &Arc<Self>, connection: ConnectionId, due_at: UnixMillis) -> Option<Held> {
        let (sender, receiver) = oneshot::channel();
        let (turn, unwanted) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.came = state.came.saturating_add(1);
            let turn = (due_at, state.came);
            state.accounts.entry(connection).or_default().waiting.insert(turn, sender);
            state.settle(connection, self.per_account);
            (turn, self.hand_out(&mut state))
        };
        drop(unwanted);
        let _waiting = Waiting { pool: self, connection, turn };
        receiver.await.ok()
    }

    /// Gives what is free to the first in the line. What nobody took any more is handed back, to be dropped outside of the lock.
    fn hand_out(self: &Arc<Self>, state: &mut State) -> Vec<Held> {
        let mut unwanted = Vec::new();
        while state.free > 0 {
            let Some((turn, connection)) = state.heads.first().copied() else { break };
            let Some(account) = state.accounts.get_mut(&connection) else { break };
            let Some(sender) = account.waiting.remove(&turn) else { break };
            account.held = account.held.saturating_add(1);
            state.free = state.free.saturating_sub(1);
            state.settle(connection, self.per_account);
            if let Err(held) = sender.send(Held { pool: Arc::clone(self), connection }) {
                unwanted.push(held);
            }
        }
        unwanted
    }
}

impl State {
    /// Puts an account's first into the line of all, or takes it out, as its share allows; forgets an account that does nothing.
    fn settle(&mut self, connection: ConnectionId, per_account: usize) {
        let Some(account) = self.accounts.get_mut(&connection) else { return };
        let first = account.waiting.keys().next().copied().filter(|_| account.held < per_account);
        if first != account.head {
            if let Some(head) = account.head {
                self.heads.remove(&(head, connection));
            }
            account.head = first;
            self.heads.extend(first.map(|turn| (turn, connection)));
        }
        if account.held == 0 && account.waiting.is_empty() {
            self.accounts.remove(&connection);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let unwanted = {
            let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.free = state.free.saturating_add(1);
            if let Some(account) = state.accounts.get_mut(&self.connection) {
                account.held = account.held.saturating_sub(1);
            }
            state.settle(self.connection, self.pool.per_account);
            self.pool.hand_out(&mut state)
        };
        drop(unwanted);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = state.accounts.get_mut(&self.connection)
            && account.waiting.remove(&self.turn).is_some()
        {
            state.settle(self.connection, self.pool.per_account);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::pin::pin;
    use std::task::Poll;

    use futures::poll;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn account(n: u128) -> ConnectionId {
        ConnectionId::from_uuid(Uuid::from_u128(n))
    }

    fn due(ms: i64) -> UnixMillis {
        UnixMillis::from_millis(ms)
    }

    fn is_empty(pool: &Pool) -> bool {
        let state = pool.state.lock().unwrap();
        state.accounts.is_empty() && state.heads.is_empty()
    }

    #[tokio::test]
    async fn whoever_is_due_first_is_next_whenever_they_came() {
        let pool = Pool::new(2);
        let (first, second) =
            (pool.take(account(1), due(0)).await.unwrap(), pool.take(account(2), due(0)).await.unwrap());
        let (mut late, mut soon) = (pin!(pool.take(account(3), due(90))), pin!(pool.take(account(4), due(10))));
        assert!(poll!(late.as_mut()).is_pending() && poll!(soon.as_mut()).is_pending());
        drop(first);
        assert!(poll!(late.as_mut()).is_pending(), "came first and is due later");
        let Poll::Ready(Some(soon)) = poll!(soon.as_mut()) else { panic!("due first") };
        drop(second);
        assert!(poll!(late.as_mut()).is_ready());
        drop(soon);
    }

    #[tokio::test]
    async fn an_account_that_has_its_share_lets_others_by() {
        let pool = Pool::new(4);
        let mine = (pool.take(account(1), due(1)).await.unwrap(), pool.take(account(1), due(2)).await.unwrap());
        let mut third = pin!(pool.take(account(1), due(3)));
        assert!(poll!(third.as_mut()).is_pending(), "half of them is enough");
        let other = pool.take(account(2), due(99)).await.unwrap();
        drop(mine.0);
        assert!(poll!(third.as_mut()).is_ready());
        drop((mine.1, other));
    }

    #[tokio::test]
    async fn whoever_gives_up_gives_the_place_back_also_when_it_was_just_given() {
        let pool = Pool::new(1);
        let held = pool.take(account(1), due(0)).await.unwrap();
        {
            let mut gone = Box::pin(pool.take(account(2), due(1)));
            assert!(poll!(gone.as_mut()).is_pending());
            // Given, and never looked at.
            drop(held);
        }
        let next = pool.take(account(3), due(2)).await.unwrap();
        {
            let mut gone = Box::pin(pool.take(account(4), due(3)));
            assert!(poll!(gone.as_mut()).is_pending());
        }
        drop(next);
        assert!(pool.take(account(5), due(4)).await.is_some());
        assert!(is_empty(&pool), "whoever does nothing is forgotten");
    }

    proptest! {
        /// However they come, wait, give up and end: never more than the places, never more than a share, and in the end all are free.
        #[test]
        fn places_are_neither_lost_nor_given_twice(steps in prop::collection::vec((0_u128..4, 0_i64..20, any::<bool>()), 1..60)) {
            let pool = Pool::new(4);
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            let mut waiting = Vec::new();
            let mut held: Vec<(u128, Held)> = Vec::new();
            for (who, at, ends) in steps {
                if ends && !held.is_empty() {
                    drop(held.remove(usize::try_from(at).unwrap() % held.len()));
                } else if ends && !waiting.is_empty() {
                    drop(waiting.remove(usize::try_from(at).unwrap() % waiting.len()));
                } else {
                    let pool = Arc::clone(&pool);
                    waiting.push((who, Box::pin(async move { pool.take(account(who), due(at)).await })));
                }
                waiting.retain_mut(|(who, future)| match future.as_mut().poll(&mut context) {
                    Poll::Ready(place) => { held.push((*who, place.unwrap())); false }
                    Poll::Pending => true,
                });
                prop_assert!(held.len() <= 4);
                for who in 0..4 {
                    prop_assert!(held.iter().filter(|(of, _)| *of == who).count() <= 2);
                    let could = held.len() < 4 && held.iter().filter(|(of, _)| *of == who).count() < 2;
                    prop_assert!(!could || waiting.iter().all(|(of, _)| *of != who), "nobody waits for a free place");
                }
            }
            drop(waiting);
            drop(held);
            prop_assert!(is_empty(&pool));
            prop_assert_eq!(pool.state.lock().unwrap().free, 4);
        }
    }
}
