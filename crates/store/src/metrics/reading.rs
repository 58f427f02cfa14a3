//! The readings themselves: whose turn it is, which posts are looked at, and what was read. Owns these rows; when something is due and what follows
//! from an answer is decided elsewhere.
//!
//! A turn is an epoch of the consent's row. Whoever writes what was read takes that row first, so a consent that ended meanwhile writes nothing.

use domain::id::{ConnectionId, PostId};
use domain::metrics::{Counters, Growth, WatchState, day_number};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const CONSENT: Table = Table("metric_consent");
const WATCH: Table = Table("metric_watch");
/// Posts that are found anew in one turn.
const FOUND_LIMIT: i64 = 500;

/// An account that somebody may look at now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Which account.
    pub connection_id: ConnectionId,
    /// What is read.
    pub reading: Reading,
    /// Which turn it is; grows with each.
    pub epoch: i64,
    /// How often it failed in a row.
    pub tries: i64,
}

/// Which sample: its post, TikTok's id, and when it was read, in milliseconds.
pub type SampleKey = (String, String, i64);

/// A post that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRow {
    /// Our post.
    pub post_id: PostId,
    /// TikTok's id of it.
    pub video_id: String,
    /// When it went out.
    pub published_at: UnixMillis,
    /// Whether TikTok tells of it.
    pub state: WatchState,
    /// Since when.
    pub since: UnixMillis,
    /// When it is read next.
    pub next_at: UnixMillis,
    /// When it was read last.
    pub read_at: Option<UnixMillis>,
    /// What was known then.
    pub counters: Counters,
}

/// What a reading changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// Our post.
    pub post_id: PostId,
    /// TikTok's id of it.
    pub video_id: String,
    /// Its state from now on.
    pub state: WatchState,
    /// Since when.
    pub since: UnixMillis,
    /// When it is read next.
    pub next_at: UnixMillis,
    /// What is known from now on.
    pub known: Counters,
    /// What TikTok told, to be kept.
    pub sample: Option<Counters>,
    /// What is added to the account's day.
    pub growth: Growth,
}

const DUE: &str = "
SELECT metric_consent.connection_id, metric_consent.purpose, metric_consent.epoch, metric_consent.tries
FROM metric_consent
JOIN connection ON connection.id = metric_consent.connection_id
WHERE metric_consent.next_at <= $1 AND metric_consent.lease_until <= $1 AND connection.state = 'active'
ORDER BY metric_consent.next_at, metric_consent.connection_id, metric_consent.purpose
LIMIT $2";
const NEXT: &str = "
SELECT MIN(metric_consent.next_at)
FROM metric_consent
JOIN connection ON connection.id = metric_consent.connection_id
WHERE connection.state = 'active'";
// Of two that found the same turn, the second one changes nothing. Whoever hears of a new post meanwhile sets an earlier time than this one.
const CLAIM: &str = "
UPDATE metric_consent
SET lease_until = $4, next_at = $4, epoch = epoch + 1
WHERE connection_id = $1 AND purpose = $2 AND epoch = $3";
// Taken again before anything is written; it waits for whoever ends the consent, and then finds nothing.
const HOLD: &str = "
UPDATE metric_consent
SET lease_until = lease_until
WHERE connection_id = $1 AND purpose = $2 AND epoch = $3";
const FINISH: &str = "
UPDATE metric_consent
SET lease_until = 0, tries = $5, next_at = CASE WHEN next_at < lease_until THEN next_at ELSE $4 END
WHERE connection_id = $1 AND purpose = $2 AND epoch = $3";
const EXPECT: &str = "
UPDATE metric_consent
SET next_at = $3
WHERE connection_id = $1 AND purpose = $2 AND next_at > $3";
// A post has as many ids as there are commas between them, and one more.
const FOUND: &str = "
SELECT post.id, post.tiktok_ids, post.published_at
FROM post
WHERE post.connection_id = $1
  AND post.state = 'published'
  AND post.published_at IS NOT NULL
  AND post.tiktok_ids <> '[]'
  AND LENGTH(post.tiktok_ids) - LENGTH(REPLACE(post.tiktok_ids, ',', '')) + 1
    > (SELECT COUNT(*) FROM metric_watch WHERE metric_watch.post_id = post.id)
