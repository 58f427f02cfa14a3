//! Facts about the instance itself, one text per key (for example the check value of its key). Must not hold personal data.

use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const SELECT: &str = "SELECT value FROM meta WHERE key = $1";
const PUT: &str = "
INSERT INTO meta (key, value)
VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value";
pub(crate) const ADD: &str = "
INSERT INTO meta (key, value)
VALUES ($1, $2)
ON CONFLICT (key) DO NOTHING";
pub(crate) const SWAP: &str = "UPDATE meta SET value = $3 WHERE key = $1 AND value = $2";
const DELETE: &str = "DELETE FROM meta WHERE key = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![SELECT, PUT, ADD, SWAP, DELETE];

impl Store {
    /// The value of a key.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_get(&self, key: &str) -> Result<Option<String>> {
        let row = fetch_optional!(store self, (String,), SELECT, key)?;
        Ok(row.map(|(value,)| value))
    }
}

impl Tx {
    /// The value of a key, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_get(&mut self, key: &str) -> Result<Option<String>> {
        let row = fetch_optional!(tx self, (String,), SELECT, key)?;
        Ok(row.map(|(value,)| value))
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_put(&mut self, key: &str, value: &str) -> Result<()> {
        execute!(tx self, PUT, key, value)?;
        Ok(())
    }

    /// Sets the value of a key that has none yet; whoever was first stays.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_add(&mut self, key: &str, value: &str) -> Result<()> {
        execute!(tx self, ADD, key, value)?;
        Ok(())
    }

    /// Sets the value of a key that still has the old one; false when it has not.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_swap(&mut self, key: &str, old: &str, new: &str) -> Result<bool> {
        Ok(execute!(tx self, SWAP, key, old, new)? == 1)
    }

    /// Removes a key; does nothing when it is not there.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn meta_delete(&mut self, key: &str) -> Result<()> {
        execute!(tx self, DELETE, key)?;
        Ok(())
    }
}
