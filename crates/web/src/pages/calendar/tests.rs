//! The calendar drawn: every view in both languages, days of 23 and 25 hours, the panel, the way back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use app::calendar::{Budget, CalendarDay, CalendarView};
use app::queue::PostRow;
use domain::calendar::{Day, Span};
use domain::post::{Delivery, PostContent, PostState};
use domain::rules::Problem;
use domain::schedule::{Zone, resolve};
use domain::time::UnixMillis;
use store::Post;

use super::moving::{Panel, Undo};
use super::place::Place;
use super::view::{CalendarPage, calendar_page};
use crate::locale::Locale;
use crate::pages::{check, samples};
use crate::ui::{Frame, Nav, Theme, When};

struct Scene {
    zone: Zone,
    now: UnixMillis,
    place: Place,
    view: CalendarView,
}

fn row(n: u8, due_at: UnixMillis, state: PostState) -> PostRow {
    let content = PostContent { caption: format!("Milk {n}\nand honey"), ..PostContent::default() };
    let post = Post {
        id: format!("01930000-0000-7000-8000-0000000000{n:02}").parse().unwrap(),
        due_at: Some(due_at),
        ..samples::post(state, content)
    };
    PostRow { post, connection: Arc::new(samples::connection()), media: Some(Arc::new(samples::media(6_000))) }
}

/// A page around a day, with a post at each of these times.
fn scene(span: Span, day: &str, zone: &str, times: &[&str]) -> Scene {
    let (zone, day): (Zone, Day) = (zone.parse().unwrap(), day.parse().unwrap());
    let now = day.start(&zone).plus_seconds(6 * 3600);
    let times: Vec<UnixMillis> = times.iter().map(|at| resolve(at.parse().unwrap(), &zone).at()).collect();
    let states = [PostState::Scheduled, PostState::Published, PostState::Failed, PostState::Cancelled];
    let rows: Vec<PostRow> =
        (1..).zip(&times).map(|(n, at)| row(n, *at, states[usize::from(n - 1) % states.len()])).collect();
    let connection = samples::connection();
    let days = span
        .days(day)
        .into_iter()
        .map(|day| {
            let (from, until) = (day.start(&zone), day.end(&zone));
            let rows: Vec<PostRow> =
                rows.iter().filter(|row| (from..until).contains(&row.post.due_at.unwrap())).cloned().collect();
            let total = if rows.is_empty() { 0 } else { rows.len() + 2 };
            let budget = Budget { connection: connection.id, delivery: Delivery::Direct, used: 16, allowed: 15 };
            let budgets = if rows.is_empty() { Vec::new() } else { vec![budget] };
            CalendarDay {
                day,
                from,
                until,
                rows,
                total,
                slots: vec![(connection.id, from.plus_seconds(72_000))],
                budgets,
            }
        })
        .collect();
    let draft = samples::post(PostState::Draft, PostContent::default());
    let drafts = vec![PostRow { post: draft, connection: Arc::new(connection.clone()), media: None }];
    let mut other = connection.clone();
    other.id = "01930000-0000-7000-8000-000000000077".parse().unwrap();
    let view = CalendarView {
        days,
        drafts,
        connections: vec![connection, other],
        tags: vec![("harbour".to_owned(), 2)],
        labels: samples::labels(),
        counted_until: Some(now),
        now,
    };
    let place = Place { span, day, account: None, state: None, tag: None, label: None, page: 0 };
    Scene { zone, now, place, view }
}

impl Scene {
    fn drawn(&self, l: Locale, panel: Option<&Panel>, undo: Option<&Undo>) -> String {
        let frame = Frame::sample(l, Theme::System, Nav::Calendar);
        let when = When::new(l, self.zone.name(), self.now);
        let html = calendar_page(&CalendarPage {
            frame: &frame,
            view: &self.view,
            when: &when,
            zone: &self.zone,
            place: &self.place,
            panel,
            undo,
            said: None,
        })
        .into_string();
        check::page(l, &html);
        html
    }
}

