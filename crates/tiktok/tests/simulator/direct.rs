//! Posting a video directly, from creator info to the public id.

use aws_lc_rs::digest;
use bytes::Bytes;
use futures::stream;
use tiktok::{ChunkAnswer, ChunkPlan, FailReason, PrivacyLevel, PublishState};
use tiktok_sim::{MediaPolicy, sample_mp4};

use crate::{CREATOR, MINUTE_MS, START_MS, Stage, small, video};

#[tokio::test]
async fn what_the_creator_may_post_depends_on_the_account() {
    let stage = Stage::new().await;
    let public = stage.client.creator_info(&stage.token(CREATOR)).await.unwrap();
    assert_eq!(public.remote_date, Some(START_MS / 1000));
    assert!(public.log_id.is_some_and(|log_id| log_id.starts_with("20260101000000")));
    assert_eq!(public.value.username, CREATOR);
    assert_eq!(public.value.max_video_post_duration_sec, 600);
    assert_eq!(
        public.value.privacy_level_options,
        [PrivacyLevel::PublicToEveryone, PrivacyLevel::MutualFollowFriends, PrivacyLevel::SelfOnly]
    );
    assert!(public.value.stitch_disabled && !public.value.duet_disabled);

    let private = stage.client.creator_info(&stage.token("moloko.private")).await.unwrap().value;
    assert_eq!(private.privacy_level_options.first(), Some(&PrivacyLevel::FollowerOfCreator));
    assert!(private.duet_disabled && private.stitch_disabled);
}

#[tokio::test]
async fn a_video_in_chunks_is_published_once_with_every_option() {
    let stage = Stage::with(|config| config.quirks.media = MediaPolicy::Inspect).await;
    let token = stage.token(CREATOR);
    let file = Bytes::from(sample_mp4(720, 1280, 30, 5_000, 20_000_000));
    let plan = ChunkPlan::for_early_release(u64::try_from(file.len()).unwrap()).unwrap();
    assert_eq!(plan.chunk_count, 3);
    let grant = stage.start(&token, &video(plan)).await;

    for chunk in plan.chunks() {
        let (first, last) = (usize::try_from(chunk.first).unwrap(), usize::try_from(chunk.last).unwrap());
        // In uneven parts, as a reader would give them.
        let parts: Vec<_> =
            file.slice(first..=last).chunks(77_777).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let answer = stage
            .client
            .put_chunk(&grant.upload_url, &chunk, "video/mp4", stream::iter(parts), std::time::Duration::from_secs(60))
            .await
            .unwrap();
        let remote_date = Some(START_MS / 1000);
        if chunk.is_final {
            assert_eq!(answer, ChunkAnswer::Complete { remote_date });
        } else {
            assert_eq!(answer, ChunkAnswer::Accepted { progress: Some(chunk.last + 1), remote_date });
            let status = stage.status(&token, &grant.publish_id).await;
            assert_eq!(status.uploaded_bytes, Some(chunk.last + 1));
            assert_eq!(plan.chunk_at_offset(chunk.last + 1), plan.chunk(chunk.index + 1));
        }
    }

    assert_eq!(stage.status(&token, &grant.publish_id).await.state, PublishState::ProcessingUpload);
    stage.simulator().advance(5_000);
    let complete = stage.status(&token, &grant.publish_id).await;
    assert_eq!((complete.state, complete.post_ids.len()), (PublishState::PublishComplete, 0));
    stage.simulator().advance(MINUTE_MS);
    let public = stage.status(&token, &grant.publish_id).await;

    let posts = stage.simulator().posts();
    let [post] = &posts[..] else { panic!("one post: {posts:?}") };
    assert_eq!(public.post_ids, [post.post_id.to_string()]);
    assert!(post.post_id > 1 << 53, "an id that a float would ruin");
    assert_eq!(post.publish_id, grant.publish_id.as_str());
    assert_eq!(post.caption, "Новый выпуск #moloko");
    assert_eq!(post.privacy_level, "PUBLIC_TO_EVERYONE");
    assert_eq!((post.comment_disabled, post.duet_disabled, post.stitch_disabled), (false, true, true));
    assert_eq!((post.brand_content, post.brand_organic, post.is_aigc), (false, true, false));
    assert_eq!(post.cover_ms, Some(1_500));
    let hash = digest::digest(&digest::SHA256, &file);
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(post.sha256, hex);
    assert!(stage.simulator().flags().is_empty(), "{:?}", stage.simulator().flags());
    assert!(stage.simulator().duplicates().is_empty());
}

#[tokio::test]
async fn the_reference_file_of_66_megabytes_goes_out_in_six_chunks() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let plan = ChunkPlan::for_size(66_259_900).unwrap();
    let grant = stage.start(&token, &video(plan)).await;
    stage.upload(&grant, &plan).await;
    stage.simulator().advance(MINUTE_MS);
    assert_eq!(stage.status(&token, &grant.publish_id).await.state, PublishState::PublishComplete);
    assert_eq!(stage.simulator().posts()[0].size_bytes, 66_259_900);
}

#[tokio::test]
async fn a_private_post_never_gets_an_id() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    let mut private = video(small());
    private.privacy_level = PrivacyLevel::SelfOnly;
    let grant = stage.start(&token, &private).await;
    stage.upload(&grant, &small()).await;
    stage.simulator().advance(60 * MINUTE_MS);
    let status = stage.client.status(&stage.token(CREATOR), &grant.publish_id).await.unwrap().value;
    assert_eq!((status.state, status.post_ids.len()), (PublishState::PublishComplete, 0));
}

#[tokio::test]
async fn a_picture_that_is_too_small_fails_with_its_reason() {
    let stage = Stage::with(|config| config.quirks.media = MediaPolicy::Inspect).await;
    let token = stage.token(CREATOR);
    let file = sample_mp4(320, 320, 30, 5_000, 100_000);
    let plan = ChunkPlan::for_size(u64::try_from(file.len()).unwrap()).unwrap();
    let grant = stage.start(&token, &video(plan)).await;
    let body = stream::iter([Ok(Bytes::from(file))]);
    let chunk = plan.final_chunk().unwrap();
    let minute = std::time::Duration::from_secs(60);
    stage.client.put_chunk(&grant.upload_url, &chunk, "video/mp4", body, minute).await.unwrap();
    stage.simulator().advance(MINUTE_MS);
    let status = stage.status(&token, &grant.publish_id).await;
    assert_eq!(status.state, PublishState::Failed);
    assert_eq!(status.fail_reason, Some(FailReason::PictureSizeCheckFailed));
    assert!(stage.simulator().posts().is_empty());
}
