//! P-54 and P-55: what the app is told, and how often.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tiktok_sim::{RemovalReason, SimConfig, WebhookOutcome};

use crate::support::*;

#[derive(Clone)]
struct Receiver {
    answer: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<(String, String)>>>,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers["tiktok-signature"].to_str().unwrap().to_owned();
    receiver.got.lock().unwrap().push((signature, body));
    StatusCode::from_u16(receiver.answer.load(Ordering::SeqCst)).unwrap()
}

impl Receiver {
    fn bodies(&self) -> Vec<Value> {
        self.got.lock().unwrap().iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }
}

async fn platform(change: impl FnOnce(&mut SimConfig)) -> (Platform, Receiver) {
    let receiver = Receiver { answer: Arc::new(AtomicU16::new(200)), got: Arc::default() };
    let routes = Router::new().route("/webhooks/tiktok", post(receive)).with_state(receiver.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let mut config = config();
    config.apps[0].webhook_url = Some(format!("http://{address}/webhooks/tiktok"));
    change(&mut config);
    (Platform::with(config).await, receiver)
}

fn check_signature(signature: &str, body: &str) {
    let (time, hash) = signature.split_once(',').unwrap();
    let (time, hash) = (time.strip_prefix("t=").unwrap(), hash.strip_prefix("s=").unwrap());
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let expected: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, expected);
}

#[tokio::test]
async fn p_54_a_public_post_is_announced_until_the_app_says_200() {
    let (platform, receiver) = platform(|_| {}).await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.sim().settled().await;
    receiver.answer.store(500, Ordering::SeqCst);
    platform.sim().advance(45_000);
    platform.sim().settled().await;
    platform.sim().advance(30_000);
    platform.sim().settled().await;
    receiver.answer.store(200, Ordering::SeqCst);
    platform.sim().advance(60_000);
    platform.sim().settled().await;
    platform.sim().advance(DAY);
    platform.sim().settled().await;

    let bodies = receiver.bodies();
    let events: Vec<&str> = bodies.iter().map(|body| body["event"].as_str().unwrap()).collect();
    assert_eq!(events[0], "post.publish.complete");
    assert_eq!(events[1..], ["post.publish.publicly_available"; 3], "twice refused, then taken, then silence");
    let told = &bodies[1];
    assert_eq!((&told["client_key"], &told["user_openid"]), (&json!(KEY), &json!(tokens.open_id)));
    assert_eq!(told["create_time"], (START_MS + 50_000) / 1000);
    let content: Value = serde_json::from_str(told["content"].as_str().unwrap()).unwrap();
    let post_id = platform.sim().posts()[0].post_id.to_string();
    assert_eq!(content, json!({"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH", "post_id": post_id}));
    assert_eq!(bodies[1], bodies[3], "the content never changes");
    let got = receiver.got.lock().unwrap().clone();
    for (signature, body) in &got {
        check_signature(signature, body);
    }
    assert_ne!(got[1].0, got[2].0, "each try is signed anew");
}

#[tokio::test]
async fn webhooks_stop_after_72_hours() {
    let (platform, receiver) = platform(|_| {}).await;
    receiver.answer.store(503, Ordering::SeqCst);
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    for _ in 0..40 {
        platform.sim().settled().await;
        platform.sim().advance(4 * HOUR);
    }
    platform.sim().settled().await;
    let hook = &platform.sim().webhooks()[0];
    assert_eq!((hook.outcome, hook.last_status), (WebhookOutcome::Dropped, Some(503)));
    assert!((10..40).contains(&hook.attempts), "{}", hook.attempts);
}

#[tokio::test]
async fn original_timestamps_duplicates_and_reordering_can_be_switched_on() {
    let (platform, receiver) = platform(|config| {
        config.quirks.webhook_retry_fresh_timestamp = false;
        config.quirks.webhook_duplicates = true;
        config.quirks.webhook_reorder = true;
    })
    .await;
    receiver.answer.store(500, Ordering::SeqCst);
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    platform.sim().settled().await;
    platform.sim().advance(30_000);
    platform.sim().settled().await;
    let got = receiver.got.lock().unwrap().clone();
    assert_eq!(got.len(), 4, "two copies, two tries");
    assert!(got.iter().all(|entry| *entry == got[0]), "the same signature every time");
}

#[tokio::test]
async fn p_55_a_disconnect_is_told_when_the_tokens_are_already_dead() {
    let (platform, receiver) = platform(|_| {}).await;
    let tokens = platform.grant("moloko.demo");
    platform.sim().disconnect(KEY, "moloko.demo", RemovalReason::UserDisconnected).unwrap();
    let answer = platform.get("/v2/user/info/?fields=open_id", &tokens.access_token).await;
    assert_eq!(answer.refusal(), (401, "access_token_invalid"));
    platform.sim().settled().await;
    let told = receiver.bodies();
    assert_eq!((&told[0]["event"], &told[0]["content"]), (&json!("authorization.removed"), &json!(r#"{"reason":1}"#)));
}

#[tokio::test]
async fn a_post_that_stops_being_public_is_announced_with_tiktoks_spelling() {
    let (platform, receiver) = platform(|_| {}).await;
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.sim().advance(MINUTE);
    platform.sim().settled().await;
    let post_id = platform.sim().posts()[0].post_id;
    platform.sim().change_privacy(post_id, "SELF_ONLY").unwrap();
    platform.sim().settled().await;
    assert_eq!(receiver.bodies().last().unwrap()["event"], "post.publish.no_longer_publicaly_available");
}
