//! The database forgets: rule R9 and the intent journal. Whatever was lost, nothing goes out twice and nothing is concluded from it.

use domain::attempt::{Kind, PersonAnswer};
use domain::post::{Delivery, PostState};
use store::Post;
use store::journal::{Journal, Stage};
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::World;

/// Runs a post until its attempt is in this state, with TikTok's work on it held up, and crashes there.
async fn crash_at(world: &mut World, post: &Post, kind: Kind) {
    world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
    world.start_engine();
    world.until_kind(post, kind, 300).await;
    world.crash().await;
    world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
}

#[tokio::test]
async fn f36_a_forgotten_last_chunk_is_remembered_by_the_journal_and_settled_by_asking() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let media = world.file(16_000_000).await;
        let post = world.plan(&media, Delivery::Direct, 200).await;
        world.start_engine();
        world.until_kind(&post, Kind::Uploading, 200).await;
        world.crash().await;
        world.backup().await;
        crash_at(&mut world, &post, Kind::HandedOver).await;
        world.lose_commits().await;
        assert_eq!(world.kind(&post).await, Some(Kind::Uploading), "the database is behind");
        world.start_engine();
        world.until_state(&post, PostState::Published, 300).await;
        assert_eq!(world.inits(), 1, "{:#?}", world.log(&post).await);
        assert_eq!(world.last_chunks().len(), 1, "the last chunk was not even sent again");
        assert!(world.log(&post).await.iter().any(|line| line.ends_with("-> FinalIntent commits_lost")));
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f36_a_forgotten_task_is_proven_by_its_name_in_the_journal() {
    for (state, lost) in [(Kind::Ready, Route::CreatorInfo), (Kind::InitSent, Route::VideoInit)] {
        for store in engines().await {
            let mut world = World::new(store).await;
            let post = world.scheduled(5).await;
            world.fault(FaultRule::once(lost, FaultAction::Latency(1000)));
            world.start_engine();
            world.until_kind(&post, state, 600).await;
            world.backup().await;
            world.until_kind(&post, Kind::HandedOver, 600).await;
            world.crash().await;
            world.lose_commits().await;
            world.start_engine();
            let out = world.until_state(&post, PostState::Published, 300).await;
            assert_eq!(out.problem, None);
            assert_eq!(world.inits(), 1, "{:#?}", world.log(&post).await);
            assert_eq!(world.sim.posts().len(), 1);
            world.check(&post).await;
        }
    }
}

#[tokio::test]
async fn f37_a_whole_forgotten_attempt_comes_back_as_a_question_that_tiktok_answers() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.backup().await;
        world.start_engine();
        world.until_state(&post, PostState::Published, 60).await;
        world.crash().await;
        world.lose_commits().await;
        assert_eq!(world.post(&post).await.state, PostState::Scheduled, "it looks unpublished");
        assert_eq!(world.attempts(&post).await, []);
        world.start_engine();
        world.until_state(&post, PostState::Published, 60).await;
        assert_eq!(world.inits(), 1);
        assert_eq!(world.sim.posts().len(), 1);
        world.check(&post).await;
        // The next start finds nothing amiss any more.
        world.crash().await;
        let next = world.scheduled(30).await;
        world.start_engine();
        world.until_state(&next, PostState::Published, 120).await;
        assert_eq!(world.store.attempts_doubted().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn r9_an_init_whose_fate_is_forgotten_is_a_question_and_never_a_second_init() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::once(Route::CreatorInfo, FaultAction::Latency(1000)));
        world.fault(FaultRule::once(Route::VideoInit, FaultAction::Latency(20_000)));
        world.start_engine();
        world.until_kind(&post, Kind::Ready, 600).await;
        world.backup().await;
        world.until_kind(&post, Kind::InitSent, 600).await;
        // Announced is not noted yet: what was not noted was not sent either, and may begin anew.
        world.at_once("the init", |world| world.inits() == 1).await;
        world.crash().await;
        let inits = world.inits();
        world.lose_commits().await;
        world.start_engine();
        let asked = world.until_state(&post, PostState::NeedsAttention, 60).await;
        assert_eq!(asked.problem.unwrap().code, "outcome-unknown-commits-lost");
        // A lost commit may have begun what nobody remembers: its URL lives for an hour, and TikTok needs time after that.
        let too_soon = world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await;
        assert!(matches!(too_soon, Err(app::Error::Conflict { code: "absence-too-soon" })), "{too_soon:?}");
        world.pass(120).await;
        world.sim.advance(2 * 3_600_000);
        assert_eq!(world.inits(), inits, "nothing is repeated by itself");
        world.app.resolve_uncertain(&world.actor(), post.id, PersonAnswer::ItIsNotThere).await.unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        assert_eq!(world.sim.posts().len(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn r9_a_cancel_waits_for_proof_while_the_database_is_doubted() {
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
        let refused = world.app.cancel(&world.actor(), post.id).await;
        assert!(matches!(refused, Err(app::Error::Conflict { .. })), "{refused:?}");
        world.until_state(&post, PostState::Published, 700).await;
        assert_eq!(world.inits(), 2);
        world.check(&post).await;
        world.check(&other).await;
    }
}

#[tokio::test]
async fn f37_without_a_journal_the_marker_of_a_restore_holds_everything_overdue() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (overdue, future) = (world.scheduled(5).await, world.scheduled(900).await);
        world.backup().await;
        world.start_engine();
        world.until_state(&overdue, PostState::Published, 60).await;
        world.crash().await;
        world.lose_commits().await;
        // Another machine: nothing is there but the restored database.
        world.forget_the_journal().await;
        let mut tx = world.store.begin().await.unwrap();
        tx.meta_put(app::publishing::RESTORED, "the backup of this morning").await.unwrap();
        tx.commit().await.unwrap();
        world.start_engine();
        let held = world.until_state(&overdue, PostState::NeedsAttention, 30).await;
        assert_eq!(held.problem.unwrap().code, "held-after-restore");
        assert_eq!(world.store.meta_get(app::publishing::RESTORED).await.unwrap(), None, "dealt with");
        world.until_state(&future, PostState::Published, 1200).await;
        assert_eq!(world.inits(), 2, "what is due later went as usual");
        world.app.confirm_published(&world.actor(), overdue.id).await.unwrap();
        assert_eq!(world.post(&overdue).await.state, PostState::Published);
        let again = world.app.confirm_published(&world.actor(), overdue.id).await;
        assert!(matches!(again, Err(app::Error::Conflict { .. })));
        world.check(&overdue).await;
    }
}

