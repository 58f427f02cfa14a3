//! P-22 to P-32: opening a direct post.

use serde_json::json;

use crate::support::*;

const SIZE: usize = 66_259_900;

#[tokio::test]
async fn p_22_a_direct_post_opens_an_upload() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let body = direct("PUBLIC_TO_EVERYONE", file(SIZE, 10_000_000, 6));
    let answer = platform.post(VIDEO, &tokens.access_token, &body).await;
    assert_eq!(answer.refusal(), (200, "ok"), "{}", answer.body);
    let (publish_id, upload_url) = ids(&answer);
    assert!(publish_id.starts_with("v_pub_file~v2-1.76") && publish_id.len() <= 64, "{publish_id}");
    assert!(upload_url.starts_with(&platform.url("/upload/video/?upload_id=")) && upload_url.len() <= 256);
    assert!(upload_url.contains("&upload_token="));
}

async fn refused_plan(size: usize, chunk: usize, count: usize) -> (u16, String, String) {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let answer = platform.post(VIDEO, &tokens.access_token, &direct("SELF_ONLY", file(size, chunk, count))).await;
    (answer.status, answer.code().to_owned(), answer.message().to_owned())
}

fn params(message: &str) -> (u16, String, String) {
    (400, "invalid_params".to_owned(), message.to_owned())
}

#[tokio::test]
async fn p_23_a_count_rounded_up_is_invalid() {
    assert_eq!(refused_plan(SIZE, 10_000_000, 7).await, params("The total chunk count is invalid"));
}

#[tokio::test]
async fn p_24_one_chunk_must_be_the_whole_file() {
    assert_eq!(refused_plan(SIZE, 64_000_000, 1).await, params("The chunk size is invalid"));
}

#[tokio::test]
async fn p_25_chunks_below_five_megabytes_are_invalid() {
    assert_eq!(refused_plan(20_000_000, 1_000_000, 20).await, params("The chunk size is invalid"));
    assert_eq!(refused_plan(4_000_000, 2_000_000, 2).await, params("The chunk size is invalid"));
}

#[tokio::test]
async fn p_26_captions_are_counted_in_utf16_units() {
    let platform = Platform::start().await;
    for (title, expected) in [
        ("я".repeat(2200), (200, "ok")),
        ("я".repeat(2201), (400, "invalid_param")),
        ("🥛".repeat(1100), (200, "ok")),
        ("🥛".repeat(1101), (400, "invalid_param")),
    ] {
        let tokens = platform.grant("moloko.demo");
        let mut body = direct("SELF_ONLY", file(1000, 1000, 1));
        body["post_info"]["title"] = json!(title);
        assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), expected);
    }
}

#[tokio::test]
async fn p_27_privacy_must_be_one_of_the_options() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let mut missing = direct("-", file(1000, 1000, 1));
    missing["post_info"].as_object_mut().unwrap().remove("privacy_level");
    for body in [missing, direct("FOLLOWER_OF_CREATOR", file(1000, 1000, 1)), direct("EVERYBODY", file(1000, 1000, 1))]
    {
        let answer = platform.post(VIDEO, &tokens.access_token, &body).await;
        assert_eq!(answer.refusal(), (403, "privacy_level_option_mismatch"));
    }
}

#[tokio::test]
async fn p_28_an_unaudited_app_posts_privately_to_private_accounts() {
    let platform = Platform::start().await;
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    let public = platform.sim().issue_grant("aw_unaudited", "moloko.demo", &ALL).unwrap();
    let refused = platform.post(VIDEO, &public.access_token, &body).await;
    assert_eq!(refused.refusal(), (403, "unaudited_client_can_only_post_to_private_accounts"));
    assert!(refused.message().starts_with("Please review our integration guidelines"));

    let private = platform.sim().issue_grant("aw_unaudited", "moloko.private", &ALL).unwrap();
    assert_eq!(platform.post(VIDEO, &private.access_token, &body).await.refusal(), (200, "ok"));
    let wider = direct("FOLLOWER_OF_CREATOR", file(1000, 1000, 1));
    assert_eq!(
        platform.post(VIDEO, &private.access_token, &wider).await.refusal(),
        (403, "unaudited_client_can_only_post_to_private_accounts")
    );
}

#[tokio::test]
async fn p_29_the_sixth_creator_of_an_unaudited_app_waits() {
    let platform = Platform::start().await;
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    let mut tokens = Vec::new();
    for number in 1..=6 {
        let name = format!("creator{number}");
        platform.sim().add_user(fresh_user(&name)).unwrap();
        tokens.push(platform.sim().issue_grant("aw_unaudited", &name, &ALL).unwrap().access_token);
    }
    for token in &tokens[..5] {
        assert_eq!(platform.post(VIDEO, token, &body).await.refusal(), (200, "ok"));
    }
    assert_eq!(platform.post(VIDEO, &tokens[5], &body).await.refusal(), (403, "reached_active_user_cap"));
    assert_eq!(platform.post(CREATOR, &tokens[5], &json!({})).await.refusal(), (200, "reached_active_user_cap"));
    assert_eq!(platform.post(VIDEO, &tokens[0], &body).await.refusal(), (200, "ok"), "those counted go on");
}

#[tokio::test]
async fn p_30_the_sixteenth_post_of_a_day_is_too_many() {
    let platform = Platform::start().await;
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    for _ in 0..15 {
        let tokens = platform.grant("moloko.demo");
        assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (200, "ok"));
        platform.sim().advance(11_000);
    }
    let tokens = platform.grant("moloko.demo");
    let refused = platform.post(VIDEO, &tokens.access_token, &body).await;
    assert_eq!(refused.refusal(), (403, "spam_risk_too_many_posts"));
    platform.sim().advance(DAY);
    let tokens = platform.grant("moloko.demo");
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (200, "ok"), "the window moved");
}

#[tokio::test]
async fn p_31_the_seventh_init_of_a_minute_is_too_many() {
    let platform = Platform::start().await;
    let (tokens, other) = (platform.grant("moloko.demo"), platform.grant("moloko.private"));
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    for _ in 0..6 {
        assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.status, 200);
    }
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (429, "rate_limit_exceeded"));
    assert_eq!(platform.post(VIDEO, &other.access_token, &body).await.refusal(), (200, "ok"));
}

#[tokio::test]
async fn p_32_posting_needs_its_scope() {
    let platform = Platform::start().await;
    let tokens = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic", "video.upload"]).unwrap();
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (401, "scope_not_authorized"));
}
