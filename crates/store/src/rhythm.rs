//! The rhythm of each account: its slots, its smallest gap, and since when it rests. Owns these rows and the lock behind which a rest
//! begins; must not know zones, nor decide what follows from any of it.

use domain::id::{ConnectionId, WorkspaceId};
use domain::rhythm::Week;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("rhythm");
/// As many as a workspace lists connections.
const LIST_LIMIT: i64 = 1_000;

/// The rhythm of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// Whose.
    pub connection_id: ConnectionId,
    /// The slots of a week.
    pub week: Week,
    /// Smallest distance between its posts, minutes; 0 for none.
    pub gap_minutes: u32,
    /// Since when it rests.
    pub paused_at: Option<UnixMillis>,
    /// When its last rest ended: what was due before is as late as it looks, however long it waited its turn.
    pub resumed_at: Option<UnixMillis>,
    /// Last change; the epoch for an account that never had one.
    pub updated_at: UnixMillis,
}

impl Rhythm {
    /// That of an account for which nothing was chosen.
    #[must_use]
    pub fn none(connection_id: ConnectionId) -> Self {
        let updated_at = UnixMillis::from_millis(0);
        Self { connection_id, week: Week::default(), gap_minutes: 0, paused_at: None, resumed_at: None, updated_at }
    }
}

macro_rules! columns {
    () => {
        "rhythm.connection_id, rhythm.slots, rhythm.gap_minutes, rhythm.paused_at, rhythm.resumed_at, rhythm.updated_at"
    };
}

const SELECT: &str = concat!("SELECT ", columns!(), " FROM rhythm WHERE connection_id = $1");
const SELECT_OF_WORKSPACE: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM rhythm
JOIN connection ON connection.id = rhythm.connection_id
WHERE connection.workspace_id = $1
ORDER BY rhythm.connection_id
LIMIT $2"
);

const PUT: &str = "
INSERT INTO rhythm (connection_id, slots, gap_minutes, updated_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (connection_id) DO UPDATE SET
  slots = excluded.slots,
  gap_minutes = excluded.gap_minutes,
  updated_at = excluded.updated_at";
const PAUSE: &str = "
INSERT INTO rhythm (connection_id, slots, gap_minutes, paused_at, updated_at)
VALUES ($1, '', 0, $2, $2)
ON CONFLICT (connection_id) DO UPDATE SET paused_at = excluded.paused_at";
const RESUME: &str =
    "UPDATE rhythm SET paused_at = NULL, resumed_at = $2 WHERE connection_id = $1 AND paused_at IS NOT NULL";
// Whoever is about to send something of an account holds it together with others, whoever changes its rhythm holds it alone. The next
// statement sees what was committed before.
const LOCK: &str = "
SELECT CAST(1 AS BIGINT)
FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 2))) AS turn";
const LOCK_SHARED: &str = "
SELECT CAST(1 AS BIGINT)
FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 2))) AS turn";

pub(crate) const STATEMENTS: &[Statement] =
    statements![SELECT, SELECT_OF_WORKSPACE, PUT, PAUSE, RESUME, LOCK @ Postgres, LOCK_SHARED @ Postgres];

row! {
    struct Raw {
        connection_id: String,
        slots: String,
        gap_minutes: i64,
        paused_at: Option<i64>,
        resumed_at: Option<i64>,
        updated_at: i64,
    }
}

impl TryFrom<Raw> for Rhythm {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            week: TABLE.parse("slots", &raw.slots)?,
            gap_minutes: u32::try_from(raw.gap_minutes)
                .map_err(|_| TABLE.corrupt("gap_minutes", "not a small count"))?,
            paused_at: instant_opt(raw.paused_at),
            resumed_at: instant_opt(raw.resumed_at),
            updated_at: instant(raw.updated_at),
        })
    }
}

impl Store {
    /// The rhythm of an account of any workspace; none chosen is [`Rhythm::none`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rhythm(&self, connection: ConnectionId) -> Result<Rhythm> {
        let raw = fetch_optional!(store self, Raw, SELECT, connection.to_string())?;
        raw.map_or_else(|| Ok(Rhythm::none(connection)), Rhythm::try_from)
    }

    /// The rhythms of a workspace's accounts, those that have one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rhythms(&self, workspace: WorkspaceId) -> Result<Vec<Rhythm>> {
        fetch_all!(store self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?
            .into_iter()
            .map(Rhythm::try_from)
            .collect()
    }
}

impl Tx {
    /// The rhythm of an account, which nobody changes until the transaction ends. Comes before every other lock of its account; of several
    /// accounts the smaller id comes first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rhythm_locked(&mut self, connection: ConnectionId) -> Result<Rhythm> {
        self.rhythm_lock(connection, true).await
    }

    /// As [`Tx::rhythm_locked`] for whoever only relies on it: any number at once, none while it is changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rhythm_relied_on(&mut self, connection: ConnectionId) -> Result<Rhythm> {
        self.rhythm_lock(connection, false).await
    }

    async fn rhythm_lock(&mut self, connection: ConnectionId, alone: bool) -> Result<Rhythm> {
        let id = connection.to_string();
        match (self.engine(), alone) {
            // One writer at a time is lock enough.
            (Engine::Sqlite, _) => {}
            (Engine::Postgres, true) => drop(fetch_one!(tx self, (i64,), LOCK, &id)?),
            (Engine::Postgres, false) => drop(fetch_one!(tx self, (i64,), LOCK_SHARED, &id)?),
        }
        let raw = fetch_optional!(tx self, Raw, SELECT, &id)?;
        raw.map_or_else(|| Ok(Rhythm::none(connection)), Rhythm::try_from)
    }

    /// Writes slots and gap; a rest goes on as it is.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such connection.
    pub async fn rhythm_put(&mut self, it: &Rhythm) -> Result<()> {
        let (id, gap) = (it.connection_id.to_string(), i64::from(it.gap_minutes));
        execute!(tx self, PUT, id, it.week.to_string(), gap, it.updated_at.millis())?;
        Ok(())
    }

    /// From now on the account rests.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such connection.
    pub async fn rhythm_pause(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<()> {
        execute!(tx self, PAUSE, connection.to_string(), now.millis())?;
        Ok(())
    }

    /// The account rests no longer; false when it did not.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rhythm_resume(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, RESUME, connection.to_string(), now.millis())? == 1)
    }
}
