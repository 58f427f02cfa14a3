//! How late posts are released, measured: the real engine, the real client over loopback, the real simulator, the real clock.
//!
//! `cargo bench -p app --bench lateness` prints method and figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names
//! one. `-- --minute` adds ten thousand posts within one minute on two thousand accounts; `-- single`, `burst`, `all` or `minute`
//! runs one part alone. Simulator and service share the machine, so both are in every figure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a bench says what it finds and cannot go on without it"
)]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use app::publishing::Engine;
use app::{App, AppParts, Settings, SystemClock, SystemRandom};
use bytes::Bytes;
use domain::connection::Scopes;
use domain::consent::{Consent, ConsentSubject, DECLARATION_VERSION, Declaration};
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, ConsentId, MediaId, PostId};
use domain::media::{Container, FileFacts, MediaFacts, MediaOutcome, MediaVerdict, ThumbnailState, VideoCodec};
use domain::post::{Delivery, PostContent, PostState};
use domain::time::UnixMillis;
use secrecy::SecretString;
use store::blobs::{BlobKey, Blobs};
use store::journal::Journal;
use store::media::Media;
use store::testing::{Seed, TestStore, engines};
use store::{Connection, Post};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, Scope, UploadHosts};
use tiktok_sim::{Running, SimConfig, Simulator, UserSpec, sample_mp4};
use uuid::Uuid;

const KEY: &str = "sbdemo";
const SECRET: &str = "secret";
/// Size of every file: one chunk.
const FILE_BYTES: usize = 60_000;
/// From the planning to the first due time: the half minute in which posts are made ready, and the planning itself.
const AHEAD_MS: i64 = 40_000;

struct Bench {
    store: TestStore,
    app: Arc<App>,
    running: Running,
    seed: Seed,
    media: Media,
    accounts: Vec<ConnectionId>,
    next: u128,
}

