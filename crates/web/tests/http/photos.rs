//! Photo posts over HTTP: from the files to the gate at which TikTok fetches them, and the doors that stay shut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use domain::id::MediaId;
use domain::post::PostState;
use store::Post;
use tiktok_sim::sample_jpeg;

use crate::stage::{Browser, MILA, OLEG, SITE, Stage};

async fn picture(browser: &Browser<'_>, name: &str) -> (MediaId, Vec<u8>) {
    let mut bytes = sample_jpeg(1080, 1440);
    bytes.extend_from_slice(name.repeat(500).as_bytes());
    let actor = browser.actor().await;
    let app = &browser.app();
    let upload = app.upload_create(&actor, name, u64::try_from(bytes.len()).unwrap()).await.unwrap();
    let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes.clone().into())]);
    let done = app.upload_append(&actor, upload.id, 0, body).await.unwrap();
    (done.media_id.expect("complete"), bytes)
}

/// A draft of two pictures.
pub async fn draft(stage: &Stage, browser: &Browser<'_>) -> (Post, Vec<MediaId>) {
    let (one, _) = picture(browser, "one.jpg").await;
    let (two, _) = picture(browser, "two.jpg").await;
    let actor = browser.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id.to_string();
    // The page lists the newest first, the post has them in the order of their upload.
    let fields =
        [("media", "photos"), ("photo", &two.to_string()), ("photo", &one.to_string()), ("connection", &connection)];
    let begun = browser.post("/compose", &fields).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let group = begun.location().trim_start_matches("/compose/").parse().unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    (post, vec![one, two])
}

#[tokio::test]
async fn photos_are_composed_rearranged_and_scheduled_without_a_script() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (post, ids) = draft(&stage, &browser).await;
    assert_eq!(post.photos.as_ref().unwrap().pictures(), ids);
    let path = format!("/compose/{}/{}", post.group_id, post.id);
    let page = browser.get(&format!("/compose/{}", post.group_id)).await.text();
    assert!(page.contains("class=\"slides\"") && page.contains("one.jpg"));

    let list = format!("{},{}", ids[0], ids[1]);
    let later = format!("later:{}", ids[0]);
    let cover = ids[1].to_string();
    let common = [("photos", list.as_str()), ("cover_photo", &cover), ("title", "Backstage"), ("caption", "Two looks")];
    let moved = [&common[..], &[("revision", "1"), ("arrange", &later)]].concat();
    let answer = browser.post(&path, &moved).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let stored = stage.database.store().post_any(post.id).await.unwrap().unwrap();
    let photos = stored.photos.clone().unwrap();
    assert_eq!((photos.pictures(), photos.cover()), (&[ids[1], ids[0]][..], ids[1]));
    assert_eq!(stored.content.photos.as_ref().unwrap().title, "Backstage", "nothing typed is lost");

    let list = format!("{},{}", ids[1], ids[0]);
    let pressed = [
        ("revision", "2"),
        ("action", "schedule"),
        ("photos", &list),
        ("cover_photo", &cover),
        ("title", "Backstage"),
        ("caption", "Two looks"),
        ("privacy", "SELF_ONLY"),
        ("allow_duet", "on"),
        ("date", "2026-11-24"),
        ("time", "12:00"),
        ("zone", "UTC"),
    ];
    let answer = browser.post(&path, &pressed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let stored = stage.database.store().post_any(post.id).await.unwrap().unwrap();
    assert_eq!(stored.state, PostState::Scheduled);
    assert!(!stored.content.allow_duet, "UX-10: photos have no duet, whatever a form says");
    let consent = stage.database.store().consent(stored.consent_id.unwrap()).await.unwrap().unwrap();
    let covered = consent.subject.photos.clone().unwrap();
    assert_eq!((covered.sha256.len(), covered.cover_index), (2, 0));
    let mut other = consent.subject.clone();
    other.photos.as_mut().unwrap().sha256.reverse();
    assert_ne!(other.fingerprint(), consent.fingerprint, "another order is another post");
    let queue = browser.get("/queue").await.text();
    assert!(queue.contains("2 photos"), "the queue says what it is");
}

#[tokio::test]
async fn photos_dropped_together_stand_in_the_order_in_which_they_were_chosen() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (before, _) = picture(&browser, "before.jpg").await;
    // Chosen as one, two, three; the last bytes arrive in another order.
    let (three, _) = picture(&browser, "three.jpg").await;
    let (one, _) = picture(&browser, "one.jpg").await;
    let (two, _) = picture(&browser, "two.jpg").await;
    let order = format!("{one},{two},{three}");
    let page = browser.get(&format!("/compose?media={order}")).await.text();
    assert!(page.contains(&format!("name=\"order\" value=\"{order}\"")), "the page keeps the order for its form");

    let actor = browser.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id.to_string();
    let ticked = [two, one, three, before].map(|id| id.to_string());
    let mut fields = vec![("media", "photos"), ("connection", connection.as_str()), ("order", &order)];
    fields.extend(ticked.iter().map(|id| ("photo", id.as_str())));
    let begun = browser.post("/compose", &fields).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    let group = begun.location().trim_start_matches("/compose/").parse().unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    let stands = post.photos.unwrap().pictures().to_vec();
    assert_eq!(stands, [one, two, three, before], "what was ticked besides follows");
}

