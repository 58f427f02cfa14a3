//! Uploaded files: what was measured, what it means, where the bytes are. Owns their row; the bytes are in `blobs`.

use domain::id::{MediaId, UserId, WorkspaceId};
use domain::media::{FileFacts, MediaFacts, MediaVerdict, PhotoFacts, ThumbnailState};
use domain::time::UnixMillis;

use crate::blobs::BlobKey;
use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("media");

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Our id.
    pub id: MediaId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// Name on the person's device, for showing only; never a path.
    pub file_name: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// Where the bytes are; generated, unique.
    pub blob_key: BlobKey,
    /// What was measured; `None` when the file could be read neither as a video nor as a picture.
    pub facts: Option<FileFacts>,
    /// What that means for TikTok.
    pub verdict: MediaVerdict,
    /// What is known about the small pictures.
    pub thumbnail: ThumbnailState,
    /// When the upload finished.
    pub created_at: UnixMillis,
    /// When the file itself was deleted, long after everything that used it was published.
    pub file_gone_at: Option<UnixMillis>,
}

/// What the database says about the bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Which file of a library.
    pub id: MediaId,
    /// Where its bytes are.
    pub key: BlobKey,
    /// How many.
    pub size_bytes: u64,
    /// Their SHA-256, lower-case hex.
    pub sha256: String,
}

impl Media {
    /// The facts of a video.
    #[must_use]
    pub fn video(&self) -> Option<&MediaFacts> {
        self.facts.as_ref().and_then(FileFacts::video)
    }

    /// The facts of a picture.
    #[must_use]
    pub fn photo(&self) -> Option<&PhotoFacts> {
        self.facts.as_ref().and_then(FileFacts::photo)
    }
}

macro_rules! columns {
    () => {
        "id, workspace_id, uploaded_by, file_name, size_bytes, sha256, blob_key, facts, verdict, thumbnail, created_at, \
         file_gone_at"
    };
}

// What is read of a file: the columns, and the key that its name is sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", person_key!("media.uploaded_by"))
    };
}

const INSERT: &str = concat!(
    "INSERT INTO media (",
    columns!(),
    ")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
const SELECT: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE workspace_id = $1 AND id = $2"
);
const SELECT_ANY: &str = concat!("SELECT ", all_of_it!(), " FROM media WHERE id = $1");
const SELECT_MANY_SQLITE: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE workspace_id = $1
  AND id IN (SELECT value FROM json_each($2))"
);
const SELECT_MANY_POSTGRES: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE workspace_id = $1
  AND id IN (SELECT json_array_elements_text($2::json))"
);
const LIST: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE workspace_id = $1
  AND file_gone_at IS NULL
  AND (created_at < $2 OR (created_at = $2 AND id < $3))
ORDER BY created_at DESC, id DESC
LIMIT $4"
);
macro_rules! same_content {
    ($chosen:literal) => {
        concat!(
            "SELECT ",
            all_of_it!(),
            "
FROM media
WHERE workspace_id = $1
  AND file_gone_at IS NULL
  AND sha256 IN (SELECT twin.sha256 FROM media twin WHERE twin.workspace_id = $1 AND twin.id IN (",
            $chosen,
            "))
ORDER BY created_at, id
LIMIT $3"
        )
    };
}

const SAME_SQLITE: &str = same_content!("SELECT value FROM json_each($2)");
const SAME_POSTGRES: &str = same_content!("SELECT json_array_elements_text($2::json)");
const SELECT_BY_CONTENT: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE workspace_id = $1
  AND file_gone_at IS NULL
  AND sha256 IN ($2, $3, $4)
ORDER BY created_at, id
LIMIT $5"
);
const PENDING_THUMBNAILS: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM media
WHERE thumbnail = 'pending'
ORDER BY created_at
LIMIT $1"
);
const SET_THUMBNAIL: &str = "
UPDATE media
SET thumbnail = $2
WHERE id = $1";
const SET_BLAKE3: &str = "
UPDATE media
SET blake3 = $2
WHERE id = $1";
// By all that an attempt knows of its file, so that the hash is of these bytes or there is none.
const BLAKE3: &str = "
SELECT blake3
FROM media
WHERE blob_key = $1
  AND sha256 = $2
  AND size_bytes = $3
  AND blake3 IS NOT NULL";
const DELETE_UNUSED: &str = "
DELETE FROM media
WHERE workspace_id = $1
  AND id = $2
  AND NOT EXISTS (SELECT 1 FROM post WHERE post.media_id = media.id)
  AND NOT EXISTS (SELECT 1 FROM post_photo WHERE post_photo.media_id = media.id)
