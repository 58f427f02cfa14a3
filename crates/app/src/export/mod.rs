//! Export of everything that is held about a person, and taking it into another instance. Owns asking, the link to the file, and the
//! limits of both; `build` writes the file, `work` is the background task, `import` the way back.

mod archive;
mod beat;
mod build;
mod import;
mod outbox;
mod rows;
pub mod schema;
mod work;

use domain::id::{ExportId, UserId, WorkspaceId};
use domain::privacy::clauses::{EXPORT_DAYS, EXPORT_LINK_HOURS, EXPORT_PAUSE_HOURS};
use domain::time::UnixMillis;
use secrecy::ExposeSecret;
use store::{ExportJob, ExportState, StoreError};
use tokio::fs::File;

pub use archive::ListedFile;
pub use build::Manifest;
pub use import::{ImportError, Imported};
pub use work::{OperatorExport, run_exporter};

use crate::alerts::AlertKind;
use crate::live::{LiveChange, LiveEvent};
use crate::{Actor, App, Error, Result};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What an export takes without the files, at most, for each post, bytes.
const POST_BYTES: i64 = 16 * 1024;

/// The last part of the address of a file, good for one session and until an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportLink {
    /// Until when it works.
    pub until: UnixMillis,
    /// Proof that it was given to this session.
    pub word: String,
}

/// What a person sees of their exports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportView {
    /// The one asked for last, as long as it is remembered.
    pub job: Option<ExportJob>,
    /// The way to its file, when it is ready.
    pub link: Option<ExportLink>,
    /// When its file goes.
    pub gone_at: Option<UnixMillis>,
    /// From when on the next one can be asked for; `None` is now.
    pub next_at: Option<UnixMillis>,
}

/// A file of an export, opened for the person who asked for it.
#[derive(Debug)]
pub struct ExportFile {
    /// Which.
    pub id: ExportId,
    /// The bytes, from their beginning.
    pub file: File,
    /// How many, bytes.
    pub size_bytes: u64,
    /// When it was finished.
    pub ready_at: UnixMillis,
}

/// When the next export can be asked for after this one.
fn next_at(job: &ExportJob) -> UnixMillis {
    job.asked_at.plus_millis(EXPORT_PAUSE_HOURS.saturating_mul(HOUR_MS))
}

fn gone_at(job: &ExportJob) -> UnixMillis {
    job.asked_at.plus_millis(EXPORT_DAYS.saturating_mul(DAY_MS))
}

fn word_of(id: ExportId, actor: &Actor, until: UnixMillis) -> String {
    format!("export {id} {} {}", actor.session_id, until.millis())
}

impl App {
    /// Asks for an export of the actor and their workspace, with or without the files.
    ///
    /// # Errors
    /// [`Error::Conflict`] `export-underway` while one is built, `export-too-soon` within a day of the one before;
    /// [`Error::DiskReserve`] when there is no room for it.
    pub async fn ask_export(&self, actor: &Actor, with_media: bool) -> Result<ExportJob> {
        let now = self.now();
        let extent = self.store.export_extent(actor.workspace_id).await?;
        let files = if with_media { extent.bytes } else { 0 };
        let wanted = extent.posts.saturating_mul(POST_BYTES).saturating_add(files);
        let job = ExportJob {
            id: ExportId::from_uuid(self.random.uuid(now)),
            person_id: actor.user_id,
            workspace_id: actor.workspace_id,
            with_media,
            state: ExportState::Asked,
            asked_at: now,
            done_count: 0,
            total_count: 0,
            size_bytes: None,
            sha256: None,
            ready_at: None,
            problem: None,
        };
        // First whether it may be asked for at all: that is what the person has to know.
        if let Some(last) = self.store.export_latest(actor.user_id).await? {
            may_ask_after(&last, now)?;
        }
        self.check_disk(u64::try_from(wanted).unwrap_or(0)).await?;
        let mut tx = self.store.begin().await?;
        if let Some(last) = tx.export_latest(actor.user_id).await? {
            may_ask_after(&last, now)?;
        }
        match tx.export_insert(&job).await {
            Err(StoreError::Conflict(_)) => return Err(Error::Conflict { code: "export-underway" }),
            done => done?,
        }
        let detail = if with_media { "with files" } else { "without files" };
        tx.audit_append(now, &actor.user_id.to_string(), "export.ask", &job.id.to_string(), detail).await?;
        tx.commit().await?;
        self.alerts.note(AlertKind::MassExports);
        self.export_nudge.notify_one();
        self.export_changed(job.workspace_id);
        Ok(job)
    }

