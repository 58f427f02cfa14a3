//! The board as markup: head, filters, tabs of a narrow screen, columns. Owns their order; a card is in `card`, its panel in `panel`.

use app::board::{BoardView, COLUMN_CARDS, COLUMN_MAX, Column};
use domain::board::{IDEA_MAX_UTF16, Stage};
use domain::id::IdeaId;
use maud::{Markup, html};

use super::card;
use super::moving::Undo;
use super::panel::Panel;
use super::place::Place;
use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::labels::part::filter;
use crate::pages::post::beside::Refused;
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Choice, Does, Frame, Head, Icon, Key, Notice, SelectField, TextArea, Tone, When, app_page, button,
    link_button, notice, page_head, select_field, shortcuts, text_area,
};

/// Longest title cut from a text, characters.
const TITLE_MAX: usize = 60;

/// An idea that was typed and not taken.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The text.
    pub words: String,
    /// The account's id, or nothing.
    pub account: String,
    /// Which idea was to be changed; none for a new one.
    pub of: Option<IdeaId>,
    /// Another window worded it meanwhile: what it says there is shown beside what was typed here.
    pub is_outdated: bool,
}

/// The board.
pub struct BoardPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub view: &'a BoardView,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// Which part.
    pub place: &'a Place,
    /// The card that is looked at closely.
    pub panel: Option<&'a Panel>,
    /// The move that can be taken back.
    pub undo: Option<&'a Undo>,
    /// What was typed and not taken.
    pub typed: Option<&'a Typed>,
    /// Why something was not done.
    pub said: Option<&'a str>,
    /// What was typed beside the card that is looked at closely, and not taken.
    pub beside: Option<&'a Refused>,
}

/// What a column is called.
#[must_use]
pub fn stage_word(l: Locale, stage: Stage) -> String {
    match stage {
        Stage::Ideas => t!(l, "board-ideas"),
        Stage::Drafts => t!(l, "board-drafts"),
        Stage::Ready => t!(l, "board-ready"),
        Stage::Scheduled => t!(l, "board-scheduled"),
    }
}

/// The first line of a text, cut.
#[must_use]
pub fn first_words(l: Locale, text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(|| t!(l, "queue-untitled"), |line| line.chars().take(TITLE_MAX).collect())
}

/// The whole page.
#[must_use]
pub fn board_page(page: &BoardPage<'_>) -> Markup {
    let l = page.frame.locale;
    let head = Head { title: t!(l, "nav-board"), script: Some(Asset::Board), ..Head::default() };
    let content = html! {
        div.stack.loose id="board" data-board=(page.place.address())
            data-text-lifted=(t!(l, "board-lifted")) data-text-dropped=(t!(l, "board-dropped")) data-text-spot=(t!(l, "board-spot"))
            data-text-plan=(t!(l, "board-spot-plan")) data-text-file=(t!(l, "board-spot-file")) data-text-stays=(t!(l, "board-keeps-file-short")) {
            (page_head(&t!(l, "nav-board"), Some(&t!(l, "board-lede")), samples(page).as_ref()))
            @if let Some(words) = page.said { (notice(&Notice { tone: Tone::Warn, what: words, urgent: true, ..Notice::default() })) }
            @if let Some(undo) = page.undo { (undo.draw(page)) }
            (board_body(page))
            @if let Some(panel) = page.panel { (panel.draw(page)) }
            p.muted.cal-hint { (t!(l, "board-hint")) }
        }
        (shortcuts(l, &keys(l)))
        div.vh role="status" aria-live="assertive" id="board-say" {}
    };
    app_page(page.frame, head, &content)
}

/// Samples on an empty board, and the way to be rid of them.
fn samples(page: &BoardPage<'_>) -> Option<Markup> {
    let l = page.frame.locale;
    let one = |action: &str, label: String| {
        html! { form method="post" action=(action) { (button(&Button { label: &label, small: true, ..Button::default() })) } }
    };
    if page.view.has_samples {
        return Some(one("/samples/remove", t!(l, "samples-remove")));
    }
    let is_empty = page.view.columns.iter().all(|column| column.total == 0);
    let is_all = page.place.account.is_none() && page.place.label.is_none();
    (is_empty && is_all).then(|| one("/samples", t!(l, "guide-samples")))
}

/// Keys of this page, besides those that move a focused card.
fn keys(l: Locale) -> [Key; 3] {
    let cards = ".board [data-card] a.ev-open";
    [
        Key { key: "i", words: t!(l, "board-idea-new"), does: Does::Focuses("#idea-new") },
        Key { key: "j", words: t!(l, "keys-next-post"), does: Does::Next(cards) },
        Key { key: "k", words: t!(l, "keys-previous-post"), does: Does::Previous(cards) },
    ]
}

/// What is fetched again when something changes.
#[must_use]
pub fn board_body(page: &BoardPage<'_>) -> Markup {
    let l = page.frame.locale;
    let url = format!("/board/body?{}", page.place.query());
    html! {
        div.stack id="board-body" hx-get=(url) hx-trigger="post from:#live, connections from:#live" hx-target="this" hx-swap="outerMorph" {
            (filters(page))
            @if page.view.attention > 0 {
                (notice(&Notice {
                    tone: Tone::Warn,
                    what: &t!(l, "board-attention", n = page.view.attention),
                    actions: Some(link_button("/queue", &Button { label: &t!(l, "board-attention-look"), small: true, ..Button::default() })),
                    ..Notice::default()
                }))
            }
            nav.segmented.board-tabs aria-label=(t!(l, "board-columns")) {
                @for column in &page.view.columns {
                    a href=(page.place.on(column.stage).address()) data-drop=(column.stage.as_str())
                        aria-current=[(column.stage == page.place.column).then_some("true")] {
                        (stage_word(l, column.stage)) " " span.tnum { (column.total) }
                    }
                }
            }
            div.board { @for column in &page.view.columns { (draw_column(page, column)) } }
        }
    }
}

