//! Connected TikTok accounts: listing, looking up, disconnecting. Owns the order of steps when a grant ends.

use std::sync::Arc;
use std::time::Duration;

use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::post::PostState;
use domain::time::UnixMillis;
use store::{Connection, Post, PostProblem, StoreError};

use crate::alerts::{AlertKind, Alerts};
use crate::live::{LiveChange, LiveEvent};
use crate::publishing::cancel_live_attempt;
use crate::tokens::StoredPair;
use crate::{Actor, App, Error, Result};

/// How often ending a grant is tried when the engine steps in between.
const END_TRIES: u32 = 5;
/// Longest wait for TikTok's word when a grant ends.
const REVOKE_WITHIN: Duration = Duration::from_secs(10);

/// A connection as pages show it.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The row.
    pub connection: Connection,
    /// When the access token runs out; `None` without tokens.
    pub access_expires_at: Option<UnixMillis>,
    /// When the grant itself runs out; `None` without tokens.
    pub refresh_expires_at: Option<UnixMillis>,
    /// Posts that wait for this connection.
    pub waiting_posts: usize,
}

/// What a disconnect did, told to the person.
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
        let waiting = self.store.posts_queue(actor.workspace_id, 5_000).await?;
        let mut views = Vec::new();
        for connection in self.connections(actor).await? {
            let token = self.store.token(connection.id).await?;
            views.push(ConnectionView {
                access_expires_at: token.as_ref().map(|row| row.access_expires_at),
                refresh_expires_at: token.as_ref().map(|row| row.refresh_expires_at),
                waiting_posts: waiting
                    .iter()
                    .filter(|post| post.connection_id == connection.id && post.state == PostState::Scheduled)
                    .count(),
                connection,
            });
        }
        Ok(views)
    }

    /// Ends a grant: open attempts stop or become uncertain, tokens with their key and the picture are destroyed before the answer,
    /// TikTok is told.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs. A TikTok that does not answer is not an error.
    pub async fn disconnect(&self, actor: &Actor, id: ConnectionId) -> Result<Disconnected> {
        let connection = self.connection(actor, id).await?;
        let now = self.now();
        // Read before they are destroyed; revoking needs them.
        let pair = self.tokens.stored_pair(id).await.ok().flatten();
        let mut tries = 1;
        loop {
            match self.end_grant(actor, &connection, now).await {
                // The engine took a step in this very moment; the person's wish does not end there.
                Err(Error::Store(StoreError::Conflict(_))) if tries < END_TRIES => tries += 1,
                ended => break ended?,
            }
        }
        self.creator_cache.forget(connection.id);
        self.engine_nudge.notify_one();
        let confirmed_by_tiktok = match pair {
            // In a task of its own: a visitor who leaves the page must not leave the grant alive.
            Some(pair) => tokio::spawn(revoke(self.tiktok.clone(), Arc::clone(&self.alerts), pair, id, now))
                .await
                .unwrap_or(false),
            None => false,
        };
        self.live.publish(LiveEvent { workspace_id: actor.workspace_id, what: LiveChange::Connections });
        Ok(Disconnected { confirmed_by_tiktok })
    }

    /// Parks the posts and destroys the tokens with their key and the picture, in one transaction.
    async fn end_grant(&self, actor: &Actor, connection: &Connection, now: UnixMillis) -> Result<()> {
        let mut tx = self.store.begin().await?;
        for post in tx.posts_open_of_connection(connection.id).await? {
            cancel_live_attempt(&mut tx, post.id, now, "disconnected").await?;
            if post.state == PostState::Scheduled {
                let problem = PostProblem {
                    code: "disconnected".to_owned(),
                    tiktok_code: None,
                    log_id: None,
                    detail: None,
                    at: now,
                };
                let parked =
                    Post { state: PostState::NeedsAttention, problem: Some(problem), updated_at: now, ..post.clone() };
                if !tx.post_update(&parked, post.revision, post.state).await? {
                    // The engine has just started it: the attempt that it made has to be stopped as well.
                    return Err(Error::Store(StoreError::Conflict("post")));
                }
                tx.event_append(
                    actor.workspace_id,
                    post.id,
                    "parked",
                    Some(actor.user_id),
                    &serde_json::json!({ "why": "disconnected" }),
                    now,
                )
                .await?;
            }
        }
        tx.token_delete(connection.id).await?;
        tx.avatar_delete(connection.id).await?;
        tx.connection_set_state(connection.id, ConnectionState::Disconnected, now).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "connection.disconnect", &connection.id.to_string(), "")
            .await?;
        tx.commit().await.map_err(Error::from)
    }
}

/// Tells TikTok that the grant is over. An access token that has run out is renewed once, because TikTok takes no other proof.
pub(crate) async fn revoke(
    tiktok: tiktok::Client,
    alerts: Arc<Alerts>,
    pair: StoredPair,
    connection: ConnectionId,
    now: UnixMillis,
) -> bool {
    let told = async {
        if pair.access_expires_at > now {
            return tiktok.revoke(&pair.access).await;
        }
        let renewed = tiktok.refresh(&pair.refresh).await?;
        tiktok.revoke(&renewed.access_token).await
    };
    let told = tokio::time::timeout(REVOKE_WITHIN, told).await;
    if !matches!(told, Ok(Ok(()))) {
        alerts.note(AlertKind::RevokeFailures);
    }
    match told {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%connection, code = error.code(), "TikTok did not confirm the revocation");
            false
        }
        Err(_) => {
            tracing::warn!(%connection, "TikTok did not confirm the revocation in time");
            false
        }
    }
}
