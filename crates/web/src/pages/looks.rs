//! Pages drawn from samples with fixed times, in both languages: those that no other test draws, and those of which pictures are taken.
//! Owns the scenes; what a page must satisfy is in `check`.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use app::connections::ConnectionView;
use app::history::HistoryPage;
use app::queue::{PostRow, QUEUE_ROWS, QueueView};
use app::sessions::SessionView;
use domain::connection::ConnectionState;
use domain::post::{PostContent, PostState};
use domain::schedule::{LocalTime, Zone};
use maud::Markup;
use store::{Connection, Post, PostProblem, Rhythm};

use super::compose::start::{StartPage, start_page};
use super::connections::{ConnectionsPage, connections_page};
use super::history::Asked;
use super::history::view::{HistoryView, history_page};
use super::queue::view::{QueuePage, queue_page};
use super::settings::{SettingsPage, settings_page};
use super::{check, samples};
use crate::locale::Locale;
use crate::ui::{Frame, Nav, Theme, When};

const ZONE: &str = "Europe/Berlin";
const CAPTIONS: [&str; 6] = [
    "Honey cake, layer by layer #baking",
    "Пять минут до рассвета: гавань просыпается",
    "What a barista does before you wake up",
    "Три способа сварить яйцо, о которых молчат",
    "Studio tour: every cable has a name",
    "A walk along the river, one take",
];

/// Draws a page signed in, in both languages, checks it and keeps it for the pictures.
fn drawn(name: &str, nav: Nav, draw: impl Fn(&Frame, &When) -> Markup) {
    for locale in Locale::ALL {
        let frame = Frame::sample(locale, Theme::System, nav);
        let html = draw(&frame, &When::new(locale, ZONE, samples::NOW)).into_string();
        check::page(locale, &html);
        check::kept(name, locale, &html);
    }
}

fn second() -> Connection {
    Connection {
        id: "01930000-0000-7000-8000-000000000002".parse().unwrap(),
        display_name: "Harbour".to_owned(),
        username: Some("harbour".to_owned()),
        state: ConnectionState::ReconnectNeeded,
        avatar_sha256: None,
        ..samples::connection()
    }
}

/// The n-th post of the scene: which caption, how many minutes from now, in which state.
fn row(n: u8, minutes: i64, state: PostState) -> PostRow {
    let caption = CAPTIONS.iter().cycle().nth(usize::from(n)).unwrap();
    let at = samples::NOW.plus_seconds(minutes * 60);
    let content = PostContent { caption: (*caption).to_owned(), ..PostContent::default() };
    let problem = matches!(state, PostState::Failed).then(|| PostProblem {
        code: "frame-rate".to_owned(),
        tiktok_code: None,
        log_id: None,
        detail: None,
        at,
    });
    let post = Post {
        id: format!("01930000-0000-7000-8000-0000000001{n:02}").parse().unwrap(),
        due_at: (state != PostState::Draft).then_some(at),
        published_at: (state == PostState::Published).then_some(at),
        updated_at: samples::NOW.plus_seconds(minutes.min(0) * 60),
        problem,
        ..samples::post(state, content)
    };
    let connection = if n.is_multiple_of(3) { second() } else { samples::connection() };
    PostRow { post, connection: Arc::new(connection), media: Some(Arc::new(samples::media(6_000))) }
}

#[test]
fn the_queue_is_whole_in_every_language_full_and_empty() {
    let full = QueueView {
        attention: vec![row(9, -300, PostState::Failed)],
        attention_total: 23,
        upcoming: vec![
            row(1, 45, PostState::Scheduled),
            row(2, 200, PostState::Scheduled),
            row(4, 1_500, PostState::Scheduled),
            row(5, 1_700, PostState::Scheduled),
            row(7, 4_000, PostState::Scheduled),
        ],
        more: true,
        resting: vec![row(6, -400, PostState::Scheduled)],
        resting_total: 22,
        borne: HashMap::new(),
        done_today: vec![row(3, -90, PostState::Published)],
        drafts: vec![row(8, 0, PostState::Draft)],
        connections: vec![samples::connection(), second()],
        delayed: HashMap::new(),
        paused: vec![(samples::connection(), samples::NOW.plus_seconds(-3_600))],
        next_slots: vec![(samples::connection(), samples::NOW.plus_seconds(86_400))],
        late: None,
        labels: Vec::new(),
        now: samples::NOW,
    };
    let empty = QueueView {
        attention: Vec::new(),
        attention_total: 0,
        upcoming: Vec::new(),
        more: false,
        resting: Vec::new(),
        resting_total: 0,
        done_today: Vec::new(),
        drafts: Vec::new(),
        connections: vec![samples::connection()],
        paused: Vec::new(),
        next_slots: Vec::new(),
        ..full.clone()
    };
    let zone: Zone = ZONE.parse().unwrap();
    for (name, view) in [("queue", &full), ("queue-empty", &empty)] {
        drawn(name, Nav::Queue, |frame, when| {
            queue_page(&QueuePage {
                frame,
                view,
                when,
                zone: &zone,
                name: "Anna",
                rows: QUEUE_ROWS,
                label: None,
                guide: None,
            })
        });
    }
}

