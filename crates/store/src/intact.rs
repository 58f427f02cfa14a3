//! Whether the embedded database is what was written to it. Owns the check at the start; must not try to repair anything.

use sqlx::error::DatabaseError;

use crate::db::Statement;
use crate::{Engine, Store, StoreError};

/// Walks all pages; the first thing that is wrong is enough.
const QUICK_CHECK: &str = "PRAGMA quick_check(1)";

pub(crate) const STATEMENTS: &[Statement] = statements![QUICK_CHECK @ Sqlite];

/// The database file cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum IntactError {
    /// SQLite found a page that it cannot have written.
    #[error(
        "the database file is damaged ({0}), so nothing was started and nothing was published. Keep a copy of the file, look at the \
         disk, and put the latest backup in its place"
    )]
    Damaged(String),
    /// It could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Checks every page of an embedded database. PostgreSQL guards its own files.
    ///
    /// # Errors
    /// [`IntactError::Damaged`] says what was found.
    pub async fn check_intact(&self) -> Result<(), IntactError> {
        match self.engine() {
            Engine::Postgres => return Ok(()),
            Engine::Sqlite => {}
        }
        let found: Result<(String,), StoreError> = fetch_one!(store self, (String,), QUICK_CHECK);
        match found {
            Ok((verdict,)) if verdict == "ok" => Ok(()),
            Ok((verdict,)) => Err(IntactError::Damaged(verdict)),
            Err(error) => Err(judged(error)),
        }
    }
}

/// Damage that is met before it could be looked for.
#[must_use]
pub fn judged(error: StoreError) -> IntactError {
    match &error {
        StoreError::Sqlx(sqlx::Error::Database(db)) if is_damage(db.as_ref()) => {
            IntactError::Damaged(db.message().to_owned())
        }
        StoreError::Sqlx(_)
        | StoreError::Unavailable(_)
        | StoreError::CommitUnknown
        | StoreError::SyncFailed(_)
        | StoreError::Conflict(_)
        | StoreError::Corrupt { .. }
        | StoreError::Constraint(_)
        | StoreError::Address(_)
        | StoreError::Audit(_)
        | StoreError::Vault(_)
        | StoreError::Migration(_) => IntactError::Store(error),
    }
}

/// `SQLITE_CORRUPT` and `SQLITE_NOTADB`.
fn is_damage(db: &dyn DatabaseError) -> bool {
    db.code().and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::DatabaseUrl;

    #[tokio::test]
    async fn a_ruined_page_is_found_and_a_sound_file_passes() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("m.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        let store = Store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        store.check_intact().await.unwrap();
        store.close().await;
        let mut bytes = std::fs::read(&path).unwrap();
        for page in bytes.chunks_mut(4096).skip(2).step_by(3) {
            page.fill(0xa5);
        }
        std::fs::write(&path, bytes).unwrap();
        let found = match Store::open(&url).await {
            Ok(store) => store.check_intact().await.unwrap_err(),
            Err(error) => judged(error),
        };
        assert!(found.to_string().contains("damaged"), "{found}");
    }
}
