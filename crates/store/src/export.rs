//! Exports: who asked for one and how far it is. Owns the rows of the jobs; what is read for a file is in [`read`], the folder in [`folder`].
//!
//! A node holds a job by a lease that it renews while it builds: after a crash another one, or the same, begins anew.

pub mod folder;
mod kept;
mod numbers;
pub mod read;
mod shares;
pub mod tables;
pub mod write;

use domain::id::{ExportId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const TABLE: Table = Table("export_job");
/// Files looked at in one go.
const LIST_LIMIT: i64 = 1_000;

/// How far an export is. The text forms are repeated by a CHECK in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportState {
    /// Waits for its turn.
    Asked,
    /// Somebody writes the file.
    Building,
    /// The file can be fetched.
    Ready,
    /// It did not succeed; the person may ask again.
    Failed,
}

impl ExportState {
    const ALL: [Self; 4] = [Self::Asked, Self::Building, Self::Ready, Self::Failed];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportJob {
    /// Its id, and the name of its file.
    pub id: ExportId,
    /// Who asked.
    pub person_id: UserId,
    /// Whose data, with theirs.
    pub workspace_id: WorkspaceId,
    /// With the files that were uploaded.
    pub with_media: bool,
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for; what came later is not in it.
    pub asked_at: UnixMillis,
    /// Things written so far.
    pub done_count: i64,
    /// Things there are.
    pub total_count: i64,
    /// Size of the finished file, bytes.
    pub size_bytes: Option<u64>,
    /// SHA-256 of the finished file, lower-case hex.
    pub sha256: Option<String>,
    /// When it was finished.
    pub ready_at: Option<UnixMillis>,
    /// Why it failed, a word of ours.
    pub problem: Option<String>,
}

macro_rules! columns {
    () => {
        "id, person_id, workspace_id, with_media, state, asked_at, done_count, total_count, size_bytes, sha256, ready_at, problem"
    };
}

const INSERT: &str = "
INSERT INTO export_job (id, person_id, workspace_id, with_media, state, asked_at)
VALUES ($1, $2, $3, $4, 'asked', $5)";
const LATEST: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM export_job
WHERE person_id = $1
ORDER BY asked_at DESC, id DESC
LIMIT 1"
);
const ONE_OF: &str = concat!("SELECT ", columns!(), " FROM export_job WHERE person_id = $1 AND id = $2");
const NEXT: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM export_job
WHERE state = 'asked' OR (state = 'building' AND lease_until <= $1)
ORDER BY asked_at, id
LIMIT 1"
);
const CLAIM: &str = "
UPDATE export_job
SET state = 'building', owner = $2, lease_until = $3, done_count = 0, total_count = 0
WHERE id = $1 AND (state = 'asked' OR (state = 'building' AND lease_until <= $4))";
const PROGRESS: &str = "
UPDATE export_job
SET done_count = $3, total_count = $4, lease_until = $5
WHERE id = $1 AND owner = $2 AND state = 'building'";
const READY: &str = "
UPDATE export_job
SET state = 'ready', owner = NULL, lease_until = 0, done_count = total_count, size_bytes = $3, sha256 = $4, ready_at = $5
WHERE id = $1 AND owner = $2 AND state = 'building'";
const FAILED: &str = "
UPDATE export_job
SET state = 'failed', owner = NULL, lease_until = 0, problem = $3
WHERE id = $1 AND owner = $2 AND state = 'building'";
const NEEDED: &str = "SELECT COUNT(*) FROM export_job WHERE id = $1 AND state IN ('ready', 'building')";
const OLD: &str = "SELECT id FROM export_job WHERE asked_at < $1 ORDER BY asked_at LIMIT $2";
const OF_WORKSPACE: &str = "SELECT id FROM export_job WHERE workspace_id = $1 ORDER BY id LIMIT $2";
const OF_PERSON: &str = "SELECT id FROM export_job WHERE person_id = $1 ORDER BY id LIMIT $2";
const DELETE: &str = "DELETE FROM export_job WHERE id = $1";
const POSTS: &str = "SELECT COUNT(*) FROM post WHERE workspace_id = $1";
const MEDIA: &str = "
SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT)
FROM media
WHERE workspace_id = $1 AND file_gone_at IS NULL";
const PURGE_IMPORTED: &str = "DELETE FROM imported WHERE until <= $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    LATEST,
    ONE_OF,
    NEXT,
    CLAIM,
    PROGRESS,
    READY,
    FAILED,
    NEEDED,
    OLD,
    OF_WORKSPACE,
    OF_PERSON,
    DELETE,
    POSTS,
    MEDIA,
    PURGE_IMPORTED,
];

row! {
    struct Raw {
        id: String,
        person_id: String,
        workspace_id: String,
        with_media: i64,
        state: String,
        asked_at: i64,
        done_count: i64,
        total_count: i64,
        size_bytes: Option<i64>,
        sha256: Option<String>,
        ready_at: Option<i64>,
        problem: Option<String>,
    }
}

