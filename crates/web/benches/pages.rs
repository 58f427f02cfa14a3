//! How long a page takes, from the request on a loopback socket to the last byte, in a workspace with a hundred thousand posts, three
//! accounts and twenty thousand files. Owns the workspace and the watch; pages own what they show.
//!
//! `cargo bench -p web --bench pages` prints figures for SQLite, and for PostgreSQL when `MOLOKO_TEST_POSTGRES_URL` names one.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a bench says what it finds, by the real clock, and cannot go on without it"
)]

#[path = "../tests/http/stage.rs"]
mod stage;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::App;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use domain::id::{GroupId, MediaId, PostId};
use domain::post::{PostContent, PostState};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use stage::{ALL_SCOPES, Browser, MILA, OLEG, SITE, START, Stage};
use store::blobs::BlobKey;
use store::testing::engines;
use store::{Media, Post};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use web::WebState;
use web::live::Listeners;
use web::pages::legal::LegalFacts;

/// Posts of the workspace.
const POSTS: u32 = 100_000;
/// Files of its library.
const FILES: u32 = 20_000;
/// Requests of each page that are measured.
const ROUNDS: usize = 300;
/// Longest page, bytes.
const PAGE_MAX: usize = 16 * 1024 * 1024;
/// An account whose people allow nothing to be reused.
const CAREFUL: &str = "moloko.strict";
/// Between two posts, seconds: 86 a day.
const GAP_S: i64 = 1_000;
/// Of a thousand posts so many are planned, drafts, failed; the rest is out.
const PLANNED: u32 = 8;
const DRAFTS: u32 = 2;
const FAILED: u32 = 5;

fn assembled(app: &Arc<App>) -> Router {
    let state = WebState::new(Arc::clone(app), LegalFacts::sample());
    web::router(WebState { listeners: Listeners::looking_every(Duration::from_secs(86_400)), ..state })
}

/// Files as like each other as those of one camera.
async fn library(stage: &Stage, first: &Media) -> Vec<MediaId> {
    let mut files = Vec::new();
    let mut tx = stage.app.store.begin().await.unwrap();
    for n in 0..FILES {
        let id = MediaId::from_uuid(Uuid::from_u128((1_u128 << 100) + u128::from(n)));
        let media = Media {
            id,
            file_name: format!("IMG_{n:05}.MOV"),
            sha256: format!("{n:064x}"),
            blob_key: BlobKey::of(id.uuid()),
            created_at: START.plus_seconds(i64::from(n) - 1_000_000),
            ..first.clone()
        };
        tx.media_insert(&media).await.unwrap();
        files.push(id);
    }
    tx.commit().await.unwrap();
    files
}

fn state(n: u32) -> PostState {
    match n % 1_000 {
        part if part < PLANNED => PostState::Scheduled,
        part if part < PLANNED + DRAFTS => PostState::Draft,
        part if part < PLANNED + DRAFTS + FAILED => PostState::Failed,
        _ => PostState::Published,
    }
}

