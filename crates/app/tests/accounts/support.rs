//! One running instance of the service beside one simulated TikTok: the stage of every story.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::posts::{DraftInput, Submit, When};
use app::sessions::Device;
use app::sign_in::{Arrival, Purpose, SignedIn};
use app::{Actor, App, AppParts, Clock, Settings, SystemRandom};
use domain::consent::Declaration;
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, GroupId, MediaId};
use domain::post::{Delivery, PostContent};
use domain::schedule::Zone;
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use futures::stream;
use store::blobs::Blobs;
use store::push::PushTarget;
use store::testing::{TestStore, engines};
use store::vault::InstanceKeys;
use store::{DatabaseUrl, Post, Store};
use tiktok_sim::{AppSpec, AppStage, ClockMode, Received, Route, Running, SimClock, SimConfig, Simulator, sample_mp4};

use crate::browser::{Answer, Browser};

pub const KEY: &str = "aw_sim_live_01";
pub const SECRET: &str = "sim_client_secret_0123456789abcdef";
pub const SITE: &str = "https://demo.example/";
pub const LOOPBACK: &str = "http://127.0.0.1:8080/";
/// A public account with everything allowed but stitches.
pub const MILA: &str = "moloko.demo";
/// A private account.
pub const OLEG: &str = "moloko.private";
/// An account that allows no interaction and videos of a minute at most.
pub const CAREFUL: &str = "moloko.strict";
/// 2026-11-24 09:00:00 UTC.
pub const START: UnixMillis = UnixMillis::from_seconds(1_795_510_800);
pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The simulator's time. Sleeping takes no time but moves it, because in these stories nobody else would.
#[derive(Debug)]
pub struct StoryClock {
    time: SimClock,
    runs: AtomicBool,
}

impl StoryClock {
    /// From now on a millisecond passes with each look, as on a real machine between two looks.
    pub fn run(&self) {
        self.runs.store(true, Ordering::Relaxed);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> UnixMillis {
        if self.runs.load(Ordering::Relaxed) {
            self.time.advance(1);
        }
        UnixMillis::from_millis(self.time.now_ms())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.time.now_ms()).unwrap())
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let left = at.millis() - self.time.now_ms();
        self.time.advance(left.max(0));
        // Others get their turn, as they would while this one sleeps.
        Box::pin(tokio::task::yield_now())
    }
}

/// What a story may change before the instance starts.
pub struct Setting {
    pub simulator: SimConfig,
    pub settings: Settings,
}

/// A running instance.
pub struct Stage {
    pub app: Arc<App>,
    pub clock: Arc<StoryClock>,
    pub running: Running,
    pub database: TestStore,
    pub keys: Arc<InstanceKeys>,
}

/// Tells a story on every database of this machine.
pub async fn everywhere<F>(story: F)
where
    F: AsyncFn(Stage),
{
    everywhere_with(|_| {}, story).await;
}

/// The same with another simulator or other settings.
pub async fn everywhere_with<C, F>(change: C, story: F)
where
    C: Fn(&mut Setting),
    F: AsyncFn(Stage),
{
    for database in engines().await {
        let mut simulator = SimConfig::demo(
            KEY,
            SECRET,
            [format!("{SITE}oauth/tiktok/callback/"), format!("{LOOPBACK}oauth/tiktok/callback/")],
        );
        simulator.clock = ClockMode::Frozen { at_ms: START.millis() };
        let mut settings = Settings::new(SITE.parse().unwrap());
        settings.disk_reserve_bytes = Some(0);
        let mut setting = Setting { simulator, settings };
        change(&mut setting);
        story(Stage::start(database, setting).await).await;
    }
}

