//! Rows that have served their time: sessions and sign-ins that are over, accounts that nobody confirmed, webhooks that TikTok does not
//! send again, audit entries of more than a year ago.
//!
//! Owns how long they live and in which portions they go. Anybody can start a sign-in, so without this the table had no end.

use domain::privacy::clauses::ERASURE_DAYS;
use domain::privacy::retention::Class;
use domain::time::{Date, UnixMillis};

use crate::posts::DRAFT_STATE_DAYS;
use crate::{App, Result};

/// Rows removed in one transaction.
const PORTION: u32 = 500;
/// Files or attempts looked at in one go.
const FILES: u32 = 100;
const DAY_MS: i64 = 86_400_000;
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
    /// Receipts of files deleted from the library.
    pub deletions: u64,
    /// Legal holds that ended long ago.
    pub holds: u64,
    /// Accounts that came back from TikTok and that nobody confirmed.
    pub unconfirmed: u64,
    /// Audit entries.
    pub audit: u64,
    /// Operators' links, sessions and questions to authenticators that are over.
    pub operators: u64,
}

/// What a round let go of that was kept for people to look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// Files of posts that were published long ago.
    pub files: u64,
    /// Attempts with their log.
    pub attempts: u64,
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
            operators: self.purge_operators(now).await?,
            ..Purged::default()
        };
        loop {
            let round = self.purge_portion(now).await?;
            all.sessions += round.sessions;
            all.sign_ins += round.sign_ins;
            all.webhooks += round.webhooks;
            all.erasures += round.erasures;
            all.deletions += round.deletions;
            all.holds += round.holds;
            let full = u64::from(PORTION);
            let most = [round.sessions, round.sign_ins, round.webhooks, round.erasures, round.deletions, round.holds]
                .into_iter()
                .max();
            if most.unwrap_or(0) < full {
                return Ok(all);
            }
        }
    }

    /// Deletes the files of posts that were published long enough ago, and attempts older than the history's months.
    ///
    /// # Errors
    /// When the database or the disk does not answer; what was removed before stays removed.
    pub async fn purge_served(&self) -> Result<Served> {
        let now = self.now();
        let before = now.plus_millis(-i64::from(self.settings.published_media_days).saturating_mul(DAY_MS));
        let mut served = Served::default();
        loop {
            let files = self.store.media_served(before, now, FILES).await?;
            let full = files.len() >= usize::try_from(FILES).unwrap_or(usize::MAX);
            for id in files {
                let mut tx = self.store.begin().await?;
                served.files += u64::from(tx.media_file_gone(id, before, now).await?);
                tx.commit().await?;
            }
            if !full {
                break;
            }
        }
        let attempts = Class::Attempts.retention().active_days.unwrap_or(396);
        let before = now.plus_millis(-attempts.saturating_mul(DAY_MS));
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.purge_attempts(before, now, FILES).await?;
            tx.commit().await?;
            served.attempts += gone;
            if gone < u64::from(FILES) {
                break;
            }
        }
        let jobs = Class::Media.retention().active_days.unwrap_or(30);
        let before = now.plus_millis(-jobs.saturating_mul(DAY_MS));
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.purge_renditions(before, FILES).await?;
            tx.commit().await?;
            if gone < u64::from(FILES) {
                break;
            }
        }
        let before = now.plus_millis(-DRAFT_STATE_DAYS.saturating_mul(DAY_MS));
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.purge_draft_states(before, FILES).await?;
            tx.commit().await?;
            if gone < u64::from(FILES) {
                break;
            }
        }
        self.erase_forsaken_samples().await?;
        self.thin_samples().await?;
        self.empty_trash().await?;
        Ok(served)
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

    /// Few at a time: each takes a request that the throttle let through.
    async fn purge_operators(&self, now: UnixMillis) -> Result<u64> {
        let mut tx = self.store.begin().await?;
        let removed = tx.purge_operators(now).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn purge_portion(&self, now: UnixMillis) -> Result<Purged> {
        let receipts = Class::Erasure.retention().active_days.unwrap_or(30);
        let mut tx = self.store.begin().await?;
        let purged = Purged {
            sessions: tx.purge_sessions(now, PORTION).await?,
            sign_ins: tx.purge_sign_ins(now, PORTION).await?,
            webhooks: tx.purge_webhook_seen(now.plus_millis(-WEBHOOKS_MS), PORTION).await?,
            erasures: tx.purge_erasures(now, PORTION).await?,
            deletions: tx.purge_deletions(now.plus_millis(-receipts.saturating_mul(DAY_MS)), PORTION).await?,
            holds: tx.purge_holds(now.plus_millis(-ERASURE_DAYS.saturating_mul(DAY_MS)), PORTION).await?,
            ..Purged::default()
        };
        tx.commit().await?;
        Ok(purged)
    }
}
