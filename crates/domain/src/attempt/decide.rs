//! The one decision function: total, pure, the same on the first run and after the thousandth crash.
//!
//! Owns the dispatch by state and the few ways a decision is built. What a state does is in `inits`, `transfer`, `release`,
//! `settle`, `stop` and `recover`.

use super::decision::{Cause, Change, Commit, Decision, Effect, PostChange, Refused, Then, Trouble};
use super::event::Event;
use super::evidence::{Evidence, FromState, UncertainCause};
use super::facts::Facts;
use super::state::{Attempt, Carried, NEVER, State};
use super::{inits, recover, settle, stop, transfer};
use crate::time::UnixMillis;

/// The problem of a post that does not go out by itself because it may be out already: the database lost commits or was restored.
pub const HELD_AFTER_RESTORE: &str = "held-after-restore";

/// What to do when `event` happens to `attempt`.
///
/// Whatever it answers, the change is an edge of [`super::EDGES`] or none at all.
#[must_use]
pub fn decide(attempt: &Attempt, event: &Event, facts: &Facts) -> Decision {
    if let Event::Stop(cause) = event {
        return stop::stop(attempt, *cause, facts);
    }
    if matches!(event, Event::EngineFailed) {
        return recover::engine_failed(attempt, facts);
    }
    match &attempt.state {
        State::Ready => inits::ready(attempt, event, facts),
        State::InitSent { .. } => inits::init_sent(attempt, event, facts),
        State::InitAcked(task) => transfer::init_acked(attempt, task, event, facts),
        State::Uploading { task, acked_bytes } => transfer::uploading(attempt, task, *acked_bytes, event, facts),
        State::FinalIntent { task, at, looks } => settle::final_intent(attempt, task, *at, *looks, event, facts),
        State::HandedOver { task, since } => settle::handed_over(attempt, task, *since, event, facts),
        State::Published { at, post_ids, .. } => settle::published(attempt, *at, post_ids, event, facts),
        State::Delivered { publish_id, at } => settle::delivered(attempt, publish_id, *at, event, facts),
        State::Uncertain { publish_id, .. } => settle::uncertain(attempt, publish_id.as_deref(), event, facts),
        State::Dead { .. } => finished(),
    }
}

/// Nothing changes and nobody needs to look again.
pub(super) const fn finished() -> Decision {
    Decision { change: Change::None, then: Then::Finished }
}

/// Nothing changes: a person's wish cannot be granted.
pub(super) const fn refused(why: Refused) -> Decision {
    Decision { change: Change::None, then: Then::Refused(why) }
}

/// Nothing changes, one effect follows.
pub(super) const fn perform(effect: Effect) -> Decision {
    Decision { change: Change::None, then: Then::Perform(effect) }
}

/// An event that has no meaning here: look at the row again.
pub(super) const fn look_again() -> Decision {
    Decision { change: Change::None, then: Then::Continue }
}

/// One more failure, then an effect.
pub(super) fn try_effect(attempt: &Attempt, effect: Effect) -> Decision {
    Decision {
        change: Change::Memory(Box::new(Attempt { tries: attempt.tries.saturating_add(1), ..attempt.clone() })),
        then: Then::Perform(effect),
    }
}

/// Waits without a failure being counted.
pub(super) fn wait(attempt: &Attempt, until: UnixMillis) -> Decision {
    Decision {
        change: Change::Memory(Box::new(Attempt { next_at: until, ..attempt.clone() })),
        then: Then::WaitUntil(until),
    }
}

/// Waits after one more failure.
pub(super) fn wait_after_failure(attempt: &Attempt, until: UnixMillis) -> Decision {
    Decision {
        change: Change::Memory(Box::new(Attempt {
            next_at: until,
            tries: attempt.tries.saturating_add(1),
            ..attempt.clone()
        })),
        then: Then::WaitUntil(until),
    }
}

