//! The calendar: which posts stand on which of somebody's days, what is left out, and how full TikTok's day is.

use app::calendar::{Budget, CalendarQuery, CalendarView};
use app::{Actor, Error};
use domain::calendar::{Day, Span};
use domain::consent::Declaration;
use domain::id::{ConnectionId, PostId};
use domain::post::{Delivery, PostState};
use domain::schedule::Zone;

use crate::support::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A week in Berlin, three posts of each day drawn.
async fn week(stage: &Stage, actor: &Actor, of: &str, account: Option<ConnectionId>) -> CalendarView {
    let (days, zone) = (Span::Week.days(day(of)), berlin());
    let query = CalendarQuery {
        days: &days,
        zone: &zone,
        connection: account,
        state: None,
        tag: None,
        label: None,
        per_day: 3,
        skip: 0,
    };
    stage.app.calendar(actor, &query).await.unwrap()
}

/// The days that have posts: which are drawn, and how many there are.
fn taken(view: &CalendarView) -> Vec<(String, Vec<PostId>, usize)> {
    let taken = view.days.iter().filter(|day| day.total > 0);
    taken.map(|day| (day.day.to_string(), day.rows.iter().map(|row| row.post.id).collect(), day.total)).collect()
}

#[tokio::test]
async fn posts_stand_on_the_days_of_their_readers_zone_and_drafts_beside_them() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        // Times are in UTC: half past midnight in Berlin is still the day before.
        let night = stage.scheduled_at(&mila, account, "2026-11-25T23:30").await;
        let noon = stage.scheduled_at(&mila, account, "2026-11-26T12:00").await;
        let draft = stage.draft(&mila, account).await;
        let cancelled = stage.scheduled_at(&mila, account, "2026-11-27T12:00").await;
        stage.app.cancel(&mila, cancelled.id).await.unwrap();

        let view = week(&stage, &mila, "2026-11-24", None).await;
        assert_eq!(taken(&view), [("2026-11-26".to_owned(), vec![night.id, noon.id], 2)]);
        assert_eq!(view.drafts.iter().map(|row| row.post.id).collect::<Vec<_>>(), [draft.id]);
        let (days, utc) = (Span::Week.days(day("2026-11-24")), Zone::utc());
        let elsewhere = CalendarQuery {
            days: &days,
            zone: &utc,
            connection: None,
            state: None,
            tag: None,
            label: None,
            per_day: 3,
            skip: 0,
        };
        let view = stage.app.calendar(&mila, &elsewhere).await.unwrap();
        assert_eq!(
            taken(&view).iter().map(|(day, _, _)| day.as_str()).collect::<Vec<_>>(),
            ["2026-11-25", "2026-11-26"]
        );
        let only = CalendarQuery { state: Some(PostState::Cancelled), ..elsewhere };
        let view = stage.app.calendar(&mila, &only).await.unwrap();
        assert_eq!(
            taken(&view),
            [("2026-11-27".to_owned(), vec![cancelled.id], 1)],
            "what is asked for by name is shown"
        );
    })
    .await;
}

#[tokio::test]
async fn a_tag_leaves_the_posts_whose_files_have_it() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let dawn = stage.scheduled_at(&mila, account, "2026-11-26T12:00").await;
        let other = stage.scheduled_at(&mila, account, "2026-11-26T13:00").await;
        let draft = stage.draft(&mila, account).await;
        assert_ne!(dawn.media_id, other.media_id);
        stage.app.media_tags_set(&mila, dawn.media_id, "Утро, harbour").await.unwrap();
        stage.app.media_tags_set(&mila, draft.media_id, "harbour").await.unwrap();
        let (days, zone) = (Span::Week.days(day("2026-11-26")), berlin());
        let all = CalendarQuery {
            days: &days,
            zone: &zone,
            connection: None,
            state: None,
            tag: None,
            label: None,
            per_day: 3,
            skip: 0,
        };
        let view = stage.app.calendar(&mila, &CalendarQuery { tag: Some("УТРО"), ..all.clone() }).await.unwrap();
        assert_eq!(taken(&view), [("2026-11-26".to_owned(), vec![dawn.id], 1)]);
        assert!(view.drafts.is_empty());
        assert_eq!(view.tags, [("harbour".to_owned(), 2), ("Утро".to_owned(), 1)]);
        let view = stage.app.calendar(&mila, &CalendarQuery { tag: Some("harbour"), ..all.clone() }).await.unwrap();
        assert_eq!(view.drafts.iter().map(|row| row.post.id).collect::<Vec<_>>(), [draft.id]);
        let view = stage.app.calendar(&mila, &CalendarQuery { tag: Some("nobody's"), ..all.clone() }).await.unwrap();
        assert!(taken(&view).is_empty() && view.drafts.is_empty());
        assert_eq!(stage.app.calendar(&mila, &all).await.unwrap().days.iter().map(|day| day.total).sum::<usize>(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_crowded_day_draws_some_counts_all_and_can_be_turned() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let mut ids = Vec::new();
        for hour in 12..17 {
            ids.push(stage.scheduled_at(&mila, signed_in.connection_id, &format!("2026-11-26T{hour}:00")).await.id);
        }
        let view = week(&stage, &mila, "2026-11-26", None).await;
        assert_eq!(taken(&view), [("2026-11-26".to_owned(), ids[..3].to_vec(), 5)]);
        let (days, zone) = ([day("2026-11-26")], berlin());
        let next = CalendarQuery {
            days: &days,
            zone: &zone,
            connection: None,
            state: None,
            tag: None,
            label: None,
            per_day: 3,
            skip: 3,
        };
        let view = stage.app.calendar(&mila, &next).await.unwrap();
        assert_eq!(taken(&view), [("2026-11-26".to_owned(), ids[3..].to_vec(), 5)]);
        assert_eq!(view.counted_until, None);
    })
    .await;
}

