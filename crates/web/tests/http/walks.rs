//! Walks along the whole table of routes: what holds for every door, whoever adds one.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use domain::privacy::support::RequestKind;
use domain::snippet::SnippetKind;
use web::router::{Access, access_table};

use crate::stage::{ALL_SCOPES, Answer, Browser, MILA, OLEG, SITE, Stage};

/// An account that neither of them has.
const CAREFUL: &str = "moloko.strict";
/// An id that nothing has.
const NOBODY: &str = "01930000-0000-7000-8000-000000000000";

/// A path of the table with something in each hole.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{n}" => "0".to_owned(),
        hole if hole.starts_with('{') => NOBODY.to_owned(),
        word => word.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn paths() -> Vec<(String, Access)> {
    let mut paths: Vec<(String, Access)> = access_table().into_iter().map(|(path, who)| (filled(path), who)).collect();
    paths.dedup();
    paths
}

#[tokio::test]
async fn another_site_changes_nothing_through_any_door() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    for (path, access) in paths() {
        if access == Access::Webhook {
            continue;
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let mut request = browser.request(method.clone(), &path).body(Body::empty()).unwrap();
            request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
            assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{method} {path}");
        }
    }
    assert_eq!(browser.get("/queue").await.status, StatusCode::OK, "still signed in");
}

fn protected(headers: &HeaderMap, path: &str) {
    let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default().to_owned();
    let policy = value("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(value("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(value("x-frame-options"), "DENY", "{path}");
    assert_eq!(value("cross-origin-opener-policy"), "same-origin", "{path}");
    assert_eq!(value("cross-origin-resource-policy"), "same-origin", "{path}");
    assert!(value("permissions-policy").contains("camera=()"), "{path}");
    assert!(value("strict-transport-security").starts_with("max-age="), "{path}");
    assert!(!value("cache-control").is_empty() && !value("x-request-id").is_empty(), "{path}");
    assert!(!headers.contains_key(header::SERVER) && !headers.contains_key("x-powered-by"), "{path}");
    let referrer = if path.starts_with("/oauth/") || path.starts_with("/r/") { "no-referrer" } else { "same-origin" };
    assert_eq!(value("referrer-policy"), referrer, "{path}");
}

#[tokio::test]
async fn every_answer_protects_whoever_reads_it() {
    let stage = Stage::new().await;
    let (signed_in, nobody) = (stage.signed_in(MILA).await, stage.browser());
    let mut all = paths();
    all.push(("/nowhere".to_owned(), Access::Public));
    all.push(("/assets/nothing.css".to_owned(), Access::Public));
    for (path, _) in all {
        for browser in [&signed_in, &nobody] {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PATCH] {
                let answer = stage.send(browser.request(method, &path).body(Body::empty()).unwrap()).await;
                protected(answer.headers(), &path);
            }
        }
    }
}

#[tokio::test]
async fn a_method_that_a_door_does_not_know_is_answered_with_those_it_knows() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    // Pages of operators do not exist for this person, by whatever method.
    for (path, _) in paths().into_iter().filter(|(_, access)| *access != Access::Console) {
        let method = Method::from_bytes(b"PROPFIND").unwrap();
        let mut request = browser.request(method, &path).body(Body::empty()).unwrap();
        request.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
        let answer = browser.send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(!answer.header(header::ALLOW).is_empty(), "{path}");
    }
}

