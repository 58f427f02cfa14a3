//! Blobs as files of one folder with three parts. Owns paths, modes and the order of syncs; everything blocking runs off the runtime.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::io::AsyncSeekExt as _;

use super::{BlobError, BlobKey, BlobKind, Result, Space, Stored};

/// Suffix of a small blob that is being written; `.` is in no key, so it never shows up as one.
const UNFINISHED: &str = ".new";

/// Folder of the notes on files that are on their way to a storage.
const MOVES: &str = "moves";
/// Longest note, bytes; names of half-sent files have some hundred.
const NOTE_MAX_BYTES: u64 = 8 * 1024;
/// Stored files that were listed and not yet taken.
const LISTED_AHEAD: usize = 256;

#[derive(Debug, Clone)]
pub(super) struct Disk {
    folder: Arc<Path>,
}

#[cfg(feature = "simulation")]
impl Disk {
    /// A folder that does not exist: everything that asks for it is told so.
    pub(super) fn nowhere() -> Self {
        Self { folder: Arc::from(Path::new("/nonexistent")) }
    }
}

const fn part(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Partial => "partial",
        BlobKind::Whole => "whole",
        BlobKind::Small => "small",
    }
}

/// Runs blocking file work on the runtime's blocking threads.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) => Err(BlobError::io("finish file work")(std::io::Error::other(join))),
    }
}

fn missing(key: &BlobKey, what: &'static str) -> impl FnOnce(std::io::Error) -> BlobError {
    let key = key.clone();
    move |error| {
        if error.kind() == ErrorKind::NotFound { BlobError::Missing(key) } else { BlobError::io(what)(error) }
    }
}

/// Makes names in a folder durable: without it a power cut may take a file that was itself saved.
fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BlobError::io("save a folder of stored files"))
}

/// Waits up to a second for whoever writes this file: a request that was dropped may have a last write under way.
fn lock(file: &File, key: &BlobKey) -> Result<()> {
    for _ in 0..50 {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(error)) => return Err(BlobError::io("lock a stored file")(error)),
        }
    }
    Err(BlobError::Busy(key.clone()))
}

/// Cuts a file to `length` bytes, which have to be there.
fn cut(file: &File, key: BlobKey, length: u64) -> Result<()> {
    let found = file.metadata().map_err(BlobError::io("measure a stored file"))?.len();
    if found < length {
        return Err(BlobError::Shorter { key, length: found, offset: length });
    }
    if found > length {
        file.set_len(length).map_err(BlobError::io("cut a stored file"))?;
    }
    Ok(())
}

impl Disk {
    pub(super) async fn open(folder: PathBuf) -> Result<Self> {
        blocking(move || {
            let make = |path: &Path| {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                // An existing folder may have been made with other rights.
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            };
            make(&folder).map_err(BlobError::io("make the folder of stored files"))?;
            for kind in [BlobKind::Partial, BlobKind::Whole, BlobKind::Small] {
                make(&folder.join(part(kind))).map_err(BlobError::io("make a folder of stored files"))?;
            }
            make(&folder.join(MOVES)).map_err(BlobError::io("make a folder of stored files"))?;
            sync_folder(&folder)?;
            Ok(Self { folder: folder.into() })
        })
        .await
    }

    fn folder(&self, kind: BlobKind) -> PathBuf {
        self.folder.join(part(kind))
    }

    pub(super) fn workshops(&self) -> PathBuf {
        self.folder.join("workshops")
    }

    /// What is said about files on their way to a storage.
    fn note(&self, key: &BlobKey) -> PathBuf {
        self.folder.join(MOVES).join(key.as_str())
    }

    pub(super) fn path(&self, kind: BlobKind, key: &BlobKey) -> PathBuf {
        self.folder(kind).join(key.as_str())
    }

    pub(super) async fn create_partial(&self, key: &BlobKey) -> Result<()> {
        let (path, folder, key) = (self.path(BlobKind::Partial, key), self.folder(BlobKind::Partial), key.clone());
        blocking(move || match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => sync_folder(&folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(BlobError::Exists(key)),
            Err(error) => Err(BlobError::io("make a stored file")(error)),
        })
        .await
    }

