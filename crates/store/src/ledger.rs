//! The ledger of consents: what a person gave or took back, for which purpose, to which words, when. Owns appending and reading; no line
//! is ever changed. A line about an account goes with the account, every line with its person.

use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::purposes::{Act, Purpose};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("consent_ledger");

/// Lines of a person that are read.
const LIST_LIMIT: i64 = 200;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// What for.
    pub purpose: Purpose,
    /// The account that it is about, where it is about one.
    pub connection_id: Option<ConnectionId>,
    /// What was done.
    pub act: Act,
    /// To which words.
    pub text_version: String,
    /// What exactly: the permissions of an account, how it was taken back.
    pub detail: String,
    /// When.
    pub at: UnixMillis,
}

const APPEND: &str = "
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";
// For whoever gave it and has not taken it back yet.
const WITHDRAW: &str = "
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at)
SELECT given.person_id, given.purpose, given.connection_id, 'withdrawn', given.text_version, CAST($2 AS TEXT), CAST($3 AS BIGINT)
FROM consent_ledger given
WHERE given.connection_id = $1
  AND given.act = 'given'
  AND NOT EXISTS (
    SELECT 1 FROM consent_ledger later
    WHERE later.connection_id = given.connection_id AND later.person_id = given.person_id AND later.purpose = given.purpose
      AND later.seq > given.seq)
ORDER BY given.seq";
// The same for one purpose.
const WITHDRAW_ONE: &str = "
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at)
SELECT given.person_id, given.purpose, given.connection_id, 'withdrawn', given.text_version, CAST($3 AS TEXT), CAST($4 AS BIGINT)
FROM consent_ledger given
WHERE given.connection_id = $1
  AND given.purpose = $2
  AND given.act = 'given'
  AND NOT EXISTS (
    SELECT 1 FROM consent_ledger later
    WHERE later.connection_id = given.connection_id AND later.person_id = given.person_id AND later.purpose = given.purpose
      AND later.seq > given.seq)
ORDER BY given.seq";
const SELECT: &str = "
SELECT purpose, connection_id, act, text_version, detail, at
FROM consent_ledger
WHERE person_id = $1
ORDER BY seq DESC
LIMIT $2";

const ENDED_SINCE: &str = "
SELECT DISTINCT consent_ledger.connection_id
FROM consent_ledger
JOIN connection ON connection.id = consent_ledger.connection_id
WHERE connection.workspace_id = $1 AND consent_ledger.purpose = $2 AND consent_ledger.act = 'withdrawn' AND consent_ledger.at >= $3";

pub(crate) const STATEMENTS: &[Statement] = statements![APPEND, WITHDRAW, WITHDRAW_ONE, SELECT, ENDED_SINCE];

row! {
    struct Raw {
        purpose: String,
        connection_id: Option<String>,
        act: String,
        text_version: String,
        detail: String,
        at: i64,
    }
}

impl TryFrom<Raw> for LedgerLine {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            purpose: TABLE.word("purpose", &raw.purpose, Purpose::parse)?,
            connection_id: TABLE.parse_opt("connection_id", raw.connection_id.as_deref())?,
            act: TABLE.word("act", &raw.act, Act::parse)?,
            text_version: raw.text_version,
            detail: raw.detail,
            at: instant(raw.at),
        })
    }
}

impl Store {
    /// The latest lines of a person, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ledger(&self, person: UserId) -> Result<Vec<LedgerLine>> {
        fetch_all!(store self, Raw, SELECT, person.to_string(), LIST_LIMIT)?
            .into_iter()
            .map(LedgerLine::try_from)
            .collect()
    }

    /// The accounts of a workspace of which a consent for a purpose was taken back at this moment or later, given again or not.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ledger_ended_since(
        &self,
        workspace: WorkspaceId,
        purpose: Purpose,
        since: UnixMillis,
    ) -> Result<Vec<ConnectionId>> {
        let rows =
            fetch_all!(store self, (String,), ENDED_SINCE, workspace.to_string(), purpose.as_str(), since.millis())?;
        rows.into_iter().map(|(id,)| TABLE.parse("connection_id", &id)).collect()
    }
}

impl Tx {
    /// Appends a line.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such person or account.
    pub async fn ledger_append(&mut self, person: UserId, it: &LedgerLine) -> Result<()> {
        execute!(
            tx self, APPEND,
            person.to_string(),
            it.purpose.as_str(),
            it.connection_id.map(|id| id.to_string()),
            it.act.as_str(),
            &it.text_version,
            &it.detail,
            it.at.millis(),
        )?;
        Ok(())
    }

    /// The consents for one purpose of an account are over; written once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ledger_withdraw_one(
        &mut self,
        connection: ConnectionId,
        purpose: Purpose,
        how: &str,
        at: UnixMillis,
    ) -> Result<()> {
        execute!(tx self, WITHDRAW_ONE, connection.to_string(), purpose.as_str(), how, at.millis())?;
        Ok(())
    }

    /// Every consent about an account is over, for everybody who gave it; written once, whoever says so first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ledger_withdraw(&mut self, connection: ConnectionId, how: &str, at: UnixMillis) -> Result<()> {
        execute!(tx self, WITHDRAW, connection.to_string(), how, at.millis())?;
        Ok(())
    }
}
