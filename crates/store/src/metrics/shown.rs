//! What pages show of the numbers that were read: sums of days, posts with what is known of them, the samples of one post, followers. Owns these questions;
//! a workspace without a consent has no rows, so nothing has to be hidden here.

use domain::id::{ConnectionId, PostId, WorkspaceId};
use domain::metrics::{Counters, Growth};
use domain::time::UnixMillis;

use super::reading::{RawWatch, WatchRow};
use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store};
use crate::error::Result;

/// Days of a range, samples of a post and followers of a workspace that are read at most.
const ROWS_LIMIT: i64 = 50_000;

/// By how much everything grew on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRow {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// The growth.
    pub growth: Growth,
    /// How many readings it comes from.
    pub readings: i64,
}

/// A post with what is known of it; the sum over its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostNumbers {
    /// Which post.
    pub post_id: PostId,
    /// When it was read last; `None` before the first time.
    pub read_at: Option<UnixMillis>,
    /// TikTok tells of it, under one id at least, or left it out only once.
    pub is_live: bool,
    /// What is known.
    pub counters: Counters,
}

/// One reading of one id of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// TikTok's id.
    pub video_id: String,
    /// When.
    pub read_at: UnixMillis,
    /// What TikTok told.
    pub counters: Counters,
}

/// How many followers an account had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerRow {
    /// Which account.
    pub connection_id: ConnectionId,
    /// When.
    pub read_at: UnixMillis,
    /// How many.
    pub followers: i64,
}

const DAYS: &str = "
SELECT d.day, CAST(SUM(d.views) AS BIGINT), CAST(SUM(d.likes) AS BIGINT), CAST(SUM(d.comments) AS BIGINT), CAST(SUM(d.shares) AS BIGINT),
  CAST(SUM(d.readings) AS BIGINT)
FROM connection c
JOIN metric_day d ON d.connection_id = c.id
WHERE c.workspace_id = $1 AND ($2 = '' OR c.id = $2) AND d.day >= $3 AND d.day < $4
GROUP BY d.day
ORDER BY d.day
LIMIT $5";
const TOTALS: &str = "
SELECT c.id, COUNT(*), CAST(SUM(d.views) AS BIGINT), CAST(SUM(d.likes) AS BIGINT), CAST(SUM(d.comments) AS BIGINT), CAST(SUM(d.shares) AS BIGINT)
FROM connection c
JOIN metric_day d ON d.connection_id = c.id
WHERE c.workspace_id = $1 AND ($2 = '' OR c.id = $2) AND d.day >= $3 AND d.day < $4
GROUP BY c.id
ORDER BY c.id
LIMIT $5";
// A counter that is not known of every id of a post is not known of the post.
const POSTS: &str = "
SELECT post.id AS post_id, MAX(w.read_at) AS read_at, MAX(CASE w.state WHEN 'unavailable' THEN 0 ELSE 1 END) AS live,
  CASE WHEN COUNT(w.views) = COUNT(*) THEN CAST(SUM(w.views) AS BIGINT) END AS views,
  CASE WHEN COUNT(w.likes) = COUNT(*) THEN CAST(SUM(w.likes) AS BIGINT) END AS likes,
  CASE WHEN COUNT(w.comments) = COUNT(*) THEN CAST(SUM(w.comments) AS BIGINT) END AS comments,
  CASE WHEN COUNT(w.shares) = COUNT(*) THEN CAST(SUM(w.shares) AS BIGINT) END AS shares
FROM post
JOIN metric_watch w ON w.post_id = post.id
WHERE post.workspace_id = $1
  AND post.published_at >= $3
  AND post.published_at < $4
  AND ($2 = '' OR post.connection_id = $2)
GROUP BY post.id
ORDER BY COALESCE(SUM(w.views), -1) DESC, post.id
LIMIT $5";
const SAMPLES: &str = "
SELECT s.video_id, s.read_at, s.views, s.likes, s.comments, s.shares
FROM metric_sample s
JOIN post ON post.id = s.post_id
WHERE post.workspace_id = $1 AND s.post_id = $2
  AND EXISTS (SELECT 1 FROM metric_watch w WHERE w.post_id = s.post_id AND w.video_id = s.video_id)
ORDER BY s.read_at, s.video_id
LIMIT $3";
const WATCHES: &str = "
SELECT w.post_id, w.video_id, post.published_at, w.state, w.since, w.next_at, w.read_at, w.views, w.likes, w.comments, w.shares
FROM metric_watch w
JOIN post ON post.id = w.post_id
WHERE post.workspace_id = $1 AND w.post_id = $2 AND post.published_at IS NOT NULL
ORDER BY w.video_id";
const FOLLOWERS: &str = "
SELECT f.connection_id, f.read_at, f.followers
FROM connection c
JOIN follower_sample f ON f.connection_id = c.id
WHERE c.workspace_id = $1 AND ($2 = '' OR c.id = $2) AND f.read_at >= $3 AND f.read_at < $4
ORDER BY f.read_at, f.connection_id
LIMIT $5";
const MANY: &str = "SELECT COUNT(*) FROM metric_sample WHERE connection_id = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![DAYS, TOTALS, POSTS, SAMPLES, WATCHES, FOLLOWERS, MANY];

