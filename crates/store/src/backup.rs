//! Backups: a folder of whole copies of an instance, made beside the running service, and the way back. Owns names, layout and what is durable when.
//!
//! Must never hold the instance key. A copy gets its name as the last thing that happens to it, so whatever has a name is whole; a file of a library
//! lies in the folder once, under the hash of its bytes, however many copies need it.

pub(crate) mod dump;
mod files;
mod libpq;
mod make;
mod manifest;
mod media;
mod restore;
mod verify;

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use domain::time::UnixMillis;

use self::files::{make_folder, sync_folder};
use crate::db::Statement;
use crate::error::StoreError;
use crate::tombstone::TombstoneFile;

pub use dump::Turn;
pub use make::{Made, Source};
pub use manifest::{Kept, Manifest};
pub use restore::{RESTORING, Restore, Restored, give_up, half_restored};
pub use verify::{Finding, Looked};

/// The key in `meta` that says that an older state of the database was put back. Every copy has it, so it is in force however it is put back.
pub const RESTORED: &str = "restored";
/// What says that a folder is one of backups.
const OURS: &str = "moloko-backups";
/// Where a copy is made.
const UNFINISHED: &str = "unfinished";
/// How the name of a copy begins whose removal has begun.
const GOING: &str = "going-";
const MANIFEST: &str = "manifest.json";
const DAY_MS: i64 = 86_400_000;
/// A copy is from the future when its time is so far ahead, milliseconds: two machines may write into a folder.
const AHEAD_MS: i64 = 3_600_000;
/// The newest copies that stay when the clock says that the time of all of them is over.
const KEPT_BACK: usize = 3;
/// Since when the clock says so.
const DOUBTED: &str = "over-since";

use make::COPY;

pub(crate) const STATEMENTS: &[Statement] = statements![COPY @ Sqlite];

/// A backup that could not be made, read or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder has other things in it.
    #[error(
        "{0} is not empty and not a folder of backups; name an empty one, because what a backup does not know is removed from it in time"
    )]
    Foreign(String),
    /// Another command works with the folder.
    #[error("another command works with the backups in {0}; wait for it")]
    Busy(String),
    /// There is no such copy.
    #[error("there is no backup {0}")]
    Unknown(String),
    /// What is there is not what was written.
    #[error(
        "{what} of the backup {name} is not what was written into it ({why}); use another one, and look at the disk"
    )]
    Altered {
        /// Which copy.
        name: String,
        /// Which part.
        what: String,
        /// How that is known.
        why: String,
    },
    /// It does not fit what it is to be put back into.
    #[error("{0}")]
    Refused(String),
    /// A program of PostgreSQL could not be run or said no.
    #[error("{program}: {why}")]
    Program {
        /// Which.
        program: &'static str,
        /// What happened, and what to do.
        why: String,
    },
    /// The disk refused.
    #[error("cannot {what} {path}: {source}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// With what.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy of the database is damaged.
    #[error(transparent)]
    Intact(#[from] crate::intact::IntactError),
    /// The stored files could not be listed.
    #[error(transparent)]
    Blobs(#[from] crate::blobs::BlobError),
}

/// Result of everything here.
pub type Result<T> = std::result::Result<T, BackupError>;

pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.display().to_string();
    move |source| BackupError::Io { what, path, source }
}

/// A folder of backups, for one command at a time.
#[derive(Debug)]
pub struct BackupFolder {
    root: PathBuf,
    // Closing the file ends the right to the folder.
    _lock: File,
}

/// One copy, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its folder's name: the time at which it was begun.
    pub name: String,
    /// That time.
    pub made_at: UnixMillis,
}

impl Copy {
    /// By this clock it was not made yet.
    #[must_use]
    pub const fn is_from_the_future(&self, now: UnixMillis) -> bool {
        self.made_at.millis_since(now) > AHEAD_MS
    }
}

