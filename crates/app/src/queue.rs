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

use crate::labels::{BEARING_MAX, named};
use crate::{Actor, App, Result};

/// Planned posts that a queue page shows unless more are asked for.
pub const QUEUE_ROWS: u32 = 60;
/// Most planned posts that one queue page shows.
pub const QUEUE_MAX: u32 = 500;
/// Posts in need of somebody that a queue page shows unless more are asked for.
const ATTENTION_MAX: u32 = 20;
/// Posts on their way to TikTok that a queue page shows.
const UNDER_WAY_MAX: u32 = 100;
/// Posts that wait because their account rests that a queue page shows unless more are asked for.
const RESTING_MAX: u32 = 20;
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
    /// Failed, parked or unknown: a person has to act. The newest of them, by time.
    pub attention: Vec<PostRow>,
    /// How many there are of them.
    pub attention_total: usize,
    /// Publishing, and the first of those scheduled, by time.
    pub upcoming: Vec<PostRow>,
    /// More are scheduled than `upcoming` has.
    pub more: bool,
    /// Planned, due, and waiting because their account rests; the first of them, by time.
    pub resting: Vec<PostRow>,
    /// How many there are of them.
    pub resting_total: usize,
    /// Published since the start of the actor's day, by time.
    pub done_today: Vec<PostRow>,
    /// Drafts, newest change first.
    pub drafts: Vec<PostRow>,
    /// All connections.
    pub connections: Vec<Connection>,
    /// All labels, in the order of their words.
    pub labels: Vec<Label>,
    /// Labels of the posts above, of those that have any.
    pub borne: HashMap<PostId, Vec<Label>>,
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

/// What is not over yet.
struct Open {
    attention: Vec<Post>,
    attention_total: usize,
    upcoming: Vec<Post>,
    more: bool,
    resting: Vec<Post>,
    resting_total: usize,
}

/// Lateness that is told, milliseconds.
const LATE_MS: i64 = 60_000;
/// Late posts under way that are looked at closely.
const LOOKED_AT: usize = 20;

