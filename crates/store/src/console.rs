//! What an operator sees of a whole instance: counts and ids, never a caption, a name or a token. Owns reading it, and the two small books that
//! the sweeper and every process keep about themselves.

use domain::id::{ConnectionId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::{Result, StoreError};
use crate::post::PostProblem;

/// Failed posts looked at: more than this is "very many".
const FAILED_MAX: i64 = 10_000;
/// Accounts, processes or lines listed.
const LIST_LIMIT: i64 = 100;

const FAILED: &str = "
SELECT problem, updated_at
FROM post
WHERE state IN ('failed', 'needs_attention')
  AND problem IS NOT NULL
  AND updated_at >= $1
ORDER BY updated_at DESC
LIMIT $2";
const CONNECTIONS: &str = "
SELECT state, COUNT(*)
FROM connection
WHERE open_id NOT LIKE 'erasing:%'
GROUP BY state
ORDER BY state";
const NEED_HELP: &str = "
SELECT id, workspace_id, updated_at
FROM connection
WHERE state = 'reconnect_needed'
  AND open_id NOT LIKE 'erasing:%'
ORDER BY updated_at, id
LIMIT $1";
const STORED: &str = "
SELECT
  (SELECT COUNT(*) FROM media WHERE file_gone_at IS NULL),
  (SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM media WHERE file_gone_at IS NULL),
  (SELECT COUNT(*) FROM blob_trash),
  (SELECT COUNT(*) FROM upload WHERE state = 'open')";
const SIZE_SQLITE: &str = "
SELECT pages.page_count * sizes.page_size
FROM pragma_page_count() AS pages, pragma_page_size() AS sizes";
const SIZE_POSTGRES: &str = "SELECT pg_database_size(current_database())";
const TICKETS: &str = "
SELECT COUNT(*), MIN(expires_at), COALESCE(SUM(CASE WHEN expires_at < $1 THEN 1 ELSE 0 END), 0)
FROM revoke_ticket";
const ANSWERS: &str = "
SELECT document, version, answer, COUNT(*)
FROM policy_answer
GROUP BY document, version, answer
ORDER BY document, version, answer";

const SWEPT: &str = "
INSERT INTO sweep (kind, at, removed)
VALUES ($1, $2, $3)
ON CONFLICT (kind) DO UPDATE SET
  at = excluded.at,
  removed = excluded.removed";
const SWEEPS: &str = "SELECT kind, at, removed FROM sweep ORDER BY kind";
const NODE_SEEN: &str = "
INSERT INTO node (id, program, key_version, started_at, seen_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET
  key_version = excluded.key_version,
  seen_at = excluded.seen_at";
const NODES: &str = "SELECT id, program, key_version, started_at, seen_at FROM node ORDER BY seen_at DESC, id LIMIT $1";
const NODE_GONE: &str = "DELETE FROM node WHERE id = $1";
const NODES_FORGOTTEN: &str = "DELETE FROM node WHERE seen_at < $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    FAILED,
    CONNECTIONS,
    NEED_HELP,
    STORED,
    SIZE_SQLITE @ Sqlite,
    SIZE_POSTGRES @ Postgres,
    TICKETS,
    ANSWERS,
    SWEPT,
    SWEEPS,
    NODE_SEEN,
    NODES,
    NODE_GONE,
    NODES_FORGOTTEN,
];

/// How often a process of several says that it is at work, seconds.
pub const NODE_BEAT_S: i64 = 20;
/// One that said nothing for so long has ended, or does nothing, seconds.
pub const NODE_SILENT_S: i64 = 90;

/// An account that does not work until its person connects it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsHelp {
    /// Which.
    pub connection: ConnectionId,
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// Since when.
    pub since: UnixMillis,
}

/// What lies on disk and in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Files of people.
    pub files: i64,
    /// Their bytes.
    pub file_bytes: i64,
    /// Files that wait for being unlinked.
    pub trash: i64,
    /// Uploads under way.
    pub uploads: i64,
    /// Bytes of the database.
    pub database_bytes: i64,
}

/// Grants whose end TikTok has not confirmed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tickets {
    /// How many.
    pub open: i64,
    /// When the first of them goes.
    pub first_expires_at: Option<UnixMillis>,
    /// How many should be gone.
    pub overdue: i64,
}

/// How many people gave one answer to one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    /// `privacy` or `terms`.
    pub document: String,
    /// The version.
    pub version: String,
    /// What they said.
    pub answer: String,
    /// How many.
    pub people: i64,
}

/// One kind of thing that the sweeper looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Its word.
    pub kind: String,
    /// When it was last looked for.
    pub at: UnixMillis,
    /// How much of it went then.
    pub removed: i64,
}

/// One process that worked with this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its random name.
    pub id: String,
    /// The version of the program.
    pub program: String,
    /// Which version of the instance key it seals under.
    pub key_version: i64,
    /// When it began.
    pub started_at: UnixMillis,
    /// When it last said so.
    pub seen_at: UnixMillis,
}

