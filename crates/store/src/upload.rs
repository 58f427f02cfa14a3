//! Resumable uploads in progress. Owns their row; how many bytes are durable is told by the blob, the row only remembers it.

use domain::id::{MediaId, UploadId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("upload");

/// Where an upload is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// Bytes are still missing, or the finished file is not in the library yet.
    Open,
    /// The file is in the library; the row only answers a client that did not hear so.
    Complete,
}

impl UploadState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Complete].into_iter().find(|state| state.as_str() == text)
    }
}

/// Whether an upload is a file of its own or has to do with one that arrives in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assembly {
    /// A file of its own.
    Whole,
    /// A part of a file; it never becomes one by itself.
    Part,
    /// The sum of these parts, in this order.
    Final(Vec<UploadId>),
}

const PART: &str = "part";
const FINAL: &str = "final";

impl Assembly {
    fn text(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Part => PART.to_owned(),
            Self::Final(parts) => parts.iter().fold(FINAL.to_owned(), |mut text, id| {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(text, " {id}");
                text
            }),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match words.next() {
            None | Some("") => Some(Self::Whole),
            Some(PART) => Some(Self::Part),
            Some(FINAL) => words.map(|id| id.parse().ok()).collect::<Option<_>>().map(Self::Final),
            Some(_) => None,
        }
    }
}

/// A resumable upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Our id, part of the upload's address.
    pub id: UploadId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Who started it.
    pub user_id: UserId,
    /// Name on the person's device, for showing only; never a path.
    pub file_name: String,
    /// Declared size of the whole file, bytes.
    pub length_bytes: u64,
    /// Bytes known to be durable when the row was last written; the blob may hold more.
    pub offset_bytes: u64,
    /// Where it is in its life.
    pub state: UploadState,
    /// The file it became.
    pub media_id: Option<MediaId>,
    /// When it was started.
    pub created_at: UnixMillis,
    /// When bytes last arrived.
    pub updated_at: UnixMillis,
    /// When it is given up.
    pub expires_at: UnixMillis,
    /// How it has to do with others.
    pub assembly: Assembly,
}

/// Open uploads of a workspace, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenUploads {
    /// How many.
    pub count: u64,
    /// Their declared sizes, bytes.
    pub length_bytes: u64,
}

macro_rules! columns {
    () => {
        "id, workspace_id, user_id, file_name, length_bytes, offset_bytes, state, media_id, created_at, updated_at, expires_at, assembly"
    };
}

// What is read of an upload: the columns, and the key that its name is sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", person_key!("upload.user_id"))
    };
}

const INSERT: &str = concat!(
    "INSERT INTO upload (",
    columns!(),
    ")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
const SELECT: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE workspace_id = $1 AND id = $2"
);
const OPEN: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE workspace_id = $1 AND state = 'open'
ORDER BY created_at DESC, id DESC
LIMIT $2"
);
// An upload whose bytes are all here only lacks its last step, perhaps because a storage is away: it waits for 30 days more.
macro_rules! is_over {
    () => {
        "(state <> 'open' OR offset_bytes < length_bytes OR assembly = 'part' OR expires_at + 2592000000 <= "
    };
}

const EXPIRED: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE expires_at <= $1 AND ",
    is_over!(),
    "$1)
ORDER BY expires_at
LIMIT $2"
);
const FULL: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE state = 'open' AND offset_bytes = length_bytes AND assembly <> 'part'
ORDER BY created_at
LIMIT $1"
);
const UNJOINED: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE state = 'open' AND offset_bytes < length_bytes AND assembly LIKE 'final%'
ORDER BY created_at
LIMIT $1"
);
const JOINED: &str = concat!(
    "SELECT ",
    all_of_it!(),
    "
FROM upload
WHERE workspace_id = $1 AND assembly = $2
ORDER BY created_at DESC
LIMIT 1"
);
const OPEN_TOTALS: &str = "
SELECT COUNT(*), COALESCE(CAST(SUM(length_bytes) AS BIGINT), 0)
FROM upload
WHERE workspace_id = $1 AND state = 'open'";
const ADVANCE: &str = "
UPDATE upload
SET offset_bytes = $2, updated_at = $3, expires_at = $4
WHERE id = $1 AND state = 'open'";
const COMPLETE: &str = "
UPDATE upload
SET state = 'complete', media_id = $2, offset_bytes = length_bytes, updated_at = $3, expires_at = $4
WHERE id = $1 AND state = 'open'";
const DELETE: &str = "
DELETE FROM upload
WHERE workspace_id = $1 AND id = $2";
const DELETE_EXPIRED: &str = concat!(
    "
DELETE FROM upload
WHERE id = $1 AND expires_at <= $2 AND ",
    is_over!(),
    "$2)"
);
const KNOWN: &str = "
SELECT COUNT(*)
FROM upload
WHERE id = $1 AND state = 'open'";

const SHORTEN: &str = "
UPDATE upload
SET length_bytes = offset_bytes
WHERE workspace_id = $1 AND id = $2 AND state = 'open' AND offset_bytes > 0";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    SHORTEN,
    SELECT,
    OPEN,
    EXPIRED,
    FULL,
    UNJOINED,
    JOINED,
    OPEN_TOTALS,
    ADVANCE,
    COMPLETE,
    DELETE,
    DELETE_EXPIRED,
    KNOWN,
];

