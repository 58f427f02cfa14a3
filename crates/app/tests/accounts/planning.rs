//! Times as people say them: zones, the hour that is skipped and the hour that comes twice.

use app::Error;
use app::posts::When;
use domain::rules::Problem;
use domain::schedule::HORIZON_DAYS;
use domain::time::UnixMillis;
use store::Post;

use crate::support::*;

fn in_berlin(local: &str, second: bool) -> When {
    When::At { local: local.parse().unwrap(), zone: berlin(), second }
}

/// 2027-03-28 01:00 UTC, when clocks in Berlin go from 02:00 to 03:00.
const SPRING: UnixMillis = UnixMillis::from_seconds(1_806_195_600);
/// 2027-10-31 01:00 UTC, when clocks in Berlin go from 03:00 back to 02:00.
const AUTUMN: UnixMillis = UnixMillis::from_seconds(1_824_944_400);

async fn plan(stage: &Stage, when: When) -> Result<Post, Error> {
    let (actor, signed_in) = stage.sign_in(MILA).await;
    let draft = stage.draft(&actor, signed_in.connection_id).await;
    stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), when)).await
}

#[tokio::test]
async fn an_ordinary_time_is_kept_with_its_zone() {
    everywhere(async |stage| {
        let post = plan(&stage, in_berlin("2026-11-24T12:30", false)).await.unwrap();
        assert_eq!(post.due_at, Some(START.plus_millis(2 * HOUR_MS + 30 * MINUTE_MS)));
        assert_eq!(post.local_time.as_deref(), Some("2026-11-24T12:30"));
        assert_eq!(post.time_zone.as_deref(), Some("Europe/Berlin"));
    })
    .await;
}

#[tokio::test]
async fn a_time_that_the_clock_skips_moves_forward_by_the_gap_and_is_kept_so() {
    everywhere(async |stage| {
        let post = plan(&stage, in_berlin("2027-03-28T02:30", false)).await.unwrap();
        assert_eq!(post.due_at, Some(SPRING.plus_millis(30 * MINUTE_MS)));
        assert_eq!(post.local_time.as_deref(), Some("2027-03-28T03:30"));
        let consent = stage.store().consent(post.consent_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(consent.subject.due_at, post.due_at.unwrap(), "the consent is to the instant");
    })
    .await;
}

#[tokio::test]
async fn a_time_that_comes_twice_is_the_first_unless_the_second_is_chosen() {
    everywhere(async |stage| {
        let first = plan(&stage, in_berlin("2027-10-31T02:30", false)).await.unwrap();
        assert_eq!(first.due_at, Some(AUTUMN.plus_millis(-30 * MINUTE_MS)));
        let second = plan(&stage, in_berlin("2027-10-31T02:30", true)).await.unwrap();
        assert_eq!(second.due_at, Some(AUTUMN.plus_millis(30 * MINUTE_MS)));
        assert_eq!(first.local_time, second.local_time);
        // Where there is only one, asking for the second changes nothing.
        let once = plan(&stage, in_berlin("2027-10-31T03:30", true)).await.unwrap();
        assert_eq!(once.due_at, Some(AUTUMN.plus_millis(90 * MINUTE_MS)));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_planned_in_the_past_or_beyond_the_life_of_a_grant() {
    everywhere(async |stage| {
        plan(&stage, at("2026-11-24T09:00")).await.unwrap();
        let refused = plan(&stage, at("2026-11-24T08:59")).await.unwrap_err();
        let Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [Problem::TimeInPast { due_at: START.plus_millis(-MINUTE_MS) }]);
        plan(&stage, at("2027-11-24T09:00")).await.unwrap();
        let refused = plan(&stage, at("2027-11-24T09:01")).await.unwrap_err();
        let Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [Problem::TimeTooFar { max_days: HORIZON_DAYS }]);
    })
    .await;
}

#[tokio::test]
async fn moving_house_does_not_move_posts() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        stage.app.set_preferences(&actor, "en", "Asia/Tokyo", "light").await.unwrap();
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), post);
    })
    .await;
}

#[tokio::test]
async fn only_preferences_on_offer_are_taken() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        for (locale, zone, theme, code) in [
            ("de", "UTC", "light", "unknown-language"),
            ("en", "Moscow", "light", "unknown-time-zone"),
            ("en", "../etc/passwd", "light", "unknown-time-zone"),
            ("en", "UTC", "neon", "unknown-theme"),
        ] {
            match stage.app.set_preferences(&actor, locale, zone, theme).await.unwrap_err() {
                Error::BadInput { code: found } => assert_eq!(found, code),
                other => panic!("{other:?}"),
            }
        }
        let secret = signed_in.session_secret.unwrap();
        assert_eq!(stage.app.actor_of_session(&secret).await.unwrap(), Some(actor));
    })
    .await;
}
