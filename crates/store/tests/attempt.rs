//! Attempts on both engines: one live attempt per post, compare-and-set on state and epoch, claims, leases, the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::attempt::{
    Attempt, Carried, Evidence, FromState, Kind, MediaPlan, Mode, NEVER, SealedUrl, ShortLooks, Snapshot, State, Task,
    Trace, UncertainCause, is_allowed,
};
use domain::id::{AttemptId, ConsentId};
use domain::post::PostState;
use domain::time::UnixMillis;
use store::attempt::{AttemptLogEntry, Lease};
use store::testing::{ONE, START, Seed, engines};
use store::{Engine, Post, Store, StoreError};
use uuid::Uuid;

fn task() -> Task {
    Task {
        publish_id: "v_pub_file~v2-1.7".to_owned(),
        upload_url: Some(SealedUrl::from_ciphertext(vec![1, 2, 3])),
        url_date: Some(START),
    }
}

fn attempt(n: u128, post: &Post, state: State) -> Attempt {
    Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(n)),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 1,
        due_at: START,
        revision: 1,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: ConsentId::from_uuid(Uuid::from_u128(1)),
            blob_key: "media".to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: START, internal_failures: 0, upload_restarts: 1, init_failures: 2 },
            photos: None,
        },
        plan: MediaPlan::new("ab".repeat(32), 25_000_000, 10_000_000, 2).unwrap(),
        state,
        trace: Trace::default(),
        tries: 0,
        next_at: START,
        created_at: START,
        updated_at: START,
    }
}

async fn publishing(store: &Store, seed: &Seed, n: u128) -> Post {
    let post = seed.post(n, PostState::Publishing);
    let mut tx = store.begin().await.unwrap();
    tx.post_insert(&post).await.unwrap();
    tx.commit().await.unwrap();
    post
}

async fn inserted(store: &Store, it: &Attempt) -> bool {
    let mut tx = store.begin().await.unwrap();
    let inserted = tx.attempt_insert(it).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

async fn advanced(store: &Store, to: &Attempt, from: Kind, epoch: i64) -> bool {
    let mut tx = store.begin().await.unwrap();
    let advanced = tx.attempt_advance(to, from, epoch).await.unwrap();
    tx.commit().await.unwrap();
    advanced
}

async fn claimed(store: &Store, owner: &str, now: UnixMillis) -> Option<Attempt> {
    let lease = Lease { owner, now, until: now.plus_millis(30_000) };
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.attempt_claim(now, lease, ONE).await.unwrap().pop();
    tx.commit().await.unwrap();
    claimed.transpose().unwrap()
}

#[tokio::test]
async fn r3_a_post_has_one_attempt_that_is_not_dead() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let first = attempt(1, &post, State::Ready);
        assert!(inserted(&store, &first).await);
        let second = Attempt { ordinal: 2, ..attempt(2, &post, State::Ready) };
        assert!(!inserted(&store, &second).await, "the first one lives");
        let dead = Attempt {
            state: State::Dead {
                evidence: Evidence::FinalNeverSent { from: FromState::Ready, epoch: 1 },
                publish_id: None,
            },
            ..first.clone()
        };
        assert!(advanced(&store, &dead, Kind::Ready, 1).await);
        assert!(inserted(&store, &second).await);
        assert_eq!(store.attempts(post.id).await.unwrap(), [dead, second]);
    }
}

