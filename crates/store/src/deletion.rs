//! Receipts of what people deleted from the library. Owns their rows; that something may be deleted, and for how long its receipt is kept, is
//! decided elsewhere.

use domain::id::{DeletionId, UserId, WorkspaceId};
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("deletion");
const NAMES: &str = "names";
/// Receipts shown in one go.
const LIST_LIMIT: i64 = 200;

/// One file, as it was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub size_bytes: u64,
}

/// What a receipt tells by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The files that are gone.
    pub gone: Vec<NamedFile>,
    /// The files that stayed because a post needs them.
    pub kept: Vec<NamedFile>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Handle.
    pub id: DeletionId,
    /// Whose library.
    pub workspace_id: WorkspaceId,
    /// Who deleted them; their key seals the names.
    pub person_id: UserId,
    /// When the last of them was deleted.
    pub deleted_at: UnixMillis,
    /// How many are gone.
    pub files: u64,
    /// What they took, bytes.
    pub size_bytes: u64,
    /// Their names; nothing when the key is gone.
    pub named: Named,
}

const PUT: &str = "
INSERT INTO deletion (id, workspace_id, person_id, deleted_at, files, size_bytes, names)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET
  deleted_at = excluded.deleted_at,
  files = excluded.files,
  size_bytes = excluded.size_bytes,
  names = excluded.names";
macro_rules! columns {
    () => {
        concat!(
            "SELECT id, workspace_id, person_id, deleted_at, files, size_bytes, names, ",
            person_key!("deletion.person_id"),
            " FROM deletion "
        )
    };
}
const SELECT: &str = concat!(columns!(), "WHERE workspace_id = $1 AND id = $2");
const LIST: &str = concat!(columns!(), "WHERE workspace_id = $1 ORDER BY deleted_at DESC, id LIMIT $2");
const PURGE: &str = "
DELETE FROM deletion
WHERE id IN (SELECT id FROM deletion WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2)";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, SELECT, LIST, PURGE];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        deleted_at: i64,
        files: i64,
        size_bytes: i64,
        names: String,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Deletion> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let names = row.shown(NAMES, self.names);
        Ok(Deletion {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            deleted_at: instant(self.deleted_at),
            files: TABLE.unsigned("files", self.files)?,
            size_bytes: TABLE.unsigned("size_bytes", self.size_bytes)?,
            named: if names.is_empty() { Named::default() } else { TABLE.json(NAMES, &names)? },
        })
    }
}

impl Store {
    /// A receipt of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn deletion(&self, workspace: WorkspaceId, id: DeletionId) -> Result<Option<Deletion>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// The receipts of a workspace, newest first, at most 200.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn deletions(&self, workspace: WorkspaceId) -> Result<Vec<Deletion>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// Writes a receipt, or what was added to one.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace or person.
    pub async fn deletion_put(&mut self, it: &Deletion) -> Result<()> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let names = TABLE.to_json(NAMES, &it.named)?;
        let names = self.row_of(Owner::person(&person), TABLE, &id).await?.write(NAMES, &names)?;
        execute!(
            tx self, PUT,
            &id,
            it.workspace_id.to_string(),
            &person,
            it.deleted_at.millis(),
            i64::try_from(it.files).unwrap_or(i64::MAX),
            i64::try_from(it.size_bytes).unwrap_or(i64::MAX),
            &names,
        )?;
        Ok(())
    }

    /// Removes receipts from before; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_deletions(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
