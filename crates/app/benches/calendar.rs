//! How long the calendar's month takes in a workspace with a hundred thousand posts, a thousand of them in the month that is shown.
//!
//! `cargo bench -p app --bench calendar` prints figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench says what it finds, by the real clock, and cannot go on without it"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::calendar::CalendarQuery;
use app::erasure::Marks;
use app::{Actor, App, AppParts, Settings, SystemClock, SystemRandom};
use domain::calendar::{Day, Span};
use domain::id::SessionId;
use domain::post::PostState;
use domain::schedule::Zone;
use secrecy::SecretString;
use store::blobs::Blobs;
use store::export::folder::ExportFolder;
use store::journal::Journal;
use store::testing::{self, START, Seed, TestStore, engines};
use store::{Post, TombstoneFile};
use tiktok::{AppCredentials, Client, Endpoints, HttpOptions, UploadHosts};
use uuid::Uuid;

/// Posts of other months.
const OTHERS: u32 = 100_000;
/// Posts of the month that is shown: one every forty minutes.
const SHOWN: i64 = 1_000;
/// Pages that are measured.
const ROUNDS: usize = 500;

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

/// The month's posts; those that [`testing::fill`] adds are all due within a second of [`START`], in another month.
async fn month(app: &App, seed: &Seed, first: Day, zone: &Zone) {
    let mut tx = app.store.begin().await.unwrap();
    for n in 0..SHOWN {
        let mut post = seed.post(u128::try_from(n).unwrap() + 10_000_000, PostState::Scheduled);
        post.content.caption = "Honey cake, layer by layer, as my grandmother made it. ".repeat(8);
        let due_at = Some(first.start(zone).plus_seconds(n * 2_400));
        tx.post_insert(&Post { due_at, ..post }).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn measured(app: &App, actor: &Actor, span: Span, day: Day, zone: &Zone, engine: &str) {
    let days = span.days(day);
    let query =
        CalendarQuery { days: &days, zone, connection: None, state: None, tag: None, label: None, per_day: 3, skip: 0 };
    let mut took: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let view = app.calendar(actor, &query).await.unwrap();
        took.push(began.elapsed());
        assert!(view.days.iter().map(|day| day.total).sum::<usize>() > 0);
    }
    took.sort_unstable();
    let at = |percent: usize| took[(ROUNDS * percent / 100).min(ROUNDS - 1)].as_secs_f64() * 1000.0;
    println!("{engine}: {} p50 {:.2} ms, p99 {:.2} ms", span.as_str(), at(50), at(99));
}

#[tokio::main]
async fn main() {
    for store in engines().await {
        let app = service(&store).await;
        let seed = Seed::write(&store).await;
        testing::fill(&store, &seed, OTHERS).await;
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        // Three months after the others.
        let day = Day::of(START.plus_seconds(90 * 86_400), &zone);
        let first = Span::Month.days(day)[0];
        month(&app, &seed, first, &zone).await;
        let actor = Actor {
            user_id: seed.user,
            workspace_id: seed.workspace,
            session_id: SessionId::from_uuid(Uuid::from_u128(1)),
            display_name: "Bench".to_owned(),
            locale: "en".to_owned(),
            time_zone: zone.name().to_owned(),
            theme: "system".to_owned(),
        };
        let engine = store.engine().to_string();
        measured(&app, &actor, Span::Month, day, &zone, &engine).await;
        measured(&app, &actor, Span::Week, day, &zone, &engine).await;
    }
}
