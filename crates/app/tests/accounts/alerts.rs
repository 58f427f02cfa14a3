//! What happens more often than it should is noticed: forged sign-ins, tokens that do not open, revocations that nobody confirmed.

use app::alerts::AlertKind;
use app::sign_in::{Callback, Purpose};
use domain::id::ConnectionId;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::browser::{Answer, Browser};
use crate::support::*;

fn raised(stage: &Stage) -> Vec<AlertKind> {
    stage.app.alerts.readings().into_iter().filter(|one| one.active).map(|one| one.kind).collect()
}

fn total(stage: &Stage, kind: AlertKind) -> u64 {
    stage.app.alerts.readings().into_iter().find(|one| one.kind == kind).unwrap().total
}

#[tokio::test]
async fn pp_5_5_many_forged_sign_ins_are_noticed_and_a_person_who_cancels_is_not_one() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let forged = Callback { state: Some("guessed".to_owned()), code: Some("x".to_owned()), ..Callback::default() };
        for n in 1..20 {
            let refused = stage.app.finish_sign_in(&forged, &browser.secret, None, &laptop()).await.unwrap_err();
            assert_eq!(refused.code(), "unknown-state");
            assert_eq!(total(&stage, AlertKind::FailedSignIns), n);
        }
        let cancelled = browser.walk(&stage.app, Purpose::SignIn, &Answer::cancel(MILA)).await;
        let denied = stage.app.finish_sign_in(&cancelled, &browser.secret, None, &laptop()).await.unwrap_err();
        assert_eq!(denied.code(), "denied");
        assert!(raised(&stage).is_empty());

        stage.app.finish_sign_in(&forged, &browser.secret, None, &laptop()).await.unwrap_err();
        assert_eq!(raised(&stage), [AlertKind::FailedSignIns]);
        stage.pass(10 * MINUTE_MS);
        assert!(raised(&stage).is_empty(), "ten quiet minutes end it");
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_a_token_that_was_put_into_the_row_of_another_account_is_noticed() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let other: ConnectionId = stage.add_account(&actor, OLEG).await;
        assert!(stage.app.tokens.access_token(other, 60).await.is_ok());
        assert!(raised(&stage).is_empty());
        let copy = format!(
            "UPDATE connection_token SET access_sealed = (SELECT access_sealed FROM connection_token WHERE connection_id = '{}')
             WHERE connection_id = '{other}'",
            signed_in.connection_id
        );
        stage.database.tamper(&[&copy]).await;
        assert!(stage.app.tokens.access_token(other, 60).await.is_err());
        assert_eq!(raised(&stage), [AlertKind::DecryptFailures], "one is too many");
        stage.pass(HOUR_MS);
        assert!(raised(&stage).is_empty());
        assert_eq!(total(&stage, AlertKind::DecryptFailures), 1);
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_revocations_that_tiktok_does_not_confirm_are_noticed() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        for n in 1..=3_usize {
            let id = stage.add_account(&actor, OLEG).await;
            assert!(raised(&stage).is_empty(), "{n}");
            stage.tiktok().fault(FaultRule::once(Route::Revoke, FaultAction::DropBefore));
            assert_ne!(
                stage.app.disconnect(&actor, id).await.unwrap().revoked,
                domain::privacy::erasure::Revoked::Confirmed
            );
        }
        assert_eq!(raised(&stage), [AlertKind::RevokeFailures]);
        let measured = stage.app.measurements().await.unwrap();
        let told = measured.alerts.into_iter().find(|one| one.kind == AlertKind::RevokeFailures).unwrap();
        assert_eq!((told.total, told.active), (3, true));
    })
    .await;
}
