//! Every stored file against what the database says: missing, corrupt, unreadable, or belonging to nothing. Owns that look and what of it may be
//! removed; must not repair a file that somebody needs, because nobody here has other bytes of it.

use aws_lc_rs::digest::{Context, SHA256};
use futures::StreamExt as _;
use store::blobs::{BlobError, BlobKey, BlobKind};
use store::media::StoredFile;
use tokio::io::AsyncReadExt as _;

use domain::id::MediaId;

use super::storage;
use crate::uploads::STAYS_AT_STORAGE_S;
use crate::{App, Result};

/// Rows read at a time.
const PORTION: i64 = 200;
/// Bytes read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A file of a library has no bytes.
    Missing {
        /// The file.
        media: MediaId,
        /// Where they should be.
        key: BlobKey,
    },
    /// Its bytes are not the ones that were uploaded.
    Corrupt {
        /// The file.
        media: MediaId,
        /// Where they are.
        key: BlobKey,
        /// How many there are.
        found_bytes: u64,
        /// How many there should be.
        expected_bytes: u64,
    },
    /// Its bytes could not be read to their end.
    Unreadable {
        /// The file.
        media: MediaId,
        /// Where they are.
        key: BlobKey,
        /// What the disk or the storage said.
        error: String,
    },
    /// Bytes that belong to nothing.
    Orphan {
        /// What kind.
        kind: BlobKind,
        /// Where they are.
        key: BlobKey,
        /// How many.
        size_bytes: u64,
        /// Whether they were removed just now.
        removed: bool,
    },
}

/// What was looked at and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files of libraries that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Stored files that were looked up in the database.
    pub listed: u64,
    /// Files without bytes.
    pub missing: u64,
    /// Files with other bytes.
    pub corrupt: u64,
    /// Files that could not be read.
    pub unreadable: u64,
    /// Bytes of nobody.
    pub orphans: u64,
    /// How many of these were removed.
    pub removed: u64,
}

impl Tally {
    /// Whether everything is as it should be now.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.missing == 0 && self.corrupt == 0 && self.unreadable == 0 && self.orphans == self.removed
    }
}

/// What the bytes of a file turned out to be.
enum Bytes {
    Right,
    Other(u64),
    Unreadable(String),
    Gone,
}

impl App {
    /// Reads every stored file and compares it with the database, then looks for what belongs to nothing. Memory does not grow with either.
    /// With `repair` what belongs to nothing for more than a day is removed. `tell` hears of each finding, `progress` after each file.
    ///
    /// # Errors
    /// When the database or the storage does not answer.
    pub async fn verify_files(
        &self,
        repair: bool,
        mut tell: impl FnMut(&Finding),
        mut progress: impl FnMut(&Tally),
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut after = String::new();
        loop {
            let files = self.store.media_stored(&after, PORTION).await?;
            let Some(last) = files.last() else { break };
            let next = last.key.to_string();
            for file in &files {
                if let Some(finding) = self.verify_file(file, &after, &mut tally).await? {
                    tell(&finding);
                }
                progress(&tally);
            }
            after = next;
        }
        for kind in [BlobKind::Whole, BlobKind::Small, BlobKind::Partial] {
            let mut lying = self.blobs.list(kind);
            while let Some(found) = lying.next().await {
                let found = found.map_err(storage)?;
                tally.listed += 1;
                if !self.is_needed(kind, &found.key).await? {
                    let old = self.now().seconds().saturating_sub(found.changed_at_s) > STAYS_AT_STORAGE_S;
                    let removed = repair && old && self.blobs.delete(kind, &found.key).await.map_err(storage)?;
                    tally.orphans += 1;
                    tally.removed += u64::from(removed);
                    tell(&Finding::Orphan { kind, key: found.key, size_bytes: found.size_bytes, removed });
                }
                progress(&tally);
            }
        }
        Ok(tally)
    }

    async fn verify_file(&self, file: &StoredFile, before: &str, tally: &mut Tally) -> Result<Option<Finding>> {
        tally.files += 1;
        let (media, key) = (file.id, file.key.clone());
        let finding = match self.read_through(file, tally).await? {
            Bytes::Right => return Ok(None),
            Bytes::Other(found_bytes) => Finding::Corrupt { media, key, found_bytes, expected_bytes: file.size_bytes },
            Bytes::Unreadable(error) => Finding::Unreadable { media, key, error },
            Bytes::Gone => Finding::Missing { media, key },
        };
        // Somebody may have deleted it meanwhile.
        if !self.store.media_stored(before, PORTION).await?.contains(file) {
            return Ok(None);
        }
        match finding {
            Finding::Missing { .. } => tally.missing += 1,
            Finding::Unreadable { .. } => tally.unreadable += 1,
            Finding::Corrupt { .. } | Finding::Orphan { .. } => tally.corrupt += 1,
        }
        Ok(Some(finding))
    }

    /// A file that cannot be read is told of like others; a storage that is away altogether ends the look.
    async fn unreadable(&self, error: String) -> Result<Bytes> {
        self.blobs.reach().await.map_err(storage)?;
        Ok(Bytes::Unreadable(error))
    }

    async fn read_through(&self, file: &StoredFile, tally: &mut Tally) -> Result<Bytes> {
        let mut reader = match self.blobs.read_at(&file.key, 0).await {
            Ok(reader) => reader,
            Err(BlobError::Missing(_)) => return Ok(Bytes::Gone),
            Err(error) => return self.unreadable(error.to_string()).await,
        };
        let (mut hash, mut length, mut block) = (Context::new(&SHA256), 0_u64, vec![0; BUFFER_BYTES]);
        loop {
            let many = match reader.read(&mut block).await {
                Ok(many) => many,
                Err(error) => return self.unreadable(error.to_string()).await,
            };
            let Some(bytes) = block.get(..many).filter(|bytes| !bytes.is_empty()) else { break };
            hash.update(bytes);
            length = length.saturating_add(u64::try_from(many).unwrap_or(u64::MAX));
        }
        tally.bytes = tally.bytes.saturating_add(length);
        let hash: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(if length == file.size_bytes && hash == file.sha256 { Bytes::Right } else { Bytes::Other(length) })
    }
}
