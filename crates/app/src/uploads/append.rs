//! Bytes of an upload as they arrive: written, hashed, made durable, remembered. Memory use does not depend on the size.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use store::blobs::Appender;
use store::upload::{Assembly, Upload, UploadState};
use tokio::io::AsyncReadExt as _;

use domain::id::{MediaId, UploadId};
use domain::time::UnixMillis;

use super::checksum::{Checksum, Seen};
use super::desk::{Claim, RunningHash};
use super::{LOCKED, WRONG_OFFSET, blob_key, upload_storage};
use crate::{Actor, App, Error, Result};

/// A sender that is silent for this long is gone.
const STALLED_AFTER: Duration = Duration::from_secs(60);

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Which upload.
    pub id: UploadId,
    /// Name to show.
    pub file_name: String,
    /// Bytes that survive a power cut; the sender goes on from here.
    pub offset_bytes: u64,
    /// Declared size, bytes.
    pub length_bytes: u64,
    /// When it is given up.
    pub expires_at: UnixMillis,
    /// The file it became.
    pub media_id: Option<MediaId>,
    /// How it has to do with other uploads.
    pub assembly: Assembly,
}

impl Progress {
    pub(super) fn of(upload: &Upload) -> Self {
        Self {
            id: upload.id,
            file_name: upload.file_name.clone(),
            offset_bytes: upload.offset_bytes,
            length_bytes: upload.length_bytes,
            expires_at: upload.expires_at,
            media_id: upload.media_id,
            assembly: upload.assembly.clone(),
        }
    }
}

/// Why no more bytes are taken.
enum End {
    /// The sender ended, broke off or fell silent, or somebody took over.
    Over,
    /// More bytes than were declared.
    TooLong,
    /// The disk is down to its reserve.
    NoRoom,
}

impl App {
    /// Appends a request's bytes at `offset` and finishes the upload with the last one. What arrived is kept even when the
    /// sender breaks off, and also when the caller stops waiting: the work goes on in a task of its own.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `upload-locked`, `upload-offset`, or `upload-final` for a sum of parts;
    /// [`Error::BadInput`] `upload-too-long` for more bytes than declared; [`Error::DiskReserve`]. In each case the bytes before it are
    /// kept.
    pub async fn upload_append<S, E>(
        self: &Arc<Self>,
        actor: &Actor,
        id: UploadId,
        offset: u64,
        body: S,
    ) -> Result<Progress>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin + 'static,
        E: std::fmt::Display + Send,
    {
        self.upload_append_checked(actor, id, offset, body, None).await
    }

    /// As [`App::upload_append`]; with a checksum, the request's bytes are kept all together or, when they are others, not at all.
    ///
    /// # Errors
    /// As [`App::upload_append`], and [`Error::BadInput`] `upload-checksum`.
    pub async fn upload_append_checked<S, E>(
        self: &Arc<Self>,
        actor: &Actor,
        id: UploadId,
        offset: u64,
        body: S,
        checksum: Option<Checksum>,
    ) -> Result<Progress>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin + 'static,
        E: std::fmt::Display + Send,
    {
        match self.upload_row(actor, id).await?.assembly {
            Assembly::Whole | Assembly::Part => {}
            Assembly::Final(_) => return Err(Error::Conflict { code: "upload-final" }),
        }
        let claim = self.uploads.claim(id, self.clock.monotonic()).ok_or(LOCKED)?;
        let (app, actor) = (Arc::clone(self), actor.clone());
        let work = tokio::spawn(async move { app.append(&actor, &claim, id, offset, body, checksum).await });
        work.await.map_err(|error| Error::Io(std::io::Error::other(error)))?
    }

