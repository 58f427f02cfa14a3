//! Reports of weeks over HTTP.

use axum::http::{StatusCode, header};

use crate::stage::{MILA, SITE, Stage};

#[tokio::test]
async fn a_week_has_one_address_and_the_same_as_a_workbook() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let page = mila.get("/reports").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("No week has anything yet"), "{}", page.text());
    let page = mila.get("/reports/2026-W47").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Week 47: 16 November – 22 November 2026"));
    let file = mila.get("/reports/2026-W47/file").await;
    assert!(file.body.starts_with(b"PK"));
    assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"moloko-report-2026-W47.xlsx\"");
    for wrong in
        ["/reports/2026-47", "/reports/2026-W54", "/reports/x", "/reports/2026-W47?account=x", "/reports?account=x"]
    {
        assert_eq!(mila.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(mila.get("/reports?newest=nonsense").await.status, StatusCode::OK);
}

/// The address that a page with a new link shows, without the site.
fn address_in(page: &str) -> String {
    let rest = page.split("data-copy=\"").nth(1).unwrap();
    let url = rest.split('"').next().unwrap();
    url.strip_prefix(SITE).unwrap_or_else(|| panic!("{url}")).to_owned()
}

#[tokio::test]
async fn pp_4_4_a_shared_report_is_read_without_signing_in_and_no_longer_than_its_maker_wants() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let form = [("which", "this"), ("days", "7"), ("name", "For the bakery")];
    let made = mila.post("/reports/2026-W47/share", &form).await;
    assert_eq!(made.status, StatusCode::OK);
    let address = address_in(&made.text());
    assert!(address.starts_with("/r/") && address.len() == 46, "{address}");
    assert!(!mila.get("/reports").await.text().contains(&address), "it is shown once");

    let nobody = stage.browser();
    let page = nobody.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("<html lang=\"en\"") && text.contains("Week 47") && text.contains("For the bakery"));
    assert!(!text.contains("href=\"/queue\"") && !text.contains("<form"), "nothing leads into the application");
    assert_eq!(page.header(header::CACHE_CONTROL), "private, no-store");
    assert_eq!(page.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(page.set_cookies(), Vec::<&str>::new());
    let russian = nobody.get(&format!("{address}?lang=ru")).await;
    assert!(russian.text().contains("<html lang=\"ru\"") && russian.text().contains("Неделя 47"));
    // The reader's own session plays no part, and no sentence of theirs is used up.
    mila.set_cookie("moloko_flash", "settings-saved");
    let own = mila.get(&address).await;
    assert_eq!((own.set_cookies(), own.text().contains("class=\"side\"")), (Vec::<&str>::new(), false));

    let consents = mila.get("/your-data/consents").await.text();
    assert!(consents.contains("For the bakery") && consents.contains("opened 3 times"), "{consents}");
    let end = consents.split("action=\"/reports/links/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let ended = mila.post(&format!("/reports/links/{end}"), &[("back", "/your-data/consents#links")]).await;
    assert_eq!((ended.status, ended.location()), (StatusCode::SEE_OTHER, "/your-data/consents#links"));

    let gone = nobody.get(&address).await;
    let unknown = nobody.get(&format!("/r/{}", "x".repeat(43))).await;
    assert_eq!((gone.status, unknown.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let plain = |text: String, word: &str| text.replace(word, "WORD");
    assert_eq!(plain(gone.text(), &address[3..]), plain(unknown.text(), &"x".repeat(43)), "nobody can tell which");
    for answer in [&gone, &unknown] {
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
        assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-store");
        assert!(answer.text().contains("There is nothing to see here"));
    }
    let picture = nobody.get(&format!("{address}/pictures/01930000-0000-7000-8000-000000000000")).await;
    assert_eq!((picture.status, picture.header(header::REFERRER_POLICY)), (StatusCode::NOT_FOUND, "no-referrer"));
}

#[tokio::test]
async fn what_cannot_be_shared_is_refused_in_words() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    for (path, form) in [
        ("/reports/2026-W48/share", [("which", "this"), ("days", "7"), ("name", "")]),
        ("/reports/2026-W47/share", [("which", "this"), ("days", "8"), ("name", "")]),
        ("/reports/2026-W47/share", [("which", "newest"), ("days", "7"), ("name", "a\nb\u{0}")]),
    ] {
        let refused = mila.post(path, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {form:?}");
    }
    let wish = mila.post("/reports/wish", &[("wish", "browsers")]).await;
    assert_eq!((wish.status, wish.location()), (StatusCode::SEE_OTHER, "/settings#weekly"));
    assert!(mila.get("/settings").await.text().contains("value=\"browsers\" selected"));
    assert_eq!(mila.post("/reports/wish", &[("wish", "loudly")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nobody_tries_words_for_long() {
    let stage = Stage::new().await;
    let nobody = stage.browser();
    let mut answers = Vec::new();
    for n in 0..70 {
        answers.push(nobody.get(&format!("/r/{n:043}")).await.status);
    }
    assert!(answers[..60].iter().all(|status| *status == StatusCode::NOT_FOUND));
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS));
}
