//! Profile pictures: what stands behind the addresses that the profile calls give, and for how long.

use std::time::Duration;

use tiktok::{AvatarError, AvatarFormat, Error, UserField};
use tiktok_sim::{AvatarSpec, FaultAction, FaultRule, FaultStatus, Route, UserSpec};

use crate::{CREATOR, HOUR_MS, Stage};

const MINUTE: Duration = Duration::from_secs(60);

/// The address that `user/info` gives now.
async fn address(stage: &Stage) -> String {
    let answer = stage.client.user_info(&stage.token(CREATOR), &[UserField::AvatarUrl]).await.unwrap();
    answer.value.avatar_url.unwrap()
}

async fn picture_of(avatar: AvatarSpec) -> Result<tiktok::Avatar, Error> {
    let stage = Stage::with(|config| {
        config.users = vec![UserSpec { avatar, ..UserSpec::public(CREATOR, "Moloko Demo") }];
    })
    .await;
    let address = address(&stage).await;
    stage.client.avatar(&address, MINUTE).await
}

#[tokio::test]
async fn both_profile_calls_name_the_same_picture_and_its_address_expires() {
    let stage = Stage::new().await;
    let from_user = stage.client.avatar(&address(&stage).await, MINUTE).await.unwrap();
    assert_eq!(from_user.format, AvatarFormat::Png);
    let creator = stage.client.creator_info(&stage.token(CREATOR)).await.unwrap().value;
    assert_eq!(stage.client.avatar(&creator.avatar_url, MINUTE).await.unwrap(), from_user);
    assert!(stage.simulator().journal().last().unwrap().notes.is_empty(), "no token went to the image host");

    stage.simulator().advance(2 * HOUR_MS);
    let error = stage.client.avatar(&creator.avatar_url, MINUTE).await.unwrap_err();
    assert_eq!(error.code(), "avatar_http_403");
    let fresh = stage.client.avatar(&address(&stage).await, MINUTE).await.unwrap();
    assert_eq!(fresh, from_user, "a new address leads to it again");
}

#[tokio::test]
async fn what_is_no_picture_is_an_error_of_its_own() {
    let page = picture_of(AvatarSpec::Page).await.unwrap_err();
    assert!(matches!(page, Error::Avatar(AvatarError::NotAPicture { .. })), "{page}");
    assert!(picture_of(AvatarSpec::Oversized(512 * 1024)).await.is_ok());
    assert_eq!(picture_of(AvatarSpec::Oversized(512 * 1024 + 1)).await.unwrap_err().code(), "answer_too_large");
    let moved = picture_of(AvatarSpec::Moved("https://elsewhere.example/a.png".to_owned())).await.unwrap_err();
    assert_eq!(moved.code(), "avatar_http_302");
    let elsewhere = picture_of(AvatarSpec::Elsewhere("https://elsewhere.example".to_owned())).await.unwrap_err();
    assert_eq!(elsewhere.code(), "avatar_host_not_allowed");
    assert_eq!(picture_of(AvatarSpec::Missing).await.unwrap_err().code(), "refused_locally");
}

#[tokio::test]
async fn a_broken_image_host_is_asked_once() {
    let stage = Stage::new().await;
    let down = FaultStatus { status: 503, code: None, retry_after_s: None };
    for (action, code) in [
        (FaultAction::Status(down), "avatar_http_503"),
        (FaultAction::DropBefore, "connection_lost"),
        (FaultAction::Truncate(100), "connection_lost"),
    ] {
        let address = address(&stage).await;
        stage.simulator().clear_journal();
        stage.simulator().fault(FaultRule::once(Route::Image, action));
        assert_eq!(stage.client.avatar(&address, MINUTE).await.unwrap_err().code(), code);
        assert_eq!(stage.simulator().journal().len(), 1, "{code}");
    }
}
