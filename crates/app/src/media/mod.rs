//! Files people uploaded: measured, judged, shown, deleted. Owns their use cases; how bytes arrive is in `uploads`.

pub mod binding;
pub mod deeper;
mod deletion;
pub mod ffmpeg;
pub mod fit;
pub mod library;
pub mod pictures;
pub mod probe;
pub mod tags;
pub mod tools;
pub mod verify;

use store::Media;
use store::blobs::{BlobError, BlobKey, BlobKind, BlobReader, LocalCopy};

use domain::id::{MediaId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;

use crate::{Actor, App, Error, Result};

/// A stored file, opened for a person.
#[derive(Debug)]
pub struct MediaBytes {
    /// What it is.
    pub media: Media,
    /// The bytes, standing at the offset asked for.
    pub file: BlobReader,
    /// Length of the whole file, bytes.
    pub length_bytes: u64,
}

/// What a failure of the file storage means for a use case.
pub(crate) fn storage(error: BlobError) -> Error {
    match error {
        BlobError::Full => Error::DiskReserve,
        BlobError::Io { what, source } => Error::Io(std::io::Error::new(source.kind(), format!("{what}: {source}"))),
        BlobError::Missing(_) => Error::Io(std::io::Error::new(std::io::ErrorKind::NotFound, error.to_string())),
        BlobError::Bucket { .. }
        | BlobError::Exists(_)
        | BlobError::Busy(_)
        | BlobError::Shorter { .. }
        | BlobError::TooLong { .. }
        | BlobError::Key => Error::Io(std::io::Error::other(error.to_string())),
    }
}

impl App {
    /// The programs that decode people's files; `None` when there are none here or they may not be started.
    #[must_use]
    pub fn media_tools(&self) -> Option<tools::Tools> {
        let ffmpeg = self.settings.ffmpeg.clone()?;
        tools::Tools::new(ffmpeg, self.settings.isolation.clone()).ok()
    }

    /// One file of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn media(&self, actor: &Actor, id: MediaId) -> Result<Media> {
        self.store.media(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "media" })
    }

    /// The same, and its file is still here.
    ///
    /// # Errors
    /// As [`App::media`], and [`Error::Conflict`] when the file was deleted long after its posts went out.
    pub async fn media_with_file(&self, actor: &Actor, id: MediaId) -> Result<Media> {
        let media = self.media(actor, id).await?;
        if media.file_gone_at.is_some() { Err(Error::Conflict { code: "media-file-gone" }) } else { Ok(media) }
    }

    /// A page of the library, newest first, from after `before` on; at most 200 files.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn media_list(
        &self,
        actor: &Actor,
        before: Option<(UnixMillis, MediaId)>,
        limit: i64,
    ) -> Result<Vec<Media>> {
        Ok(self.store.media_list(actor.workspace_id, before, limit).await?)
    }

    /// Bytes of the actor's workspace that count against its quota, finished files only, and the quota.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn media_room(&self, actor: &Actor) -> Result<(u64, u64)> {
        let used = self.store.media_bytes(actor.workspace_id).await?;
        Ok((used, self.settings.media_quota_bytes))
    }

    /// Files chosen together, in the order in which they were chosen; at most a page of the library.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is not theirs, [`Error::Limit`] `too-many-files`.
    pub async fn chosen_files(&self, actor: &Actor, ids: &[MediaId]) -> Result<Vec<Media>> {
        if ids.len() > library::SHOWN {
            return Err(Error::Limit { code: "too-many-files" });
        }
        let found = self.store.media_many(actor.workspace_id, ids).await?;
        let mut files: Vec<Media> = Vec::new();
        for id in ids {
            let file = found.iter().find(|media| media.id == *id).ok_or(Error::NotFound { what: "media" })?;
            if !files.iter().any(|known| known.id == *id) {
                files.push(file.clone());
            }
        }
        Ok(files)
    }

    /// The posts that use a file.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs.
    pub async fn media_usage(&self, actor: &Actor, id: MediaId) -> Result<Vec<(PostId, PostState)>> {
        self.media(actor, id).await?;
        Ok(self.store.media_usage(id).await?)
    }

    /// Opens a file's bytes at `offset`, to be served as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs, [`Error::BadInput`] for an offset behind its end.
    pub async fn media_bytes(&self, actor: &Actor, id: MediaId, offset: u64) -> Result<MediaBytes> {
        let media = self.media_with_file(actor, id).await?;
        if offset > media.size_bytes {
            return Err(Error::BadInput { code: "range-not-satisfiable" });
        }
        let file = self.blobs.read_at(&media.blob_key, offset).await.map_err(storage)?;
        Ok(MediaBytes { length_bytes: media.size_bytes, media, file })
    }

    /// A file for programs that read files. Where it lies at a storage it is fetched, if the disk has room for it.
    pub(crate) async fn local_file(&self, media: &Media) -> Result<LocalCopy> {
        if self.blobs.bucket_name().is_some() {
            self.check_disk(media.size_bytes).await?;
        }
        let job = self.random.uuid(self.now());
        self.blobs.local(&media.blob_key, job).await.map_err(storage)
    }

    /// Removes a file's bytes and small pictures; what is gone already is fine.
    pub(crate) async fn remove_blobs(&self, key: &BlobKey) -> Result<u64> {
        let mut gone = 0_u64;
        for picture in pictures::keys(key) {
            gone += u64::from(self.blobs.delete(BlobKind::Small, &picture).await.map_err(storage)?);
        }
        for kind in [BlobKind::Whole, BlobKind::Partial] {
            gone += u64::from(self.blobs.delete(kind, key).await.map_err(storage)?);
        }
        Ok(gone)
    }
}
