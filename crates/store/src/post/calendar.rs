//! What the calendar reads: which posts have their time within some days, and the posts that it draws. Owns these statements; must not
//! know days, which belong to somebody's zone.

use std::collections::HashSet;

use domain::id::{ConnectionId, MediaId, PostId, WorkspaceId};
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;

use super::{Post, Raw, TABLE, all, columns};
use crate::db::{Engine, Statement, Store};
use crate::error::Result;

const SELECT_MARKS: &str = "
SELECT id, connection_id, due_at, state, delivery
FROM post
WHERE workspace_id = $1
  AND due_at >= $2
  AND due_at < $3
  AND ($4 = '' OR connection_id = $4)
ORDER BY due_at, id
LIMIT $5";
const SELECT_MANY_SQLITE: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM post
WHERE workspace_id = $1
  AND id IN (SELECT value FROM json_each($2))
ORDER BY due_at, id"
);
const SELECT_MANY_POSTGRES: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM post
WHERE workspace_id = $1
  AND id IN (SELECT json_array_elements_text($2::json))
ORDER BY due_at, id"
);

macro_rules! using {
    ($ids:literal) => {
        concat!(
            "
SELECT post.id
FROM post
WHERE post.workspace_id = $1
  AND (post.media_id IN (",
            $ids,
            ")
    OR post.id IN (SELECT post_photo.post_id FROM post_photo WHERE post_photo.media_id IN (",
            $ids,
            ")))
LIMIT $3"
        )
    };
}
const SELECT_USING_SQLITE: &str = using!("SELECT value FROM json_each($2)");
const SELECT_USING_POSTGRES: &str = using!("SELECT json_array_elements_text($2::json)");

pub(crate) const STATEMENTS: &[Statement] = statements![
    SELECT_MARKS,
    SELECT_MANY_SQLITE @ Sqlite,
    SELECT_MANY_POSTGRES @ Postgres,
    SELECT_USING_SQLITE @ Sqlite,
    SELECT_USING_POSTGRES @ Postgres,
];

/// A post with a time, as far as a calendar counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The post.
    pub id: PostId,
    /// Its account.
    pub connection_id: ConnectionId,
    /// Its time.
    pub due_at: UnixMillis,
    /// Its state.
    pub state: PostState,
    /// Direct or inbox.
    pub delivery: Delivery,
}

impl Store {
    /// The posts of a workspace, or of one of its accounts, with a time from `from` on and before `until`, by time; at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_marked(
        &self,
        workspace: WorkspaceId,
        connection: Option<ConnectionId>,
        from: UnixMillis,
        until: UnixMillis,
        limit: i64,
    ) -> Result<Vec<Mark>> {
        let connection = connection.map(|id| id.to_string()).unwrap_or_default();
        let rows = fetch_all!(
            store self, (String, String, i64, String, String), SELECT_MARKS,
            workspace.to_string(), from.millis(), until.millis(), connection.as_str(), limit
        )?;
        rows.into_iter()
            .map(|(id, connection, due_at, state, delivery)| {
                Ok(Mark {
                    id: TABLE.parse("id", &id)?,
                    connection_id: TABLE.parse("connection_id", &connection)?,
                    due_at: UnixMillis::from_millis(due_at),
                    state: TABLE.word("state", &state, PostState::parse)?,
                    delivery: TABLE.word("delivery", &delivery, Delivery::parse)?,
                })
            })
            .collect()
    }

    /// These posts, as far as they are of this workspace, by time.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_many(&self, workspace: WorkspaceId, ids: &[PostId]) -> Result<Vec<Post>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("id", &ids)?;
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, SELECT_MANY_SQLITE, workspace.to_string(), &wanted)?,
            Engine::Postgres => fetch_all!(store self, Raw, SELECT_MANY_POSTGRES, workspace.to_string(), &wanted)?,
        };
        all(rows, &self.safe)
    }

    /// Which posts of a workspace show any of these files, at most `limit`, in no order.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_using(&self, workspace: WorkspaceId, files: &[MediaId], limit: i64) -> Result<HashSet<PostId>> {
        if files.is_empty() {
            return Ok(HashSet::new());
        }
        let files = TABLE.to_json("media_id", &files)?;
        let rows = match self.engine() {
            Engine::Sqlite => {
                fetch_all!(store self, (String,), SELECT_USING_SQLITE, workspace.to_string(), &files, limit)?
            }
            Engine::Postgres => {
                fetch_all!(store self, (String,), SELECT_USING_POSTGRES, workspace.to_string(), &files, limit)?
            }
        };
        rows.into_iter().map(|(id,)| TABLE.parse("id", &id)).collect()
    }
}
