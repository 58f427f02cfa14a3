//! TikTok's calls per account and minute, kept from our side so that TikTok never has to say "too many requests".
//!
//! Owns the windows of reads; inits are counted from the database, which survives a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use domain::id::ConnectionId;
use domain::time::UnixMillis;

/// A call that TikTok limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Call {
    /// 20 per minute.
    CreatorInfo,
    /// 30 per minute.
    Status,
}

impl Call {
    const fn per_window(self) -> usize {
        match self {
            Self::CreatorInfo => 20,
            Self::Status => 30,
        }
    }
}

/// Length of a window: a minute and five seconds, because calls arrive later than they are counted, and the first may have been slow
/// where the seventh is quick. Milliseconds.
pub(super) const WINDOW_MS: i64 = 65_000;

/// Inits per window and account.
pub(super) const INITS_PER_WINDOW: usize = 6;

/// Accounts remembered at most; beyond it the idle ones are dropped.
const ACCOUNTS_MAX: usize = 10_000;

/// The windows of one process.
#[derive(Debug, Default)]
pub(super) struct Rates {
    calls: Mutex<HashMap<(ConnectionId, Call), VecDeque<UnixMillis>>>,
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
        let times = calls.entry((connection, call)).or_default();
        while times.front().is_some_and(|at| now.millis_since(*at) >= WINDOW_MS) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= call.per_window() => Err(first.plus_millis(WINDOW_MS)),
            Some(_) | None => {
                times.push_back(now);
                Ok(())
            }
        }
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
    fn the_seventh_init_waits_for_the_first_to_leave_the_window() {
        let six: Vec<_> = (0..6).map(|n| START.plus_seconds(n)).collect();
        let now = START.plus_seconds(10);
        assert_eq!(init_frees_at(&six, now), START.plus_millis(WINDOW_MS));
        assert_eq!(init_frees_at(six.get(1..).unwrap(), now), now);
    }
}
