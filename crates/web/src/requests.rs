//! What a request leaves in the request log. Owns which facts those are: time, route template, method, status, milliseconds, families of
//! browser and system, address, and of somebody signed in a short hash of the session's id.
//!
//! Must not leave a path, a query, a header or anything from which a browser could be told from others of its family.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::random::secret_hash;
use app::requests::RequestLog;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::id::SessionId;
use domain::time::UnixMillis;
use store::requests::RequestLine;

use crate::session::{client_ip, families};
use crate::state::WebState;

/// What stands for a request that no route took.
const NO_ROUTE: &str = "-";
/// What stands for a method that is not one of HTTP's.
const OTHER_METHOD: &str = "OTHER";
/// The status of a request whose visitor left before there was an answer.
const LEFT: u16 = 499;
/// Digits of a session's hash: enough to tell what belongs together, too few to be an id.
const SESSION_DIGITS: usize = 8;

/// Which session a request turned out to have. One per request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visitor(Arc<OnceLock<SessionId>>);

impl Visitor {
    pub(crate) fn is(&self, session: SessionId) {
        // The first extractor that knows the session knows as much as the second.
        let _ = self.0.set(session);
    }
}

/// A line in the making. Left when it is dropped, so that a visitor who goes away leaves one too.
struct Leaving<'a> {
    state: &'a WebState,
    log: &'a RequestLog,
    at: UnixMillis,
    since: Duration,
    visitor: Visitor,
    line: RequestLine,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut line = self.line.clone();
        let took = self.state.app.clock.monotonic().saturating_sub(self.since);
        line.ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        line.session = self.visitor.0.get().map(|session| {
            let mut hash = secret_hash(&session.to_string());
            hash.truncate(SESSION_DIGITS);
            hash
        });
        self.log.leave(self.at, line);
    }
}

/// Middleware: one line for each request, where the instance keeps a request log.
pub async fn note(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    let Some(log) = &state.requests else { return next.run(request).await };
    let visitor = Visitor::default();
    request.extensions_mut().insert(visitor.clone());
    let at = state.app.now();
    let (browser, system) = families(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
    let line = RequestLine {
        at: at.in_utc(),
        route: route.to_owned(),
        method: method(request.method()).to_owned(),
        status: LEFT,
        ms: 0,
        browser: browser.map(str::to_owned),
        system: system.map(str::to_owned),
        ip: client_ip(request.extensions(), request.headers()).to_string(),
        session: None,
    };
    let mut leaving = Leaving { state: &state, log, at, since: state.app.clock.monotonic(), visitor, line };
    let response = next.run(request).await;
    leaving.line.status = response.status().as_u16();
    response
}

/// A client may invent methods of any length.
fn method(method: &axum::http::Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => OTHER_METHOD,
    }
}
