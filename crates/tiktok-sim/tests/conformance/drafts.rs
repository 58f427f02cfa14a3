//! P-42 to P-44: drafts in the creator's inbox.

use serde_json::json;
use tiktok_sim::UxFlagKind;

use crate::support::*;

async fn draft(platform: &Platform, token: &str, size: usize) -> Answer {
    platform.post(INBOX, token, &json!({"source_info": file(size, size, 1)})).await
}

#[tokio::test]
async fn p_42_a_draft_reaches_the_inbox_and_is_posted_twice() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let opened = draft(&platform, &tokens.access_token, 4_194_304).await;
    assert_eq!(opened.refusal(), (200, "ok"));
    let (publish_id, url) = ids(&opened);
    assert!(publish_id.starts_with("v_inbox_file~v2.76"), "{publish_id}");
    platform.put_all(&url, vec![3; 4_194_304]).await;
    platform.sim().advance(5_000);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "SEND_TO_USER_INBOX");

    for _ in 0..2 {
        platform.sim().publish_draft(&publish_id, "PUBLIC_TO_EVERYONE").unwrap();
        platform.sim().advance(45_000);
    }
    let status = platform.status(&tokens.access_token, &publish_id).await;
    assert_eq!(status["status"], "PUBLISH_COMPLETE");
    assert_eq!(status["publicaly_available_post_id"].as_array().unwrap().len(), 2);
    let events: Vec<String> = platform.sim().webhooks().into_iter().map(|hook| hook.event).collect();
    assert_eq!(
        events,
        [
            "post.publish.inbox_delivered",
            "post.publish.complete",
            "post.publish.publicly_available",
            "post.publish.complete",
            "post.publish.publicly_available"
        ]
    );
    assert!(platform.sim().webhooks()[0].content.contains("INBOX_SHARE"));
    assert!(platform.sim().duplicates().is_empty(), "the person posted twice, not the client");
}

#[tokio::test]
async fn p_43_post_info_on_a_draft_is_thrown_away() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let body = json!({"post_info": {"title": "lost"}, "source_info": file(1000, 1000, 1)});
    assert_eq!(platform.post(INBOX, &tokens.access_token, &body).await.refusal(), (200, "ok"));
    assert_eq!(platform.sim().flags()[0].kind, UxFlagKind::PostInfoOnDraft);
    assert_eq!(platform.sim().tasks()[0].title, "");
    assert_eq!(platform.sim().journal().last().unwrap().unknown_members, ["post_info"]);
}

#[tokio::test]
async fn p_44_five_unfinished_drafts_are_enough() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let mut first = None;
    for _ in 0..5 {
        let opened = draft(&platform, &tokens.access_token, 1000).await;
        assert_eq!(opened.refusal(), (200, "ok"));
        first.get_or_insert(ids(&opened));
    }
    let (publish_id, url) = first.unwrap();
    let full = draft(&platform, &tokens.access_token, 1000).await;
    assert_eq!(full.refusal(), (403, "spam_risk_too_many_pending_share"));
    platform.put_all(&url, vec![1; 1000]).await;
    platform.sim().advance(MINUTE);
    platform.sim().publish_draft(&publish_id, "SELF_ONLY").unwrap();
    assert_eq!(draft(&platform, &tokens.access_token, 1000).await.refusal(), (200, "ok"), "a slot is free");
}
