//! Browsers that are told things while nobody looks, and what they still have to be told. Owns both tables; what is told, when, and what follows
//! from a push service's answer is decided elsewhere.
//!
//! Each way of telling is one statement, for it is part of the transaction of what it tells. A row of a browser goes with its session.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, SessionId, UserId, WorkspaceId};
use domain::post::PostState;
use domain::push::{HOUR_MS, Kind, PER_HOUR, Told};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("push_browser");
const MESSAGE: Table = Table("push_message");
/// As many as sessions are listed.
const LIST_LIMIT: i64 = 200;

/// Where a browser takes messages, and with which keys they are sealed for it.
#[derive(Clone, PartialEq, Eq)]
pub struct PushTarget {
    /// Address at the push service of the browser's maker.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The secret that both sides know, base64url.
    pub auth: String,
}

impl std::fmt::Debug for PushTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Whoever knows the address and the keys can write to the browser.
        f.write_str("PushTarget(..)")
    }
}

/// A browser that is told things, as the settings show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushBrowser {
    /// The session that it belongs to, and its name in addresses.
    pub session_id: SessionId,
    /// Browser and system family.
    pub device: String,
    /// It is told of posts that went out.
    pub published: bool,
    /// It is told of what waits for the person.
    pub needs_you: bool,
    /// Since when.
    pub created_at: UnixMillis,
}

/// A message in this process's hands, with all that is needed to hand it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTask {
    /// What it is called.
    pub number: i64,
    /// Which browser.
    pub session_id: SessionId,
    /// What happened.
    pub told: Told,
    /// To which thing, by id.
    pub subject: String,
    /// When.
    pub happened_at: UnixMillis,
    /// How often it is handed over, this time counted.
    pub tries: i64,
    /// Language of the person.
    pub locale: String,
    /// Where it goes; empty when no key opens it any more.
    pub target: PushTarget,
    /// The address as it is kept, sealed: by it a browser that was given a new one meanwhile is told apart.
    pub cell: String,
    /// What it tells is still so.
    pub holds: bool,
    /// The browser was told enough within this hour, which ends then.
    pub enough_until: Option<UnixMillis>,
}

const PUT: &str = "
INSERT INTO push_browser (session_id, person_id, endpoint, mark, p256dh, auth, published, needs_you, created_at, hour_at, hour_many)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)
ON CONFLICT (session_id) DO UPDATE SET
  endpoint = excluded.endpoint,
  mark = excluded.mark,
  p256dh = excluded.p256dh,
  auth = excluded.auth,
  published = excluded.published,
  needs_you = excluded.needs_you";
