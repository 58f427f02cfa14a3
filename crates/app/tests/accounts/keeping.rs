//! Keeping: how long files and attempts stay when nobody asks for anything.

use app::Error;
use domain::post::PostState;

use crate::support::*;

async fn publish(stage: &Stage, post: &store::Post) {
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_set_state(post.id, &[PostState::Scheduled], PostState::Published, stage.now()).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn pp_6_1_the_file_of_a_published_post_goes_after_its_days_and_the_history_stays() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let mila = signed_in.connection_id;
        let out = stage.scheduled(&actor, mila).await;
        let waiting = stage.scheduled_at(&actor, mila, "2026-12-30T10:00").await;
        let reused = stage.scheduled_at(&actor, mila, "2026-11-24T11:00").await;
        stage.app.create_drafts(&actor, reused.media_id, &[mila]).await.unwrap();
        let unused = stage.upload(&actor).await;
        publish(&stage, &out).await;
        publish(&stage, &reused).await;
        let file = stage.app.media(&actor, out.media_id).await.unwrap().blob_key;
        let (before, _) = stage.app.media_room(&actor).await.unwrap();

        stage.pass(29 * DAY_MS);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 0);
        stage.pass(2 * DAY_MS);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 1);
        assert!(!stage.app.blobs.path(&file).exists());
        let row = stage.app.media(&actor, out.media_id).await.unwrap();
        assert!(row.file_gone_at.is_some() && row.facts.is_some(), "what was measured stays for the history");
        assert!(stage.app.post(&actor, out.id).await.is_ok());
        for kept in [waiting.media_id, reused.media_id, unused] {
            assert!(stage.app.media_bytes(&actor, kept, 0).await.is_ok(), "something may still need it");
        }

        let refused = stage.app.media_bytes(&actor, out.media_id, 0).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict { code: "media-file-gone" }));
        assert!(stage.app.create_drafts(&actor, out.media_id, &[mila]).await.is_err());
        let shown = stage.app.media_list(&actor, None, 50).await.unwrap();
        assert!(shown.len() == 3 && shown.iter().all(|media| media.id != out.media_id));
        assert!(stage.app.media_room(&actor).await.unwrap().0 < before, "it does not count any more");
        assert_eq!(stage.app.purge_served().await.unwrap().files, 0);
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_how_long_files_are_kept_is_a_setting() {
    everywhere_with(
        |setting| setting.settings.published_media_days = 2,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            let out = stage.scheduled(&actor, signed_in.connection_id).await;
            publish(&stage, &out).await;
            stage.pass(3 * DAY_MS);
            assert_eq!(stage.app.purge_served().await.unwrap().files, 1);
        },
    )
    .await;
}
