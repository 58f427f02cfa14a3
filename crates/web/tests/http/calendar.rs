//! The calendar over HTTP: addresses that hold the view, addresses that hold nonsense, moving, taking back, refusing.

use axum::http::StatusCode;
use domain::calendar::Day;
use domain::consent::Declaration;
use domain::post::{Delivery, PostContent, PostState};
use domain::schedule::Zone;
use store::Post;

use crate::stage::{Answer, Browser, MILA, OLEG, START, Stage};

/// A post planned for a time in UTC.
pub async fn planned(browser: &Browser<'_>, local: &str) -> Post {
    let (app, actor) = (browser.app(), browser.actor().await);
    let account = app.connections(&actor).await.unwrap()[0].id;
    let group = app.create_drafts(&actor, browser.media().await, &[account]).await.unwrap();
    let draft = app.store.posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    let content = PostContent {
        caption: "Milk at noon".to_owned(),
        privacy: Some(domain::creator::PrivacyLevel::SelfOnly),
        ..PostContent::default()
    };
    let (local_time, time_zone) = (local.parse().unwrap(), Zone::utc());
    let input = app::posts::DraftInput {
        delivery: Delivery::Direct,
        content,
        local_time: Some(local_time),
        time_zone: time_zone.clone(),
        photos: None,
    };
    let when = app::posts::When::At { local: local_time, zone: time_zone, second: false };
    let pressed = app::posts::Submit { revision: draft.revision, input, when, declaration: Declaration::Music };
    app.submit(&actor, draft.id, &pressed).await.unwrap()
}

async fn moved(browser: &Browser<'_>, post: &Post, view: &str, date: &str, time: &str) -> Answer {
    let revision = post.revision.to_string();
    let fields = [("revision", revision.as_str()), ("date", date), ("time", time), ("zone", "UTC")];
    browser.post(&format!("/calendar/posts/{}/move?{view}", post.id), &fields).await
}

#[tokio::test]
async fn every_view_has_an_address_and_nonsense_in_it_shows_today() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = planned(&browser, "2026-11-26T12:00").await;
    let today = Day::of(START, &Zone::utc()).to_string();
    for view in ["month", "week", "day", "agenda"] {
        let answer = browser.get(&format!("/calendar?view={view}&date=2026-11-26")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains("Milk at noon") && answer.text().contains("12:00"), "{view}: {}", answer.text());
        let body = browser.get(&format!("/calendar/body?view={view}&date=2026-11-26")).await.text();
        assert!(body.starts_with("<div") && body.contains(&format!("id=\"post-{}\"", post.id)));
    }
    for wrong in ["", "?date=0001-01-01", "?date=9999-12-31", "?view=century&date=2026-02-30&account=x&state=y&page=-4"]
    {
        let answer = browser.get(&format!("/calendar{wrong}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{wrong}");
        assert!(answer.text().contains(&format!("data-calendar=\"/calendar?view=week&amp;date={today}\"")), "{wrong}");
    }
    for edge in ["2000-01-01", "2200-12-31"] {
        for view in ["month", "week", "day", "agenda"] {
            let answer = browser.get(&format!("/calendar?view={view}&date={edge}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{view} {edge}");
        }
    }
    let failed = browser.get("/calendar?view=week&date=2026-11-26&state=failed").await.text();
    assert!(!failed.contains("Milk at noon"));
}

#[tokio::test]
async fn a_post_is_moved_and_moved_back_by_forms_alone() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = planned(&browser, "2026-11-26T12:00").await;
    let view = "view=week&date=2026-11-26";
    let panel = browser.get(&format!("/calendar?{view}&move={}&to=2026-11-27T15:00", post.id)).await.text();
    assert!(panel.contains("Music Usage Confirmation"), "the declaration stands beside the button");
    assert!(panel.contains("value=\"2026-11-27\"") && panel.contains("value=\"15:00\""));
    let answer = moved(&browser, &post, view, "2026-11-27", "15:00").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let shown = browser.get(answer.location()).await.text();
    assert!(shown.contains("Undo") && shown.contains("value=\"12:00\""), "{shown}");
    let actor = browser.actor().await;
    let after = browser.app().post(&actor, post.id).await.unwrap();
    assert_eq!(after.local_time.as_deref(), Some("2026-11-27T15:00"));

    let back = moved(&browser, &after, view, "2026-11-26", "12:00").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.app().post(&actor, post.id).await.unwrap().due_at, post.due_at);
    // The first way back is gone with the revision it was for.
    assert!(!browser.get(answer.location()).await.text().contains("id=\"undo\""));
    let late = moved(&browser, &after, view, "2026-11-26", "13:00").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("changed meanwhile"));
    // Somewhere that is not shown: the calendar goes along.
    let now = browser.app().post(&actor, post.id).await.unwrap();
    let far = moved(&browser, &now, view, "2027-02-10", "09:00").await;
    assert!(far.location().starts_with("/calendar?view=week&date=2027-02-10&undo="), "{}", far.location());
}

