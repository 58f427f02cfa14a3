//! Lanes: one row for each account with planned posts, saying when the engine looks at them next. Owns the turns of accounts.
//!
//! A lane is never later than its first post needs, and may be too early: then the engine looks in vain and moves it. Must not
//! decide when a post begins.

use domain::attempt::{EARLIEST_LEAD_MS, NEVER};
use domain::id::{ConnectionId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::post::Post;

const LANE: Table = Table("lane");

/// An account whose turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// The account.
    pub connection_id: ConnectionId,
    /// Since when.
    pub next_at: UnixMillis,
    /// Grows with every post that is planned; names this turn when it is moved on.
    pub revision: i64,
}

/// A planned post of a lane: enough to say when its work begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upcoming {
    /// The post.
    pub post_id: PostId,
    /// Its due time.
    pub due_at: UnixMillis,
    /// Bytes that are sent: those of its file, none for photos.
    pub size_bytes: u64,
}

// The revision grows even where the time stays: a turn that was read before must not move the lane past the new post.
const LOWER: &str = "
INSERT INTO lane (connection_id, next_at)
VALUES ($1, $2)
ON CONFLICT (connection_id) DO UPDATE SET
  next_at = CASE WHEN lane.next_at > excluded.next_at THEN excluded.next_at ELSE lane.next_at END,
  revision = lane.revision + 1";
const DUE: &str = "
SELECT connection_id, next_at, revision
FROM lane
WHERE next_at <= $1
ORDER BY next_at, connection_id
LIMIT $2";
const NEXT: &str = "SELECT MIN(next_at) FROM lane WHERE next_at < $1";
const WAKE: &str = "UPDATE lane SET next_at = $1, revision = revision + 1 WHERE next_at > $1 AND next_at < $2";
const MOVE: &str = "UPDATE lane SET next_at = $2 WHERE connection_id = $1 AND revision = $3";
// Photos are never begun ahead of time: TikTok fetches them, and only at the due time.
const POSTS: &str = "
SELECT post.id, post.due_at,
       CASE WHEN EXISTS (SELECT 1 FROM post_photo WHERE post_photo.post_id = post.id) THEN 0 ELSE media.size_bytes END
FROM post
JOIN media ON media.id = post.media_id
WHERE post.connection_id = $1 AND post.state = 'scheduled' AND post.due_at <= $2
ORDER BY post.due_at, post.id
LIMIT $3";
// The same from a time on: what is overdue in great number must not hide what is not.
const POSTS_FROM: &str = "
SELECT post.id, post.due_at,
       CASE WHEN EXISTS (SELECT 1 FROM post_photo WHERE post_photo.post_id = post.id) THEN 0 ELSE media.size_bytes END
FROM post
JOIN media ON media.id = post.media_id
WHERE post.connection_id = $1 AND post.state = 'scheduled' AND post.due_at <= $2 AND post.due_at > $4
ORDER BY post.due_at, post.id
LIMIT $3";
const FIRST_AFTER: &str = "
SELECT MIN(due_at)
FROM post
WHERE connection_id = $1 AND state = 'scheduled' AND due_at > $2";
// Two nodes must not start the same posts. It never waits, so it can take part in no deadlock.
const TAKE: &str = "
SELECT CAST(CASE WHEN pg_try_advisory_xact_lock(hashtextextended($1, 1)) THEN 1 ELSE 0 END AS BIGINT)";

pub(crate) const STATEMENTS: &[Statement] =
    statements![LOWER, DUE, NEXT, WAKE, MOVE, POSTS, POSTS_FROM, FIRST_AFTER, TAKE @ Postgres];

type RawUpcoming = (String, i64, i64);

fn upcoming(rows: Vec<RawUpcoming>) -> Result<Vec<Upcoming>> {
    const POST: Table = Table("post");
    rows.into_iter()
        .map(|(id, due_at, size)| {
            Ok(Upcoming {
                post_id: POST.parse("id", &id)?,
                due_at: instant(due_at),
                size_bytes: Table("media").unsigned("size_bytes", size)?,
            })
        })
        .collect()
}

impl Store {
    /// Accounts whose turn has come by `now`, those that wait longest first, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lanes_due(&self, now: UnixMillis, limit: i64) -> Result<Vec<Lane>> {
        let rows = fetch_all!(store self, (String, i64, i64), DUE, now.millis(), limit)?;
        rows.into_iter()
            .map(|(id, at, revision)| {
                Ok(Lane { connection_id: LANE.parse("connection_id", &id)?, next_at: instant(at), revision })
            })
            .collect()
    }

    /// When the next turn of any account is.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_next(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT, NEVER.millis())?;
        Ok(at.map(instant))
    }

    /// Planned posts of an account due until `until`, in the order of their due times, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_posts(&self, connection: ConnectionId, until: UnixMillis, limit: i64) -> Result<Vec<Upcoming>> {
        upcoming(fetch_all!(store self, RawUpcoming, POSTS, connection.to_string(), until.millis(), limit)?)
    }

    /// As [`Store::lane_posts`], only those due after `from`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_posts_from(
        &self,
        connection: ConnectionId,
        from: UnixMillis,
        until: UnixMillis,
        limit: i64,
    ) -> Result<Vec<Upcoming>> {
        let id = connection.to_string();
        upcoming(fetch_all!(store self, RawUpcoming, POSTS_FROM, id, until.millis(), limit, from.millis())?)
    }

    /// The first due time after `after` among an account's planned posts.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_first_after(&self, connection: ConnectionId, after: UnixMillis) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), FIRST_AFTER, connection.to_string(), after.millis())?;
        Ok(at.map(instant))
    }
}

impl Tx {
    /// Takes an account's turn until the transaction ends; `false` when another node has it. On SQLite the one writer is turn enough.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_take(&mut self, connection: ConnectionId) -> Result<bool> {
        match self.engine() {
            Engine::Sqlite => Ok(true),
            Engine::Postgres => {
                let (taken,) = fetch_one!(tx self, (i64,), TAKE, connection.to_string())?;
                Ok(taken == 1)
            }
        }
    }

    /// Ends a turn: the account is looked at again at `next_at`; `false` and no change when a post was planned since the turn was read.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_move(&mut self, lane: Lane, next_at: UnixMillis) -> Result<bool> {
        let id = lane.connection_id.to_string();
        Ok(execute!(tx self, MOVE, id, next_at.millis(), lane.revision)? == 1)
    }

    /// Brings the turn of every account with planned posts forward to `now`: their waits were counted by a wrong clock.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_wake_all(&mut self, now: UnixMillis) -> Result<u64> {
        execute!(tx self, WAKE, now.millis(), NEVER.millis())
    }

    /// Brings an account's turn forward to `at` at the latest.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn lane_lower(&mut self, connection: ConnectionId, at: UnixMillis) -> Result<()> {
        execute!(tx self, LOWER, connection.to_string(), at.millis())?;
        Ok(())
    }

    /// What every write of a post does: a planned one brings its account's turn forward.
    pub(crate) async fn lane_follow(&mut self, post: &Post) -> Result<()> {
        match (post.state, post.due_at) {
            (PostState::Scheduled, Some(due_at)) => {
                self.lane_lower(post.connection_id, due_at.plus_millis(EARLIEST_LEAD_MS.saturating_neg())).await
            }
            (
                PostState::Scheduled
                | PostState::Draft
                | PostState::Publishing
                | PostState::Published
                | PostState::InInbox
                | PostState::Failed
                | PostState::NeedsAttention
                | PostState::Cancelled,
                _,
            ) => Ok(()),
        }
    }
}
