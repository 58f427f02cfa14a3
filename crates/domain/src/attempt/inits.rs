//! `ready` and `init_sent`: from the due post to TikTok's task. Nothing here can become visible.

use super::decide::{
    advance, again, die, finished, give_up, look_again, perform, try_effect, wait, wait_after_failure,
};
use super::decision::{Cause, Decision, Effect, PostChange, SendOptions, Then, Trouble};
use super::early::{EARLIEST_LEAD_MS, Lateness, lateness};
use super::event::{CallFailure, CreatorVerdict, Event, Refusal};
use super::evidence::Evidence;
use super::facts::Facts;
use super::mutant::{self, Mutant};
use super::polling::{backoff_ms, rate_limit_ms};
use super::reaction::{QUOTA_WAIT_MS, Reaction, may_wait_for_quota, react_to};
use super::release::REMOTE_SLACK_MS;
use super::state::{Attempt, Carried, State};
use super::transfer::media_changed;
use crate::connection::ConnectionState;

/// The app's own quota of active creators is used up, as the rules name it.
const QUOTA: &str = "app-quota";

/// How often an attempt that is in doubt looks whether its account still rests, milliseconds.
const PAUSE_LOOK_MS: i64 = 60_000;

fn in_time(attempt: &Attempt, facts: &Facts) -> bool {
    may_wait_for_quota(attempt.snapshot.carried.released_at, facts.now, facts.hold_after_ms)
}

pub(super) fn ready(attempt: &Attempt, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::Resume | Event::Hint | Event::DueReached => begin(attempt, facts),
        Event::TokenRefreshed => perform(Effect::CheckCreator),
        Event::MediaVerified if attempt.mode.is_pull() => begin(attempt, facts),
        Event::MediaMismatch if attempt.mode.is_pull() => media_changed(attempt, facts),
        Event::CreatorChecked(CreatorVerdict::Go(options)) => announce(attempt, *options, facts),
        Event::CreatorChecked(CreatorVerdict::Park(trouble)) if trouble.code == QUOTA && in_time(attempt, facts) => {
            wait_after_failure(attempt, facts.now.plus_millis(QUOTA_WAIT_MS))
        }
        Event::CreatorChecked(CreatorVerdict::Park(trouble)) => {
            give_up(attempt, Cause::CreatorRefused, PostChange::NeedsAttention(trouble.clone()), facts)
        }
        Event::CallFailed(failure) => before_final_failure(attempt, failure, facts),
        Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::StatusSeen(_)
        | Event::TaskUnknown { .. }
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => look_again(),
    }
}

pub(super) fn init_sent(attempt: &Attempt, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::InitAnswered(task) => advance(
            attempt,
            State::InitAcked(task.clone()),
            Cause::TaskReceived,
            PostChange::Keep,
            Then::Continue,
            facts,
        ),
        Event::InitRefused(refusal) => refused(attempt, refusal, facts),
        Event::CallFailed(CallFailure::ReconnectNeeded | CallFailure::TokenRefused) => reconnect_needed(attempt, facts),
        Event::CallFailed(CallFailure::Disconnected) => disconnected(attempt, facts),
        // Nobody holds the URL of whatever TikTok may have made: the row can never complete.
        Event::Resume
        | Event::InitUnknown
        | Event::Hint
        | Event::DueReached
        | Event::TokenRefreshed
        | Event::CreatorChecked(_)
        | Event::CallFailed(CallFailure::Transient | CallFailure::RateLimited { .. } | CallFailure::Refused(_))
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::StatusSeen(_)
        | Event::TaskUnknown { .. }
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => {
            let post = init_again(attempt, facts, 0);
            give_up(attempt, Cause::InitAnswerLost, post, facts)
        }
    }
}

