//! Posts: composing, consenting, planning, changing. Owns what people may do to a post; the engine owns what happens after.

mod arrange;
mod batch;
mod bulk;
mod change;
mod compose;
mod draft;
mod earlier;
mod expectation;
mod files;
mod submit;
mod twins;

pub use arrange::{ARRANGED_MAX, Arranged, How, Move, Proposal, Proposed};
pub use batch::Begun;
pub use bulk::{
    Agreement, Behind, ClockSays, Consented, GRID_ROWS, GridRow, GridView, Review, Reviewed, Settled, Times,
};
pub use compose::{ComposeTab, ComposeView};
pub(crate) use draft::DRAFT_CAPTION_MAX;
pub use draft::{DraftInput, Filled, TOGETHER_MAX};
pub use earlier::{DRAFT_STATE_DAYS, DRAFT_STATES_MAX, Restored};
pub use expectation::Expectation;
pub use files::Files;
pub use submit::{Submit, When};
pub use twins::waits;

use domain::id::{ConnectionId, GroupId, PostId};
use domain::post::PostState;
use store::Post;

use crate::live::{LiveChange, LiveEvent};
use crate::{Actor, App, Error, Result};

impl App {
    /// One post of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn post(&self, actor: &Actor, id: PostId) -> Result<Post> {
        self.store.post(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "post" })
    }

    /// The accounts of a composition whose posts still are drafts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_drafts(&self, actor: &Actor, group: GroupId) -> Result<Vec<ConnectionId>> {
        let posts = self.store.posts_in_group(actor.workspace_id, group).await?;
        Ok(posts.into_iter().filter(|post| post.state == PostState::Draft).map(|post| post.connection_id).collect())
    }

    /// Tells pages and the engine that a post changed; after the commit.
    pub(crate) fn post_changed(&self, actor: &Actor, post_id: PostId, state: PostState) {
        self.live.publish(LiveEvent { workspace_id: actor.workspace_id, what: LiveChange::Post { post_id, state } });
        self.engine_nudge.notify_one();
    }
}

/// The sentence for "somebody, perhaps you in another tab, changed this post meanwhile".
pub(crate) const CHANGED_MEANWHILE: Error = Error::Conflict { code: "post-changed-meanwhile" };
