//! Attempts and their log: claimed with a lease, changed only by compare-and-set on state and epoch, never read and then written.
//!
//! Must not decide: the next state comes from `domain::attempt::decide`. Every change writes its log line in the same transaction.

mod recovery;
mod row;

use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{Attempt, Kind, is_allowed};
use domain::id::{AttemptId, ConnectionId, PostId};
use domain::time::UnixMillis;

pub use self::ahead::WorkAhead;
pub use self::recovery::Overdue;
use self::row::{ATTEMPT, Cells, Raw, SNAPSHOT, signed};
use crate::column::{Table, instant};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::{Result, StoreError};
use crate::personal::{Owner, Safe};

/// Who holds a row and until when, by the database's clock.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The process generation that holds it.
    pub owner: &'a str,
    /// The database's clock now.
    pub now: UnixMillis,
    /// When it lapses unless renewed.
    pub until: UnixMillis,
}

/// One line of an attempt's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptLogEntry {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// Its epoch after the change.
    pub epoch: i64,
    /// The state before; `None` for the first line.
    pub from: Option<Kind>,
    /// The state after.
    pub to: Kind,
    /// Why.
    pub cause: String,
    /// TikTok's log id, when TikTok caused it.
    pub log_id: Option<String>,
    /// TikTok's clock, when it was told.
    pub remote_date: Option<UnixMillis>,
    /// When.
    pub at: UnixMillis,
}

/// How many rows a claim takes, and whose.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// Rows of one account at most.
    pub per_account: i64,
    /// Rows at most.
    pub limit: i64,
    /// Accounts are served in the order of their ids, beginning after this one; empty begins anew.
    pub after: &'a str,
    /// Accounts that get nothing now, each between commas: `,a,b,`.
    pub not: &'a str,
}

/// What a claim took. A row that this version cannot read is taken too, so that it does not stand in the way of the others.
pub type Claimed = Vec<Result<Attempt>>;

/// What the log of one attempt can hold before it is cut when read.
const LOG_LIMIT: i64 = 1000;
/// Process generations that are read.
const OWNERS_LIMIT: i64 = 1000;
/// Attempts of one post that are read.
const ATTEMPTS_LIMIT: i64 = 200;

macro_rules! columns {
    () => {
        "id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, media_size,
       chunk_size, chunk_count, init_sent_at, publish_id, upload_url_sealed, url_remote_date, acked_bytes, final_intent_at,
       final_acked_at, short_looks, short_look_at, status, status_remote_date, fail_reason, post_ids, log_id, evidence, cause,
       next_at, tries, doubted, created_at, updated_at"
    };
}

// What is read of an attempt: the columns, and the key that what it publishes is sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", connection_key!("attempt.connection_id"))
    };
}

// The partial indexes attempt_free and attempt_turn have exactly this condition.
macro_rules! open_states {
    () => {
        "state NOT IN ('dead', 'published', 'delivered', 'uncertain')"
    };
}

// Published without ids and drafts in the inbox are looked at for a while, uncertain ones when a webhook names them. The
// partial index attempt_watched_turn has exactly this condition.
macro_rules! watched_states {
    () => {
        "state IN ('published', 'delivered', 'uncertain') AND next_at < 253402300799000"
    };
}

// Below the macros, which it uses.
mod ahead;

