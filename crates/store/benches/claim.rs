//! How long it takes to find and claim the next attempt among 1 000, 100 000 and 1 000 000 others, on both databases, durably.
//!
//! Each round claims the due attempt and gives it back: two committed transactions. Beside it, in the same run, a bare durable commit,
//! and the loop that it is held against: claim and complete on a bare SQLite without pool, runtime or anything else (`bare_loop.py`).
//! `MOLOKO_BENCH_ROWS=1000,100000` chooses other sizes; PostgreSQL takes part when `MOLOKO_TEST_POSTGRES_URL` names it.
#![allow(clippy::unwrap_used, reason = "a bench cannot go on without its database")]

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::attempt::{Attempt, Carried, MediaPlan, Mode, Snapshot, State, Trace};
use domain::id::{AttemptId, ConsentId};
use domain::post::{PostContent, PostState};
use store::attempt::Lease;
use store::testing::{self, ONE, START, Seed, TestStore};
use tokio::runtime::Runtime;
use uuid::Uuid;

const OWNER: &str = "bench";

fn sizes() -> Vec<u32> {
    let chosen = std::env::var("MOLOKO_BENCH_ROWS").unwrap_or_else(|_| "1000,100000,1000000".to_owned());
    chosen.split(',').map(|size| size.trim().parse().unwrap()).collect()
}

fn due(seed: &Seed) -> Attempt {
    let post = seed.post(1, PostState::Publishing);
    Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(1)),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 1,
        due_at: START,
        revision: 1,
        snapshot: Snapshot {
            content: PostContent::default(),
            consent_id: ConsentId::from_uuid(Uuid::from_u128(1)),
            blob_key: "media".to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: START, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: None,
        },
        plan: MediaPlan::new("ab".repeat(32), 25_000_000, 10_000_000, 2).unwrap(),
        state: State::Ready,
        trace: Trace::default(),
        tries: 0,
        next_at: START,
        created_at: START,
        updated_at: START,
    }
}

async fn filled(store: TestStore, rows: u32) -> TestStore {
    let seed = Seed::write(&store).await;
    let mut tx = store.begin().await.unwrap();
    tx.post_insert(&seed.post(1, PostState::Publishing)).await.unwrap();
    tx.attempt_insert(&due(&seed)).await.unwrap();
    tx.commit().await.unwrap();
    testing::fill(&store, &seed, rows).await;
    testing::spread(&store, &seed, 500).await;
    let mut tx = store.begin().await.unwrap();
    let planned = seed.post(2, PostState::Scheduled);
    tx.post_insert(&planned).await.unwrap();
    tx.commit().await.unwrap();
    store
}

async fn claim_and_release(store: &TestStore) {
    let lease = Lease { owner: OWNER, now: START, until: START.plus_seconds(30) };
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.attempt_claim(START, lease, ONE).await.unwrap().pop().unwrap().unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.attempt_release(&claimed, OWNER).await.unwrap());
    tx.commit().await.unwrap();
}

/// An account's turn at starting: who is due, their posts, moved on and brought forward again.
async fn take_turn(store: &TestStore) {
    let due = START.plus_seconds(3600);
    let lane = store.lanes_due(START.plus_seconds(600), 1).await.unwrap().pop().unwrap();
    assert!(!store.lane_posts(lane.connection_id, due, 64).await.unwrap().is_empty());
    assert!(store.lane_first_after(lane.connection_id, due).await.unwrap().is_none());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.lane_move(lane, due).await.unwrap());
    tx.lane_lower(lane.connection_id, START).await.unwrap();
    tx.commit().await.unwrap();
}

async fn bare_commit(store: &TestStore) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut tx = store.begin().await.unwrap();
    // Another value each time: what does not change anything is not written either.
    tx.meta_put("bench", &COUNT.fetch_add(1, Ordering::Relaxed).to_string()).await.unwrap();
    tx.commit().await.unwrap();
}

/// How long `rounds` of the bare loop take. A process of its own: the driver that the product links has no bare form.
fn bare_loop(rounds: u64) -> Duration {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bare_loop.py");
    let done = Command::new("python3").arg(script).arg(rounds.to_string()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Duration::from_secs_f64(String::from_utf8_lossy(&done.stdout).trim().parse().unwrap())
}

fn claim(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("claim");
    group.sample_size(20).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    group.bench_function("bare SQLite loop", |b| b.iter_custom(bare_loop));
    for rows in sizes() {
        for store in runtime.block_on(testing::engines()) {
            let store = runtime.block_on(filled(store, rows));
            let engine = store.engine();
            group.bench_function(BenchmarkId::new(format!("{engine}/claim and give back"), rows), |b| {
                b.to_async(&runtime).iter(|| claim_and_release(&store));
            });
            group.bench_function(BenchmarkId::new(format!("{engine}/next instant"), rows), |b| {
                b.to_async(&runtime).iter(|| async {
                    let ahead = store.work_ahead().await.unwrap();
                    assert!(ahead.attempt_at().is_some() && ahead.lane_at.is_some());
                });
            });
            group.bench_function(BenchmarkId::new(format!("{engine}/an account's turn"), rows), |b| {
                b.to_async(&runtime).iter(|| take_turn(&store));
            });
            group.bench_function(BenchmarkId::new(format!("{engine}/bare commit"), rows), |b| {
                b.to_async(&runtime).iter(|| bare_commit(&store));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, claim);
criterion_main!(benches);
