//! Reports of weeks: what went out in them on the clocks of the reader, how it did, and nothing of an account that is gone.

use app::reports::ReportQuery;
use app::{Actor, Error};
use domain::id::{ConnectionId, PostId};
use domain::metrics::Growth;
use domain::report::Week;
use domain::time::UnixMillis;

use crate::support::*;

fn week(name: &str) -> Week {
    name.parse().unwrap()
}

fn of(name: &str, connection: Option<ConnectionId>) -> ReportQuery {
    ReportQuery { week: week(name), connection }
}

/// A post that was planned for an instant and out that many seconds after it.
pub async fn out(stage: &Stage, actor: &Actor, id: ConnectionId, planned: &str, late_s: i64, video: u64) -> PostId {
    let post = stage.draft(actor, id).await.id;
    let due = UnixMillis::from_utc(planned).unwrap();
    let (due, out) = (due.millis(), due.plus_seconds(late_s).millis());
    let sql = format!(
        "UPDATE post SET state = 'published', due_at = {due}, published_at = {out}, updated_at = {out}, tiktok_ids = '[\"{video}\"]' WHERE id = '{post}'"
    );
    stage.database.tamper(&[&sql]).await;
    post
}

/// The numbers of posts are read of an account, and grew on some days.
pub async fn read(stage: &Stage, actor: &Actor, id: ConnectionId, days: impl IntoIterator<Item = (i64, i64)>) {
    let person = actor.user_id;
    let consent = format!(
        "INSERT INTO metric_consent (connection_id, purpose, person_id, text_version, given_at, next_at, lease_until, epoch, tries) \
         VALUES ('{id}', 'metrics', '{person}', '1.2', 0, 9000000000000, 0, 0, 0)"
    );
    stage.database.tamper(&[&consent]).await;
    for (day, views) in days {
        let sql = format!(
            "INSERT INTO metric_day (connection_id, day, views, likes, comments, shares, readings) VALUES ('{id}', {day}, {views}, 3, 2, 1, 24)"
        );
        stage.database.tamper(&[&sql]).await;
    }
}

#[tokio::test]
async fn a_report_has_what_went_out_on_the_clocks_of_its_reader_and_is_compared_with_whole_weeks_only() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let first = out(&stage, &actor, id, "2026-11-16T09:00:00.000Z", 2, 1).await;
        let late = out(&stage, &actor, id, "2026-11-18T09:00:00.000Z", 125, 2).await;
        // Sunday night in UTC, Monday morning in Berlin.
        let border = out(&stage, &actor, id, "2026-11-22T23:30:00.000Z", 1, 3).await;
        let planned = stage.scheduled_at(&actor, id, "2026-11-27T10:00").await.id;
        read(&stage, &actor, id, (20_766..20_780).map(|day| (day, if day < 20_773 { 100 } else { 150 }))).await;

        let utc = Actor { time_zone: "UTC".to_owned(), ..actor.clone() };
        let berlin = Actor { time_zone: "Europe/Berlin".to_owned(), ..actor.clone() };
        let ids = |report: &app::reports::Report| report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>();
        let report = app.report(&berlin, of("2026-W47", None)).await.unwrap();
        assert_eq!(ids(&report), [first, late], "in the order of their times");
        assert_eq!(ids(&app.report(&utc, of("2026-W47", None)).await.unwrap()), [first, late, border]);
        assert_eq!(ids(&app.report(&berlin, of("2026-W48", None)).await.unwrap()), [border]);

        assert!(report.is_over() && report.has_posts && !report.is_empty());
        assert!(report.numbers.is_whole() && report.before.is_whole() && report.is_comparable);
        let gained = Growth { views: Some(1_050), likes: Some(21), comments: Some(14), shares: Some(7) };
        assert_eq!((report.numbers.sum(), report.before.sum().views), (gained, Some(700)));
        let came = report.reliability.all;
        assert_eq!((came.out, came.punctuality.unwrap().on_time), (2, 1));
        assert_eq!(report.planned.as_ref().unwrap().iter().map(|row| row.post.id).collect::<Vec<_>>(), [planned]);
        assert_eq!(report.best, Vec::<usize>::new(), "no post was read yet");
        assert!(app.report(&berlin, of("2026-W44", None)).await.unwrap().planned.is_none(), "its next week is over");

        let weeks = app.report_weeks(&berlin, None, None).await.unwrap();
        let rows: Vec<_> = weeks.rows.iter().map(|it| (it.week.to_string(), it.posts, it.views)).collect();
        let (newest, older) = (("2026-W48".to_owned(), 1, None), ("2026-W47".to_owned(), 2, Some(1_050)));
        assert_eq!(rows, [newest, older, ("2026-W46".to_owned(), 0, Some(700))]);
        assert_eq!(weeks.older, None);
        let back = app.report_weeks(&berlin, Some(id), Some(week("2026-W45"))).await.unwrap();
        assert_eq!((back.rows.len(), back.older), (0, None));
    })
    .await;
}

