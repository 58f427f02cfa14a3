//! Rows that have served their time: sessions and sign-ins that are over, accounts that nobody confirmed, webhooks that TikTok does not
//! send again, audit entries of more than a year ago.
//!
//! Owns how long they live and in which portions they go. Anybody can start a sign-in, so without this the table had no end.

use domain::privacy::retention::Class;
use domain::time::{Date, UnixMillis};

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
    /// Accounts that came back from TikTok and that nobody confirmed.
    pub unconfirmed: u64,
    /// Audit entries.
    pub audit: u64,
}

impl App {
    /// Removes everything whose time is over, in short transactions.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn purge_expired(&self) -> Result<Purged> {
        let now = self.now();
        let mut all = Purged {
            unconfirmed: self.purge_unconfirmed().await?,
            audit: self.purge_audit(now).await?,
            ..Purged::default()
        };
        loop {
            let round = self.purge_portion(now).await?;
            all.sessions += round.sessions;
            all.sign_ins += round.sign_ins;
            all.webhooks += round.webhooks;
            let full = u64::from(PORTION);
            if round.sessions < full && round.sign_ins < full && round.webhooks < full {
                return Ok(all);
            }
        }
    }

    /// Writes the end of the audit record into the log once a day: what stands there is out of reach of whoever has the database.
    pub(crate) async fn note_audit_head(&self, noted: Option<Date>) -> Option<Date> {
        let today = self.now().date();
        if noted == Some(today) {
            return noted;
        }
        match self.store.audit_head().await {
            Ok(Some((seq, hash))) => {
                tracing::info!(noted = %format!("{seq}:{hash}"), "the audit record ends here today")
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the end of the audit record could not be noted");
                return noted;
            }
        }
        Some(today)
    }

    /// Removes audit entries whose time is over, from the old end of the chain.
    async fn purge_audit(&self, now: UnixMillis) -> Result<u64> {
        let Some(days) = Class::Audit.retention().active_days else { return Ok(0) };
        let before = now.plus_millis(days.saturating_mul(-86_400_000));
        let mut removed = 0;
        // Most rounds find nothing, and must not hold the end of the chain for it.
        while self.store.audit_has_before(before).await? {
            let mut tx = self.store.begin().await?;
            let portion = tx.purge_audit(now, before, PORTION).await?;
            tx.commit().await?;
            removed += portion;
            if portion == 0 {
                break;
            }
        }
        Ok(removed)
    }

    async fn purge_portion(&self, now: UnixMillis) -> Result<Purged> {
        let mut tx = self.store.begin().await?;
        let purged = Purged {
            sessions: tx.purge_sessions(now, PORTION).await?,
            sign_ins: tx.purge_sign_ins(now, PORTION).await?,
            webhooks: tx.purge_webhook_seen(now.plus_millis(-WEBHOOKS_MS), PORTION).await?,
            unconfirmed: 0,
            audit: 0,
        };
        tx.commit().await?;
        Ok(purged)
    }
}
