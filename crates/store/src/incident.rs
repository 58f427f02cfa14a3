//! What was held of whom, for the report on an incident. Owns reading it, a page of people at a time; changes nothing and reads no content.

use domain::id::{ConnectionId, UserId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("person");

/// Whom an incident concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerned {
    /// Everybody whose data were held until the end of the period.
    Everybody,
    /// One person.
    Person(UserId),
    /// Whoever works with this account.
    Connection(ConnectionId),
    /// Whoever has names, words or tokens that are sealed under this version of the instance key.
    KeyVersion(i64),
}

/// One person, with how many rows of which table were held of them and their workspaces, and their traces within the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Who.
    pub person: UserId,
    /// Their name at TikTok, by which they are told.
    pub display_name: String,
    /// Since when.
    pub since: UnixMillis,
    /// Rows by table.
    pub rows: [(&'static str, u64); 13],
    /// Sign-ins within the period.
    pub sign_ins: u64,
    /// The first of them.
    pub first_sign_in_at: Option<UnixMillis>,
    /// The last of them.
    pub last_sign_in_at: Option<UnixMillis>,
    /// Audit entries by them or about them or their accounts within the period.
    pub entries: u64,
    /// The first of them.
    pub first_entry_at: Option<UnixMillis>,
    /// The last of them.
    pub last_entry_at: Option<UnixMillis>,
}

/// Entries of everybody within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub entries: u64,
    /// The first of them.
    pub first_at: Option<UnixMillis>,
    /// The last of them.
    pub last_at: Option<UnixMillis>,
}

macro_rules! of_their_workspaces {
    ($table:literal) => {
        concat!(
            "(SELECT COUNT(*) FROM ",
            $table,
            " t JOIN member m ON m.workspace_id = t.workspace_id WHERE m.user_id = p.id)"
        )
    };
}

macro_rules! of_their_entries {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM audit a WHERE a.at BETWEEN $2 AND $3 AND (a.actor = p.id OR a.subject = p.id OR a.subject IN
    (SELECT c.id FROM connection c JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id)))"
        )
    };
}

macro_rules! of_their_sign_ins {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM audit a WHERE a.at BETWEEN $2 AND $3 AND a.actor = p.id AND a.action = 'sign_in')"
        )
    };
}

const PAGE: &str = concat!(
    "
SELECT p.id, p.display_name, p.created_at, ",
    person_key!("p.id"),
    ",
  ",
    of_their_workspaces!("connection"),
    " AS connections,
  (SELECT COUNT(*) FROM connection_token k JOIN connection c ON c.id = k.connection_id
    JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id) AS tokens,
  ",
    of_their_workspaces!("media"),
    " AS media,
  ",
    of_their_workspaces!("upload"),
    " AS uploads,
  ",
    of_their_workspaces!("post"),
    " AS posts,
  (SELECT COUNT(*) FROM consent s WHERE s.user_id = p.id) AS consents,
  (SELECT COUNT(*) FROM attempt t JOIN connection c ON c.id = t.connection_id
    JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id) AS attempts,
  (SELECT COUNT(*) FROM session s WHERE s.user_id = p.id) AS sessions,
  (SELECT COUNT(*) FROM unconfirmed u WHERE u.user_id = p.id) AS unconfirmed,
  (SELECT COUNT(*) FROM avatar a JOIN connection c ON c.id = a.connection_id
    JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id) AS avatars,
  (SELECT COUNT(*) FROM post_event e JOIN post t ON t.id = e.post_id
    JOIN member m ON m.workspace_id = t.workspace_id WHERE m.user_id = p.id) AS events,
  (SELECT COUNT(*) FROM support_message s JOIN support_request r ON r.number = s.number WHERE r.person_id = p.id) AS messages,
  ",
    of_their_sign_ins!("COUNT(*)"),
    " AS sign_ins,
  ",
    of_their_sign_ins!("MIN(a.at)"),
    " AS first_sign_in_at,
  ",
    of_their_sign_ins!("MAX(a.at)"),
    " AS last_sign_in_at,
  ",
    of_their_entries!("COUNT(*)"),
    " AS entries,
  ",
    of_their_entries!("MIN(a.at)"),
    " AS first_entry_at,
  ",
    of_their_entries!("MAX(a.at)"),
    " AS last_entry_at
FROM person p
WHERE p.id > $1
  AND p.created_at <= $3
  AND ($4 = '' OR p.id = $4)
  AND ($5 = '' OR EXISTS (SELECT 1 FROM connection c JOIN member m ON m.workspace_id = c.workspace_id
    WHERE m.user_id = p.id AND c.id = $5))
  AND (CAST($6 AS BIGINT) = 0
    OR EXISTS (SELECT 1 FROM connection_token k JOIN connection c ON c.id = k.connection_id
      JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id AND k.instance_key_version = CAST($6 AS BIGINT))
    OR EXISTS (SELECT 1 FROM person_key k WHERE k.person_id = p.id AND k.instance_key_version = CAST($6 AS BIGINT))
    OR EXISTS (SELECT 1 FROM connection_key k JOIN connection c ON c.id = k.connection_id
      JOIN member m ON m.workspace_id = c.workspace_id WHERE m.user_id = p.id AND k.instance_key_version = CAST($6 AS BIGINT))
    OR EXISTS (SELECT 1 FROM unconfirmed u WHERE u.user_id = p.id AND u.instance_key_version = CAST($6 AS BIGINT)))
ORDER BY p.id
LIMIT $7"
);
const SPAN: &str = "SELECT COUNT(*), MIN(at), MAX(at) FROM audit WHERE at BETWEEN $1 AND $2";