// Accounts take turns: one row of `account` for each that has such attempts, found by jumping from one to the next in the index,
// and of each only the first due rows. What it costs depends on neither the planned nor the waiting rows of an account.
macro_rules! claim {
    ($states:expr, $free:literal, $lateral:literal, $lock:literal, $alias:literal) => {
        concat!(
            "WITH RECURSIVE account (id) AS (
  SELECT (SELECT connection_id FROM attempt WHERE connection_id > $4 AND ",
            $states,
            " ORDER BY connection_id LIMIT 1)
  UNION ALL
  SELECT (SELECT connection_id FROM attempt WHERE connection_id > account.id AND ",
            $states,
            " ORDER BY connection_id LIMIT 1)
  FROM account
  WHERE account.id IS NOT NULL
),
due (id) AS (
  SELECT chosen.id
  FROM account
  CROSS JOIN ",
            $lateral,
            "(
    SELECT id FROM attempt
    WHERE connection_id = account.id AND next_at <= $3 AND ",
            $free,
            " AND ",
            $states,
            "
    ORDER BY next_at, due_at, post_id
    LIMIT $5",
            $lock,
            ")",
            $alias,
            "
  WHERE account.id IS NOT NULL AND $7 NOT LIKE '%,' || account.id || ',%'
  LIMIT $6
)
UPDATE attempt
SET owner = $1, epoch = epoch + 1, lease_until = $2, next_at = $3
WHERE id IN (SELECT id FROM due)
RETURNING ",
            all_of_it!()
        )
    };
}

const INSERT: &str =
    "INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot,
                     media_sha256, media_size, chunk_size, chunk_count, next_at, created_at, updated_at, owner, lease_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT DO NOTHING";

const ADVANCE: &str = "UPDATE attempt
SET state = $4, epoch = $5, init_sent_at = $6, publish_id = $7, upload_url_sealed = $8, url_remote_date = $9,
    acked_bytes = $10, final_intent_at = $11, final_acked_at = $12, short_looks = $13, short_look_at = $14,
    status = $15, status_remote_date = $16, fail_reason = $17, post_ids = $18, log_id = $19, evidence = $20,
    cause = $21, next_at = $22, tries = $23, updated_at = $24,
    owner = CASE WHEN $25 = 1 THEN owner ELSE NULL END,
    lease_until = CASE WHEN $25 = 1 THEN lease_until ELSE 0 END
WHERE id = $1 AND state = $2 AND epoch = $3";

const CLAIM_SQLITE: &str = claim!(open_states!(), "owner IS NULL", "attempt AS chosen ON chosen.id IN ", "", "");
const CLAIM_POSTGRES: &str =
    claim!(open_states!(), "(owner IS NULL OR lease_until < $8)", "LATERAL ", " FOR UPDATE SKIP LOCKED", " AS chosen");
const CLAIM_WATCHED_SQLITE: &str =
    claim!(watched_states!(), "owner IS NULL", "attempt AS chosen ON chosen.id IN ", "", "");
const CLAIM_WATCHED_POSTGRES: &str = claim!(
    watched_states!(),
    "(owner IS NULL OR lease_until < $8)",
    "LATERAL ",
    " FOR UPDATE SKIP LOCKED",
    " AS chosen"
);

// The simulation shares one SQLite among several nodes.
#[cfg(feature = "simulation")]
const CLAIM_SHARED: &str =
    claim!(open_states!(), "(owner IS NULL OR lease_until < $8)", "attempt AS chosen ON chosen.id IN ", "", "");
#[cfg(feature = "simulation")]
const CLAIM_WATCHED_SHARED: &str =
    claim!(watched_states!(), "(owner IS NULL OR lease_until < $8)", "attempt AS chosen ON chosen.id IN ", "", "");

const CLAIM_ONE_SQLITE: &str = concat!(
    "UPDATE attempt
SET owner = $1, epoch = epoch + 1, lease_until = $2,
    next_at = CASE WHEN next_at = 0 THEN $2 ELSE next_at END
WHERE id = $3 AND state <> 'dead' AND owner IS NULL
RETURNING ",
    all_of_it!()
);

const CLAIM_ONE_POSTGRES: &str = concat!(
    "UPDATE attempt
SET owner = $1, epoch = epoch + 1, lease_until = $2,
    next_at = CASE WHEN next_at = 0 THEN $2 ELSE next_at END
WHERE id = $3 AND state <> 'dead' AND (owner IS NULL OR lease_until < $4)
RETURNING ",
    all_of_it!()
);

const RENEW: &str = "UPDATE attempt
SET lease_until = $4
WHERE id = $1 AND epoch = $2 AND owner = $3";

const RELEASE: &str = "UPDATE attempt
SET owner = NULL, lease_until = 0, next_at = CASE WHEN next_at = 0 THEN 0 ELSE $4 END, tries = $5, short_looks = $6, short_look_at = $7, acked_bytes = $8,
    status = $9, status_remote_date = $10, log_id = $11
WHERE id = $1 AND epoch = $2 AND owner = $3";

const FREE_OTHERS: &str = "UPDATE attempt
SET owner = NULL, lease_until = 0, epoch = epoch + 1
WHERE owner IS NOT NULL AND owner <> $1";

const FREE_OWNER: &str = "UPDATE attempt
SET owner = NULL, lease_until = 0, epoch = epoch + 1
WHERE owner = $1";

const OWNERS: &str = "SELECT DISTINCT owner FROM attempt WHERE owner IS NOT NULL LIMIT $1";

// A row that a worker holds is marked with 0: what the worker asked may be older than the news, so it looks once more after
// its release. The next claim takes the mark away.
const WAKE_PUBLISH_ID: &str = "UPDATE attempt
SET next_at = CASE WHEN owner IS NULL THEN $2 ELSE 0 END
WHERE publish_id = $1 AND state <> 'dead' AND (next_at > $2 OR owner IS NOT NULL)
RETURNING id";

const WAKE_CONNECTION: &str = concat!(
    "UPDATE attempt
SET next_at = CASE WHEN owner IS NULL THEN $2 ELSE 0 END
WHERE connection_id = $1 AND (next_at > $2 OR owner IS NOT NULL) AND ",
    open_states!()
);

const SELECT: &str = concat!("SELECT ", all_of_it!(), " FROM attempt WHERE id = $1");

const LIVE: &str = concat!("SELECT ", all_of_it!(), " FROM attempt WHERE post_id = $1 AND state <> 'dead'");

const OF_POST: &str = concat!("SELECT ", all_of_it!(), " FROM attempt WHERE post_id = $1 ORDER BY ordinal LIMIT $2");

const BY_PUBLISH_ID: &str = concat!("SELECT ", all_of_it!(), " FROM attempt WHERE publish_id = $1");

const LIVE_OF_CONNECTION: &str = "SELECT post_id
FROM attempt
WHERE connection_id = $1 AND state NOT IN ('dead', 'published', 'delivered')
ORDER BY post_id
LIMIT $2";

const LAST_ORDINAL: &str = "SELECT COALESCE(MAX(ordinal), 0) FROM attempt WHERE post_id = $1";

const POST_INITS: &str = "SELECT init_sent_at
FROM attempt
WHERE post_id = $1 AND init_sent_at > $2
ORDER BY init_sent_at
LIMIT $3";

const CONNECTION_INITS: &str = "SELECT init_sent_at
FROM attempt
WHERE connection_id = $1 AND init_sent_at > $2
ORDER BY init_sent_at
LIMIT $3";

const LOG_APPEND: &str =
    "INSERT INTO attempt_log (attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING seq";

const LOG_SELECT: &str = "SELECT attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at
FROM attempt_log
WHERE attempt_id = $1
ORDER BY seq
LIMIT $2";

// One turn per account until the transaction ends; it conflicts with no row lock, so it can take part in no deadlock with one.
const INIT_TURN: &str = "
SELECT CAST(1 AS BIGINT)
FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS turn";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    ADVANCE,
    INIT_TURN @ Postgres,
    CLAIM_SQLITE @ Sqlite,
    CLAIM_POSTGRES @ Postgres,
    CLAIM_WATCHED_SQLITE @ Sqlite,
    CLAIM_WATCHED_POSTGRES @ Postgres,
    CLAIM_ONE_SQLITE @ Sqlite,
    CLAIM_ONE_POSTGRES @ Postgres,
    RENEW,
    RELEASE,
    FREE_OTHERS,
    FREE_OWNER,
    OWNERS,
    WAKE_PUBLISH_ID,
    WAKE_CONNECTION,
    SELECT,
    LIVE,
    OF_POST,
    BY_PUBLISH_ID,
    LIVE_OF_CONNECTION,
    LAST_ORDINAL,
    POST_INITS,
    CONNECTION_INITS,
    LOG_APPEND,
    LOG_SELECT
];

