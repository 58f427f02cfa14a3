//! People are told of a week's report once: on the Monday after it at eight on their clock, by whichever process is first, also after it was away.

use app::{Actor, App};
use domain::id::ConnectionId;
use domain::notice::Notice;
use domain::report::Wish;
use domain::time::UnixMillis;

use crate::reporting::{out, read};
use crate::support::*;

async fn told(app: &App, actor: &Actor) -> Vec<String> {
    let week = |notice: Notice| match notice {
        Notice::ReportReady(week) => Some(week.to_string()),
        _ => None,
    };
    let mut all: Vec<String> = app.notices(actor).await.unwrap().iter().filter_map(|row| week(row.notice)).collect();
    all.reverse();
    all
}

/// The person's clock is Berlin's, numbers of the account are read, and the clock stands a moment before that instant.
async fn begun(stage: &Stage) -> (Actor, ConnectionId) {
    let (actor, signed) = stage.sign_in(MILA).await;
    stage.app.set_preferences(&actor, "en", "Europe/Berlin", "system").await.unwrap();
    let actor = Actor { time_zone: "Europe/Berlin".to_owned(), ..actor };
    read(stage, &actor, signed.connection_id, (20_780..20_800).map(|day| (day, 10))).await;
    (actor, signed.connection_id)
}

fn until(stage: &Stage, instant: &str) {
    stage.pass(UnixMillis::from_utc(instant).unwrap().millis_since(stage.now()));
}

#[tokio::test]
async fn a_report_is_told_of_once_on_monday_at_eight_whoever_is_first() {
    everywhere(async |stage| {
        let (actor, _) = begun(&stage).await;
        let other = stage.second_process().await;
        let app = &stage.app;
        assert_eq!(app.report_wish(&actor).await.unwrap(), Wish::News, "on by itself where numbers are read");
        assert_eq!(app.tell_of_reports().await.unwrap(), 0);
        assert_eq!(told(app, &actor).await, [""; 0], "not of a week that was over before");
        let due = stage.store().report_turn_next().await.unwrap();
        assert_eq!(due, Some(UnixMillis::from_utc("2026-11-30T07:00:00.000Z").unwrap()));

        until(&stage, "2026-11-30T06:59:59.999Z");
        assert_eq!(app.tell_of_reports().await.unwrap(), 0);
        stage.pass(1);
        let (one, two) = futures::join!(app.tell_of_reports(), other.tell_of_reports());
        assert_eq!(one.unwrap() + two.unwrap(), 1, "one of both");
        assert_eq!(told(app, &actor).await, ["2026-W48"]);
        stage.database.tamper(&["UPDATE notice SET read_at = created_at"]).await;
        stage.pass(HOUR_MS);
        assert_eq!(
            app.tell_of_reports().await.unwrap() + other.tell_of_reports().await.unwrap(),
            0,
            "also when it was read"
        );
        until(&stage, "2026-12-07T07:00:00.000Z");
        assert_eq!(other.tell_of_reports().await.unwrap(), 1);
        assert_eq!(told(app, &actor).await, ["2026-W48", "2026-W49"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_away_is_told_of_the_newest_week_and_of_one_without_anything_nobody_is() {
    everywhere(async |stage| {
        let (actor, _) = begun(&stage).await;
        let app = &stage.app;
        app.tell_of_reports().await.unwrap();
        until(&stage, "2026-12-09T12:00:00.000Z");
        assert_eq!(app.tell_of_reports().await.unwrap(), 1);
        assert_eq!(told(app, &actor).await, ["2026-W49"]);
        // Numbers end on 13 December, and nothing goes out.
        until(&stage, "2026-12-28T12:00:00.000Z");
        assert_eq!(app.tell_of_reports().await.unwrap(), 0);
        let due = stage.store().report_turn_next().await.unwrap();
        assert_eq!(
            due,
            Some(UnixMillis::from_utc("2027-01-04T07:00:00.000Z").unwrap()),
            "but the next one is waited for"
        );
    })
    .await;
}

#[tokio::test]
async fn the_wish_of_a_person_counts_and_another_clock_counts_at_once() {
    everywhere(async |stage| {
        let (actor, id) = begun(&stage).await;
        let app = &stage.app;
        app.tell_of_reports().await.unwrap();
        app.report_choose(&actor, Wish::Off).await.unwrap();
        until(&stage, "2026-11-30T12:00:00.000Z");
        assert_eq!(app.tell_of_reports().await.unwrap(), 0);
        assert_eq!(app.report_wish(&actor).await.unwrap(), Wish::Off, "numbers do not switch it on again");
        app.report_choose(&actor, Wish::News).await.unwrap();
        assert_eq!(app.tell_of_reports().await.unwrap(), 0, "nothing of the time in which it was off");

        app.set_preferences(&actor, "en", "Asia/Tokyo", "system").await.unwrap();
        assert_eq!(app.tell_of_reports().await.unwrap(), 0);
        out(&stage, &actor, id, "2026-12-02T09:00:00.000Z", 2, 1).await;
        let due = stage.store().report_turn_next().await.unwrap();
        assert_eq!(due, Some(UnixMillis::from_utc("2026-12-06T23:00:00.000Z").unwrap()), "eight o'clock in Tokyo");
        until(&stage, "2026-12-06T23:00:00.000Z");
        assert_eq!(app.tell_of_reports().await.unwrap(), 1);
        assert_eq!(told(app, &actor).await, ["2026-W49"]);
    })
    .await;
}

#[tokio::test]
async fn pp_2_6_browsers_are_told_only_where_somebody_wished_that() {
    everywhere(async |stage| {
        let (actor, _) = begun(&stage).await;
        let app = &stage.app;
        stage.push_begun(&actor, "https://push.example/of-this-browser").await;
        app.tell_of_reports().await.unwrap();
        until(&stage, "2026-11-30T07:00:00.000Z");
        app.tell_of_reports().await.unwrap();
        let kinds = async || {
            stage.database.texts("SELECT kind || ' ' || subject FROM push_message WHERE kind = 'report'").await
        };
        assert_eq!(kinds().await, [""; 0], "by the news alone");
        app.report_choose(&actor, Wish::Browsers).await.unwrap();
        until(&stage, "2026-12-07T07:00:00.000Z");
        app.tell_of_reports().await.unwrap();
        assert_eq!(kinds().await, ["report 2026-W49"]);
    })
    .await;
}
