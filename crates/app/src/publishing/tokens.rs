//! Keeps access tokens fresh ahead of time, so that none dies between the last chunk and the first status call.

use std::sync::Arc;

use super::engine::Engine;
use super::pulse::Busy;

/// How often tokens with little life left are looked for, milliseconds; they are renewed hours ahead.
const LOOK_EVERY_MS: i64 = 600_000;
/// Accounts renewed in one go.
const BATCH: u32 = 100;

impl Engine {
    pub(super) async fn renew_tokens(self: Arc<Self>) {
        loop {
            let busy = Busy::with(&self.app.pulse);
            if let Err(error) = self.app.tokens.refresh_expiring(BATCH).await {
                tracing::warn!(%error, "tokens could not be renewed ahead of time");
            }
            drop(busy);
            let next = self.app.now().plus_millis(LOOK_EVERY_MS);
            tokio::select! {
                biased;
                () = self.app.clock.sleep_until(next) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }
}
