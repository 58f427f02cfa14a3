//! Sealed tickets with which TikTok is told that a grant is over when it did not answer at once. Owns their rows.
//!
//! A ticket holds an access token and nothing else, under a key of its own, for a day at most. Must not be read for publishing.

use domain::id::ConnectionId;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("revoke_ticket");

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeTicket {
    /// The connection it ends.
    pub connection_id: ConnectionId,
    /// The instance key that sealed its data key.
    pub instance_key_version: i64,
    /// Its data key.
    pub data_key_sealed: Vec<u8>,
    /// The access token.
    pub access_sealed: Vec<u8>,
    /// How often TikTok was asked.
    pub tries: i64,
    /// When it is asked again.
    pub next_at: UnixMillis,
    /// When the ticket is destroyed whatever TikTok said.
    pub expires_at: UnixMillis,
}

macro_rules! columns {
    () => {
        "connection_id, instance_key_version, data_key_sealed, access_sealed, tries, next_at, expires_at"
    };
}

const PUT: &str = concat!(
    "INSERT INTO revoke_ticket (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (connection_id) DO UPDATE SET
  instance_key_version = excluded.instance_key_version,
  data_key_sealed = excluded.data_key_sealed,
  access_sealed = excluded.access_sealed,
  tries = 0,
  next_at = excluded.next_at,
  expires_at = excluded.expires_at"
);
const DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM revoke_ticket WHERE next_at <= $1 OR expires_at <= $1 ORDER BY next_at LIMIT $2"
);
const LATER: &str = "UPDATE revoke_ticket SET tries = tries + 1, next_at = $2 WHERE connection_id = $1";
const DELETE: &str = "DELETE FROM revoke_ticket WHERE connection_id = $1";
const DELETE_OF_ACCOUNT: &str = "
DELETE FROM revoke_ticket WHERE connection_id IN (SELECT id FROM connection WHERE open_id = $1)";
const NEXT: &str = "SELECT MIN(next_at) FROM revoke_ticket";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, DUE, LATER, DELETE, DELETE_OF_ACCOUNT, NEXT];

row! {
    struct Raw {
        connection_id: String,
        instance_key_version: i64,
        data_key_sealed: Vec<u8>,
        access_sealed: Vec<u8>,
        tries: i64,
        next_at: i64,
        expires_at: i64,
    }
}

impl TryFrom<Raw> for RevokeTicket {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            instance_key_version: raw.instance_key_version,
            data_key_sealed: raw.data_key_sealed,
            access_sealed: raw.access_sealed,
            tries: raw.tries,
            next_at: instant(raw.next_at),
            expires_at: instant(raw.expires_at),
        })
    }
}

impl Store {
    /// Tickets to act on by `now`, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tickets_due(&self, now: UnixMillis, limit: u32) -> Result<Vec<RevokeTicket>> {
        let rows = fetch_all!(store self, Raw, DUE, now.millis(), i64::from(limit))?;
        rows.into_iter().map(RevokeTicket::try_from).collect()
    }

    /// When the next ticket wants to be used.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ticket_next(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT)?;
        Ok(instant_opt(at))
    }
}

impl Tx {
    /// Keeps a ticket in place of an earlier one of the same connection.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ticket_put(&mut self, it: &RevokeTicket) -> Result<()> {
        execute!(
            tx self, PUT,
            it.connection_id.to_string(),
            it.instance_key_version,
            it.data_key_sealed.as_slice(),
            it.access_sealed.as_slice(),
            it.tries,
            it.next_at.millis(),
            it.expires_at.millis(),
        )?;
        Ok(())
    }

    /// Notes that TikTok did not answer, and when to ask again; false when there is no ticket.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ticket_later(&mut self, connection: ConnectionId, next_at: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, LATER, connection.to_string(), next_at.millis())? == 1)
    }

    /// Destroys every ticket of one TikTok account, whichever workspace it was disconnected from.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tickets_delete_of_account(&mut self, open_id: &str) -> Result<()> {
        execute!(tx self, DELETE_OF_ACCOUNT, open_id)?;
        Ok(())
    }

    /// Destroys a ticket with its key; false when there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ticket_delete(&mut self, connection: ConnectionId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, connection.to_string())? == 1)
    }
}
