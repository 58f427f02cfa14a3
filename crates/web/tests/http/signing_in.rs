//! The way to TikTok and back, over HTTP.

use axum::http::{StatusCode, header};

use crate::stage::{ALL_SCOPES, MILA, OLEG, Stage};

#[tokio::test]
async fn without_the_age_box_nobody_leaves_for_tiktok() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let page = browser.get("/connect").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("name=\"adult\"") && !page.text().contains("checked"), "unticked");

    let refused = browser.post("/connect", &[("next", "/queue")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("18"));
    assert!(refused.set_cookies().is_empty(), "no walk, no cookie");
}

#[tokio::test]
async fn a_person_signs_in_and_the_code_leaves_the_address_bar_at_once() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let away = browser.post("/connect", &[("adult", "on"), ("next", "/compose")]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(away.location().starts_with(&format!("{}/v2/auth/authorize/", stage.running.url)));
    let cookie = away.set_cookies().join("\n");
    assert!(cookie.starts_with("__Host-moloko-browser="), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }

    let back = browser.allow(away.location(), MILA, &ALL_SCOPES);
    let arrived = browser.get(&back).await;
    assert_eq!((arrived.status, arrived.location()), (StatusCode::SEE_OTHER, "/compose"));
    assert_eq!(arrived.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(arrived.header(header::CACHE_CONTROL), "no-store");
    let session = arrived.set_cookies().into_iter().find(|it| it.starts_with("__Host-moloko=")).unwrap().to_owned();
    for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
        assert!(session.contains(attribute), "{attribute} in {session}");
    }
    assert!(!session.contains("Domain="));

    let queue = browser.get("/queue").await;
    assert_eq!(queue.status, StatusCode::OK);
    assert_eq!(browser.actor().await.display_name, stage.tiktok().users()[0].nickname);
}

#[tokio::test]
async fn on_loopback_without_tls_the_cookie_has_a_name_that_browsers_take() {
    let stage = Stage::reached_under("http://127.0.0.1:8080", |_| {}).await;
    let browser = stage.signed_in(MILA).await;
    assert_eq!(browser.get("/queue").await.status, StatusCode::OK);
    assert!(browser.cookie("moloko").is_some() && browser.cookie("__Host-moloko").is_none());
}

#[tokio::test]
async fn an_answer_that_belongs_to_another_browser_or_comes_twice_is_refused() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    let thief = stage.browser();
    let foreign = thief.get(&back).await;
    assert_eq!(foreign.location(), "/connect/failed", "no code stays in the address bar");
    assert!(thief.cookie("__Host-moloko").is_none());
    assert!(thief.get("/connect/failed").await.text().contains("another sign-in"));

    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let again = browser.get(&back).await;
    assert_eq!(again.location(), "/connect/failed");
    assert_eq!(again.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(stage.browser().get("/connect/failed").await.location(), "/connect", "nothing failed in this browser");
}

#[tokio::test]
async fn what_tiktok_says_instead_of_a_code_has_its_own_page_in_the_readers_language() {
    let stage = Stage::new().await;
    for (query, words) in [
        ("error=access_denied", "Cancel"),
        ("error=access_denied&error_type=non_sandbox_target", "sandbox"),
        ("error=unauthorized_client&error_type=client_key&errCode=10003", "operator"),
        ("error=invalid_scope", "video.publish"),
        ("error=temporarily_unavailable", "temporarily_unavailable"),
    ] {
        let browser = stage.browser();
        let away = browser.post("/connect", &[("adult", "on")]).await;
        let state = away.location().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let away = browser.get(&format!("/oauth/tiktok/callback/?{query}&state={state}")).await;
        assert_eq!(away.location(), "/connect/failed", "{query}");
        let page = browser.get("/connect/failed").await;
        assert!(page.text().contains(words), "{query}: {}", page.text());
        assert!(browser.cookie("__Host-moloko").is_none());
    }
    let mut browser = stage.browser();
    browser.language = "ru";
    browser.get("/oauth/tiktok/callback/?error=access_denied&state=x").await;
    let page = browser.get("/connect/failed").await;
    assert!(page.text().contains("lang=\"ru\""));
}

#[tokio::test]
async fn a_partial_grant_is_said_and_shown() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &["user.info.basic", "video.upload"]).await;
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let page = browser.get("/connections").await;
    assert!(page.text().contains("class=\"toast\""), "the missing permission is said once");
    assert!(!browser.get("/connections").await.text().contains("class=\"toast\""), "and only once");
}

