//! A stored file as a file of this machine, for as long as somebody reads it. Owns that a fetched copy goes away again.

use std::fs::OpenOptions;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::bucket::reading::ObjectReader;
use super::disk::blocking;
use super::{BlobError, BlobKey, Result};

/// Bytes that are written together.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file to read. Where it had to be fetched, its folder is removed when this is dropped; what a crash leaves is in the folder of a job
/// like any other.
#[derive(Debug)]
pub struct LocalCopy {
    path: PathBuf,
    folder: Option<PathBuf>,
}

impl LocalCopy {
    pub(super) const fn in_place(path: PathBuf) -> Self {
        Self { path, folder: None }
    }

    pub(super) async fn fetch(mut from: ObjectReader, folder: &Path, key: &BlobKey) -> Result<Self> {
        let copy = Self { path: folder.join(key.as_str()), folder: Some(folder.to_path_buf()) };
        let path = copy.path.clone();
        let what = "fetch a stored file";
        let folder = folder.to_path_buf();
        let file = blocking(move || {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(BlobError::io(what))?;
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&path)
                .map_err(BlobError::io(what))
        })
        .await?;
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, tokio::fs::File::from_std(file));
        let length = from.length();
        let copied = tokio::io::copy(&mut from, &mut file).await.map_err(BlobError::io(what))?;
        file.flush().await.map_err(BlobError::io(what))?;
        if copied == length {
            Ok(copy)
        } else {
            Err(BlobError::Shorter { key: key.clone(), length: copied, offset: length })
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LocalCopy {
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        let remove = move || {
            if let Err(error) = std::fs::remove_dir_all(&folder)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "a fetched file could not be removed");
            }
        };
        // Removing gigabytes takes a moment, and this may be on the runtime.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
