//! Uploads that do not go smoothly: broken lines, restarts, two senders, hostile headers, limits.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use web::serve::{Limits, serve};

use crate::stage::{Browser, MILA, SITE, Stage, video};
use crate::uploads::{append, ask, create, tus};

/// A body whose bytes come when the story sends them.
fn dripping() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let stream = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|bytes| (Ok::<_, io::Error>(bytes), receiver))
    });
    (sender, Body::from_stream(stream))
}

fn patch(browser: &Browser<'_>, path: &str, offset: usize, body: Body) -> axum::http::Request<Body> {
    tus(browser, Method::PATCH, path)
        .header("upload-offset", offset)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .body(body)
        .unwrap()
}

async fn offset(browser: &Browser<'_>, path: &str) -> String {
    ask(browser, path).await.header("upload-offset").to_owned()
}

#[tokio::test]
async fn a_second_sender_is_told_to_wait_and_a_silent_first_one_makes_room() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let path = create(&browser, 1_000).await.location().to_owned();
    let (sender, body) = dripping();
    let first = browser.send(patch(&browser, &path, 0, body));
    let second = async {
        sender.send(Bytes::from(vec![7; 100])).await.unwrap();
        drop(sender.reserve().await.unwrap());
        // There is room for more, so these were taken: the first sender is at work.
        let refused = append(&browser, &path, 0, &[1; 10]).await;
        assert_eq!(refused.status, StatusCode::LOCKED);
        assert_eq!(refused.header("tus-resumable"), "1.0.0");
        let asked = ask(&browser, &path).await;
        assert_eq!(asked.status, StatusCode::OK, "asking does not disturb a sender that still sends");
        stage.tiktok().advance(3_000);
        assert_eq!(offset(&browser, &path).await, "100", "the silent one was ended and its bytes count");
        assert_eq!(append(&browser, &path, 100, &[1; 10]).await.status, StatusCode::NO_CONTENT);
    };
    let (first, ()) = tokio::join!(first, second);
    assert_eq!(first.header("upload-offset"), "100");
    drop(sender);
}

#[tokio::test]
async fn what_is_longer_than_announced_is_refused_and_never_cut_to_fit() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let path = create(&browser, bytes.len() - 1).await.location().to_owned();
    let half = bytes.len() / 2;
    let parts = [bytes.slice(..half), bytes.slice(half..)].map(Ok::<_, io::Error>);
    let refused = browser.send(patch(&browser, &path, 0, Body::from_stream(futures::stream::iter(parts)))).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(offset(&browser, &path).await, half.to_string(), "what came before it is kept");
    assert!(stage.app.media_list(&browser.actor().await, None, 10).await.unwrap().is_empty());

    for with_length in [true, false] {
        let body = futures::stream::iter([Ok::<_, io::Error>(bytes.clone())]);
        let mut request = tus(&browser, Method::POST, "/api/v1/uploads")
            .header("upload-length", 10)
            .header(header::CONTENT_TYPE, "application/offset+octet-stream");
        if with_length {
            request = request.header(header::CONTENT_LENGTH, bytes.len());
        }
        let refused = browser.send(request.body(Body::from_stream(body)).unwrap()).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        let open = stage.app.uploads_open(&browser.actor().await).await.unwrap();
        assert_eq!(open.len(), 1, "an upload whose address nobody knows is not kept");
    }
}

#[tokio::test]
async fn more_open_uploads_than_allowed_are_refused_until_one_ends() {
    let stage = Stage::reached_under(SITE, |settings| settings.open_uploads_max = 2).await;
    let browser = stage.signed_in(MILA).await;
    let first = create(&browser, 1_000).await.location().to_owned();
    create(&browser, 1_000).await;
    let refused = create(&browser, 1_000).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("upload-too-many"));
    browser.send(tus(&browser, Method::DELETE, &first).body(Body::empty()).unwrap()).await;
    assert_eq!(create(&browser, 1_000).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn more_bytes_than_the_workspace_may_hold_are_refused_before_they_are_sent() {
    let stage = Stage::reached_under(SITE, |settings| settings.media_quota_bytes = 1_500).await;
    let browser = stage.signed_in(MILA).await;
    assert_eq!(create(&browser, 1_000).await.status, StatusCode::CREATED);
    let refused = create(&browser, 501).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.text().contains("upload-quota"));
}