ORDER BY post.id
LIMIT $2";
const WATCH_PUT: &str = "
INSERT INTO metric_watch (post_id, video_id, connection_id, state, since, next_at)
VALUES ($1, $2, $3, 'live', $4, $5)
ON CONFLICT (post_id, video_id) DO NOTHING";
const SELECT_SOONEST: &str = "
SELECT w.post_id, w.video_id, post.published_at, w.state, w.since, w.next_at, w.read_at, w.views, w.likes, w.comments, w.shares
FROM metric_watch w
JOIN post ON post.id = w.post_id
WHERE w.connection_id = $1 AND post.published_at IS NOT NULL
ORDER BY w.next_at, w.post_id, w.video_id
LIMIT $2";
const SOONEST: &str = "SELECT MIN(next_at) FROM metric_watch WHERE connection_id = $1";
const READ: &str = "
UPDATE metric_watch
SET state = $3, since = $4, next_at = $5, read_at = COALESCE($6, read_at), views = $7, likes = $8, comments = $9, shares = $10
WHERE post_id = $1 AND video_id = $2";
const SAMPLE: &str = "
INSERT INTO metric_sample (post_id, video_id, read_at, connection_id, views, likes, comments, shares)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (post_id, video_id, read_at) DO NOTHING";
const DAY: &str = "
INSERT INTO metric_day (connection_id, day, views, likes, comments, shares, readings)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (connection_id, day) DO UPDATE SET
  views = COALESCE(metric_day.views + excluded.views, metric_day.views, excluded.views),
  likes = COALESCE(metric_day.likes + excluded.likes, metric_day.likes, excluded.likes),
  comments = COALESCE(metric_day.comments + excluded.comments, metric_day.comments, excluded.comments),
  shares = COALESCE(metric_day.shares + excluded.shares, metric_day.shares, excluded.shares),
  readings = metric_day.readings + excluded.readings";
const FOLLOWERS: &str = "
INSERT INTO follower_sample (connection_id, read_at, followers)
VALUES ($1, $2, $3)
ON CONFLICT (connection_id, read_at) DO NOTHING";
// The last sample of each stretch of time stays, and the first one of all: from it the growth is counted.
const THINNABLE: &str = "
SELECT s.post_id, s.video_id, s.read_at
FROM metric_sample s
WHERE s.read_at >= $1
  AND s.read_at < $2
  AND EXISTS (
    SELECT 1 FROM metric_sample later
    WHERE later.post_id = s.post_id
      AND later.video_id = s.video_id
      AND later.read_at > s.read_at
      AND later.read_at < (s.read_at / $3 + 1) * $3)
  AND EXISTS (
    SELECT 1 FROM metric_sample earlier
    WHERE earlier.post_id = s.post_id AND earlier.video_id = s.video_id AND earlier.read_at < s.read_at)
LIMIT $4";
const THIN: &str = "DELETE FROM metric_sample WHERE post_id = $1 AND video_id = $2 AND read_at = $3";
const GONE_SQLITE: &str =
    "DELETE FROM metric_sample WHERE rowid IN (SELECT rowid FROM metric_sample WHERE read_at < $1 LIMIT $2)";
const GONE_POSTGRES: &str =
    "DELETE FROM metric_sample WHERE ctid IN (SELECT ctid FROM metric_sample WHERE read_at < $1 LIMIT $2)";
const GONE_DAYS: &str = "DELETE FROM metric_day WHERE day < $1";
// What was read last stands beside what is watched, and ends with its time, too.
const GONE_LAST: &str = "
UPDATE metric_watch
SET read_at = NULL, views = NULL, likes = NULL, comments = NULL, shares = NULL
WHERE read_at < $1";
const GONE_FOLLOWERS: &str = "DELETE FROM follower_sample WHERE read_at < $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    DUE,
    NEXT,
    CLAIM,
    HOLD,
    FINISH,
    EXPECT,
    FOUND,
    WATCH_PUT,
    SELECT_SOONEST,
    SOONEST,
    READ,
    SAMPLE,
    DAY,
    FOLLOWERS,
    THINNABLE,
    THIN,
    GONE_SQLITE @ Sqlite,
    GONE_POSTGRES @ Postgres,
    GONE_DAYS,
    GONE_LAST,
    GONE_FOLLOWERS,
];

