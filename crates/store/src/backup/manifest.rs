//! What a copy holds, as a file beside it: with it the copy can be held to what was written, by this program or another. Owns the format.

use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Result, io};
use crate::blobs::{BlobError, BlobKey, BlobKind};

/// Format of this version.
const FORMAT: u32 = 2;
/// Formats that are read; the first one said less.
const READ: std::ops::RangeInclusive<u32> = 1..=FORMAT;

/// Everything about one copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    /// When it was begun, in UTC.
    pub made_at: String,
    /// Version of the program that made it.
    pub program: String,
    /// Whether the database's file is one of SQLite or SQL text for PostgreSQL.
    pub engine: String,
    /// Name of that file in the copy.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// What the database knows of the instance key: which one it needs, and nothing about it.
    pub key_check: String,
    /// The version of the database's schema; `None` in a copy of the first format.
    #[serde(default)]
    pub schema: Option<i64>,
    /// The versions of the instance key without which something in it could be read by nobody, as far as that was known.
    #[serde(default)]
    pub key_versions: Vec<i64>,
    /// The storage that has further files, which this copy does not hold.
    pub storage: Option<String>,
    /// Keys of files that the database names and that were not there.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Keys of files whose bytes were not those that were uploaded.
    #[serde(default)]
    pub corrupt: Vec<String>,
    /// Files of libraries, and pictures made of them.
    pub media: Vec<Kept>,
}

/// One stored file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// `whole` or `small`.
    pub kind: String,
    /// Its key in the data folder.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, lower-case hex; its name among the files of the backups.
    pub sha256: String,
}

impl Kept {
    /// The kinds that a copy holds, by their words.
    pub(super) const KINDS: [(BlobKind, &'static str); 2] = [(BlobKind::Whole, "whole"), (BlobKind::Small, "small")];

    /// Kind and key, when this is the name of a stored file at all: what stands in a manifest never becomes another path.
    pub(super) fn place(&self) -> std::result::Result<(BlobKind, BlobKey), BlobError> {
        let kind = Self::KINDS.iter().find(|(_, word)| *word == self.kind).map(|(kind, _)| *kind);
        kind.ok_or(BlobError::Key).and_then(|kind| Ok((kind, BlobKey::parse(&self.key)?)))
    }
}

impl Manifest {
    pub(super) fn new(made_at: String, engine: String, file: &str) -> Self {
        Self {
            format: FORMAT,
            made_at,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            engine,
            file: file.to_owned(),
            bytes: 0,
            sha256: String::new(),
            key_check: String::new(),
            schema: None,
            key_versions: Vec::new(),
            storage: None,
            missing: Vec::new(),
            corrupt: Vec::new(),
            media: Vec::new(),
        }
    }

    /// How many files of libraries it lacks.
    #[must_use]
    pub fn lacks(&self) -> usize {
        self.missing.len().saturating_add(self.corrupt.len())
    }

    pub(super) fn read(path: &Path) -> std::io::Result<Self> {
        let read: Self = serde_json::from_slice(&std::fs::read(path)?)?;
        let hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A hash becomes the name of a file.
        let sound =
            !read.file.contains(['/', '\0']) && hash(&read.sha256) && read.media.iter().all(|it| hash(&it.sha256));
        if READ.contains(&read.format) && sound {
            return Ok(read);
        }
        Err(std::io::Error::other("it is of another format than this version knows"))
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(std::io::Error::from).map_err(io("write", path))?;
        let mut file = std::fs::File::create(path).map_err(io("make", path))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(io("write", path))
    }
}
