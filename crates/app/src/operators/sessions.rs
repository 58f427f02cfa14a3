//! Signed-in browsers of operators: twelve hours at most, one hour without use. Owns their lifetime; the cookie is the web crate's business.

use domain::id::SessionId;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret as _, SecretString};
use store::Tx;
use store::operator::{Operator, OperatorSession};

use super::{Entered, IDLE_MS, OperatorActor, SESSION_MS};
use crate::random::secret_hash;
use crate::sessions::Device;
use crate::{App, Error, Result};

/// The last-seen time is written at most this often, milliseconds.
const TOUCH_EVERY_MS: i64 = 60_000;
/// Longest device label kept, characters.
const DEVICE_MAX: usize = 80;

/// A row of the session list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorSessionView {
    /// Handle for ending it.
    pub id: SessionId,
    /// Browser and system family.
    pub device: String,
    /// The address at sign-in.
    pub ip: String,
    /// Sign-in time.
    pub created_at: UnixMillis,
    /// Last use, to a minute.
    pub last_seen_at: UnixMillis,
    /// The session that asks.
    pub is_current: bool,
}

impl App {
    /// Which operator a secret belongs to; `None` when it is unknown or over. Extends the idle time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_of_session(&self, secret: &SecretString) -> Result<Option<OperatorActor>> {
        let now = self.now();
        let hash = secret_hash(secret.expose_secret());
        let Some(session) = self.store.operator_session(&hash, now).await? else { return Ok(None) };
        let Some(operator) = self.store.operator(session.operator_id).await? else { return Ok(None) };
        if now.millis_since(session.last_seen_at) > TOUCH_EVERY_MS {
            let end = session.created_at.plus_millis(SESSION_MS);
            let mut tx = self.store.begin().await?;
            tx.operator_session_touch(session.id, now, now.plus_millis(IDLE_MS).min(end)).await?;
            tx.commit().await?;
        }
        Ok(Some(OperatorActor {
            id: operator.id,
            name: operator.name,
            session_id: session.id,
            verified_at: session.verified_at,
        }))
    }

    /// The operator's sessions, last used first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_sessions(&self, actor: &OperatorActor) -> Result<Vec<OperatorSessionView>> {
        let sessions = self.store.operator_sessions(actor.id, self.now()).await?;
        let view = |session: OperatorSession| OperatorSessionView {
            is_current: session.id == actor.session_id,
            id: session.id,
            device: session.device,
            ip: session.ip,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        };
        Ok(sessions.into_iter().map(view).collect())
    }

    /// Ends one of the operator's sessions, at once. Ending needs no passkey: it only takes away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not the operator's.
    pub async fn operator_session_end(&self, actor: &OperatorActor, id: SessionId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !tx.operator_session_delete(actor.id, id).await? {
            return Err(Error::NotFound { what: "session" });
        }
        tx.audit_append(now, &actor.audit_name(), "operator.session_end", &id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Opens a session inside the caller's transaction.
    pub(super) async fn open_operator_session(
        &self,
        tx: &mut Tx,
        operator: &Operator,
        device: &Device,
        now: UnixMillis,
    ) -> Result<Entered> {
        let secret = self.random.secret();
        let session = OperatorSession {
            id: SessionId::from_uuid(self.random.uuid(now)),
            secret_hash: secret_hash(secret.expose_secret()),
            operator_id: operator.id,
            device: device.label.chars().take(DEVICE_MAX).collect(),
            ip: device.ip.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_millis(IDLE_MS),
            verified_at: now,
        };
        tx.operator_session_insert(&session).await?;
        let actor =
            OperatorActor { id: operator.id, name: operator.name.clone(), session_id: session.id, verified_at: now };
        Ok(Entered { secret, actor })
    }
}