#[tokio::test]
async fn every_state_comes_back_as_it_was_written() {
    let publish_id = Some(task().publish_id);
    let path = [
        State::InitSent { sent_at: START },
        State::InitAcked(task()),
        State::Uploading { task: task(), acked_bytes: 10_000_000 },
        State::FinalIntent {
            task: task(),
            at: START.plus_seconds(1),
            looks: ShortLooks { count: 1, last_at: Some(START.plus_seconds(3)) },
        },
        State::HandedOver { task: task(), since: START.plus_seconds(4) },
        State::Uncertain { cause: UncertainCause::Unresolved, publish_id: publish_id.clone() },
        State::Published { publish_id, at: START, post_ids: vec!["9223372036854775807".to_owned()] },
    ];
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let mut row = attempt(1, &post, State::Ready);
        assert!(inserted(&store, &row).await);
        for state in path.clone() {
            let from = row.state.kind();
            row.state = state;
            match &row.state {
                State::InitSent { sent_at } => row.trace.init_sent_at = Some(*sent_at),
                State::InitAcked(task) => row.trace.url_date = task.url_date,
                State::Uploading { acked_bytes, .. } => row.trace.acked_bytes = *acked_bytes,
                State::FinalIntent { at, .. } => row.trace.final_intent_at = Some(*at),
                State::HandedOver { since, .. } => row.trace.final_acked_at = Some(*since),
                State::Published { .. } => row.trace.status = Some("PUBLISH_COMPLETE".to_owned()),
                State::Ready | State::Delivered { .. } | State::Dead { .. } | State::Uncertain { .. } => {}
            }
            if !row.state.kind().is_open() {
                row.next_at = NEVER;
            }
            assert!(advanced(&store, &row, from, 1).await, "{from:?}");
            let read = store.attempt(row.id).await.unwrap().unwrap();
            assert_eq!(read, row, "{}", store.engine());
        }
        let by_task = store.attempt_by_publish_id(&task().publish_id).await.unwrap();
        assert_eq!(by_task, Some(row));
    }
}

#[tokio::test]
async fn a_change_misses_when_state_or_epoch_is_not_the_expected_one() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let ready = attempt(1, &post, State::Ready);
        inserted(&store, &ready).await;
        let sent = Attempt {
            state: State::InitSent { sent_at: START },
            trace: Trace { init_sent_at: Some(START), ..Trace::default() },
            ..ready.clone()
        };
        assert!(!advanced(&store, &sent, Kind::Ready, 2).await, "another epoch");
        assert!(advanced(&store, &sent, Kind::Ready, 1).await);
        assert!(!advanced(&store, &sent, Kind::Ready, 1).await, "another state");
    }
}

#[tokio::test]
async fn an_edge_that_the_machine_does_not_have_is_refused_before_the_database() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let late = attempt(1, &post, State::HandedOver { task: task(), since: START });
        let mut tx = store.begin().await.unwrap();
        for from in Kind::ALL {
            let refused = tx.attempt_advance(&late, from, 1).await;
            if !is_allowed(from, Kind::HandedOver) {
                assert!(matches!(refused, Err(StoreError::Constraint(_))), "{from:?}");
            }
        }
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_claim_takes_the_longest_waiting_row_once_and_grows_its_epoch() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        for n in 1..=3_u128 {
            let post = publishing(&store, &seed, n).await;
            let mut row = attempt(n, &post, State::Ready);
            row.next_at = START.plus_seconds(10 - i64::try_from(n).unwrap());
            inserted(&store, &row).await;
        }
        assert_eq!(claimed(&store, "a", START).await, None, "nothing is due");
        let now = START.plus_seconds(20);
        let order: Vec<u128> =
            [claimed(&store, "a", now).await, claimed(&store, "b", now).await, claimed(&store, "a", now).await]
                .map(|row| {
                    let row = row.unwrap();
                    assert_eq!(row.epoch, 2);
                    row.id.uuid().as_u128()
                })
                .to_vec();
        assert_eq!(order, [3, 2, 1]);
        assert_eq!(claimed(&store, "b", now).await, None, "all are held");
        assert_eq!(store.work_ahead().await.unwrap().attempt_at(), None);
    }
}

#[tokio::test]
async fn a_row_comes_back_by_release_and_after_a_crash_by_lease_or_new_generation() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        inserted(&store, &attempt(1, &post, State::Ready)).await;
        let mut row = claimed(&store, "a", START).await.unwrap();
        row.next_at = START.plus_seconds(60);
        row.tries = 3;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.attempt_release(&row, "b").await.unwrap(), "not b's row");
        assert!(tx.attempt_release(&row, "a").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.work_ahead().await.unwrap().attempt_at(), Some(row.next_at));
        let later = START.plus_seconds(61);
        let again = claimed(&store, "a", later).await.unwrap();
        assert_eq!((again.tries, again.epoch), (3, 3));
        // a dies here
        match store.engine() {
            Engine::Postgres => {
                assert_eq!(claimed(&store, "b", later.plus_millis(29_000)).await, None);
                assert!(claimed(&store, "b", later.plus_millis(30_001)).await.is_some());
            }
            Engine::Sqlite => {
                assert_eq!(claimed(&store, "b", later.plus_millis(30_001)).await, None);
                let mut tx = store.begin().await.unwrap();
                assert_eq!(tx.attempt_free_others("b").await.unwrap(), 1);
                tx.commit().await.unwrap();
                assert!(claimed(&store, "b", later).await.is_some());
            }
        }
        // and its late change finds another epoch
        let zombie = Attempt {
            state: State::InitSent { sent_at: later },
            trace: Trace { init_sent_at: Some(later), ..Trace::default() },
            ..again.clone()
        };
        assert!(!advanced(&store, &zombie, Kind::Ready, again.epoch).await);
    }
}

