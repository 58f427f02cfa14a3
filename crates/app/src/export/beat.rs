//! How far a build is, told to the row of its job and to open pages. Owns how often; a job that is not ours any more ends the build.

use domain::id::ExportId;
use domain::time::UnixMillis;
use store::ExportJob;

use crate::live::{LiveChange, LiveEvent};
use crate::{App, Error, Result};

/// Whoever builds is thought dead after this long without a word, seconds.
pub(super) const LEASE_S: i64 = 60;
/// Time between two words, milliseconds.
const EVERY_MS: i64 = 2_000;

/// The job that a build is for, and when it was last heard of.
pub(super) struct Beat<'a> {
    app: &'a App,
    job: Option<(&'a ExportJob, &'a str)>,
    told_at: Option<UnixMillis>,
    done: i64,
    total: i64,
}

impl<'a> Beat<'a> {
    /// For a job that this owner has claimed.
    pub(super) const fn of(app: &'a App, job: &'a ExportJob, owner: &'a str) -> Self {
        Self { app, job: Some((job, owner)), told_at: None, done: 0, total: 0 }
    }

    /// For a build that nobody waits for on a page.
    pub(super) const fn silent(app: &'a App) -> Self {
        Self { app, job: None, told_at: None, done: 0, total: 0 }
    }

    /// So much was done before.
    pub(super) const fn from(mut self, done: i64, total: i64) -> Self {
        (self.done, self.total) = (done, total);
        self
    }

    /// There are so many things to write.
    pub(super) async fn begin(&mut self, total: i64) -> Result<()> {
        self.total = total;
        self.again().await
    }

    /// So many more are written.
    pub(super) async fn more(&mut self, more: i64) -> Result<()> {
        self.done = self.done.saturating_add(more).min(self.total);
        self.again().await
    }

    /// Still alive.
    pub(super) async fn again(&mut self) -> Result<()> {
        // Whoever waits for this thread goes first.
        tokio::task::yield_now().await;
        let Some((job, owner)) = self.job else { return Ok(()) };
        let now = self.app.now();
        if self.told_at.is_some_and(|at| now.millis_since(at) < EVERY_MS) {
            return Ok(());
        }
        self.told_at = Some(now);
        let mut tx = self.app.store.begin().await?;
        if !tx.export_progress(job.id, owner, (self.done, self.total), now.plus_seconds(LEASE_S)).await? {
            return Err(gone(job.id));
        }
        tx.commit().await?;
        self.app.live.publish(LiveEvent { workspace_id: job.workspace_id, what: LiveChange::Export });
        Ok(())
    }
}

/// The job was taken over or erased.
pub(super) fn gone(_: ExportId) -> Error {
    Error::NotFound { what: "export" }
}