row! {
    struct RawTurn {
        connection_id: String,
        purpose: String,
        epoch: i64,
        tries: i64,
    }
}

row! {
    struct RawFound {
        id: String,
        tiktok_ids: String,
        published_at: i64,
    }
}

row! {
    pub(super) struct RawWatch {
        post_id: String,
        video_id: String,
        published_at: i64,
        state: String,
        since: i64,
        next_at: i64,
        read_at: Option<i64>,
        views: Option<i64>,
        likes: Option<i64>,
        comments: Option<i64>,
        shares: Option<i64>,
    }
}

impl TryFrom<RawWatch> for WatchRow {
    type Error = StoreError;

    fn try_from(raw: RawWatch) -> Result<Self> {
        Ok(Self {
            post_id: WATCH.parse("post_id", &raw.post_id)?,
            video_id: raw.video_id,
            published_at: instant(raw.published_at),
            state: WATCH.word("state", &raw.state, WatchState::parse)?,
            since: instant(raw.since),
            next_at: instant(raw.next_at),
            read_at: instant_opt(raw.read_at),
            counters: Counters { views: raw.views, likes: raw.likes, comments: raw.comments, shares: raw.shares },
        })
    }
}

impl Store {
    /// Accounts whose turn it is, longest waiting first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_turns(&self, now: UnixMillis, limit: u32) -> Result<Vec<Turn>> {
        let turn = |raw: RawTurn| {
            Ok(Turn {
                connection_id: CONSENT.parse("connection_id", &raw.connection_id)?,
                reading: CONSENT.word("purpose", &raw.purpose, Reading::parse)?,
                epoch: raw.epoch,
                tries: raw.tries,
            })
        };
        fetch_all!(store self, RawTurn, DUE, now.millis(), i64::from(limit))?.into_iter().map(turn).collect()
    }

    /// When the next account's turn is; `None` when nothing is read of anybody.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_next_turn(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT)?;
        Ok(instant_opt(at))
    }

    /// The posts of an account that are due soonest, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_soonest(&self, connection: ConnectionId, limit: u32) -> Result<Vec<WatchRow>> {
        let rows = fetch_all!(store self, RawWatch, SELECT_SOONEST, connection.to_string(), i64::from(limit))?;
        rows.into_iter().map(WatchRow::try_from).collect()
    }

    /// When the next post of an account is due.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_next_of(&self, connection: ConnectionId) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), SOONEST, connection.to_string())?;
        Ok(instant_opt(at))
    }

    /// Samples between two instants that go so that one of each stretch of `stretch_ms` stays, the last; at most `limit`. Outside of a transaction:
    /// looking through weeks of samples must not keep anybody from writing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metrics_thinnable(
        &self,
        times: std::ops::Range<UnixMillis>,
        stretch_ms: i64,
        limit: u32,
    ) -> Result<Vec<SampleKey>> {
        let (from, until) = (times.start.millis(), times.end.millis());
        fetch_all!(store self, SampleKey, THINNABLE, from, until, stretch_ms, i64::from(limit))
    }

    /// Published posts of an account that have ids which are not read yet, each with its ids and when it went out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_found(&self, connection: ConnectionId) -> Result<Vec<(PostId, Vec<String>, UnixMillis)>> {
        let post = Table("post");
        let found = |raw: RawFound| {
            Ok((post.parse("id", &raw.id)?, post.json("tiktok_ids", &raw.tiktok_ids)?, instant(raw.published_at)))
        };
        fetch_all!(store self, RawFound, FOUND, connection.to_string(), FOUND_LIMIT)?.into_iter().map(found).collect()
    }
}