const CHOOSE: &str = "UPDATE push_browser SET published = $3, needs_you = $4 WHERE session_id = $1 AND person_id = $2";
const RENEW: &str = "
UPDATE push_browser SET endpoint = $3, mark = $4, p256dh = $5, auth = $6
WHERE session_id = $1 AND person_id = $2";
const IS_TOLD: &str = "SELECT created_at FROM push_browser WHERE session_id = $1 AND person_id = $2";
const END: &str = "DELETE FROM push_browser WHERE session_id = $1 AND person_id = $2";
// A browser that has a new address since is another one.
const FORGET: &str = "DELETE FROM push_browser WHERE session_id = $1 AND endpoint = $2";
const DROP_SAME: &str = "DELETE FROM push_browser WHERE mark = $1 AND session_id <> $2";
// Messages go before their browser, always: so nobody waits for somebody who waits for them.
const DROP_MESSAGES: &str = "DELETE FROM push_message WHERE session_id = $1";
pub(crate) const DROP_OF_SESSION: &str = "
DELETE FROM push_message
WHERE session_id IN (SELECT id FROM session WHERE user_id = $1 AND id = $2)";
pub(crate) const DROP_OF_HASH: &str = "
DELETE FROM push_message
WHERE session_id IN (SELECT id FROM session WHERE secret_hash = $1)";
pub(crate) const DROP_OF_PERSON: &str = "
DELETE FROM push_message
WHERE session_id IN (SELECT id FROM session WHERE user_id = $1 AND id <> $2)";
const LIST: &str = concat!(
    "
SELECT push_browser.session_id, push_browser.person_id, session.device, push_browser.published, push_browser.needs_you,
  push_browser.created_at, ",
    person_key!("push_browser.person_id"),
    "
FROM push_browser
JOIN session ON session.id = push_browser.session_id
WHERE push_browser.person_id = $1 AND session.expires_at > $2
ORDER BY push_browser.created_at, push_browser.session_id
LIMIT $3"
);
macro_rules! tell {
    ($subject:literal, $from:literal) => {
        concat!(
            "
INSERT INTO push_message (session_id, kind, subject, created_at, next_at, tries)
SELECT push_browser.session_id, CAST($2 AS TEXT), ",
            $subject,
            ", CAST($3 AS BIGINT), CAST($3 AS BIGINT), 0
FROM ",
            $from,
            "
JOIN push_browser ON push_browser.person_id = member.user_id
JOIN session ON session.id = push_browser.session_id
WHERE ",
        )
    };
}
const TELL_WORKSPACE: &str = concat!(
    tell!("CAST($4 AS TEXT)", "member"),
    "member.workspace_id = $1
  AND session.expires_at > $3
  AND push_browser.person_id <> $7
  AND (push_browser.published = $5 OR push_browser.needs_you = $6)
ON CONFLICT (session_id, kind, subject) DO NOTHING"
);
const TELL_OF_CONNECTION: &str = concat!(
    tell!("connection.id", "connection JOIN member ON member.workspace_id = connection.workspace_id"),
    "connection.id = $1
  AND session.expires_at > $3
  AND push_browser.needs_you = 1
ON CONFLICT (session_id, kind, subject) DO NOTHING"
);
const TELL_PERSON: &str = concat!(
    tell!("CAST($4 AS TEXT)", "member"),
    "member.workspace_id = $1
  AND member.user_id = $5
  AND session.expires_at > $3
ON CONFLICT (session_id, kind, subject) DO NOTHING"
);
const DUE: &str = "
SELECT m.number, m.next_at
FROM push_message m
JOIN push_browser ON push_browser.session_id = m.session_id
JOIN session ON session.id = m.session_id
WHERE m.next_at <= $1 AND session.expires_at > $1
ORDER BY m.next_at, m.number
LIMIT $2";
// Of two processes that found the same message, the second one changes nothing.
const CLAIM: &str = "UPDATE push_message SET next_at = $3 WHERE number = $1 AND next_at = $2";
const TASK: &str = concat!(
    "
SELECT m.number, m.session_id, m.kind, m.subject, m.created_at, m.tries, b.person_id, b.endpoint, b.p256dh, b.auth, b.hour_at,
  person.locale, post.state AS post_state, connection.state AS connection_state, ",
    person_key!("b.person_id"),
    "
FROM push_message m
JOIN push_browser b ON b.session_id = m.session_id
JOIN session ON session.id = b.session_id
JOIN person ON person.id = b.person_id
LEFT JOIN post ON post.id = m.subject
LEFT JOIN connection ON connection.id = m.subject
WHERE m.number = $1 AND session.expires_at > $2"
);
const NEXT_HOUR: &str = "UPDATE push_browser SET hour_at = $2, hour_many = 0 WHERE session_id = $1 AND hour_at <= $3";
const COUNT: &str = "UPDATE push_browser SET hour_many = hour_many + 1 WHERE session_id = $1 AND hour_many < $2";
const UNCOUNT: &str = "UPDATE push_browser SET hour_many = hour_many - 1 WHERE session_id = $1 AND hour_many > 0";
const AGAIN: &str = "UPDATE push_message SET next_at = $2, tries = tries + $3 WHERE number = $1";
const DONE: &str = "DELETE FROM push_message WHERE number = $1";
const PURGE: &str = "
DELETE FROM push_message
WHERE number IN (
  SELECT number
  FROM push_message
  WHERE created_at < $1 OR NOT EXISTS (SELECT 1 FROM push_browser WHERE push_browser.session_id = push_message.session_id)
  ORDER BY created_at
  LIMIT $2)";
const PURGE_BROWSERS: &str = "
DELETE FROM push_browser
WHERE session_id IN (SELECT session_id FROM push_browser LIMIT $1)";
pub(crate) const DELETE_OF_SUBJECT: &str = "DELETE FROM push_message WHERE subject = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PUT,
    CHOOSE,
    RENEW,
    IS_TOLD,
    END,
    FORGET,
    DROP_SAME,
    DROP_MESSAGES,
    DROP_OF_SESSION,
    DROP_OF_HASH,
    DROP_OF_PERSON,
    LIST,
    TELL_WORKSPACE,
    TELL_OF_CONNECTION,
    TELL_PERSON,
    DUE,
    CLAIM,
    TASK,
    NEXT_HOUR,
    COUNT,
    UNCOUNT,
    AGAIN,
    DONE,
    PURGE,
    PURGE_BROWSERS,
    DELETE_OF_SUBJECT,
];

