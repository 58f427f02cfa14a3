//! Reports in every state and language, drawn from samples.

use std::collections::HashSet;
use std::sync::Arc;

use app::history::punctuality::{Came, Reliability};
use app::queue::PostRow;
use app::reports::links::Shared;
use app::reports::{Followers, Numbers, POSTS, Report, WeekRow, Weeks};
use domain::metrics::{Counters, Growth};
use domain::post::{PostContent, PostState};
use domain::punctuality::Punctuality;
use domain::schedule::Zone;
use store::metrics::shown::PostNumbers;
use store::report::ReportLink;
use store::{Connection, Post};

use super::share::MadePage;
use super::shared::SharedPage;
use super::*;
use crate::locale::Locale;
use crate::pages::{check, samples};
use crate::ui::{Frame, Theme};

const ZONE: &str = "Europe/Berlin";

fn week() -> Week {
    "2026-W47".parse().unwrap()
}

fn other() -> Connection {
    Connection {
        id: "01930000-0000-7000-8000-000000000002".parse().unwrap(),
        display_name: "Harbour <&>".to_owned(),
        username: Some("harbour".to_owned()),
        ..samples::connection()
    }
}

fn row(n: u8, state: PostState, days: i64, late_s: i64) -> PostRow {
    let captions = ["Утро на ферме & coffee <3", "Honey cake, layer by layer #baking", "Пять минут до рассвета"];
    let caption = captions.iter().cycle().nth(usize::from(n)).unwrap();
    let due_at = week().period(&ZONE.parse::<Zone>().unwrap()).0.plus_seconds(days * 86_400 + 64_800);
    let post = Post {
        id: format!("01930000-0000-7000-8000-0000000003{n:02}").parse().unwrap(),
        due_at: Some(due_at),
        published_at: (state != PostState::Scheduled).then_some(due_at.plus_seconds(late_s)),
        tiktok_ids: if state == PostState::Published { vec![format!("75{n:02}888222333444555")] } else { Vec::new() },
        ..samples::post(state, PostContent { caption: (*caption).to_owned(), ..PostContent::default() })
    };
    let connection = if n.is_multiple_of(3) { other() } else { samples::connection() };
    PostRow { post, connection: Arc::new(connection), media: Some(Arc::new(samples::media(6_000))) }
}

fn known(row: &PostRow, views: Option<i64>, is_live: bool) -> PostNumbers {
    let counters = Counters { views, likes: views.map(|n| n / 12), comments: None, shares: Some(3) };
    PostNumbers { post_id: row.post.id, read_at: views.map(|_| samples::NOW), is_live, counters }
}

fn read(views: [Option<i64>; 7]) -> Numbers {
    let gained = |n: i64| Growth { views: Some(n), likes: Some(n / 12), comments: Some(n / 90), shares: None };
    Numbers { days: views.map(|it| it.map(gained)).to_vec() }
}

fn came(late_ms: &[i64], failed: usize) -> Came {
    Came { punctuality: Punctuality::of(late_ms.iter().copied()), out: late_ms.len(), failed, waiting: 0 }
}

/// A week with everything: gaps, a post nobody read, one that is out by a person's word, one in the inbox.
pub(super) fn full() -> Report {
    let rows = [
        (row(1, PostState::Published, 0, 2), Some(71_940), true),
        (row(2, PostState::Published, 1, 95), Some(1_204), false),
        (row(3, PostState::Published, 3, 1), None, true),
        (row(4, PostState::Published, 4, 1), Some(318), true),
        (row(5, PostState::InInbox, 5, 4), None, true),
    ];
    let out: Vec<(PostRow, Option<PostNumbers>)> = rows
        .into_iter()
        .map(|(row, views, live)| {
            let numbers = known(&row, views, live);
            (row, Some(numbers))
        })
        .collect();
    let confirmed = HashSet::from([out[3].0.post.id]);
    Report {
        query: ReportQuery { week: week(), connection: None },
        period: week().period(&ZONE.parse().unwrap()),
        connections: vec![samples::connection(), other()],
        out,
        is_cut: true,
        confirmed,
        has_posts: true,
        is_comparable: true,
        numbers: read([Some(9_120), Some(31_004), Some(8_812), Some(402), Some(12_230), Some(7_700), Some(2_194)]),
        before: read([Some(4_000), Some(6_200), Some(5_101), Some(5_020), Some(-12), Some(7_300), Some(8_800)]),
        best: vec![0, 1],
        followers: vec![Followers {
            connection: samples::connection(),
            first: Some(1_204),
            last: 1_317,
            read_at: samples::NOW,
        }],
        reliability: Reliability {
            all: came(&[2_000, 95_000, 1_000, 4_000], 1),
            before: came(&[900], 0),
            accounts: Vec::new(),
            reasons: vec![("frame-rate".to_owned(), 1)],
            is_cut: false,
        },
        planned: Some(vec![row(6, PostState::Scheduled, 8, 0), row(7, PostState::Scheduled, 9, 0)]),
        now: samples::NOW,
    }
}

