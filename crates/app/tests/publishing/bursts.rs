//! Much at once: TikTok's rate is kept, order too, places are reserved ahead, and nobody waits for another's crowd.

use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;
use store::Post;
use store::testing::engines;
use tiktok_sim::{FaultRule, ReceivedBody, Route, UserSpec};

use crate::world::{Setting, World, status};

fn busy() -> Setting {
    let user = UserSpec { daily_post_cap: 500, ..UserSpec::public("mila", "Mila bakes") };
    Setting { user, ..Setting::default() }
}

/// The posts in the order in which TikTok was asked for their tasks.
fn order_of_inits(world: &World, posts: &[Post]) -> Vec<usize> {
    let calls = world.calls(Route::VideoInit);
    let texts = calls.iter().map(|call| match &call.body {
        ReceivedBody::Text(text) => text.clone(),
        ReceivedBody::Empty | ReceivedBody::Bytes(_) => String::new(),
    });
    texts
        .map(|text| {
            let caption = |post: &Post| serde_json::to_string(&post.content.caption).unwrap();
            posts.iter().position(|post| text.contains(&caption(post))).expect("an init of ours")
        })
        .collect()
}

fn refused_for_rate(world: &World) -> usize {
    world.sim.journal().iter().filter(|call| call.status == Some(429)).count()
}

#[tokio::test]
async fn twenty_posts_pressed_together_go_out_in_order_at_tiktoks_rate() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let mut posts = Vec::new();
        for _ in 0..20 {
            posts.push(world.scheduled(1).await);
        }
        posts.sort_by_key(|post| (post.due_at, post.id));
        world.start_engine();
        for post in &posts {
            world.until_state(post, PostState::Published, 400).await;
        }
        for post in &posts {
            world.check(post).await;
        }
        assert_eq!(order_of_inits(&world, &posts), (0..20).collect::<Vec<_>>());
        assert_eq!(refused_for_rate(&world), 0, "TikTok never has to say no");
        let last = world.calls(Route::VideoInit)[19].at_ms - posts[0].due_at.unwrap().millis();
        assert!(last < 4 * 65_000, "three windows wait, no more: {last} ms");
    }
}

#[tokio::test]
async fn twenty_posts_planned_for_the_same_time_in_good_time_all_go_out_at_that_time() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let mut posts = Vec::new();
        for _ in 0..20 {
            posts.push(world.scheduled(600).await);
        }
        let due_ms = posts[0].due_at.unwrap().millis();
        world.start_engine();
        world.pass(598).await;
        assert_eq!(world.inits(), 20, "all places were taken ahead");
        assert!(world.sim.posts().is_empty());
        world.pass(5).await;
        let sent: Vec<i64> = world.last_chunks().iter().map(|call| call.at_ms - due_ms).collect();
        assert_eq!(sent.len(), 20);
        assert!(sent.iter().all(|late| (0..3000).contains(late)), "{sent:?}");
        for post in &posts {
            world.until_state(post, PostState::Published, 300).await;
            world.check(post).await;
        }
        assert_eq!(refused_for_rate(&world), 0, "status calls are shared out, too");
    }
}

#[tokio::test]
async fn an_account_with_very_many_due_posts_delays_no_other() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let oleg = world.another_account("oleg").await;
        let media = world.file(50_000).await;
        for _ in 0..400 {
            world.plan(&media, Delivery::Direct, 5).await;
        }
        let his = world.plan_on(oleg, &media, Delivery::Direct, 6).await;
        world.start_engine();
        world.until_state(&his, PostState::Published, 60).await;
        let out = world.post(&his).await;
        let late = out.published_at.unwrap().millis_since(out.due_at.unwrap());
        assert!(late < 15_000, "{late} ms, the crowd notwithstanding");
        let begun = world.inits();
        assert!(begun <= 8, "of the four hundred only as many began as TikTok lets begin: {begun}");
        let waiting = world.store.lane_posts(world.seed.connection, world.now(), 1000).await.unwrap().len();
        assert!(waiting >= 390, "the others wait as plans, not as attempts: {waiting}");
    }
}

