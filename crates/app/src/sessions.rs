//! Sessions of signed-in browsers. Owns their lifetime; the cookie is the web crate's business. No password exists.

use domain::id::{SessionId, WorkspaceId};
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::{Person, Session, Tx};

use crate::live::{LiveChange, LiveEvent};
use crate::random::secret_hash;
use crate::{Actor, App, Error, Result};

/// A session that was not used for this long ends, milliseconds (30 days).
pub const IDLE_MS: i64 = 30 * 86_400_000;
/// A session ends this long after sign-in, milliseconds (90 days).
pub const ABSOLUTE_MS: i64 = 90 * 86_400_000;
/// The last-seen time is written at most this often, milliseconds.
const TOUCH_EVERY_MS: i64 = 300_000;
/// Longest device label kept, characters.
const DEVICE_MAX: usize = 80;

/// Where a session was opened, as the session list shows it. No fingerprint: browser and system family, and the address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// For example `Firefox on Linux`.
    pub label: String,
    /// The client's address.
    pub ip: String,
}

/// A row of the session list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Handle for ending it.
    pub id: SessionId,
    /// Browser and system family.
    pub device: String,
    /// The client's address at sign-in.
    pub ip: String,
    /// Sign-in time.
    pub created_at: UnixMillis,
    /// Last use, to five minutes.
    pub last_seen_at: UnixMillis,
    /// When it ends unless it is used before.
    pub expires_at: UnixMillis,
    /// The session that asks.
    pub is_current: bool,
}

impl App {
    /// Who a session secret belongs to; `None` when it is unknown or over. Extends the idle time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn actor_of_session(&self, secret: &SecretString) -> Result<Option<Actor>> {
        let now = self.now();
        let hash = secret_hash(secret.expose_secret());
        let Some(session) = self.store.session_by_hash(&hash, now).await? else {
            return Ok(None);
        };
        let Some(person) = self.store.person(session.user_id).await? else {
            return Ok(None);
        };
        if !self.store.is_member(session.workspace_id, session.user_id).await? {
            return Ok(None);
        }
        if now.millis_since(session.last_seen_at) > TOUCH_EVERY_MS {
            let end = session.created_at.plus_millis(ABSOLUTE_MS);
            let expires_at = now.plus_millis(IDLE_MS).min(end);
            let mut tx = self.store.begin().await?;
            tx.session_touch(session.id, now, expires_at).await?;
            tx.person_seen(session.user_id, now).await?;
            tx.commit().await?;
        }
        Ok(Some(actor(&session, &person)))
    }

    /// The actor's sessions, newest use first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionView>> {
        let sessions = self.store.sessions_of(actor.user_id, self.now()).await?;
        Ok(sessions
            .into_iter()
            .map(|session| SessionView {
                is_current: session.id == actor.session_id,
                id: session.id,
                device: session.device,
                ip: session.ip,
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                expires_at: session.expires_at,
            })
            .collect())
    }

    /// Ends one of the actor's sessions, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the actor's.
    pub async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !tx.session_delete(actor.user_id, id).await? {
            return Err(Error::NotFound { what: "session" });
        }
        tx.audit_append(now, &actor.user_id.to_string(), "session.end", &id.to_string(), "").await?;
        tx.commit().await?;
        self.session_ended(actor.workspace_id, id);
        Ok(())
    }

    /// Tells the open pages of a session that it is over; after the commit.
    pub(crate) fn session_ended(&self, workspace_id: WorkspaceId, session_id: SessionId) {
        self.live.publish(LiveEvent { workspace_id, what: LiveChange::SessionEnded { session_id } });
    }

    /// Opens a session for a person inside the caller's transaction and returns its secret, which is stored only as a hash.
    pub(crate) async fn open_session(
        &self,
        tx: &mut Tx,
        person: &Person,
        workspace_id: WorkspaceId,
        device: &Device,
        now: UnixMillis,
    ) -> Result<(Session, SecretString)> {
        let secret = self.random.secret();
        let session = Session {
            id: SessionId::from_uuid(self.random.uuid(now)),
            secret_hash: secret_hash(secret.expose_secret()),
            user_id: person.id,
            workspace_id,
            device: device.label.chars().take(DEVICE_MAX).collect(),
            ip: device.ip.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_millis(IDLE_MS),
        };
        tx.session_insert(&session).await?;
        Ok((session, secret))
    }
}

pub(crate) fn actor(session: &Session, person: &Person) -> Actor {
    Actor {
        user_id: person.id,
        workspace_id: session.workspace_id,
        session_id: session.id,
        display_name: person.display_name.clone(),
        locale: person.locale.clone(),
        time_zone: person.time_zone.clone(),
        theme: person.theme.clone(),
    }
}