fn draw_column(page: &BoardPage<'_>, column: &Column) -> Markup {
    let l = page.frame.locale;
    let (stage, shown) = (column.stage, column.cards.len());
    let id = format!("column-{}", stage.as_str());
    let hint = match stage {
        Stage::Ideas => t!(l, "board-ideas-none"),
        Stage::Drafts => t!(l, "board-drafts-none"),
        Stage::Ready => t!(l, "board-ready-none"),
        Stage::Scheduled => t!(l, "board-scheduled-none"),
    };
    html! {
        section.board-col aria-labelledby=(id) data-drop=(stage.as_str()) data-words=(stage_word(l, stage)) data-now=[(stage == page.place.column).then_some("")] {
            header { h2 id=(id) { (stage_word(l, stage)) } span.count.tnum { (column.total) } }
            @if stage == Stage::Ideas { (new_idea(page)) }
            div.board-cards {
                @for one in &column.cards { (card::draw(page, stage, one)) }
                @if column.cards.is_empty() { p.hint.board-none { (hint) } }
            }
            @if shown < column.total && shown < COLUMN_MAX {
                @let more = page.place.more(stage);
                a.ev-more href=(more.address()) { (show_more(l, column.total.saturating_sub(shown))) span.vh { ": " (stage_word(l, stage)) } }
            }
            @if shown >= COLUMN_MAX && shown < column.total { p.hint { (t!(l, "board-too-many", n = column.total.saturating_sub(shown))) } }
        }
    }
}

/// How many cards one press shows, and how many there are besides.
fn show_more(l: Locale, rest: usize) -> String {
    if rest <= COLUMN_CARDS {
        return t!(l, "board-show-rest", n = rest);
    }
    t!(l, "board-show-more", step = COLUMN_CARDS, n = rest)
}

/// The account of an idea: none is a choice.
pub(super) fn account_field(page: &BoardPage<'_>, id: &str, chosen: &str) -> Markup {
    let l = page.frame.locale;
    let none = t!(l, "board-idea-any-account");
    let ids: Vec<String> = page.view.connections.iter().map(|connection| connection.id.to_string()).collect();
    let mut choices = vec![Choice { value: "", label: &none, ..Choice::default() }];
    choices.extend(ids.iter().zip(&page.view.connections).map(|(id, connection)| Choice {
        value: id,
        label: &connection.display_name,
        ..Choice::default()
    }));
    select_field(&SelectField {
        id,
        name: "account",
        label: &t!(l, "board-idea-account"),
        choices: &choices,
        selected: Some(chosen),
        ..SelectField::default()
    })
}

fn new_idea(page: &BoardPage<'_>) -> Markup {
    let l = page.frame.locale;
    let typed = page.typed.filter(|typed| typed.of.is_none());
    let filtered = page.place.account.map(|id| id.to_string()).unwrap_or_default();
    html! {
        // What is being typed, or was refused, stays when the rest is fetched again.
        form.stack.tight.idea-new method="post" action=(format!("/board/ideas?{}", page.place.query())) data-move="" hx-morph-skip="" {
            // Sent twice, because an answer was lost, it is written down once.
            input type="hidden" name="id" value=(page.view.next_idea);
            (text_area(&TextArea {
                id: "idea-new", name: "words", label: &t!(l, "board-idea-new"), value: typed.map_or("", |typed| typed.words.as_str()),
                limit_utf16: IDEA_MAX_UTF16, rows: 2, error: typed.and(page.said), ..TextArea::default()
            }))
            @if page.view.connections.len() > 1 {
                (account_field(page, "idea-new-account", typed.map_or(filtered.as_str(), |typed| typed.account.as_str())))
            }
            div { (button(&Button { label: &t!(l, "board-idea-add"), small: true, icon: Some(Icon::Plus), ..Button::default() })) }
        }
    }
}

/// Accounts and labels to see alone.
fn filters(page: &BoardPage<'_>) -> Markup {
    let (l, place) = (page.frame.locale, page.place);
    let of = |account| Place { account, ..place.clone() }.address();
    html! {
        div.cal-filters {
            @if page.view.connections.len() > 1 {
                nav.row.tight aria-label=(t!(l, "nav-connections")) {
                    a.acc-chip href=(of(None)) aria-current=[place.account.is_none().then_some("true")] { (t!(l, "calendar-all-accounts")) }
                    @for connection in &page.view.connections {
                        @let picture = avatar::address(connection);
                        a.acc-chip data-flavour=(connection.flavour.as_str()) href=(of(Some(connection.id)))
                            aria-current=[(place.account == Some(connection.id)).then_some("true")] {
                            (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: picture.as_deref() }, Size::Small))
                            (connection.display_name)
                        }
                    }
                }
            }
            (filter(l, &page.view.labels, place.label, |label| Place { label, ..place.clone() }.address()))
            @if page.view.labels.is_empty() { a href="/labels" { (t!(l, "labels-manage")) } }
        }
    }
}
