//! The queue: what needs somebody first, then what goes out next. Owns the order; pages own the looks.

use std::collections::HashMap;
use std::sync::Arc;

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, LabelId, MediaId, PostId};
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;
use store::label::Label;
use store::post::list::Planned;
use store::{Connection, Media, Post, Rhythm};

use crate::labels::BEARING_MAX;
use crate::{Actor, App, Result};

/// Posts one queue page reads.
const QUEUE_MAX: u32 = 500;
/// Drafts it reads.
const DRAFTS_MAX: u32 = 50;
/// Posts of today that are out.
const DONE_MAX: u32 = 100;

/// A post with what a row shows.
#[derive(Debug, Clone)]
pub struct PostRow {
    /// The post.
    pub post: Post,
    /// Its account; rows of one account share it.
    pub connection: Arc<Connection>,
    /// Its file; `None` when retention removed it.
    pub media: Option<Arc<Media>>,
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
    /// All labels, in the order of their words.
    pub labels: Vec<Label>,
    /// Planned posts that can only go out noticeably later than their time, because too much wants to go out together; and when.
    pub delayed: HashMap<PostId, UnixMillis>,
    /// Accounts that rest, and since when.
    pub paused: Vec<(Connection, UnixMillis)>,
    /// The next free slot of each account that has slots.
    pub next_slots: Vec<(Connection, UnixMillis)>,
    /// Posts that should be out and are not.
    pub late: Option<Late>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

/// Posts more than a minute late of which TikTok does not have the last byte yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// How many.
    pub posts: usize,
    /// The due time of the first one.
    pub first_due_at: UnixMillis,
    /// After so many minutes they are held and their owner is asked.
    pub held_after_minutes: u32,
}

/// Lateness that is told, milliseconds.
const LATE_MS: i64 = 60_000;
/// Late posts under way that are looked at closely.
const LOOKED_AT: usize = 20;

