//! Who operates the instance: operators, the links that let one register a passkey, passkeys, signed-in browsers, and questions that wait for an
//! authenticator's answer. Owns the rows; must never see a secret itself, and decides nothing.

use domain::id::{OperatorId, SessionId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("operator");
const SESSIONS: Table = Table("operator_session");
const PASSKEYS: Table = Table("operator_passkey");

/// Operators, passkeys of one, or sessions, read in one go.
const LIST_LIMIT: i64 = 200;

/// Somebody who operates the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Handle.
    pub id: OperatorId,
    /// What they are called.
    pub name: String,
    /// Since when.
    pub created_at: UnixMillis,
}

/// An operator with what is listed about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOperator {
    /// Who.
    pub operator: Operator,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// When the last of them was used.
    pub last_used_at: Option<UnixMillis>,
    /// How many browsers of theirs are signed in.
    pub sessions: i64,
}

/// A word with which a passkey may be registered, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorLink {
    /// SHA-256 of the word.
    pub secret_hash: String,
    /// Whose passkey it is going to be; the operator need not be there yet.
    pub operator_id: OperatorId,
    /// What they are called.
    pub name: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
}

/// The public half of a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// What the authenticator calls it, base64url.
    pub credential_id: String,
    /// Whose.
    pub operator_id: OperatorId,
    /// The key, as COSE has it.
    pub public_key: Vec<u8>,
    /// The number of its algorithm.
    pub algorithm: i64,
    /// How often the authenticator says it was used.
    pub counter: i64,
    /// When it was registered.
    pub created_at: UnixMillis,
    /// When it was last used.
    pub last_used_at: Option<UnixMillis>,
}

/// One signed-in browser of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorSession {
    /// Public handle.
    pub id: SessionId,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: String,
    /// Who.
    pub operator_id: OperatorId,
    /// Browser and system family.
    pub device: String,
    /// The address at sign-in.
    pub ip: String,
    /// Sign-in.
    pub created_at: UnixMillis,
    /// Last request, coarse.
    pub last_seen_at: UnixMillis,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
    /// When the passkey was last asked for.
    pub verified_at: UnixMillis,
}

/// What an authenticator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyPurpose {
    /// To make a passkey.
    Register,
    /// Who is there.
    SignIn,
    /// Whether it is still them.
    Confirm,
}

impl CeremonyPurpose {
    /// The word in the row.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
            Self::Confirm => "confirm",
        }
    }
}

/// A question that waits for an authenticator's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// SHA-256 of what the browser holds.
    pub browser_hash: String,
    /// What for.
    pub purpose: CeremonyPurpose,
    /// The random bytes that have to come back signed, base64url.
    pub challenge: String,
    /// The hash of the link, or the operator who confirms; empty at a sign-in.
    pub subject: String,
    /// From then on no answer counts.
    pub expires_at: UnixMillis,
}

macro_rules! session_columns {
    () => {
        "id, secret_hash, operator_id, device, ip, created_at, last_seen_at, expires_at, verified_at"
    };
}

macro_rules! passkey_columns {
    () => {
        "credential_id, operator_id, public_key, algorithm, counter, created_at, last_used_at"
    };
}

const INSERT: &str = "INSERT INTO operator (id, name, created_at) VALUES ($1, $2, $3)";
const SELECT: &str = "SELECT id, name, created_at FROM operator WHERE id = $1";
const SELECT_NAMED: &str = "SELECT id, name, created_at FROM operator WHERE name = $1";
const LIST: &str = "
SELECT id, name, created_at,
  (SELECT COUNT(*) FROM operator_passkey k WHERE k.operator_id = operator.id),
  (SELECT MAX(k.last_used_at) FROM operator_passkey k WHERE k.operator_id = operator.id),
  (SELECT COUNT(*) FROM operator_session s WHERE s.operator_id = operator.id AND s.expires_at > $1)
FROM operator
ORDER BY created_at, id
LIMIT $2";
const DELETE: &str = "DELETE FROM operator WHERE id = $1";

const LINK_INSERT: &str =
    "INSERT INTO operator_link (secret_hash, operator_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
const LINK_SELECT: &str =
    "SELECT operator_id, name, created_at, expires_at FROM operator_link WHERE secret_hash = $1 AND expires_at > $2";
