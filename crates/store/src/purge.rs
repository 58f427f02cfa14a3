//! Removal of rows that have served their time. Owns the statements; when they run and how long rows live is decided elsewhere.
//!
//! Each call removes at most `limit` rows, so that no transaction grows without end: call again while it returns `limit`.

use domain::time::UnixMillis;

use crate::db::{Statement, Tx};
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
pub(crate) const STATEMENTS: &[Statement] = statements![SESSIONS, SIGN_INS, WEBHOOKS];

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
}
