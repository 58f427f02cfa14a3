//! What becomes of an attempt when the database turns out to be behind what was really done, and when our own program fails on it.
//!
//! Owns the merge with the intent journal: the further state wins, and nothing is concluded from what the database lost.

use super::decide::{advance, become_uncertain, finished, give_up};
use super::decision::{Cause, Decision, PostChange, Then, Trouble};
use super::evidence::UncertainCause;
use super::facts::Facts;
use super::state::{Attempt, Kind, ShortLooks, State, Task};
use crate::time::UnixMillis;

/// What is known about an attempt from elsewhere than its row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// TikTok's task, when its name was noted.
    pub publish_id: Option<String>,
    /// When the last chunk was about to be sent; `None` when that was not noted.
    pub final_at: Option<UnixMillis>,
}

/// What to write into a row that is behind what really happened.
///
/// The last chunk may be at TikTok: the row goes to where only TikTok's status decides. Everything else is a question for a
/// person, and where the task is known TikTok is asked before them.
#[must_use]
pub fn recover(attempt: &Attempt, known: &Known, facts: &Facts) -> Decision {
    match &attempt.state {
        State::Ready | State::InitSent { .. } => {
            let mut noted = attempt.clone();
            noted.trace.final_intent_at = known.final_at;
            uncertain(&noted, known.publish_id.clone(), facts)
        }
        State::InitAcked(task) | State::Uploading { task, .. } => match known.final_at {
            Some(at) if known.publish_id.as_ref().is_none_or(|id| *id == task.publish_id) => {
                announced(attempt, task, at, facts)
            }
            Some(_) | None => become_uncertain(attempt, UncertainCause::CommitsLost, facts),
        },
        // Status decides here already.
        State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. }
        | State::Uncertain { .. } => finished(),
    }
}

fn announced(attempt: &Attempt, task: &Task, at: UnixMillis, facts: &Facts) -> Decision {
    advance(
        attempt,
        State::FinalIntent { task: task.clone(), at, looks: ShortLooks::default() },
        Cause::CommitsLost,
        PostChange::Keep,
        Then::Continue,
        facts,
    )
}

fn uncertain(attempt: &Attempt, publish_id: Option<String>, facts: &Facts) -> Decision {
    let then = if publish_id.is_some() { Then::WaitUntil(facts.now) } else { Then::Finished };
    advance(
        attempt,
        State::Uncertain { cause: UncertainCause::CommitsLost, publish_id },
        Cause::CommitsLost,
        PostChange::NeedsAttention(Trouble::ours("outcome-unknown-commits-lost")),
        then,
        facts,
    )
}

/// Our own program failed on this attempt again and again: a person has to look.
pub(super) fn engine_failed(attempt: &Attempt, facts: &Facts) -> Decision {
    match attempt.state.kind() {
        Kind::Ready | Kind::InitSent | Kind::InitAcked | Kind::Uploading => {
            let post = PostChange::NeedsAttention(Trouble::ours("engine-failed"));
            give_up(attempt, Cause::EngineFailed, post, facts)
        }
        Kind::FinalIntent | Kind::HandedOver => become_uncertain(attempt, UncertainCause::EngineFailed, facts),
        Kind::Published | Kind::Delivered | Kind::Dead | Kind::Uncertain => finished(),
    }
}