/// What was removed because its time was over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Names of copies.
    pub copies: Vec<String>,
    /// Files of libraries that no copy needs any more.
    pub files: u64,
    /// Copies whose list of files cannot be read: while there are such, no file is removed.
    pub unreadable: Vec<String>,
    /// Copies whose time is over by the clock, as is that of all others: they stay until the clock still says so a day later.
    pub kept_back: Vec<String>,
    /// Copies that were not made yet by the clock. They count for nothing here, and go when somebody removes them.
    pub future: Vec<String>,
}

impl Pruned {
    /// Nothing speaks against the clock.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.kept_back.is_empty() && self.future.is_empty()
    }
}

impl BackupFolder {
    /// Opens a folder of backups, and makes it where there is nothing yet, for its owner only.
    ///
    /// # Errors
    /// [`BackupError::Foreign`], [`BackupError::Busy`].
    pub fn make(root: &Path) -> Result<Self> {
        make_folder(root)?;
        let ours = root.join(OURS);
        if !ours.exists() {
            if std::fs::read_dir(root).map_err(io("look into", root))?.next().is_some() {
                return Err(BackupError::Foreign(root.display().to_string()));
            }
            File::create(&ours).and_then(|file| file.sync_all()).map_err(io("make", &ours))?;
            sync_folder(root)?;
        }
        Self::open(root)
    }

    /// Opens a folder of backups that is there.
    ///
    /// # Errors
    /// [`BackupError::Unknown`], [`BackupError::Busy`].
    pub fn open(root: &Path) -> Result<Self> {
        let ours = root.join(OURS);
        let lock = match File::open(&ours) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(BackupError::Unknown(format!("in {}", root.display())));
            }
            Err(error) => return Err(io("open", &ours)(error)),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(BackupError::Busy(root.display().to_string())),
            Err(TryLockError::Error(error)) => Err(io("lock", &ours)(error)),
        }
    }

    /// The marks of what was erased, as they were when this folder was last written to. They belong to no copy: the newest count for all of them.
    #[must_use]
    pub fn tombstones(&self) -> TombstoneFile {
        TombstoneFile::of(&self.root)
    }

    /// Every copy, the oldest first.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn copies(&self) -> Result<Vec<Copy>> {
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(io("look into", &self.root))? {
            let name = entry.map_err(io("look into", &self.root))?.file_name();
            copies.extend(name.to_str().and_then(time_of).map(|made_at| Copy { name: name_at(made_at), made_at }));
        }
        copies.sort_by_key(|copy| copy.made_at);
        Ok(copies)
    }

    /// What a copy holds.
    ///
    /// # Errors
    /// [`BackupError::Altered`].
    pub fn manifest(&self, copy: &Copy) -> Result<Manifest> {
        Manifest::read(&self.of(copy).join(MANIFEST)).map_err(|error| BackupError::Altered {
            name: copy.name.clone(),
            what: format!("the list {MANIFEST}"),
            why: error.to_string(),
        })
    }

    fn of(&self, copy: &Copy) -> PathBuf {
        self.root.join(&copy.name)
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    /// Removes what a broken-off command left, every copy that is older than `keep_days`, and the files that no copy needs any more. The newest copy goes
    /// as well when its time is over: that is what people were promised. When the time of all copies from before is over at once, it may be the clock:
    /// the newest of them stay for one more day. With `keep_days` 0 everything goes.
    ///
    /// # Errors
    /// When the disk refuses; what is left goes the next time.
    pub fn prune(&self, keep_days: u32, now: UnixMillis) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        for copy in self.over(keep_days, now, &mut pruned)? {
            // In one move, so that no half of it has the name of a whole one.
            let going = self.root.join(format!("{GOING}{}", copy.name));
            std::fs::rename(self.of(&copy), &going).map_err(io("remove", &self.of(&copy)))?;
            pruned.copies.push(copy.name);
        }
        sync_folder(&self.root)?;
        for entry in std::fs::read_dir(&self.root).map_err(io("look into", &self.root))? {
            let entry = entry.map_err(io("look into", &self.root))?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(GOING) || name == UNFINISHED) {
                std::fs::remove_dir_all(entry.path()).map_err(io("remove", &entry.path()))?;
            }
        }
        let mut needed = BTreeSet::new();
        for copy in self.copies()? {
            match self.manifest(&copy) {
                Ok(manifest) => needed.extend(manifest.media.into_iter().map(|kept| kept.sha256)),
                Err(_) => pruned.unreadable.push(copy.name),
            }
        }
        if pruned.unreadable.is_empty() {
            pruned.files = media::sweep(&self.root, &needed)?;
        }
        Ok(pruned)
    }
}