#[tokio::test]
async fn weeks_of_different_accounts_are_not_compared() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let (id, other) = (signed.connection_id, stage.add_account(&actor, OLEG).await);
        read(&stage, &actor, id, (20_766..20_780).map(|day| (day, 100))).await;
        read(&stage, &actor, other, (20_773..20_780).map(|day| (day, 100))).await;
        let both = app.report(&actor, of("2026-W47", None)).await.unwrap();
        assert!(both.numbers.is_whole() && both.before.is_whole() && !both.is_comparable);
        assert!(app.report(&actor, of("2026-W47", Some(id))).await.unwrap().is_comparable);
        assert!(!app.report(&actor, of("2026-W47", Some(other))).await.unwrap().is_comparable);
    })
    .await;
}

#[tokio::test]
async fn a_day_that_was_not_read_makes_no_week_whole() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        read(&stage, &actor, id, (20_773..20_780).filter(|day| *day != 20_775).map(|day| (day, -5))).await;
        let report = stage.app.report(&actor, of("2026-W47", Some(id))).await.unwrap();
        assert_eq!((report.numbers.days_read(), report.numbers.is_whole()), (6, false));
        assert_eq!((report.numbers.sum().views, report.numbers.days[2]), (Some(-30), None));
        assert_eq!((report.before.days_read(), report.before.sum()), (0, Growth::default()), "nothing is no zero");
    })
    .await;
}

#[tokio::test]
async fn pp_4_4_an_account_that_is_disconnected_is_in_no_report_any_more() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let (id, other) = (signed.connection_id, stage.add_account(&actor, OLEG).await);
        out(&stage, &actor, id, "2026-11-16T09:00:00.000Z", 2, 1).await;
        let stays = out(&stage, &actor, other, "2026-11-17T09:00:00.000Z", 90, 2).await;
        read(&stage, &actor, id, [(20_773, 10)]).await;
        let before = app.report(&actor, of("2026-W47", None)).await.unwrap();
        assert_eq!((before.out.len(), before.connections.len(), before.reliability.all.out), (2, 2, 2));

        app.disconnect(&actor, id).await.unwrap();
        let report = app.report(&actor, of("2026-W47", None)).await.unwrap();
        assert_eq!(report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>(), [stays]);
        assert_eq!((report.connections.len(), report.reliability.all.out, report.has_posts), (1, 1, false));
        assert_eq!(report.numbers.sum(), Growth::default(), "and its numbers are gone");
        assert!(matches!(app.report(&actor, of("2026-W47", Some(id))).await, Err(Error::NotFound { .. })));
        let weeks = app.report_weeks(&actor, None, None).await.unwrap();
        assert_eq!(weeks.rows.iter().map(|it| it.posts).collect::<Vec<_>>(), [1]);
    })
    .await;
}

#[tokio::test]
async fn a_report_is_a_workbook_with_a_line_for_each_post() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        out(&stage, &actor, signed.connection_id, "2026-11-16T09:00:00.000Z", 2, 7_501_888_222_333_444_555).await;
        let bytes = stage.app.report_file(&actor, of("2026-W47", None)).await.unwrap();
        assert!(bytes.starts_with(b"PK"), "a workbook");
    })
    .await;
}