RETURNING blob_key";
const BYTES: &str = "
SELECT COALESCE(CAST(SUM(size_bytes) AS BIGINT), 0)
FROM media
WHERE workspace_id = $1
  AND file_gone_at IS NULL";
const BLOB_KNOWN: &str = "
SELECT COUNT(*)
FROM media
WHERE blob_key = $1";

// Of all workspaces, in the order of the unique index, so that any number of files is gone through in portions.
const STORED: &str = "
SELECT id, blob_key, size_bytes, sha256
FROM media
WHERE file_gone_at IS NULL
  AND blob_key > $1
ORDER BY blob_key
LIMIT $2";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    SELECT,
    SELECT_ANY,
    SELECT_MANY_SQLITE @ Sqlite,
    SELECT_MANY_POSTGRES @ Postgres,
    LIST,
    SAME_SQLITE @ Sqlite,
    SAME_POSTGRES @ Postgres,
    SELECT_BY_CONTENT,
    PENDING_THUMBNAILS,
    SET_THUMBNAIL,
    SET_BLAKE3,
    BLAKE3,
    DELETE_UNUSED,
    BYTES,
    BLOB_KNOWN,
    STORED,
];

/// Files on one page of the library at most.
const LIST_MAX: i64 = 200;
/// Files of the same content that are looked at for a page.
const SAME_MAX: i64 = 1_000;

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        uploaded_by: String,
        file_name: String,
        size_bytes: i64,
        sha256: String,
        blob_key: String,
        facts: Option<String>,
        verdict: String,
        thumbnail: String,
        created_at: i64,
        file_gone_at: Option<i64>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Media> {
        let raw = self;
        let row = safe.shown_row(Owner::person(&raw.uploaded_by), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        Ok(Media {
            file_name: row.shown("file_name", raw.file_name),
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            uploaded_by: TABLE.parse("uploaded_by", &raw.uploaded_by)?,
            size_bytes: TABLE.unsigned("size_bytes", raw.size_bytes)?,
            sha256: raw.sha256,
            blob_key: TABLE.parse("blob_key", &raw.blob_key)?,
            facts: TABLE.json_opt("facts", raw.facts.as_deref())?,
            verdict: TABLE.json("verdict", &raw.verdict)?,
            thumbnail: TABLE.word("thumbnail", &raw.thumbnail, ThumbnailState::parse)?,
            created_at: instant(raw.created_at),
            file_gone_at: instant_opt(raw.file_gone_at),
        })
    }
}

impl Store {
    fn media_opened(&self, rows: Vec<Raw>) -> Result<Vec<Media>> {
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// One file of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media(&self, workspace: WorkspaceId, id: MediaId) -> Result<Option<Media>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// One file of whichever workspace, for the engine and the workers.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_any(&self, id: MediaId) -> Result<Option<Media>> {
        fetch_optional!(store self, Raw, SELECT_ANY, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Those of the given files that exist in a workspace, in no particular order.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_many(&self, workspace: WorkspaceId, ids: &[MediaId]) -> Result<Vec<Media>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("id", &ids)?;
        self.media_opened(match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, SELECT_MANY_SQLITE, workspace.to_string(), &wanted)?,
            Engine::Postgres => fetch_all!(store self, Raw, SELECT_MANY_POSTGRES, workspace.to_string(), &wanted)?,
        })
    }

    /// A page of the library, newest first, from after `before` on; at most 200 files.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_list(
        &self,
        workspace: WorkspaceId,
        before: Option<(UnixMillis, MediaId)>,
        limit: i64,
    ) -> Result<Vec<Media>> {
        let (at, id) = match before {
            Some((at, id)) => (at.millis(), id.to_string()),
            None => (i64::MAX, String::new()),
        };
        let limit = limit.clamp(1, LIST_MAX);
        self.media_opened(fetch_all!(store self, Raw, LIST, workspace.to_string(), at, &id, limit)?)
    }

    /// The files of a workspace that have the content of one of the given ones, these among them, oldest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_same(&self, workspace: WorkspaceId, ids: &[MediaId]) -> Result<Vec<Media>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("id", &ids)?;
        self.media_opened(match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, SAME_SQLITE, workspace.to_string(), &wanted, SAME_MAX)?,
            Engine::Postgres => fetch_all!(store self, Raw, SAME_POSTGRES, workspace.to_string(), &wanted, SAME_MAX)?,
        })
    }

    /// The files of a workspace that have one of these contents (SHA-256, in hexadecimal digits), oldest first, at most 200.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_of_contents(&self, workspace: WorkspaceId, sha256: &[String; 3]) -> Result<Vec<Media>> {
        let [one, two, three] = sha256;
        self.media_opened(
            fetch_all!(store self, Raw, SELECT_BY_CONTENT, workspace.to_string(), one, two, three, SAME_MAX)?,
        )
    }

    /// Files whose small pictures are still to be drawn, oldest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_pending_thumbnails(&self, limit: i64) -> Result<Vec<Media>> {
        self.media_opened(fetch_all!(store self, Raw, PENDING_THUMBNAILS, limit.clamp(1, LIST_MAX))?)
    }

    /// BLAKE3 of the file with this key, SHA-256 and size, lower-case hex; `None` where it was not taken.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_blake3(&self, key: &BlobKey, sha256: &str, size_bytes: u64) -> Result<Option<String>> {
        let Ok(size_bytes) = i64::try_from(size_bytes) else { return Ok(None) };
        let row = fetch_optional!(store self, (String,), BLAKE3, key.as_str(), sha256, size_bytes)?;
        Ok(row.map(|(hash,)| hash))
    }

    /// Bytes of finished files in a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_bytes(&self, workspace: WorkspaceId) -> Result<u64> {
        let (bytes,) = fetch_one!(store self, (i64,), BYTES, workspace.to_string())?;
        TABLE.unsigned("size_bytes", bytes)
    }

    /// What has to be stored, of all workspaces, in the order of the keys from behind `after` on (empty: from the first); at most 200.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_stored(&self, after: &str, limit: i64) -> Result<Vec<StoredFile>> {
        type Row = (String, String, i64, String);
        let rows: Vec<Row> = fetch_all!(store self, Row, STORED, after, limit.clamp(1, LIST_MAX))?;
        rows.into_iter()
            .map(|(id, key, size, sha256)| {
                Ok(StoredFile {
                    id: TABLE.parse("id", &id)?,
                    key: TABLE.parse("blob_key", &key)?,
                    size_bytes: TABLE.unsigned("size_bytes", size)?,
                    sha256,
                })
            })
            .collect()
    }

    /// Whether a blob belongs to a file. A blob that belongs to none is an orphan of a crash.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_has_blob(&self, key: &BlobKey) -> Result<bool> {
        let (found,) = fetch_one!(store self, (i64,), BLOB_KNOWN, key.as_str())?;
        Ok(found > 0)
    }
}