impl Bench {
    async fn new(store: TestStore, accounts: usize) -> Self {
        let mut config = SimConfig::demo(KEY, SECRET, ["http://127.0.0.1:8080/oauth/tiktok/callback/"]);
        config.users = (0..accounts)
            .map(|n| UserSpec {
                daily_post_cap: 1_000_000,
                ..UserSpec::public(format!("user{n}"), format!("User {n}"))
            })
            .collect();
        let running = Simulator::start(config).await.unwrap();
        let seed = Seed::write(&store).await;
        let url = tiktok::Url::parse(&running.url).unwrap();
        let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
        let credentials = AppCredentials { client_key: KEY.to_owned(), client_secret: SecretString::from(SECRET) };
        let app = App::new(AppParts {
            exports: store::export::folder::ExportFolder::of(store.folder()),
            marks: app::erasure::Marks::default(),
            store: store.store().clone(),
            keys: store.keys(),
            blobs: Blobs::disk(store.folder().join("blobs")).await.unwrap(),
            tiktok: Client::new(credentials, endpoints, HttpOptions::default()).unwrap(),
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom),
            journal: Journal::memory(),
            settings: Settings::new(tiktok::Url::parse("http://127.0.0.1:8080").unwrap()),
        });
        let media = file(&app, &seed).await;
        let mut bench = Self { store, app, running, seed, media, accounts: Vec::new(), next: 1_000_000 };
        for n in 0..accounts {
            bench.connect(n).await;
        }
        bench
    }

    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    async fn connect(&mut self, n: usize) {
        let scopes = ["user.info.basic", "video.publish"];
        let grant = self.running.simulator.issue_grant(KEY, &format!("user{n}"), &scopes).unwrap();
        let row = Connection {
            id: ConnectionId::from_uuid(self.id()),
            open_id: grant.open_id.clone(),
            scopes: Scopes::parse(&grant.scope),
            ..self.seed.connection_row()
        };
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
        self.app.tokens.store_grant(&mut tx, row.id, &pair, self.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        self.accounts.push(row.id);
    }

    /// Consented posts on these accounts at these times.
    async fn plan(&mut self, wishes: &[(usize, UnixMillis)]) -> Vec<PostId> {
        let mut ids = Vec::new();
        for some in wishes.chunks(200) {
            let mut tx = self.store.begin().await.unwrap();
            for (account, due_at) in some {
                let (post_id, consent_id) = (PostId::from_uuid(self.id()), ConsentId::from_uuid(self.id()));
                let subject = ConsentSubject {
                    connection_id: self.accounts[*account],
                    delivery: Delivery::Direct,
                    content: PostContent {
                        caption: format!("Honey cake {post_id}"),
                        privacy: Some(PrivacyLevel::PublicToEveryone),
                        ..PostContent::default()
                    },
                    media_sha256: self.media.sha256.clone(),
                    photos: None,
                    due_at: *due_at,
                };
                let post = Post {
                    id: post_id,
                    connection_id: subject.connection_id,
                    media_id: self.media.id,
                    content: subject.content.clone(),
                    due_at: Some(*due_at),
                    consent_id: Some(consent_id),
                    ..self.seed.post(self.next, PostState::Scheduled)
                };
                let consent = Consent {
                    id: consent_id,
                    post_id,
                    user_id: self.seed.user,
                    given_at: self.app.now(),
                    declaration: Declaration::Music,
                    text_version: DECLARATION_VERSION.to_owned(),
                    locale: "en".to_owned(),
                    fingerprint: subject.fingerprint(),
                    subject,
                    creator: None,
                };
                tx.post_insert(&post).await.unwrap();
                tx.consent_insert(&consent).await.unwrap();
                ids.push(post_id);
            }
            tx.commit().await.unwrap();
        }
        self.app.engine_nudge.notify_one();
        ids
    }

    /// Waits until all are out; gives for each the lateness of its release and of TikTok's word that it has the last byte.
    async fn outcome(&self, posts: &[PostId]) -> Vec<(PostId, i64, i64)> {
        let mut waiting: HashSet<PostId> = posts.iter().copied().collect();
        let started = self.app.clock.monotonic();
        while !waiting.is_empty() {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let mut out = Vec::new();
            for id in &waiting {
                let post = self.store.post_any(*id).await.unwrap().unwrap();
                match post.state {
                    PostState::Published => out.push(*id),
                    PostState::Scheduled | PostState::Publishing => break,
                    other => panic!("{other:?}: {:?}", post.problem),
                }
            }
            for id in out {
                waiting.remove(&id);
            }
            let waited = self.app.clock.monotonic().saturating_sub(started);
            assert!(waited < Duration::from_secs(600), "{} posts are not out after ten minutes", waiting.len());
        }
        let mut times = Vec::new();
        for id in posts {
            let attempt = self.store.attempts(*id).await.unwrap().pop().unwrap();
            let late = |at: Option<UnixMillis>| at.unwrap().millis_since(attempt.due_at);
            times.push((*id, late(attempt.trace.final_intent_at), late(attempt.trace.final_acked_at)));
        }
        times
    }

    fn in_ms(&self, ms: i64) -> UnixMillis {
        let at = self.app.now().plus_millis(ms);
        UnixMillis::from_seconds(at.millis() / 1000)
    }

    /// Single posts, one after another, each on its own account; beside it a bare timer for the same instants.
    async fn single(&mut self) {
        let first = self.in_ms(AHEAD_MS);
        let wishes: Vec<_> = (0..40).map(|n| (n, first.plus_millis(700 * i64::try_from(n).unwrap()))).collect();
        let posts = self.plan(&wishes).await;
        let clock = Arc::clone(&self.app.clock);
        let timer = tokio::spawn(async move {
            let mut late = Vec::new();
            for (_, due_at) in wishes {
                let (wall, real) = (clock.now(), clock.monotonic());
                clock.sleep_until(due_at).await;
                let took = i64::try_from(clock.monotonic().saturating_sub(real).as_millis()).unwrap();
                late.push(took - due_at.millis_since(wall));
            }
            late
        });
        let times = self.outcome(&posts).await;
        println!("(a) {} single posts, 700 ms apart", posts.len());
        told("timer wake (a bare timer beside them)", timer.await.unwrap());
        told("release of the last chunk (durable)", times.iter().map(|time| time.1).collect());
        told("TikTok has the last byte", times.iter().map(|time| time.2).collect());
    }

    async fn burst(&mut self) {
        let due_at = self.in_ms(AHEAD_MS + 10_000);
        let wishes: Vec<_> = (0..1000).map(|n| (n % 200, due_at)).collect();
        let posts = self.plan(&wishes).await;
        let times = self.outcome(&posts).await;
        println!("(b) 1 000 posts on 200 accounts due in the same second");
        told("release of the last chunk (durable)", times.iter().map(|time| time.1).collect());
        told("TikTok has the last byte", times.iter().map(|time| time.2).collect());
    }

    /// Everything due at once and nothing made ready: what the engine can do.
    async fn all(&mut self) {
        let due_at = self.app.now();
        let wishes: Vec<_> = (0..600).map(|n| (n % 200, due_at)).collect();
        let before = self.store.commits();
        let posts = self.plan(&wishes).await;
        let planning = self.store.commits() - before;
        let times = self.outcome(&posts).await;
        let commits = self.store.commits() - before - planning;
        let last_ms = times.iter().map(|time| time.2).max().unwrap();
        println!("(c) {} posts on 200 accounts, all due now, nothing made ready", posts.len());
        let per_s = i64::try_from(posts.len()).unwrap() * 1000 / last_ms.max(1);
        let tenths = commits * 10 / u64::try_from(posts.len()).unwrap();
        println!("    {per_s} posts/s until TikTok has the last byte of all ({last_ms} ms)");
        println!("    {}.{} durable commits for each post until it is published", tenths / 10, tenths % 10);
    }

    async fn minute(&mut self) {
        let first = self.in_ms(AHEAD_MS + 20_000);
        let wishes: Vec<_> =
            (0..10_000).map(|n| (n % 2000, first.plus_millis(6 * i64::try_from(n * 7919 % 10_000).unwrap()))).collect();
        let posts = self.plan(&wishes).await;
        let times = self.outcome(&posts).await;
        println!("(d) 10 000 posts on 2 000 accounts due within one minute");
        told("release of the last chunk (durable)", times.iter().map(|time| time.1).collect());
        told("TikTok has the last byte", times.iter().map(|time| time.2).collect());
    }
}