#[tokio::test]
async fn how_full_tiktoks_day_is_is_told_for_each_account_and_agrees_with_the_warning_before_planning() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let own = signed_in.connection_id;
        let other = stage.add_account(&mila, CAREFUL).await;
        let late = stage.scheduled_at(&mila, own, "2026-11-25T20:00").await;
        let early = stage.scheduled_at(&mila, own, "2026-11-26T09:00").await;
        stage.scheduled_at(&mila, own, "2026-11-27T09:00").await;
        let draft = stage.draft(&mila, other).await;
        let to_inbox = app::posts::DraftInput { delivery: Delivery::Inbox, ..everyone() };
        stage.app.submit(&mila, draft.id, &submit(&draft, to_inbox, at("2026-11-26T10:00"))).await.unwrap();

        let view = week(&stage, &mila, "2026-11-26", None).await;
        let used = |view: &CalendarView, text: &str, account: ConnectionId| {
            let day = view.days.iter().find(|one| one.day == day(text)).unwrap();
            day.budgets.iter().filter(|one| one.connection == account).copied().collect::<Vec<Budget>>()
        };
        let direct = |used| Budget { connection: own, delivery: Delivery::Direct, used, allowed: 15 };
        assert_eq!(used(&view, "2026-11-25", own), [direct(1)]);
        assert_eq!(used(&view, "2026-11-26", own), [direct(2)], "the evening before is within 24 hours");
        assert_eq!(used(&view, "2026-11-27", own), [direct(1)], "24 hours later there is room again");
        let inbox = Budget { connection: other, delivery: Delivery::Inbox, used: 1, allowed: 5 };
        assert_eq!(used(&view, "2026-11-26", other), [inbox]);
        assert!(used(&week(&stage, &mila, "2026-11-26", Some(own)).await, "2026-11-26", other).is_empty());

        // Fourteen more within the same 24 hours: the sixteenth is warned of, and the day says so.
        for minute in 0..14 {
            stage.scheduled_at(&mila, own, &format!("2026-11-26T08:{minute:02}")).await;
        }
        let view = week(&stage, &mila, "2026-11-26", Some(own)).await;
        assert_eq!(used(&view, "2026-11-26", own), [direct(16)]);
        assert!(used(&view, "2026-11-26", own)[0].is_over());
        let told = stage.app.expectation(&mila, early.id, early.due_at.unwrap()).await.unwrap();
        assert!(matches!(told.cap, Some(domain::timetable::Cap::DirectPosts { number: 16, typical: 15 })), "{told:?}");
        assert_eq!(late.state, PostState::Scheduled);
    })
    .await;
}

#[tokio::test]
async fn a_move_and_the_move_back_are_two_consents_and_the_second_of_two_moves_back_is_refused() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled_at(&mila, signed_in.connection_id, "2026-11-26T12:00").await;
        let moved = stage
            .app
            .reschedule(&mila, post.id, post.revision, &at("2026-11-27T12:00"), Declaration::Music)
            .await
            .unwrap();
        let back = at("2026-11-26T12:00");
        let again = stage.app.reschedule(&mila, post.id, moved.revision, &back, Declaration::Music).await.unwrap();
        assert_eq!(again.due_at, post.due_at);
        assert_ne!(again.consent_id, post.consent_id);
        let stale = stage.app.reschedule(&mila, post.id, moved.revision, &back, Declaration::Music).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn drafts_begun_from_a_place_on_the_calendar_propose_its_time_and_plan_nothing() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let file = stage.upload(&mila).await;
        let proposed = "2026-11-26T18:00".parse().unwrap();
        let accounts = [signed_in.connection_id];
        let group = stage.app.create_drafts_of(&mila, &[file], &accounts, Some(proposed)).await.unwrap();
        let draft = stage.only_post(&mila, group).await;
        assert_eq!((draft.state, draft.due_at), (PostState::Draft, None));
        assert_eq!(draft.local_time.as_deref(), Some("2026-11-26T18:00"));
        assert_eq!(draft.time_zone.as_deref(), Some(mila.time_zone.as_str()));
    })
    .await;
}
