//! Pictures of connected accounts. Owns their rows: the bytes, what they are, and a hash of them by which browsers know them again.
//!
//! Must not know where a picture came from: TikTok's addresses expire and are not kept.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use domain::connection::AvatarFormat;
use domain::id::{ConnectionId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::Table;
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("avatar");

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Avatar {
    /// What the bytes are.
    pub format: AvatarFormat,
    /// The file as TikTok served it.
    pub bytes: Vec<u8>,
}

impl Avatar {
    /// SHA-256 of the bytes, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        digest(&SHA256, &self.bytes).as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl fmt::Debug for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Avatar({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

const PUT: &str = "
INSERT INTO avatar (connection_id, sha256, format, fetched_at, bytes)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (connection_id) DO UPDATE SET
  sha256 = excluded.sha256,
  format = excluded.format,
  fetched_at = excluded.fetched_at,
  bytes = excluded.bytes";
const SELECT: &str = "
SELECT avatar.format, avatar.bytes
FROM avatar
JOIN connection ON connection.id = avatar.connection_id
WHERE connection.workspace_id = $1
  AND connection.id = $2";
const DELETE: &str = "DELETE FROM avatar WHERE connection_id = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, SELECT, DELETE];

#[derive(sqlx::FromRow)]
struct Raw {
    format: String,
    bytes: Vec<u8>,
}

impl TryFrom<Raw> for Avatar {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self { format: TABLE.word("format", &raw.format, AvatarFormat::parse)?, bytes: raw.bytes })
    }
}

impl Store {
    /// The picture of a connection of this workspace.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn avatar(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Avatar>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(Avatar::try_from)
            .transpose()
    }
}

impl Tx {
    /// Keeps the picture of a connection in place of the one before.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn avatar_put(&mut self, id: ConnectionId, it: &Avatar, now: UnixMillis) -> Result<()> {
        execute!(
            tx self, PUT,
            id.to_string(),
            it.sha256(),
            it.format.as_str(),
            now.millis(),
            it.bytes.as_slice(),
        )?;
        Ok(())
    }

    /// Deletes the picture of a connection; false when there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn avatar_delete(&mut self, id: ConnectionId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string())? == 1)
    }
}
