//! Signed-in browsers. Owns the row by the hash of its secret; must never see the secret itself.

use domain::id::{SessionId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};
use crate::push::{DROP_OF_HASH, DROP_OF_SESSION};

const TABLE: Table = Table("session");

/// Most sessions of one person that are listed.
const LIST_LIMIT: i64 = 200;

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Public handle.
    pub id: SessionId,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: String,
    /// Who.
    pub user_id: UserId,
    /// The workspace the browser looks at.
    pub workspace_id: WorkspaceId,
    /// Browser and system family.
    pub device: String,
    /// Address of the last request.
    pub ip: String,
    /// Sign-in.
    pub created_at: UnixMillis,
    /// Last request, coarse.
    pub last_seen_at: UnixMillis,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
}

macro_rules! columns {
    () => {
        "id, secret_hash, user_id, workspace_id, device, ip, created_at, last_seen_at, expires_at"
    };
}

// What is read of a session: the columns, and the key that device and address are sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", person_key!("session.user_id"))
    };
}

const INSERT: &str = concat!("INSERT INTO session (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
const SELECT_BY_HASH: &str =
    concat!("SELECT ", all_of_it!(), " FROM session WHERE secret_hash = $1 AND expires_at > $2");
const SELECT_OF_USER: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM session WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id LIMIT $3"
);
const TOUCH: &str = "UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM session WHERE user_id = $1 AND id = $2";
const DELETE_BY_HASH: &str = "DELETE FROM session WHERE secret_hash = $1";

pub(crate) const STATEMENTS: &[Statement] =
    statements![INSERT, SELECT_BY_HASH, SELECT_OF_USER, TOUCH, DELETE, DELETE_BY_HASH];

row! {
    struct Raw {
        id: String,
        secret_hash: String,
        user_id: String,
        workspace_id: String,
        device: String,
        ip: String,
        created_at: i64,
        last_seen_at: i64,
        expires_at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Session> {
        let row = safe.shown_row(Owner::person(&self.user_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        Ok(Session {
            device: row.shown("device", self.device),
            ip: row.shown("ip", self.ip),
            id: TABLE.parse("id", &self.id)?,
            secret_hash: self.secret_hash,
            user_id: TABLE.parse("user_id", &self.user_id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            created_at: instant(self.created_at),
            last_seen_at: instant(self.last_seen_at),
            expires_at: instant(self.expires_at),
        })
    }
}

impl Store {
    /// The session of a cookie, unless it has expired.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn session_by_hash(&self, secret_hash: &str, now: UnixMillis) -> Result<Option<Session>> {
        let found = fetch_optional!(store self, Raw, SELECT_BY_HASH, secret_hash, now.millis())?;
        found.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// The valid sessions of a person, last used first, at most 200.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn sessions_of(&self, user: UserId, now: UnixMillis) -> Result<Vec<Session>> {
        fetch_all!(store self, Raw, SELECT_OF_USER, user.to_string(), now.millis(), LIST_LIMIT)?
            .into_iter()
            .map(|raw| raw.open(&self.safe))
            .collect()
    }
}

impl Tx {
    /// Adds a session.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id or hash is taken.
    pub async fn session_insert(&mut self, it: &Session) -> Result<()> {
        let (id, user) = (it.id.to_string(), it.user_id.to_string());
        let row = self.row_of(Owner::person(&user), TABLE, &id).await?;
        let (device, ip) = (row.write("device", &it.device)?, row.write("ip", &it.ip)?);
        execute!(
            tx self, INSERT,
            &id,
            &it.secret_hash,
            &user,
            it.workspace_id.to_string(),
            &device,
            &ip,
            it.created_at.millis(),
            it.last_seen_at.millis(),
            it.expires_at.millis(),
        )?;
        Ok(())
    }

    /// Notes a use and moves the end; false when the session is gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn session_touch(&mut self, id: SessionId, now: UnixMillis, expires_at: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, TOUCH, id.to_string(), now.millis(), expires_at.millis())? == 1)
    }

    /// Ends a session of this person; false when it is not theirs or gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn session_delete(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        let (user, id) = (user.to_string(), id.to_string());
        execute!(tx self, DROP_OF_SESSION, &user, &id)?;
        Ok(execute!(tx self, DELETE, &user, &id)? == 1)
    }

    /// Ends the session of a cookie; false when it is gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn session_delete_by_hash(&mut self, secret_hash: &str) -> Result<bool> {
        execute!(tx self, DROP_OF_HASH, secret_hash)?;
        Ok(execute!(tx self, DELETE_BY_HASH, secret_hash)? == 1)
    }
}
