//! Which database the files at a storage belong to: an id in both. Owns that a wrong or empty database never gets at others' files.

use super::storage;
use crate::{App, Result};
use futures::StreamExt as _;
use store::blobs::BlobKind;

/// Where the database has the id.
const OWNER: &str = "storage-owner";

/// How a database and what lies at its storage belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// They do, from now on or from before; or there is no storage.
    Bound,
    /// Files are there, and nothing says whose.
    Unknown,
    /// What is there belongs to another database.
    Others,
}

impl App {
    /// Looks whether the files at the storage are this database's. An empty storage becomes its own.
    ///
    /// # Errors
    /// When the database or the storage does not answer.
    pub async fn bind_storage(&self) -> Result<Binding> {
        if self.blobs.bucket_name().is_none() {
            return Ok(Binding::Bound);
        }
        match (self.blobs.owner().await.map_err(storage)?, self.store.meta_get(OWNER).await?) {
            (Some(there), Some(here)) if there == here => Ok(Binding::Bound),
            (Some(_), _) => Ok(Binding::Others),
            (None, _) => match self.blobs.list_there(BlobKind::Whole).next().await.transpose().map_err(storage)? {
                Some(_) => Ok(Binding::Unknown),
                None => self.take_storage().await.map(|()| Binding::Bound),
            },
        }
    }

    /// Says at the storage that all its files belong to this database, whatever was said before.
    ///
    /// # Errors
    /// When the database or the storage does not answer.
    pub async fn take_storage(&self) -> Result<()> {
        let mut tx = self.store.begin().await?;
        // Another node may begin at this moment; the first id stays.
        tx.meta_add(OWNER, &self.random.uuid(self.now()).to_string()).await?;
        tx.commit().await?;
        match self.store.meta_get(OWNER).await? {
            Some(id) => self.blobs.set_owner(&id).await.map_err(storage),
            None => Ok(()),
        }
    }
}