#[tokio::test]
async fn a_second_account_is_asked_for_and_joins_the_same_person() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let before = browser.actor().await;
    let away = browser.post("/connections/add", &[]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(away.location().contains("disable_auto_auth=1"), "TikTok must ask which account: {}", away.location());
    let back = browser.allow(away.location(), OLEG, &ALL_SCOPES);
    let arrived = browser.get(&back).await;
    let question = arrived.location().to_owned();
    assert!(arrived.status == StatusCode::SEE_OTHER && question.starts_with("/connect/account/"), "{question}");
    assert_eq!(arrived.header(header::REFERRER_POLICY), "no-referrer");
    let asked = browser.get(&question).await.text();
    assert!(asked.contains("Connect this account?") && asked.contains("@moloko.private"));
    assert_eq!(stage.app.connections(&before).await.unwrap().len(), 1, "a look at the question changes nothing");
    let confirmed = browser.post(&question, &[]).await;
    assert_eq!((confirmed.status, confirmed.location()), (StatusCode::SEE_OTHER, "/connections"));
    assert_eq!(browser.actor().await.session_id, before.session_id);
    assert_eq!(stage.app.connections(&before).await.unwrap().len(), 2);
    let page = browser.get("/connections").await.text();
    assert!(page.contains("moloko.demo") && page.contains("moloko.private"));
    let over = browser.get(&question).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND);
    assert!(over.text().contains("That question is over"), "{}", over.text());
}

#[tokio::test]
async fn the_wrong_account_is_sent_away_and_a_stranger_cannot_answer() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let away = browser.post("/connections/add", &[]).await;
    let question = browser.get(&browser.allow(away.location(), OLEG, &ALL_SCOPES)).await.location().to_owned();
    let stranger = stage.signed_in(OLEG).await;
    for path in [question.clone(), format!("{question}/decline")] {
        assert_eq!(stranger.post(&path, &[]).await.status, StatusCode::NOT_FOUND, "as if it were not there");
    }
    assert!(browser.get(&question).await.text().contains("@moloko.private"), "still open");
    let declined = browser.post(&format!("{question}/decline"), &[]).await;
    assert_eq!((declined.status, declined.location()), (StatusCode::SEE_OTHER, "/connections"));
    let page = browser.get("/connections").await.text();
    assert!(page.contains("Not connected") && !page.contains("moloko.private"));
}

#[tokio::test]
async fn tiktok_gives_the_account_that_is_connected_already_and_the_page_says_so() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let away = browser.post("/connections/add", &[]).await;
    let back = browser.allow(away.location(), MILA, &ALL_SCOPES);
    assert_eq!(browser.get(&back).await.location(), "/connections", "nothing to ask");
    assert!(browser.get("/connections").await.text().contains("was connected already"));
}

#[tokio::test]
async fn renewing_with_another_account_changes_nothing() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0);
    let away = browser.post(&format!("/connections/{}/reconnect", connection.id), &[]).await;
    let back = browser.allow(away.location(), OLEG, &ALL_SCOPES);
    assert_eq!(browser.get(&back).await.location(), "/connect/failed");
    let page = browser.get("/connect/failed").await;
    assert!(page.text().contains(&connection.display_name), "the expected account is named");
    assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 1);
}

#[tokio::test]
async fn disconnecting_asks_first_and_then_destroys_the_tokens() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0);
    let path = format!("/connections/{}/disconnect", connection.id);
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_some(), "asking changes nothing");
    let done = browser.post(&path, &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(stage.database.store().token(connection.id).await.unwrap().is_none());
    let receipt = done.location().to_owned();
    assert!(receipt.starts_with("/receipts/"), "the answer is a receipt");

    let page = browser.get(&receipt).await;
    assert!(page.text().contains("confirmed that our access is over"));
    assert_eq!(page.headers.get("referrer-policy").unwrap(), "no-referrer");
    assert_eq!(page.headers.get("cache-control").unwrap(), "no-store");
    let stranger = stage.browser();
    let page = stranger.get(&receipt).await;
    assert_eq!(page.status, StatusCode::OK, "who has no account any more can read it, too");
    assert!(!page.headers.contains_key("set-cookie"));
    let file = stranger.get(&format!("{receipt}/receipt.json")).await;
    let told: serde_json::Value = serde_json::from_str(&file.text()).unwrap();
    assert_eq!((&told["state"], &told["tiktok_revocation"]), (&"waiting".into(), &"confirmed".into()));
    assert_eq!(stranger.get("/receipts/nobody-knows-this").await.status, StatusCode::NOT_FOUND);
    let connections = browser.get("/connections").await.text();
    assert!(connections.contains("are erased from"), "the page says from when on");
}