impl Stage {
    async fn start(database: TestStore, setting: Setting) -> Self {
        let running = Simulator::start(setting.simulator).await.unwrap();
        let clock = Arc::new(StoryClock { time: running.simulator.clock(), runs: AtomicBool::new(false) });
        let file = database.folder().join("instance.key");
        InstanceKeys::generate().unwrap().create(&file).unwrap();
        let keys = Arc::new(InstanceKeys::load(&file).unwrap().unwrap());
        // As the first start leaves it.
        let mut tx = database.store().begin().await.unwrap();
        for fact in [app::keys::CHECK, app::keys::CURRENT] {
            tx.meta_put(fact, &keys.check_value().unwrap()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let app = assemble(&running, &database, &keys, &clock, SECRET, setting.settings).await;
        Self { app, clock, running, database, keys }
    }

    /// A second process of the same instance: same database and key, nothing else in common.
    pub async fn second_process(&self) -> Arc<App> {
        let settings = self.app.settings.clone();
        assemble(&self.running, &self.database, &self.keys, &self.clock, SECRET, settings).await
    }

    /// The same instance with other settings.
    pub async fn process_with(&self, settings: Settings) -> Arc<App> {
        assemble(&self.running, &self.database, &self.keys, &self.clock, SECRET, settings).await
    }

    /// Another instance beside this one, with nobody in it: a database of the same engine, a folder and a key of its own.
    pub async fn empty_instance(&self) -> (TestStore, Arc<App>) {
        let engine = self.store().engine();
        let database = engines().await.into_iter().find(|it| it.engine() == engine).expect("the same engine again");
        let keys = Arc::new(InstanceKeys::generate().unwrap());
        let settings = self.app.settings.clone();
        let app = assemble(&self.running, &database, &keys, &self.clock, SECRET, settings).await;
        (database, app)
    }

    /// The same instance over another database, as after a restore.
    pub async fn process_over(&self, store: Store) -> Arc<App> {
        let settings = self.app.settings.clone();
        assemble_over(store, &self.running, &self.database, &self.keys, &self.clock, SECRET, settings).await
    }

    pub fn key_file(&self) -> PathBuf {
        self.database.folder().join("instance.key")
    }

    /// A node or a command of its own: same database and folder, and whatever a key file says now.
    pub async fn node_with(&self, key_file: &Path) -> Arc<App> {
        self.node_over(self.database.url(), key_file).await
    }

    /// The same over another database, as after a restore.
    pub async fn node_over(&self, url: &DatabaseUrl, key_file: &Path) -> Arc<App> {
        let store = Store::open(url).await.unwrap();
        let keys = Arc::new(InstanceKeys::load(key_file).unwrap().unwrap());
        // One that does not fit is refused at a start; these stories go on and see what it could do.
        let _ = app::keys::fit(&store, &keys).await;
        let settings = self.app.settings.clone();
        assemble_over(store, &self.running, &self.database, &keys, &self.clock, SECRET, settings).await
    }

    /// The same instance after an operator's mistake with the client secret.
    pub async fn with_wrong_secret(&self) -> Arc<App> {
        let settings = self.app.settings.clone();
        assemble(&self.running, &self.database, &self.keys, &self.clock, "wrong", settings).await
    }

    pub fn tiktok(&self) -> &Simulator {
        &self.running.simulator
    }

    pub fn store(&self) -> &Store {
        self.database.store()
    }

    pub fn pass(&self, ms: i64) {
        self.tiktok().advance(ms);
    }

    pub fn now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.tiktok().now_ms())
    }

    /// Requests that reached TikTok on a route since the journal was last cleared.
    pub fn requests(&self, route: Route) -> Vec<Received> {
        self.tiktok().journal().into_iter().filter(|request| request.route == route).collect()
    }

    /// Refreshes that reached TikTok.
    pub fn refreshes(&self) -> usize {
        self.requests(Route::Token).iter().filter(|it| it.text().contains("grant_type=refresh_token")).count()
    }

    /// Somebody passes the whole sign-in in a fresh browser.
    pub async fn sign_in(&self, username: &str) -> (Actor, SignedIn) {
        let browser = Browser::new();
        let walk = browser.walk(&self.app, Purpose::SignIn, &Answer::allow(username)).await;
        let arrival = self.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap();
        let signed_in = arrival.connected().expect("signing in asks nothing");
        let secret = signed_in.session_secret.as_ref().expect("a new session");
        let actor = self.app.actor_of_session(secret).await.unwrap().expect("the session is valid");
        (actor, signed_in)
    }

    /// The actor connects one more account, granting everything.
    pub async fn add_account(&self, actor: &Actor, username: &str) -> ConnectionId {
        self.add_account_with(actor, &Answer::allow(username)).await.connection_id
    }

    pub async fn add_account_with(&self, actor: &Actor, answer: &Answer) -> SignedIn {
        self.pass(1);
        let browser = Browser::new();
        let walk = browser.walk(&self.app, Purpose::AddAccount(actor), answer).await;
        match self.app.finish_sign_in(&walk, &browser.secret, Some(actor), &laptop()).await.unwrap() {
            Arrival::Connected(signed_in) => signed_in,
            Arrival::Unconfirmed(id) => self.app.confirm_account(actor, id).await.unwrap(),
            Arrival::NotRenewed(_) => panic!("nobody renewed anything"),
        }
    }

    /// The actor comes back from TikTok with an account that the workspace does not have, and has not answered yet.
    pub async fn asked_about(&self, actor: &Actor, username: &str) -> ConnectionId {
        self.pass(1);
        let browser = Browser::new();
        let walk = browser.walk(&self.app, Purpose::AddAccount(actor), &Answer::allow(username)).await;
        match self.app.finish_sign_in(&walk, &browser.secret, Some(actor), &laptop()).await.unwrap() {
            Arrival::Unconfirmed(id) => id,
            Arrival::Connected(_) | Arrival::NotRenewed(_) => panic!("nobody was asked"),
        }
    }