/// Everything that a person can have, by the route that leads to it.
async fn belongings(stage: &Stage, mila: &Browser<'_>) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;
    let upload = stage.app.upload_create(&actor, "half.mp4", 1_000).await.unwrap().id;
    let away = mila.post("/connections/add", &[]).await;
    let question = mila.get(&mila.allow(away.location(), CAREFUL, &ALL_SCOPES)).await.location().to_owned();
    let asked = question.rsplit('/').next().unwrap().to_owned();
    let request = stage.app.ask(&actor, RequestKind::Question, "Whose is this?").await.unwrap();
    stage.app.operator_answer(request, "Yours.").await.unwrap();
    let notice = stage.app.notices(&actor).await.unwrap()[0].number;
    let snippet = stage.app.snippet_add(&actor, SnippetKind::Template, "Hello", "Good morning").await.unwrap();
    let saved_view = stage.app.saved_view_add(&actor, "Failed", "state=failed").await.unwrap();
    let day = domain::metrics::day_number(stage.app.now());
    let annotation = stage.app.annotation_add(&actor, day, None, "Campaign began").await.unwrap();
    let label = stage.app.label_add(&actor, "season", None).await.unwrap();
    let idea = stage.app.idea_add(&actor, "Milk at dawn", None).await.unwrap();
    let post_group = vec![("{group}", group.to_string()), ("{post}", post.to_string())];
    stage.app.ask_export(&actor, false).await.unwrap();
    stage.app.build_next_export().await.unwrap();
    let view = stage.app.export_view(&actor).await.unwrap();
    let (job, link) = (view.job.unwrap(), view.link.unwrap());
    let export =
        vec![("{id}", job.id.to_string()), ("{until}", link.until.millis().to_string()), ("{word}", link.word)];
    // Last, for this ends the grant.
    stage.app.leave(&actor).await.unwrap();
    stage.app.stay(&actor).await.unwrap();
    let erasure = stage.app.receipts(&actor).await.unwrap().erasures.remove(0).id;
    let thrown = mila.media().await;
    let deletion = stage.app.media_delete(&actor, thrown).await.unwrap().id;
    let week = format!("2026-W47?account={connection}");
    let week_share = format!("2026-W47/share?account={connection}");
    let share = app::reports::links::Share { week: None, connection: None, name: String::new(), days: 7 };
    let report_link = stage.app.report_share(&actor, &share).await.unwrap().0.id;
    let week_file = format!("2026-W47/file?account={connection}");
    vec![
        ("/reports/links/", vec![("{id}", report_link.to_string())]),
        ("/reports/{week}/share", vec![("{week}/share", week_share)]),
        ("/reports/{week}/file", vec![("{week}/file", week_file)]),
        ("/reports/", vec![("{week}", week)]),
        ("/your-data/receipts/", vec![("{id}", erasure.to_string())]),
        ("/library/receipts/", vec![("{id}", deletion.to_string())]),
        ("/your-data/export/", export),
        ("/compose/", post_group),
        ("/bulk/rows/", vec![("{post}", post.to_string())]),
        ("/posts/", vec![("{id}", post.to_string())]),
        ("/calendar/posts/", vec![("{id}", post.to_string())]),
        ("/connect/account/", vec![("{id}", asked)]),
        ("/connections/", vec![("{id}", connection.to_string())]),
        ("/help/requests/", vec![("{number}", request.to_string())]),
        ("/board/ideas/", vec![("{id}", idea.to_string())]),
        ("/board/posts/", vec![("{id}", post.to_string())]),
        ("/labels/", vec![("{id}", label.to_string())]),
        ("/snippets/", vec![("{id}", snippet.to_string())]),
        ("/history/views/", vec![("{id}", saved_view.to_string())]),
        ("/analytics/notes/", vec![("{id}", annotation.to_string())]),
        ("/notices/", vec![("{number}", notice.to_string())]),
        ("/settings/push/", vec![("{id}", actor.session_id.to_string())]),
        ("/settings/sessions/", vec![("{id}", actor.session_id.to_string())]),
        ("/library/uploads/", vec![("{id}", upload.to_string())]),
        ("/library/", vec![("{id}", media.to_string())]),
        ("/api/v1/uploads/", vec![("{id}", upload.to_string())]),
        ("/media/", vec![("{id}", media.to_string()), ("{n}", "0".to_owned())]),
    ]
}

fn led_to(path: &str, belongings: &[(&'static str, Vec<(&'static str, String)>)]) -> String {
    let (_, ids) = belongings
        .iter()
        .find(|(start, _)| path.starts_with(start))
        .unwrap_or_else(|| panic!("{path} leads to something that this walk does not know: add it to `belongings`"));
    let led = ids.iter().fold(path.to_owned(), |path, (hole, id)| path.replace(hole, id));
    assert!(!led.contains('{'), "{led}");
    led
}