fn empty() -> Report {
    Report {
        out: Vec::new(),
        is_cut: false,
        confirmed: HashSet::new(),
        has_posts: false,
        numbers: Numbers { days: vec![None; 7] },
        before: Numbers::default(),
        best: Vec::new(),
        followers: Vec::new(),
        reliability: Reliability {
            all: Came::default(),
            before: Came::default(),
            reasons: Vec::new(),
            ..full().reliability
        },
        planned: None,
        connections: vec![samples::connection()],
        ..full()
    }
}

fn drawn(name: &str, report: &Report, holds: impl Fn(&str)) {
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, ZONE, samples::NOW);
        let frame = &frame.clone().at(Nav::Analytics);
        let page = report_page(&ReportPage { frame, report, when: &when });
        check::kept(name, frame.locale, &page.0);
        holds(&page.0);
        page
    });
}

#[test]
fn a_report_reads_well_full_and_empty_in_every_language() {
    let report = full();
    drawn("report", &report, |html| {
        assert!(html.contains("href=\"https://www.tiktok.com/@kitchen.at.home/video/7501888222333444555\""));
        assert!(html.contains("Harbour &lt;&amp;&gt;") && html.contains("/reports/2026-W47/file"));
        assert_eq!(html.matches("class=\"past\"").count(), 7);
        assert!(html.contains("+96%"), "71,462 against 36,409 of a week read as well");
        assert!(html.contains("79") && !html.contains("NaN"));
    });
    drawn("report-empty", &empty(), |html| assert!(html.contains("class=\"empty\"")));
}

#[test]
fn days_that_were_not_read_are_said_and_nothing_is_compared_with_them() {
    let gaps = read([Some(9_120), None, Some(8_812), None, None, Some(7_700), Some(2_194)]);
    drawn("report-gaps", &Report { numbers: gaps.clone(), ..full() }, |html| {
        assert!(!html.contains('%') || !html.contains("+96%"), "{html}");
        assert!(html.contains("4 of 7") || html.contains("4 из 7"));
        assert_eq!(html.matches("class=\"gap\"").count(), 3);
    });
    drawn("report-gaps-before", &Report { before: gaps, ..full() }, |html| assert!(!html.contains("+96%")));
    drawn("report-other-accounts", &Report { is_comparable: false, ..full() }, |html| assert!(!html.contains("+96%")));
    let mut once = full();
    once.followers[0].first = None;
    once.followers[0].last = 4_321;
    drawn("report-followers-once", &once, |html| {
        assert!(!html.contains("(0)") && html.contains("321</b>"), "no growth is known")
    });
    let running = Report { period: (samples::NOW, samples::NOW.plus_seconds(1)), ..full() };
    drawn("report-running", &running, |html| assert!(!html.contains("+96%"), "a part of a week is compared with none"));
    drawn("report-no-numbers", &Report { has_posts: false, best: Vec::new(), ..full() }, |html| {
        assert!(!html.contains("week-chart") && !html.contains("31,004"));
    });
}