impl App {
    /// The queue of the actor's workspace. `day_start` is the start of today in the actor's zone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue(&self, actor: &Actor, day_start: UnixMillis) -> Result<QueueView> {
        self.queue_of(actor, day_start, None).await
    }

    /// As [`App::queue`], of the posts that bear a label.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign label.
    pub async fn queue_of(&self, actor: &Actor, day_start: UnixMillis, label: Option<LabelId>) -> Result<QueueView> {
        let (connections, workspace) = (self.connections(actor).await?, actor.workspace_id);
        let (open, drafts, done) = match label {
            None => (
                self.store.posts_queue(workspace, QUEUE_MAX).await?,
                self.store.posts_drafts(workspace, DRAFTS_MAX).await?,
                self.store.posts_published_since(workspace, day_start, DONE_MAX).await?,
            ),
            Some(label) => {
                self.label(actor, label).await?;
                let bearing = self.store.posts_bearing(workspace, label, BEARING_MAX).await?;
                let mut done = self.store.posts_published_since(workspace, day_start, DONE_MAX).await?;
                done.retain(|post| bearing.contains(&post.id));
                let drafts = self.store.posts_drafts_bearing(workspace, label, DRAFTS_MAX).await?;
                (self.store.posts_queue_bearing(workspace, label, QUEUE_MAX).await?, drafts, done)
            }
        };
        let (attention, upcoming): (Vec<Post>, Vec<Post>) = open.into_iter().partition(|post| match post.state {
            PostState::Failed | PostState::NeedsAttention => true,
            PostState::Draft
            | PostState::Scheduled
            | PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Cancelled => false,
        });
        let upcoming = self.rows(actor, upcoming, &connections).await?;
        let rhythms = self.rhythms(actor).await?;
        let paused: Vec<(Connection, UnixMillis)> =
            connections.iter().filter_map(|it| Some((it.clone(), rhythms.get(&it.id)?.paused_at?))).collect();
        let next_slots = self.next_slots(actor, &connections, &rhythms).await?;
        let (delayed, late) = (self.all_delayed(&upcoming).await?, self.late(&upcoming, &rhythms).await?);
        Ok(QueueView {
            delayed,
            paused,
            next_slots,
            late,
            attention: self.rows(actor, attention, &connections).await?,
            upcoming,
            done_today: self.rows(actor, done, &connections).await?,
            drafts: self.rows(actor, drafts, &connections).await?,
            labels: self.labels(actor).await?,
            connections,
            now: self.now(),
        })
    }

    async fn all_delayed(&self, upcoming: &[PostRow]) -> Result<HashMap<PostId, UnixMillis>> {
        let mut by_account: HashMap<ConnectionId, Vec<Planned>> = HashMap::new();
        for PostRow { post, media, .. } in upcoming {
            if let (PostState::Scheduled, Some(due_at), Some(media)) = (post.state, post.due_at, media) {
                by_account.entry(post.connection_id).or_default().push(Planned {
                    id: post.id,
                    due_at,
                    delivery: post.delivery,
                    state: post.state,
                    // Photos are fetched at their time; nothing of them is sent.
                    size_bytes: if post.photos.is_some() { 0 } else { media.size_bytes },
                });
            }
        }
        let mut delayed = HashMap::new();
        for (account, planned) in by_account {
            delayed.extend(self.delayed(&planned, account).await?);
        }
        Ok(delayed)
    }

    async fn next_slots(
        &self,
        actor: &Actor,
        connections: &[Connection],
        rhythms: &HashMap<ConnectionId, Rhythm>,
    ) -> Result<Vec<(Connection, UnixMillis)>> {
        let mut found = Vec::new();
        let can_post = |it: &&Connection| it.state == ConnectionState::Active;
        let has_week = |it: &&Connection| rhythms.get(&it.id).is_some_and(|it| !it.week.is_empty());
        for connection in connections.iter().filter(can_post).filter(has_week) {
            let delivery = if connection.scopes.can_publish() { Delivery::Direct } else { Delivery::Inbox };
            let free = self.free_slots(actor, connection.id, delivery, &[], 1).await?;
            found.extend(free.first().map(|at| (connection.clone(), *at)));
        }
        Ok(found)
    }

    async fn late(&self, upcoming: &[PostRow], rhythms: &HashMap<ConnectionId, Rhythm>) -> Result<Option<Late>> {
        let since = self.now().plus_millis(LATE_MS.saturating_neg());
        let mut late = Vec::new();
        let mut looked_at = 0;
        for row in upcoming {
            let Some(due_at) = row.post.due_at.filter(|due_at| *due_at < since) else { continue };
            if rhythms.get(&row.post.connection_id).is_some_and(|it| it.paused_at.is_some()) {
                // It rests because somebody wants it to.
                continue;
            }
            if row.post.state == PostState::Scheduled {
                late.push(due_at);
            } else if looked_at < LOOKED_AT {
                looked_at += 1;
                let attempts = self.store.attempts(row.post.id).await?;
                if attempts.last().is_some_and(|attempt| attempt.state.kind().is_before_final()) {
                    late.push(due_at);
                }
            }
        }
        let held_after_minutes = self.settings.hold_when_late_minutes;
        Ok(late.iter().min().map(|first| Late { posts: late.len(), first_due_at: *first, held_after_minutes }))
    }

    pub(crate) async fn rows(
        &self,
        actor: &Actor,
        posts: Vec<Post>,
        connections: &[Connection],
    ) -> Result<Vec<PostRow>> {
        if posts.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: Vec<MediaId> = posts.iter().map(|post| post.media_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let media = self.store.media_many(actor.workspace_id, &ids).await?;
        let media: HashMap<MediaId, Arc<Media>> = media.into_iter().map(|media| (media.id, Arc::new(media))).collect();
        let accounts: HashMap<ConnectionId, Arc<Connection>> =
            connections.iter().map(|connection| (connection.id, Arc::new(connection.clone()))).collect();
        Ok(posts
            .into_iter()
            .filter_map(|post| {
                let connection = Arc::clone(accounts.get(&post.connection_id)?);
                let media = media.get(&post.media_id).map(Arc::clone);
                Some(PostRow { post, connection, media })
            })
            .collect())
    }
}
