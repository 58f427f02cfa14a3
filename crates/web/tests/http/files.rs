//! A person's own files: the library, the plain upload form, bytes for the player.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use futures::StreamExt as _;
use std::time::Duration;

use crate::stage::{Browser, MILA, OLEG, Stage, video};

async fn ranged(browser: &Browser<'_>, path: &str, range: &str) -> crate::stage::Answer {
    browser.send(browser.request(Method::GET, path).header(header::RANGE, range).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_player_gets_the_file_whole_and_in_ranges() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let path = format!("/media/{}/file", browser.media().await);
    let bytes = video();
    let whole = browser.get(&path).await;
    assert_eq!((whole.status, whole.header(header::CONTENT_TYPE)), (StatusCode::OK, "video/mp4"));
    assert_eq!(whole.header(header::ACCEPT_RANGES), "bytes");
    assert_eq!(whole.body, bytes);
    assert_eq!(whole.header(header::CONTENT_LENGTH), bytes.len().to_string());

    let part = ranged(&browser, &path, "bytes=100-199").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.header(header::CONTENT_RANGE), format!("bytes 100-199/{}", bytes.len()));
    assert_eq!(part.body, bytes.slice(100..200));
    assert_eq!(ranged(&browser, &path, "bytes=-10").await.body, bytes.slice(bytes.len() - 10..));
    for odd in ["bytes=0-1,4-5", "items=0-1", "bytes=9-1"] {
        assert_eq!(ranged(&browser, &path, odd).await.status, StatusCode::OK, "{odd}: the whole file");
    }
    let beyond = ranged(&browser, &path, &format!("bytes={}-", bytes.len())).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header(header::CONTENT_RANGE), format!("bytes */{}", bytes.len()));
}

#[tokio::test]
async fn pp_5_7_uploaded_bytes_can_never_act_as_a_page() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let request = browser
        .request(Method::GET, &format!("/media/{}/file", browser.media().await))
        .header(header::ACCEPT_ENCODING, "gzip, br");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-store");
    assert!(!answer.headers.contains_key(header::CONTENT_ENCODING));
}

