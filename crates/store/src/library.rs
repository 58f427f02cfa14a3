//! What the library tells beside a file: the posts that use it, what went out with the same content, bytes by kind. Owns those
//! reading statements; rows of files are in `media`, rows of posts in `post`.

use domain::id::{ConnectionId, MediaId, PostId, WorkspaceId};
use domain::post::PostState;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Engine, Statement, Store};
use crate::error::Result;

const TABLE: Table = Table("post");
/// Uses that are read at once.
const USES_MAX: i64 = 20_000;
/// Posts of the same content that a warning names.
const OUT_MAX: i64 = 5;

/// One post that uses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileUse {
    /// The file.
    pub media_id: MediaId,
    /// The post.
    pub post_id: PostId,
    /// Its account.
    pub connection_id: ConnectionId,
    /// Its state.
    pub state: PostState,
    /// Its time, if it has one.
    pub due_at: Option<UnixMillis>,
    /// When it went out.
    pub published_at: Option<UnixMillis>,
    /// When anything of it last changed.
    pub updated_at: UnixMillis,
}

/// Bytes of the files of a workspace, by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BytesByKind {
    /// Videos.
    pub videos: u64,
    /// Pictures.
    pub photos: u64,
    /// What could be read as neither.
    pub other: u64,
}

macro_rules! uses_of {
    ($chosen:literal) => {
        concat!(
            "SELECT used.media_id, post.id, post.connection_id, post.state, post.due_at, post.published_at, post.updated_at
FROM (
  SELECT media_id, id AS post_id FROM post WHERE workspace_id = $1 AND media_id IN (",
            $chosen,
            ")
  UNION
  SELECT media_id, post_id FROM post_photo WHERE media_id IN (",
            $chosen,
            ")) used
JOIN post ON post.id = used.post_id
WHERE post.workspace_id = $1
ORDER BY post.updated_at DESC, post.id DESC
LIMIT $3"
        )
    };
}

macro_rules! out_before {
    ($hashes:literal) => {
        concat!(
            "SELECT used.media_id, post.id, post.connection_id, post.state, post.due_at, post.published_at, post.updated_at
FROM (
  SELECT post.media_id, post.id AS post_id
  FROM media JOIN post ON post.media_id = media.id
  WHERE media.workspace_id = $1 AND media.sha256 IN (",
            $hashes,
            ")
  UNION
  SELECT post_photo.media_id, post_photo.post_id
  FROM media JOIN post_photo ON post_photo.media_id = media.id
  WHERE media.workspace_id = $1 AND media.sha256 IN (",
            $hashes,
            ")) used
JOIN post ON post.id = used.post_id
WHERE post.workspace_id = $1
  AND post.state IN ('published', 'in_inbox')
ORDER BY post.published_at DESC, post.id DESC
LIMIT $3"
        )
    };
}

const USES_SQLITE: &str = uses_of!("SELECT value FROM json_each($2)");
const USES_POSTGRES: &str = uses_of!("SELECT json_array_elements_text($2::json)");
const OUT_BEFORE_SQLITE: &str = out_before!("SELECT value FROM json_each($2)");
const OUT_BEFORE_POSTGRES: &str = out_before!("SELECT json_array_elements_text($2::json)");
// What was measured begins with the container of a video, or the format of a picture. The expression is that of an index.
const BYTES_BY_KIND: &str = "
SELECT CASE WHEN SUBSTR(facts, 1, 12) = '{\"container\"' THEN 'video' WHEN SUBSTR(facts, 1, 9) = '{\"format\"' THEN 'photo' ELSE 'other' END AS kind,
       CAST(SUM(size_bytes) AS BIGINT)
FROM media
WHERE workspace_id = $1 AND file_gone_at IS NULL
GROUP BY 1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    USES_SQLITE @ Sqlite,
    USES_POSTGRES @ Postgres,
    OUT_BEFORE_SQLITE @ Sqlite,
    OUT_BEFORE_POSTGRES @ Postgres,
    BYTES_BY_KIND,
];

row! {
    struct Raw {
        media_id: String,
        id: String,
        connection_id: String,
        state: String,
        due_at: Option<i64>,
        published_at: Option<i64>,
        updated_at: i64,
    }
}

impl TryFrom<Raw> for FileUse {
    type Error = crate::StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            media_id: TABLE.parse("media_id", &raw.media_id)?,
            post_id: TABLE.parse("id", &raw.id)?,
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            state: TABLE.word("state", &raw.state, PostState::parse)?,
            due_at: instant_opt(raw.due_at),
            published_at: instant_opt(raw.published_at),
            updated_at: instant(raw.updated_at),
        })
    }
}

impl Store {
    /// The posts of a workspace that use any of the given files, those that changed last first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn file_uses(&self, workspace: WorkspaceId, files: &[MediaId]) -> Result<Vec<FileUse>> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("media_id", &files)?;
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, USES_SQLITE, workspace.to_string(), &wanted, USES_MAX)?,
            Engine::Postgres => fetch_all!(store self, Raw, USES_POSTGRES, workspace.to_string(), &wanted, USES_MAX)?,
        };
        rows.into_iter().map(FileUse::try_from).collect()
    }

    /// The newest posts of a workspace that went out with files of the given contents.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn out_before(&self, workspace: WorkspaceId, sha256: &[&str]) -> Result<Vec<FileUse>> {
        if sha256.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("media_id", &sha256)?;
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, OUT_BEFORE_SQLITE, workspace.to_string(), &wanted, OUT_MAX)?,
            Engine::Postgres => {
                fetch_all!(store self, Raw, OUT_BEFORE_POSTGRES, workspace.to_string(), &wanted, OUT_MAX)?
            }
        };
        rows.into_iter().map(FileUse::try_from).collect()
    }

    /// Bytes of finished files in a workspace, by kind.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_bytes_by_kind(&self, workspace: WorkspaceId) -> Result<BytesByKind> {
        let mut found = BytesByKind::default();
        for (kind, bytes) in fetch_all!(store self, (String, i64), BYTES_BY_KIND, workspace.to_string())? {
            let bytes = TABLE.unsigned("size_bytes", bytes)?;
            match kind.as_str() {
                "video" => found.videos = bytes,
                "photo" => found.photos = bytes,
                _ => found.other = bytes,
            }
        }
        Ok(found)
    }
}
