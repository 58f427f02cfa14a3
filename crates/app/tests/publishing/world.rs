//! One person, one workspace, accounts at a simulated TikTok, the real store and engine, and one virtual clock for all of them.
//! Owns the check of the invariants that every story ends with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::publishing::{Engine, EngineHandle};
use app::{Actor, App, AppParts, Clock, Random, Settings, SystemRandom};
use bytes::Bytes;
use domain::attempt::{Attempt, Kind, State, is_allowed};
use domain::connection::Scopes;
use domain::consent::{Consent, ConsentSubject, Declaration};
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, ConsentId, MediaId, PostId, SessionId};
use domain::media::{Container, FileFacts, MediaFacts, MediaOutcome, MediaVerdict, ThumbnailState, VideoCodec};
use domain::post::{Delivery, PostContent, PostState};
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use secrecy::SecretString;
use store::blobs::{BlobKey, BlobKind, Blobs};
use store::journal::Journal;
use store::media::Media;
use store::testing::{START, Seed, TestStore};
use store::vault::InstanceKeys;
use store::{Connection, Post};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, Scope, UploadHosts};
use tiktok_sim::{
    ClockMode, FaultAction, FaultRule, FaultStatus, Received, Route, Running, SimClock, SimConfig, Simulator, UserSpec,
    sample_mp4,
};
use uuid::Uuid;

use crate::gate::Origin;

pub const KEY: &str = "sbdemo";
pub const SECRET: &str = "secret";
/// Virtual time that passes in one step while somebody works on what takes real time, milliseconds.
const BUSY_STEP_MS: i64 = 20;
/// The longest jump over a time in which nobody does anything, milliseconds.
const JUMP_MS: i64 = 60_000;
/// Real time of a look at who works.
const GLANCE: Duration = Duration::from_millis(1);
/// Looks that have to find everybody resting, one after the other, before time may jump.
const QUIET_GLANCES: u32 = 2;
/// Looks after which work is taken to wait for time itself.
const PATIENCE: u32 = 40;

/// The simulator's clock as the service's clock. Knows who sleeps until when, so that a test need not wait for nothing.
#[derive(Clone)]
struct VirtualClock {
    clock: SimClock,
    /// How far the service's wall clock is from the true one, milliseconds.
    wrong_by: Arc<AtomicI64>,
    sleepers: Arc<Mutex<HashMap<u64, i64>>>,
}

impl VirtualClock {
    /// The first instant at which somebody wants to wake, milliseconds.
    fn next_wake(&self) -> Option<i64> {
        self.sleepers.lock().unwrap().values().copied().min()
    }

    /// Somebody's time has come, and they have not been let run yet.
    fn wakes(&self) -> bool {
        self.next_wake().is_some_and(|at| at <= self.clock.now_ms())
    }
}

struct Sleeper {
    number: u64,
    sleepers: Arc<Mutex<HashMap<u64, i64>>>,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.sleepers.lock().unwrap().remove(&self.number);
    }
}

static SLEEPERS: AtomicU64 = AtomicU64::new(0);

impl Clock for VirtualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.clock.now_ms() + self.wrong_by.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        let since = self.clock.now_ms() - START.millis();
        Duration::from_millis(u64::try_from(since).unwrap_or(0))
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let clock = self.clock.clone();
        let sleepers = Arc::clone(&self.sleepers);
        let wrong_by = Arc::clone(&self.wrong_by);
        Box::pin(async move {
            let number = SLEEPERS.fetch_add(1, Ordering::Relaxed);
            let set = wrong_by.load(Ordering::Relaxed);
            sleepers.lock().unwrap().insert(number, at.millis() - set);
            let _sleeper = Sleeper { number, sleepers };
            // As the system's clock does: a wall clock that was set is noticed soon.
            let mut moved = clock.subscribe();
            while wrong_by.load(Ordering::Relaxed) == set && clock.now_ms() + set < at.millis() {
                moved.changed().await.expect("the world's clock lives as long as the world");
            }
        })
    }
}

