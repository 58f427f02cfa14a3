//! Live updates and webhooks.

use app::live::{LiveChange, LiveEvent};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::id::PostId;
use domain::post::PostState;
use futures::StreamExt as _;
use std::time::Duration;

use crate::stage::{Browser, MILA, OLEG, SECRET, Stage};

async fn listen(browser: &Browser<'_>) -> axum::body::BodyDataStream {
    let request =
        browser.request(Method::GET, "/live").header(header::ACCEPT_ENCODING, "gzip, br").body(Body::empty()).unwrap();
    let response = browser.stage.send(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(!response.headers().contains_key(header::CONTENT_ENCODING), "compression would hold events back");
    response.into_body().into_data_stream()
}

#[tokio::test]
async fn a_change_reaches_the_open_pages_of_its_workspace_and_no_other() {
    let stage = Stage::new().await;
    let (mila, oleg) = (stage.signed_in(MILA).await, stage.signed_in(OLEG).await);
    let (mut hers, mut his) = (listen(&mila).await, listen(&oleg).await);
    let post_id: PostId = "01930000-0000-7000-8000-000000000001".parse().unwrap();
    let workspace_id = mila.actor().await.workspace_id;
    stage.app.live.publish(LiveEvent { workspace_id, what: LiveChange::Post { post_id, state: PostState::Published } });
    let heard = tokio::time::timeout(Duration::from_secs(5), hers.next()).await.unwrap().unwrap().unwrap();
    let heard = String::from_utf8(heard.to_vec()).unwrap();
    assert!(
        heard.contains("event: post") && heard.contains(&post_id.to_string()) && heard.contains("published"),
        "{heard}"
    );
    assert!(tokio::time::timeout(Duration::from_millis(200), his.next()).await.is_err(), "his page hears nothing");
}

fn signed(secret: &str, body: &str) -> Request<Body> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&key, format!("1795510800.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Request::post("/webhooks/tiktok")
        .header(header::HOST, "demo.example")
        .header("tiktok-signature", format!("t=1795510800,s={hex}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn a_genuine_webhook_about_a_removed_grant_destroys_the_tokens() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    let content = serde_json::json!({ "reason": 1 }).to_string();
    let body = serde_json::json!({
        "client_key": crate::stage::KEY, "event": "authorization.removed", "create_time": 1_795_510_800,
        "user_openid": connection.open_id, "content": content,
    })
    .to_string();

    let forged = stage.send(signed("another secret", &body)).await;
    assert_eq!(forged.status(), StatusCode::UNAUTHORIZED);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_some(), "a forgery changes nothing");

    for _ in 0..2 {
        assert_eq!(stage.send(signed(SECRET, &body)).await.status(), StatusCode::OK, "also the second time");
    }
    assert!(stage.database.store().token(connection.id).await.unwrap().is_none());
}

#[tokio::test]
async fn unsigned_and_huge_webhooks_are_refused() {
    let stage = Stage::new().await;
    let bare = Request::post("/webhooks/tiktok").header(header::HOST, "demo.example").body(Body::from("{}")).unwrap();
    assert_eq!(stage.send(bare).await.status(), StatusCode::UNAUTHORIZED);
    let huge = signed(SECRET, &"x".repeat(70 * 1024));
    assert_eq!(stage.send(huge).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
