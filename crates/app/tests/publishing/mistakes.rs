//! Our own program fails: the row is given back, later each time, and after three times a person is asked.

use domain::attempt::Kind;
use domain::post::PostState;
use store::testing::engines;

use crate::world::World;

#[tokio::test]
async fn a_driver_that_panics_once_gives_its_row_back_and_the_post_goes_out() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.chance.fail(true);
        world.start_engine();
        world.until_kind(&post, Kind::Ready, 60).await;
        world.pass(3).await;
        world.chance.fail(false);
        world.until_state(&post, PostState::Published, 120).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn an_attempt_on_which_every_driver_panics_is_handed_to_a_person_and_stops_nobody_else() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.chance.fail(true);
        world.start_engine();
        let parked = world.until_state(&post, PostState::NeedsAttention, 120).await;
        assert_eq!(parked.problem.unwrap().code, "engine-failed");
        assert_eq!(world.kind(&post).await, Some(Kind::Dead));
        assert_eq!(world.inits(), 0);
        world.chance.fail(false);
        let next = world.scheduled(5).await;
        world.until_state(&next, PostState::Published, 60).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn after_the_last_chunk_a_failing_program_asks_a_person_and_claims_nothing() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.chance.fail(true);
        let asked = world.until_state(&post, PostState::NeedsAttention, 300).await;
        assert_eq!(asked.problem.unwrap().code, "outcome-unknown-engine");
        assert_eq!(world.kind(&post).await, Some(Kind::Uncertain));
        assert_eq!(world.inits(), 1);
    }
}
