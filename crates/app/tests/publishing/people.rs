//! What people do while an attempt runs: cancel, disconnect, change; and what webhooks do.

use app::Error;
use app::publishing::{CancelOutcome, cancel_live_attempt, webhook_hint};
use domain::attempt::{Kind, PersonAnswer};
use domain::post::{Delivery, PostState};
use store::Post;
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::World;

async fn cancelled(world: &World, post: &Post) -> CancelOutcome {
    let mut tx = world.store.begin().await.unwrap();
    let outcome = cancel_live_attempt(&mut tx, post.id, world.now(), "cancelled").await.unwrap();
    if outcome != CancelOutcome::TooLate {
        let from = [PostState::Scheduled, PostState::Publishing];
        assert!(tx.post_set_state(post.id, &from, PostState::Cancelled, world.now()).await.unwrap());
    }
    tx.commit().await.unwrap();
    outcome
}

#[tokio::test]
async fn r8_a_cancel_before_the_last_chunk_holds_even_with_bytes_on_their_way() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 600).await;
        assert_eq!(cancelled(&world, &post).await, CancelOutcome::Stopped);
        world.pass(700).await;
        assert_eq!(world.post(&post).await.state, PostState::Cancelled);
        assert_eq!(world.last_chunks().len(), 0, "I4");
        assert_eq!(world.sim.posts().len(), 0);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn r8_a_cancel_after_the_last_chunk_is_refused_and_changes_nothing() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        assert_eq!(cancelled(&world, &post).await, CancelOutcome::TooLate);
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_cancel_before_the_start_leaves_no_attempt_at_all() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.start_engine();
        assert_eq!(cancelled(&world, &post).await, CancelOutcome::NoLiveAttempt);
        world.pass(90).await;
        assert_eq!(world.attempts(&post).await, []);
        assert_eq!(world.inits(), 0);
    }
}

#[tokio::test]
async fn pp_7_5_i12_after_a_disconnect_nothing_but_the_revocation_bears_the_accounts_token() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 300).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 300).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        let before = world.sim.journal().len();
        world.pass(400).await;
        let parked = world.post(&post).await;
        assert_eq!(parked.state, PostState::NeedsAttention);
        assert_eq!(parked.problem.unwrap().code, "disconnected");
        for call in &world.sim.journal()[before..] {
            let bearer = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            assert!(!bearer, "{call:?}");
        }
        assert_eq!(world.sim.posts().len(), 0);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_disconnect_after_the_last_chunk_asks_the_person_what_they_see() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        let asked = world.post(&post).await;
        assert_eq!(asked.state, PostState::NeedsAttention);
        assert_eq!(asked.problem.unwrap().code, "outcome-unknown-disconnected");
        let answer = domain::attempt::PersonAnswer::ItIsThere;
        world.app.resolve_uncertain(&world.actor(), post.id, answer).await.unwrap();
        assert_eq!(world.post(&post).await.state, PostState::Published);
        assert_eq!(world.inits(), 1);
    }
}

#[tokio::test]
async fn a_clock_that_was_set_ahead_does_not_make_not_there_an_answer() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        world.set_wall(3 * 3_600_000);
        let answered = world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await;
        assert!(matches!(answered, Err(Error::Conflict { code: "absence-clock-unsure" })), "{answered:?}");
        assert_eq!(world.kind(&post).await, Some(Kind::Uncertain));
    }
}

#[tokio::test]
async fn a_webhook_only_makes_us_look_at_once() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.pass(240).await;
        let publish_id = world.sim.tasks()[0].publish_id.clone();
        let asked = world.calls(Route::Status).len();
        assert!(webhook_hint(&world.app, &publish_id).await.unwrap());
        world.at_once("asked", |world| world.calls(Route::Status).len() == asked + 1).await;
        assert_eq!(world.post(&post).await.state, PostState::Publishing);
        assert!(!webhook_hint(&world.app, "v_pub_file~v2-1.0").await.unwrap());
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.pass(1).await;
        assert!(webhook_hint(&world.app, &publish_id).await.unwrap());
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_post_of_another_workspace_cannot_be_retried_or_answered_for() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::always(Route::VideoInit, FaultAction::DropBefore));
        let stranger =
            app::Actor { workspace_id: domain::id::WorkspaceId::from_uuid(uuid::Uuid::from_u128(77)), ..world.actor() };
        let retried = world.app.retry_post(&stranger, post.id).await;
        assert!(matches!(retried, Err(app::Error::NotFound { .. })));
        let answer = domain::attempt::PersonAnswer::ItIsThere;
        let answered = world.app.resolve_uncertain(&stranger, post.id, answer).await;
        assert!(matches!(answered, Err(app::Error::NotFound { .. })));
    }
}

#[tokio::test]
async fn pp_9_3_not_there_is_believed_but_nothing_is_sent_again_under_a_policy_without_an_answer() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.app.disconnect(&world.actor(), world.seed.connection).await.unwrap();
        // Past the day from which the changed policy applies; this person never answered.
        world.stop_engine().await;
        world.sim.advance(33 * 86_400_000);
        world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await.unwrap();
        let parked = world.post(&post).await;
        assert_eq!(parked.state, PostState::NeedsAttention);
        assert_eq!(parked.problem.unwrap().code, "policy-unanswered");
        assert_eq!(world.kind(&post).await, Some(Kind::Dead));
        assert_eq!(world.inits(), 1, "nothing was sent again");
    }
}
