//! What the engine asks and writes when the database may be behind what really happened. Must not decide what that means.

use domain::id::{AttemptId, ConnectionId, PostId};
use domain::time::UnixMillis;

use super::row::ATTEMPT;
use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;

/// How many scheduled posts are overdue, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// Posts.
    pub count: i64,
    /// The longest overdue one's time.
    pub since: Option<UnixMillis>,
}

// Fences every worker off: nobody may go on with what it read before. Rows are looked at again from $1.
const DOUBT_OPEN: &str = "UPDATE attempt
SET doubted = 1, epoch = epoch + 1, owner = NULL, lease_until = 0, next_at = CASE WHEN next_at < $1 THEN $1 ELSE next_at END
WHERE doubted = 0 AND state NOT IN ('dead', 'published', 'delivered')";

const DOUBTED: &str = "SELECT COUNT(*)
FROM attempt
WHERE doubted = 1 AND state NOT IN ('dead', 'published', 'delivered')";

const DOUBT_ONE: &str = "UPDATE attempt SET doubted = 1 WHERE id = $1";

const EARLY_OVERDUE: &str = "SELECT id
FROM attempt
WHERE due_at <= $1 AND state IN ('ready', 'init_sent', 'init_acked', 'uploading')
ORDER BY due_at
LIMIT $2";

const WAKE_ALL: &str = "UPDATE attempt
SET next_at = $1
WHERE owner IS NULL AND next_at > $1 AND state NOT IN ('dead', 'published', 'delivered', 'uncertain')";

// What was numbered last counts even when its rows are gone.
const LAST_SEQ_SQLITE: &str = "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'attempt_log'";
const LAST_SEQ_POSTGRES: &str = "
SELECT COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence('attempt_log', 'seq') AS regclass)), 0)";

// The cluster and the branch of its history: a promoted standby or a restored backup goes on under another one.
const CLUSTER: &str =
    "SELECT CAST(system_identifier AS TEXT) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
FROM pg_control_system()";

// What rests by its person's wish says nothing about how long the service stood still.
const OVERDUE: &str = "SELECT COUNT(*), MIN(due_at)
FROM post
WHERE state = 'scheduled' AND due_at <= $1
  AND NOT EXISTS (SELECT 1 FROM rhythm WHERE rhythm.connection_id = post.connection_id AND rhythm.paused_at IS NOT NULL)";
const OVERDUE_IDS: &str = "SELECT id FROM post WHERE state = 'scheduled' AND due_at <= $1 ORDER BY due_at, id LIMIT $2";

// When the account's latest late post went, or will go: one that was begun more than $3 ms after its time.
const LATE_TURN: &str = "SELECT MAX(CASE WHEN state = 'ready' THEN next_at ELSE COALESCE(init_sent_at, created_at) END)
FROM attempt
WHERE connection_id = $1 AND created_at >= $2 AND created_at > due_at + $3";

pub(super) const STATEMENTS: &[Statement] = statements![
    DOUBT_OPEN,
    DOUBTED,
    DOUBT_ONE,
    EARLY_OVERDUE,
    WAKE_ALL,
    LAST_SEQ_SQLITE @ Sqlite,
    LAST_SEQ_POSTGRES @ Postgres,
    CLUSTER @ Postgres,
    OVERDUE,
    OVERDUE_IDS,
    LATE_TURN,
];

impl Tx {
    /// Marks every attempt that has not settled as doubted and fences its worker off; it is looked at again from `from` on. Gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_doubt_open(&mut self, from: UnixMillis) -> Result<u64> {
        execute!(tx self, DOUBT_OPEN, from.millis())
    }

    /// Marks one attempt as doubted.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_doubt(&mut self, id: AttemptId) -> Result<()> {
        execute!(tx self, DOUBT_ONE, id.to_string())?;
        Ok(())
    }

    /// Brings the next look at every open attempt that nobody holds forward to `now`: their waits were counted by a wrong clock.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_wake_all(&mut self, now: UnixMillis) -> Result<u64> {
        execute!(tx self, WAKE_ALL, now.millis())
    }

    /// The cluster that answers and the branch of its history; `None` on SQLite.
    ///
    /// # Errors
    /// See [`crate::StoreError`]; also when the database does not let its user ask.
    pub async fn cluster(&mut self) -> Result<Option<String>> {
        match self.engine() {
            Engine::Sqlite => Ok(None),
            Engine::Postgres => {
                let (name,) = fetch_one!(tx self, (String,), CLUSTER)?;
                Ok(Some(name))
            }
        }
    }

    /// When the account's latest late post went or will go, among attempts made since `since`; a post counts as late when its attempt
    /// was made more than `late_ms` after its time.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_late_turn(
        &mut self,
        connection: ConnectionId,
        since: UnixMillis,
        late_ms: i64,
    ) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(tx self, (Option<i64>,), LATE_TURN, connection.to_string(), since.millis(), late_ms)?;
        Ok(instant_opt(at))
    }
}

impl Store {
    /// The number of the latest line of the attempt log, also when that line is gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempt_last_seq(&self) -> Result<i64> {
        let (seq,) = match self.engine() {
            Engine::Sqlite => fetch_one!(store self, (i64,), LAST_SEQ_SQLITE)?,
            Engine::Postgres => fetch_one!(store self, (i64,), LAST_SEQ_POSTGRES)?,
        };
        Ok(seq)
    }

    /// Attempts about which commits may have been lost and that have not settled.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempts_doubted(&self) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), DOUBTED)?;
        Ok(count)
    }

    /// Attempts before their last chunk whose time has come by `now`, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn attempts_early_overdue(&self, now: UnixMillis, limit: i64) -> Result<Vec<AttemptId>> {
        let rows = fetch_all!(store self, (String,), EARLY_OVERDUE, now.millis(), limit)?;
        rows.into_iter().map(|(id,)| ATTEMPT.parse("id", &id)).collect()
    }

    /// Scheduled posts of all workspaces whose time was at or before `until`, but for accounts that rest.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_overdue(&self, until: UnixMillis) -> Result<Overdue> {
        let (count, since) = fetch_one!(store self, (i64, Option<i64>), OVERDUE, until.millis())?;
        Ok(Overdue { count, since: since.map(instant) })
    }

    /// Scheduled posts overdue at `until`, of accounts that rest too, longest overdue first, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_overdue_ids(&self, until: UnixMillis, limit: i64) -> Result<Vec<PostId>> {
        let rows = fetch_all!(store self, (String,), OVERDUE_IDS, until.millis(), limit)?;
        rows.into_iter().map(|(id,)| Table("post").parse("id", &id)).collect()
    }
}
