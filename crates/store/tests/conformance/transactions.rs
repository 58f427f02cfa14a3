//! Transactions and errors.

use store::testing::{START, Seed, engines};
use store::{Engine, StoreError, Workspace};
use uuid::Uuid;

use crate::post_id;
use domain::id::WorkspaceId;
use domain::post::PostState;

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_and_a_committed_one_everything() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        tx.meta_put("key", "dropped").await.unwrap();
        assert_eq!(tx.meta_get("key").await.unwrap().as_deref(), Some("dropped"));
        drop(tx);
        assert_eq!(store.meta_get("key").await.unwrap(), None, "{}", store.engine());

        let mut tx = store.begin().await.unwrap();
        tx.meta_put("key", "rolled back").await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(store.meta_get("key").await.unwrap(), None);

        let mut tx = store.begin().await.unwrap();
        tx.meta_put("key", "one").await.unwrap();
        tx.meta_put("key", "two").await.unwrap();
        assert_eq!(store.meta_get("key").await.unwrap(), None, "nobody sees it before the commit");
        tx.commit().await.unwrap();
        assert_eq!(store.meta_get("key").await.unwrap().as_deref(), Some("two"));
    }
}

#[tokio::test]
async fn whoever_stops_waiting_leaves_nothing_behind_and_blocks_nobody() {
    for store in engines().await {
        // Dropped before it began, while it began, with a statement on its way, and with a change that nobody commits.
        for polls in [0, 1, 2, 3, 5, 200] {
            let mut work = Box::pin(async {
                let mut tx = store.begin().await.unwrap();
                tx.meta_put("key", "half").await.unwrap();
                std::future::pending::<()>().await;
            });
            for _ in 0..polls {
                let _ = futures::poll!(&mut work);
                tokio::task::yield_now().await;
            }
            drop(work);
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.meta_get("key").await.unwrap(), None, "{} after {polls} polls", store.engine());
            tx.meta_put("other", &polls.to_string()).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(store.meta_get("other").await.unwrap(), Some(polls.to_string()), "{}", store.engine());
        }
    }
}

#[tokio::test]
async fn writers_take_turns_and_none_is_lost() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.post_insert(&seed.post(1, PostState::Scheduled)).await.unwrap();
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let store = store.store().clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let won = tx
                        .post_set_state(post_id(1), &[PostState::Scheduled], PostState::Publishing, START)
                        .await
                        .unwrap();
                    tx.meta_put(&format!("writer {n}"), if won { "won" } else { "lost" }).await.unwrap();
                    tx.commit().await.unwrap();
                    won
                })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += u32::from(task.await.unwrap());
        }
        assert_eq!(winners, 1, "{}: exactly one writer moves the post", store.engine());
        for n in 0..16 {
            assert!(store.meta_get(&format!("writer {n}")).await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn a_taken_key_is_a_conflict_and_a_missing_parent_a_constraint() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let workspace = Workspace { id: seed.workspace, name: "again".to_owned(), created_at: START };
        let mut tx = store.begin().await.unwrap();
        let taken = tx.workspace_insert(&workspace, seed.user).await.unwrap_err();
        assert!(matches!(taken, StoreError::Conflict("workspace")), "{}: {taken}", store.engine());
        drop(tx);

        let mut orphan = seed.post(1, PostState::Draft);
        orphan.workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(99));
        let mut tx = store.begin().await.unwrap();
        // PostgreSQL refuses the statement, SQLite too: the keys are checked at once, not at the commit.
        let refused = tx.post_insert(&orphan).await.unwrap_err();
        assert!(matches!(refused, StoreError::Constraint(_)), "{}: {refused}", store.engine());
        drop(tx);

        let mut tx = store.begin().await.unwrap();
        let refused = tx.person_set_preferences(seed.user, "de", "Europe/Berlin", "dark").await.unwrap_err();
        assert!(matches!(refused, StoreError::Constraint(_)), "{}: {refused}", store.engine());
    }
}

#[tokio::test]
async fn the_store_opens_again_with_everything_that_was_committed() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        tx.meta_put("key", "kept").await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        let closed = store.meta_get("key").await.unwrap_err();
        assert!(matches!(closed, StoreError::Unavailable(_)) && closed.is_retryable());
        let again = store::Store::open(store.url()).await.unwrap();
        assert_eq!(again.meta_get("key").await.unwrap().as_deref(), Some("kept"));
        again.close().await;
    }
}

#[tokio::test]
async fn the_clock_of_the_database_is_near_ours_and_never_zero() {
    for store in engines().await {
        let first = store.now_db().await.unwrap();
        let second = store.now_db().await.unwrap();
        assert!(first > START.plus_seconds(-86_400 * 365), "{}: {first:?}", store.engine());
        assert!((0..60_000).contains(&second.millis_since(first)));
    }
}

#[tokio::test]
async fn readers_of_sqlite_cannot_write() {
    let store = store::testing::sqlite().await;
    assert_eq!(store.engine(), Engine::Sqlite);
    let refused = store::testing::write_through_reader(&store).await.unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

#[tokio::test]
async fn a_server_that_dies_during_the_commit_leaves_the_outcome_open() {
    let Some(store) = store::testing::postgres().await else { return };
    let mut tx = store.begin().await.unwrap();
    tx.meta_put("key", "perhaps").await.unwrap();
    store::testing::kill_connection(&store, &mut tx).await;
    let unknown = tx.commit().await.unwrap_err();
    assert!(matches!(unknown, StoreError::CommitUnknown), "{unknown}");
    assert_eq!(store.meta_get("key").await.unwrap(), None, "the rows tell what happened");
}
