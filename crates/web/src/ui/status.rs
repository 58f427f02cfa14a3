//! A post's state as people see it: a drop that fills, with its word. Owns the mapping from states to drops.

use domain::post::PostState;
use maud::{Markup, html};

use super::icon::{Icon, icon};
use crate::locale::Locale;

/// What the drop shows: a post's state, or the one answer nobody can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// A post's own state.
    Post(PostState),
    /// TikTok went silent after the last byte; a person has to look.
    OutcomeUnknown,
}

impl From<PostState> for Status {
    fn from(state: PostState) -> Self {
        Self::Post(state)
    }
}

impl Status {
    /// Every status, for the gallery and tests.
    pub const ALL: [Self; 9] = [
        Self::Post(PostState::Draft),
        Self::Post(PostState::Scheduled),
        Self::Post(PostState::Publishing),
        Self::Post(PostState::Published),
        Self::Post(PostState::InInbox),
        Self::Post(PostState::Failed),
        Self::Post(PostState::NeedsAttention),
        Self::Post(PostState::Cancelled),
        Self::OutcomeUnknown,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Post(state) => state.as_str(),
            Self::OutcomeUnknown => "unknown",
        }
    }

    /// The drawing.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Post(PostState::Draft) => Icon::DropDraft,
            Self::Post(PostState::Scheduled) => Icon::DropScheduled,
            Self::Post(PostState::Publishing) => Icon::DropPublishing,
            Self::Post(PostState::Published) => Icon::DropPublished,
            Self::Post(PostState::InInbox) => Icon::DropInInbox,
            Self::Post(PostState::Failed) => Icon::DropFailed,
            Self::Post(PostState::NeedsAttention) => Icon::DropNeedsAttention,
            Self::Post(PostState::Cancelled) => Icon::DropCancelled,
            Self::OutcomeUnknown => Icon::DropUnknown,
        }
    }

    /// The word beside the drop.
    #[must_use]
    pub fn word(self, l: Locale) -> String {
        match self {
            Self::Post(PostState::Draft) => t!(l, "status-draft"),
            Self::Post(PostState::Scheduled) => t!(l, "status-scheduled"),
            Self::Post(PostState::Publishing) => t!(l, "status-publishing"),
            Self::Post(PostState::Published) => t!(l, "status-published"),
            Self::Post(PostState::InInbox) => t!(l, "status-in-inbox"),
            Self::Post(PostState::Failed) => t!(l, "status-failed"),
            Self::Post(PostState::NeedsAttention) => t!(l, "status-needs-attention"),
            Self::Post(PostState::Cancelled) => t!(l, "status-cancelled"),
            Self::OutcomeUnknown => t!(l, "status-unknown"),
        }
    }
}

/// The drop and its word.
#[must_use]
pub fn status_drop(l: Locale, status: impl Into<Status>) -> Markup {
    let status = status.into();
    html! { span.pill data-s=(status.key()) { (icon(status.icon())) (status.word(l)) } }
}
