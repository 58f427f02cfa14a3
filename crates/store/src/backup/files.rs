//! Files that are copied and hashed in one go. Owns buffers, modes and syncs; must not know what a file is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};

use super::{BackupError, Result, io};

const BUFFER_BYTES: usize = 1024 * 1024;

/// Length and SHA-256 (lower-case hex) of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum {
    pub bytes: u64,
    pub sha256: String,
}

/// Makes a folder for its owner only; one that is there is fine.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("make the folder", path))
}

/// Makes names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io("save the folder", path))
}

/// Makes a file's content durable.
pub(super) fn sync_file(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(io("save", path))
}

/// Removes a file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What a file holds; `None` when there is none.
pub(super) fn sum(path: &Path) -> Result<Option<Sum>> {
    opened(path)?.map(|file| through(file, path, |_| Ok(()))).transpose()
}

/// Copies a file durably, for its owner only, in the place of what may be there; `None` when there is nothing to copy.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Option<Sum>> {
    let Some(source) = opened(from)? else { return Ok(None) };
    let mut options = OpenOptions::new();
    let mut target = options.write(true).create(true).truncate(true).mode(0o600).open(to).map_err(io("make", to))?;
    let sum = through(source, from, |bytes| target.write_all(bytes).map_err(io("write", to)))?;
    target.sync_all().map_err(io("save", to))?;
    Ok(Some(sum))
}

/// The same of a source that may be damaged: what of it cannot be read is as good as not there. A target that cannot be written to is an error.
pub(super) fn copy_of_readable(from: &Path, to: &Path) -> Result<Option<Sum>> {
    let source = from.display().to_string();
    match copy(from, to) {
        Err(BackupError::Io { path, .. }) if path == source => Ok(None),
        done => done,
    }
}

fn opened(path: &Path) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("open", path)(error)),
    }
}

fn through(mut file: File, path: &Path, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<Sum> {
    let (mut hash, mut bytes, mut buffer) = (Context::new(&SHA256), 0_u64, vec![0; BUFFER_BYTES]);
    loop {
        let many = file.read(&mut buffer).map_err(io("read", path))?;
        let Some(read) = buffer.get(..many).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes = bytes.saturating_add(u64::try_from(many).unwrap_or(u64::MAX));
        each(read)?;
    }
    let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Sum { bytes, sha256 })
}

/// Compares what is there with what was written.
pub(super) fn same(found: Option<&Sum>, bytes: u64, sha256: &str) -> std::result::Result<(), String> {
    match found {
        None => Err("it is missing".to_owned()),
        Some(found) if found.bytes != bytes => Err(format!("{} of {bytes} bytes", found.bytes)),
        Some(found) if found.sha256 != sha256 => Err("other bytes of the same length".to_owned()),
        Some(_) => Ok(()),
    }
}

/// The same as an error of a copy.
pub(super) fn hold_to(found: Option<&Sum>, bytes: u64, sha256: &str, name: &str, what: &str) -> Result<()> {
    same(found, bytes, sha256).map_err(|why| BackupError::Altered { name: name.to_owned(), what: what.to_owned(), why })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
    use super::*;

    #[test]
    fn a_full_disk_is_no_damage_of_what_is_copied() {
        let folder = tempfile::TempDir::new().unwrap();
        let (sound, to) = (folder.path().join("sound"), folder.path().join("to"));
        std::fs::write(&sound, "a film").unwrap();
        let full = copy_of_readable(&sound, Path::new("/dev/full")).unwrap_err().to_string();
        assert!(full.starts_with("cannot write /dev/full: No space left"), "{full}");
        // What is opened and cannot be read, and what is not there.
        assert_eq!(copy_of_readable(folder.path(), &to).unwrap(), None);
        assert_eq!(copy_of_readable(&folder.path().join("gone"), &to).unwrap(), None);
        assert_eq!(copy_of_readable(&sound, &to).unwrap().unwrap().bytes, 6);
    }
}
