//! Workspaces and who belongs to them. Owns both tables; what a role allows is decided elsewhere.

use domain::id::{UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("workspace");

/// What posts, media and connections belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Name shown to its members.
    pub name: String,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Owner,
}

impl Role {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
        }
    }
}

const INSERT: &str = "INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3)";
const INSERT_MEMBER: &str = "INSERT INTO member (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
const SELECT_OF_USER: &str = "
SELECT w.id, w.name, w.created_at
FROM workspace w
JOIN member m ON m.workspace_id = w.id
WHERE m.user_id = $1
ORDER BY m.created_at, w.id
LIMIT 1";
const SELECT_MEMBER: &str = "SELECT user_id FROM member WHERE workspace_id = $1 AND user_id = $2";
const FOLLOW_NAME: &str = "UPDATE workspace SET name = $3 WHERE id = $1 AND name = $2";

pub(crate) const STATEMENTS: &[Statement] =
    statements![INSERT, INSERT_MEMBER, SELECT_OF_USER, SELECT_MEMBER, FOLLOW_NAME];

#[derive(sqlx::FromRow)]
struct Raw {
    id: String,
    name: String,
    created_at: i64,
}

impl TryFrom<Raw> for Workspace {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self { id: TABLE.parse("id", &raw.id)?, name: raw.name, created_at: instant(raw.created_at) })
    }
}

impl Store {
    /// The first workspace a person joined.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn workspace_of(&self, user: UserId) -> Result<Option<Workspace>> {
        fetch_optional!(store self, Raw, SELECT_OF_USER, user.to_string())?.map(Workspace::try_from).transpose()
    }

    /// Whether a person belongs to a workspace.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn is_member(&self, workspace: WorkspaceId, user: UserId) -> Result<bool> {
        let row = fetch_optional!(store self, (String,), SELECT_MEMBER, workspace.to_string(), user.to_string())?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// The first workspace a person joined, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn workspace_of(&mut self, user: UserId) -> Result<Option<Workspace>> {
        fetch_optional!(tx self, Raw, SELECT_OF_USER, user.to_string())?.map(Workspace::try_from).transpose()
    }

    /// Adds a workspace.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn workspace_insert(&mut self, it: &Workspace) -> Result<()> {
        execute!(tx self, INSERT, it.id.to_string(), &it.name, it.created_at.millis())?;
        Ok(())
    }

    /// Renames a workspace that was called after somebody with them; false when it has a name of its own.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn workspace_follow_name(&mut self, id: WorkspaceId, before: &str, name: &str) -> Result<bool> {
        Ok(execute!(tx self, FOLLOW_NAME, id.to_string(), before, name)? == 1)
    }

    /// Adds a member.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the person is one already, [`StoreError::Constraint`] when either does not exist.
    pub async fn member_insert(
        &mut self,
        workspace: WorkspaceId,
        user: UserId,
        role: Role,
        at: UnixMillis,
    ) -> Result<()> {
        execute!(
            tx self, INSERT_MEMBER,
            workspace.to_string(),
            user.to_string(),
            role.as_str(),
            at.millis(),
        )?;
        Ok(())
    }
}
