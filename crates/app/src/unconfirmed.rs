//! The question "Connect this account?": TikTok answers with whichever account its browser is signed in to, and people connect the
//! wrong one.
//!
//! Owns the answer and what happens without one. Until then the grant lies sealed and apart, and nothing can post with it.

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, WorkspaceId};
use domain::time::UnixMillis;
use store::audit::SYSTEM;
use store::{Tx, Unconfirmed};

use crate::alerts::AlertKind;
use crate::connections::Disconnected;
use crate::consents::connected;
use crate::erasure::{Told, tell_with};
use crate::live::{LiveChange, LiveEvent};
use crate::sign_in::{CONNECTIONS_MAX, Kept, NewGrant, Profile, SignInFailure, SignedIn, missing};
use crate::{Actor, App, Error, Result};

/// How long the question may stay unanswered, seconds.
const ANSWER_WITHIN_S: i64 = 600;
/// Unanswered accounts removed in one transaction.
const PORTION: u32 = 100;
/// Where the answer leads.
const NEXT_PATH: &str = "/connections";

impl App {
    /// Sets a grant aside until the person confirms the account; `None` when the account is connected here, so that there is nothing to ask.
    pub(crate) async fn set_aside(
        &self,
        actor: &Actor,
        workspace_id: WorkspaceId,
        new: &NewGrant<'_>,
        now: UnixMillis,
    ) -> std::result::Result<Option<ConnectionId>, SignInFailure> {
        let id = ConnectionId::from_uuid(self.random.uuid(now));
        let sealed = self.tokens.seal_aside(id, new.grant, now).map_err(Error::from)?;
        let mut tx = self.store.begin().await?;
        let known = tx.connections(workspace_id).await?;
        let before = known.iter().find(|connection| connection.open_id == new.grant.open_id);
        if before.is_some_and(|connection| connection.state != ConnectionState::Disconnected) {
            return Ok(None);
        }
        let waiting = tx.unconfirmed_count(workspace_id).await?;
        if before.is_none() && known.len().saturating_add(waiting) >= CONNECTIONS_MAX {
            return Err(SignInFailure::TooManyConnections);
        }
        tx.unconfirmed_put(&Unconfirmed {
            id,
            workspace_id,
            user_id: actor.user_id,
            open_id: new.grant.open_id.clone(),
            display_name: new.profile.display_name.clone(),
            username: new.profile.username.clone(),
            scopes: new.scopes.clone(),
            instance_key_version: sealed.instance_key_version,
            data_key_sealed: sealed.data_key_sealed,
            access_sealed: sealed.access_sealed,
            access_expires_at: sealed.access_expires_at,
            refresh_sealed: sealed.refresh_sealed,
            refresh_expires_at: sealed.refresh_expires_at,
            granted_at: now,
            expires_at: now.plus_seconds(ANSWER_WITHIN_S),
            avatar: new.profile.avatar.clone(),
        })
        .await?;
        let (actor, scopes) = (actor.user_id.to_string(), new.scopes.to_string());
        tx.audit_append(now, &actor, "connection.set_aside", &id.to_string(), &scopes).await?;
        tx.commit().await?;
        self.sweep_nudge.notify_one();
        Ok(Some(id))
    }

    /// The account that the actor is asked about.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is somebody else's, was answered, or ten minutes are over.
    pub async fn unconfirmed(&self, actor: &Actor, id: ConnectionId) -> Result<Unconfirmed> {
        self.store.unconfirmed(actor.user_id, id, self.now()).await?.ok_or(NOT_THERE)
    }

