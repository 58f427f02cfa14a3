//! What the platform refuses, with the class each refusal has for the caller.

use tiktok::{Error, ErrorClass, ErrorCode, PrivacyLevel, PublishId, UploadErrorKind, UploadUrl, UserField};
use tiktok_sim::{AppSpec, AppStage};

use crate::{CREATOR, HOUR_MS, KEY, MINUTE_MS, REDIRECT, SECRET, Stage, small, video};

fn told(error: &Error) -> (ErrorClass, String) {
    assert!(error.log_id().is_some_and(|log_id| log_id.len() == 34), "{error}");
    (error.class(), error.code())
}

fn says(error: &Error, class: ErrorClass, code: &str) {
    assert_eq!(told(error), (class, code.to_owned()), "{error}");
}

#[tokio::test]
async fn a_creator_at_the_cap_is_told_with_http_200() {
    let stage = Stage::new().await;
    let error = stage.client.creator_info(&stage.token("moloko.capped")).await.unwrap_err();
    says(&error, ErrorClass::Cap, "spam_risk_too_many_posts");
    assert_eq!(error.http_status(), Some(200));
    let error = stage.client.creator_info(&stage.token("moloko.banned")).await.unwrap_err();
    says(&error, ErrorClass::AccountBlocked, "spam_risk_user_banned_from_posting");
}

#[tokio::test]
async fn an_audience_that_is_not_offered_is_refused() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let mut wrong = video(small());
    wrong.privacy_level = PrivacyLevel::FollowerOfCreator;
    let error = stage.client.init_video(&token, &wrong).await.unwrap_err();
    says(&error, ErrorClass::Privacy, "privacy_level_option_mismatch");
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_refused() {
    let stage = Stage::new().await;
    let grant = stage.simulator().issue_grant(KEY, CREATOR, &["user.info.basic"]).unwrap();
    let token = grant.access_token.into();
    let error = stage.client.creator_info(&token).await.unwrap_err();
    says(&error, ErrorClass::Scope, "scope_not_authorized");
    let error = stage.client.user_info(&token, &[UserField::Username]).await.unwrap_err();
    says(&error, ErrorClass::Scope, "scope_not_authorized");
}

#[tokio::test]
async fn an_unaudited_app_needs_a_private_account() {
    let stage = Stage::with(|config| {
        config.apps = vec![AppSpec { stage: AppStage::LiveUnaudited, ..AppSpec::audited(KEY, SECRET, [REDIRECT]) }];
    })
    .await;
    let mut private = video(small());
    private.privacy_level = PrivacyLevel::SelfOnly;
    let error = stage.client.init_video(&stage.token(CREATOR), &private).await.unwrap_err();
    says(&error, ErrorClass::Configuration, "unaudited_client_can_only_post_to_private_accounts");
    stage.client.init_video(&stage.token("moloko.private"), &private).await.unwrap();
}

#[tokio::test]
async fn the_seventh_init_in_a_minute_is_too_fast() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    for _ in 0..6 {
        stage.client.init_video(&token, &video(small())).await.unwrap();
    }
    let error = stage.client.init_video(&token, &video(small())).await.unwrap_err();
    says(&error, ErrorClass::RateLimit, "rate_limit_exceeded");
    stage.simulator().advance(MINUTE_MS);
    stage.client.init_video(&token, &video(small())).await.unwrap();
}

#[tokio::test]
async fn an_upload_address_lives_one_hour_and_another_one_is_unknown() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let mut grant = stage.start(&token, &video(small())).await;
    let chunk = small().final_chunk().unwrap();
    let kind = |error: Error| match error {
        Error::Upload(error) => error.kind,
        other => panic!("{other:?}"),
    };

    let genuine = grant.upload_url.clone();
    grant.upload_url = UploadUrl::parse(&format!("{}x", genuine.expose())).unwrap();
    assert_eq!(kind(stage.put(&grant, &chunk).await.unwrap_err()), UploadErrorKind::UnknownUpload);

    grant.upload_url = genuine;
    stage.simulator().advance(HOUR_MS + MINUTE_MS);
    let error = stage.put(&grant, &chunk).await.unwrap_err();
    assert_eq!(error.remote_date(), Some((crate::START_MS + HOUR_MS + MINUTE_MS) / 1000));
    assert_eq!(kind(error), UploadErrorKind::UrlExpired);
}

#[tokio::test]
async fn an_unknown_or_foreign_task_is_refused() {
    let stage = Stage::new().await;
    let grant = stage.start(&stage.token(CREATOR), &video(small())).await;
    let unknown = PublishId::parse("v_pub_file~v2-1.1").unwrap();
    let error = stage.client.status(&stage.token(CREATOR), &unknown).await.unwrap_err();
    says(&error, ErrorClass::Permanent, "invalid_publish_id");
    let error = stage.client.status(&stage.token("moloko.private"), &grant.publish_id).await.unwrap_err();
    says(&error, ErrorClass::Permanent, "token_not_authorized_for_specified_publish_id");
}

#[tokio::test]
async fn a_token_that_dies_after_the_last_chunk_is_refreshed_and_the_question_repeated() {
    let stage = Stage::new().await;
    let tokens = stage.simulator().issue_grant(KEY, CREATOR, &["video.publish"]).unwrap();
    let token = tokens.access_token.into();
    let grant = stage.start(&token, &video(small())).await;
    stage.upload(&grant, &small()).await;
    stage.simulator().advance(25 * HOUR_MS);
    let error = stage.client.status(&token, &grant.publish_id).await.unwrap_err();
    assert!(matches!(&error, Error::Api(api) if api.code == ErrorCode::AccessTokenInvalid), "{error:?}");
    let renewed = stage.client.refresh(&tokens.refresh_token.into()).await.unwrap();
    let status = stage.status(&renewed.access_token, &grant.publish_id).await;
    assert_eq!(status.state, tiktok::PublishState::PublishComplete);
    assert_eq!(stage.simulator().posts().len(), 1);
}
