//! A push service as strict as those of browsers' makers, over real HTTP: it believes nobody without a signed word, counts its limits, and opens what
//! it got with the browser's keys, as the browser would. Owns its subscribers and what they were sent.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use app::Clock;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::signature;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use store::push::PushTarget;

/// Largest body that is taken, bytes.
const BODY_MAX: usize = 4_096;
/// Longest life of a word, and of a message, seconds.
const WORD_S: i64 = 86_400;
const TTL_MAX_S: i64 = 2_419_200;

/// A message as a browser got it.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub browser: String,
    pub text: Value,
    pub ttl_s: i64,
    pub urgency: String,
    pub topic: String,
    /// Length of the body, bytes.
    pub bytes: usize,
}

struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
    /// For which public key of a server it subscribed.
    server: String,
}

#[derive(Default)]
struct Inner {
    browsers: HashMap<String, Browser>,
    delivered: Vec<Delivered>,
    /// What the next requests are answered, before anything is looked at.
    moods: VecDeque<(u16, Option<&'static str>)>,
    requests: usize,
    /// It takes requests and says nothing.
    hangs: bool,
}

#[derive(Clone)]
pub struct PushService {
    pub origin: String,
    contact: &'static str,
    clock: Arc<dyn Clock>,
    inner: Arc<Mutex<Inner>>,
    came: Arc<tokio::sync::Notify>,
}

impl PushService {
    /// A port of its own; who serves it comes with [`PushService::open`].
    pub fn bind() -> (std::net::TcpListener, String) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        (listener, origin)
    }

    pub fn open(listener: std::net::TcpListener, clock: Arc<dyn Clock>, contact: &'static str) -> Self {
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let service = Self { origin, contact, clock, inner: Arc::default(), came: Arc::default() };
        let router = Router::new().route("/push/{browser}", post(take)).with_state(service.clone());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    /// A browser subscribes with the public key of a server.
    pub fn subscribe(&self, name: &str, server: &str) -> PushTarget {
        let key = PrivateKey::generate(&ECDH_P256).unwrap();
        let mut auth = [0; 16];
        aws_lc_rs::rand::fill(&mut auth).unwrap();
        let public = key.compute_public_key().unwrap();
        let target = PushTarget {
            endpoint: format!("{}/push/{name}", self.origin),
            p256dh: URL_SAFE_NO_PAD.encode(public.as_ref()),
            auth: URL_SAFE_NO_PAD.encode(auth),
        };
        let browser = Browser { key, auth, server: server.to_owned() };
        self.inner.lock().unwrap().browsers.insert(name.to_owned(), browser);
        target
    }

    /// The browser takes nothing any more.
    pub fn unsubscribe(&self, name: &str) {
        self.inner.lock().unwrap().browsers.remove(name);
    }

    /// The next request is answered like this, whatever it says.
    pub fn answer_next(&self, status: u16, retry_after: Option<&'static str>) {
        self.inner.lock().unwrap().moods.push_back((status, retry_after));
    }

    /// From now on it says nothing to anybody.
    pub fn hang(&self) {
        self.inner.lock().unwrap().hangs = true;
    }

    /// Until it takes the next message.
    pub async fn delivers(&self) {
        self.came.notified().await;
    }

    pub fn delivered(&self) -> Vec<Delivered> {
        self.inner.lock().unwrap().delivered.clone()
    }

    pub fn requests(&self) -> usize {
        self.inner.lock().unwrap().requests
    }
}

fn refused(status: u16, why: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), why.to_owned()).into_response()
}

