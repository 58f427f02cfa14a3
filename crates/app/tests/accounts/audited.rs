//! What people do to their data is in the audit record, by ids alone, and the record is whole afterwards.

use store::audit::Verdict;

use crate::support::*;

#[tokio::test]
async fn pp_5_5_what_people_do_to_their_data_is_recorded_by_ids_and_never_by_content() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let declined = stage.asked_about(&actor, OLEG).await;
        stage.app.decline_account(&actor, declined).await.unwrap();
        let unanswered = stage.asked_about(&actor, OLEG).await;
        stage.pass(11 * MINUTE_MS);
        assert_eq!(stage.app.purge_unconfirmed().await.unwrap(), 1);
        let other = stage.add_account(&actor, OLEG).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.app.delete_draft(&actor, draft.id).await.unwrap();
        stage.app.media_delete(&actor, draft.media_id).await.unwrap();
        let upload = stage.app.upload_create(&actor, "canary-name.mp4", 1_000).await.unwrap();
        stage.app.upload_terminate(&actor, upload.id).await.unwrap();
        stage.app.disconnect(&actor, other).await.unwrap();
        stage.app.end_session(&actor, actor.session_id).await.unwrap();

        let mut entries = stage.store().audit_latest(100).await.unwrap();
        entries.reverse();
        let told: Vec<(&str, String)> = entries.iter().map(|it| (it.action.as_str(), it.subject.clone())).collect();
        assert_eq!(
            told,
            [
                ("policy.accept", "privacy 1.0".to_owned()),
                ("policy.accept", "privacy 1.1".to_owned()),
                ("policy.accept", "privacy 1.2".to_owned()),
                ("policy.accept", "terms 1.0".to_owned()),
                ("policy.accept", "terms 1.1".to_owned()),
                ("session.begin", actor.session_id.to_string()),
                ("sign_in", signed_in.connection_id.to_string()),
                ("connection.set_aside", declined.to_string()),
                ("connection.decline", declined.to_string()),
                ("connection.set_aside", unanswered.to_string()),
                ("connection.unanswered", unanswered.to_string()),
                ("connection.set_aside", other.to_string()),
                ("connection.add", other.to_string()),
                ("draft.delete", draft.id.to_string()),
                ("media.delete", draft.media_id.to_string()),
                ("upload.delete", upload.id.to_string()),
                ("connection.disconnect", other.to_string()),
                ("connection.revoked", other.to_string()),
                ("session.end", actor.session_id.to_string()),
            ]
        );
        let by_nobody: Vec<&str> =
            entries.iter().filter(|it| it.actor != actor.user_id.to_string()).map(|it| it.action.as_str()).collect();
        assert_eq!(by_nobody, ["connection.unanswered", "connection.revoked"]);
        let all = format!("{entries:?}");
        for content in ["canary-name", "cake", MILA, OLEG, &actor.display_name, "203.0.113.7", "Firefox"] {
            assert!(!all.contains(content), "{content} in {all}");
        }
        let verdict = stage.store().audit_verify(None).await.unwrap();
        assert!(matches!(&verdict, Verdict::Intact(walk) if walk.entries == 19), "{verdict:?}");
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_entries_of_more_than_a_year_ago_go_and_the_rest_still_holds() {
    everywhere(async |stage| {
        stage.sign_in(MILA).await;
        stage.pass(364 * DAY_MS);
        stage.sign_in(OLEG).await;
        assert_eq!(stage.app.purge_expired().await.unwrap().audit, 0);
        stage.pass(2 * DAY_MS);
        assert_eq!(stage.app.purge_expired().await.unwrap().audit, 7);
        let verdict = stage.store().audit_verify(None).await.unwrap();
        assert!(matches!(&verdict, Verdict::Intact(walk) if walk.entries == 4), "{verdict:?}");
        assert_eq!(stage.app.purge_expired().await.unwrap().audit, 0);
    })
    .await;
}
