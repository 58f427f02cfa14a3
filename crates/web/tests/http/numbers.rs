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
    assert_eq!(
        mila.get("/analytics?account=nonsense&days=1000000&from=2026-01-01&until=&against=whatever").await.status,
        StatusCode::OK
    );
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.get(&format!("/analytics?account={id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_slot_is_added_once_taken_out_again_and_only_by_its_owner() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let path = format!("/connections/{id}/slot");
    let press = |wish: &'static str| [("slot", "4-18:30"), ("wish", wish), ("next", "account=&days=90")];
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

#[tokio::test]
async fn a_note_stands_on_its_day_until_it_is_removed_and_a_refused_one_keeps_what_was_typed() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let away = mila.post(&format!("/connections/{id}/numbers/allow"), &[("reading", "metrics")]).await;
    mila.get(&mila.allow(away.location(), MILA, &WITH_NUMBERS)).await;
    let today = stage.app.now().in_utc().get(..10).unwrap().to_owned();
    let long = "m".repeat(141);
    for (day, words, said) in [
        (today.as_str(), long.as_str(), "at most 140 characters"),
        ("2001-01-01", "Milk", "cannot stand on this day"),
        ("soon", "Milk", "cannot stand on this day"),
    ] {
        let refused =
            mila.post("/analytics/notes", &[("day", day), ("words", words), ("about", ""), ("next", "days=7")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text();
        assert!(page.contains(said) && page.contains(&format!("value=\"{words}\"")), "{said}");
    }
    let account = id.to_string();
    let form = [
        ("day", today.as_str()),
        ("words", "Prices changed"),
        ("about", account.as_str()),
        ("next", "days=7&nonsense=1"),
    ];
    let added = mila.post("/analytics/notes", &form).await;
    assert_eq!(
        (added.status, added.location()),
        (StatusCode::SEE_OTHER, "/analytics?account=&days=7&against=before#notes")
    );
    let page = mila.get("/analytics?days=7").await.text();
    assert!(page.contains("The note stands on its day") && page.contains("Prices changed"), "{page}");
    let note = page.split("/analytics/notes/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(
        oleg.post("/analytics/notes", &form).await.status,
        StatusCode::NOT_FOUND,
        "about an account of somebody else"
    );
    assert_eq!(oleg.post(&format!("/analytics/notes/{note}/delete"), &[]).await.status, StatusCode::NOT_FOUND);
    let removed = mila.post(&format!("/analytics/notes/{note}/delete"), &[("next", "days=7")]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert!(!mila.get("/analytics?days=7").await.text().contains("Prices changed"));
}
