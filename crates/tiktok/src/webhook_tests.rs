//! The reference vector, forged and hostile deliveries, and what makes two deliveries the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

const BODY: &str = r#"{"client_key":"sbaw_sim_client","event":"post.publish.complete","create_time":1767225600,"user_openid":"-000simOpenId01","content":"{\"publish_id\":\"v_pub_file~v2-1.7600000000000000001\",\"publish_type\":\"DIRECT_PUBLISH\"}"}"#;
const SIGNATURE: &str = "97b65b0ae3f941766c900e88b7508f2b0373ba2cbb4707cac6ebb6c88d4e9a25";

fn secret() -> SecretString {
    "sim_client_secret_0123456789abcdef".into()
}

fn sign(t: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret().expose_secret().as_bytes());
    let tag = hmac::sign(&key, &[t.as_bytes(), b".", body].concat());
    format!("t={t},s={}", hex::encode(tag.as_ref()))
}

fn deliver(body: &str) -> Result<Event, WebhookError> {
    let header = sign("1767225601", body.as_bytes());
    verify(&secret(), &header, body.as_bytes()).map(|signed| signed.event)
}

#[test]
fn the_reference_vector_verifies() {
    assert_eq!(BODY.len(), 226);
    let header = format!("t=1767225601,s={SIGNATURE}");
    let signed = verify(&secret(), &header, BODY.as_bytes()).unwrap();
    assert_eq!(signed.t, 1_767_225_601);
    assert_eq!(signed.event.event, EventKind::PublishComplete);
    assert_eq!(signed.event.client_key, "sbaw_sim_client");
    assert_eq!(signed.event.user_openid.as_deref(), Some("-000simOpenId01"));
    let content = &signed.event.content;
    assert_eq!(content.publish_id.as_ref().unwrap().as_str(), "v_pub_file~v2-1.7600000000000000001");
    assert_eq!(content.publish_type, Some(PublishType::DirectPublish));
}

#[test]
fn a_changed_body_time_or_secret_is_refused() {
    let header = format!("t=1767225601,s={SIGNATURE}");
    let altered = BODY.replace("complete", "completf");
    let refused =
        |secret: &SecretString, header: &str, body: &str| verify(secret, header, body.as_bytes()).unwrap_err();
    assert_eq!(refused(&secret(), &header, &altered), WebhookError::Signature);
    let other_time = format!("t=1767225602,s={SIGNATURE}");
    assert_eq!(refused(&secret(), &other_time, BODY), WebhookError::Signature);
    assert_eq!(refused(&"other".into(), &header, BODY), WebhookError::Signature);
    assert_eq!(refused(&secret(), &header, &format!("{BODY}\n")), WebhookError::Signature);
}

#[test]
fn broken_headers_are_named_as_such() {
    for header in [
        "",
        "t=1",
        &format!("s={SIGNATURE}"),
        &format!("t=,s={SIGNATURE}"),
        &format!("t=soon,s={SIGNATURE}"),
        "t=1767225601,s=abc",
        &format!("t=1767225601,s={}", &SIGNATURE[..62]),
        &"t=1,".repeat(200),
    ] {
        let error = verify(&secret(), header, BODY.as_bytes()).unwrap_err();
        assert_eq!(error, WebhookError::Header, "{header}");
    }
}

#[test]
fn a_huge_body_is_refused_before_it_is_hashed() {
    let body = vec![b' '; WEBHOOK_BODY_MAX_BYTES + 1];
    assert_eq!(verify(&secret(), "t=1,s=00", &body).unwrap_err(), WebhookError::TooLarge { bytes: body.len() });
}

#[test]
fn spaces_and_order_in_the_header_do_not_matter() {
    let header = format!("s={SIGNATURE}, t=1767225601");
    assert!(verify(&secret(), &header, BODY.as_bytes()).is_ok());
}

#[test]
fn a_public_post_keeps_its_id_as_text_or_number() {
    for post_id in [r#"\"7600000000000000123\""#, "7600000000000000123"] {
        let body = format!(
            r#"{{"client_key":"aw","event":"post.publish.publicly_available","create_time":1,"user_openid":"o","content":"{{\"publish_id\": \"p\", \"post_id\": {post_id}, \"new\": 1}}"}}"#
        );
        let event = deliver(&body).unwrap();
        assert_eq!(event.event, EventKind::PubliclyAvailable);
        assert_eq!(event.content.post_id.as_deref(), Some("7600000000000000123"));
    }
}

#[test]
fn a_removed_grant_and_a_failed_task_have_reasons_of_their_own() {
    let removed = deliver(
        r#"{"client_key":"aw","event":"authorization.removed","create_time":1,"user_openid":"o","content":"{\"reason\":1}"}"#,
    )
    .unwrap();
    assert_eq!(removed.content.removal_reason, Some(RemovalReason::UserDisconnected));
    let failed = deliver(
        r#"{"client_key":"aw","event":"post.publish.failed","create_time":1,"user_openid":"o","content":"{\"publish_id\":\"p\",\"reason\":\"spam_risk_text\"}"}"#,
    )
    .unwrap();
    assert_eq!(failed.content.fail_reason, Some(FailReason::SpamRiskText));
    assert_eq!(failed.content.removal_reason, None);
}

#[test]
fn unknown_events_are_kept_and_unreadable_ones_are_genuine_but_malformed() {
    let event = deliver(r#"{"event":"novel.event","content":""}"#).unwrap();
    assert_eq!(event.event, EventKind::Other("novel.event".into()));
    for body in ["", "[]", r#"{"event":1}"#, r#"{"event":"x","content":"no"}"#] {
        assert!(matches!(deliver(body).unwrap_err(), WebhookError::Malformed { .. }), "{body}");
    }
}

#[test]
fn repeated_deliveries_share_a_key_and_a_second_completion_does_not() {
    let at = |create_time: i64, event: &str| {
        deliver(&format!(
            r#"{{"client_key":"aw","event":"{event}","create_time":{create_time},"user_openid":"o","content":"{{\"publish_id\":\"p\"}}"}}"#
        ))
        .unwrap()
        .dedupe_key()
    };
    assert_eq!(at(1, "post.publish.complete"), at(1, "post.publish.complete"));
    assert_ne!(at(1, "post.publish.complete"), at(2, "post.publish.complete"));
    assert_ne!(at(1, "authorization.removed"), at(2, "authorization.removed"));
    assert_eq!(at(1, "post.publish.failed"), at(2, "post.publish.failed"));
    assert_ne!(at(1, "post.publish.failed"), at(1, "post.publish.inbox_delivered"));
}

proptest! {
    #[test]
    fn hostile_headers_and_bodies_never_panic(header in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&secret(), &header, &body).is_err());
    }

    #[test]
    fn genuine_junk_never_panics(body in ".{0,200}", t: i64) {
        let header = sign(&t.to_string(), body.as_bytes());
        prop_assert!(
            !matches!(verify(&secret(), &header, body.as_bytes()), Err(WebhookError::Signature | WebhookError::Header))
        );
    }
}
