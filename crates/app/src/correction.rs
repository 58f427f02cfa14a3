//! Correcting what is held: a person's own name, what TikTok told about an account, a note beside an entry of the history.
//!
//! Owns who may correct what and how often TikTok is asked. Must not change an entry of the history: what happened stays as it happened.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::id::{ConnectionId, PostId};
use domain::name::display_name;
use domain::time::UnixMillis;
use secrecy::SecretString;
use store::{Connection, PostNote};

use crate::live::{LiveChange, LiveEvent};
use crate::sign_in::Profile;
use crate::{Actor, App, Error, Result};

/// How often the timeline of a post tells of a note that was added or taken away; after that it changes in silence.
const ANNOTATIONS_TOLD: i64 = 50;
/// Longest note, characters.
pub const NOTE_MAX: usize = 500;
/// Time between two readings of one account, milliseconds.
const AGAIN_MS: i64 = 60_000;
/// Accounts remembered before those that may be read again are forgotten.
const REMEMBERED_MAX: usize = 4_096;

/// When TikTok was last asked about each account by this process.
#[derive(Debug, Default)]
pub(crate) struct Refreshes(Mutex<HashMap<ConnectionId, UnixMillis>>);

impl Refreshes {
    /// Whether an account may be read now; then it counts as read.
    fn may(&self, connection: ConnectionId, now: UnixMillis) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &UnixMillis| now.millis_since(*at).abs() < AGAIN_MS;
        if all.get(&connection).is_some_and(is_recent) {
            return false;
        }
        if all.len() >= REMEMBERED_MAX {
            all.retain(|_, at| is_recent(at));
        }
        all.insert(connection, now);
        true
    }
}

impl App {
    /// The actor chooses how they are called here. Signing in again does not overwrite a chosen name.
    ///
    /// # Errors
    /// [`Error::BadInput`] for what cannot be a name.
    pub async fn choose_name(&self, actor: &Actor, name: &str) -> Result<()> {
        let name = display_name(name).ok_or(Error::BadInput { code: "name-unfit" })?;
        self.rename(actor, &name, true).await
    }

    /// The actor is called again as TikTok calls the account that they sign in with.
    ///
    /// # Errors
    /// [`Error::Conflict`] when that account is not connected here any more.
    pub async fn take_name_of_tiktok(&self, actor: &Actor) -> Result<()> {
        let person = self.store.person(actor.user_id).await?.ok_or(Error::NotFound { what: "person" })?;
        let connections = self.connections(actor).await?;
        let own = connections.into_iter().find(|it| it.open_id == person.open_id);
        let own = own.ok_or(Error::Conflict { code: "name-not-at-tiktok" })?;
        self.rename(actor, &own.display_name, false).await
    }

    async fn rename(&self, actor: &Actor, name: &str, chosen: bool) -> Result<()> {
        let now = self.now();
        let who = actor.user_id.to_string();
        let mut tx = self.store.begin().await?;
        tx.person_set_name(actor.user_id, name, chosen.then_some(now)).await?;
        // The workspace was called after the person.
        tx.workspace_follow_name(actor.workspace_id, &actor.display_name, name).await?;
        let action = if chosen { "person.rename" } else { "person.rename_as_tiktok" };
        tx.audit_append(now, &who, action, &who, "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Reads name, handle and picture of an account anew from TikTok.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, [`Error::Limit`] within a minute of the last time, [`Error::ReconnectNeeded`] when
    /// the grant is over, [`Error::TikTok`] when TikTok does not answer.
    pub async fn refresh_profile(&self, actor: &Actor, id: ConnectionId) -> Result<()> {
        let connection = self.connection(actor, id).await?;
        if !self.refreshes.may(id, self.now()) {
            return Err(Error::Limit { code: "profile-refresh-often" });
        }
        let token = self.tokens.access_token(id, 120).await?;
        let profile = match self.read_profile(&connection, &token).await {
            Err(error) if error.class() == tiktok::ErrorClass::Auth => {
                let token = self.tokens.replace_refused(id, &token).await?;
                self.read_profile(&connection, &token).await?
            }
            answer => answer?,
        };
        self.keep_profile(actor, &connection, &profile).await?;
        self.live.publish(LiveEvent { workspace_id: actor.workspace_id, what: LiveChange::Connections });
        Ok(())
    }

    async fn read_profile(
        &self,
        connection: &Connection,
        token: &SecretString,
    ) -> std::result::Result<Profile, tiktok::Error> {
        self.profile(token, &connection.scopes).await
    }

    async fn keep_profile(&self, actor: &Actor, connection: &Connection, profile: &Profile) -> Result<()> {
        let (now, id) = (self.now(), connection.id);
        let mut tx = self.store.begin().await?;
        // Disconnected meanwhile: nothing of the account may come back.
        let still = tx.connection(actor.workspace_id, id).await?;
        if still.is_none_or(|it| it.state == domain::connection::ConnectionState::Disconnected) {
            return Err(Error::ReconnectNeeded);
        }
        tx.connection_set_profile(id, &profile.display_name, profile.username.as_deref(), now).await?;
        if let Some(avatar) = &profile.avatar {
            tx.avatar_put(id, avatar, now).await?;
        }
        if tx.person_follow_name(actor.user_id, &connection.open_id, &profile.display_name).await? {
            tx.workspace_follow_name(actor.workspace_id, &actor.display_name, &profile.display_name).await?;
        }
        let who = actor.user_id.to_string();
        tx.audit_append(now, &who, "connection.refresh_profile", &id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// The actor's note beside a post, planned or past; an empty text removes it. Nothing of it goes to TikTok, so a consent stays what it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, [`Error::BadInput`] when it is too long.
    pub async fn annotate(&self, actor: &Actor, id: PostId, text: &str) -> Result<()> {
        let post = self.post(actor, id).await?;
        let words = text.replace("\r\n", "\n").trim().to_owned();
        if words.chars().count() > NOTE_MAX {
            return Err(Error::BadInput { code: "note-too-long" });
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let changed = if words.is_empty() {
            tx.post_note_delete(id).await?
        } else {
            // The timeline tells that there is one, not each time it is worded anew.
            let new = self.store.post_note(id).await?.is_none();
            tx.post_note_put(actor.user_id, &PostNote { post_id: id, words, at: now }).await?;
            new
        };
        if changed && self.store.annotations(id).await? < ANNOTATIONS_TOLD {
            // That there is a note belongs to the timeline; what it says does not.
            let nothing = serde_json::json!({});
            tx.event_append(post.workspace_id, id, "annotated", Some(actor.user_id), &nothing, now).await?;
        }
        tx.commit().await.map_err(Error::from)
    }
}
