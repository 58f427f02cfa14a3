//! The schema's versions. Owns applying and counting them; must not be called while another version of the program runs.

use sqlx::migrate::Migrator;

use crate::db::{Pools, Statement, Store};
use crate::error::{Result, StoreError};

pub(crate) static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";

pub(crate) const STATEMENTS: &[Statement] = statements![APPLIED];

impl Store {
    /// Applies what is pending, each version in its own transaction; running it again does nothing.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when a version that was applied before differs or is unknown here (the database is newer).
    pub async fn migrate(&self) -> Result<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                let mut turn = writer.aside().await.map_err(StoreError::from)?;
                SQLITE.run(turn.connection()).await
            }
            Pools::Postgres(pool) => POSTGRES.run(&pool.whole).await,
            // Migrated when it was opened.
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => Ok(()),
        }
        .map_err(StoreError::Migration)
    }

    /// How many versions [`Store::migrate`] would apply now. Changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn migrations_pending(&self) -> Result<u32> {
        let known = match &self.pools {
            Pools::Sqlite { .. } => &SQLITE,
            Pools::Postgres(_) => &POSTGRES,
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => &SQLITE,
        };
        let applied: Vec<(i64,)> = match fetch_all!(store self, (i64,), APPLIED) {
            Ok(rows) => rows,
            Err(StoreError::Sqlx(error)) if is_missing_table(&error) => Vec::new(),
            Err(error) => return Err(error),
        };
        let pending = known.iter().filter(|one| !applied.iter().any(|(version,)| *version == one.version));
        Ok(u32::try_from(pending.count()).unwrap_or(u32::MAX))
    }
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|db| db.code().as_deref() == Some("42P01") || db.message().starts_with("no such table"))
}
