//! Posts, their consents and timelines.

use std::collections::HashMap;

use domain::consent::{Consent, ConsentSubject, Declaration};
use domain::id::{ConsentId, GroupId, MediaId, PostId, WorkspaceId};
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;
use serde_json::json;
use store::testing::{START, Seed, TestStore, engines};
use store::{HistoryFilter, Post, PostProblem, StoreError};
use uuid::Uuid;

use crate::{connection_id, post_id};

fn stranger() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(99))
}

async fn write(store: &TestStore, posts: &[Post]) {
    let mut tx = store.begin().await.unwrap();
    for post in posts {
        tx.post_insert(post).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn ids(posts: Vec<Post>) -> Vec<PostId> {
    posts.into_iter().map(|post| post.id).collect()
}

/// A post with every column set.
fn full(seed: &Seed) -> Post {
    Post {
        state: PostState::Failed,
        delivery: Delivery::Inbox,
        consent_id: Some(ConsentId::from_uuid(Uuid::from_u128(5))),
        problem: Some(PostProblem {
            code: "tiktok-refused".to_owned(),
            tiktok_code: Some("spam_risk".to_owned()),
            log_id: Some("2026".to_owned()),
            detail: None,
            at: START,
        }),
        published_at: Some(START.plus_seconds(9)),
        tiktok_ids: vec!["7300000000000000001".to_owned()],
        ..seed.post(1, PostState::Scheduled)
    }
}

#[tokio::test]
async fn a_post_comes_back_as_it_was_and_only_in_its_workspace() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let draft = seed.post(2, PostState::Draft);
        write(&store, &[full(&seed), draft.clone()]).await;
        assert_eq!(store.post(seed.workspace, post_id(1)).await.unwrap(), Some(full(&seed)), "{}", store.engine());
        assert_eq!(store.post_any(post_id(2)).await.unwrap(), Some(draft));
        assert_eq!(store.post(stranger(), post_id(1)).await.unwrap(), None);
        assert_eq!(store.post_any(post_id(9)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_edit_wins_only_over_the_revision_and_state_it_saw() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = seed.post(1, PostState::Scheduled);
        write(&store, std::slice::from_ref(&post)).await;
        let edited = Post { revision: 2, updated_at: START.plus_seconds(1), ..full(&seed) };
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.post_update(&edited, 1, PostState::Draft).await.unwrap(), "another state");
        assert!(!tx.post_update(&edited, 2, PostState::Scheduled).await.unwrap(), "another revision");
        let elsewhere = Post { workspace_id: stranger(), ..edited.clone() };
        assert!(!tx.post_update(&elsewhere, 1, PostState::Scheduled).await.unwrap(), "another workspace");
        assert!(tx.post_update(&edited, 1, PostState::Scheduled).await.unwrap());
        assert!(!tx.post_update(&edited, 1, PostState::Scheduled).await.unwrap(), "the second of two");
        assert_eq!(tx.post(seed.workspace, post_id(1)).await.unwrap(), Some(edited.clone()));
        tx.commit().await.unwrap();
        assert_eq!(store.post_any(post_id(1)).await.unwrap(), Some(edited));
    }
}

#[tokio::test]
async fn a_state_moves_only_from_where_it_was_expected() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        write(&store, &[seed.post(1, PostState::InInbox)]).await;
        let mut tx = store.begin().await.unwrap();
        for (from, moves) in [
            (&[][..], false),
            (&[PostState::Draft, PostState::Scheduled][..], false),
            (&[PostState::Scheduled, PostState::InInbox][..], true),
            (&[PostState::InInbox][..], false),
        ] {
            let moved = tx.post_set_state(post_id(1), from, PostState::Published, START.plus_seconds(7)).await.unwrap();
            assert_eq!(moved, moves, "{} from {from:?}", store.engine());
        }
        let now = tx.post_any(post_id(1)).await.unwrap().unwrap();
        assert_eq!((now.state, now.updated_at), (PostState::Published, START.plus_seconds(7)));
    }
}

