//! Wishes to be erased, and legal holds that stop them. Owns their rows; what is deleted when is decided elsewhere.

use domain::id::{ErasureId, HoldId, WorkspaceId};
use domain::privacy::erasure::{Door, Evidence, Revoked, State, Unit};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("erasure");

/// Wishes shown or worked on in one go.
const LIST_LIMIT: i64 = 200;

/// One wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Handle.
    pub id: ErasureId,
    /// SHA-256 of the secret in the receipt's address.
    pub receipt_hash: String,
    /// What is erased as one.
    pub unit: Unit,
    /// The id of the connection or person.
    pub subject_id: String,
    /// The workspace it was asked in.
    pub workspace_id: WorkspaceId,
    /// How the wish reached us.
    pub door: Door,
    /// How far it is.
    pub state: State,
    /// What TikTok said to the end of the grant.
    pub revoked: Revoked,
    /// When it was asked for.
    pub requested_at: UnixMillis,
    /// From here on it cannot be taken back.
    pub begins_at: UnixMillis,
    /// The policy's promise.
    pub deadline_at: UnixMillis,
    /// When everything was gone, or the wish was taken back.
    pub finished_at: Option<UnixMillis>,
    /// What was erased so far.
    pub evidence: Evidence,
    /// When it is looked at again.
    pub next_at: UnixMillis,
    /// A keyed hash of a person's account at TikTok, by which they find the receipt when they come back; `None` for a connection.
    pub account_mark: Option<String>,
}

/// A legal duty to keep something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Handle.
    pub id: HoldId,
    /// What kind of thing.
    pub unit: Unit,
    /// Its id.
    pub subject_id: String,
    /// Why, in the operator's words: a file number, never content.
    pub reason: String,
    /// When it was placed.
    pub placed_at: UnixMillis,
    /// When it ends by itself.
    pub expires_at: UnixMillis,
    /// When the operator ended it.
    pub released_at: Option<UnixMillis>,
    /// Why the people it concerns are not told of it; `None` when they are.
    pub untold: Option<String>,
}

macro_rules! columns {
    () => {
        "id, receipt_hash, unit, subject_id, workspace_id, door, state, revoked, requested_at, begins_at, deadline_at, \
         finished_at, evidence, next_at, account_mark"
    };
}

macro_rules! hold_columns {
    () => {
        "id, unit, subject_id, reason, placed_at, expires_at, released_at, untold"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO erasure (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
);
const UPDATE: &str = "
UPDATE erasure
SET state = $3, revoked = $4, begins_at = $5, finished_at = $6, evidence = $7, next_at = $8
WHERE id = $1
  AND state = $2";
const SET_REVOKED: &str = "
UPDATE erasure SET revoked = $2 WHERE unit = 'connection' AND subject_id = $1 AND revoked = 'pending'";
// A person's receipt waits for the last of their accounts.
const SET_REVOKED_PERSON: &str = "
UPDATE erasure SET revoked = $2
WHERE unit = 'person'
  AND revoked = 'pending'
  AND workspace_id = (SELECT workspace_id FROM erasure WHERE unit = 'connection' AND subject_id = $1 ORDER BY requested_at DESC LIMIT 1)
  AND NOT EXISTS (
    SELECT 1 FROM erasure other
    WHERE other.unit = 'connection' AND other.workspace_id = erasure.workspace_id AND other.revoked = 'pending')";
const RELEASE_HELD: &str = "UPDATE erasure SET next_at = $1 WHERE state = 'held'";
const PURGE_HOLDS: &str = "
DELETE FROM hold
WHERE id IN (SELECT id FROM hold WHERE expires_at < $1 OR released_at < $1 ORDER BY id LIMIT $2)";
const SELECT_BY_RECEIPT: &str = concat!("SELECT ", columns!(), " FROM erasure WHERE receipt_hash = $1");
const SELECT_BY_ACCOUNT: &str =
    concat!("SELECT ", columns!(), " FROM erasure WHERE account_mark = $1 ORDER BY requested_at DESC, id LIMIT $2");
const SELECT_ANY: &str = concat!("SELECT ", columns!(), " FROM erasure WHERE id = $1");
const SELECT_OPEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM erasure WHERE unit = $1 AND subject_id = $2 AND state IN ('waiting', 'running', 'held')"
);
// Whoever reads a wish to write it holds it, as on SQLite every writing transaction does.
const SELECT_ANY_LOCKED: &str = concat!("SELECT ", columns!(), " FROM erasure WHERE id = $1 FOR UPDATE");
const SELECT_OPEN_LOCKED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM erasure WHERE unit = $1 AND subject_id = $2 AND state IN ('waiting', 'running', 'held') FOR UPDATE"
);
// People before accounts ('person' > 'connection'): who leaves has a wish for each of their accounts, too, and their own receipt is to
// tell of everything, also when the process died between two portions and both are due again.
const SELECT_DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM erasure WHERE next_at <= $1 AND state IN ('waiting', 'running', 'held') ORDER BY unit DESC, next_at LIMIT $2"
);
const SELECT_ALL_OPEN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM erasure WHERE state IN ('waiting', 'running', 'held') ORDER BY requested_at LIMIT $1"
);
const SELECT_OF_WORKSPACE: &str =
    concat!("SELECT ", columns!(), " FROM erasure WHERE workspace_id = $1 ORDER BY requested_at DESC, id LIMIT $2");
