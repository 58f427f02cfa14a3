//! Signed-in browsers. Owns the row by the hash of its secret; must never see the secret itself.

use domain::id::{SessionId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

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

const INSERT: &str = concat!("INSERT INTO session (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
const SELECT_BY_HASH: &str = concat!("SELECT ", columns!(), " FROM session WHERE secret_hash = $1 AND expires_at > $2");
const SELECT_OF_USER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM session WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id LIMIT $3"
);
const TOUCH: &str = "UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM session WHERE user_id = $1 AND id = $2";
const DELETE_BY_HASH: &str = "DELETE FROM session WHERE secret_hash = $1";

pub(crate) const STATEMENTS: &[Statement] =
    statements![INSERT, SELECT_BY_HASH, SELECT_OF_USER, TOUCH, DELETE, DELETE_BY_HASH];

#[derive(sqlx::FromRow)]
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
}

impl TryFrom<Raw> for Session {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: TABLE.parse("id", &raw.id)?,
            secret_hash: raw.secret_hash,
            user_id: TABLE.parse("user_id", &raw.user_id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            device: raw.device,
            ip: raw.ip,
            created_at: instant(raw.created_at),
            last_seen_at: instant(raw.last_seen_at),
            expires_at: instant(raw.expires_at),
        })
    }
}

impl Store {
    /// The session of a cookie, unless it has expired.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn session_by_hash(&self, secret_hash: &str, now: UnixMillis) -> Result<Option<Session>> {
        fetch_optional!(store self, Raw, SELECT_BY_HASH, secret_hash, now.millis())?.map(Session::try_from).transpose()
    }

    /// The valid sessions of a person, last used first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sessions_of(&self, user: UserId, now: UnixMillis) -> Result<Vec<Session>> {
        fetch_all!(store self, Raw, SELECT_OF_USER, user.to_string(), now.millis(), LIST_LIMIT)?
            .into_iter()
            .map(Session::try_from)
            .collect()
    }
}

impl Tx {
    /// Adds a session.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or hash is taken.
    pub async fn session_insert(&mut self, it: &Session) -> Result<()> {
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            &it.secret_hash,
            it.user_id.to_string(),
            it.workspace_id.to_string(),
            &it.device,
            &it.ip,
            it.created_at.millis(),
            it.last_seen_at.millis(),
            it.expires_at.millis(),
        )?;
        Ok(())
    }

    /// Notes a use and moves the end; false when the session is gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn session_touch(&mut self, id: SessionId, now: UnixMillis, expires_at: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, TOUCH, id.to_string(), now.millis(), expires_at.millis())? == 1)
    }

    /// Ends a session of this person; false when it is not theirs or gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn session_delete(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, user.to_string(), id.to_string())? == 1)
    }

    /// Ends the session of a cookie; false when it is gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn session_delete_by_hash(&mut self, secret_hash: &str) -> Result<bool> {
        Ok(execute!(tx self, DELETE_BY_HASH, secret_hash)? == 1)
    }
}
