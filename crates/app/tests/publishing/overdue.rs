//! After a stop: what is a little late goes out, with pauses; a backlog is held and its owners decide.

use domain::post::PostState;
use store::Post;
use store::testing::engines;

use crate::world::World;

async fn overdue(world: &mut World, count: usize, stopped_s: i64) -> Vec<Post> {
    let mut posts = Vec::new();
    for n in 0..count {
        posts.push(world.scheduled(60 + i64::try_from(n).unwrap()).await);
    }
    world.sim.advance((stopped_s + 60) * 1000);
    posts
}

#[tokio::test]
async fn f37_more_than_three_overdue_posts_are_held_and_those_of_the_future_go_as_usual() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let posts = overdue(&mut world, 4, 300).await;
        let future = world.scheduled(120).await;
        world.start_engine();
        for post in &posts {
            let held = world.until_state(post, PostState::NeedsAttention, 30).await;
            assert_eq!(held.problem.unwrap().code, "held-overdue");
        }
        world.until_state(&future, PostState::Published, 300).await;
        assert_eq!(world.inits(), 1);
        // Each owner decides: publish now, or it is out already.
        world.app.confirm_published(&world.actor(), posts[0].id).await.unwrap();
        world.app.retry_post(&world.actor(), posts[1].id).await.unwrap();
        world.until_state(&posts[1], PostState::Published, 60).await;
        world.check(&posts[1]).await;
        let told = world.post(&posts[0]).await;
        assert_eq!((told.state, told.problem), (PostState::Published, None));
        let stranger =
            app::Actor { workspace_id: domain::id::WorkspaceId::from_uuid(uuid::Uuid::from_u128(77)), ..world.actor() };
        let foreign = world.app.confirm_published(&stranger, posts[2].id).await;
        assert!(matches!(foreign, Err(app::Error::NotFound { .. })));
    }
}

#[tokio::test]
async fn f37_one_post_overdue_for_more_than_an_hour_holds_all_that_are_overdue() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let posts = overdue(&mut world, 2, 3700).await;
        world.start_engine();
        for post in &posts {
            let held = world.until_state(post, PostState::NeedsAttention, 30).await;
            assert_eq!(held.problem.unwrap().code, "held-overdue");
        }
        assert_eq!(world.inits(), 0);
    }
}

#[tokio::test]
async fn a_few_late_posts_of_one_account_go_out_ten_minutes_apart_and_the_wait_makes_none_too_late() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let posts = overdue(&mut world, 3, 600).await;
        world.start_engine();
        for post in &posts {
            world.until_state(post, PostState::Published, 1500).await;
            world.check(post).await;
        }
        let times: Vec<i64> = world.last_chunks().iter().map(|call| call.at_ms).collect();
        assert_eq!(times.len(), 3);
        for pair in times.windows(2) {
            assert!(pair[1] - pair[0] >= 595_000, "{} s apart", (pair[1] - pair[0]) / 1000);
        }
    }
}

#[tokio::test]
async fn pp_6_5_tables_are_written_anew_while_nothing_is_due_and_after_ten_days_for_a_second_at_any_moment() {
    let Some(store) = store::testing::postgres().await else { return };
    let mut world = World::new(store).await;
    let owe = async |world: &World| {
        let mut tx = world.store.begin().await.unwrap();
        tx.owe_rewrites(world.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    let until_done = async |world: &World| {
        // Others on the same server look back while they write.
        for _ in 0..1_000 {
            if world.app.rewrite_in_quiet().await.unwrap() == 0 {
                return;
            }
        }
        panic!("{:?}", world.store.rewrites_owed().await.unwrap());
    };
    assert_eq!(world.app.rewrite_in_quiet().await.unwrap(), 0, "nothing is owed");
    owe(&world).await;
    until_done(&world).await;
    world.scheduled(60).await;
    owe(&world).await;
    let owed = world.store.rewrites_owed().await.unwrap().unwrap().tables.len();
    assert_eq!(world.app.rewrite_in_quiet().await.unwrap(), owed, "a post is about to go out");
    world.set_wall(11 * 86_400_000);
    until_done(&world).await;
    assert_eq!(world.store.rewrites_owed().await.unwrap(), None);
}
