//! What machines may ask: alive, ready, and the measurements for those who may have them.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};

use domain::post::PostState;
use store::Post;
use store::testing::Seed;

use crate::stage::{Answer, MILA, SITE, START, Stage};

const HERE: &str = "http://127.0.0.1:8080";

/// A program's request from an address.
async fn ask(stage: &Stage, from: &str, headers: &[(&str, &str)], path: &str) -> Answer {
    let mut request = Request::get(path).header(header::HOST, "demo.example").body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let from: SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(from));
    Answer::read(stage.send(request).await).await
}

#[tokio::test]
async fn an_instance_is_ready_until_its_disk_is_down_to_the_reserve_or_its_database_is_gone() {
    let stage = Stage::new().await;
    assert_eq!(ask(&stage, "192.0.2.1:1", &[], "/readyz").await.text(), "ready");
    stage.database.close().await;
    let gone = ask(&stage, "192.0.2.1:1", &[], "/readyz").await;
    assert_eq!(gone.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(gone.text().contains("the database does not answer"), "{}", gone.text());
    let alive = ask(&stage, "192.0.2.1:1", &[], "/healthz").await;
    assert_eq!(alive.status, StatusCode::OK, "it lives all the same");
    assert!(alive.text().contains(r#""status":"unknown""#), "{}", alive.text());

    let full = Stage::reached_under(SITE, |settings| settings.disk_reserve_bytes = Some(u64::MAX)).await;
    let answer = ask(&full, "192.0.2.1:1", &[], "/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("the disk"), "{}", answer.text());
}

#[tokio::test]
async fn a_post_more_than_a_minute_late_is_told_to_whoever_asks_whether_the_process_lives() {
    let stage = Stage::new().await;
    let seed = Seed::write(&stage.database).await;
    let mut tx = stage.database.begin().await.unwrap();
    tx.post_insert(&Post { due_at: Some(START), ..seed.post(1, PostState::Scheduled) }).await.unwrap();
    tx.commit().await.unwrap();
    let alive = || ask(&stage, "192.0.2.1:1", &[], "/healthz");

    stage.tiktok().advance(60_000);
    assert_eq!(alive().await.text(), r#"{"status":"ok"}"#);
    stage.tiktok().advance(1_000);
    let late = alive().await;
    assert_eq!(late.status, StatusCode::OK, "a restart would not make it earlier");
    assert_eq!(late.text(), r#"{"late_posts":1,"oldest_late_s":61,"status":"late"}"#);
}

#[tokio::test]
async fn measurements_are_for_the_holder_of_the_secret() {
    let secret = "a long and random text";
    let stage = Stage::reached_under(SITE, |settings| settings.metrics_secret = Some(secret.to_owned().into())).await;
    let bearer = format!("Bearer {secret}");
    let told = ask(&stage, "192.0.2.1:1", &[("authorization", &bearer)], "/metrics").await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.header(header::CONTENT_TYPE).starts_with("text/plain; version=0.0.4"));
    assert!(told.text().contains("\nmoloko_publishing_backlog_posts 0\n"), "{}", told.text());
    for wrong in ["Bearer a long and random", "Bearer", "Basic abc"] {
        let refused = ask(&stage, "127.0.0.1:1", &[("authorization", wrong)], "/metrics").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

#[tokio::test]
async fn pp_2_5_measurements_name_no_person_account_post_or_file() {
    let stage = Stage::reached_under(HERE, |_| {}).await;
    let mila = stage.signed_in(MILA).await;
    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0);
    stage.app.create_drafts(&actor, media, &[connection.id]).await.unwrap();
    let told = ask(&stage, "127.0.0.1:1", &[], "/metrics").await.text();
    assert!(told.contains("moloko_publishing_backlog_posts"));
    let named = [
        actor.user_id.to_string(),
        actor.workspace_id.to_string(),
        actor.display_name.clone(),
        connection.id.to_string(),
        connection.open_id.clone(),
        connection.display_name.clone(),
        media.to_string(),
    ];
    for name in named {
        assert!(!name.is_empty() && !told.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn without_a_secret_measurements_are_for_this_machine_alone_and_never_behind_a_proxy() {
    let local = Stage::reached_under(HERE, |_| {}).await;
    assert_eq!(ask(&local, "127.0.0.1:1", &[], "/metrics").await.status, StatusCode::OK);
    assert_eq!(ask(&local, "192.0.2.1:1", &[], "/metrics").await.status, StatusCode::NOT_FOUND);
    let forwarded = [("x-forwarded-for", "192.0.2.1")];
    assert_eq!(ask(&local, "127.0.0.1:1", &forwarded, "/metrics").await.status, StatusCode::NOT_FOUND);
    let public = Stage::new().await;
    assert_eq!(
        ask(&public, "127.0.0.1:1", &[], "/metrics").await.status,
        StatusCode::NOT_FOUND,
        "a proxy is there, too"
    );
}

/// Where a log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn pp_5_5_many_failed_sign_ins_are_told_to_who_watches_and_once_to_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _while_here = tracing::subscriber::set_default(subscriber);
    let stage = Stage::reached_under(HERE, |_| {}).await;
    let alive = || ask(&stage, "192.0.2.1:1", &[], "/healthz");
    for n in 0..25 {
        assert_eq!(alive().await.text().contains("alerts"), n >= 20, "{n}");
        let back = ask(&stage, "192.0.2.1:1", &[], "/oauth/tiktok/callback/?state=guessed&code=guessed").await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
    }
    let told = alive().await;
    assert_eq!(told.status, StatusCode::OK, "a restart would not make it better");
    assert_eq!(told.text(), r#"{"alerts":["failed_sign_ins"],"status":"alert"}"#);
    let measured = ask(&stage, "127.0.0.1:1", &[], "/metrics").await.text();
    for line in [
        "moloko_alert_active{alert=\"failed_sign_ins\"} 1",
        "moloko_alert_active{alert=\"decrypt_failures\"} 0",
        "moloko_alert_events_total{alert=\"failed_sign_ins\"} 25",
    ] {
        assert!(measured.lines().any(|one| one == line), "{line} in\n{measured}");
    }
    let logged =
        || String::from_utf8(log.0.lock().unwrap().clone()).unwrap().matches("alert=\"failed_sign_ins\"").count();
    assert_eq!(logged(), 1, "once per window");

    stage.tiktok().advance(600_000);
    assert_eq!(alive().await.text(), r#"{"status":"ok"}"#);
    for _ in 0..20 {
        ask(&stage, "192.0.2.1:1", &[], "/oauth/tiktok/callback/?state=guessed&code=guessed").await;
    }
    assert_eq!(logged(), 2);
}