/// Links in every state: named and opened, without a name, of an account, past its day.
fn links() -> Vec<ReportLink> {
    let link = |n: u8, name: &str, week: Option<Week>, days: i64, opens: i64| ReportLink {
        id: format!("01930000-0000-7000-8000-0000000005{n:02}").parse().unwrap(),
        workspace_id: samples::connection().workspace_id,
        person_id: "01930000-0000-7000-8000-00000000000a".parse().unwrap(),
        name: name.to_owned(),
        connection_id: (n == 2).then(|| other().id),
        week,
        created_at: samples::NOW,
        expires_at: samples::NOW.plus_seconds(days * 86_400),
        opens,
        opened_at: (opens > 0).then_some(samples::NOW),
    };
    vec![
        link(1, "For the <bakery>", None, 30, 12),
        link(2, "", Some(week()), 7, 0),
        link(3, "Old one", Some(week()), -3, 1),
    ]
}

#[test]
fn pp_4_4_a_shared_report_leads_nowhere_but_to_tiktok_and_shows_no_form() {
    for l in Locale::ALL {
        let word = "w".repeat(43);
        let frame = Frame::public(l, Theme::System, &format!("/r/{word}"));
        let when = When::new(l, ZONE, samples::NOW);
        let (link, locale, time_zone) = (links().remove(0), l.tag().to_owned(), ZONE.to_owned());
        let mut report = full();
        report.out[0].0.post.content.caption = String::new();
        report.out[1].0.post.published_at = Some(samples::NOW);
        let file = report.out[0].0.media.as_ref().unwrap().file_name.clone();
        let shared = Shared { link, report, locale, time_zone };
        let page = shared::report(&SharedPage { frame: &frame, shared: &shared, word: &word, when: &when }).0;
        check::page(l, &page);
        check::kept("report-shared", l, &page);
        assert!(!page.contains(&file) && page.contains(&t!(l, "queue-untitled")), "files have private names");
        assert!(!page.contains("today, ") && !page.contains("сегодня, "), "a print is read on other days");
        assert!(page.contains(&t!(l, "report-cut-shared", n = POSTS)) && !page.contains("XLSX"));
        assert!(page.contains(&format!("/r/{word}/pictures/")) && page.contains("For the &lt;bakery&gt;"));
        for link in page.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let allowed = ["https://www.tiktok.com/@", "/assets/", "#main", &format!("/r/{word}?lang=")];
            assert!(allowed.iter().any(|start| link.starts_with(start)), "{link}");
        }
        assert!(!page.contains("<form") && !page.contains("/media/") && !page.contains("/posts/"), "{page}");
        let closed = shared::nothing(&frame).0;
        check::page(l, &closed);
        check::kept("report-closed", l, &closed);
    }
}

#[test]
fn a_new_link_is_shown_with_a_button_that_copies_it() {
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, ZONE, samples::NOW);
        let link = links().remove(1);
        let url = "https://demo.example/r/abc";
        let page = share::made_page(&MadePage { frame, link: &link, url, back: "/reports/2026-W47", when: &when });
        check::kept("report-made", frame.locale, &page.0);
        assert!(page.0.contains(&format!("data-copy=\"{url}\"")));
        page
    });
}

#[test]
fn the_list_reads_well_with_and_without_weeks() {
    let rows =
        [(47, 0, None, 0), (46, 12, Some(71_462), 7), (44, 1, Some(-3), 2)].map(|(n, posts, views, days_read)| {
            WeekRow { week: format!("2026-W{n}").parse().unwrap(), posts, views, days_read }
        });
    let full = Weeks { rows: rows.to_vec(), older: Some("2025-W50".parse().unwrap()) };
    let none = Weeks { rows: Vec::new(), older: None };
    let gone = Weeks { rows: Vec::new(), older: full.older };
    for (name, weeks) in [("reports", &full), ("reports-none", &none), ("reports-gone", &gone)] {
        check::in_every_language(|frame| {
            let frame = &frame.clone().at(Nav::Analytics);
            let connections = [samples::connection(), other()];
            let account = Some(other().id);
            let when = When::new(frame.locale, ZONE, samples::NOW);
            let page = list_page(&ListPage {
                links: &links(),
                when: &when,
                frame,
                weeks,
                running: week(),
                is_newest: false,
                connections: &connections,
                account,
            });
            check::kept(name, frame.locale, &page.0);
            assert_eq!(page.0.contains("newest=2025-W50"), weeks.older.is_some());
            page
        });
    }
}
