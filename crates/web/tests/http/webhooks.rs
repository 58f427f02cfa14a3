//! TikTok's webhooks as they arrive: genuine, forged, repeated, unknown, malformed.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::connection::ConnectionState;
use secrecy::ExposeSecret as _;

use crate::stage::{Answer, MILA, SECRET, Stage};

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
    let mut links = Vec::new();
    for account in [None, Some(connection.id)] {
        let share = app::reports::links::Share { week: None, connection: account, name: String::new(), days: 7 };
        let (_, word) = stage.app.report_share(&browser.actor().await, &share).await.unwrap();
        links.push(format!("/r/{}", word.expose_secret()));
        assert_eq!(browser.get(&links[links.len() - 1]).await.status, StatusCode::OK);
    }
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
    for link in links {
        assert_eq!(browser.get(&link).await.status, StatusCode::NOT_FOUND, "readers lose it as well");
    }
    assert_eq!(
        stage.app.report_links(&browser.actor().await).await.unwrap().len(),
        1,
        "the one about it alone is gone"
    );
}

#[tokio::test]
async fn pp_8_3_an_age_that_changed_at_tiktok_stops_everything_and_is_shown_to_the_operator() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    let body = serde_json::json!({
        "client_key": crate::stage::KEY, "event": "authorization.removed", "create_time": 1_795_510_800,
        "user_openid": connection.open_id, "content": serde_json::json!({ "reason": 3 }).to_string(),
    });
    assert_eq!(stage.send(signed(SECRET, &body.to_string())).await.status(), StatusCode::OK);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_none(), "nothing goes out any more");
    let raised = |one: &app::alerts::AlertReading| one.kind == app::alerts::AlertKind::AgeChanges && one.active;
    assert!(stage.app.alerts.readings().iter().any(raised));
    let entries = stage.database.store().audit_latest(10).await.unwrap();
    assert!(entries.iter().any(|it| it.action == "connection.grant_withdrawn" && it.detail == "age changed"));
}

#[tokio::test]
async fn unsigned_and_huge_webhooks_are_refused() {
    let stage = Stage::new().await;
    let bare = Request::post("/webhooks/tiktok").header(header::HOST, "demo.example").body(Body::from("{}")).unwrap();
    assert_eq!(stage.send(bare).await.status(), StatusCode::UNAUTHORIZED);
    let huge = signed(SECRET, &"x".repeat(70 * 1024));
    assert_eq!(stage.send(huge).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_genuine_delivery_that_says_nothing_to_us_is_taken_and_changes_nothing() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    let event = |event: &str, content: &str| {
        serde_json::json!({
            "client_key": crate::stage::KEY, "event": event, "create_time": 1_795_510_800,
            "user_openid": connection.open_id, "content": content,
        })
        .to_string()
    };
    for body in [
        event("something.new", "{}"),
        event("post.publish.complete", r#"{"publish_id":"v_pub_file~v2-1.7","publish_type":"DIRECT_PUBLISH"}"#),
        event("post.publish.complete", "not json"),
        "not json".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        String::new(),
    ] {
        let answer = stage.send(signed(SECRET, &body)).await;
        assert_eq!(answer.status(), StatusCode::OK, "else it comes again for three days: {body}");
    }
    let after = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    assert_eq!(after.state, ConnectionState::Active);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_signature_that_is_not_one_is_refused_without_a_reason() {
    let stage = Stage::new().await;
    for signature in ["", "nonsense", "t=1,s=", "t=x,s=00", "t=1795510800,s=zz", "s=00,t=1"] {
        let request = Request::post("/webhooks/tiktok")
            .header(header::HOST, "demo.example")
            .header("tiktok-signature", signature)
            .body(Body::from("{}"))
            .unwrap();
        let answer = Answer::read(stage.send(request).await).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{signature}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
        assert!(!answer.text().contains("s="), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_late_word_about_an_earlier_grant_leaves_the_new_one_alone() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    let body = serde_json::json!({
        "client_key": crate::stage::KEY, "event": "authorization.removed", "create_time": 1_795_510_800 - 60,
        "user_openid": connection.open_id, "content": r#"{"reason":1}"#,
    })
    .to_string();
    assert_eq!(stage.send(signed(SECRET, &body)).await.status(), StatusCode::OK);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_webhook_that_cannot_be_kept_is_asked_for_again() {
    let stage = Stage::new().await;
    let body = serde_json::json!({
        "client_key": crate::stage::KEY, "event": "something.new", "create_time": 1_795_510_800, "content": "{}",
    });
    stage.database.store().close().await;
    let answer = stage.send(signed(SECRET, &body.to_string())).await;
    assert!(answer.status().is_server_error(), "{}", answer.status());
}