/// Planned posts of the months to come, and everything else of the years before.
async fn posts(stage: &Stage, pattern: &Post, files: &[MediaId], accounts: &[domain::id::ConnectionId]) {
    let mut planned = 0_i64;
    let mut tx = stage.app.store.begin().await.unwrap();
    for n in 0..POSTS {
        let state = state(n);
        let past = START.plus_seconds(-i64::from(n) * GAP_S - 60);
        let due_at = match state {
            PostState::Draft => None,
            PostState::Scheduled => {
                planned += 1;
                Some(START.plus_seconds(planned * GAP_S + 3_600))
            }
            PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Failed
            | PostState::NeedsAttention
            | PostState::Cancelled => Some(past),
        };
        let id = Uuid::from_u128((1_u128 << 101) + u128::from(n));
        let out = state == PostState::Published;
        let post = Post {
            id: PostId::from_uuid(id),
            group_id: GroupId::from_uuid(id),
            connection_id: accounts[n as usize % accounts.len()],
            media_id: files[n as usize % files.len()],
            state,
            content: PostContent {
                caption: format!(
                    "Honey cake no. {n}, layer by layer, as my grandmother made it. #baking #honeycake @kitchen"
                ),
                ..pattern.content.clone()
            },
            local_time: due_at.map(|_| "2026-11-24T11:00".to_owned()),
            time_zone: due_at.map(|_| "Europe/Berlin".to_owned()),
            due_at,
            published_at: out.then_some(past),
            tiktok_ids: if out { vec![(7_400_000_000_000_000_000 + i64::from(n)).to_string()] } else { Vec::new() },
            created_at: past,
            updated_at: past,
            ..pattern.clone()
        };
        tx.post_insert(&post).await.unwrap();
        if n % 5_000 == 4_999 {
            tx.commit().await.unwrap();
            tx = stage.app.store.begin().await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    store::testing::stand_beside(&stage.app.store, one()).await;
}

/// A post that is out and whose page is looked at.
fn one() -> PostId {
    PostId::from_uuid(Uuid::from_u128((1_u128 << 101) + 600))
}

struct Line {
    send: SendRequest<Body>,
    cookie: String,
}

impl Line {
    async fn open(address: std::net::SocketAddr, cookie: String) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let (send, line) = handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(line);
        Self { send, cookie }
    }

    /// Bytes on the line, and how long it took.
    async fn fetch(&mut self, path: &str) -> (usize, Duration) {
        let request = Request::get(path)
            .header(header::HOST, "demo.example")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ACCEPT_ENCODING, "gzip, br, zstd")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())
            .unwrap();
        let began = Instant::now();
        self.send.ready().await.unwrap();
        let answer = self.send.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let body = to_bytes(Body::new(answer.into_body()), PAGE_MAX).await.unwrap();
        (body.len(), began.elapsed())
    }

    async fn measured(&mut self, engine: &str, name: &str, path: &str) {
        let mut took = Vec::with_capacity(ROUNDS);
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            let (size, time) = self.fetch(path).await;
            bytes = size;
            took.push(time);
        }
        took.sort_unstable();
        let at = |percent: usize| took[(ROUNDS * percent / 100).min(ROUNDS - 1)].as_secs_f64() * 1000.0;
        println!(
            "{engine}: {name:<28} p50 {:>6.2} ms, p99 {:>6.2} ms, {:>6.1} KB",
            at(50),
            at(99),
            bytes as f64 / 1000.0
        );
    }
}

async fn account(browser: &Browser<'_>, who: &str) {
    let away = browser.post("/connections/add", &[]).await;
    let question = browser.get(&browser.allow(away.location(), who, &ALL_SCOPES)).await.location().to_owned();
    let answer = browser.post(&question, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

#[tokio::main]
async fn main() {
    for database in engines().await {
        let engine = database.engine().to_string();
        let stage = Stage::on(database, SITE, |_| {}).await;
        let browser = stage.signed_in(MILA).await;
        account(&browser, OLEG).await;
        account(&browser, CAREFUL).await;
        let actor = browser.actor().await;
        let media = browser.media().await;
        let accounts: Vec<_> = stage.app.connections(&actor).await.unwrap().iter().map(|it| it.id).collect();
        assert_eq!(accounts.len(), 3);
        let group = stage.app.create_drafts(&actor, media, &accounts[..1]).await.unwrap();
        let draft = stage.app.store.posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
        let first = stage.app.store.media(actor.workspace_id, media).await.unwrap().unwrap();
        let files = library(&stage, &first).await;
        posts(&stage, &draft, &files, &accounts).await;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(web::serve::serve(
            listener,
            stage.router.clone(),
            web::serve::Limits::default(),
            stop.clone(),
        ));
        let mut line = Line::open(address, browser.cookie_header()).await;
        let compose = format!("/compose/{group}");
        let post = format!("/posts/{}", one());
        let account = format!("/history?account={}", accounts[1]);
        for (name, path) in [
            ("landing", "/"),
            ("queue", "/queue"),
            ("calendar, month", "/calendar?view=month"),
            ("calendar, week", "/calendar?view=week"),
            ("calendar, day", "/calendar?view=day"),
            ("calendar, agenda", "/calendar?view=agenda"),
            ("new post", "/compose"),
            ("composer", &compose),
            ("bulk", "/bulk"),
            ("library", "/library"),
            ("library, search", "/library?q=IMG_00012"),
            ("history", "/history"),
            ("history, one account", &account),
            ("history, cancelled (none)", "/history?state=cancelled"),
            ("history, a word that many have", "/history?words=honey"),
            ("history, a word that none has", "/history?words=zebra"),
            ("post", &post),
            ("connections", "/connections"),
            ("captions", "/snippets"),
            ("settings", "/settings"),
            ("your data", "/your-data"),
            ("notices", "/notices"),
        ] {
            line.measured(&engine, name, path).await;
        }
        stop.cancel();
        drop(line);
        served.await.unwrap();
    }
}