impl BackupFolder {
    /// Copies that go now.
    fn over(&self, keep_days: u32, now: UnixMillis, pruned: &mut Pruned) -> Result<Vec<Copy>> {
        let copies = self.copies()?;
        if keep_days == 0 {
            return Ok(copies);
        }
        let (future, copies): (Vec<_>, Vec<_>) = copies.into_iter().partition(|copy| copy.is_from_the_future(now));
        pruned.future = future.into_iter().map(|copy| copy.name).collect();
        let oldest = now.plus_millis(-i64::from(keep_days).saturating_mul(DAY_MS));
        let before = copies.iter().filter(|copy| now.millis_since(copy.made_at) > AHEAD_MS).count();
        let mut over: Vec<Copy> = copies.into_iter().filter(|copy| copy.made_at <= oldest).collect();
        let doubted = self.root.join(DOUBTED);
        if over.is_empty() {
            files::remove(&doubted)?;
            return Ok(over);
        }
        let since = std::fs::read_to_string(&doubted).ok().and_then(|text| UnixMillis::from_utc(text.trim()).ok());
        match since.filter(|since| *since <= now) {
            Some(since) if now.millis_since(since) >= DAY_MS => files::remove(&doubted)?,
            Some(_) => pruned.kept_back = newest_names(&mut over),
            None if over.len() >= before => {
                std::fs::write(&doubted, now.in_utc()).map_err(io("write", &doubted))?;
                pruned.kept_back = newest_names(&mut over);
            }
            None => {}
        }
        Ok(over)
    }
}

/// Takes the newest copies away from those that go; gives their names.
fn newest_names(over: &mut Vec<Copy>) -> Vec<String> {
    let kept = over.split_off(over.len().saturating_sub(KEPT_BACK));
    kept.into_iter().map(|copy| copy.name).collect()
}

/// The name of a copy that is begun at this time. Without colons, which some file systems and programs do not take.
fn name_at(at: UnixMillis) -> String {
    at.in_utc().replace(':', "-")
}

pub(crate) fn time_of(name: &str) -> Option<UnixMillis> {
    let (day, clock) = name.split_once('T')?;
    UnixMillis::from_utc(&format!("{day}T{}", clock.replace('-', ":"))).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
    use super::*;

    #[test]
    fn a_name_says_when_and_nothing_else_is_taken_for_one() {
        let at = UnixMillis::from_millis(1_796_083_200_123);
        assert_eq!(name_at(at), "2026-12-01T00-00-00.123Z");
        assert_eq!(time_of(&name_at(at)), Some(at));
        for other in ["unfinished", "media", "going-2026-12-01T00-00-00.123Z", "2026-12-01"] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_left_alone_and_one_command_works_at_a_time() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("letters.txt"), "mine").unwrap();
        assert!(matches!(BackupFolder::make(folder.path()), Err(BackupError::Foreign(_))));
        assert!(matches!(BackupFolder::open(folder.path()), Err(BackupError::Unknown(_))));
        let fresh = folder.path().join("fresh");
        let one = BackupFolder::make(&fresh).unwrap();
        assert!(matches!(BackupFolder::open(&fresh), Err(BackupError::Busy(_))));
        drop(one);
        BackupFolder::make(&fresh).unwrap();
    }
}
