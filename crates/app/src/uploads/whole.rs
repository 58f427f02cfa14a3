//! An upload by a plain form: its length is known only at its end. Owns the difference to a resumable one, nothing else.

use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;

use super::Progress;
use crate::{Actor, App, Error, Result};

impl App {
    /// Takes a whole file of at most `bound_bytes`, the length of the form around it. `is_whole` tells after the last byte whether
    /// the form ended by itself; one that broke off is given up before it can look like a file, and gives `None`.
    ///
    /// # Errors
    /// As for a resumable upload.
    pub async fn upload_whole<S, E>(
        self: &Arc<Self>,
        actor: &Actor,
        name: &str,
        bound_bytes: u64,
        body: S,
        is_whole: impl Fn() -> bool + Send,
    ) -> Result<Option<Progress>>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin + 'static,
        E: std::fmt::Display + Send,
    {
        let upload = self.upload_create(actor, name, bound_bytes).await?;
        let appended = self.upload_append(actor, upload.id, 0, body).await;
        let shortened = match appended {
            Ok(_) if !is_whole() => {
                self.upload_terminate(actor, upload.id).await?;
                return Ok(None);
            }
            Ok(_) => {
                let mut tx = self.store.begin().await?;
                let some = tx.upload_shorten(actor.workspace_id, upload.id).await?;
                tx.commit().await?;
                if some { Ok(()) } else { Err(Error::BadInput { code: "upload-empty" }) }
            }
            Err(error) => Err(error),
        };
        match shortened {
            Ok(()) => self.progress_within(actor, upload.id, None).await.map(Some),
            Err(error) => {
                self.upload_terminate(actor, upload.id).await?;
                Err(error)
            }
        }
    }
}