async fn file(app: &App, seed: &Seed) -> Media {
    let id = Uuid::from_u128(77);
    let bytes = sample_mp4(720, 1280, 30, 12_000, FILE_BYTES);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
    let sha256 = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let (key, size) = (BlobKey::of(id), u64::try_from(bytes.len()).unwrap());
    app.blobs.create_partial(&key).await.unwrap();
    let stream = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
    app.blobs.append(&key, 0, size, stream).await.unwrap();
    app.blobs.finish(&key, size).await.unwrap();
    let media = Media {
        id: MediaId::from_uuid(id),
        workspace_id: seed.workspace,
        uploaded_by: seed.user,
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
        created_at: app.now(),
        file_gone_at: None,
    };
    let mut tx = app.store.begin().await.unwrap();
    tx.media_insert(&media).await.unwrap();
    tx.commit().await.unwrap();
    media
}

/// p50, p99 and the worst of some latenesses, milliseconds.
fn told(what: &str, mut late_ms: Vec<i64>) {
    late_ms.sort_unstable();
    let at = |per_mille: usize| late_ms[(late_ms.len() - 1) * per_mille / 1000];
    println!("    {what}: p50 {} ms, p99 {} ms, max {} ms", at(500), at(990), at(1000));
}

async fn run(wanted: &[String]) {
    let wants = |part: &str| wanted.iter().any(|word| word == part);
    let some = ["single", "burst", "all", "minute"].into_iter().any(wants);
    for (part, accounts) in [("single", 40), ("burst", 200), ("all", 200), ("minute", 2000)] {
        let chosen = wants(part) || (!some && part != "minute") || (part == "minute" && wants("--minute"));
        if !chosen {
            continue;
        }
        for store in engines().await {
            println!("{}", store.engine());
            let mut bench = Bench::new(store, accounts).await;
            let engine = Engine::spawn(Arc::clone(&bench.app));
            match part {
                "single" => bench.single().await,
                "burst" => bench.burst().await,
                "all" => bench.all().await,
                _ => bench.minute().await,
            }
            let refused = bench.running.simulator.journal().iter().filter(|call| call.status == Some(429)).count();
            println!("    {refused} calls refused for their rate");
            engine.stop().await;
        }
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run(&wanted));
}