#[tokio::test]
async fn a_long_backlog_does_not_stand_before_what_is_on_time() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let first = world.scheduled(1).await;
        world.start_engine();
        world.until_state(&first, PostState::Published, 120).await;
        let media = world.file(50_000).await;
        for _ in 0..120 {
            world.plan(&media, Delivery::Direct, -300).await;
        }
        let on_time = world.plan(&media, Delivery::Direct, 5).await;
        world.app.engine_nudge.notify_one();
        world.until_state(&on_time, PostState::Published, 60).await;
        let out = world.post(&on_time).await;
        let late = out.published_at.unwrap().millis_since(out.due_at.unwrap());
        assert!(late < 15_000, "{late} ms, the backlog notwithstanding");
    }
}

#[tokio::test]
async fn too_many_requests_lets_the_whole_account_rest_and_keeps_its_order() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let mut posts = Vec::new();
        for _ in 0..3 {
            posts.push(world.scheduled(1).await);
        }
        posts.sort_by_key(|post| (post.due_at, post.id));
        world.fault(FaultRule::once(Route::VideoInit, status(429, "rate_limit_exceeded")));
        world.start_engine();
        for post in &posts {
            world.until_state(post, PostState::Published, 400).await;
            world.check(post).await;
        }
        let calls: Vec<i64> = world.calls(Route::VideoInit).iter().map(|call| call.at_ms).collect();
        assert_eq!(calls.len(), 4, "one was refused");
        assert!(calls[1] - calls[0] >= 60_000, "a minute's rest: {calls:?}");
        let mut order = order_of_inits(&world, &posts);
        order.remove(0);
        assert_eq!(order, [0, 1, 2]);
    }
}

#[tokio::test]
async fn the_quota_of_the_app_is_asked_again_only_while_the_post_is_not_too_late_for_its_owner() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let post = world.scheduled(5).await;
        world.fault(FaultRule::always(Route::VideoInit, status(403, "reached_active_user_cap")));
        world.start_engine();
        let held = world.until_state(&post, PostState::NeedsAttention, 60).await;
        let problem = held.problem.unwrap();
        assert_eq!(
            (problem.code.as_str(), problem.tiktok_code.as_deref()),
            ("app-quota", Some("reached_active_user_cap"))
        );
        assert_eq!(world.inits(), 1, "an hour later would be too late for its owner");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn a_page_tells_before_and_after_planning_when_a_post_can_go_out() {
    for store in engines().await {
        let mut world = World::with(store, busy()).await;
        let actor = world.actor();
        let mut posts = Vec::new();
        for _ in 0..7 {
            posts.push(world.scheduled(20).await);
        }
        let due_at = posts[0].due_at.unwrap();
        let told = |from: Option<UnixMillis>| from.map(|from| from.millis_since(due_at) / 1000);
        let last = world.app.expectation(&actor, posts[6].id, due_at).await.unwrap();
        assert_eq!(last.together, 7);
        assert!(matches!(told(last.from), Some(45..=60)), "{last:?}");
        assert_eq!(last.held_after_minutes, None);
        let first = world.app.expectation(&actor, posts[0].id, due_at).await.unwrap();
        assert!(first.is_ordinary(), "{first:?}");
        let tomorrow = world.app.expectation(&actor, posts[6].id, due_at.plus_seconds(86_400)).await.unwrap();
        assert!(tomorrow.is_ordinary(), "{tomorrow:?}");
        let queue = world.app.queue(&actor, due_at).await.unwrap();
        assert_eq!(queue.delayed.keys().collect::<Vec<_>>(), [&posts[6].id]);
        assert_eq!(queue.late, None);
        // Nobody publishes: two minutes later all seven are late, and the page says so.
        world.sim.advance(140_000);
        let late = world.app.queue(&actor, due_at).await.unwrap().late.unwrap();
        assert_eq!((late.posts, late.first_due_at), (7, due_at));
        let measured = world.app.measurements().await.unwrap();
        assert_eq!((measured.backlog.posts, measured.lag_ms), (7, 120_000));
    }
}