/// Takes an edge.
pub(super) fn advance(
    attempt: &Attempt,
    state: State,
    cause: Cause,
    post: PostChange,
    then: Then,
    facts: &Facts,
) -> Decision {
    let next_at = match then {
        Then::WaitUntil(at) | Then::HoldUntil(at) => at,
        Then::Continue | Then::Perform(_) => facts.now,
        Then::Finished | Then::Refused(_) => NEVER,
    };
    let mut next = attempt.clone();
    next.state = state;
    next.tries = 0;
    next.next_at = next_at;
    next.updated_at = facts.now;
    remember(&mut next);
    Decision { change: Change::Commit(Box::new(Commit { attempt: next, cause, post })), then }
}

/// Copies what the new state knows into the trace, which outlives the state.
fn remember(attempt: &mut Attempt) {
    let trace = &mut attempt.trace;
    match &attempt.state {
        State::InitSent { sent_at } => trace.init_sent_at = Some(*sent_at),
        State::InitAcked(task) => trace.url_date = task.url_date,
        State::Uploading { acked_bytes, .. } => trace.acked_bytes = *acked_bytes,
        State::FinalIntent { at, .. } => trace.final_intent_at = Some(*at),
        State::HandedOver { since, .. } => {
            trace.final_acked_at = Some(*since);
            trace.acked_bytes = attempt.plan.size_bytes();
        }
        State::Ready
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. }
        | State::Uncertain { .. } => {}
    }
}

/// Declares the attempt dead with a proof.
pub(super) fn die(attempt: &Attempt, evidence: Evidence, cause: Cause, post: PostChange, facts: &Facts) -> Decision {
    let publish_id = attempt.state.publish_id().map(str::to_owned);
    advance(attempt, State::Dead { evidence, publish_id }, cause, post, Then::Finished, facts)
}

/// Gives up before the last chunk was announced: dead by evidence E2, or uncertain when commits may be lost.
pub(super) fn give_up(attempt: &Attempt, cause: Cause, post: PostChange, facts: &Facts) -> Decision {
    let Some(from) = FromState::of(attempt.state.kind()) else {
        return look_again();
    };
    if facts.commits_may_be_lost {
        return become_uncertain(attempt, UncertainCause::CommitsLost, facts);
    }
    let evidence = Evidence::FinalNeverSent { from, epoch: attempt.epoch };
    die(attempt, evidence, cause, post, facts)
}

/// Hands the question to a person.
pub(super) fn become_uncertain(attempt: &Attempt, why: UncertainCause, facts: &Facts) -> Decision {
    let (cause, code) = match why {
        UncertainCause::Disconnected => (Cause::Disconnected, "outcome-unknown-disconnected"),
        UncertainCause::Unresolved => (Cause::NeverSettled, "outcome-unknown-unresolved"),
        UncertainCause::UnknownTask => (Cause::TaskUnknown, "outcome-unknown-task"),
        UncertainCause::CommitsLost => (Cause::CommitsLost, "outcome-unknown-commits-lost"),
        UncertainCause::Contradiction => (Cause::Contradiction, "outcome-unknown-contradiction"),
        UncertainCause::EngineFailed => (Cause::EngineFailed, "outcome-unknown-engine"),
    };
    let trouble = Trouble { log_id: attempt.trace.log_id.clone(), ..Trouble::ours(code) };
    let publish_id = attempt.state.publish_id().map(str::to_owned);
    let then = match (why, &publish_id) {
        // Only our record is missing, so TikTok's status may well prove what became of the task.
        (UncertainCause::CommitsLost, Some(_)) => Then::WaitUntil(facts.now),
        (
            UncertainCause::CommitsLost
            | UncertainCause::Disconnected
            | UncertainCause::Unresolved
            | UncertainCause::UnknownTask
            | UncertainCause::Contradiction
            | UncertainCause::EngineFailed,
            _,
        ) => Then::Finished,
    };
    let state = State::Uncertain { cause: why, publish_id };
    advance(attempt, state, cause, PostChange::NeedsAttention(trouble), then, facts)
}

/// A new attempt of the post, `delay_ms` from now. After lost commits a cancel may be among them, so a person is asked first.
pub(super) fn again(facts: &Facts, delay_ms: i64, carried: Carried) -> PostChange {
    if facts.commits_may_be_lost {
        return PostChange::NeedsAttention(Trouble::ours(HELD_AFTER_RESTORE));
    }
    PostChange::TryAgain { not_before: facts.now.plus_millis(delay_ms), carried }
}
