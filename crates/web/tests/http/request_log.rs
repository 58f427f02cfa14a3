//! The request log as it lies on the disk: what a line holds, what never stands in it, how it shrinks, and that nobody waits for it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::requests::{RequestLog, RequestWriter};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode, header};
use domain::privacy::clauses::{REQUEST_LOG_DAYS, REQUEST_LOG_IP_DAYS};
use store::requests::{Keep, RequestLine};
use tokio_util::sync::CancellationToken;
use web::WebState;
use web::pages::legal::LegalFacts;

use crate::stage::{ALL_SCOPES, Browser, MILA, Stage};

const KEEP: Keep = Keep { ip_days: REQUEST_LOG_IP_DAYS, days: REQUEST_LOG_DAYS };
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:156.0) Gecko/20100101 Firefox/156.0.7";
const DAY_MS: i64 = 86_400_000;

fn folder(stage: &Stage) -> PathBuf {
    stage.database.folder().join("requests")
}

/// The stage's router with a request log in a folder.
fn keeping(stage: &Stage, folder: &Path) -> (Router, RequestLog, RequestWriter) {
    let (log, writer) = RequestLog::new(folder.to_owned(), KEEP);
    let state = WebState::new(Arc::clone(&stage.app), LegalFacts::sample());
    (web::router(WebState { requests: Some(log.clone()), ..state }), log, writer)
}

/// Writes what is left and sweeps, as the service does between its start and its end.
async fn written(stage: &Stage, writer: RequestWriter) {
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(Arc::clone(&stage.app.clock), stop).await;
}

/// All that lies there. A file that is being written anew may be gone between the list and the look.
fn text(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok()).collect()
}

async fn visit(browser: &Browser<'_>, path: &str) -> StatusCode {
    let mut request = browser
        .request(Method::GET, path)
        .header(header::USER_AGENT, AGENT)
        .header("sec-ch-ua-platform-version", "canary-hint")
        .header(header::REFERER, "https://elsewhere.example/canary-referrer")
        .body(Body::empty())
        .unwrap();
    let peer: SocketAddr = "203.0.113.77:40000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    browser.send(request).await.status
}

#[tokio::test]
async fn pp_1_5_a_line_holds_template_families_and_address_and_nothing_that_tells_browsers_or_posts_apart() {
    let mut stage = Stage::new().await;
    let folder = folder(&stage);
    let (router, log, writer) = keeping(&stage, &folder);
    stage.router = router;
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let actor = browser.actor().await;
    let media = browser.media().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.app.store.posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    assert_eq!(visit(&browser, &format!("/compose/{group}?canary-query=1")).await, StatusCode::OK);
    visit(&browser, &format!("/posts/{}", post.id)).await;
    assert_eq!(visit(&browser, "/canary-path/of/nobody").await, StatusCode::NOT_FOUND);
    assert_eq!(visit(&browser, &format!("/media/{media}/file")).await, StatusCode::OK);
    visit(&stage.browser(), "/queue").await;
    written(&stage, writer).await;

    let all = text(&folder);
    let lines: Vec<RequestLine> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(u64::try_from(lines.len()).unwrap(), log.written());
    let line =
        |route: &str| lines.iter().find(|line| line.route == route).unwrap_or_else(|| panic!("{route} in {all}"));
    let compose = line("/compose/{group}");
    assert_eq!((compose.method.as_str(), compose.status, compose.ip.as_str()), ("GET", 200, "203.0.113.77"));
    assert_eq!((compose.browser.as_deref(), compose.system.as_deref()), (Some("Firefox"), Some("Linux")));
    assert_eq!(compose.at, "2026-11-24T09:00:00.000Z");
    let session = compose.session.clone().expect("signed in");
    assert_eq!(session.len(), 8);
    assert_eq!(line("/posts/{id}").session, Some(session), "the same browser is recognised by its session alone");
    assert_eq!(line("/queue").session, None, "a stranger has none");
    assert_eq!((line("-").status, line("/oauth/tiktok/callback/").status), (404, 303));

    // Nothing else, by name and by value.
    let names: BTreeSet<String> = all
        .lines()
        .flat_map(|line| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).unwrap())
        .map(|(name, _)| name)
        .collect();
    let known = ["at", "browser", "ip", "method", "ms", "route", "session", "status", "system"];
    assert_eq!(names, known.map(str::to_owned).into());
    let secret = browser.cookie("__Host-moloko").unwrap();
    let (post, group, media) = (post.id.to_string(), group.to_string(), media.to_string());
    let query = back.split_once('?').unwrap().1;
    for canary in [
        "canary",
        "156",
        "rv:",
        "X11",
        query,
        &secret,
        &post,
        &group,
        &media,
        &actor.session_id.to_string(),
        &actor.user_id.to_string(),
    ] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
}

#[tokio::test]
async fn pp_1_5_after_eight_days_no_full_address_is_left_and_after_thirty_one_no_row() {
    let mut stage = Stage::new().await;
    let folder = folder(&stage);
    let (router, _, writer) = keeping(&stage, &folder);
    stage.router = router;
    visit(&stage.browser(), "/").await;
    written(&stage, writer).await;
    assert!(text(&folder).contains("203.0.113.77"));

    stage.tiktok().advance(8 * DAY_MS);
    written(&stage, keeping(&stage, &folder).2).await;
    let cut = text(&folder);
    assert!(cut.contains("203.0.113.0/24") && !cut.contains("203.0.113.77"), "{cut}");
    stage.tiktok().advance(23 * DAY_MS);
    written(&stage, keeping(&stage, &folder).2).await;
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_running_log_is_swept_after_midnight_by_itself() {
    let mut stage = Stage::new().await;
    let folder = folder(&stage);
    let (router, log, writer) = keeping(&stage, &folder);
    stage.router = router;
    let stop = CancellationToken::new();
    let running = tokio::spawn(writer.run(Arc::clone(&stage.app.clock), stop.clone()));
    visit(&stage.browser(), "/").await;
    until(|| log.written() == 1).await;
    stage.tiktok().advance(8 * DAY_MS);
    until(|| text(&folder).contains("203.0.113.0/24")).await;
    stop.cancel();
    running.await.unwrap();
    assert!(!text(&folder).contains("203.0.113.77"));
}

/// Waits for something that is under way.
async fn until(mut happened: impl FnMut() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it happens within ten seconds");
}

#[tokio::test]
async fn nobody_waits_for_the_log_and_a_disk_that_refuses_costs_lines_only() {
    let mut stage = Stage::new().await;
    // A file stands where the folder should be.
    let taken = stage.database.folder().join("taken");
    std::fs::write(&taken, "").unwrap();
    let (router, log, writer) = keeping(&stage, &taken);
    stage.router = router;
    let browser = stage.browser();
    for _ in 0..3 {
        assert_eq!(visit(&browser, "/").await, StatusCode::OK);
    }
    written(&stage, writer).await;
    assert_eq!((log.written(), log.left_out()), (0, 3));
    assert_eq!(visit(&browser, "/").await, StatusCode::OK, "after its end as well");
    assert_eq!(log.left_out(), 4);

    // Nobody writes: the queue fills, and then lines are left out.
    let (_, log, _writer) = keeping(&stage, &taken);
    let line = RequestLine {
        at: String::new(),
        route: "/".to_owned(),
        method: "GET".to_owned(),
        status: 200,
        ms: 0,
        browser: None,
        system: None,
        ip: String::new(),
        session: None,
    };
    for _ in 0..5_000 {
        log.leave(stage.app.now(), line.clone());
    }
    assert_eq!(log.left_out(), 5_000 - 4_096);
}
