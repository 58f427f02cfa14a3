//! The rest of an account: what it stops, what it is too late for, and what goes out when it ends.

use domain::attempt::Kind;
use domain::post::{Delivery, PostState};
use store::testing::engines;

use crate::world::World;

#[tokio::test]
async fn nothing_goes_out_while_an_account_rests_and_everything_in_time_goes_when_it_ends() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (due, later) = (world.scheduled(60).await, world.scheduled(400).await);
        world.app.pause(&world.actor(), due.connection_id).await.unwrap();
        world.start_engine();
        world.pass(200).await;
        assert_eq!(world.post(&due).await.state, PostState::Scheduled);
        assert_eq!(world.attempts(&due).await.len(), 0, "it is not even begun");
        assert_eq!(world.inits(), 0);
        let waiting = world.app.waiting(&world.actor(), due.connection_id).await.unwrap();
        assert_eq!((waiting.now.len(), waiting.later), (1, 1));
        assert_eq!(world.store.backlog(world.now()).await.unwrap().posts, 0, "what rests is not late");
        world.app.resume(&world.actor(), due.connection_id).await.unwrap();
        world.until_state(&due, PostState::Published, 120).await;
        world.until_state(&later, PostState::Published, 400).await;
        world.check(&due).await;
        world.check(&later).await;
    }
}

#[tokio::test]
async fn a_rest_stops_what_is_being_sent_and_names_itself_in_the_log() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 600).await;
        let paused = world.app.pause(&world.actor(), post.connection_id).await.unwrap();
        assert_eq!((paused.stopped, paused.too_late), (1, 0));
        let stopped = world.post(&post).await;
        assert_eq!((stopped.state, stopped.consent_id), (PostState::Scheduled, post.consent_id));
        assert!(world.log(&post).await.iter().any(|line| line.contains("paused")), "{:?}", world.log(&post).await);
        world.pass(900).await;
        assert_eq!((world.last_chunks().len(), world.sim.posts().len()), (0, 0), "I4");
        world.app.resume(&world.actor(), post.connection_id).await.unwrap();
        world.until_state(&post, PostState::Published, 300).await;
        assert_eq!(world.sim.posts().len(), 1, "I1");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn what_tiktok_has_whole_comes_out_although_its_account_rests() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        let paused = world.app.pause(&world.actor(), post.connection_id).await.unwrap();
        assert_eq!((paused.stopped, paused.too_late), (0, 1));
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_post_that_rested_too_long_asks_its_owner_first() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.app.pause(&world.actor(), post.connection_id).await.unwrap();
        world.start_engine();
        let too_long = i64::from(world.app.settings.hold_when_late_minutes) * 60 + 120;
        world.pass(60 + too_long).await;
        let waiting = world.app.waiting(&world.actor(), post.connection_id).await.unwrap();
        assert_eq!((waiting.now.len(), waiting.asked.len()), (0, 1));
        world.app.resume(&world.actor(), post.connection_id).await.unwrap();
        let held = world.until_state(&post, PostState::NeedsAttention, 120).await;
        assert_eq!(held.problem.map(|problem| problem.code), Some("too-late".to_owned()));
        assert_eq!(world.sim.posts().len(), 0);
    }
}

#[tokio::test]
async fn a_second_rest_counts_although_the_posts_had_waited_their_turn_before_it() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let mut posts = Vec::new();
        for due in [60, 61, 62] {
            posts.push(world.scheduled(due).await);
        }
        let account = posts[0].connection_id;
        world.app.pause(&world.actor(), account).await.unwrap();
        world.start_engine();
        world.pass(600).await;
        world.app.resume(&world.actor(), account).await.unwrap();
        world.until_state(&posts[0], PostState::Published, 120).await;
        assert_eq!(world.post(&posts[2]).await.state, PostState::Scheduled, "it waits its turn");
        world.app.pause(&world.actor(), account).await.unwrap();
        world.pass(3 * 3_600).await;
        let waiting = world.app.waiting(&world.actor(), account).await.unwrap();
        assert_eq!((waiting.now.len(), waiting.asked.len()), (0, 2), "what is said before the rest ends");
        world.app.resume(&world.actor(), account).await.unwrap();
        for post in &posts[1..] {
            let held = world.until_state(post, PostState::NeedsAttention, 3_600).await;
            assert_eq!(held.problem.map(|problem| problem.code), Some("too-late".to_owned()));
        }
        assert_eq!(world.sim.posts().len(), 1);
    }
}

#[tokio::test]
async fn posts_that_were_looked_at_before_a_rest_go_out_with_pauses_after_it() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let mut posts = Vec::new();
        for due in [400, 700, 1_000] {
            posts.push(world.scheduled(due).await);
        }
        let account = posts[0].connection_id;
        world.start_engine();
        // All of them are in the plan by now, none has begun.
        world.pass(100).await;
        world.app.pause(&world.actor(), account).await.unwrap();
        world.pass(1_020).await;
        let waiting = world.app.waiting(&world.actor(), account).await.unwrap();
        assert_eq!((waiting.now.len(), waiting.asked.len()), (3, 0));
        world.app.resume(&world.actor(), account).await.unwrap();
        for post in &posts {
            world.until_state(post, PostState::Published, 1_500).await;
            world.check(post).await;
        }
        let times: Vec<i64> = world.last_chunks().iter().map(|call| call.at_ms).collect();
        assert_eq!(times.len(), 3);
        let apart = i64::from(waiting.spacing_minutes) * 60_000 - 5_000;
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= apart), "{times:?}");
    }
}

#[tokio::test]
async fn a_post_in_doubt_rests_as_it_is_and_goes_on_afterwards() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 600).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 600).await;
        world.crash().await;
        world.backup().await;
        let other = world.scheduled(5).await;
        world.start_engine();
        world.until_state(&other, PostState::Published, 60).await;
        world.crash().await;
        world.lose_commits().await;
        world.start_engine();
        world.pass(5).await;
        let paused = world.app.pause(&world.actor(), post.connection_id).await.unwrap();
        assert_eq!((paused.stopped, paused.too_late, paused.in_doubt), (0, 0, 1));
        world.pass(60).await;
        assert_eq!(world.last_chunks().len(), 1, "only the other one's");
        world.app.resume(&world.actor(), post.connection_id).await.unwrap();
        world.until_state(&post, PostState::Published, 700).await;
        world.check(&post).await;
        world.check(&other).await;
    }
}

#[tokio::test]
async fn a_post_that_is_published_again_on_a_resting_account_is_told_to_wait() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.sim.advance(3 * 3_600_000);
        world.start_engine();
        world.until_state(&post, PostState::NeedsAttention, 60).await;
        world.app.pause(&world.actor(), post.connection_id).await.unwrap();
        world.app.retry_post(&world.actor(), post.id).await.unwrap();
        assert_eq!(world.post(&post).await.state, PostState::Scheduled);
        let last = world.store.events(post.id).await.unwrap().pop().unwrap();
        assert_eq!((last.kind.as_str(), last.actor_id.is_some()), ("waits_for_resume", true));
        world.pass(120).await;
        assert_eq!(world.inits(), 0);
    }
}
