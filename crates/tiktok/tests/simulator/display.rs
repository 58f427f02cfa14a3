//! Reading back what is public.

use tiktok::{ErrorClass, PageRequest, VideoField};

use crate::{CREATOR, KEY, MINUTE_MS, Stage, small, video};

const FIELDS: [VideoField; 4] =
    [VideoField::Id, VideoField::CreateTime, VideoField::VideoDescription, VideoField::ViewCount];

#[tokio::test]
async fn public_posts_are_listed_in_pages_and_found_by_id() {
    let stage = Stage::new().await;
    let token = stage.token(CREATOR);
    for n in 0..3 {
        let mut next = video(small());
        next.title = format!("Video {n}");
        let grant = stage.start(&token, &next).await;
        stage.upload(&grant, &small()).await;
        stage.simulator().advance(MINUTE_MS);
    }
    let page = PageRequest { cursor: None, max_count: 2 };
    let first = stage.client.list_videos(&token, &FIELDS, page).await.unwrap().value;
    assert!(first.has_more);
    let descriptions: Vec<_> = first.videos.iter().filter_map(|video| video.video_description.as_deref()).collect();
    assert_eq!(descriptions, ["Video 2", "Video 1"]);

    let page = PageRequest { cursor: first.cursor, max_count: 2 };
    let second = stage.client.list_videos(&token, &FIELDS, page).await.unwrap().value;
    assert!(!second.has_more);
    assert_eq!(second.videos.len(), 1);

    let mut ids: Vec<String> = first.videos.into_iter().chain(second.videos).filter_map(|video| video.id).collect();
    let posts: Vec<String> = stage.simulator().posts().iter().rev().map(|post| post.post_id.to_string()).collect();
    assert_eq!(ids, posts);
    ids.push("7600000000000999999".into());
    let found = stage.client.query_videos(&token, &FIELDS, &ids).await.unwrap().value;
    assert_eq!(found.len(), 3, "an id of nobody is simply missing");
    assert!(found.iter().all(|video| video.view_count.is_some() && video.title.is_none()));
}

#[tokio::test]
async fn without_the_scope_nothing_is_listed() {
    let stage = Stage::new().await;
    let grant = stage.simulator().issue_grant(KEY, CREATOR, &["video.publish"]).unwrap();
    let token = grant.access_token.into();
    let error = stage.client.list_videos(&token, &FIELDS, PageRequest::default()).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Scope);
}
