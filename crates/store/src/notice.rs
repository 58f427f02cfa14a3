//! Lines that tell people what happened. Owns writing, reading and removing them; when something is told is decided elsewhere.
//!
//! While a line about a thing is unread, the same is not written again. Each way of telling is one statement, for it is part of the
//! transaction of what it tells.

use domain::id::{ConnectionId, NoticeNumber, UserId, WorkspaceId};
use domain::notice::Notice;
use domain::privacy::documents::Version;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("notice");

/// A line as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// What it is called.
    pub number: NoticeNumber,
    /// What happened, and to which thing.
    pub notice: Notice,
    /// When it was written.
    pub created_at: UnixMillis,
    /// When it was read.
    pub read_at: Option<UnixMillis>,
    /// Name of the TikTok account that it concerns.
    pub account: Option<String>,
    /// Caption of the post that it concerns.
    pub caption: Option<String>,
}

const TELL: &str = "
INSERT INTO notice (person_id, kind, subject, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id, kind, subject) WHERE read_at IS NULL DO NOTHING";
const TELL_WORKSPACE: &str = "
INSERT INTO notice (person_id, kind, subject, created_at)
SELECT user_id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
FROM member
WHERE workspace_id = $1
ON CONFLICT (person_id, kind, subject) WHERE read_at IS NULL DO NOTHING";
const TELL_OF_CONNECTION: &str = "
INSERT INTO notice (person_id, kind, subject, created_at)
SELECT member.user_id, CAST($2 AS TEXT), connection.id, CAST($3 AS BIGINT)
FROM connection
JOIN member ON member.workspace_id = connection.workspace_id
WHERE connection.id = $1
ON CONFLICT (person_id, kind, subject) WHERE read_at IS NULL DO NOTHING";
// Also what was read is not told again.
const TELL_UNANSWERED: &str = "
INSERT INTO notice (person_id, kind, subject, created_at)
SELECT person.id, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT)
FROM person
WHERE open_id NOT LIKE 'erasing:%'
  AND NOT EXISTS (
    SELECT 1 FROM policy_answer
    WHERE policy_answer.person_id = person.id AND document = $4 AND version = $5)
  AND NOT EXISTS (
    SELECT 1 FROM notice told
    WHERE told.person_id = person.id AND told.kind = $1 AND told.subject = $2)
ORDER BY person.id
LIMIT $6";
const SELECT: &str = concat!(
    "
SELECT notice.number, notice.kind, notice.subject, notice.created_at, notice.read_at, connection.id AS account_id,
  connection.display_name AS account, post.caption, ",
    connection_key!("connection.id"),
    "
FROM notice
LEFT JOIN post ON post.id = notice.subject
LEFT JOIN connection ON connection.id = COALESCE(post.connection_id, notice.subject)
WHERE notice.person_id = $1
ORDER BY notice.number DESC
LIMIT $2"
);
const SELECT_ONE: &str = "SELECT kind, subject FROM notice WHERE number = $1 AND person_id = $2";
const COUNT_UNREAD: &str = "SELECT COUNT(*) FROM notice WHERE person_id = $1 AND read_at IS NULL";
const READ: &str = "UPDATE notice SET read_at = $3 WHERE number = $1 AND person_id = $2 AND read_at IS NULL";
const READ_ALL: &str = "UPDATE notice SET read_at = $3 WHERE person_id = $1 AND number <= $2 AND read_at IS NULL";
const PURGE: &str = "
DELETE FROM notice
WHERE number IN (SELECT number FROM notice WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
pub(crate) const DELETE_OF_SUBJECT: &str = "DELETE FROM notice WHERE subject = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    TELL,
    TELL_WORKSPACE,
    TELL_OF_CONNECTION,
    TELL_UNANSWERED,
    SELECT,
    SELECT_ONE,
    COUNT_UNREAD,
    READ,
    READ_ALL,
    PURGE,
    DELETE_OF_SUBJECT,
];

