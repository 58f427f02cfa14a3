//! Resumable uploads as a tus client sees them.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::stage::{Answer, Browser, MILA, OLEG, Stage, video};

pub fn tus(browser: &Browser<'_>, method: Method, path: &str) -> axum::http::request::Builder {
    browser.request(method, path).header("tus-resumable", "1.0.0")
}

pub async fn create(browser: &Browser<'_>, length: usize) -> Answer {
    let name = STANDARD.encode("парус.mp4");
    let request = tus(browser, Method::POST, "/api/v1/uploads")
        .header("upload-length", length)
        .header("upload-metadata", format!("filename {name},filetype dmlkZW8vbXA0"))
        .body(Body::empty());
    browser.send(request.unwrap()).await
}

pub async fn append(browser: &Browser<'_>, path: &str, offset: usize, bytes: &[u8]) -> Answer {
    let request = tus(browser, Method::PATCH, path)
        .header("upload-offset", offset)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .header(header::CONTENT_LENGTH, bytes.len())
        .body(Body::from(bytes.to_vec()));
    browser.send(request.unwrap()).await
}

pub async fn ask(browser: &Browser<'_>, path: &str) -> Answer {
    browser.send(tus(browser, Method::HEAD, path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_file_arrives_in_pieces_and_becomes_a_judged_video() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let created = create(&browser, bytes.len()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    assert_eq!(created.header("tus-resumable"), "1.0.0");
    assert!(!created.header("upload-expires").is_empty());
    let path = created.location().to_owned();
    assert!(path.starts_with("/api/v1/uploads/"), "relative, so that it holds behind every proxy: {path}");

    let half = bytes.len() / 2;
    let first = append(&browser, &path, 0, &bytes[..half]).await;
    assert_eq!((first.status, first.header("upload-offset")), (StatusCode::NO_CONTENT, half.to_string().as_str()));
    let asked = ask(&browser, &path).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(asked.header("upload-offset"), half.to_string());
    assert_eq!(asked.header("upload-length"), bytes.len().to_string());
    assert_eq!(asked.header(header::CACHE_CONTROL), "no-store");

    let last = append(&browser, &path, half, &bytes[half..]).await;
    assert_eq!((last.status, last.header("upload-offset")), (StatusCode::NO_CONTENT, bytes.len().to_string().as_str()));
    let library = browser.get("/library").await.text();
    assert!(library.contains("парус.mp4"));
}

#[tokio::test]
async fn the_first_bytes_may_come_with_the_creation() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let request = tus(&browser, Method::POST, "/api/v1/uploads")
        .header("upload-length", bytes.len())
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .body(Body::from(bytes.clone()));
    let answer = browser.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("upload-offset"), bytes.len().to_string());
}

#[tokio::test]
async fn what_the_server_can_do_is_said_without_a_session() {
    let stage = Stage::new().await;
    let answer = stage.browser();
    let request = answer.request(Method::OPTIONS, "/api/v1/uploads").body(Body::empty()).unwrap();
    let answer = answer.send(request).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.header("tus-version"), "1.0.0");
    assert_eq!(
        answer.header("tus-extension"),
        "creation,creation-with-upload,termination,expiration,checksum,concatenation"
    );
    assert_eq!(answer.header("tus-checksum-algorithm"), "sha1,sha256");
    assert_eq!(answer.header("tus-max-size"), "4000000000");
}

