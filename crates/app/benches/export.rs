//! How long the export of a large workspace takes and how much memory: ten thousand posts without their files, and a tenth of them before,
//! so that memory which grew with the posts would show.
//!
//! `cargo bench -p app --bench export` prints figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench says what it finds, by the real clock, and cannot go on without it"
)]

use std::sync::Arc;
use std::time::Instant;

use app::erasure::Marks;
use app::{App, AppParts, Settings, SystemClock, SystemRandom};
use domain::id::{MediaId, PostId};
use domain::post::PostState;
use secrecy::SecretString;
use store::blobs::{BlobKey, Blobs};
use store::export::folder::ExportFolder;
use store::journal::Journal;
use store::testing::{START, Seed, TestStore, engines};
use store::{Post, TombstoneFile};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, UploadHosts};
use uuid::Uuid;

async fn service(store: &TestStore) -> Arc<App> {
    let url = tiktok::Url::parse("http://127.0.0.1:9").unwrap();
    let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
    let credentials = AppCredentials { client_key: "k".to_owned(), client_secret: SecretString::from("s") };
    App::new(AppParts {
        exports: ExportFolder::of(store.folder()),
        marks: Marks::new(Some(TombstoneFile::of(store.folder()))),
        store: store.store().clone(),
        keys: store.keys(),
        blobs: Blobs::disk(store.folder().join("blobs")).await.unwrap(),
        tiktok: Client::new(credentials, endpoints, HttpOptions::default()).unwrap(),
        clock: Arc::new(SystemClock::new()),
        random: Arc::new(SystemRandom),
        journal: Journal::memory(),
        settings: Settings::new(tiktok::Url::parse("http://127.0.0.1:8080").unwrap()),
    })
}

/// Posts that are out, each with a file of its own and five steps in its timeline.
async fn fill(app: &App, seed: &Seed, from: u128, many: u128) {
    let like = app.store.media_any(seed.media).await.unwrap().unwrap();
    let numbers: Vec<u128> = (from..from + many).collect();
    for some in numbers.chunks(500) {
        let mut tx = app.store.begin().await.unwrap();
        for n in some {
            let id = Uuid::from_u128(1_000_000 + n);
            let media = store::Media { id: MediaId::from_uuid(id), blob_key: BlobKey::of(id), ..like.clone() };
            tx.media_insert(&media).await.unwrap();
            let mut post = seed.post(*n, PostState::Published);
            post.content.caption = "Honey cake, layer by layer, as my grandmother made it. ".repeat(8);
            let post = Post { id: PostId::from_uuid(id), media_id: media.id, due_at: Some(START), ..post };
            tx.post_insert(&post).await.unwrap();
            for kind in ["drafted", "scheduled", "started", "sent", "published"] {
                let detail = serde_json::json!({ "revision": 1, "delivery": "direct" });
                tx.event_append(seed.workspace, post.id, kind, Some(seed.user), &detail, START).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }
}

/// What the kernel says about this process, kibibytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn measured(app: &App, seed: &Seed, posts: u128, store: &TestStore) {
    // Forgets the highest so far, so that this export's own is read.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let path = store.folder().join(format!("{posts}.zip"));
    let began = Instant::now();
    let done = app.operator_export(seed.user.uuid(), false, &path).await.unwrap();
    let took = began.elapsed();
    let peak = memory("VmHWM");
    println!(
        "{}: {posts} posts in {:.1} s, {:.1} MB; memory {} MiB before, {} MiB at most",
        store.engine(),
        took.as_secs_f64(),
        f64::from(u32::try_from(done.size_bytes / 1000).unwrap()) / 1000.0,
        before / 1024,
        peak / 1024
    );
}

#[tokio::main]
async fn main() {
    for store in engines().await {
        let app = service(&store).await;
        let seed = Seed::write(&store).await;
        fill(&app, &seed, 1, 1_000).await;
        measured(&app, &seed, 1_000, &store).await;
        fill(&app, &seed, 1_001, 9_000).await;
        measured(&app, &seed, 10_000, &store).await;
        measured(&app, &seed, 10_000, &store).await;
    }
}
