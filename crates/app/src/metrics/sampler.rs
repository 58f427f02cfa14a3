//! Reading numbers: the background task that asks TikTok when an account's turn has come. Owns the order of one turn and the pace of all of them; when a
//! post is due and what follows from an answer is `domain::metrics`.
//!
//! Rows are the leader: any number of processes may run it, and a start after a crash is an ordinary round. Posts are asked about by their ids alone.

use std::sync::Arc;

use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::metrics::{Counters, FOLLOWERS_MS, LOOK_MS, Seen, Watch, after, after_failure, goes_along};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use futures::StreamExt as _;
use store::Connection;
use store::metrics::reading::{ReadRow, Turn, WatchRow};
use tokio::sync::Mutex;

use crate::{App, Error, Result};

/// Accounts taken in one round.
const ROUND: u32 = 64;
/// Of them so many are asked about at once.
const AT_ONCE: usize = 4;
/// Ids of one question; TikTok takes no more.
const BATCH: u32 = 20;
/// Questions about one account in one turn; what is left is the next turn's.
const CALLS: usize = 10;
/// A turn whose process ended is anybody's after this, seconds: longer than all its questions together.
const LEASE_S: i64 = 600;
/// An account without a grant or without the permission is looked at again after this, milliseconds; a new grant looks at once.
const WAITS_MS: i64 = 86_400_000;
/// The least time between two questions of this process, milliseconds: twenty a second.
const PACE_MS: i64 = 50;
/// Looked at least this often: another process may have left something, seconds.
const LOOK_S: i64 = 15;
/// The same while nobody allows anything to be read, seconds.
const NOBODY_S: i64 = 300;
/// Life that a token must have for a question, seconds.
const TOKEN_S: i64 = 60;

const FIELDS: [tiktok::VideoField; 5] = [
    tiktok::VideoField::Id,
    tiktok::VideoField::ViewCount,
    tiktok::VideoField::LikeCount,
    tiktok::VideoField::CommentCount,
    tiktok::VideoField::ShareCount,
];

/// When this process may ask next.
#[derive(Debug, Default)]
pub(crate) struct Turnstile(Mutex<Option<UnixMillis>>);

impl App {
    /// Lets every account whose turn has come be read; gives how many.
    ///
    /// # Errors
    /// When the database does not answer. A TikTok that does not is no error.
    pub async fn sample_round(&self) -> Result<usize> {
        let turns = self.store.metric_turns(self.now(), ROUND).await?;
        let many = turns.len();
        let mut ended = futures::stream::iter(turns).map(|turn| self.sample_turn(turn)).buffer_unordered(AT_ONCE);
        let mut outcome = Ok(());
        while let Some(one) = ended.next().await {
            outcome = outcome.and(one);
        }
        outcome.map(|()| many)
    }

    async fn sample_turn(&self, turn: Turn) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let taken = tx.metric_claim(turn, self.now().plus_seconds(LEASE_S)).await?;
        tx.commit().await?;
        let Some(turn) = taken else { return Ok(()) };
        let read = match turn.reading {
            Reading::Metrics => self.read_posts(turn).await,
            Reading::Followers => self.read_followers(turn).await,
        };
        let (next_at, tries) = match read {
            Ok(next_at) => (next_at, 0),
            Err(Error::Store(error)) => return Err(Error::Store(error)),
            Err(error) => {
                let tries = turn.tries.saturating_add(1);
                tracing::warn!(connection = %turn.connection_id, reading = turn.reading.as_str(), tries, %error, "numbers could not be read");
                (after_failure(tries, self.now()), tries)
            }
        };
        let mut tx = self.store.begin().await?;
        tx.metric_finish(turn, next_at, tries).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// The account, when it can be asked about; else when it is looked at again.
    async fn readable(&self, turn: Turn) -> Result<std::result::Result<Connection, UnixMillis>> {
        let connection = self.store.connection_any(turn.connection_id).await?;
        let can = |it: &Connection| it.state == ConnectionState::Active && it.scopes.has(turn.reading.scope());
        Ok(connection.filter(can).ok_or_else(|| self.now().plus_millis(WAITS_MS)))
    }

    /// Reads what is due of an account's posts; gives when it is looked at next.
    async fn read_posts(&self, turn: Turn) -> Result<UnixMillis> {
        let id = turn.connection_id;
        if let Err(later) = self.readable(turn).await? {
            return Ok(later);
        }
        self.find_posts(turn).await?;
        for _ in 0..CALLS {
            let mut batch = self.store.metric_soonest(id, BATCH).await?;
            let now = self.now();
            if batch.first().is_none_or(|first| first.next_at > now) {
                break;
            }
            batch.retain(|it| goes_along(it.state, it.published_at, it.next_at, now));
            let ids: Vec<String> = batch.iter().map(|it| it.video_id.clone()).collect();
            self.pass_turnstile().await;
            if !self.is_allowed(turn).await? {
                break;
            }
            let videos = self.ask_posts(id, &ids).await?;
            let now = self.now();
            let rows: Vec<ReadRow> = batch.iter().map(|it| read_row(it, &videos, now)).collect();
            let mut tx = self.store.begin().await?;
            if !tx.metric_hold(turn).await? {
                break;
            }
            tx.metric_read(id, &rows, now).await?;
            tx.commit().await?;
        }
        let look = self.now().plus_millis(LOOK_MS);
        Ok(self.store.metric_next_of(id).await?.map_or(look, |due| due.min(look)))
    }

