//! PP-7.4: whatever was consented to and taken back stands in a ledger, purpose by purpose, and withdrawing stops at once.

use domain::privacy::clauses::CONNECT_TEXT_VERSION;
use domain::privacy::documents::{Answer, Document, Version};
use domain::privacy::purposes::{Act, Purpose};
use store::ledger::LedgerLine;
use tiktok_sim::RemovalReason;

use crate::support::*;

async fn lines(stage: &Stage, actor: &app::Actor, purpose: Purpose) -> Vec<LedgerLine> {
    let mut all = stage.app.consents(actor).await.unwrap().ledger;
    all.retain(|line| line.purpose == purpose);
    all.reverse();
    all
}

fn acts(lines: &[LedgerLine]) -> Vec<Act> {
    lines.iter().map(|line| line.act).collect()
}

#[tokio::test]
async fn pp_7_4_connecting_and_disconnecting_leave_their_lines_and_none_is_changed() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let first = lines(&stage, &actor, Purpose::Connect).await;
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].connection_id, first[0].act), (Some(signed_in.connection_id), Act::Given));
        assert_eq!(first[0].text_version, CONNECT_TEXT_VERSION);
        assert!(first[0].detail.contains("video.publish"), "{}", first[0].detail);
        let consents = stage.app.consents(&actor).await.unwrap();
        assert_eq!(consents.connections.len(), 1);
        assert_eq!(consents.adult_at, START);

        stage.add_account(&actor, CAREFUL).await;
        stage.pass(HOUR_MS);
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        let after = lines(&stage, &actor, Purpose::Connect).await;
        assert_eq!(acts(&after), [Act::Given, Act::Given, Act::Withdrawn]);
        assert_eq!(after[0], first[0], "only ever added");
        assert_eq!((after[2].connection_id, after[2].detail.as_str()), (Some(signed_in.connection_id), "page"));
        assert!(stage.store().token(signed_in.connection_id).await.unwrap().is_none(), "it stopped at once");
        assert_eq!(stage.app.consents(&actor).await.unwrap().connections.len(), 1);

        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(
            acts(&lines(&stage, &actor, Purpose::Connect).await),
            [Act::Given],
            "its lines went with the account"
        );
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_a_grant_that_was_taken_back_at_tiktok_is_noted_once() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().disconnect(KEY, MILA, RemovalReason::UserDisconnected).unwrap();
        stage.pass(25 * HOUR_MS);
        stage.app.creator_standing(&actor, signed_in.connection_id).await.unwrap_err();
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        let said = lines(&stage, &actor, Purpose::Connect).await;
        assert_eq!(acts(&said), [Act::Given, Act::Withdrawn]);
        assert_eq!(said[1].detail, "tiktok");
        stage.add_account(&actor, MILA).await;
        assert_eq!(acts(&lines(&stage, &actor, Purpose::Connect).await), [Act::Given, Act::Withdrawn, Act::Given]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_every_answer_to_the_policy_has_its_line_with_the_version() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let latest: Vec<&'static Version> = Document::ALL.into_iter().filter_map(Document::latest_material).collect();
        stage.app.answer_policy(&actor, &latest, Answer::Refused).await.unwrap();
        stage.app.answer_policy(&actor, &latest, Answer::Read).await.unwrap();
        for (purpose, document) in [(Purpose::Privacy, Document::Privacy), (Purpose::Terms, Document::Terms)] {
            let said = lines(&stage, &actor, purpose).await;
            let told: Vec<_> = said.iter().map(|line| (line.text_version.as_str(), line.act)).collect();
            let (newest, accepted) = (document.newest().id, document.versions().map(|it| (it.id, Act::Given)));
            let expected: Vec<_> = accepted.chain([(newest, Act::Withdrawn), (newest, Act::Given)]).collect();
            assert_eq!(told, expected);
        }
        let (oleg, _) = stage.sign_in(OLEG).await;
        assert_eq!(acts(&lines(&stage, &oleg, Purpose::Terms).await), [Act::Given, Act::Given], "everybody their own");
    })
    .await;
}
