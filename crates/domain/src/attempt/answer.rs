//! From when a person's "it is not there" is believed. Owns the one rule: not while a late byte could still make the post.
//!
//! Must not ask anybody: what TikTok says itself settles the question at any time, and "it is there" needs no waiting.

use super::decision::Refused;
use super::evidence::UncertainCause;
use super::facts::Facts;
use super::mutant::{self, Mutant};
use super::state::{Attempt, State, URL_LIFE_MS, URL_MARGIN_MS};
use crate::time::UnixMillis;

/// The instant from which "it is not there" counts, while the attempt is a question for a person; `None` when it is none.
///
/// Bytes can arrive until the upload URL's hour is over, and TikTok then still works on the last of them: the post that nobody sees
/// yet may come. Both are behind us once the URL's hour and the margin have passed since TikTok issued it. Where our record may
/// lack what happened, only the moment at which the question arose is certain to be later than that.
#[must_use]
pub fn absence_counts_from(attempt: &Attempt) -> Option<UnixMillis> {
    let incomplete = match &attempt.state {
        State::Uncertain { cause, .. } => match cause {
            UncertainCause::CommitsLost | UncertainCause::Contradiction => true,
            UncertainCause::Disconnected
            | UncertainCause::Unresolved
            | UncertainCause::UnknownTask
            | UncertainCause::EngineFailed => attempt.trace.doubted,
        },
        State::Ready
        | State::InitSent { .. }
        | State::InitAcked(_)
        | State::Uploading { .. }
        | State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. } => return None,
    };
    let issued = attempt.trace.url_date.filter(|_| !incomplete);
    Some(issued.unwrap_or(attempt.updated_at).plus_millis(URL_LIFE_MS.saturating_add(URL_MARGIN_MS)))
}

/// Why "it is not there" cannot be believed now.
pub(super) fn absence_refused(attempt: &Attempt, facts: &Facts) -> Option<Refused> {
    if mutant::active(Mutant::AbsenceAtOnce) {
        return None;
    }
    // A clock that jumped would let hours pass in a moment.
    if !facts.clock_is_trusted() {
        return Some(Refused::ClockUnsure);
    }
    absence_counts_from(attempt).filter(|from| facts.now < *from).map(|from| Refused::TooSoon { from })
}