    /// "Yes, this one": the account becomes a connection of the workspace it was added for.
    ///
    /// # Errors
    /// See [`App::unconfirmed`] inside [`SignInFailure::Ours`]; [`SignInFailure::TooManyConnections`].
    pub async fn confirm_account(
        &self,
        actor: &Actor,
        id: ConnectionId,
    ) -> std::result::Result<SignedIn, SignInFailure> {
        let now = self.now();
        // What ends with a renewed grant lies in every workspace that has the account.
        let mut tx = store::wall::over(self.store.begin()).await?;
        let waiting = take(&mut tx, actor, id, now).await?;
        let grant = self.tokens.grant_aside(&waiting, now).map_err(Error::from)?;
        let profile = Profile {
            display_name: waiting.display_name.clone(),
            username: waiting.username.clone(),
            avatar: waiting.avatar.clone(),
        };
        let new =
            NewGrant { grant: &grant, scopes: &waiting.scopes, profile: &profile, consented_at: waiting.granted_at };
        let connection = self.keep_connection(&mut tx, waiting.workspace_id, None, id, &new, now).await?;
        self.seal_connection(&mut tx, &connection, &new, now).await?;
        connected(&mut tx, actor.user_id, &connection, waiting.granted_at).await?;
        let (actor, scopes) = (actor.user_id.to_string(), new.scopes.to_string());
        tx.audit_append(now, &actor, "connection.add", &connection.id.to_string(), &scopes).await?;
        tx.commit().await?;
        let kept = Kept {
            connection_id: connection.id,
            workspace_id: waiting.workspace_id,
            session_secret: None,
            reading: None,
        };
        self.announce(&kept);
        Ok(SignedIn {
            session_secret: None,
            connection_id: kept.connection_id,
            missing_scopes: missing(&waiting.scopes),
            was_connected: false,
            reading: None,
            lacks_readings: false,
            next_path: NEXT_PATH.to_owned(),
        })
    }

    /// "No, another one": the tokens are destroyed before the answer is given, and TikTok is told.
    ///
    /// # Errors
    /// See [`App::unconfirmed`]. A TikTok that does not answer is not an error.
    pub async fn decline_account(&self, actor: &Actor, id: ConnectionId) -> Result<Disconnected> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let waiting = take(&mut tx, actor, id, now).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "connection.decline", &id.to_string(), "").await?;
        tx.commit().await?;
        Ok(Disconnected { confirmed_by_tiktok: self.forget_grant(waiting, now).await? })
    }

    /// Removes accounts that nobody answered in time, and asks TikTok to forget their grants. Gives how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn purge_unconfirmed(&self) -> Result<u64> {
        let now = self.now();
        let mut removed = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let expired = tx.unconfirmed_take_expired(now, PORTION).await?;
            for waiting in &expired {
                tx.audit_append(now, SYSTEM, "connection.unanswered", &waiting.id.to_string(), "").await?;
            }
            tx.commit().await?;
            let full = expired.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
            for waiting in expired {
                self.forget_grant(waiting, now).await?;
                removed += 1;
            }
            if !full {
                return Ok(removed);
            }
        }
    }

    /// Asks TikTok to forget a grant whose row is gone. One account has one grant with this app: where somebody here posts with the
    /// same account, the revocation would end that too, so there the tokens are only destroyed.
    async fn forget_grant(&self, waiting: Unconfirmed, now: UnixMillis) -> Result<bool> {
        let elsewhere = store::wall::over(self.store.connections_by_open_id(&waiting.open_id)).await?;
        if elsewhere.iter().any(|connection| connection.state != ConnectionState::Disconnected) {
            return Ok(true);
        }
        let Ok(pair) = self.tokens.open_aside(&waiting) else { return Ok(false) };
        // In a task of its own: a visitor who leaves the page must not leave the grant alive.
        let (tiktok, id) = (self.tiktok.clone(), waiting.id);
        let told = tokio::spawn(async move { tell_with(&tiktok, &pair, id, now).await }).await;
        let confirmed = told.is_ok_and(|told| told == Told::Confirmed);
        if !confirmed {
            self.alerts.note(AlertKind::RevokeFailures);
        }
        Ok(confirmed)
    }

    /// What has to look anew at a connection that was made or renewed.
    pub(crate) fn announce(&self, kept: &Kept) {
        self.creator_cache.forget(kept.connection_id);
        self.engine_nudge.notify_one();
        self.metrics_nudge.notify_one();
        self.live.publish(LiveEvent { workspace_id: kept.workspace_id, what: LiveChange::Connections });
    }
}

const NOT_THERE: Error = Error::NotFound { what: "account to confirm" };

async fn take(tx: &mut Tx, actor: &Actor, id: ConnectionId, now: UnixMillis) -> Result<Unconfirmed> {
    tx.unconfirmed_take(actor.user_id, id, now).await?.ok_or(NOT_THERE)
}
