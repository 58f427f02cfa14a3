//! The queue: what needs somebody first, then what goes out next. Owns the order; pages own the looks.

use domain::id::MediaId;
use domain::post::PostState;
use domain::time::UnixMillis;
use store::{Connection, Media, Post};

use crate::{Actor, App, Result};

/// Posts one queue page reads.
const QUEUE_MAX: u32 = 500;

/// A post with what a row shows.
#[derive(Debug, Clone)]
pub struct PostRow {
    /// The post.
    pub post: Post,
    /// Its account.
    pub connection: Connection,
    /// Its file; `None` when retention removed it.
    pub media: Option<Media>,
}

/// The queue page.
#[derive(Debug, Clone)]
pub struct QueueView {
    /// Failed, parked or unknown: a person has to act.
    pub attention: Vec<PostRow>,
    /// Scheduled and publishing, by time.
    pub upcoming: Vec<PostRow>,
    /// Published since the start of the actor's day, by time.
    pub done_today: Vec<PostRow>,
    /// Drafts, newest change first.
    pub drafts: Vec<PostRow>,
    /// All connections.
    pub connections: Vec<Connection>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

impl App {
    /// The queue of the actor's workspace. `day_start` is the start of today in the actor's zone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue(&self, actor: &Actor, day_start: UnixMillis) -> Result<QueueView> {
        let connections = self.connections(actor).await?;
        let open = self.store.posts_queue(actor.workspace_id, QUEUE_MAX).await?;
        let drafts = self.store.posts_drafts(actor.workspace_id, 50).await?;
        let done = self.store.posts_published_since(actor.workspace_id, day_start, 100).await?;
        let (attention, upcoming): (Vec<Post>, Vec<Post>) = open.into_iter().partition(|post| match post.state {
            PostState::Failed | PostState::NeedsAttention => true,
            PostState::Draft
            | PostState::Scheduled
            | PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Cancelled => false,
        });
        Ok(QueueView {
            attention: self.rows(actor, attention, &connections).await?,
            upcoming: self.rows(actor, upcoming, &connections).await?,
            done_today: self.rows(actor, done, &connections).await?,
            drafts: self.rows(actor, drafts, &connections).await?,
            connections,
            now: self.now(),
        })
    }

    pub(crate) async fn rows(
        &self,
        actor: &Actor,
        posts: Vec<Post>,
        connections: &[Connection],
    ) -> Result<Vec<PostRow>> {
        let mut ids: Vec<MediaId> = posts.iter().map(|post| post.media_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let media = self.store.media_many(actor.workspace_id, &ids).await?;
        Ok(posts
            .into_iter()
            .filter_map(|post| {
                let connection = connections.iter().find(|connection| connection.id == post.connection_id)?.clone();
                let media = media.iter().find(|media| media.id == post.media_id).cloned();
                Some(PostRow { post, connection, media })
            })
            .collect())
    }
}
