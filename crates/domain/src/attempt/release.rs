//! The release of the last chunk, or of the gate for photos: the only door behind which a post can exist. Owns every condition of it.

use super::decide::{advance, wait};
use super::decision::{Cause, Change, Decision, Effect, PostChange, Then};
use super::facts::Facts;
use super::inits::withdrawn;
use super::mutant::{self, Mutant};
use super::polling::poll_delay_ms;
use super::state::{Attempt, ShortLooks, State, Task};
use super::transfer::with_progress;
use crate::time::UnixMillis;

/// How long before the due time the row is taken up again to ask TikTok for its clock and offset, milliseconds.
const WAKE_BEFORE_MS: i64 = 900;

/// So long before the due time the row is taken up for good: file, offset and clocks are looked at in calm, and nothing but the last
/// chunk is left when the time comes. Milliseconds.
const TAKE_UP_BEFORE_MS: i64 = 120_000;

/// How fast the stored file is assumed to be read and hashed again after the row was taken up, bytes per millisecond: a slow disk.
const READ_BYTES_PER_MS: u64 = 100_000;

/// How much earlier than the due time TikTok's whole-second clock may be, milliseconds.
pub(super) const REMOTE_SLACK_MS: i64 = 1000;

/// Decides whether the last chunk may go; `fresh` means that TikTok was just asked.
pub(super) fn release(attempt: &Attempt, task: &Task, offset: u64, fresh: bool, facts: &Facts) -> Decision {
    if let Some(withdrawn) = withdrawn(attempt, facts) {
        return withdrawn;
    }
    let attempt = &holding(attempt, offset);
    if !facts.media_verified {
        return keep(attempt, Then::Perform(Effect::VerifyMedia));
    }
    if let Some(held) = held(attempt, facts, fresh) {
        return held;
    }
    if mutant::active(Mutant::NoFinalIntent) {
        return keep(attempt, Then::Perform(Effect::PutChunk { index: attempt.plan.last_index(), is_final: true }));
    }
    // The commit itself opens the gate for photos; of a video the last chunk follows it.
    let then = if attempt.mode.is_pull() {
        Then::WaitUntil(facts.now.plus_millis(poll_delay_ms(0)))
    } else {
        Then::Perform(Effect::PutChunk { index: attempt.plan.last_index(), is_final: true })
    };
    advance(
        attempt,
        State::FinalIntent { task: task.clone(), at: facts.now, looks: ShortLooks::default() },
        Cause::Released,
        PostChange::Keep,
        then,
        facts,
    )
}

/// What is still to be waited for or asked (rule R11); `None` when the time has come by every clock.
fn held(attempt: &Attempt, facts: &Facts, fresh: bool) -> Option<Decision> {
    if mutant::active(Mutant::NoDueCheck) {
        return None;
    }
    let early_by = attempt.due_at.millis_since(facts.now);
    let reading_ms = i64::try_from(attempt.plan.size_bytes() / READ_BYTES_PER_MS).unwrap_or(i64::MAX);
    let taken_up = TAKE_UP_BEFORE_MS.saturating_add(reading_ms);
    if early_by > taken_up {
        return Some(wait(attempt, attempt.due_at.plus_millis(taken_up.saturating_neg())));
    }
    if early_by > WAKE_BEFORE_MS {
        // The file is known to be right by this worker alone, so the row stays in its hands.
        return Some(keep(attempt, Then::HoldUntil(attempt.due_at.plus_millis(-WAKE_BEFORE_MS))));
    }
    if !clocks_allow(attempt.due_at, facts, fresh) {
        if !fresh {
            return Some(keep(attempt, Then::Perform(Effect::FetchStatus)));
        }
        return Some(wait(attempt, when_clocks_may_allow(attempt.due_at, facts)));
    }
    (early_by > 0).then(|| keep(attempt, Then::HoldUntil(attempt.due_at)))
}

/// The mutant that announces the last chunk when its answer is there.
pub(super) fn announced_after_the_effect(attempt: &Attempt, task: &Task, facts: &Facts) -> Decision {
    advance(
        attempt,
        State::FinalIntent { task: task.clone(), at: facts.now, looks: ShortLooks::default() },
        Cause::Released,
        PostChange::Keep,
        Then::Perform(Effect::FetchStatus),
        facts,
    )
}

fn keep(attempt: &Attempt, then: Then) -> Decision {
    Decision { change: Change::Memory(Box::new(attempt.clone())), then }
}

/// The attempt with the offset it holds at; the state does not change by waiting.
fn holding(attempt: &Attempt, offset: u64) -> Attempt {
    match &attempt.state {
        State::Uploading { task, .. } => {
            with_progress(attempt, State::Uploading { task: task.clone(), acked_bytes: offset }, offset)
        }
        State::Ready
        | State::InitSent { .. }
        | State::InitAcked(_)
        | State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. }
        | State::Uncertain { .. } => attempt.clone(),
    }
}

/// Our clock is trusted, TikTok's agrees with it and has reached the due time.
fn clocks_allow(due_at: UnixMillis, facts: &Facts, fresh: bool) -> bool {
    if facts.clock_suspect {
        return false;
    }
    match facts.remote {
        Some(remote) => remote.agrees() && remote.date >= due_at.plus_millis(-REMOTE_SLACK_MS),
        // TikTok was asked and sends no Date at all: only our own unsuspected clock is left.
        None => fresh,
    }
}

fn when_clocks_may_allow(due_at: UnixMillis, facts: &Facts) -> UnixMillis {
    match facts.remote {
        Some(remote) if remote.agrees() && !facts.clock_suspect => {
            let behind =
                due_at.plus_millis(-REMOTE_SLACK_MS).millis_since(remote.date).clamp(250, Facts::CLOCK_RETRY_MS);
            facts.now.plus_millis(behind)
        }
        Some(_) | None => facts.now.plus_millis(Facts::CLOCK_RETRY_MS),
    }
}
