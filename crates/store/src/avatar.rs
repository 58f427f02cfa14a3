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
use crate::error::Result;
use crate::personal::{Owner, Safe};

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
const SELECT: &str = concat!(
    "
SELECT connection.id, avatar.format, avatar.bytes, ",
    connection_key!("connection.id"),
    "
FROM avatar
JOIN connection ON connection.id = avatar.connection_id
WHERE connection.workspace_id = $1
  AND connection.id = $2"
);
const DELETE: &str = "DELETE FROM avatar WHERE connection_id = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, SELECT, DELETE];

row! {
    struct Raw {
        id: String,
        format: String,
        bytes: Vec<u8>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    /// `None` when the key is gone: then there is no picture any more.
    fn open(self, safe: &Safe) -> Result<Option<Avatar>> {
        let row = safe.row(Owner::connection(&self.id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let format = TABLE.word("format", &self.format, AvatarFormat::parse)?;
        Ok(row.read_bytes("bytes", self.bytes)?.map(|bytes| Avatar { format, bytes }))
    }
}

impl Store {
    /// The picture of a connection of this workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn avatar(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Avatar>> {
        let found = fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?;
        found.map_or(Ok(None), |raw| raw.open(&self.safe))
    }
}

impl Tx {
    /// Keeps the picture of a connection in place of the one before; of one whose key was destroyed nothing is kept.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn avatar_put(&mut self, id: ConnectionId, it: &Avatar, now: UnixMillis) -> Result<()> {
        let id = id.to_string();
        let row = self.row_of(Owner::connection(&id), TABLE, &id).await?;
        let Some(bytes) = row.write_bytes("bytes", &it.bytes)? else { return Ok(()) };
        execute!(
            tx self, PUT,
            &id,
            it.sha256(),
            it.format.as_str(),
            now.millis(),
            bytes.as_slice(),
        )?;
        Ok(())
    }

    /// Deletes the picture of a connection; false when there is none.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn avatar_delete(&mut self, id: ConnectionId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string())? == 1)
    }
}
