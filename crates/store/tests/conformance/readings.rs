//! Numbers that were read: days keep gaps as gaps, a post of several ids is told as a whole or not at all, and thinning leaves what growth is counted from.

use domain::metrics::{Counters, Growth, WatchState};
use domain::post::PostState;
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use store::MetricConsent;
use store::metrics::reading::{ReadRow, Turn};
use store::testing::{START, Seed, TestStore, engines};

use crate::photos::write;

const HOUR_MS: i64 = 3_600_000;

async fn allowed(store: &TestStore, seed: &Seed) -> Turn {
    let consent = MetricConsent {
        connection_id: seed.connection,
        reading: Reading::Metrics,
        person_id: seed.user,
        text_version: "privacy-1.2".to_owned(),
        given_at: START,
    };
    let mut tx = store.begin().await.unwrap();
    tx.metric_consent_put(&consent).await.unwrap();
    tx.commit().await.unwrap();
    store.metric_turns(START, 1).await.unwrap().remove(0)
}

async fn watched(store: &TestStore, seed: &Seed, ids: &[&str]) -> store::Post {
    let post = store::Post { published_at: Some(START), ..seed.post(1, PostState::Published) };
    write(store, &post).await;
    let mut tx = store.begin().await.unwrap();
    for id in ids {
        tx.metric_watch(seed.connection, post.id, id, START, START).await.unwrap();
    }
    tx.commit().await.unwrap();
    post
}

fn told(post: &store::Post, video: &str, counters: Counters, growth: Growth, at: UnixMillis) -> ReadRow {
    ReadRow {
        post_id: post.id,
        video_id: video.to_owned(),
        state: WatchState::Live,
        since: START,
        next_at: at,
        known: counters,
        sample: Some(counters),
        growth,
    }
}

async fn read(store: &TestStore, seed: &Seed, rows: &[ReadRow], at: UnixMillis) {
    let mut tx = store.begin().await.unwrap();
    tx.metric_read(seed.connection, rows, at).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_day_of_which_nothing_was_told_is_a_gap_and_what_was_told_adds_up() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        allowed(&store, &seed).await;
        let post = watched(&store, &seed, &["11", "12"]).await;
        let views = |n| Counters { views: Some(n), ..Counters::default() };
        let grown = |views, likes| Growth { views, likes, ..Growth::default() };
        read(&store, &seed, &[told(&post, "11", views(40), grown(Some(40), None), START)], START).await;
        let [day] = store.metric_days(seed.workspace, None, 0..99_999).await.unwrap()[..] else { panic!() };
        assert_eq!((day.growth, day.readings), (grown(Some(40), None), 1), "{}", store.engine());
        let posts = store.metric_posts(seed.workspace, None, START..START.plus_millis(1), 5).await.unwrap();
        assert_eq!(posts[0].counters, Counters::default(), "of one id nothing is known");

        let later = START.plus_millis(1);
        let second = [
            told(&post, "12", views(2), grown(None, Some(3)), later),
            told(&post, "11", views(39), grown(Some(-1), None), later),
        ];
        read(&store, &seed, &second, later).await;
        let third = START.plus_millis(2);
        read(&store, &seed, &[told(&post, "11", views(39), grown(None, Some(4)), third)], third).await;
        let [day] = store.metric_days(seed.workspace, None, 0..99_999).await.unwrap()[..] else { panic!() };
        assert_eq!((day.growth, day.readings), (grown(Some(39), Some(7)), 4), "{}", store.engine());
        let posts = store.metric_posts(seed.workspace, None, START..later, 5).await.unwrap();
        assert_eq!(posts[0].counters, views(41));
    }
}

#[tokio::test]
async fn thinning_leaves_the_first_sample_and_the_last_one_of_each_stretch() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        allowed(&store, &seed).await;
        let post = watched(&store, &seed, &["11", "12"]).await;
        let begin = UnixMillis::from_millis(START.millis().div_euclid(HOUR_MS) * HOUR_MS);
        let at = |quarter: i64| begin.plus_millis(quarter * HOUR_MS / 4);
        for quarter in 0..12 {
            let views = Counters { views: Some(quarter), ..Counters::default() };
            let rows = ["11", "12"].map(|id| told(&post, id, views, Growth::default(), at(quarter)));
            read(&store, &seed, &rows, at(quarter)).await;
        }
        // The window ends in the middle of an hour, and a portion ends before the window does.
        loop {
            let samples = store.metrics_thinnable(begin..at(10), HOUR_MS, 3).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.metrics_thin(&samples).await.unwrap(), u64::try_from(samples.len()).unwrap());
            tx.commit().await.unwrap();
            if samples.is_empty() {
                break;
            }
        }
        for video in ["11", "12"] {
            let left = store.metric_samples(seed.workspace, post.id).await.unwrap();
            let left: Vec<i64> =
                left.iter().filter(|it| it.video_id == video).filter_map(|it| it.counters.views).collect();
            assert_eq!(left, [0, 3, 7, 10, 11], "{}", store.engine());
        }
    }
}
