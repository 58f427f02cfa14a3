//! The timeline of a post: what people did and what came of it. Owns appending and reading; nothing is ever changed.

use domain::id::{PostId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("post_event");

/// Most entries of one post that are read.
const LIST_LIMIT: i64 = 1_000;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct PostEvent {
    /// Order of writing.
    pub seq: i64,
    /// Which post.
    pub post_id: PostId,
    /// What happened, a word of ours.
    pub kind: String,
    /// Who did it; `None` for the service itself.
    pub actor_id: Option<UserId>,
    /// What belongs to it.
    pub detail: serde_json::Value,
    /// When.
    pub at: UnixMillis,
}

const APPEND: &str = "
INSERT INTO post_event (workspace_id, post_id, kind, actor_id, detail, at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING seq";
const SELECT_OF_POST: &str = "
SELECT seq, post_id, kind, actor_id, detail, at
FROM post_event
WHERE post_id = $1
ORDER BY seq
LIMIT $2";

const ANNOTATIONS: &str = "SELECT COUNT(*) FROM post_event WHERE post_id = $1 AND kind = 'annotated'";

pub(crate) const STATEMENTS: &[Statement] = statements![APPEND, SELECT_OF_POST, ANNOTATIONS];

row! {
    struct Raw {
        seq: i64,
        post_id: String,
        kind: String,
        actor_id: Option<String>,
        detail: String,
        at: i64,
    }
}

impl TryFrom<Raw> for PostEvent {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            seq: raw.seq,
            post_id: TABLE.parse("post_id", &raw.post_id)?,
            kind: raw.kind,
            actor_id: TABLE.parse_opt("actor_id", raw.actor_id.as_deref())?,
            detail: TABLE.json("detail", &raw.detail)?,
            at: instant(raw.at),
        })
    }
}

impl Store {
    /// The timeline of a post, oldest first, at most 1000 entries.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn events(&self, post: PostId) -> Result<Vec<PostEvent>> {
        fetch_all!(store self, Raw, SELECT_OF_POST, post.to_string(), LIST_LIMIT)?
            .into_iter()
            .map(PostEvent::try_from)
            .collect()
    }

    /// How many entries tell that a note was added or taken away.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn annotations(&self, post: PostId) -> Result<i64> {
        Ok(fetch_one!(store self, (i64,), ANNOTATIONS, post.to_string())?.0)
    }
}

impl Tx {
    /// Appends an entry, in the transaction of the change it tells, and gives its place in the order.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such post.
    pub async fn event_append(
        &mut self,
        workspace: WorkspaceId,
        post: PostId,
        kind: &str,
        actor: Option<UserId>,
        detail: &serde_json::Value,
        at: UnixMillis,
    ) -> Result<i64> {
        let (seq,) = fetch_one!(
            tx self, (i64,), APPEND,
            workspace.to_string(),
            post.to_string(),
            kind,
            actor.map(|id| id.to_string()),
            detail.to_string(),
            at.millis(),
        )?;
        Ok(seq)
    }
}
