//! TikTok's calls per account and minute, kept from our side so that TikTok never has to say "too many requests".
//!
//! Owns the windows of reads; inits are counted from the database, which survives a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use domain::id::ConnectionId;
use domain::time::UnixMillis;
use domain::timetable::{INITS_PER_WINDOW, WINDOW_MS};

/// A call that TikTok limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Call {
    /// 20 per minute.
    CreatorInfo,
    /// 30 per minute.
    Status,
    /// Of those 30, as many as are left when some are kept for posts that are about to go out.
    Poll,
}

/// Calls that TikTok counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    CreatorInfo,
    Status,
}

impl Call {
    const fn per_window(self) -> usize {
        match self {
            Self::CreatorInfo => 20,
            Self::Status => 30,
            Self::Poll => 24,
        }
    }

    const fn counted(self) -> Counted {
        match self {
            Self::CreatorInfo => Counted::CreatorInfo,
            Self::Status | Self::Poll => Counted::Status,
        }
    }
}

/// The longest wait of a single attempt after "too many requests" and a little more, milliseconds.
const REST_MS: i64 = 95_000;

/// Accounts remembered at most; beyond it the idle ones are dropped.
const ACCOUNTS_MAX: usize = 10_000;

/// The windows of one process.
#[derive(Debug, Default)]
pub(super) struct Rates {
    calls: Mutex<HashMap<(ConnectionId, Counted), VecDeque<UnixMillis>>>,
    /// Accounts for which TikTok asked for a pause, and until when nothing is begun for them.
    resting: Mutex<HashMap<ConnectionId, UnixMillis>>,
}

impl Rates {
    /// Counts one call now, or says when there is room for it.
    pub(super) fn take(&self, connection: ConnectionId, call: Call, now: UnixMillis) -> Result<(), UnixMillis> {
        let Ok(mut calls) = self.calls.lock() else {
            return Ok(());
        };
        if calls.len() >= ACCOUNTS_MAX {
            calls.retain(|_, times| times.back().is_some_and(|at| now.millis_since(*at) < WINDOW_MS));
        }
        let times = calls.entry((connection, call.counted())).or_default();
        while times.front().is_some_and(|at| now.millis_since(*at) >= WINDOW_MS) {
            times.pop_front();
        }
        // When enough of the oldest have left the window for one more of this kind.
        let too_many = times.len().checked_sub(call.per_window());
        match too_many.and_then(|index| times.get(index)) {
            Some(at) => Err(at.plus_millis(WINDOW_MS)),
            None => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    /// TikTok said "too many requests": the whole account rests, so that its posts keep their order.
    pub(super) fn rest(&self, connection: ConnectionId, now: UnixMillis) {
        if let Ok(mut resting) = self.resting.lock() {
            resting.retain(|_, until| *until > now);
            resting.insert(connection, now.plus_millis(REST_MS));
        }
    }

    /// Until when an account rests, when it does.
    pub(super) fn rests_until(&self, connection: ConnectionId, now: UnixMillis) -> Option<UnixMillis> {
        self.resting.lock().ok()?.get(&connection).copied().filter(|until| *until > now)
    }
}

/// When an account may init again, given its inits of the last window, oldest first.
pub(super) fn init_frees_at(inits: &[UnixMillis], now: UnixMillis) -> UnixMillis {
    let recent: Vec<_> = inits.iter().filter(|at| now.millis_since(**at) < WINDOW_MS).collect();
    let over = recent.len().checked_sub(INITS_PER_WINDOW);
    match over.and_then(|index| recent.get(index)) {
        Some(at) => at.plus_millis(WINDOW_MS),
        None => now,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;

    const START: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);

    #[test]
    fn the_31st_status_call_of_a_minute_is_told_when_to_come_back() {
        let rates = Rates::default();
        let account = ConnectionId::from_uuid(Uuid::from_u128(1));
        for n in 0..30 {
            assert_eq!(rates.take(account, Call::Status, START.plus_millis(n)), Ok(()));
        }
        let full = rates.take(account, Call::Status, START.plus_seconds(30));
        assert_eq!(full, Err(START.plus_millis(WINDOW_MS)));
        let other = ConnectionId::from_uuid(Uuid::from_u128(2));
        assert_eq!(rates.take(other, Call::Status, START.plus_seconds(30)), Ok(()));
        assert_eq!(rates.take(account, Call::Status, START.plus_millis(WINDOW_MS)), Ok(()));
    }

    #[test]
    fn polls_leave_some_status_calls_for_posts_that_are_about_to_go_out() {
        let rates = Rates::default();
        let account = ConnectionId::from_uuid(Uuid::from_u128(1));
        for n in 0..24 {
            assert_eq!(rates.take(account, Call::Poll, START.plus_millis(n)), Ok(()));
        }
        assert_eq!(rates.take(account, Call::Poll, START.plus_seconds(1)), Err(START.plus_millis(WINDOW_MS)));
        for n in 0..6 {
            assert_eq!(rates.take(account, Call::Status, START.plus_seconds(2 + n)), Ok(()));
        }
        let full = rates.take(account, Call::Status, START.plus_seconds(9));
        assert_eq!(full, Err(START.plus_millis(WINDOW_MS)));
        let enough_left = rates.take(account, Call::Poll, START.plus_seconds(10));
        assert_eq!(enough_left, Err(START.plus_millis(WINDOW_MS + 6)), "seven have to leave first");
    }

    #[test]
    fn an_account_rests_after_too_many_requests_and_the_others_do_not() {
        let rates = Rates::default();
        let account = ConnectionId::from_uuid(Uuid::from_u128(1));
        rates.rest(account, START);
        assert_eq!(rates.rests_until(account, START.plus_seconds(60)), Some(START.plus_millis(REST_MS)));
        assert_eq!(rates.rests_until(account, START.plus_millis(REST_MS)), None);
        assert_eq!(rates.rests_until(ConnectionId::from_uuid(Uuid::from_u128(2)), START), None);
    }

    #[test]
    fn the_seventh_init_waits_for_the_first_to_leave_the_window() {
        let six: Vec<_> = (0..6).map(|n| START.plus_seconds(n)).collect();
        let now = START.plus_seconds(10);
        assert_eq!(init_frees_at(&six, now), START.plus_millis(WINDOW_MS));
        assert_eq!(init_frees_at(six.get(1..).unwrap(), now), now);
    }
}
