//! How fast a file leaves for TikTok: the real engine with the real client against the simulator, and `curl -T` of the same chunks over one
//! kept connection to the same simulator, in turns. Then what a file of 4 GB costs in memory.
//!
//! `cargo bench -p app --bench outgoing`; `-- MIB ROUNDS` chooses the size (1,024) and the rounds (5), `-- memory` measures memory alone.
//! A side's time runs from the arrival of its first chunk until the simulator has its last byte. The simulator hashes what it receives and
//! keeps nothing; it shares the process with the engine, on threads of its own, so its memory counts as ours.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench says what it finds and cannot go on without it"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::publishing::Engine;
use app::{App, AppParts, Clock as _, Settings, SystemClock, SystemRandom};
use domain::connection::Scopes;
use domain::consent::{Consent, ConsentSubject, DECLARATION_VERSION, Declaration};
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, ConsentId, MediaId, PostId};
use domain::media::{Container, FileFacts, MediaFacts, MediaOutcome, MediaVerdict, ThumbnailState, VideoCodec};
use domain::post::{Delivery, PostContent, PostState};
use secrecy::SecretString;
use store::blobs::{BlobKey, Blobs};
use store::journal::Journal;
use store::media::Media;
use store::testing::{Seed, TestStore, sqlite};
use store::{Connection, Post};
use tiktok::{AppCredentials, ChunkPlan, Client, DirectVideo, Endpoints, HttpOptions, Scope, UploadHosts};
use tiktok_sim::{MediaPolicy, Route, Running, SimConfig, Simulator, UserSpec};
use uuid::Uuid;

const KEY: &str = "sbdemo";
const SECRET: &str = "secret";
/// The largest file that TikTok takes, in the cautious reading.
const LARGEST_BYTES: u64 = 4_000_000_000;
/// What curl is told about each request.
const OPTIONS: &str =
    "header = \"Content-Type: video/mp4\"\nheader = \"Expect:\"\noutput = \"/dev/null\"\nfail\nsilent\nshow-error\n";

struct Bench {
    store: TestStore,
    app: Arc<App>,
    running: Running,
    seed: Seed,
    next: u128,
}