#[tokio::test]
async fn a_strangers_file_is_not_there() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let id = mila.media().await;
    let oleg = stage.signed_in(OLEG).await;
    for path in [format!("/media/{id}/file"), format!("/media/{id}/thumbnail"), format!("/media/{id}/frames/0")] {
        assert_eq!(oleg.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(oleg.post(&format!("/library/{id}/delete"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(mila.get(&format!("/media/{id}/file")).await.status, StatusCode::OK);
    assert!(!oleg.get("/library").await.text().contains("cake.mp4"));
}

const NEXT: &str = "--cut\r\ncontent-disposition: form-data; name=\"next\"\r\n\r\n";
const FILE: &str = "--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"../../sea.mp4\"\r\n\
                    content-type: video/mp4\r\n\r\n";

/// Sends a plain form that announces `length` bytes.
async fn form(browser: &Browser<'_>, length: usize, body: Body) -> crate::stage::Answer {
    let request = browser
        .request(Method::POST, "/library")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .header(header::CONTENT_LENGTH, length)
        .body(body);
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn a_browser_without_scripts_uploads_with_a_plain_form() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let body = [NEXT.as_bytes(), b"/compose\r\n", FILE.as_bytes(), &video(), b"\r\n--cut--\r\n"].concat();
    let answer = form(&browser, body.len(), Body::from(body)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/compose"), "{}", answer.text());
    let actor = browser.actor().await;
    let media = stage.app.media_list(&actor, None, 10).await.unwrap();
    assert_eq!(media.len(), 1);
    assert_eq!(media[0].file_name, "sea.mp4", "a name, never a path");
    assert_eq!(media[0].size_bytes, u64::try_from(video().len()).unwrap());
    assert!(stage.app.uploads_open(&actor).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_form_that_breaks_off_leaves_nothing_behind() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let whole = [FILE.as_bytes(), &video(), b"\r\n--cut--\r\n"].concat();
    let actor = browser.actor().await;
    for line_breaks in [true, false] {
        let mut pieces = vec![Ok(whole[..whole.len() / 2].to_vec())];
        if line_breaks {
            pieces.push(Err(std::io::Error::other("the line broke")));
        }
        // Slowly, so that the first half is on its way to the disk before the rest fails to come.
        let slowly = futures::stream::iter(pieces).then(async |piece| {
            tokio::time::sleep(Duration::from_millis(50)).await;
            piece
        });
        let answer = form(&browser, whole.len(), Body::from_stream(slowly)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert!(stage.app.media_list(&actor, None, 10).await.unwrap().is_empty(), "half a video is not a video");
        assert!(stage.app.uploads_open(&actor).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_form_that_nobody_waits_for_any_more_leaves_nothing_behind() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    let mut live = stage.app.live.subscribe();
    let half = [FILE.as_bytes(), &video()].concat();
    let body = futures::stream::iter([Ok::<_, std::io::Error>(half)]).chain(futures::stream::pending());
    let waited = Duration::from_millis(300);
    let given_up = tokio::time::timeout(waited, form(&browser, 10_000_000, Body::from_stream(body))).await;
    assert!(given_up.is_err(), "the form never ended");
    while !stage.app.uploads_open(&actor).await.unwrap().is_empty() {
        live.recv().await.unwrap();
    }
    for _ in 0..100 {
        if stage.app.media_list(&actor, None, 10).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("half a video became a file");
}

#[tokio::test]
async fn a_form_is_bounded_in_every_field_and_in_number() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let long = [NEXT.as_bytes(), "x".repeat(100_000).as_bytes(), b"\r\n--cut--\r\n"].concat();
    assert_eq!(form(&browser, long.len(), Body::from(long)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let away = [NEXT.as_bytes(), b"//evil.example\r\n--cut--\r\n"].concat();
    assert_eq!(form(&browser, away.len(), Body::from(away)).await.location(), "/");
    let empty = [FILE.as_bytes(), b"\r\n--cut--\r\n"].concat();
    assert_eq!(form(&browser, empty.len(), Body::from(empty.clone())).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let huge = form(&browser, 4_000_000_001, Body::from(empty.clone())).await;
    assert!(huge.status.is_client_error() && huge.text().contains("<!DOCTYPE html>"), "{}", huge.status);
    let mut refused = false;
    for _ in 0..200 {
        refused = form(&browser, empty.len(), Body::from(empty.clone())).await.status == StatusCode::TOO_MANY_REQUESTS;
        if refused {
            break;
        }
    }
    assert!(refused, "uploads have a limit per address, by whichever way they come");
}

#[tokio::test]
async fn a_file_that_nothing_needs_can_be_deleted() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let id = browser.media().await;
    assert!(browser.get("/library").await.text().contains("cake.mp4"));
    let gone = browser.post(&format!("/library/{id}/delete"), &[]).await;
    assert_eq!((gone.status, gone.location()), (StatusCode::SEE_OTHER, "/library"));
    assert_eq!(browser.get(&format!("/media/{id}/file")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_that_a_post_needs_stays() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (id, actor) = (browser.media().await, browser.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    stage.app.create_drafts(&actor, id, &[connection]).await.unwrap();
    let kept = browser.post(&format!("/library/{id}/delete"), &[]).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text().contains("A post still needs this file"));
    assert_eq!(browser.get(&format!("/media/{id}/file")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unfinished_upload_is_shown_and_can_be_given_up() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let upload = stage.app.upload_create(&browser.actor().await, "half.mp4", 1000).await.unwrap();
    let page = browser.get("/library").await.text();
    assert!(page.contains("half.mp4"));
    let path = format!("/library/uploads/{}/delete", upload.id);
    assert_eq!(stage.signed_in(OLEG).await.post(&path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post(&path, &[]).await.location(), "/library");
    assert!(!browser.get("/library").await.text().contains("half.mp4"));
}
