//! P-06 to P-14: codes, tokens, rotation, revocation.

use serde_json::json;
use tiktok_sim::{RefreshRotation, WebhookOutcome};

use crate::support::*;

const VERIFIER: &str = "moloko-video-pkce-test-verifier-0123456789-ABCDEFGHIJ";
const HEX: &str = "88c45cb58e475f18cd12f138821d923a676f1432776788e388bbe620bd575c99";
const BASE64URL: &str = "iMRctY5HXxjNEvE4gh2SOmdvFDJ3Z4jjiLvmIL1XXJk";

fn code(platform: &Platform) -> String {
    platform.sim().grant_code(KEY, "moloko.demo", &["user.info.basic", "video.publish"], WEB, None).unwrap()
}

async fn exchange(platform: &Platform, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Answer {
    let mut fields = vec![
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
    ];
    fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    platform.form(TOKEN, &fields).await
}

async fn refresh(platform: &Platform, token: &str) -> Answer {
    let fields =
        [("client_key", KEY), ("client_secret", SECRET), ("grant_type", "refresh_token"), ("refresh_token", token)];
    platform.form(TOKEN, &fields).await
}

#[tokio::test]
async fn p_06_a_code_becomes_tokens() {
    let platform = Platform::start().await;
    let answer = exchange(&platform, &code(&platform), WEB, None).await;
    assert_eq!(answer.status, 200);
    let body = &answer.body;
    assert!(body["access_token"].as_str().unwrap().starts_with("act."));
    assert!(body["refresh_token"].as_str().unwrap().starts_with("rft."));
    assert!(body["open_id"].as_str().unwrap().starts_with("-000"));
    assert_eq!(body["expires_in"], 86_400);
    assert_eq!(body["refresh_expires_in"], 31_536_000);
    assert_eq!(body["scope"], "user.info.basic,video.publish");
    assert_eq!(body["token_type"], "Bearer");
    assert!(body.get("data").is_none(), "the answer is flat");
}

#[tokio::test]
async fn p_07_a_code_works_once_and_for_ten_minutes() {
    let platform = Platform::start().await;
    let used = code(&platform);
    assert_eq!(exchange(&platform, &used, WEB, None).await.status, 200);
    let again = exchange(&platform, &used, WEB, None).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.oauth(), ("invalid_grant", "Authorization code is expired."));
    assert_eq!(again.body["log_id"].as_str().unwrap().len(), 34);

    let stale = code(&platform);
    platform.sim().advance(10 * MINUTE);
    assert_eq!(exchange(&platform, &stale, WEB, None).await.oauth().0, "invalid_grant");
}

#[tokio::test]
async fn p_08_another_redirect_address_is_refused() {
    let platform = Platform::start().await;
    let answer = exchange(&platform, &code(&platform), LOOPBACK, None).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.oauth(), ("invalid_request", "Redirect_uri is not matched with the uri when requesting code."));
}

