//! Posts of one account that show the same content: told of, never refused, for somebody may mean it. Owns what counts as a twin; the words are the
//! page's.
//!
//! The content counts, not the upload: a film that was brought twice is one film. Pictures are the same when all of them are, in their order.

use std::collections::{HashMap, HashSet};

use domain::id::{ConnectionId, MediaId, PostId};
use domain::post::PostState;
use store::Post;
use store::library::FileUse;

use crate::{Actor, App, Result};

/// Posts with one of the files that are looked at; more of them say nothing more.
const LOOKED_AT: usize = 1_000;

/// Posts that show what some files show.
#[derive(Debug, Clone, Default)]
pub struct Twins {
    /// Each with the content of what it shows.
    posts: Vec<(FileUse, Vec<String>)>,
    /// Content by file.
    contents: HashMap<MediaId, String>,
}

impl App {
    /// The posts that show what any of these files does and may still go out, or did.
    pub(crate) async fn twins(&self, actor: &Actor, files: &[MediaId]) -> Result<Twins> {
        let same = self.store.media_same(actor.workspace_id, files).await?;
        let mut contents: HashMap<MediaId, String> = same.into_iter().map(|it| (it.id, it.sha256)).collect();
        let all: Vec<MediaId> = contents.keys().copied().collect();
        let mut uses = self.store.file_uses(actor.workspace_id, &all).await?;
        uses.retain(|one| !matches!(one.state, PostState::Failed | PostState::Cancelled));
        let mut seen = HashSet::new();
        uses.retain(|one| seen.insert(one.post_id));
        uses.truncate(LOOKED_AT);
        let ids: Vec<PostId> = uses.iter().map(|one| one.post_id).collect();
        let posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        for media in self.media_of(actor, &posts).await? {
            contents.insert(media.id, media.sha256);
        }
        let mut twins = Twins { posts: Vec::new(), contents };
        for one in uses {
            let shown =
                posts.iter().find(|post| post.id == one.post_id).and_then(|post| twins.content(&files_of(post)));
            twins.posts.extend(shown.map(|content| (one, content)));
        }
        Ok(twins)
    }
}

impl Twins {
    /// Those of an account that show just these files, those that changed last first; a post is not its own twin.
    #[must_use]
    pub fn of(&self, files: &[MediaId], account: ConnectionId, own: Option<PostId>) -> Vec<FileUse> {
        let Some(content) = self.content(files) else { return Vec::new() };
        let like_it = |(one, shown): &&(FileUse, Vec<String>)| {
            one.connection_id == account && Some(one.post_id) != own && *shown == content
        };
        self.posts.iter().filter(like_it).map(|(one, _)| *one).collect()
    }

    fn content(&self, files: &[MediaId]) -> Option<Vec<String>> {
        files.iter().map(|id| self.contents.get(id).cloned()).collect()
    }
}

/// What a post shows, in its order.
pub(super) fn files_of(post: &Post) -> Vec<MediaId> {
    post.photos.as_ref().map_or_else(|| vec![post.media_id], |photos| photos.pictures().to_vec())
}

/// It waits: a draft, planned, or on its way.
#[must_use]
pub const fn waits(state: PostState) -> bool {
    match state {
        PostState::Draft | PostState::Scheduled | PostState::Publishing | PostState::NeedsAttention => true,
        PostState::Published | PostState::InInbox | PostState::Failed | PostState::Cancelled => false,
    }
}