/// Uploads read at once at most.
const LIST_MAX: i64 = 200;

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        user_id: String,
        file_name: String,
        length_bytes: i64,
        offset_bytes: i64,
        state: String,
        media_id: Option<String>,
        created_at: i64,
        updated_at: i64,
        expires_at: i64,
        assembly: String,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Upload> {
        let raw = self;
        let row = safe.shown_row(Owner::person(&raw.user_id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        Ok(Upload {
            file_name: row.shown("file_name", raw.file_name),
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            user_id: TABLE.parse("user_id", &raw.user_id)?,
            length_bytes: TABLE.unsigned("length_bytes", raw.length_bytes)?,
            offset_bytes: TABLE.unsigned("offset_bytes", raw.offset_bytes)?,
            state: TABLE.word("state", &raw.state, UploadState::parse)?,
            media_id: TABLE.parse_opt("media_id", raw.media_id.as_deref())?,
            created_at: instant(raw.created_at),
            updated_at: instant(raw.updated_at),
            expires_at: instant(raw.expires_at),
            assembly: TABLE.word("assembly", &raw.assembly, Assembly::parse)?,
        })
    }
}

fn signed(column: &'static str, bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| TABLE.corrupt(column, "larger than a database can count"))
}

impl Store {
    fn uploads_opened(&self, rows: Vec<Raw>) -> Result<Vec<Upload>> {
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// One upload of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload(&self, workspace: WorkspaceId, id: UploadId) -> Result<Option<Upload>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// Open uploads of a workspace, newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn uploads_open(&self, workspace: WorkspaceId, limit: i64) -> Result<Vec<Upload>> {
        self.uploads_opened(fetch_all!(store self, Raw, OPEN, workspace.to_string(), limit.clamp(1, LIST_MAX))?)
    }

    /// Uploads that are to be given up, longest expired first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn uploads_expired(&self, now: UnixMillis, limit: i64) -> Result<Vec<Upload>> {
        self.uploads_opened(fetch_all!(store self, Raw, EXPIRED, now.millis(), limit.clamp(1, LIST_MAX))?)
    }

    /// Uploads whose last byte is durable but which did not reach the library: a crash came between.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn uploads_full(&self, limit: i64) -> Result<Vec<Upload>> {
        self.uploads_opened(fetch_all!(store self, Raw, FULL, limit.clamp(1, LIST_MAX))?)
    }

    /// Sums of parts that were not put together to the end: a crash came between.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn uploads_unjoined(&self, limit: i64) -> Result<Vec<Upload>> {
        self.uploads_opened(fetch_all!(store self, Raw, UNJOINED, limit.clamp(1, LIST_MAX))?)
    }

    /// Whether an open upload of whichever workspace exists. A partial blob without one is an orphan of a crash.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_is_open(&self, id: UploadId) -> Result<bool> {
        let (found,) = fetch_one!(store self, (i64,), KNOWN, id.to_string())?;
        Ok(found > 0)
    }
}

impl Tx {
    /// Starts an upload.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id is taken.
    pub async fn upload_insert(&mut self, it: &Upload) -> Result<()> {
        let length = signed("length_bytes", it.length_bytes)?;
        let offset = signed("offset_bytes", it.offset_bytes)?;
        let (id, person) = (it.id.to_string(), it.user_id.to_string());
        let name = self.row_of(Owner::person(&person), TABLE, &id).await?.write("file_name", &it.file_name)?;
        execute!(
            tx self, INSERT,
            &id,
            it.workspace_id.to_string(),
            &person,
            &name,
            length,
            offset,
            it.state.as_str(),
            it.media_id.map(|id| id.to_string()),
            it.created_at.millis(),
            it.updated_at.millis(),
            it.expires_at.millis(),
            it.assembly.text(),
        )?;
        Ok(())
    }

    /// One upload of a workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload(&mut self, workspace: WorkspaceId, id: UploadId) -> Result<Option<Upload>> {
        fetch_optional!(tx self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// The upload that is the sum of exactly these parts.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_joined(&mut self, workspace: WorkspaceId, assembly: &Assembly) -> Result<Option<Upload>> {
        fetch_optional!(tx self, Raw, JOINED, workspace.to_string(), assembly.text())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// What the open uploads of a workspace add up to.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn uploads_open_totals(&mut self, workspace: WorkspaceId) -> Result<OpenUploads> {
        let (count, length) = fetch_one!(tx self, (i64, i64), OPEN_TOTALS, workspace.to_string())?;
        Ok(OpenUploads { count: TABLE.unsigned("id", count)?, length_bytes: TABLE.unsigned("length_bytes", length)? })
    }

    /// Remembers how many bytes are durable and lets the upload live longer; false when it is no longer open.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_advance(
        &mut self,
        id: UploadId,
        offset_bytes: u64,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<bool> {
        let offset = signed("offset_bytes", offset_bytes)?;
        Ok(execute!(tx self, ADVANCE, id.to_string(), offset, now.millis(), expires_at.millis())? == 1)
    }

    /// Says which file an upload became; false when it is no longer open.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_complete(
        &mut self,
        id: UploadId,
        media: MediaId,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(
            tx self, COMPLETE,
            id.to_string(),
            media.to_string(),
            now.millis(),
            expires_at.millis(),
        )? == 1)
    }

    /// Takes what arrived as the whole: for forms, whose length is known only at their end. False without a byte.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_shorten(&mut self, workspace: WorkspaceId, id: UploadId) -> Result<bool> {
        Ok(execute!(tx self, SHORTEN, workspace.to_string(), id.to_string())? == 1)
    }

    /// Deletes an upload; false when it was gone.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_delete(&mut self, workspace: WorkspaceId, id: UploadId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, workspace.to_string(), id.to_string())? == 1)
    }

    /// Deletes an upload if it is still expired, so that one that went on meanwhile survives.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn upload_delete_expired(&mut self, id: UploadId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, DELETE_EXPIRED, id.to_string(), now.millis())? == 1)
    }
}