#[tokio::test]
async fn only_a_draft_can_be_deleted() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        write(&store, &[seed.post(1, PostState::Draft), seed.post(2, PostState::Scheduled)]).await;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.post_delete_draft(seed.workspace, post_id(2)).await.unwrap());
        assert!(!tx.post_delete_draft(stranger(), post_id(1)).await.unwrap());
        tx.event_append(seed.workspace, post_id(1), "created", None, &json!({}), START).await.unwrap();
        assert!(tx.post_delete_draft(seed.workspace, post_id(1)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.post_any(post_id(1)).await.unwrap(), None);
        assert!(store.events(post_id(1)).await.unwrap().is_empty(), "its timeline went with it");
    }
}

#[tokio::test]
async fn the_queue_and_the_drafts_show_what_is_theirs_in_order() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut posts: Vec<Post> = (1..).zip(PostState::ALL).map(|(n, state)| seed.post(n, state)).collect();
        for (n, post) in (0..).zip(&mut posts) {
            post.due_at = post.due_at.map(|due| due.plus_seconds(-n));
        }
        // Waits for a person and has no time.
        let mut timeless = seed.post(20, PostState::NeedsAttention);
        timeless.due_at = None;
        posts.push(timeless);
        let mut newer = seed.post(21, PostState::Draft);
        newer.updated_at = START.plus_seconds(1);
        posts.push(newer);
        write(&store, &posts).await;
        // ALL is draft, scheduled, publishing, published, in_inbox, failed, needs_attention, cancelled.
        assert_eq!(
            ids(store.posts_scheduled(seed.workspace, 10).await.unwrap()),
            [2].map(post_id),
            "{}",
            store.engine()
        );
        assert_eq!(ids(store.posts_under_way(seed.workspace, 10).await.unwrap()), [3].map(post_id));
        assert_eq!(ids(store.posts_attention(seed.workspace, 10).await.unwrap()), [20, 7, 6].map(post_id));
        assert_eq!(ids(store.posts_attention(seed.workspace, 2).await.unwrap()), [20, 7].map(post_id));
        assert_eq!(store.post_count_scheduled(seed.workspace).await.unwrap(), HashMap::from([(seed.connection, 1)]));
        assert_eq!(ids(store.posts_drafts(seed.workspace, 10).await.unwrap()), [21, 1].map(post_id));
        assert!(store.posts_scheduled(stranger(), 10).await.unwrap().is_empty());
        assert!(store.posts_under_way(stranger(), 10).await.unwrap().is_empty());
        assert!(store.posts_attention(stranger(), 10).await.unwrap().is_empty());
        assert!(store.post_count_scheduled(stranger()).await.unwrap().is_empty());
        let due = START.plus_seconds(3_599);
        assert_eq!(store.posts_late(seed.workspace, due.plus_millis(1)).await.unwrap(), (1, Some(due)));
        assert_eq!(store.posts_late(seed.workspace, due).await.unwrap(), (0, None), "not before its time");
        assert_eq!(store.posts_late(stranger(), due.plus_seconds(9)).await.unwrap(), (0, None));
        assert!(store.posts_drafts(stranger(), 10).await.unwrap().is_empty());
        let group = GroupId::from_uuid(Uuid::from_u128(3));
        assert_eq!(ids(store.posts_in_group(seed.workspace, group).await.unwrap()), [post_id(3)]);
        let users = store.media_usage(seed.media).await.unwrap();
        assert_eq!(users.len(), 10);
        assert_eq!(users[0], (post_id(1), PostState::Draft));
        assert!(store.media_usage(MediaId::from_uuid(Uuid::from_u128(9))).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_history_is_read_page_by_page_without_losing_or_repeating_a_post() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut posts = Vec::new();
        for n in 1..=9_u128 {
            let state = if n % 3 == 0 { PostState::InInbox } else { PostState::Published };
            let mut post = seed.post(n, state);
            // Three of them changed in the same instant.
            post.updated_at = START.plus_seconds(i64::try_from(n.min(6)).unwrap());
            posts.push(post);
        }
        posts.push(seed.post(20, PostState::Scheduled));
        posts.push(seed.post(21, PostState::Draft));
        write(&store, &posts).await;
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = store.posts_history(seed.workspace, &HistoryFilter::default(), before, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.updated_at, last.id));
            seen.extend(ids(page));
        }
        assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1].map(post_id), "{}", store.engine());

        let inbox = HistoryFilter {
            states: vec![PostState::InInbox],
            connection: Some(seed.connection),
            ..HistoryFilter::default()
        };
        assert_eq!(ids(store.posts_history(seed.workspace, &inbox, None, 10).await.unwrap()), [9, 6, 3].map(post_id));
        let other = HistoryFilter { connection: Some(connection_id(9)), ..HistoryFilter::default() };
        assert!(store.posts_history(seed.workspace, &other, None, 10).await.unwrap().is_empty());
        assert!(store.posts_history(stranger(), &inbox, None, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_went_out_since_this_morning_is_listed() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let out = |n: u128, state, published_s: Option<i64>| {
            let mut post = seed.post(n, state);
            post.published_at = published_s.map(|s| START.plus_seconds(s));
            post
        };
        write(
            &store,
            &[
                out(1, PostState::Published, Some(-1)),
                out(2, PostState::Published, Some(0)),
                out(3, PostState::InInbox, Some(30)),
                out(4, PostState::Published, None),
                out(5, PostState::Scheduled, None),
            ],
        )
        .await;
        let mut listed = ids(store.posts_published_since(seed.workspace, START, 10).await.unwrap());
        listed.sort();
        assert_eq!(listed, [2, 3].map(post_id), "{}", store.engine());
        assert_eq!(store.posts_published_since(seed.workspace, START, 1).await.unwrap().len(), 1);
        assert!(store.posts_published_since(stranger(), START, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_timer_sees_what_is_due_and_what_comes_next() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        assert_eq!(store.next_due().await.unwrap(), None, "{}: nothing is planned", store.engine());
        let at = |n: u128, due_s: i64, state| {
            let mut post = seed.post(n, state);
            post.due_at = Some(START.plus_seconds(due_s));
            post
        };
        write(
            &store,
            &[
                at(1, 30, PostState::Scheduled),
                at(2, 10, PostState::Scheduled),
                at(3, 5, PostState::Publishing),
                at(4, 31, PostState::Scheduled),
            ],
        )
        .await;
        assert_eq!(store.next_due().await.unwrap(), Some(START.plus_seconds(10)));
        let due = |seconds: i64, limit| {
            let store = store.store().clone();
            async move { ids(store.posts_due(START.plus_seconds(seconds), limit).await.unwrap()) }
        };
        assert!(due(9, 10).await.is_empty(), "never early");
        assert_eq!(due(10, 10).await, [post_id(2)]);
        assert_eq!(due(30, 10).await, [2, 1].map(post_id));
        assert_eq!(due(30, 1).await, [post_id(2)]);
        assert_eq!(store.post_count_direct_since(seed.connection, START).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_calendar_reads_a_stretch_of_time_of_one_workspace_or_one_of_its_accounts() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let at = |n: u128, due_s: Option<i64>, state| {
            let mut post = seed.post(n, state);
            post.due_at = due_s.map(|due_s| START.plus_seconds(due_s));
            post
        };
        write(
            &store,
            &[
                at(1, Some(60), PostState::Scheduled),
                at(2, Some(0), PostState::Published),
                at(3, Some(60), PostState::Cancelled),
                at(4, Some(-1), PostState::Failed),
                at(5, Some(120), PostState::Scheduled),
                at(6, None, PostState::Draft),
            ],
        )
        .await;
        let (from, until) = (START, START.plus_seconds(120));
        let marked = async |account, limit| {
            let marks = store.posts_marked(seed.workspace, account, from, until, limit).await.unwrap();
            marks.into_iter().map(|mark| (mark.id, mark.state)).collect::<Vec<_>>()
        };
        let all = [(2, PostState::Published), (1, PostState::Scheduled), (3, PostState::Cancelled)];
        let all = all.map(|(n, state)| (post_id(n), state));
        assert_eq!(marked(None, 10).await, all, "{}", store.engine());
        assert_eq!(marked(Some(seed.connection), 10).await, all);
        assert_eq!(marked(None, 2).await, all[..2]);
        assert!(marked(Some(connection_id(77)), 10).await.is_empty());
        assert!(store.posts_marked(stranger(), None, from, until, 10).await.unwrap().is_empty());

        let wanted = [1, 6, 2, 99].map(post_id);
        let mut found = ids(store.posts_many(seed.workspace, &wanted).await.unwrap());
        found.sort();
        assert_eq!(found, [1, 2, 6].map(post_id), "{}", store.engine());
        assert!(store.posts_many(stranger(), &wanted).await.unwrap().is_empty());
        assert!(store.posts_many(seed.workspace, &[]).await.unwrap().is_empty());
    }
}

fn consent(seed: &Seed) -> Consent {
    let post = seed.post(1, PostState::Scheduled);
    let subject = ConsentSubject {
        connection_id: seed.connection,
        delivery: post.delivery,
        content: post.content,
        media_sha256: "ab".repeat(32),
        photos: None,
        due_at: START.plus_seconds(3600),
    };
    Consent {
        id: ConsentId::from_uuid(Uuid::from_u128(1)),
        post_id: post_id(1),
        user_id: seed.user,
        given_at: START,
        declaration: Declaration::Music,
        text_version: "2026-11".to_owned(),
        locale: "ru".to_owned(),
        fingerprint: subject.fingerprint(),
        subject,
        creator: None,
    }
}

#[tokio::test]
async fn pp_1_3_a_consent_is_kept_word_for_word_and_can_never_be_changed() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        write(&store, &[seed.post(1, PostState::Scheduled)]).await;
        let mut tx = store.begin().await.unwrap();
        tx.consent_insert(&consent(&seed)).await.unwrap();
        assert_eq!(tx.consent(consent(&seed).id).await.unwrap(), Some(consent(&seed)));
        tx.commit().await.unwrap();
        let kept = store.consent(consent(&seed).id).await.unwrap().unwrap();
        assert_eq!(kept, consent(&seed), "{}", store.engine());
        assert_eq!(kept.subject.fingerprint(), kept.fingerprint, "the record still proves itself");

        let mut tx = store.begin().await.unwrap();
        let refused = store::testing::change_consent(&mut tx, consent(&seed).id).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Constraint(why) if why.contains("never changed")),
            "{}: {refused}",
            store.engine()
        );
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert!(matches!(tx.consent_insert(&consent(&seed)).await, Err(StoreError::Conflict("consent"))));
    }
}

#[tokio::test]
async fn the_timeline_keeps_its_order() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        write(&store, &[seed.post(1, PostState::Draft), seed.post(2, PostState::Draft)]).await;
        let mut tx = store.begin().await.unwrap();
        let detail = json!({ "from": "draft", "note": "мёд \"и\" молоко" });
        let first = tx
            .event_append(seed.workspace, post_id(1), "scheduled", Some(seed.user), &detail, START.plus_seconds(9))
            .await
            .unwrap();
        let at = UnixMillis::from_millis(0);
        tx.event_append(seed.workspace, post_id(2), "other", None, &json!(null), at).await.unwrap();
        let third = tx.event_append(seed.workspace, post_id(1), "sent", None, &json!([]), at).await.unwrap();
        tx.commit().await.unwrap();
        assert!(third > first);
        let events = store.events(post_id(1)).await.unwrap();
        assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["scheduled", "sent"]);
        assert_eq!((events[0].actor_id, &events[0].detail), (Some(seed.user), &detail));
        assert_eq!(events[1].actor_id, None);
    }
}
