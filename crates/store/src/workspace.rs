//! Workspaces and who belongs to them. Owns both tables; what a role allows is decided elsewhere.

use domain::id::{UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("workspace");
/// The sealed column.
const NAME: &str = "name";

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

/// Whoever is longest in a workspace.
macro_rules! first_member {
    ($workspace:literal) => {
        concat!(
            "(SELECT f.user_id FROM member f WHERE f.workspace_id = ",
            $workspace,
            " ORDER BY f.created_at, f.user_id LIMIT 1)"
        )
    };
}

const INSERT: &str = "INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3)";
const INSERT_MEMBER: &str = "INSERT INTO member (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
// The name is that of whoever began it, under their key.
const SELECT_OF_USER: &str = concat!(
    "
SELECT w.id, w.name, w.created_at, ",
    first_member!("w.id"),
    " AS owner_id, (SELECT k.data_key_sealed FROM person_key k WHERE k.person_id = ",
    first_member!("w.id"),
    ") AS wrapped
FROM workspace w
JOIN member m ON m.workspace_id = w.id
WHERE m.user_id = $1
ORDER BY m.created_at, w.id
LIMIT 1"
);
const SELECT_MEMBER: &str = "SELECT user_id FROM member WHERE workspace_id = $1 AND user_id = $2";
const SELECT_NAME: &str = concat!(
    "
SELECT w.id, w.name, w.created_at, ",
    first_member!("w.id"),
    " AS owner_id, (SELECT k.data_key_sealed FROM person_key k WHERE k.person_id = ",
    first_member!("w.id"),
    ") AS wrapped
FROM workspace w
WHERE w.id = $1"
);
const SET_NAME: &str = "UPDATE workspace SET name = $2 WHERE id = $1";

// Changes nothing; whoever else does the same waits for the end of this transaction.
const HOLD: &str = "UPDATE workspace SET name = name WHERE id = $1";

pub(crate) const STATEMENTS: &[Statement] =
    statements![HOLD, INSERT, INSERT_MEMBER, SELECT_OF_USER, SELECT_MEMBER, SELECT_NAME, SET_NAME];

row! {
    struct Raw {
        id: String,
        name: String,
        created_at: i64,
        owner_id: Option<String>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Workspace> {
        let owner = self.owner_id.unwrap_or_default();
        let row = safe.shown_row(Owner::person(&owner), self.wrapped.as_deref(), TABLE, &self.id)?;
        Ok(Workspace {
            name: row.shown(NAME, self.name),
            id: TABLE.parse("id", &self.id)?,
            created_at: instant(self.created_at),
        })
    }
}

impl Store {
    /// The first workspace a person joined.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn workspace_of(&self, user: UserId) -> Result<Option<Workspace>> {
        fetch_optional!(store self, Raw, SELECT_OF_USER, user.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Whether a person belongs to a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn is_member(&self, workspace: WorkspaceId, user: UserId) -> Result<bool> {
        let row = fetch_optional!(store self, (String,), SELECT_MEMBER, workspace.to_string(), user.to_string())?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Lets one transaction at a time decide about what a workspace may still take: what it adds up is true until it commits.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn workspace_hold(&mut self, id: WorkspaceId) -> Result<()> {
        execute!(tx self, HOLD, id.to_string())?;
        Ok(())
    }

    /// The first workspace a person joined, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn workspace_of(&mut self, user: UserId) -> Result<Option<Workspace>> {
        fetch_optional!(tx self, Raw, SELECT_OF_USER, user.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Adds a workspace for the person who will be its first member.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id is taken.
    pub async fn workspace_insert(&mut self, it: &Workspace, first: UserId) -> Result<()> {
        let (id, first) = (it.id.to_string(), first.to_string());
        let name = self.row_of(Owner::person(&first), TABLE, &id).await?.write(NAME, &it.name)?;
        execute!(tx self, INSERT, &id, &name, it.created_at.millis())?;
        Ok(())
    }

    /// Renames a workspace that was called after somebody with them; false when it has a name of its own.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn workspace_follow_name(&mut self, id: WorkspaceId, before: &str, name: &str) -> Result<bool> {
        let id = id.to_string();
        let Some(raw) = fetch_optional!(tx self, Raw, SELECT_NAME, &id)? else { return Ok(false) };
        let (owner, wrapped) = (raw.owner_id.clone().unwrap_or_default(), raw.wrapped.clone());
        if raw.open(&self.safe)?.name != before {
            return Ok(false);
        }
        let row = self.safe.row(Owner::person(&owner), wrapped.as_deref(), TABLE, &id)?;
        let name = row.write(NAME, name)?;
        Ok(execute!(tx self, SET_NAME, &id, &name)? == 1)
    }

    /// Adds a member.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the person is one already, [`crate::StoreError::Constraint`] when either does not exist.
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