impl Tx {
    /// Adds a file whose bytes are already durable.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id or the blob is taken.
    pub async fn media_insert(&mut self, it: &Media) -> Result<()> {
        let size = i64::try_from(it.size_bytes)
            .map_err(|_| TABLE.corrupt("size_bytes", "larger than a database can count"))?;
        let facts = TABLE.to_json_opt("facts", it.facts.as_ref())?;
        let verdict = TABLE.to_json("verdict", &it.verdict)?;
        let (id, person) = (it.id.to_string(), it.uploaded_by.to_string());
        let name = self.row_of(Owner::person(&person), TABLE, &id).await?.write("file_name", &it.file_name)?;
        execute!(
            tx self, INSERT,
            &id,
            it.workspace_id.to_string(),
            &person,
            &name,
            size,
            &it.sha256,
            it.blob_key.as_str(),
            &facts,
            &verdict,
            it.thumbnail.as_str(),
            it.created_at.millis(),
            it.file_gone_at.map(UnixMillis::millis),
        )?;
        Ok(())
    }

    /// One file of a workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media(&mut self, workspace: WorkspaceId, id: MediaId) -> Result<Option<Media>> {
        fetch_optional!(tx self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// Says what became of the small pictures; false when the file is gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_set_thumbnail(&mut self, id: MediaId, state: ThumbnailState) -> Result<bool> {
        Ok(execute!(tx self, SET_THUMBNAIL, id.to_string(), state.as_str())? == 1)
    }

    /// Keeps the second hash of a file, lower-case hex: taken of the same bytes in the same pass as its SHA-256.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_set_blake3(&mut self, id: MediaId, blake3: &str) -> Result<()> {
        execute!(tx self, SET_BLAKE3, id.to_string(), blake3)?;
        Ok(())
    }

    /// Deletes a file that no post needs and gives the key of its blob; `None` when it is gone or needed.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_delete_unused(&mut self, workspace: WorkspaceId, id: MediaId) -> Result<Option<BlobKey>> {
        let row: Option<(String,)> =
            fetch_optional!(tx self, (String,), DELETE_UNUSED, workspace.to_string(), id.to_string())?;
        row.map(|(key,)| TABLE.parse("blob_key", &key)).transpose()
    }

    /// Bytes of finished files in a workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_bytes(&mut self, workspace: WorkspaceId) -> Result<u64> {
        let (bytes,) = fetch_one!(tx self, (i64,), BYTES, workspace.to_string())?;
        TABLE.unsigned("size_bytes", bytes)
    }
}
