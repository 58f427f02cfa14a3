//! Accounts that came back from TikTok and wait for the person's word. Owns their short-lived row; tokens are ciphertext here.
//!
//! Nothing of the engine reads this table: what is not confirmed cannot post.

use std::fmt;

use domain::connection::{AvatarFormat, Scopes};
use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::avatar::Avatar;
use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("unconfirmed");

/// One account with its grant, set aside until the person answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The id that the connection will have.
    pub id: ConnectionId,
    /// For which workspace.
    pub workspace_id: WorkspaceId,
    /// Who set out to add it, and alone may answer.
    pub user_id: UserId,
    /// TikTok's id of the account.
    pub open_id: String,
    /// Name as TikTok tells it.
    pub display_name: String,
    /// Handle without the at sign, when TikTok told it.
    pub username: Option<String>,
    /// What was granted.
    pub scopes: Scopes,
    /// Version of the instance key that sealed the data key.
    pub instance_key_version: i64,
    /// The data key of this row alone.
    pub data_key_sealed: Vec<u8>,
    /// Access token.
    pub access_sealed: Vec<u8>,
    /// Until when TikTok honours it.
    pub access_expires_at: UnixMillis,
    /// Refresh token.
    pub refresh_sealed: Vec<u8>,
    /// Until when TikTok honours it.
    pub refresh_expires_at: UnixMillis,
    /// When the person agreed on TikTok's page.
    pub granted_at: UnixMillis,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
    /// Its picture, when TikTok gave one.
    pub avatar: Option<Avatar>,
}

impl fmt::Debug for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unconfirmed")
            .field("id", &self.id)
            .field("workspace_id", &self.workspace_id)
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

macro_rules! columns {
    () => {
        "id, workspace_id, user_id, open_id, display_name, username, scopes, instance_key_version, data_key_sealed, \
         access_sealed, access_expires_at, refresh_sealed, refresh_expires_at, granted_at, expires_at, \
         avatar_format, avatar"
    };
}

// What is read: the columns, and the key that name, handle and picture are sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", person_key!("unconfirmed.user_id"))
    };
}

const INSERT: &str = concat!(
    "INSERT INTO unconfirmed (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
);
const SELECT: &str =
    concat!("SELECT ", all_of_it!(), " FROM unconfirmed WHERE id = $1 AND user_id = $2 AND expires_at > $3");
const TAKE: &str =
    concat!("DELETE FROM unconfirmed WHERE id = $1 AND user_id = $2 AND expires_at > $3 RETURNING ", all_of_it!());
const REPLACE: &str = "DELETE FROM unconfirmed WHERE workspace_id = $1 AND open_id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM unconfirmed WHERE workspace_id = $1";
const NEXT_EXPIRY: &str = "SELECT MIN(expires_at) FROM unconfirmed";
const TAKE_EXPIRED: &str = concat!(
    "
DELETE FROM unconfirmed
WHERE id IN (SELECT id FROM unconfirmed WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
RETURNING ",
    all_of_it!()
);

pub(crate) const STATEMENTS: &[Statement] =
    statements![INSERT, SELECT, TAKE, REPLACE, COUNT, NEXT_EXPIRY, TAKE_EXPIRED];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        user_id: String,
        open_id: String,
        display_name: String,
        username: Option<String>,
        scopes: String,
        instance_key_version: i64,
        data_key_sealed: Vec<u8>,
        access_sealed: Vec<u8>,
        access_expires_at: i64,
        refresh_sealed: Vec<u8>,
        refresh_expires_at: i64,
        granted_at: i64,
        expires_at: i64,
        avatar_format: Option<String>,
        avatar: Option<Vec<u8>>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Unconfirmed> {
        let raw = self;
        let row = safe.row(Owner::person(&raw.user_id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        let avatar = raw.avatar.map(|bytes| row.read_bytes("avatar", bytes)).transpose()?.flatten();
        let format =
            raw.avatar_format.map(|text| TABLE.word("avatar_format", &text, AvatarFormat::parse)).transpose()?;
        Ok(Unconfirmed {
            display_name: row.read("display_name", raw.display_name)?,
            username: row.read_opt("username", raw.username)?,
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            user_id: TABLE.parse("user_id", &raw.user_id)?,
            open_id: raw.open_id,
            scopes: Scopes::parse(&raw.scopes),
            instance_key_version: raw.instance_key_version,
            data_key_sealed: raw.data_key_sealed,
            access_sealed: raw.access_sealed,
            access_expires_at: instant(raw.access_expires_at),
            refresh_sealed: raw.refresh_sealed,
            refresh_expires_at: instant(raw.refresh_expires_at),
            granted_at: instant(raw.granted_at),
            expires_at: instant(raw.expires_at),
            avatar: format.zip(avatar).map(|(format, bytes)| Avatar { format, bytes }),
        })
    }
}

impl Store {
    /// The account that this person was asked about and has not answered; `None` when unknown, somebody else's or too late.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed(&self, user: UserId, id: ConnectionId, now: UnixMillis) -> Result<Option<Unconfirmed>> {
        fetch_optional!(store self, Raw, SELECT, id.to_string(), user.to_string(), now.millis())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// When the next unanswered account expires.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed_next_expiry(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT_EXPIRY)?;
        Ok(instant_opt(at))
    }
}

impl Tx {
    /// Sets an account aside, in place of an earlier grant of the same account that was not answered either.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed_put(&mut self, it: &Unconfirmed) -> Result<()> {
        execute!(tx self, REPLACE, it.workspace_id.to_string(), &it.open_id)?;
        let (id, person) = (it.id.to_string(), it.user_id.to_string());
        let row = self.row_of(Owner::person(&person), TABLE, &id).await?;
        let (name, handle) =
            (row.write("display_name", &it.display_name)?, row.write_opt("username", it.username.as_deref())?);
        let avatar = it.avatar.as_ref().map(|avatar| row.write_bytes("avatar", &avatar.bytes)).transpose()?.flatten();
        execute!(
            tx self, INSERT,
            &id,
            it.workspace_id.to_string(),
            &person,
            &it.open_id,
            &name,
            handle.as_deref(),
            it.scopes.to_string(),
            it.instance_key_version,
            it.data_key_sealed.as_slice(),
            it.access_sealed.as_slice(),
            it.access_expires_at.millis(),
            it.refresh_sealed.as_slice(),
            it.refresh_expires_at.millis(),
            it.granted_at.millis(),
            it.expires_at.millis(),
            it.avatar.as_ref().map(|avatar| avatar.format.as_str()),
            avatar.as_deref(),
        )?;
        Ok(())
    }

    /// Takes the account out of the table with the person's answer, so that it is answered once.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed_take(
        &mut self,
        user: UserId,
        id: ConnectionId,
        now: UnixMillis,
    ) -> Result<Option<Unconfirmed>> {
        fetch_optional!(tx self, Raw, TAKE, id.to_string(), user.to_string(), now.millis())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// How many accounts of a workspace wait for an answer.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed_count(&mut self, workspace: WorkspaceId) -> Result<usize> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string())?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Takes out at most `limit` accounts that nobody answered in time.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn unconfirmed_take_expired(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Unconfirmed>> {
        fetch_all!(tx self, Raw, TAKE_EXPIRED, now.millis(), i64::from(limit))?
            .into_iter()
            .map(|raw| raw.open(&self.safe))
            .collect()
    }
}
