//! The two databases behind one type. Owns pools, transactions and the dispatch macros of the entity modules.
//!
//! Must not hold SQL of an entity. A transaction must not be kept open over a network or file await.
//!
//! How an entity module uses it (`tx self` inside `impl Tx`, `store self` inside `impl Store`):
//!
//! ```text
//! const SELECT: &str = "SELECT id, name FROM workspace WHERE id = $1";
//! const INSERT: &str = "INSERT INTO workspace (id, name) VALUES ($1, $2)";
//! pub(crate) const STATEMENTS: &[Statement] = statements![SELECT, INSERT];
//!
//! row! {
//!     struct Raw { id: String, name: String }  // i64, String, Vec<u8> and Options of them
//! }
//!
//! impl Store {
//!     pub async fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>> {
//!         fetch_optional!(store self, Raw, SELECT, id.to_string())?.map(Workspace::try_from).transpose()
//!     }
//! }
//! impl Tx {
//!     pub async fn workspace_insert(&mut self, it: &Workspace) -> Result<()> {
//!         execute!(tx self, INSERT, it.id.to_string(), &it.name)?;   // number of changed rows
//!         Ok(())
//!     }
//! }
//! ```
//!
//! The macros compare the number of bound values with the highest `$n` of the statement while compiling. Where the engines need
//! different texts, match on [`Store::engine`] and list them as `statements![CLAIM_SQLITE @ Sqlite, CLAIM_POSTGRES @ Postgres]`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::time::UnixMillis;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Postgres, Transaction};

use crate::alarm::Alarm;
use crate::audit::Desk;
use crate::error::{Result, StoreError};
use crate::personal::Safe;
use crate::vault::InstanceKeys;
use crate::writer::{SqliteTx, Writer};

/// Which database is behind a [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// For when one machine is not enough.
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Where the database is: a file path or `sqlite:PATH`, or `postgres://…`. Prints without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; its directory must exist.
    Sqlite(PathBuf),
    /// A connection URL.
    Postgres(url::Url),
}

