//! One SQLite database in memory that moves in step with a simulation: every statement has ended when its future is first polled,
//! so nothing depends on threads, and time is the simulation's.
//!
//! Owns what a simulation may go back to: the empty database between two runs, and one marked state within a run.
//! Must not be reachable by configuration: what is in memory is gone with the process.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use domain::time::UnixMillis;
use futures::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::alarm::Alarm;
use crate::audit::Desk;
use crate::db::{Pools, Store, Tx, TxInner};
use crate::error::{Result, StoreError};
use crate::migrations;
use crate::personal::Safe;

/// A place in a node's dealings with its database where a simulation may interfere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A read outside a transaction is about to run.
    BeforeRead,
    /// A transaction is about to begin.
    BeforeBegin,
    /// Everything was written, nothing is durable.
    BeforeCommit,
    /// The commit is durable, nobody was told.
    AfterCommit,
}

/// What a simulation does to one node's database. An error at [`Moment::BeforeCommit`] undoes the transaction; a future that
/// never ends stands for a crash.
pub trait Interference: Send + Sync + 'static {
    /// Called at every [`Moment`].
    fn at(&self, moment: Moment) -> BoxFuture<'_, Result<()>>;
}

/// What a node hears while its database is away.
#[must_use]
pub fn unavailable() -> StoreError {
    StoreError::Unavailable(sqlx::Error::PoolClosed)
}

/// The time of the database's clock, milliseconds since 1970 UTC.
pub type DatabaseClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The database of a simulation; clones are handles to the same one.
#[derive(Clone)]
pub struct Lockstep {
    connection: Arc<Mutex<SqliteConnection>>,
}

/// How one node sees the database.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) database: Lockstep,
    pub(crate) clock: DatabaseClock,
    pub(crate) interference: Arc<dyn Interference>,
    pub(crate) shared: bool,
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("shared", &self.shared).finish_non_exhaustive()
    }
}

/// A transaction of a simulated node.
pub(crate) struct LockstepTx {
    connection: OwnedMutexGuard<SqliteConnection>,
    seat: Seat,
    open: bool,
}

impl fmt::Debug for LockstepTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockstepTx").field("open", &self.open).finish_non_exhaustive()
    }
}

/// Waits for a statement on this very thread, by giving way to the connection's thread and asking again. A simulation keeps both on one
/// core, where the two only ever take turns: to be woken would cost two more switches for each statement.
pub(crate) fn at_once<T>(statement: impl Future<Output = T>) -> T {
    let mut statement = std::pin::pin!(statement);
    let mut nobody_to_wake = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = statement.as_mut().poll(&mut nobody_to_wake) {
            return output;
        }
        std::thread::yield_now();
    }
}

/// A run is one transaction that is never committed, and the savepoint of its first transaction.
const BEGIN: &str = "BEGIN; SAVEPOINT t";
/// The whole transaction and not a savepoint: only its end frees what SQLite keeps to undo it, and finds its way through slowly.
const RESET: &str = "ROLLBACK; BEGIN; SAVEPOINT t";

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    at_once(connection.execute(sql)).map(drop).map_err(StoreError::from)
}

impl Lockstep {
    /// A migrated, empty database, with everything after this call undone by [`Lockstep::reset`].
    ///
    /// # Errors
    /// When SQLite refuses.
    pub async fn open() -> Result<Self> {
        let mut connection = SqliteConnectOptions::new()
            .in_memory(true)
            .foreign_keys(true)
            .disable_statement_logging()
            .connect()
            .await?;
        migrations::SQLITE.run(&mut connection).await.map_err(StoreError::Migration)?;
        run(&mut connection, BEGIN).await?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Back to the empty database, without a mark.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub async fn reset(&self) -> Result<()> {
        run(&mut *self.connection.lock().await, RESET).await
    }

    /// Marks the state as it is now, as a backup or a replica that falls behind has it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub async fn mark(&self) -> Result<()> {
        run(&mut *self.connection.lock().await, "RELEASE t; SAVEPOINT marked; SAVEPOINT t").await
    }

    /// Loses every commit since the mark, as the restore of a backup or a failover to a late replica does.
    ///
    /// # Errors
    /// When SQLite refuses, or nothing was marked.
    pub async fn back_to_mark(&self) -> Result<()> {
        run(&mut *self.connection.lock().await, "ROLLBACK TO marked; RELEASE marked; SAVEPOINT t").await
    }

    /// A node's view. `shared` makes rows change hands by leases, as where several processes share one database.
    #[must_use]
    pub fn seat(&self, clock: DatabaseClock, interference: Arc<dyn Interference>, shared: bool) -> Store {
        Store::over(Pools::Lockstep(Seat { database: self.clone(), clock, interference, shared }))
    }
}

impl Seat {
    pub(crate) fn now(&self) -> UnixMillis {
        UnixMillis::from_millis((self.clock)())
    }

    pub(crate) async fn read(&self) -> Result<OwnedMutexGuard<SqliteConnection>> {
        self.interference.at(Moment::BeforeRead).await?;
        Ok(Arc::clone(&self.database.connection).lock_owned().await)
    }

    pub(crate) async fn begin(&self, audit: Desk, safe: Safe) -> Result<Tx> {
        self.interference.at(Moment::BeforeBegin).await?;
        let mut connection = Arc::clone(&self.database.connection).lock_owned().await;
        // The last commit lies in the savepoint of its transaction, which is folded here: one turn of SQLite's thread less.
        run(&mut connection, "RELEASE t; SAVEPOINT t").await?;
        let inner = TxInner::Lockstep(LockstepTx { connection, seat: self.clone(), open: true });
        Ok(Tx { inner, alarm: Alarm::default(), audit, safe, commits: Arc::default() })
    }
}

impl LockstepTx {
    pub(crate) const fn is_shared(&self) -> bool {
        self.seat.shared
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        let interference = Arc::clone(&self.seat.interference);
        interference.at(Moment::BeforeCommit).await?;
        self.open = false;
        drop(self);
        interference.at(Moment::AfterCommit).await
    }

    pub(crate) async fn rollback(mut self) -> Result<()> {
        self.undo()
    }

    fn undo(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.open, false) {
            return Ok(());
        }
        at_once(self.connection.execute("ROLLBACK TO t")).map(drop).map_err(StoreError::from)
    }
}

impl Drop for LockstepTx {
    fn drop(&mut self) {
        if let Err(error) = self.undo() {
            tracing::error!(%error, "a simulated transaction could not be undone");
        }
    }
}
