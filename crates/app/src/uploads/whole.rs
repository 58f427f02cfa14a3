//! An upload by a plain form: its length is known only at its end. Owns the difference to a resumable one, nothing else.

use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;

use super::Progress;
use crate::{Actor, App, Error, Result};

impl App {
    /// Takes a whole file of at most `bound_bytes`, the length of the form around it. A form that breaks off is given up: nothing
    /// can resume it.
    ///
    /// # Errors
    /// As for a resumable upload.
    pub async fn upload_whole<S, E>(
        self: &Arc<Self>,
        actor: &Actor,
        name: &str,
        bound_bytes: u64,
        body: S,
    ) -> Result<Progress>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin + 'static,
        E: std::fmt::Display + Send,
    {
        let upload = self.upload_create(actor, name, bound_bytes).await?;
        let appended = self.upload_append(actor, upload.id, 0, body).await;
        let shortened = match appended {
            Ok(_) => {
                let mut tx = self.store.begin().await?;
                let some = tx.upload_shorten(actor.workspace_id, upload.id).await?;
                tx.commit().await?;
                if some { Ok(()) } else { Err(Error::BadInput { code: "upload-empty" }) }
            }
            Err(error) => Err(error),
        };
        match shortened {
            Ok(()) => self.upload_progress(actor, upload.id).await,
            Err(error) => {
                self.upload_terminate(actor, upload.id).await?;
                Err(error)
            }
        }
    }
}