#[tokio::test]
async fn two_claimers_never_get_the_same_row() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        for n in 1..=20_u128 {
            let post = publishing(&store, &seed, n).await;
            inserted(&store, &attempt(n, &post, State::Ready)).await;
        }
        let mut tasks = Vec::new();
        for owner in ["a", "b", "c"] {
            let store = store.store().clone();
            tasks.push(tokio::spawn(async move {
                let mut ids = Vec::new();
                while let Some(row) = claimed(&store, owner, START).await {
                    ids.push(row.id);
                }
                ids
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 20, "{}", store.engine());
    }
}

#[tokio::test]
async fn inits_are_counted_per_post_and_per_account_and_survive_in_the_rows() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        for n in 1..=3_u128 {
            let post = publishing(&store, &seed, n).await;
            let row = attempt(n, &post, State::Ready);
            inserted(&store, &row).await;
            let at = START.plus_seconds(i64::try_from(n).unwrap());
            let sent = Attempt {
                state: State::InitSent { sent_at: at },
                trace: Trace { init_sent_at: Some(at), ..Trace::default() },
                ..row
            };
            assert!(advanced(&store, &sent, Kind::Ready, 1).await);
        }
        let mut tx = store.begin().await.unwrap();
        let of_post = seed.post(2, PostState::Publishing).id;
        let one = tx.attempt_post_inits(of_post, START, 10).await.unwrap();
        assert_eq!(one, [START.plus_seconds(2)]);
        let all = tx.attempt_connection_inits(seed.connection, START.plus_seconds(1), 10).await.unwrap();
        assert_eq!(all, [START.plus_seconds(2), START.plus_seconds(3)]);
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_log_keeps_every_line_in_order() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let row = attempt(1, &post, State::Ready);
        inserted(&store, &row).await;
        let line = |from, to, cause: &str| AttemptLogEntry {
            attempt_id: row.id,
            epoch: 1,
            from,
            to,
            cause: cause.to_owned(),
            log_id: Some("log".to_owned()),
            remote_date: Some(START),
            at: START,
        };
        let lines = [line(None, Kind::Ready, "started"), line(Some(Kind::Ready), Kind::InitSent, "init_announced")];
        let mut tx = store.begin().await.unwrap();
        for line in &lines {
            tx.attempt_log_append(line).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(store.attempt_log(row.id).await.unwrap(), lines);
    }
}

#[tokio::test]
async fn a_hint_brings_the_next_look_forward() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = publishing(&store, &seed, 1).await;
        let mut row = attempt(1, &post, State::Ready);
        inserted(&store, &row).await;
        for state in [State::InitSent { sent_at: START }, State::InitAcked(task())] {
            let from = row.state.kind();
            row.state = state;
            row.trace.init_sent_at = Some(START);
            row.next_at = START.plus_seconds(3600);
            assert!(advanced(&store, &row, from, 1).await);
        }
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.attempt_wake("v_pub_file~v2-1.8", START).await.unwrap(), None);
        let woken = tx.attempt_wake(&task().publish_id, START).await.unwrap();
        assert_eq!(woken, Some(row.id));
        tx.commit().await.unwrap();
        assert!(claimed(&store, "a", START).await.is_some());
    }
}

