//! One process per data directory. Owns the lock file `moloko.lock`; the kernel frees it when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Name of the lock file.
const FILE_NAME: &str = "moloko.lock";

/// The data directory cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{folder} is in use by another moloko process (pid {pid}); stop it first, or choose another data directory"
    )]
    InUse {
        /// The directory.
        folder: String,
        /// The other process, as it wrote itself.
        pid: String,
    },
    /// The lock file cannot be made.
    #[error(
        "the data directory {folder} cannot be locked: {source}; check that it exists and that you may write to it"
    )]
    Io {
        /// The directory.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
}

/// The right to use a data directory, for as long as it lives.
#[derive(Debug)]
#[must_use = "the directory is free again when the lock is dropped"]
pub struct DataDirLock {
    // Closing the file frees the lock.
    _file: File,
    path: PathBuf,
}

impl DataDirLock {
    /// Takes the directory, at once or not at all.
    ///
    /// # Errors
    /// [`LockError::InUse`] names the process that has it.
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| LockError::Io { folder: folder.display().to_string(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::InUse { folder: folder.display().to_string(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The file stays when the process ends: removing it would let two processes lock two files of one name.
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file, path })
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn read_pid(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(32).read_to_string(&mut text);
    let pid = text.trim();
    if read.is_ok() && !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()) {
        pid.to_owned()
    } else {
        "unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
    use super::*;

    #[test]
    fn a_second_process_is_refused_and_told_who_has_the_directory() {
        let folder = tempfile::TempDir::new().unwrap();
        let first = DataDirLock::acquire(folder.path()).unwrap();
        let refused = DataDirLock::acquire(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("pid {}", std::process::id())), "{refused}");
        drop(first);
        drop(DataDirLock::acquire(folder.path()).unwrap());
    }

    #[test]
    fn a_stale_file_of_a_killed_process_does_not_lock() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "99999999\n").unwrap();
        let lock = DataDirLock::acquire(folder.path()).unwrap();
        let written = std::fs::read_to_string(lock.path()).unwrap();
        assert_eq!(written.trim(), std::process::id().to_string());
    }

    #[test]
    fn a_missing_directory_is_told() {
        let refused = DataDirLock::acquire(Path::new("/nonexistent/moloko")).unwrap_err();
        assert!(refused.to_string().contains("check that it exists"));
    }
}
