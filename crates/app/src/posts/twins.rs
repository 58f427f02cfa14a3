//! Posts of one account that show the same file: told of, never refused, for somebody may mean it. Owns what counts as a twin; the words are the page's.

use domain::id::{ConnectionId, MediaId, PostId};
use domain::post::PostState;
use store::library::FileUse;

use crate::{Actor, App, Result};

/// Posts beside a post that have its account and its file, those that changed last first.
#[derive(Debug, Clone, Default)]
pub struct Twins(Vec<FileUse>);

impl App {
    /// The posts that use any of these files and may still go out, or did.
    pub(crate) async fn twins(&self, actor: &Actor, files: &[MediaId]) -> Result<Twins> {
        let mut files = files.to_vec();
        files.sort_unstable();
        files.dedup();
        let mut uses = self.store.file_uses(actor.workspace_id, &files).await?;
        uses.retain(|one| !matches!(one.state, PostState::Failed | PostState::Cancelled));
        Ok(Twins(uses))
    }
}

impl Twins {
    /// Those of a file and an account; a post is not its own twin.
    #[must_use]
    pub fn of(&self, file: MediaId, account: ConnectionId, own: Option<PostId>) -> Vec<FileUse> {
        let like_it = |one: &&FileUse| one.media_id == file && one.connection_id == account && Some(one.post_id) != own;
        self.0.iter().filter(like_it).copied().collect()
    }
}

/// It waits: a draft, planned, or on its way.
#[must_use]
pub const fn waits(state: PostState) -> bool {
    match state {
        PostState::Draft | PostState::Scheduled | PostState::Publishing | PostState::NeedsAttention => true,
        PostState::Published | PostState::InInbox | PostState::Failed | PostState::Cancelled => false,
    }
}
