//! How long a decision of the attempt machine takes: the first look at a due attempt, a refused release, and the release itself.
#![allow(clippy::unwrap_used, reason = "a bench cannot go on without its sample")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::attempt::{
    Attempt, Carried, Event, Facts, InitUse, MediaPlan, Mode, PostFacts, RemoteClock, SealedUrl, Snapshot, State, Task,
    Trace, decide,
};
use domain::connection::ConnectionState;
use domain::id::{AttemptId, ConnectionId, ConsentId, PostId};
use domain::post::PostContent;
use domain::time::UnixMillis;
use uuid::Uuid;

const DUE: UnixMillis = UnixMillis::from_seconds(1_795_510_800);

fn attempt(state: State) -> Attempt {
    Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(1)),
        post_id: PostId::from_uuid(Uuid::from_u128(1)),
        connection_id: ConnectionId::from_uuid(Uuid::from_u128(1)),
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 1,
        due_at: DUE,
        revision: 1,
        snapshot: Snapshot {
            content: PostContent { caption: "Honey cake ".repeat(40), ..PostContent::default() },
            consent_id: ConsentId::from_uuid(Uuid::from_u128(1)),
            blob_key: "media".to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: DUE, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: None,
        },
        plan: MediaPlan::new("ab".repeat(32), 25_000_000, 10_000_000, 2).unwrap(),
        state,
        trace: Trace::default(),
        tries: 0,
        next_at: DUE,
        created_at: DUE,
        updated_at: DUE,
    }
}

fn facts(now: UnixMillis) -> Facts {
    Facts {
        now,
        clock_suspect: false,
        remote: Some(RemoteClock { date: now, seen_at: now }),
        post: PostFacts {
            wanted: true,
            revision: 1,
            consent_matches: true,
            connection: ConnectionState::Active,
            paused: false,
        },
        inits: InitUse { last_hour: 0, hour_frees_at: now, last_day: 0, day_frees_at: now, rate_frees_at: now },
        upload_rate: Some(2_000_000),
        hold_after_ms: Some(900_000),
        media_verified: true,
        commits_may_be_lost: false,
        undated: None,
        jitter: 500,
    }
}

fn decisions(criterion: &mut Criterion) {
    let task = Task {
        publish_id: "v_pub_file~v2-1.7".to_owned(),
        upload_url: Some(SealedUrl::from_ciphertext(vec![7; 300])),
        url_date: Some(DUE),
    };
    let ready = attempt(State::Ready);
    let held = attempt(State::Uploading { task, acked_bytes: 10_000_000 });
    let mut group = criterion.benchmark_group("decide");
    group.sample_size(30);
    group.bench_function("ready", |bench| {
        let facts = facts(DUE);
        bench.iter(|| decide(black_box(&ready), &Event::Resume, &facts));
    });
    group.bench_function("hold the last chunk", |bench| {
        let facts = facts(DUE.plus_seconds(-60));
        bench.iter(|| decide(black_box(&held), &Event::DueReached, &facts));
    });
    group.bench_function("release the last chunk", |bench| {
        let facts = facts(DUE);
        bench.iter(|| decide(black_box(&held), &Event::DueReached, &facts));
    });
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
