//! One node's way to the simulated TikTok, in this process: every call passes the tripwire, the gate and the weather.
//!
//! Owns the record of what was sent with which token and when it left, which the invariants about tokens are checked on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::Request as HttpRequest;
use bytes::Bytes;
use futures::StreamExt as _;
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue};
use tiktok::{Body, Request, Response, SizedStream, TransportError, TransportErrorKind};
use tiktok_sim::Dropped;
use tower::ServiceExt as _;

use crate::chance::Chance;
use crate::time::{Gate, TrueTime};
use crate::trip::{Place, Trip};
use crate::weather::{Network, Weather};

/// Time allowed for a call whose caller sets no limit.
const API_TIMEOUT: Duration = Duration::from_secs(30);

/// One call as it left a node.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) node: usize,
    pub(crate) at_ms: i64,
    pub(crate) until_ms: i64,
    pub(crate) path: String,
    /// Where bytes were sent to, with what opens the way.
    pub(crate) upload: Option<String>,
    pub(crate) bearer: Option<String>,
    pub(crate) is_refresh: bool,
}

/// Every call of a run, of all nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Outbox {
    fn put(&self, sent: Sent) -> usize {
        let mut all = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(sent);
        all.len().saturating_sub(1)
    }

    fn ended(&self, index: usize, at_ms: i64) {
        if let Some(sent) = self.sent.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
            sent.until_ms = at_ms;
        }
    }

    pub(crate) fn all(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) node: usize,
    pub(crate) router: axum::Router,
    pub(crate) time: TrueTime,
    pub(crate) trip: Arc<Trip>,
    pub(crate) weather: Arc<Weather>,
    pub(crate) gate: Gate,
    pub(crate) chance: Chance,
    pub(crate) outbox: Outbox,
}

fn failed(kind: TransportErrorKind, may_have_arrived: bool, detail: &str) -> TransportError {
    TransportError::new(kind, may_have_arrived, detail)
}

impl tiktok::Transport for Link {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.trip.pass(Place::BeforeCall).await;
        self.gate.pass().await;
        let limit = request.timeout.unwrap_or(API_TIMEOUT);
        match self.weather.network() {
            Network::Fine | Network::NoAnswers => {}
            Network::Refused => return Err(failed(TransportErrorKind::Connect, false, "refused")),
            Network::BlackHole => {
                tokio::time::sleep(limit).await;
                self.gate.pass().await;
                return Err(failed(TransportErrorKind::Timeout, true, "no answer in time"));
            }
        }
        let index = self.outbox.put(self.record(&request));
        // A call also ends with the process that makes it.
        let under_way = UnderWay { link: self, index };
        let answer = tokio::time::timeout(limit, self.exchange(request)).await;
        drop(under_way);
        self.trip.pass(Place::AfterCall).await;
        self.gate.pass().await;
        match (answer, self.weather.network()) {
            (Err(_), _) => Err(failed(TransportErrorKind::Timeout, true, "no answer in time")),
            (Ok(Ok(_)), Network::NoAnswers) => {
                Err(failed(TransportErrorKind::Disconnected, true, "the answer was lost on the way"))
            }
            (Ok(answer), Network::Fine | Network::Refused | Network::BlackHole | Network::NoAnswers) => answer,
        }
    }
}

struct UnderWay<'a> {
    link: &'a Link,
    index: usize,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.link.outbox.ended(self.index, self.link.time.now_ms());
    }
}

impl Link {
    fn record(&self, request: &Request) -> Sent {
        let now = self.time.now_ms();
        let bearer = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let is_refresh = match &request.body {
            Body::Bytes(bytes) => {
                request.url.path() == "/v2/oauth/token/" && bytes.windows(13).any(|part| part == b"refresh_token")
            }
            Body::Empty | Body::Stream(_) => false,
        };
        let upload = matches!(request.body, Body::Stream(_));
        Sent {
            node: self.node,
            upload: upload.then(|| request.url.as_str().to_owned()),
            at_ms: now,
            until_ms: i64::MAX,
            path: request.url.path().to_owned(),
            bearer: bearer.map(|text| text.trim_start_matches("Bearer ").to_owned()),
            is_refresh,
        }
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        // A little time on the way, so that calls of several posts and nodes mix.
        tokio::time::sleep(self.delay()).await;
        let source_failed = Arc::new(AtomicBool::new(false));
        let answer_max_bytes = request.answer_max_bytes;
        let request = self.http(request, &source_failed)?;
        let answered = self.router.clone().oneshot(request).await;
        let answer = answered.map_err(|never| match never {})?;
        if source_failed.load(Ordering::Relaxed) {
            return Err(failed(TransportErrorKind::Source, false, "the source failed"));
        }
        tokio::time::sleep(self.delay()).await;
        if answer.extensions().get::<Dropped>().is_some() {
            return Err(failed(TransportErrorKind::Disconnected, true, "the connection was cut"));
        }
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, answer_max_bytes)
            .await
            .map_err(|_| failed(TransportErrorKind::Disconnected, true, "the answer broke off"))?;
        let mut response = http::Response::new(body);
        *response.status_mut() = parts.status;
        *response.headers_mut() = parts.headers;
        Ok(response)
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.chance.within(1, 40)).unwrap_or(1))
    }

    fn http(&self, request: Request, failed_source: &Arc<AtomicBool>) -> Result<HttpRequest<HttpBody>, TransportError> {
        let Request { method, url, headers, body, timeout: _, answer_max_bytes: _ } = request;
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let (body, length) = match body {
            Body::Empty => (HttpBody::empty(), None),
            Body::Bytes(bytes) => {
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                (HttpBody::from(bytes), Some(length))
            }
            Body::Stream(stream) => {
                let length = stream.len();
                (self.streamed(stream, Arc::clone(failed_source)), Some(length))
            }
        };
        let mut built = HttpRequest::builder()
            .method(method)
            .uri(target)
            .body(body)
            .map_err(|_| failed(TransportErrorKind::Unsendable, false, "no request"))?;
        *built.headers_mut() = framed(headers, length);
        Ok(built)
    }

    /// The body as the network carries it: slowly if need be, and it may end with the node.
    fn streamed(&self, stream: SizedStream, failed_source: Arc<AtomicBool>) -> HttpBody {
        let (trip, weather) = (Arc::clone(&self.trip), Arc::clone(&self.weather));
        let mut count = 0_u32;
        let parts = stream.into_stream().then(move |part| {
            count = count.wrapping_add(1);
            // Large files have hundreds of pieces; a few places to die in are enough.
            let watched = count <= 2 || count.is_multiple_of(64);
            let (trip, weather, failed_source) = (Arc::clone(&trip), Arc::clone(&weather), Arc::clone(&failed_source));
            async move {
                if watched {
                    trip.pass(Place::InBody).await;
                }
                match part {
                    Ok(bytes) => {
                        carry(&weather, &bytes).await;
                        Ok(bytes)
                    }
                    Err(error) => {
                        failed_source.store(true, Ordering::Relaxed);
                        Err(std::io::Error::other(error))
                    }
                }
            }
        });
        HttpBody::from_stream(parts)
    }
}

async fn carry(weather: &Weather, bytes: &Bytes) {
    if let Some(speed) = weather.speed() {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let ms = length.saturating_mul(1000).checked_div(speed).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn framed(mut headers: HeaderMap, length: Option<u64>) -> HeaderMap {
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers
}
