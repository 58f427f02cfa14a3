//! What a person is told in a line of its own: what happened and to which thing. Owns the words that are stored; how a line reads is for
//! pages, and how long it is kept for the data map.

use crate::id::{ConnectionId, ErasureId, PostId, RequestNumber};
use crate::privacy::documents::{Document, Version};
use crate::report::Week;

/// Which of the two warnings of somebody who has not been here for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warning {
    /// A month before.
    First,
    /// A week before.
    Last,
}

/// One thing to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A post did not go out.
    PostFailed(PostId),
    /// A post waits for a decision.
    PostWaits(PostId),
    /// A TikTok account has to be connected again.
    ReconnectNeeded(ConnectionId),
    /// The policy or the terms change, and the person is asked.
    DocumentChanges(&'static Version),
    /// The operator answered a request.
    RequestAnswered(RequestNumber),
    /// Everything is erased soon, because nobody uses it.
    Inactive(Warning),
    /// TikTok ended an account's grant, so the account is going to be erased; there is a receipt.
    ErasureBegun(ErasureId),
    /// Somebody came back after everything of theirs was erased; there is a receipt.
    ErasedBefore(ErasureId),
    /// The report of a week that is over is there.
    ReportReady(Week),
}

impl Notice {
    /// The word that is stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PostFailed(_) => "post_failed",
            Self::PostWaits(_) => "post_waits",
            Self::ReconnectNeeded(_) => "reconnect_needed",
            Self::DocumentChanges(_) => "document_changes",
            Self::RequestAnswered(_) => "request_answered",
            Self::Inactive(_) => "inactive",
            Self::ErasureBegun(_) => "erasure_begun",
            Self::ErasedBefore(_) => "erased_before",
            Self::ReportReady(_) => "report_ready",
        }
    }

    /// What it is about: an id, or the name of a version.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::PostFailed(id) | Self::PostWaits(id) => id.to_string(),
            Self::ReconnectNeeded(id) => id.to_string(),
            Self::DocumentChanges(version) => format!("{} {}", version.document.as_str(), version.id),
            Self::RequestAnswered(number) => number.to_string(),
            Self::ErasureBegun(id) | Self::ErasedBefore(id) => id.to_string(),
            Self::ReportReady(week) => week.to_string(),
            Self::Inactive(Warning::First) => "first".to_owned(),
            Self::Inactive(Warning::Last) => "last".to_owned(),
        }
    }

    /// What was stored under these words.
    #[must_use]
    pub fn parse(kind: &str, subject: &str) -> Option<Self> {
        Some(match kind {
            "post_failed" => Self::PostFailed(subject.parse().ok()?),
            "post_waits" => Self::PostWaits(subject.parse().ok()?),
            "reconnect_needed" => Self::ReconnectNeeded(subject.parse().ok()?),
            "document_changes" => {
                let (document, id) = subject.split_once(' ')?;
                Self::DocumentChanges(Document::parse(document)?.version(id)?)
            }
            "request_answered" => Self::RequestAnswered(subject.parse().ok()?),
            "erasure_begun" => Self::ErasureBegun(subject.parse().ok()?),
            "erased_before" => Self::ErasedBefore(subject.parse().ok()?),
            "report_ready" => Self::ReportReady(subject.parse().ok()?),
            "inactive" => Self::Inactive(match subject {
                "first" => Warning::First,
                "last" => Warning::Last,
                _ => return None,
            }),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_survives_its_stored_words() {
        let uuid = uuid::Uuid::from_u128(7);
        let mut all = vec![
            Notice::PostFailed(PostId::from_uuid(uuid)),
            Notice::PostWaits(PostId::from_uuid(uuid)),
            Notice::ReconnectNeeded(ConnectionId::from_uuid(uuid)),
            Notice::RequestAnswered(RequestNumber::new(17)),
            Notice::Inactive(Warning::First),
            Notice::Inactive(Warning::Last),
            Notice::ErasureBegun(ErasureId::from_uuid(uuid)),
            Notice::ErasedBefore(ErasureId::from_uuid(uuid)),
            Notice::ReportReady("2026-W47".parse().unwrap()),
        ];
        all.extend(Document::ALL.into_iter().filter_map(Document::latest_material).map(Notice::DocumentChanges));
        for notice in all {
            assert_eq!(Notice::parse(notice.kind(), &notice.subject()), Some(notice));
        }
        assert_eq!(Notice::parse("post_failed", "x"), None);
        assert_eq!(Notice::parse("gossip", "first"), None);
    }
}