pub struct World {
    pub store: TestStore,
    pub sim: Simulator,
    pub app: Arc<App>,
    pub seed: Seed,
    /// What a real instance keeps beside its database; it survives crashes and restores.
    pub journal: Journal,
    /// Makes the program fail where it draws chance.
    pub chance: Arc<Chance>,
    running: Running,
    clock: VirtualClock,
    engine: Option<EngineHandle>,
    /// Calls heard before the last crash: nobody waits for their answers any more.
    cut_off: AtomicUsize,
    /// Further nodes.
    nodes: Mutex<Vec<Arc<App>>>,
    pub next: u128,
    origin: Origin,
}

/// What a story may set before it starts.
pub struct Setting {
    pub user: UserSpec,
    pub early_upload: bool,
    /// Bytes per second that leave at most.
    pub upload_rate: Option<u64>,
    pub scopes: &'static str,
    /// The operator verified the address from which photos are fetched.
    pub prefix_verified: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            user: UserSpec::public("mila", "Mila bakes"),
            early_upload: true,
            upload_rate: None,
            scopes: "user.info.basic,video.publish,video.upload",
            prefix_verified: true,
        }
    }
}

impl World {
    pub async fn new(store: TestStore) -> Self {
        Self::with(store, Setting::default()).await
    }

    pub async fn with(store: TestStore, setting: Setting) -> Self {
        let mut config = SimConfig::demo(KEY, SECRET, ["http://127.0.0.1:8080/oauth/tiktok/callback/"]);
        config.clock = ClockMode::Frozen { at_ms: START.millis() };
        config.users = vec![setting.user.clone()];
        let origin = Origin::open().await;
        origin.name_to(&mut config, setting.prefix_verified);
        let running = Simulator::start(config).await.unwrap();
        let sim = running.simulator.clone();
        let seed = Seed::write(&store).await;
        let clock =
            VirtualClock { clock: running.simulator.clock(), wrong_by: Arc::default(), sleepers: Arc::default() };
        let keys = store.keys();
        let (journal, chance) = (Journal::memory(), Arc::new(Chance::default()));
        let instance = Instance {
            clock: clock.clone(),
            journal: journal.clone(),
            chance: Arc::clone(&chance),
            early_upload: setting.early_upload,
            upload_rate: setting.upload_rate,
            keys,
        };
        let app = app(&store, &running, instance).await;
        let mut world = Self {
            store,
            sim,
            app,
            seed,
            journal,
            chance,
            running,
            clock,
            engine: None,
            cut_off: AtomicUsize::new(0),
            nodes: Mutex::default(),
            next: 100,
            origin,
        };
        world.origin.serve(&world.app);
        world.connect(&setting.user.username, setting.scopes).await;
        world
    }

    /// Connects the seeded connection to a simulated account.
    async fn connect(&mut self, username: &str, scopes: &str) {
        let scopes: Vec<&str> = scopes.split(',').collect();
        let grant = self.sim.issue_grant(KEY, username, &scopes).unwrap();
        let row = Connection { scopes: Scopes::parse(&grant.scope), ..self.seed.connection_row() };
        self.store_grant(row, grant).await;
    }

