//! Pictures of connected accounts: fetched when an account is connected or its grant renewed, kept as bytes, shown from here.
//!
//! Owns when TikTok's image host is asked. Must not keep or log an address of it, and a missing picture must not stop anything.

use std::time::Duration;

use domain::connection::AvatarFormat;
use domain::id::ConnectionId;
use store::Avatar;

use crate::{Actor, App, Error, Result};

/// Longest wait for a picture. Whoever connects an account waits with it.
const FETCH_WITHIN: Duration = Duration::from_secs(3);

const NOT_THERE: Error = Error::NotFound { what: "picture" };

impl App {
    /// The picture of a connection of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or when the connection is not there or not theirs.
    pub async fn avatar(&self, actor: &Actor, id: ConnectionId) -> Result<Avatar> {
        self.store.avatar(actor.workspace_id, id).await?.ok_or(NOT_THERE)
    }

    /// The picture of the account that the actor is asked about.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or the question is over or somebody else's.
    pub async fn unconfirmed_avatar(&self, actor: &Actor, id: ConnectionId) -> Result<Avatar> {
        let waiting = self.store.unconfirmed(actor.user_id, id, self.now()).await?;
        waiting.and_then(|it| it.avatar).ok_or(NOT_THERE)
    }

    /// The picture behind an address that TikTok gave just now. Asked for once; without an answer the account goes on without one.
    pub(crate) async fn fetch_avatar(&self, address: Option<&str>) -> Option<Avatar> {
        let address = address.filter(|address| !address.is_empty())?;
        match self.tiktok.avatar(address, FETCH_WITHIN).await {
            Ok(picture) => Some(Avatar { format: format(picture.format), bytes: picture.bytes.to_vec() }),
            Err(error) => {
                // The text names the host at most: what an operator has to know to allow it.
                tracing::warn!(code = error.code(), %error, "the picture of an account could not be fetched");
                None
            }
        }
    }
}

fn format(format: tiktok::AvatarFormat) -> AvatarFormat {
    match format {
        tiktok::AvatarFormat::Jpeg => AvatarFormat::Jpeg,
        tiktok::AvatarFormat::Png => AvatarFormat::Png,
        tiktok::AvatarFormat::Webp => AvatarFormat::Webp,
    }
}