const LINK_TAKE: &str = "DELETE FROM operator_link WHERE secret_hash = $1 AND expires_at > $2 RETURNING operator_id, name, created_at, expires_at";
const LINKS_DELETE: &str = "DELETE FROM operator_link WHERE name = $1";

const PASSKEY_INSERT: &str =
    concat!("INSERT INTO operator_passkey (", passkey_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
const PASSKEY_SELECT: &str = concat!("SELECT ", passkey_columns!(), " FROM operator_passkey WHERE credential_id = $1");
const PASSKEYS_SELECT: &str = concat!(
    "SELECT ",
    passkey_columns!(),
    " FROM operator_passkey WHERE operator_id = $1 ORDER BY created_at, credential_id LIMIT $2"
);
// The counter is compared here too: two answers with the same count cannot both pass.
const PASSKEY_USED: &str = "
UPDATE operator_passkey
SET counter = $3, last_used_at = $4
WHERE credential_id = $1
  AND counter = $2";

const SESSION_INSERT: &str =
    concat!("INSERT INTO operator_session (", session_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
const SESSION_BY_HASH: &str =
    concat!("SELECT ", session_columns!(), " FROM operator_session WHERE secret_hash = $1 AND expires_at > $2");
const SESSIONS_OF: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM operator_session WHERE operator_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id LIMIT $3"
);
const SESSION_TOUCH: &str = "UPDATE operator_session SET last_seen_at = $2, expires_at = $3 WHERE id = $1";
const SESSION_VERIFIED: &str = "UPDATE operator_session SET verified_at = $2 WHERE id = $1 AND expires_at > $2";
const SESSION_DELETE: &str = "DELETE FROM operator_session WHERE operator_id = $1 AND id = $2";

const CEREMONY_PUT: &str = "
INSERT INTO operator_ceremony (browser_hash, purpose, challenge, subject, expires_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (browser_hash) DO UPDATE SET
  purpose = excluded.purpose,
  challenge = excluded.challenge,
  subject = excluded.subject,
  expires_at = excluded.expires_at";
const CEREMONIES_OPEN: &str = "SELECT COUNT(*) FROM operator_ceremony WHERE expires_at > $1";
const CEREMONY_TAKE: &str = "
DELETE FROM operator_ceremony
WHERE browser_hash = $1
  AND purpose = $2
  AND expires_at > $3
RETURNING challenge, subject, expires_at";

const PURGE_LINKS: &str = "DELETE FROM operator_link WHERE expires_at <= $1";
const PURGE_SESSIONS: &str = "DELETE FROM operator_session WHERE expires_at <= $1";
const PURGE_CEREMONIES: &str = "DELETE FROM operator_ceremony WHERE expires_at <= $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    SELECT,
    SELECT_NAMED,
    LIST,
    DELETE,
    LINK_INSERT,
    LINK_SELECT,
    LINK_TAKE,
    LINKS_DELETE,
    PASSKEY_INSERT,
    PASSKEY_SELECT,
    PASSKEYS_SELECT,
    PASSKEY_USED,
    SESSION_INSERT,
    SESSION_BY_HASH,
    SESSIONS_OF,
    SESSION_TOUCH,
    SESSION_VERIFIED,
    SESSION_DELETE,
    CEREMONY_PUT,
    CEREMONIES_OPEN,
    CEREMONY_TAKE,
    PURGE_LINKS,
    PURGE_SESSIONS,
    PURGE_CEREMONIES,
];

type Row = (String, String, i64);

fn operator((id, name, created_at): Row) -> Result<Operator> {
    Ok(Operator { id: TABLE.parse("id", &id)?, name, created_at: instant(created_at) })
}

type LinkRow = (String, String, i64, i64);

fn link(secret_hash: &str, (operator_id, name, created_at, expires_at): LinkRow) -> Result<OperatorLink> {
    Ok(OperatorLink {
        secret_hash: secret_hash.to_owned(),
        operator_id: Table("operator_link").parse("operator_id", &operator_id)?,
        name,
        created_at: instant(created_at),
        expires_at: instant(expires_at),
    })
}

row! {
    struct RawPasskey {
        credential_id: String,
        operator_id: String,
        public_key: Vec<u8>,
        algorithm: i64,
        counter: i64,
        created_at: i64,
        last_used_at: Option<i64>,
    }
}

impl TryFrom<RawPasskey> for Passkey {
    type Error = StoreError;

    fn try_from(raw: RawPasskey) -> Result<Self> {
        Ok(Self {
            credential_id: raw.credential_id,
            operator_id: PASSKEYS.parse("operator_id", &raw.operator_id)?,
            public_key: raw.public_key,
            algorithm: raw.algorithm,
            counter: raw.counter,
            created_at: instant(raw.created_at),
            last_used_at: instant_opt(raw.last_used_at),
        })
    }
}

row! {
    struct RawSession {
        id: String,
        secret_hash: String,
        operator_id: String,
        device: String,
        ip: String,
        created_at: i64,
        last_seen_at: i64,
        expires_at: i64,
        verified_at: i64,
    }
}

impl TryFrom<RawSession> for OperatorSession {
    type Error = StoreError;

    fn try_from(raw: RawSession) -> Result<Self> {
        Ok(Self {
            id: SESSIONS.parse("id", &raw.id)?,
            secret_hash: raw.secret_hash,
            operator_id: SESSIONS.parse("operator_id", &raw.operator_id)?,
            device: raw.device,
            ip: raw.ip,
            created_at: instant(raw.created_at),
            last_seen_at: instant(raw.last_seen_at),
            expires_at: instant(raw.expires_at),
            verified_at: instant(raw.verified_at),
        })
    }
}

impl Store {
    /// An operator.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator(&self, id: OperatorId) -> Result<Option<Operator>> {
        fetch_optional!(store self, Row, SELECT, id.to_string())?.map(operator).transpose()
    }

    /// All operators, oldest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operators(&self, now: UnixMillis) -> Result<Vec<ListedOperator>> {
        type Listed = (String, String, i64, i64, Option<i64>, i64);
        let rows = fetch_all!(store self, Listed, LIST, now.millis(), LIST_LIMIT)?;
        rows.into_iter()
            .map(|(id, name, created_at, passkeys, last_used_at, sessions)| {
                let operator = operator((id, name, created_at))?;
                Ok(ListedOperator { operator, passkeys, last_used_at: instant_opt(last_used_at), sessions })
            })
            .collect()
    }

    /// A link that still counts.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_link(&self, secret_hash: &str, now: UnixMillis) -> Result<Option<OperatorLink>> {
        let row = fetch_optional!(store self, LinkRow, LINK_SELECT, secret_hash, now.millis())?;
        row.map(|row| link(secret_hash, row)).transpose()
    }

    /// A passkey by what the authenticator calls it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_passkey(&self, credential_id: &str) -> Result<Option<Passkey>> {
        fetch_optional!(store self, RawPasskey, PASSKEY_SELECT, credential_id)?.map(Passkey::try_from).transpose()
    }

    /// The passkeys of an operator, oldest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_passkeys(&self, operator: OperatorId) -> Result<Vec<Passkey>> {
        let rows = fetch_all!(store self, RawPasskey, PASSKEYS_SELECT, operator.to_string(), LIST_LIMIT)?;
        rows.into_iter().map(Passkey::try_from).collect()
    }

    /// The session of a cookie, unless it has expired.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_session(&self, secret_hash: &str, now: UnixMillis) -> Result<Option<OperatorSession>> {
        let row = fetch_optional!(store self, RawSession, SESSION_BY_HASH, secret_hash, now.millis())?;
        row.map(OperatorSession::try_from).transpose()
    }

    /// The valid sessions of an operator, last used first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_sessions(&self, operator: OperatorId, now: UnixMillis) -> Result<Vec<OperatorSession>> {
        let rows = fetch_all!(store self, RawSession, SESSIONS_OF, operator.to_string(), now.millis(), LIST_LIMIT)?;
        rows.into_iter().map(OperatorSession::try_from).collect()
    }
}

