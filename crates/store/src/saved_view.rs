//! Views of the history that a workspace keeps. Owns their rows; what an address may ask for is the page's.

use domain::id::{SavedViewId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("saved_view");
/// Rows that are read at once; there are fewer.
const LIST_MAX: i64 = 1_000;

/// A view that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Which.
    pub id: SavedViewId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who kept it; it is sealed under their key.
    pub person_id: UserId,
    /// What it is found by; empty when it could not be opened.
    pub name: String,
    /// The query of the address, for example `state=failed`; empty when it could not be opened.
    pub query: String,
    /// When it was kept.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO saved_view (id, workspace_id, person_id, name, query, at)
VALUES ($1, $2, $3, $4, $5, $6)";
const DELETE: &str = "DELETE FROM saved_view WHERE id = $1 AND workspace_id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM saved_view WHERE workspace_id = $1";
macro_rules! columns {
    () => {
        concat!(
            "SELECT saved_view.id, saved_view.workspace_id, saved_view.person_id, saved_view.name, saved_view.query, saved_view.at, ",
            person_key!("saved_view.person_id"),
            " FROM saved_view WHERE saved_view.workspace_id = $1"
        )
    };
}
const LIST: &str = concat!(columns!(), " ORDER BY saved_view.id LIMIT $2");

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, DELETE, COUNT, LIST];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        name: String,
        query: String,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<SavedView> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let (name, query) = (row.shown("name", self.name), row.shown("query", self.query));
        Ok(SavedView {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            name,
            query,
            at: instant(self.at),
        })
    }
}

impl Store {
    /// The views of a workspace, those that were made first in front.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn saved_views(&self, workspace: WorkspaceId) -> Result<Vec<SavedView>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// How many views a workspace keeps.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn saved_view_count(&mut self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string())?;
        Ok(count)
    }

    /// Keeps a view.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace or person, [`crate::StoreError::Conflict`] when the id is taken.
    pub async fn saved_view_put(&mut self, it: &SavedView) -> Result<()> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let row = self.row_of(Owner::person(&person), TABLE, &id).await?;
        let (name, query) = (row.write("name", &it.name)?, row.write("query", &it.query)?);
        execute!(tx self, PUT, &id, it.workspace_id.to_string(), &person, &name, &query, it.at.millis())?;
        Ok(())
    }

    /// Removes a view; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn saved_view_delete(&mut self, workspace: WorkspaceId, id: SavedViewId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string(), workspace.to_string())? == 1)
    }
}