#[test]
fn the_history_is_whole_in_every_language_full_and_empty() {
    let rows = vec![
        row(1, -60, PostState::Published),
        row(2, -200, PostState::InInbox),
        row(3, -900, PostState::Failed),
        row(4, -3_000, PostState::Cancelled),
    ];
    let next = rows.last().map(|row| (row.post.updated_at, row.post.id));
    let notes = rows.first().map(|row| (row.post.id, "Ask Boris about the music\nand the cut".to_owned()));
    let empty = HistoryPage {
        rows: Vec::new(),
        next: None,
        notes: HashMap::new(),
        labels: HashMap::new(),
        around: HashMap::new(),
        confirmed: std::collections::HashSet::new(),
        looked_back_to: None,
    };
    let full = HistoryPage { rows, next, notes: notes.into_iter().collect(), ..empty.clone() };
    let connections = [samples::connection(), second()];
    for (name, page) in [("history", &full), ("history-empty", &empty)] {
        drawn(name, Nav::History, |frame, when| {
            history_page(&HistoryView {
                frame,
                page,
                asked: &Asked::default(),
                connections: &connections,
                labels: &[],
                views: &[],
                is_label_gone: false,
                refused: None,
                when,
            })
        });
    }
}

#[test]
fn the_accounts_are_whole_in_every_language_in_every_state() {
    let view = |connection: Connection, waiting_posts| ConnectionView {
        rhythm: Rhythm::none(connection.id),
        access_expires_at: Some(samples::NOW.plus_seconds(80_000)),
        refresh_expires_at: Some(samples::NOW.plus_seconds(300 * 86_400)),
        waiting_posts,
        erased_from: (connection.state == ConnectionState::Disconnected).then(|| samples::NOW.plus_seconds(600_000)),
        connection,
    };
    let gone = Connection {
        id: "01930000-0000-7000-8000-000000000003".parse().unwrap(),
        state: ConnectionState::Disconnected,
        ..samples::connection()
    };
    let views = [view(samples::connection(), 12), view(second(), 0), view(gone, 1)];
    for (name, views) in [("connections", views.as_slice()), ("connections-empty", &[])] {
        drawn(name, Nav::Connections, |frame, when| {
            connections_page(&ConnectionsPage { frame, views, app: app::settings::TikTokApp::Unsaid, when })
        });
    }
}

#[test]
fn the_settings_are_whole_in_every_language() {
    let session = |device: &str, is_current| SessionView {
        id: "01930000-0000-7000-8000-000000000004".parse().unwrap(),
        device: device.to_owned(),
        ip: "203.0.113.7".to_owned(),
        created_at: samples::NOW.plus_seconds(-900_000),
        last_seen_at: samples::NOW.plus_seconds(-60),
        expires_at: samples::NOW.plus_seconds(900_000),
        is_current,
    };
    let sessions = [session("Firefox, Linux", true), session("Safari, iPhone", false)];
    let zones = ["Europe/Berlin".to_owned(), "Europe/Moscow".to_owned()];
    drawn("settings", Nav::Settings, |frame, when| {
        let (leaving, push, session) = (None, None, "01930000-0000-7000-8000-000000000004".parse().unwrap());
        settings_page(&SettingsPage {
            frame,
            time_zone: ZONE,
            zones: &zones,
            sessions: &sessions,
            leaving,
            push,
            session,
            wish: domain::report::Wish::Off,
            guide_hidden: false,
            when,
        })
    });
}

#[test]
fn the_page_before_the_post_page_is_whole_in_every_language_with_files_and_without() {
    let (files, accounts) = ([samples::media(6_000), samples::picture(3)], [samples::connection(), second()]);
    let at: LocalTime = "2026-12-24T18:30".parse().unwrap();
    for (name, media, connections) in [
        ("start", files.as_slice(), accounts.as_slice()),
        ("start-no-files", &[], &accounts),
        ("start-no-account", &[], &[]),
    ] {
        drawn(name, Nav::NewPost, |frame, _| {
            start_page(&StartPage {
                frame,
                media,
                connections,
                picked: &[],
                at: Some(at),
                account: None,
                idea: None,
                errors: Vec::new(),
                fits: &[],
                can_fit: true,
                can_give_photos: true,
                now: samples::NOW,
            })
        });
    }
}