const NEXT: &str = "SELECT MIN(next_at) FROM erasure WHERE state IN ('waiting', 'running', 'held')";
const PURGE: &str = "
DELETE FROM erasure
WHERE id IN (
  SELECT id FROM erasure WHERE state IN ('done', 'undone') AND deadline_at <= $1 ORDER BY deadline_at LIMIT $2)";
// A line that leads to a receipt goes with it.
const PURGE_LINES: &str = "
DELETE FROM notice
WHERE kind IN ('erasure_begun', 'erased_before')
  AND NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.id = notice.subject)";

const HOLD_INSERT: &str = concat!("INSERT INTO hold (", hold_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
const HOLD_RELEASE: &str = "UPDATE hold SET released_at = $2 WHERE id = $1 AND released_at IS NULL";
const HOLD_ACTIVE: &str = concat!(
    "SELECT ",
    hold_columns!(),
    " FROM hold WHERE subject_id = $1 AND released_at IS NULL AND expires_at > $2 ORDER BY expires_at DESC LIMIT 1"
);
// On a person of the workspace or on an account of it: each keeps everything there.
const HOLDS_TOLD: &str = concat!(
    "SELECT ",
    hold_columns!(),
    " FROM hold
WHERE released_at IS NULL
  AND expires_at > $2
  AND untold IS NULL
  AND (subject_id IN (SELECT user_id FROM member WHERE workspace_id = $1)
    OR subject_id IN (SELECT id FROM connection WHERE workspace_id = $1))
ORDER BY expires_at DESC, id
LIMIT $3"
);
const HOLDS: &str = concat!("SELECT ", hold_columns!(), " FROM hold ORDER BY placed_at DESC LIMIT $1");

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    UPDATE,
    SET_REVOKED,
    SET_REVOKED_PERSON,
    RELEASE_HELD,
    PURGE_HOLDS,
    SELECT_ANY_LOCKED @ Postgres,
    SELECT_OPEN_LOCKED @ Postgres,
    SELECT_BY_RECEIPT,
    SELECT_BY_ACCOUNT,
    SELECT_ANY,
    SELECT_OPEN,
    SELECT_DUE,
    SELECT_ALL_OPEN,
    SELECT_OF_WORKSPACE,
    NEXT,
    PURGE,
    PURGE_LINES,
    HOLD_INSERT,
    HOLD_RELEASE,
    HOLD_ACTIVE,
    HOLDS_TOLD,
    HOLDS,
];

row! {
    struct Raw {
        id: String,
        receipt_hash: String,
        unit: String,
        subject_id: String,
        workspace_id: String,
        door: String,
        state: String,
        revoked: String,
        requested_at: i64,
        begins_at: i64,
        deadline_at: i64,
        finished_at: Option<i64>,
        evidence: String,
        next_at: i64,
        account_mark: Option<String>,
    }
}

