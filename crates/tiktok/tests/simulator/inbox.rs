//! Drafts for the creator's inbox.

use tiktok::{ErrorClass, PublishState};

use crate::{CREATOR, MINUTE_MS, Stage, small};

#[tokio::test]
async fn a_draft_arrives_and_may_become_two_posts() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let grant = stage.client.init_inbox_video(&token, &small()).await.unwrap().value;
    stage.upload(&grant, &small()).await;
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.status(&token, &grant.publish_id).await.state, PublishState::SendToUserInbox);

    for _ in 0..2 {
        stage.simulator().publish_draft(grant.publish_id.as_str(), "PUBLIC_TO_EVERYONE").unwrap();
    }
    stage.simulator().advance(MINUTE_MS);
    let status = stage.status(&token, &grant.publish_id).await;
    assert_eq!((status.state, status.post_ids.len()), (PublishState::PublishComplete, 2));
    assert!(stage.simulator().flags().is_empty(), "nothing but the plan was sent");
}

#[tokio::test]
async fn the_sixth_unfinished_draft_is_a_cap() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    for _ in 0..5 {
        stage.client.init_inbox_video(&token, &small()).await.unwrap();
        stage.simulator().advance(MINUTE_MS);
    }
    let error = stage.client.init_inbox_video(&token, &small()).await.unwrap_err();
    assert_eq!((error.class(), error.code().as_str()), (ErrorClass::Cap, "spam_risk_too_many_pending_share"));
}
