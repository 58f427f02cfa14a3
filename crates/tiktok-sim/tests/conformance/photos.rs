//! P-49 to P-51: photo posts.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use tiktok_sim::{PullRoute, sample_jpeg};

use crate::support::*;

async fn platform() -> Platform {
    let routes = Router::new()
        .route("/v/1.jpg", get(|| async { sample_jpeg(1080, 1440) }))
        .route("/v/2.jpg", get(|| async { sample_jpeg(941, 1672) }))
        .route("/v/big.jpg", get(|| async { sample_jpeg(1086, 1448) }))
        .route("/v/a.png", get(|| async { b"\x89PNG\r\n\x1A\n0000000000000000000000000000".to_vec() }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let mut config = config();
    config.apps[0].verified_prefixes = vec!["https://m.example/v/".to_owned()];
    config.pull_routes =
        vec![PullRoute { origin: "https://m.example".to_owned(), fetch_from: format!("http://{address}") }];
    Platform::with(config).await
}

fn photos(mode: &str, names: &[&str]) -> Value {
    let images: Vec<String> = names.iter().map(|name| format!("https://m.example/v/{name}")).collect();
    json!({
        "media_type": "PHOTO",
        "post_mode": mode,
        "post_info": {
            "title": "Backstage",
            "description": "Фото со съёмки #moloko",
            "privacy_level": "SELF_ONLY",
            "disable_comment": true,
            "auto_add_music": false,
            "brand_content_toggle": false,
            "brand_organic_toggle": false
        },
        "source_info": {"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": images}
    })
}

#[tokio::test]
async fn p_49_photos_are_posted() {
    let platform = platform().await;
    let tokens = platform.grant("moloko.demo");
    platform.post(CREATOR, &tokens.access_token, &json!({})).await;
    let answer = platform.post(PHOTO, &tokens.access_token, &photos("DIRECT_POST", &["1.jpg", "2.jpg"])).await;
    assert_eq!(answer.refusal(), (200, "ok"), "{}", answer.body);
    let (publish_id, _) = ids(&answer);
    assert!(publish_id.starts_with("p_pub_url~v2.76"), "{publish_id}");
    platform.sim().settled().await;
    platform.sim().advance(5_000);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PUBLISH_COMPLETE");
    let post = &platform.sim().posts()[0];
    assert!(post.is_photo && post.comment_disabled);
    assert_eq!((post.files.len(), post.caption.as_str()), (2, "Фото со съёмки #moloko"));
    assert!(platform.sim().flags().is_empty(), "{:?}", platform.sim().flags());
}

#[tokio::test]
async fn one_bad_picture_fails_the_whole_carousel() {
    let platform = platform().await;
    for (names, reason) in [
        (["1.jpg", "big.jpg"], "picture_size_check_failed"),
        (["1.jpg", "a.png"], "file_format_check_failed"),
        (["1.jpg", "missing.jpg"], "photo_pull_failed"),
    ] {
        let tokens = platform.grant("moloko.demo");
        let (publish_id, _) = ids(&platform.post(PHOTO, &tokens.access_token, &photos("DIRECT_POST", &names)).await);
        platform.sim().settled().await;
        platform.sim().advance(5_000);
        assert_eq!(platform.status(&tokens.access_token, &publish_id).await["fail_reason"], reason, "{names:?}");
    }
}

#[tokio::test]
async fn p_50_what_photos_may_not_be() {
    let platform = platform().await;
    let good = || photos("DIRECT_POST", &["1.jpg"]);
    let with = |path: &str, value: Value| {
        let mut body = good();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    for (body, code, message) in [
        (
            with("/source_info/source", json!("FILE_UPLOAD")),
            "invalid_params",
            "The request source info is empty or incorrect",
        ),
        (with("/media_type", json!("VIDEO")), "invalid_param", "Invalid media_type or post_mode"),
        (with("/post_mode", json!("DIRECT POST")), "invalid_param", "Invalid media_type or post_mode"),
        (photos("DIRECT_POST", &["1.jpg"; 36]), "invalid_params", "The request source info is empty or incorrect"),
        (with("/post_info/title", json!("т".repeat(91))), "invalid_param", "The title is longer than 90 characters"),
        (
            with("/post_info/description", json!("т".repeat(4001))),
            "invalid_param",
            "The description is longer than 4000 characters",
        ),
        (
            with("/source_info/photo_cover_index", json!(1)),
            "invalid_params",
            "The request source info is empty or incorrect",
        ),
    ] {
        let answer = platform.post(PHOTO, &platform.grant("moloko.demo").access_token, &body).await;
        assert_eq!((answer.refusal(), answer.message()), ((400, code), message));
        platform.sim().advance(MINUTE);
    }
    let longest = with("/post_info/title", json!("т".repeat(90)));
    let answer = platform.post(PHOTO, &platform.grant("moloko.demo").access_token, &longest).await;
    assert_eq!(answer.refusal(), (200, "ok"));
}

#[tokio::test]
async fn p_51_photo_drafts_need_a_recent_app_on_the_phone() {
    let platform = platform().await;
    platform.sim().set_user("moloko.demo", |user| user.phone_app_version = [31, 7]).unwrap();
    let tokens = platform.grant("moloko.demo");
    let body = photos("MEDIA_UPLOAD", &["1.jpg"]);
    assert_eq!(platform.post(PHOTO, &tokens.access_token, &body).await.refusal(), (400, "app_version_check_failed"));
    platform.sim().set_user("moloko.demo", |user| user.phone_app_version = [31, 8]).unwrap();
    let (publish_id, _) = ids(&platform.post(PHOTO, &tokens.access_token, &body).await);
    platform.sim().settled().await;
    platform.sim().advance(5_000);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "SEND_TO_USER_INBOX");
    let only_direct = platform.sim().issue_grant(KEY, "moloko.demo", &["video.publish"]).unwrap();
    let refused = platform.post(PHOTO, &only_direct.access_token, &body).await;
    assert_eq!(refused.refusal(), (401, "scope_not_authorized"), "drafts need video.upload");
}
