//! PP-2.6: people are told in a line what happened while they were away, once for each thing, until they have read it.

use domain::notice::Notice;
use domain::privacy::documents::Document;
use domain::privacy::support::RequestKind;
use store::testing::forget_policy_answers;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::support::*;

async fn told(stage: &Stage, actor: &app::Actor) -> Vec<Notice> {
    stage.app.notices(actor).await.unwrap().into_iter().map(|it| it.notice).collect()
}

async fn unread(stage: &Stage, actor: &app::Actor) -> u32 {
    stage.app.surroundings(actor).await.unwrap().notices_unread
}

#[tokio::test]
async fn pp_2_6_an_answer_is_told_until_it_is_read_and_not_twice() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&actor, RequestKind::Question, "Where is the export?").await.unwrap();
        assert_eq!(unread(&stage, &actor).await, 0);
        stage.app.operator_answer(number, "In your data.").await.unwrap();
        stage.app.operator_answer(number, "On the right.").await.unwrap();
        assert_eq!(told(&stage, &actor).await, [Notice::RequestAnswered(number)], "one line while it is unread");
        let line = stage.app.notices(&actor).await.unwrap().remove(0);
        assert_eq!(stage.app.open_notice(&actor, line.number).await.unwrap(), Notice::RequestAnswered(number));
        assert_eq!(unread(&stage, &actor).await, 0);
        stage.app.ask_on(&actor, number, "Not there").await.unwrap();
        stage.app.operator_answer(number, "Look again.").await.unwrap();
        assert_eq!((told(&stage, &actor).await.len(), unread(&stage, &actor).await), (2, 1), "that is new");
    })
    .await;
}

#[tokio::test]
async fn pp_2_6_reading_all_reads_what_was_shown_and_nothing_that_came_after() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let mut asked = Vec::new();
        for _ in 0..3 {
            asked.push(stage.app.ask(&actor, RequestKind::Question, "Hello?").await.unwrap());
        }
        stage.app.operator_answer(asked[0], "Hello.").await.unwrap();
        stage.app.operator_answer(asked[1], "Hello.").await.unwrap();
        let newest_shown = stage.app.notices(&actor).await.unwrap()[0].number;
        stage.app.operator_answer(asked[2], "Hello.").await.unwrap();
        stage.app.read_notices(&actor, newest_shown).await.unwrap();
        assert_eq!(unread(&stage, &actor).await, 1);
    })
    .await;
}

#[tokio::test]
async fn pp_2_6_a_grant_that_tiktok_refuses_is_told_to_the_people_of_its_workspace_alone() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        let refused = FaultStatus { status: 400, code: Some("invalid_grant".to_owned()), retry_after_s: None };
        stage.tiktok().fault(FaultRule { times: None, ..FaultRule::once(Route::Token, FaultAction::Status(refused)) });
        stage.pass(25 * HOUR_MS);
        assert!(stage.app.tokens.access_token(signed_in.connection_id, 60).await.is_err());
        let lines = stage.app.notices(&actor).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].notice, Notice::ReconnectNeeded(signed_in.connection_id));
        assert_eq!(lines[0].account.as_deref(), Some("Moloko Demo"));
        assert!(told(&stage, &oleg).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_9_3_a_changed_document_is_told_once_to_whoever_has_not_answered() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        assert_eq!(stage.app.tell_of_documents().await.unwrap(), 0, "both accepted by connecting");
        forget_policy_answers(stage.store(), mila.user_id).await;
        assert_eq!(stage.app.tell_of_documents().await.unwrap(), 2);
        let lines = told(&stage, &mila).await;
        for version in Document::ALL.into_iter().filter_map(Document::latest_material) {
            assert!(lines.contains(&Notice::DocumentChanges(version)));
        }
        let newest = stage.app.notices(&mila).await.unwrap()[0].number;
        stage.app.read_notices(&mila, newest).await.unwrap();
        assert_eq!(stage.app.tell_of_documents().await.unwrap(), 0, "also what was read is not told again");
        assert!(told(&stage, &oleg).await.is_empty());
        for _ in 0..3 {
            stage.pass(40 * DAY_MS);
            assert_eq!(stage.app.tell_of_documents().await.unwrap(), 0);
            stage.app.purge_notices().await.unwrap();
        }
        assert!(told(&stage, &mila).await.is_empty(), "lines go after ninety days, and do not come back");
    })
    .await;
}

#[tokio::test]
async fn pp_6_5_lines_go_with_their_thing_and_with_their_person() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        let number = stage.app.ask(&actor, RequestKind::Question, "Hello?").await.unwrap();
        stage.app.operator_answer(number, "Hello.").await.unwrap();
        let mut tx = stage.store().begin().await.unwrap();
        for notice in [Notice::PostFailed(post.id), Notice::ReconnectNeeded(signed_in.connection_id)] {
            tx.notice_tell(actor.user_id, notice, stage.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let lines = stage.app.notices(&actor).await.unwrap();
        assert_eq!(lines[1].caption.as_deref(), Some("Honey cake, layer by layer"));
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(told(&stage, &actor).await, [Notice::RequestAnswered(number)]);
        stage.app.leave(&actor).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(told(&stage, &actor).await.is_empty());
    })
    .await;
}