    /// Opens a partial blob and locks it. Whoever had the lock before may have finished it: then what was opened is not partial any more.
    pub(super) async fn lock_partial(&self, key: &BlobKey) -> Result<File> {
        let (path, key) = (self.path(BlobKind::Partial, key), key.clone());
        blocking(move || {
            let file = OpenOptions::new().write(true).open(&path).map_err(missing(&key, "open a stored file"))?;
            lock(&file, &key)?;
            let opened = file.metadata().map_err(BlobError::io("measure a stored file"))?;
            let named = std::fs::metadata(&path).map_err(missing(&key, "measure a stored file"))?;
            if (opened.dev(), opened.ino()) == (named.dev(), named.ino()) {
                Ok(file)
            } else {
                Err(BlobError::Missing(key))
            }
        })
        .await
    }

    /// Cuts a locked partial blob to `offset` bytes and goes there.
    pub(super) async fn cut_to(&self, mut file: File, key: &BlobKey, offset: u64) -> Result<File> {
        let key = key.clone();
        blocking(move || {
            cut(&file, key, offset)?;
            file.seek(SeekFrom::Start(offset)).map_err(BlobError::io("seek in a stored file"))?;
            Ok(file)
        })
        .await
    }

    pub(super) async fn finish(&self, key: &BlobKey, length: u64) -> Result<()> {
        let (from, to) = (self.path(BlobKind::Partial, key), self.path(BlobKind::Whole, key));
        let (from_folder, to_folder) = (self.folder(BlobKind::Partial), self.folder(BlobKind::Whole));
        let key = key.clone();
        blocking(move || {
            match OpenOptions::new().write(true).open(&from) {
                Ok(file) => {
                    lock(&file, &key)?;
                    cut(&file, key, length)?;
                    file.sync_all().map_err(BlobError::io("save a stored file"))?;
                    std::fs::rename(&from, &to).map_err(BlobError::io("finish a stored file"))?;
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // Finished before, perhaps just before a crash: what is there is complete.
                    let found = std::fs::metadata(&to).map_err(missing(&key, "measure a stored file"))?.len();
                    if found < length {
                        return Err(BlobError::Shorter { key, length: found, offset: length });
                    }
                }
                Err(error) => return Err(BlobError::io("open a stored file")(error)),
            }
            sync_folder(&to_folder)?;
            sync_folder(&from_folder)
        })
        .await
    }

