//! P-15 to P-21: user info and creator info.

use serde_json::json;
use tiktok_sim::{AvatarSpec, UserSpec};

use crate::support::*;

#[tokio::test]
async fn p_15_user_info_holds_exactly_the_fields_asked_for() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let answer = platform.get("/v2/user/info/?fields=open_id,display_name,avatar_url", &tokens.access_token).await;
    assert_eq!(answer.refusal(), (200, "ok"));
    let user = answer.body["data"]["user"].as_object().unwrap();
    assert_eq!(user.len(), 3);
    assert_eq!(user["open_id"], tokens.open_id);
    assert_eq!(user["display_name"], "Moloko Demo");
    let avatar = user["avatar_url"].as_str().unwrap();
    let picture = platform.http.get(avatar).send().await.unwrap();
    assert_eq!((picture.status().as_u16(), picture.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
    assert!(picture.bytes().await.unwrap().len() < 8_000, "small, like TikTok's");
    platform.sim().advance(2 * HOUR);
    assert_eq!(platform.http.get(avatar).send().await.unwrap().status().as_u16(), 403, "avatars expire");
}

#[tokio::test]
async fn p_15_an_address_of_a_picture_cannot_be_made_up_and_needs_no_token() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let answer = platform.get("/v2/user/info/?fields=avatar_url", &tokens.access_token).await;
    let avatar = answer.body["data"]["user"]["avatar_url"].as_str().unwrap().to_owned();
    let status = async |address: &str| platform.http.get(address).send().await.unwrap().status().as_u16();
    let (signed, signature) = avatar.split_once("&x-signature=").unwrap();
    assert_eq!(status(signed).await, 403, "without its signature");
    assert_eq!(status(&format!("{signed}&x-signature=0{signature}")).await, 403);
    let (path, expires) = signed.split_once("?x-expires=").unwrap();
    let later = expires.parse::<i64>().unwrap() + 1;
    assert_eq!(status(&format!("{path}?x-expires={later}&x-signature={signature}")).await, 403, "a longer life");
    assert_eq!(status(&avatar.replace("moloko.demo", "moloko.private")).await, 403, "another account");

    assert_eq!(platform.http.get(&avatar).bearer_auth("x").send().await.unwrap().status().as_u16(), 200, "tolerated");
    assert!(platform.sim().journal().last().unwrap().notes[0].contains("Authorization"), "but noted");
}

#[tokio::test]
async fn p_15_a_picture_can_be_everything_that_a_client_must_be_ready_for() {
    for (avatar, status, least_bytes) in [
        (AvatarSpec::Drawn, 200, 1_000),
        (AvatarSpec::Oversized(600_000), 200, 600_000),
        (AvatarSpec::Page, 200, 20),
        (AvatarSpec::Moved("https://elsewhere.example/".to_owned()), 302, 0),
    ] {
        let platform = Platform::start().await;
        let user = UserSpec { avatar: avatar.clone(), ..UserSpec::public("moloko.demo", "Moloko Demo") };
        platform.sim().add_user(user).unwrap();
        let tokens = platform.grant("moloko.demo");
        let answer = platform.get("/v2/user/info/?fields=avatar_url", &tokens.access_token).await;
        let address = answer.body["data"]["user"]["avatar_url"].as_str().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let picture = http.get(address).send().await.unwrap();
        assert_eq!(picture.status().as_u16(), status, "{avatar:?}");
        assert!(picture.bytes().await.unwrap().len() >= least_bytes, "{avatar:?}");
    }
    for (avatar, begins) in [
        (AvatarSpec::Elsewhere("https://elsewhere.example".to_owned()), "https://elsewhere.example/sim-cdn/avatar/"),
        (AvatarSpec::Missing, ""),
    ] {
        let platform = Platform::start().await;
        let user = UserSpec { avatar, ..UserSpec::public("moloko.demo", "Moloko Demo") };
        platform.sim().add_user(user).unwrap();
        let data =
            platform.post(CREATOR, &platform.grant("moloko.demo").access_token, &json!({})).await.body["data"].clone();
        let address = data["creator_avatar_url"].as_str().unwrap();
        assert!(address.starts_with(begins) && address.is_empty() == begins.is_empty(), "{address}");
    }
}