    async fn append<S, E>(
        &self,
        actor: &Actor,
        claim: &Claim,
        id: UploadId,
        offset: u64,
        body: S,
        checksum: Option<Checksum>,
    ) -> Result<Progress>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        // Read again under the claim: until now somebody else may have moved it.
        let mut upload = self.upload_row(actor, id).await?;
        if offset != upload.offset_bytes {
            return Err(WRONG_OFFSET);
        }
        match upload.state {
            UploadState::Complete => return Ok(Progress::of(&upload)),
            UploadState::Open => {}
        }
        let hash = match self.uploads.hash_at(id, offset) {
            Some(hash) => hash,
            None => self.hash_again(id, offset).await?,
        };
        let is_checked = checksum.is_some();
        let locked = self.blobs.lock_partial(&blob_key(id)).await.map_err(upload_storage)?;
        // And once more: the claim is this process's, another one may have appended until the file was locked.
        if self.upload_row(actor, id).await?.offset_bytes != offset {
            return Err(WRONG_OFFSET);
        }
        let mut appender = locked.append_from(offset, Seen::new(hash, checksum)).await.map_err(upload_storage)?;
        let end = self.take_bytes(claim, &mut upload, &mut appender, is_checked, body).await?;
        let (durable, seen, lock) = appender.finish().await.map_err(upload_storage)?;
        match (seen.kept(), &end) {
            (Some(hash), _) => {
                self.remember(&mut upload, durable).await?;
                self.uploads.keep_hash(id, hash);
            }
            // Not remembered, so the next one who appends cuts them off.
            (None, End::Over) => return Err(Error::BadInput { code: "upload-checksum" }),
            (None, End::TooLong | End::NoRoom) => {}
        }
        drop(lock);
        if upload.offset_bytes == upload.length_bytes && upload.assembly != Assembly::Part {
            return self.finish_upload(&upload, claim).await;
        }
        match end {
            End::Over => Ok(Progress::of(&upload)),
            End::TooLong => Err(Error::BadInput { code: "upload-too-long" }),
            End::NoRoom => Err(Error::DiskReserve),
        }
    }

    /// Takes bytes until something ends it. Where the whole request has to be checked, none is called durable on the way.
    async fn take_bytes<S, E>(
        &self,
        claim: &Claim,
        upload: &mut Upload,
        appender: &mut Appender<Seen>,
        is_checked: bool,
        mut body: S,
    ) -> Result<End>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        loop {
            let next = tokio::select! {
                () = claim.ended() => return Ok(End::Over),
                next = tokio::time::timeout(STALLED_AFTER, body.next()) => next,
            };
            let mut chunk = match next {
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => {
                    tracing::debug!(upload = %upload.id, %error, "the sender broke off");
                    return Ok(End::Over);
                }
                Ok(None) | Err(_) => return Ok(End::Over),
            };
            claim.heard(self.clock.monotonic());
            let room = upload.length_bytes.saturating_sub(appender.offset());
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let is_too_long = chunk.len() > room;
            chunk.truncate(room);
            if let Some(durable) = appender.write(chunk).await.map_err(upload_storage)? {
                if !is_checked {
                    self.remember(upload, durable).await?;
                }
                if self.check_disk(0).await.is_err() {
                    return Ok(End::NoRoom);
                }
            }
            if is_too_long {
                return Ok(End::TooLong);
            }
        }
    }

    /// Writes down that bytes are durable. Only after this may anybody be told so.
    pub(super) async fn remember(&self, upload: &mut Upload, durable: u64) -> Result<()> {
        if durable == upload.offset_bytes {
            return Ok(());
        }
        let now = self.now();
        let expires_at = self.upload_expiry(now);
        let mut tx = self.store.begin().await?;
        let known = tx.upload_advance(upload.id, durable, now, expires_at).await?;
        if !known {
            return Err(Error::NotFound { what: "upload" });
        }
        tx.commit().await?;
        upload.offset_bytes = durable;
        upload.updated_at = now;
        upload.expires_at = expires_at;
        Ok(())
    }

    /// The hash of the first `offset` bytes, from disk: after a restart nothing else knows it.
    pub(super) async fn hash_again(&self, id: UploadId, offset: u64) -> Result<RunningHash> {
        let file = match self.blobs.open_partial(&blob_key(id)).await {
            Ok(file) => file,
            // Finished, but the library does not know it yet.
            Err(store::blobs::BlobError::Missing(_)) => {
                self.blobs.read_at(&blob_key(id), 0).await.map_err(upload_storage)?
            }
            Err(error) => return Err(upload_storage(error)),
        };
        let mut file = file.take(offset);
        let mut hash = RunningHash::new();
        let mut block = vec![0; 256 * 1024];
        loop {
            let read = file.read(&mut block).await?;
            match block.get(..read) {
                Some([]) | None => break,
                Some(bytes) => hash.update(bytes),
            }
        }
        if hash.offset != offset {
            return Err(Error::NotFound { what: "upload" });
        }
        Ok(hash)
    }
}