row! {
    struct Raw {
        number: i64,
        kind: String,
        subject: String,
        created_at: i64,
        read_at: Option<i64>,
        account_id: Option<String>,
        account: Option<String>,
        caption: Option<String>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<NoticeRow> {
        let raw = self;
        let account = raw.account_id.unwrap_or_default();
        let of_account = |table, row| safe.row(Owner::connection(&account), raw.wrapped.as_deref(), Table(table), row);
        Ok(NoticeRow {
            account: of_account("connection", &account)?.read_opt("display_name", raw.account)?,
            caption: of_account("post", &raw.subject)?.read_opt("caption", raw.caption)?,
            number: NoticeNumber::new(raw.number),
            notice: TABLE.word("subject", &raw.subject, |subject| Notice::parse(&raw.kind, subject))?,
            created_at: instant(raw.created_at),
            read_at: instant_opt(raw.read_at),
        })
    }
}

impl Store {
    /// The latest lines of a person, newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notices(&self, person: UserId, limit: u32) -> Result<Vec<NoticeRow>> {
        fetch_all!(store self, Raw, SELECT, person.to_string(), i64::from(limit))?
            .into_iter()
            .map(|raw| raw.open(&self.safe))
            .collect()
    }

    /// What a line of a person says.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notice(&self, person: UserId, number: NoticeNumber) -> Result<Option<Notice>> {
        let row = fetch_optional!(store self, (String, String), SELECT_ONE, number.get(), person.to_string())?;
        row.map(|(kind, subject)| TABLE.word("subject", &subject, |it| Notice::parse(&kind, it))).transpose()
    }

    /// How many lines a person has not read.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notices_unread(&self, person: UserId) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), COUNT_UNREAD, person.to_string())?;
        Ok(count)
    }
}

impl Tx {
    /// Tells a person.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such person.
    pub async fn notice_tell(&mut self, person: UserId, notice: Notice, now: UnixMillis) -> Result<()> {
        execute!(tx self, TELL, person.to_string(), notice.kind(), notice.subject(), now.millis())?;
        Ok(())
    }

    /// Tells everybody of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notice_tell_workspace(
        &mut self,
        workspace: WorkspaceId,
        notice: Notice,
        now: UnixMillis,
    ) -> Result<()> {
        execute!(tx self, TELL_WORKSPACE, workspace.to_string(), notice.kind(), notice.subject(), now.millis())?;
        Ok(())
    }

    /// Tells everybody who works with an account that it has to be connected again.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notice_tell_reconnect(&mut self, connection: ConnectionId, now: UnixMillis) -> Result<()> {
        let kind = Notice::ReconnectNeeded(connection).kind();
        execute!(tx self, TELL_OF_CONNECTION, connection.to_string(), kind, now.millis())?;
        Ok(())
    }

    /// Tells at most `limit` people who have not answered a version and were not told of it; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notice_tell_unanswered(
        &mut self,
        version: &'static Version,
        now: UnixMillis,
        limit: u32,
    ) -> Result<u64> {
        let notice = Notice::DocumentChanges(version);
        execute!(
            tx self, TELL_UNANSWERED,
            notice.kind(),
            notice.subject(),
            now.millis(),
            version.document.as_str(),
            version.id,
            i64::from(limit),
        )
    }

    /// Notes that a person read a line.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notice_read(&mut self, person: UserId, number: NoticeNumber, now: UnixMillis) -> Result<()> {
        execute!(tx self, READ, number.get(), person.to_string(), now.millis())?;
        Ok(())
    }

    /// Notes that a person read everything up to a line, and nothing that came after it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notices_read(&mut self, person: UserId, upto: NoticeNumber, now: UnixMillis) -> Result<()> {
        execute!(tx self, READ_ALL, person.to_string(), upto.get(), now.millis())?;
        Ok(())
    }

    /// Removes lines that were written before `before`; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_notices(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}
