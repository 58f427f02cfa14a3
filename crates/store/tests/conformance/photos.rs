//! Photo posts: their pictures in order, what needs a picture, and what TikTok fetched.

use domain::id::{AttemptId, MediaId};
use domain::photos::{Arrange, Carousel, PhotoContent};
use domain::post::{PostContent, PostState};
use store::testing::{START, Seed, TestStore, engines};
use store::{GateVisit, Post};
use uuid::Uuid;

use crate::post_id;

fn picture(n: u128) -> MediaId {
    MediaId::from_uuid(Uuid::from_u128(n))
}

/// A photo post of the pictures 11, 12 and 13 with the second as its cover, not written; the pictures are.
pub async fn photos(store: &TestStore, seed: &Seed, state: PostState) -> Post {
    let mut tx = store.begin().await.unwrap();
    for n in 11..=13 {
        seed.write_media(&mut tx, picture(n)).await;
    }
    tx.commit().await.unwrap();
    Post {
        media_id: picture(12),
        photos: Some(Carousel::new((11..=13).map(picture).collect(), picture(12)).unwrap()),
        content: PostContent {
            photos: Some(PhotoContent { title: "Backstage".to_owned(), auto_add_music: true }),
            ..PostContent::default()
        },
        ..seed.post(1, state)
    }
}

pub async fn write(store: &TestStore, post: &Post) {
    let mut tx = store.begin().await.unwrap();
    tx.post_insert(post).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_pictures_come_back_in_their_order_and_follow_each_rearrangement() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = photos(&store, &seed, PostState::Draft).await;
        write(&store, &post).await;
        assert_eq!(store.post_any(post.id).await.unwrap().as_ref(), Some(&post), "{}", store.engine());

        let arranged = post.photos.clone().unwrap().arranged(Arrange::Earlier(picture(13))).unwrap();
        let arranged = arranged.arranged(Arrange::Remove(picture(11))).unwrap();
        let moved = Post { photos: Some(arranged), revision: 2, ..post.clone() };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.post_update(&moved, 1, PostState::Draft).await.unwrap());
        tx.commit().await.unwrap();
        let read = store.posts_in_group(seed.workspace, post.group_id).await.unwrap().remove(0);
        assert_eq!(read.photos.as_ref().map(Carousel::pictures), Some(&[picture(13), picture(12)][..]));
        assert_eq!(read, moved);

        // An edit against an old revision changes no picture either.
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.post_update(&post, 1, PostState::Draft).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.post_any(post.id).await.unwrap(), Some(moved));
    }
}

#[tokio::test]
async fn a_picture_is_needed_as_long_as_a_post_shows_it() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = photos(&store, &seed, PostState::Draft).await;
        write(&store, &post).await;
        for n in [11, 12] {
            assert_eq!(store.media_usage(picture(n)).await.unwrap(), [(post.id, PostState::Draft)]);
            let mut tx = store.begin().await.unwrap();
            assert!(tx.media_delete_unused(seed.workspace, picture(n)).await.unwrap().is_none(), "{n}");
            tx.rollback().await.unwrap();
        }
        let mut tx = store.begin().await.unwrap();
        assert!(tx.post_delete_draft(seed.workspace, post.id).await.unwrap());
        assert!(tx.media_delete_unused(seed.workspace, picture(11)).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn photos_are_never_begun_ahead_of_time_however_large_they_are() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = photos(&store, &seed, PostState::Scheduled).await;
        write(&store, &post).await;
        let upcoming = store.lane_posts(post.connection_id, START.plus_seconds(7200), 10).await.unwrap();
        assert_eq!(upcoming.iter().map(|it| (it.post_id, it.size_bytes)).collect::<Vec<_>>(), [(post_id(1), 0)]);
    }
}

#[tokio::test]
async fn what_was_served_is_written_down_and_belongs_to_an_attempt() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let attempt_id = AttemptId::from_uuid(Uuid::from_u128(77));
        let visit = GateVisit { attempt_id, picture: 2, first_byte: 0, last_byte: 99, at: START };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.gate_visit_append(&visit).await.is_err(), "of an attempt that is not there");
        tx.rollback().await.unwrap();
        let mut post = photos(&store, &seed, PostState::Publishing).await;
        post.state = PostState::Publishing;
        write(&store, &post).await;
        let attempt = crate::attempt_of(&post, attempt_id);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.attempt_insert(&attempt).await.unwrap());
        tx.gate_visit_append(&visit).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.gate_visits(attempt_id).await.unwrap(), [visit]);
        assert_eq!(
            store.attempt(attempt_id).await.unwrap(),
            Some(attempt),
            "with its pictures, and without an upload URL"
        );
    }
}
