//! What waits, and when: the looks by which the engine knows when to wake. Owns no claim and takes nothing.

use domain::attempt::NEVER;
use domain::id::ConnectionId;
use domain::time::UnixMillis;

use crate::column::instant;
use crate::db::{Statement, Store};
use crate::error::Result;

const NEXT_AFTER: &str =
    concat!("SELECT MIN(next_at) FROM attempt WHERE owner IS NULL AND next_at > $1 AND ", open_states!());

const NEXT_WATCHED_AFTER: &str =
    concat!("SELECT MIN(next_at) FROM attempt WHERE owner IS NULL AND next_at > $1 AND ", watched_states!());

// Everything that another process may have left, in one look; each part is the first entry of an index.
const AHEAD: &str = concat!(
    "SELECT (SELECT MIN(next_at) FROM lane WHERE next_at < $1),
       (SELECT MIN(next_at) FROM attempt WHERE owner IS NULL AND ",
    open_states!(),
    "),
       (SELECT MIN(next_at) FROM attempt WHERE owner IS NULL AND ",
    watched_states!(),
    "),
       (SELECT MIN(lease_until) FROM attempt WHERE owner IS NOT NULL)"
);

// Attempts that will take a place among the account's inits soon.
const READY: &str = concat!(
    "SELECT COUNT(*) FROM attempt WHERE connection_id = $1 AND next_at <= $2 AND state = 'ready' AND ",
    open_states!()
);

pub(super) const STATEMENTS: &[Statement] = statements![NEXT_AFTER, NEXT_WATCHED_AFTER, AHEAD, READY];

/// When work that no process or another one holds wants to be looked at; nothing where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkAhead {
    /// The next turn of an account.
    pub lane_at: Option<UnixMillis>,
    /// The next attempt on its way that nobody holds.
    pub open_at: Option<UnixMillis>,
    /// The next settled one that is still looked after and that nobody holds.
    pub watched_at: Option<UnixMillis>,
    /// The first lease that ends unless it is renewed, by the clock of leases.
    pub lease_ends_at: Option<UnixMillis>,
}

impl WorkAhead {
    /// The next attempt that nobody holds.
    #[must_use]
    pub fn attempt_at(&self) -> Option<UnixMillis> {
        [self.open_at, self.watched_at].into_iter().flatten().min()
    }
}

impl Store {
    /// When the next attempt that nobody holds wants to be looked at, among those whose time comes after `after`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_next_after(&self, after: UnixMillis) -> Result<Option<UnixMillis>> {
        let (open,) = fetch_one!(store self, (Option<i64>,), NEXT_AFTER, after.millis())?;
        let (watched,) = fetch_one!(store self, (Option<i64>,), NEXT_WATCHED_AFTER, after.millis())?;
        Ok([open, watched].into_iter().flatten().min().map(instant))
    }

    /// What waits for any process to take it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn work_ahead(&self) -> Result<WorkAhead> {
        type Row = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);
        let (lane, open, watched, lease) = fetch_one!(store self, Row, AHEAD, NEVER.millis())?;
        Ok(WorkAhead {
            lane_at: lane.map(instant),
            open_at: open.map(instant),
            watched_at: watched.map(instant),
            lease_ends_at: lease.map(instant),
        })
    }

    /// How many attempts of an account will send an init by `until`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempts_ready(&self, connection: ConnectionId, until: UnixMillis) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), READY, connection.to_string(), until.millis())?;
        Ok(count)
    }
}
