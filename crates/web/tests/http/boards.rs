//! The board over HTTP: what was refused comes back where it was typed, and no window takes back or overwrites what another one did.

use axum::http::StatusCode;
use domain::board::POST_LABELS_MAX;

use crate::stage::{Browser, MILA, Stage};

/// A draft, and the address of its post page.
async fn draft(stage: &Stage, mila: &Browser<'_>) -> (String, String) {
    let (media, actor) = (mila.media().await, mila.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;
    (post.to_string(), format!("/compose/{group}?account={connection}"))
}

/// What a hidden field of a page holds.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    page.split(&start)
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("{name}: {page}"))
        .to_owned()
}

#[tokio::test]
async fn a_note_or_label_that_was_refused_still_stands_in_its_field_on_the_page_it_was_typed_on() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let actor = mila.actor().await;
    let (post, compose) = draft(&stage, &mila).await;
    let note = format!("Ask Anna <first> {}", "x".repeat(500));
    let mut labels = Vec::new();
    for n in 0..POST_LABELS_MAX {
        labels.push(stage.app.label_add(&actor, &format!("label {n}"), None).await.unwrap().to_string());
    }
    for next in [format!("/posts/{post}"), format!("/board?col=drafts&card=post.{post}#card"), compose] {
        let page = mila.post(&format!("/posts/{post}/note"), &[("note", &note), ("next", &next)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{next}");
        let text = page.text();
        assert!(text.contains("Ask Anna &lt;first&gt; xxx") && text.contains("id=\"note-error\""), "{next}: {text}");
        assert!(text.contains("action=\"/posts/") && text.contains("at most 500 characters"), "{next}");

        let mut form: Vec<(&str, &str)> = labels.iter().map(|id| ("label", id.as_str())).collect();
        form.extend([("new", "the eleventh"), ("next", next.as_str())]);
        let page = mila.post(&format!("/posts/{post}/labels"), &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{next}");
        let text = page.text();
        assert!(text.contains("value=\"the eleventh\"") && text.contains("label-new-error"), "{next}: {text}");
        assert!(text.matches(" checked").count() >= POST_LABELS_MAX, "{next}: what was ticked still is");
        let page = mila.post(&format!("/posts/{post}/labels"), &[("new", "a, b"), ("next", &next)]).await;
        assert!(page.text().contains("value=\"a, b\""), "{next}");
    }
    assert!(!mila.get(&format!("/posts/{post}")).await.text().contains("the eleventh"), "nothing of it was kept");
}

#[tokio::test]
async fn two_windows_that_word_one_idea_both_keep_their_words() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let board = mila.get("/board").await.text();
    let form = [("words", "Milk at dawn"), ("id", &hidden(&board, "id"))];
    for _ in 0..2 {
        assert_eq!(mila.post("/board/ideas", &form).await.status, StatusCode::SEE_OTHER);
    }
    let ideas = stage.database.store().ideas(mila.actor().await.workspace_id).await.unwrap();
    assert_eq!(ideas.len(), 1, "an answer that was lost");
    let (card, path) = (format!("/board?card=idea.{}", ideas[0].id), format!("/board/ideas/{}", ideas[0].id));
    let seen = hidden(&mila.get(&card).await.text(), "seen");
    let first = mila.post(&path, &[("words", "Milk at dusk"), ("seen", &seen)]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = mila.post(&path, &[("words", "Milk at noon"), ("seen", &seen)]).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let page = second.text();
    for there in ["Milk at noon</textarea>", "another window", ">Milk at dusk<"] {
        assert!(page.contains(there), "{there}: {page}");
    }
    let again = mila.post(&path, &[("words", "Milk at noon"), ("seen", &hidden(&page, "seen"))]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "whoever saw both may choose");

    assert!(mila.get(&card).await.text().contains("Forget it for good"), "one press asks first");
    mila.post(&format!("{path}/delete"), &[]).await;
    let gone = mila.post(&path, &[("words", "Milk at night"), ("seen", "0")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text().contains("Milk at night</textarea>"), "it can be written down anew");
}

#[tokio::test]
async fn an_address_of_before_takes_nothing_back_that_another_window_did() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let (post, _) = draft(&stage, &mila).await;
    let path = format!("/board/posts/{post}/move?col=drafts");
    let moved = mila.post(&path, &[("stage", "ready"), ("revision", "1")]).await;
    let here = moved.location().to_owned();
    let page = mila.get(&here).await.text();
    let (back, from) = (hidden(&page, "back"), hidden(&page, "from"));
    assert!(page.contains("id=\"undo\""));
    // Another window moves it within its column.
    mila.post(&path, &[("stage", "ready"), ("revision", "1")]).await;
    assert!(!mila.get(&here).await.text().contains("id=\"undo\""), "it is for another state");
    let late = mila.post(&path, &[("stage", "drafts"), ("revision", "1"), ("back", &back), ("from", &from)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("moved or planned since"));
}
