//! A webhook that arrives while a worker has the row in its hands is not lost.

use app::publishing::webhook_hint;
use domain::attempt::Kind;
use store::attempt::Lease;
use store::testing::{ONE, engines};

use crate::world::World;

#[tokio::test]
async fn a_webhook_during_a_look_makes_us_look_once_more() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let post = world.scheduled(5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::HandedOver, 60).await;
        world.stop_engine().await;
        world.pass(3600).await;
        let now = world.now();
        let lease = Lease { owner: "a worker", now, until: now.plus_seconds(30) };
        let mut tx = world.store.begin().await.unwrap();
        let mut held = tx.attempt_claim(now, lease, ONE).await.unwrap().pop().unwrap().unwrap();
        tx.commit().await.unwrap();
        // The worker's question is on its way when TikTok tells the news.
        let publish_id = held.state.publish_id().unwrap().to_owned();
        assert!(webhook_hint(&world.app, &publish_id).await.unwrap(), "{}", world.store.engine());
        held.next_at = now.plus_seconds(300);
        let mut tx = world.store.begin().await.unwrap();
        assert!(tx.attempt_release(&held, "a worker").await.unwrap());
        tx.commit().await.unwrap();
        let next = world.store.work_ahead().await.unwrap().attempt_at().unwrap();
        assert!(next <= now, "{}: the news is five minutes old before anybody asks", world.store.engine());
        // It is one look more, not a look without end.
        let mut tx = world.store.begin().await.unwrap();
        let mut again = tx.attempt_claim(now, lease, ONE).await.unwrap().pop().unwrap().unwrap();
        again.next_at = now.plus_seconds(300);
        assert!(tx.attempt_release(&again, "a worker").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(world.store.work_ahead().await.unwrap().attempt_at(), Some(now.plus_seconds(300)));
    }
}
