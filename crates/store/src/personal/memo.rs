//! The keys that were opened lately, so that a page does not unwrap one for each row. Owns how long they stay in memory.
//!
//! Must not decide whether a key may be used: whoever asks brings its wrapped form, fresh from its row.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::Owner;
use crate::error::{Result, StoreError};
use crate::vault::{DataKey, InstanceKeys, KEY_BYTES, VaultError, sealed_version};

/// Keys of one generation at most; a key is a few hundred bytes.
const GENERATION_MAX: usize = 1_024;

/// Where a store opens personal keys; one per store, shared by its clones and transactions.
#[derive(Clone, Default)]
pub(crate) struct Safe(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    keys: Option<Arc<InstanceKeys>>,
    /// Used since the last turn.
    young: Opened,
    /// Used before, and dropped at the next turn unless it is used again. A dropped key is overwritten.
    old: Opened,
    /// Values and keys that did not open since somebody asked.
    refused: u64,
}

type Opened = HashMap<Vec<u8>, Arc<DataKey>>;

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Safe(..)")
    }
}

/// Owner and wrapped key: a key that was copied to another's row is not found under that row's name.
fn name(owner: Owner<'_>, wrapped: &[u8]) -> Vec<u8> {
    let mut name = owner.purpose().into_bytes();
    name.push(0);
    name.extend_from_slice(wrapped);
    name
}

impl Safe {
    pub(crate) fn sit(&self, keys: Arc<InstanceKeys>) {
        *self.inner() = Inner { keys: Some(keys), ..Inner::default() };
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> Result<Arc<InstanceKeys>> {
        self.inner().keys.clone().ok_or(StoreError::Vault(VaultError::NoInstanceKey))
    }

    /// Opens a key, or gives it as it was opened lately.
    pub(super) fn key(&self, owner: Owner<'_>, wrapped: &[u8]) -> Result<Arc<DataKey>> {
        let name = name(owner, wrapped);
        {
            let mut inner = self.inner();
            if let Some(known) = inner.young.get(&name) {
                return Ok(Arc::clone(known));
            }
            if let Some(known) = inner.old.remove(&name) {
                inner.keep(name, Arc::clone(&known));
                return Ok(known);
            }
        }
        let purpose = owner.purpose();
        let opened = self.keys()?.open(&purpose, wrapped).inspect_err(|_| self.count_refused())?;
        let secret = <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map(Zeroizing::new);
        let key = Arc::new(DataKey::new(&*secret.map_err(|_| VaultError::Refused { place: purpose })?)?);
        self.inner().keep(name, Arc::clone(&key));
        Ok(key)
    }

    pub(super) fn count_refused(&self) {
        let mut inner = self.inner();
        inner.refused = inner.refused.saturating_add(1);
    }

    /// How much did not open since the last time this was asked.
    pub(crate) fn take_refused(&self) -> u64 {
        std::mem::take(&mut self.inner().refused)
    }

    /// Draws a key; gives its wrapped form.
    pub(crate) fn draw(&self, owner: Owner<'_>) -> Result<Vec<u8>> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(secret.as_mut_slice()).map_err(|_| VaultError::Sealing)?;
        let wrapped = self.keys()?.seal(&owner.purpose(), secret.as_slice())?;
        debug_assert!(sealed_version(&wrapped).is_some());
        Ok(wrapped)
    }

    /// Drops an opened key at once.
    pub(super) fn forget(&self, owner: Owner<'_>, wrapped: &[u8]) {
        let name = name(owner, wrapped);
        let mut inner = self.inner();
        inner.young.remove(&name);
        inner.old.remove(&name);
    }

    /// Drops what was not used since the last turn.
    pub(crate) fn turn(&self) {
        self.inner().turn();
    }

    #[cfg(test)]
    pub(super) fn opened(&self) -> usize {
        let inner = self.inner();
        inner.young.len() + inner.old.len()
    }
}

impl Inner {
    fn keep(&mut self, name: Vec<u8>, key: Arc<DataKey>) {
        if self.young.len() >= GENERATION_MAX {
            self.turn();
        }
        self.young.insert(name, key);
    }

    fn turn(&mut self) {
        self.old = std::mem::take(&mut self.young);
    }
}
