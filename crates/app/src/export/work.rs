//! Building what was asked for, one at a time, and removing what is over. Owns the background task and the operator's door.
//!
//! A build that a crash ended is begun anew: its lease runs out. Nobody is offered a file that was not renamed to its whole name.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use domain::id::{UserId, WorkspaceId};
use domain::privacy::clauses::EXPORT_DAYS;
use domain::time::UnixMillis;
use store::ExportJob;
use store::audit::{OPERATOR, SYSTEM};
use store::export::read::ExportScope;
use tokio::io::AsyncReadExt as _;

use super::DAY_MS;
use super::archive::hex;
use super::beat::{Beat, LEASE_S};
use crate::{App, Error, Result};

/// Asked again at least this often: another process may have taken the wish, or died with a build.
const LOOK_S: i64 = 30;
/// Bytes read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// What the operator's export came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorExport {
    /// Whose it is.
    pub person: UserId,
    /// Whose data is in it with theirs.
    pub workspace: WorkspaceId,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// SHA-256 of it, lower-case hex.
    pub sha256: String,
}

/// Size and hash of a file.
async fn measured(path: &Path, beat: &mut Beat<'_>) -> Result<(u64, String)> {
    let mut file = tokio::fs::File::open(path).await?;
    let (mut hash, mut size, mut buffer) = (Context::new(&SHA256), 0_u64, vec![0; BUFFER_BYTES]);
    loop {
        let many = file.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..many).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        beat.again().await?;
        size = size.saturating_add(super::archive::length(bytes));
    }
    Ok((size, hex(hash)))
}

impl App {
    /// Builds the export that waits longest; false when none does.
    ///
    /// # Errors
    /// When the database does not answer. An export that cannot be built is marked so and is no error.
    pub async fn build_next_export(&self) -> Result<bool> {
        let now = self.now();
        let Some(job) = self.store.export_next(now).await? else { return Ok(false) };
        let owner = self.random.uuid(now).to_string();
        let mut tx = self.store.begin().await?;
        let mine = tx.export_claim(job.id, &owner, now.plus_seconds(LEASE_S), now).await?;
        tx.commit().await?;
        if !mine {
            return Ok(true);
        }
        if let Err(error) = self.build_for(&job, &owner).await {
            self.unlink_export(job.id).await?;
            let problem = if matches!(error, Error::DiskReserve) { "disk-full" } else { "trouble" };
            tracing::error!(export = %job.id, %error, "an export could not be built");
            let mut tx = self.store.begin().await?;
            tx.export_failed(job.id, &owner, problem).await?;
            tx.commit().await?;
        }
        self.export_changed(job.workspace_id);
        Ok(true)
    }

    async fn build_for(&self, job: &ExportJob, owner: &str) -> Result<()> {
        // What a build that ended early left is no beginning of this one.
        self.unlink_export(job.id).await?;
        self.check_disk(0).await?;
        self.exports.make()?;
        let path = self.exports.partial(job.id);
        let scope = ExportScope { workspace: job.workspace_id, person: job.person_id, before: job.asked_at };
        let mut beat = Beat::of(self, job, owner);
        self.build_export(scope, job.with_media, &path, &mut beat).await?;
        let mut beat = self.beat_on(job, owner).await?;
        let (size_bytes, sha256) = measured(&path, &mut beat).await?;
        // Whole before it is offered: between the two it belongs to a build, and the next one begins anew.
        let (folder, id) = (self.exports.clone(), job.id);
        tokio::task::spawn_blocking(move || folder.finish(id)).await.map_err(std::io::Error::other)??;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !tx.export_ready(job.id, owner, (size_bytes, &sha256), now).await? {
            // Taken over, or erased meanwhile.
            return Err(Error::NotFound { what: "export" });
        }
        tx.audit_append(now, SYSTEM, "export.build", &job.id.to_string(), "").await?;
        tx.commit().await?;
        tracing::info!(export = %job.id, size_bytes, "an export is ready");
        // One file of a person is enough: together they would take the disk several times.
        for earlier in self.store.exports_of_person(job.person_id).await?.into_iter().filter(|id| *id != job.id) {
            self.drop_export(earlier).await?;
        }
        Ok(())
    }

    /// The rest of a build keeps its lease, and says how far it had come.
    async fn beat_on<'a>(&'a self, job: &'a ExportJob, owner: &'a str) -> Result<Beat<'a>> {
        let now = self.store.export_job(job.person_id, job.id).await?;
        let (done, total) = now.map_or((0, 0), |row| (row.done_count, row.total_count));
        Ok(Beat::of(self, job, owner).from(done, total))
    }

    /// Writes an export to a file of the operator's, of a person or of the only person of a workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such person or workspace, or several people in it.
    pub async fn operator_export(&self, of: uuid::Uuid, with_media: bool, path: &Path) -> Result<OperatorExport> {
        const NOT_THERE: Error = Error::NotFound { what: "person" };
        let person = UserId::from_uuid(of);
        let (person, workspace) = match self.store.workspace_of(person).await? {
            Some(workspace) => (person, workspace.id),
            None => match self.store.members(WorkspaceId::from_uuid(of)).await?.as_slice() {
                [only] => (*only, WorkspaceId::from_uuid(of)),
                _ => return Err(NOT_THERE),
            },
        };
        let scope = ExportScope { workspace, person, before: self.now() };
        let mut beat = Beat::silent(self);
        self.build_export(scope, with_media, path, &mut beat).await?;
        let (size_bytes, sha256) = measured(path, &mut Beat::silent(self)).await?;
        let mut tx = self.store.begin().await?;
        tx.audit_append(self.now(), OPERATOR, "export.operator", &person.to_string(), &workspace.to_string()).await?;
        tx.commit().await?;
        Ok(OperatorExport { person, workspace, size_bytes, sha256 })
    }

    /// Removes exports whose days are over and files that belong to none; gives how many.
    ///
    /// # Errors
    /// When the database or the disk does not answer; what was removed before stays removed.
    pub async fn sweep_exports(&self) -> Result<u64> {
        let now = self.now();
        let mut gone = 0;
        for id in self.store.exports_before(now.plus_millis(-EXPORT_DAYS.saturating_mul(DAY_MS))).await? {
            self.drop_export(id).await?;
            gone += 1;
        }
        let folder = self.exports.clone();
        let lying = tokio::task::spawn_blocking(move || folder.list()).await.map_err(std::io::Error::other)??;
        for id in lying {
            if !self.store.export_needed(id).await? {
                self.unlink_export(id).await?;
                gone += 1;
            }
        }
        let mut tx = self.store.begin().await?;
        tx.purge_imported(now).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Builds what is asked for, for as long as the task lives.
pub async fn run_exporter(app: Arc<App>) {
    match app.sweep_exports().await {
        Ok(0) => {}
        Ok(gone) => tracing::info!(gone, "removed exports that belong to nothing"),
        Err(error) => tracing::warn!(%error, "exports could not be tidied up"),
    }
    loop {
        match app.build_next_export().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "exports could not be looked for"),
        }
        let look: UnixMillis = app.now().plus_seconds(LOOK_S);
        tokio::select! {
            biased;
            () = app.clock.sleep_until(look) => {}
            () = app.export_nudge.notified() => {}
        }
    }
}