impl App {
    /// The queue of the actor's workspace, with as many planned posts as one page may show. `day_start` is the start of today in the
    /// actor's zone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn queue(&self, actor: &Actor, day_start: UnixMillis) -> Result<QueueView> {
        self.queue_rows(actor, day_start, QUEUE_MAX, None).await
    }

    /// As [`App::queue`], with at most `rows` planned posts, at most [`QUEUE_MAX`], and of the posts that bear a label.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign label.
    pub async fn queue_rows(
        &self,
        actor: &Actor,
        day_start: UnixMillis,
        rows: u32,
        label: Option<LabelId>,
    ) -> Result<QueueView> {
        let workspace = actor.workspace_id;
        let connections = self.connections(actor).await?;
        let rhythms = self.rhythms(actor).await?;
        let paused: Vec<(Connection, UnixMillis)> =
            connections.iter().filter_map(|it| Some((it.clone(), rhythms.get(&it.id)?.paused_at?))).collect();
        let Open { attention, attention_total, upcoming, more, resting, resting_total } = match label {
            None => self.open_posts(actor, rows.clamp(1, QUEUE_MAX), !paused.is_empty()).await?,
            Some(label) => self.open_posts_bearing(actor, label, rows.clamp(1, QUEUE_MAX), &rhythms).await?,
        };
        let mut done = self.store.posts_published_since(workspace, day_start, DONE_MAX).await?;
        let drafts = match label {
            None => self.store.posts_drafts(workspace, DRAFTS_MAX).await?,
            Some(label) => {
                let bearing = self.store.posts_bearing(workspace, label, BEARING_MAX).await?;
                done.retain(|post| bearing.contains(&post.id));
                self.store.posts_drafts_bearing(workspace, label, DRAFTS_MAX).await?
            }
        };
        let upcoming = self.rows(actor, upcoming, &connections).await?;
        let labels = self.labels(actor).await?;
        let shown = || {
            upcoming.iter().map(|row| row.post.id).chain(drafts.iter().chain(&done).chain(&resting).map(|post| post.id))
        };
        let borne = if labels.is_empty() {
            HashMap::new()
        } else {
            let ids = self.store.labels_of(workspace, &shown().collect::<Vec<_>>()).await?;
            ids.into_iter().map(|(post, ids)| (post, named(&labels, &ids))).collect()
        };
        let next_slots = self.next_slots(actor, &connections, &rhythms).await?;
        let (delayed, late) = (self.all_delayed(&upcoming).await?, self.late(actor, &upcoming, &rhythms).await?);
        Ok(QueueView {
            delayed,
            paused,
            next_slots,
            late,
            attention: self.rows(actor, attention, &connections).await?,
            attention_total,
            upcoming,
            more,
            resting: self.rows(actor, resting, &connections).await?,
            resting_total,
            borne,
            done_today: self.rows(actor, done, &connections).await?,
            drafts: self.rows(actor, drafts, &connections).await?,
            labels,
            connections,
            now: self.now(),
        })
    }

    /// The first `rows` of what is planned with what is under way, and what needs somebody: all of it where more rows were asked for than a
    /// page has by itself.
    async fn open_posts(&self, actor: &Actor, rows: u32, some_rest: bool) -> Result<Open> {
        let (workspace, now) = (actor.workspace_id, self.now());
        let most_resting = if rows > QUEUE_ROWS { rows } else { RESTING_MAX };
        let (mut upcoming, (resting, resting_total)) = if some_rest {
            let awake = self.store.posts_scheduled_awake(workspace, now, rows.saturating_add(1)).await?;
            (awake, self.store.posts_resting(workspace, now, most_resting).await?)
        } else {
            (self.store.posts_scheduled(workspace, rows.saturating_add(1)).await?, (Vec::new(), 0))
        };
        let resting_total = usize::try_from(resting_total).unwrap_or(usize::MAX);
        let shown = usize::try_from(rows).unwrap_or(usize::MAX);
        let more = upcoming.len() > shown;
        upcoming.truncate(shown);
        upcoming.extend(self.store.posts_under_way(workspace, UNDER_WAY_MAX).await?);
        upcoming.sort_by_key(|post| (post.due_at, post.id));
        let most = if rows > QUEUE_ROWS { rows } else { ATTENTION_MAX };
        let mut attention = self.store.posts_attention(workspace, most).await?;
        attention.sort_by_key(|post| (post.due_at.unwrap_or(post.updated_at), post.id));
        let attention_total = usize::try_from(self.store.post_count_attention(workspace).await?).unwrap_or(usize::MAX);
        Ok(Open { attention, attention_total, upcoming, more, resting, resting_total })
    }

    /// The same of the posts that bear a label.
    async fn open_posts_bearing(
        &self,
        actor: &Actor,
        label: LabelId,
        rows: u32,
        rhythms: &HashMap<ConnectionId, Rhythm>,
    ) -> Result<Open> {
        self.label(actor, label).await?;
        let workspace = actor.workspace_id;
        let mut upcoming = self.store.posts_queue_bearing(workspace, label, rows.saturating_add(1)).await?;
        let shown = usize::try_from(rows).unwrap_or(usize::MAX);
        let more = upcoming.len() > shown;
        upcoming.truncate(shown);
        let most = if rows > QUEUE_ROWS { rows } else { ATTENTION_MAX };
        let (mut attention, total) = self.store.posts_attention_bearing(workspace, label, most).await?;
        attention.sort_by_key(|post| (post.due_at.unwrap_or(post.updated_at), post.id));
        let now = self.now();
        let rests = |post: &Post| {
            post.state == PostState::Scheduled
                && post.due_at.is_some_and(|at| at < now)
                && rhythms.get(&post.connection_id).is_some_and(|it| it.paused_at.is_some())
        };
        let (resting, upcoming): (Vec<Post>, Vec<Post>) = upcoming.into_iter().partition(rests);
        let attention_total = usize::try_from(total).unwrap_or(usize::MAX);
        Ok(Open { attention_total, attention, upcoming, more, resting_total: resting.len(), resting })
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

    /// All planned posts that are late, not only those on the page, and those under way that are.
    async fn late(
        &self,
        actor: &Actor,
        upcoming: &[PostRow],
        rhythms: &HashMap<ConnectionId, Rhythm>,
    ) -> Result<Option<Late>> {
        let since = self.now().plus_millis(LATE_MS.saturating_neg());
        let (waiting, mut first) = self.store.posts_late(actor.workspace_id, since).await?;
        let mut posts = usize::try_from(waiting).unwrap_or(usize::MAX);
        // What rests does so because somebody wants it to.
        let rests = |row: &&PostRow| rhythms.get(&row.post.connection_id).is_some_and(|it| it.paused_at.is_some());
        let under_way = upcoming.iter().filter(|row| row.post.state == PostState::Publishing && !rests(row));
        let overdue = under_way.filter_map(|row| Some((row, row.post.due_at.filter(|due_at| *due_at < since)?)));
        for (row, due_at) in overdue.take(LOOKED_AT) {
            let attempts = self.store.attempts(row.post.id).await?;
            if attempts.last().is_some_and(|attempt| attempt.state.kind().is_before_final()) {
                posts = posts.saturating_add(1);
                first = Some(first.map_or(due_at, |first| first.min(due_at)));
            }
        }
        let held_after_minutes = self.settings.hold_when_late_minutes;
        Ok(first.map(|first_due_at| Late { posts, first_due_at, held_after_minutes }))
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
