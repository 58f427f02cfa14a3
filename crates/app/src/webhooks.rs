//! What TikTok's webhooks set in motion. A webhook is never believed about a post: it only makes us ask sooner. A withdrawn
//! grant is believed, because its tokens are dead on arrival.

use domain::connection::ConnectionState;
use domain::privacy::erasure::Door;
use domain::time::UnixMillis;
use tiktok::webhook::{EventKind, RemovalReason, WebhookError};

use crate::alerts::AlertKind;
use crate::live::{LiveChange, LiveEvent};
use crate::publishing::{cancel_live_attempt, webhook_hint};
use crate::push::account_ended;
use crate::random::secret_hash;
use crate::{App, Result};

impl App {
    /// Takes one delivery: `false` when its signature is not TikTok's. Duplicates and unknown events are taken and do nothing.
    ///
    /// # Errors
    /// When the database does not answer; TikTok then delivers again.
    pub async fn webhook(&self, signature: &str, raw_body: &[u8]) -> Result<bool> {
        let signed = match self.tiktok.verify_webhook(signature, raw_body) {
            Ok(signed) => signed,
            Err(WebhookError::Malformed { .. }) => return Ok(true),
            Err(error) => {
                tracing::warn!(%error, "a webhook was refused");
                return Ok(false);
            }
        };
        // Its text names the account; what is remembered for a week does not have to.
        let seen = secret_hash(&signed.event.dedupe_key());
        if self.store.webhook_known(&seen).await? {
            return Ok(true);
        }
        // The effect first: a crash before the note below repeats it with the next delivery, and each effect bears repeating.
        if let Some(publish_id) = &signed.event.content.publish_id {
            webhook_hint(self, publish_id.as_str()).await?;
        }
        if let (EventKind::AuthorizationRemoved, Some(open_id)) = (&signed.event.event, &signed.event.user_openid) {
            let why = signed.event.content.removal_reason;
            self.grant_withdrawn(open_id, UnixMillis::from_seconds(signed.event.create_time), why).await?;
        }
        let mut tx = self.store.begin().await?;
        tx.webhook_first_time(&seen, self.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The person removed the app at TikTok: tokens and their key are destroyed, posts wait for a new grant.
    ///
    /// TikTok repeats deliveries for three days, so an event older than the present grant speaks of an earlier one and does nothing.
    ///
    /// An account whose age has changed is for the operator to look at: whoever is not of age is erased without a grace.
    async fn grant_withdrawn(&self, open_id: &str, withdrawn_at: UnixMillis, why: Option<RemovalReason>) -> Result<()> {
        let now = self.now();
        let age_changed = why == Some(RemovalReason::AgeChanged);
        for connection in self.store.connections_by_open_id(open_id).await? {
            let of_an_earlier_grant = withdrawn_at.seconds() < connection.consented_at.seconds();
            if connection.state == ConnectionState::Disconnected || of_an_earlier_grant {
                continue;
            }
            let mut tx = self.store.begin().await?;
            for post in tx.posts_open_of_connection(connection.id).await? {
                cancel_live_attempt(&mut tx, post.id, now, "disconnected").await?;
            }
            tx.token_delete(connection.id).await?;
            tx.connection_set_state(connection.id, ConnectionState::ReconnectNeeded, now).await?;
            tx.notice_tell_reconnect(connection.id, now).await?;
            account_ended(&mut tx, connection.id, now).await?;
            let links = tx.report_links_end_of(connection.id).await?;
            let marks = self.links_ended(&mut tx, &links, now).await?;
            tx.ledger_withdraw(connection.id, Door::TikTok.as_str(), now).await?;
            let detail = if age_changed { "age changed" } else { "" };
            tx.audit_append(now, "tiktok", "connection.grant_withdrawn", &connection.id.to_string(), detail).await?;
            tx.commit().await?;
            self.marks.keep(marks).await?;
            if age_changed {
                self.alerts.note(AlertKind::AgeChanges);
            }
            self.creator_cache.forget(connection.id);
            self.live.publish(LiveEvent { workspace_id: connection.workspace_id, what: LiveChange::Connections });
        }
        self.engine_nudge.notify_one();
        Ok(())
    }
}
