//! The board from samples, in both languages: cards, what hinders them, the panel, the way back.

use std::sync::Arc;

use app::board::{BoardView, Card, Column, IdeaCard, PostCard};
use app::queue::PostRow;
use domain::board::Stage;
use domain::post::{PostContent, PostState};
use domain::rules::Problem;
use store::idea::Idea;

use super::moving::Undo;
use super::panel::Panel;
use super::place::{Asked, Place};
use super::view::{BoardPage, Typed, board_page};
use crate::pages::{check, samples};
use crate::ui::{Frame, When};

fn idea() -> Idea {
    let of = samples::connection();
    Idea {
        id: of.id.to_string().parse().unwrap(),
        workspace_id: of.workspace_id,
        person_id: of.workspace_id.to_string().parse().unwrap(),
        connection_id: Some(of.id),
        words: "Milk <at> dawn\nand a cat".to_owned(),
        labels: vec![samples::labels()[0].id],
        place: "0193".to_owned(),
        is_sample: true,
        at: samples::NOW,
    }
}

fn card(n: u8, state: PostState) -> PostCard {
    let content = PostContent { caption: "Morning & <coffee>".to_owned(), ..PostContent::default() };
    let post = samples::post(state, content);
    PostCard {
        row: PostRow {
            post: store::Post { id: format!("00000000-0000-0000-0000-0000000005{n:02}").parse().unwrap(), ..post },
            connection: Arc::new(samples::connection()),
            media: Some(Arc::new(samples::media(15_000))),
        },
        labels: samples::labels(),
        note: Some("Ask Anna\nfirst".to_owned()),
        hinders: vec![Problem::PrivacyMissing, Problem::MediaRejected, Problem::ReconnectNeeded],
        is_timeless: true,
        is_sample: true,
    }
}

fn view() -> BoardView {
    let labels = samples::labels()[..1].to_vec();
    let sample = IdeaCard { idea: idea(), connection: Some(Arc::new(samples::connection())), labels };
    let post = |n, state| vec![Card::Post(Box::new(card(n, state)))];
    BoardView {
        columns: vec![
            Column { stage: Stage::Ideas, total: 7, cards: vec![Card::Idea(sample)] },
            Column { stage: Stage::Drafts, total: 1, cards: post(1, PostState::Draft) },
            Column { stage: Stage::Ready, total: 1, cards: post(2, PostState::Draft) },
            Column { stage: Stage::Scheduled, total: 1, cards: post(3, PostState::Scheduled) },
        ],
        labels: samples::labels(),
        connections: vec![samples::connection()],
        attention: 2,
        has_samples: true,
        next_idea: idea().id,
        now: samples::NOW,
    }
}

fn place() -> Place {
    Asked::default().place()
}

fn page<'a>(frame: &'a Frame, view: &'a BoardView, when: &'a When, place: &'a Place) -> BoardPage<'a> {
    BoardPage { frame, view, when, place, panel: None, undo: None, typed: None, said: None, beside: None }
}

#[test]
fn cards_tell_what_there_is_and_what_hinders_them_and_nothing_of_them_is_markup() {
    let (view, place) = (view(), place());
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
        let html = board_page(&page(frame, &view, &when, &place));
        for there in
            ["Milk &lt;at&gt; dawn", "Morning &amp; &lt;coffee&gt;", "Ask Anna", "Milk &amp; &lt;honey&gt;", "ideas=80"]
        {
            assert!(html.0.contains(there), "{there}");
        }
        assert!(!html.0.contains("first</"), "only the first line of a note stands on a card");
        html
    });
    let empty = BoardView {
        columns: Stage::ALL.map(|stage| Column { stage, total: 0, cards: Vec::new() }).to_vec(),
        labels: Vec::new(),
        connections: Vec::new(),
        attention: 0,
        ..view
    };
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "UTC", samples::NOW);
        board_page(&page(frame, &empty, &when, &place))
    });
}

#[test]
fn a_card_has_every_way_without_a_script() {
    let (view, place) = (view(), place());
    for (panel, ways) in [
        (Panel::Idea(idea()), ["/compose?idea=", "/delete?", "/labels"]),
        (Panel::Post(Stage::Drafts, Box::new(card(1, PostState::Draft))), ["value=\"ready\"", "#date", "/note"]),
        (Panel::Post(Stage::Ready, Box::new(card(2, PostState::Draft))), ["value=\"drafts\"", "#date", "/labels"]),
        (
            Panel::Post(Stage::Scheduled, Box::new(card(3, PostState::Scheduled))),
            ["value=\"drafts\"", "value=\"ready\"", "/labels"],
        ),
    ] {
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", samples::NOW);
            let html = board_page(&BoardPage { panel: Some(&panel), ..page(frame, &view, &when, &place) });
            for way in ways {
                assert!(html.0.contains(way), "{way}");
            }
            html
        });
    }
}

#[test]
fn a_move_can_be_taken_back_and_what_was_refused_still_stands_there() {
    let (view, place) = (view(), place());
    for undo in &Undo::samples(&card(2, PostState::Draft).row.post) {
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", samples::NOW);
            board_page(&BoardPage { undo: Some(undo), ..page(frame, &view, &when, &place) })
        });
    }
    let typed = Typed { words: "Half <a> thought".to_owned(), account: String::new(), of: None, is_outdated: false };
    check::in_every_language(|frame| {
        let when = When::new(frame.locale, "UTC", samples::NOW);
        let refused = BoardPage { typed: Some(&typed), said: Some("Too long."), ..page(frame, &view, &when, &place) };
        let html = board_page(&refused);
        assert!(html.0.contains("Half &lt;a&gt; thought</textarea>") && html.0.contains("aria-invalid"));
        html
    });
}
