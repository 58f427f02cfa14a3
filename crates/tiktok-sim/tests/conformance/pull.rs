//! P-45 to P-48: TikTok fetches the media itself.

use std::net::SocketAddr;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use tiktok_sim::{PullRoute, SimConfig};

use crate::support::*;

/// A host that serves a video, a redirect, and a video that never ends.
async fn host() -> SocketAddr {
    let endless = || async {
        let parts = futures::stream::unfold(0, |step| async move {
            if step > 0 {
                std::future::pending::<()>().await;
            }
            Some((Ok::<_, std::io::Error>(vec![9_u8; 1000]), step + 1))
        });
        axum::body::Body::from_stream(parts)
    };
    let routes = Router::new()
        .route("/v/a.mp4", get(|| async { vec![5_u8; 50_000] }))
        .route("/v/moved.mp4", get(|| async { (StatusCode::FOUND, [("location", "/v/a.mp4")]) }))
        .route("/v/endless.mp4", get(endless));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn platform() -> Platform {
    let host = host().await;
    let mut config: SimConfig = config();
    config.apps[0].verified_prefixes = vec!["https://m.example/v/".to_owned()];
    config.apps[0].verified_domains = vec!["s.example.com".to_owned()];
    config.pull_routes =
        vec![PullRoute { origin: "https://m.example".to_owned(), fetch_from: format!("http://{host}") }];
    Platform::with(config).await
}

fn pulled(url: &str) -> Value {
    direct("SELF_ONLY", json!({"source": "PULL_FROM_URL", "video_url": url}))
}

#[tokio::test]
async fn p_45_the_simulator_really_fetches() {
    let platform = platform().await;
    let tokens = platform.grant("moloko.demo");
    let answer = platform.post(VIDEO, &tokens.access_token, &pulled("https://m.example/v/a.mp4")).await;
    assert_eq!(answer.refusal(), (200, "ok"));
    let (publish_id, upload_url) = ids(&answer);
    assert!(publish_id.starts_with("v_pub_url~v2-1.") && upload_url.is_empty());
    platform.sim().settled().await;
    let status = platform.status(&tokens.access_token, &publish_id).await;
    assert_eq!((&status["status"], &status["downloaded_bytes"]), (&json!("PROCESSING_DOWNLOAD"), &json!(50_000)));
    assert!(status.get("uploaded_bytes").is_none());
    platform.sim().advance(5_000);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PUBLISH_COMPLETE");
    assert_eq!(platform.sim().posts()[0].size_bytes, 50_000);

    for path in ["moved.mp4", "missing.mp4"] {
        let body = pulled(&format!("https://m.example/v/{path}"));
        let (publish_id, _) = ids(&platform.post(VIDEO, &tokens.access_token, &body).await);
        platform.sim().settled().await;
        let status = platform.status(&tokens.access_token, &publish_id).await;
        assert_eq!((&status["status"], &status["fail_reason"]), (&json!("FAILED"), &json!("video_pull_failed")));
    }
}

async fn judged(cases: &[(&str, bool)]) {
    let platform = platform().await;
    for (url, is_allowed) in cases {
        let answer = platform.post(VIDEO, &platform.grant("moloko.private").access_token, &pulled(url)).await;
        platform.sim().advance(11_000);
        if *is_allowed {
            assert_eq!(answer.refusal(), (200, "ok"), "{url}");
        } else {
            assert_eq!(answer.refusal(), (403, "url_ownership_unverified"), "{url}");
            assert!(answer.message().starts_with("Please review our URL ownership verification rules"));
        }
    }
}

#[tokio::test]
async fn p_46_unverified_hosts_plain_http_and_numbers_are_refused() {
    judged(&[
        ("https://elsewhere.example/a.mp4", false),
        ("http://m.example/v/a.mp4", false),
        ("https://127.0.0.1/v/a.mp4", false),
        ("https://m.example/v/a.mp4", true),
    ])
    .await;
}

#[tokio::test]
async fn p_47_prefixes_cover_what_is_below_them_and_domains_their_subdomains() {
    judged(&[
        ("https://m.example/v/a/b.mp4", true),
        ("https://m.example/w/b.mp4", false),
        ("https://x.s.example.com/b.mp4", true),
        ("https://example.com/b.mp4", false),
    ])
    .await;
}

#[tokio::test]
async fn p_48_a_running_download_can_be_cancelled() {
    let platform = platform().await;
    let tokens = platform.grant("moloko.demo");
    let body = pulled("https://m.example/v/endless.mp4");
    let (publish_id, _) = ids(&platform.post(VIDEO, &tokens.access_token, &body).await);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PROCESSING_DOWNLOAD");
    let cancelled = platform.post(CANCEL, &tokens.access_token, &json!({"publish_id": publish_id})).await;
    assert_eq!(cancelled.refusal(), (200, "ok"));
    assert!(cancelled.body.get("data").is_none(), "the reply has only `error`");
    let status = platform.status(&tokens.access_token, &publish_id).await;
    assert_eq!((&status["status"], &status["fail_reason"]), (&json!("FAILED"), &json!("publish_cancelled")));
    let event = platform.sim().webhooks().into_iter().next().unwrap();
    assert_eq!(event.event, "post.publish.failed");
    assert!(event.content.contains("publish_cancelled"));

    let done = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    let late = platform.post(CANCEL, &tokens.access_token, &json!({"publish_id": done})).await;
    assert_eq!(late.refusal(), (400, "publish_not_cancellable"));
}
