//! Tokens of connections, as ciphertext only. Owns the single flight of a refresh; must never see a token in clear.

use std::fmt;

use domain::id::ConnectionId;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("connection_token");

/// The tokens of a connection. Deleting the row destroys the data key and with it every copy of the tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose.
    pub connection_id: ConnectionId,
    /// Version of the instance key that sealed the data key.
    pub instance_key_version: i64,
    /// The data key.
    pub data_key_sealed: Vec<u8>,
    /// Counts rotations; part of what the ciphertexts are bound to.
    pub version: i64,
    /// Access token.
    pub access_sealed: Vec<u8>,
    /// Until when TikTok honours it.
    pub access_expires_at: UnixMillis,
    /// Refresh token.
    pub refresh_sealed: Vec<u8>,
    /// Until when TikTok honours it.
    pub refresh_expires_at: UnixMillis,
    /// The refresh token before the last rotation, until the new access token was seen to work.
    pub previous_refresh_sealed: Option<Vec<u8>>,
    /// Somebody refreshes until then.
    pub refresh_lease_until: UnixMillis,
    /// When the running refresh was started.
    pub refresh_sent_at: Option<UnixMillis>,
    /// Last change of this row.
    pub updated_at: UnixMillis,
}

impl fmt::Debug for TokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRow")
            .field("connection_id", &self.connection_id)
            .field("instance_key_version", &self.instance_key_version)
            .field("version", &self.version)
            .field("access_expires_at", &self.access_expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .field("refresh_lease_until", &self.refresh_lease_until)
            .finish_non_exhaustive()
    }
}

macro_rules! columns {
    () => {
        "connection_id, instance_key_version, data_key_sealed, version, access_sealed, access_expires_at, \
         refresh_sealed, refresh_expires_at, previous_refresh_sealed, refresh_lease_until, refresh_sent_at, updated_at"
    };
}

const PUT: &str = concat!(
    "
INSERT INTO connection_token (",
    columns!(),
    ")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (connection_id) DO UPDATE SET
  instance_key_version = excluded.instance_key_version,
  data_key_sealed = excluded.data_key_sealed,
  version = excluded.version,
  access_sealed = excluded.access_sealed,
  access_expires_at = excluded.access_expires_at,
  refresh_sealed = excluded.refresh_sealed,
  refresh_expires_at = excluded.refresh_expires_at,
  previous_refresh_sealed = excluded.previous_refresh_sealed,
  refresh_lease_until = excluded.refresh_lease_until,
  refresh_sent_at = excluded.refresh_sent_at,
  updated_at = excluded.updated_at"
);
// The data key stays, in whatever form it is by now: it may have been sealed under another version of the instance key meanwhile.
const ROTATE: &str = "
UPDATE connection_token SET
  version = $2,
  access_sealed = $3,
  access_expires_at = $4,
  refresh_sealed = $5,
  refresh_expires_at = $6,
  previous_refresh_sealed = $7,
  refresh_lease_until = $8,
  refresh_sent_at = $9,
  updated_at = $10
WHERE connection_id = $1 AND version = $11";
const SELECT: &str = concat!("SELECT ", columns!(), " FROM connection_token WHERE connection_id = $1");
const DELETE: &str = "DELETE FROM connection_token WHERE connection_id = $1";
const LEASE_REFRESH: &str = "
UPDATE connection_token
SET refresh_lease_until = $4, refresh_sent_at = $3, updated_at = $3
WHERE connection_id = $1 AND version = $2 AND refresh_lease_until <= $3";
const RELEASE_REFRESH: &str = "
UPDATE connection_token
SET refresh_lease_until = 0, refresh_sent_at = NULL, updated_at = $3
WHERE connection_id = $1 AND version = $2";
const FORGET_PREVIOUS: &str = "
UPDATE connection_token
SET previous_refresh_sealed = NULL
WHERE connection_id = $1 AND version = $2";
const SELECT_EXPIRING: &str = "
SELECT connection_token.connection_id
FROM connection_token
JOIN connection ON connection.id = connection_token.connection_id
WHERE connection_token.access_expires_at < $1 AND connection.state = 'active'
ORDER BY connection_token.access_expires_at
LIMIT $2";

pub(crate) const STATEMENTS: &[Statement] =
    statements![PUT, ROTATE, SELECT, DELETE, LEASE_REFRESH, RELEASE_REFRESH, FORGET_PREVIOUS, SELECT_EXPIRING,];

row! {
    struct Raw {
        connection_id: String,
        instance_key_version: i64,
        data_key_sealed: Vec<u8>,
        version: i64,
        access_sealed: Vec<u8>,
        access_expires_at: i64,
        refresh_sealed: Vec<u8>,
        refresh_expires_at: i64,
        previous_refresh_sealed: Option<Vec<u8>>,
        refresh_lease_until: i64,
        refresh_sent_at: Option<i64>,
        updated_at: i64,
    }
}

impl TryFrom<Raw> for TokenRow {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            instance_key_version: raw.instance_key_version,
            data_key_sealed: raw.data_key_sealed,
            version: raw.version,
            access_sealed: raw.access_sealed,
            access_expires_at: instant(raw.access_expires_at),
            refresh_sealed: raw.refresh_sealed,
            refresh_expires_at: instant(raw.refresh_expires_at),
            previous_refresh_sealed: raw.previous_refresh_sealed,
            refresh_lease_until: instant(raw.refresh_lease_until),
            refresh_sent_at: instant_opt(raw.refresh_sent_at),
            updated_at: instant(raw.updated_at),
        })
    }
}