row! {
    struct Listed {
        session_id: String,
        person_id: String,
        device: String,
        published: i64,
        needs_you: i64,
        created_at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

row! {
    struct Claimed {
        number: i64,
        session_id: String,
        kind: String,
        subject: String,
        created_at: i64,
        tries: i64,
        person_id: String,
        endpoint: String,
        p256dh: String,
        auth: String,
        hour_at: i64,
        locale: String,
        post_state: Option<String>,
        connection_state: Option<String>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Claimed {
    fn open(self, safe: &Safe, enough_until: Option<UnixMillis>) -> Result<PushTask> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.session_id)?;
        let cell = self.endpoint.clone();
        let target = PushTarget {
            endpoint: row.shown("endpoint", self.endpoint),
            p256dh: row.shown("p256dh", self.p256dh),
            auth: row.shown("auth", self.auth),
        };
        let told = MESSAGE.word("kind", &self.kind, Told::parse)?;
        let post = self.post_state.map(|word| Table("post").word("state", &word, PostState::parse)).transpose()?;
        let account = self.connection_state;
        let account =
            account.map(|word| Table("connection").word("state", &word, ConnectionState::parse)).transpose()?;
        Ok(PushTask {
            number: self.number,
            session_id: MESSAGE.parse("session_id", &self.session_id)?,
            holds: told.holds(post, account),
            told,
            subject: self.subject,
            happened_at: instant(self.created_at),
            tries: self.tries.saturating_add(1),
            locale: self.locale,
            target,
            cell,
            enough_until,
        })
    }
}

impl Store {
    /// The browsers of a person that are told things, those that were asked first in front.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_browsers(&self, person: UserId, now: UnixMillis) -> Result<Vec<PushBrowser>> {
        let open = |raw: Listed| {
            let owner = Owner::person(&raw.person_id);
            let session = self.safe.shown_row(owner, raw.wrapped.as_deref(), Table("session"), &raw.session_id)?;
            Ok(PushBrowser {
                device: session.shown("device", raw.device),
                session_id: TABLE.parse("session_id", &raw.session_id)?,
                published: raw.published == 1,
                needs_you: raw.needs_you == 1,
                created_at: instant(raw.created_at),
            })
        };
        let rows = fetch_all!(store self, Listed, LIST, person.to_string(), now.millis(), LIST_LIMIT)?;
        rows.into_iter().map(open).collect()
    }

    /// Messages that are due, at most `limit`: what each is called, and since when.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_due(&self, now: UnixMillis, limit: u32) -> Result<Vec<(i64, UnixMillis)>> {
        let rows = fetch_all!(store self, (i64, i64), DUE, now.millis(), i64::from(limit))?;
        Ok(rows.into_iter().map(|(number, at)| (number, instant(at))).collect())
    }
}

impl Tx {
    /// From now on the browser of a session is told things; what it was told of before is replaced.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such session.
    pub async fn push_put(
        &mut self,
        person: UserId,
        session: SessionId,
        target: &PushTarget,
        (published, needs_you): (bool, bool),
        now: UnixMillis,
    ) -> Result<()> {
        let (person, id) = (person.to_string(), session.to_string());
        let (endpoint, mark, p256dh, auth) = self.push_sealed(&person, &id, target).await?;
        let (published, needs_you) = (i64::from(published), i64::from(needs_you));
        // What was told while it was off is not told now.
        if fetch_optional!(tx self, (i64,), IS_TOLD, &id, &person)?.is_none() {
            execute!(tx self, DROP_MESSAGES, &id)?;
        }
        execute!(tx self, DROP_SAME, &mark, &id)?;
        execute!(tx self, PUT, &id, &person, &endpoint, &mark, &p256dh, &auth, published, needs_you, now.millis())?;
        Ok(())
    }

    async fn push_sealed(
        &mut self,
        person: &str,
        id: &str,
        it: &PushTarget,
    ) -> Result<(String, String, String, String)> {
        let mark = self.push_mark(&it.endpoint).await?;
        let row = self.row_of(Owner::person(person), TABLE, id).await?;
        let (endpoint, p256dh) = (row.write("endpoint", &it.endpoint)?, row.write("p256dh", &it.p256dh)?);
        Ok((endpoint, mark, p256dh, row.write("auth", &it.auth)?))
    }

