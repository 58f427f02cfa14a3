//! The database's own wall between workspaces. PostgreSQL only: SQLite has no row policies.

use domain::id::{ConnectionId, WorkspaceId};
use domain::post::PostState;
use store::testing::{START, Seed, postgres};
use store::workspace::Workspace;
use store::{Connection, wall};
use uuid::Uuid;

#[tokio::test]
async fn pp_4_5_on_postgresql_the_database_itself_shows_a_request_the_rows_of_its_workspace_alone() {
    let Some(store) = postgres().await else { return };
    let seed = Seed::write(&store).await;
    let post = seed.post(7, PostState::Draft);
    let mut tx = store.begin().await.unwrap();
    tx.post_insert(&post).await.unwrap();
    let elsewhere = WorkspaceId::from_uuid(Uuid::from_u128(0xe15e));
    tx.workspace_insert(&Workspace { id: elsewhere, name: "Elsewhere".to_owned(), created_at: START }, seed.user)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.wall().await.unwrap().unwrap().0, 0);
    assert!(store.raise_wall().await.unwrap() && store.raise_wall().await.unwrap(), "again is nothing");
    let (there, wanted) = store.wall().await.unwrap().unwrap();
    assert!(there == wanted && there > 10, "{there} of {wanted}");

    // The statement that forgets to ask whose it is finds nothing of anybody else's.
    let asked = |workspace| {
        let (store, post) = (&store, &post);
        wall::request(async move {
            wall::within(workspace);
            // A second word does not move it.
            wall::within(seed.workspace);
            (store.post_any(post.id).await.unwrap(), store.connection_any(seed.connection).await.unwrap())
        })
    };
    assert_eq!(asked(elsewhere).await, (None, None));
    let (own, connection) = asked(seed.workspace).await;
    assert_eq!((own.unwrap().id, connection.unwrap().id), (post.id, seed.connection));

    // Nor does it write there.
    let foreign = Connection {
        id: ConnectionId::from_uuid(Uuid::from_u128(99)),
        open_id: "other".to_owned(),
        ..seed.connection_row()
    };
    let written = wall::request(async {
        wall::within(elsewhere);
        let mut tx = store.begin().await.unwrap();
        tx.connection_upsert(&foreign).await
    });
    assert!(written.await.is_err(), "a row of another workspace is refused");
    let moved = wall::request(async {
        wall::within(elsewhere);
        let mut tx = store.begin().await.unwrap();
        tx.post_set_state(post.id, &[PostState::Draft], PostState::Scheduled, START).await.unwrap()
    });
    assert!(!moved.await, "there is nothing to change");

    // The program itself, and the few questions over the wall, see everything.
    assert!(store.post_any(post.id).await.unwrap().is_some());
    let over = wall::request(async {
        wall::within(elsewhere);
        wall::over(store.post_any(post.id)).await.unwrap()
    });
    assert!(over.await.is_some());
}
