//! A stored file as a file of this machine, for as long as somebody reads it. Owns that a fetched copy goes away again.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncWriteExt as _, BufWriter};
use uuid::Uuid;

use super::bucket::reading::ObjectReader;
use super::disk::blocking;
use super::{BlobError, BlobKey, Result};

/// Bytes that are written together.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file to read. Where it had to be fetched, its folder is removed when this is dropped. What a killed process leaves is known by its lock,
/// which is not held any more.
#[derive(Debug)]
pub struct LocalCopy {
    path: PathBuf,
    folder: Option<PathBuf>,
    lock: Option<File>,
}

impl LocalCopy {
    pub(super) const fn in_place(path: PathBuf) -> Self {
        Self { path, folder: None, lock: None }
    }

    pub(super) async fn fetch(mut from: ObjectReader, folder: &Path, key: &BlobKey) -> Result<Self> {
        let mut copy = Self { path: folder.join(key.as_str()), folder: Some(folder.to_path_buf()), lock: None };
        let path = copy.path.clone();
        let what = "fetch a stored file";
        let folder = folder.to_path_buf();
        let (file, lock) = blocking(move || {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(BlobError::io(what))?;
            let mut options = OpenOptions::new();
            let file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(BlobError::io(what))?;
            file.lock_shared().map_err(BlobError::io(what))?;
            let lock = file.try_clone().map_err(BlobError::io(what))?;
            Ok((file, lock))
        })
        .await?;
        copy.lock = Some(lock);
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

/// Removes fetched copies whose process is gone, also of other nodes that share the folder. Gives how many. Folders of jobs without such a copy
/// are left alone.
pub(super) async fn remove_left(workshops: PathBuf) -> Result<u64> {
    let what = "look for fetched copies";
    blocking(move || {
        let folders = match std::fs::read_dir(&workshops) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            folders => folders.map_err(BlobError::io(what))?,
        };
        let mut removed = 0;
        for folder in folders {
            let folder = folder.map_err(BlobError::io(what))?.path();
            // Others may be removing it in this moment.
            let Ok(files) = std::fs::read_dir(&folder) else { continue };
            let is_left = files.flatten().any(|file| {
                let is_copy = file.file_name().to_str().is_some_and(|name| Uuid::try_parse(name).is_ok());
                let is_plain = file.file_type().is_ok_and(|kind| kind.is_file());
                is_copy && is_plain && File::open(file.path()).is_ok_and(|file| file.try_lock().is_ok())
            });
            if is_left {
                match std::fs::remove_dir_all(&folder) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(BlobError::io("remove a fetched copy")(error));
                    }
                    Ok(()) | Err(_) => removed += 1,
                }
            }
        }
        Ok(removed)
    })
    .await
}
