//! PP-9.3: a changed policy waits for everybody's answer. Silence and refusal end planning from the day of the change on, and nothing
//! else: reading, disconnecting and what was planned before are untouched.

use app::Error;
use domain::consent::Declaration;
use domain::post::PostState;
use domain::privacy::documents::{Answer, Document, Version};
use store::testing::forget_policy_answers;
use store::{Post, PostProblem};

use crate::support::*;

/// 2026-12-26 00:00 UTC, when version 1.1 begins to apply, counted from the start of the stories.
const UNTIL_THE_DAY_MS: i64 = 31 * DAY_MS + 15 * HOUR_MS;

fn latest() -> Vec<&'static Version> {
    Document::ALL.into_iter().filter_map(Document::latest_material).collect()
}

async fn answers(stage: &Stage, actor: &app::Actor) -> Vec<(String, String, &'static str)> {
    let all = stage.app.policy_answers(actor).await.unwrap();
    all.into_iter()
        .map(|it| (it.given.document.as_str().to_owned(), it.given.version, it.given.answer.as_str()))
        .collect()
}

async fn parked(stage: &Stage, post: &Post) -> Post {
    let before = stage.store().post_any(post.id).await.unwrap().unwrap();
    let problem =
        PostProblem { code: "too-late".to_owned(), tiktok_code: None, log_id: None, detail: None, at: stage.now() };
    let after = Post { state: PostState::NeedsAttention, problem: Some(problem), ..before.clone() };
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
    tx.commit().await.unwrap();
    after
}

#[tokio::test]
async fn pp_9_3_somebody_new_accepts_by_connecting_and_the_record_says_so() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let said = answers(&stage, &actor).await;
        let expected = [("privacy", "1.0"), ("privacy", "1.1"), ("privacy", "1.2"), ("terms", "1.0"), ("terms", "1.1")];
        assert_eq!(said, expected.map(|(document, id)| (document.to_owned(), id.to_owned(), "accepted")));
        let record = stage.store().audit_latest(10).await.unwrap();
        let accepted: Vec<_> = record.iter().filter(|it| it.action == "policy.accept").collect();
        assert_eq!(accepted.len(), 5);
        assert!(accepted.iter().all(|it| it.actor == actor.user_id.to_string() && it.detail.is_empty()));
        stage.pass(UNTIL_THE_DAY_MS);
        assert!(stage.app.policy_standing(&actor).await.unwrap().may_plan());
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_signing_in_again_agrees_to_nothing() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        stage.app.answer_policy(&actor, &latest(), Answer::Refused).await.unwrap();
        stage.pass(UNTIL_THE_DAY_MS);
        let (again, _) = stage.sign_in(MILA).await;
        assert_eq!(again.user_id, actor.user_id);
        assert!(!stage.app.policy_standing(&again).await.unwrap().may_plan(), "a refusal outlives a sign-in");

        forget_policy_answers(stage.store(), actor.user_id).await;
        stage.sign_in(MILA).await;
        assert!(answers(&stage, &actor).await.is_empty(), "and so does silence");
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_silence_ends_planning_on_the_day_and_an_answer_brings_it_back() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        forget_policy_answers(stage.store(), actor.user_id).await;
        let planned = stage.scheduled(&actor, signed.connection_id).await;
        let draft = stage.draft(&actor, signed.connection_id).await;
        assert_eq!(stage.app.surroundings(&actor).await.unwrap().policy.unanswered, latest());

        stage.pass(UNTIL_THE_DAY_MS);
        let at = at("2026-12-26T10:00");
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), at.clone())).await;
        assert!(matches!(refused, Err(Error::PolicyUnanswered)), "{refused:?}");
        let moved = stage.app.reschedule(&actor, planned.id, planned.revision, &at, Declaration::Music).await;
        assert!(matches!(moved, Err(Error::PolicyUnanswered)), "{moved:?}");
        let untouched = stage.app.post(&actor, planned.id).await.unwrap();
        assert_eq!(
            (untouched.state, untouched.consent_id),
            (PostState::Scheduled, planned.consent_id),
            "the plan stands"
        );

        stage.app.answer_policy(&actor, &latest(), Answer::Read).await.unwrap();
        let now_planned = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), at)).await.unwrap();
        assert_eq!(now_planned.state, PostState::Scheduled);
        let record = stage.store().audit_latest(10).await.unwrap();
        assert_eq!(record.iter().filter(|it| it.action == "policy.read").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_a_parked_post_is_not_sent_again_under_a_refused_policy() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let planned = stage.scheduled(&actor, signed.connection_id).await;
        let parked = parked(&stage, &planned).await;
        stage.app.answer_policy(&actor, &latest(), Answer::Refused).await.unwrap();
        stage.pass(UNTIL_THE_DAY_MS);
        let retried = stage.app.retry_post(&actor, parked.id).await;
        assert!(matches!(retried, Err(Error::PolicyUnanswered)), "{retried:?}");
        let still = stage.app.post(&actor, parked.id).await.unwrap();
        assert_eq!(still.problem, parked.problem, "nothing happened to it");
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_whoever_refuses_can_read_draft_cancel_and_disconnect() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let planned = stage.scheduled(&actor, signed.connection_id).await;
        stage.app.answer_policy(&actor, &latest(), Answer::Refused).await.unwrap();
        stage.pass(UNTIL_THE_DAY_MS);
        let around = stage.app.surroundings(&actor).await.unwrap();
        assert_eq!((around.policy.may_plan(), around.policy.refused), (false, latest()));

        stage.draft(&actor, signed.connection_id).await;
        assert_eq!(stage.app.post(&actor, planned.id).await.unwrap().state, PostState::Scheduled);
        stage.app.cancel(&actor, planned.id).await.unwrap();
        stage.app.disconnect(&actor, signed.connection_id).await.unwrap();
        assert_eq!(stage.app.post(&actor, planned.id).await.unwrap().state, PostState::Cancelled);
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_before_the_day_a_refusal_ends_nothing_and_it_can_be_taken_back() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        stage.app.answer_policy(&actor, &latest(), Answer::Refused).await.unwrap();
        stage.scheduled(&actor, signed.connection_id).await;
        stage.app.answer_policy(&actor, &latest(), Answer::Read).await.unwrap();
        stage.pass(UNTIL_THE_DAY_MS);
        assert!(stage.app.policy_standing(&actor).await.unwrap().may_plan());
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_nobody_agrees_to_what_they_were_not_shown() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        forget_policy_answers(stage.store(), actor.user_id).await;
        let older = Document::Terms.version("1.0").unwrap();
        for shown in [vec![], vec![older], vec![latest()[0], older]] {
            let refused = stage.app.answer_policy(&actor, &shown, Answer::Read).await;
            assert!(matches!(refused, Err(Error::Conflict { code: "policy-newer-version" })), "{refused:?}");
        }
        assert!(answers(&stage, &actor).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_one_persons_answer_is_not_anothers() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        stage.app.answer_policy(&mila, &latest(), Answer::Refused).await.unwrap();
        stage.pass(UNTIL_THE_DAY_MS);
        assert!(!stage.app.policy_standing(&mila).await.unwrap().may_plan());
        assert!(stage.app.policy_standing(&oleg).await.unwrap().may_plan());
    })
    .await;
}
