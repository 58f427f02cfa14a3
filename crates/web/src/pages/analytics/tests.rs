//! The page of numbers with its accounts in every state, in every language.

use app::metrics::compare::{By, Common, Comparison};
use app::metrics::{ReadingView, ReadingsView};
use app::queue::PostRow;
use domain::connection::ConnectionState;
use domain::insight::{Figures, Group, Verdict};
use domain::metrics::{Counters, Growth};
use domain::privacy::purposes::Reading;
use jiff::civil::{Date, date};
use std::sync::Arc;
use store::metrics::shown::{DayRow, FollowerRow, PostNumbers};
use store::{Connection, MetricConsent, Post};

use super::*;
use crate::pages::{check, samples};

const EARLY: Date = date(2026, 12, 1);

/// A note on a day that was read, two on one that was not, and one ahead about an account that is gone.
fn noted(numbers: &Numbers) -> Vec<Annotation> {
    let account = numbers.accounts.first().map(|it| it.connection.id);
    let note = |n: u8, day: i64, about, words: &str| Annotation {
        id: format!("01930000-0000-7000-8000-0000000004{n:02}").parse().unwrap(),
        workspace_id: samples::connection().workspace_id,
        person_id: "01930000-0000-7000-8000-00000000000a".parse().unwrap(),
        connection_id: about,
        day: numbers.first_day + day,
        words: words.to_owned(),
        at: samples::NOW,
    };
    vec![
        note(1, 5, None, "Campaign <began>"),
        note(2, 5, account, "Новая шапка профиля"),
        note(3, 12, None, "Collaboration with the bakery around the corner, five posts, all of them in the evening"),
        note(4, 60, Some("01930000-0000-7000-8000-00000000dddd".parse().unwrap()), "Fair"),
    ]
}

/// The page of the last four weeks.
fn drawn(frame: &Frame, numbers: &Numbers, insight: Option<&Insight>, today: Date) -> Markup {
    let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
    let shown = Asked::default().shown(samples::NOW, &Zone::utc());
    let late = domain::punctuality::Punctuality::of((0..40).map(|n| n * 1_900));
    let came = app::history::punctuality::Came { punctuality: late, out: 40, failed: 2, waiting: 1 };
    let reliability = Reliability {
        all: came.clone(),
        before: came,
        accounts: Vec::new(),
        reasons: vec![("too-late".to_owned(), 2)],
        is_cut: false,
    };
    let reliability = Some(&reliability);
    let notes = &noted(numbers);
    let refused = None;
    analytics_page(&AnalyticsPage { frame, numbers, insight, notes, refused, reliability, shown, today, when: &when })
}

fn of(accounts: &[ReadingsView]) -> Numbers {
    let end_day = day_number(samples::NOW) + 1;
    Numbers {
        accounts: accounts.to_vec(),
        first_day: end_day - 28,
        end_day,
        days: Vec::new(),
        compared: None,
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
                let page = drawn(frame, &of(&accounts), None, EARLY);
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
        drawn(&frame, &of(&accounts), None, today).0
    };
    let early = drawn(EARLY);
    assert!(early.contains("href=\"/privacy/1.2#PP-1.4\"") && early.contains("25 January 2027"), "{early}");
    assert!(!drawn(date(2027, 2, 1)).contains("25 January 2027"));
}

#[test]
fn without_an_account_the_page_leads_to_where_one_is_connected() {
    check::in_every_language(|frame| {
        let page = drawn(frame, &of(&[]), None, EARLY);
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
        compared: Some(app::metrics::shown::Compared {
            now: Growth { views: Some(50_000), likes: Some(9), comments: Some(3), shares: Some(2) },
            before: Growth { views: Some(40_000), likes: Some(0), comments: None, shares: Some(1) },
            accounts: 1,
            read: 2,
        }),
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
        let page = drawn(frame, &numbers, None, EARLY);
        assert_eq!(page.0.matches("class=\"gap\"").count(), 1, "one day was not read");
        assert_eq!(page.0.matches("class=\"bar\"").count(), 27);
        assert_eq!(page.0.matches("class=\"note\"").count(), 2, "two days have notes");
        assert_eq!(page.0.matches("/delete\"").count(), 4);
        let gone = t!(frame.locale, "notes-other");
        assert!(page.0.contains(&gone) && page.0.contains(&t!(frame.locale, "notes-ahead")), "{gone}");
        assert!(page.0.contains("Campaign &lt;began&gt;; Новая шапка профиля ("), "the table has them, too");
        assert!(page.0.len() < 60_000, "{} bytes", page.0.len());
        page
    });
    for locale in crate::locale::Locale::ALL {
        let frame = Frame::sample(locale, crate::ui::Theme::System, Nav::Analytics);
        let page = drawn(&frame, &numbers, None, EARLY);
        check::kept("analytics", locale, &page.0);
    }
}