#[tokio::test]
async fn a_time_that_cannot_be_is_refused_with_the_reason_and_changes_nothing() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = planned(&browser, "2026-11-26T12:00").await;
    let view = "view=month&date=2026-11-26";
    for (date, time, says) in [
        ("2026-11-23", "12:00", "past"),
        ("2030-01-01", "12:00", "365"),
        ("2026-02-30", "12:00", "Choose a date and a time"),
        ("9999-12-31", "12:00", "Choose a date and a time"),
        ("0001-01-01", "", "Choose a date and a time"),
    ] {
        let answer = moved(&browser, &post, view, date, time).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{date}");
        assert!(answer.text().contains(says) && answer.text().contains("id=\"move\""), "{date}: {}", answer.text());
    }
    assert_eq!(browser.app().post(&browser.actor().await, post.id).await.unwrap(), post);
}

#[tokio::test]
async fn foreign_posts_and_accounts_are_not_there() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let post = planned(&mila, "2026-11-26T12:00").await;
    let oleg = stage.signed_in(OLEG).await;
    let account = post.connection_id;
    assert_eq!(oleg.get(&format!("/calendar?account={account}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(oleg.get(&format!("/calendar?move={}", post.id)).await.status, StatusCode::NOT_FOUND);
    let moved = moved(&oleg, &post, "view=week", "2026-11-27", "12:00").await;
    assert_eq!(moved.status, StatusCode::NOT_FOUND);
    assert!(!oleg.get("/calendar?date=2026-11-26").await.text().contains("Milk at noon"));
    let undo = format!("/calendar?undo={}.{}.2026-11-26T12:00.first.UTC", post.id, post.revision);
    assert!(!oleg.get(&undo).await.text().contains("id=\"undo\""));
    assert!(mila.get(&undo).await.text().contains("id=\"undo\""));
}

#[tokio::test]
async fn a_free_hour_opens_the_composer_with_its_time() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let media = browser.media().await.to_string();
    let page = browser.get("/compose?at=2026-11-26T18:00").await.text();
    assert!(page.contains("name=\"at\" value=\"2026-11-26T18:00\"") && page.contains("/compose?at=2026-11-26T18:00"));
    assert!(!browser.get("/compose?at=soon").await.text().contains("name=\"at\""));
    let account = browser.app().connections(&browser.actor().await).await.unwrap()[0].id.to_string();
    let fields = [("media", media.as_str()), ("connection", account.as_str()), ("at", "2026-11-26T18:00")];
    let answer = browser.post("/compose", &fields).await;
    let form = browser.get(answer.location()).await.text();
    assert!(form.contains("value=\"2026-11-26\"") && form.contains("value=\"18:00\""));
    let drafts = browser.app().queue(&browser.actor().await, START).await.unwrap().drafts;
    assert_eq!(drafts[0].post.state, PostState::Draft);
}
