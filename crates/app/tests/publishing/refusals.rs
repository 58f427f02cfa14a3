//! TikTok says no, before, at or after the upload: the post says what, why and with which code, and is repeated only where that helps.

use domain::attempt::Kind;
use domain::notice::Notice;
use domain::post::PostState;
use store::testing::engines;
use tiktok_sim::{AccountVisibility, FaultRule, Route, UserSpec};

use crate::world::{Setting, World, status};

#[tokio::test]
async fn a_cap_at_send_time_parks_the_post_before_any_init() {
    for store in engines().await {
        let user = UserSpec { posts_elsewhere_today: 15, ..UserSpec::public("mila", "Mila bakes") };
        let setting = Setting { user, ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let post = world.scheduled(5).await;
        world.start_engine();
        let parked = world.until_state(&post, PostState::NeedsAttention, 60).await;
        assert_eq!(parked.problem.unwrap().code, "creator-too-many-posts");
        assert_eq!(world.inits(), 0);
        let told = world.app.notices(&world.actor()).await.unwrap();
        assert_eq!(told.iter().map(|it| it.notice).collect::<Vec<_>>(), [Notice::PostWaits(post.id)]);
        world.check(&post).await;
        // the window moved, the person tries again
        world.sim.set_user("mila", |user| user.posts_elsewhere_today = 0).unwrap();
        world.app.retry_post(&world.actor(), post.id).await.unwrap();
        world.until_state(&post, PostState::Published, 120).await;
        world.check(&post).await;
    }
}

#[tokio::test]
async fn an_audience_that_is_gone_parks_the_post_and_is_never_replaced() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world.sim.set_user("mila", |user| user.visibility = AccountVisibility::Private).unwrap();
        world.start_engine();
        let parked = world.until_state(&post, PostState::NeedsAttention, 120).await;
        assert_eq!(parked.problem.unwrap().code, "privacy-not-offered");
        assert_eq!(world.inits(), 0);
    }
}

