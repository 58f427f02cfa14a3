//! What many posts say together: their counters at fixed ages, and what was read in their first two days. Owns these rows and questions; what follows from
//! them is `domain::insight`.
//!
//! A mark is written in the transaction of the reading that completes it, and stays when the samples around it are thinned out.

use domain::id::{ConnectionId, PostId, WorkspaceId};
use domain::insight::{HOURS, MARKS, Read, marks_between};
use domain::metrics::Counters;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const POST: Table = Table("post");
const HOUR_MS: i64 = 3_600_000;
/// Readings that are written in one transaction at most.
const PAIRS_LIMIT: i64 = 1_000;
/// Ids of posts whose readings one question brings at most.
const IDS_LIMIT: i64 = 2_000;

// Each reading of this moment with the one before it, of posts that are young enough to reach an age. What was read under a consent that ended may still
// wait to be erased.
const PAIRS: &str = "
SELECT s.post_id, s.video_id, post.published_at, earlier.read_at AS earlier_at, earlier.views AS earlier_views, earlier.likes AS earlier_likes,
  earlier.comments AS earlier_comments, earlier.shares AS earlier_shares, s.views, s.likes, s.comments, s.shares
FROM metric_sample s
JOIN post ON post.id = s.post_id
JOIN metric_sample earlier ON earlier.post_id = s.post_id
  AND earlier.video_id = s.video_id
  AND earlier.read_at = (
    SELECT MAX(b.read_at) FROM metric_sample b
    WHERE b.post_id = s.post_id AND b.video_id = s.video_id AND b.read_at < s.read_at)
WHERE s.connection_id = $1
  AND s.read_at = $2
  AND post.published_at >= $3
  AND EXISTS (
    SELECT 1 FROM metric_consent c
    WHERE c.connection_id = s.connection_id AND c.purpose = 'metrics' AND c.given_at <= earlier.read_at)
ORDER BY s.post_id, s.video_id
LIMIT $4";
const MARK: &str = "
INSERT INTO metric_mark (post_id, video_id, age_hours, connection_id, read_at, views, likes, comments, shares)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (post_id, video_id, age_hours) DO NOTHING";
const DROP_MARKS: &str = "DELETE FROM metric_mark WHERE connection_id = $1";
const GONE_MARKS: &str = "DELETE FROM metric_mark WHERE read_at < $1";
// Nobody knows since when a post is out that a person said to be out, and one whose id came later was not seen by anybody until then.
macro_rules! is_late {
    ($post:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM post_event e WHERE e.post_id = ",
            $post,
            ".id AND (e.kind = 'confirmed' OR (e.kind = 'linked' AND e.at > ",
            $post,
            ".published_at + 3600000)))"
        )
    };
}
// The sum over the ids of a post, where each of them has a mark that tells the counter.
const AT_AGE: &str = concat!(
    "
SELECT post.id, post.connection_id, post.published_at,
  CAST(CASE WHEN COUNT(*) = COUNT(m.views) AND NOT ",
    is_late!("post"),
    " THEN SUM(m.views) END AS BIGINT) AS views
FROM post
JOIN metric_watch w ON w.post_id = post.id
LEFT JOIN metric_mark m ON m.post_id = w.post_id AND m.video_id = w.video_id AND m.age_hours = $5
WHERE post.workspace_id = $1
  AND post.published_at >= $3
  AND post.published_at < $4
  AND ($2 = '' OR post.connection_id = $2)
GROUP BY post.id, post.connection_id, post.published_at
ORDER BY post.published_at DESC, post.id
LIMIT $6"
);
// One row for each id: ten thousand rows of five columns would take several times as long as reading them does.
// An id of which nothing was read has a row too: without it the others would pass for the whole post.
const FIRST_DAYS: &str = concat!(
    "
SELECT newest.id, w.video_id, newest.published_at, STRING_AGG(CAST(s.read_at AS TEXT) || ' ' || CAST(s.views AS TEXT), ',') AS readings
FROM (
  SELECT post.id, post.published_at
  FROM post
  WHERE post.workspace_id = $1
    AND post.published_at >= $3
    AND post.published_at < $4
    AND ($2 = '' OR post.connection_id = $2)
    AND EXISTS (SELECT 1 FROM metric_watch seen WHERE seen.post_id = post.id)
    AND NOT ",
    is_late!("post"),
    "
  ORDER BY post.published_at DESC, post.id
  LIMIT $5
) newest
JOIN metric_watch w ON w.post_id = newest.id
LEFT JOIN metric_consent c ON c.connection_id = w.connection_id AND c.purpose = 'metrics'
LEFT JOIN metric_sample s ON s.post_id = w.post_id
  AND s.video_id = w.video_id
  AND s.read_at >= c.given_at
  AND s.read_at <= newest.published_at + $6
  AND s.views IS NOT NULL
GROUP BY newest.id, w.video_id, newest.published_at
ORDER BY newest.id, w.video_id
LIMIT $7"
);

pub(crate) const STATEMENTS: &[Statement] = statements![PAIRS, MARK, DROP_MARKS, GONE_MARKS, AT_AGE, FIRST_DAYS];

row! {
    struct RawPair {
        post_id: String,
        video_id: String,
        published_at: i64,
        earlier_at: i64,
        earlier_views: Option<i64>,
        earlier_likes: Option<i64>,
        earlier_comments: Option<i64>,
        earlier_shares: Option<i64>,
        views: Option<i64>,
        likes: Option<i64>,
        comments: Option<i64>,
        shares: Option<i64>,
    }
}

/// How many views a post had at an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeRow {
    /// Which post.
    pub post_id: PostId,
    /// Of which account.
    pub connection_id: ConnectionId,
    /// When it went out.
    pub published_at: UnixMillis,
    /// The sum over its ids; `None` where it is not known of each.
    pub views: Option<i64>,
}

