//! The simulated platform's state: accounts, grants, publishing tasks, posts, webhooks, counters. Pure: it does
//! no I/O and reads no clock; every method is told the time. Bytes are on disk, only their hashes are here.

mod accounts;
mod grants;
pub(crate) mod growth;
mod ledger;
mod progress;
mod tasks;
mod upload;
mod webhooks;

use std::collections::{BTreeMap, HashMap, VecDeque};

pub(crate) use accounts::union_id;
pub use grants::RemovalReason;
pub(crate) use grants::{Bearer, CodeRequest, Grant, TokenPair};
pub(crate) use ledger::Post;
pub(crate) use tasks::{Channel, NewTask, Task, TaskState};
pub(crate) use upload::{ChunkPermit, ChunkRequest};
pub(crate) use webhooks::{Delivery, Webhook, WebhookState};

use crate::clock::UtcInstant;
use crate::config::{AppSpec, Processing, Quirks, SimConfig, UserSpec};
use crate::faults::Faults;
use crate::journal::{Journal, Route};
use crate::random::Seeded;
use crate::views::UxFlag;

/// Sliding window of request rates.
const RATE_WINDOW_MS: i64 = 60_000;

/// Everything that changes while the simulator runs.
pub(crate) struct World {
    pub(crate) apps: BTreeMap<String, AppSpec>,
    pub(crate) users: BTreeMap<String, UserSpec>,
    pub(crate) quirks: Quirks,
    pub(crate) processing: Processing,
    pub(crate) moderation_delay_ms: i64,
    pub(crate) accept_any_redirect: bool,
    pub(crate) grants: Vec<Grant>,
    pub(crate) tasks: BTreeMap<String, Task>,
    pub(crate) posts: Vec<Post>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) flags: Vec<UxFlag>,
    pub(crate) repeated_inits: Vec<(String, String)>,
    random: Seeded,
    codes: HashMap<String, grants::Code>,
    access_tokens: HashMap<String, grants::AccessToken>,
    refresh_tokens: HashMap<String, grants::RefreshToken>,
    uploads: HashMap<u64, String>,
    unsettled: std::collections::BTreeSet<String>,
    rates: HashMap<(String, Route), VecDeque<i64>>,
    last_number: u64,
}

impl World {
    pub(crate) fn new(config: &SimConfig) -> Self {
        Self {
            apps: config.apps.iter().map(|app| (app.client_key.clone(), app.clone())).collect(),
            users: config.users.iter().map(|user| (user.username.clone(), user.clone())).collect(),
            quirks: config.quirks.clone(),
            processing: config.processing,
            moderation_delay_ms: config.moderation_delay_ms,
            accept_any_redirect: config.accept_any_redirect,
            grants: Vec::new(),
            tasks: BTreeMap::new(),
            posts: Vec::new(),
            webhooks: Vec::new(),
            journal: Journal::default(),
            faults: Faults::default(),
            flags: Vec::new(),
            repeated_inits: Vec::new(),
            random: Seeded::new(config.seed),
            codes: HashMap::new(),
            access_tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            uploads: HashMap::new(),
            unsettled: std::collections::BTreeSet::new(),
            rates: HashMap::new(),
            last_number: 0,
        }
    }

    /// The next of the running numbers ids are made of.
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// 14 digits of time and 20 hexadecimal digits.
    pub(crate) fn log_id(&mut self, now_ms: i64) -> String {
        format!("{}{}", UtcInstant::from_ms(now_ms).compact(), self.random.upper_hex(20))
    }

    /// Counts a call against a sliding one-minute window; `false` when the limit is breached.
    pub(crate) fn within_rate(&mut self, key: &str, route: Route, limit: usize, now_ms: i64) -> bool {
        let window = self.rates.entry((key.to_owned(), route)).or_default();
        while window.front().is_some_and(|at| *at <= now_ms - RATE_WINDOW_MS) {
            window.pop_front();
        }
        window.push_back(now_ms);
        // A client hammering for ever must not grow this for ever.
        while window.len() > limit.saturating_mul(4) {
            window.pop_front();
        }
        window.len() <= limit
    }
}