    /// Posts that were published here since the last turn are read from now on.
    async fn find_posts(&self, turn: Turn) -> Result<()> {
        let found = self.store.metric_found(turn.connection_id).await?;
        if found.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !tx.metric_hold(turn).await? {
            return Ok(());
        }
        for (post, ids, published_at) in found {
            for video in ids {
                tx.metric_watch(turn.connection_id, post, &video, published_at, now).await?;
            }
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Reads how many followers an account has; gives when that is read next.
    async fn read_followers(&self, turn: Turn) -> Result<UnixMillis> {
        let id = turn.connection_id;
        if let Err(later) = self.readable(turn).await? {
            return Ok(later);
        }
        self.pass_turnstile().await;
        if !self.is_allowed(turn).await? {
            return Ok(self.now());
        }
        let told = self.ask_followers(id).await?;
        let now = self.now();
        if let Some(followers) = told.filter(|many| *many >= 0) {
            let mut tx = self.store.begin().await?;
            if tx.metric_hold(turn).await? {
                tx.followers_read(id, followers, now).await?;
                tx.commit().await?;
            }
        }
        Ok(now.plus_millis(FOLLOWERS_MS))
    }

    /// Whoever waited for its turn looks again: after a consent ended nothing is asked.
    async fn is_allowed(&self, turn: Turn) -> Result<bool> {
        let consents = self.store.metric_consents_of(turn.connection_id).await?;
        Ok(consents.iter().any(|it| it.reading == turn.reading))
    }

    /// The counters of some posts; a token that TikTok does not accept is replaced once.
    async fn ask_posts(&self, id: ConnectionId, ids: &[String]) -> Result<Vec<tiktok::Video>> {
        let token = self.tokens.access_token(id, TOKEN_S).await?;
        match self.tiktok.query_videos(&token, &FIELDS, ids).await {
            Err(error) if error.class() == tiktok::ErrorClass::Auth => {
                let token = self.tokens.replace_refused(id, &token).await?;
                Ok(self.tiktok.query_videos(&token, &FIELDS, ids).await?.value)
            }
            answer => Ok(answer?.value),
        }
    }

    /// The number of followers, in the same way.
    async fn ask_followers(&self, id: ConnectionId) -> Result<Option<i64>> {
        let fields = [tiktok::UserField::FollowerCount];
        let token = self.tokens.access_token(id, TOKEN_S).await?;
        match self.tiktok.user_info(&token, &fields).await {
            Err(error) if error.class() == tiktok::ErrorClass::Auth => {
                let token = self.tokens.replace_refused(id, &token).await?;
                Ok(self.tiktok.user_info(&token, &fields).await?.value.follower_count)
            }
            answer => Ok(answer?.value.follower_count),
        }
    }

    async fn pass_turnstile(&self) {
        let mut free_at = self.sample_pace.0.lock().await;
        let now = self.now();
        // A clock that was set back must not make anybody wait for long.
        let at = free_at.filter(|at| at.millis_since(now) <= PACE_MS).map_or(now, |at| at.max(now));
        *free_at = Some(at.plus_millis(PACE_MS));
        // Whoever comes next waits behind this one.
        self.clock.sleep_until(at).await;
    }
}

/// What TikTok's answer says about one of the posts that were asked about. Whatever else is in it is not looked at.
fn read_row(it: &WatchRow, videos: &[tiktok::Video], now: UnixMillis) -> ReadRow {
    let told = videos.iter().find(|video| video.id.as_deref() == Some(it.video_id.as_str()));
    let seen = told.map_or(Seen::LeftOut, |video| {
        Seen::There(Counters {
            views: video.view_count,
            likes: video.like_count,
            comments: video.comment_count,
            shares: video.share_count,
        })
    });
    let last = it.read_at.map(|_| it.counters);
    let watch = Watch { published_at: it.published_at, state: it.state, since: it.since, last };
    let next = after(&watch, seen, now);
    ReadRow {
        post_id: it.post_id,
        video_id: it.video_id.clone(),
        state: next.state,
        since: next.since,
        next_at: next.next_at,
        known: next.sample.map_or(it.counters, |told| told.over(it.counters)),
        sample: next.sample,
        growth: next.growth,
    }
}

/// Reads numbers for as long as the task lives.
pub async fn run_sampler(app: Arc<App>) {
    loop {
        let full = usize::try_from(ROUND).unwrap_or(usize::MAX);
        match app.sample_round().await {
            Ok(many) if many >= full => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "numbers could not be read"),
        }
        let next = match app.store.metric_next_turn().await {
            Ok(None) => app.now().plus_seconds(NOBODY_S),
            Ok(Some(at)) => at.min(app.now().plus_seconds(LOOK_S)),
            Err(_) => app.now().plus_seconds(LOOK_S),
        };
        // An account whose turn somebody else has is due all the time.
        let wake = next.max(app.now().plus_seconds(1));
        tokio::select! {
            () = app.clock.sleep_until(wake) => {}
            () = app.metrics_nudge.notified() => {}
        }
    }
}
