//! Which columns the database really has. Owns the question; what they are allowed to be is the data map's.

use crate::Engine;
use futures::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::db::{Pools, Statement, Store};
use crate::error::{Result, StoreError};

const COLUMNS_SQLITE: &str = "
SELECT tables.name, columns.name
FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table' AND substr(tables.name, 1, 7) <> 'sqlite_' AND substr(tables.name, 1, 1) <> '_'
ORDER BY tables.name, columns.cid";
const COLUMNS_POSTGRES: &str = "
SELECT table_name::text, column_name::text
FROM information_schema.columns
WHERE table_schema = current_schema() AND substr(table_name, 1, 1) <> '_'
ORDER BY table_name, ordinal_position";

pub(crate) const STATEMENTS: &[Statement] = statements![COLUMNS_SQLITE @ Sqlite, COLUMNS_POSTGRES @ Postgres];

impl Store {
    /// Hears of every row of every table of a PostgreSQL database, in words; an SQLite database is a file that can be read. Must not be kept: it is
    /// everything that is stored.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn each_row_in_words(&self, mut hear: impl FnMut(&str, &str)) -> Result<u64> {
        let Pools::Postgres(pools) = &self.pools else { return Ok(0) };
        let mut tables: Vec<String> = self.columns().await?.into_iter().map(|(table, _)| table).collect();
        tables.dedup();
        let mut rows = 0;
        for table in tables {
            // Only names that the schema has come here.
            let sql = AssertSqlSafe(format!("SELECT CAST(it AS text) FROM \"{table}\" AS it"));
            let mut read = sqlx::query_as::<_, (String,)>(sql).fetch(&pools.whole);
            while let Some((row,)) = read.try_next().await.map_err(StoreError::from)? {
                hear(&table, &row);
                rows += 1;
            }
        }
        Ok(rows)
    }

    /// Table and column of everything that can be stored, without the migrations' own book.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn columns(&self) -> Result<Vec<(String, String)>> {
        type Row = (String, String);
        match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Row, COLUMNS_SQLITE),
            Engine::Postgres => fetch_all!(store self, Row, COLUMNS_POSTGRES),
        }
    }
}
