//! A person who looked must be able to say what they saw, whatever became of the account meanwhile.

use domain::attempt::{Kind, PersonAnswer};
use domain::post::PostState;
use store::testing::engines;

use crate::world::World;

#[tokio::test]
async fn not_there_is_believed_even_when_the_account_cannot_publish_any_more() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        assert_eq!(world.kind(&post).await, Some(Kind::Uncertain));
        world.pass(2 * 3600).await;
        world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await.unwrap();
        let parked = world.post(&post).await;
        assert_eq!(parked.state, PostState::NeedsAttention);
        assert_eq!(parked.problem.unwrap().code, "disconnected", "not a question any more, but a reason");
        assert_eq!(world.kind(&post).await, Some(Kind::Dead));
        assert_eq!(world.inits(), 1);
        // With the question out of the way the post can be changed again.
        world.app.cancel(&world.actor(), post.id).await.unwrap();
        assert_eq!(world.post(&post).await.state, PostState::Cancelled);
    }
}
