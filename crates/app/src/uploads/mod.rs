//! Resumable uploads. Owns who may upload how much, and that what arrived is kept; the wire protocol is web's business.
//!
//! An upload row remembers how many bytes are durable; whatever a crash left behind that offset is cut off and sent again.

mod append;
mod checksum;
mod desk;
mod finish;
mod orphans;
mod parts;
mod sweep;
mod whole;

pub use append::Progress;
pub use checksum::Checksum;
pub use desk::UploadDesk;
pub(crate) use orphans::STAYS_AT_STORAGE_S;
pub use store::upload::Assembly;
pub use sweep::{Swept, run_sweeper};

use std::sync::Arc;
use std::time::Duration;

use store::blobs::{BlobError, BlobKey};
use store::upload::{Upload, UploadState};

use domain::id::UploadId;
use domain::media::VIDEO_MAX_BYTES;
use domain::time::UnixMillis;

use crate::media::storage;
use crate::{Actor, App, Error, Result};

/// Longest file name that is kept, characters.
const NAME_MAX_CHARS: usize = 200;

/// How long whoever asks for an upload waits for its last step.
const FINISH_PATIENCE: Duration = Duration::from_secs(2);

/// Smallest default reserve of the disk, bytes.
const RESERVE_MIN_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The blob that an upload grows in, and that its file stays in.
pub(crate) fn blob_key(upload: UploadId) -> BlobKey {
    BlobKey::of(upload.uuid())
}

/// A name to show: the last part of whatever path a browser sent, without control characters.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|c| !c.is_control()).take(NAME_MAX_CHARS).collect();
    let clean = clean.trim();
    if clean.is_empty() { "video".to_owned() } else { clean.to_owned() }
}

impl App {
    /// Starts an upload of `length_bytes`. The name is for showing only.
    ///
    /// # Errors
    /// [`Error::BadInput`] `upload-empty`; [`Error::Limit`] `upload-too-large`, `upload-too-many` or `upload-quota`;
    /// [`Error::DiskReserve`] when the disk would get too full.
    pub async fn upload_create(&self, actor: &Actor, file_name: &str, length_bytes: u64) -> Result<Upload> {
        self.upload_begin(actor, file_name, length_bytes, Assembly::Whole).await
    }

    /// As [`App::upload_create`], for a part of a file; [`App::upload_join`] makes one of all of them.
    ///
    /// # Errors
    /// As [`App::upload_create`].
    pub async fn upload_create_part(&self, actor: &Actor, file_name: &str, length_bytes: u64) -> Result<Upload> {
        self.upload_begin(actor, file_name, length_bytes, Assembly::Part).await
    }

    async fn upload_begin(
        &self,
        actor: &Actor,
        file_name: &str,
        length_bytes: u64,
        assembly: Assembly,
    ) -> Result<Upload> {
        if length_bytes == 0 {
            return Err(Error::BadInput { code: "upload-empty" });
        }
        if length_bytes > VIDEO_MAX_BYTES {
            return Err(Error::Limit { code: "upload-too-large" });
        }
        self.check_disk(length_bytes).await?;
        let upload = self.upload_row_for(actor, file_name, length_bytes, assembly);
        // The blob first: a row without its blob could never be continued, a blob without its row is swept away.
        self.blobs.create_partial(&blob_key(upload.id)).await.map_err(storage)?;
        let inserted = self.upload_insert(&upload).await;
        if inserted.is_err() {
            self.remove_blobs(&blob_key(upload.id)).await?;
        }
        inserted.map(|()| upload)
    }

    /// The row of an upload of which nothing has arrived.
    fn upload_row_for(&self, actor: &Actor, file_name: &str, length_bytes: u64, assembly: Assembly) -> Upload {
        let now = self.now();
        Upload {
            id: UploadId::from_uuid(self.random.uuid(now)),
            workspace_id: actor.workspace_id,
            user_id: actor.user_id,
            file_name: shown_name(file_name),
            length_bytes,
            offset_bytes: 0,
            state: UploadState::Open,
            media_id: None,
            created_at: now,
            updated_at: now,
            expires_at: self.upload_expiry(now),
            assembly,
        }
    }

    async fn upload_insert(&self, upload: &Upload) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.workspace_hold(upload.workspace_id).await?;
        let open = tx.uploads_open_totals(upload.workspace_id).await?;
        // A sum of parts takes their place.
        let (more, more_bytes) = match upload.assembly {
            Assembly::Whole | Assembly::Part => (1, upload.length_bytes),
            Assembly::Final(_) => (0, 0),
        };
        if open.count.saturating_add(more) > u64::from(self.settings.open_uploads_max) {
            return Err(Error::Limit { code: "upload-too-many" });
        }
        let used = tx.media_bytes(upload.workspace_id).await?;
        let wanted = used.saturating_add(open.length_bytes).saturating_add(more_bytes);
        if wanted > self.settings.media_quota_bytes {
            return Err(Error::Limit { code: "upload-quota" });
        }
        tx.upload_insert(upload).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How far an upload is. A sender that fell silent is ended first, so that its last bytes count and the upload can go on. One that only
    /// lacks its last step gets it, in a task of its own: where that takes longer than two seconds the answer has no file yet, and
    /// whoever asks again hears of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such upload of theirs.
    pub async fn upload_progress(self: &Arc<Self>, actor: &Actor, id: UploadId) -> Result<Progress> {
        self.progress_within(actor, id, Some(FINISH_PATIENCE)).await
    }

