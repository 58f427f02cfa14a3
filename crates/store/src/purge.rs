//! Removal of rows that have served their time, and the count of those that should have been removed and were not. Owns the statements; when
//! they run and how long rows live is decided elsewhere.
//!
//! Each call removes at most `limit` rows, so that no transaction grows without end: call again while it returns `limit`.

use domain::id::MediaId;
use domain::metrics::day_number;
use domain::time::UnixMillis;

use crate::column::Table;
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const SESSIONS: &str = "
DELETE FROM session
WHERE id IN (SELECT id FROM session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
const SIGN_INS: &str = "
DELETE FROM sign_in
WHERE state_hash IN (SELECT state_hash FROM sign_in WHERE expires_at <= $1 LIMIT $2)";
const WEBHOOKS: &str = "
DELETE FROM webhook_seen
WHERE dedupe_key IN (SELECT dedupe_key FROM webhook_seen WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
/// Everything that ever used the file is over, and something of it went out, since before an instant.
macro_rules! served {
    () => {
        "created_at < $1
  AND file_gone_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM hold
    WHERE hold.released_at IS NULL
      AND hold.expires_at > $3
      AND (hold.subject_id IN (SELECT user_id FROM member WHERE member.workspace_id = media.workspace_id)
        OR hold.subject_id IN (SELECT id FROM connection WHERE connection.workspace_id = media.workspace_id)))
  AND (EXISTS (SELECT 1 FROM post WHERE post.media_id = media.id)
    OR EXISTS (SELECT 1 FROM post_photo WHERE post_photo.media_id = media.id))
  AND NOT EXISTS (
    SELECT 1 FROM post
    WHERE post.media_id = media.id
      AND (post.state NOT IN ('published', 'in_inbox') OR post.updated_at >= $1))
  AND NOT EXISTS (
    SELECT 1 FROM post_photo JOIN post ON post.id = post_photo.post_id
    WHERE post_photo.media_id = media.id
      AND (post.state NOT IN ('published', 'in_inbox') OR post.updated_at >= $1))"
    };
}
const SERVED: &str = concat!("SELECT id FROM media WHERE ", served!(), " ORDER BY created_at LIMIT $2");
const FILE_GONE: &str = concat!(
    "UPDATE media SET file_gone_at = $3, thumbnail = 'unavailable' WHERE id = $2 AND ",
    served!(),
    " RETURNING blob_key"
);
/// An attempt that ended before an instant and that no legal duty keeps.
macro_rules! ended {
    ($now:literal) => {
        concat!(
            "updated_at < $1 AND state IN ('published', 'delivered', 'dead')
    AND NOT EXISTS (
      SELECT 1 FROM hold
      WHERE hold.released_at IS NULL
        AND hold.expires_at > ",
            $now,
            "
        AND (hold.subject_id = attempt.connection_id
          OR hold.subject_id IN (
            SELECT member.user_id FROM member JOIN connection ON connection.workspace_id = member.workspace_id
            WHERE connection.id = attempt.connection_id)))"
        )
    };
}
const ATTEMPTS: &str = concat!(
    "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE ",
    ended!("$3"),
    " ORDER BY updated_at LIMIT $2)"
);
const OVERSTAYED: &str = concat!(
    "SELECT
  (SELECT COUNT(*) FROM connection_token JOIN connection ON connection.id = connection_token.connection_id
    WHERE connection.state = 'disconnected'),
  (SELECT COUNT(*) FROM revoke_ticket WHERE expires_at < $2),
  (SELECT COUNT(*) FROM session WHERE expires_at < $2)
    + (SELECT COUNT(*) FROM sign_in WHERE expires_at < $2)
    + (SELECT COUNT(*) FROM unconfirmed WHERE expires_at < $2),
  (SELECT COUNT(*) FROM upload WHERE state = 'open' AND expires_at < $2),
  (SELECT COUNT(*) FROM attempt WHERE ",
    ended!("$2"),
    "),
  (SELECT COUNT(*) FROM audit WHERE at < $3),
  (SELECT COUNT(*) FROM erasure WHERE state IN ('waiting', 'running') AND deadline_at < $4),
  (SELECT COUNT(*) FROM metric_sample WHERE read_at < $5)
    + (SELECT COUNT(*) FROM follower_sample WHERE read_at < $5)
    + (SELECT COUNT(*) FROM metric_day WHERE day < $6)"
);

pub(crate) const STATEMENTS: &[Statement] =
    statements![SESSIONS, SIGN_INS, WEBHOOKS, SERVED, FILE_GONE, ATTEMPTS, OVERSTAYED];

/// Before which instants nothing of a kind may be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stays {
    /// Attempts that ended before.
    pub attempts: UnixMillis,
    /// What expired before: tickets, sessions, walks, unfinished uploads.
    pub expired: UnixMillis,
    /// Entries of the audit record from before.
    pub audit: UnixMillis,
    /// Erasures due before.
    pub erasures: UnixMillis,
    /// Numbers of TikTok that were read before.
    pub metrics: UnixMillis,
}

/// How much is left that should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overstayed {
    /// Tokens of accounts that are disconnected.
    pub tokens: i64,
    /// Sealed notes for a revocation.
    pub tickets: i64,
    /// Sessions, walks through the consent page, accounts that nobody confirmed.
    pub sessions: i64,
    /// Unfinished uploads.
    pub uploads: i64,
    /// Attempts.
    pub attempts: i64,
    /// Entries of the audit record.
    pub audit: i64,
    /// Erasures past their deadline; those that a legal duty stops are not counted.
    pub erasures: i64,
    /// Numbers of TikTok, and sums of days.
    pub metrics: i64,
}