impl DatabaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`StoreError::Address`] for an empty text, an in-memory database or an unknown scheme.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = url::Url::parse(text).map_err(|error| StoreError::Address(error.to_string()))?;
            return Ok(Self::Postgres(url));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None if text.contains("://") => {
                return Err(StoreError::Address(
                    "unknown scheme; use a file path, sqlite:PATH or postgres://USER@HOST/DATABASE".to_owned(),
                ));
            }
            None => text,
        };
        if path.is_empty() || path.contains(":memory:") || path.contains('?') {
            return Err(StoreError::Address(
                "SQLite needs the path of a file, without parameters; a database in memory would lose what was sent"
                    .to_owned(),
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// Which database this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // Nothing of user info or parameters: both may hold a password.
            Self::Postgres(url) => {
                write!(f, "postgres://{}", url.host_str().unwrap_or("local"))?;
                if let Some(port) = url.port() {
                    write!(f, ":{port}")?;
                }
                f.write_str(url.path())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Connections that read an SQLite file at the same time.
const SQLITE_READERS: u32 = 4;
/// Compiled statements that a connection to SQLite keeps.
const SQLITE_STATEMENTS: usize = 512;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Longest wait for a connection, and with SQLite for the one writer.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest wait for a lock another process holds on the SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest run of one statement on PostgreSQL; a lost client must not hold locks longer.
const POSTGRES_TIMEOUTS: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("statement_timeout", "30s"),
    ("lock_timeout", "15s"),
    ("idle_in_transaction_session_timeout", "15s"),
];

/// The database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) alarm: Alarm,
    pub(crate) audit: Desk,
    pub(crate) safe: Safe,
    /// Durable commits so far, for those who count what a post costs.
    commits: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Pools {
    /// SQLite has one writer; readers refuse to write.
    Sqlite {
        reader: SqlitePool,
        writer: Writer,
    },
    Postgres(crate::wall::PgPools),
    #[cfg(feature = "simulation")]
    Lockstep(crate::lockstep::Seat),
}

impl Store {
    /// Opens the database and checks that it answers. Runs no migration and creates no table; a missing SQLite file is created empty.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer, [`StoreError::Address`] when the address cannot be used.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        let pools = match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path).await?,
            DatabaseUrl::Postgres(url) => open_postgres(url).await?,
        };
        let store = Self::over(pools);
        store.now_db().await?;
        Ok(store)
    }

    pub(crate) fn over(pools: Pools) -> Self {
        Self { pools, alarm: Alarm::default(), audit: Desk::default(), safe: Safe::default(), commits: Arc::default() }
    }

    /// Which database this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match &self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => Engine::Sqlite,
        }
    }

    /// Several processes may share the database: rows are held by leases that run out, by the database's clock.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        match &self.pools {
            Pools::Sqlite { .. } => false,
            Pools::Postgres(_) => true,
            #[cfg(feature = "simulation")]
            Pools::Lockstep(seat) => seat.shared,
        }
    }

    /// Starts a transaction; dropping it rolls back. On SQLite it takes the write lock at once, so it cannot fail later for a stale read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection or lock is free in time.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { writer, .. } => TxInner::Sqlite(writer.begin().await.map_err(StoreError::from)?),
            Pools::Postgres(pool) => TxInner::Postgres(pool.now().begin().await.map_err(StoreError::from)?),
            #[cfg(feature = "simulation")]
            Pools::Lockstep(seat) => return seat.begin(self.audit.clone(), self.safe.clone()).await,
        };
        let (alarm, audit, safe) = (self.alarm.clone(), self.audit.clone(), self.safe.clone());
        Ok(Tx { inner, alarm, audit, safe, commits: Arc::clone(&self.commits) })
    }

    /// Gives this store the instance key, under which the keys of the audit record, of people and of accounts lie. Without it nothing of
    /// them is written or opened.
    pub fn work_under(&self, keys: Arc<InstanceKeys>) {
        self.audit.sit(Arc::clone(&keys));
        self.safe.sit(keys);
    }

    /// Lets go of the keys of people and accounts that nobody used since the last turn.
    pub fn turn_keys(&self) {
        self.safe.turn();
    }

    /// How many names, words and keys did not open since this was last asked: somebody altered or moved them.
    #[must_use]
    pub fn refused_to_open(&self) -> u64 {
        self.safe.take_refused()
    }

    /// Rings when the disk did not save a commit; the process must end then.
    #[must_use]
    pub const fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// How many transactions were committed since this store was opened.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// The database's own clock, to warn about a difference.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn now_db(&self) -> Result<UnixMillis> {
        #[cfg(feature = "simulation")]
        if let Pools::Lockstep(seat) = &self.pools {
            return Ok(seat.now());
        }
        let (ms,) = match self.engine() {
            Engine::Sqlite => fetch_one!(store self, (i64,), NOW_SQLITE)?,
            Engine::Postgres => fetch_one!(store self, (i64,), NOW_POSTGRES)?,
        };
        Ok(UnixMillis::from_millis(ms))
    }

    /// Waits for running statements and closes all connections. Later calls answer [`StoreError::Unavailable`].
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { reader, writer } => {
                reader.close().await;
                // The writer last: closing it is what folds the write-ahead log into the file.
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => {}
        }
    }
}

const NOW_SQLITE: &str = "SELECT CAST(unixepoch('now', 'subsec') * 1000 AS BIGINT)";
const NOW_POSTGRES: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

pub(crate) const STATEMENTS: &[Statement] = statements![NOW_SQLITE @ Sqlite, NOW_POSTGRES @ Postgres];

async fn open_sqlite(path: &Path) -> Result<Pools> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: the record that TikTok was called must survive a power cut, not only a crash.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // Deleted personal data is overwritten, not left in free pages.
        .pragma("secure_delete", "ON")
        // More than there are statements: each is compiled once.
        .statement_cache_capacity(SQLITE_STATEMENTS)
        .disable_statement_logging();
    let writer = Writer::open(options.clone()).await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    restrict(path)?;
    Ok(Pools::Sqlite { reader, writer })
}

/// The database file is for its owner only.
fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| StoreError::Unavailable(sqlx::Error::Io(error)))
}

async fn open_postgres(url: &url::Url) -> Result<Pools> {
    let options = PgConnectOptions::from_str(url.as_str()).map_err(|error| StoreError::Address(error.to_string()))?;
    // Somebody who runs several instances on one server may name each in its address.
    let name = options.get_application_name().unwrap_or("moloko").to_owned();
    let options = options.application_name(&name).options(POSTGRES_TIMEOUTS).disable_statement_logging();
    // One connection by hand first: the pool would go on trying a server that is not there until its time-out.
    options.connect().await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options.clone());
    Ok(Pools::Postgres(crate::wall::PgPools::new(pool, options)))
}