row! {
    struct RawPost {
        post_id: String,
        read_at: Option<i64>,
        live: i32,
        views: Option<i64>,
        likes: Option<i64>,
        comments: Option<i64>,
        shares: Option<i64>,
    }
}

row! {
    struct RawSample {
        video_id: String,
        read_at: i64,
        views: Option<i64>,
        likes: Option<i64>,
        comments: Option<i64>,
        shares: Option<i64>,
    }
}

/// One account, or all of a workspace.
fn of(connection: Option<ConnectionId>) -> String {
    connection.map(|id| id.to_string()).unwrap_or_default()
}

impl Store {
    /// By how much the posts of a workspace, or of one account, grew on each day of a range that something was read on.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_days(
        &self,
        workspace: WorkspaceId,
        connection: Option<ConnectionId>,
        days: std::ops::Range<i64>,
    ) -> Result<Vec<DayRow>> {
        type Row = (i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>, i64);
        let rows = fetch_all!(
            store self, Row, DAYS, workspace.to_string(), of(connection), days.start, days.end, ROWS_LIMIT
        )?;
        let row = |(day, views, likes, comments, shares, readings)| DayRow {
            day,
            growth: Growth { views, likes, comments, shares },
            readings,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// By how much the posts of each account grew over days, with the number of days on which something was read.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_totals(
        &self,
        workspace: WorkspaceId,
        connection: Option<ConnectionId>,
        days: std::ops::Range<i64>,
    ) -> Result<Vec<(ConnectionId, i64, Growth)>> {
        type Row = (String, i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
        let rows = fetch_all!(
            store self, Row, TOTALS, workspace.to_string(), of(connection), days.start, days.end, ROWS_LIMIT
        )?;
        let row = |(id, days, views, likes, comments, shares): Row| {
            Ok((Table("metric_day").parse("connection_id", &id)?, days, Growth { views, likes, comments, shares }))
        };
        rows.into_iter().map(row).collect()
    }

    /// Posts that went out within a time, those with the most views first, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_posts(
        &self,
        workspace: WorkspaceId,
        connection: Option<ConnectionId>,
        times: std::ops::Range<UnixMillis>,
        limit: u32,
    ) -> Result<Vec<PostNumbers>> {
        let (from, until) = (times.start.millis(), times.end.millis());
        let rows = fetch_all!(
            store self, RawPost, POSTS, workspace.to_string(), of(connection), from, until, i64::from(limit)
        )?;
        let row = |raw: RawPost| {
            Ok(PostNumbers {
                post_id: Table("post").parse("id", &raw.post_id)?,
                read_at: instant_opt(raw.read_at),
                is_live: raw.live == 1,
                counters: Counters { views: raw.views, likes: raw.likes, comments: raw.comments, shares: raw.shares },
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// What was read of a post, oldest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_samples(&self, workspace: WorkspaceId, post: PostId) -> Result<Vec<SampleRow>> {
        let rows = fetch_all!(store self, RawSample, SAMPLES, workspace.to_string(), post.to_string(), ROWS_LIMIT)?;
        let row = |raw: RawSample| SampleRow {
            video_id: raw.video_id,
            read_at: instant(raw.read_at),
            counters: Counters { views: raw.views, likes: raw.likes, comments: raw.comments, shares: raw.shares },
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The ids of a post that are read, with what is known of each.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_watches(&self, workspace: WorkspaceId, post: PostId) -> Result<Vec<WatchRow>> {
        let rows = fetch_all!(store self, RawWatch, WATCHES, workspace.to_string(), post.to_string())?;
        rows.into_iter().map(WatchRow::try_from).collect()
    }

    /// How many followers the accounts of a workspace had within a time, oldest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn followers(
        &self,
        workspace: WorkspaceId,
        connection: Option<ConnectionId>,
        times: std::ops::Range<UnixMillis>,
    ) -> Result<Vec<FollowerRow>> {
        let (from, until) = (times.start.millis(), times.end.millis());
        let rows = fetch_all!(
            store self, (String, i64, i64), FOLLOWERS, workspace.to_string(), of(connection), from, until, ROWS_LIMIT
        )?;
        let row = |(id, read_at, followers): (String, i64, i64)| {
            let connection_id = Table("follower_sample").parse("connection_id", &id)?;
            Ok(FollowerRow { connection_id, read_at: instant(read_at), followers })
        };
        rows.into_iter().map(row).collect()
    }

    /// How many samples of an account there are.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_samples_many(&self, connection: ConnectionId) -> Result<i64> {
        let (many,) = fetch_one!(store self, (i64,), MANY, connection.to_string())?;
        Ok(many)
    }
}
