//! Files of libraries among the backups: each once, named after the hash of its bytes. Owns that a name means the bytes it says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures::StreamExt as _;

use super::files::{copy, make_folder, remove, sum, sync_folder};
use super::manifest::Kept;
use super::{Result, io};
use crate::blobs::Blobs;
use crate::media::StoredFile;

/// Folder of these files.
const FOLDER: &str = "media";
/// Name of one that is being written; no hash has a point.
const INCOMING: &str = "incoming.part";

/// How the name of one ends that rotted: whoever looks for it by its hash does not find it.
const ROTTEN: &str = ".rotten";

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Copied {
    pub kept: Vec<Kept>,
    /// Files that were not among the backups before.
    pub new: u64,
    pub new_bytes: u64,
    /// Files of a library whose bytes are not those that were uploaded; they are not taken.
    pub corrupt: Vec<String>,
}

pub(super) fn path(root: &Path, sha256: &str) -> PathBuf {
    root.join(FOLDER).join(sha256)
}

/// Takes in everything that lies in the folder of stored files. `known` is what the database says of files, by their keys: what it names and the
/// backups have is not read again.
pub(super) async fn take_in(root: &Path, blobs: &Blobs, known: &BTreeMap<String, StoredFile>) -> Result<Copied> {
    let folder = root.join(FOLDER);
    make_folder(&folder)?;
    let incoming = folder.join(INCOMING);
    let mut done = Copied::default();
    for (kind, word) in Kept::KINDS {
        let mut lying = blobs.list_here(kind);
        while let Some(found) = lying.next().await {
            let found = found?;
            let expected = known.get(found.key.as_str());
            let keep = |bytes: u64, sha256: &str| Kept {
                kind: word.to_owned(),
                key: found.key.to_string(),
                bytes,
                sha256: sha256.to_owned(),
            };
            if let Some(it) = expected
                && std::fs::metadata(path(root, &it.sha256)).is_ok_and(|there| there.len() == it.size_bytes)
            {
                done.kept.push(keep(it.size_bytes, &it.sha256));
                continue;
            }
            // Deleted in this very moment.
            let Some(read) = copy(&blobs.path_here(kind, &found.key), &incoming)? else { continue };
            if expected.is_some_and(|it| it.sha256 != read.sha256 || it.size_bytes != read.bytes) {
                done.corrupt.push(found.key.to_string());
                continue;
            }
            let to = path(root, &read.sha256);
            if std::fs::metadata(&to).is_ok_and(|there| there.len() == read.bytes) {
                done.kept.push(keep(read.bytes, &read.sha256));
                continue;
            }
            std::fs::rename(&incoming, &to).map_err(io("keep", &to))?;
            done.new += 1;
            done.new_bytes = done.new_bytes.saturating_add(read.bytes);
            done.kept.push(keep(read.bytes, &read.sha256));
        }
    }
    remove(&incoming)?;
    sync_folder(&folder)?;
    done.kept.sort_by(|a, b| (&a.kind, &a.key).cmp(&(&b.kind, &b.key)));
    Ok(done)
}

/// Gives a file that has other bytes than its name says another name. Where that is refused it stays, and is found again.
pub(super) fn set_aside(root: &Path, sha256: &str) {
    let here = path(root, sha256);
    if let Err(error) = std::fs::rename(&here, here.with_file_name(format!("{sha256}{ROTTEN}"))) {
        tracing::warn!(%error, file = %here.display(), "a damaged file among the backups could not be set aside");
    }
}

/// Whether one that rotted is all there is of something that is needed.
fn is_last(root: &Path, name: &str, needed: &BTreeSet<String>) -> bool {
    name.strip_suffix(ROTTEN).is_some_and(|sha256| needed.contains(sha256) && !path(root, sha256).exists())
}

/// Removes what is needed by nothing; gives how many.
pub(super) fn sweep(root: &Path, needed: &BTreeSet<String>) -> Result<u64> {
    let folder = root.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(io("look into", &folder))?,
    };
    let mut gone = 0;
    for entry in entries {
        let entry = entry.map_err(io("look into", &folder))?;
        if !entry.file_name().to_str().is_some_and(|name| needed.contains(name) || is_last(root, name, needed)) {
            remove(&entry.path())?;
            gone += 1;
        }
    }
    if gone > 0 {
        sync_folder(&folder)?;
    }
    Ok(gone)
}

/// What one of these files is now; `None` when it is not there.
pub(super) fn look(root: &Path, sha256: &str) -> Result<Option<super::files::Sum>> {
    sum(&path(root, sha256))
}
