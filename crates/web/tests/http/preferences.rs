//! Language, zone and theme.

use axum::http::StatusCode;

use crate::stage::{ALL_SCOPES, MILA, Stage};

#[tokio::test]
async fn the_browsers_zone_is_taken_once_and_then_the_persons_choice_counts() {
    let stage = Stage::new().await;
    let page = stage.browser().get("/connect").await.text();
    assert!(page.contains("data-zone"), "the page asks the script for the zone");

    let browser = stage.browser();
    let sign_in = async |zone: &str| {
        let away = browser.post("/connect", &[("adult", "on"), ("time_zone", zone)]).await;
        let back = browser.allow(away.location(), MILA, &ALL_SCOPES);
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
        browser.actor().await.time_zone
    };
    assert_eq!(sign_in("Mars/Base").await, "UTC", "what no zone is called is not taken");
    assert_eq!(sign_in("Asia/Yekaterinburg").await, "Asia/Yekaterinburg");
    assert_eq!(sign_in("Europe/Berlin").await, "Asia/Yekaterinburg");
    let page = browser.get("/settings").await.text();
    assert!(page.contains("value=\"Asia/Yekaterinburg\" selected"));

    browser.post("/settings", &[("locale", "en"), ("time_zone", "UTC"), ("theme", "system")]).await;
    assert_eq!(sign_in("Europe/Berlin").await, "Etc/UTC", "who chose UTC keeps it");
}

#[tokio::test]
async fn a_saved_choice_shows_at_once_with_a_sentence_that_is_shown_once() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let saved =
        browser.post("/settings", &[("locale", "ru"), ("time_zone", "Europe/Moscow"), ("theme", "light")]).await;
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, "/settings"));
    let page = browser.get("/settings").await.text();
    assert!(page.contains("<html lang=\"ru\" data-theme=\"light\"") && page.contains("class=\"toast\""));
    assert!(!browser.get("/settings").await.text().contains("class=\"toast\""));
}

#[tokio::test]
async fn somebody_signed_out_changes_language_and_colours_by_cookie() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let saved = browser.post("/preferences", &[("locale", "ru"), ("theme", "dark"), ("next", "/terms")]).await;
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, "/terms"));
    assert!(browser.get("/terms").await.text().contains("<html lang=\"ru\" data-theme=\"dark\""));
}

#[tokio::test]
async fn the_switches_at_the_foot_change_a_signed_in_persons_own_choice_and_nothing_else() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    browser.post("/settings", &[("locale", "en"), ("time_zone", "Europe/Moscow"), ("theme", "light")]).await;
    let saved = browser.post("/preferences", &[("locale", "ru"), ("next", "/settings")]).await;
    assert_eq!((saved.status, saved.location()), (StatusCode::SEE_OTHER, "/settings"));
    let page = browser.get("/settings").await.text();
    assert!(page.contains("<html lang=\"ru\" data-theme=\"light\""), "the theme stays");
    assert!(page.contains("<option value=\"Europe/Moscow\" selected>"), "the zone stays");
}