#[tokio::test]
async fn a_strangers_picture_cannot_be_slipped_into_a_post() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let (post, ids) = draft(&stage, &mila).await;
    let oleg = stage.signed_in(OLEG).await;
    let (foreign, _) = picture(&oleg, "secret.jpg").await;
    let path = format!("/compose/{}/{}", post.group_id, post.id);
    let list = format!("{},{foreign}", ids[0]);
    let answer = mila.post(&path, &[("revision", "1"), ("action", "save"), ("photos", &list)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let stored = stage.database.store().post_any(post.id).await.unwrap().unwrap();
    assert_eq!(stored.photos.unwrap().pictures(), ids);
}

#[tokio::test]
async fn the_gate_tells_a_stranger_nothing_and_is_never_cached() {
    let stage = Stage::reached_under("https://demo.example", |settings| {
        settings.site_verification = Some("Ab12".to_owned());
    })
    .await;
    let browser = stage.browser();
    for path in [
        "/pull/01930000-0000-7000-8000-000000000000/0000000000000000000000000000000000000000000000000000000000000000/0",
        "/pull/nonsense/word/0",
        "/pull/01930000-0000-7000-8000-000000000000/x/y",
        "/pull/tiktokXX.txt",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
    let signature = browser.get("/pull/tiktokAb12.txt").await;
    assert_eq!(
        (signature.status, signature.text().as_str()),
        (StatusCode::OK, "tiktok-developers-site-verification=Ab12")
    );
    assert!(signature.header(header::CONTENT_TYPE).starts_with("text/plain"));
}

#[tokio::test]
async fn an_instance_from_which_tiktok_cannot_fetch_says_so_before_a_photo_is_uploaded() {
    let told = "This server cannot post photos";
    let reachable = Stage::new().await;
    let mila = reachable.signed_in(MILA).await;
    picture(&mila, "one.jpg").await;
    assert!(!mila.get("/compose").await.text().contains(told));
    let stage =
        Stage::reached_under(SITE, |settings| settings.pull_url = Some("http://127.0.0.1:8080".parse().unwrap())).await;
    let mila = stage.signed_in(MILA).await;
    assert_eq!(mila.get("/compose").await.text().matches(told).count(), 1, "beside the field");
    picture(&mila, "one.jpg").await;
    assert_eq!(mila.get("/compose").await.text().matches(told).count(), 2, "and where photos are chosen");
}

/// A server that must not hear anything.
async fn silent() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&heard);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counting.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, heard)
}

#[tokio::test]
async fn ux_27_no_door_fetches_content_from_elsewhere() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (address, heard) = silent().await;
    let url = format!("http://{address}/copied.mp4");
    let actor = browser.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id.to_string();

    // A post is made of files of the library: an address where a file is expected is refused.
    for fields in [
        vec![("media", url.as_str()), ("connection", &connection)],
        vec![("media", "photos"), ("photo", &url), ("connection", &connection)],
        vec![("media_url", url.as_str()), ("url", &url), ("connection", &connection)],
    ] {
        let answer = browser.post("/compose", &fields).await;
        assert!(answer.status.is_client_error(), "{fields:?}: {}", answer.status);
    }
    let (post, ids) = draft(&stage, &browser).await;
    let path = format!("/compose/{}/{}", post.group_id, post.id);
    let list = format!("{},{url}", ids[0]);
    browser.post(&path, &[("revision", "1"), ("photos", &list), ("arrange", &format!("add:{url}"))]).await;
    let stored = stage.database.store().post_any(post.id).await.unwrap().unwrap();
    assert_eq!(stored.photos.unwrap().pictures(), ids);

    // An upload is the bytes that the person's device sends: an address is only a name, or a file of text that nobody opens.
    let upload = || browser.request(Method::POST, "/api/v1/uploads").header("tus-resumable", "1.0.0");
    let parts = upload().header("upload-concat", format!("final;{url}")).body(Body::empty()).unwrap();
    assert_eq!(browser.send(parts).await.status, StatusCode::BAD_REQUEST, "parts are uploads of our own");
    let bytes = upload()
        .header("upload-length", url.len().to_string())
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .body(Body::from(url.clone()))
        .unwrap();
    let answer = browser.send(bytes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let text = stage.app.media(&actor, answer.header("moloko-media").parse().unwrap()).await.unwrap();
    assert_eq!(text.verdict.outcome, domain::media::MediaOutcome::Reject, "a text is no video");
    assert_eq!(heard.load(Ordering::SeqCst), 0, "nothing was fetched");
}

#[tokio::test]
async fn ux_28_anybody_signs_in_alone_and_gets_a_place_of_their_own() {
    let stage = Stage::new().await;
    let landing = stage.browser().get("/").await.text();
    assert!(landing.contains("href=\"/connect\"") && landing.contains("/privacy") && landing.contains("/terms"));
    // Neither an invitation nor an operator stands between a stranger and the service, and nobody shares a workspace.
    let (mila, oleg) = (stage.signed_in(MILA).await.actor().await, stage.signed_in(OLEG).await.actor().await);
    assert_ne!(mila.workspace_id, oleg.workspace_id);
    for actor in [mila, oleg] {
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 1, "their own account and no other");
    }
}