/// Half a year of posts of which those on Thursday evenings do better, some left out and some too few.
fn told() -> Insight {
    let (zone, account): (domain::schedule::Zone, _) = ("Europe/Berlin".parse().unwrap(), samples::connection().id);
    let monday: domain::calendar::Day = "2026-05-04".parse().unwrap();
    let post = |week: i32, day: i32, hour: i8, views: Option<i64>| {
        let day = monday.plus(week * 7 + day).unwrap();
        domain::insight::Told {
            post: "01930000-0000-7000-8000-000000000301".parse().unwrap(),
            account,
            published_at: domain::schedule::resolve(day.at(hour, 30), &zone).at(),
            views,
        }
    };
    let mut posts = Vec::new();
    for week in 0..24 {
        let chance = i64::from(week * 37 % 23) * 40;
        posts.push(post(week, 3, 19, Some(4_800 + chance)));
        for (n, (day, hour)) in [(0, 8), (1, 13), (2, 19), (4, 8), (5, 21)].into_iter().enumerate() {
            posts.push(post(week, day, hour, Some(1_200 + chance * i64::try_from(n).unwrap())));
        }
    }
    posts.extend([post(3, 6, 23, Some(10)), post(4, 6, 23, Some(20)), post(5, 6, 23, None)]);
    let hours = |n: i64| domain::insight::HourGrowth { posts: 24, views: (n % 11 != 10).then_some(900 / (n + 1)) };
    Insight {
        table: domain::insight::Table::of(&posts, &zone),
        accounts: 1,
        since: samples::NOW.plus_seconds(-365 * 86_400),
        young: 2,
        is_cut: true,
        suggested: domain::insight::suggestions(&posts, &zone)
            .into_iter()
            .map(|it| app::metrics::insight::Suggested { it, there: None })
            .collect(),
        hours: (0..48).map(hours).collect(),
        hours_posts: 24,
        hours_since: samples::NOW.plus_seconds(-30 * 86_400),
    }
}

#[test]
fn times_are_told_in_words_and_numbers_and_each_has_one_button() {
    let (numbers, mut insight) = (full(), told());
    assert!(!insight.suggested.is_empty());
    let near = "4-18:00".parse().unwrap();
    for there in [None, Some(insight.suggested[0].it.slot), Some(near)] {
        insight.suggested[0].there = there;
        check::in_every_language(|frame| {
            let page = drawn(frame, &numbers, Some(&insight), EARLY);
            assert_eq!(page.0.matches("/slot\"").count(), insight.suggested.len());
            assert_eq!(page.0.matches("class=\"few\"").count(), 2, "one cell, and the legend");
            assert_eq!(page.0.matches("class=\"star\"").count(), 2 * insight.suggested.len() + 1);
            assert!(page.0.contains("scope=\"row\"") && page.0.contains("19:30"), "{}", page.0);
            page
        });
    }
    let frame = Frame::sample(crate::locale::Locale::En, crate::ui::Theme::System, Nav::Analytics);
    let of_two = drawn(&frame, &numbers, Some(&Insight { accounts: 2, ..insight.clone() }), EARLY);
    let stars = of_two.0.matches("class=\"star\"").count();
    assert_eq!(stars, insight.suggested.len(), "better for one of them, so it stands beside that one's name alone");
    insight.suggested[0].there = None;
    for locale in crate::locale::Locale::ALL {
        let frame = Frame::sample(locale, crate::ui::Theme::System, Nav::Analytics);
        let page = drawn(&frame, &numbers, Some(&insight), EARLY);
        check::kept("analytics-times", locale, &page.0);
    }
}