async fn take(
    State(service): State<PushService>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let hangs = {
        let mut inner = service.inner.lock().unwrap();
        inner.requests += 1;
        inner.hangs
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    let mut inner = service.inner.lock().unwrap();
    if let Some((status, retry_after)) = inner.moods.pop_front() {
        let mut answer = refused(status, "a mood");
        if let Some(pause) = retry_after {
            answer.headers_mut().insert("retry-after", pause.parse().unwrap());
        }
        return answer;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let Some(browser) = inner.browsers.get(&name) else { return refused(410, "gone") };
    if let Err(why) = believed(&text("authorization"), &service, &browser.server) {
        return refused(if why == "another key" { 403 } else { 401 }, why);
    }
    let Some(ttl_s) = text("ttl").parse::<i64>().ok().filter(|ttl| (0..=TTL_MAX_S).contains(ttl)) else {
        return refused(400, "no TTL");
    };
    let (urgency, topic) = (text("urgency"), text("topic"));
    if !["very-low", "low", "normal", "high"].contains(&urgency.as_str()) {
        return refused(400, "no such urgency");
    }
    if topic.len() > 32 || !topic.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return refused(400, "no such topic");
    }
    if text("content-encoding") != "aes128gcm" {
        return refused(415, "no such encoding");
    }
    if body.len() > BODY_MAX {
        return refused(413, "too large");
    }
    let Some(opened) = opened(&body, browser) else { return refused(400, "the browser could not open it") };
    let text = serde_json::from_slice(&opened).unwrap();
    let bytes = body.len();
    inner.delivered.push(Delivered { browser: name, text, ttl_s, urgency, topic, bytes });
    service.came.notify_one();
    StatusCode::CREATED.into_response()
}

/// RFC 8292: a word signed with the key that the browser subscribed with, for this service, for a day at most, with somebody to write to.
fn believed(header: &str, service: &PushService, server: &str) -> Result<(), &'static str> {
    let parts = header.strip_prefix("vapid ").ok_or("no vapid")?;
    let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name)).map(str::to_owned);
    let (word, key) = (part("t=").ok_or("no word")?, part("k=").ok_or("no key")?);
    if key != server {
        return Err("another key");
    }
    let (signed, mark) = word.rsplit_once('.').ok_or("no signature")?;
    let (head, claims) = signed.split_once('.').ok_or("no claims")?;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| "not base64url");
    let json = |text: &str| serde_json::from_slice::<Value>(&decoded(text)?).map_err(|_| "not JSON");
    let (head, claims) = (json(head)?, json(claims)?);
    if head["alg"] != "ES256" || claims["aud"] != service.origin.as_str() {
        return Err("another algorithm or audience");
    }
    let now = service.clock.now().seconds();
    if !claims["exp"].as_i64().is_some_and(|at| at > now && at <= now + WORD_S) {
        return Err("over, or for too long");
    }
    if claims["sub"] != format!("mailto:{}", service.contact) {
        return Err("nobody to write to");
    }
    signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, decoded(&key)?)
        .verify(signed.as_bytes(), &decoded(mark)?)
        .map_err(|_| "not signed")
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    key.expand(info, Length(N)).unwrap().fill(&mut out).unwrap();
    out
}

/// RFC 8291, the browser's side.
fn opened(body: &[u8], browser: &Browser) -> Option<Vec<u8>> {
    let (salt, rest) = body.split_at_checked(16)?;
    let (size, rest) = rest.split_at_checked(4)?;
    if u32::from_be_bytes(size.try_into().ok()?) < 18 {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (theirs, record) = rest.split_at_checked(usize::from(*length))?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
    let shared =
        agree(&browser.key, peer, (), |secret| Ok(Salt::new(HKDF_SHA256, &browser.auth).extract(secret))).ok()?;
    let own = browser.key.compute_public_key().ok()?;
    let input: [u8; 32] = expand(&shared, &[b"WebPush: info\0", own.as_ref(), theirs]);
    let root = Salt::new(HKDF_SHA256, salt).extract(&input);
    let key: [u8; 16] = expand(&root, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = expand(&root, &[b"Content-Encoding: nonce\0"]);
    let mut record = record.to_vec();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
    let end = plain.iter().rposition(|byte| *byte != 0)?;
    (plain[end] == 2).then(|| plain[..end].to_vec())
}