impl Bench {
    async fn new(running: Running) -> Self {
        let store = sqlite().await;
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
        Self { store, app, running, seed, next: 1_000_000 }
    }

    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    /// A file without blocks on the disk in the library: reading it costs both sides the same, and little.
    async fn file(&mut self, size_bytes: u64) -> Media {
        let id = self.id();
        let key = BlobKey::of(id);
        sparse(&self.app.blobs.path(&key), size_bytes);
        let path = self.app.blobs.path(&key);
        let (sha256, blake3) = tokio::task::spawn_blocking(move || hashes(&path)).await.unwrap();
        let media = Media {
            id: MediaId::from_uuid(id),
            workspace_id: self.seed.workspace,
            uploaded_by: self.seed.user,
            file_name: "cake.mp4".to_owned(),
            size_bytes,
            sha256,
            blob_key: key,
            facts: Some(FileFacts::Video(MediaFacts {
                container: Container::Mp4,
                size_bytes,
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
            created_at: self.app.now(),
            file_gone_at: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.media_insert(&media).await.unwrap();
        tx.media_set_blake3(media.id, &blake3).await.unwrap();
        tx.commit().await.unwrap();
        media
    }

    /// A fresh account, so that no side meets TikTok's rate.
    async fn account(&mut self) -> (ConnectionId, SecretString) {
        let id = self.id();
        let name = format!("user{}", self.next);
        self.running.simulator.add_user(UserSpec::public(&name, &name)).unwrap();
        let grant = self.running.simulator.issue_grant(KEY, &name, &["user.info.basic", "video.publish"]).unwrap();
        let row = Connection {
            id: ConnectionId::from_uuid(id),
            open_id: grant.open_id.clone(),
            scopes: Scopes::parse(&grant.scope),
            ..self.seed.connection_row()
        };
        let token = SecretString::from(grant.access_token.clone());
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
        (row.id, token)
    }

    /// The engine's side: a post that is due now.
    async fn ours(&mut self, media: &Media) -> f64 {
        let (connection_id, _) = self.account().await;
        let (post_id, consent_id) = (PostId::from_uuid(self.id()), ConsentId::from_uuid(self.id()));
        let content = PostContent { privacy: Some(PrivacyLevel::PublicToEveryone), ..PostContent::default() };
        let due_at = self.app.now();
        let subject = ConsentSubject {
            connection_id,
            delivery: Delivery::Direct,
            content: content.clone(),
            media_sha256: media.sha256.clone(),
            photos: None,
            due_at,
        };
        let post = Post {
            id: post_id,
            connection_id,
            media_id: media.id,
            content,
            due_at: Some(due_at),
            consent_id: Some(consent_id),
            ..self.seed.post(self.next, PostState::Scheduled)
        };
        let consent = Consent {
            id: consent_id,
            post_id,
            user_id: self.seed.user,
            given_at: due_at,
            declaration: Declaration::Music,
            text_version: DECLARATION_VERSION.to_owned(),
            locale: "en".to_owned(),
            fingerprint: subject.fingerprint(),
            subject,
            creator: None,
        };
        let known = self.running.simulator.tasks().len();
        let mut tx = self.store.begin().await.unwrap();
        tx.post_insert(&post).await.unwrap();
        tx.consent_insert(&consent).await.unwrap();
        tx.commit().await.unwrap();
        self.app.engine_nudge.notify_one();
        self.received(known).await
    }

    /// curl's side: one process, one connection, one request for each chunk.
    async fn curls(&mut self, size_bytes: u64, chunks: &Path) -> f64 {
        let (_, token) = self.account().await;
        let plan = ChunkPlan::for_early_release(size_bytes).unwrap();
        let video = DirectVideo {
            title: String::new(),
            privacy_level: tiktok::PrivacyLevel::parse("PUBLIC_TO_EVERYONE"),
            disable_comment: true,
            disable_duet: true,
            disable_stitch: true,
            video_cover_timestamp_ms: None,
            brand_content_toggle: false,
            brand_organic_toggle: false,
            is_aigc: false,
            plan,
        };
        let known = self.running.simulator.tasks().len();
        let grant = self.app.tiktok.init_video(&token, &video).await.unwrap().value;
        let to = tiktok::Url::parse(grant.upload_url.expose()).unwrap();
        let mut orders = String::new();
        for chunk in plan.chunks() {
            let path = chunks.join(chunk.index.to_string());
            if !path.exists() {
                sparse(&path, chunk.len());
            }
            // The path ends in a slash, to which curl would add the file's name.
            write!(
                orders,
                "{}upload-file = \"{}\"\nurl = \"{}upload\"\nrequest-target = \"{}?{}\"\nheader = \"Content-Range: {}\"\n{OPTIONS}",
                if chunk.index == 0 { "" } else { "next\n" },
                path.display(),
                self.running.url.trim_end_matches('/').to_owned() + "/",
                to.path(),
                to.query().unwrap_or_default(),
                chunk.content_range(),
            )
            .unwrap();
        }
        let file = chunks.join("orders");
        std::fs::write(&file, orders).unwrap();
        let curl = tokio::process::Command::new("curl").arg("-K").arg(&file).spawn().expect("curl is installed");
        let took = self.received(known).await;
        assert!(curl.wait_with_output().await.unwrap().status.success());
        took
    }

    /// Seconds from the first chunk of the next task to its last byte.
    async fn received(&self, known: usize) -> f64 {
        let simulator = &self.running.simulator;
        let started = self.app.clock.monotonic();
        let task = loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let tasks = simulator.tasks();
            if let Some(task) = tasks.get(known)
                && task.received_bytes == task.size_bytes
            {
                break task.clone();
            }
            let waited = self.app.clock.monotonic().saturating_sub(started);
            assert!(waited < Duration::from_secs(300), "not there after five minutes: {:?}", tasks.get(known));
        };
        let end = SystemClock::new().now().millis();
        let first = simulator.journal().into_iter().find(|call| {
            matches!(call.route, Route::Upload | Route::UploadFinalChunk)
                && call.publish_id.as_deref() == Some(&task.publish_id)
        });
        (end - first.expect("a chunk came").at_ms) as f64 / 1000.0
    }
}

fn sparse(path: &Path, size_bytes: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path).unwrap().set_len(size_bytes).unwrap();
}

/// SHA-256 and BLAKE3, as an upload takes them.
fn hashes(path: &Path) -> (String, String) {
    use std::io::Read as _;
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let mut quick = blake3::Hasher::new();
    let mut file = std::fs::File::open(path).unwrap();
    let mut piece = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut piece).unwrap();
        if count == 0 {
            let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            return (sha256, quick.finalize().to_string());
        }
        hash.update(&piece[..count]);
        quick.update(&piece[..count]);
    }
}