impl Store {
    /// What should have been removed and was not.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn overstayed(&self, stays: Stays) -> Result<Overstayed> {
        let (attempts, expired) = (stays.attempts.millis(), stays.expired.millis());
        let (audit, erasures) = (stays.audit.millis(), stays.erasures.millis());
        let (metrics, day) = (stays.metrics.millis(), day_number(stays.metrics));
        type Row = (i64, i64, i64, i64, i64, i64, i64, i64);
        let (tokens, tickets, sessions, uploads, attempts, audit, erasures, metrics) =
            fetch_one!(store self, Row, OVERSTAYED, attempts, expired, audit, erasures, metrics, day)?;
        Ok(Overstayed { tokens, tickets, sessions, uploads, attempts, audit, erasures, metrics })
    }

    /// Files that nothing has needed since `before`, everything that used them went out, and that no hold keeps now. At most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_served(&self, before: UnixMillis, now: UnixMillis, limit: u32) -> Result<Vec<MediaId>> {
        let rows = fetch_all!(store self, (String,), SERVED, before.millis(), i64::from(limit), now.millis())?;
        rows.into_iter().map(|(id,)| Table("media").parse("id", &id)).collect()
    }
}

impl Tx {
    /// Removes sessions that have expired; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_sessions(&mut self, now: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, SESSIONS, now.millis(), i64::from(limit))
    }

    /// Removes walks through the consent page that nobody finished in time; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_sign_ins(&mut self, now: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, SIGN_INS, now.millis(), i64::from(limit))
    }

    /// Removes notes of webhook deliveries received before `before`; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_webhook_seen(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, WEBHOOKS, before.millis(), i64::from(limit))
    }

    /// Lets the file of a row go, unless something needs it again; the file itself is unlinked from the trash.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_file_gone(&mut self, id: MediaId, before: UnixMillis, now: UnixMillis) -> Result<bool> {
        let row = fetch_optional!(tx self, (String,), FILE_GONE, before.millis(), id.to_string(), now.millis())?;
        match row {
            None => Ok(false),
            Some((key,)) => {
                self.throw(&Table("media").parse("blob_key", &key)?, None, now).await?;
                Ok(true)
            }
        }
    }

    /// Removes attempts that ended before `before` and that no hold keeps now, with their log; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_attempts(&mut self, before: UnixMillis, now: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, ATTEMPTS, before.millis(), i64::from(limit), now.millis())
    }
}
