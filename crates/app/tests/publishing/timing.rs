//! On time: upload ahead, hold the last chunk, release at the due time; late posts are held.

use domain::attempt::Kind;
use domain::post::{Delivery, PostState};
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::{Setting, World};

#[tokio::test]
async fn a_larger_file_is_uploaded_ahead_and_its_last_chunk_leaves_at_the_due_time() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        let due_ms = post.due_at.unwrap().millis();
        world.start_engine();
        world.pass(595).await;
        world.until_state(&post, PostState::Published, 60).await;
        let init = world.calls(Route::VideoInit)[0].at_ms;
        assert!(init < due_ms - 60_000, "begun {} s ahead", (due_ms - init) / 1000);
        let last = world.last_chunks();
        assert_eq!(last.len(), 1);
        let late_ms = last[0].at_ms - due_ms;
        assert!((0..=2000).contains(&late_ms), "{late_ms} ms late");
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn with_early_upload_off_nothing_is_sent_before_the_due_time() {
    for store in engines().await {
        let setting = Setting { early_upload: false, ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 300).await;
        world.start_engine();
        world.pass(299).await;
        assert_eq!(world.sim.journal().len(), 0);
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn under_a_limit_files_leave_no_faster_and_are_still_out_on_time() {
    for store in engines().await {
        let setting = Setting { upload_rate: Some(10_000_000), ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        let due_ms = post.due_at.unwrap().millis();
        world.start_engine();
        world.until_state(&post, PostState::Published, 700).await;
        let begun: Vec<i64> = world.calls(Route::Upload).iter().map(|call| call.at_ms - due_ms).collect();
        let [first, second, last] = begun.as_slice() else { panic!("three chunks: {begun:?}") };
        assert!(second - first >= 400, "5 MB at 10 MB/s: {begun:?}");
        assert!(*second < -60_000 && (0..=2000).contains(last), "{begun:?}");
        let out = world.post(&post).await.published_at.unwrap();
        assert!(out.millis() - due_ms >= 400, "the last chunk took its time, too");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_file_that_the_limit_cannot_carry_beside_another_begins_when_that_one_is_done() {
    for store in engines().await {
        // In half an hour, half of what an address lives, 1.8 MB leave.
        let setting = Setting { upload_rate: Some(1_000), ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let mut posts = Vec::new();
        for (bytes, due_s) in [(1_500_000, 120), (400_000, 123), (200_000, 126)] {
            let media = world.file(bytes).await;
            posts.push(world.plan(&media, Delivery::Direct, due_s).await);
        }
        let [first, second, third] = posts.as_slice() else { panic!("three posts") };
        world.start_engine();
        world.pass(110).await;
        assert_eq!(world.inits(), 1, "the third would fit beside the first, but it is not its turn");
        world.app.cancel(&world.actor(), first.id).await.unwrap();
        // The first one's worker notices at the due time, the others ask every 15 seconds.
        for _ in 0..30 {
            if world.inits() > 1 {
                break;
            }
            world.pass(1).await;
        }
        let begun = [world.kind(second).await, world.kind(third).await];
        assert!(begun.iter().flatten().any(|kind| *kind != Kind::Ready), "{begun:?}");
    }
}

#[tokio::test]
async fn f05_a_lost_answer_of_a_chunk_is_resumed_where_tiktok_is() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(22_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        world.fault(FaultRule::once(Route::Upload, FaultAction::DropAfter));
        world.fault(FaultRule::once(Route::Upload, FaultAction::ResetAfter(1_000_000)).after(1));
        world.start_engine();
        world.until_state(&post, PostState::Published, 700).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f37_a_post_found_half_an_hour_late_is_held_until_its_owner_says_so() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.sim.advance(1_860_000);
        world.start_engine();
        let held = world.until_state(&post, PostState::NeedsAttention, 30).await;
        assert_eq!(held.problem.unwrap().code, "too-late");
        assert_eq!(world.sim.journal().len(), 1, "TikTok was asked for the time only");
        assert_eq!(world.inits(), 0);
        world.app.retry_post(&world.actor(), post.id).await.unwrap();
        world.until_state(&post, PostState::Published, 60).await;
        assert_eq!(world.kind(&post).await, Some(Kind::Published));
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f17_ids_that_come_hours_later_are_added_to_the_published_post() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.start_engine();
        let out = world.until_state(&post, PostState::Published, 60).await;
        assert!(out.tiktok_ids.is_empty(), "moderation has not ended");
        world.pass(60).await;
        let linked = world.post(&post).await;
        assert_eq!(linked.tiktok_ids.len(), 1);
        assert_eq!(linked.state, PostState::Published);
        let asked = world.calls(Route::Status).len();
        world.pass(7200).await;
        assert_eq!(world.calls(Route::Status).len(), asked, "nobody asks any more");
    }
}
