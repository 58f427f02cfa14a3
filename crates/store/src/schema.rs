//! Which columns the database really has. Owns the question; what they are allowed to be is the data map's.

use crate::Engine;
use crate::db::{Statement, Store};
use crate::error::Result;

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
