//! The outbox of webhooks: what to tell which app, when to try again, when to give up. Sending is not done here.

use serde_json::{Value, json};

use super::World;

/// Redelivery ends after 72 hours.
const RETRY_WINDOW_MS: i64 = 259_200_000;
const FIRST_RETRY_MS: i64 = 30_000;
const LONGEST_RETRY_MS: i64 = 4 * 3_600_000;

/// Where a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebhookState {
    /// To be sent at this instant.
    Waiting { due_at_ms: i64 },
    /// On its way.
    Sending,
    /// Answered with 200.
    Delivered { at_ms: i64 },
    /// Given up after 72 hours.
    Dropped,
    /// The app has no address.
    NoAddress,
}

/// One event for one app.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) client_key: String,
    pub(crate) event: String,
    pub(crate) content: String,
    pub(crate) body: String,
    pub(crate) created_at_ms: i64,
    pub(crate) attempts: u32,
    pub(crate) last_status: Option<u16>,
    pub(crate) state: WebhookState,
    signed_at_s: Option<i64>,
}

impl Webhook {
    pub(crate) fn due_at_ms(&self) -> Option<i64> {
        match self.state {
            WebhookState::Waiting { due_at_ms } => Some(due_at_ms),
            WebhookState::Sending
            | WebhookState::Delivered { .. }
            | WebhookState::Dropped
            | WebhookState::NoAddress => None,
        }
    }
}

/// One attempt to send.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) index: usize,
    pub(crate) address: String,
    pub(crate) secret: String,
    pub(crate) timestamp_s: i64,
    pub(crate) body: String,
}

impl World {
    /// Files an event for an app.
    pub(crate) fn announce(&mut self, client_key: &str, open_id: &str, event: &str, content: &Value, at_ms: i64) {
        let content = content.to_string();
        let body = json!({
            "client_key": client_key,
            "event": event,
            "create_time": at_ms.div_euclid(1000),
            "user_openid": open_id,
            "content": content,
        })
        .to_string();
        let has_address = self.apps.get(client_key).is_some_and(|app| app.webhook_url.is_some());
        let state = if has_address { WebhookState::Waiting { due_at_ms: at_ms } } else { WebhookState::NoAddress };
        let webhook = Webhook {
            client_key: client_key.to_owned(),
            event: event.to_owned(),
            content,
            body,
            created_at_ms: at_ms,
            attempts: 0,
            last_status: None,
            state,
            signed_at_s: None,
        };
        if has_address && self.quirks.webhook_duplicates {
            self.webhooks.push(webhook.clone());
        }
        self.webhooks.push(webhook);
    }

    /// Takes everything due now; each must be reported back with `delivered`.
    pub(crate) fn due_webhooks(&mut self, now_ms: i64) -> Vec<Delivery> {
        let fresh = self.quirks.webhook_retry_fresh_timestamp;
        let mut due = Vec::new();
        for (index, webhook) in self.webhooks.iter_mut().enumerate() {
            if webhook.due_at_ms().is_none_or(|at| at > now_ms) {
                continue;
            }
            let Some(app) = self.apps.get(&webhook.client_key) else { continue };
            let Some(address) = app.webhook_url.clone() else {
                webhook.state = WebhookState::NoAddress;
                continue;
            };
            webhook.state = WebhookState::Sending;
            webhook.attempts += 1;
            let now_s = now_ms.div_euclid(1000);
            let original = *webhook.signed_at_s.get_or_insert(now_s);
            due.push(Delivery {
                index,
                address,
                secret: app.client_secret.clone(),
                timestamp_s: if fresh { now_s } else { original },
                body: webhook.body.clone(),
            });
        }
        if self.quirks.webhook_reorder {
            due.reverse();
        }
        due
    }

    /// Files the receiver's answer; `None` when there was none.
    pub(crate) fn delivered(&mut self, index: usize, status: Option<u16>, now_ms: i64) {
        let Some(webhook) = self.webhooks.get_mut(index) else { return };
        webhook.last_status = status;
        webhook.state = if status == Some(200) {
            WebhookState::Delivered { at_ms: now_ms }
        } else {
            let doublings = webhook.attempts.saturating_sub(1).min(20);
            let wait_ms = FIRST_RETRY_MS.saturating_mul(1 << doublings).min(LONGEST_RETRY_MS);
            let due_at_ms = now_ms.saturating_add(wait_ms);
            if due_at_ms > webhook.created_at_ms.saturating_add(RETRY_WINDOW_MS) {
                WebhookState::Dropped
            } else {
                WebhookState::Waiting { due_at_ms }
            }
        };
    }
}
