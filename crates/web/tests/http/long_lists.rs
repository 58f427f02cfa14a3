//! Pages of a workspace with more than a page shows: what is cut is said, and the rest is one press away.

use domain::id::{GroupId, PostId};
use domain::post::{PostContent, PostState};
use store::Post;
use uuid::Uuid;

use crate::stage::{Browser, MILA, START, Stage};

/// A draft of which many are made.
async fn pattern(stage: &Stage, browser: &Browser<'_>) -> Post {
    let (media, actor) = (browser.media().await, browser.actor().await);
    let account = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[account]).await.unwrap();
    stage.app.store.posts_in_group(actor.workspace_id, group).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_queue_shows_sixty_planned_posts_and_twenty_that_need_somebody_and_more_when_asked() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let pattern = pattern(&stage, &browser).await;
    let mut tx = stage.app.store.begin().await.unwrap();
    for n in 0..83_u8 {
        let (state, at) = match n {
            0..61 => (PostState::Scheduled, START.plus_seconds(3_600 * (i64::from(n) + 30))),
            61..83 => (PostState::Failed, START.plus_seconds(-60 * i64::from(n))),
            _ => unreachable!(),
        };
        let id = Uuid::from_u128((1 << 100) + u128::from(n));
        let content = PostContent { caption: format!("Bottle {n:03}"), ..PostContent::default() };
        let post = Post {
            id: PostId::from_uuid(id),
            group_id: GroupId::from_uuid(id),
            state,
            content,
            due_at: Some(at),
            updated_at: at.min(START),
            ..pattern.clone()
        };
        tx.post_insert(&post).await.unwrap();
    }
    tx.commit().await.unwrap();
    let actor = browser.actor().await;
    let label = stage.app.label_add(&actor, "season", None).await.unwrap();
    let bearing: Vec<String> = (0..83_u128)
        .map(|n| {
            format!(
                "INSERT INTO post_label (post_id, label_id) VALUES ('{}', '{label}')",
                Uuid::from_u128((1 << 100) + n)
            )
        })
        .collect();
    stage.database.tamper(&bearing.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let labelled = browser.get(&format!("/queue?label={label}")).await.text();
    assert!(labelled.contains("Bottle 059") && !labelled.contains("Bottle 060"), "a label's queue is cut alike");
    assert!(labelled.contains(&format!("/queue?rows=120&amp;label={label}")), "and says so");
    assert!(labelled.contains("All 22 that need you"));

    let first = browser.get("/queue").await.text();
    assert!(first.contains("Bottle 059") && !first.contains("Bottle 060"), "sixty of those that are planned");
    assert!(first.contains("Bottle 080") && !first.contains("Bottle 081"), "the newest twenty that failed");
    assert!(first.contains("All 22 that need you") && first.contains("/queue?rows=500"));
    assert!(first.contains("href=\"/queue?rows=120\""), "the way to more");
    assert!(first.contains("hx-get=\"/queue/body?rows=60\""), "what is fetched again is as long");
    for path in ["/queue?rows=120", "/queue/body?rows=120"] {
        let more = browser.get(path).await.text();
        assert!(more.contains("Bottle 060") && more.contains("Bottle 082"), "{path}");
        assert!(!more.contains("All 22 that need you"), "{path}");
    }
    for odd in ["/queue?rows=0", "/queue?rows=-1", "/queue?rows=many", "/queue?rows=99999999999"] {
        assert!(browser.get(odd).await.text().contains("Bottle 000"), "{odd}");
    }
}

#[tokio::test]
async fn what_is_held_in_great_number_is_counted_to_its_end_for_programs_only() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let pattern = pattern(&stage, &browser).await;
    let mut tx = stage.app.store.begin().await.unwrap();
    for n in 0..1_100_u128 {
        let id = Uuid::from_u128((1 << 100) + n);
        let post = Post { id: PostId::from_uuid(id), group_id: GroupId::from_uuid(id), ..pattern.clone() };
        tx.post_insert(&post).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(browser.get("/your-data").await.text().contains("more than a thousand items"));
    assert!(browser.get("/your-data.json").await.text().contains("1101"));
}