/// What must hold before anything is asked of TikTok for this post.
fn begin(attempt: &Attempt, facts: &Facts) -> Decision {
    if let Some(withdrawn) = withdrawn(attempt, facts) {
        return withdrawn;
    }
    // Made while our clock was ahead: an upload URL would only run out until the due time. Where many posts are due together some
    // begin long before, so only the hour of the URL counts.
    let start = attempt.due_at.plus_millis(EARLIEST_LEAD_MS.saturating_neg());
    if facts.clock_is_trusted() && facts.now < start {
        return wait(attempt, start);
    }
    // Only a clock that TikTok agreed with calls a post late; any other one is compared with TikTok's first.
    if facts.clock_is_proven()
        && let Some(late) = too_late(attempt, facts)
    {
        return late;
    }
    let earliest = facts.inits.earliest();
    if earliest > facts.now {
        return wait(attempt, earliest);
    }
    if attempt.mode.is_pull() {
        // TikTok fetches at once after the init, so nothing is asked before the due time, nor before every picture was looked at.
        if facts.now < attempt.due_at {
            return wait(attempt, attempt.due_at);
        }
        if !facts.media_verified {
            return perform(Effect::VerifyMedia);
        }
    }
    perform(Effect::CheckCreator)
}

fn too_late(attempt: &Attempt, facts: &Facts) -> Option<Decision> {
    match lateness(attempt.snapshot.carried.released_at, facts.now, facts.hold_after_ms) {
        Lateness::TooLate => {
            Some(give_up(attempt, Cause::TooLate, PostChange::NeedsAttention(Trouble::ours("too-late")), facts))
        }
        Lateness::InTime => None,
    }
}

fn announce(attempt: &Attempt, options: SendOptions, facts: &Facts) -> Decision {
    if !facts.clock_is_trusted() {
        // Perhaps it is not due at all: an upload URL would only run out.
        return wait(attempt, facts.now.plus_millis(Facts::CLOCK_RETRY_MS));
    }
    if facts.now < attempt.due_at.plus_millis(EARLIEST_LEAD_MS.saturating_neg()) {
        return look_again();
    }
    if let Some(late) = too_late(attempt, facts) {
        return late;
    }
    let earliest = facts.inits.earliest();
    if earliest > facts.now {
        return wait(attempt, earliest);
    }
    if let Some(withdrawn) = withdrawn(attempt, facts) {
        return withdrawn;
    }
    // TikTok fetches at once after the init and does not wait long, while the gate opens by its clock: where ours is ahead of that, but
    // not by so much that it is doubted, an init would come too soon.
    let early_ms = attempt.due_at.millis_since(facts.remote_now()).saturating_sub(REMOTE_SLACK_MS);
    if attempt.mode.is_pull() && early_ms > 0 && !mutant::active(Mutant::NoDueCheck) {
        return wait(attempt, facts.now.plus_millis(early_ms));
    }
    let options = (!attempt.mode.is_inbox()).then_some(options);
    advance(
        attempt,
        State::InitSent { sent_at: facts.now },
        Cause::InitAnnounced,
        PostChange::Keep,
        Then::Perform(Effect::SendInit(options)),
        facts,
    )
}

fn refused(attempt: &Attempt, refusal: &Refusal, facts: &Facts) -> Decision {
    let evidence = Evidence::InitRefused {
        code: refusal.code.clone(),
        http_status: refusal.http_status,
        log_id: refusal.log_id.clone(),
    };
    let trouble = Trouble::theirs(&refusal.code, refusal.log_id.clone());
    let post = match react_to(&refusal.code) {
        Reaction::Soon | Reaction::Once => init_again(attempt, facts, 0),
        Reaction::AfterRateWindow => init_again(attempt, facts, rate_limit_ms(facts.jitter)),
        Reaction::AfterHours if in_time(attempt, facts) => init_again(attempt, facts, QUOTA_WAIT_MS),
        Reaction::AfterHours | Reaction::Park => PostChange::NeedsAttention(trouble),
        Reaction::GiveUp => PostChange::Failed(trouble),
    };
    die(attempt, evidence, Cause::InitRefused, post, facts)
}

