//! Posts that were begun in one go: what stands beside a composition, and which one comes next. Reads only.

use domain::id::{ConnectionId, GroupId, MediaId, PostId};
use domain::post::PostState;
use store::Media;

use crate::{Actor, App, Result};

/// One composition of a batch.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Which.
    pub group: GroupId,
    /// Its file, or its cover.
    pub media: Media,
    /// Its posts: which, its account and state.
    pub posts: Vec<(PostId, ConnectionId, PostState)>,
}

impl Begun {
    /// Where it stands: a draft as long as one of its posts is one.
    #[must_use]
    pub fn state(&self) -> PostState {
        let first = self.posts.first().map_or(PostState::Draft, |(_, _, state)| *state);
        self.open().map_or(first, |_| PostState::Draft)
    }

    /// The first account whose post is still a draft.
    #[must_use]
    pub fn open(&self) -> Option<ConnectionId> {
        self.posts.iter().find(|(_, _, state)| *state == PostState::Draft).map(|(_, connection, _)| *connection)
    }
}

impl App {
    /// The compositions that were begun in one go with this one, itself among them, by the names of their files. Nothing for a foreign group.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn batch(&self, actor: &Actor, group: GroupId) -> Result<Vec<Begun>> {
        let posts = self.store.posts_begun_with(actor.workspace_id, group).await?;
        let files: Vec<MediaId> = posts.iter().map(|post| post.media_id).collect();
        let files = self.store.media_many(actor.workspace_id, &files).await?;
        let mut all: Vec<Begun> = Vec::new();
        for post in posts {
            let one = (post.id, post.connection_id, post.state);
            if let Some(begun) = all.iter_mut().find(|begun| begun.group == post.group_id) {
                begun.posts.push(one);
            } else if let Some(media) = files.iter().find(|media| media.id == post.media_id) {
                all.push(Begun { group: post.group_id, media: media.clone(), posts: vec![one] });
            }
        }
        // Ids that were made in one millisecond have no order among themselves; names have one that people know.
        all.sort_by_key(|begun| (begun.media.file_name.to_lowercase(), begun.group));
        Ok(all)
    }

    /// What is to be done next after a post of this composition: a draft of it, else the next one of its batch, round.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_draft(&self, actor: &Actor, group: GroupId) -> Result<Option<(GroupId, ConnectionId)>> {
        if let Some(connection) = self.open_drafts(actor, group).await?.first() {
            return Ok(Some((group, *connection)));
        }
        let batch = self.batch(actor, group).await?;
        let here = batch.iter().position(|begun| begun.group == group).unwrap_or(0);
        let (before, after) = batch.split_at_checked(here).unwrap_or((&batch, &[]));
        Ok(after.iter().chain(before).find_map(|begun| Some((begun.group, begun.open()?))))
    }
}
