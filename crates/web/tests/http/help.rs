//! PP-10.1 over HTTP: help is read without cookies, a form becomes a request that the operator sees, and nobody else can read it.

use axum::http::{StatusCode, header};
use domain::privacy::support::RequestKind;

use crate::stage::{MILA, OLEG, Stage};

#[tokio::test]
async fn pp_10_1_help_is_read_signed_out_without_cookies_and_is_linked_from_every_page() {
    let stage = Stage::new().await;
    let page = stage.browser().get("/help").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.set_cookies().is_empty());
    assert!(page.text().contains("Who runs this server") && !page.text().contains("<form class=\"stack\""));
    let mila = stage.signed_in(MILA).await;
    for path in ["/", "/queue", "/settings", "/privacy", "/nowhere"] {
        let page = mila.get(path).await.text();
        assert!(page.rsplit("<footer").next().unwrap().contains("href=\"/help\""), "{path}");
    }
}

#[tokio::test]
async fn pp_10_1_a_form_becomes_a_request_that_the_operator_answers() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let sent = mila.post("/help/requests", &[("kind", "deletion"), ("text", "Delete <my> old posts")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let thread = sent.location().to_owned();
    let page = mila.get(&thread).await.text();
    for said in
        ["Delete &lt;my&gt; old posts", "We owe you an answer by", "href=\"/settings/leave\"", "with its number"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let waiting = stage.app.operator_requests(false).await.unwrap();
    assert_eq!(waiting.iter().map(|it| it.kind).collect::<Vec<_>>(), [RequestKind::Deletion]);
    stage.app.operator_answer(waiting[0].number, "You can do that yourself: see the library.").await.unwrap();
    assert!(mila.get(&thread).await.text().contains("see the library"));
    assert!(mila.get("/help").await.text().contains("Answered"));

    let more = mila.post(&thread, &[("text", "Thank you")]).await;
    assert_eq!((more.status, more.location()), (StatusCode::SEE_OTHER, thread.as_str()));
    let closed = mila.post(&format!("{thread}/close"), &[]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    let over = mila.post(&thread, &[("text", "And")]).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    assert!(over.text().contains("This request is closed."));
}

#[tokio::test]
async fn pp_10_1_what_is_wrong_with_a_form_is_said_and_a_strangers_thread_is_not_there() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    for (form, said) in [
        ([("kind", "gossip"), ("text", "Hello")], "what it is about"),
        ([("kind", "question"), ("text", "  ")], "at most 4,000 characters"),
    ] {
        let refused = mila.post("/help/requests", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(said), "{said}");
    }
    let sent = mila.post("/help/requests", &[("kind", "question"), ("text", "Hello?")]).await;
    let thread = sent.location().to_owned();
    let oleg = stage.signed_in(OLEG).await;
    for path in [thread.as_str(), "/help/requests/999", "/help/requests/x", "/help/requests/-1"] {
        assert_eq!(oleg.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(oleg.post(path, &[("text", "mine?")]).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(oleg.post(&format!("{path}/close"), &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(mila.get(&thread).await.header(header::CACHE_CONTROL), "no-store");
}
