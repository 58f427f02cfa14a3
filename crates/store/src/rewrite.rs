//! Tables of PostgreSQL from which somebody's rows were erased, written anew so that nothing of them is left in unused space. Owns what is owed and the
//! rewriting; when it is quiet enough for it is decided elsewhere.

use std::time::Duration;

use domain::time::UnixMillis;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::db::{Engine, Pools, Store, Tx};
use crate::erase::{REWRITES, SHORT_WAIT, nobody_looks_back};
use crate::error::{Result, StoreError};
use crate::wall::TABLES;

/// The key in `meta` that says since when which tables are owed.
const OWED: &str = "rewrite_owed";

/// Tables that still have to be written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Since when the first of them is.
    pub since: UnixMillis,
    /// Which.
    pub tables: Vec<&'static str>,
}

impl Owed {
    fn text(&self) -> String {
        format!("{} {}", self.since.in_utc(), self.tables.join(","))
    }

    /// Tables that were renamed or dropped since are owed no more.
    fn parse(text: &str) -> Option<Self> {
        let (since, tables) = text.split_once(' ')?;
        let named: Vec<&str> = tables.split(',').collect();
        let tables = all().filter(|table| named.contains(table)).collect();
        Some(Self { since: UnixMillis::from_utc(since).ok()?, tables })
    }
}

/// Every table but those that are written anew at once.
fn all() -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .map(|(table, _)| *table)
        .filter(|table| !REWRITES.iter().any(|done| done.ends_with(&format!(" {table}"))))
}

impl Tx {
    /// Notes that rows were erased, on PostgreSQL; who was owed before goes on being owed since then.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn owe_rewrites(&mut self, now: UnixMillis) -> Result<()> {
        match self.engine() {
            // Freed cells are overwritten when they are freed.
            Engine::Sqlite => return Ok(()),
            Engine::Postgres => {}
        }
        let known = self.meta_get(OWED).await?.as_deref().and_then(Owed::parse);
        let owed = Owed { since: known.map_or(now, |known| known.since), tables: all().collect() };
        self.meta_put(OWED, &owed.text()).await
    }
}

impl Store {
    /// What is owed; `None` when nothing is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rewrites_owed(&self) -> Result<Option<Owed>> {
        Ok(self.meta_get(OWED).await?.as_deref().and_then(Owed::parse))
    }

    /// Writes one owed table anew, within this time, in which nobody else reads or writes it; gives what is owed then. `None` when that was not possible now:
    /// somebody works with the table, it takes longer, deleted rows may still be seen by somebody, or more was erased meanwhile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rewrite(&self, owed: &Owed, table: &'static str, within: Duration) -> Result<Option<Owed>> {
        let Pools::Postgres(pools) = &self.pools else { return Ok(None) };
        let mut connection = pools.whole.acquire().await.map_err(StoreError::from)?.detach();
        connection.execute(SHORT_WAIT).await.map_err(StoreError::from)?;
        if !nobody_looks_back(&mut connection).await {
            return Ok(None);
        }
        let limit = format!("SET statement_timeout = {}", within.as_millis());
        connection.execute(AssertSqlSafe(limit)).await.map_err(StoreError::from)?;
        if let Err(error) = connection.execute(AssertSqlSafe(format!("VACUUM (FULL) {table}"))).await {
            tracing::debug!(%error, table, "the table could not be written anew now");
            return Ok(None);
        }
        let left = Owed { tables: owed.tables.iter().copied().filter(|it| *it != table).collect(), ..owed.clone() };
        let mut tx = self.begin().await?;
        if !tx.meta_swap(OWED, &owed.text(), &left.text()).await? {
            return Ok(None);
        }
        if left.tables.is_empty() {
            tx.meta_delete(OWED).await?;
        }
        tx.commit().await?;
        Ok(Some(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_read_as_it_was_written_and_no_table_is_forgotten() {
        let owed = Owed { since: UnixMillis::from_seconds(1_796_083_200), tables: all().collect() };
        assert_eq!(Owed::parse(&owed.text()), Some(owed.clone()));
        assert_eq!(owed.tables.len() + REWRITES.len(), TABLES.len());
        assert!(owed.tables.contains(&"post") && !owed.tables.contains(&"person"));
        let one = Owed::parse("2026-12-01T00:00:00.000Z post,gone").unwrap();
        assert_eq!(one.tables, ["post"]);
    }
}
