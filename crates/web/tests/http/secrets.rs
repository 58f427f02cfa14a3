//! What the log holds after a whole day's work at its loudest: no token, no code, no secret, no caption, no upload address.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::publishing::Engine;
use axum::http::StatusCode;
use domain::post::PostState;
use tiktok_sim::{FaultAction, FaultRule, Route};
use tracing_subscriber::filter::LevelFilter;

use crate::stage::{ALL_SCOPES, MILA, OLEG, SECRET, Stage};

const CAPTION: &str = "a caption nobody else may read";

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The value of a query parameter.
fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn the_log_holds_no_secret_however_loud_it_is() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let stage = Stage::new().await;
    let mut canaries = vec![("client secret", SECRET.to_owned()), ("caption", CAPTION.to_owned())];

    // Two walks that fail, one that succeeds, one more account.
    let browser = stage.browser();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    canaries.push(("state", parameter(&back, "state")));
    canaries.push(("unused code", parameter(&back, "code")));
    stage.tiktok().fault(FaultRule::once(Route::TokenExchange, FaultAction::DropAfter));
    browser.get(&back).await;
    browser.get("/connect/failed").await;
    stage.tiktok().fault(FaultRule::once(Route::UserInfo, FaultAction::Truncate(40)));
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    browser.get(&back).await;
    canaries.extend(tokens(&stage));
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    canaries.push(("code", parameter(&back, "code")));
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let away = browser.post("/connections/add", &[]).await;
    let back = browser.allow(away.location(), OLEG, &ALL_SCOPES);
    let question = browser.get(&back).await.location().to_owned();
    canaries.extend(tokens(&stage));
    assert!(browser.get(&question).await.text().contains("Connect this account?"));
    browser.post(&question, &[]).await;
    canaries.push(("session secret", browser.cookie("__Host-moloko").unwrap()));
    canaries.push(("browser secret", browser.cookie("__Host-moloko-browser").unwrap()));
    canaries.extend(tokens(&stage));

    // A post that goes out with trouble on the way, and a token that has to be renewed meanwhile.
    for route in [Route::TokenRefresh, Route::CreatorInfo, Route::Upload, Route::Status] {
        stage.tiktok().fault(FaultRule::once(route, FaultAction::DropBefore));
    }
    let engine = Engine::spawn(Arc::clone(&stage.app));
    let actor = browser.actor().await;
    let media = browser.media().await;
    let connection = stage.app.connections(&actor).await.unwrap();
    let connection = connection.iter().find(|it| it.username.as_deref() == Some(MILA)).unwrap().id;
    stage.tiktok().advance(23 * 3_600_000 + 3_500_000);
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    let page = format!("/compose/{group}/{}", post.id);
    browser.get(&format!("/compose/{group}")).await;
    let revision =
        stage.database.store().post(actor.workspace_id, post.id).await.unwrap().unwrap().revision.to_string();
    let fields =
        [("revision", revision.as_str()), ("caption", CAPTION), ("privacy", "PUBLIC_TO_EVERYONE"), ("action", "now")];
    let pressed = browser.post(&page, &fields).await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{}", pressed.text());
    let mut state = PostState::Draft;
    for _ in 0..400 {
        state = stage.database.store().post(actor.workspace_id, post.id).await.unwrap().unwrap().state;
        if state == PostState::Published {
            break;
        }
        stage.tiktok().advance(500);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(state, PostState::Published);
    engine.stop().await;
    canaries.extend(tokens(&stage));
    let sent = stage.tiktok().journal();
    let upload = sent.iter().find(|it| it.route == Route::Upload).expect("the file was sent");
    assert!(!upload.query.is_empty());
    canaries.push(("upload address", upload.query.clone()));
    for pair in upload.query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| value.len() > 8) {
        canaries.push(("part of the upload address", pair.1.to_owned()));
    }

    // A picture that came and one that did not.
    stage.tiktok().fault(FaultRule::once(Route::Image, FaultAction::DropBefore));
    let away = browser.post(&format!("/connections/{connection}/reconnect"), &[]).await;
    let back = browser.allow(away.location(), MILA, &ALL_SCOPES);
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    canaries.extend(tokens(&stage));
    let pictures = stage.tiktok().journal().into_iter().filter(|it| it.route == Route::Image);
    canaries.extend(pictures.map(|it| ("picture's address", parameter(&format!("?{}", it.query), "x-signature"))));

    for path in ["/queue", "/history", "/connections", "/settings"] {
        browser.get(path).await;
    }
    browser.post(&format!("/connections/{connection}/disconnect"), &[]).await;
    browser.post("/sign-out", &[]).await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("request{method=GET path=\"/queue\""), "the log was on");
    assert!(text.contains("/oauth/tiktok/callback/"));
    assert!(text.contains("the picture of an account could not be fetched"));
    assert!(canaries.len() >= 24, "{} secrets were looked for", canaries.len());
    for (what, secret) in &canaries {
        assert!(secret.len() >= 8, "{what} is too short to look for");
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "the log holds the {what}: {}", line.unwrap_or_default());
    }
}

/// Every token of the present grants.
fn tokens(stage: &Stage) -> Vec<(&'static str, String)> {
    let grants = stage.tiktok().grants();
    grants
        .into_iter()
        .flat_map(|grant| [("access token", grant.access_token), ("refresh token", grant.refresh_token)])
        .collect()
}
