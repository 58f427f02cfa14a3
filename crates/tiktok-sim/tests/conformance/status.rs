//! P-37 to P-41: what became of a task.

use serde_json::json;
use tiktok_sim::{MediaPolicy, PostIdForm, sample_mp4};

use crate::support::*;

#[tokio::test]
async fn p_37_progress_is_told_while_uploading() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let body = direct("SELF_ONLY", file(30_000_000, 10_000_000, 3));
    let (publish_id, url) = ids(&platform.post(VIDEO, &tokens.access_token, &body).await);
    for range in ["bytes 0-9999999/30000000", "bytes 10000000-19999999/30000000"] {
        assert_eq!(platform.put(&url, range, vec![0; 10_000_000]).await.status().as_u16(), 206);
    }
    assert_eq!(
        platform.status(&tokens.access_token, &publish_id).await,
        json!({"status": "PROCESSING_UPLOAD", "publicaly_available_post_id": [], "uploaded_bytes": 20_000_000})
    );
}

#[tokio::test]
async fn p_38_after_the_last_byte_comes_processing_then_completion() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let (publish_id, url) = platform.open(&tokens.access_token, "PUBLIC_TO_EVERYONE", 1000).await;
    platform.put_all(&url, vec![1; 1000]).await;
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PROCESSING_UPLOAD");
    platform.sim().advance(5_000);
    assert_eq!(
        platform.status(&tokens.access_token, &publish_id).await,
        json!({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [], "uploaded_bytes": 1000})
    );
}

#[tokio::test]
async fn p_39_a_public_post_gets_its_id_after_moderation() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.sim().advance(44_999);
    let waiting = platform.status(&tokens.access_token, &publish_id).await;
    assert_eq!(waiting["publicaly_available_post_id"], json!([]), "still in moderation");
    platform.sim().advance(1);
    let public = platform.status(&tokens.access_token, &publish_id).await;
    let id = public["publicaly_available_post_id"][0].as_u64().expect("a bare number");
    assert!(id > 1 << 53 && id.to_string().len() == 19, "{id}");
    assert_ne!(id as f64 as u64, id, "no floating-point number holds it");
    assert_eq!(id, platform.sim().posts()[0].post_id);
}

#[tokio::test]
async fn p_39_private_posts_never_get_an_id() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    platform.sim().advance(12 * HOUR);
    let status = platform.status(&tokens.access_token, &publish_id).await;
    assert_eq!((&status["status"], &status["publicaly_available_post_id"]), (&json!("PUBLISH_COMPLETE"), &json!([])));
}

#[tokio::test]
async fn post_ids_can_be_texts() {
    let mut config = config();
    config.quirks.post_ids = PostIdForm::Text;
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.sim().advance(MINUTE);
    assert!(platform.status(&tokens.access_token, &publish_id).await["publicaly_available_post_id"][0].is_string());
}

#[tokio::test]
async fn p_40_a_small_picture_fails_the_task_not_the_call() {
    let mut config = config();
    config.quirks.media = MediaPolicy::Inspect;
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", sample_mp4(320, 320, 30, 5_000, 20_000)).await;
    assert_eq!(
        platform.status(&tokens.access_token, &publish_id).await,
        json!({
            "status": "FAILED",
            "fail_reason": "picture_size_check_failed",
            "publicaly_available_post_id": [],
            "uploaded_bytes": 20_000
        })
    );
    assert!(platform.sim().posts().is_empty());
}

#[tokio::test]
async fn p_41_ids_that_are_not_yours() {
    let platform = Platform::start().await;
    let (owner, other) = (platform.grant("moloko.demo"), platform.grant("moloko.private"));
    let (publish_id, _) = platform.open(&owner.access_token, "SELF_ONLY", 1000).await;
    let unknown = platform.post(STATUS, &owner.access_token, &json!({"publish_id": "v_pub_file~v2-1.1"})).await;
    assert_eq!(unknown.refusal(), (400, "invalid_publish_id"));
    let foreign = platform.post(STATUS, &other.access_token, &json!({"publish_id": publish_id})).await;
    assert_eq!(foreign.refusal(), (400, "token_not_authorized_for_specified_publish_id"));
    for _ in 1..30 {
        let answer = platform.post(STATUS, &owner.access_token, &json!({"publish_id": publish_id})).await;
        assert_eq!(answer.status, 200);
    }
    let often = platform.post(STATUS, &owner.access_token, &json!({"publish_id": publish_id})).await;
    assert_eq!(often.refusal(), (429, "rate_limit_exceeded"), "the 31st call of a minute");
}

#[tokio::test]
async fn reasons_can_be_scripted_per_creator_and_processing_can_be_held() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.sim().set_user("moloko.demo", |user| user.fail_next = vec!["spam_risk_text".to_owned()]).unwrap();
    let failed = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    assert_eq!(platform.status(&tokens.access_token, &failed).await["fail_reason"], "spam_risk_text");

    platform.sim().set_user("moloko.demo", |user| user.processing_held = true).unwrap();
    let held = platform.publish(&tokens.access_token, "SELF_ONLY", vec![2; 1000]).await;
    platform.sim().advance(HOUR);
    assert_eq!(platform.status(&tokens.access_token, &held).await["status"], "PROCESSING_UPLOAD");
    platform.sim().set_user("moloko.demo", |user| user.processing_held = false).unwrap();
    assert_eq!(platform.status(&tokens.access_token, &held).await["status"], "PUBLISH_COMPLETE");
}
