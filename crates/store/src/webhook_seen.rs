//! Webhook deliveries that came before: TikTok repeats them. Owns their keys for as long as repeats may come.

use domain::time::UnixMillis;

use crate::db::{Statement, Tx};
use crate::error::Result;

const INSERT: &str = "
INSERT INTO webhook_seen (dedupe_key, received_at)
VALUES ($1, $2)
ON CONFLICT (dedupe_key) DO NOTHING";

pub(crate) const STATEMENTS: &[Statement] = statements![INSERT];

impl Tx {
    /// Notes a delivery by a key of its content; false when it came before.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn webhook_first_time(&mut self, dedupe_key: &str, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, INSERT, dedupe_key, now.millis())? == 1)
    }
}
