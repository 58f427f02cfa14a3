//! What people and accounts are called and what people wrote, sealed under a key of each person's and each account's own.
//!
//! Owns the form of a sealed cell, the rows of the keys and the keys that were opened lately. Where a key's row is gone nothing is read
//! and nothing is kept. Every reading statement brings the wrapped key with its row: a destroyed key is used by no node from then on.

pub mod clear;
mod memo;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::privacy::retention::KeyOf;

use crate::column::Table;
use crate::db::{Statement, Tx};
use crate::error::{Result, StoreError};
use crate::vault::{DataKey, Place, VaultError, sealed_version};

pub(crate) use memo::Safe;

/// First byte of every sealed cell. No name and no text of a person begins with it, and no picture.
pub(crate) const MARK: char = '\u{1}';
/// Each subject has one key for its life; another one would count on from here.
const KEY_NUMBER: i64 = 1;

/// Whose key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner<'a> {
    pub(crate) of: KeyOf,
    pub(crate) id: &'a str,
}

impl<'a> Owner<'a> {
    pub(crate) const fn person(id: &'a str) -> Self {
        Self { of: KeyOf::Person, id }
    }

    pub(crate) const fn connection(id: &'a str) -> Self {
        Self { of: KeyOf::Connection, id }
    }

    /// What the key is wrapped for; it opens as nobody else's.
    pub(crate) fn purpose(self) -> String {
        key_purpose(self.of, self.id)
    }
}

/// What the key of a person or an account is sealed for under the instance key.
#[must_use]
pub fn key_purpose(of: KeyOf, id: &str) -> String {
    match of {
        KeyOf::Person => format!("key of person {id}"),
        KeyOf::Connection => format!("key of the profile of connection {id}"),
    }
}

/// The wrapped key of a person, as a column of a reading statement; the id is an expression of it.
macro_rules! person_key {
    ($id:literal) => {
        concat!("(SELECT person_key.data_key_sealed FROM person_key WHERE person_key.person_id = ", $id, ") AS wrapped")
    };
}

/// The wrapped key of an account, in the same way.
macro_rules! connection_key {
    ($id:literal) => {
        concat!(
            "(SELECT connection_key.data_key_sealed FROM connection_key WHERE connection_key.connection_id = ",
            $id,
            ") AS wrapped"
        )
    };
}

const PERSON_KEY: &str = "SELECT data_key_sealed FROM person_key WHERE person_id = $1";
const CONNECTION_KEY: &str = "SELECT data_key_sealed FROM connection_key WHERE connection_id = $1";
const PUT_PERSON_KEY: &str = "
INSERT INTO person_key (person_id, instance_key_version, data_key_sealed)
VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO NOTHING";
const PUT_CONNECTION_KEY: &str = "
INSERT INTO connection_key (connection_id, instance_key_version, data_key_sealed)
VALUES ($1, $2, $3)
ON CONFLICT (connection_id) DO NOTHING";
const DESTROY_PERSON_KEY: &str = "DELETE FROM person_key WHERE person_id = $1 RETURNING data_key_sealed";
const DESTROY_CONNECTION_KEY: &str = "DELETE FROM connection_key WHERE connection_id = $1 RETURNING data_key_sealed";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PERSON_KEY,
    CONNECTION_KEY,
    PUT_PERSON_KEY,
    PUT_CONNECTION_KEY,
    DESTROY_PERSON_KEY,
    DESTROY_CONNECTION_KEY,
];

/// Whether a text is a sealed cell.
pub(crate) fn is_sealed(stored: &str) -> bool {
    stored.starts_with(MARK)
}

/// The key for the cells of one row, opened when first needed.
pub(crate) struct Row<'a> {
    safe: Safe,
    key: Option<Arc<DataKey>>,
    table: Table,
    id: &'a str,
}