impl Store {
    /// The tokens of a connection.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token(&self, connection: ConnectionId) -> Result<Option<TokenRow>> {
        fetch_optional!(store self, Raw, SELECT, connection.to_string())?.map(TokenRow::try_from).transpose()
    }

    /// Active connections whose access token ends before `before`, the first to end first. One that has to be connected again is
    /// left alone: only a person can renew it, and it must not stand in the way of the others.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tokens_expiring(&self, before: UnixMillis, limit: u32) -> Result<Vec<ConnectionId>> {
        fetch_all!(store self, (String,), SELECT_EXPIRING, before.millis(), i64::from(limit))?
            .into_iter()
            .map(|(id,)| TABLE.parse("connection_id", &id))
            .collect()
    }
}

impl Tx {
    /// The tokens of a connection, as this transaction sees them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token(&mut self, connection: ConnectionId) -> Result<Option<TokenRow>> {
        fetch_optional!(tx self, Raw, SELECT, connection.to_string())?.map(TokenRow::try_from).transpose()
    }

    /// Keeps the tokens of a fresh grant, in place of whatever was there.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such connection.
    pub async fn token_put(&mut self, it: &TokenRow) -> Result<()> {
        execute!(
            tx self, PUT,
            it.connection_id.to_string(),
            it.instance_key_version,
            it.data_key_sealed.as_slice(),
            it.version,
            it.access_sealed.as_slice(),
            it.access_expires_at.millis(),
            it.refresh_sealed.as_slice(),
            it.refresh_expires_at.millis(),
            it.previous_refresh_sealed.as_deref(),
            it.refresh_lease_until.millis(),
            it.refresh_sent_at.map(UnixMillis::millis),
            it.updated_at.millis(),
        )?;
        Ok(())
    }

    /// Destroys the data key and all tokens; false when there were none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token_delete(&mut self, connection: ConnectionId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, connection.to_string())? == 1)
    }

    /// Takes the right to refresh these tokens until `until`; false when they were rotated or somebody else has it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token_lease_refresh(
        &mut self,
        connection: ConnectionId,
        version: i64,
        now: UnixMillis,
        until: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, LEASE_REFRESH, connection.to_string(), version, now.millis(), until.millis())? == 1)
    }

    /// Gives the right to refresh back after TikTok said no; false when the tokens were rotated.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token_release_refresh(
        &mut self,
        connection: ConnectionId,
        version: i64,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, RELEASE_REFRESH, connection.to_string(), version, now.millis())? == 1)
    }

    /// Replaces both tokens, sealed under the same data key, if the row still has `expected_version`; false when it was rotated or deleted.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token_rotate(&mut self, it: &TokenRow, expected_version: i64) -> Result<bool> {
        let changed = execute!(
            tx self, ROTATE,
            it.connection_id.to_string(),
            it.version,
            it.access_sealed.as_slice(),
            it.access_expires_at.millis(),
            it.refresh_sealed.as_slice(),
            it.refresh_expires_at.millis(),
            it.previous_refresh_sealed.as_deref(),
            it.refresh_lease_until.millis(),
            it.refresh_sent_at.map(UnixMillis::millis),
            it.updated_at.millis(),
            expected_version,
        )?;
        Ok(changed == 1)
    }

    /// Forgets the refresh token before the last rotation, now that the new tokens were seen to work; false when they were rotated again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn token_forget_previous(&mut self, connection: ConnectionId, version: i64) -> Result<bool> {
        Ok(execute!(tx self, FORGET_PREVIOUS, connection.to_string(), version)? == 1)
    }
}