    /// The actor uploads a good vertical video of ten seconds.
    /// The actor's browser is told things; by a push service that nobody asks.
    pub async fn push_begun(&self, actor: &Actor, secret: &str) {
        let target = PushTarget {
            endpoint: format!("{secret} {}", actor.session_id),
            p256dh: secret.to_owned(),
            auth: secret.to_owned(),
        };
        let mut tx = self.store().begin().await.unwrap();
        tx.push_put(actor.user_id, actor.session_id, &target, (true, true), self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn upload(&self, actor: &Actor) -> MediaId {
        self.upload_seconds(actor, 10).await
    }

    pub async fn upload_seconds(&self, actor: &Actor, seconds: u32) -> MediaId {
        let video = sample_mp4(720, 1280, 30, seconds * 1000, 40_000);
        let upload = self.app.upload_create(actor, "cake.mp4", u64::try_from(video.len()).unwrap()).await.unwrap();
        let body = stream::iter([Ok::<_, std::io::Error>(video.into())]);
        self.app.upload_append(actor, upload.id, 0, body).await.unwrap().media_id.expect("the upload is complete")
    }

    /// A fresh draft of the actor's own video for one account.
    pub async fn draft(&self, actor: &Actor, connection: ConnectionId) -> Post {
        let media = self.upload(actor).await;
        let group = self.app.create_drafts(actor, media, &[connection]).await.unwrap();
        self.only_post(actor, group).await
    }

    pub async fn only_post(&self, actor: &Actor, group: GroupId) -> Post {
        let mut posts = self.store().posts_in_group(actor.workspace_id, group).await.unwrap();
        assert_eq!(posts.len(), 1);
        posts.remove(0)
    }

    /// A direct post for everyone, planned an hour ahead.
    pub async fn scheduled(&self, actor: &Actor, connection: ConnectionId) -> Post {
        self.scheduled_at(actor, connection, "2026-11-24T10:00").await
    }

    pub async fn scheduled_at(&self, actor: &Actor, connection: ConnectionId, local: &str) -> Post {
        let draft = self.draft(actor, connection).await;
        self.app.submit(actor, draft.id, &submit(&draft, everyone(), at(local))).await.unwrap()
    }
}

async fn assemble(
    running: &Running,
    database: &TestStore,
    keys: &Arc<InstanceKeys>,
    clock: &Arc<StoryClock>,
    secret: &str,
    settings: Settings,
) -> Arc<App> {
    assemble_over(database.store().clone(), running, database, keys, clock, secret, settings).await
}

async fn assemble_over(
    store: Store,
    running: &Running,
    database: &TestStore,
    keys: &Arc<InstanceKeys>,
    clock: &Arc<StoryClock>,
    secret: &str,
    settings: Settings,
) -> Arc<App> {
    let base = tiktok::Url::parse(&running.url).unwrap();
    let endpoints = tiktok::Endpoints::custom(
        base.join("/v2/auth/authorize/").unwrap(),
        base.clone(),
        tiktok::UploadHosts::origin(&base),
    );
    let credentials = tiktok::AppCredentials { client_key: KEY.to_owned(), client_secret: secret.to_owned().into() };
    let client = tiktok::Client::new(credentials, endpoints, tiktok::HttpOptions::default()).unwrap();
    App::new(AppParts {
        exports: store::export::folder::ExportFolder::of(database.folder()),
        marks: app::erasure::Marks::new(Some(store::TombstoneFile::of(database.folder()))),
        store,
        keys: Arc::clone(keys),
        journal: store::journal::Journal::memory(),
        blobs: Blobs::disk(database.folder().join("blobs")).await.unwrap(),
        tiktok: client,
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
        settings,
    })
}

/// Waits until something that is under way has happened; the story fails when it does not.
pub async fn eventually(mut happened: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !happened().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it happens within ten seconds");
}

pub fn laptop() -> Device {
    Device { label: "Firefox on Linux".to_owned(), ip: "203.0.113.7".to_owned() }
}

/// An app of another review stage with the same key.
pub fn app_in(stage: AppStage) -> AppSpec {
    AppSpec { stage, ..AppSpec::audited(KEY, SECRET, [format!("{SITE}oauth/tiktok/callback/")]) }
}

pub fn berlin() -> Zone {
    "Europe/Berlin".parse().unwrap()
}

/// The form as it is when a person chose "Everyone" and wrote a caption.
pub fn everyone() -> DraftInput {
    DraftInput {
        delivery: Delivery::Direct,
        content: PostContent {
            caption: "Honey cake, layer by layer".to_owned(),
            privacy: Some(PrivacyLevel::PublicToEveryone),
            ..PostContent::default()
        },
        local_time: None,
        time_zone: Zone::utc(),
        photos: None,
    }
}

/// A wall-clock time in UTC.
pub fn at(local: &str) -> When {
    When::At { local: local.parse().unwrap(), zone: Zone::utc(), second: false }
}

/// The pressed button, with the declaration that belongs to the form.
pub fn submit(post: &Post, input: DraftInput, when: When) -> Submit {
    let declaration = Declaration::for_disclosure(input.content.disclosure);
    Submit { revision: post.revision, input, when, declaration }
}