#[tokio::test]
async fn the_journal_says_before_each_effect_what_follows_and_its_end_afterwards() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::once(Route::VideoInit, FaultAction::Latency(1000)));
        world.fault(FaultRule::once(Route::UploadFinalChunk, FaultAction::Latency(1000)));
        world.start_engine();
        for (kind, stage) in
            [(Kind::InitSent, Stage::Init), (Kind::FinalIntent, Stage::Final), (Kind::Published, Stage::Out)]
        {
            world.until_kind(&post, kind, 600).await;
            let id = world.attempts(&post).await[0].id;
            // Only the call itself may be on its way while the row says so.
            world.at_once("noted", |world| world.journal.stage(id) == Some(stage)).await;
        }
        let notes = world.journal.notes();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].publish_id.is_some() && notes[0].final_at.is_some() && notes[0].seq > 0);
    }
}

#[tokio::test]
async fn f36_another_cluster_or_branch_of_history_is_noticed_and_doubted_until_all_has_settled() {
    // SQLite has no standby that could be promoted.
    let Some(store) = store::testing::postgres().await else { return };
    let mut world = World::new(store).await;
    let post = world.scheduled(5).await;
    world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
    world.start_engine();
    world.until_kind(&post, Kind::HandedOver, 60).await;
    world.crash().await;
    let mut tx = world.store.begin().await.unwrap();
    assert!(tx.meta_get("database_cluster").await.unwrap().is_some(), "noted at the first start");
    tx.meta_put("database_cluster", "7000000000000000000/00000001").await.unwrap();
    tx.commit().await.unwrap();
    world.start_engine();
    world.pass(2).await;
    assert_eq!(world.store.attempts_doubted().await.unwrap(), 1);
    world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
    world.until_state(&post, PostState::Published, 300).await;
    assert_eq!(world.store.attempts_doubted().await.unwrap(), 0, "settled");
    world.check(&post).await;
}

#[tokio::test]
async fn a_real_file_carries_the_intents_over_a_crash() {
    let mut world = World::new(store::testing::sqlite().await).await;
    let folder = tempfile::TempDir::new().unwrap();
    world.keep_journal_in(folder.path()).await;
    let post = world.scheduled(5).await;
    world.backup().await;
    world.start_engine();
    world.until_kind(&post, Kind::HandedOver, 60).await;
    world.crash().await;
    world.lose_commits().await;
    world.journal = Journal::memory();
    world.keep_journal_in(folder.path()).await;
    world.start_engine();
    world.until_state(&post, PostState::Published, 120).await;
    assert_eq!(world.inits(), 1);
    assert_eq!(world.sim.posts().len(), 1);
}

#[tokio::test]
async fn pp_6_6_a_copy_that_is_put_back_under_a_running_node_ends_it_before_anything_goes_out() {
    let Some(store) = store::testing::postgres().await else { return };
    let mut world = World::new(store).await;
    world.app.replay_tombstones().await.unwrap();
    let first = world.scheduled(5).await;
    world.start_engine();
    world.until_state(&first, PostState::Published, 120).await;
    // Its own start leaves it alone, and so does one of another node.
    let quiet = tokio_util::sync::CancellationToken::new();
    let node = tokio::spawn(app::nodes::run_node(std::sync::Arc::clone(&world.app), quiet.clone()));
    let post = world.scheduled(90).await;
    world.pass(30).await;
    assert_eq!(world.store.nodes_at_work().await.unwrap().len(), 1, "it says that it is at work");
    assert_eq!(world.store.alarm().why(), None);
    let mut tx = world.store.begin().await.unwrap();
    tx.meta_put(app::publishing::RESTORED, "the copy of this morning").await.unwrap();
    tx.commit().await.unwrap();
    // Another process that started on it has taken the mark away already.
    let other = world.another_app().await;
    other.replay_tombstones().await.unwrap();
    let mut tx = world.store.begin().await.unwrap();
    tx.meta_delete(app::publishing::RESTORED).await.unwrap();
    tx.commit().await.unwrap();
    world.pass(120).await;
    assert_eq!(
        (world.inits(), world.post(&post).await.state),
        (1, PostState::Scheduled),
        "only the first one went out"
    );
    let why = world.store.alarm().why().unwrap();
    assert!(why.contains("was put back while this process was at work"), "{why}");
    assert!(world.app.not_ready().await.iter().any(|reason| reason.words().contains("was put back")));
    node.await.unwrap();
    assert_eq!(world.store.nodes_at_work().await.unwrap(), []);
    // Whoever starts on it goes on as after every restore.
    assert!(!other.store.history().await.unwrap().is_fresh());
}
