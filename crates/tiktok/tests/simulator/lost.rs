//! Lost and broken answers: what the client knows afterwards, and that it never repeats anything by itself.

use tiktok::{ChunkPlan, Error, ErrorClass, PublishState, TransportErrorKind, UploadErrorKind};
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::{CREATOR, MINUTE_MS, Stage, small, video};

fn fault(route: Route, action: FaultAction) -> FaultRule {
    FaultRule::once(route, action)
}

fn kind(error: &Error) -> Option<TransportErrorKind> {
    match error {
        Error::Transport(error) => Some(error.kind),
        Error::Api(_)
        | Error::OAuth(_)
        | Error::Upload(_)
        | Error::Malformed { .. }
        | Error::Avatar(_)
        | Error::Refused(_) => None,
    }
}

#[tokio::test]
async fn an_init_whose_answer_is_lost_is_ambiguous_and_a_second_one_makes_one_post() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    stage.client.creator_info(&token).await.unwrap();
    stage.simulator().fault(fault(Route::VideoInit, FaultAction::DropAfter));
    let error = stage.client.init_video(&token, &video(small())).await.unwrap_err();
    assert_eq!((kind(&error), error.class()), (Some(TransportErrorKind::Disconnected), ErrorClass::Ambiguous));
    assert_eq!(stage.simulator().tasks().len(), 1, "the platform did open a task, once");

    let grant = stage.client.init_video(&token, &video(small())).await.unwrap().value;
    stage.upload(&grant, &small()).await;
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.simulator().posts().len(), 1);
}

#[tokio::test]
async fn a_final_chunk_whose_answer_is_lost_is_ambiguous_and_the_status_knows() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let grant = stage.start(&token, &video(small())).await;
    stage.simulator().fault(fault(Route::UploadFinalChunk, FaultAction::DropAfter));
    let error = stage.put(&grant, &small().final_chunk().unwrap()).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous);
    assert!(!error.to_string().contains("upload_token"), "{error}");

    stage.simulator().advance(MINUTE_MS);
    let status = stage.status(&token, &grant.publish_id).await;
    assert_eq!(status.state, PublishState::PublishComplete);
    assert_eq!(stage.simulator().posts().len(), 1);
    assert!(stage.simulator().duplicates().is_empty());
}

#[tokio::test]
async fn a_final_chunk_that_never_arrived_can_be_sent_again_on_the_same_address() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let grant = stage.start(&token, &video(small())).await;
    for action in [FaultAction::DropBefore, FaultAction::ResetAfter(50_000)] {
        stage.simulator().fault(fault(Route::UploadFinalChunk, action));
        let error = stage.put(&grant, &small().final_chunk().unwrap()).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
        let status = stage.status(&token, &grant.publish_id).await;
        assert_eq!((status.state, status.uploaded_bytes), (PublishState::ProcessingUpload, Some(0)));
    }
    stage.put(&grant, &small().final_chunk().unwrap()).await.unwrap();
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.simulator().posts().len(), 1);
}

#[tokio::test]
async fn a_gateway_error_on_a_chunk_is_ambiguous_and_the_same_chunk_may_follow() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let plan = ChunkPlan::for_early_release(16_000_000).unwrap();
    let grant = stage.start(&token, &video(plan)).await;
    let bad_gateway = FaultStatus { status: 502, code: None, retry_after_s: None };
    stage.simulator().fault(fault(Route::Upload, FaultAction::Status(bad_gateway)));
    let first = plan.chunk(0).unwrap();
    match stage.put(&grant, &first).await.unwrap_err() {
        Error::Upload(error) => assert_eq!((error.http_status, error.kind), (502, UploadErrorKind::Server)),
        other => panic!("{other:?}"),
    }
    stage.put(&grant, &first).await.unwrap();
}

#[tokio::test]
async fn a_chunk_that_was_taken_although_its_answer_was_lost_is_found_by_the_status() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let plan = ChunkPlan::for_early_release(16_000_000).unwrap();
    let grant = stage.start(&token, &video(plan)).await;
    stage.simulator().fault(fault(Route::Upload, FaultAction::DropAfter));
    let first = plan.chunk(0).unwrap();
    stage.put(&grant, &first).await.unwrap_err();

    match stage.put(&grant, &first).await.unwrap_err() {
        Error::Upload(error) => assert_eq!(error.kind, UploadErrorKind::RangeMismatch),
        other => panic!("{other:?}"),
    }
    let taken = stage.status(&token, &grant.publish_id).await.uploaded_bytes.unwrap();
    let next = plan.chunk_at_offset(taken).unwrap();
    assert_eq!(next.index, 1);
    stage.put(&grant, &next).await.unwrap();
}

#[tokio::test]
async fn a_cut_init_answer_is_ambiguous_and_a_cut_status_is_only_asked_again() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let grant = stage.start(&token, &video(small())).await;
    stage.simulator().fault(fault(Route::VideoInit, FaultAction::Truncate(40)));
    let error = stage.client.init_video(&token, &video(small())).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous, "{error}");
    stage.simulator().fault(fault(Route::Status, FaultAction::Truncate(40)));
    let error = stage.client.status(&token, &grant.publish_id).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Transient, "{error}");
}

#[tokio::test]
async fn a_server_error_is_ambiguous_for_an_init_and_transient_for_a_question() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let internal = || FaultStatus { status: 500, code: Some("internal_error".into()), retry_after_s: None };
    stage.simulator().fault(fault(Route::CreatorInfo, FaultAction::Status(internal())));
    assert_eq!(stage.client.creator_info(&token).await.unwrap_err().class(), ErrorClass::Transient);
    stage.simulator().fault(fault(Route::VideoInit, FaultAction::StatusAfter(internal())));
    let error = stage.client.init_video(&token, &video(small())).await.unwrap_err();
    assert_eq!((error.class(), error.code().as_str()), (ErrorClass::Ambiguous, "internal_error"));
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_ambiguous() {
    let stage = Stage::new().await;
    let tokens = stage.simulator().issue_grant(crate::KEY, CREATOR, &["video.publish"]).unwrap();
    stage.simulator().fault(fault(Route::TokenRefresh, FaultAction::DropAfter));
    let old = tokens.refresh_token.into();
    let error = stage.client.refresh(&old).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous);
    let error = stage.client.refresh(&old).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Auth, "the rotation had happened");
}
