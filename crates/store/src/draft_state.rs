//! Earlier states of drafts. Owns their rows; which of them are kept, and for how long, is decided by the use cases.

use domain::id::{ConnectionId, DraftStateId, PostId};
use domain::post::PostContent;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("draft_state");
/// The sealed column; under the key of the account that the post is for.
const CONTENT: &str = "content";
/// Rows that are read at once; a post has fewer.
const LIST_MAX: i64 = 100;

/// What a draft was like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftState {
    /// Which.
    pub id: DraftStateId,
    /// Of which post.
    pub post_id: PostId,
    /// The account that the post is for.
    pub connection_id: ConnectionId,
    /// The post's revision at that time.
    pub revision: i64,
    /// Caption and choices; empty when they could not be opened.
    pub content: PostContent,
    /// The wall-clock time that was typed.
    pub local_time: Option<String>,
    /// The zone of that time.
    pub time_zone: Option<String>,
    /// When it was saved over: its days count from then.
    pub at: UnixMillis,
}

macro_rules! columns {
    () => {
        concat!(
            "SELECT id, post_id, connection_id, revision, content, local_time, time_zone, at, ",
            connection_key!("draft_state.connection_id"),
            " FROM draft_state WHERE post_id = $1"
        )
    };
}
const LIST: &str = concat!(columns!(), " ORDER BY at DESC, revision DESC, id DESC LIMIT $2");
const ONE: &str = concat!(columns!(), " AND id = $2");
const NEWEST_AT: &str = "SELECT MAX(at) FROM draft_state WHERE post_id = $1";
const INSERT: &str = "
INSERT INTO draft_state (id, post_id, connection_id, revision, content, local_time, time_zone, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const KEEP_NEWEST: &str = "
DELETE FROM draft_state
WHERE post_id = $1
  AND id NOT IN (SELECT id FROM draft_state WHERE post_id = $1 ORDER BY at DESC, revision DESC, id DESC LIMIT $2)";
const PURGE: &str = "
DELETE FROM draft_state
WHERE id IN (SELECT id FROM draft_state WHERE at < $1 ORDER BY at LIMIT $2)";

pub(crate) const STATEMENTS: &[Statement] = statements![LIST, ONE, NEWEST_AT, INSERT, KEEP_NEWEST, PURGE];

row! {
    struct Raw {
        id: String,
        post_id: String,
        connection_id: String,
        revision: i64,
        content: String,
        local_time: Option<String>,
        time_zone: Option<String>,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<DraftState> {
        let row = safe.row(Owner::connection(&self.connection_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let content = row.read(CONTENT, self.content)?;
        Ok(DraftState {
            id: TABLE.parse("id", &self.id)?,
            post_id: TABLE.parse("post_id", &self.post_id)?,
            connection_id: TABLE.parse("connection_id", &self.connection_id)?,
            revision: self.revision,
            content: if content.is_empty() { PostContent::default() } else { TABLE.json(CONTENT, &content)? },
            local_time: self.local_time,
            time_zone: self.time_zone,
            at: instant(self.at),
        })
    }
}

impl Store {
    /// The earlier states of a post, the newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn draft_states(&self, post: PostId) -> Result<Vec<DraftState>> {
        let rows = fetch_all!(store self, Raw, LIST, post.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// One earlier state of this post.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn draft_state(&self, post: PostId, id: DraftStateId) -> Result<Option<DraftState>> {
        let row = fetch_optional!(store self, Raw, ONE, post.to_string(), id.to_string())?;
        row.map(|raw| raw.open(&self.safe)).transpose()
    }
}

impl Tx {
    /// When the newest kept state of a post was written.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn draft_state_newest(&mut self, post: PostId) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(tx self, (Option<i64>,), NEWEST_AT, post.to_string())?;
        Ok(at.map(instant))
    }

    /// Keeps a state, and of the post's only the newest `most`.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such post or account.
    pub async fn draft_state_keep(&mut self, it: &DraftState, most: i64) -> Result<()> {
        let (id, post, connection) = (it.id.to_string(), it.post_id.to_string(), it.connection_id.to_string());
        let row = self.row_of(Owner::connection(&connection), TABLE, &id).await?;
        let content = row.write(CONTENT, &TABLE.to_json(CONTENT, &it.content)?)?;
        execute!(
            tx self, INSERT,
            &id,
            &post,
            &connection,
            it.revision,
            &content,
            it.local_time.as_deref(),
            it.time_zone.as_deref(),
            it.at.millis(),
        )?;
        execute!(tx self, KEEP_NEWEST, &post, most)?;
        Ok(())
    }

    /// Removes states written before an instant, at most `limit`; how many went.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_draft_states(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
