//! Putting a copy back. Owns the order in which that is safe to be broken off: until the database is in its place nothing else has changed but that
//! files were added, and while it is under way the data folder says so.

use std::path::{Path, PathBuf};

use super::files::{copy, copy_of_readable, hold_to, make_folder, remove, sum, sync_file, sync_folder};
use super::make::SQLITE_FILE;
use super::{BackupError, BackupFolder, Copy, Manifest, Result, dump, io, media};
use crate::blobs::Blobs;
use crate::db::{DatabaseUrl, Engine, Store};
use crate::migrations::newest;
use crate::tombstone::TombstoneFile;

/// Folder in the data folder that is there while a restore is under way or was broken off; no service may start meanwhile.
pub const RESTORING: &str = "restoring";

/// Where in it the database of before lies, and beside which name it grows.
const FORMER: &str = "former";
const FORMER_UNFINISHED: &str = "former.part";
/// What it is called when it is not needed any more: half of it must not be taken for the whole.
const FORMER_SPENT: &str = "former.spent";
/// What SQLite keeps beside its file.
const SQLITE_LOGS: [&str; 2] = ["-wal", "-shm"];

fn beside(database: &Path, left: &str) -> PathBuf {
    database.with_file_name(format!("{SQLITE_FILE}{left}"))
}

/// Keeps what lies at the database's place, the file and its log, under second names. A run before this one may have done that: then what lies there may be
/// the new one already.
fn keep_former(data: &Path) -> Result<()> {
    let (former, unfinished) = (data.join(RESTORING).join(FORMER), data.join(RESTORING).join(FORMER_UNFINISHED));
    let spent = data.join(RESTORING).join(FORMER_SPENT);
    if former.exists() || spent.exists() || !data.join(SQLITE_FILE).exists() {
        return Ok(());
    }
    make_folder(&unfinished)?;
    for left in ["", SQLITE_LOGS[0]] {
        let (here, to) = (data.join(format!("{SQLITE_FILE}{left}")), unfinished.join(format!("{SQLITE_FILE}{left}")));
        remove(&to)?;
        if here.exists() && std::fs::hard_link(&here, &to).is_err() {
            copy(&here, &to)?;
        }
    }
    sync_folder(&unfinished)?;
    std::fs::rename(&unfinished, &former).map_err(io("keep", &former))?;
    sync_folder(&data.join(RESTORING))
}

/// Goes on with the database that was there before a restore that was broken off. A copy that was put into PostgreSQL is there as a whole or not at all.
/// Can be broken off and run again.
///
/// # Errors
/// When the disk refuses.
pub fn give_up(data: &Path) -> Result<()> {
    let place = data.join(RESTORING);
    let former = place.join(FORMER);
    if former.join(SQLITE_FILE).exists() {
        // The log last: without its database it would be taken for one of whatever lies there.
        for left in SQLITE_LOGS {
            remove(&data.join(format!("{SQLITE_FILE}{left}")))?;
        }
        for left in ["", SQLITE_LOGS[0]] {
            let (kept, back) = (former.join(format!("{SQLITE_FILE}{left}")), place.join("back"));
            remove(&back)?;
            if copy(&kept, &back)?.is_some() {
                let to = data.join(format!("{SQLITE_FILE}{left}"));
                std::fs::rename(&back, &to).map_err(io("put back", &to))?;
            }
        }
        sync_folder(data)?;
    }
    take_sign_away(data)
}