/// Resident memory of this process, MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

async fn throughput(bench: &mut Bench, mib: u64, rounds: usize) {
    let size_bytes = mib << 20;
    let media = bench.file(size_bytes).await;
    let chunks = bench.store.folder().join("chunks");
    // Once each to warm up.
    bench.ours(&media).await;
    bench.curls(size_bytes, &chunks).await;
    let (mut ours, mut curls) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(mib as f64 / bench.ours(&media).await);
        curls.push(mib as f64 / bench.curls(size_bytes, &chunks).await);
    }
    let told = |rates: &[f64]| {
        let (low, high) = rates.iter().fold((f64::MAX, 0.0_f64), |(low, high), rate| (low.min(*rate), high.max(*rate)));
        format!("{:.0} MiB/s ({low:.0}-{high:.0})", median(rates))
    };
    println!("{mib} MiB to the simulator, {rounds} rounds in turns");
    println!("    the engine, hashed and checked: {}", told(&ours));
    println!("    curl -T of the same chunks:     {}", told(&curls));
    println!("    ratio of the medians: {:.2} (bar 0.90)", median(&ours) / median(&curls));
}

async fn memory(bench: &mut Bench) {
    // What the first posts make once, such as connections and caches, is no growth.
    let small = bench.file(64 << 20).await;
    bench.ours(&small).await;
    let media = bench.file(LARGEST_BYTES).await;
    let before = resident();
    let over = Arc::new(AtomicBool::new(false));
    let watched = Arc::clone(&over);
    let highest = std::thread::spawn(move || {
        let mut highest = resident();
        while !watched.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
            highest = highest.max(resident());
        }
        highest
    });
    let took = bench.ours(&media).await;
    over.store(true, Ordering::Relaxed);
    let highest = highest.join().unwrap();
    println!("{LARGEST_BYTES} bytes to the simulator in the same process: {took:.1} s");
    println!(
        "    resident {before:.1} MiB before, {highest:.1} MiB at most: growth {:.1} MiB (bar 32)",
        highest - before
    );
}

async fn run(running: Running, wanted: &[String]) {
    let mut bench = Bench::new(running).await;
    let engine = Engine::spawn(Arc::clone(&bench.app));
    let numbers: Vec<usize> = wanted.iter().filter_map(|word| word.parse().ok()).collect();
    if !wanted.iter().any(|word| word == "memory") {
        let mib = numbers.first().copied().unwrap_or(1024);
        throughput(&mut bench, mib as u64, numbers.get(1).copied().unwrap_or(5).max(1)).await;
    }
    memory(&mut bench).await;
    engine.stop().await;
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut config = SimConfig::demo(KEY, SECRET, ["http://127.0.0.1:8080/oauth/tiktok/callback/"]);
    config.discard_received = true;
    config.quirks.media = MediaPolicy::Trust;
    let others = runtime();
    let running = others.block_on(Simulator::start(config)).unwrap();
    runtime().block_on(run(running, &wanted));
}
