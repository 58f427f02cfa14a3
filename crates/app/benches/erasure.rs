//! How long a large erasure takes and what others feel of it: ten thousand posts, each with a file of its own, one person who leaves.
//!
//! `cargo bench -p app --bench erasure` prints figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names one. The
//! files are sparse (10 MB each, 100 GB as the library counts), so unlinking real ones takes the file system's own time on top.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench says what it finds, by the real clock, and cannot go on without it"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use app::erasure::{Marks, Target};
use app::{App, AppParts, Settings, SystemClock, SystemRandom};
use domain::id::{MediaId, PostId};
use domain::post::PostState;
use secrecy::SecretString;
use store::blobs::{BlobKey, Blobs};
use store::journal::Journal;
use store::testing::{START, Seed, TestStore, engines};
use store::{Post, TombstoneFile};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, UploadHosts};
use uuid::Uuid;

const POSTS: u128 = 10_000;
const FILE_BYTES: u64 = 10_000_000;

async fn service(store: &TestStore) -> Arc<App> {
    let url = tiktok::Url::parse("http://127.0.0.1:9").unwrap();
    let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
    let credentials = AppCredentials { client_key: "k".to_owned(), client_secret: SecretString::from("s") };
    App::new(AppParts {
        exports: store::export::folder::ExportFolder::of(store.folder()),
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

/// Posts that are out, each with a row and a file of its own.
async fn fill(app: &App, seed: &Seed) {
    let like = app.store.media_any(seed.media).await.unwrap().unwrap();
    let numbers: Vec<u128> = (1..=POSTS).collect();
    for some in numbers.chunks(500) {
        let mut tx = app.store.begin().await.unwrap();
        for n in some {
            let id = Uuid::from_u128(1_000_000 + n);
            let key = BlobKey::of(id);
            let path = app.blobs.path(&key);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::File::create(path).unwrap().set_len(FILE_BYTES).unwrap();
            let media =
                store::Media { id: MediaId::from_uuid(id), blob_key: key, size_bytes: FILE_BYTES, ..like.clone() };
            tx.media_insert(&media).await.unwrap();
            let post = Post {
                id: PostId::from_uuid(id),
                media_id: media.id,
                due_at: Some(START),
                ..seed.post(*n, PostState::Published)
            };
            tx.post_insert(&post).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// Somebody else reads a page's rows and saves something, every ten milliseconds, until told to stop.
async fn somebody_else(
    app: Arc<App>,
    seed_workspace: domain::id::WorkspaceId,
    stop: Arc<AtomicBool>,
) -> [Vec<u128>; 2] {
    let mut took = [Vec::new(), Vec::new()];
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        app.store.posts_drafts(seed_workspace, 20).await.unwrap();
        took[0].push(began.elapsed().as_micros());
        let began = Instant::now();
        let mut tx = app.store.begin().await.unwrap();
        tx.meta_put("bench", "x").await.unwrap();
        tx.commit().await.unwrap();
        took[1].push(began.elapsed().as_micros());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    took
}

fn told(what: &str, mut took_us: Vec<u128>) {
    took_us.sort_unstable();
    let at = |per_mille: usize| took_us[(took_us.len() - 1) * per_mille / 1000] / 1000;
    println!("    {what}: p50 {} ms, p99 {} ms, max {} ms ({} times)", at(500), at(990), at(1000), took_us.len());
}

#[tokio::main]
async fn main() {
    for store in engines().await {
        let app = service(&store).await;
        let seed = Seed::write(&store).await;
        fill(&app, &seed).await;
        let stop = Arc::new(AtomicBool::new(false));
        let other = tokio::spawn(somebody_else(Arc::clone(&app), seed.workspace, Arc::clone(&stop)));
        app.operator_erase(Target::Person(seed.user), true).await.unwrap();
        let began = Instant::now();
        let round = app.erase_due().await.unwrap();
        let took = began.elapsed();
        stop.store(true, Ordering::Relaxed);
        println!(
            "{}: {POSTS} posts with {} GB of files erased in {:.1} s",
            store.engine(),
            POSTS * u128::from(FILE_BYTES) / 1_000_000_000,
            took.as_secs_f64()
        );
        assert!(round.done >= 1 && app.store.person(seed.user).await.unwrap().is_none());
        let [reads, writes] = other.await.unwrap();
        told("somebody else's read meanwhile", reads);
        told("somebody else's save meanwhile", writes);
    }
}
