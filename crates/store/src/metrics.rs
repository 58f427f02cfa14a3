//! What is read of TikTok beyond publishing: who switched it on for which account. Owns these rows and the erasing of everything that was read under
//! them; must not decide when anything is read.
//!
//! A row of `metric_consent` is the only permission there is: whoever reads holds it within the transaction that writes what was read.

pub mod insight;
pub mod reading;
pub mod shown;

use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("metric_consent");
/// As many as a workspace lists connections, twice.
const LIST_LIMIT: i64 = 2_000;

/// Somebody allowed a reading for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricConsent {
    /// Which account.
    pub connection_id: ConnectionId,
    /// What is read.
    pub reading: Reading,
    /// Who pressed.
    pub person_id: UserId,
    /// Which version of the policy they accepted for it.
    pub text_version: String,
    /// When.
    pub given_at: UnixMillis,
}

// Epochs begin at the instant of the press, so that a turn of an earlier consent, which ended meanwhile, is no turn of this one.
// Pressed again it stays as old as it is: what was read since then was read with it. The account is looked at anew at once.
const PUT: &str = "
INSERT INTO metric_consent (connection_id, purpose, person_id, text_version, given_at, next_at, lease_until, epoch, tries)
VALUES ($1, $2, $3, $4, $5, $5, 0, $5, 0)
ON CONFLICT (connection_id, purpose) DO UPDATE SET
  text_version = excluded.text_version,
  next_at = excluded.next_at,
  tries = 0";
const SELECT_OF_WORKSPACE: &str = "
SELECT metric_consent.connection_id, metric_consent.purpose, metric_consent.person_id, metric_consent.text_version, metric_consent.given_at
FROM metric_consent
JOIN connection ON connection.id = metric_consent.connection_id
WHERE connection.workspace_id = $1
ORDER BY metric_consent.connection_id, metric_consent.purpose
LIMIT $2";
const SELECT_OF_CONNECTION: &str = "
SELECT connection_id, purpose, person_id, text_version, given_at
FROM metric_consent
WHERE connection_id = $1
ORDER BY purpose";
const DELETE: &str = "DELETE FROM metric_consent WHERE connection_id = $1 AND purpose = $2";
const DROP_WATCHES: &str = "DELETE FROM metric_watch WHERE connection_id = $1";
const DROP_DAYS: &str = "DELETE FROM metric_day WHERE connection_id = $1";
const DROP_FOLLOWERS: &str = "DELETE FROM follower_sample WHERE connection_id = $1";
// What nobody allows any more. What was read before a press is gone with the consent of that time.
const ERASE_SQLITE: &str = "
DELETE FROM metric_sample
WHERE rowid IN (
  SELECT s.rowid
  FROM metric_sample s
  WHERE s.connection_id = $1
    AND NOT EXISTS (
      SELECT 1 FROM metric_consent c
      WHERE c.connection_id = s.connection_id AND c.purpose = 'metrics' AND c.given_at <= s.read_at)
  LIMIT $2)";
const ERASE_POSTGRES: &str = "
DELETE FROM metric_sample
WHERE ctid IN (
  SELECT s.ctid
  FROM metric_sample s
  WHERE s.connection_id = $1
    AND NOT EXISTS (
      SELECT 1 FROM metric_consent c
      WHERE c.connection_id = s.connection_id AND c.purpose = 'metrics' AND c.given_at <= s.read_at)
  LIMIT $2)";
// Accounts of which something is left that nobody allows: those whose erasure was cut short.
const FORSAKEN: &str = "
SELECT id
FROM connection
WHERE (SELECT MIN(s.read_at) FROM metric_sample s WHERE s.connection_id = connection.id)
  < COALESCE((SELECT c.given_at FROM metric_consent c WHERE c.connection_id = connection.id AND c.purpose = 'metrics'), 9000000000000000)
ORDER BY id
LIMIT $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PUT,
    SELECT_OF_WORKSPACE,
    SELECT_OF_CONNECTION,
    DELETE,
    DROP_WATCHES,
    DROP_DAYS,
    DROP_FOLLOWERS,
    ERASE_SQLITE @ Sqlite,
    ERASE_POSTGRES @ Postgres,
    FORSAKEN,
];

row! {
    struct Raw {
        connection_id: String,
        purpose: String,
        person_id: String,
        text_version: String,
        given_at: i64,
    }
}

impl TryFrom<Raw> for MetricConsent {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            reading: TABLE.word("purpose", &raw.purpose, Reading::parse)?,
            person_id: TABLE.parse("person_id", &raw.person_id)?,
            text_version: raw.text_version,
            given_at: instant(raw.given_at),
        })
    }
}

impl Store {
    /// What is allowed in a workspace.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_consents(&self, workspace: WorkspaceId) -> Result<Vec<MetricConsent>> {
        fetch_all!(store self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?
            .into_iter()
            .map(MetricConsent::try_from)
            .collect()
    }

    /// What is allowed for an account.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_consents_of(&self, connection: ConnectionId) -> Result<Vec<MetricConsent>> {
        fetch_all!(store self, Raw, SELECT_OF_CONNECTION, connection.to_string())?
            .into_iter()
            .map(MetricConsent::try_from)
            .collect()
    }

    /// Accounts of which samples are left that nobody allows any more, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metrics_forsaken(&self, limit: u32) -> Result<Vec<ConnectionId>> {
        let rows = fetch_all!(store self, (String,), FORSAKEN, i64::from(limit))?;
        rows.into_iter().map(|(id,)| Table("connection").parse("id", &id)).collect()
    }
}

impl Tx {
    /// Somebody allows a reading.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such account or person.
    pub async fn metric_consent_put(&mut self, it: &MetricConsent) -> Result<()> {
        let (connection, person) = (it.connection_id.to_string(), it.person_id.to_string());
        execute!(tx self, PUT, connection, it.reading.as_str(), person, &it.text_version, it.given_at.millis())?;
        Ok(())
    }

    /// Nothing of this kind is read any more, and what was read is erased but for samples, which go in portions: see [`Tx::metrics_erase`].
    /// False when it was not allowed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metric_consent_end(&mut self, connection: ConnectionId, reading: Reading) -> Result<bool> {
        let id = connection.to_string();
        // First, so that whoever writes what was read waits here and then finds nothing.
        let was = execute!(tx self, DELETE, &id, reading.as_str())? == 1;
        match reading {
            Reading::Metrics => {
                execute!(tx self, DROP_WATCHES, &id)?;
                execute!(tx self, DROP_DAYS, &id)?;
                self.metric_marks_drop(&id).await?;
            }
            Reading::Followers => {
                execute!(tx self, DROP_FOLLOWERS, &id)?;
            }
        }
        Ok(was)
    }

    /// Erases samples of an account that nobody allows any more, at most `limit`; gives how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn metrics_erase(&mut self, connection: ConnectionId, limit: u32) -> Result<u64> {
        let (id, limit) = (connection.to_string(), i64::from(limit));
        match self.engine() {
            crate::Engine::Sqlite => execute!(tx self, ERASE_SQLITE, id, limit),
            crate::Engine::Postgres => execute!(tx self, ERASE_POSTGRES, id, limit),
        }
    }
}
