//! The policy and the terms over HTTP: permanent addresses without cookies, linked from everywhere, and the answers of people to
//! their changes.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{StatusCode, header};
use domain::privacy::documents::Document;
use store::testing::forget_policy_answers;

use crate::stage::{Browser, MILA, Stage};

/// 2026-12-26 00:00 UTC, counted from the start of the stories.
const UNTIL_THE_DAY: Duration = Duration::from_secs((31 * 24 + 15) * 3_600);
const SHOWN: &str = "privacy 1.2,terms 1.1";

fn pass(stage: &Stage, time: Duration) {
    stage.tiktok().advance(i64::try_from(time.as_millis()).unwrap());
}

/// The day comes; somebody who looks in now and then stays signed in.
async fn wait_for_the_day(mila: &Browser<'_>) {
    for _ in 0..2 {
        pass(mila.stage, UNTIL_THE_DAY / 2);
        assert_eq!(mila.get("/queue").await.status, StatusCode::OK);
    }
}

/// Every address of both documents.
fn addresses() -> Vec<String> {
    let mut all = Vec::new();
    for document in Document::ALL {
        let name = document.as_str();
        all.extend([format!("/{name}"), format!("/{name}.json")]);
        for version in document.versions() {
            all.extend([version.path(), format!("{}/changes", version.path())]);
        }
    }
    all
}

async fn json(browser: &Browser<'_>, path: &str) -> serde_json::Value {
    serde_json::from_slice(&browser.get(path).await.body).unwrap()
}

async fn somebody_from_before(stage: &Stage) -> Browser<'_> {
    let browser = stage.signed_in(MILA).await;
    let actor = browser.actor().await;
    forget_policy_answers(stage.database.store(), actor.user_id).await;
    browser
}

