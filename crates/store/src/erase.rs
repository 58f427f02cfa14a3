//! Deleting what an erasure names, in portions that keep no transaction long. Owns the statements and their order against foreign
//! keys; what is erased when is decided elsewhere.
//!
//! A file's row goes first and leaves a line in `blob_trash`; the line goes when the file is unlinked. So a crash loses neither.

use domain::id::{ConnectionId, ErasureId, PostId, UploadId, UserId, WorkspaceId};
use domain::privacy::erasure::Evidence;
use domain::time::UnixMillis;

use crate::blobs::BlobKey;
use crate::column::Table;
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};
use crate::notice::DELETE_OF_SUBJECT;
use crate::personal::Owner;
use sqlx::Executor as _;

/// Prefix of the account id of a connection or person whose erasure has begun; nobody finds it by its account any more.
pub const ERASING: &str = "erasing:";

const POSTS_OF_CONNECTION: &str = "SELECT id FROM post WHERE connection_id = $1 ORDER BY id LIMIT $2";
const POSTS_OF_WORKSPACE: &str = "SELECT id FROM post WHERE workspace_id = $1 ORDER BY id LIMIT $2";
const FILES_OF_POST: &str = "
SELECT media_id FROM post WHERE id = $1
UNION
SELECT media_id FROM post_photo WHERE post_id = $1";
const DELETE_ATTEMPTS: &str = "DELETE FROM attempt WHERE post_id = $1";
const DELETE_POST: &str = "DELETE FROM post WHERE id = $1";
const TAKE_UNUSED: &str = "
DELETE FROM media
WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM post WHERE post.media_id = media.id)
  AND NOT EXISTS (SELECT 1 FROM post_photo WHERE post_photo.media_id = media.id)
RETURNING blob_key";
const TAKE_MEDIA: &str = "
DELETE FROM media
WHERE id IN (SELECT id FROM media WHERE workspace_id = $1 ORDER BY id LIMIT $2)
RETURNING blob_key";
const TAKE_UPLOADS: &str = "
DELETE FROM upload
WHERE id IN (SELECT id FROM upload WHERE workspace_id = $1 ORDER BY id LIMIT $2)
RETURNING id";
const BLANK_CONNECTION: &str = "
UPDATE connection
SET open_id = 'erasing:' || id, display_name = '', username = NULL, creator = NULL, creator_at = NULL, scopes = '',
    state = 'disconnected', updated_at = $2
WHERE id = $1";
const BLANK_PERSON: &str = "UPDATE person SET open_id = 'erasing:' || id, display_name = '' WHERE id = $1";
const DELETE_CONNECTION: &str = "DELETE FROM connection WHERE id = $1";
const DELETE_WORKSPACE: &str = "DELETE FROM workspace WHERE id = $1";
const DELETE_PERSON: &str = "DELETE FROM person WHERE id = $1";
const DELETE_SESSIONS: &str = "DELETE FROM session WHERE user_id = $1";
const DELETE_OTHER_SESSIONS: &str = "DELETE FROM session WHERE user_id = $1 AND id <> $2";
const CONNECTION_IDS: &str = "SELECT id FROM connection WHERE workspace_id = $1 ORDER BY id LIMIT $2";
const ALONE_IN: &str = "
SELECT m.workspace_id
FROM member m
WHERE m.user_id = $1
  AND NOT EXISTS (SELECT 1 FROM member o WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id)
ORDER BY m.workspace_id
LIMIT $2";
const CONNECTIONS_ALONE: &str = "
SELECT c.id
FROM member m
JOIN connection c ON c.workspace_id = m.workspace_id
WHERE m.user_id = $1
  AND NOT EXISTS (SELECT 1 FROM member o WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id)";