    async fn store_grant(&self, row: Connection, grant: tiktok_sim::GrantedTokens) {
        let pair = tiktok::TokenGrant {
            access_token: SecretString::from(grant.access_token),
            expires_in_s: grant.expires_in,
            refresh_token: SecretString::from(grant.refresh_token),
            refresh_expires_in_s: grant.refresh_expires_in,
            open_id: grant.open_id,
            scopes: grant.scope.split(',').map(Scope::parse).collect(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.connection_upsert(&row).await.unwrap();
        self.app.tokens.store_grant(&mut tx, row.id, &pair, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    pub fn now(&self) -> UnixMillis {
        self.app.now()
    }

    pub fn actor(&self) -> Actor {
        let person = self.seed.person();
        Actor {
            user_id: person.id,
            workspace_id: self.seed.workspace,
            session_id: SessionId::from_uuid(Uuid::from_u128(1)),
            display_name: person.display_name,
            locale: person.locale,
            time_zone: person.time_zone,
            theme: person.theme,
        }
    }

    /// A real file of this size in the library; every one is different.
    pub async fn file(&mut self, size_bytes: usize) -> Media {
        let id = self.id();
        let mut bytes = sample_mp4(720, 1280, 30, 12_000, size_bytes);
        // The padding at the end belongs to no sample, so it can tell files apart.
        let tail = bytes.len() - 8;
        bytes[tail..].copy_from_slice(&id.as_u64_pair().1.to_le_bytes());
        let key = BlobKey::of(id);
        let (sha256, blake3) = (aws_hex(&bytes), blake3::hash(&bytes).to_string());
        let size = u64::try_from(bytes.len()).unwrap();
        self.app.blobs.create_partial(&key).await.unwrap();
        let stream = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
        self.app.blobs.append(&key, 0, size, stream).await.unwrap();
        self.app.blobs.finish(&key, size).await.unwrap();
        let media = Media {
            id: MediaId::from_uuid(id),
            workspace_id: self.seed.workspace,
            uploaded_by: self.seed.user,
            file_name: "cake.mp4".to_owned(),
            size_bytes: size,
            sha256,
            blob_key: key,
            facts: Some(FileFacts::Video(MediaFacts {
                container: Container::Mp4,
                size_bytes: size,
                video_codec: VideoCodec::H264,
                audio_codec: None,
                width_px: 720,
                height_px: 1280,
                rotation_deg: 0,
                duration_ms: 12_000,
                fps_milli: Some(30_000),
            })),
            verdict: MediaVerdict { outcome: MediaOutcome::Accept, findings: Vec::new() },
            thumbnail: ThumbnailState::Unavailable,
            created_at: START,
            file_gone_at: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.media_insert(&media).await.unwrap();
        tx.commit().await.unwrap();
        self.second_hash(&media, &blake3).await;
        media
    }

    /// Writes the second hash of a file, which an upload takes beside the first.
    pub async fn second_hash(&self, media: &Media, blake3: &str) {
        let mut tx = self.store.begin().await.unwrap();
        tx.media_set_blake3(media.id, blake3).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn content(caption: &str) -> PostContent {
        PostContent {
            caption: caption.to_owned(),
            privacy: Some(PrivacyLevel::PublicToEveryone),
            allow_comment: true,
            allow_duet: true,
            allow_stitch: true,
            ..PostContent::default()
        }
    }

    /// A consented post of a small file, due in so many seconds.
    pub async fn scheduled(&mut self, due_in_s: i64) -> Post {
        let media = self.file(100_000).await;
        self.plan(&media, Delivery::Direct, due_in_s).await
    }

    pub async fn plan(&mut self, media: &Media, delivery: Delivery, due_in_s: i64) -> Post {
        self.plan_on(self.seed.connection, media, delivery, due_in_s).await
    }

    /// One more account at TikTok, connected.
    pub async fn another_account(&mut self, username: &str) -> ConnectionId {
        self.sim.add_user(UserSpec::public(username, username)).unwrap();
        let grant = self.sim.issue_grant(KEY, username, &["user.info.basic", "video.publish"]).unwrap();
        let row = Connection {
            id: ConnectionId::from_uuid(self.id()),
            open_id: grant.open_id.clone(),
            scopes: Scopes::parse(&grant.scope),
            ..self.seed.connection_row()
        };
        let id = row.id;
        self.store_grant(row, grant).await;
        id
    }

    /// As [`World::plan`], on this account.
    pub async fn plan_on(
        &mut self,
        connection_id: ConnectionId,
        media: &Media,
        delivery: Delivery,
        due_in_s: i64,
    ) -> Post {
        let number = self.next;
        let due_at = self.now().plus_seconds(due_in_s);
        let content = Self::content(&format!("Honey cake {number} \u{1f36f} #baking"));
        let post_id = PostId::from_uuid(self.id());
        let subject = ConsentSubject {
            connection_id,
            delivery,
            content: content.clone(),
            media_sha256: media.sha256.clone(),
            photos: None,
            due_at,
        };
        let consent = Consent {
            id: ConsentId::from_uuid(self.id()),
            post_id,
            user_id: self.seed.user,
            given_at: self.now(),
            declaration: Declaration::Music,
            text_version: domain::consent::DECLARATION_VERSION.to_owned(),
            locale: "en".to_owned(),
            fingerprint: subject.fingerprint(),
            subject,
            creator: None,
        };
        let post = Post {
            id: post_id,
            connection_id,
            media_id: media.id,
            delivery,
            content,
            due_at: Some(due_at),
            consent_id: Some(consent.id),
            ..self.seed.post(self.next, PostState::Scheduled)
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.post_insert(&post).await.unwrap();
        tx.consent_insert(&consent).await.unwrap();
        tx.commit().await.unwrap();
        self.app.engine_nudge.notify_one();
        post
    }

    pub fn start_engine(&mut self) {
        assert!(self.engine.is_none(), "one engine at a time");
        self.engine = Some(Engine::spawn(Arc::clone(&self.app)));
    }

    /// One more service on the same database.
    pub async fn another_app(&self) -> Arc<App> {
        let instance = Instance { journal: Journal::memory(), ..self.instance() };
        app(&self.store, &self.running, instance).await
    }

    /// One more node with its own service and engine on the same database.
    pub async fn another_node(&self) -> EngineHandle {
        let app = self.another_app().await;
        self.nodes.lock().unwrap().push(Arc::clone(&app));
        Engine::spawn(app)
    }

    fn instance(&self) -> Instance {
        Instance {
            clock: self.clock.clone(),
            journal: self.journal.clone(),
            chance: Arc::clone(&self.chance),
            early_upload: self.app.settings.early_upload,
            upload_rate: self.app.settings.upload_rate,
            keys: Arc::clone(&self.app.keys),
        }
    }

    /// Moves the service's wall clock without any time passing, as somebody who sets it does.
    pub fn set_wall(&self, by_ms: i64) {
        self.clock.wrong_by.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// The true time, which is TikTok's.
    pub fn true_now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.sim.clock().now_ms())
    }

    /// A crash: every driver is dropped where it stands, and what was only in memory is gone.
    pub async fn crash(&mut self) {
        self.engine.take().expect("an engine runs").kill().await;
        self.cut_off.store(self.sim.journal().len(), Ordering::Relaxed);
        self.app = app(&self.store, &self.running, self.instance()).await;
        self.origin.serve(&self.app);
    }

    pub async fn stop_engine(&mut self) {
        self.engine.take().expect("an engine runs").stop().await;
    }

    pub fn fault(&self, rule: FaultRule) {
        self.sim.fault(rule);
    }

    pub async fn post(&self, post: &Post) -> Post {
        self.store.post_any(post.id).await.unwrap().unwrap()
    }

    pub async fn attempts(&self, post: &Post) -> Vec<Attempt> {
        self.store.attempts(post.id).await.unwrap()
    }

    /// The state of a post's latest attempt.
    pub async fn kind(&self, post: &Post) -> Option<Kind> {
        self.attempts(post).await.last().map(|attempt| attempt.state.kind())
    }

    /// Lets virtual time pass.
    pub async fn pass(&self, seconds: i64) {
        let until = self.true_now().plus_seconds(seconds);
        let mut rests = self.settle().await;
        while self.true_now() < until {
            rests = self.step(rests, until).await;
        }
    }

    /// Straight to the next sleeper's time when everybody rests, a small step while something takes real time; then lets everybody do
    /// what they do at that time. Whether everybody rests afterwards.
    async fn step(&self, rests: bool, limit: UnixMillis) -> bool {
        let now_ms = self.true_now().millis();
        let wish_ms = if rests {
            self.clock.next_wake().map_or(JUMP_MS, |wake| (wake - now_ms).min(JUMP_MS))
        } else {
            BUSY_STEP_MS
        };
        self.sim.advance(wish_ms.min(limit.millis() - now_ms).max(1));
        self.settle().await
    }

    /// Gives everybody who has something to do at this time the real time to do it. False when work goes on that waits for time itself or
    /// for an answer that a script makes slow.
    async fn settle(&self) -> bool {
        let (mut quiet, mut glances) = (0, 0);
        while quiet < QUIET_GLANCES {
            tokio::time::sleep(GLANCE).await;
            glances += 1;
            quiet = if self.rests() { quiet + 1 } else { 0 };
            // A start takes real time and no virtual one.
            let starts = self.engine.as_ref().is_some_and(|engine| !engine.has_looked());
            let open_end = glances > PATIENCE || (quiet == 0 && self.waits_for_a_script());
            if (open_end && !starts) || glances > 10_000 {
                return false;
            }
        }
        true
    }

    /// Nobody does anything but wait for their time.
    fn rests(&self) -> bool {
        let nodes = self.nodes.lock().unwrap();
        let idle = |app: &Arc<App>| app.pulse.is_idle();
        let started = self.engine.as_ref().is_none_or(EngineHandle::has_looked);
        let calls = self.sim.journal();
        let awaited = calls.iter().skip(self.cut_off.load(Ordering::Relaxed));
        let open = awaited.rev().take(20).any(|call| call.status.is_none() && call.fault.is_none());
        started && idle(&self.app) && nodes.iter().all(idle) && !open && !self.clock.wakes() && !self.origin.is_busy()
    }

    /// The last call is one that a script makes slow.
    fn waits_for_a_script(&self) -> bool {
        self.sim.journal().iter().skip(self.cut_off.load(Ordering::Relaxed)).last().is_some_and(|call| {
            call.status.is_none() && call.fault.as_deref().is_some_and(|fault| fault.starts_with("wait"))
        })
    }

    /// Waits for something that needs no time to pass.
    pub async fn at_once(&self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..10_000 {
            if done(self) {
                return;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("never {what}");
    }

    /// Lets time pass until the post is in this state, at most so many seconds.
    pub async fn until_state(&self, post: &Post, state: PostState, within_s: i64) -> Post {
        let until = self.true_now().plus_seconds(within_s);
        let mut rests = self.settle().await;
        loop {
            let current = self.post(post).await;
            if current.state == state {
                return current;
            }
            assert!(
                self.true_now() < until,
                "{} after {within_s} s: {:?} with {:?}, wanted {state:?}; log {:#?}",
                self.store.engine(),
                current.state,
                current.problem,
                self.log(post).await,
            );
            rests = self.step(rests, until).await;
        }
    }

    /// Lets time pass until the post's latest attempt is in this state.
    pub async fn until_kind(&self, post: &Post, kind: Kind, within_s: i64) {
        let until = self.true_now().plus_seconds(within_s);
        let mut rests = self.settle().await;
        while self.kind(post).await != Some(kind) {
            assert!(self.true_now() < until, "never {kind:?}; log {:#?}", self.log(post).await);
            rests = self.step(rests, until).await;
        }
    }

    /// The log of all attempts of a post, one line each.
    pub async fn log(&self, post: &Post) -> Vec<String> {
        let mut lines = Vec::new();
        for attempt in self.attempts(post).await {
            for line in self.store.attempt_log(attempt.id).await.unwrap() {
                lines.push(format!("{} {:?} -> {:?} {}", attempt.ordinal, line.from, line.to, line.cause));
            }
        }
        lines
    }

    pub fn calls(&self, route: Route) -> Vec<Received> {
        let mut calls = self.sim.journal();
        calls.retain(|call| call.route == route);
        calls
    }

    /// The calls that carried the last byte of a file, by their range.
    pub fn last_chunks(&self) -> Vec<Received> {
        let mut calls = self.sim.journal();
        calls.retain(|call| {
            let range = call
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-range"))
                .map(|(_, value)| value.trim_start_matches("bytes ").to_owned());
            let Some((bytes, total)) = range.as_deref().and_then(|range| range.split_once('/')) else {
                return false;
            };
            let last: u64 = bytes.split_once('-').unwrap().1.parse().unwrap();
            last + 1 == total.parse::<u64>().unwrap()
        });
        calls
    }

    pub fn inits(&self) -> usize {
        self.calls(Route::VideoInit).len() + self.calls(Route::InboxInit).len() + self.calls(Route::ContentInit).len()
    }

    /// I1, I3, I5, I6, I8, I9 and I13 for one post, and that TikTok's side saw no breach of the protocol.
    pub async fn check(&self, planned: &Post) {
        let post = self.post(planned).await;
        let attempts = self.attempts(planned).await;
        let ours: Vec<&str> = attempts.iter().filter_map(|attempt| attempt.state.publish_id()).collect();
        let ledger: Vec<_> = self
            .sim
            .posts()
            .into_iter()
            .filter(|it| it.caption == post.content.caption || ours.contains(&it.publish_id.as_str()))
            .collect();
        let log = self.log(planned).await;
        assert!(ledger.len() <= 1, "I1: {ledger:#?} {log:#?}");
        if let Some(out) = ledger.first() {
            assert_eq!(out.sha256, self.approved_sha256(&post).await, "I6: the bytes");
            assert_eq!(out.caption, post.content.caption, "I6: the caption");
            let due_at = post.due_at.unwrap().millis();
            assert!(out.created_at_ms >= due_at, "I3: {} before {due_at}", out.created_at_ms);
        }
        match post.state {
            PostState::Published => assert_eq!(ledger.len(), 1, "I5: {log:#?}"),
            PostState::Failed | PostState::Cancelled => assert_eq!(ledger.len(), 0, "I5: {log:#?}"),
            _ => {}
        }
        let mut live = 0;
        for attempt in &attempts {
            live += usize::from(attempt.state.kind() != Kind::Dead);
            if let State::Dead { publish_id, .. } = &attempt.state {
                let visible = ledger.iter().any(|it| Some(&it.publish_id) == publish_id.as_ref());
                assert!(!visible, "I5: a dead attempt is visible");
            }
            self.check_log(attempt).await;
        }
        assert!(live <= 1, "I8: {log:#?}");
        self.check_final_intents(&attempts).await;
        self.check_protocol();
    }

    async fn check_log(&self, attempt: &Attempt) {
        let lines = self.store.attempt_log(attempt.id).await.unwrap();
        let mut at = None;
        for line in &lines {
            assert_eq!(line.from, at, "I13: the log has a gap");
            if let Some(from) = line.from {
                assert!(is_allowed(from, line.to), "I13: {from:?} -> {:?}", line.to);
            }
            at = Some(line.to);
        }
        assert_eq!(at, Some(attempt.state.kind()), "I13: the log ends elsewhere");
    }

    /// I9: every last chunk that TikTok saw was announced before.
    async fn check_final_intents(&self, attempts: &[Attempt]) {
        for call in self.last_chunks() {
            // A call that was dropped before processing names no task.
            let Some(publish_id) = call.publish_id.as_deref() else { continue };
            let Some(attempt) = attempts.iter().find(|it| it.state.publish_id() == Some(publish_id)) else { continue };
            let announced = attempt.trace.final_intent_at.expect("I9: not announced");
            assert!(announced.millis() <= call.at_ms, "I9: announced too late");
        }
    }

    fn check_protocol(&self) {
        assert_eq!(self.sim.duplicates().len(), 0, "{:?}", self.sim.duplicates());
        let mut inits: HashMap<String, Vec<i64>> = HashMap::new();
        for call in self.sim.journal() {
            assert!(call.unknown_members.is_empty(), "I7: {call:?}");
            assert!(call.notes.is_empty(), "I7: {call:?}");
            if matches!(call.route, Route::VideoInit | Route::InboxInit | Route::ContentInit) {
                inits.entry(call.username.unwrap_or_default()).or_default().push(call.at_ms);
            }
        }
        for times in inits.values() {
            for (index, at) in times.iter().enumerate() {
                let within = times[..index].iter().filter(|it| at - **it < 60_000).count();
                assert!(within < 6, "I7: more than 6 inits a minute");
            }
        }
    }

    /// Overwrites some bytes of a stored file, as a broken disk would.
    pub fn damage(&self, media: &Media) {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let path = self.app.blobs.path(&media.blob_key);
        let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(media.size_bytes - 20)).unwrap();
        file.write_all(b"other").unwrap();
    }

    /// The instance starts anew with another journal: without any of the notes.
    pub async fn forget_the_journal(&mut self) {
        self.journal = Journal::memory();
        self.app = app(&self.store, &self.running, self.instance()).await;
    }

    /// The instance starts anew with its journal in a folder.
    pub async fn keep_journal_in(&mut self, folder: &std::path::Path) {
        self.journal = Journal::open(folder, Arc::clone(&self.app.keys)).unwrap();
        self.app = app(&self.store, &self.running, self.instance()).await;
    }

    /// Remembers what the database says now.
    pub async fn backup(&self) {
        self.store.save_attempts().await;
    }

    /// The database forgets everything about posts and attempts since [`World::backup`], as after a restore or a lost disk write.
    /// Nothing may run meanwhile.
    pub async fn lose_commits(&mut self) {
        assert!(self.engine.is_none(), "nothing runs meanwhile");
        self.store.rewind_attempts().await;
    }

    /// Removes a stored file.
    pub async fn lose(&self, media: &Media) {
        self.app.blobs.delete(BlobKind::Whole, &media.blob_key).await.unwrap();
    }
}

/// An answer without processing.
pub fn status(status: u16, code: &str) -> FaultAction {
    FaultAction::Status(answer(status, code))
}

/// Processed, then this answer.
pub fn status_after(status: u16) -> FaultAction {
    FaultAction::StatusAfter(answer(status, ""))
}

fn answer(status: u16, code: &str) -> FaultStatus {
    FaultStatus { status, code: Some(code.to_owned()).filter(|code| !code.is_empty()), retry_after_s: None }
}

/// Chance that fails on demand: a way to make the program itself fail, as a mistake of ours would.
#[derive(Default)]
pub struct Chance {
    fails: AtomicBool,
}

impl Chance {
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        // Four bytes are the spread of a wait: drawn in every decision of a driver and nowhere else.
        assert!(!(self.fails.load(Ordering::Relaxed) && bytes.len() == 4), "a mistake of ours");
        SystemRandom.fill(bytes);
    }
}

/// What differs between the instances of a story.
struct Instance {
    clock: VirtualClock,
    journal: Journal,
    chance: Arc<Chance>,
    early_upload: bool,
    upload_rate: Option<u64>,
    keys: Arc<InstanceKeys>,
}

async fn app(store: &TestStore, running: &Running, instance: Instance) -> Arc<App> {
    let url = tiktok::Url::parse(&running.url).unwrap();
    let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
    let credentials = AppCredentials { client_key: KEY.to_owned(), client_secret: SecretString::from(SECRET) };
    let tiktok = Client::new(credentials, endpoints, HttpOptions::default()).unwrap();
    let mut settings = Settings::new(tiktok::Url::parse("http://127.0.0.1:8080").unwrap());
    settings.early_upload = instance.early_upload;
    settings.upload_rate = instance.upload_rate;
    settings.disk_reserve_bytes = Some(0);
    settings.pull_url = Some(tiktok::Url::parse(crate::gate::PUBLIC).unwrap());
    App::new(AppParts {
        exports: store::export::folder::ExportFolder::of(store.folder()),
        marks: app::erasure::Marks::default(),
        store: store.store().clone(),
        keys: instance.keys,
        journal: instance.journal,
        blobs: Blobs::disk(store.folder().join("blobs")).await.unwrap(),
        tiktok,
        clock: Arc::new(instance.clock),
        random: instance.chance,
        settings,
    })
}

pub fn aws_hex(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