impl TryFrom<Raw> for ExportJob {
    type Error = crate::StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: TABLE.parse("id", &raw.id)?,
            person_id: TABLE.parse("person_id", &raw.person_id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            with_media: raw.with_media != 0,
            state: TABLE.word("state", &raw.state, ExportState::parse)?,
            asked_at: instant(raw.asked_at),
            done_count: raw.done_count,
            total_count: raw.total_count,
            size_bytes: raw.size_bytes.map(|size| TABLE.unsigned("size_bytes", size)).transpose()?,
            sha256: raw.sha256,
            ready_at: instant_opt(raw.ready_at),
            problem: raw.problem,
        })
    }
}

/// How much there is to be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Posts.
    pub posts: i64,
    /// Files of the library that are still here.
    pub files: i64,
    /// Their bytes.
    pub bytes: i64,
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl Store {
    /// The export a person asked for last.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_latest(&self, person: UserId) -> Result<Option<ExportJob>> {
        fetch_optional!(store self, Raw, LATEST, person.to_string())?.map(ExportJob::try_from).transpose()
    }

    /// One export of a person.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_job(&self, person: UserId, id: ExportId) -> Result<Option<ExportJob>> {
        let row = fetch_optional!(store self, Raw, ONE_OF, person.to_string(), id.to_string())?;
        row.map(ExportJob::try_from).transpose()
    }

    /// The export that waits longest: nobody builds it, or whoever did has not been heard of for too long.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_next(&self, now: UnixMillis) -> Result<Option<ExportJob>> {
        fetch_optional!(store self, Raw, NEXT, now.millis())?.map(ExportJob::try_from).transpose()
    }

    /// Whether a file under this id is one that somebody may fetch or is being written.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_needed(&self, id: ExportId) -> Result<bool> {
        let (count,) = fetch_one!(store self, (i64,), NEEDED, id.to_string())?;
        Ok(count > 0)
    }

    /// Exports that were asked for before an instant.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn exports_before(&self, before: UnixMillis) -> Result<Vec<ExportId>> {
        ids(fetch_all!(store self, (String,), OLD, before.millis(), LIST_LIMIT)?)
    }

    /// Exports of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn exports_of_workspace(&self, workspace: WorkspaceId) -> Result<Vec<ExportId>> {
        ids(fetch_all!(store self, (String,), OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?)
    }

    /// Exports of a person.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn exports_of_person(&self, person: UserId) -> Result<Vec<ExportId>> {
        ids(fetch_all!(store self, (String,), OF_PERSON, person.to_string(), LIST_LIMIT)?)
    }

    /// How much a workspace holds.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_extent(&self, workspace: WorkspaceId) -> Result<Extent> {
        let (posts,) = fetch_one!(store self, (i64,), POSTS, workspace.to_string())?;
        let (files, bytes) = fetch_one!(store self, (i64, i64), MEDIA, workspace.to_string())?;
        Ok(Extent { posts, files, bytes })
    }
}

fn ids(rows: Vec<(String,)>) -> Result<Vec<ExportId>> {
    rows.into_iter().map(|(id,)| TABLE.parse("id", &id)).collect()
}

impl Tx {
    /// The export a person asked for last, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_latest(&mut self, person: UserId) -> Result<Option<ExportJob>> {
        fetch_optional!(tx self, Raw, LATEST, person.to_string())?.map(ExportJob::try_from).transpose()
    }

    /// Somebody asks.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] while an export of theirs is under way.
    pub async fn export_insert(&mut self, it: &ExportJob) -> Result<()> {
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            it.person_id.to_string(),
            it.workspace_id.to_string(),
            i64::from(it.with_media),
            it.asked_at.millis(),
        )?;
        Ok(())
    }

    /// Takes a job that nobody builds; false when somebody was quicker.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_claim(
        &mut self,
        id: ExportId,
        owner: &str,
        lease_until: UnixMillis,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, CLAIM, id.to_string(), owner, lease_until.millis(), now.millis())? == 1)
    }

    /// Says how far it is and keeps the lease; false when the job is not this owner's any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_progress(
        &mut self,
        id: ExportId,
        owner: &str,
        (done, total): (i64, i64),
        lease_until: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, PROGRESS, id.to_string(), owner, done, total, lease_until.millis())? == 1)
    }

    /// The file is whole; false when the job is not this owner's any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_ready(
        &mut self,
        id: ExportId,
        owner: &str,
        (size_bytes, sha256): (u64, &str),
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, READY, id.to_string(), owner, signed(size_bytes), sha256, now.millis())? == 1)
    }

    /// It cannot be built now.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_failed(&mut self, id: ExportId, owner: &str, problem: &str) -> Result<bool> {
        Ok(execute!(tx self, FAILED, id.to_string(), owner, problem)? == 1)
    }

    /// Forgets an export; its file goes by itself.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_delete(&mut self, id: ExportId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string())? == 1)
    }

    /// Removes lines of earlier instances whose time is over; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_imported(&mut self, now: UnixMillis) -> Result<u64> {
        execute!(tx self, PURGE_IMPORTED, now.millis())
    }
}
