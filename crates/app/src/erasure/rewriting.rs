//! When tables of PostgreSQL are written anew after an erasure: nobody can use a table meanwhile, so it is done while nothing is due. Owns the choice of the
//! moment; the rewriting is the store's.

use std::time::Duration;

use domain::time::UnixMillis;

use crate::{App, Result};

/// Nothing may be due for so long, milliseconds.
const QUIET_MS: i64 = 120_000;
/// A table may be out of reach for so long then.
const IN_QUIET: Duration = Duration::from_secs(10);
/// Where it is never quiet: after so long, milliseconds (ten days), a table is tried at any moment,
const IMPATIENT_MS: i64 = 10 * 86_400_000;
/// for so long at most.
const AT_ANY_MOMENT: Duration = Duration::from_secs(1);
/// What is owed for longer than this the operator hears of, milliseconds.
pub const OVERDUE_MS: i64 = 14 * 86_400_000;

impl App {
    /// Writes tables anew from which rows were erased, as many as the moment allows. Gives how many are still owed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rewrite_in_quiet(&self) -> Result<usize> {
        let Some(mut owed) = self.store.rewrites_owed().await? else { return Ok(0) };
        for table in owed.tables.clone() {
            let now = self.now();
            let within = if self.is_quiet(now).await? {
                IN_QUIET
            } else if now.millis_since(owed.since) > IMPATIENT_MS {
                AT_ANY_MOMENT
            } else {
                break;
            };
            if let Some(left) = self.store.rewrite(&owed, table, within).await? {
                owed = left;
            } else if self.store.rewrites_owed().await?.as_ref() != Some(&owed) {
                // More was erased meanwhile, or another process is at it.
                break;
            }
        }
        if !owed.tables.is_empty() && self.now().millis_since(owed.since) > OVERDUE_MS {
            tracing::warn!(
                tables = owed.tables.join(", "),
                "bytes of erased rows, which no key opens, may still be in unused space of these tables: it is never quiet for long enough, or they are too large. \
                 In a quiet hour run VACUUM (FULL) on each"
            );
        }
        Ok(owed.tables.len())
    }

    /// No post is in anybody's hands, and none comes into them soon.
    async fn is_quiet(&self, now: UnixMillis) -> Result<bool> {
        let ahead = self.store.work_ahead().await?;
        let soon = now.plus_millis(QUIET_MS);
        let next = [ahead.lane_at, ahead.attempt_at()].into_iter().flatten().min();
        Ok(ahead.lease_ends_at.is_none() && next.is_none_or(|at| at > soon))
    }
}