pub(crate) const AHEAD_STATEMENTS: &[Statement] = ahead::STATEMENTS;
pub(crate) const RECOVERY_STATEMENTS: &[Statement] = recovery::STATEMENTS;

/// One whose account's key was destroyed is as good as gone: its row follows in a moment.
fn attempt(raw: Option<Raw>, safe: &Safe) -> Result<Option<Attempt>> {
    raw.map_or(Ok(None), |raw| raw.open(safe))
}

fn in_order(mut rows: Vec<Raw>, safe: &Safe) -> Claimed {
    rows.sort_by(|one, other| one.order().cmp(&other.order()));
    rows.into_iter().filter_map(|raw| raw.open(safe).transpose()).collect()
}

fn instants(rows: Vec<(i64,)>) -> Vec<UnixMillis> {
    rows.into_iter().map(|(at,)| instant(at)).collect()
}

impl Tx {
    /// Writes a new attempt; `false` when the post already has one that is not dead.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_insert(&mut self, it: &Attempt) -> Result<bool> {
        self.attempt_insert_as(it, None).await
    }

    /// As [`Tx::attempt_insert`]; the new row is held from the start, so that it need not be claimed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_insert_held(&mut self, it: &Attempt, lease: Lease<'_>) -> Result<bool> {
        self.attempt_insert_as(it, Some(lease)).await
    }

    async fn attempt_insert_as(&mut self, it: &Attempt, lease: Option<Lease<'_>>) -> Result<bool> {
        let (id, connection) = (it.id.to_string(), it.connection_id.to_string());
        let row = self.row_of(Owner::connection(&connection), ATTEMPT, &id).await?;
        let snapshot = row.write(SNAPSHOT, &ATTEMPT.to_json(SNAPSHOT, &it.snapshot)?)?;
        let changed = execute!(
            tx self,
            INSERT,
            &id,
            it.post_id.to_string(),
            &connection,
            i64::from(it.ordinal),
            it.mode.as_str(),
            it.state.kind().as_str(),
            it.epoch,
            it.due_at.millis(),
            it.revision,
            &snapshot,
            it.plan.sha256(),
            signed("media_size", it.plan.size_bytes())?,
            signed("chunk_size", it.plan.chunk_bytes())?,
            signed("chunk_count", it.plan.count())?,
            it.next_at.millis(),
            it.created_at.millis(),
            it.updated_at.millis(),
            lease.map(|lease| lease.owner),
            lease.map_or(0, |lease| lease.until.millis()),
        )?;
        Ok(changed == 1)
    }

    /// The compare-and-set of every transition: changes the row only while it is in `from` and in `epoch`. `false` means that
    /// somebody else owns it now; the caller must not perform any effect.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] for an edge that the machine does not have.
    pub async fn attempt_advance(&mut self, to: &Attempt, from: Kind, epoch: i64) -> Result<bool> {
        let kind = to.state.kind();
        if !is_allowed(from, kind) {
            return Err(StoreError::Constraint(format!(
                "an attempt never goes from {} to {}",
                from.as_str(),
                kind.as_str()
            )));
        }
        if self.attempt_put(to, from, epoch).await? {
            return Ok(true);
        }
        // The mistake that the comparison is there against: whatever the row is by now, it becomes `to`.
        if mutant::active(Mutant::BlindWrites)
            && let Some(now) = self.attempt(to.id).await?
        {
            return self.attempt_put(to, now.state.kind(), now.epoch).await;
        }
        Ok(false)
    }

    async fn attempt_put(&mut self, to: &Attempt, from: Kind, epoch: i64) -> Result<bool> {
        let cells = Cells::of(to)?;
        let changed = execute!(
            tx self,
            ADVANCE,
            to.id.to_string(),
            from.as_str(),
            epoch,
            cells.state,
            to.epoch,
            cells.init_sent_at,
            cells.publish_id,
            cells.upload_url_sealed,
            cells.url_remote_date,
            cells.acked_bytes,
            cells.final_intent_at,
            cells.final_acked_at,
            cells.short_looks,
            cells.short_look_at,
            to.trace.status.as_deref(),
            cells.status_remote_date,
            to.trace.fail_reason.as_deref(),
            cells.post_ids,
            to.trace.log_id.as_deref(),
            cells.evidence,
            cells.cause,
            to.next_at.millis(),
            i64::from(to.tries),
            to.updated_at.millis(),
            i64::from(to.state.kind().is_open()),
        )?;
        Ok(changed == 1)
    }

    /// Takes open attempts whose time has come by `now`, a few of each account in turn, in the order of their due times.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_claim(&mut self, now: UnixMillis, lease: Lease<'_>, turn: Turn<'_>) -> Result<Claimed> {
        let rows = match self.engine() {
            #[cfg(feature = "simulation")]
            Engine::Sqlite if self.is_shared() => fetch_all!(
                tx self, Raw, CLAIM_SHARED,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not,
                lease.now.millis()
            )?,
            Engine::Sqlite => fetch_all!(
                tx self, Raw, CLAIM_SQLITE,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not
            )?,
            Engine::Postgres => fetch_all!(
                tx self, Raw, CLAIM_POSTGRES,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not,
                lease.now.millis()
            )?,
        };
        Ok(in_order(rows, &self.safe))
    }

    /// As [`Tx::attempt_claim`], for settled attempts whose ids are still looked for and uncertain ones that a webhook named.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_claim_watched(
        &mut self,
        now: UnixMillis,
        lease: Lease<'_>,
        turn: Turn<'_>,
    ) -> Result<Claimed> {
        let rows = match self.engine() {
            #[cfg(feature = "simulation")]
            Engine::Sqlite if self.is_shared() => fetch_all!(
                tx self, Raw, CLAIM_WATCHED_SHARED,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not,
                lease.now.millis()
            )?,
            Engine::Sqlite => fetch_all!(
                tx self, Raw, CLAIM_WATCHED_SQLITE,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not
            )?,
            Engine::Postgres => fetch_all!(
                tx self, Raw, CLAIM_WATCHED_POSTGRES,
                lease.owner, lease.until.millis(), now.millis(), turn.after, turn.per_account, turn.limit, turn.not,
                lease.now.millis()
            )?,
        };
        Ok(in_order(rows, &self.safe))
    }

    /// Takes one attempt whatever its time is, unless it is dead or somebody holds it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_claim_one(&mut self, id: AttemptId, lease: Lease<'_>) -> Result<Option<Attempt>> {
        let id = id.to_string();
        let raw = match self.engine() {
            #[cfg(feature = "simulation")]
            Engine::Sqlite if self.is_shared() => fetch_optional!(
                tx self, Raw, CLAIM_ONE_POSTGRES,
                lease.owner, lease.until.millis(), id, lease.now.millis()
            )?,
            Engine::Sqlite => fetch_optional!(
                tx self, Raw, CLAIM_ONE_SQLITE, lease.owner, lease.until.millis(), id
            )?,
            Engine::Postgres => fetch_optional!(
                tx self, Raw, CLAIM_ONE_POSTGRES,
                lease.owner, lease.until.millis(), id, lease.now.millis()
            )?,
        };
        attempt(raw, &self.safe)
    }

    /// Prolongs a lease; `false` when the row is somebody else's now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_renew(&mut self, id: AttemptId, epoch: i64, lease: Lease<'_>) -> Result<bool> {
        let changed = execute!(tx self, RENEW, id.to_string(), epoch, lease.owner, lease.until.millis())?;
        Ok(changed == 1)
    }

    /// Gives a row back with its counters and hints, to be looked at again at its `next_at`, or at once when it was woken
    /// meanwhile; `false` when it is somebody else's.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_release(&mut self, it: &Attempt, owner: &str) -> Result<bool> {
        let cells = Cells::of(it)?;
        let changed = execute!(
            tx self,
            RELEASE,
            it.id.to_string(),
            it.epoch,
            owner,
            it.next_at.millis(),
            i64::from(it.tries),
            cells.short_looks,
            cells.short_look_at,
            cells.acked_bytes,
            it.trace.status.as_deref(),
            cells.status_remote_date,
            it.trace.log_id.as_deref(),
        )?;
        Ok(changed == 1)
    }

    /// Frees every row that another process generation holds. Only where one process owns the database (SQLite).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_free_others(&mut self, owner: &str) -> Result<u64> {
        execute!(tx self, FREE_OTHERS, owner)
    }

    /// Frees every row of one process generation that is known to be gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_free_owner(&mut self, owner: &str) -> Result<u64> {
        execute!(tx self, FREE_OWNER, owner)
    }

    /// The process generations that hold rows, at most 1000.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_owners(&mut self) -> Result<Vec<String>> {
        let rows = fetch_all!(tx self, (String,), OWNERS, OWNERS_LIMIT)?;
        Ok(rows.into_iter().map(|(owner,)| owner).collect())
    }

    /// Brings the next look at TikTok's task forward to `now`; gives the attempt when there is one that can be looked at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_wake(&mut self, publish_id: &str, now: UnixMillis) -> Result<Option<AttemptId>> {
        let row = fetch_optional!(tx self, (String,), WAKE_PUBLISH_ID, publish_id, now.millis())?;
        row.map(|(id,)| ATTEMPT.parse("id", &id)).transpose()
    }

    /// Brings the next look at every open attempt of an account forward to `now`, for example after it was reconnected.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_wake_connection(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<u64> {
        execute!(tx self, WAKE_CONNECTION, connection.to_string(), now.millis())
    }

    /// One attempt.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt(&mut self, id: AttemptId) -> Result<Option<Attempt>> {
        attempt(fetch_optional!(tx self, Raw, SELECT, id.to_string())?, &self.safe)
    }

    /// The attempt of a post that is not dead.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_live(&mut self, post: PostId) -> Result<Option<Attempt>> {
        attempt(fetch_optional!(tx self, Raw, LIVE, post.to_string())?, &self.safe)
    }

    /// Posts of an account with an attempt that is neither dead nor settled, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_live_of_connection(&mut self, connection: ConnectionId, limit: i64) -> Result<Vec<PostId>> {
        let rows = fetch_all!(tx self, (String,), LIVE_OF_CONNECTION, connection.to_string(), limit)?;
        rows.into_iter().map(|(id,)| ATTEMPT.parse("post_id", &id)).collect()
    }

    /// The highest ordinal among a post's attempts; 0 without any.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_last_ordinal(&mut self, post: PostId) -> Result<u32> {
        let (last,) = fetch_one!(tx self, (i64,), LAST_ORDINAL, post.to_string())?;
        u32::try_from(last).map_err(|_| ATTEMPT.corrupt("ordinal", "not a small count"))
    }

    /// Instants of the inits of one post after `since`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_post_inits(&mut self, post: PostId, since: UnixMillis, limit: i64) -> Result<Vec<UnixMillis>> {
        let rows = fetch_all!(tx self, (i64,), POST_INITS, post.to_string(), since.millis(), limit)?;
        Ok(instants(rows))
    }

    /// Instants of the inits on one account after `since`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_connection_inits(
        &mut self,
        connection: ConnectionId,
        since: UnixMillis,
        limit: i64,
    ) -> Result<Vec<UnixMillis>> {
        let rows = fetch_all!(
            tx self, (i64,), CONNECTION_INITS, connection.to_string(), since.millis(), limit
        )?;
        Ok(instants(rows))
    }

    /// Waits until no other transaction is deciding about an init of this account, so that two cannot both take the last place of
    /// a minute. On SQLite the one writer is turn enough.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_init_turn(&mut self, connection: ConnectionId) -> Result<()> {
        match self.engine() {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => {
                let (_,) = fetch_one!(tx self, (i64,), INIT_TURN, connection.to_string())?;
                Ok(())
            }
        }
    }

    /// Writes one line of the log and gives its number.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_log_append(&mut self, line: &AttemptLogEntry) -> Result<i64> {
        let (seq,) = fetch_one!(
            tx self,
            (i64,),
            LOG_APPEND,
            line.attempt_id.to_string(),
            line.epoch,
            line.from.map(Kind::as_str),
            line.to.as_str(),
            &line.cause,
            line.log_id.as_deref(),
            line.remote_date.map(UnixMillis::millis),
            line.at.millis(),
        )?;
        Ok(seq)
    }
}