    /// As [`App::upload_progress`]; without `patience` it waits as long as the last step takes.
    pub(super) async fn progress_within(
        self: &Arc<Self>,
        actor: &Actor,
        id: UploadId,
        patience: Option<Duration>,
    ) -> Result<Progress> {
        let upload = self.upload_row(actor, id).await?;
        self.uploads.end_if_silent(id, self.clock.monotonic()).await;
        let upload = match upload.state {
            UploadState::Open => self.upload_row(actor, id).await?,
            UploadState::Complete => upload,
        };
        let is_full = upload.state == UploadState::Open
            && upload.offset_bytes == upload.length_bytes
            && upload.assembly != Assembly::Part;
        if is_full && let Some(claim) = self.uploads.claim(id, self.clock.monotonic()) {
            claim.finishing();
            // A crash came between the last byte and the library: this is the step that is missing. It goes on when nobody waits.
            let (app, full) = (Arc::clone(self), upload.clone());
            let last_step = tokio::spawn(async move {
                let done = app.finish_upload(&full, &claim).await;
                done.inspect_err(|error| tracing::warn!(upload = %full.id, %error, "an upload could not be finished"))
            });
            let done = match patience {
                None => last_step.await,
                Some(patience) => match tokio::time::timeout(patience, last_step).await {
                    Ok(done) => done,
                    Err(_) => return Ok(Progress::of(&upload)),
                },
            };
            return done.map_err(|error| Error::Io(std::io::Error::other(error)))?;
        }
        Ok(Progress::of(&upload))
    }

    /// Open uploads of the actor's workspace, newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn uploads_open(&self, actor: &Actor) -> Result<Vec<Upload>> {
        let limit = i64::from(self.settings.open_uploads_max);
        Ok(self.store.uploads_open(actor.workspace_id, limit).await?)
    }

    /// Gives an upload up and removes what arrived. A finished one keeps its file.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such upload of theirs, [`Error::Conflict`] `upload-locked` while bytes arrive.
    pub async fn upload_terminate(&self, actor: &Actor, id: UploadId) -> Result<()> {
        self.upload_row(actor, id).await?;
        self.uploads.end(id).await;
        let Some(_claim) = self.uploads.claim(id, self.clock.monotonic()) else {
            return Err(LOCKED);
        };
        let upload = self.upload_row(actor, id).await?;
        let mut tx = self.store.begin().await?;
        tx.upload_delete(actor.workspace_id, id).await?;
        tx.audit_append(self.now(), &actor.user_id.to_string(), "upload.delete", &id.to_string(), "").await?;
        tx.commit().await?;
        self.uploads.forget(id);
        match upload.state {
            UploadState::Open => drop(self.remove_blobs(&blob_key(id)).await?),
            UploadState::Complete => {}
        }
        self.upload_changed(&upload);
        Ok(())
    }

    pub(super) async fn upload_row(&self, actor: &Actor, id: UploadId) -> Result<Upload> {
        self.store.upload(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "upload" })
    }

    pub(super) fn upload_changed(&self, upload: &Upload) {
        self.live.publish(crate::live::LiveEvent {
            workspace_id: upload.workspace_id,
            what: crate::live::LiveChange::Upload { upload_id: upload.id },
        });
    }

    pub(super) fn upload_expiry(&self, now: UnixMillis) -> UnixMillis {
        now.plus_seconds(i64::from(self.settings.upload_expiry_hours) * 3600)
    }

    /// Refuses what would eat the reserve. The database lives on the same disk and must never find it full.
    pub(crate) async fn check_disk(&self, more_bytes: u64) -> Result<()> {
        let (free, reserve) = self.disk_room().await?;
        if free.saturating_sub(more_bytes) < reserve {
            return Err(Error::DiskReserve);
        }
        Ok(())
    }

    /// Free bytes where the files lie, and how many of them have to stay free.
    pub(crate) async fn disk_room(&self) -> Result<(u64, u64)> {
        let space = self.blobs.free_bytes().await.map_err(storage)?;
        let reserve = self.settings.disk_reserve_bytes.unwrap_or_else(|| RESERVE_MIN_BYTES.max(space.total_bytes / 20));
        Ok((space.free_bytes, reserve))
    }
}

/// Bytes of this upload are arriving elsewhere.
pub(crate) const LOCKED: Error = Error::Conflict { code: "upload-locked" };

/// The sender stands at another byte than we do.
pub(crate) const WRONG_OFFSET: Error = Error::Conflict { code: "upload-offset" };

/// What a failure of the blob means for an upload: lost bytes make it unknown, so that the sender starts anew.
pub(super) fn upload_storage(error: BlobError) -> Error {
    match error {
        BlobError::Missing(_) | BlobError::Shorter { .. } => Error::NotFound { what: "upload" },
        BlobError::Busy(_) => LOCKED,
        BlobError::Full
        | BlobError::Io { .. }
        | BlobError::Bucket { .. }
        | BlobError::Exists(_)
        | BlobError::TooLong { .. }
        | BlobError::Key => storage(error),
    }
}
