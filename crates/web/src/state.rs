//! What every handler can reach. Owns nothing but handles; use cases are in `app`.

use std::sync::Arc;

use app::App;
use app::requests::RequestLog;

use crate::live::Listeners;
use crate::pages::legal::LegalFacts;
use crate::throttle::Throttle;

/// Shared by all requests.
#[derive(Clone)]
pub struct WebState {
    /// The service.
    pub app: Arc<App>,
    /// What the policy pages say about this instance.
    pub legal: Arc<LegalFacts>,
    /// Requests per address on the doors that cost something.
    pub throttle: Arc<Throttle>,
    /// Open live streams.
    pub listeners: Listeners,
    /// Where each request leaves a line; `None` where the instance keeps no request log.
    pub requests: Option<RequestLog>,
}

impl WebState {
    /// The state of an instance.
    #[must_use]
    pub fn new(app: Arc<App>, legal: LegalFacts) -> Self {
        let (legal, throttle, listeners) = (Arc::new(legal), Arc::default(), Listeners::default());
        Self { app, legal, throttle, listeners, requests: None }
    }
}
