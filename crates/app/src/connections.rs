//! Connected TikTok accounts: listing, looking up, disconnecting. What ends with a grant is the erasure's.

use domain::id::ConnectionId;

use domain::privacy::erasure::Door;
use domain::time::UnixMillis;
use store::{Connection, Rhythm};

use crate::erasure::{By, Receipt};
use crate::{Actor, App, Error, Result};

/// A connection as pages show it.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The row.
    pub connection: Connection,
    /// When the access token runs out; `None` without tokens.
    pub access_expires_at: Option<UnixMillis>,
    /// When the grant itself runs out; `None` without tokens.
    pub refresh_expires_at: Option<UnixMillis>,
    /// Its slots, its gap and its rest.
    pub rhythm: Rhythm,
    /// Posts that wait for this connection.
    pub waiting_posts: u64,
    /// From when on what belongs to it is erased, when its grant is over.
    pub erased_from: Option<UnixMillis>,
}

/// What became of a grant that nobody wanted, told to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disconnected {
    /// TikTok confirmed that the grant is gone; if not, the person removes the app in TikTok's own settings.
    pub confirmed_by_tiktok: bool,
}

impl App {
    /// The actor's connections in the order in which they were made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connections(&self, actor: &Actor) -> Result<Vec<Connection>> {
        Ok(self.store.connections(actor.workspace_id).await?)
    }

    /// One connection of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn connection(&self, actor: &Actor, id: ConnectionId) -> Result<Connection> {
        self.store.connection(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "connection" })
    }

    /// Connections with token dates and waiting posts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connection_views(&self, actor: &Actor) -> Result<Vec<ConnectionView>> {
        let waiting = self.store.post_count_scheduled(actor.workspace_id).await?;
        let erasures = self.store.erasures_of(actor.workspace_id).await?;
        let mut rhythms = self.rhythms(actor).await?;
        let mut views = Vec::new();
        for connection in self.connections(actor).await? {
            let token = self.store.token(connection.id).await?;
            let id = connection.id.to_string();
            let wish = erasures.iter().find(|wish| wish.subject_id == id && wish.state.is_open());
            views.push(ConnectionView {
                rhythm: rhythms.remove(&connection.id).unwrap_or_else(|| Rhythm::none(connection.id)),
                erased_from: wish.map(|wish| wish.begins_at),
                access_expires_at: token.as_ref().map(|row| row.access_expires_at),
                refresh_expires_at: token.as_ref().map(|row| row.refresh_expires_at),
                waiting_posts: waiting.get(&connection.id).copied().unwrap_or_default(),
                connection,
            });
        }
        Ok(views)
    }

    /// Disconnects an account: open attempts stop or become uncertain, tokens with their key and the picture are destroyed before the
    /// answer, TikTok is told, and the erasure of what belongs to the account begins when the grace is over.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs. A TikTok that does not answer is not an error.
    pub async fn disconnect(&self, actor: &Actor, id: ConnectionId) -> Result<Receipt> {
        let connection = self.connection(actor, id).await?;
        self.end_connection(&connection, By { door: Door::Page, person: Some(actor.user_id) }, self.now()).await
    }
}