impl Row<'_> {
    fn refused(&self, error: VaultError) -> StoreError {
        self.safe.count_refused();
        StoreError::Vault(error)
    }

    fn place(&self, column: &'static str) -> Place<'_> {
        Place { table: self.table.0, column, row: self.id, version: KEY_NUMBER }
    }

    /// A text. What was kept before there were keys is read as it stands; what no key opens any more reads as nothing.
    pub(crate) fn read(&self, column: &'static str, stored: String) -> Result<String> {
        let Some(encoded) = stored.strip_prefix(MARK) else { return Ok(stored) };
        let Some(key) = &self.key else { return Ok(String::new()) };
        let place = self.place(column);
        let refused = || VaultError::Refused { place: place.to_string() };
        let sealed = STANDARD_NO_PAD.decode(encoded).map_err(|_| self.refused(refused()))?;
        let mut opened = key.open_bytes(place, &sealed).map_err(|error| self.refused(error))?;
        // The text itself is moved, not copied.
        String::from_utf8(std::mem::take(&mut *opened))
            .map_err(|_| StoreError::Vault(VaultError::NotText { place: place.to_string() }))
    }

    /// A text that may be missing.
    pub(crate) fn read_opt(&self, column: &'static str, stored: Option<String>) -> Result<Option<String>> {
        let Some(stored) = stored else { return Ok(None) };
        if is_sealed(&stored) && self.key.is_none() {
            return Ok(None);
        }
        self.read(column, stored).map(Some)
    }

    /// A text that is only shown: one that does not open is shown as nothing, and counted. A damaged name must keep nobody from being erased.
    pub(crate) fn shown(&self, column: &'static str, stored: String) -> String {
        self.read(column, stored).unwrap_or_default()
    }

    /// The same of a text that may be missing.
    pub(crate) fn shown_opt(&self, column: &'static str, stored: Option<String>) -> Option<String> {
        self.read_opt(column, stored).unwrap_or_default()
    }

    /// Bytes; `None` when no key opens them any more.
    pub(crate) fn read_bytes(&self, column: &'static str, stored: Vec<u8>) -> Result<Option<Vec<u8>>> {
        if !is_sealed_bytes(&stored) {
            return Ok(Some(stored));
        }
        let Some(key) = &self.key else { return Ok(None) };
        let mut opened = key.open_bytes(self.place(column), &stored).map_err(|error| self.refused(error))?;
        Ok(Some(std::mem::take(&mut *opened)))
    }

    /// The cell to keep. Nothing stays nothing, and without a key nothing is kept.
    pub(crate) fn write(&self, column: &'static str, plain: &str) -> Result<String> {
        let Some(key) = self.key.as_ref().filter(|_| !plain.is_empty()) else { return Ok(String::new()) };
        let sealed = key.seal(self.place(column), plain.as_bytes())?;
        let mut cell = String::from(MARK);
        STANDARD_NO_PAD.encode_string(sealed, &mut cell);
        Ok(cell)
    }

    /// The same of a text that may be missing.
    pub(crate) fn write_opt(&self, column: &'static str, plain: Option<&str>) -> Result<Option<String>> {
        let Some(plain) = plain.filter(|_| self.key.is_some()) else { return Ok(None) };
        self.write(column, plain).map(Some)
    }

    /// The same of bytes.
    pub(crate) fn write_bytes(&self, column: &'static str, plain: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(key) = &self.key else { return Ok(None) };
        Ok(Some(key.seal(self.place(column), plain)?))
    }
}

/// Whether bytes are a sealed cell: they begin with the format of a ciphertext, and no picture does.
pub(crate) fn is_sealed_bytes(stored: &[u8]) -> bool {
    stored.first().is_some_and(|first| char::from(*first) == MARK)
}

impl Safe {
    /// The cells of one row, with the wrapped key that was read with it.
    pub(crate) fn row<'a>(
        &self,
        owner: Owner<'_>,
        wrapped: Option<&[u8]>,
        table: Table,
        id: &'a str,
    ) -> Result<Row<'a>> {
        let key = wrapped.map(|wrapped| self.key(owner, wrapped)).transpose()?;
        Ok(Row { safe: self.clone(), key, table, id })
    }
}

