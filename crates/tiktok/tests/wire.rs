//! What really travels over a connection: framing, headers, one attempt per call, and how broken connections are told apart.
//! The other side is a bare socket that records bytes; what TikTok means by an answer is tested elsewhere.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use tiktok::{
    AppCredentials, AvatarError, AvatarFormat, Chunk, ChunkAnswer, ChunkPlan, Client, Endpoints, Error, ErrorClass,
    HttpOptions, SecretString, SetupError, TransportErrorKind, UploadErrorKind, UploadHosts, UploadUrl, Url,
    chunk_body,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does with the request it has read.
#[derive(Clone, Copy)]
enum Deed {
    /// Answer and keep the connection.
    Answer(&'static str),
    /// Answer as soon as the head is there, then read the body to its end.
    AnswerEarly(&'static str),
    /// Close without a word.
    Drop,
    /// Answer with these bytes, then close.
    AnswerAndClose(&'static str),
    /// Answer with a body larger than any client should take.
    AnswerHuge,
    /// Answer with a PNG of so many bytes whose length is told only by its end.
    AnswerPicture(usize),
    /// Keep the connection and say nothing.
    Silence,
}

#[derive(Debug, Clone)]
struct Received {
    head: String,
    body: Vec<u8>,
}

/// A socket that records requests and plays its deeds in order, whatever the number of connections.
struct Peer {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Peer {
    async fn playing(deeds: &[Deed]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let mut deeds = deeds.to_vec();
        deeds.reverse();
        let script = Arc::new(Mutex::new(deeds));
        let log = received.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, script.clone(), log.clone()));
            }
        });
        Self { address, received }
    }

    fn client(&self) -> Client {
        client(&self.address)
    }

    fn upload_url(&self) -> UploadUrl {
        UploadUrl::parse(&format!("{}/video/?upload_id=1&upload_token=canary", self.address)).unwrap()
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, script: Arc<Mutex<Vec<Deed>>>, log: Arc<Mutex<Vec<Received>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match socket.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_closed) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let deed = script.lock().unwrap().pop().unwrap_or(Deed::Drop);
        if let Deed::AnswerEarly(answer) = deed {
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
        let length = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.parse::<u64>().unwrap());
        let mut body = Vec::new();
        let _ = (&mut socket).take(length).read_to_end(&mut body).await;
        log.lock().unwrap().push(Received { head, body });
        match deed {
            Deed::Answer(answer) => socket.write_all(answer.as_bytes()).await.unwrap(),
            Deed::AnswerEarly(_) => {}
            Deed::Drop => return,
            Deed::AnswerAndClose(answer) => {
                socket.write_all(answer.as_bytes()).await.unwrap();
                return;
            }
            Deed::AnswerHuge => {
                let size = 2 * 1_048_576;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
                let _ = socket.write_all(head.as_bytes()).await;
                let _ = socket.write_all(&vec![b' '; size]).await;
            }
            Deed::AnswerPicture(size) => {
                let mut picture = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n".to_vec();
                let head = picture.len();
                picture.extend(b"\x89PNG\r\n\x1A\n");
                picture.resize(head + size, 0);
                let _ = socket.write_all(&picture).await;
                return;
            }
            Deed::Silence => std::future::pending::<()>().await,
        }
    }
}

fn credentials() -> AppCredentials {
    AppCredentials { client_key: "aw".into(), client_secret: "secret".into() }
}

fn client(address: &str) -> Client {
    let url = Url::parse(address).unwrap();
    let endpoints = Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url));
    Client::new(credentials(), endpoints, HttpOptions::default()).unwrap()
}

fn token() -> SecretString {
    "act.1".into()
}

const OK_206: &str =
    "HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\nContent-Range: bytes 0-100000/300000\r\n\r\n";
const MINUTE: Duration = Duration::from_secs(60);

fn chunk() -> Chunk {
    Chunk { index: 0, first: 0, last: 99_999, total: 300_000, is_final: false }
}

fn bytes(parts: Vec<Vec<u8>>) -> impl futures::Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    stream::iter(parts.into_iter().map(|part| Ok(Bytes::from(part))))
}

fn header_values<'a>(head: &'a str, wanted: &str) -> Vec<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value)
        .collect()
}

