//! Marks of what was erased outlive the version of the instance key that they were made under: what makes them is kept, sealed under the
//! current version, in `meta` and in the file of marks.
//!
//! It is derived from the old version and cannot be turned back into it; it opens nothing. Must not make or compare marks itself.

use std::collections::BTreeSet;

use store::MarkKeys;
use store::vault::{VaultError, sealed_version};

use super::{MARK_KEYS, stored_mark_keys};
use crate::{App, Result};

impl App {
    /// Makes this process recognise the marks of versions that are no more. For the start, before marks are compared.
    ///
    /// # Errors
    /// When neither the database nor the file can say how to recognise marks that were made: what was erased could come back then.
    pub async fn recall_marks(&self) -> Result<()> {
        let in_file = self.marks.keys().await?;
        let in_database = stored_mark_keys(&self.store).await?;
        self.is_not_behind("what recognises older tombstones, in the file beside the database,", &in_file)?;
        self.is_not_behind("what recognises older tombstones, in the database,", &in_database)?;
        for (version, beside) in &in_file.0 {
            if self.keys.mark_versions().contains(version) {
                continue;
            }
            let first = in_database.0.get(version).unwrap_or(beside);
            self.keys.take_mark_key(*version, first).or_else(|_| self.keys.take_mark_key(*version, beside))?;
        }
        for (version, sealed) in &in_database.0 {
            if !self.keys.mark_versions().contains(version) {
                self.keys.take_mark_key(*version, sealed)?;
            }
        }
        Ok(())
    }

    /// An older copy of the key file knows nothing of the marks that were made since.
    fn is_not_behind(&self, what: &'static str, kept: &MarkKeys) -> Result<()> {
        let sealed = kept.0.values().filter_map(|sealed| sealed_version(sealed)).max();
        let newest = || self.keys.versions().last().copied().unwrap_or(0);
        if sealed > Some(newest()) {
            // Another node may have been told of it a moment ago.
            self.keys.reload()?;
        }
        let newest = newest();
        match sealed.filter(|version| *version > newest) {
            Some(version) => Err(VaultError::OlderKey { what, version, newest }.into()),
            None => Ok(()),
        }
    }

    /// Seals what makes the marks of other versions under the current one, in the database and then in the file.
    pub(super) async fn reseal_mark_keys(&self) -> Result<()> {
        self.recall_marks().await?;
        let kept = self.mark_keys_resealed().await?;
        self.marks.keep_keys(kept).await
    }

    async fn mark_keys_resealed(&self) -> Result<MarkKeys> {
        let current = self.keys.current_version();
        let mut tx = self.store.begin().await?;
        let before = tx.meta_get(MARK_KEYS).await?.unwrap_or_default();
        let mut kept = MarkKeys::parse(&before);
        // Also those of a version above the current one, where an older database was put back.
        let known = self.keys.mark_versions().into_iter().filter(|version| *version < current);
        let wanted: BTreeSet<i64> = known.chain(kept.0.keys().copied()).collect();
        for version in wanted {
            let sealed_under = kept.0.get(&version).and_then(|sealed| sealed_version(sealed));
            if sealed_under != Some(current) {
                kept.0.insert(version, self.keys.seal_mark_key(version)?);
            }
        }
        let text = kept.to_string();
        if before != text {
            tx.meta_put(MARK_KEYS, &text).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Brings to this node's file what another process put into the database.
    pub(super) async fn note_mark_keys(&self) -> Result<()> {
        let kept = stored_mark_keys(&self.store).await?;
        if kept.0.is_empty() { Ok(()) } else { self.marks.keep_keys(kept).await }
    }
}
