//! Which part of the calendar an address shows, and the address of another part. Owns the query's names.

use std::fmt::Write as _;

use domain::calendar::{Day, Span};
use domain::id::{ConnectionId, LabelId, PostId};
use domain::media::tags::tags;
use domain::post::PostState;
use domain::schedule::LocalTime;
use serde::Deserialize;

/// Pages of one day that are turned at most.
const PAGES_MAX: usize = 50;

/// The states that can be asked for, in the order of the choice. A draft has no time.
pub const STATES: [PostState; 7] = [
    PostState::Scheduled,
    PostState::Publishing,
    PostState::Published,
    PostState::InInbox,
    PostState::Failed,
    PostState::NeedsAttention,
    PostState::Cancelled,
];

/// The address's query, as texts; anything unreadable in it is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    view: String,
    date: String,
    account: String,
    state: String,
    tag: String,
    label: String,
    page: String,
    /// The post that is to be moved.
    #[serde(rename = "move")]
    moved: String,
    /// Where it was dropped.
    to: String,
    /// `second` where it was dropped on an hour that comes twice, the second time.
    occurrence: String,
    /// The move that can be taken back.
    pub undo: String,
}

impl Asked {
    /// The part that is asked for.
    #[must_use]
    pub fn place(&self, today: Day) -> Place {
        Place {
            span: Span::parse(&self.view).unwrap_or(Span::Week),
            day: self.date.parse().unwrap_or(today),
            account: self.account.parse().ok(),
            state: PostState::parse(&self.state).filter(|state| STATES.contains(state)),
            tag: tags(&self.tag).ok().and_then(|tags| tags.into_iter().next()),
            label: self.label.parse().ok(),
            page: self.page.parse().unwrap_or(0).min(PAGES_MAX),
        }
    }

    /// The post that is to be moved.
    #[must_use]
    pub fn moved(&self) -> Option<PostId> {
        self.moved.parse().ok()
    }

    /// Where to, and whether the second of two equal times is meant.
    #[must_use]
    pub fn to(&self) -> Option<(LocalTime, bool)> {
        Some((self.to.parse().ok()?, self.occurrence == "second"))
    }
}

/// A part of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How much of it.
    pub span: Span,
    /// Around which day.
    pub day: Day,
    /// Only this account.
    pub account: Option<ConnectionId>,
    /// Only this state.
    pub state: Option<PostState>,
    /// Only posts that show a file with this tag.
    pub tag: Option<String>,
    /// Only posts that bear this label.
    pub label: Option<LabelId>,
    /// How often the page of a crowded day was turned.
    pub page: usize,
}

impl Place {
    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/calendar?{}", self.query())
    }

    /// The query of its address.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = format!("view={}&date={}", self.span.as_str(), self.day);
        // Writing to a text cannot fail.
        if let Some(account) = self.account {
            let _ = write!(query, "&account={account}");
        }
        if let Some(state) = self.state {
            let _ = write!(query, "&state={}", state.as_str());
        }
        if let Some(tag) = &self.tag {
            query.push_str("&tag=");
            query.extend(url::form_urlencoded::byte_serialize(tag.as_bytes()));
        }
        if let Some(label) = self.label {
            let _ = write!(query, "&label={label}");
        }
        if self.page > 0 {
            let _ = write!(query, "&page={}", self.page);
        }
        query
    }

    /// The same with another day, from its beginning.
    #[must_use]
    pub fn on(&self, day: Day) -> Self {
        Self { day, page: 0, ..self.clone() }
    }

    /// The same day with more or less around it.
    #[must_use]
    pub fn seen(&self, span: Span) -> Self {
        Self { span, page: 0, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn asked(query: &str) -> Asked {
        let uri: axum::http::Uri = format!("/calendar?{query}").parse().unwrap();
        axum::extract::Query::<Asked>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn an_address_holds_the_view_and_what_is_unreadable_is_ignored() {
        let today: Day = "2026-11-24".parse().unwrap();
        let id = "01930000-0000-7000-8000-000000000001";
        let query = format!(
            "view=month&date=2027-02-01&account={id}&state=failed&tag=%D1%83%D1%82%D1%80%D0%BE+%26+milk&label={id}"
        );
        assert_eq!(asked(&query).place(today).query(), query);
        for wrong in ["", "view=year&date=0001-01-01&account=me&state=draft&page=-1", "date=9999-12-31&page=x"] {
            assert_eq!(asked(wrong).place(today).query(), "view=week&date=2026-11-24", "{wrong}");
        }
        assert_eq!(asked("page=7000").place(today).page, PAGES_MAX);
        let (to, second) = asked("to=2026-10-25T02:30&occurrence=second").to().unwrap();
        assert_eq!((to.to_string().as_str(), second), ("2026-10-25T02:30", true));
    }
}
