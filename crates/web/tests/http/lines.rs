//! Connections as they come over a socket: which protocol is spoken, how long a silent one stays, how many there may be, how they end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use web::serve::{Limits, serve};

use crate::stage::Stage;

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: demo.example\r\n\r\n";

struct Served {
    at: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn served(stage: &Stage, limits: Limits) -> Served {
    routed(stage.router.clone(), limits).await
}

async fn routed(router: Router, limits: Limits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
    Served { at, stop, task }
}

async fn say(at: SocketAddr, words: &[u8]) -> TcpStream {
    let mut line = TcpStream::connect(at).await.unwrap();
    line.write_all(words).await.unwrap();
    line
}

/// Everything until the other side closes.
async fn rest(mut line: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end, too.
    let _ = line.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// The first bytes of an answer; the line stays open.
async fn begin(line: &mut TcpStream) -> String {
    let mut some = vec![0; 4_096];
    let count = line.read(&mut some).await.unwrap();
    String::from_utf8_lossy(&some[..count]).into_owned()
}

#[tokio::test]
async fn http_2_without_tls_is_not_spoken() {
    let stage = Stage::new().await;
    let served = served(&stage, Limits::default()).await;
    // The preface of HTTP/2 and an empty SETTINGS frame.
    let line = say(served.at, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    let answer = rest(line).await;
    assert!(!answer.as_bytes().windows(4).any(|it| it == [0, 4, 0, 0]), "no frame comes back: {answer:?}");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    // An upgrade is asked for in vain, too.
    let line = say(
        served.at,
        b"GET /healthz HTTP/1.1\r\nHost: demo.example\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    )
    .await;
    assert!(rest(line).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_does_not_end_and_a_line_that_says_nothing_are_closed() {
    let stage = Stage::new().await;
    let served = served(&stage, Limits { head: Duration::from_millis(300), ..Limits::default() }).await;
    assert!(!rest(say(served.at, b"GET /healthz HTTP/1.1\r\nHost: demo").await).await.contains(" 200 "));
    assert_eq!(rest(say(served.at, b"").await).await, "");
    // The same line may ask again in time, and is closed when it stops.
    let mut line = say(served.at, GET).await;
    assert!(begin(&mut line).await.starts_with("HTTP/1.1 200"));
    line.write_all(GET).await.unwrap();
    assert!(rest(line).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn above_the_limit_one_waits_until_another_goes() {
    let stage = Stage::new().await;
    let served = served(&stage, Limits { connections: 2, ..Limits::default() }).await;
    let mut first = say(served.at, GET).await;
    let mut second = say(served.at, GET).await;
    assert!(begin(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(begin(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = say(served.at, GET).await;
    let early = tokio::time::timeout(Duration::from_millis(200), begin(&mut third)).await;
    assert!(early.is_err(), "it waits: {early:?}");
    drop(first);
    assert!(begin(&mut third).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_closes_what_is_idle_and_takes_nobody_any_more() {
    let stage = Stage::new().await;
    let served = served(&stage, Limits::default()).await;
    let mut line = say(served.at, GET).await;
    assert!(begin(&mut line).await.starts_with("HTTP/1.1 200"));
    served.stop.cancel();
    assert_eq!(rest(line).await, "");
    served.task.await.unwrap();
    assert!(TcpStream::connect(served.at).await.is_err());
}

#[tokio::test]
async fn whoever_takes_nothing_of_an_answer_loses_its_place_and_whoever_takes_it_slowly_does_not() {
    const LENGTH: usize = 32 * 1024 * 1024;
    let router =
        Router::new().route("/large", get(|| async { vec![b'.'; LENGTH] })).route("/small", get(|| async { "small" }));
    let limits = Limits { connections: 1, write: Duration::from_millis(400), ..Limits::default() };
    let served = routed(router, limits).await;
    let large = b"GET /large HTTP/1.1\r\nHost: demo.example\r\nConnection: close\r\n\r\n";
    let idle = say(served.at, large).await;
    // The only place is free again although the first one keeps its line.
    let next = say(served.at, b"GET /small HTTP/1.1\r\nHost: demo.example\r\nConnection: close\r\n\r\n").await;
    assert!(rest(next).await.ends_with("small"));
    assert!(rest(idle).await.len() < LENGTH, "its answer was cut");
    let mut slow = say(served.at, large).await;
    let (mut taken, mut some) = (0, vec![0; 4 * 1024 * 1024]);
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match slow.read(&mut some).await.unwrap() {
            0 => break,
            count => taken += count,
        }
    }
    assert!(taken > LENGTH, "all of it and its head: {taken}");
}