#[test]
fn every_view_is_a_whole_page_in_every_language() {
    let times = ["2026-11-24T09:00", "2026-11-24T12:30", "2026-11-24T12:45", "2026-11-26T18:00"];
    for span in Span::ALL {
        let it = scene(span, "2026-11-24", "Europe/Moscow", &times);
        for l in Locale::ALL {
            let html = it.drawn(l, None, None);
            check::kept(&format!("calendar-{}", span.as_str()), l, &html);
            assert!(html.contains("12:30") && html.contains("Milk 2") && html.contains("aria-current=\"date\""));
            assert!(html.contains("view=day&amp;date=2026-11-24"), "the rest of the day has its page");
            assert!(!html.contains("and honey"), "a title is one line");
            assert!(html.contains("16"), "how full the day is");
        }
    }
    let month = scene(Span::Month, "2026-11-24", "Europe/Moscow", &times);
    assert!(month.drawn(Locale::En, None, None).contains("<h1>November 2026</h1>"));
    assert!(month.drawn(Locale::Ru, None, None).contains("<h1>Ноябрь 2026</h1>"));
}

#[test]
fn only_what_waits_can_be_moved_and_only_the_future_is_offered() {
    let it = scene(Span::Day, "2026-11-24", "Europe/Moscow", &["2026-11-24T09:00", "2026-11-24T12:30"]);
    let html = it.drawn(Locale::En, None, None);
    assert_eq!(html.matches(" data-post=\"01930000").count(), 1, "the scheduled one, not the published one");
    assert!(html.contains("data-local=\"2026-11-24T09:00\""));
    assert!(html.contains("/compose?at=2026-11-24T06:00") && !html.contains("/compose?at=2026-11-24T05:00"));
}

#[test]
fn the_hour_that_is_skipped_and_the_one_that_comes_twice_stand_there_by_name() {
    let spring = scene(Span::Week, "2027-03-25", "Europe/Berlin", &["2027-03-28T03:30"]);
    let html = spring.drawn(Locale::En, None, None);
    assert!(html.contains("23 hours: the clock goes forward") && html.contains("The clock skips 02:00"));
    assert!(!html.contains("data-at=\"2027-03-28T02:00\""), "nothing can be dropped there");
    let autumn = scene(Span::Week, "2027-10-28", "Europe/Berlin", &["2027-10-31T02:30"]);
    let html = autumn.drawn(Locale::Ru, None, None);
    assert!(html.contains("25 часов") && html.contains("02:00 во второй раз"));
    assert_eq!(html.matches("data-at=\"2027-10-31T02:00\"").count(), 2);
    assert_eq!(html.matches("data-again").count(), 1);
    let nepal = scene(Span::Day, "2026-12-31", "Asia/Kathmandu", &["2026-12-31T23:45"]);
    let html = nepal.drawn(Locale::En, None, None);
    assert!(html.contains("UTC+5:45") && html.contains("date=2027-01-01"));
}

#[test]
fn the_panel_asks_with_the_declaration_and_the_way_back_does_so_too() {
    let it = scene(Span::Week, "2026-11-24", "Europe/Berlin", &["2026-11-24T12:30"]);
    let post = it.view.days[1].rows[0].post.clone();
    let refused = vec![Problem::samples().into_iter().next().unwrap()];
    for l in Locale::ALL {
        let html =
            it.drawn(l, Some(&Panel::sample(post.clone(), "2026-10-25T02:30".parse().unwrap(), refused.clone())), None);
        assert!(
            html.contains("/calendar/posts/01930000-0000-7000-8000-000000000001/move?view=week&amp;date=2026-11-24")
        );
        assert!(html.contains("class=\"decl\"") && html.contains("name=\"occurrence\""));
        let undo = Undo::sample(post.clone(), "2026-11-24T09:00".parse().unwrap(), it.zone.clone());
        let html = it.drawn(l, None, Some(&undo));
        assert!(html.contains("class=\"decl\"") && html.contains("value=\"09:00\""));
    }
}
