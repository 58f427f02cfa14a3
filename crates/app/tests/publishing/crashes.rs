//! A crash in every state and at any instant: the next process continues the same attempt, and the post is out once.

use domain::attempt::Kind;
use domain::post::{Delivery, PostState};
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::World;

/// Crashes once in a state that a slow answer makes long enough to be met.
async fn crash_in(kind: Kind, slow: Route, size: usize, inits: usize) {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(size).await;
        let post = world.plan(&media, Delivery::Direct, 200).await;
        world.fault(FaultRule::once(slow, FaultAction::Latency(300)));
        world.start_engine();
        world.until_kind(&post, kind, 300).await;
        if kind == Kind::InitSent {
            world.at_once("asked", |world| !world.calls(slow).is_empty()).await;
        }
        world.crash().await;
        assert_eq!(world.kind(&post).await, Some(kind), "met in the right state");
        world.start_engine();
        world.until_state(&post, PostState::Published, 400).await;
        assert_eq!(world.inits(), inits, "{:#?}", world.log(&post).await);
        assert_eq!(world.sim.posts().len(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f01_a_crash_before_anything_was_sent() {
    crash_in(Kind::Ready, Route::CreatorInfo, 100_000, 1).await;
}

#[tokio::test]
async fn f01_a_crash_while_the_init_is_answered_costs_one_init() {
    crash_in(Kind::InitSent, Route::VideoInit, 100_000, 2).await;
}

#[tokio::test]
async fn f02_a_crash_in_the_middle_of_the_upload_goes_on_at_tiktoks_offset() {
    crash_in(Kind::Uploading, Route::Upload, 16_000_000, 1).await;
}

#[tokio::test]
async fn f06_a_crash_while_the_last_chunk_is_answered_never_inits_again() {
    crash_in(Kind::FinalIntent, Route::UploadFinalChunk, 100_000, 1).await;
}

#[tokio::test]
async fn f14_a_crash_while_tiktok_works_only_asks_again() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.pass(600).await;
        world.crash().await;
        let asked = world.calls(Route::Status).len();
        world.start_engine();
        world.pass(1).await;
        assert!(world.calls(Route::Status).len() <= asked + 1, "the schedule goes on where it was");
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f01_crashes_at_any_instant_never_make_two_and_never_lose_one() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let mut pause_us: u64 = 1500;
        for round in 0..8_u64 {
            let media = world.file(if round % 4 == 3 { 16_000_000 } else { 100_000 }).await;
            let post = world.plan(&media, Delivery::Direct, 1).await;
            let mut crashes = 0;
            while world.post(&post).await.state != PostState::Published && crashes < 12 {
                world.start_engine();
                // a different instant each time: an irregular walk through the whole run
                pause_us = (pause_us * 7919 + 1009) % 60_000;
                world.sim.advance(700);
                tokio::time::sleep(std::time::Duration::from_micros(2000 + pause_us)).await;
                world.sim.advance(700);
                world.crash().await;
                crashes += 1;
                world.check(&post).await;
            }
            world.start_engine();
            let out = world.until_state(&post, PostState::Published, 600).await;
            assert_eq!(out.problem, None);
            world.check(&post).await;
            world.crash().await;
            world.sim.advance(61_000);
        }
        assert_eq!(world.sim.posts().len(), 8);
    }
}

#[tokio::test]
async fn f22_two_nodes_on_one_database_publish_each_post_once_even_when_one_dies() {
    // SQLite belongs to one process; only PostgreSQL is shared.
    let Some(store) = store::testing::postgres().await else { return };
    let mut world = World::new(store).await;
    let mut posts = Vec::new();
    for _ in 0..6 {
        posts.push(world.scheduled(10).await);
    }
    world.start_engine();
    let second = world.another_node().await;
    world.until_kind(&posts[2], Kind::HandedOver, 60).await;
    second.kill().await;
    let third = world.another_node().await;
    for post in &posts {
        world.until_state(post, PostState::Published, 600).await;
        world.check(post).await;
    }
    third.stop().await;
    assert_eq!(world.sim.posts().len(), 6);
}
