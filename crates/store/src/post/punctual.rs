//! When posts were out beside when they were planned, and what was stopped. Owns the reading; the arithmetic is `domain`'s.

use std::collections::HashSet;

use domain::id::{ConnectionId, PostId, WorkspaceId};
use domain::post::PostState;
use domain::time::UnixMillis;

use super::{PostProblem, TABLE};
use crate::db::{Engine, Statement, Store};
use crate::error::Result;

// All of it is in the index over what is out, and in the small one over what a person said to be out: of that nobody knows since when.
const OUT: &str = "
SELECT connection_id, due_at, published_at
FROM post
WHERE workspace_id = $1
  AND published_at >= $2
  AND published_at < $3
  AND NOT EXISTS (SELECT 1 FROM post_event WHERE post_event.post_id = post.id AND post_event.kind = 'confirmed')
  AND ($4 = '' OR connection_id = $4)
ORDER BY published_at DESC
LIMIT $5";
const STOPPED: &str = "
SELECT connection_id, state, problem
FROM post
WHERE workspace_id = $1
  AND state IN ('failed', 'needs_attention')
  AND updated_at >= $2
  AND updated_at < $3
  AND ($4 = '' OR connection_id = $4)
ORDER BY updated_at DESC
LIMIT $5";

macro_rules! confirmed {
    ($ids:literal) => {
        concat!(
            "SELECT post_id FROM post_event WHERE workspace_id = $1 AND kind = 'confirmed' AND post_id IN (",
            $ids,
            ")"
        )
    };
}
const CONFIRMED_SQLITE: &str = confirmed!("SELECT value FROM json_each($2)");
const CONFIRMED_POSTGRES: &str = confirmed!("SELECT json_array_elements_text($2::json)");

pub(crate) const STATEMENTS: &[Statement] =
    statements![OUT, STOPPED, CONFIRMED_SQLITE @ Sqlite, CONFIRMED_POSTGRES @ Postgres];

/// A post that is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Out {
    /// Of which account.
    pub connection_id: ConnectionId,
    /// Its planned time, if it had one.
    pub due_at: Option<UnixMillis>,
    /// When TikTok said that it was out.
    pub published_at: UnixMillis,
}

/// A post that failed or waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Of which account.
    pub connection_id: ConnectionId,
    /// Failed, or waits for a person.
    pub state: PostState,
    /// Why.
    pub problem: Option<PostProblem>,
}

impl Store {
    /// Those of these posts that are out by a person's word alone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_confirmed(&self, workspace: WorkspaceId, ids: &[PostId]) -> Result<HashSet<PostId>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let (workspace, wanted) = (workspace.to_string(), TABLE.to_json("id", &ids)?);
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, (String,), CONFIRMED_SQLITE, &workspace, &wanted)?,
            Engine::Postgres => fetch_all!(store self, (String,), CONFIRMED_POSTGRES, &workspace, &wanted)?,
        };
        rows.into_iter().map(|(id,)| TABLE.parse("id", &id)).collect()
    }

    /// What was out between two instants, the newest first; of one account, or of all.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_out(
        &self,
        workspace: WorkspaceId,
        (from, until): (UnixMillis, UnixMillis),
        connection: Option<ConnectionId>,
        limit: u32,
    ) -> Result<Vec<Out>> {
        let connection = connection.map(|id| id.to_string()).unwrap_or_default();
        let rows = fetch_all!(
            store self, (String, Option<i64>, i64), OUT,
            workspace.to_string(), from.millis(), until.millis(), connection.as_str(), i64::from(limit)
        )?;
        rows.into_iter()
            .map(|(connection, due_at, published_at)| {
                Ok(Out {
                    connection_id: TABLE.parse("connection_id", &connection)?,
                    due_at: due_at.map(UnixMillis::from_millis),
                    published_at: UnixMillis::from_millis(published_at),
                })
            })
            .collect()
    }

    /// What stopped between two instants and has not been settled since, the newest first; of one account, or of all.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_stopped(
        &self,
        workspace: WorkspaceId,
        (from, until): (UnixMillis, UnixMillis),
        connection: Option<ConnectionId>,
        limit: u32,
    ) -> Result<Vec<Stopped>> {
        let connection = connection.map(|id| id.to_string()).unwrap_or_default();
        let rows = fetch_all!(
            store self, (String, String, Option<String>), STOPPED,
            workspace.to_string(), from.millis(), until.millis(), connection.as_str(), i64::from(limit)
        )?;
        rows.into_iter()
            .map(|(connection, state, problem)| {
                Ok(Stopped {
                    connection_id: TABLE.parse("connection_id", &connection)?,
                    state: TABLE.word("state", &state, PostState::parse)?,
                    problem: TABLE.json_opt("problem", problem.as_deref())?,
                })
            })
            .collect()
    }
}