impl TryFrom<Raw> for Erasure {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: TABLE.parse("id", &raw.id)?,
            receipt_hash: raw.receipt_hash,
            unit: TABLE.word("unit", &raw.unit, Unit::parse)?,
            subject_id: raw.subject_id,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            door: TABLE.word("door", &raw.door, Door::parse)?,
            state: TABLE.word("state", &raw.state, State::parse)?,
            revoked: TABLE.word("revoked", &raw.revoked, Revoked::parse)?,
            requested_at: instant(raw.requested_at),
            begins_at: instant(raw.begins_at),
            deadline_at: instant(raw.deadline_at),
            finished_at: instant_opt(raw.finished_at),
            evidence: TABLE.json("evidence", &raw.evidence)?,
            next_at: instant(raw.next_at),
            account_mark: raw.account_mark,
        })
    }
}

row! {
    struct RawHold {
        id: String,
        unit: String,
        subject_id: String,
        reason: String,
        placed_at: i64,
        expires_at: i64,
        released_at: Option<i64>,
        untold: Option<String>,
    }
}

impl TryFrom<RawHold> for Hold {
    type Error = StoreError;

    fn try_from(raw: RawHold) -> Result<Self> {
        let table = Table("hold");
        Ok(Self {
            id: table.parse("id", &raw.id)?,
            unit: table.word("unit", &raw.unit, Unit::parse)?,
            subject_id: raw.subject_id,
            reason: raw.reason,
            placed_at: instant(raw.placed_at),
            expires_at: instant(raw.expires_at),
            released_at: instant_opt(raw.released_at),
            untold: raw.untold,
        })
    }
}

fn all(rows: Vec<Raw>) -> Result<Vec<Erasure>> {
    rows.into_iter().map(Erasure::try_from).collect()
}

impl Store {
    /// The wish that a receipt belongs to.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_by_receipt(&self, receipt_hash: &str) -> Result<Option<Erasure>> {
        fetch_optional!(store self, Raw, SELECT_BY_RECEIPT, receipt_hash)?.map(Erasure::try_from).transpose()
    }

    /// The open wish about something, if there is one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_open(&self, unit: Unit, subject: &str) -> Result<Option<Erasure>> {
        fetch_optional!(store self, Raw, SELECT_OPEN, unit.as_str(), subject)?.map(Erasure::try_from).transpose()
    }

    /// Open wishes that want to be looked at by `now`, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_due(&self, now: UnixMillis) -> Result<Vec<Erasure>> {
        all(fetch_all!(store self, Raw, SELECT_DUE, now.millis(), LIST_LIMIT)?)
    }

    /// Everything open, oldest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_open(&self) -> Result<Vec<Erasure>> {
        all(fetch_all!(store self, Raw, SELECT_ALL_OPEN, LIST_LIMIT)?)
    }

    /// The wishes of a workspace, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_of(&self, workspace: WorkspaceId) -> Result<Vec<Erasure>> {
        all(fetch_all!(store self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?)
    }

    /// When the next open wish wants to be looked at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_next(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT)?;
        Ok(instant_opt(at))
    }

    /// The wishes of a person whose account has this mark, newest first, at most 200, whichever workspace they were asked in.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_by_account(&self, mark: &str) -> Result<Vec<Erasure>> {
        all(fetch_all!(store self, Raw, SELECT_BY_ACCOUNT, mark, LIST_LIMIT)?)
    }

    /// Holds in force on people and accounts of a workspace that these people may know of, the longest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn holds_told(&self, workspace: WorkspaceId, now: UnixMillis) -> Result<Vec<Hold>> {
        fetch_all!(store self, RawHold, HOLDS_TOLD, workspace.to_string(), now.millis(), LIST_LIMIT)?
            .into_iter()
            .map(Hold::try_from)
            .collect()
    }

    /// Legal holds, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        fetch_all!(store self, RawHold, HOLDS, LIST_LIMIT)?.into_iter().map(Hold::try_from).collect()
    }
}

