//! A file that arrived as parts side by side: put together in the order that was asked for. Owns that repeating it, after a crash or
//! by a client that did not hear the answer, gives the same one file.

use std::sync::Arc;

use bytes::BytesMut;
use store::StoreError;
use store::blobs::BlobError;
use store::upload::{Assembly, Upload, UploadState};
use tokio::io::AsyncReadExt as _;

use domain::id::UploadId;
use domain::media::VIDEO_MAX_BYTES;

use super::desk::{Claim, RunningHash};
use super::{LOCKED, Progress, blob_key, upload_storage};
use crate::{Actor, App, Error, Result};

/// Parts of one file at most; fewer than a workspace may have open.
const PARTS_MAX: usize = 16;

/// Bytes read from a part at a time.
const READ_BYTES: usize = 256 * 1024;

impl App {
    /// Puts complete parts together to one file; the parts are gone afterwards. Goes on when the caller stops waiting.
    ///
    /// # Errors
    /// [`Error::BadInput`] `upload-parts` for none, too many or the same one twice; [`Error::NotFound`] for an unknown one;
    /// [`Error::Conflict`] `upload-part-unfinished`, or `upload-locked` while one is busy; and as [`App::upload_create`].
    pub async fn upload_join(self: &Arc<Self>, actor: &Actor, name: &str, parts: Vec<UploadId>) -> Result<Progress> {
        let distinct: std::collections::BTreeSet<_> = parts.iter().collect();
        if parts.is_empty() || parts.len() > PARTS_MAX || distinct.len() != parts.len() {
            return Err(Error::BadInput { code: "upload-parts" });
        }
        let assembly = Assembly::Final(parts);
        let mut tx = self.store.begin().await?;
        let begun = tx.upload_joined(actor.workspace_id, &assembly).await?;
        tx.rollback().await?;
        let upload = match begun {
            Some(upload) if upload.state == UploadState::Complete => return Ok(Progress::of(&upload)),
            Some(upload) => upload,
            None => self.begin_join(actor, name, assembly).await?,
        };
        let app = Arc::clone(self);
        let work = tokio::spawn(async move { app.join_parts(upload).await });
        work.await.map_err(|error| Error::Io(std::io::Error::other(error)))?
    }

    async fn begin_join(&self, actor: &Actor, name: &str, assembly: Assembly) -> Result<Upload> {
        let Assembly::Final(parts) = &assembly else { return Err(Error::BadInput { code: "upload-parts" }) };
        let mut length_bytes = 0_u64;
        for part in parts {
            let row = self.upload_row(actor, *part).await?;
            if row.assembly != Assembly::Part {
                return Err(Error::BadInput { code: "upload-parts" });
            }
            if row.offset_bytes != row.length_bytes {
                return Err(Error::Conflict { code: "upload-part-unfinished" });
            }
            length_bytes = length_bytes.saturating_add(row.length_bytes);
        }
        if length_bytes > VIDEO_MAX_BYTES {
            return Err(Error::Limit { code: "upload-too-large" });
        }
        self.check_disk(length_bytes).await?;
        let upload = self.upload_row_for(actor, name, length_bytes, assembly);
        match self.upload_insert(&upload).await {
            Ok(()) => Ok(upload),
            // Somebody else asked for the same sum at the same moment.
            Err(Error::Store(StoreError::Conflict(_))) => Err(LOCKED),
            Err(error) => Err(error),
        }
    }

    /// Puts the parts of an open sum together, from the beginning. A sum of which a part is given up is given up, too: it can never be
    /// whole. Parts that only lie in the folder of another node are that node's work.
    pub(super) async fn join_parts(&self, mut upload: Upload) -> Result<Progress> {
        let Assembly::Final(parts) = upload.assembly.clone() else {
            return Err(Error::BadInput { code: "upload-parts" });
        };
        let claim = self.uploads.claim(upload.id, self.clock.monotonic()).ok_or(LOCKED)?;
        // Another process may have come to its end since it was listed.
        if let Some(now) = self.store.upload(upload.workspace_id, upload.id).await? {
            upload = now;
        }
        if upload.state == UploadState::Complete {
            return Ok(Progress::of(&upload));
        }
        if upload.offset_bytes == upload.length_bytes {
            return self.finish_upload(&upload, &claim).await;
        }
        // Nobody may give a part up while it is read.
        let held: Option<Vec<Claim>> =
            parts.iter().map(|part| self.uploads.claim(*part, self.clock.monotonic())).collect();
        let _held = held.ok_or(LOCKED)?;
        for part in &parts {
            if self.store.upload(upload.workspace_id, *part).await?.is_none() {
                return self.give_sum_up(&upload).await;
            }
            // Before anything is written: the node that has the parts may be at work.
            self.blobs.partial_len(&blob_key(*part)).await.map_err(upload_storage)?;
        }
        self.copy_parts(&claim, &mut upload, &parts).await?;
        self.finish_upload(&upload, &claim).await
    }

    /// Removes a sum that can never be whole, unless it is by now: then its parts are gone because of that.
    async fn give_sum_up(&self, upload: &Upload) -> Result<Progress> {
        let mut tx = self.store.begin().await?;
        match tx.upload_joined(upload.workspace_id, &upload.assembly).await? {
            Some(done) if done.state == UploadState::Complete => return Ok(Progress::of(&done)),
            Some(_) | None => {}
        }
        tx.upload_delete(upload.workspace_id, upload.id).await?;
        tx.commit().await?;
        self.remove_blobs(&blob_key(upload.id)).await?;
        Err(Error::NotFound { what: "upload" })
    }

    async fn copy_parts(&self, claim: &Claim, upload: &mut Upload, parts: &[UploadId]) -> Result<()> {
        self.check_disk(upload.length_bytes).await?;
        let key = blob_key(upload.id);
        match self.blobs.create_partial(&key).await {
            Ok(()) | Err(BlobError::Exists(_)) => {}
            Err(error) => return Err(upload_storage(error)),
        }
        let locked = self.blobs.lock_partial(&key).await.map_err(upload_storage)?;
        // It begins anew, and says so before the bytes of the last try are cut off.
        upload.offset_bytes = upload.length_bytes;
        self.remember(upload, 0).await?;
        let mut appender = locked.append_from(0, RunningHash::new()).await.map_err(upload_storage)?;
        for part in parts {
            let mut file = self.blobs.open_partial(&blob_key(*part)).await.map_err(upload_storage)?;
            loop {
                let mut block = BytesMut::with_capacity(READ_BYTES);
                if file.read_buf(&mut block).await? == 0 {
                    break;
                }
                claim.heard(self.clock.monotonic());
                if let Some(durable) = appender.write(block.freeze()).await.map_err(upload_storage)? {
                    self.remember(upload, durable).await?;
                    self.check_disk(0).await?;
                }
            }
        }
        let (durable, hash, lock) = appender.finish().await.map_err(upload_storage)?;
        if durable != upload.length_bytes {
            return Err(Error::NotFound { what: "upload" });
        }
        self.remember(upload, durable).await?;
        drop(lock);
        self.uploads.keep_hash(upload.id, hash);
        Ok(())
    }
}
