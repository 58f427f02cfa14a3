//! The news over HTTP: the menu counts what is unread, opening a line leads to its thing and reads it, and nobody opens another's.

use axum::http::StatusCode;
use domain::privacy::support::RequestKind;

use crate::stage::{MILA, OLEG, Stage};

#[tokio::test]
async fn pp_2_6_a_line_is_counted_in_the_menu_until_it_is_opened() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    assert!(mila.get("/notices").await.text().contains("Nothing new"));
    let actor = mila.actor().await;
    let number = stage.app.ask(&actor, RequestKind::Question, "Hello?").await.unwrap();
    stage.app.operator_answer(number, "Hello.").await.unwrap();
    for path in ["/queue", "/settings"] {
        assert!(mila.get(path).await.text().contains("1 unread"), "{path}");
    }
    let line = stage.app.notices(&actor).await.unwrap()[0].number;
    let page = mila.get("/notices").await.text();
    assert!(page.contains(&format!("Your request no. {number} has an answer.")), "{page}");
    let opened = mila.post(&format!("/notices/{line}/open"), &[]).await;
    assert_eq!(
        (opened.status, opened.location()),
        (StatusCode::SEE_OTHER, format!("/help/requests/{number}").as_str())
    );
    assert!(!mila.get("/queue").await.text().contains("1 unread"));
}

#[tokio::test]
async fn pp_2_6_nobody_opens_or_reads_anothers_lines() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let actor = mila.actor().await;
    let number = stage.app.ask(&actor, RequestKind::Question, "Hello?").await.unwrap();
    stage.app.operator_answer(number, "Hello.").await.unwrap();
    let line = stage.app.notices(&actor).await.unwrap()[0].number.to_string();
    let oleg = stage.signed_in(OLEG).await;
    for line in [line.as_str(), "999", "x"] {
        assert_eq!(oleg.post(&format!("/notices/{line}/open"), &[]).await.status, StatusCode::NOT_FOUND, "{line}");
        assert_eq!(oleg.post("/notices/read", &[("upto", line)]).await.status, StatusCode::NOT_FOUND, "{line}");
    }
    let read = mila.post("/notices/read", &[("upto", &line)]).await;
    assert_eq!((read.status, read.location()), (StatusCode::SEE_OTHER, "/notices"));
    assert!(!mila.get("/notices").await.text().contains("Mark all as read"));
}