#[tokio::test]
async fn pp_10_2_every_version_is_read_signed_out_and_no_answer_sets_a_cookie() {
    let stage = Stage::new().await;
    for path in addresses() {
        let stranger = stage.browser();
        // A sentence that waits for its page, and a session that ended, change nothing here.
        stranger.set_cookie("moloko_flash", "saved");
        stranger.set_cookie("__Host-moloko", "a-session-that-is-over");
        let page = stranger.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.set_cookies().is_empty(), "{path}: {:?}", page.set_cookies());
    }
    for path in ["/privacy/9.9", "/terms/1.2", "/privacy/9.9/changes", "/cookies/1.0"] {
        assert_eq!(stage.browser().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mila = stage.signed_in(MILA).await;
    for path in addresses() {
        assert!(mila.get(&path).await.set_cookies().is_empty(), "{path} for somebody signed in");
    }
}

#[tokio::test]
async fn pp_10_2_every_page_links_both_documents() {
    let stage = Stage::new().await;
    let stranger = stage.browser();
    let mila = stage.signed_in(MILA).await;
    let public = ["/", "/connect", "/nowhere", "/privacy", "/terms", "/privacy/1.0", "/terms/1.1/changes"];
    let own =
        ["/queue", "/library", "/compose", "/history", "/connections", "/settings", "/agreement", "/posts/nonsense"];
    let pages =
        public.iter().map(|path| (&stranger, *path)).chain(public.iter().chain(&own).map(|path| (&mila, *path)));
    for (browser, path) in pages {
        let page = browser.get(path).await.text();
        let foot = page.rsplit("<footer").next().unwrap();
        for link in ["href=\"/privacy\"", "href=\"/terms\""] {
            assert!(foot.contains(link), "{link} in the foot of {path}");
        }
    }
    for (path, other) in
        [("/privacy", "/terms"), ("/terms", "/privacy"), ("/privacy/1.1", "/terms"), ("/connect", "/privacy")]
    {
        let page = stranger.get(path).await.text();
        let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        assert!(main.contains(&format!("href=\"{other}")), "{other} within {path}");
    }
}

#[tokio::test]
async fn pp_9_2_page_and_metadata_agree_and_the_hash_is_that_of_the_text() {
    let stage = Stage::new().await;
    let reader = stage.browser();
    for (path, later) in [("/privacy", "/privacy/1.1"), ("/terms", "/terms/1.1")] {
        let before = json(&reader, &format!("{path}.json")).await;
        assert_eq!((&before["version"], &before["last_updated"]), (&"1.0".into(), &"2026-11-24".into()));
        assert_eq!(before["announced"]["version"], "1.1");
        assert!(reader.get(path).await.text().contains("datetime=\"2026-11-24\""));
        assert!(reader.get(later).await.text().contains("datetime=\"2026-12-26\""));
    }
    pass(&stage, UNTIL_THE_DAY);
    for path in ["/privacy", "/terms"] {
        let now = json(&reader, &format!("{path}.json")).await;
        assert_eq!((&now["version"], &now["effective"]), (&"1.1".into(), &"2026-12-26".into()));
        assert_eq!(now["last_updated"], now["effective"]);
        assert_eq!(
            now["announced"]["version"],
            if path == "/privacy" { "1.2".into() } else { serde_json::Value::Null }
        );
        assert!(reader.get(path).await.text().contains("datetime=\"2026-12-26\""));
        for language in ["en", "ru"] {
            let said = &now["languages"][language];
            let hash = digest(&SHA256, said["text"].as_str().unwrap().as_bytes());
            let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(said["sha256"], hex.as_str());
            let page = reader.get(&format!("{path}?lang={language}")).await.text();
            assert!(page.contains(&format!("<html lang=\"{language}\"")));
            for clause in said["clauses"].as_array().unwrap() {
                assert!(page.contains(&format!("id=\"{}\"", clause["id"].as_str().unwrap())), "{clause}");
            }
        }
    }
}

#[tokio::test]
async fn pp_9_1_what_changed_is_shown_in_the_readers_language() {
    let stage = Stage::new().await;
    let mut reader = stage.browser();
    let page = reader.get("/privacy/1.1/changes").await.text();
    assert!(page.contains("<del>") && page.contains("<ins>") && page.contains("Example Hosting"));
    reader.language = "ru";
    let page = reader.get("/privacy/1.1/changes").await.text();
    assert!(page.contains("Что изменилось: Политика конфиденциальности 1.1") && page.contains("Изменено"));
    assert!(reader.get("/terms/1.0/changes").await.text().contains("первая версия"));
}

#[tokio::test]
async fn pp_9_3_a_change_waits_on_every_page_until_it_is_read_and_the_press_leads_back() {
    let stage = Stage::new().await;
    let mila = somebody_from_before(&stage).await;
    for path in
        ["/queue", "/library", "/compose", "/history", "/connections", "/settings", "/", "/privacy", "/posts/nonsense"]
    {
        let page = mila.get(path).await.text();
        assert!(page.contains("change on 26 December 2026") && page.contains("/privacy/1.1/changes"), "{path}");
    }
    let fragment = mila.get("/queue/body").await;
    assert_eq!(fragment.status, StatusCode::OK);
    let back = mila.post("/agreement", &[("answer", "read"), ("shown", SHOWN), ("next", "/history")]).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/history"));
    let after = mila.get("/history").await.text();
    assert!(after.contains("Thank you, noted.") && !after.contains("change on 26 December"));
    assert!(mila.get("/agreement").await.text().contains("You have agreed"));
}

#[tokio::test]
async fn pp_9_3_whoever_refuses_is_shown_the_ways_out_and_a_press_of_schedule_says_why_not() {
    let stage = Stage::new().await;
    let mila = somebody_from_before(&stage).await;
    let choices = mila.get("/agreement").await.text();
    for way in ["href=\"/settings\"", "href=\"/connections\"", "href=\"/queue\"", "I do not agree"] {
        assert!(choices.contains(way), "{way}");
    }
    let refused = mila.post("/agreement", &[("answer", "refused"), ("shown", SHOWN)]).await;
    assert_eq!(refused.location(), "/agreement");
    assert!(!mila.get("/queue").await.text().contains("I have read it"), "answered, and the day has not come");

    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;
    wait_for_the_day(&mila).await;
    assert!(mila.get("/queue").await.text().contains("You did not agree"));
    let form = [
        ("revision", "1"),
        ("delivery", "direct"),
        ("caption", "Honey cake"),
        ("privacy", "PUBLIC_TO_EVERYONE"),
        ("action", "now"),
        ("zone", "UTC"),
    ];
    let pressed = mila.post(&format!("/compose/{group}/{post}"), &form).await;
    assert_eq!(pressed.status, StatusCode::FORBIDDEN);
    let page = pressed.text();
    for said in ["Nothing was planned or posted", "you have not agreed", "href=\"/agreement\"", "Honey cake"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(mila.get("/settings").await.status, StatusCode::OK);
    assert_eq!(mila.get(&format!("/connections/{connection}/disconnect")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pp_9_3_an_answer_to_something_else_is_refused_in_words() {
    let stage = Stage::new().await;
    let mila = somebody_from_before(&stage).await;
    for (answer, shown, status) in [
        ("read", "privacy 1.0", StatusCode::CONFLICT),
        ("read", "privacy 9.9", StatusCode::CONFLICT),
        ("read", "", StatusCode::CONFLICT),
        ("accepted", SHOWN, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let said = mila.post("/agreement", &[("answer", answer), ("shown", shown)]).await;
        assert_eq!(said.status, status, "{answer} {shown}");
    }
    assert!(mila.get("/queue").await.text().contains("I have read it"), "the question still stands");
    let elsewhere = mila.post("/agreement", &[("answer", "read"), ("shown", SHOWN), ("next", "//evil.example")]).await;
    assert_eq!(elsewhere.location(), "/", "never to another site");
}

#[tokio::test]
async fn pp_9_3_somebody_new_reads_what_they_accept_and_is_not_asked_again() {
    let stage = Stage::new().await;
    let page = stage.browser().get("/connect").await.text();
    for version in ["/terms/1.0", "/terms/1.1", "/privacy/1.0", "/privacy/1.1", "/privacy/1.2"] {
        assert!(page.contains(&format!("href=\"{version}\"")), "{version}");
    }
    let mila = stage.signed_in(MILA).await;
    assert!(!mila.get("/queue").await.text().contains("I have read it"));
    wait_for_the_day(&mila).await;
    assert!(!mila.get("/queue").await.text().contains("I have read it"));
    assert_eq!(mila.get("/privacy").await.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
}

#[tokio::test]
async fn pp_9_3_another_time_is_refused_with_the_way_to_the_choices_and_the_plan_stands() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;
    let day = [("date", "2026-12-28"), ("time", "10:00"), ("zone", "UTC"), ("action", "schedule")];
    let mut form =
        vec![("revision", "1"), ("delivery", "direct"), ("caption", "Honey cake"), ("privacy", "PUBLIC_TO_EVERYONE")];
    form.extend(day);
    let planned = mila.post(&format!("/compose/{group}/{post}"), &form).await;
    assert_eq!(planned.status, StatusCode::SEE_OTHER, "{}", planned.text());
    mila.post("/agreement", &[("answer", "refused"), ("shown", SHOWN)]).await;
    wait_for_the_day(&mila).await;

    let mut again = vec![("revision", "2")];
    again.extend(day);
    let moved = mila.post(&format!("/posts/{post}/move"), &again).await;
    assert_eq!(moved.status, StatusCode::FORBIDDEN);
    let page = moved.text();
    assert!(page.contains("Nothing was planned or posted") && page.contains("href=\"/agreement\""), "{page}");
    let still = stage.app.post(&actor, post).await.unwrap();
    assert_eq!(still.state, domain::post::PostState::Scheduled, "what was planned before goes on");
}
