//! When our own program fails on an attempt: the row is given back, later each time, and after a few times a person is asked.
//!
//! Owns the count, which lives as long as the process. Must not conclude anything about the post from the failure.

use std::panic::AssertUnwindSafe;
use std::sync::PoisonError;

use domain::attempt::{Change, Event, Facts, NEVER, decide};
use domain::id::AttemptId;
use futures::FutureExt as _;

use super::driver::AFTER_FAILURE_MS;
use super::engine::Engine;
use super::people::{still, untouched};
use super::persist::write;
use super::pulse::Busy;
use crate::Result;
use crate::live::{LiveChange, LiveEvent};

/// Failures on one attempt after which a person is asked.
const PANICS_MAX: u32 = 3;
/// Attempts remembered at most.
const REMEMBERED_MAX: usize = 1000;

impl Engine {
    /// A driver of this attempt panicked; its row is still ours in this epoch.
    pub(super) async fn panicked(&self, id: AttemptId, epoch: i64) {
        let count = self.count_panic(id);
        tracing::error!(attempt = %id, count, "our own program failed on an attempt");
        let mut given_up = false;
        if count >= PANICS_MAX {
            let parked = AssertUnwindSafe(self.park_failed(id, epoch)).catch_unwind().await;
            given_up = match parked {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::error!(attempt = %id, %error, "it could not be handed to a person yet");
                    false
                }
                Err(_) => false,
            };
        }
        if given_up {
            self.panics.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        } else {
            let pause_ms = AFTER_FAILURE_MS.saturating_mul(i64::from(count.min(60)));
            self.give_back(id, epoch, pause_ms).await;
        }
    }

    fn count_panic(&self, id: AttemptId) -> u32 {
        let mut panics = self.panics.lock().unwrap_or_else(PoisonError::into_inner);
        if panics.len() >= REMEMBERED_MAX && !panics.contains_key(&id) {
            panics.clear();
        }
        let count = panics.entry(id).or_default();
        *count = count.saturating_add(1);
        *count
    }

    async fn park_failed(&self, id: AttemptId, epoch: i64) -> Result<()> {
        let _busy = Busy::with(&self.app.pulse);
        let now = self.app.now();
        let mut tx = self.app.store.begin().await?;
        let Some(mut row) = tx.attempt(id).await?.filter(|row| row.epoch == epoch) else { return Ok(()) };
        let facts = Facts { commits_may_be_lost: row.trace.doubted, ..still(now) };
        let Change::Commit(commit) = decide(&row, &Event::EngineFailed, &facts).change else {
            // It has settled; only its ids were looked for.
            row.next_at = NEVER;
            tx.attempt_release(&row, &self.me).await?;
            tx.commit().await?;
            return Ok(());
        };
        let Some(post) = tx.post_any(row.post_id).await? else { return Ok(()) };
        let (workspace_id, post_id) = (post.workspace_id, post.id);
        let written = write(&mut tx, &row, &commit, untouched(post), self.app.random.as_ref(), None).await?;
        tx.commit().await?;
        if let Some(written) = written {
            self.app.live.publish(LiveEvent { workspace_id, what: LiveChange::Post { post_id, state: written.post } });
        }
        Ok(())
    }
}
