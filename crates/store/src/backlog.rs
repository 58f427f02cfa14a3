//! Due work that was not begun, counted for whoever watches the instance. Owns reading only, and reads no more than it must.

use domain::time::UnixMillis;

use crate::column::instant_opt;
use crate::db::{Statement, Store};
use crate::error::Result;

/// Rows counted at most: more than this is "very many".
const COUNT_MAX: i64 = 10_000;

// What an account's person lets rest is not late.
const PLANNED: &str = "
SELECT COUNT(*), MIN(due_at)
FROM (SELECT due_at
      FROM post
      WHERE state = 'scheduled' AND due_at <= $1
        AND NOT EXISTS (SELECT 1 FROM rhythm WHERE rhythm.connection_id = post.connection_id AND rhythm.paused_at IS NOT NULL)
      ORDER BY due_at
      LIMIT $2) AS due";
const READY: &str = "
SELECT COUNT(*), MIN(due_at)
FROM (SELECT due_at
      FROM attempt
      WHERE state = 'ready' AND due_at <= $1 AND state NOT IN ('dead', 'published', 'delivered', 'uncertain')
      LIMIT $2) AS due";

pub(crate) const STATEMENTS: &[Statement] = statements![PLANNED, READY];

/// Due work that was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Posts whose time has come and for which nothing was sent to TikTok, at most 20 000.
    pub posts: i64,
    /// The due time of the oldest of them.
    pub oldest_due_at: Option<UnixMillis>,
}

impl Store {
    /// What is due by `now` and not begun.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn backlog(&self, now: UnixMillis) -> Result<Backlog> {
        let (planned, first) = fetch_one!(store self, (i64, Option<i64>), PLANNED, now.millis(), COUNT_MAX)?;
        let (ready, second) = fetch_one!(store self, (i64, Option<i64>), READY, now.millis(), COUNT_MAX)?;
        let oldest = [first, second].into_iter().flatten().min();
        Ok(Backlog { posts: planned.saturating_add(ready), oldest_due_at: instant_opt(oldest) })
    }
}
