//! Rows that have served their time: sessions and sign-ins that are over, accounts that nobody confirmed, webhooks that TikTok does not
//! send again.
//!
//! Owns how long they live and in which portions they go. Anybody can start a sign-in, so without this the table had no end.

use domain::time::UnixMillis;

use crate::{App, Result};

/// Rows removed in one transaction.
const PORTION: u32 = 500;
/// How long a webhook is remembered, milliseconds: TikTok repeats a delivery for three days.
const WEBHOOKS_MS: i64 = 7 * 86_400_000;

/// What one round removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Sessions that are over.
    pub sessions: u64,
    /// Walks through the consent page that nobody finished.
    pub sign_ins: u64,
    /// Notes of webhooks.
    pub webhooks: u64,
    /// Receipts whose time is over.
    pub erasures: u64,
    /// Accounts that came back from TikTok and that nobody confirmed.
    pub unconfirmed: u64,
}

impl App {
    /// Removes everything whose time is over, in short transactions.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn purge_expired(&self) -> Result<Purged> {
        let now = self.now();
        let mut all = Purged { unconfirmed: self.purge_unconfirmed().await?, ..Purged::default() };
        loop {
            let round = self.purge_portion(now).await?;
            all.sessions += round.sessions;
            all.sign_ins += round.sign_ins;
            all.webhooks += round.webhooks;
            all.erasures += round.erasures;
            let full = u64::from(PORTION);
            let most = [round.sessions, round.sign_ins, round.webhooks, round.erasures].into_iter().max();
            if most.unwrap_or(0) < full {
                return Ok(all);
            }
        }
    }

    async fn purge_portion(&self, now: UnixMillis) -> Result<Purged> {
        let mut tx = self.store.begin().await?;
        let purged = Purged {
            sessions: tx.purge_sessions(now, PORTION).await?,
            sign_ins: tx.purge_sign_ins(now, PORTION).await?,
            webhooks: tx.purge_webhook_seen(now.plus_millis(-WEBHOOKS_MS), PORTION).await?,
            erasures: tx.purge_erasures(now, PORTION).await?,
            unconfirmed: 0,
        };
        tx.commit().await?;
        Ok(purged)
    }
}
