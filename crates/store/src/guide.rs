//! Whether a workspace still wants to see its first steps. Owns the one row; which steps there are and which are done is told by other rows.

use domain::id::WorkspaceId;
use domain::time::UnixMillis;

use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const HIDE: &str = "
INSERT INTO guide (workspace_id, hidden_at)
VALUES ($1, $2)
ON CONFLICT (workspace_id) DO NOTHING";
const SHOW: &str = "DELETE FROM guide WHERE workspace_id = $1";
const IS_HIDDEN: &str = "SELECT COUNT(*) FROM guide WHERE workspace_id = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![HIDE, SHOW, IS_HIDDEN];

impl Store {
    /// Whether somebody put the first steps away.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn guide_is_hidden(&self, workspace: WorkspaceId) -> Result<bool> {
        let (count,) = fetch_one!(store self, (i64,), IS_HIDDEN, workspace.to_string())?;
        Ok(count > 0)
    }
}

impl Tx {
    /// Puts the first steps away.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn guide_hide(&mut self, workspace: WorkspaceId, now: UnixMillis) -> Result<()> {
        execute!(tx self, HIDE, workspace.to_string(), now.millis())?;
        Ok(())
    }

    /// Brings the first steps back.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn guide_show(&mut self, workspace: WorkspaceId) -> Result<()> {
        execute!(tx self, SHOW, workspace.to_string())?;
        Ok(())
    }
}