#[test]
fn nothing_to_tell_of_times_is_said() {
    let numbers = full();
    let empty = Insight {
        table: domain::insight::Table::of(&[], &Zone::utc()),
        accounts: 0,
        since: samples::NOW,
        young: 0,
        is_cut: false,
        suggested: Vec::new(),
        hours: domain::insight::after_posting(&[]),
        hours_posts: 0,
        hours_since: samples::NOW,
    };
    check::in_every_language(|frame| {
        let page = drawn(frame, &numbers, Some(&empty), EARLY);
        assert!(!page.0.contains("class=\"heat\"") && !page.0.contains("/slot\""));
        page
    });
}

#[test]
fn a_year_of_days_stays_light() {
    let mut numbers = full();
    numbers.first_day = numbers.end_day - 365;
    let frame = Frame::sample(crate::locale::Locale::Ru, crate::ui::Theme::System, Nav::Analytics);
    let page = drawn(&frame, &numbers, None, EARLY).0;
    assert!(page.len() < 300_000, "{} bytes before they are packed", page.len());
}

fn comparison() -> Comparison {
    let figures = |verdict| Some(Figures { views: 5_350, low: 5_100, high: 5_500, percent: Some(178), verdict });
    let group = |posts: usize, figures: Option<Figures>| Group { posts, figures };
    let tag = |tag: &str| Common::Hashtag(tag.to_owned());
    let all = [Verdict::Better, Verdict::Worse, Verdict::Alike, Verdict::Alone].map(figures);
    Comparison {
        parts: vec![
            (By::Kind, vec![(Common::Video, group(12, all[0])), (Common::Photos, group(6, all[1]))]),
            (By::Length, (0..5).map(|n| (Common::Band(n), group(n + 3, all[n % 4].filter(|_| n > 1)))).collect()),
            (
                By::Caption,
                vec![
                    (Common::Bare, group(2, None)),
                    (Common::Short, group(8, all[2])),
                    (Common::Long, group(9, all[3])),
                ],
            ),
            (By::Hashtag, vec![(Common::Untagged, group(4, None)), (tag("#молоко<b>"), group(8, all[0]))]),
            (
                By::Label,
                vec![(Common::Unlabelled, group(4, None)), (Common::Label("Лето".to_owned()), group(8, all[1]))],
            ),
        ],
        posts: 18,
        left_out: 2,
        young: 1,
        is_cut: true,
    }
}

#[test]
fn what_posts_have_in_common_is_told_with_its_sizes_and_too_few_are_said_to_be() {
    let accounts = accounts(true, true, ConnectionState::Active);
    let shown = Asked::default().shown(samples::NOW, &Zone::utc());
    let nothing = Comparison { parts: Vec::new(), posts: 0, left_out: 0, young: 0, is_cut: false };
    let full = comparison();
    for (comparison, name) in [(&full, "compare"), (&nothing, "compare-empty")] {
        check::in_every_language(|frame| {
            let page = compare::compare_page(&compare::ComparePage { frame, comparison, accounts: &accounts, shown });
            if comparison.posts > 0 {
                let few = page.0.matches("class=\"few\"").count();
                assert_eq!(few, 2 + 1 + 1 + 1, "each group that is too small");
                assert_eq!((page.0.matches("▲").count(), page.0.matches("▼").count()), (3, 2));
                assert!(!page.0.contains("<b>\""), "hashtags are text");
            }
            page
        });
        for locale in crate::locale::Locale::ALL {
            let frame = Frame::sample(locale, crate::ui::Theme::System, Nav::Analytics);
            let page = compare::ComparePage { frame: &frame, comparison, accounts: &accounts, shown };
            check::kept(name, locale, &compare::compare_page(&page).0);
        }
    }
}

#[test]
fn each_comparison_of_days_has_its_words() {
    let numbers = full();
    for (against, words) in [("before", "28 days before"), ("year", "a year before"), ("nothing", "")] {
        let frame = Frame::sample(crate::locale::Locale::En, crate::ui::Theme::System, Nav::Analytics);
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let asked: Asked = serde_json::from_value(serde_json::json!({ "against": against })).unwrap();
        let page = analytics_page(&AnalyticsPage {
            frame: &frame,
            numbers: &numbers,
            insight: None,
            notes: &[],
            refused: None,
            reliability: None,
            shown: asked.shown(samples::NOW, &Zone::utc()),
            today: EARLY,
            when: &when,
        });
        let tiles = page.0.split("Views per day").next().unwrap();
        let tiles = &tiles[tiles.find("class=\"grid even stats\"").unwrap()..];
        assert!(tiles.contains(words) && (words.is_empty() != tiles.contains("before")), "{tiles}");
    }
}