#[tokio::test]
async fn p_16_a_field_of_another_scope_is_refused() {
    let platform = Platform::start().await;
    let tokens = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic"]).unwrap();
    let answer = platform.get("/v2/user/info/?fields=open_id,username", &tokens.access_token).await;
    assert_eq!(answer.refusal(), (401, "scope_not_authorized"));
    assert_eq!(answer.message(), "The user did not authorize the scope required for completing this request.");
    assert_eq!(answer.body["data"], json!({}));
}

#[tokio::test]
async fn p_17_no_fields_and_no_token() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    assert_eq!(platform.get("/v2/user/info/", &tokens.access_token).await.refusal(), (400, "invalid_params"));
    let answer = platform.get("/v2/user/info/?fields=open_id", "act.nobody").await;
    assert_eq!(answer.refusal(), (401, "access_token_invalid"));
    assert_eq!(answer.message(), "The access token is invalid or not found in the request.");
    platform.sim().advance(DAY);
    let expired = platform.get("/v2/user/info/?fields=open_id", &tokens.access_token).await;
    assert_eq!(expired.refusal(), (401, "access_token_invalid"));
    let bare = Platform::read(platform.http.get(platform.url("/v2/user/info/?fields=open_id")).send().await.unwrap());
    assert_eq!(bare.await.refusal(), (401, "access_token_invalid"));
}

#[tokio::test]
async fn p_18_creator_info_of_a_public_account() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let answer = platform.post(CREATOR, &tokens.access_token, &json!({})).await;
    assert_eq!(answer.refusal(), (200, "ok"));
    let mut data = answer.body["data"].clone();
    assert!(data["creator_avatar_url"].as_str().unwrap().contains("/avatar/moloko.demo.png?x-expires="));
    data["creator_avatar_url"] = json!("-");
    assert_eq!(
        data,
        json!({
            "creator_avatar_url": "-",
            "creator_username": "moloko.demo",
            "creator_nickname": "Moloko Demo",
            "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
            "comment_disabled": false,
            "duet_disabled": false,
            "stitch_disabled": true,
            "max_video_post_duration_sec": 600
        })
    );
    let bodyless = platform.http.post(platform.url(CREATOR)).bearer_auth(&tokens.access_token).send().await.unwrap();
    assert_eq!(Platform::read(bodyless).await.code(), "ok", "a missing body does as well");
}

#[tokio::test]
async fn p_19_creator_info_of_a_private_account() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.private");
    let data = platform.post(CREATOR, &tokens.access_token, &json!({})).await.body["data"].clone();
    assert_eq!(data["privacy_level_options"], json!(["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]));
    assert_eq!((&data["duet_disabled"], &data["stitch_disabled"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn p_20_a_cap_is_told_with_http_200() {
    let platform = Platform::start().await;
    for (username, code) in
        [("moloko.capped", "spam_risk_too_many_posts"), ("moloko.banned", "spam_risk_user_banned_from_posting")]
    {
        let tokens = platform.grant(username);
        let answer = platform.post(CREATOR, &tokens.access_token, &json!({})).await;
        assert_eq!(answer.refusal(), (200, code));
        assert_eq!(answer.body["data"], json!({}));
        assert_eq!(
            answer.message(),
            "Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines/"
        );
    }
}

#[tokio::test]
async fn p_21_the_21st_creator_info_in_a_minute_is_too_many() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    for _ in 0..20 {
        assert_eq!(platform.post(CREATOR, &tokens.access_token, &json!({})).await.refusal(), (200, "ok"));
    }
    let answer = platform.post(CREATOR, &tokens.access_token, &json!({})).await;
    assert_eq!(answer.refusal(), (429, "rate_limit_exceeded"));
    assert_eq!(answer.message(), "The API rate limit was exceeded. Please try again later.");
    platform.sim().advance(MINUTE);
    assert_eq!(platform.post(CREATOR, &tokens.access_token, &json!({})).await.refusal(), (200, "ok"));
}
