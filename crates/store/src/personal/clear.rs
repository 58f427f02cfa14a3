//! Rows from before there were keys: sealed in portions, once, before the service opens. Owns finding them, and that nothing of the clear
//! text stays in the files of the database.
//!
//! Killed at any moment it goes on where it was. Nodes that start together take turns.

use sqlx::Executor as _;

use super::{MARK, Owner};
use crate::column::Table;
use crate::db::{Engine, Pools, Statement, Store};
use crate::error::{Result, StoreError};

/// Where the database remembers that nothing is left to seal.
const DONE: &str = "personal_sealed";
/// The columns that were sealed by the time it was written; another list begins the pass anew.
const ROUND: &str = "1";
/// While clear text may stand in unused space.
const BEGUN: &str = "begun";
/// Rows sealed in one transaction.
const PORTION: i64 = 200;
/// Pictures sealed in one transaction: half a mebibyte each at most.
const PICTURES: i64 = 8;
/// Nodes that start together take turns.
const LOCK: i64 = 0x6d6f_6c6b_7365_616c;

const TURN: &str = "SELECT pg_advisory_xact_lock($1)";
const WHOLE_TURN: &str = "SELECT pg_advisory_lock($1)";

// Each gives id, owner and up to three texts of rows of which at least one is neither empty nor sealed.
const PERSON: &str = "
SELECT id, id, display_name, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM person
WHERE display_name <> '' AND display_name NOT LIKE $1
LIMIT $2";
const WORKSPACE: &str = "
SELECT workspace.id, member.user_id, workspace.name, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM workspace
JOIN member ON member.workspace_id = workspace.id
WHERE workspace.name <> '' AND workspace.name NOT LIKE $1
  AND member.user_id = (
    SELECT f.user_id FROM member f WHERE f.workspace_id = workspace.id ORDER BY f.created_at, f.user_id LIMIT 1)
LIMIT $2";
const CONNECTION: &str = "
SELECT id, id, display_name, username, creator
FROM connection
WHERE (display_name <> '' AND display_name NOT LIKE $1)
  OR (username <> '' AND username NOT LIKE $1)
  OR (creator <> '' AND creator NOT LIKE $1)
LIMIT $2";
const SESSION: &str = "
SELECT id, user_id, device, ip, CAST(NULL AS TEXT)
FROM session
WHERE (device <> '' AND device NOT LIKE $1) OR (ip <> '' AND ip NOT LIKE $1)
LIMIT $2";
const MEDIA: &str = "
SELECT id, uploaded_by, file_name, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM media
WHERE file_name <> '' AND file_name NOT LIKE $1
LIMIT $2";
const UPLOAD: &str = "
SELECT id, user_id, file_name, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM upload
WHERE file_name <> '' AND file_name NOT LIKE $1
LIMIT $2";
const POST_NOTE: &str = "
SELECT post_id, person_id, words, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM post_note
WHERE words <> '' AND words NOT LIKE $1
LIMIT $2";
const SUPPORT_MESSAGE: &str = "
SELECT CAST(m.seq AS TEXT), r.person_id, m.words, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM support_message m
JOIN support_request r ON r.number = m.number
WHERE m.words <> '' AND m.words NOT LIKE $1
LIMIT $2";
const IMPORTED: &str = "
SELECT file || '/' || CAST(position AS TEXT), person_id, line, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM imported
WHERE line <> '' AND line NOT LIKE $1
LIMIT $2";
const POST: &str = "
SELECT id, connection_id, content, caption, CAST(NULL AS TEXT)
FROM post
WHERE (content <> '' AND content NOT LIKE $1) OR (caption <> '' AND caption NOT LIKE $1)
LIMIT $2";
const ATTEMPT: &str = "
SELECT id, connection_id, snapshot, CAST(NULL AS TEXT), CAST(NULL AS TEXT)
FROM attempt
WHERE snapshot <> '' AND snapshot NOT LIKE $1
LIMIT $2";
const CONSENT: &str = "
SELECT c.id, c.user_id, c.subject, c.creator, CAST(NULL AS TEXT)
FROM consent c
JOIN person ON person.id = c.user_id
WHERE (c.subject <> '' AND c.subject NOT LIKE $1) OR (c.creator <> '' AND c.creator NOT LIKE $1)
LIMIT $2";
const AVATAR: &str = "
SELECT connection_id, bytes
FROM avatar
WHERE SUBSTR(bytes, 1, 1) <> $1
LIMIT $2";

