//! PP-7.4 over HTTP: numbers are allowed and ended with one press each on the same page, and every page that says so agrees.

use axum::http::StatusCode;

use crate::stage::{ALL_SCOPES, MILA, OLEG, Stage};

const WITH_NUMBERS: [&str; 4] = ["user.info.basic", "video.publish", "video.upload", "video.list"];

#[tokio::test]
async fn pp_7_4_numbers_are_allowed_and_ended_with_one_press_each_on_the_same_page() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let page = mila.get("/analytics").await.text();
    assert!(page.contains("/privacy/1.2#PP-1.4") && page.contains("25 January 2027"), "{page}");
    assert!(!page.contains("class=\"chart"), "nothing is read, so nothing is drawn");

    let away = mila.post(&format!("/connections/{id}/numbers/allow"), &[("reading", "metrics")]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(
        away.location().contains("video.list") && !away.location().contains("user.info.stats"),
        "{}",
        away.location()
    );
    let back = mila.get(&mila.allow(away.location(), MILA, &WITH_NUMBERS)).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/analytics"));
    let page = mila.get("/analytics").await.text();
    assert!(page.contains("are read from now on") && page.contains("class=\"chart"), "{page}");
    let consents = mila.get("/your-data/consents").await.text();
    assert!(
        consents.contains("Reading the numbers of posts: Moloko Demo") && consents.contains("/numbers/stop"),
        "{consents}"
    );

    let stopped = mila.post(&format!("/connections/{id}/numbers/stop"), &[("reading", "metrics")]).await;
    assert_eq!((stopped.status, stopped.location()), (StatusCode::SEE_OTHER, "/analytics"));
    let page = mila.get("/analytics").await.text();
    assert!(page.contains("are erased") && !page.contains("class=\"chart"), "{page}");
    assert!(mila.get("/your-data/consents").await.text().contains("taken back"));
}

#[tokio::test]
async fn pp_7_4_whoever_leaves_it_out_or_brings_another_account_is_told_and_nothing_is_read() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let path = format!("/connections/{id}/numbers/allow");
    let away = mila.post(&path, &[("reading", "metrics")]).await;
    let back = mila.get(&mila.allow(away.location(), MILA, &ALL_SCOPES)).await;
    assert_eq!(back.location(), "/analytics");
    assert!(mila.get("/analytics").await.text().contains("You left it out at TikTok"));
    let away = mila.post(&path, &[("reading", "metrics")]).await;
    let back = mila.get(&mila.allow(away.location(), OLEG, &WITH_NUMBERS)).await;
    assert_eq!(back.location(), "/connect/failed");
    assert!(!mila.get("/analytics").await.text().contains("/numbers/stop"));
    let nonsense = mila.post(&path, &[("reading", "everything")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.text().contains("could be read"));
    assert_eq!(mila.get(&format!("/analytics?account={id}&days=90")).await.status, StatusCode::OK);
    assert_eq!(mila.get("/analytics?account=nonsense&days=1000000").await.status, StatusCode::OK);
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.get(&format!("/analytics?account={id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_slot_is_added_once_taken_out_again_and_only_by_its_owner() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let path = format!("/connections/{id}/slot");
    let press = |wish: &'static str| [("slot", "4-18:30"), ("wish", wish), ("account", ""), ("days", "90")];
    for (wish, said) in
        [("add", "Added"), ("add", "there already"), ("remove", "out of the week"), ("remove", "gone already")]
    {
        let pressed = mila.post(&path, &press(wish)).await;
        assert_eq!((pressed.status, pressed.location()), (StatusCode::SEE_OTHER, "/analytics?account=&days=90#times"));
        assert!(mila.get("/analytics").await.text().contains(said), "{wish}");
    }
    let nonsense = mila.post(&path, &[("slot", "sometime")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.text().contains("no time of a week"));
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.post(&path, &press("add")).await.status, StatusCode::NOT_FOUND);
}
