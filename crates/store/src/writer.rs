//! The one connection that writes to SQLite, and its transactions. Owns whose turn it is; must not hold SQL of an entity.
//!
//! A pool of one would do the same, but asks each connection that comes back whether it still lives, compiles BEGIN and COMMIT each time
//! and waits for receipts: trips to the connection's thread that whoever waits for the next turn would pay for.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use crate::db::ACQUIRE_TIMEOUT;

/// Takes the write lock at once, so that a transaction cannot fail later for a stale read.
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// Where the connection is.
#[derive(Debug)]
enum Slot {
    Open(Held),
    /// It could not begin; the next turn opens another one.
    Broken,
    Closed,
}

/// The connection of whoever has the turn.
#[derive(Debug)]
pub(crate) struct Held {
    connection: SqliteConnection,
    /// A transaction may be open that nobody will end any more: its owner or the wait for an answer was dropped.
    left_open: bool,
}

/// Gives turns in the order in which they were asked for.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    options: Arc<SqliteConnectOptions>,
    slot: Arc<Mutex<Slot>>,
}

type Turn = OwnedMappedMutexGuard<Slot, Held>;

impl Writer {
    pub(crate) async fn open(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let held = Held { connection: options.connect().await?, left_open: false };
        Ok(Self { options: Arc::new(options), slot: Arc::new(Mutex::new(Slot::Open(held))) })
    }

    /// A turn on a connection without an open transaction.
    async fn turn(&self) -> Result<OwnedMutexGuard<Slot>, sqlx::Error> {
        let turn = tokio::time::timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.slot).lock_owned());
        let mut slot = turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        match &mut *slot {
            Slot::Open(held) => {
                if held.left_open {
                    // It fails where the transaction was over; where it is not, the next BEGIN says so.
                    let _ = sqlx::query(ROLLBACK).execute(&mut held.connection).await;
                    held.left_open = false;
                }
            }
            Slot::Broken => {
                *slot = Slot::Open(Held { connection: self.options.connect().await?, left_open: false });
            }
            Slot::Closed => return Err(sqlx::Error::PoolClosed),
        }
        Ok(slot)
    }

    /// Runs statements outside a transaction of ours: for migrations.
    pub(crate) async fn aside(&self) -> Result<SqliteTx, sqlx::Error> {
        Ok(SqliteTx(opened(self.turn().await?)?))
    }

    pub(crate) async fn begin(&self) -> Result<SqliteTx, sqlx::Error> {
        let mut slot = self.turn().await?;
        if let Slot::Open(held) = &mut *slot {
            // Before the answer: whoever stops waiting for it leaves a transaction behind.
            held.left_open = true;
            if let Err(error) = sqlx::query(BEGIN).execute(&mut held.connection).await {
                *slot = Slot::Broken;
                return Err(error);
            }
        }
        Ok(SqliteTx(opened(slot)?))
    }

    /// Waits for the running transaction. Closing the connection is what folds the write-ahead log into the file.
    pub(crate) async fn close(&self) {
        let before = std::mem::replace(&mut *self.slot.lock().await, Slot::Closed);
        if let Slot::Open(held) = before
            && let Err(error) = held.connection.close().await
        {
            tracing::warn!(%error, "the database was not closed in order; the next start reads its log");
        }
    }
}

fn opened(slot: OwnedMutexGuard<Slot>) -> Result<Turn, sqlx::Error> {
    OwnedMutexGuard::try_map(slot, |slot| match slot {
        Slot::Open(held) => Some(held),
        Slot::Broken | Slot::Closed => None,
    })
    .map_err(|_| sqlx::Error::PoolClosed)
}

/// A transaction that holds the turn. Dropping it ends the turn; the next one begins by rolling back what was left open.
#[derive(Debug)]
pub(crate) struct SqliteTx(Turn);

impl SqliteTx {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        self.end(COMMIT).await
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        self.end(ROLLBACK).await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(statement).execute(&mut self.0.connection).await?;
        self.0.left_open = false;
        Ok(())
    }
}