#[tokio::test]
async fn a_doubt_fences_every_worker_off_and_stays_until_the_attempt_has_settled() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let (first, second) = (publishing(&store, &seed, 1).await, publishing(&store, &seed, 2).await);
        let held = attempt(1, &first, State::Ready);
        assert!(inserted(&store, &held).await && inserted(&store, &attempt(2, &second, State::Ready)).await);
        let mut tx = store.begin().await.unwrap();
        let lease = Lease { owner: "me", now: START, until: START.plus_seconds(30) };
        let claimed = tx.attempt_claim_one(held.id, lease).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.attempt_doubt_open(START.plus_seconds(30)).await.unwrap(), 2);
        assert_eq!(tx.attempt_doubt_open(START).await.unwrap(), 0, "once");
        assert!(!tx.attempt_renew(held.id, claimed.epoch, lease).await.unwrap(), "{}", store.engine());
        assert!(!tx.attempt_advance(&claimed, Kind::Ready, claimed.epoch).await.is_ok_and(|moved| moved));
        let row = tx.attempt(held.id).await.unwrap().unwrap();
        assert!(row.trace.doubted && row.epoch > claimed.epoch && row.next_at == START.plus_seconds(30));
        let dead = State::Dead {
            evidence: Evidence::FinalNeverSent { from: FromState::Ready, epoch: row.epoch },
            publish_id: None,
        };
        assert!(tx.attempt_advance(&Attempt { state: dead, ..row.clone() }, Kind::Ready, row.epoch).await.unwrap());
        assert!(tx.attempt(held.id).await.unwrap().unwrap().trace.doubted, "a change does not take it away");
        tx.commit().await.unwrap();
        assert_eq!(store.attempts_doubted().await.unwrap(), 1, "only the one that has not settled");
        assert_eq!(store.attempts_early_overdue(START, 10).await.unwrap(), [AttemptId::from_uuid(Uuid::from_u128(2))]);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.attempt_wake_all(START).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.work_ahead().await.unwrap().attempt_at(), Some(START));
    }
}

#[tokio::test]
async fn the_log_is_numbered_without_ever_going_back_and_a_late_post_tells_when_it_went() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        assert_eq!(store.attempt_last_seq().await.unwrap(), 0, "{}", store.engine());
        let (one, two) = (publishing(&store, &seed, 1).await, publishing(&store, &seed, 2).await);
        let late = Attempt {
            created_at: START.plus_seconds(61),
            next_at: START.plus_seconds(600),
            ..attempt(1, &one, State::Ready)
        };
        assert!(inserted(&store, &late).await && inserted(&store, &attempt(2, &two, State::Ready)).await);
        let mut tx = store.begin().await.unwrap();
        let line = AttemptLogEntry {
            attempt_id: late.id,
            epoch: 1,
            from: None,
            to: Kind::Ready,
            cause: "started".to_owned(),
            log_id: None,
            remote_date: None,
            at: START,
        };
        let first = tx.attempt_log_append(&line).await.unwrap();
        let second = tx.attempt_log_append(&line).await.unwrap();
        assert!(second > first && first > 0);
        let turn = tx.attempt_late_turn(seed.connection, START, 60_000).await.unwrap();
        assert_eq!(turn, Some(late.next_at), "it waits for its turn; the other one is not late");
        assert_eq!(tx.attempt_late_turn(seed.connection, START.plus_seconds(62), 60_000).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert!(store.attempt_last_seq().await.unwrap() >= second);
    }
}

#[tokio::test]
async fn overdue_posts_are_counted_and_the_cluster_has_a_name_on_postgres() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        for n in 1..=3 {
            let due_at = Some(START.plus_seconds(60 * i64::try_from(n).unwrap()));
            tx.post_insert(&Post { due_at, ..seed.post(n, PostState::Scheduled) }).await.unwrap();
        }
        let name = tx.cluster().await.unwrap();
        assert_eq!(name.is_some(), store.engine() == Engine::Postgres);
        assert!(name.is_none_or(|name| {
            name.split_once('/').is_some_and(|(system, branch)| system.parse::<u64>().is_ok() && branch.len() == 8)
        }));
        tx.meta_put("restored", "a backup").await.unwrap();
        tx.meta_delete("restored").await.unwrap();
        tx.meta_delete("restored").await.unwrap();
        assert_eq!(tx.meta_get("restored").await.unwrap(), None);
        tx.commit().await.unwrap();
        let overdue = store.posts_overdue(START.plus_seconds(120)).await.unwrap();
        assert_eq!((overdue.count, overdue.since), (2, Some(START.plus_seconds(60))));
        assert_eq!(store.posts_overdue_ids(START.plus_seconds(120), 1).await.unwrap().len(), 1);
        assert_eq!(store.posts_overdue(START).await.unwrap().count, 0);
    }
}
