//! Tidying up: uploads nobody continues, and files that belong to nothing because a crash came between two steps.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use store::upload::UploadState;

use domain::time::UnixMillis;

use super::blob_key;
use crate::inactivity::Tended;
use crate::media::fit::remove_left_behind;
use crate::purge::Served;
use crate::{App, Result};

/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(600);

/// Uploads that are finished side by side: while one is on its way to a storage, or waits for it, the next one is measured. What they
/// have in memory is bounded there.
const FINISHED_AT_ONCE: usize = 4;

/// What one round removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that were given up.
    pub expired: u64,
    /// Uploads whose last step was made up for.
    pub finished: u64,
    /// Files that belonged to nothing.
    pub orphans: u64,
}

impl App {
    /// Gives expired uploads up and removes what arrived of them.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn uploads_expire(&self) -> Result<u64> {
        let now = self.now();
        let mut expired = 0;
        loop {
            let round = self.store.uploads_expired(now, 100).await?;
            let mut progressed = false;
            for upload in round {
                let Some(_claim) = self.uploads.claim(upload.id, self.clock.monotonic()) else {
                    continue;
                };
                let mut tx = self.store.begin().await?;
                let deleted = tx.upload_delete_expired(upload.id, now).await?;
                tx.commit().await?;
                if !deleted {
                    continue;
                }
                progressed = true;
                self.uploads.forget(upload.id);
                match upload.state {
                    UploadState::Open => {
                        self.remove_blobs(&blob_key(upload.id)).await?;
                        self.upload_changed(&upload);
                        expired += 1;
                    }
                    UploadState::Complete => {}
                }
            }
            if !progressed {
                return Ok(expired);
            }
        }
    }

    /// Everything that a crash may have left half done. For the start of the service, before uploads are taken.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn uploads_recover(&self) -> Result<Swept> {
        // What only lacks its last step is whole, however long the service was away.
        let finished = self.uploads_finish().await?;
        Ok(Swept { finished, expired: self.uploads_expire().await?, orphans: self.remove_orphans().await? })
    }

    /// Removes what work on files left behind that was broken off; at the start, and once a day.
    async fn tidy_files(&self) {
        match self.blobs.end_left_moves().await {
            Ok(0) => {}
            Ok(halves) => tracing::info!(halves, "gave up halves of files at the storage"),
            Err(error) => tracing::warn!(%error, "halves of files at the storage could not be given up"),
        }
        match self.blobs.remove_left_copies().await {
            Ok(0) => {}
            Ok(copies) => tracing::info!(copies, "removed fetched copies of processes that are gone"),
            Err(error) => tracing::warn!(%error, "fetched copies could not be looked for"),
        }
        remove_left_behind(&self.blobs.workshops(), self.now()).await;
    }

    /// Does the last step of uploads whose bytes are all here: a crash came between, or a storage that was away. Gives how many.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn uploads_finish(&self) -> Result<u64> {
        let full = futures::stream::iter(self.store.uploads_full(200).await?).map(|upload| async move {
            let Some(claim) = self.uploads.claim(upload.id, self.clock.monotonic()) else { return false };
            let done = self.finish_upload(&upload, &claim).await;
            if let Err(error) = &done {
                tracing::warn!(upload = %upload.id, %error, "an upload could not be finished");
            }
            done.is_ok()
        });
        let full = full.buffer_unordered(FINISHED_AT_ONCE).filter(|done| std::future::ready(*done)).count().await;
        let mut finished = u64::try_from(full).unwrap_or(u64::MAX);
        for upload in self.store.uploads_unjoined(200).await? {
            let id = upload.id;
            match self.join_parts(upload).await {
                Ok(_) => finished += 1,
                Err(error) => tracing::warn!(upload = %id, %error, "parts could not be put together"),
            }
        }
        Ok(finished)
    }

    /// Notes what a round came to.
    async fn note_round(&self, done: &[Done]) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        for (kind, removed) in done {
            tx.swept(kind, now, i64::try_from(*removed).unwrap_or(i64::MAX)).await?;
        }
        tx.commit().await.map_err(crate::Error::from)
    }
}

