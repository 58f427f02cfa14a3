//! How long the page of numbers and the numbers of one post take in a workspace with five thousand posts and a million samples.
//!
//! `cargo bench -p app --bench numbers` prints figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench says what it finds, by the real clock, and cannot go on without it"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::erasure::Marks;
use app::metrics::insight::InsightQuery;
use app::metrics::shown::{Against, NumbersQuery};
use app::{Actor, App, AppParts, Settings, SystemClock, SystemRandom};
use domain::id::SessionId;
use domain::post::PostState;
use domain::time::UnixMillis;
use secrecy::SecretString;
use store::blobs::Blobs;
use store::export::folder::ExportFolder;
use store::journal::Journal;
use store::testing::{Seed, TestStore, engines};
use store::{Post, TombstoneFile};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, UploadHosts};
use uuid::Uuid;

/// Posts that are out, over two years.
const POSTS: u32 = 5_000;
/// Samples of each.
const SAMPLES: u32 = 200;
/// Pages that are measured.
const ROUNDS: usize = 300;
const DAY_MS: i64 = 86_400_000;

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

/// Everything that was read of the workspace's posts in two years.
async fn read(store: &TestStore, seed: &Seed, now: i64) {
    let (connection, person) = (seed.connection, seed.user);
    let step = 730 * DAY_MS / i64::from(POSTS);
    let mut tx = store.store().begin().await.unwrap();
    for n in 1..=POSTS {
        let published_at = Some(UnixMillis::from_millis(now - i64::from(n) * step));
        let post = seed.post(u128::from(n) + 10_000_000, PostState::Published);
        tx.post_insert(&Post { published_at, tiktok_ids: vec!["7001".to_owned()], ..post }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (last, days) = (SAMPLES - 1, now / DAY_MS);
    store
        .tamper(&[
            &format!(
                "INSERT INTO metric_consent (connection_id, purpose, person_id, text_version, given_at, next_at, lease_until, epoch, tries)
                 VALUES ('{connection}', 'metrics', '{person}', '1.2', 0, 253402300799000, 0, 0, 0)"
            ),
            "INSERT INTO metric_watch (post_id, video_id, connection_id, state, since, next_at, read_at, views, likes, comments, shares)
             SELECT id, '7001', connection_id, 'live', published_at, 253402300799000, published_at, 71940, 6204, 412, 90 FROM post WHERE published_at IS NOT NULL",
            &format!(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
                 INSERT INTO metric_sample (post_id, video_id, read_at, connection_id, views, likes, comments, shares)
                 SELECT w.post_id, w.video_id, w.since + n.i * 3600000, w.connection_id, n.i * 350, n.i * 30, n.i * 2, n.i / 2
                 FROM metric_watch w CROSS JOIN n"
            ),
            "INSERT INTO metric_mark (post_id, video_id, age_hours, connection_id, read_at, views, likes, comments, shares)
             SELECT post_id, video_id, 24, connection_id, since + 86400000, 8400 + (since / 1000) % 977, 720, 48, 12 FROM metric_watch",
            &format!(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 729)
                 INSERT INTO metric_day (connection_id, day, views, likes, comments, shares, readings)
                 SELECT '{connection}', {days} - n.i, 9000, 700, 30, 9, 240 FROM n"
            ),
            "ANALYZE",
        ])
        .await;
}

fn told(engine: &str, what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| took[(ROUNDS * percent / 100).min(ROUNDS - 1)].as_secs_f64() * 1000.0;
    println!("{engine}: {what} p50 {:.2} ms, p99 {:.2} ms", at(50), at(99));
}

#[tokio::main]
async fn main() {
    for store in engines().await {
        let app = service(&store).await;
        let seed = Seed::write(&store).await;
        read(&store, &seed, app.now().millis()).await;
        let actor = Actor {
            user_id: seed.user,
            workspace_id: seed.workspace,
            session_id: SessionId::from_uuid(Uuid::from_u128(1)),
            display_name: "Bench".to_owned(),
            locale: "en".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            theme: "system".to_owned(),
        };
        let engine = store.engine().to_string();
        for days in [28, 365] {
            let end_day = app.now().millis() / DAY_MS + 1;
            let query = NumbersQuery { connection: None, first_day: end_day - days, end_day, against: Against::Before };
            let at = |day: i64| UnixMillis::from_millis(day * DAY_MS);
            let together = InsightQuery { connection: None, from: at(end_day - days), until: at(end_day) };
            let mut took = Vec::with_capacity(ROUNDS);
            let mut post = None;
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let numbers = app.numbers(&actor, query).await.unwrap();
                took.push(began.elapsed());
                assert_eq!(numbers.days.len(), usize::try_from(days).unwrap());
                post = numbers.posts.first().map(|(row, _)| row.post.id);
            }
            told(&engine, &format!("{days} days"), took);
            let mut took = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let insight = app.insight(&actor, together).await.unwrap();
                took.push(began.elapsed());
                assert!(insight.table.posts > 2_000 && insight.hours_posts > 100, "{}", insight.table.posts);
            }
            told(&engine, &format!("when it works, {days} days"), took);
            let mut took = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let compared = app.compare(&actor, together).await.unwrap();
                took.push(began.elapsed());
                assert!(compared.posts > 100);
            }
            told(&engine, &format!("compared, {days} days"), took);
            let mut took = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let shown = app.post_numbers(&actor, post.unwrap()).await.unwrap();
                took.push(began.elapsed());
                assert_eq!(shown.points.len(), usize::try_from(SAMPLES).unwrap());
            }
            told(&engine, "one post", took);
        }
    }
}
