//! Lost and broken answers at each call: never a second post, never a lost one.

use domain::attempt::{Evidence, Kind, PersonAnswer, State};
use domain::post::PostState;
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::{World, status, status_after};

/// One post with one fault; it has to come out exactly once with so many inits.
async fn once(fault: FaultRule, inits: usize) {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(fault.clone());
        world.start_engine();
        world.until_state(&post, PostState::Published, 300).await;
        assert_eq!(world.inits(), inits, "{:#?}", world.log(&post).await);
        assert_eq!(world.sim.posts().len(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f03_a_lost_answer_of_the_init_costs_one_more_init() {
    once(FaultRule::once(Route::VideoInit, FaultAction::DropAfter), 2).await;
}

#[tokio::test]
async fn f04_a_truncated_answer_of_the_init_is_an_unknown_one() {
    once(FaultRule::once(Route::VideoInit, FaultAction::Truncate(20)), 2).await;
}

#[tokio::test]
async fn f06_a_lost_answer_of_the_last_chunk_is_settled_by_asking() {
    once(FaultRule::once(Route::UploadFinalChunk, FaultAction::DropAfter), 1).await;
}

#[tokio::test]
async fn f07_a_last_chunk_that_arrived_by_half_is_sent_again_to_the_same_task() {
    once(FaultRule::once(Route::UploadFinalChunk, FaultAction::ResetAfter(50_000)), 1).await;
}

#[tokio::test]
async fn f08_a_server_error_after_a_processed_last_chunk_is_settled_by_asking() {
    once(FaultRule::once(Route::UploadFinalChunk, status_after(502)), 1).await;
}

#[tokio::test]
async fn f09_a_server_error_instead_of_processing_leads_to_the_same_task_again() {
    once(FaultRule::once(Route::UploadFinalChunk, status(500, "")), 1).await;
}

#[tokio::test]
async fn f11_a_404_on_a_complete_upload_is_no_verdict() {
    once(FaultRule::once(Route::UploadFinalChunk, status_after(404)), 1).await;
}

#[tokio::test]
async fn f30_a_401_while_polling_renews_the_token_and_asks_again() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::once(Route::Status, status(401, "access_token_invalid")));
        world.start_engine();
        world.until_state(&post, PostState::Published, 120).await;
        assert_eq!(world.inits(), 1);
        assert_eq!(world.calls(Route::Token).len(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f18_a_429_is_waited_out_and_the_post_stays_one() {
    for route in [Route::CreatorInfo, Route::Status] {
        once(FaultRule::once(route, status(429, "rate_limit_exceeded")), 1).await;
    }
}

#[tokio::test]
async fn f19_server_errors_of_every_read_only_delay() {
    for route in [Route::CreatorInfo, Route::Status] {
        let rule = FaultRule { times: Some(4), ..FaultRule::always(route, status(503, "")) };
        once(rule, 1).await;
    }
}

#[tokio::test]
async fn f12_an_upload_that_never_completes_is_dead_by_tiktoks_word_and_never_repeated_late() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::always(Route::UploadFinalChunk, FaultAction::DropBefore));
        world.start_engine();
        world.until_kind(&post, Kind::FinalIntent, 60).await;
        let held = world.until_state(&post, PostState::NeedsAttention, 4 * 3600).await;
        assert_eq!(held.problem.unwrap().code, "too-late");
        let first = world.attempts(&post).await.remove(0);
        let State::Dead { evidence, .. } = first.state else {
            panic!("not dead");
        };
        assert!(matches!(evidence, Evidence::Failed { .. } | Evidence::UrlExpired { .. }), "{evidence:?}");
        assert_eq!(world.sim.posts().len(), 0);
        world.check(&post).await;
        // the person says: publish now
        world.sim.clear_faults();
        world.app.retry_post(&world.actor(), post.id).await.unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_task_that_tiktok_does_not_know_asks_a_person_and_their_no_publishes_again() {
    for store in engines().await {
        let mut world = World::new(store).await;
        // Due at once, so that TikTok is not asked for its clock before the last chunk.
        let post = world.scheduled(0).await;
        world.fault(FaultRule::always(Route::UploadFinalChunk, FaultAction::DropBefore));
        world.fault(FaultRule::always(Route::Status, status(400, "invalid_publish_id")));
        world.start_engine();
        let asked = world.until_state(&post, PostState::NeedsAttention, 120).await;
        assert_eq!(asked.problem.unwrap().code, "outcome-unknown-task");
        assert_eq!(world.kind(&post).await, Some(Kind::Uncertain));
        world.pass(2 * 3600).await;
        assert_eq!(world.inits(), 1, "nothing is repeated by itself");
        let answer = PersonAnswer::ItIsNotThere;
        world.sim.clear_faults();
        world.app.resolve_uncertain(&world.actor(), post.id, answer).await.unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        assert_eq!(world.inits(), 2);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn not_there_is_no_answer_while_tiktok_may_still_work_on_the_post() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(0).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.fault(FaultRule::always(Route::Status, status(400, "invalid_publish_id")));
        world.start_engine();
        world.until_state(&post, PostState::NeedsAttention, 120).await;
        let detail = world.app.post_detail(&world.actor(), post.id).await.unwrap();
        let opens = detail.absence_too_soon_until().expect("the page says from when it is one");
        let left = opens.millis_since(world.now());
        assert!((7_100_000..=7_200_000).contains(&left), "the URL's hour and one more: {left} ms");

        let said_at_once = world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await;
        assert!(matches!(said_at_once, Err(app::Error::Conflict { code: "absence-too-soon" })), "{said_at_once:?}");
        assert_eq!(world.kind(&post).await, Some(Kind::Uncertain), "the question stays");
        // The post comes after all.
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.pass(60).await;
        assert_eq!(world.sim.posts().len(), 1);
        world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsThere).await.unwrap();
        assert_eq!(world.post(&post).await.state, PostState::Published);
        assert_eq!((world.inits(), world.sim.posts().len()), (1, 1), "I1");
    }
}