/// What was read of one id of a post in its first days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRow {
    /// Which post.
    pub post_id: PostId,
    /// TikTok's id.
    pub video_id: String,
    /// When the post went out.
    pub published_at: UnixMillis,
    /// When it was read and its views then, oldest first.
    pub views: Vec<(UnixMillis, i64)>,
}

fn readings(list: &str) -> Vec<(UnixMillis, i64)> {
    let reading = |text: &str| {
        let (at, views) = text.split_once(' ')?;
        Some((instant(at.parse().ok()?), views.parse().ok()?))
    };
    let mut all: Vec<(UnixMillis, i64)> = list.split(',').filter_map(reading).collect();
    all.sort_unstable();
    all
}

/// Which posts are asked about: those that went out within a time, the newest at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// Of this account alone.
    pub connection: Option<ConnectionId>,
    /// Out at this instant or later.
    pub from: UnixMillis,
    /// Out before this instant.
    pub until: UnixMillis,
    /// So many, the newest.
    pub limit: u32,
}

impl Which {
    fn of(self) -> String {
        self.connection.map(|id| id.to_string()).unwrap_or_default()
    }
}

impl Store {
    /// How many views posts had at an age that marks are kept of, the newest post first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_at_age(&self, workspace: WorkspaceId, which: Which, hours: i64) -> Result<Vec<AgeRow>> {
        let (from, until, limit) = (which.from.millis(), which.until.millis(), i64::from(which.limit));
        let rows = fetch_all!(
            store self, (String, String, i64, Option<i64>), AT_AGE, workspace.to_string(), which.of(), from, until, hours, limit
        )?;
        let row = |(id, connection, published_at, views): (String, String, i64, Option<i64>)| {
            Ok(AgeRow {
                post_id: POST.parse("id", &id)?,
                connection_id: POST.parse("connection_id", &connection)?,
                published_at: instant(published_at),
                views,
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// What was read of posts until an hour after the last one that is looked at, by post and id.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_first_days(&self, workspace: WorkspaceId, which: Which) -> Result<Vec<FirstRow>> {
        let (from, until, limit) = (which.from.millis(), which.until.millis(), i64::from(which.limit));
        let hours = i64::try_from(HOURS).unwrap_or(i64::MAX).saturating_add(2).saturating_mul(HOUR_MS);
        let rows = fetch_all!(
            store self, (String, String, i64, Option<String>), FIRST_DAYS, workspace.to_string(), which.of(), from, until, limit, hours, IDS_LIMIT
        )?;
        let row = |(id, video_id, published_at, list): (String, String, i64, Option<String>)| {
            let (post_id, published_at) = (POST.parse("id", &id)?, instant(published_at));
            Ok(FirstRow { post_id, video_id, published_at, views: readings(list.as_deref().unwrap_or_default()) })
        };
        rows.into_iter().map(row).collect()
    }
}

impl Tx {
    /// Keeps what the counters of an account's posts were at the ages that they passed between the reading of this moment and the one before it. The
    /// samples of this moment are written.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn metric_marks_put(&mut self, connection: &str, now: UnixMillis) -> Result<()> {
        let oldest = MARKS.iter().map(|age| age.hours).max().unwrap_or(0);
        // A post may pass the last age between readings of two days.
        let youngest = now.plus_millis(oldest.saturating_add(48).saturating_mul(HOUR_MS).saturating_neg());
        let pairs = fetch_all!(tx self, RawPair, PAIRS, connection, now.millis(), youngest.millis(), PAIRS_LIMIT)?;
        for raw in pairs {
            let before = Counters {
                views: raw.earlier_views,
                likes: raw.earlier_likes,
                comments: raw.earlier_comments,
                shares: raw.earlier_shares,
            };
            let after = Counters { views: raw.views, likes: raw.likes, comments: raw.comments, shares: raw.shares };
            let (before, after) =
                (Read { at: instant(raw.earlier_at), counters: before }, Read { at: now, counters: after });
            for mark in marks_between(instant(raw.published_at), before, after) {
                let Counters { views, likes, comments, shares } = mark.counters;
                execute!(
                    tx self, MARK,
                    &raw.post_id, &raw.video_id, mark.hours, connection, now.millis(), views, likes, comments, shares
                )?;
            }
        }
        Ok(())
    }

    /// Erases the marks of an account.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub(crate) async fn metric_marks_drop(&mut self, connection: &str) -> Result<()> {
        execute!(tx self, DROP_MARKS, connection)?;
        Ok(())
    }

    /// Removes marks that were read before an instant.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub(crate) async fn metric_marks_purge(&mut self, before: UnixMillis) -> Result<()> {
        execute!(tx self, GONE_MARKS, before.millis())?;
        Ok(())
    }
}
