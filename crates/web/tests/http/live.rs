//! Live updates: who hears what, for how long, and how many may listen.

use app::live::{LiveChange, LiveEvent};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use domain::id::PostId;
use domain::post::PostState;
use futures::StreamExt as _;
use std::time::Duration;

use crate::stage::{Browser, MILA, OLEG, Stage};

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

/// What the page hears next, or nothing when the stream ends.
async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    let heard = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.expect("something is heard");
    heard.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_press_in_one_window_is_heard_in_the_other_once_it_is_true() {
    let stage = Stage::new().await;
    let (mila, oleg) = (stage.signed_in(MILA).await, stage.signed_in(OLEG).await);
    let connection = stage.app.connections(&mila.actor().await).await.unwrap().remove(0).id;
    let (mut hers, mut his) = (listen(&mila).await, listen(&oleg).await);
    mila.media().await;
    assert!(next(&mut hers).await.unwrap().starts_with("event: upload"));
    mila.post(&format!("/connections/{connection}/disconnect"), &[]).await;
    assert!(next(&mut hers).await.unwrap().starts_with("event: connections"));
    assert!(stage.database.store().token(connection).await.unwrap().is_none(), "told after the fact");
    assert!(tokio::time::timeout(Duration::from_millis(200), his.next()).await.is_err(), "his page hears nothing");
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let staying = stage.signed_in(MILA).await;
    let mut ending = listen(&browser).await;
    let mut other = listen(&staying).await;
    browser.post("/sign-out", &[]).await;
    assert_eq!(next(&mut ending).await, None);
    assert!(
        tokio::time::timeout(Duration::from_millis(300), other.next()).await.is_err(),
        "her other browser listens on"
    );
}

#[tokio::test]
async fn a_stream_ends_at_the_moment_its_session_expires_and_not_when_it_was_used_meanwhile() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let mut stream = listen(&browser).await;
    stage.tiktok().advance(29 * 86_400_000);
    browser.get("/queue").await;
    stage.tiktok().advance(2 * 86_400_000);
    assert!(
        tokio::time::timeout(Duration::from_millis(300), stream.next()).await.is_err(),
        "it was used on the 29th day"
    );
    stage.tiktok().advance(29 * 86_400_000);
    assert_eq!(next(&mut stream).await, None, "thirty days after that");
}

#[tokio::test]
async fn a_stream_ends_soon_when_another_process_ends_its_session() {
    let mut stage = Stage::new().await;
    stage.router = crate::looking_every(&stage.app, Duration::from_millis(100));
    let browser = stage.signed_in(MILA).await;
    let mut stream = listen(&browser).await;
    let actor = browser.actor().await;
    let mut tx = stage.database.begin().await.unwrap();
    assert!(tx.session_delete(actor.user_id, actor.session_id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test]
async fn a_person_has_a_limited_number_of_streams_and_gets_them_back() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(listen(&browser).await);
    }
    let refused = browser.get("/live").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.header(header::RETRY_AFTER).parse::<u32>().unwrap() > 0);
    drop(listen(&stage.signed_in(OLEG).await).await);
    open.pop();
    drop(listen(&browser).await);
}

#[tokio::test]
async fn a_page_that_fell_behind_is_told_to_look_anew() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let mut stream = listen(&browser).await;
    let workspace_id = browser.actor().await.workspace_id;
    for _ in 0..1_000 {
        stage.app.live.publish(LiveEvent { workspace_id, what: LiveChange::Connections });
    }
    assert!(next(&mut stream).await.unwrap().contains("missed"));
}