row! {
    struct RawLog {
        attempt_id: String,
        epoch: i64,
        from_state: Option<String>,
        to_state: String,
        cause: String,
        log_id: Option<String>,
        remote_date: Option<i64>,
        at: i64,
    }
}

const LOG: Table = Table("attempt_log");

impl TryFrom<RawLog> for AttemptLogEntry {
    type Error = StoreError;

    fn try_from(raw: RawLog) -> Result<Self> {
        Ok(Self {
            attempt_id: LOG.parse("attempt_id", &raw.attempt_id)?,
            epoch: raw.epoch,
            from: raw.from_state.map(|text| LOG.word("from_state", &text, Kind::parse)).transpose()?,
            to: LOG.word("to_state", &raw.to_state, Kind::parse)?,
            cause: raw.cause,
            log_id: raw.log_id,
            remote_date: raw.remote_date.map(instant),
            at: instant(raw.at),
        })
    }
}

impl Store {
    /// One attempt.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        attempt(fetch_optional!(store self, Raw, SELECT, id.to_string())?, &self.safe)
    }

    /// The attempts of a post, first to last, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempts(&self, post: PostId) -> Result<Vec<Attempt>> {
        fetch_all!(store self, Raw, OF_POST, post.to_string(), ATTEMPTS_LIMIT)?
            .into_iter()
            .filter_map(|raw| raw.open(&self.safe).transpose())
            .collect()
    }

    /// The attempt behind TikTok's task.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_by_publish_id(&self, publish_id: &str) -> Result<Option<Attempt>> {
        attempt(fetch_optional!(store self, Raw, BY_PUBLISH_ID, publish_id)?, &self.safe)
    }

    /// The log of an attempt, first to last, at most 1000 lines.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_log(&self, id: AttemptId) -> Result<Vec<AttemptLogEntry>> {
        fetch_all!(store self, RawLog, LOG_SELECT, id.to_string(), LOG_LIMIT)?
            .into_iter()
            .map(AttemptLogEntry::try_from)
            .collect()
    }

    /// As [`Tx::attempt_post_inits`], outside a transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_post_inits(&self, post: PostId, since: UnixMillis, limit: i64) -> Result<Vec<UnixMillis>> {
        Ok(instants(fetch_all!(store self, (i64,), POST_INITS, post.to_string(), since.millis(), limit)?))
    }

    /// As [`Tx::attempt_connection_inits`], outside a transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn attempt_connection_inits(
        &self,
        connection: ConnectionId,
        since: UnixMillis,
        limit: i64,
    ) -> Result<Vec<UnixMillis>> {
        Ok(instants(fetch_all!(store self, (i64,), CONNECTION_INITS, connection.to_string(), since.millis(), limit)?))
    }
}