impl Store {
    /// Codes of posts that failed or wait for a person since `since`, newest first, at most 10 000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn failed_since(&self, since: UnixMillis) -> Result<Vec<(String, UnixMillis)>> {
        let rows = fetch_all!(store self, (String, i64), FAILED, since.millis(), FAILED_MAX)?;
        rows.into_iter()
            .map(|(problem, at)| {
                let problem: PostProblem = Table("post").json("problem", &problem)?;
                Ok((problem.code, instant(at)))
            })
            .collect()
    }

    /// How many accounts there are in each state.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection_counts(&self) -> Result<Vec<(String, i64)>> {
        fetch_all!(store self, (String, i64), CONNECTIONS)
    }

    /// Accounts that have to be connected again, longest first, at most 100.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections_in_need(&self) -> Result<Vec<NeedsHelp>> {
        let rows = fetch_all!(store self, (String, String, i64), NEED_HELP, LIST_LIMIT)?;
        rows.into_iter()
            .map(|(id, workspace, since)| {
                let table = Table("connection");
                Ok(NeedsHelp {
                    connection: table.parse("id", &id)?,
                    workspace: table.parse("workspace_id", &workspace)?,
                    since: instant(since),
                })
            })
            .collect()
    }

    /// What lies on disk and in the database.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn stored(&self) -> Result<Stored> {
        let (files, file_bytes, trash, uploads) = fetch_one!(store self, (i64, i64, i64, i64), STORED)?;
        let (database_bytes,) = match self.engine() {
            Engine::Sqlite => fetch_one!(store self, (i64,), SIZE_SQLITE),
            Engine::Postgres => fetch_one!(store self, (i64,), SIZE_POSTGRES),
        }?;
        Ok(Stored { files, file_bytes, trash, uploads, database_bytes })
    }

    /// Grants whose end TikTok has not confirmed yet.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn ticket_counts(&self, now: UnixMillis) -> Result<Tickets> {
        let (open, first, overdue) = fetch_one!(store self, (i64, Option<i64>, i64), TICKETS, now.millis())?;
        Ok(Tickets { open, first_expires_at: instant_opt(first), overdue })
    }

    /// How many people gave which answer to which version.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn answer_counts(&self) -> Result<Vec<AnswerCount>> {
        let rows = fetch_all!(store self, (String, String, String, i64), ANSWERS)?;
        let count = |(document, version, answer, people)| AnswerCount { document, version, answer, people };
        Ok(rows.into_iter().map(count).collect())
    }

    /// What the sweeper last looked for.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn sweeps(&self) -> Result<Vec<Sweep>> {
        let rows = fetch_all!(store self, (String, i64, i64), SWEEPS)?;
        Ok(rows.into_iter().map(|(kind, at, removed)| Sweep { kind, at: instant(at), removed }).collect())
    }

    /// Processes that worked with this database, last seen first, at most 100.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn nodes(&self) -> Result<Vec<Node>> {
        let rows = fetch_all!(store self, (String, String, i64, i64, i64), NODES, LIST_LIMIT)?;
        let node = |(id, program, key_version, started, seen)| Node {
            id,
            program,
            key_version,
            started_at: instant(started),
            seen_at: instant(seen),
        };
        Ok(rows.into_iter().map(node).collect())
    }

    /// Processes that are at work with a database that several share, and how many seconds ago each said so. None where there is no such book yet.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn nodes_at_work(&self) -> Result<Vec<(Node, i64)>> {
        let nodes = match self.nodes().await {
            Err(StoreError::Sqlx(error)) if crate::migrations::is_missing_table(&error) => Vec::new(),
            nodes => nodes?,
        };
        let now = self.now_db().await?;
        let aged = nodes.into_iter().map(|node| {
            let age_s = now.millis_since(node.seen_at).div_euclid(1000);
            (node, age_s)
        });
        Ok(aged.filter(|(_, age_s)| *age_s < NODE_SILENT_S).collect())
    }
}

impl Tx {
    /// Notes that a kind of thing was looked for.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn swept(&mut self, kind: &str, at: UnixMillis, removed: i64) -> Result<()> {
        execute!(tx self, SWEPT, kind, at.millis(), removed)?;
        Ok(())
    }

    /// Notes that a process is at work, and forgets those not seen since `forget`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn node_seen(&mut self, it: &Node, forget: UnixMillis) -> Result<()> {
        let (started, seen) = (it.started_at.millis(), it.seen_at.millis());
        execute!(tx self, NODE_SEEN, &it.id, &it.program, it.key_version, started, seen)?;
        execute!(tx self, NODES_FORGOTTEN, forget.millis())?;
        Ok(())
    }
    /// Notes that a process has ended.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn node_gone(&mut self, id: &str) -> Result<()> {
        execute!(tx self, NODE_GONE, id)?;
        Ok(())
    }
}