#[tokio::test]
async fn p_09_a_base64url_challenge_fails_on_loopback_only_at_the_exchange() {
    let platform = Platform::start().await;
    let scopes = ["user.info.basic"];
    let grant = |uri: &str, challenge| platform.sim().grant_code(KEY, "moloko.demo", &scopes, uri, challenge).unwrap();
    let invalid = ("invalid_request", "Code verifier or code challenge is invalid.");

    let answer = exchange(&platform, &grant(LOOPBACK, Some(BASE64URL)), LOOPBACK, Some(VERIFIER)).await;
    assert_eq!((answer.status, answer.oauth()), (400, invalid));
    let answer = exchange(&platform, &grant(LOOPBACK, Some(HEX)), LOOPBACK, None).await;
    assert_eq!((answer.status, answer.oauth()), (400, invalid));
    for (uri, challenge, verifier) in [
        (LOOPBACK, Some(HEX), Some(VERIFIER)),
        (WEB, Some(HEX), Some(VERIFIER)),
        (WEB, Some(BASE64URL), Some(VERIFIER)),
        (WEB, None, Some(VERIFIER)),
    ] {
        let answer = exchange(&platform, &grant(uri, challenge), uri, verifier).await;
        assert_eq!(answer.status, 200, "{uri} {challenge:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn p_10_a_wrong_secret_with_http_200() {
    let mut config = config();
    config.quirks.oauth_error_status = 200;
    let platform = Platform::with(config).await;
    let wrong = [("client_key", KEY), ("client_secret", "guess"), ("grant_type", "client_credentials")];
    let answer = platform.form(TOKEN, &wrong).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.oauth(), ("invalid_client", "Client key or secret is incorrect."));

    let missing = platform.form(TOKEN, &[("client_key", KEY), ("grant_type", "client_credentials")]).await;
    assert_eq!(missing.oauth(), ("invalid_request", "Client secret is missed in request."));
    let right = [("client_key", KEY), ("client_secret", SECRET), ("grant_type", "client_credentials")];
    let right = platform.form(TOKEN, &right).await;
    assert!(right.body["access_token"].as_str().unwrap().starts_with("clt."));
    assert_eq!(right.body["expires_in"], 7200);
}

#[tokio::test]
async fn p_11_a_token_call_in_json_is_malformed() {
    let platform = Platform::start().await;
    let body = json!({"client_key": KEY, "client_secret": SECRET, "grant_type": "client_credentials"});
    let answer = platform.post(TOKEN, "none", &body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.oauth(), ("invalid_request", "The request parameters are malformed."));
    let other = [("client_key", KEY), ("client_secret", SECRET), ("grant_type", "password")];
    assert_eq!(platform.form(TOKEN, &other).await.oauth().0, "unsupported_grant_type");
}

#[tokio::test]
async fn p_12_a_refresh_hands_out_a_new_pair() {
    let platform = Platform::start().await;
    let first = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic", "video.publish"]).unwrap();
    let answer = refresh(&platform, &first.refresh_token).await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.body["access_token"], first.access_token);
    assert_ne!(answer.body["refresh_token"], first.refresh_token);
    assert_eq!(answer.body["open_id"], first.open_id);
    assert_eq!(answer.body["scope"], "user.info.basic,video.publish");
    assert_eq!((&answer.body["expires_in"], &answer.body["refresh_expires_in"]), (&json!(86_400), &json!(31_536_000)));
}

#[tokio::test]
async fn p_13_the_rotated_out_token_is_dead() {
    let platform = Platform::start().await;
    let first = platform.grant("moloko.demo");
    assert_eq!(refresh(&platform, &first.refresh_token).await.status, 200);
    let answer = refresh(&platform, &first.refresh_token).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.oauth(), ("invalid_grant", "Refresh token is invalid or expired."));

    let second = platform.grant("moloko.demo");
    platform.sim().advance(366 * DAY);
    assert_eq!(refresh(&platform, &second.refresh_token).await.oauth().0, "invalid_grant", "365 days are over");
}

#[tokio::test]
async fn without_rotation_the_refresh_token_stays() {
    let mut config = config();
    config.quirks.refresh_rotation = RefreshRotation::Never;
    let platform = Platform::with(config).await;
    let first = platform.grant("moloko.demo");
    for _ in 0..2 {
        assert_eq!(refresh(&platform, &first.refresh_token).await.body["refresh_token"], first.refresh_token);
    }
}

#[tokio::test]
async fn p_14_revoking_ends_everything() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let (publish_id, upload_url) = platform.open(&tokens.access_token, "SELF_ONLY", 1000).await;
    let fields = [("client_key", KEY), ("client_secret", SECRET), ("token", tokens.access_token.as_str())];
    let answer = platform.form(REVOKE, &fields).await;
    assert_eq!((answer.status, answer.body), (200, json!("")));

    let info = platform.get("/v2/user/info/?fields=open_id", &tokens.access_token).await;
    assert_eq!(info.refusal(), (401, "access_token_invalid"));
    assert_eq!(refresh(&platform, &tokens.refresh_token).await.oauth().0, "invalid_grant");
    let task = platform.sim().tasks().into_iter().find(|task| task.publish_id == publish_id).unwrap();
    assert_eq!((task.status, task.fail_reason.as_deref()), ("FAILED", Some("auth_removed")));
    assert_eq!(platform.put(&upload_url, "bytes 0-999/1000", vec![0; 1000]).await.status().as_u16(), 404);
    let event = platform.sim().webhooks().into_iter().find(|hook| hook.event == "authorization.removed").unwrap();
    assert_eq!((event.content.as_str(), event.outcome), (r#"{"reason":5}"#, WebhookOutcome::NoAddress));
}
