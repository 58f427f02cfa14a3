//! One instance of the service beside one simulated TikTok, and browsers that talk to its router without a network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::{App, AppParts, Clock, Settings, SystemRandom};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use domain::id::MediaId;
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use store::blobs::Blobs;
use store::testing::{TestStore, sqlite};
use store::vault::InstanceKeys;
use tiktok_sim::{ClockMode, Running, SimClock, SimConfig, Simulator, sample_mp4};
use tower::ServiceExt as _;
use url::Url;

pub const KEY: &str = "aw_sim_live_01";
pub const SECRET: &str = "sim_client_secret_0123456789abcdef";
pub const SITE: &str = "https://demo.example";
/// A public account with everything allowed but stitches.
pub const MILA: &str = "moloko.demo";
/// A private account.
pub const OLEG: &str = "moloko.private";
pub const ALL_SCOPES: [&str; 3] = ["user.info.basic", "video.publish", "video.upload"];
/// 2026-11-24 09:00:00 UTC.
pub const START: UnixMillis = UnixMillis::from_seconds(1_795_510_800);
/// Longest answer that a story reads, bytes.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// The simulator's time; it moves only when a story says so.
struct StoryClock(SimClock);

impl Clock for StoryClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.0.now_ms())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap())
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let clock = self.0.clone();
        Box::pin(async move { clock.sleep_until(at.millis()).await })
    }
}

/// A running instance.
pub struct Stage {
    pub app: Arc<App>,
    pub running: Running,
    pub database: TestStore,
    pub router: Router,
    keys: Arc<InstanceKeys>,
    settings: Settings,
}

impl Stage {
    /// An instance reached under https.
    pub async fn new() -> Self {
        Self::reached_under(SITE, |_| {}).await
    }

    pub async fn reached_under(site: &str, change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(sqlite().await, site, change).await
    }

    /// The same on a database of one's own.
    pub async fn on(database: TestStore, site: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let mut simulator = SimConfig::demo(KEY, SECRET, [format!("{site}/oauth/tiktok/callback/")]);
        simulator.clock = ClockMode::Frozen { at_ms: START.millis() };
        let running = Simulator::start(simulator).await.unwrap();
        let mut settings = Settings::new(site.parse().unwrap());
        settings.disk_reserve_bytes = Some(0);
        change(&mut settings);
        Self::started(running, database, Arc::new(InstanceKeys::generate().unwrap()), settings).await
    }

    /// The same instance after its process ended and a new one began.
    pub async fn restarted(self) -> Self {
        Self::started(self.running, self.database, self.keys, self.settings).await
    }

    async fn started(running: Running, database: TestStore, keys: Arc<InstanceKeys>, settings: Settings) -> Self {
        let base = tiktok::Url::parse(&running.url).unwrap();
        let endpoints = tiktok::Endpoints::custom(
            base.join("/v2/auth/authorize/").unwrap(),
            base.clone(),
            tiktok::UploadHosts::origin(&base),
        );
        let credentials =
            tiktok::AppCredentials { client_key: KEY.to_owned(), client_secret: SECRET.to_owned().into() };
        let app = App::new(AppParts {
            exports: store::export::folder::ExportFolder::of(database.folder()),
            marks: app::erasure::Marks::default(),
            store: database.store().clone(),
            keys: Arc::clone(&keys),
            journal: store::journal::Journal::memory(),
            blobs: Blobs::disk(database.folder().join("blobs")).await.unwrap(),
            tiktok: tiktok::Client::new(credentials, endpoints, tiktok::HttpOptions::default()).unwrap(),
            clock: Arc::new(StoryClock(running.simulator.clock())),
            random: Arc::new(SystemRandom),
            settings: settings.clone(),
        });
        let router = crate::assembled(&app);
        Self { app, running, database, router, keys, settings }
    }

    pub fn tiktok(&self) -> &Simulator {
        &self.running.simulator
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { stage: self, cookies: Mutex::default(), language: "en" }
    }

    /// Somebody who has just passed the whole sign-in.
    pub async fn signed_in(&self, username: &str) -> Browser<'_> {
        let browser = self.browser();
        let back = browser.walk_to_tiktok(username, &ALL_SCOPES).await;
        let answer = browser.get(&back).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }

    /// Sends one request past all layers.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// An answer read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body: to_bytes(body, ANSWER_MAX).await.unwrap() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header(header::LOCATION)
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

/// A browser with its own cookies, on the pages of this site.
pub struct Browser<'a> {
    pub stage: &'a Stage,
    cookies: Mutex<BTreeMap<String, String>>,
    pub language: &'static str,
}

impl Browser<'_> {
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let path = path.strip_prefix(SITE).unwrap_or(path);
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "demo.example")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, self.cookie_header())
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = Answer::read(self.stage.send(request).await).await;
        let mut cookies = self.cookies.lock().unwrap();
        for set in answer.set_cookies() {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        self.send(request.unwrap()).await
    }

    /// Ticks the age box, leaves for TikTok, allows what is asked for, and gives the address TikTok redirects to.
    pub async fn walk_to_tiktok(&self, username: &str, scopes: &[&str]) -> String {
        let away = self.post("/connect", &[("adult", "on"), ("next", "/queue")]).await;
        assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.text());
        self.allow(away.location(), username, scopes)
    }

    /// What TikTok redirects to after "Allow".
    pub fn allow(&self, authorize: &str, username: &str, scopes: &[&str]) -> String {
        let authorize = Url::parse(authorize).unwrap();
        let parameter = |name: &str| authorize.query_pairs().find(|(key, _)| key == name).map(|(_, v)| v.into_owned());
        let redirect = parameter("redirect_uri").unwrap();
        let challenge = parameter("code_challenge");
        let tiktok = self.stage.tiktok();
        let code = tiktok.grant_code(KEY, username, scopes, &redirect, challenge.as_deref()).unwrap();
        let mut back = Url::parse(&redirect).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("scopes", &scopes.join(","))
            .append_pair("state", &parameter("state").unwrap());
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    pub fn app(&self) -> Arc<App> {
        Arc::clone(&self.stage.app)
    }

    pub async fn actor(&self) -> app::Actor {
        let secret = self.cookie("__Host-moloko").or_else(|| self.cookie("moloko")).expect("signed in");
        self.stage.app.actor_of_session(&secret.into()).await.unwrap().expect("the session is valid")
    }

    /// A good vertical video of ten seconds, uploaded.
    pub async fn media(&self) -> MediaId {
        let actor = self.actor().await;
        let video = video();
        let upload =
            self.stage.app.upload_create(&actor, "cake.mp4", u64::try_from(video.len()).unwrap()).await.unwrap();
        let body = futures::stream::iter([Ok::<_, std::io::Error>(video)]);
        self.stage.app.upload_append(&actor, upload.id, 0, body).await.unwrap().media_id.expect("complete")
    }
}

/// The bytes of a good vertical video.
pub fn video() -> Bytes {
    sample_mp4(720, 1280, 30, 10_000, 40_000).into()
}