fn transport(error: Error) -> (TransportErrorKind, bool, ErrorClass) {
    let class = error.class();
    match error {
        Error::Transport(error) => (error.kind, error.request_may_have_arrived, class),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_chunk_travels_with_a_stated_length_and_is_never_chunk_encoded() {
    let peer = Peer::playing(&[Deed::Answer(OK_206)]).await;
    let body = chunk_body(tokio::io::repeat(7), &chunk());
    let answer = peer.client().put_chunk(&peer.upload_url(), &chunk(), "video/mp4", body, MINUTE).await.unwrap();
    assert_eq!(answer, ChunkAnswer::Accepted { progress: Some(100_000), remote_date: None });

    let [request] = &peer.received()[..] else { panic!("one request") };
    assert!(request.head.starts_with("PUT /video/?upload_id=1&upload_token=canary HTTP/1.1\r\n"));
    assert_eq!(header_values(&request.head, "content-length"), ["100000"]);
    assert_eq!(header_values(&request.head, "content-range"), ["bytes 0-99999/300000"]);
    assert_eq!(header_values(&request.head, "content-type"), ["video/mp4"]);
    assert!(header_values(&request.head, "transfer-encoding").is_empty());
    assert!(header_values(&request.head, "authorization").is_empty());
    assert_eq!(request.body, vec![7; 100_000]);
}

#[tokio::test]
async fn a_source_that_ends_early_is_not_an_upload_and_cannot_have_arrived() {
    let peer = Peer::playing(&[Deed::Answer(OK_206)]).await;
    let body = bytes(vec![vec![1; 60_000]]);
    let error = peer.client().put_chunk(&peer.upload_url(), &chunk(), "video/mp4", body, MINUTE).await.unwrap_err();
    assert_eq!(error.code(), "media_unreadable");
    assert_eq!(transport(error), (TransportErrorKind::Source, false, ErrorClass::Transient));
}

#[tokio::test]
async fn a_source_that_is_too_long_never_sends_its_surplus() {
    let peer = Peer::playing(&[Deed::Answer(OK_206)]).await;
    let body = bytes(vec![vec![1; 60_000], vec![2; 60_000]]);
    let error = peer.client().put_chunk(&peer.upload_url(), &chunk(), "video/mp4", body, MINUTE).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::Source, false, ErrorClass::Transient));
}

#[tokio::test]
async fn an_answer_that_never_comes_back_leaves_the_outcome_open() {
    let peer = Peer::playing(&[Deed::Drop]).await;
    let body = bytes(vec![vec![1; 100_000]]);
    let error = peer.client().put_chunk(&peer.upload_url(), &chunk(), "video/mp4", body, MINUTE).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    assert_eq!(transport(error), (TransportErrorKind::Disconnected, true, ErrorClass::Ambiguous));
    assert_eq!(peer.received().len(), 1, "never sent twice");
}

#[tokio::test]
async fn a_cut_answer_leaves_the_outcome_open() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":";
    let peer = Peer::playing(&[Deed::AnswerAndClose(cut)]).await;
    let plan = ChunkPlan::for_size(1).unwrap();
    let error = peer.client().init_inbox_video(&token(), &plan).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::Disconnected, true, ErrorClass::Ambiguous));
}

#[tokio::test]
async fn nobody_listening_means_that_nothing_arrived() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let plan = ChunkPlan::for_size(1).unwrap();
    let error = client(&address).init_inbox_video(&token(), &plan).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::Connect, false, ErrorClass::Transient));
}

#[tokio::test]
async fn a_silent_peer_runs_into_the_time_limit_of_the_chunk() {
    let peer = Peer::playing(&[Deed::Silence]).await;
    let body = bytes(vec![vec![1; 100_000]]);
    let limit = Duration::from_millis(200);
    let error = peer.client().put_chunk(&peer.upload_url(), &chunk(), "video/mp4", body, limit).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::Timeout, true, ErrorClass::Ambiguous));
}

#[tokio::test]
async fn a_refusal_before_the_body_is_read_is_still_heard() {
    let peer = Peer::playing(&[Deed::AnswerEarly("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")]).await;
    let big = Chunk { index: 0, first: 0, last: 9_999_999, total: 30_000_000, is_final: false };
    let body = chunk_body(tokio::io::repeat(7), &big);
    let error = peer.client().put_chunk(&peer.upload_url(), &big, "video/mp4", body, MINUTE).await.unwrap_err();
    match error {
        Error::Upload(error) => assert_eq!(error.kind, UploadErrorKind::UrlExpired),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let moved = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::playing(&[Deed::Answer(moved), Deed::Answer(moved)]).await;
    let error = peer.client().creator_info(&token()).await.unwrap_err();
    assert_eq!((error.code().as_str(), error.http_status()), ("malformed_answer", Some(307)));
    assert_eq!(peer.received().len(), 1);
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let answer = "HTTP/1.1 400 Bad Request\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::playing(&[Deed::Answer(answer), Deed::Answer(answer)]).await;
    let client = peer.client();
    client.creator_info(&token()).await.unwrap_err();
    client.creator_info(&token()).await.unwrap_err();
    let received = peer.received();
    assert_eq!(received.len(), 2);
    assert!(received.iter().all(|request| header_values(&request.head, "cookie").is_empty()));
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_request_is_not_answered_with_a_second_request() {
    let first = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::playing(&[Deed::Answer(first), Deed::Drop, Deed::Answer(first)]).await;
    let client = peer.client();
    client.creator_info(&token()).await.unwrap_err();
    let error = client.creator_info(&token()).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::Disconnected, true, ErrorClass::Transient));
    assert_eq!(peer.received().len(), 2);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let peer = Peer::playing(&[Deed::AnswerHuge]).await;
    let error = peer.client().creator_info(&token()).await.unwrap_err();
    assert_eq!(transport(error), (TransportErrorKind::AnswerTooLarge, true, ErrorClass::Transient));
}

