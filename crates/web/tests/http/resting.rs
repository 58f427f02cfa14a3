//! An account at rest and its week over HTTP: what its pages say, that nothing is said to be on its way, that no choice is written over unseen.

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

#[tokio::test]
async fn a_week_changed_in_another_tab_is_told_before_it_is_replaced() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    let account = browser.app().connections(&actor).await.unwrap()[0].id;
    let url = format!("/connections/{account}/rhythm");
    assert!(browser.get(&url).await.text().contains("name=\"seen\" value=\"0\""));
    let first = browser.post(&url, &[("seen", "0"), ("slot", "1-09:00"), ("gap", "0")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
    let kept = browser.app().rhythm(&actor, account).await.unwrap();
    // A mistake on the way does not make the form newer than what it showed.
    let wrong = browser.post(&url, &[("seen", "0"), ("slot", "2-10:00"), ("gap", "much")]).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("name=\"seen\" value=\"0\""));
    let late = browser.post(&url, &[("seen", "0"), ("slot", "2-10:00"), ("gap", "0")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let (page, seen) = (late.text(), kept.updated_at.millis().to_string());
    assert!(page.contains("Somebody changed this week") && page.contains("value=\"2-10:00\""), "{page}");
    assert!(page.contains(&format!("name=\"seen\" value=\"{seen}\"")), "{page}");
    assert_eq!(browser.app().rhythm(&actor, account).await.unwrap(), kept);
    let again = browser.post(&url, &[("seen", &seen), ("slot", "2-10:00"), ("gap", "0")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}
