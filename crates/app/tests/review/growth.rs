//! What strangers can start without an account does not stay for ever.

use app::sign_in::{Purpose, StartSignIn};
use secrecy::SecretString;
use store::testing::engines;

use crate::world::World;

#[tokio::test]
async fn walks_that_nobody_finished_and_old_webhooks_are_removed() {
    for store in engines().await {
        let world = World::new(store).await;
        for _ in 0..3 {
            let start = StartSignIn {
                purpose: Purpose::SignIn,
                browser_secret: &SecretString::from("a browser"),
                adult_confirmed: true,
                next_path: "/queue",
                locale: "en",
            };
            world.app.start_sign_in(start).await.unwrap();
        }
        let mut tx = world.store.begin().await.unwrap();
        assert!(tx.webhook_first_time("a delivery", world.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(world.app.purge_expired().await.unwrap(), app::purge::Purged::default());
        world.sim.advance(3_600_000);
        assert_eq!(world.app.purge_expired().await.unwrap().sign_ins, 3);
        assert!(world.store.webhook_known("a delivery").await.unwrap(), "TikTok may still repeat it");
        world.sim.advance(8 * 86_400_000);
        assert_eq!(world.app.purge_expired().await.unwrap().webhooks, 1);
    }
}
