//! Files that are made to fit: who asked, how far it is. Owns the rows of the jobs; what is done to a file is the use case's.
//!
//! A node holds a job by a lease that it renews while it works: after a crash another one, or the same, begins anew.

use domain::id::{MediaId, RenditionId, UserId, WorkspaceId};
use domain::media::fit::Trim;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const TABLE: Table = Table("rendition");
/// Jobs of one workspace that a page looks at; older ones show once these are over.
const LIST_LIMIT: i64 = 1_000;

/// How far a job is. The text forms are repeated by a CHECK in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenditionState {
    /// Waits for its turn.
    Asked,
    /// Somebody works on it.
    Working,
    /// The new file is in the library.
    Ready,
    /// It did not succeed.
    Failed,
    /// The person did not want it any more.
    Cancelled,
}

impl RenditionState {
    const ALL: [Self; 5] = [Self::Asked, Self::Working, Self::Ready, Self::Failed, Self::Cancelled];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Working => "working",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Somebody waits for it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Asked | Self::Working => true,
            Self::Ready | Self::Failed | Self::Cancelled => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One wish to have a file made fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Its id.
    pub id: RenditionId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Of which file.
    pub source_id: MediaId,
    /// Who asked.
    pub asked_by: UserId,
    /// How far it is.
    pub state: RenditionState,
    /// Which part of it.
    pub trim: Trim,
    /// When it was asked for.
    pub asked_at: UnixMillis,
    /// How often it was begun.
    pub tries: i64,
    /// When the work that is under way began.
    pub begun_at: Option<UnixMillis>,
    /// How much of it is done, thousandths.
    pub done_permille: i64,
    /// The new file, as long as it is there.
    pub media_id: Option<MediaId>,
    /// When it was over.
    pub ended_at: Option<UnixMillis>,
    /// Why it failed, a word of ours.
    pub problem: Option<String>,
}

macro_rules! columns {
    () => {
        "id, workspace_id, source_id, asked_by, state, from_ms, until_ms, asked_at, tries, begun_at, done_permille, media_id, \
         ended_at, problem"
    };
}

const INSERT: &str = "
INSERT INTO rendition (id, workspace_id, source_id, asked_by, state, from_ms, until_ms, asked_at)
VALUES ($1, $2, $3, $4, 'asked', $5, $6, $7)";
const FORGET_ENDED: &str = "
DELETE FROM rendition
WHERE workspace_id = $1 AND source_id = $2 AND state IN ('ready', 'failed', 'cancelled')";
const OF_SOURCE: &str = concat!("SELECT ", columns!(), " FROM rendition WHERE workspace_id = $1 AND source_id = $2");
const OF_WORKSPACE: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM rendition
WHERE workspace_id = $1
ORDER BY id DESC
LIMIT $2"
);
const OPEN_COUNT: &str = "
SELECT COUNT(*)
FROM rendition
WHERE workspace_id = $1 AND state IN ('asked', 'working')";
const NEXT: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM rendition
WHERE state = 'asked' OR (state = 'working' AND lease_until <= $1)
ORDER BY asked_at, id
LIMIT 1"
);
const CLAIM: &str = "
UPDATE rendition
SET state = 'working', owner = $2, lease_until = $3, begun_at = $4, done_permille = 0, tries = tries + 1
WHERE id = $1 AND (state = 'asked' OR (state = 'working' AND lease_until <= $4))";
const PROGRESS: &str = "
UPDATE rendition
SET done_permille = $3, lease_until = $4
WHERE id = $1 AND owner = $2 AND state = 'working'";
const READY: &str = "
UPDATE rendition
SET state = 'ready', owner = NULL, lease_until = 0, done_permille = 1000, media_id = $3, ended_at = $4
WHERE id = $1 AND owner = $2 AND state = 'working'";
const FAILED: &str = "
UPDATE rendition
SET state = 'failed', owner = NULL, lease_until = 0, problem = $3, ended_at = $4
WHERE id = $1 AND owner = $2 AND state = 'working'";
const CANCEL: &str = "
UPDATE rendition
SET state = 'cancelled', owner = NULL, lease_until = 0, ended_at = $3
WHERE workspace_id = $1 AND source_id = $2 AND state IN ('asked', 'working')";
const PURGE: &str = "
DELETE FROM rendition
WHERE id IN (SELECT id FROM rendition WHERE ended_at <= $1 ORDER BY ended_at LIMIT $2)";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    FORGET_ENDED,
    OF_SOURCE,
    OF_WORKSPACE,
    OPEN_COUNT,
    NEXT,
    CLAIM,
    PROGRESS,
    READY,
    FAILED,
    CANCEL,
    PURGE,
];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        source_id: String,
        asked_by: String,
        state: String,
        from_ms: i64,
        until_ms: Option<i64>,
        asked_at: i64,
        tries: i64,
        begun_at: Option<i64>,
        done_permille: i64,
        media_id: Option<String>,
        ended_at: Option<i64>,
        problem: Option<String>,
    }
}