impl Tx {
    /// Adds a wish.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the same thing is to be erased already.
    pub async fn erasure_insert(&mut self, it: &Erasure) -> Result<()> {
        if self.erasure_open(it.unit, &it.subject_id).await?.is_some() {
            return Err(StoreError::Conflict("erasure"));
        }
        let evidence = TABLE.to_json("evidence", &it.evidence)?;
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            &it.receipt_hash,
            it.unit.as_str(),
            &it.subject_id,
            it.workspace_id.to_string(),
            it.door.as_str(),
            it.state.as_str(),
            it.revoked.as_str(),
            it.requested_at.millis(),
            it.begins_at.millis(),
            it.deadline_at.millis(),
            it.finished_at.map(UnixMillis::millis),
            evidence.as_str(),
            it.next_at.millis(),
            it.account_mark.as_deref(),
        )?;
        Ok(())
    }

    /// Writes how far a wish is; false when its state is not `before` any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_update(&mut self, it: &Erasure, before: State) -> Result<bool> {
        let evidence = TABLE.to_json("evidence", &it.evidence)?;
        let changed = execute!(
            tx self, UPDATE,
            it.id.to_string(),
            before.as_str(),
            it.state.as_str(),
            it.revoked.as_str(),
            it.begins_at.millis(),
            it.finished_at.map(UnixMillis::millis),
            evidence.as_str(),
            it.next_at.millis(),
        )?;
        Ok(changed == 1)
    }

    /// Notes TikTok's word on the wish about a connection that still waits for it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_set_revoked(&mut self, connection: &str, revoked: Revoked) -> Result<()> {
        execute!(tx self, SET_REVOKED, connection, revoked.as_str())?;
        execute!(tx self, SET_REVOKED_PERSON, connection, revoked.as_str())?;
        Ok(())
    }

    /// A wish as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure(&mut self, id: ErasureId) -> Result<Option<Erasure>> {
        let row = match self.engine() {
            Engine::Sqlite => fetch_optional!(tx self, Raw, SELECT_ANY, id.to_string())?,
            Engine::Postgres => fetch_optional!(tx self, Raw, SELECT_ANY_LOCKED, id.to_string())?,
        };
        row.map(Erasure::try_from).transpose()
    }

    /// The wishes of a person whose account has this mark, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_by_account(&mut self, mark: &str) -> Result<Vec<Erasure>> {
        all(fetch_all!(tx self, Raw, SELECT_BY_ACCOUNT, mark, LIST_LIMIT)?)
    }

    /// The open wish about something, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasure_open(&mut self, unit: Unit, subject: &str) -> Result<Option<Erasure>> {
        let row = match self.engine() {
            Engine::Sqlite => fetch_optional!(tx self, Raw, SELECT_OPEN, unit.as_str(), subject)?,
            Engine::Postgres => fetch_optional!(tx self, Raw, SELECT_OPEN_LOCKED, unit.as_str(), subject)?,
        };
        row.map(Erasure::try_from).transpose()
    }

    /// Removes receipts whose 30 days are over; only tombstones are left then. Gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn purge_erasures(&mut self, now: UnixMillis, limit: u32) -> Result<u64> {
        let gone = execute!(tx self, PURGE, now.millis(), i64::from(limit))?;
        if gone > 0 {
            execute!(tx self, PURGE_LINES)?;
        }
        Ok(gone)
    }

    /// Lets every wish that a hold stops be looked at now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erasures_release(&mut self, now: UnixMillis) -> Result<()> {
        execute!(tx self, RELEASE_HELD, now.millis())?;
        Ok(())
    }

    /// Removes holds that ended before `before`; gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn purge_holds(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE_HOLDS, before.millis(), i64::from(limit))
    }

    /// Places a hold.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hold_insert(&mut self, it: &Hold) -> Result<()> {
        execute!(
            tx self, HOLD_INSERT,
            it.id.to_string(),
            it.unit.as_str(),
            &it.subject_id,
            &it.reason,
            it.placed_at.millis(),
            it.expires_at.millis(),
            it.released_at.map(UnixMillis::millis),
            it.untold.as_deref(),
        )?;
        Ok(())
    }

    /// Ends a hold; false when there is no such hold in force.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hold_release(&mut self, id: HoldId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, HOLD_RELEASE, id.to_string(), now.millis())? == 1)
    }

    /// The hold on something that lasts longest, if one is in force.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hold_active(&mut self, subject: &str, now: UnixMillis) -> Result<Option<Hold>> {
        fetch_optional!(tx self, RawHold, HOLD_ACTIVE, subject, now.millis())?.map(Hold::try_from).transpose()
    }
}