#[tokio::test]
async fn each_mistake_of_a_client_has_the_status_of_the_protocol() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let path = create(&browser, 1000).await.location().to_owned();

    let wrong_offset = append(&browser, &path, 10, b"x").await;
    assert_eq!(wrong_offset.status, StatusCode::CONFLICT);
    assert_eq!(wrong_offset.header("tus-resumable"), "1.0.0", "on errors too");
    assert_eq!(wrong_offset.header(header::CONTENT_TYPE), "application/problem+json");

    let other_version = browser.request(Method::PATCH, &path).header("tus-resumable", "0.2.2").body(Body::empty());
    let other_version = browser.send(other_version.unwrap()).await;
    assert_eq!((other_version.status, other_version.header("tus-version")), (StatusCode::PRECONDITION_FAILED, "1.0.0"));

    let no_type = tus(&browser, Method::PATCH, &path).header("upload-offset", 0).body(Body::from("x"));
    assert_eq!(browser.send(no_type.unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);

    let no_length = tus(&browser, Method::POST, "/api/v1/uploads").body(Body::empty());
    assert_eq!(browser.send(no_length.unwrap()).await.status, StatusCode::BAD_REQUEST);

    let huge =
        tus(&browser, Method::POST, "/api/v1/uploads").header("upload-length", 4_000_000_001_u64).body(Body::empty());
    assert_eq!(browser.send(huge.unwrap()).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    assert_eq!(append(&browser, &path, 0, &[0; 1001]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let unknown = "/api/v1/uploads/01930000-0000-7000-8000-000000000000";
    assert_eq!(ask(&browser, unknown).await.status, StatusCode::NOT_FOUND);
}

fn sum(algorithm: &'static aws_lc_rs::digest::Algorithm, bytes: &[u8]) -> String {
    STANDARD.encode(aws_lc_rs::digest::digest(algorithm, bytes))
}

async fn append_with_sum(browser: &Browser<'_>, path: &str, offset: usize, bytes: &[u8], sum: &str) -> Answer {
    let request = tus(browser, Method::PATCH, path)
        .header("upload-offset", offset)
        .header("upload-checksum", sum)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .body(Body::from(bytes.to_vec()));
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn damaged_bytes_are_refused_and_none_of_them_kept() {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY as SHA1, SHA256};
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let path = create(&browser, bytes.len()).await.location().to_owned();
    let (first, rest) = bytes.split_at(bytes.len() / 2);

    let mut damaged = first.to_vec();
    damaged[17] ^= 1;
    let promised = format!("sha1 {}", sum(&SHA1, first));
    let refused = append_with_sum(&browser, &path, 0, &damaged, &promised).await;
    assert_eq!(refused.status.as_u16(), 460);
    assert!(refused.text().contains("upload-checksum"));
    assert_eq!(ask(&browser, &path).await.header("upload-offset"), "0");

    assert_eq!(append_with_sum(&browser, &path, 0, first, &promised).await.status, StatusCode::NO_CONTENT);
    let unknown = append_with_sum(&browser, &path, first.len(), rest, "md5 AAAA").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let last = append_with_sum(&browser, &path, first.len(), rest, &format!("sha256 {}", sum(&SHA256, rest))).await;
    assert_eq!(last.status, StatusCode::NO_CONTENT);
    assert!(!last.header("moloko-media").is_empty(), "the file is whole and in the library");
}

async fn part(browser: &Browser<'_>, length: usize) -> String {
    let request = tus(browser, Method::POST, "/api/v1/uploads")
        .header("upload-length", length)
        .header("upload-concat", "partial")
        .body(Body::empty());
    let answer = browser.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.location().to_owned()
}

async fn put_together(browser: &Browser<'_>, parts: &[&str]) -> Answer {
    let name = STANDARD.encode("парус.mp4");
    let request = tus(browser, Method::POST, "/api/v1/uploads")
        .header("upload-concat", format!("final;{}", parts.join(" ")))
        .header("upload-metadata", format!("filename {name}"))
        .body(Body::empty());
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn parts_sent_side_by_side_become_one_file() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let bytes = video();
    let (first, rest) = bytes.split_at(bytes.len() / 3);
    let (one, two) = (part(&browser, first.len()).await, part(&browser, rest.len()).await);
    assert_eq!(ask(&browser, &one).await.header("upload-concat"), "partial");

    append(&browser, &two, 0, rest).await;
    let early = put_together(&browser, &[&one, &two]).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text());
    append(&browser, &one, 0, first).await;
    assert!(!browser.get("/library").await.text().contains("/media/"), "a part is no file of the library");

    let whole = put_together(&browser, &[&one, &two]).await;
    assert_eq!(whole.status, StatusCode::CREATED, "{}", whole.text());
    let media = whole.header("moloko-media").to_owned();
    let path = whole.location().to_owned();
    let asked = ask(&browser, &path).await;
    assert_eq!(asked.header("upload-concat"), format!("final;{one} {two}"));
    assert_eq!(asked.header("upload-offset"), bytes.len().to_string());
    let kept = browser.get(&format!("/media/{media}/file")).await;
    assert_eq!(kept.body, bytes, "in the order that was asked for");

    // The answer may be lost: asking again finds the same file, and the parts are gone.
    let again = put_together(&browser, &[&one, &two]).await;
    assert_eq!((again.status, again.header("moloko-media")), (StatusCode::CREATED, media.as_str()));
    assert_eq!(ask(&browser, &one).await.status, StatusCode::NOT_FOUND);
    assert_eq!(append(&browser, &path, bytes.len(), b"x").await.status, StatusCode::FORBIDDEN);
    assert_eq!(append(&browser, &path, 0, b"x").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_file_is_not_put_together_from_what_is_no_part_of_it() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let oleg = stage.signed_in(OLEG).await;
    let theirs = part(&oleg, 3).await;
    append(&oleg, &theirs, 0, b"abc").await;
    assert_eq!(put_together(&mila, &[&theirs]).await.status, StatusCode::NOT_FOUND, "somebody else's");
    let own = part(&mila, 3).await;
    append(&mila, &own, 0, b"abc").await;
    assert_eq!(put_together(&mila, &[&own, &own]).await.status, StatusCode::BAD_REQUEST, "the same one twice");
    assert_eq!(put_together(&mila, &[]).await.status, StatusCode::BAD_REQUEST);
    let whole = create(&mila, 3).await.location().to_owned();
    assert_eq!(put_together(&mila, &[&own, &whole]).await.status, StatusCode::BAD_REQUEST, "a file of its own");
    assert_eq!(ask(&mila, &own).await.header("upload-offset"), "3", "still there");
}

#[tokio::test]
async fn a_given_up_upload_is_gone() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let path = create(&browser, 1000).await.location().to_owned();
    append(&browser, &path, 0, &[1; 100]).await;
    let gone = browser.send(tus(&browser, Method::DELETE, &path).body(Body::empty()).unwrap()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&browser, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_uploads_with_a_bearer_secret_and_no_cookie() {
    let stage = Stage::new().await;
    let person = stage.signed_in(MILA).await;
    let secret = person.cookie("__Host-moloko").unwrap();
    let request = |secret: &str| {
        Request::builder()
            .method(Method::POST)
            .uri("/api/v1/uploads")
            .header(header::HOST, "demo.example")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header("tus-resumable", "1.0.0")
            .header("upload-length", 10)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(stage.send(request(&secret)).await.status(), StatusCode::CREATED);
    let refused = Answer::read(stage.send(request("nonsense")).await).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header(header::CONTENT_TYPE), "application/problem+json");
}

#[tokio::test]
async fn nobody_touches_a_strangers_upload() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let path = create(&mila, 1000).await.location().to_owned();
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(ask(&oleg, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(append(&oleg, &path, 0, b"evil").await.status, StatusCode::NOT_FOUND);
    let delete = tus(&oleg, Method::DELETE, &path).body(Body::empty()).unwrap();
    assert_eq!(oleg.send(delete).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&mila, &path).await.header("upload-offset"), "0");
}

#[tokio::test]
async fn without_room_on_the_disk_the_answer_is_507() {
    let stage = Stage::reached_under(crate::stage::SITE, |settings| settings.disk_reserve_bytes = Some(u64::MAX)).await;
    let browser = stage.signed_in(MILA).await;
    let answer = create(&browser, 1000).await;
    assert_eq!(answer.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(answer.text().contains("\"detail\""));
}