pub(crate) const STATEMENTS: &[Statement] = statements![PAGE, SPAN];

row! {
    struct Raw {
        id: String,
        display_name: String,
        created_at: i64,
        connections: i64,
        tokens: i64,
        media: i64,
        uploads: i64,
        posts: i64,
        consents: i64,
        attempts: i64,
        sessions: i64,
        unconfirmed: i64,
        avatars: i64,
        events: i64,
        messages: i64,
        sign_ins: i64,
        first_sign_in_at: Option<i64>,
        last_sign_in_at: Option<i64>,
        entries: i64,
        first_entry_at: Option<i64>,
        last_entry_at: Option<i64>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Affected> {
        let raw = self;
        let row = safe.shown_row(Owner::person(&raw.id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Affected {
            display_name: row.shown("display_name", raw.display_name),
            person: TABLE.parse("id", &raw.id)?,
            since: instant(raw.created_at),
            rows: [
                ("person", 1),
                ("connection", count(raw.connections)),
                ("connection_token", count(raw.tokens)),
                ("media", count(raw.media)),
                ("upload", count(raw.uploads)),
                ("post", count(raw.posts)),
                ("consent", count(raw.consents)),
                ("attempt", count(raw.attempts)),
                ("session", count(raw.sessions)),
                ("unconfirmed", count(raw.unconfirmed)),
                ("avatar", count(raw.avatars)),
                ("post_event", count(raw.events)),
                ("support_message", count(raw.messages)),
            ],
            sign_ins: count(raw.sign_ins),
            first_sign_in_at: instant_opt(raw.first_sign_in_at),
            last_sign_in_at: instant_opt(raw.last_sign_in_at),
            entries: count(raw.entries),
            first_entry_at: instant_opt(raw.first_entry_at),
            last_entry_at: instant_opt(raw.last_entry_at),
        })
    }
}

impl Store {
    /// The next people in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn incident_page(
        &self,
        concerned: Concerned,
        (from, to): (UnixMillis, UnixMillis),
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Affected>> {
        let (person, connection, version) = match concerned {
            Concerned::Everybody => (String::new(), String::new(), 0),
            Concerned::Person(id) => (id.to_string(), String::new(), 0),
            Concerned::Connection(id) => (String::new(), id.to_string(), 0),
            Concerned::KeyVersion(version) => (String::new(), String::new(), version),
        };
        fetch_all!(
            store self, Raw, PAGE,
            after.map(|id| id.to_string()).unwrap_or_default(),
            from.millis(),
            to.millis(),
            &person,
            &connection,
            version,
            i64::from(limit),
        )?
        .into_iter()
        .map(|raw| raw.open(&self.safe))
        .collect()
    }

    /// Audit entries of everybody within a period.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn incident_span(&self, (from, to): (UnixMillis, UnixMillis)) -> Result<Span> {
        let (entries, first, last) =
            fetch_one!(store self, (i64, Option<i64>, Option<i64>), SPAN, from.millis(), to.millis())?;
        Ok(Span {
            entries: u64::try_from(entries).unwrap_or(0),
            first_at: instant_opt(first),
            last_at: instant_opt(last),
        })
    }
}
