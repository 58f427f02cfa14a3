//! The wall clock is set while posts wait: never early, never late for the wrong reason, and TikTok's Date settles it.

use domain::attempt::Kind;
use domain::post::{Delivery, PostState};
use store::testing::engines;

use crate::world::World;

const HOURS_6_MS: i64 = 6 * 3_600_000;

#[tokio::test]
async fn f25_a_clock_set_six_hours_ahead_publishes_nothing_early_and_calls_nothing_late() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(900).await;
        let due_ms = post.due_at.unwrap().millis();
        world.start_engine();
        world.pass(10).await;
        world.set_wall(HOURS_6_MS);
        world.pass(120).await;
        assert_eq!(world.inits(), 0, "TikTok's clock says that it is not due");
        assert_eq!(world.post(&post).await.problem, None, "it is not late");
        world.set_wall(-HOURS_6_MS);
        world.until_state(&post, PostState::Published, 900).await;
        let out = world.last_chunks()[0].at_ms;
        assert!((due_ms..due_ms + 60_000).contains(&out), "{} s after its time", (out - due_ms) / 1000);
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f25_a_clock_set_back_makes_a_post_late_and_its_waits_end_when_the_clock_is_right_again() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 600).await;
        world.set_wall(-HOURS_6_MS);
        world.pass(660).await;
        assert_eq!(world.last_chunks().len(), 0, "late, never early");
        world.set_wall(HOURS_6_MS);
        world.until_state(&post, PostState::Published, 300).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f25_a_clock_that_was_wrong_before_the_start_holds_nothing_as_overdue() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let mut posts = Vec::new();
        for _ in 0..5 {
            posts.push(world.scheduled(600).await);
        }
        world.set_wall(HOURS_6_MS);
        world.start_engine();
        world.pass(100).await;
        assert_eq!(world.inits(), 0);
        for post in &posts {
            assert_eq!(world.post(post).await.problem, None, "held by a wrong clock");
        }
        world.set_wall(-HOURS_6_MS);
        for post in &posts {
            world.until_state(post, PostState::Published, 700).await;
            world.check(post).await;
        }
    }
}