#[tokio::test]
async fn interactions_turned_off_since_the_consent_are_sent_off() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(60).await;
        world
            .sim
            .set_user("mila", |user| {
                user.comment_disabled = true;
                user.stitch_disabled = true;
            })
            .unwrap();
        world.start_engine();
        world.until_state(&post, PostState::Published, 120).await;
        let out = world.sim.posts().remove(0);
        assert!(out.comment_disabled && out.stitch_disabled && !out.duet_disabled);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f16_a_permanent_reason_is_told_and_not_repeated() {
    for store in engines().await {
        let user = UserSpec { fail_next: vec!["spam_risk_text".to_owned()], ..UserSpec::public("mila", "Mila bakes") };
        let setting = Setting { user, ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let post = world.scheduled(5).await;
        world.start_engine();
        let failed = world.until_state(&post, PostState::Failed, 120).await;
        let problem = failed.problem.unwrap();
        assert_eq!(problem.tiktok_code.as_deref(), Some("spam_risk_text"));
        let told = world.app.notices(&world.actor()).await.unwrap();
        assert_eq!(told.iter().map(|it| it.notice).collect::<Vec<_>>(), [Notice::PostFailed(post.id)]);
        assert!(problem.log_id.is_some(), "support asks for it");
        world.pass(300).await;
        assert_eq!(world.inits(), 1);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f16_tiktoks_internal_error_is_repeated_once() {
    for store in engines().await {
        let user = UserSpec { fail_next: vec!["internal".to_owned()], ..UserSpec::public("mila", "Mila bakes") };
        let setting = Setting { user, ..Setting::default() };
        let mut world = World::with(store, setting).await;
        let post = world.scheduled(5).await;
        world.start_engine();
        world.until_state(&post, PostState::Published, 180).await;
        assert_eq!(world.inits(), 2);
        assert_eq!(world.attempts(&post).await[0].state.kind(), Kind::Dead);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_refused_init_goes_by_its_code() {
    for (http, code, state) in [
        (403, "privacy_level_option_mismatch", PostState::NeedsAttention),
        (403, "spam_risk_user_banned_from_posting", PostState::Failed),
        (400, "invalid_params", PostState::Failed),
        (401, "scope_not_authorized", PostState::NeedsAttention),
    ] {
        for store in engines().await {
            let mut world = World::new(store).await;
            let post = world.scheduled(5).await;
            world.fault(FaultRule::always(Route::VideoInit, status(http, code)));
            world.start_engine();
            let ended = world.until_state(&post, state, 60).await;
            assert_eq!(ended.problem.unwrap().tiktok_code.as_deref(), Some(code));
            assert_eq!(world.inits(), 1);
            world.check(&post).await;
        }
    }
}

#[tokio::test]
async fn r7_inits_that_lead_nowhere_stop_at_three_an_hour() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::always(Route::VideoInit, status(500, "internal_error")));
        world.start_engine();
        world.pass(600).await;
        assert_eq!(world.inits(), 3, "{:#?}", world.log(&post).await);
        let held = world.until_state(&post, PostState::NeedsAttention, 7300).await;
        assert_eq!(held.problem.unwrap().code, "too-late");
        assert_eq!(world.inits(), 3);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f29_a_grant_revoked_at_tiktok_parks_the_post_until_it_is_reconnected() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(30).await;
        world.sim.disconnect(crate::world::KEY, "mila", tiktok_sim::RemovalReason::UserDisconnected).unwrap();
        world.start_engine();
        let parked = world.until_state(&post, PostState::NeedsAttention, 300).await;
        assert_eq!(parked.problem.unwrap().code, "reconnect-needed");
        assert_eq!(world.inits(), 0);
        world.check(&post).await;
    }
}

#[tokio::test]
async fn pp_4_1_f40_a_file_that_changed_after_the_consent_never_leaves_the_house() {
    for store in engines().await {
        // A file of this size is compared by its second hash, the other by the first.
        for (lost, size_bytes) in [(false, 100_000), (true, 100_000), (false, 16_000_000)] {
            let mut world = World::with(store_like(&store).await, Setting::default()).await;
            let media = world.file(size_bytes).await;
            let post = world.plan(&media, domain::post::Delivery::Direct, 5).await;
            if lost {
                world.lose(&media).await;
            } else {
                world.damage(&media);
            }
            world.start_engine();
            let parked = world.until_state(&post, PostState::NeedsAttention, 60).await;
            assert_eq!(parked.problem.unwrap().code, "media-changed");
            assert_eq!(world.last_chunks().len(), 0);
            world.check(&post).await;
        }
    }
}

#[tokio::test]
async fn a_large_file_is_compared_by_its_second_hash_and_one_without_by_the_first() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (right, wrong) = (world.file(16_000_000).await, world.file(16_000_000).await);
        // What no hash of any file looks like is as good as none.
        world.second_hash(&right, "taken before there was one").await;
        world.second_hash(&wrong, blake3::hash(b"another file").to_hex().as_str()).await;
        let out = world.plan(&right, domain::post::Delivery::Direct, 5).await;
        let parked = world.plan(&wrong, domain::post::Delivery::Direct, 5).await;
        world.start_engine();
        world.until_state(&out, PostState::Published, 120).await;
        let parked = world.until_state(&parked, PostState::NeedsAttention, 120).await;
        assert_eq!(parked.problem.as_ref().unwrap().code, "media-changed");
        assert_eq!(world.last_chunks().len(), 1);
        world.check(&out).await;
        world.check(&parked).await;
    }
}

/// Another fresh store on the same engine.
async fn store_like(store: &store::testing::TestStore) -> store::testing::TestStore {
    match store.engine() {
        store::Engine::Sqlite => store::testing::sqlite().await,
        store::Engine::Postgres => store::testing::postgres().await.expect("PostgreSQL is there"),
    }
}
