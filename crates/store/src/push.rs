//! Browsers that are told things while nobody looks, and what they still have to be told. Owns both tables; what is told, when, and what follows
//! from a push service's answer is decided elsewhere.
//!
//! Each way of telling is one statement, for it is part of the transaction of what it tells. A row of a browser goes with its session.

use std::collections::HashMap;

use domain::id::{ConnectionId, SessionId, UserId, WorkspaceId};
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
    /// The browser was told enough within this hour, which ends then.
    pub enough_until: Option<UnixMillis>,
}

const PUT: &str = "
INSERT INTO push_browser (session_id, person_id, endpoint, p256dh, auth, published, needs_you, created_at, hour_at, hour_many)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)
ON CONFLICT (session_id) DO UPDATE SET
  endpoint = excluded.endpoint,
  p256dh = excluded.p256dh,
  auth = excluded.auth,
  published = excluded.published,
  needs_you = excluded.needs_you";
const CHOOSE: &str = "UPDATE push_browser SET published = $3, needs_you = $4 WHERE session_id = $1 AND person_id = $2";
const RENEW: &str =
    "UPDATE push_browser SET endpoint = $3, p256dh = $4, auth = $5 WHERE session_id = $1 AND person_id = $2";
const END: &str = "DELETE FROM push_browser WHERE session_id = $1 AND person_id = $2";
const FORGET: &str = "DELETE FROM push_browser WHERE session_id = $1";
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
const DUE: &str = concat!(
    "
SELECT m.number, m.session_id, m.kind, m.subject, m.created_at, m.tries, b.person_id, b.endpoint, b.p256dh, b.auth, b.hour_at, b.hour_many,
  person.locale, ",
    person_key!("b.person_id"),
    "
FROM push_message m
JOIN push_browser b ON b.session_id = m.session_id
JOIN session ON session.id = b.session_id
JOIN person ON person.id = b.person_id
WHERE m.next_at <= $1 AND session.expires_at > $1
ORDER BY m.next_at, m.number
LIMIT $2"
);
// Of two processes that found the same message, the second one changes nothing.
const CLAIM: &str = "
UPDATE push_message SET next_at = $3, tries = tries + 1
WHERE number = $1 AND tries = $2 AND next_at <= $4";
const COUNT: &str = "UPDATE push_browser SET hour_at = $2, hour_many = $3 WHERE session_id = $1";
const AGAIN: &str = "UPDATE push_message SET next_at = $2 WHERE number = $1";
const DONE: &str = "DELETE FROM push_message WHERE number = $1";
const PURGE: &str = "
DELETE FROM push_message
WHERE number IN (SELECT number FROM push_message WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
const PURGE_BROWSERS: &str = "
DELETE FROM push_browser
WHERE session_id IN (SELECT session_id FROM push_browser LIMIT $1)";
pub(crate) const DELETE_OF_SUBJECT: &str = "DELETE FROM push_message WHERE subject = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PUT,
    CHOOSE,
    RENEW,
    END,
    FORGET,
    LIST,
    TELL_WORKSPACE,
    TELL_OF_CONNECTION,
    DUE,
    CLAIM,
    COUNT,
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
    struct Due {
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
        hour_many: i64,
        locale: String,
        wrapped: Option<Vec<u8>>,
    }
}

/// The running hour of a browser: when it began, and how many messages went out in it.
type Hour = (i64, i64);

impl Due {
    fn open(self, safe: &Safe, enough_until: Option<UnixMillis>) -> Result<PushTask> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.session_id)?;
        let target = PushTarget {
            endpoint: row.shown("endpoint", self.endpoint),
            p256dh: row.shown("p256dh", self.p256dh),
            auth: row.shown("auth", self.auth),
        };
        Ok(PushTask {
            number: self.number,
            session_id: MESSAGE.parse("session_id", &self.session_id)?,
            told: MESSAGE.word("kind", &self.kind, Told::parse)?,
            subject: self.subject,
            happened_at: instant(self.created_at),
            tries: self.tries.saturating_add(1),
            locale: self.locale,
            target,
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
        let (endpoint, p256dh, auth) = self.push_sealed(&person, &id, target).await?;
        let (published, needs_you) = (i64::from(published), i64::from(needs_you));
        execute!(tx self, PUT, &id, &person, &endpoint, &p256dh, &auth, published, needs_you, now.millis())?;
        Ok(())
    }

    async fn push_sealed(&mut self, person: &str, id: &str, it: &PushTarget) -> Result<(String, String, String)> {
        let row = self.row_of(Owner::person(person), TABLE, id).await?;
        Ok((row.write("endpoint", &it.endpoint)?, row.write("p256dh", &it.p256dh)?, row.write("auth", &it.auth)?))
    }

    /// The browser of a session takes messages elsewhere from now on; false when it is told nothing.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_renew(&mut self, person: UserId, session: SessionId, target: &PushTarget) -> Result<bool> {
        let (person, id) = (person.to_string(), session.to_string());
        let (endpoint, p256dh, auth) = self.push_sealed(&person, &id, target).await?;
        Ok(execute!(tx self, RENEW, &id, &person, &endpoint, &p256dh, &auth)? == 1)
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
        Ok(execute!(tx self, END, session.to_string(), person.to_string())? == 1)
    }

    /// Forgets a browser that takes no messages any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_forget(&mut self, session: SessionId) -> Result<()> {
        execute!(tx self, FORGET, session.to_string())?;
        Ok(())
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
        now: UnixMillis,
    ) -> Result<u64> {
        // A wish is 0 or 1; -1 is nobody's.
        let (published, needs_you) = match told.kind() {
            Kind::Published => (1_i64, -1_i64),
            Kind::NeedsYou => (-1, 1),
        };
        let workspace = workspace.to_string();
        execute!(tx self, TELL_WORKSPACE, &workspace, told.as_str(), now.millis(), subject, published, needs_you)
    }

    /// Tells the browsers of everybody who works with an account that it has to be connected again; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_tell_reconnect(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<u64> {
        execute!(tx self, TELL_OF_CONNECTION, connection.to_string(), Told::Reconnect.as_str(), now.millis())
    }

    /// Takes at most `limit` messages that are due into this process's hands until `until`; a message that is not settled by then is due again.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_claim(&mut self, now: UnixMillis, until: UnixMillis, limit: u32) -> Result<Vec<PushTask>> {
        let due = fetch_all!(tx self, Due, DUE, now.millis(), i64::from(limit))?;
        let mut hours: HashMap<String, Hour> = HashMap::new();
        let mut tasks = Vec::with_capacity(due.len());
        for raw in due {
            if execute!(tx self, CLAIM, raw.number, raw.tries, until.millis(), now.millis())? == 0 {
                continue;
            }
            let hour = hours.entry(raw.session_id.clone()).or_insert((raw.hour_at, raw.hour_many));
            if now.millis().saturating_sub(hour.0) >= HOUR_MS {
                *hour = (now.millis(), 0);
            }
            let enough = hour.1 >= PER_HOUR;
            if !enough {
                hour.1 = hour.1.saturating_add(1);
                execute!(tx self, COUNT, &raw.session_id, hour.0, hour.1)?;
            }
            let enough_until = enough.then(|| instant(hour.0).plus_millis(HOUR_MS));
            tasks.push(raw.open(&self.safe, enough_until)?);
        }
        Ok(tasks)
    }

    /// A message is due again at an instant.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn push_again(&mut self, number: i64, at: UnixMillis) -> Result<()> {
        execute!(tx self, AGAIN, number, at.millis())?;
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

    /// Removes messages about what happened before `before`; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_push_messages(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