const MEMBERS: &str = "SELECT user_id FROM member WHERE workspace_id = $1 ORDER BY user_id LIMIT $2";
const TRASH_PUT: &str = "
INSERT INTO blob_trash (blob_key, erasure_id, thrown_at)
VALUES ($1, $2, $3)
ON CONFLICT (blob_key) DO NOTHING";
const TRASH: &str = "SELECT blob_key FROM blob_trash WHERE blob_key > $1 ORDER BY blob_key LIMIT $2";
const TRASH_OF: &str = "SELECT COUNT(*) FROM blob_trash WHERE erasure_id = $1";
const TRASH_DELETE: &str = "DELETE FROM blob_trash WHERE blob_key = $1 RETURNING erasure_id";
/// Folds the write-ahead log into the file and empties it; freed cells were overwritten before.
// Nobody waits long behind a rewriting that itself waits for somebody.
pub(crate) const SHORT_WAIT: &str = "SET lock_timeout = '200ms'";
// One row a person or an account: milliseconds each. Not in `STATEMENTS`, for none of them can be prepared.
pub(crate) const REWRITES: &[&str] = &[
    "VACUUM (FULL) person_key",
    "VACUUM (FULL) connection_key",
    "VACUUM (FULL) connection_token",
    "VACUUM (FULL) revoke_ticket",
    "VACUUM (FULL) unconfirmed",
    "VACUUM (FULL) person",
    "VACUUM (FULL) connection",
];
/// A table of nothing: whether its last row can be removed says whether anybody still sees what was deleted before. Its name keeps it apart from the schema.
const PROBE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS _scrub_probe (nothing BIGINT)",
    "INSERT INTO _scrub_probe (nothing) VALUES (0)",
    "DELETE FROM _scrub_probe",
    "VACUUM (FULL) _scrub_probe",
];
const PROBED: &str = "SELECT COALESCE(pg_relation_size(to_regclass('_scrub_probe')), 1)";
const SCRUB: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

pub(crate) const STATEMENTS: &[Statement] = statements![
    POSTS_OF_CONNECTION,
    POSTS_OF_WORKSPACE,
    FILES_OF_POST,
    DELETE_ATTEMPTS,
    DELETE_POST,
    TAKE_UNUSED,
    TAKE_MEDIA,
    TAKE_UPLOADS,
    BLANK_CONNECTION,
    BLANK_PERSON,
    DELETE_CONNECTION,
    DELETE_WORKSPACE,
    DELETE_PERSON,
    DELETE_SESSIONS,
    DELETE_OTHER_SESSIONS,
    CONNECTION_IDS,
    ALONE_IN,
    CONNECTIONS_ALONE,
    MEMBERS,
    TRASH_PUT,
    TRASH,
    TRASH_OF,
    TRASH_DELETE,
    SCRUB @ Sqlite,
    PROBED @ Postgres,
];

const POST: Table = Table("post");
const MEDIA: Table = Table("media");
const UPLOAD: Table = Table("upload");
const CONNECTION: Table = Table("connection");
const MEMBER: Table = Table("member");

/// Connections or workspaces looked at in one go.
const LIST_LIMIT: i64 = 1_000;

/// Whose posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of one TikTok account in one workspace.
    Connection(ConnectionId),
    /// All of a workspace.
    Workspace(WorkspaceId),
}