    /// The actor's last export and what can be done with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export_view(&self, actor: &Actor) -> Result<ExportView> {
        let now = self.now();
        let Some(job) = self.store.export_latest(actor.user_id).await? else { return Ok(ExportView::default()) };
        let gone_at = gone_at(&job);
        let mut view = ExportView { gone_at: Some(gone_at), ..ExportView::default() };
        match job.state {
            ExportState::Asked | ExportState::Building => view.next_at = Some(next_at(&job)),
            ExportState::Failed => {}
            ExportState::Ready => {
                view.next_at = Some(next_at(&job)).filter(|at| *at > now);
                if gone_at > now {
                    let until = now.plus_millis(EXPORT_LINK_HOURS.saturating_mul(HOUR_MS)).min(gone_at);
                    let word = self.keys.gate_word(&word_of(job.id, actor, until))?.expose_secret().to_owned();
                    view.link = Some(ExportLink { until, word });
                }
            }
        }
        view.job = Some(job);
        Ok(view)
    }

    /// Opens the file of an export for the person who asked, by a link that was given to this session. `begins` says that it is read from
    /// its beginning, which is noted once; later parts of the same download are not.
    ///
    /// # Errors
    /// [`Error::NotFound`] for everybody and everything else, and when the link or the file is over.
    pub async fn export_file(
        &self,
        actor: &Actor,
        id: ExportId,
        link: &ExportLink,
        begins: bool,
    ) -> Result<ExportFile> {
        const NOT_THERE: Error = Error::NotFound { what: "export" };
        let now = self.now();
        let job = self.store.export_job(actor.user_id, id).await?.ok_or(NOT_THERE)?;
        let latest = now.plus_millis(EXPORT_LINK_HOURS.saturating_mul(HOUR_MS));
        let in_time = link.until > now && link.until <= latest && gone_at(&job) > now;
        if job.state != ExportState::Ready
            || !in_time
            || !self.keys.opens_gate(&word_of(id, actor, link.until), &link.word)
        {
            return Err(NOT_THERE);
        }
        let (Some(size_bytes), Some(ready_at)) = (job.size_bytes, job.ready_at) else { return Err(NOT_THERE) };
        let file = match File::open(self.exports.whole(id)).await {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(NOT_THERE),
            Err(error) => return Err(error.into()),
        };
        if begins {
            let mut tx = self.store.begin().await?;
            tx.audit_append(now, &actor.user_id.to_string(), "export.download", &id.to_string(), "").await?;
            tx.commit().await?;
        }
        Ok(ExportFile { id, file, size_bytes, ready_at })
    }

    pub(crate) fn export_changed(&self, workspace_id: WorkspaceId) {
        self.live.publish(LiveEvent { workspace_id, what: LiveChange::Export });
    }

    /// Removes the exports of a person and of a workspace with their files, for an erasure: at once, whoever builds one.
    pub(crate) async fn drop_exports(&self, person: Option<UserId>, workspaces: &[WorkspaceId]) -> Result<()> {
        let mut ids = match person {
            Some(person) => self.store.exports_of_person(person).await?,
            None => Vec::new(),
        };
        for workspace in workspaces {
            ids.extend(self.store.exports_of_workspace(*workspace).await?);
        }
        for id in ids {
            self.drop_export(id).await?;
        }
        Ok(())
    }

    /// The row first: whoever builds learns from it. A file that stays behind after a crash belongs to nothing, which the sweeper sees.
    async fn drop_export(&self, id: ExportId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.export_delete(id).await?;
        tx.commit().await?;
        self.unlink_export(id).await
    }

    async fn unlink_export(&self, id: ExportId) -> Result<()> {
        let folder = self.exports.clone();
        tokio::task::spawn_blocking(move || folder.remove(id)).await.map_err(std::io::Error::other)??;
        Ok(())
    }
}

fn may_ask_after(last: &ExportJob, now: UnixMillis) -> Result<()> {
    match last.state {
        ExportState::Asked | ExportState::Building => Err(Error::Conflict { code: "export-underway" }),
        ExportState::Ready if next_at(last) > now => Err(Error::Conflict { code: "export-too-soon" }),
        ExportState::Ready | ExportState::Failed => Ok(()),
    }
}