    /// A keyed hash of an address: the same browser is known again, and nothing can be told from it.
    async fn push_mark(&mut self, endpoint: &str) -> Result<String> {
        let secret = self.instance_secret("push mark").await?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_deref().map_or(&[], |secret| secret.as_slice()));
        Ok(URL_SAFE_NO_PAD.encode(hmac::sign(&key, endpoint.as_bytes())))
    }

    /// The browser of a session takes messages elsewhere from now on; false when it is told nothing.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_renew(&mut self, person: UserId, session: SessionId, target: &PushTarget) -> Result<bool> {
        let (person, id) = (person.to_string(), session.to_string());
        if fetch_optional!(tx self, (i64,), IS_TOLD, &id, &person)?.is_none() {
            return Ok(false);
        }
        let (endpoint, mark, p256dh, auth) = self.push_sealed(&person, &id, target).await?;
        execute!(tx self, DROP_SAME, &mark, &id)?;
        Ok(execute!(tx self, RENEW, &id, &person, &endpoint, &mark, &p256dh, &auth)? == 1)
    }

    /// Changes what the browser of a session is told of; false when it is told nothing.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_choose(
        &mut self,
        person: UserId,
        session: SessionId,
        (published, needs_you): (bool, bool),
    ) -> Result<bool> {
        let (published, needs_you) = (i64::from(published), i64::from(needs_you));
        Ok(execute!(tx self, CHOOSE, session.to_string(), person.to_string(), published, needs_you)? == 1)
    }

    /// The browser of a session is told nothing more; false when it is not this person's or was told nothing.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_end(&mut self, person: UserId, session: SessionId) -> Result<bool> {
        let (person, id) = (person.to_string(), session.to_string());
        execute!(tx self, DROP_OF_SESSION, &person, &id)?;
        Ok(execute!(tx self, END, &id, &person)? == 1)
    }

    /// Forgets the browser of a task, which takes no messages any more; false when it has a new address since the task was claimed. What else it was to
    /// be told is handed to nobody from then on.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_forget(&mut self, task: &PushTask) -> Result<bool> {
        Ok(execute!(tx self, FORGET, task.session_id.to_string(), &task.cell)? == 1)
    }

    /// Tells the browsers of everybody in a workspace that wish to be told; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_tell_workspace(
        &mut self,
        workspace: WorkspaceId,
        told: Told,
        subject: &str,
        // Whoever pressed for it sees it.
        but: Option<UserId>,
        now: UnixMillis,
    ) -> Result<u64> {
        // A wish is 0 or 1; -1 is nobody's.
        let (published, needs_you) = match told.kind() {
            Kind::Published => (1_i64, -1_i64),
            Kind::NeedsYou => (-1, 1),
        };
        let (workspace, but) = (workspace.to_string(), but.map(|it| it.to_string()).unwrap_or_default());
        execute!(tx self, TELL_WORKSPACE, &workspace, told.as_str(), now.millis(), subject, published, needs_you, &but)
    }

    /// Tells the browsers of one person of a workspace, whatever else they are told; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_tell_person(
        &mut self,
        workspace: WorkspaceId,
        person: UserId,
        told: Told,
        subject: &str,
        now: UnixMillis,
    ) -> Result<u64> {
        let (workspace, person) = (workspace.to_string(), person.to_string());
        execute!(tx self, TELL_PERSON, &workspace, told.as_str(), now.millis(), subject, &person)
    }

    /// Tells the browsers of everybody who works with an account that it has to be connected again; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_tell_reconnect(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<u64> {
        execute!(tx self, TELL_OF_CONNECTION, connection.to_string(), Told::Reconnect.as_str(), now.millis())
    }

    /// Takes a message that is due since `since` into this process's hands until `until`, with all that is needed to hand it over now, and counts it
    /// for its browser's hour. `None` when another process was quicker, or nobody is to be told any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_claim(
        &mut self,
        (number, since): (i64, UnixMillis),
        now: UnixMillis,
        until: UnixMillis,
    ) -> Result<Option<PushTask>> {
        if execute!(tx self, CLAIM, number, since.millis(), until.millis())? == 0 {
            return Ok(None);
        }
        let Some(raw) = fetch_optional!(tx self, Claimed, TASK, number, now.millis())? else { return Ok(None) };
        let hour_ago = now.plus_millis(HOUR_MS.saturating_neg());
        let fresh = execute!(tx self, NEXT_HOUR, &raw.session_id, now.millis(), hour_ago.millis())? == 1;
        let hour_at = if fresh { now } else { instant(raw.hour_at) };
        let counted = execute!(tx self, COUNT, &raw.session_id, PER_HOUR)? == 1;
        let enough_until = (!counted).then(|| hour_at.plus_millis(HOUR_MS));
        raw.open(&self.safe, enough_until).map(Some)
    }

    /// A message that was counted was not handed over.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_uncount(&mut self, session: SessionId) -> Result<()> {
        execute!(tx self, UNCOUNT, session.to_string())?;
        Ok(())
    }

    /// A message is due again at an instant; whether a push service was asked counts as a try.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_again(&mut self, number: i64, at: UnixMillis, asked: bool) -> Result<()> {
        execute!(tx self, AGAIN, number, at.millis(), i64::from(asked))?;
        Ok(())
    }

    /// A message is done with.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_done(&mut self, number: i64) -> Result<()> {
        execute!(tx self, DONE, number)?;
        Ok(())
    }

    /// Forgets browsers, whoever's; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_push_browsers(&mut self, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE_BROWSERS, i64::from(limit))
    }

    /// Removes messages about what happened before `before`, and those that belong to no browser any more; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_push_messages(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
