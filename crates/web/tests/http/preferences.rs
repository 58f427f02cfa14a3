//! Language, zone and theme.

use axum::http::StatusCode;

use crate::stage::{MILA, Stage};

#[tokio::test]
async fn the_browsers_zone_is_taken_once_and_then_the_persons_choice_counts() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    assert_eq!(browser.actor().await.time_zone, "UTC");
    assert!(browser.get("/queue").await.text().contains("data-zone"), "the page asks the script for the zone");
    assert_eq!(browser.post("/settings/zone", &[("time_zone", "Asia/Yekaterinburg")]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.actor().await.time_zone, "Asia/Yekaterinburg");
    assert!(!browser.get("/queue").await.text().contains("data-zone"), "and does not ask again");
    browser.post("/settings/zone", &[("time_zone", "Europe/Berlin")]).await;
    assert_eq!(browser.actor().await.time_zone, "Asia/Yekaterinburg");
    let page = browser.get("/settings").await.text();
    assert!(page.contains("value=\"Asia/Yekaterinburg\" selected"));
}

#[tokio::test]
async fn a_saved_choice_shows_at_once_with_a_sentence_that_is_shown_once() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let saved = browser.post("/settings", &[("locale", "ru"), ("time_zone", "Europe/Moscow"), ("theme", "light")]).await;
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
