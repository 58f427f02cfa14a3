//! Who may pass which door, and what every answer carries.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use web::router::Access;

use crate::stage::{Answer, MILA, OLEG, Stage};

#[tokio::test]
async fn pp_1_7_pp_10_2_public_pages_open_for_everybody_and_set_no_cookie() {
    let stage = Stage::new().await;
    for path in ["/", "/connect", "/privacy", "/terms", "/help"] {
        let page = stage.browser().get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.set_cookies().is_empty(), "{path}");
        assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("form-action 'self' http://127.0.0.1"));
        assert_eq!(page.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(page.header(header::REFERRER_POLICY), "same-origin");
        assert!(page.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(page.headers.contains_key("x-request-id"));
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(stage.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_signed_in_person_sees_every_page_of_the_menu_in_both_languages() {
    let stage = Stage::new().await;
    let mut browser = stage.signed_in(MILA).await;
    for language in ["en", "ru"] {
        browser.language = language;
        let saved =
            browser.post("/settings", &[("locale", language), ("time_zone", "Europe/Moscow"), ("theme", "dark")]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        for path in ["/queue", "/library", "/compose", "/history", "/connections", "/settings"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            let text = page.text();
            assert!(text.contains(&format!("<html lang=\"{language}\" data-theme=\"dark\"")), "{path}");
            assert!(text.contains("Moloko Demo") || text.contains(&stage.tiktok().users()[0].nickname), "{path}");
            assert_eq!(page.header(header::CACHE_CONTROL), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn a_strangers_things_are_not_there() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;

    let oleg = stage.signed_in(OLEG).await;
    let reads = [
        format!("/posts/{post}"),
        format!("/posts/{post}/body"),
        format!("/posts/{post}/move"),
        format!("/posts/{post}/cancel"),
        format!("/compose/{group}"),
        format!("/connections/{connection}/disconnect"),
    ];
    for path in &reads {
        assert_eq!(mila.get(path).await.status, StatusCode::OK, "{path} for its owner");
        assert_eq!(oleg.get(path).await.status, StatusCode::NOT_FOUND, "{path} for a stranger");
    }
    let id = connection.to_string();
    let media = media.to_string();
    let writes: [(String, Vec<(&str, &str)>); 8] = [
        (format!("/posts/{post}/cancel"), vec![]),
        (format!("/posts/{post}/resolve"), vec![("answer", "not_there")]),
        (format!("/posts/{post}/move"), vec![("revision", "1"), ("action", "now")]),
        (format!("/compose/{group}/{post}"), vec![("revision", "1"), ("action", "save")]),
        (format!("/compose/{group}/{post}/delete"), vec![]),
        (format!("/compose/{group}/account"), vec![("connection", &id)]),
        (format!("/connections/{connection}/reconnect"), vec![]),
        (format!("/connections/{connection}/disconnect"), vec![]),
    ];
    for (path, fields) in &writes {
        assert_eq!(oleg.post(path, fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let theirs = oleg.post("/compose", &[("media", &media), ("connection", &id)]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(mila.get(&format!("/posts/{post}")).await.status, StatusCode::OK, "nothing happened to it");
}

#[tokio::test]
async fn another_site_cannot_press_our_buttons() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let mut request = browser.request(Method::POST, "/sign-out").body(Body::empty()).unwrap();
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert(name, value.parse().unwrap());
        let refused = browser.send(request).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(refused.text().contains("another site"), "the page says why");
    }
    assert_eq!(browser.get("/queue").await.status, StatusCode::OK, "still signed in");
    let mut own = browser.request(Method::POST, "/sign-out").body(Body::empty()).unwrap();
    own.headers_mut().remove("sec-fetch-site");
    own.headers_mut().insert("origin", "https://demo.example".parse().unwrap());
    assert_eq!(browser.send(own).await.status, StatusCode::SEE_OTHER, "an older browser that sends only the origin");
}

#[tokio::test]
async fn a_wrong_address_answers_in_the_readers_form_and_language() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    browser.language = "ru";
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("lang=\"ru\""));
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"));
    let program = Request::get("/nowhere").header(header::HOST, "demo.example").body(Body::empty()).unwrap();
    let document = Answer::read(stage.send(program).await).await;
    assert_eq!(document.header(header::CONTENT_TYPE), "application/problem+json");
    let document: serde_json::Value = serde_json::from_slice(&document.body).unwrap();
    assert_eq!(document["status"], 404);

    let method = browser.send(browser.request(Method::DELETE, "/privacy").body(Body::empty()).unwrap()).await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(method.text().contains("lang=\"ru\""));
}

#[tokio::test]
async fn malformed_ids_and_forms_are_refused_with_a_page() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    for path in ["/posts/nonsense", "/compose/1", "/media/x/file", "/connections/..%2f/disconnect"] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
        assert!(page.text().starts_with("<!DOCTYPE html>"), "{path}: {}", page.text());
    }
    let form = browser.post("/settings", &[("locale", "xx"), ("time_zone", "Mars/Base"), ("theme", "pink")]).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(form.text().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_form_larger_than_any_of_ours_is_refused() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let huge = "x".repeat(3 * 1024 * 1024);
    let page = browser.post("/settings", &[("locale", &huge)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_expired_session_leads_to_the_front_door() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    stage.tiktok().advance(app::sessions::IDLE_MS + 1);
    let away = browser.get("/queue").await;
    assert_eq!((away.status, away.location()), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test]
async fn starting_to_sign_in_has_a_limit_per_address() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let mut refused = None;
    for _ in 0..100 {
        let answer = browser.post("/connect", &[("adult", "on")]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    assert!(refused.text().contains("Too many requests"));
    let wait: u32 = refused.header(header::RETRY_AFTER).parse().unwrap();
    assert!((1..=4).contains(&wait), "a twentieth of a minute, rounded up: {wait}");
}

#[tokio::test]
async fn no_door_opens_without_a_session() {
    let stage = Stage::new().await;
    let id = "01930000-0000-7000-8000-000000000000";
    let mut doors = 0;
    for (path, access) in web::router::access_table() {
        if access != Access::SignedIn {
            continue;
        }
        let path = path
            .replace("{n}", "0")
            .split('/')
            .map(|part| if part.starts_with('{') { id } else { part })
            .collect::<Vec<_>>()
            .join("/");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let browser = stage.browser();
            let request = browser
                .request(method.clone(), &path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("tus-resumable", "1.0.0")
                .body(Body::empty());
            let answer = browser.send(request.unwrap()).await;
            let is_shut = match answer.status {
                StatusCode::SEE_OTHER => answer.location() == "/",
                StatusCode::UNAUTHORIZED => true,
                StatusCode::METHOD_NOT_ALLOWED => continue,
                _ => false,
            };
            assert!(is_shut, "{method} {path} answered {} {}", answer.status, answer.location());
            assert!(answer.set_cookies().is_empty(), "{method} {path}");
            doors += 1;
        }
    }
    assert!(doors >= 38, "{doors} doors were tried");
}

#[tokio::test]
async fn an_error_page_speaks_the_language_the_person_chose() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    browser.post("/settings", &[("locale", "ru"), ("time_zone", "Europe/Moscow"), ("theme", "dark")]).await;
    let page = browser.get("/posts/01930000-0000-7000-8000-000000000000").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("<html lang=\"ru\" data-theme=\"dark\""));
    assert!(page.text().contains("href=\"/settings\""), "inside the application");
}

#[tokio::test]
async fn the_menu_says_what_waits_for_the_person() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    assert!(!browser.get("/settings").await.text().contains("class=\"count hot\""));
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0);
    let mut tx = stage.database.store().begin().await.unwrap();
    let state = domain::connection::ConnectionState::ReconnectNeeded;
    tx.connection_set_state(connection.id, state, crate::stage::START).await.unwrap();
    tx.commit().await.unwrap();
    let page = browser.get("/settings").await.text();
    assert!(page.contains("class=\"count hot\""));
    assert!(page.contains("@moloko.demo"), "the account the person signed in with");
}

#[tokio::test]
async fn pp_5_1_every_cookie_of_an_https_site_stays_on_https() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let kept = browser.post("/preferences", &[("locale", "ru"), ("theme", "dark"), ("next", "/")]).await;
    assert_eq!(kept.set_cookies().len(), 2);
    assert!(kept.set_cookies().iter().all(|cookie| cookie.contains("; Secure")), "{:?}", kept.set_cookies());
    let loopback = Stage::reached_under("http://127.0.0.1:8080", |_| {}).await;
    let kept = loopback.browser().post("/preferences", &[("locale", "ru"), ("next", "/")]).await;
    assert!(!kept.set_cookies()[0].contains("Secure"));
}

#[tokio::test]
async fn pages_are_compressed_where_the_browser_takes_it() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let request =
        browser.request(Method::GET, "/terms").header(header::ACCEPT_ENCODING, "br, gzip").body(Body::empty());
    let page = browser.send(request.unwrap()).await;
    assert_eq!(page.header(header::CONTENT_ENCODING), "br");
}