impl Store {
    /// Keys of files that are to be unlinked, after `after` in the order of their text, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn trash(&self, after: &str, limit: u32) -> Result<Vec<BlobKey>> {
        let rows = fetch_all!(store self, (String,), TRASH, after, i64::from(limit))?;
        rows.into_iter().map(|(key,)| Table("blob_trash").parse("blob_key", &key)).collect()
    }

    /// Files of an erasure that are not unlinked yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn trash_of(&self, erasure: ErasureId) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), TRASH_OF, erasure.to_string())?;
        Ok(count)
    }

    /// The workspaces that nobody but this person is in.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn workspaces_alone(&self, person: UserId) -> Result<Vec<WorkspaceId>> {
        let rows = fetch_all!(store self, (String,), ALONE_IN, person.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(|(id,)| MEMBER.parse("workspace_id", &id)).collect()
    }

    /// Every connection of a workspace, those that are being erased among them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_ids(&self, workspace: WorkspaceId) -> Result<Vec<ConnectionId>> {
        let rows = fetch_all!(store self, (String,), CONNECTION_IDS, workspace.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(|(id,)| CONNECTION.parse("id", &id)).collect()
    }

    /// Leaves nothing of what was deleted in the files of an embedded database: freed cells are overwritten when they are freed
    /// (`secure_delete`), and its log is emptied here. On PostgreSQL the small tables of keys, tokens and account ids are written anew, so
    /// that no wrapped key is left in their files; what those keys sealed stays in unused space until the vacuum, and opens no more. False
    /// when somebody else works with one of them right now, or may still see what was deleted (a dump, a long transaction, a standby or a
    /// replication slot that holds rows back): call again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn scrub(&self) -> Result<bool> {
        match &self.pools {
            crate::db::Pools::Sqlite { writer, .. } => {
                let mut aside = writer.aside().await.map_err(StoreError::from)?;
                let row: (i64, i64, i64) =
                    sqlx::query_as(SCRUB).fetch_one(aside.connection()).await.map_err(StoreError::from)?;
                Ok(row.0 == 0)
            }
            crate::db::Pools::Postgres(pools) => {
                let mut connection = pools.whole.acquire().await.map_err(StoreError::from)?.detach();
                connection.execute(SHORT_WAIT).await.map_err(StoreError::from)?;
                let mut all = nobody_looks_back(&mut connection).await;
                for rewrite in REWRITES {
                    if let Err(error) = connection.execute(*rewrite).await {
                        tracing::debug!(%error, "{rewrite} has to wait");
                        all = false;
                    }
                }
                Ok(all)
            }
            #[cfg(feature = "simulation")]
            crate::db::Pools::Lockstep(_) => Ok(true),
        }
    }

    /// The people of a workspace.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn members(&self, workspace: WorkspaceId) -> Result<Vec<UserId>> {
        let rows = fetch_all!(store self, (String,), MEMBERS, workspace.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(|(id,)| MEMBER.parse("user_id", &id)).collect()
    }
}

/// Whether what was deleted until now can be seen by nobody any more. A rewriting keeps what an older snapshot sees, and does not say so; which
/// snapshots there are the server tells only to those with special rights. So it is tried out, before the rewriting: what goes here goes there.
pub(crate) async fn nobody_looks_back(connection: &mut sqlx::PgConnection) -> bool {
    for step in PROBE {
        if let Err(error) = (&mut *connection).execute(*step).await {
            tracing::debug!(%error, "{step} has to wait");
            return false;
        }
    }
    let left: Result<(i64,), sqlx::Error> = sqlx::query_as(PROBED).fetch_one(connection).await;
    match left {
        Ok((bytes,)) => bytes == 0,
        Err(error) => {
            tracing::debug!(%error, "it cannot be told whether deleted rows are still seen");
            false
        }
    }
}

