//! Deleting files from the library. Owns what may go, and the receipt that is written with it; for how long a receipt is kept is the data
//! map's, and what an erasure deletes is not decided here.

use domain::id::{DeletionId, MediaId};
use store::deletion::{Deletion, Named, NamedFile};
use store::{Media, StoreError, Tx};

use crate::{Actor, App, Error, Result};

fn named(file: &Media) -> NamedFile {
    NamedFile { name: file.file_name.clone(), size_bytes: file.size_bytes }
}

impl App {
    /// Deletes several files: those that no post needs and no hold keeps. What stays is named in the receipt.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is not theirs or [`Error::Limit`] `too-many-files` for more than a page;
    /// [`Error::Conflict`] `media-held` when nothing may be deleted now, `media-in-use` when posts need each of them.
    pub async fn media_delete_many(&self, actor: &Actor, ids: &[MediaId]) -> Result<Deletion> {
        let files = self.chosen_files(actor, ids).await?;
        let mut receipt = self.empty_receipt(actor);
        for file in &files {
            match self.delete_file(actor, file, &receipt).await {
                Ok(longer) => receipt = longer,
                Err(Error::Conflict { code: "media-in-use" }) => receipt.named.kept.push(named(file)),
                // Another window was quicker.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if receipt.files == 0 {
            let all_gone = receipt.named.kept.is_empty();
            return Err(if all_gone {
                Error::NotFound { what: "media" }
            } else {
                Error::Conflict { code: "media-in-use" }
            });
        }
        // What stayed was only known along the way.
        let mut tx = self.store.begin().await?;
        tx.deletion_put(&receipt).await?;
        tx.commit().await?;
        Ok(receipt)
    }

    /// Deletes a file that no post needs, its bytes and its small pictures.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, [`Error::Conflict`] `media-in-use` while a post needs it, `media-held`
    /// while a legal hold on the person or one of their accounts keeps it.
    pub async fn media_delete(&self, actor: &Actor, id: MediaId) -> Result<Deletion> {
        let file = self.media(actor, id).await?;
        self.delete_file(actor, &file, &self.empty_receipt(actor)).await
    }

    fn empty_receipt(&self, actor: &Actor) -> Deletion {
        let now = self.now();
        Deletion {
            id: DeletionId::from_uuid(self.random.uuid(now)),
            workspace_id: actor.workspace_id,
            person_id: actor.user_id,
            deleted_at: now,
            files: 0,
            size_bytes: 0,
            named: Named::default(),
        }
    }

    /// Deletes one file; gives the receipt with that file in it, which is written in the same transaction.
    async fn delete_file(&self, actor: &Actor, file: &Media, receipt: &Deletion) -> Result<Deletion> {
        let now = self.now();
        let mut receipt = Deletion {
            deleted_at: now,
            files: receipt.files.saturating_add(1),
            size_bytes: receipt.size_bytes.saturating_add(file.size_bytes),
            ..receipt.clone()
        };
        receipt.named.gone.push(named(file));
        let mut tx = self.store.begin().await?;
        tx.media(actor.workspace_id, file.id).await?.ok_or(Error::NotFound { what: "media" })?;
        if self.is_held(&mut tx, actor).await? {
            return Err(Error::Conflict { code: "media-held" });
        }
        let deleted = tx.media_delete_unused(actor.workspace_id, file.id).await;
        let key = match deleted {
            Ok(Some(key)) => key,
            // A post that was written at the same moment stops the deletion by its foreign key.
            Ok(None) | Err(StoreError::Constraint(_)) => {
                return Err(Error::Conflict { code: "media-in-use" });
            }
            Err(error) => return Err(error.into()),
        };
        tx.deletion_put(&receipt).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "media.delete", &file.id.to_string(), "").await?;
        tx.commit().await?;
        // The row is gone, so a crash here leaves an orphan that the next sweep finds.
        self.remove_blobs(&key).await?;
        Ok(receipt)
    }

    async fn is_held(&self, tx: &mut Tx, actor: &Actor) -> Result<bool> {
        let now = self.now();
        if tx.hold_active(&actor.user_id.to_string(), now).await?.is_some() {
            return Ok(true);
        }
        for connection in tx.connections(actor.workspace_id).await? {
            if tx.hold_active(&connection.id.to_string(), now).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