#[tokio::test]
async fn pp_6_2_pp_7_3_leaving_asks_first_gives_a_receipt_and_can_be_taken_back() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    assert!(browser.get("/settings").await.text().contains("/settings/leave"));
    assert_eq!(browser.get("/settings/leave").await.status, StatusCode::OK);
    let done = browser.post("/settings/leave", &[]).await;
    let receipt = done.location().to_owned();
    let page = browser.get(&receipt).await.text();
    assert!(page.contains("/settings/stay"), "the reader may change their mind");
    assert!(!stage.browser().get(&receipt).await.text().contains("/settings/stay"), "nobody else may");
    for path in ["/queue", "/history", "/library"] {
        assert!(browser.get(path).await.text().contains("/settings/stay"), "every page offers the way back: {path}");
    }
    assert_eq!(browser.post("/settings/leave", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(browser.post("/settings/stay", &[]).await.location(), "/connections");
    assert_eq!(browser.post("/settings/stay", &[]).await.status, StatusCode::CONFLICT);
    assert!(browser.get("/settings").await.text().contains("/settings/leave"));
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let secret = browser.cookie("__Host-moloko").unwrap();
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(out.headers.contains_key("clear-site-data"));
    assert!(browser.cookie("__Host-moloko").is_none());
    browser.set_cookie("__Host-moloko", &secret);
    assert_eq!(browser.get("/queue").await.status, StatusCode::SEE_OTHER, "an old cookie opens nothing");
}

#[tokio::test]
async fn signing_in_again_gives_a_new_secret_and_kills_the_old_one() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let first = browser.cookie("__Host-moloko").unwrap();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.cookie("__Host-moloko").unwrap(), first);
    let copy = stage.browser();
    copy.set_cookie("__Host-moloko", &first);
    assert_eq!(copy.get("/queue").await.location(), "/", "a copy of the old cookie opens nothing");
    assert_eq!(stage.app.sessions(&browser.actor().await).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_that_is_used_daily_still_ends_after_ninety_days() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    const DAY_MS: i64 = 86_400_000;
    for _ in 0..3 {
        stage.tiktok().advance(29 * DAY_MS);
        assert_eq!(browser.get("/settings").await.status, StatusCode::OK);
    }
    stage.tiktok().advance(4 * DAY_MS);
    assert_eq!(browser.get("/settings").await.location(), "/");
}

#[tokio::test]
async fn a_person_sees_and_ends_their_other_sessions() {
    let stage = Stage::new().await;
    let laptop = stage.signed_in(MILA).await;
    let phone = stage.signed_in(MILA).await;
    let other = phone.actor().await.session_id;
    assert!(laptop.get("/settings").await.text().contains(&format!("/settings/sessions/{other}/end")));
    let ended = laptop.post(&format!("/settings/sessions/{other}/end"), &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(phone.get("/queue").await.location(), "/");
    let stranger = stage.signed_in(OLEG).await;
    let mine = laptop.actor().await.session_id;
    let foreign = stranger.post(&format!("/settings/sessions/{mine}/end"), &[]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_way_back_stays_on_this_site() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    for evil in ["https://evil.example/", "//evil.example", "/admin", "/\\evil"] {
        let away = browser.post("/connect", &[("adult", "on"), ("next", evil)]).await;
        let back = browser.allow(away.location(), MILA, &ALL_SCOPES);
        assert_eq!(browser.get(&back).await.location(), "/queue", "{evil}");
    }
}

#[tokio::test]
async fn whoever_chooses_a_language_before_signing_in_goes_on_in_it() {
    let stage = Stage::new().await;
    let first = stage.signed_in(MILA).await;
    assert_eq!(first.actor().await.locale, "en");
    first.post("/preferences", &[("theme", "dark")]).await;
    let second = stage.browser();
    second.post("/preferences", &[("locale", "ru"), ("next", "/")]).await;
    let back = second.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    second.get(&back).await;
    assert_eq!(second.actor().await.locale, "ru");
    let saved = second.post("/settings", &[("locale", "en"), ("time_zone", "Europe/Berlin"), ("theme", "light")]).await;
    assert!(
        saved.set_cookies().iter().any(|cookie| cookie.starts_with("moloko_locale=en;")),
        "so it does not come back"
    );
    let third = stage.browser();
    let back = third.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    third.get(&back).await;
    let actor = third.actor().await;
    assert_eq!(
        (actor.locale.as_str(), actor.time_zone.as_str()),
        ("en", "Europe/Berlin"),
        "nothing chosen, nothing changed"
    );
}