fn take_sign_away(data: &Path) -> Result<()> {
    let place = data.join(RESTORING);
    let (former, spent) = (place.join(FORMER), place.join(FORMER_SPENT));
    if former.exists() {
        std::fs::rename(&former, &spent).map_err(io("remove", &former))?;
        sync_folder(&place)?;
    }
    std::fs::remove_dir_all(&place).map_err(io("remove", &place))?;
    sync_folder(data)
}

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
        let newest = newest(engine);
        if let Some(schema) = manifest.schema.filter(|schema| *schema > newest) {
            return Err(BackupError::Refused(format!(
                "the backup {} was made by version {} with a database of version {schema}, and this program knows up to {newest}: use that version or a newer one",
                copy.name, manifest.program
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
            // A disk that is full here is no damage there: then the restore ends, and the database of before is still in its place.
            let found = copy_of_readable(&media::path(&self.folder.root, &kept.sha256), &incoming)?;
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
        dump::read(store, url, &self.folder.of(&self.copy).join(&self.manifest.file), &self.manifest.sha256).await
    }

    /// Puts an SQLite database in its place, which is the moment from which on it counts. Until [`Restore::end`] the one of before lies beside it, with
    /// its log, so that [`give_up`] can bring it back from wherever this was broken off.
    ///
    /// # Errors
    /// When the disk refuses; the data folder says then that it is not whole.
    pub fn put(&self) -> Result<()> {
        let (from, to) = (self.database(), self.data.join(SQLITE_FILE));
        sync_file(&from)?;
        for left in SQLITE_LOGS {
            let copied = beside(&from, left);
            if copied.exists() {
                return Err(BackupError::Refused(format!(
                    "{} is left, so the database is not whole",
                    copied.display()
                )));
            }
        }
        keep_former(&self.data)?;
        // A log of the old one would be taken for one of the new one.
        for left in SQLITE_LOGS {
            remove(&beside(&to, left))?;
        }
        std::fs::rename(&from, &to).map_err(io("put in its place", &to))?;
        sync_folder(&self.data)
    }

    /// Takes the sign away that a restore is under way.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end(self) -> Result<()> {
        take_sign_away(&self.data)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]
    use super::*;

    fn lies(data: &Path) -> Vec<Option<String>> {
        ["", "-wal", "-shm"]
            .map(|left| std::fs::read_to_string(data.join(format!("{SQLITE_FILE}{left}"))).ok())
            .to_vec()
    }

    /// A data folder whose database has commits in its log alone, and a restore that is about to take its place.
    fn about_to(data: &Path) {
        std::fs::create_dir_all(data.join(RESTORING)).unwrap();
        for (name, text) in [("", "old"), ("-wal", "old log"), ("-shm", "old index")] {
            std::fs::write(data.join(format!("{SQLITE_FILE}{name}")), text).unwrap();
        }
        std::fs::write(data.join(RESTORING).join(SQLITE_FILE), "new").unwrap();
    }

    #[test]
    fn a_restore_that_was_broken_off_at_any_step_can_be_given_up_with_every_commit_of_before() {
        let old = vec![Some("old".to_owned()), Some("old log".to_owned()), None];
        for step in 0..6 {
            let folder = tempfile::TempDir::new().unwrap();
            let data = folder.path();
            about_to(data);
            let place = |left: &str| data.join(format!("{SQLITE_FILE}{left}"));
            if step == 0 {
                // Killed while it was kept.
                std::fs::create_dir(data.join(RESTORING).join(FORMER_UNFINISHED)).unwrap();
                std::fs::write(data.join(RESTORING).join(FORMER_UNFINISHED).join(SQLITE_FILE), "ol").unwrap();
            } else {
                keep_former(data).unwrap();
            }
            if step >= 2 {
                std::fs::remove_file(place("-wal")).unwrap();
            }
            if step >= 3 {
                std::fs::remove_file(place("-shm")).unwrap();
            }
            if step >= 4 {
                std::fs::rename(data.join(RESTORING).join(SQLITE_FILE), place("")).unwrap();
            }
            if step >= 5 {
                // And giving up was broken off, too, after the file and before its log.
                std::fs::write(place(""), "old").unwrap();
            }
            give_up(data).unwrap();
            let expected = if step == 0 { [&old[..2], &[Some("old index".to_owned())]].concat() } else { old.clone() };
            assert_eq!(lies(data), expected, "step {step}");
            assert!(!half_restored(data));
        }
    }

    #[test]
    fn when_the_end_was_reached_the_new_one_stays() {
        let folder = tempfile::TempDir::new().unwrap();
        let data = folder.path();
        about_to(data);
        keep_former(data).unwrap();
        std::fs::rename(data.join(RESTORING).join(SQLITE_FILE), data.join(SQLITE_FILE)).unwrap();
        for log in SQLITE_LOGS {
            std::fs::remove_file(beside(&data.join(SQLITE_FILE), log)).unwrap();
        }
        // Killed while the sign was taken away: of what was kept half is left.
        std::fs::rename(data.join(RESTORING).join(FORMER), data.join(RESTORING).join(FORMER_SPENT)).unwrap();
        std::fs::remove_file(data.join(RESTORING).join(FORMER_SPENT).join("moloko.db-wal")).unwrap();
        give_up(data).unwrap();
        assert_eq!(lies(data), [Some("new".to_owned()), None, None]);
    }
}
