//! A card looked at closely: its words, note, labels, and every column it can go to, by buttons that need no script. Owns the panel's order.

use app::board::PostCard;
use domain::board::{IDEA_MAX_UTF16, Stage};
use maud::{Markup, html};
use store::idea::Idea;

use super::card::hinders;
use super::moving::{action, beginning, planning};
use super::place::CardId;
use super::view::{BoardPage, account_field, first_words, stage_word};
use crate::error::WebError;
use crate::pages::labels::part::{Giving, form as labelling};
use crate::pages::post::beside::Refused;
use crate::pages::post::note;
use crate::pages::queue::view::title;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Icon, Kind, TextArea, button, link_button, text_area};

/// What is looked at.
pub enum Panel {
    /// An idea.
    Idea(Idea),
    /// A post, and the column it stands in.
    Post(Stage, Box<PostCard>),
}

impl Panel {
    /// The panel of a card.
    ///
    /// # Errors
    /// When it is not theirs, or on the board no longer.
    pub async fn of(state: &WebState, me: &SignedIn, card: CardId) -> Result<Self, WebError> {
        Ok(match card {
            CardId::Idea(id) => Self::Idea(state.app.idea(&me.actor, id).await?),
            CardId::Post(id) => {
                let (stage, card) = state.app.board_card(&me.actor, id).await?;
                Self::Post(stage, Box::new(card))
            }
        })
    }

    /// Its markup.
    #[must_use]
    pub fn draw(&self, page: &BoardPage<'_>) -> Markup {
        let l = page.frame.locale;
        let (card, name) = match self {
            Self::Idea(idea) => (CardId::Idea(idea.id), first_words(l, &idea.words)),
            Self::Post(_, card) => (CardId::Post(card.row.post.id), title(l, &card.row)),
        };
        let next = format!("{}&card={card}#card", page.place.address());
        html! {
            section.card.stack.move-panel.board-panel id="card" tabindex="-1" aria-labelledby="card-title" data-panel="" {
                div.row.spread {
                    h2 id="card-title" { (name) }
                    (link_button(&page.place.address(), &Button { label: &t!(l, "board-close"), icon: Some(Icon::Close), icon_only: true, kind: Kind::Ghost, ..Button::default() }))
                }
                @match self {
                    Self::Idea(idea) => (idea_part(page, idea, &next)),
                    Self::Post(stage, card) => (post_part(page, *stage, card, &next)),
                }
            }
        }
    }
}

fn idea_part(page: &BoardPage<'_>, idea: &Idea, next: &str) -> Markup {
    let l = page.frame.locale;
    let typed = page.typed.filter(|typed| typed.of == Some(idea.id));
    let words = typed.map_or(idea.words.as_str(), |typed| typed.words.as_str());
    let account = idea.connection_id.map(|id| id.to_string()).unwrap_or_default();
    let query = page.place.query();
    let borne: Vec<_> = page.view.labels.iter().filter(|label| idea.labels.contains(&label.id)).cloned().collect();
    let labels = Giving {
        key: "card",
        action: &format!("/board/ideas/{}/labels", idea.id),
        next,
        all: &page.view.labels,
        borne: &borne,
        refused: page.beside.and_then(Refused::labels),
    };
    html! {
        div.row {
            (link_button(&beginning(idea.id), &Button { label: &t!(l, "board-idea-begin"), kind: Kind::Primary, icon: Some(Icon::Right), ..Button::default() }))
            (go(page, CardId::Idea(idea.id), 0, Stage::Ideas, &t!(l, "board-to-top")))
        }
        p.hint { (t!(l, "board-idea-begin-hint")) }
        form.stack.tight method="post" action=(format!("/board/ideas/{}?{query}", idea.id)) {
            (text_area(&TextArea { id: "idea-words", name: "words", label: &t!(l, "board-idea-words"), value: words, limit_utf16: IDEA_MAX_UTF16, rows: 3, error: typed.and(page.said), ..TextArea::default() }))
            @if typed.is_some_and(|typed| typed.is_outdated) {
                div.stack.tight { b { (t!(l, "board-idea-other")) } p.pre { (idea.words) } }
            }
            input type="hidden" name="seen" value=(idea.at.millis());
            (account_field(page, "idea-account", typed.map_or(account.as_str(), |typed| typed.account.as_str())))
            div { (button(&Button { label: &t!(l, "verb-save"), small: true, ..Button::default() })) }
        }
        details open[labels.refused.is_some()] { summary { (t!(l, "labels-title")) } (labelling(l, &labels)) }
        details {
            summary { (t!(l, "board-idea-delete")) }
            form.stack.tight method="post" action=(format!("/board/ideas/{}/delete?{query}", idea.id)) {
                p.hint { (t!(l, "board-idea-delete-why")) }
                div { (button(&Button { label: &t!(l, "board-idea-delete-now"), small: true, icon: Some(Icon::Trash), ..Button::default() })) }
            }
        }
    }
}

fn post_part(page: &BoardPage<'_>, stage: Stage, card: &PostCard, next: &str) -> Markup {
    let l = page.frame.locale;
    let post = &card.row.post;
    let id = CardId::Post(post.id);
    let labels = Giving {
        key: "card",
        action: &format!("/posts/{}/labels", post.id),
        next,
        all: &page.view.labels,
        borne: &card.labels,
        refused: page.beside.and_then(Refused::labels),
    };
    let refused_note = page.beside.and_then(Refused::note);
    let to = |to: Stage| t!(l, "board-to", column = stage_word(l, to));
    html! {
        @if stage == Stage::Ready { div.stack.tight { (hinders(page, card, usize::MAX)) } }
        div.row role="group" aria-label=(t!(l, "board-move")) {
            @for other in [Stage::Drafts, Stage::Ready] {
                @if other == stage { (go(page, id, post.revision, other, &t!(l, "board-to-top"))) } @else { (go(page, id, post.revision, other, &to(other))) }
            }
            @if stage == Stage::Scheduled {
                (link_button(&format!("/posts/{}", post.id), &Button { label: &t!(l, "verb-open"), small: true, ..Button::default() }))
            } @else {
                (link_button(&planning(post), &Button { label: &t!(l, "board-plan"), kind: Kind::Primary, small: true, icon: Some(Icon::Clock), ..Button::default() }))
            }
        }
        p.hint { @if stage == Stage::Scheduled { (t!(l, "board-unplan-hint")) } @else { (t!(l, "board-plan-hint")) } }
        details open[card.note.is_some() || refused_note.is_some()] { summary { (t!(l, "note-title")) } (note::form(l, post.id, card.note.as_deref().unwrap_or_default(), next, refused_note)) }
        details open[!card.labels.is_empty() || labels.refused.is_some()] { summary { (t!(l, "labels-title")) } (labelling(l, &labels)) }
    }
}

/// A button that moves a card.
fn go(page: &BoardPage<'_>, card: CardId, revision: i64, stage: Stage, label: &str) -> Markup {
    html! {
        form method="post" action=(action(card, page)) data-move="" {
            input type="hidden" name="stage" value=(stage.as_str());
            input type="hidden" name="revision" value=(revision);
            (button(&Button { label, small: true, ..Button::default() }))
        }
    }
}
