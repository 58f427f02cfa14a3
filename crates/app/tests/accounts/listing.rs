//! The queue and the history: what stands where, and that pages neither repeat nor lose anything.

use app::Actor;
use app::history::{HistoryQuery, PAGE};
use domain::id::{ConnectionId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use store::Post;
use uuid::Uuid;

use crate::support::*;

/// Puts a post into the state and at the times in which the engine would have left it.
async fn settle(stage: &Stage, id: PostId, state: PostState, at: UnixMillis) {
    let before = stage.store().post_any(id).await.unwrap().unwrap();
    let published_at = matches!(state, PostState::Published | PostState::InInbox).then_some(at);
    let after = Post { state, published_at, updated_at: at, ..before.clone() };
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
    tx.commit().await.unwrap();
}

fn ids(rows: &[app::queue::PostRow]) -> Vec<PostId> {
    rows.iter().map(|row| row.post.id).collect()
}

#[tokio::test]
async fn the_queue_shows_what_needs_somebody_first_and_the_rest_by_time() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let late = stage.scheduled_at(&actor, id, "2026-11-26T10:00").await.id;
        let soon = stage.scheduled_at(&actor, id, "2026-11-24T10:00").await.id;
        let running = stage.scheduled_at(&actor, id, "2026-11-24T09:30").await.id;
        settle(&stage, running, PostState::Publishing, START).await;
        let failed = stage.scheduled_at(&actor, id, "2026-11-24T09:20").await.id;
        settle(&stage, failed, PostState::Failed, START).await;
        let parked = stage.scheduled_at(&actor, id, "2026-11-24T09:10").await.id;
        settle(&stage, parked, PostState::NeedsAttention, START).await;
        let yesterday = stage.scheduled(&actor, id).await.id;
        settle(&stage, yesterday, PostState::Published, START.plus_millis(-12 * HOUR_MS)).await;
        let noon = stage.scheduled(&actor, id).await.id;
        settle(&stage, noon, PostState::Published, START.plus_millis(3 * HOUR_MS)).await;
        let morning = stage.scheduled(&actor, id).await.id;
        settle(&stage, morning, PostState::InInbox, START.plus_millis(HOUR_MS)).await;
        let cancelled = stage.scheduled(&actor, id).await.id;
        stage.app.cancel(&actor, cancelled).await.unwrap();
        let old_draft = stage.draft(&actor, id).await;
        stage.pass(1);
        let new_draft = stage.draft(&actor, id).await.id;
        stage.pass(1);
        let touched = stage.app.save_draft(&actor, old_draft.id, old_draft.revision, &everyone()).await.unwrap().id;

        let day_start = START.plus_millis(-9 * HOUR_MS);
        let queue = stage.app.queue(&actor, day_start).await.unwrap();
        assert_eq!(ids(&queue.attention), [parked, failed]);
        assert_eq!(ids(&queue.upcoming), [running, soon, late]);
        assert_eq!(ids(&queue.done_today), [morning, noon]);
        assert_eq!(ids(&queue.drafts), [touched, new_draft]);
        assert_eq!(queue.connections.len(), 1);
        assert!(queue.upcoming.iter().all(|row| row.media.is_some()));
    })
    .await;
}

/// `count` posts that were published, several at the same instant, written without the page.
async fn published(stage: &Stage, actor: &Actor, connection: ConnectionId, count: u32) -> Vec<PostId> {
    let model = stage.draft(actor, connection).await;
    let mut tx = stage.store().begin().await.unwrap();
    let mut all = Vec::new();
    for n in 0..count {
        let at = START.plus_millis(i64::from(n / 7) * MINUTE_MS);
        let post = Post {
            id: PostId::from_uuid(Uuid::from_u128(
                0x0198_0000_0000_7000_8000_0000_0000_0000 + u128::from(n * 37 % 1_000),
            )),
            state: PostState::Published,
            published_at: Some(at),
            updated_at: at,
            ..model.clone()
        };
        tx.post_insert(&post).await.unwrap();
        all.push((at, post.id));
    }
    tx.commit().await.unwrap();
    all.sort_unstable();
    all.reverse();
    all.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn history_pages_follow_each_other_without_gap_or_repetition() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let expected = published(&stage, &actor, signed_in.connection_id, 2 * PAGE + 13).await;
        let mut seen = Vec::new();
        let mut query = HistoryQuery::default();
        let mut sizes = Vec::new();
        loop {
            let page = stage.app.history(&actor, &query).await.unwrap();
            sizes.push(page.rows.len());
            seen.extend(ids(&page.rows));
            match page.next {
                Some(next) => query.before = Some(next),
                None => break,
            }
        }
        let full = usize::try_from(PAGE).unwrap();
        assert_eq!(sizes, [full, full, 13]);
        assert_eq!(seen, expected, "newest first");
    })
    .await;
}

#[tokio::test]
async fn a_full_last_page_has_no_next_one() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        published(&stage, &actor, signed_in.connection_id, PAGE).await;
        let page = stage.app.history(&actor, &HistoryQuery::default()).await.unwrap();
        assert_eq!((page.rows.len(), page.next), (usize::try_from(PAGE).unwrap(), None));
    })
    .await;
}

#[tokio::test]
async fn history_is_filtered_by_state_and_account() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let mila = signed_in.connection_id;
        let careful = stage.add_account(&actor, CAREFUL).await;
        let mut made = Vec::new();
        for (connection, state) in [
            (mila, PostState::Published),
            (mila, PostState::Failed),
            (careful, PostState::Published),
            (careful, PostState::InInbox),
            (careful, PostState::NeedsAttention),
            (mila, PostState::Cancelled),
        ] {
            stage.pass(MINUTE_MS);
            let post = stage.scheduled(&actor, connection).await.id;
            settle(&stage, post, state, stage.now()).await;
            made.push(post);
        }
        stage.scheduled(&actor, mila).await;
        stage.draft(&actor, mila).await;

        let ask = async |states: &[PostState], connection| {
            let query = HistoryQuery { states: states.to_vec(), connection, ..HistoryQuery::default() };
            ids(&stage.app.history(&actor, &query).await.unwrap().rows)
        };
        made.reverse();
        assert_eq!(
            ask(&[], None).await,
            made,
            "everything that is over or waits for somebody, nothing that is planned"
        );
        assert_eq!(ask(&[], Some(mila)).await, [made[0], made[4], made[5]]);
        assert_eq!(ask(&[PostState::Published], None).await, [made[3], made[5]]);
        assert_eq!(ask(&[PostState::Published, PostState::InInbox], Some(careful)).await, [made[2], made[3]]);
    })
    .await;
}

#[tokio::test]
async fn a_published_post_links_to_its_page_at_tiktok() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        assert_eq!(stage.app.post_detail(&actor, post.id).await.unwrap().tiktok_links(), [""; 0]);
        let before = stage.store().post_any(post.id).await.unwrap().unwrap();
        let tiktok_ids = vec!["7600000000000000123".to_owned(), "9223372036854775807".to_owned()];
        let after = Post { state: PostState::Published, tiktok_ids, published_at: Some(START), ..before.clone() };
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
        tx.commit().await.unwrap();
        let links = stage.app.post_detail(&actor, post.id).await.unwrap().tiktok_links();
        let base = "https://www.tiktok.com/@moloko.demo/video";
        assert_eq!(links, [format!("{base}/7600000000000000123"), format!("{base}/9223372036854775807")]);
    })
    .await;
}
