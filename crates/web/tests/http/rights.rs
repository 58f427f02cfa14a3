//! Correction and consents over HTTP: pages that say what is held and change it with one press.

use axum::http::StatusCode;

use crate::stage::{MILA, OLEG, Stage};

#[tokio::test]
async fn pp_7_2_a_name_is_changed_on_the_page_and_shown_in_the_menu() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    assert!(mila.get("/your-data").await.text().contains("href=\"/your-data/correct\""));
    let changed = mila.post("/your-data/name", &[("name", "Mila <b>")]).await;
    assert_eq!((changed.status, changed.location()), (StatusCode::SEE_OTHER, "/your-data/correct"));
    let page = mila.get("/your-data/correct").await.text();
    assert!(page.contains("value=\"Mila &lt;b&gt;\"") && page.contains("Your name is changed"), "{page}");
    assert!(mila.get("/queue").await.text().contains("Mila &lt;b&gt;"));
    let refused = mila.post("/your-data/name", &[("name", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("can&#39;t be a name") || refused.text().contains("can't be a name"));
    mila.post("/your-data/name", &[("from", "tiktok")]).await;
    assert!(mila.get("/your-data/correct").await.text().contains("value=\"Moloko Demo\""));
}

#[tokio::test]
async fn pp_7_2_an_account_is_read_anew_by_its_owner_and_not_too_often() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let path = format!("/connections/{id}/refresh");
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    stage.tiktok().set_user(MILA, |user| user.nickname = "Anew".to_owned()).unwrap();
    assert_eq!(mila.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(mila.get("/connections").await.text().contains("Anew"));
    let often = mila.post(&path, &[]).await;
    assert_eq!(often.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(often.text().contains("a moment ago"));
}

#[tokio::test]
async fn pp_7_4_consents_are_listed_with_the_way_back_that_leads_to_one_confirmation() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = stage.app.connections(&mila.actor().await).await.unwrap()[0].id;
    let page = mila.get("/your-data/consents").await.text();
    let way = format!("/connections/{id}/disconnect");
    for said in [
        way.as_str(),
        "href=\"/agreement\"",
        "Privacy Policy 1.1",
        "how you use these pages is not measured",
        "href=\"/analytics\"",
        "18 or older",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(mila.get(&way).await.status, StatusCode::OK, "the confirmation");
    assert_eq!(mila.post(&way, &[]).await.status, StatusCode::SEE_OTHER, "and it is over");
    let page = mila.get("/your-data/consents").await.text();
    assert!(page.contains("taken back") && page.contains("We may not act for any account"), "{page}");
}
