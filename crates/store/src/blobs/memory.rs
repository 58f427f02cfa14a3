//! Whole blobs in memory, for simulations that publish the same few files many thousand times. Owns no durability.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::BlobKey;

/// Files by key; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    files: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl MemoryBlobs {
    /// Puts a file in place, also over another one, as a broken disk would.
    pub fn put(&self, key: &BlobKey, content: Bytes) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_string(), content);
    }

    /// Takes a file away.
    pub fn remove(&self, key: &BlobKey) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(&key.to_string());
    }

    /// Forgets all files.
    pub fn clear(&self) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn get(&self, key: &BlobKey) -> Option<Bytes> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).get(&key.to_string()).cloned()
    }
}
