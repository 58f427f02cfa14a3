//! Stored files that belong to nothing, because a crash came between two steps. Owns which ones they are and when they may go.
//!
//! The database says what is needed, so a wrong or empty one must not take everybody's files with it.

use futures::StreamExt as _;
use store::blobs::{BlobKey, BlobKind};
use uuid::Uuid;

use domain::id::UploadId;

use crate::media::{pictures, storage};
use crate::{App, Result};

/// A blob younger than this is never an orphan: its row may be about to be written, also by another process. Seconds.
const SETTLED_AFTER_S: u64 = 600;

/// At a storage an orphan stays for so long after it was written there, seconds (a day): others than this database may know it.
pub(crate) const STAYS_AT_STORAGE_S: i64 = 86_400;

/// So many files that belong to nothing may always go; of more, only when they are not most of what lies there.
const FEW_FILES: u64 = 10;

/// Orphans that one round removes at most; the next one goes on.
const ROUND_MAX: usize = 10_000;

/// After a restore, files that came after the copy stay for so long, milliseconds (seven days): it may have been the wrong copy, and then they are wanted
/// again.
const STAYS_AFTER_RESTORE_MS: i64 = 7 * 86_400_000;

/// Seconds since 1970 at which the upload of a file began, as its name says; 0 when it does not.
fn born_s(key: &BlobKey) -> u64 {
    let id = Uuid::try_parse(key.as_str()).ok();
    id.and_then(|id| id.get_timestamp()).map_or(0, |born| born.to_unix().0)
}

impl App {
    /// From when on files stay although the database does not know them: it was put back lately, and they came after the copy.
    async fn spared_from_s(&self) -> Result<Option<u64>> {
        let taken_up = self.store.history().await?.taken_up();
        let lately = taken_up.filter(|it| self.now().millis_since(it.at) < STAYS_AFTER_RESTORE_MS);
        Ok(lately.map(|it| it.made_at.map_or(0, |at| u64::try_from(at.seconds()).unwrap_or(0))))
    }

    /// Removes files that belong to nothing: an upload may have ended while its library was erased. Gives how many. When the database
    /// does not know most of the files it is more likely the wrong one: then none is removed, and an error is logged.
    pub(crate) async fn remove_orphans(&self) -> Result<u64> {
        let (mut files, mut strange, mut spared) = (0_u64, 0_u64, 0_u64);
        let spared_from_s = self.spared_from_s().await?;
        let mut found = Vec::new();
        for kind in [BlobKind::Partial, BlobKind::Whole, BlobKind::Small] {
            for is_here in [true, false] {
                let mut lying = if is_here { self.blobs.list_here(kind) } else { self.blobs.list_there(kind) };
                while let Some(stored) = lying.next().await {
                    let stored = stored.map_err(storage)?;
                    let counts = u64::from(kind != BlobKind::Small);
                    files += counts;
                    if self.is_needed(kind, &stored.key).await? {
                        continue;
                    }
                    let owner =
                        if kind == BlobKind::Small { pictures::owner(&stored.key) } else { Some(stored.key.clone()) };
                    if spared_from_s.is_some_and(|from_s| owner.is_some_and(|owner| born_s(&owner) >= from_s)) {
                        spared += counts;
                        continue;
                    }
                    strange += counts;
                    let old = self.now().seconds().saturating_sub(stored.changed_at_s) > STAYS_AT_STORAGE_S;
                    if (is_here || old) && found.len() < ROUND_MAX {
                        found.push((kind, stored.key));
                    }
                }
            }
        }
        if spared > 0 {
            tracing::warn!(
                files = spared,
                "stored files are newer than the copy of the database that was put back; they stay for seven days after that, then they go"
            );
        }
        // What stays anyhow says nothing about which database this is.
        if strange > FEW_FILES && strange > files.saturating_sub(spared) / 2 {
            tracing::error!(
                files,
                unknown = strange,
                "most stored files are not in this database, so none of them is removed. If MOLOKO_BLOBS or the data folder belongs to another \
                 instance, or the database is empty or too old, correct that; if they really belong to nothing, run moloko blobs verify --repair"
            );
            return Ok(0);
        }
        let mut orphans = 0;
        for (kind, key) in found {
            // Some time went by.
            if !self.is_needed(kind, &key).await? && self.blobs.delete(kind, &key).await.map_err(storage)? {
                orphans += 1;
            }
        }
        Ok(orphans)
    }

    /// Whether the database knows what a stored file is for, or may be about to.
    pub(crate) async fn is_needed(&self, kind: BlobKind, key: &BlobKey) -> Result<bool> {
        let owner = match kind {
            BlobKind::Partial | BlobKind::Whole => Some(key.clone()),
            BlobKind::Small => pictures::owner(key),
        };
        // What is not named like a file of the library was put there by somebody else and is left alone.
        let Some(owner) = owner else { return Ok(true) };
        let Ok(id) = Uuid::try_parse(owner.as_str()) else {
            return Ok(true);
        };
        let now_s = u64::try_from(self.now().seconds()).unwrap_or(0);
        if born_s(&owner).saturating_add(SETTLED_AFTER_S) > now_s {
            return Ok(true);
        }
        let upload_open = || self.store.upload_is_open(UploadId::from_uuid(id));
        Ok(match kind {
            BlobKind::Partial => upload_open().await?,
            BlobKind::Whole => self.store.media_has_blob(&owner).await? || upload_open().await?,
            BlobKind::Small => self.store.media_has_blob(&owner).await?,
        })
    }
}
