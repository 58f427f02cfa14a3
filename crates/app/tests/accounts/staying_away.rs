//! PP-6.1: whoever does not come any more is warned twice and then erased through the ordinary door; whoever comes back stays.

use app::inactivity::Tended;
use domain::notice::{Notice, Warning};
use domain::privacy::erasure::Door;
use domain::time::UnixMillis;

use crate::support::*;

/// Two years after the start of the stories: 2028-11-24, by days noted.
fn end() -> UnixMillis {
    START.date().start().plus_months(24)
}

/// Moves the stories' clock to so many days before (or after) the end of the two years.
fn days_from_end(stage: &Stage, days: i64) {
    let to = end().plus_millis(days * DAY_MS);
    stage.pass(to.millis_since(stage.now()));
}

const NOTHING: Tended = Tended { warned: 0, returned: 0, leaving: 0 };

async fn told(stage: &Stage, actor: &app::Actor) -> Vec<Notice> {
    stage.app.notices(actor).await.unwrap().into_iter().map(|it| it.notice).collect()
}

#[tokio::test]
async fn pp_6_1_two_warnings_then_the_erasure_and_everything_is_gone() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        days_from_end(&stage, -31);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING);
        assert_eq!(stage.app.operator_inactive().await.unwrap().len(), 1, "the operator sees it coming");
        days_from_end(&stage, -30);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { warned: 1, ..NOTHING });
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING, "once");
        days_from_end(&stage, -7);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { warned: 1, ..NOTHING });
        let expected = [Notice::Inactive(Warning::Last), Notice::Inactive(Warning::First)];
        assert_eq!(told(&stage, &actor).await, expected);
        let listed = stage.app.operator_inactive().await.unwrap().remove(0).warned.unwrap();
        assert_eq!(listed.erase_at, end());
        days_from_end(&stage, -1);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING);
        assert!(stage.app.leaving(&actor).await.unwrap().is_none());

        days_from_end(&stage, 0);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { leaving: 1, ..NOTHING });
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING, "whoever is leaving is not warned again");
        let wishes = stage.app.operator_erasures().await.unwrap().0;
        assert_eq!(wishes.iter().map(|wish| wish.door).collect::<Vec<_>>(), [Door::Inactive]);
        stage.app.erase_due().await.unwrap();
        let token = stage.store().token(signed_in.connection_id).await.unwrap();
        assert!(token.is_some(), "its grant ends with the grace and no sooner");
        assert!(stage.store().person(actor.user_id).await.unwrap().is_some(), "the ordinary grace");
        days_from_end(&stage, 8);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().person(actor.user_id).await.unwrap().is_none());
        assert!(stage.store().post_any(draft.id).await.unwrap().is_none());
        assert!(stage.store().token(signed_in.connection_id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_signing_in_after_the_warnings_keeps_everything() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        days_from_end(&stage, -30);
        stage.app.tend_inactive().await.unwrap();
        days_from_end(&stage, -7);
        stage.app.tend_inactive().await.unwrap();
        let (back, _) = stage.sign_in(MILA).await;
        assert_eq!(back.user_id, actor.user_id);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { returned: 1, ..NOTHING });
        days_from_end(&stage, 400);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING);
        assert!(stage.store().person(actor.user_id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_signing_in_within_the_grace_takes_the_erasure_back() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let second = stage.add_account(&actor, OLEG).await;
        let of_second = stage.draft(&actor, second).await;
        for days in [-30, -7, 0] {
            days_from_end(&stage, days);
            stage.app.tend_inactive().await.unwrap();
        }
        days_from_end(&stage, 3);
        stage.app.erase_due().await.unwrap();
        assert!(stage.app.leaving(&actor).await.unwrap().is_some());
        let (back, _) = stage.sign_in(MILA).await;
        assert_eq!(back.user_id, actor.user_id);
        assert!(stage.app.leaving(&back).await.unwrap().is_none());
        let record = stage.store().audit_latest_of("person.stay", 1).await.unwrap();
        assert_eq!(record[0].subject, actor.user_id.to_string());
        days_from_end(&stage, 20);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().post_any(draft.id).await.unwrap().is_some(), "with everything");
        assert!(stage.store().post_any(of_second.id).await.unwrap().is_some(), "of every account");
        assert!(stage.store().token(second).await.unwrap().is_some(), "which needs no new consent");
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING);
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_a_look_into_the_service_counts_and_is_noted_by_its_day_alone() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let secret = signed_in.session_secret.unwrap();
        stage.pass(20 * DAY_MS);
        stage.app.actor_of_session(&secret).await.unwrap().unwrap();
        let mut tx = stage.store().begin().await.unwrap();
        assert!(!tx.person_seen(actor.user_id, stage.now()).await.unwrap(), "noted already, once a day");
        tx.rollback().await.unwrap();
        let absent = stage.store().absent(UnixMillis::from_seconds(9_999_999_999), None, 10).await.unwrap();
        assert_eq!(absent[0].used_at, stage.now().date().start());
        days_from_end(&stage, -20);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING);
        days_from_end(&stage, -10);
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { warned: 1, ..NOTHING });
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_something_planned_for_later_is_being_here() {
    everywhere_with(
        |setting| setting.settings.inactive_months = 6,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            stage.scheduled_at(&actor, signed_in.connection_id, "2027-04-24T10:00").await;
            stage.pass(200 * DAY_MS);
            assert_eq!(stage.app.tend_inactive().await.unwrap(), NOTHING, "six months have passed since the visit");
            stage.pass(110 * DAY_MS);
            assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended { warned: 1, ..NOTHING }, "and since the plan");
        },
    )
    .await;
}
