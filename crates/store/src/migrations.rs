//! The schema's versions. Owns applying and counting them; must not be called while another version of the program runs.

use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::db::{Engine, Pools, Statement, Store};
use crate::error::{Result, StoreError};

/// The files of one engine's folder in `migrations`, by the names that both folders have.
macro_rules! folder {
    ($engine:literal) => {
        folder!(
            $engine,
            "0001_initial"
            "0002_photos"
            "0003_doubted_attempts"
            "0004_turns"
            "0005_unconfirmed_accounts"
            "0006_avatars"
            "0007_erasure"
            "0008_policy_answers"
            "0009_audit_chain"
            "0010_retention"
            "0011_exports"
            "0013_rights"
            "0014_personal_keys"
            "0015_operators"
            "0016_renditions"
            "0017_upload_parts"
            "0019_library"
            "0020_calendar"
            "0022_media_tags"
            "0023_rhythm"
            "0024_receipts"
            "0025_snippets"
            "0026_quick_hash"
            "0027_draft_states"
            "0028_board"
            "0029_push"
            "0030_pages"
            "0031_metrics"
            "0032_saved_views"
            "0033_metric_gaps"
            "0034_metric_marks"
            "0035_annotations"
            "0036_report_links"
        )
    };
    ($engine:literal, $($name:literal)+) => {
        LazyLock::new(|| migrator(&[$(($name, include_str!(concat!("../../../migrations/", $engine, "/", $name, ".sql")))),+]))
    };
}

pub(crate) static SQLITE: LazyLock<Migrator> = folder!("sqlite");
pub(crate) static POSTGRES: LazyLock<Migrator> = folder!("postgres");

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

    /// The version of the schema; `None` when there is none yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn schema_version(&self) -> Result<Option<i64>> {
        Ok(self.applied().await?.into_iter().max())
    }

    async fn applied(&self) -> Result<Vec<i64>> {
        match fetch_all!(store self, (i64,), APPLIED) {
            Ok(rows) => Ok(rows.into_iter().map(|(version,): (i64,)| version).collect()),
            Err(StoreError::Sqlx(error)) if is_missing_table(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
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
        let applied = self.applied().await?;
        let pending = known.iter().filter(|one| !applied.contains(&one.version));
        Ok(u32::try_from(pending.count()).unwrap_or(u32::MAX))
    }
}

/// The newest version that this program knows.
pub(crate) fn newest(engine: Engine) -> i64 {
    let known = match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    };
    known.iter().map(|one| one.version).max().unwrap_or(0)
}

/// A file is called by its version and what it does: `0007_erasure`. A name without a number would be version 0, which the test below refuses.
fn migrator(files: &[(&'static str, &'static str)]) -> Migrator {
    let versions = files.iter().map(|(name, sql)| {
        let (version, what) = name.split_once('_').unwrap_or(("", name));
        Migration::new(
            version.parse().unwrap_or(0),
            what.replace('_', " ").into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(versions.collect())
}

pub(crate) fn is_missing_table(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|db| db.code().as_deref() == Some("42P01") || db.message().starts_with("no such table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_known_and_numbered() {
        for (folder, known) in [("sqlite", &SQLITE), ("postgres", &POSTGRES)] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder);
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let names: Vec<_> = known
                .iter()
                .map(|one| format!("{:04}_{}.sql", one.version, one.description.replace(' ', "_")))
                .collect();
            assert_eq!(names, files);
            assert!(known.iter().all(|one| one.version > 0));
        }
    }
}
