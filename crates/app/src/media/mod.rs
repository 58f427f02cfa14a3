//! Files people uploaded: measured, judged, shown, deleted. Owns their use cases; how bytes arrive is in `uploads`.

pub mod binding;
pub mod deeper;
pub mod ffmpeg;
pub mod fit;
pub mod library;
pub mod pictures;
pub mod probe;
pub mod tags;
pub mod tools;
pub mod verify;

use store::blobs::{BlobError, BlobKey, BlobKind, BlobReader, LocalCopy};
use store::{Media, StoreError, Tx};

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

/// What came of deleting several files.
#[derive(Debug)]
pub struct Deletion {
    /// The files that are gone, as they were.
    pub files: Vec<Media>,
    /// The files that stay because a post needs them.
    pub kept: Vec<Media>,
    /// Bytes of what is gone.
    pub bytes: u64,
    /// When the last of them was gone from the disk.
    pub at: UnixMillis,
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

    /// Deletes several files: those that no post needs and no hold keeps. What stays is named with its posts.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is not theirs or [`Error::Limit`] `too-many-files` for more than a page;
    /// [`Error::Conflict`] `media-held` when nothing may be deleted now.
    pub async fn media_delete_many(&self, actor: &Actor, ids: &[MediaId]) -> Result<Deletion> {
        let files = self.chosen_files(actor, ids).await?;
        let mut done = Deletion { files: Vec::new(), kept: Vec::new(), bytes: 0, at: self.now() };
        for file in files {
            match self.media_delete(actor, file.id).await {
                Ok(()) => {
                    done.bytes = done.bytes.saturating_add(file.size_bytes);
                    done.files.push(file);
                }
                Err(Error::Conflict { code: "media-in-use" }) => done.kept.push(file),
                // Another window was quicker.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        done.at = self.now();
        Ok(done)
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

    /// Deletes a file that no post needs, its bytes and its small pictures.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, [`Error::Conflict`] `media-in-use` while a post needs it, `media-held`
    /// while a legal hold on the person or one of their accounts keeps it.
    pub async fn media_delete(&self, actor: &Actor, id: MediaId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.media(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "media" })?;
        if self.is_held(&mut tx, actor).await? {
            return Err(Error::Conflict { code: "media-held" });
        }
        let deleted = tx.media_delete_unused(actor.workspace_id, id).await;
        let key = match deleted {
            Ok(Some(key)) => key,
            // A post that was written at the same moment stops the deletion by its foreign key.
            Ok(None) | Err(StoreError::Constraint(_)) => {
                return Err(Error::Conflict { code: "media-in-use" });
            }
            Err(error) => return Err(error.into()),
        };
        tx.audit_append(self.now(), &actor.user_id.to_string(), "media.delete", &id.to_string(), "").await?;
        tx.commit().await?;
        // The row is gone, so a crash here leaves an orphan that the next sweep finds.
        self.remove_blobs(&key).await.map(drop)
    }

    async fn is_held(&self, tx: &mut Tx, actor: &Actor) -> Result<bool> {
        let now = self.now();
        if tx.hold_active(&actor.user_id.to_string(), now).await?.is_some() {
            return Ok(true);
        }
        for connection in tx.connections(actor.workspace_id).await? {
            if tx.hold_active(&connection.id.to_string(), now).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
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