impl TryFrom<Raw> for Rendition {
    type Error = crate::StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            source_id: TABLE.parse("source_id", &raw.source_id)?,
            asked_by: TABLE.parse("asked_by", &raw.asked_by)?,
            state: TABLE.word("state", &raw.state, RenditionState::parse)?,
            trim: Trim { from_ms: raw.from_ms, until_ms: raw.until_ms },
            asked_at: instant(raw.asked_at),
            tries: raw.tries,
            begun_at: instant_opt(raw.begun_at),
            done_permille: raw.done_permille,
            media_id: raw.media_id.map(|id| TABLE.parse("media_id", &id)).transpose()?,
            ended_at: instant_opt(raw.ended_at),
            problem: raw.problem,
        })
    }
}

impl Store {
    /// The wish for one file of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_of(&self, workspace: WorkspaceId, source: MediaId) -> Result<Option<Rendition>> {
        let row = fetch_optional!(store self, Raw, OF_SOURCE, workspace.to_string(), source.to_string())?;
        row.map(Rendition::try_from).transpose()
    }

    /// The newest wishes of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn renditions(&self, workspace: WorkspaceId) -> Result<Vec<Rendition>> {
        let rows = fetch_all!(store self, Raw, OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(Rendition::try_from).collect()
    }

    /// The job that waits longest: nobody works on it, or whoever did has not been heard of for too long.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_next(&self, now: UnixMillis) -> Result<Option<Rendition>> {
        fetch_optional!(store self, Raw, NEXT, now.millis())?.map(Rendition::try_from).transpose()
    }
}

impl Tx {
    /// Somebody asks; what came of an earlier wish for the same file is forgotten.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] while the file is being made fit.
    pub async fn rendition_insert(&mut self, it: &Rendition) -> Result<()> {
        execute!(tx self, FORGET_ENDED, it.workspace_id.to_string(), it.source_id.to_string())?;
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            it.workspace_id.to_string(),
            it.source_id.to_string(),
            it.asked_by.to_string(),
            it.trim.from_ms,
            it.trim.until_ms,
            it.asked_at.millis(),
        )?;
        Ok(())
    }

    /// Jobs of a workspace that are not over.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn renditions_open(&mut self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), OPEN_COUNT, workspace.to_string())?;
        Ok(count)
    }

    /// Takes a job that nobody works on; false when somebody was quicker.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_claim(
        &mut self,
        id: RenditionId,
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
    pub async fn rendition_progress(
        &mut self,
        id: RenditionId,
        owner: &str,
        done_permille: i64,
        lease_until: UnixMillis,
    ) -> Result<bool> {
        let done = done_permille.clamp(0, 1000);
        Ok(execute!(tx self, PROGRESS, id.to_string(), owner, done, lease_until.millis())? == 1)
    }

    /// The new file is in the library; false when the job is not this owner's any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_ready(
        &mut self,
        id: RenditionId,
        owner: &str,
        media: MediaId,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, READY, id.to_string(), owner, media.to_string(), now.millis())? == 1)
    }

    /// It cannot be done.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_failed(
        &mut self,
        id: RenditionId,
        owner: &str,
        problem: &str,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, FAILED, id.to_string(), owner, problem, now.millis())? == 1)
    }

    /// The person does not want it any more; false when it was over.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn rendition_cancel(&mut self, workspace: WorkspaceId, source: MediaId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, CANCEL, workspace.to_string(), source.to_string(), now.millis())? == 1)
    }

    /// Forgets jobs that were over before an instant, at most `limit`; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_renditions(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
