//! The way to TikTok and back when it does not go well: each failure has its page, and no code stays behind.

use axum::http::{StatusCode, header};
use domain::connection::Flavour;
use domain::id::ConnectionId;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::stage::{ALL_SCOPES, Browser, MILA, OLEG, Stage};

/// Follows the failed walk to its page.
async fn told(browser: &Browser<'_>, back: &str) -> String {
    let away = browser.get(back).await;
    assert_eq!((away.status, away.location()), (StatusCode::SEE_OTHER, "/connect/failed"));
    assert_eq!(away.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(away.header(header::CACHE_CONTROL), "no-store");
    assert!(browser.cookie("__Host-moloko").is_none(), "nobody was signed in");
    browser.get("/connect/failed").await.text()
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_refused() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    stage.tiktok().advance(601_000);
    assert!(told(&browser, &back).await.contains("another sign-in"));
}

#[tokio::test]
async fn a_code_that_tiktok_does_not_know_is_said_so() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    let state = back.split("state=").nth(1).unwrap();
    let page = told(&browser, &format!("/oauth/tiktok/callback/?code=forged&state={state}")).await;
    assert!(page.contains("no longer accepts this sign-in"), "{page}");
}

#[tokio::test]
async fn no_code_at_all_is_a_failure_too() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    let state = back.split("state=").nth(1).unwrap();
    let page = told(&browser, &format!("/oauth/tiktok/callback/?state={state}")).await;
    assert!(page.contains("finish the sign-in"), "{page}");
}

#[tokio::test]
async fn a_tiktok_that_does_not_answer_creates_nothing() {
    let stage = Stage::new().await;
    let gateway = FaultStatus { status: 503, code: None, retry_after_s: None };
    for (route, action) in [
        (Route::TokenExchange, FaultAction::DropBefore),
        (Route::TokenExchange, FaultAction::Status(gateway)),
        (Route::TokenExchange, FaultAction::Truncate(10)),
        (Route::UserInfo, FaultAction::DropBefore),
    ] {
        stage.tiktok().clear_faults();
        stage.tiktok().fault(FaultRule::always(route, action.clone()));
        let browser = stage.browser();
        let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
        let page = told(&browser, &back).await;
        assert!(page.contains("answer as it should"), "{route:?} {action:?}: {page}");
    }
    let open_id = &stage.tiktok().grants()[0].open_id;
    assert!(stage.database.store().person_by_open_id(open_id).await.unwrap().is_none());
}

#[tokio::test]
async fn without_the_name_nobody_is_connected() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &["video.publish"]).await;
    assert!(told(&browser, &back).await.contains("See your name and picture"));
}

#[tokio::test]
async fn the_fifty_first_account_does_not_fit() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    let one = stage.app.connections(&actor).await.unwrap().remove(0);
    let mut tx = stage.database.store().begin().await.unwrap();
    for n in 1..50_u128 {
        let id: ConnectionId = uuid::Uuid::from_u128(n).to_string().parse().unwrap();
        let more = store::Connection { id, open_id: format!("other-{n}"), flavour: Flavour::Sea, ..one.clone() };
        tx.connection_upsert(&more).await.unwrap();
    }
    tx.commit().await.unwrap();
    let away = browser.post("/connections/add", &[]).await;
    let back = browser.allow(away.location(), OLEG, &ALL_SCOPES);
    assert_eq!(browser.get(&back).await.location(), "/connect/failed");
    assert!(browser.get("/connect/failed").await.text().contains("at most 50"));
    assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 50);
}

#[tokio::test]
async fn an_account_is_not_added_to_whoever_uses_the_browser_by_then() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let mila = browser.actor().await;
    let away = browser.post("/connections/add", &[]).await;
    let back_of_mila = browser.allow(away.location(), "moloko.demo", &ALL_SCOPES);
    let back = browser.walk_to_tiktok(OLEG, &ALL_SCOPES).await;
    assert_eq!(browser.get(&back).await.location(), "/queue");
    assert_eq!(browser.get(&back_of_mila).await.location(), "/connect/failed");
    assert!(browser.get("/connect/failed").await.text().contains("another sign-in"));
    let oleg = browser.actor().await;
    assert_ne!(oleg.user_id, mila.user_id);
    assert_eq!(stage.app.connections(&oleg).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_a_page_that_nobody_keeps() {
    let stage = Stage::new().await;
    for query in ["state=a&state=b&code=canary", "code=canary", "", "code=%ff", "state[]=x&code=canary"] {
        let answer = stage.browser().get(&format!("/oauth/tiktok/callback/?{query}")).await;
        assert!(
            answer.status == StatusCode::SEE_OTHER || answer.status.is_client_error(),
            "{query}: {}",
            answer.status
        );
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer", "{query}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{query}");
        assert!(
            !answer.text().contains("canary") && !answer.location().contains("canary"),
            "{query}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_challenge_goes_with_loopback_addresses_where_tiktok_asks_for_it() {
    let loopback = Stage::reached_under("http://127.0.0.1:8080", |_| {}).await;
    let away = loopback.browser().post("/connect", &[("adult", "on")]).await;
    assert!(away.location().contains("code_challenge=") && away.location().contains("code_challenge_method=S256"));
    assert!(away.set_cookies()[0].starts_with("moloko-browser=") && !away.set_cookies()[0].contains("Secure"));
    let web = Stage::new().await;
    let away = web.browser().post("/connect", &[("adult", "on")]).await;
    assert!(!away.location().contains("code_challenge"));
}
