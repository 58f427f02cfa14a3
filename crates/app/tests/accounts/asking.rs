//! PP-10.1, PP-7.7, PP-2.6: people write to the operator, get a number and a date, and are answered in a thread of their own.

use app::alerts::AlertKind;
use app::erasure::Target;
use app::{Actor, Error};
use domain::privacy::retention::Class;
use domain::privacy::support::{Author, MESSAGE_MAX, MESSAGES_PER_HOUR, OPEN_MAX, RequestKind, RequestState};

use crate::support::*;

const CANARY: &str = "canary-5b1d77aa";

async fn held(stage: &Stage, actor: &Actor) -> i64 {
    let held = stage.app.your_data(actor).await.unwrap();
    held.into_iter().find(|held| held.class == Class::Support).unwrap().count
}

fn alarmed(stage: &Stage) -> bool {
    stage.app.alerts.readings().into_iter().any(|one| one.kind == AlertKind::OverdueRequests && one.active)
}

#[tokio::test]
async fn pp_10_1_a_request_gets_a_number_a_month_and_an_answer_in_its_thread() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&actor, RequestKind::Access, " What do you hold about me? ").await.unwrap();
        let waiting = stage.app.operator_requests(false).await.unwrap();
        assert_eq!(waiting.len(), 1);
        let asked = &waiting[0];
        assert_eq!((asked.number, asked.kind, asked.state), (number, RequestKind::Access, RequestState::Open));
        assert_eq!(asked.due_at.date().to_string(), "2026-12-24", "one month of the calendar");

        stage.app.operator_answer(number, "All of it is on the page of your data.").await.unwrap();
        assert!(stage.app.operator_requests(false).await.unwrap().is_empty(), "nothing waits");
        let thread = stage.app.request(&actor, number).await.unwrap();
        assert_eq!(thread.request.state, RequestState::Answered);
        let said: Vec<_> = thread.messages.iter().map(|it| (it.author, it.words.as_str())).collect();
        let expected = [
            (Author::Person, "What do you hold about me?"),
            (Author::Operator, "All of it is on the page of your data."),
        ];
        assert_eq!(said, expected);

        stage.pass(40 * DAY_MS);
        stage.app.ask_on(&actor, number, "And the logs?").await.unwrap();
        let again = stage.app.request(&actor, number).await.unwrap().request;
        assert_eq!((again.state, again.asked_at), (RequestState::Open, stage.now()), "a new month begins");
        stage.app.close_request(&actor, number).await.unwrap();
        let refused = stage.app.ask_on(&actor, number, "One more thing").await;
        assert!(matches!(refused, Err(Error::Conflict { code: "request-closed" })), "{refused:?}");
        let refused = stage.app.operator_answer(number, "Too late").await;
        assert!(matches!(refused, Err(Error::Conflict { code: "request-closed" })), "{refused:?}");
        assert_eq!(held(&stage, &actor).await, 3);
    })
    .await;
}

#[tokio::test]
async fn pp_7_7_the_operator_is_reminded_at_day_20_and_27_until_there_is_an_answer() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&actor, RequestKind::Complaint, "It posted twice?").await.unwrap();
        let reminded = async || stage.store().support_request(number).await.unwrap().unwrap().reminded;
        for (days, waiting, reminders) in [(19, 0, 0), (1, 1, 1), (6, 1, 1), (1, 1, 2), (5, 1, 3)] {
            stage.pass(days * DAY_MS);
            assert_eq!(stage.app.remind_of_requests().await.unwrap(), waiting);
            assert_eq!(reminded().await, reminders);
            assert_eq!(alarmed(&stage), waiting > 0);
        }
        stage.app.operator_answer(number, "It did not; here is why.").await.unwrap();
        stage.pass(DAY_MS);
        assert_eq!(stage.app.remind_of_requests().await.unwrap(), 0);
        assert!(!alarmed(&stage), "the alert passes with the answer");
    })
    .await;
}

#[tokio::test]
async fn pp_10_1_nobody_can_flood_the_operator() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        for text in ["", " \n ", &"x".repeat(MESSAGE_MAX + 1)] {
            let refused = stage.app.ask(&actor, RequestKind::Question, text).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "request-text" })), "{refused:?}");
        }
        let first = stage.app.ask(&actor, RequestKind::Question, "1").await.unwrap();
        for _ in 1..OPEN_MAX {
            stage.app.ask(&actor, RequestKind::Question, "more").await.unwrap();
        }
        let refused = stage.app.ask(&actor, RequestKind::Question, "one too many").await;
        assert!(matches!(refused, Err(Error::Limit { code: "requests-open" })), "{refused:?}");
        for _ in OPEN_MAX..MESSAGES_PER_HOUR {
            stage.app.ask_on(&actor, first, "and then").await.unwrap();
        }
        let refused = stage.app.ask_on(&actor, first, "and then").await;
        assert!(matches!(refused, Err(Error::Limit { code: "requests-often" })), "{refused:?}");
        let (oleg, _) = stage.sign_in(OLEG).await;
        stage.app.ask(&oleg, RequestKind::Question, "Am I heard?").await.unwrap();
        stage.pass(HOUR_MS + 1);
        stage.app.ask_on(&actor, first, "and then").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pp_2_6_the_record_holds_ids_and_no_words_and_an_erasure_takes_the_threads() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&actor, RequestKind::Deletion, CANARY).await.unwrap();
        stage.app.operator_answer(number, CANARY).await.unwrap();
        stage.app.operator_close(number).await.unwrap();
        let record = stage.store().audit_latest_of("request.", 10).await.unwrap();
        let acts: Vec<_> =
            record.iter().map(|it| (it.action.as_str(), it.subject.clone(), it.detail.as_str())).collect();
        let about = number.to_string();
        let expected = ["request.close", "request.answer", "request.open"].map(|act| (act, about.clone(), ""));
        assert_eq!(acts, expected);

        stage.app.operator_erase(Target::Person(actor.user_id), false).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().support_request(number).await.unwrap().is_none());
        assert!(stage.store().support_messages(number).await.unwrap().is_empty());
        assert!(stage.app.operator_requests(true).await.unwrap().is_empty());
    })
    .await;
}