    pub(super) async fn open_at(&self, kind: BlobKind, key: &BlobKey, offset: u64) -> Result<tokio::fs::File> {
        let mut file = tokio::fs::File::open(self.path(kind, key)).await.map_err(missing(key, "open a stored file"))?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).await.map_err(BlobError::io("seek in a stored file"))?;
        }
        Ok(file)
    }

    pub(super) async fn len(&self, kind: BlobKind, key: &BlobKey) -> Result<u64> {
        let facts = tokio::fs::metadata(self.path(kind, key)).await.map_err(missing(key, "measure a stored file"))?;
        Ok(facts.len())
    }

    pub(super) async fn delete(&self, kind: BlobKind, key: &BlobKey) -> Result<bool> {
        let (path, folder) = (self.path(kind, key), self.folder(kind));
        blocking(move || match std::fs::remove_file(&path) {
            Ok(()) => sync_folder(&folder).map(|()| true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(BlobError::io("delete a stored file")(error)),
        })
        .await
    }

    pub(super) async fn put_small(&self, key: &BlobKey, content: Bytes) -> Result<()> {
        let (path, folder) = (self.path(BlobKind::Small, key), self.folder(BlobKind::Small));
        let unfinished = folder.join(format!("{key}{UNFINISHED}"));
        blocking(move || {
            let write = || {
                let mut file =
                    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
                file.write_all(&content)?;
                file.sync_all()?;
                std::fs::rename(&unfinished, &path)
            };
            write().map_err(BlobError::io("write a small file"))?;
            sync_folder(&folder)
        })
        .await
    }

    pub(super) async fn get_small(&self, key: &BlobKey) -> Result<Option<Bytes>> {
        match tokio::fs::read(self.path(BlobKind::Small, key)).await {
            Ok(content) => Ok(Some(content.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BlobError::io("read a small file")(error)),
        }
    }

    /// All files of a kind as they come, few of them in memory.
    pub(super) fn list(&self, kind: BlobKind) -> BoxStream<'static, Result<Stored>> {
        let folder = self.folder(kind);
        let (told, heard) = tokio::sync::mpsc::channel(LISTED_AHEAD);
        tokio::task::spawn_blocking(move || {
            let look = |entry: std::io::Result<std::fs::DirEntry>| {
                let entry = entry?;
                let Some(key) = entry.file_name().to_str().and_then(|name| BlobKey::parse(name).ok()) else {
                    return Ok(None);
                };
                match entry.metadata() {
                    Ok(facts) => Ok(Some(Stored { key, size_bytes: facts.len(), changed_at_s: facts.mtime() })),
                    // Deleted in this very moment.
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(error),
                }
            };
            match std::fs::read_dir(&folder) {
                // Nobody may listen any more; then there is nobody to tell.
                Err(error) => drop(told.blocking_send(Err(BlobError::io("list stored files")(error)))),
                Ok(entries) => {
                    for found in entries.filter_map(|entry| look(entry).transpose()) {
                        if told.blocking_send(found.map_err(BlobError::io("list stored files"))).is_err() {
                            break;
                        }
                    }
                }
            }
        });
        stream::unfold(heard, |mut heard| async move { heard.recv().await.map(|found| (found, heard)) }).boxed()
    }

    /// Opens a whole file and locks it, so that only one at a time moves it.
    pub(super) async fn lock_whole(&self, key: &BlobKey) -> Result<File> {
        let (path, key) = (self.path(BlobKind::Whole, key), key.clone());
        blocking(move || {
            let file = File::open(&path).map_err(missing(&key, "open a stored file"))?;
            lock(&file, &key)?;
            // Whoever had the lock before may have moved it.
            std::fs::metadata(&path).map_err(missing(&key, "measure a stored file"))?;
            Ok(file)
        })
        .await
    }

    /// The name under which the storage knows a half-sent file.
    pub(super) async fn noted_move(&self, key: &BlobKey) -> Result<Option<String>> {
        let path = self.note(key);
        blocking(move || {
            let mut text = String::new();
            match File::open(&path).and_then(|note| note.take(NOTE_MAX_BYTES).read_to_string(&mut text)) {
                Ok(_) => Ok(Some(text).filter(|text| !text.is_empty())),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(BlobError::io("read the note on a half-sent file")(error)),
            }
        })
        .await
    }

    /// All files that such a note is about.
    pub(super) async fn noted_moves(&self) -> Result<Vec<BlobKey>> {
        let folder = self.folder.join(MOVES);
        blocking(move || {
            let mut keys = Vec::new();
            for entry in std::fs::read_dir(&folder).map_err(BlobError::io("list the notes on half-sent files"))? {
                let name = entry.map_err(BlobError::io("list the notes on half-sent files"))?.file_name();
                keys.extend(name.to_str().and_then(|name| BlobKey::parse(name).ok()));
            }
            Ok(keys)
        })
        .await
    }

    /// Writes that name down, durably, before the first byte is sent under it.
    pub(super) async fn note_move(&self, key: &BlobKey, id: &str) -> Result<()> {
        let (path, folder, id) = (self.note(key), self.folder.join(MOVES), id.to_owned());
        blocking(move || {
            let write = || {
                let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
                file.write_all(id.as_bytes())?;
                file.sync_all()
            };
            write().map_err(BlobError::io("write the note on a half-sent file"))?;
            sync_folder(&folder)
        })
        .await
    }

    pub(super) async fn forget_move(&self, key: &BlobKey) -> Result<()> {
        let path = self.note(key);
        blocking(move || match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(BlobError::io("remove the note on a half-sent file")(error))
            }
            Ok(()) | Err(_) => Ok(()),
        })
        .await
    }

    pub(super) async fn space(&self) -> Result<Space> {
        let folder = Arc::clone(&self.folder);
        blocking(move || {
            let facts =
                rustix::fs::statvfs(&*folder).map_err(|error| BlobError::io("measure the disk")(error.into()))?;
            Ok(Space {
                free_bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
                total_bytes: facts.f_blocks.saturating_mul(facts.f_frsize),
            })
        })
        .await
    }
}
