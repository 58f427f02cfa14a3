//! Webhooks as the simulator signs and sends them.

use tiktok::SecretString;
use tiktok::webhook::{self, EventKind, RemovalReason, WebhookError};
use tiktok_sim::AppSpec;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{CREATOR, KEY, MINUTE_MS, REDIRECT, SECRET, START_MS, Stage, small, video};

async fn stage() -> (Stage, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook_url = format!("http://{}/webhooks/tiktok", listener.local_addr().unwrap());
    let stage = Stage::with(|config| {
        config.apps = vec![AppSpec { webhook_url: Some(webhook_url), ..AppSpec::audited(KEY, SECRET, [REDIRECT]) }];
    })
    .await;
    (stage, listener)
}

/// One delivery: the signature header and the raw body.
async fn receive(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let header = |wanted: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.to_owned())
            .unwrap()
    };
    let mut body = vec![0; header("content-length").parse().unwrap()];
    socket.read_exact(&mut body).await.unwrap();
    socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    (header(webhook::SIGNATURE_HEADER), body)
}

#[tokio::test]
async fn a_public_post_is_announced_with_its_exact_id() {
    let (stage, listener) = stage().await;
    let token = stage.token(CREATOR);
    let grant = stage.start(&token, &video(small())).await;
    stage.upload(&grant, &small()).await;
    stage.simulator().advance(MINUTE_MS);

    let mut kinds = Vec::new();
    for _ in 0..2 {
        let (signature, body) = receive(&listener).await;
        let event = webhook::verify(&SECRET.into(), &signature, &body).unwrap().event;
        assert_eq!(event.client_key, KEY);
        assert_eq!(event.content.publish_id.as_ref(), Some(&grant.publish_id));
        if event.event == EventKind::PubliclyAvailable {
            assert_eq!(event.content.post_id, Some(stage.simulator().posts()[0].post_id.to_string()));
        }
        kinds.push(event.event);
    }
    kinds.sort();
    assert_eq!(kinds, [EventKind::PublishComplete, EventKind::PubliclyAvailable]);
}

#[tokio::test]
async fn a_person_who_disconnects_is_announced_and_a_forger_is_not_believed() {
    let (stage, listener) = stage().await;
    let tokens = stage.simulator().issue_grant(KEY, CREATOR, &["user.info.basic"]).unwrap();
    stage.simulator().disconnect(KEY, CREATOR, tiktok_sim::RemovalReason::UserDisconnected).unwrap();
    let (signature, body) = receive(&listener).await;
    let signed = webhook::verify(&SECRET.into(), &signature, &body).unwrap();
    assert_eq!(signed.t, START_MS / 1000);
    assert_eq!(signed.event.event, EventKind::AuthorizationRemoved);
    assert_eq!(signed.event.user_openid.as_deref(), Some(tokens.open_id.as_str()));
    assert_eq!(signed.event.content.removal_reason, Some(RemovalReason::UserDisconnected));

    let foreign = SecretString::from("another secret");
    assert_eq!(webhook::verify(&foreign, &signature, &body).unwrap_err(), WebhookError::Signature);
}