impl Safe {
    /// The cells of one row of which all is only shown: a key that does not open counts as one that is gone.
    ///
    /// # Errors
    /// Without an instance key nothing can be said about any cell.
    pub(crate) fn shown_row<'a>(
        &self,
        owner: Owner<'_>,
        wrapped: Option<&[u8]>,
        table: Table,
        id: &'a str,
    ) -> Result<Row<'a>> {
        match self.row(owner, wrapped, table, id) {
            Err(StoreError::Vault(VaultError::NoInstanceKey)) => Err(StoreError::Vault(VaultError::NoInstanceKey)),
            Err(_) => self.row(owner, None, table, id),
            Ok(row) => Ok(row),
        }
    }
}

impl Tx {
    /// The key of a subject as it is now; `None` when it was destroyed.
    async fn wrapped(&mut self, owner: Owner<'_>) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> = match owner.of {
            KeyOf::Person => fetch_optional!(tx self, (Vec<u8>,), PERSON_KEY, owner.id)?,
            KeyOf::Connection => fetch_optional!(tx self, (Vec<u8>,), CONNECTION_KEY, owner.id)?,
        };
        Ok(row.map(|(wrapped,)| wrapped))
    }

    /// For writing cells of a row under the key that there is.
    pub(crate) async fn row_of<'a>(&mut self, owner: Owner<'_>, table: Table, id: &'a str) -> Result<Row<'a>> {
        let wrapped = self.wrapped(owner).await?;
        self.safe.row(owner, wrapped.as_deref(), table, id)
    }

    /// The same, for a subject that is being made: it gets a key where it has none.
    pub(crate) async fn row_of_new<'a>(&mut self, owner: Owner<'_>, table: Table, id: &'a str) -> Result<Row<'a>> {
        let wrapped = match self.wrapped(owner).await? {
            Some(wrapped) => wrapped,
            None => self.key_make(owner).await?,
        };
        self.safe.row(owner, Some(&wrapped), table, id)
    }

    /// Draws a key for a subject that has none. Another node may be quicker: then theirs counts.
    async fn key_make(&mut self, owner: Owner<'_>) -> Result<Vec<u8>> {
        let wrapped = self.safe.draw(owner)?;
        self.key_keep(owner, &wrapped).await?;
        Ok(self.wrapped(owner).await?.unwrap_or(wrapped))
    }

    /// Keeps a drawn key, unless there is one.
    pub(crate) async fn key_keep(&mut self, owner: Owner<'_>, wrapped: &[u8]) -> Result<()> {
        let version = sealed_version(wrapped).unwrap_or(0);
        match owner.of {
            KeyOf::Person => execute!(tx self, PUT_PERSON_KEY, owner.id, version, wrapped)?,
            KeyOf::Connection => execute!(tx self, PUT_CONNECTION_KEY, owner.id, version, wrapped)?,
        };
        Ok(())
    }

    /// Destroys the key of a person or an account, and with it every copy of what it sealed. False when there was none.
    pub(crate) async fn key_destroy(&mut self, owner: Owner<'_>) -> Result<bool> {
        let row: Option<(Vec<u8>,)> = match owner.of {
            KeyOf::Person => fetch_optional!(tx self, (Vec<u8>,), DESTROY_PERSON_KEY, owner.id)?,
            KeyOf::Connection => fetch_optional!(tx self, (Vec<u8>,), DESTROY_CONNECTION_KEY, owner.id)?,
        };
        // What another task opened meanwhile goes by itself: nobody asks for it any more.
        Ok(row.is_some_and(|(wrapped,)| {
            self.safe.forget(owner, &wrapped);
            true
        }))
    }
}

#[cfg(test)]
mod tests;
