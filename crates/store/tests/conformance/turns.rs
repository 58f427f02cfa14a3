//! Accounts take turns, at starting as at claiming, however much one of them has to do.

use domain::attempt::{Attempt, Carried, MediaPlan, Mode, NEVER, Snapshot, State, Trace};
use domain::id::{AttemptId, ConnectionId, ConsentId, PostId};
use domain::post::{PostContent, PostState};
use domain::time::UnixMillis;
use store::attempt::{Lease, Turn};
use store::testing::{START, Seed, engines};
use store::{Connection, Post, Store};
use uuid::Uuid;

fn account(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}

/// Accounts 1 (the seed's) to `count`.
async fn accounts(store: &Store, seed: &Seed, count: u128) {
    let mut tx = store.begin().await.unwrap();
    for n in 2..=count {
        let row = Connection { id: account(n), open_id: format!("open-{n}"), ..seed.connection_row() };
        tx.connection_upsert(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn post_of(seed: &Seed, connection: u128, n: u128, due_at: UnixMillis, state: PostState) -> Post {
    Post { connection_id: account(connection), due_at: Some(due_at), ..seed.post(n, state) }
}

fn ready(post: &Post) -> Attempt {
    Attempt {
        id: AttemptId::from_uuid(post.id.uuid()),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 1,
        due_at: post.due_at.unwrap(),
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
        next_at: post.due_at.unwrap(),
        created_at: START,
        updated_at: START,
    }
}

async fn claim(store: &Store, turn: Turn<'_>) -> Vec<(ConnectionId, PostId)> {
    let now = START.plus_seconds(3600);
    let lease = Lease { owner: "a", now, until: now.plus_seconds(30) };
    let mut tx = store.begin().await.unwrap();
    let rows = tx.attempt_claim(now, lease, turn).await.unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|row| row.map(|row| (row.connection_id, row.post_id)).unwrap()).collect()
}

#[tokio::test]
async fn one_account_with_very_many_due_attempts_does_not_stand_before_the_others() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        accounts(&store, &seed, 4).await;
        let mut tx = store.begin().await.unwrap();
        for n in 0..1_000_u128 {
            let due = START.plus_millis(i64::try_from(n).unwrap());
            let post = post_of(&seed, 1, 10_000 + n, due, PostState::Publishing);
            tx.post_insert(&post).await.unwrap();
            tx.attempt_insert(&ready(&post)).await.unwrap();
        }
        for n in 2..=4_u128 {
            let post = post_of(&seed, n, n, START.plus_seconds(60), PostState::Publishing);
            tx.post_insert(&post).await.unwrap();
            tx.attempt_insert(&ready(&post)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let everybody = Turn { per_account: 3, limit: 100, after: "", not: "" };
        let first = claim(&store, everybody).await;
        let whose = |taken: &[(ConnectionId, PostId)], n| taken.iter().filter(|(id, _)| *id == account(n)).count();
        assert_eq!([1, 2, 3, 4].map(|n| whose(&first, n)), [3, 1, 1, 1], "{}", store.engine());
        let first_of_the_busy: Vec<_> =
            first.iter().filter(|(id, _)| *id == account(1)).map(|(_, post)| *post).collect();
        let wanted: Vec<_> = (0..3_u128).map(|n| seed.post(10_000 + n, PostState::Draft).id).collect();
        assert_eq!(first_of_the_busy, wanted, "in the order of their due times");
        // Whoever has enough in hand is passed over, and a turn goes on after the last account served.
        let busy = format!(",{},", account(1));
        assert_eq!(claim(&store, Turn { not: &busy, ..everybody }).await, []);
        let last = account(4).to_string();
        assert_eq!(claim(&store, Turn { after: &last, ..everybody }).await, []);
        assert_eq!(claim(&store, Turn { limit: 2, ..everybody }).await.len(), 2);
    }
}

#[tokio::test]
async fn a_planned_post_brings_its_accounts_turn_forward_and_a_served_account_stands_at_the_end() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        accounts(&store, &seed, 3).await;
        assert_eq!(store.lane_next().await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        for n in 0..50_u128 {
            tx.post_insert(&post_of(&seed, 1, 100 + n, START.plus_seconds(3600), PostState::Scheduled)).await.unwrap();
        }
        tx.post_insert(&post_of(&seed, 2, 2, START.plus_seconds(3700), PostState::Scheduled)).await.unwrap();
        tx.post_insert(&post_of(&seed, 3, 3, START.plus_seconds(3800), PostState::Draft)).await.unwrap();
        tx.commit().await.unwrap();
        let now = START.plus_seconds(3600);
        let due = store.lanes_due(now, 10).await.unwrap();
        assert_eq!(due.iter().map(|lane| lane.connection_id).collect::<Vec<_>>(), [account(1), account(2)]);
        assert_eq!(store.lane_next().await.unwrap(), Some(START.plus_seconds(600)), "fifty minutes ahead");
        let posts = store.lane_posts(account(1), now, 6).await.unwrap();
        let ids: Vec<_> = posts.iter().map(|post| post.post_id).collect();
        assert_eq!(ids, (0..6_u128).map(|n| seed.post(100 + n, PostState::Draft).id).collect::<Vec<_>>());
        let before = START.plus_seconds(3599);
        assert_eq!(store.lane_posts_from(account(1), before, now, 6).await.unwrap(), posts);
        assert_eq!(store.lane_posts_from(account(1), now, now, 6).await.unwrap(), [], "only those after it");

        let mut tx = store.begin().await.unwrap();
        assert!(tx.lane_take(account(1)).await.unwrap());
        assert!(tx.lane_move(due[0], now.plus_seconds(65)).await.unwrap());
        tx.commit().await.unwrap();
        let next = store.lanes_due(now.plus_seconds(70), 10).await.unwrap();
        assert_eq!(next.iter().map(|lane| lane.connection_id).collect::<Vec<_>>(), [account(2), account(1)]);

        // Planned while a turn was under way: the turn's end must not hide it.
        let turn = next[1];
        let mut tx = store.begin().await.unwrap();
        tx.post_insert(&post_of(&seed, 1, 7, START.plus_seconds(3050), PostState::Scheduled)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.lane_move(turn, NEVER).await.unwrap());
        tx.commit().await.unwrap();
        let again = store.lanes_due(now, 1).await.unwrap();
        assert_eq!((again[0].connection_id, again[0].next_at), (account(1), START.plus_seconds(50)));
        // Also when the new post is due at the very time of those that the turn has seen.
        let mut tx = store.begin().await.unwrap();
        tx.post_insert(&post_of(&seed, 1, 8, START.plus_seconds(3050), PostState::Scheduled)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.lane_move(again[0], NEVER).await.unwrap());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn two_nodes_do_not_serve_the_same_account_at_the_same_time() {
    let Some(store) = store::testing::postgres().await else { return };
    let mut one = store.begin().await.unwrap();
    assert!(one.lane_take(account(1)).await.unwrap());
    let mut other = store.begin().await.unwrap();
    assert!(!other.lane_take(account(1)).await.unwrap());
    assert!(other.lane_take(account(2)).await.unwrap());
    one.commit().await.unwrap();
    assert!(other.lane_take(account(1)).await.unwrap());
    other.rollback().await.unwrap();
}

#[tokio::test]
async fn a_new_attempt_may_be_held_from_the_start() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = post_of(&seed, 1, 1, START, PostState::Publishing);
        let lease = Lease { owner: "a", now: START, until: START.plus_seconds(30) };
        let mut tx = store.begin().await.unwrap();
        tx.post_insert(&post).await.unwrap();
        assert!(tx.attempt_insert_held(&ready(&post), lease).await.unwrap());
        tx.commit().await.unwrap();
        let seen = store.work_ahead().await.unwrap();
        assert_eq!(seen.attempt_at(), None, "nobody else may take it");
        assert_eq!(seen.lease_ends_at, Some(START.plus_seconds(30)));
        assert_eq!(store.attempts_ready(account(1), START).await.unwrap(), 1);
        let mut tx = store.begin().await.unwrap();
        let mut held = tx.attempt(ready(&post).id).await.unwrap().unwrap();
        held.next_at = START.plus_seconds(5);
        assert!(tx.attempt_release(&held, "a").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.attempt_next_after(START).await.unwrap(), Some(START.plus_seconds(5)));
        let seen = store.work_ahead().await.unwrap();
        assert_eq!((seen.attempt_at(), seen.lease_ends_at), (Some(START.plus_seconds(5)), None));
        assert_eq!(store.attempt_next_after(START.plus_seconds(5)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn pp_6_1_only_attempts_that_ended_long_ago_are_removed_and_their_log_with_them() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let ended = State::Published { publish_id: None, at: START, post_ids: Vec::new() };
        let mut tx = store.begin().await.unwrap();
        for (n, state, updated_at) in
            [(1, ended.clone(), START), (2, ended, START.plus_seconds(400 * 86_400)), (3, State::Ready, START)]
        {
            let post = post_of(&seed, 1, n, START, PostState::Published);
            tx.post_insert(&post).await.unwrap();
            tx.attempt_insert(&Attempt { state, updated_at, ..ready(&post) }).await.unwrap();
        }
        assert_eq!(
            tx.purge_attempts(START.plus_seconds(396 * 86_400), START.plus_seconds(396 * 86_400), 10).await.unwrap(),
            1
        );
        tx.commit().await.unwrap();
        for (n, stays) in [(1, false), (2, true), (3, true)] {
            let id = AttemptId::from_uuid(seed.post(n, PostState::Published).id.uuid());
            assert_eq!(store.attempt(id).await.unwrap().is_some(), stays, "{n}");
        }
    }
}
