//! Webhook deliveries that came before: TikTok repeats them. Owns their keys for as long as repeats may come.

use domain::time::UnixMillis;

use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const INSERT: &str = "
INSERT INTO webhook_seen (dedupe_key, received_at)
VALUES ($1, $2)
ON CONFLICT (dedupe_key) DO NOTHING";

const KNOWN: &str = "SELECT COUNT(*) FROM webhook_seen WHERE dedupe_key = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![INSERT, KNOWN];

impl Store {
    /// Whether a delivery was noted before.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn webhook_known(&self, dedupe_key: &str) -> Result<bool> {
        let (count,) = fetch_one!(store self, (i64,), KNOWN, dedupe_key)?;
        Ok(count > 0)
    }
}

impl Tx {
    /// Notes a delivery by a key of its content; false when it came before.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn webhook_first_time(&mut self, dedupe_key: &str, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, INSERT, dedupe_key, now.millis())? == 1)
    }
}
