//! A card of the board: what it says, for whom, its labels, note and time. Owns its looks; what can be done with it is in the panel.

use app::board::{Card, IdeaCard, PostCard};
use app::posts::ClockSays;
use domain::board::Stage;
use maud::{Markup, html};

use super::moving::planning;
use super::place::CardId;
use super::view::{BoardPage, first_words};
use crate::pages::labels::part::chips;
use crate::pages::queue::view::{measure, thumbnail, title};
use crate::ui::account::{Face, Size, face};
use crate::ui::{Icon, Thumb, icon, thumb};
use crate::words;

/// Hindrances that a card names; the panel has them all.
const HINDERS_SHOWN: usize = 2;

/// The address of the board with a card's panel.
pub(super) fn close_look(page: &BoardPage<'_>, card: CardId) -> String {
    format!("{}&card={card}#card", page.place.address())
}

/// One card.
#[must_use]
pub fn draw(page: &BoardPage<'_>, stage: Stage, card: &Card) -> Markup {
    match card {
        Card::Idea(card) => idea(page, card),
        Card::Post(card) => post(page, stage, card),
    }
}

fn idea(page: &BoardPage<'_>, card: &IdeaCard) -> Markup {
    let l = page.frame.locale;
    let (id, name) = (CardId::Idea(card.idea.id), first_words(l, &card.idea.words));
    let flavour = card.connection.as_ref().map(|connection| connection.flavour.as_str());
    html! {
        article.ev.bcard.is-idea id=(format!("card-{}", card.idea.id)) data-flavour=[flavour] data-card=(id) data-title=(name) {
            a.ev-open href=(close_look(page, id)) aria-keyshortcuts="M" {
                span.ev-t { (card.idea.words) }
                @if let Some(connection) = &card.connection {
                    span.ev-who { (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: None }, Size::Small)) (connection.display_name) }
                }
                @if card.idea.is_sample { span.ev-who { (icon(Icon::Info)) (t!(l, "board-sample")) } }
                (chips(l, &card.labels))
            }
        }
    }
}

fn post(page: &BoardPage<'_>, stage: Stage, card: &PostCard) -> Markup {
    let l = page.frame.locale;
    let (row, post) = (&card.row, &card.row.post);
    let (id, name) = (CardId::Post(post.id), title(l, row));
    let picture = thumbnail(row);
    let length = measure(l, row);
    let href = match stage {
        Stage::Scheduled => format!("/posts/{}", post.id),
        Stage::Ideas | Stage::Drafts | Stage::Ready => planning(post).trim_end_matches("#date").to_owned(),
    };
    html! {
        article.ev.bcard id=(format!("card-{}", post.id)) data-flavour=(row.connection.flavour.as_str()) data-card=(id)
            data-revision=(post.revision) data-title=(name) data-plan=(planning(post)) {
            a.ev-open href=(href) aria-keyshortcuts="M" {
                (thumb(&Thumb { url: picture.as_deref(), duration: length.as_deref(), ..Thumb::default() }))
                span.bcard-words {
                    span.ev-t { (name) }
                    span.ev-who { (face(&Face { name: &row.connection.display_name, flavour: row.connection.flavour, picture: None }, Size::Small)) (row.connection.display_name) }
                    @if card.is_sample { span.ev-who { (icon(Icon::Info)) (t!(l, "board-sample")) } }
                    @if let Some(due_at) = post.due_at { b { (icon(Icon::Clock)) time datetime=(page.when.iso(due_at)) { (page.when.moment(due_at)) } } }
                    @else if let Some(at) = ClockSays::of(post).at() { span.ev-who { (icon(Icon::Clock)) (t!(l, "board-time-meant", at = page.when.moment(at))) } }
                    @if let Some(note) = &card.note { span.ev-who.bcard-note { (icon(Icon::Comment)) span.vh { (t!(l, "note-title")) ": " } (note.lines().next().unwrap_or_default()) } }
                    (chips(l, &card.labels))
                    @if stage == Stage::Ready { (hinders(page, card, HINDERS_SHOWN)) }
                }
            }
            a.ev-move href=(close_look(page, id)) title=(t!(l, "board-more"))
                aria-label=(t!(l, "board-more-what", title = name.as_str())) { (icon(Icon::More)) }
        }
    }
}

/// What still hinders a post that is called ready, in words; or that nothing does.
pub(super) fn hinders(page: &BoardPage<'_>, card: &PostCard, shown: usize) -> Markup {
    let l = page.frame.locale;
    let mut all: Vec<String> = card.hinders.iter().map(|problem| words::problem(l, page.when, problem)).collect();
    if card.is_timeless {
        all.push(t!(l, "board-no-time"));
    }
    let rest = all.len().saturating_sub(shown);
    html! {
        @if all.is_empty() {
            span.ev-who.is-fine { (icon(Icon::Check)) (t!(l, "board-nothing-hinders")) }
        } @else {
            @for words in all.iter().take(shown) { span.ev-who.bcard-hinders { (icon(Icon::Alert)) (words) } }
            @if rest > 0 { span.ev-who { (t!(l, "board-hinders-more", n = rest)) } }
        }
    }
}