#[tokio::test]
async fn api_calls_carry_bearer_and_json_and_their_own_name() {
    let peer = Peer::playing(&[Deed::Drop]).await;
    peer.client().creator_info(&token()).await.unwrap_err();
    let [request] = &peer.received()[..] else { panic!("one request") };
    assert!(request.head.starts_with("POST /v2/post/publish/creator_info/query/ HTTP/1.1\r\n"));
    assert_eq!(header_values(&request.head, "authorization"), ["Bearer act.1"]);
    assert_eq!(header_values(&request.head, "content-type"), ["application/json; charset=UTF-8"]);
    assert_eq!(header_values(&request.head, "user-agent").len(), 1);
    assert_eq!(request.body, b"{}");
}

#[tokio::test]
async fn a_profile_picture_travels_without_a_token_and_is_judged_by_its_bytes() {
    let peer = Peer::playing(&[Deed::AnswerPicture(512 * 1024)]).await;
    let address = format!("{}/a.jpeg?x-expires=1&x-signature=b%3D", peer.address);
    let picture = peer.client().avatar(&address, MINUTE).await.unwrap();
    assert_eq!((picture.format, picture.bytes.len()), (AvatarFormat::Png, 512 * 1024), "whatever the host calls it");
    let [request] = &peer.received()[..] else { panic!("one request") };
    assert!(request.head.starts_with("GET /a.jpeg?x-expires=1&x-signature=b%3D HTTP/1.1\r\n"));
    for secret in ["authorization", "cookie", "referer"] {
        assert!(header_values(&request.head, secret).is_empty(), "{secret}");
    }
}

#[tokio::test]
async fn a_profile_picture_that_is_too_large_is_not_read_to_its_end() {
    for deed in [Deed::AnswerHuge, Deed::AnswerPicture(512 * 1024 + 1)] {
        let peer = Peer::playing(&[deed]).await;
        let error = peer.client().avatar(&format!("{}/a.jpeg", peer.address), MINUTE).await.unwrap_err();
        assert_eq!(error.code(), "answer_too_large");
        assert_eq!(transport(error), (TransportErrorKind::AnswerTooLarge, true, ErrorClass::Transient));
        assert_eq!(peer.received().len(), 1);
    }
}

#[tokio::test]
async fn a_profile_picture_is_not_sought_where_a_redirect_points() {
    let other = Peer::playing(&[Deed::AnswerPicture(100)]).await;
    let moved = format!("HTTP/1.1 302 Found\r\nLocation: {}/a.png\r\nContent-Length: 0\r\n\r\n", other.address);
    let peer = Peer::playing(&[Deed::Answer(Box::leak(moved.into_boxed_str()))]).await;
    match peer.client().avatar(&format!("{}/a.jpeg", peer.address), MINUTE).await.unwrap_err() {
        Error::Avatar(error) => assert_eq!(error, AvatarError::Status { http_status: 302 }),
        other => panic!("{other:?}"),
    }
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn a_silent_image_host_is_waited_for_no_longer_than_was_said() {
    let peer = Peer::playing(&[Deed::Silence]).await;
    let wait = Duration::from_millis(50);
    let error = peer.client().avatar(&format!("{}/a.jpeg?canary", peer.address), wait).await.unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
    assert_eq!(transport(error), (TransportErrorKind::Timeout, true, ErrorClass::Transient));
    assert_eq!(peer.received().len(), 1, "and it is not asked again");
}

#[test]
fn a_client_is_not_made_for_an_address_in_the_clear_or_with_a_broken_authority() {
    let far = Url::parse("http://open.example/").unwrap();
    let endpoints = Endpoints::custom(far.clone(), far.clone(), UploadHosts::origin(&far));
    let error = Client::new(credentials(), endpoints, HttpOptions::default()).unwrap_err();
    assert!(matches!(error, SetupError::Insecure { .. }), "{error}");
    for pem in ["", "not a certificate"] {
        let options = HttpOptions { extra_ca_pem: Some(pem.into()), ..HttpOptions::default() };
        let error = Client::new(credentials(), Endpoints::production(), options).unwrap_err();
        assert!(matches!(error, SetupError::ExtraCa), "{error}");
    }
}