// Each takes id, owner and three texts, whatever of them it needs.
const PUT_PERSON: &str = "UPDATE person SET display_name = $3 WHERE id = $1 AND id = $2 AND $4 = $5";
const PUT_WORKSPACE: &str = "UPDATE workspace SET name = $3 WHERE id = $1 AND $2 <> '' AND $4 = $5";
const PUT_CONNECTION: &str = "UPDATE connection SET display_name = $3, username = NULLIF($4, ''), creator = NULLIF($5, '') WHERE id = $1 AND id = $2";
const PUT_SESSION: &str = "UPDATE session SET device = $3, ip = $4 WHERE id = $1 AND user_id = $2 AND $5 = ''";
const PUT_MEDIA: &str = "UPDATE media SET file_name = $3 WHERE id = $1 AND uploaded_by = $2 AND $4 = $5";
const PUT_UPLOAD: &str = "UPDATE upload SET file_name = $3 WHERE id = $1 AND user_id = $2 AND $4 = $5";
const PUT_POST_NOTE: &str = "UPDATE post_note SET words = $3 WHERE post_id = $1 AND person_id = $2 AND $4 = $5";
const PUT_SUPPORT_MESSAGE: &str =
    "UPDATE support_message SET words = $3 WHERE seq = CAST($1 AS BIGINT) AND $2 <> '' AND $4 = $5";
const PUT_IMPORTED: &str = "
UPDATE imported SET line = $3
WHERE person_id = $2 AND file || '/' || CAST(position AS TEXT) = $1 AND $4 = $5";
const PUT_POST: &str = "UPDATE post SET content = $3, caption = $4 WHERE id = $1 AND connection_id = $2 AND $5 = ''";
const PUT_ATTEMPT: &str = "UPDATE attempt SET snapshot = $3 WHERE id = $1 AND connection_id = $2 AND $4 = $5";
// The schema lets a clear record be sealed, once, and nothing else of it be changed.
const PUT_CONSENT: &str =
    "UPDATE consent SET subject = $3, creator = NULLIF($4, '') WHERE id = $1 AND user_id = $2 AND $5 = ''";
const PUT_AVATAR: &str = "UPDATE avatar SET bytes = $2 WHERE connection_id = $1";

// The pages that held the clear text are written anew, and the log that held them is emptied.
const VACUUM: &str = "VACUUM";
const NO_TIMEOUT: &str = "SET statement_timeout = 0";
const VACUUM_FULL: &str = "VACUUM (FULL) person, workspace, connection, session, media, upload, post_note, support_message, imported, avatar, post, attempt, consent";

pub(crate) const STATEMENTS: &[Statement] = statements![
    TURN @ Postgres,
    WHOLE_TURN @ Postgres,
    PERSON,
    WORKSPACE,
    CONNECTION,
    SESSION,
    MEDIA,
    UPLOAD,
    POST_NOTE,
    SUPPORT_MESSAGE,
    IMPORTED,
    POST,
    ATTEMPT,
    CONSENT,
    AVATAR,
    PUT_PERSON,
    PUT_WORKSPACE,
    PUT_CONNECTION,
    PUT_SESSION,
    PUT_MEDIA,
    PUT_UPLOAD,
    PUT_POST_NOTE,
    PUT_SUPPORT_MESSAGE,
    PUT_IMPORTED,
    PUT_POST,
    PUT_ATTEMPT,
    PUT_CONSENT,
    PUT_AVATAR,
];

type Row = (String, String, Option<String>, Option<String>, Option<String>);

