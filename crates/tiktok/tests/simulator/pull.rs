//! Media that TikTok fetches itself: photos, videos by address, cancelling.

use tiktok::{ErrorClass, FailReason, PhotoMode, PhotoPost, PrivacyLevel, PublishState, PullVideo, Url};
use tiktok_sim::{AppSpec, MediaPolicy, PullRoute, sample_jpeg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{CREATOR, KEY, MINUTE_MS, REDIRECT, SECRET, Stage, small, video};

/// A web server that answers every request with the same bytes, or never answers at all.
async fn origin(answer: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let Some(body) = answer else { return std::future::pending::<()>().await };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = socket.write_all(&[head.as_bytes(), &body].concat()).await;
            });
        }
    });
    address
}

async fn stage(answer: Option<Vec<u8>>) -> Stage {
    let fetch_from = origin(answer).await;
    Stage::with(|config| {
        config.apps = vec![AppSpec {
            verified_prefixes: vec!["https://m.example/v/".into()],
            ..AppSpec::audited(KEY, SECRET, [REDIRECT])
        }];
        config.pull_routes = vec![PullRoute { origin: "https://m.example".into(), fetch_from }];
        config.quirks.media = MediaPolicy::Inspect;
    })
    .await
}

fn photos(prefix: &str) -> PhotoPost {
    PhotoPost {
        mode: PhotoMode::DirectPost {
            privacy_level: PrivacyLevel::SelfOnly,
            disable_comment: true,
            auto_add_music: false,
            brand_content_toggle: false,
            brand_organic_toggle: false,
        },
        title: "Backstage".into(),
        description: "Фото со съёмки #moloko".into(),
        images: ["1.jpg", "2.jpg"].iter().map(|name| Url::parse(&format!("{prefix}{name}")).unwrap()).collect(),
        cover_index: 1,
    }
}

#[tokio::test]
async fn photos_from_a_verified_place_become_a_post() {
    let stage = stage(Some(sample_jpeg(1080, 1350))).await;
    let token = stage.token(CREATOR);
    stage.client.creator_info(&token).await.unwrap();
    let publish_id = stage.client.init_photo(&token, &photos("https://m.example/v/")).await.unwrap().value;
    stage.simulator().settled().await;
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.status(&token, &publish_id).await.state, PublishState::PublishComplete);
    let posts = stage.simulator().posts();
    assert!(posts[0].is_photo);
    assert_eq!(posts[0].privacy_level, "SELF_ONLY");
}

#[tokio::test]
async fn photos_from_anywhere_else_are_the_operators_matter() {
    let stage = stage(None).await;
    let token = stage.token(CREATOR);
    let error = stage.client.init_photo(&token, &photos("https://elsewhere.example/v/")).await.unwrap_err();
    assert_eq!((error.class(), error.code().as_str()), (ErrorClass::Configuration, "url_ownership_unverified"));
}

#[tokio::test]
async fn a_photo_draft_reaches_the_inbox() {
    let stage = stage(Some(sample_jpeg(1080, 1350))).await;
    let token = stage.token(CREATOR);
    let draft = PhotoPost { mode: PhotoMode::MediaUpload, ..photos("https://m.example/v/") };
    let publish_id = stage.client.init_photo(&token, &draft).await.unwrap().value;
    stage.simulator().settled().await;
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.status(&token, &publish_id).await.state, PublishState::SendToUserInbox);
}

#[tokio::test]
async fn a_download_in_progress_can_be_cancelled() {
    let stage = stage(None).await;
    let token = stage.token(CREATOR);
    let pulled = PullVideo { options: video(small()), video_url: Url::parse("https://m.example/v/a.mp4").unwrap() };
    let publish_id = stage.client.init_pull_video(&token, &pulled).await.unwrap().value;
    let status = stage.status(&token, &publish_id).await;
    assert_eq!(status.state, PublishState::ProcessingDownload);

    stage.client.cancel(&token, &publish_id).await.unwrap();
    let status = stage.status(&token, &publish_id).await;
    assert_eq!((status.state, status.fail_reason), (PublishState::Failed, Some(FailReason::PublishCancelled)));
    let error = stage.client.cancel(&token, &publish_id).await.unwrap_err();
    assert_eq!(error.code(), "publish_not_cancellable");
}

#[tokio::test]
async fn a_draft_can_be_fetched_too() {
    let stage = stage(None).await;
    let token = stage.token(CREATOR);
    let address = Url::parse("https://m.example/v/a.mp4").unwrap();
    let publish_id = stage.client.init_pull_inbox_video(&token, &address).await.unwrap().value;
    assert_eq!(stage.status(&token, &publish_id).await.state, PublishState::ProcessingDownload);
}