#[tokio::test]
async fn through_no_door_a_stranger_reaches_what_is_not_theirs() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let hers = belongings(&stage, &mila).await;
    let actor = mila.actor().await;
    let before = picture_of(&stage, &actor).await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let oleg = stage.signed_in(OLEG).await;
    let form = format!("revision=1&action=save&answer=not_there&connection={connection}");
    let mut tried = 0;
    for (path, access) in access_table() {
        if access != Access::SignedIn || !path.contains('{') {
            continue;
        }
        let path = led_to(path, &hers);
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let bytes = path.starts_with("/api/v1/uploads/");
            let kind = if bytes { "application/offset+octet-stream" } else { "application/x-www-form-urlencoded" };
            let request = oleg
                .request(method.clone(), &path)
                .header(header::CONTENT_TYPE, kind)
                .header("tus-resumable", "1.0.0")
                .header("upload-offset", "0")
                .body(Body::from(form.clone()));
            let answer = oleg.send(request.unwrap()).await;
            if answer.status != StatusCode::METHOD_NOT_ALLOWED {
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}: {}", answer.text());
                tried += 1;
            }
        }
    }
    assert!(tried >= 37, "{tried} doors were tried");
    assert_eq!(picture_of(&stage, &actor).await, before, "nothing of hers changed");
    assert_eq!(mila.get("/queue").await.status, StatusCode::OK, "and she is still signed in");
}

/// Everything of a person that a stranger might have touched.
async fn picture_of(stage: &Stage, actor: &app::Actor) -> String {
    let app = &stage.app;
    let drafts = stage.database.store().posts_drafts(actor.workspace_id, 10).await.unwrap();
    let files = app.media_list(actor, None, 10).await.unwrap();
    let (uploads, connections) = (app.uploads_open(actor).await.unwrap(), app.connections(actor).await.unwrap());
    format!("{drafts:?} {files:?} {uploads:?} {connections:?}")
}

#[tokio::test]
async fn a_bearer_secret_opens_only_what_programs_use() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let secret = mila.cookie("__Host-moloko").unwrap();
    for path in ["/queue", "/settings", "/media/01930000-0000-7000-8000-000000000000/file", "/live"] {
        let request = stage
            .browser()
            .request(Method::GET, path)
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .body(Body::empty());
        let answer = Answer::read(stage.send(request.unwrap()).await).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{path}");
    }
    let oleg = stage.signed_in(OLEG).await;
    let request = Request::post("/api/v1/uploads")
        .header(header::HOST, SITE.trim_start_matches("https://"))
        .header(header::COOKIE, format!("__Host-moloko={}", oleg.cookie("__Host-moloko").unwrap()))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 10);
    assert_eq!(stage.send(request.body(Body::empty()).unwrap()).await.status(), StatusCode::CREATED);
    assert_eq!(
        stage.app.uploads_open(&mila.actor().await).await.unwrap().len(),
        1,
        "the secret counts, not the cookie"
    );
    assert!(stage.app.uploads_open(&oleg.actor().await).await.unwrap().is_empty());
}

#[tokio::test]
async fn when_the_database_is_away_every_page_says_so_and_nothing_else() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let back = browser.walk_to_tiktok(MILA, &crate::stage::ALL_SCOPES).await;
    stage.database.store().close().await;
    for path in ["/queue", "/readyz", "/settings", &back] {
        let page = browser.get(path).await;
        assert!(page.status.is_server_error(), "{path}: {}", page.status);
        let text = page.text().to_lowercase();
        // A machine asks for this one, so it is answered in a machine's form.
        let begins = if path == "/readyz" { "{" } else { "<!doctype html>" };
        assert!(text.starts_with(begins), "{path}");
        for internal in ["sqlx", "pool", "sqlite", "store", "code="] {
            assert!(!text.contains(internal), "{path} tells {internal}: {text}");
        }
        protected(&page.headers, path);
    }
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK, "the process itself lives");
}

#[tokio::test]
async fn every_page_is_compressed_and_no_stream_is() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    for path in ["/queue", "/library", "/compose", "/history", "/connections", "/settings"] {
        let request = browser.request(Method::GET, path).header(header::ACCEPT_ENCODING, "gzip");
        let page = browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(page.header(header::CONTENT_ENCODING), "gzip", "{path}");
        assert!(page.header(header::VARY).to_lowercase().contains("accept-encoding"), "{path}");
    }
}