#[tokio::test]
async fn an_upload_that_nobody_continues_is_removed_when_it_said_so() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let created = create(&browser, 1_000).await;
    let path = created.location().to_owned();
    assert_eq!(created.header("upload-expires"), "Wed, 25 Nov 2026 09:00:00 GMT");
    stage.tiktok().advance(23 * 3_600_000);
    let appended = append(&browser, &path, 0, &[1; 100]).await;
    assert_eq!(appended.header("upload-expires"), "Thu, 26 Nov 2026 08:00:00 GMT", "each step gives it a day more");
    stage.app.uploads_expire().await.unwrap();
    assert_eq!(offset(&browser, &path).await, "100");
    stage.tiktok().advance(25 * 3_600_000);
    stage.app.uploads_expire().await.unwrap();
    assert_eq!(ask(&browser, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(append(&browser, &path, 100, &[1; 100]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_broken_line_keeps_what_arrived() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let path = create(&browser, bytes.len()).await.location().to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = stage.router.clone();
    tokio::spawn(serve(listener, router, Limits::default(), CancellationToken::new()));

    let sent = bytes.len() / 3;
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nHost: demo.example\r\nCookie: __Host-moloko={}\r\nSec-Fetch-Site: same-origin\r\n\
         Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        browser.cookie("__Host-moloko").unwrap(),
        bytes.len()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    line.write_all(&bytes[..sent]).await.unwrap();
    line.flush().await.unwrap();
    drop(line);

    let mut kept = String::new();
    for _ in 0..100 {
        kept = offset(&browser, &path).await;
        if kept == sent.to_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept, sent.to_string());
    let rest = append(&browser, &path, sent, &bytes[sent..]).await;
    assert_eq!(rest.status, StatusCode::NO_CONTENT);
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /media/{}/file HTTP/1.1\r\nHost: demo.example\r\nCookie: __Host-moloko={}\r\nConnection: close\r\n\r\n",
        rest.header("moloko-media"),
        browser.cookie("__Host-moloko").unwrap()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(&bytes), "the two pieces are the file");
}

#[tokio::test]
async fn a_restarted_service_goes_on_where_the_upload_was() {
    let stage = Stage::new().await;
    let bytes = video();
    let half = bytes.len() / 2;
    let (path, cookie) = {
        let browser = stage.signed_in(MILA).await;
        let path = create(&browser, bytes.len()).await.location().to_owned();
        append(&browser, &path, 0, &bytes[..half]).await;
        (path, browser.cookie("__Host-moloko").unwrap())
    };
    let stage = stage.restarted().await;
    let browser = stage.browser();
    browser.set_cookie("__Host-moloko", &cookie);
    assert_eq!(offset(&browser, &path).await, half.to_string());
    let rest = append(&browser, &path, half, &bytes[half..]).await;
    assert_eq!(rest.status, StatusCode::NO_CONTENT);
    let media = browser.get(&format!("/media/{}/file", rest.header("moloko-media"))).await;
    assert_eq!(media.body, bytes);
    let kept = stage.app.media_list(&browser.actor().await, None, 10).await.unwrap().remove(0);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(kept.sha256, hex, "of both halves, also of the one from before");
}

#[tokio::test]
async fn a_hostile_name_is_refused_or_becomes_harmless() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let named = |value: String| {
        let request =
            tus(&browser, Method::POST, "/api/v1/uploads").header("upload-length", 10).header("upload-metadata", value);
        browser.send(request.body(Body::empty()).unwrap())
    };
    for bad in ["filename ***".to_owned(), format!("filename {}", STANDARD.encode(b"\xff\xfe")), "x ".repeat(3_000)] {
        assert_eq!(named(bad.clone()).await.status, StatusCode::BAD_REQUEST, "{bad:.40}");
    }
    for (name, shown) in [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mila\\cake.mp4", "cake.mp4"),
        ("a\r\nset-cookie: x=1\0.mp4", "aset-cookie: x=1.mp4"),
        ("<script>alert(1)</script>", "script>"),
        ("", "video"),
        ("   ", "video"),
    ] {
        let created = named(format!("filename {}", STANDARD.encode(name))).await;
        assert_eq!(created.status, StatusCode::CREATED, "{name:?}");
        let asked = ask(&browser, created.location()).await;
        assert_eq!(asked.header("upload-metadata"), format!("filename {}", STANDARD.encode(shown)), "{name:?}");
        assert!(!browser.get("/library").await.text().contains("<script>alert"), "{name:?}");
        browser.send(tus(&browser, Method::DELETE, created.location()).body(Body::empty()).unwrap()).await;
    }
    for odd in ["", ",,,", "filename", "filetype dmlkZW8vbXA0,,flag"] {
        assert_eq!(named(odd.to_owned()).await.status, StatusCode::CREATED, "{odd:?}");
    }
}
