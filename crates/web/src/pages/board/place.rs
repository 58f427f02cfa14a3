//! Which part of the board an address shows, and the address of another part. Owns the query's names.

use std::collections::HashMap;
use std::fmt::Write as _;

use app::board::{BoardQuery, COLUMN_CARDS, COLUMN_MAX};
use domain::board::Stage;
use domain::id::{ConnectionId, IdeaId, LabelId, PostId};
use serde::Deserialize;

/// The address's query, as texts; anything unreadable in it is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    account: String,
    label: String,
    col: String,
    ideas: String,
    drafts: String,
    ready: String,
    scheduled: String,
    /// The card that is looked at closely: `idea.ID` or `post.ID`.
    card: String,
    /// The move that can be taken back.
    pub undo: String,
}

/// A card, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardId {
    /// An idea.
    Idea(IdeaId),
    /// A post.
    Post(PostId),
}

impl CardId {
    /// Reads what an address or a card says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('.')?;
        match kind {
            "idea" => id.parse().ok().map(Self::Idea),
            "post" => id.parse().ok().map(Self::Post),
            _ => None,
        }
    }
}

impl std::fmt::Display for CardId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idea(id) => write!(f, "idea.{id}"),
            Self::Post(id) => write!(f, "post.{id}"),
        }
    }
}

impl Asked {
    /// The part that is asked for.
    #[must_use]
    pub fn place(&self) -> Place {
        let cards = [&self.ideas, &self.drafts, &self.ready, &self.scheduled];
        let cards = Stage::ALL.into_iter().zip(cards);
        Place {
            account: self.account.parse().ok(),
            label: self.label.parse().ok(),
            column: Stage::parse(&self.col).unwrap_or(Stage::Drafts),
            cards: cards
                .filter_map(|(stage, text)| Some((stage, text.parse::<usize>().ok()?.clamp(1, COLUMN_MAX))))
                .filter(|(_, cards)| *cards > COLUMN_CARDS)
                .collect(),
        }
    }

    /// The card that is looked at closely.
    #[must_use]
    pub fn card(&self) -> Option<CardId> {
        CardId::parse(&self.card)
    }
}

/// A part of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Only this account.
    pub account: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// The column that a narrow screen shows.
    pub column: Stage,
    /// Cards of columns that show more than at first.
    pub(super) cards: HashMap<Stage, usize>,
}

impl Place {
    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/board?{}", self.query())
    }

    /// The query of its address.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = format!("col={}", self.column.as_str());
        // Writing to a text cannot fail.
        if let Some(account) = self.account {
            let _ = write!(query, "&account={account}");
        }
        if let Some(label) = self.label {
            let _ = write!(query, "&label={label}");
        }
        for stage in Stage::ALL {
            if let Some(cards) = self.cards.get(&stage) {
                let _ = write!(query, "&{}={cards}", stage.as_str());
            }
        }
        query
    }

    /// What the use case is asked for.
    #[must_use]
    pub fn asks(&self) -> BoardQuery {
        BoardQuery { connection: self.account, label: self.label, cards: self.cards.clone() }
    }

    /// The same with another column on a narrow screen.
    #[must_use]
    pub fn on(&self, column: Stage) -> Self {
        Self { column, ..self.clone() }
    }

    /// The same with more cards of a column.
    #[must_use]
    pub fn more(&self, stage: Stage) -> Self {
        let mut cards = self.cards.clone();
        let shown = cards.get(&stage).copied().unwrap_or(COLUMN_CARDS);
        cards.insert(stage, shown.saturating_add(COLUMN_CARDS).min(COLUMN_MAX));
        Self { cards, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn asked(query: &str) -> Asked {
        let uri: axum::http::Uri = format!("/board?{query}").parse().unwrap();
        axum::extract::Query::<Asked>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn an_address_holds_the_view_and_what_is_unreadable_is_ignored() {
        let id = "01930000-0000-7000-8000-000000000001";
        let query = format!("col=ready&account={id}&label={id}&ideas=80&scheduled=1000");
        assert_eq!(asked(&query).place().query(), query);
        assert_eq!(asked("col=none&account=me&label=-1&ideas=5&drafts=x").place().query(), "col=drafts");
        assert_eq!(asked("ready=70000").place().query(), "col=drafts&ready=1000");
        assert_eq!(asked("").place().more(Stage::Ready).query(), "col=drafts&ready=80");
        let card = asked(&format!("card=idea.{id}")).card().unwrap();
        assert_eq!(card.to_string(), format!("idea.{id}"));
        assert!(asked("card=x.y").card().is_none() && asked("card=post").card().is_none());
    }
}