impl Tx {
    /// Deletes at most `limit` posts with attempts, consents and events, and the files that nothing else uses. Fewer than `limit`
    /// posts in the answer mean that none is left.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erase_posts(
        &mut self,
        whose: Whose,
        limit: u32,
        erasure: ErasureId,
        now: UnixMillis,
    ) -> Result<Evidence> {
        let rows = match whose {
            Whose::Connection(id) => {
                fetch_all!(tx self, (String,), POSTS_OF_CONNECTION, id.to_string(), i64::from(limit))?
            }
            Whose::Workspace(id) => {
                fetch_all!(tx self, (String,), POSTS_OF_WORKSPACE, id.to_string(), i64::from(limit))?
            }
        };
        let mut done = Evidence::default();
        for (text,) in rows {
            let post: PostId = POST.parse("id", &text)?;
            let files = fetch_all!(tx self, (String,), FILES_OF_POST, post.to_string())?;
            done.attempts += execute!(tx self, DELETE_ATTEMPTS, post.to_string())?;
            done.posts += execute!(tx self, DELETE_POST, post.to_string())?;
            execute!(tx self, DELETE_OF_SUBJECT, post.to_string())?;
            execute!(tx self, crate::push::DELETE_OF_SUBJECT, post.to_string())?;
            for (media,) in files {
                if let Some((key,)) = fetch_optional!(tx self, (String,), TAKE_UNUSED, media.as_str())? {
                    self.throw(&MEDIA.parse("blob_key", &key)?, Some(erasure), now).await?;
                    done.media += 1;
                }
            }
        }
        Ok(done)
    }

    /// Deletes at most `limit` files of a workspace that has no posts any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erase_media(
        &mut self,
        workspace: WorkspaceId,
        limit: u32,
        erasure: ErasureId,
        now: UnixMillis,
    ) -> Result<u64> {
        let rows = fetch_all!(tx self, (String,), TAKE_MEDIA, workspace.to_string(), i64::from(limit))?;
        let mut count = 0;
        for (key,) in rows {
            self.throw(&MEDIA.parse("blob_key", &key)?, Some(erasure), now).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Deletes at most `limit` uploads of a workspace and what arrived of those that had not ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn erase_uploads(
        &mut self,
        workspace: WorkspaceId,
        limit: u32,
        erasure: ErasureId,
        now: UnixMillis,
    ) -> Result<Vec<UploadId>> {
        let rows = fetch_all!(tx self, (String,), TAKE_UPLOADS, workspace.to_string(), i64::from(limit))?;
        let mut taken = Vec::new();
        for (id,) in rows {
            let id: UploadId = UPLOAD.parse("id", &id)?;
            // Also of a finished one: its row in the library has the same key and goes as well.
            self.throw(&BlobKey::of(id.uuid()), Some(erasure), now).await?;
            taken.push(id);
        }
        Ok(taken)
    }

    /// A file whose row is gone or does not need it any more: it is to be unlinked.
    pub(crate) async fn throw(&mut self, key: &BlobKey, erasure: Option<ErasureId>, now: UnixMillis) -> Result<()> {
        execute!(tx self, TRASH_PUT, key.as_str(), erasure.map(|id| id.to_string()), now.millis())?;
        Ok(())
    }

    /// A file of the trash was unlinked; gives the erasure that it belonged to.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn trash_delete(&mut self, key: &BlobKey) -> Result<Option<ErasureId>> {
        let row = fetch_optional!(tx self, (Option<String>,), TRASH_DELETE, key.as_str())?;
        Table("blob_trash").parse_opt("erasure_id", row.and_then(|(id,)| id).as_deref())
    }

    /// Destroys the key of a connection, then takes name, handle, account id and creator info out of it: the point of no return.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_blank(&mut self, id: ConnectionId, now: UnixMillis) -> Result<bool> {
        let id = id.to_string();
        self.key_destroy(Owner::connection(&id)).await?;
        Ok(execute!(tx self, BLANK_CONNECTION, &id, now.millis())? == 1)
    }

    /// Destroys the key of a person and those of the accounts that only they work with, then takes name and account id out of the person:
    /// the point of no return.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn person_blank(&mut self, id: UserId) -> Result<bool> {
        let id = id.to_string();
        self.key_destroy(Owner::person(&id)).await?;
        for (connection,) in fetch_all!(tx self, (String,), CONNECTIONS_ALONE, &id)? {
            self.key_destroy(Owner::connection(&connection)).await?;
        }
        Ok(execute!(tx self, BLANK_PERSON, &id)? == 1)
    }

    /// Deletes a connection that has no posts any more.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it has.
    pub async fn connection_delete(&mut self, id: ConnectionId) -> Result<bool> {
        execute!(tx self, DELETE_OF_SUBJECT, id.to_string())?;
        execute!(tx self, crate::push::DELETE_OF_SUBJECT, id.to_string())?;
        Ok(execute!(tx self, DELETE_CONNECTION, id.to_string())? == 1)
    }

    /// Deletes a workspace that has no posts any more.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it has.
    pub async fn workspace_delete(&mut self, id: WorkspaceId) -> Result<bool> {
        Ok(execute!(tx self, DELETE_WORKSPACE, id.to_string())? == 1)
    }

    /// Deletes a person.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when posts or files still name them.
    pub async fn person_delete(&mut self, id: UserId) -> Result<bool> {
        Ok(execute!(tx self, DELETE_PERSON, id.to_string())? == 1)
    }

    /// Ends every session of a person, except `keep`; gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sessions_delete(&mut self, person: UserId, keep: Option<domain::id::SessionId>) -> Result<u64> {
        let kept = keep.map(|keep| keep.to_string()).unwrap_or_default();
        execute!(tx self, crate::push::DROP_OF_PERSON, person.to_string(), &kept)?;
        match keep {
            Some(keep) => execute!(tx self, DELETE_OTHER_SESSIONS, person.to_string(), keep.to_string()),
            None => execute!(tx self, DELETE_SESSIONS, person.to_string()),
        }
    }
}
