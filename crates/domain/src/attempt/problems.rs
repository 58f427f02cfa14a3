//! Every code of our own with which the engine stops a post. Owns the list only: the words for people are elsewhere, and each
//! code must have them.

/// What the engine may store as a post's problem when the reason is not TikTok's, in alphabetical order.
///
/// When TikTok gave the reason, the stored code is the key that [`crate::rules::failure_text`] has for TikTok's word.
pub const PROBLEM_CODES: &[&str] = &[
    "app-quota",
    "branded-followers",
    "branded-private",
    "connection-too-slow",
    "consent-missing",
    "creator-banned",
    "creator-blocked",
    "creator-too-many-posts",
    "creator-unknown",
    "disconnected",
    "engine-failed",
    "failed-without-reason",
    "held-after-restore",
    "held-overdue",
    "media-changed",
    "media-rejected",
    "outcome-unknown-commits-lost",
    "outcome-unknown-contradiction",
    "outcome-unknown-disconnected",
    "outcome-unknown-engine",
    "outcome-unknown-task",
    "outcome-unknown-unresolved",
    "photos-unreachable",
    "privacy-missing",
    "privacy-not-offered",
    "reconnect-needed",
    "too-late",
    "upload-expired",
    "upload-failed-often",
    "upload-refused",
    "video-too-long",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{failures::UNKNOWN, stopped_by};

    #[test]
    fn every_code_is_listed_once_and_has_words() {
        assert!(PROBLEM_CODES.is_sorted_by(|one, next| one < next));
        for code in PROBLEM_CODES {
            assert_ne!(stopped_by(code), UNKNOWN, "{code}");
        }
    }
}
