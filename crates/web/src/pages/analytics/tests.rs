//! The page of numbers with its accounts in every state, in every language.

use app::metrics::{ReadingView, ReadingsView};
use app::queue::PostRow;
use domain::connection::ConnectionState;
use domain::metrics::{Counters, Growth, day_number};
use domain::privacy::purposes::Reading;
use jiff::civil::{Date, date};
use std::sync::Arc;
use store::metrics::shown::{DayRow, FollowerRow, PostNumbers};
use store::{Connection, MetricConsent, Post};

use super::*;
use crate::pages::{check, samples};

const EARLY: Date = date(2026, 12, 1);

const QUERY: NumbersQuery = NumbersQuery { connection: None, days: 28 };

fn of(accounts: &[ReadingsView]) -> Numbers {
    let end_day = day_number(samples::NOW) + 1;
    Numbers {
        accounts: accounts.to_vec(),
        first_day: end_day - 28,
        end_day,
        days: Vec::new(),
        before: None,
        posts: Vec::new(),
        followers: Vec::new(),
    }
}

fn view(account: &Connection, reading: Reading, given: bool, granted: bool) -> ReadingView {
    let consent = given.then(|| MetricConsent {
        connection_id: account.id,
        reading,
        person_id: "01930000-0000-7000-8000-00000000000a".parse().unwrap(),
        text_version: "1.2".to_owned(),
        given_at: samples::NOW,
    });
    ReadingView { reading, consent, granted }
}

fn accounts(given: bool, granted: bool, state: ConnectionState) -> Vec<ReadingsView> {
    let connection = Connection { state, ..samples::connection() };
    let readings = Reading::ALL.map(|it| view(&connection, it, given, granted)).to_vec();
    vec![ReadingsView { connection, readings }]
}

#[test]
fn pp_7_4_allowing_and_ending_take_one_press_each_on_the_same_page() {
    for (given, granted, allow, stop) in
        [(false, false, 2, 0), (true, true, 0, 2), (true, false, 2, 2), (false, true, 2, 0)]
    {
        for state in [ConnectionState::Active, ConnectionState::ReconnectNeeded] {
            let accounts = accounts(given, granted, state);
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
                let page = analytics_page(&AnalyticsPage {
                    frame,
                    numbers: &of(&accounts),
                    query: QUERY,
                    today: EARLY,
                    when: &when,
                });
                check::kept("analytics-readings", frame.locale, &page.0);
                assert_eq!(page.0.matches("/numbers/allow\"").count(), allow);
                assert_eq!(page.0.matches("/numbers/stop\"").count(), stop);
                page
            });
        }
    }
}

#[test]
fn pp_1_4_the_page_says_which_text_a_press_accepts_and_from_when_it_holds_for_everything() {
    let accounts = accounts(false, false, ConnectionState::Active);
    let drawn = |today| {
        let frame = Frame::sample(crate::locale::Locale::En, crate::ui::Theme::System, Nav::Analytics);
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        analytics_page(&AnalyticsPage { frame: &frame, numbers: &of(&accounts), query: QUERY, today, when: &when }).0
    };
    let early = drawn(EARLY);
    assert!(early.contains("href=\"/privacy/1.2#PP-1.4\"") && early.contains("25 January 2027"), "{early}");
    assert!(!drawn(date(2027, 2, 1)).contains("25 January 2027"));
}

#[test]
fn without_an_account_the_page_leads_to_where_one_is_connected() {
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let page = analytics_page(&AnalyticsPage { frame, numbers: &of(&[]), query: QUERY, today: EARLY, when: &when });
        assert!(page.0.contains("href=\"/connections\""));
        page
    });
}

/// Four weeks of one account: a day without a reading, one on which TikTok took views back, and posts in every state.
fn full() -> Numbers {
    let account = samples::connection();
    let readings = Reading::ALL.map(|it| view(&account, it, true, true)).to_vec();
    let empty = of(&[ReadingsView { connection: account.clone(), readings }]);
    let day = |n: i64| DayRow {
        day: empty.first_day + n,
        growth: Growth {
            views: Some(if n == 9 { -12 } else { n * n * 431 % 9_000 }),
            likes: Some(n * 31),
            comments: (n != 11).then_some(n),
            shares: Some(n / 3),
        },
        readings: 24 + n,
    };
    let post = |n: u8, is_live: bool, read: bool| {
        let id = format!("01930000-0000-7000-8000-0000000003{n:02}").parse().unwrap();
        let content = domain::post::PostContent {
            caption: "Утро на ферме & coffee <3".to_owned(),
            ..Default::default()
        };
        let published_at = Some(samples::NOW.plus_seconds(-86_400 * i64::from(n)));
        let post = Post { id, published_at, ..samples::post(domain::post::PostState::Published, content) };
        let counters = if read {
            Counters { views: Some(71_940), likes: Some(6_204), comments: None, shares: Some(12) }
        } else {
            Counters::default()
        };
        let row = PostRow { post, connection: Arc::new(account.clone()), media: Some(Arc::new(samples::media(6_000))) };
        (row, PostNumbers { post_id: id, read_at: read.then_some(samples::NOW), is_live, counters })
    };
    Numbers {
        days: (0..28).filter(|n| *n != 5).map(day).collect(),
        before: Some(Growth { views: Some(40_000), likes: Some(0), comments: None, shares: Some(1) }),
        posts: vec![post(1, true, true), post(2, false, true), post(3, true, false)],
        followers: [(20, 1_204), (1, 1_317)]
            .map(|(ago, followers)| FollowerRow {
                connection_id: account.id,
                read_at: samples::NOW.plus_seconds(-86_400 * ago),
                followers,
            })
            .to_vec(),
        ..empty
    }
}

#[test]
fn the_figures_are_whole_in_every_language_and_gaps_are_no_zeros() {
    let numbers = full();
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let page = analytics_page(&AnalyticsPage { frame, numbers: &numbers, query: QUERY, today: EARLY, when: &when });
        assert_eq!(page.0.matches("class=\"gap\"").count(), 1, "one day was not read");
        assert_eq!(page.0.matches("class=\"bar\"").count(), 27);
        assert!(page.0.len() < 60_000, "{} bytes", page.0.len());
        page
    });
    for locale in crate::locale::Locale::ALL {
        let frame = Frame::sample(locale, crate::ui::Theme::System, Nav::Analytics);
        let when = When::new(locale, "Europe/Berlin", samples::NOW);
        let page = analytics_page(&AnalyticsPage {
            frame: &frame,
            numbers: &numbers,
            query: QUERY,
            today: EARLY,
            when: &when,
        });
        check::kept("analytics", locale, &page.0);
    }
}

#[test]
fn a_year_of_days_stays_light() {
    let mut numbers = full();
    numbers.first_day = numbers.end_day - 365;
    let frame = Frame::sample(crate::locale::Locale::Ru, crate::ui::Theme::System, Nav::Analytics);
    let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
    let query = NumbersQuery { days: 365, ..QUERY };
    let page = analytics_page(&AnalyticsPage { frame: &frame, numbers: &numbers, query, today: EARLY, when: &when }).0;
    assert!(page.len() < 300_000, "{} bytes before they are packed", page.len());
}