/// One transaction. Dropping it without [`Tx::commit`] rolls back.
#[derive(Debug)]
#[must_use = "a transaction that is dropped rolls back"]
pub struct Tx {
    pub(crate) inner: TxInner,
    pub(crate) alarm: Alarm,
    pub(crate) audit: Desk,
    pub(crate) safe: Safe,
    pub(crate) commits: Arc<AtomicU64>,
}

#[derive(Debug)]
pub(crate) enum TxInner {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, Postgres>),
    #[cfg(feature = "simulation")]
    Lockstep(crate::lockstep::LockstepTx),
}

impl Tx {
    /// Which database this is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match &self.inner {
            TxInner::Sqlite(_) => Engine::Sqlite,
            TxInner::Postgres(_) => Engine::Postgres,
            #[cfg(feature = "simulation")]
            TxInner::Lockstep(_) => Engine::Sqlite,
        }
    }

    /// As [`Store::is_shared`].
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        match &self.inner {
            TxInner::Sqlite(_) => false,
            TxInner::Postgres(_) => true,
            #[cfg(feature = "simulation")]
            TxInner::Lockstep(tx) => tx.is_shared(),
        }
    }

    /// Makes the changes durable: when this returns `Ok`, they survive a power cut.
    ///
    /// # Errors
    /// [`StoreError::CommitUnknown`] when it cannot be told whether they were saved; otherwise nothing was saved.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            TxInner::Sqlite(tx) => tx.commit().await,
            TxInner::Postgres(tx) => tx.commit().await,
            #[cfg(feature = "simulation")]
            TxInner::Lockstep(tx) => return tx.commit().await,
        }
        .map_err(|error| {
            let error = StoreError::from_commit(error);
            if matches!(error, StoreError::SyncFailed(_)) {
                self.alarm.ring(error.to_string());
            }
            error
        })?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Undoes the changes at once instead of when the connection is next used.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was saved in any case.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            TxInner::Sqlite(tx) => tx.rollback().await,
            TxInner::Postgres(tx) => tx.rollback().await,
            #[cfg(feature = "simulation")]
            TxInner::Lockstep(tx) => return tx.rollback().await,
        }
        .map_err(StoreError::from)
    }
}

/// A statement of an entity module, as the tests see it.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// Name of the constant.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
    /// The only engine it is for; `None` for both.
    pub only: Option<Engine>,
}

impl Statement {
    /// Highest `$n` in the text.
    #[must_use]
    pub const fn arity(&self) -> usize {
        arity(self.sql)
    }
}

/// Highest `$n` in a statement; the macros compare it with the number of bound values while compiling.
pub(crate) const fn arity(sql: &str) -> usize {
    let mut bytes = sql.as_bytes();
    let mut highest = 0;
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        if *first == b'$' {
            let mut number = 0;
            while let [digit @ b'0'..=b'9', rest @ ..] = bytes {
                bytes = rest;
                #[expect(clippy::as_conversions, reason = "usize::from is not const; a digit fits")]
                let digit = (*digit - b'0') as usize;
                number = number * 10 + digit;
            }
            if number > highest {
                highest = number;
            }
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_postgres_url_and_never_shows_its_password() {
        assert_eq!(DatabaseUrl::parse("data/moloko.db").unwrap(), DatabaseUrl::Sqlite("data/moloko.db".into()));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/m.db").unwrap(), DatabaseUrl::Sqlite("/var/m.db".into()));
        let postgres = DatabaseUrl::parse("postgres://me:hunter2@db.local:5433/moloko?password=hunter2").unwrap();
        assert_eq!(format!("{postgres:?}"), "DatabaseUrl(postgres://db.local:5433/moloko)");
        for bad in ["", "sqlite::memory:", "mysql://x/y", "file.db?mode=memory"] {
            assert!(matches!(DatabaseUrl::parse(bad), Err(StoreError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn the_arity_of_a_statement_is_its_highest_placeholder() {
        assert_eq!(arity("SELECT 1"), 0);
        assert_eq!(arity("SELECT $1, $2, $1"), 2);
        assert_eq!(arity("VALUES ($1, $11, $9)"), 11);
    }
}