/// Recovers once, then gives expired uploads up, and removes rows that are over, every ten minutes for as long as the task lives;
/// accounts that nobody confirmed go when their time is over.
pub async fn run_sweeper(app: Arc<App>) {
    match app.uploads_recover().await {
        Ok(swept) if swept == Swept::default() => {}
        Ok(swept) => tracing::info!(
            expired = swept.expired,
            finished = swept.finished,
            orphans = swept.orphans,
            "tidied up uploads"
        ),
        Err(error) => tracing::warn!(%error, "uploads could not be tidied up"),
    }
    let mut round_end = next_round(&app);
    let mut noted = None;
    loop {
        let day = noted;
        noted = app.note_audit_head(noted).await;
        if day != noted {
            app.tidy_files().await;
        }
        if day.is_some() && day != noted {
            match app.remove_orphans().await {
                Ok(0) => {}
                Ok(orphans) => tracing::info!(orphans, "removed files that belong to nothing"),
                Err(error) => tracing::warn!(%error, "files that belong to nothing could not be looked for"),
            }
        }
        // An account that nobody confirms goes on time, not with the next round.
        let early = app.store.unconfirmed_next_expiry().await.ok().flatten();
        let soon = app.now().plus_seconds(1);
        let next = early.map_or(round_end, |at| at.max(soon).min(round_end));
        tokio::select! {
            biased;
            () = app.clock.sleep_until(next) => {}
            () = app.sweep_nudge.notified() => continue,
        }
        if app.now() < round_end {
            if let Err(error) = app.purge_unconfirmed().await {
                tracing::warn!(%error, "accounts that nobody confirmed could not be removed");
            }
            continue;
        }
        round_end = next_round(&app);
        let done = round(&app).await;
        if let Err(error) = app.note_round(&done).await {
            tracing::warn!(%error, "that the sweeper was at work could not be noted");
        }
    }
}

/// What one kind of thing came to: its word, and how much went.
type Done = (&'static str, u64);

/// Everything that has had its days, kind by kind. What could not be looked at is left away, and looked at in the next round.
async fn round(app: &App) -> Vec<Done> {
    let mut done: Vec<Done> = Vec::new();
    match app.uploads_finish().await {
        Ok(0) => {}
        Ok(finished) => tracing::info!(finished, "made up for the last step of uploads"),
        Err(error) => tracing::warn!(%error, "uploads that lack their last step could not be looked for"),
    }
    match app.uploads_expire().await {
        Ok(expired) => done.push(("uploads", expired)),
        Err(error) => tracing::warn!(%error, "expired uploads could not be removed"),
    }
    match app.purge_expired().await {
        Ok(purged) => done.extend([
            ("sessions", purged.sessions),
            ("sign_ins", purged.sign_ins),
            ("webhooks", purged.webhooks),
            ("receipts", purged.erasures.saturating_add(purged.deletions)),
            ("holds", purged.holds),
            ("unconfirmed", purged.unconfirmed),
            ("audit", purged.audit),
            ("operators", purged.operators),
        ]),
        Err(error) => tracing::warn!(%error, "rows that are over could not be removed"),
    }
    if let Err(error) = app.rewrite_in_quiet().await {
        tracing::warn!(%error, "tables from which rows were erased could not be written anew");
    }
    match app.purge_notices().await {
        Ok(gone) => done.push(("notices", gone)),
        Err(error) => tracing::warn!(%error, "lines that are over could not be removed"),
    }
    match app.purge_push().await {
        Ok(gone) => done.push(("push", gone)),
        Err(error) => tracing::warn!(%error, "messages to browsers that are over could not be removed"),
    }
    match app.purge_report_links().await {
        Ok(gone) => done.push(("report_links", gone)),
        Err(error) => tracing::warn!(%error, "links to reports that are over could not be removed"),
    }
    match app.tell_of_documents().await {
        Ok(0) => {}
        Ok(told) => tracing::info!(told, "told people of a changed policy or changed terms"),
        Err(error) => tracing::warn!(%error, "people could not be told of changed documents"),
    }
    match app.tend_inactive().await {
        Ok(tended) => {
            done.push(("inactive", tended.leaving));
            if tended != Tended::default() {
                let Tended { warned, returned, leaving } = tended;
                tracing::info!(warned, returned, leaving, "looked after people who stayed away");
            }
        }
        Err(error) => tracing::warn!(%error, "people who stayed away could not be looked for"),
    }
    if let Err(error) = app.remind_of_requests().await {
        tracing::warn!(%error, "people's requests could not be looked for");
    }
    match app.sweep_exports().await {
        Ok(gone) => done.push(("exports", gone)),
        Err(error) => tracing::warn!(%error, "exports that are over could not be removed"),
    }
    match app.purge_served().await {
        Ok(served) => {
            done.extend([("files", served.files), ("attempts", served.attempts)]);
            if served != Served::default() {
                tracing::info!(files = served.files, attempts = served.attempts, "kept long enough and deleted");
            }
        }
        Err(error) => tracing::warn!(%error, "what was kept long enough could not be deleted"),
    }
    done
}

fn next_round(app: &App) -> UnixMillis {
    app.now().plus_seconds(i64::try_from(ROUND.as_secs()).unwrap_or(600))
}
