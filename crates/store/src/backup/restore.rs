//! Putting a copy back. Owns the order in which that is safe to be broken off: until the database is in its place nothing else has changed but that
//! files were added, and while it is under way the data folder says so.

use std::path::{Path, PathBuf};

use super::files::{copy, hold_to, make_folder, remove, sum, sync_file, sync_folder};
use super::make::SQLITE_FILE;
use super::{BackupError, BackupFolder, Copy, Manifest, Result, dump, io, media};
use crate::blobs::Blobs;
use crate::db::{DatabaseUrl, Engine, Store};
use crate::tombstone::TombstoneFile;

/// Folder in the data folder that is there while a restore is under way or was broken off; no service may start meanwhile.
pub const RESTORING: &str = "restoring";

/// Whether a restore into this data folder was broken off.
#[must_use]
pub fn half_restored(data: &Path) -> bool {
    data.join(RESTORING).exists()
}

/// A restore under way. Whoever drops it half-way leaves the sign that it is not whole.
#[derive(Debug)]
pub struct Restore<'a> {
    folder: &'a BackupFolder,
    copy: Copy,
    manifest: Manifest,
    data: PathBuf,
}

/// What was put back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Stored files that were copied.
    pub files: u64,
    /// Stored files that were there already.
    pub there: u64,
    /// Keys of stored files that are among the backups with other bytes than were written, or not at all: they are not put back, and all
    /// others are.
    pub damaged: Vec<String>,
}

impl BackupFolder {
    /// Begins to put a copy back into a data folder, which nobody else may work with. For SQLite the database is afterwards at [`Restore::database`], where
    /// it can be looked at and brought to this version before it is used.
    ///
    /// # Errors
    /// [`BackupError::Altered`] when the database of the copy is not what was written, [`BackupError::Refused`] when the engine is another one.
    pub fn restore(&self, copy: &Copy, data: &Path, engine: Engine) -> Result<Restore<'_>> {
        let manifest = self.manifest(copy)?;
        if manifest.engine != engine.to_string() {
            return Err(BackupError::Refused(format!(
                "the backup {} is of {}, and the settings name {engine}: a copy cannot be put into another kind of database",
                copy.name, manifest.engine
            )));
        }
        let source = self.of(copy).join(&manifest.file);
        let place = data.join(RESTORING);
        make_folder(&place)?;
        sync_folder(data)?;
        let it = Restore { folder: self, copy: copy.clone(), manifest, data: data.to_owned() };
        let found = match engine {
            Engine::Sqlite => {
                for left in ["", "-wal", "-shm"] {
                    remove(&place.join(format!("{SQLITE_FILE}{left}")))?;
                }
                super::files::copy(&source, &it.database())?
            }
            Engine::Postgres => sum(&source)?,
        };
        hold_to(found.as_ref(), it.manifest.bytes, &it.manifest.sha256, &copy.name, "the database")?;
        Ok(it)
    }
}

impl Restore<'_> {
    /// The copy of an SQLite database that is to be used.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join(RESTORING).join(SQLITE_FILE)
    }

    /// What the copy holds.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Puts stored files and marks where they belong. Files that are there with the right bytes are left; other files stay as they are.
    ///
    /// # Errors
    /// When the data folder cannot be written to.
    pub async fn media(&self, blobs: PathBuf) -> Result<Restored> {
        let place = Blobs::disk(blobs).await?;
        let incoming = self.data.join(RESTORING).join("incoming");
        let mut done = Restored::default();
        let mut folders = std::collections::BTreeSet::new();
        for kept in &self.manifest.media {
            let (kind, key) = kept.place()?;
            let to = place.path_here(kind, &key);
            // What cannot be read is no file to keep.
            let there = sum(&to).unwrap_or_default();
            if hold_to(there.as_ref(), kept.bytes, &kept.sha256, &self.copy.name, &kept.key).is_ok() {
                done.there += 1;
                continue;
            }
            let found = copy(&media::path(&self.folder.root, &kept.sha256), &incoming).unwrap_or_default();
            let what = format!("the stored file {key}");
            if hold_to(found.as_ref(), kept.bytes, &kept.sha256, &self.copy.name, &what).is_err() {
                done.damaged.push(kept.key.clone());
                continue;
            }
            std::fs::rename(&incoming, &to).map_err(io("put back", &to))?;
            folders.extend(to.parent().map(Path::to_owned));
            done.files += 1;
        }
        remove(&incoming)?;
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        self.marks()?;
        Ok(done)
    }

    /// The marks of the data folder and of the backups together: none that was there is lost.
    fn marks(&self) -> Result<()> {
        let refused = |error| io("write the marks of what was erased in", &self.data)(error);
        let (kept, here) = (self.folder.tombstones(), TombstoneFile::of(&self.data));
        let there = here.read().map_err(refused)?;
        let lacking: Vec<_> = kept
            .read()
            .map_err(refused)?
            .into_iter()
            .filter(|stone| !there.iter().any(|it| it.mark == stone.mark && it.erased_at >= stone.erased_at))
            .collect();
        // What seals keys of marks in the data folder is newer or the same.
        let mut keys = kept.keys().map_err(refused)?;
        let own = here.keys().map_err(refused)?;
        keys.0.retain(|version, _| !own.0.contains_key(version));
        if !keys.0.is_empty() {
            here.add_keys(&keys).map_err(refused)?;
        }
        if !lacking.is_empty() {
            here.add(&lacking).map_err(refused)?;
        }
        Ok(())
    }

    /// Puts SQL text in the place of a PostgreSQL database's content, in one transaction.
    ///
    /// # Errors
    /// [`BackupError::Program`] with what `psql` said; nothing has changed then.
    pub async fn fill(&self, store: &Store, url: &DatabaseUrl) -> Result<()> {
        dump::read(store, url, &self.folder.of(&self.copy).join(&self.manifest.file)).await
    }

    /// Puts an SQLite database in its place, which is the moment from which on it counts.
    ///
    /// # Errors
    /// When the disk refuses; the data folder says then that it is not whole.
    pub fn put(&self) -> Result<()> {
        let (from, to) = (self.database(), self.data.join(SQLITE_FILE));
        sync_file(&from)?;
        // A log of the old one would be taken for one of the new one.
        for left in ["-wal", "-shm"] {
            let copied = from.with_file_name(format!("{SQLITE_FILE}{left}"));
            if copied.exists() {
                return Err(BackupError::Refused(format!(
                    "{} is left, so the database is not whole",
                    copied.display()
                )));
            }
            remove(&to.with_file_name(format!("{SQLITE_FILE}{left}")))?;
        }
        std::fs::rename(&from, &to).map_err(io("put in its place", &to))?;
        sync_folder(&self.data)
    }

    /// Takes the sign away that a restore is under way.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end(self) -> Result<()> {
        let place = self.data.join(RESTORING);
        std::fs::remove_dir_all(&place).map_err(io("remove", &place))?;
        sync_folder(&self.data)
    }
}