impl Tx {
    /// Takes a turn until an instant; `None` when somebody else has it, or nobody allows it any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_claim(&mut self, turn: Turn, until: UnixMillis) -> Result<Option<Turn>> {
        let id = turn.connection_id.to_string();
        let taken = execute!(tx self, CLAIM, id, turn.reading.as_str(), turn.epoch, until.millis())? == 1;
        Ok(taken.then_some(Turn { epoch: turn.epoch.saturating_add(1), ..turn }))
    }

    /// Holds a turn for the rest of this transaction; false when it is over or nobody allows it any more. Comes before anything is written.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_hold(&mut self, turn: Turn) -> Result<bool> {
        let id = turn.connection_id.to_string();
        Ok(execute!(tx self, HOLD, id, turn.reading.as_str(), turn.epoch)? == 1)
    }

    /// Ends a turn: the account is looked at next then, or sooner when somebody said so meanwhile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_finish(&mut self, turn: Turn, next_at: UnixMillis, tries: i64) -> Result<()> {
        let id = turn.connection_id.to_string();
        execute!(tx self, FINISH, id, turn.reading.as_str(), turn.epoch, next_at.millis(), tries)?;
        Ok(())
    }

    /// An account has something new to be read; nothing where nobody allows that.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_expect(&mut self, connection: ConnectionId, reading: Reading, now: UnixMillis) -> Result<()> {
        execute!(tx self, EXPECT, connection.to_string(), reading.as_str(), now.millis())?;
        Ok(())
    }

    /// From now on a post is read. One that is read already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such post.
    pub async fn metric_watch(
        &mut self,
        connection: ConnectionId,
        post: PostId,
        video: &str,
        published_at: UnixMillis,
        now: UnixMillis,
    ) -> Result<()> {
        let (post, connection) = (post.to_string(), connection.to_string());
        execute!(tx self, WATCH_PUT, post, video, connection, published_at.millis(), now.millis())?;
        Ok(())
    }

    /// Writes what was read of an account's posts. The turn is held.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_read(&mut self, connection: ConnectionId, rows: &[ReadRow], now: UnixMillis) -> Result<()> {
        let connection = connection.to_string();
        let mut sum = Growth::default();
        let mut readings = 0_i64;
        for it in rows {
            let (post, known) = (it.post_id.to_string(), it.known);
            let read_at = it.sample.map(|_| now.millis());
            let done = execute!(
                tx self, READ,
                &post,
                &it.video_id,
                it.state.as_str(),
                it.since.millis(),
                it.next_at.millis(),
                read_at,
                known.views,
                known.likes,
                known.comments,
                known.shares,
            )?;
            let Some(told) = it.sample.filter(|_| done == 1) else { continue };
            let (views, likes, comments, shares) = (told.views, told.likes, told.comments, told.shares);
            execute!(tx self, SAMPLE, &post, &it.video_id, now.millis(), &connection, views, likes, comments, shares)?;
            sum = sum.and(it.growth);
            readings += 1;
        }
        if readings > 0 {
            self.metric_marks_put(&connection, now).await?;
            let (day, Growth { views, likes, comments, shares }) = (day_number(now), sum);
            execute!(tx self, DAY, &connection, day, views, likes, comments, shares, readings)?;
        }
        Ok(())
    }

    /// Writes how many followers an account has. The turn is held.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn followers_read(&mut self, connection: ConnectionId, followers: i64, now: UnixMillis) -> Result<()> {
        execute!(tx self, FOLLOWERS, connection.to_string(), now.millis(), followers)?;
        Ok(())
    }

    /// Removes these samples; gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metrics_thin(&mut self, samples: &[SampleKey]) -> Result<u64> {
        let mut removed = 0;
        for (post, video, read_at) in samples {
            removed += execute!(tx self, THIN, post, video, *read_at)?;
        }
        Ok(removed)
    }

    /// Removes what was read before an instant, at most `limit` samples; gives how many of them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn purge_metrics(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, GONE_DAYS, day_number(before))?;
        execute!(tx self, GONE_FOLLOWERS, before.millis())?;
        execute!(tx self, GONE_LAST, before.millis())?;
        self.metric_marks_purge(before).await?;
        let (before, limit) = (before.millis(), i64::from(limit));
        match self.engine() {
            crate::Engine::Sqlite => execute!(tx self, GONE_SQLITE, before, limit),
            crate::Engine::Postgres => execute!(tx self, GONE_POSTGRES, before, limit),
        }
    }
}
