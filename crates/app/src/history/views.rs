//! Views of the history that a workspace keeps under a name. Owns the use cases; what an address may ask for is the page's.

use domain::id::SavedViewId;
use domain::name::display_name;
use store::saved_view::SavedView;

use crate::{Actor, App, Error, Result};

/// Views that a workspace keeps at most.
pub(crate) const VIEWS_MAX: usize = 20;
/// Longest query of an address, bytes.
const QUERY_MAX: usize = 1_000;

/// Whether something can be kept as a view.
pub(crate) fn is_view(name: &str, query: &str) -> bool {
    display_name(name).as_deref() == Some(name) && query.len() <= QUERY_MAX
}

impl App {
    /// The views of the actor's workspace, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn saved_views(&self, actor: &Actor) -> Result<Vec<SavedView>> {
        let mut all = self.store.saved_views(actor.workspace_id).await?;
        all.sort_by_key(|view| (view.name.to_lowercase(), view.id));
        Ok(all)
    }

    /// Keeps what a page asks for under a name.
    ///
    /// # Errors
    /// [`Error::BadInput`] `saved-view-name` for a name that is none, `saved-view-query` for a query that is too long, [`Error::Limit`] `too-many-views`.
    pub async fn saved_view_add(&self, actor: &Actor, name: &str, query: &str) -> Result<SavedViewId> {
        let name = display_name(name).ok_or(Error::BadInput { code: "saved-view-name" })?;
        if query.len() > QUERY_MAX {
            return Err(Error::BadInput { code: "saved-view-query" });
        }
        let now = self.now();
        let id = SavedViewId::from_uuid(self.random.uuid(now));
        let (workspace_id, person_id) = (actor.workspace_id, actor.user_id);
        let mut tx = self.store.begin().await?;
        if tx.saved_view_count(workspace_id).await? >= i64::try_from(VIEWS_MAX).unwrap_or(i64::MAX) {
            return Err(Error::Limit { code: "too-many-views" });
        }
        tx.saved_view_put(&SavedView { id, workspace_id, person_id, name, query: query.to_owned(), at: now }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Forgets a view.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn saved_view_delete(&self, actor: &Actor, id: SavedViewId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.saved_view_delete(actor.workspace_id, id).await? {
            return Err(Error::NotFound { what: "saved view" });
        }
        tx.commit().await.map_err(Error::from)
    }
}
