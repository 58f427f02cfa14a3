//! An account at rest over HTTP: what its pages say, and that nothing is said to be on its way.

use axum::http::StatusCode;

use crate::calendar::planned;
use crate::stage::{MILA, Stage};

#[tokio::test]
async fn a_post_of_a_resting_account_is_said_to_wait_wherever_it_is_planned() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = planned(&browser, "2026-11-26T12:00").await;
    let (page, compose) = (format!("/posts/{}", post.id), format!("/compose/{}", post.group_id));
    for path in [&page, &compose] {
        assert!(!browser.get(path).await.text().contains("is paused"), "{path}");
    }
    let paused = browser.post(&format!("/connections/{}/pause", post.connection_id), &[]).await;
    assert_eq!(paused.status, StatusCode::SEE_OTHER);
    assert!(browser.get(paused.location()).await.text().contains("Nothing of this account goes out"));
    for path in [&page, &compose] {
        let text = browser.get(path).await.text();
        assert!(text.contains("is paused") && text.contains("/resume\""), "{path}: {text}");
    }
    let revision = post.revision.to_string();
    let now = browser.post(&format!("{page}/move"), &[("revision", &revision), ("action", "now")]).await;
    assert_eq!(now.status, StatusCode::SEE_OTHER, "{}", now.text());
    let said = browser.get(now.location()).await.text();
    assert!(said.contains("the post waits until you resume") && !said.contains("On its way"), "{said}");
}