impl Tx {
    /// The operator of a name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_named(&mut self, name: &str) -> Result<Option<Operator>> {
        fetch_optional!(tx self, Row, SELECT_NAMED, name)?.map(operator).transpose()
    }

    /// Adds an operator.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn operator_insert(&mut self, it: &Operator) -> Result<()> {
        execute!(tx self, INSERT, it.id.to_string(), &it.name, it.created_at.millis())?;
        Ok(())
    }

    /// Deletes an operator with passkeys and sessions; false when there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_delete(&mut self, id: OperatorId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string())? == 1)
    }

    /// Adds a link.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_link_insert(&mut self, it: &OperatorLink) -> Result<()> {
        execute!(
            tx self, LINK_INSERT,
            &it.secret_hash,
            it.operator_id.to_string(),
            &it.name,
            it.created_at.millis(),
            it.expires_at.millis(),
        )?;
        Ok(())
    }

    /// Uses a link up; `None` when it does not count any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_link_take(&mut self, secret_hash: &str, now: UnixMillis) -> Result<Option<OperatorLink>> {
        let row = fetch_optional!(tx self, LinkRow, LINK_TAKE, secret_hash, now.millis())?;
        row.map(|row| link(secret_hash, row)).transpose()
    }

    /// Ends every link made for a name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_links_delete(&mut self, name: &str) -> Result<u64> {
        execute!(tx self, LINKS_DELETE, name)
    }

    /// Adds a passkey.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is registered already.
    pub async fn operator_passkey_insert(&mut self, it: &Passkey) -> Result<()> {
        execute!(
            tx self, PASSKEY_INSERT,
            &it.credential_id,
            it.operator_id.to_string(),
            it.public_key.as_slice(),
            it.algorithm,
            it.counter,
            it.created_at.millis(),
            it.last_used_at.map(UnixMillis::millis),
        )?;
        Ok(())
    }

    /// Notes a use of a passkey; false when its counter is not `before` any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_passkey_used(&mut self, it: &Passkey, counter: i64, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, PASSKEY_USED, &it.credential_id, it.counter, counter, now.millis())? == 1)
    }

    /// Adds a session.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the operator is gone.
    pub async fn operator_session_insert(&mut self, it: &OperatorSession) -> Result<()> {
        execute!(
            tx self, SESSION_INSERT,
            it.id.to_string(),
            &it.secret_hash,
            it.operator_id.to_string(),
            &it.device,
            &it.ip,
            it.created_at.millis(),
            it.last_seen_at.millis(),
            it.expires_at.millis(),
            it.verified_at.millis(),
        )?;
        Ok(())
    }

    /// Notes a use and moves the end; false when the session is gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_session_touch(
        &mut self,
        id: SessionId,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, SESSION_TOUCH, id.to_string(), now.millis(), expires_at.millis())? == 1)
    }

    /// Notes that the passkey was asked for anew; false when the session is over.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_session_verified(&mut self, id: SessionId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, SESSION_VERIFIED, id.to_string(), now.millis())? == 1)
    }

    /// Ends a session of this operator; false when it is not theirs or gone.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_session_delete(&mut self, operator: OperatorId, id: SessionId) -> Result<bool> {
        Ok(execute!(tx self, SESSION_DELETE, operator.to_string(), id.to_string())? == 1)
    }

    /// How many questions still wait for an answer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_ceremonies_open(&mut self, now: UnixMillis) -> Result<i64> {
        Ok(fetch_one!(tx self, (i64,), CEREMONIES_OPEN, now.millis())?.0)
    }

    /// Writes a question in place of the one that this browser had before.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_ceremony_put(&mut self, it: &Ceremony) -> Result<()> {
        execute!(
            tx self, CEREMONY_PUT,
            &it.browser_hash,
            it.purpose.as_str(),
            &it.challenge,
            &it.subject,
            it.expires_at.millis(),
        )?;
        Ok(())
    }

    /// Uses a browser's question up; `None` when there is none of this purpose that still counts.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn operator_ceremony_take(
        &mut self,
        browser_hash: &str,
        purpose: CeremonyPurpose,
        now: UnixMillis,
    ) -> Result<Option<Ceremony>> {
        let row = fetch_optional!(tx self, Row, CEREMONY_TAKE, browser_hash, purpose.as_str(), now.millis())?;
        Ok(row.map(|(challenge, subject, expires_at)| Ceremony {
            browser_hash: browser_hash.to_owned(),
            purpose,
            challenge,
            subject,
            expires_at: instant(expires_at),
        }))
    }

    /// Removes links, sessions and questions that are over; gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn purge_operators(&mut self, now: UnixMillis) -> Result<u64> {
        let mut removed = 0;
        removed += execute!(tx self, PURGE_LINKS, now.millis())?;
        removed += execute!(tx self, PURGE_SESSIONS, now.millis())?;
        removed += execute!(tx self, PURGE_CEREMONIES, now.millis())?;
        Ok(removed)
    }
}
