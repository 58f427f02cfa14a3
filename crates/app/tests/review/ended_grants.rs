//! What a grant that ended leaves behind: posts with a reason, and no calls for a person who has to come back first.

use domain::connection::ConnectionState;
use domain::post::PostState;
use store::testing::engines;
use tiktok_sim::Route;

use crate::world::World;

#[tokio::test]
async fn a_planned_post_says_that_its_account_was_disconnected() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(86_400).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        let parked = world.post(&post).await;
        assert_eq!(parked.state, PostState::NeedsAttention);
        assert_eq!(parked.problem.map(|problem| problem.code).as_deref(), Some("disconnected"));
    }
}

#[tokio::test]
async fn tokens_of_an_account_that_has_to_be_connected_again_are_not_renewed_for_ever() {
    for store in engines().await {
        let world = World::new(store).await;
        let mut tx = world.store.begin().await.unwrap();
        tx.connection_set_state(world.seed.connection, ConnectionState::ReconnectNeeded, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.sim.advance(48 * 3_600_000);
        assert_eq!(world.app.tokens.refresh_expiring(100).await.unwrap(), 0);
        assert_eq!(world.calls(Route::Token).len(), 0);
    }
}
