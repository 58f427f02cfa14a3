//! Nothing goes wrong: a direct post, an inbox draft, several at once.

use domain::attempt::Kind;
use domain::post::{Delivery, PostState};
use domain::push::Told;
use store::Session;
use store::push::PushTarget;
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::World;

#[tokio::test]
async fn a_scheduled_post_is_out_once_at_its_time_and_gets_its_link() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.start_engine();
        world.pass(25).await;
        assert_eq!(world.post(&post).await.state, PostState::Scheduled);
        world.pass(33).await;
        assert_eq!(world.inits(), 1, "TikTok has been asked for a task");
        assert_eq!(world.last_chunks().len(), 0, "and nothing was sent that could become visible");
        let out = world.until_state(&post, PostState::Published, 60).await;
        assert!(out.published_at.unwrap() >= out.due_at.unwrap());
        world.pass(60).await;
        let linked = world.post(&post).await;
        let ledger = world.sim.posts();
        assert_eq!(linked.tiktok_ids, [ledger[0].post_id.to_string()]);
        assert!(!ledger[0].comment_disabled && !ledger[0].duet_disabled);
        assert_eq!(world.inits(), 1);
        assert_eq!(
            world.log(&post).await,
            [
                "1 None -> Ready started",
                "1 Some(Ready) -> InitSent init_announced",
                "1 Some(InitSent) -> InitAcked task_received",
                "1 Some(InitAcked) -> FinalIntent released",
                "1 Some(FinalIntent) -> HandedOver all_bytes_taken",
                "1 Some(HandedOver) -> Published tiktok_published",
                "1 Some(Published) -> Published ids_known",
            ]
        );
        world.check(&post).await;
    }
}

#[tokio::test]
async fn an_inbox_draft_is_delivered_and_later_published_by_its_creator() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(100_000).await;
        let post = world.plan(&media, Delivery::Inbox, 5).await;
        world.start_engine();
        world.until_state(&post, PostState::InInbox, 60).await;
        assert_eq!(world.calls(Route::CreatorInfo).len(), 0, "a draft has no options");
        let task = world.sim.tasks().remove(0);
        assert_eq!(task.channel, "inbox_file");
        world.sim.publish_draft(&task.publish_id, "PUBLIC_TO_EVERYONE").unwrap();
        world.until_state(&post, PostState::Published, 900).await;
        assert_eq!(world.kind(&post).await, Some(Kind::Published));
    }
}

#[tokio::test]
async fn ten_posts_of_one_account_due_together_keep_tiktoks_rate() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let mut posts = Vec::new();
        for _ in 0..10 {
            posts.push(world.scheduled(10).await);
        }
        world.start_engine();
        for post in &posts {
            world.until_state(post, PostState::Published, 240).await;
        }
        for post in &posts {
            world.check(post).await;
        }
        assert_eq!(world.inits(), 10);
        let refused = world.sim.journal().iter().filter(|call| call.status == Some(429)).count();
        assert_eq!(refused, 0, "TikTok never has to say no");
    }
}

#[tokio::test]
async fn a_stopped_engine_gives_its_rows_back_and_the_next_one_goes_on() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.stop_engine().await;
        let waiting = world.store.work_ahead().await.unwrap().attempt_at();
        assert!(waiting.is_some(), "nobody holds the row");
        world.start_engine();
        world.until_state(&post, PostState::Published, 60).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_stop_finishes_what_was_announced_and_leaves_no_row_in_anybodys_hands() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::once(Route::UploadFinalChunk, FaultAction::Latency(1000)));
        world.start_engine();
        world.until_kind(&post, Kind::FinalIntent, 60).await;
        world.stop_engine().await;
        assert_eq!(world.kind(&post).await, Some(Kind::HandedOver), "its answer was waited for");
        let mut tx = world.store.begin().await.unwrap();
        assert_eq!(tx.attempt_owners().await.unwrap(), Vec::<String>::new());
        tx.rollback().await.unwrap();
        world.start_engine();
        world.until_state(&post, PostState::Published, 60).await;
        assert_eq!(world.last_chunks().len(), 1);
        world.check(&post).await;
    }
}

/// A browser of the world's person is told everything.
async fn told(world: &World) {
    let actor = world.actor();
    let now = world.now();
    let session = Session {
        id: actor.session_id,
        secret_hash: "of-a-browser".to_owned(),
        user_id: actor.user_id,
        workspace_id: actor.workspace_id,
        device: "Firefox on Android".to_owned(),
        ip: "127.0.0.1".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(86_400),
    };
    let text = || "x".to_owned();
    let target = PushTarget { endpoint: text(), p256dh: text(), auth: text() };
    let mut tx = world.store.begin().await.unwrap();
    tx.session_insert(&session).await.unwrap();
    tx.push_put(actor.user_id, session.id, &target, (true, true), now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_becomes_of_a_post_by_itself_waits_for_the_browsers_that_asked() {
    for store in engines().await {
        let mut world = World::new(store).await;
        told(&world).await;
        let out = world.scheduled(5).await;
        let lost = world.scheduled(200).await;
        let media = world.file(100_000).await;
        let draft = world.plan(&media, Delivery::Inbox, 5).await;
        world.start_engine();
        world.until_state(&out, PostState::Published, 120).await;
        world.until_state(&draft, PostState::InInbox, 120).await;
        let file = world.store.media_any(lost.media_id).await.unwrap().unwrap();
        world.lose(&file).await;
        world.pass(400).await;
        let lost_state = world.post(&lost).await.state;
        let now = world.now();
        let mut tasks = Vec::new();
        for one in world.store.push_due(now, 10).await.unwrap() {
            let mut tx = world.store.begin().await.unwrap();
            tasks.extend(tx.push_claim(one, now, now.plus_seconds(300)).await.unwrap());
            tx.commit().await.unwrap();
        }
        tasks.sort_by_key(|task| task.number);
        let by: Vec<_> = tasks.iter().map(|task| (task.told, task.subject.clone())).collect();
        let stopped = match lost_state {
            PostState::Failed => Told::Failed,
            PostState::NeedsAttention => Told::Waits,
            other => panic!("{other:?}"),
        };
        assert_eq!(by.len(), 3, "{by:?}");
        for wanted in [
            (Told::Published, out.id.to_string()),
            (Told::InInbox, draft.id.to_string()),
            (stopped, lost.id.to_string()),
        ] {
            assert!(by.contains(&wanted), "{wanted:?} in {by:?}");
        }
        assert!(tasks.iter().all(|task| task.happened_at <= now && task.tries == 1 && task.holds));
    }
}