/// Runs a portion of one table; gives how many rows it found.
macro_rules! portion {
    ($tx:ident, $table:literal, $find:ident, $put:ident, $owner:ident, [$($column:literal),+]) => {{
        let found = fetch_all!(tx $tx, Row, $find, sealed_like(), PORTION)?;
        let mut done = 0_u64;
        for (id, owner, one, two, three) in found {
            let columns: &[&'static str] = &[$($column),+];
            let row = $tx.row_of_new(Owner::$owner(&owner), Table($table), &id).await?;
            let mut sealed = [one, two, three].map(Option::unwrap_or_default);
            for (column, text) in columns.iter().zip(sealed.iter_mut()) {
                // One that opens was sealed by a portion before; what only looks like it is somebody's text.
                let before = std::mem::take(text);
                *text = if super::is_sealed(&before) && row.read(column, before.clone()).is_ok() {
                    before
                } else {
                    row.write(column, &before)?
                };
            }
            let [one, two, three] = sealed;
            done += execute!(tx $tx, $put, &id, &owner, &one, &two, &three)?;
        }
        done
    }};
}

fn sealed_like() -> String {
    format!("{MARK}%")
}

impl Store {
    /// Seals what is still clear, then takes the clear text out of the database's files. Gives how many rows that were; does nothing
    /// where it was done. The instance key has to be there.
    ///
    /// # Errors
    /// See [`StoreError`]; what was sealed before stays so, and the next call goes on.
    pub async fn seal_clear(&self) -> Result<u64> {
        let before = self.meta_get(DONE).await?;
        if before.as_deref() == Some(ROUND) {
            return Ok(0);
        }
        let mut rows = 0_u64;
        loop {
            let sealed = self.seal_portion().await?;
            if sealed == 0 {
                break;
            }
            rows = rows.saturating_add(sealed);
            // Whoever waits for the one writer goes first.
            tokio::task::yield_now().await;
        }
        if rows > 0 || before.as_deref() == Some(BEGUN) {
            self.rewrite_files().await?;
        } else {
            self.note_sealed().await?;
        }
        Ok(rows)
    }

    async fn note_sealed(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.meta_put(DONE, ROUND).await?;
        tx.commit().await
    }

    async fn seal_portion(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        if tx.engine() == Engine::Postgres {
            execute!(tx tx, TURN, LOCK)?;
        }
        let mut done = portion!(tx, "person", PERSON, PUT_PERSON, person, ["display_name"]);
        done += portion!(tx, "workspace", WORKSPACE, PUT_WORKSPACE, person, ["name"]);
        done +=
            portion!(tx, "connection", CONNECTION, PUT_CONNECTION, connection, ["display_name", "username", "creator"]);
        done += portion!(tx, "session", SESSION, PUT_SESSION, person, ["device", "ip"]);
        done += portion!(tx, "media", MEDIA, PUT_MEDIA, person, ["file_name"]);
        done += portion!(tx, "upload", UPLOAD, PUT_UPLOAD, person, ["file_name"]);
        done += portion!(tx, "post_note", POST_NOTE, PUT_POST_NOTE, person, ["words"]);
        done += portion!(tx, "support_message", SUPPORT_MESSAGE, PUT_SUPPORT_MESSAGE, person, ["words"]);
        done += portion!(tx, "imported", IMPORTED, PUT_IMPORTED, person, ["line"]);
        done += portion!(tx, "post", POST, PUT_POST, connection, ["content", "caption"]);
        done += portion!(tx, "attempt", ATTEMPT, PUT_ATTEMPT, connection, ["snapshot"]);
        done += portion!(tx, "consent", CONSENT, PUT_CONSENT, person, ["subject", "creator"]);
        // What waits for a confirmation goes within ten minutes by itself.
        for (id, bytes) in fetch_all!(tx tx, (String, Vec<u8>), AVATAR, [1_u8].as_slice(), PICTURES)? {
            let row = tx.row_of_new(Owner::connection(&id), Table("avatar"), &id).await?;
            let sealed = row.write_bytes("bytes", &bytes)?.unwrap_or_default();
            done += execute!(tx tx, PUT_AVATAR, &id, sealed.as_slice())?;
        }
        if done > 0 {
            tx.meta_put(DONE, BEGUN).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The clear text stood in pages and in the log; both are written anew. Where that does not work, the next start tries again: nobody
    /// has to wait for it.
    async fn rewrite_files(&self) -> Result<()> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => {
                let mut aside = writer.aside().await.map_err(StoreError::from)?;
                let rewritten = aside.connection().execute(VACUUM).await;
                drop(aside);
                if let Err(error) = rewritten {
                    tracing::warn!(%error, "clear text may stand in unused space of the database until a start has room to rewrite it");
                    return Ok(());
                }
                // While somebody reads, the log keeps what it had.
                if self.scrub().await? { self.note_sealed().await } else { Ok(()) }
            }
            Pools::Postgres(pools) => {
                let mut connection = pools.whole.acquire().await.map_err(StoreError::from)?.detach();
                connection.execute(NO_TIMEOUT).await.map_err(StoreError::from)?;
                // Held until this connection ends: a node that started together with another one finds it done and keeps out of its way.
                sqlx::query(WHOLE_TURN).bind(LOCK).execute(&mut connection).await.map_err(StoreError::from)?;
                if self.meta_get(DONE).await?.as_deref() == Some(ROUND) {
                    return Ok(());
                }
                if let Err(error) = connection.execute(VACUUM_FULL).await {
                    tracing::warn!(%error, "clear text may stand in unused space of the database until this was run by hand: {VACUUM_FULL}");
                }
                self.note_sealed().await
            }
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => self.note_sealed().await,
        }
    }
}
