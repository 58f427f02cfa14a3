//! Taking one's data along: who gets the file, by which link, with which headers, and in parts.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use crate::stage::{Browser, MILA, OLEG, Stage};

/// The way to the file, as the page gives it.
async fn link(browser: &Browser<'_>) -> String {
    let page = browser.get("/your-data").await.text();
    let (_, rest) = page.split_once("href=\"/your-data/export/").expect("the page offers a file");
    format!("/your-data/export/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn pp_7_6_the_file_is_for_the_session_that_asked_and_for_nobody_else() {
    let stage = Stage::new().await;
    let (mila, elsewhere) = (stage.signed_in(MILA).await, stage.signed_in(MILA).await);
    let (oleg, nobody) = (stage.signed_in(OLEG).await, stage.browser());
    mila.media().await;
    let page = mila.get("/your-data").await.text();
    assert!(page.contains("action=\"/your-data/export\"") && !page.contains("href=\"/your-data/export/"), "{page}");
    let asked = mila.post("/your-data/export", &[("files", "on")]).await;
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, "/your-data#export"));
    let again = elsewhere.post("/your-data/export", &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(mila.get("/your-data/export").await.text().contains("<progress"), "the part that live updates fetch");
    assert!(stage.app.build_next_export().await.unwrap());

    let path = link(&mila).await;
    let whole = mila.get(&path).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.header(header::CONTENT_TYPE), "application/zip");
    assert_eq!(whole.header(header::CONTENT_DISPOSITION), "attachment; filename=\"moloko-2026-11-24.zip\"");
    assert_eq!(whole.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(whole.header(header::CACHE_CONTROL), "private, no-store");
    assert_eq!(whole.header(header::CONTENT_LENGTH), whole.body.len().to_string());
    assert!(whole.body.starts_with(b"PK\x03\x04"));

    let part = mila.request(Method::GET, &path).header(header::RANGE, "bytes=4-9").body(Body::empty()).unwrap();
    let part = mila.send(part).await;
    assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, &whole.body[4..10]));
    assert_eq!(part.header(header::CONTENT_RANGE), format!("bytes 4-9/{}", whole.body.len()));
    let beyond =
        mila.request(Method::GET, &path).header(header::RANGE, "bytes=99999999999-").body(Body::empty()).unwrap();
    assert_eq!(mila.send(beyond).await.status, StatusCode::RANGE_NOT_SATISFIABLE);

    for stranger in [&oleg, &elsewhere] {
        assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    assert_ne!(nobody.get(&path).await.status, StatusCode::OK);
    let forged = path.replace(path.rsplit('/').next().unwrap(), "guessed");
    assert_eq!(mila.get(&forged).await.status, StatusCode::NOT_FOUND);
    let too_soon = mila.post("/your-data/export", &[]).await;
    assert_eq!(too_soon.status, StatusCode::CONFLICT);
    assert!(too_soon.text().contains("24 hours"), "{}", too_soon.text());
    assert!(mila.get("/your-data").await.text().contains("one a day"), "and the page says from when");

    stage.tiktok().advance(24 * 3_600_000);
    assert_eq!(mila.get(&path).await.status, StatusCode::NOT_FOUND, "the link is over");
    assert_eq!(mila.get(&link(&mila).await).await.status, StatusCode::OK, "the page has a new one");
    stage.tiktok().advance(6 * 24 * 3_600_000);
    let page = mila.get("/your-data").await.text();
    assert!(!page.contains("href=\"/your-data/export/"), "the file is over");
}

#[tokio::test]
async fn pp_7_6_a_full_disk_says_so() {
    let stage = Stage::reached_under(crate::stage::SITE, |settings| settings.disk_reserve_bytes = Some(u64::MAX)).await;
    let mila = stage.signed_in(MILA).await;
    assert_eq!(mila.post("/your-data/export", &[]).await.status, StatusCode::INSUFFICIENT_STORAGE);
}

#[tokio::test]
async fn pp_7_6_the_schemas_are_there_for_everybody() {
    let stage = Stage::new().await;
    let nobody = stage.browser();
    for name in app::export::schema::names() {
        let answer = nobody.get(&format!("/schemas/export/1/{name}.json")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/schema+json");
        assert!(answer.set_cookies().is_empty());
        let schema: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(schema["$id"], format!("/schemas/export/1/{name}.json"));
    }
    for name in ["post", "nothing.json", "..json"] {
        assert_eq!(nobody.get(&format!("/schemas/export/1/{name}")).await.status, StatusCode::NOT_FOUND, "{name}");
    }
}
