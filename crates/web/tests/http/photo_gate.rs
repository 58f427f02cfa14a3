//! The photo gate as TikTok meets it over HTTP: held, then "later", then open, then gone.

use axum::http::{StatusCode, header};
use domain::attempt::{
    Attempt, Carried, Evidence, Kind, MediaPlan, Mode, PhotosSnapshot, PictureSnapshot, ShortLooks, Snapshot, State,
    Task, Trace,
};
use domain::id::{AttemptId, ConsentId};
use domain::time::UnixMillis;
use secrecy::ExposeSecret as _;
use store::Post;

use crate::photos::draft;
use crate::stage::{Answer, Browser, MILA, START, Stage};

fn task() -> Task {
    Task { publish_id: "p_pub_url~v2.1".to_owned(), upload_url: None, url_date: Some(START) }
}

/// An attempt of the post, as the engine makes it, in the state in which TikTok has a task and nothing is released.
async fn waiting(stage: &Stage, post: &Post) -> Attempt {
    let mut pictures = Vec::new();
    for id in post.photos.as_ref().unwrap().pictures() {
        let media = stage.database.store().media(post.workspace_id, *id).await.unwrap().unwrap();
        pictures.push(PictureSnapshot {
            blob_key: media.blob_key.to_string(),
            mime: "image/jpeg".to_owned(),
            sha256: media.sha256,
            size_bytes: media.size_bytes,
        });
    }
    let size = pictures.iter().map(|picture| picture.size_bytes).sum();
    let mut attempt = Attempt {
        id: AttemptId::from_uuid(uuid::Uuid::from_u128(77)),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectPhotos,
        epoch: 1,
        due_at: START,
        revision: post.revision,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: ConsentId::from_uuid(uuid::Uuid::from_u128(78)),
            blob_key: pictures[0].blob_key.clone(),
            mime: "image/jpeg".to_owned(),
            carried: Carried { released_at: START, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: Some(PhotosSnapshot { pictures, cover_index: 0 }),
        },
        plan: MediaPlan::new("00".repeat(32), size, size, 1).unwrap(),
        state: State::Ready,
        trace: Trace::default(),
        tries: 0,
        next_at: UnixMillis::from_millis(i64::MAX / 2),
        created_at: START,
        updated_at: START,
    };
    let mut tx = stage.database.store().begin().await.unwrap();
    assert!(tx.attempt_insert(&attempt).await.unwrap());
    tx.commit().await.unwrap();
    go(stage, &mut attempt, State::InitSent { sent_at: START }).await;
    go(stage, &mut attempt, State::InitAcked(task())).await;
    attempt
}

async fn go(stage: &Stage, attempt: &mut Attempt, state: State) {
    let from = attempt.state.kind();
    attempt.state = state;
    attempt.trace = Trace {
        init_sent_at: Some(START),
        url_date: Some(START),
        final_intent_at: (!attempt.state.kind().is_before_final()).then_some(START),
        final_acked_at: (attempt.state.kind() == Kind::HandedOver).then_some(START),
        ..Trace::default()
    };
    let mut tx = stage.database.store().begin().await.unwrap();
    assert!(tx.attempt_advance(attempt, from, attempt.epoch).await.unwrap());
    tx.commit().await.unwrap();
}

fn address(stage: &Stage, attempt: &Attempt, n: usize) -> String {
    let word = stage.app.keys.gate_word(&format!("pull:{}", attempt.id)).unwrap();
    format!("/pull/{}/{}/{n}", attempt.id, word.expose_secret())
}

/// Asks and lets time pass until the answer comes; also says how long that was, milliseconds. `release` happens after a second on the way;
/// it takes real time, and no virtual one.
async fn ask(browser: &Browser<'_>, path: &str, release: impl Future<Output = ()>) -> (Answer, i64) {
    let answer = browser.get(path);
    tokio::pin!(answer, release);
    let (mut passed_ms, mut released) = (0, false);
    loop {
        let waits = !released && passed_ms >= 1000;
        tokio::select! {
            answer = &mut answer => return (answer, passed_ms),
            () = &mut release, if waits => released = true,
            () = tokio::task::yield_now(), if !waits => {
                browser.stage.tiktok().advance(100);
                passed_ms += 100;
            }
        }
    }
}

/// The answer begins as a JPEG does, and not as the words of a refusal.
fn is_picture(answer: &Answer) -> bool {
    answer.body.starts_with(&[0xff, 0xd8, 0xff])
}

#[tokio::test]
async fn the_gate_holds_then_says_later_opens_with_the_release_and_is_gone_afterwards() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (post, _) = draft(&stage, &browser).await;
    let mut attempt = waiting(&stage, &post).await;
    let path = address(&stage, &attempt, 1);

    let (early, held_ms) = ask(&browser, &path, async {}).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "not released yet");
    assert_eq!((early.header(header::RETRY_AFTER), early.header(header::CACHE_CONTROL)), ("5", "no-store"));
    assert!(held_ms >= 20_000, "it was held for {held_ms} ms before");
    assert!(!is_picture(&early), "no byte leaves before the release");

    let released = State::FinalIntent { task: task(), at: START, looks: ShortLooks::default() };
    let (open, _) = ask(&browser, &path, go(&stage, &mut attempt, released)).await;
    assert_eq!(open.status, StatusCode::OK, "who was held gets the picture when it is released");
    assert!(is_picture(&open));
    let approved = &attempt.snapshot.photos.as_ref().unwrap().pictures[1];
    assert_eq!(open.header(header::CONTENT_TYPE), "image/jpeg");
    assert_eq!(open.header(header::CONTENT_LENGTH), approved.size_bytes.to_string());
    assert_eq!(u64::try_from(open.body.len()).unwrap(), approved.size_bytes);
    assert_eq!(open.header(header::CACHE_CONTROL), "no-store");
    let beyond = browser.get(&address(&stage, &attempt, 2)).await;
    assert_eq!(beyond.status, StatusCode::NOT_FOUND, "there is no third picture");

    for state in [
        State::HandedOver { task: task(), since: START },
        State::Dead {
            evidence: Evidence::Failed { reason: "internal".to_owned(), log_id: None, remote_date: None },
            publish_id: Some(task().publish_id),
        },
    ] {
        go(&stage, &mut attempt, state).await;
        let over = browser.get(&path).await;
        assert_eq!((over.status, is_picture(&over)), (StatusCode::GONE, false), "{:?}", attempt.state.kind());
        assert_eq!(over.header(header::CACHE_CONTROL), "no-store");
    }
}
