//! P-56 to P-58: lost answers, and who is to blame for a duplicate.

use serde_json::json;
use tiktok_sim::{Duplicate, FaultAction, FaultRule, FaultStatus, Route};

use crate::support::*;

#[tokio::test]
async fn p_56_a_lost_init_answer_leaves_one_post() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.sim().fault(FaultRule::once(Route::VideoInit, FaultAction::DropAfter));
    let body = direct("SELF_ONLY", file(1000, 1000, 1));
    let lost = platform
        .http
        .post(platform.url(VIDEO))
        .bearer_auth(&tokens.access_token)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await;
    assert!(lost.is_err(), "no status line may arrive: {lost:?}");
    assert_eq!(platform.sim().tasks().len(), 1, "the init was processed");
    assert_eq!(platform.sim().journal().last().unwrap().status, None);

    platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    platform.sim().advance(2 * HOUR);
    assert_eq!(platform.sim().posts().len(), 1);
    assert!(platform.sim().duplicates().is_empty());
}

#[tokio::test]
async fn p_57_after_a_lost_final_answer_only_polling_is_right() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let (publish_id, url) = platform.open(&tokens.access_token, "SELF_ONLY", 1000).await;
    platform.sim().fault(FaultRule::once(Route::UploadFinalChunk, FaultAction::DropAfter));
    assert!(platform.try_put(&url, "bytes 0-999/1000", vec![1; 1000]).await.is_err());
    platform.sim().advance(5_000);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PUBLISH_COMPLETE");
    assert!(platform.sim().duplicates().is_empty(), "a client that polls is blameless");

    let second = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    let found = platform.sim().duplicates();
    assert!(found.contains(&Duplicate::InitAfterFinalByte {
        username: "moloko.demo".to_owned(),
        first_publish_id: publish_id,
        second_publish_id: second,
    }));
    assert!(found.iter().any(|duplicate| matches!(duplicate, Duplicate::SameContentTwice { .. })), "{found:?}");
}

#[tokio::test]
async fn a_draft_and_a_post_of_one_video_are_two_wishes() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    let opened = platform.post(INBOX, &tokens.access_token, &json!({"source_info": file(1000, 1000, 1)})).await;
    platform.put_all(&ids(&opened).1, vec![1; 1000]).await;
    platform.sim().advance(5_000);
    assert!(platform.sim().duplicates().is_empty(), "{:?}", platform.sim().duplicates());
}

#[tokio::test]
async fn p_57_dropped_before_processing_nothing_happened() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let (_, url) = platform.open(&tokens.access_token, "SELF_ONLY", 1000).await;
    platform.sim().fault(FaultRule::once(Route::Upload, FaultAction::DropBefore));
    assert!(platform.try_put(&url, "bytes 0-999/1000", vec![1; 1000]).await.is_err());
    assert_eq!(platform.sim().tasks()[0].received_bytes, 0);
    platform.put_all(&url, vec![1; 1000]).await;
}

#[tokio::test]
async fn p_58_a_token_dies_between_the_last_byte_and_the_poll() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.sim().advance(DAY - MINUTE);
    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 1000]).await;
    platform.sim().advance(MINUTE);
    let dead = platform.post(STATUS, &tokens.access_token, &json!({"publish_id": publish_id})).await;
    assert_eq!(dead.refusal(), (401, "access_token_invalid"));
    let fields = [
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_str()),
    ];
    let fresh = platform.form(TOKEN, &fields).await;
    let token = fresh.body["access_token"].as_str().unwrap();
    assert_eq!(platform.status(token, &publish_id).await["status"], "PUBLISH_COMPLETE");
    assert_eq!(platform.sim().tasks().len(), 1, "no second init");
}

#[tokio::test]
async fn answers_can_be_truncated_delayed_or_replaced_after_processing() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let body = direct("SELF_ONLY", file(1000, 1000, 1)).to_string();
    let send = || {
        let request = platform.http.post(platform.url(VIDEO)).bearer_auth(&tokens.access_token);
        request.header("content-type", "application/json").body(body.clone()).send()
    };
    platform.sim().fault(FaultRule::once(Route::VideoInit, FaultAction::Truncate(20)));
    let cut = send().await.unwrap();
    assert_eq!(cut.status().as_u16(), 200);
    assert!(cut.text().await.is_err(), "the body breaks off");

    let unavailable = FaultStatus { status: 503, code: Some("internal_error".to_owned()), retry_after_s: Some(7) };
    platform.sim().fault(FaultRule::once(Route::VideoInit, FaultAction::StatusAfter(unavailable)));
    let replaced = send().await.unwrap();
    assert_eq!(replaced.headers()["retry-after"], "7");
    let replaced = Platform::read(replaced).await;
    assert_eq!(replaced.refusal(), (503, "internal_error"));
    assert_eq!(platform.sim().tasks().len(), 2, "both were processed");

    for slow in [FaultAction::Latency(30), FaultAction::Trickle(10_000)] {
        platform.sim().fault(FaultRule::once(Route::VideoInit, slow));
        assert_eq!(send().await.unwrap().status().as_u16(), 200);
    }
    assert!(platform.sim().faults().is_empty());
}

/// Deterministic simulation calls the router without sockets; a drop must still be recognisable.
#[tokio::test]
async fn in_process_callers_can_tell_a_dropped_connection() {
    use tower::ServiceExt as _;
    let simulator = tiktok_sim::Simulator::new(config()).unwrap();
    simulator.fault(FaultRule::once(Route::Token, FaultAction::DropAfter));
    let call = || {
        let request = axum::http::Request::post(TOKEN).body(axum::body::Body::empty()).unwrap();
        simulator.router().oneshot(request)
    };
    let lost = call().await.unwrap();
    assert_eq!(lost.extensions().get::<tiktok_sim::Dropped>(), Some(&tiktok_sim::Dropped));
    assert_eq!(simulator.journal()[0].status, None);
    let answered = call().await.unwrap();
    assert_eq!((answered.status().as_u16(), answered.extensions().get::<tiktok_sim::Dropped>()), (400, None));
}