/// A new attempt after an init that led nowhere, later each time; the budget per hour and day bounds it further.
pub(super) fn init_again(attempt: &Attempt, facts: &Facts, at_least_ms: i64) -> PostChange {
    let failures = attempt.snapshot.carried.init_failures.saturating_add(1);
    let delay = backoff_ms(failures.saturating_mul(2), facts.jitter).max(at_least_ms);
    again(facts, delay, Carried { init_failures: failures, ..attempt.snapshot.carried })
}

/// Reasons to stop that lie in the post and its account; `None` when it may go on.
pub(super) fn withdrawn(attempt: &Attempt, facts: &Facts) -> Option<Decision> {
    if !facts.post.wanted || facts.post.revision != attempt.revision {
        return Some(give_up(attempt, Cause::Superseded, PostChange::LeftToCaller, facts));
    }
    match facts.post.connection {
        ConnectionState::Active => {}
        ConnectionState::ReconnectNeeded => return Some(reconnect_needed(attempt, facts)),
        ConnectionState::Disconnected => return Some(disconnected(attempt, facts)),
    }
    if !facts.post.consent_matches {
        return Some(give_up(
            attempt,
            Cause::ConsentMissing,
            PostChange::NeedsAttention(Trouble::ours("consent-missing")),
            facts,
        ));
    }
    facts.post.paused.then(|| resting(attempt, facts))
}

/// The account rests. In doubt the attempt is kept, because its end could not be proven: it goes on when the rest is over.
fn resting(attempt: &Attempt, facts: &Facts) -> Decision {
    if facts.commits_may_be_lost {
        return wait(attempt, facts.now.plus_millis(PAUSE_LOOK_MS));
    }
    give_up(attempt, Cause::Paused, PostChange::Waits, facts)
}

/// A read or its token failed while nothing can be visible yet.
pub(super) fn before_final_failure(attempt: &Attempt, failure: &CallFailure, facts: &Facts) -> Decision {
    match failure {
        CallFailure::Transient => {
            let delay = backoff_ms(attempt.tries.saturating_add(1), facts.jitter);
            wait_after_failure(attempt, facts.now.plus_millis(delay))
        }
        CallFailure::RateLimited { until } => {
            let sensible = facts.now.plus_millis(rate_limit_ms(facts.jitter));
            wait(attempt, until.unwrap_or(sensible).max(facts.now))
        }
        CallFailure::TokenRefused if attempt.tries < 2 => try_effect(attempt, Effect::RefreshToken),
        CallFailure::TokenRefused | CallFailure::ReconnectNeeded => reconnect_needed(attempt, facts),
        CallFailure::Disconnected => disconnected(attempt, facts),
        CallFailure::Refused(refusal) => {
            let trouble = Trouble::theirs(&refusal.code, refusal.log_id.clone());
            let post = match react_to(&refusal.code) {
                Reaction::Soon | Reaction::AfterRateWindow | Reaction::Once => {
                    let delay = backoff_ms(attempt.tries.saturating_add(1), facts.jitter);
                    return wait_after_failure(attempt, facts.now.plus_millis(delay));
                }
                Reaction::AfterHours if in_time(attempt, facts) => {
                    return wait_after_failure(attempt, facts.now.plus_millis(QUOTA_WAIT_MS));
                }
                Reaction::AfterHours | Reaction::Park => PostChange::NeedsAttention(trouble),
                Reaction::GiveUp => PostChange::Failed(trouble),
            };
            give_up(attempt, Cause::CreatorRefused, post, facts)
        }
    }
}

fn reconnect_needed(attempt: &Attempt, facts: &Facts) -> Decision {
    give_up(attempt, Cause::ReconnectNeeded, PostChange::NeedsAttention(Trouble::ours("reconnect-needed")), facts)
}

fn disconnected(attempt: &Attempt, facts: &Facts) -> Decision {
    if attempt.state.kind().is_open() {
        give_up(attempt, Cause::Disconnected, PostChange::NeedsAttention(Trouble::ours("disconnected")), facts)
    } else {
        finished()
    }
}
