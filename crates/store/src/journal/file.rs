//! The journal's file: framed, checksummed, sealed notes, one after the other. Owns what is durable when, and cutting a torn end.
//!
//! A frame is the length of the sealed note (two bytes), four bytes of its SHA-256, and the sealed note.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use super::note::Note;
use super::{FILE_NAME, JournalError};
use crate::vault::{InstanceKeys, sealed_version};

/// What notes are sealed for; they open as nothing else.
const PURPOSE: &str = "intent journal";
/// Length and checksum.
const HEAD_BYTES: usize = 6;
/// What a power cut can tear off: notes of ends are not waited for, so a few may be in flight at once. More than that is damage.
const TORN_MAX_BYTES: usize = 4096;
/// A file is written anew when it has grown by this much beyond what was kept, bytes.
const GROWTH_BYTES: u64 = 256 * 1024;
/// A larger file was not written by us, bytes.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct JournalFile {
    file: File,
    path: PathBuf,
    keys: Arc<InstanceKeys>,
    /// Where the next note goes.
    end: u64,
    /// Length after it was last written anew.
    kept: u64,
    /// Under which versions of the instance key its notes are sealed.
    versions: BTreeSet<i64>,
    /// Something failed that makes every later promise worthless.
    broken: bool,
}

impl std::fmt::Debug for JournalFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalFile").field("path", &self.path).field("end", &self.end).finish_non_exhaustive()
    }
}

impl JournalFile {
    /// Opens or makes the file. Gives its notes and whether more than a torn end was lost.
    pub(super) fn open(path: PathBuf, keys: Arc<InstanceKeys>) -> Result<(Self, Vec<Note>, bool), JournalError> {
        let name = path.display().to_string();
        let failed = |source| JournalError::Io { path: name.clone(), source };
        let mut file = options().open(&path).map_err(failed)?;
        let mut bytes = Vec::new();
        (&mut file).take(FILE_MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        let (notes, end) = read(&bytes, &keys).map_err(|WrongKey| JournalError::Key { path: name.clone() })?;
        let versions = versions(&bytes).into_keys().collect();
        let lost = bytes.len().saturating_sub(end);
        let damaged = lost > TORN_MAX_BYTES;
        if lost > 0 {
            tracing::warn!(path = %name, bytes = lost, damaged, "the end of the intent journal was torn off");
        }
        let end = u64::try_from(end).unwrap_or(0);
        file.set_len(end).map_err(failed)?;
        file.sync_all().map_err(|source| JournalError::Sync { path: name.clone(), source })?;
        sync_folder(&path).map_err(|source| JournalError::Sync { path: name.clone(), source })?;
        Ok((Self { file, path, keys, end, kept: end, versions, broken: false }, notes, damaged))
    }

    /// Appends one note; gives whether the file should be written anew.
    pub(super) fn append(&mut self, note: &Note) -> Result<bool, JournalError> {
        if self.broken {
            return Err(self.sync_failed(std::io::Error::other("an earlier write was not confirmed")));
        }
        let bytes = frame(note, &self.keys)?;
        self.versions.extend(versions(&bytes).into_keys());
        if let Err(source) = self.file.write_all_at(&bytes, self.end) {
            // A half written note must not stand before the next one.
            if self.file.set_len(self.end).is_err() {
                self.broken = true;
            }
            return Err(JournalError::Io { path: self.path.display().to_string(), source });
        }
        if note.stage.must_last()
            && let Err(source) = self.file.sync_data()
        {
            self.broken = true;
            return Err(self.sync_failed(source));
        }
        self.end = self.end.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        Ok(self.end > self.kept.saturating_mul(2).saturating_add(GROWTH_BYTES))
    }

    /// Replaces the file by one with only these notes; readers find the old or the new one, also after a crash.
    pub(super) fn replace<'a>(&mut self, notes: impl Iterator<Item = &'a Note>) -> Result<(), JournalError> {
        let name = self.path.display().to_string();
        let failed = |source| JournalError::Io { path: name.clone(), source };
        let mut bytes = Vec::new();
        for note in notes {
            bytes.extend_from_slice(&frame(note, &self.keys)?);
        }
        let beside = self.path.with_file_name(format!("{FILE_NAME}.new"));
        let file = options().truncate(true).open(&beside).map_err(failed)?;
        file.write_all_at(&bytes, 0).map_err(failed)?;
        // Until the rename the old file is in use, so a failure up to here costs nothing.
        file.sync_all().map_err(failed)?;
        std::fs::rename(&beside, &self.path).map_err(failed)?;
        self.file = file;
        self.end = u64::try_from(bytes.len()).unwrap_or(0);
        self.kept = self.end;
        self.versions = versions(&bytes).into_keys().collect();
        if let Err(source) = sync_folder(&self.path) {
            self.broken = true;
            return Err(self.sync_failed(source));
        }
        Ok(())
    }

    /// Some note needs another version of the instance key than the current one.
    pub(super) fn is_under_others(&self) -> bool {
        let current = self.keys.current_version();
        self.versions.iter().any(|version| *version != current)
    }

    fn sync_failed(&self, source: std::io::Error) -> JournalError {
        JournalError::Sync { path: self.path.display().to_string(), source }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}

fn sync_folder(path: &std::path::Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        Some(_) | None => File::open(".")?.sync_all(),
    }
}

fn checksum(sealed: &[u8]) -> [u8; 4] {
    let mut sum = [0; 4];
    for (to, from) in sum.iter_mut().zip(digest(&SHA256, sealed).as_ref()) {
        *to = *from;
    }
    sum
}

pub(super) fn frame(note: &Note, keys: &InstanceKeys) -> Result<Vec<u8>, JournalError> {
    let sealed = keys.seal(PURPOSE, &note.to_bytes())?;
    let length = u16::try_from(sealed.len()).map_err(|_| JournalError::Io {
        path: FILE_NAME.to_owned(),
        source: std::io::Error::other("a note is too long"),
    })?;
    let mut bytes = Vec::with_capacity(HEAD_BYTES.saturating_add(sealed.len()));
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&checksum(&sealed));
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// How many whole notes are sealed under which version of the instance key. That stands in front of each, readable without a key.
pub(super) fn versions(bytes: &[u8]) -> BTreeMap<i64, u64> {
    let mut versions = BTreeMap::new();
    let mut rest = bytes;
    while let Some((sealed, next)) = whole(rest) {
        if let Some(version) = sealed_version(sealed) {
            let count: &mut u64 = versions.entry(version).or_default();
            *count = count.saturating_add(1);
        }
        rest = next;
    }
    versions
}

/// Reads the file of another process, without changing it.
pub(super) fn bytes_of(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(FILE_MAX_BYTES).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(bytes)
}

/// The sealed note at the beginning and what comes behind it; `None` when it is not whole.
fn whole(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, after) = bytes.split_first_chunk::<HEAD_BYTES>()?;
    let [high, low, sum @ ..] = head;
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (sealed, next) = after.split_at_checked(length)?;
    (length > 0 && checksum(sealed) == *sum).then_some((sealed, next))
}

struct WrongKey;

/// The notes up to the first that is not whole, and where they end.
fn read(bytes: &[u8], keys: &InstanceKeys) -> Result<(Vec<Note>, usize), WrongKey> {
    let mut notes = Vec::new();
    let mut rest = bytes;
    while let Some((sealed, next)) = whole(rest) {
        let plain = keys.open(PURPOSE, sealed).map_err(|_| WrongKey)?;
        let Some(note) = Note::from_bytes(&plain) else { break };
        notes.push(note);
        rest = next;
    }
    Ok((notes, bytes.len().saturating_sub(rest.len())))
}
