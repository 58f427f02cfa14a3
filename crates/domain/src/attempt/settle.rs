//! After the last chunk: only status decides. Owns `final_intent`, `handed_over` and what is still asked of settled attempts.

use super::answer::absence_refused;
use super::decide::{
    advance, again, become_uncertain, die, finished, perform, refused, try_effect, wait, wait_after_failure,
};
use super::decision::{Cause, Change, Decision, Effect, PostChange, Then};
use super::event::{CallFailure, Event, PersonAnswer, RemoteState, StatusReport};
use super::evidence::{Evidence, UncertainCause};
use super::facts::Facts;
use super::mutant::{self, Mutant};
use super::polling::{
    DOUBLE_LOOK_MS, GIVE_UP_AFTER_MS, IDS_FOR_MS, backoff_ms, ids_delay_ms, inbox_delay_ms, poll_delay_ms,
    rate_limit_ms,
};
use super::state::{Attempt, Carried, ShortLooks, State, Task, URL_LIFE_MS, URL_MARGIN_MS};
use super::transfer::{failed, note};
use crate::creator::PrivacyLevel;
use crate::time::UnixMillis;

/// How long a worker waits after a last chunk without an answer before it asks, milliseconds.
const ASK_AFTER_MS: i64 = 1000;

/// How long to wait for a person to reconnect before looking again, milliseconds; reconnecting wakes the row at once.
const RECONNECT_LOOK_MS: i64 = 600_000;

pub(super) fn final_intent(
    attempt: &Attempt,
    task: &Task,
    at: UnixMillis,
    looks: ShortLooks,
    event: &Event,
    facts: &Facts,
) -> Decision {
    match event {
        Event::ChunkUnknown if mutant::active(Mutant::TimeoutMeansFailure) => unproven_failure(attempt, facts),
        Event::Resume if mutant::active(Mutant::NewAttemptAfterFinal) => unproven_failure(attempt, facts),
        Event::ChunkComplete => handed(attempt, task, facts),
        // What belongs to sent bytes has no meaning for fetched ones.
        Event::ChunkAccepted { .. } if attempt.mode.is_pull() => perform(Effect::FetchStatus),
        Event::ChunkAccepted { index } if *index < attempt.plan.last_index() => {
            let index = index.saturating_add(1);
            perform(Effect::PutChunk { index, is_final: index >= attempt.plan.last_index() })
        }
        // No verdict from silence, nor from a refusal: the status decides.
        Event::ChunkAccepted { .. } | Event::ChunkRefused(_) | Event::ChunkUnknown | Event::MediaMismatch => {
            wait_after_failure(attempt, facts.now.plus_millis(ASK_AFTER_MS))
        }
        Event::StatusSeen(report) => {
            let seen = note(attempt, report);
            match &report.state {
                RemoteState::Pending => pending(&seen, task, at, Some(looks), report, facts),
                RemoteState::Published => out(&seen, &task.publish_id, &report.post_ids, facts),
                RemoteState::InInbox => inbox(&seen, &task.publish_id, facts),
                RemoteState::Failed { reason } => failed(&seen, reason, report, facts),
            }
        }
        Event::CallFailed(failure) => after_final_failure(attempt, failure, at, facts),
        Event::TaskUnknown { log_id } => unknown_task(attempt, log_id.as_deref(), facts),
        Event::Resume
        | Event::DueReached
        | Event::Hint
        | Event::TokenRefreshed
        | Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::MediaVerified
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => perform(Effect::FetchStatus),
    }
}

pub(super) fn handed_over(attempt: &Attempt, task: &Task, since: UnixMillis, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::StatusSeen(report) => {
            let seen = note(attempt, report);
            match &report.state {
                RemoteState::Pending => pending(&seen, task, since, None, report, facts),
                RemoteState::Published => out(&seen, &task.publish_id, &report.post_ids, facts),
                RemoteState::InInbox => inbox(&seen, &task.publish_id, facts),
                RemoteState::Failed { reason } => failed(&seen, reason, report, facts),
            }
        }
        Event::CallFailed(failure) => after_final_failure(attempt, failure, since, facts),
        Event::TaskUnknown { log_id } => unknown_task(attempt, log_id.as_deref(), facts),
        Event::Resume
        | Event::DueReached
        | Event::Hint
        | Event::TokenRefreshed
        | Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => perform(Effect::FetchStatus),
    }
}

pub(super) fn published(
    attempt: &Attempt,
    at: UnixMillis,
    post_ids: &[String],
    event: &Event,
    facts: &Facts,
) -> Decision {
    let elapsed = facts.now.millis_since(at);
    let look_later = || wait(attempt, facts.now.plus_millis(ids_delay_ms(elapsed)));
    if !post_ids.is_empty() || attempt.state.publish_id().is_none() {
        return finished();
    }
    match event {
        Event::StatusSeen(report) if !report.post_ids.is_empty() => advance(
            &note(attempt, report),
            published_state(attempt, &report.post_ids, at),
            Cause::IdsKnown,
            PostChange::Linked { post_ids: report.post_ids.clone() },
            Then::Finished,
            facts,
        ),
        Event::StatusSeen(_) | Event::CallFailed(CallFailure::Transient | CallFailure::RateLimited { .. }) => {
            look_later()
        }
        Event::Resume | Event::Hint | Event::TokenRefreshed if elapsed < IDS_FOR_MS => perform(Effect::FetchStatus),
        Event::CallFailed(CallFailure::TokenRefused) if attempt.tries < 2 => try_effect(attempt, Effect::RefreshToken),
        // The post is out; a link that cannot be found any more changes nothing about that.
        Event::Resume
        | Event::Hint
        | Event::TokenRefreshed
        | Event::CallFailed(
            CallFailure::TokenRefused
            | CallFailure::ReconnectNeeded
            | CallFailure::Disconnected
            | CallFailure::Refused(_),
        )
        | Event::TaskUnknown { .. } => {
            advance(attempt, attempt.state.clone(), Cause::IdsGivenUp, PostChange::Keep, Then::Finished, facts)
        }
        Event::DueReached
        | Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => finished(),
    }
}

pub(super) fn delivered(attempt: &Attempt, publish_id: &str, at: UnixMillis, event: &Event, facts: &Facts) -> Decision {
    let elapsed = facts.now.millis_since(at);
    match event {
        Event::StatusSeen(report) => match &report.state {
            RemoteState::Published => out(&note(attempt, report), publish_id, &report.post_ids, facts),
            RemoteState::Pending | RemoteState::InInbox | RemoteState::Failed { .. } => {
                wait(attempt, facts.now.plus_millis(inbox_delay_ms(elapsed)))
            }
        },
        Event::CallFailed(CallFailure::Transient | CallFailure::RateLimited { .. }) => {
            wait(attempt, facts.now.plus_millis(inbox_delay_ms(elapsed)))
        }
        Event::Resume | Event::Hint | Event::TokenRefreshed if elapsed < GIVE_UP_AFTER_MS => {
            perform(Effect::FetchStatus)
        }
        Event::CallFailed(CallFailure::TokenRefused) if attempt.tries < 2 => try_effect(attempt, Effect::RefreshToken),
        Event::Resume
        | Event::Hint
        | Event::TokenRefreshed
        | Event::CallFailed(
            CallFailure::TokenRefused
            | CallFailure::ReconnectNeeded
            | CallFailure::Disconnected
            | CallFailure::Refused(_),
        )
        | Event::TaskUnknown { .. } => {
            advance(attempt, attempt.state.clone(), Cause::IdsGivenUp, PostChange::Keep, Then::Finished, facts)
        }
        Event::DueReached
        | Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => finished(),
    }
}

pub(super) fn uncertain(attempt: &Attempt, publish_id: Option<&str>, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::Answer { user_id, answer } => match answer {
            PersonAnswer::ItIsThere => advance(
                attempt,
                published_state(attempt, &[], facts.now),
                Cause::PersonSaidYes,
                PostChange::Published { post_ids: Vec::new() },
                Then::Finished,
                facts,
            ),
            PersonAnswer::ItIsNotThere => match absence_refused(attempt, facts) {
                Some(why) => refused(why),
                None => die(
                    attempt,
                    Evidence::PersonSaidNo { user_id: *user_id, at: facts.now },
                    Cause::PersonSaidNo,
                    PostChange::LeftToCaller,
                    facts,
                ),
            },
        },
        Event::Hint if publish_id.is_some() => perform(Effect::FetchStatus),
        Event::TokenRefreshed if publish_id.is_some() => perform(Effect::FetchStatus),
        Event::Resume if publish_id.is_some() && provable(attempt, facts) => perform(Effect::FetchStatus),
        Event::CallFailed(CallFailure::TokenRefused) if attempt.tries < 2 => try_effect(attempt, Effect::RefreshToken),
        Event::StatusSeen(report) => {
            let seen = note(attempt, report);
            match (&report.state, publish_id) {
                (RemoteState::Published, Some(id)) => out(&seen, id, &report.post_ids, facts),
                (RemoteState::InInbox, Some(id)) => inbox(&seen, id, facts),
                (RemoteState::Failed { reason }, _) => failed(&seen, reason, report, facts),
                (RemoteState::Pending, Some(_)) if provable(attempt, facts) => look_on(&seen, facts),
                (RemoteState::Pending | RemoteState::Published | RemoteState::InInbox, _) => finished(),
            }
        }
        Event::CallFailed(CallFailure::Transient | CallFailure::RateLimited { .. }) if provable(attempt, facts) => {
            look_on(attempt, facts)
        }
        Event::Hint
        | Event::TokenRefreshed
        | Event::CallFailed(_)
        | Event::Resume
        | Event::DueReached
        | Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::MediaVerified
        | Event::MediaMismatch
        | Event::TaskUnknown { .. }
        | Event::EngineFailed
        | Event::Stop(_) => finished(),
    }
}

/// Only our own record is missing: TikTok knows the task, so its status is asked for until nobody expects an end any more.
fn provable(attempt: &Attempt, facts: &Facts) -> bool {
    let lost = match &attempt.state {
        State::Uncertain { cause: UncertainCause::CommitsLost, publish_id } => publish_id.is_some(),
        State::Uncertain { .. }
        | State::Ready
        | State::InitSent { .. }
        | State::InitAcked(_)
        | State::Uploading { .. }
        | State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. } => false,
    };
    lost && facts.now.millis_since(attempt.updated_at) < GIVE_UP_AFTER_MS
}

fn look_on(attempt: &Attempt, facts: &Facts) -> Decision {
    let elapsed = facts.now.millis_since(attempt.updated_at);
    wait(attempt, facts.now.plus_millis(poll_delay_ms(elapsed)))
}

fn published_state(attempt: &Attempt, post_ids: &[String], at: UnixMillis) -> State {
    State::Published { publish_id: attempt.state.publish_id().map(str::to_owned), at, post_ids: post_ids.to_vec() }
}

/// TikTok says it is out; ids of a public post are looked for when they are not there yet.
fn out(attempt: &Attempt, publish_id: &str, post_ids: &[String], facts: &Facts) -> Decision {
    if post_ids.is_empty() && mutant::active(Mutant::NoIdsIsFailure) {
        return unproven_failure(attempt, facts);
    }
    let public = attempt.mode.is_inbox() || attempt.snapshot.content.privacy == Some(PrivacyLevel::PublicToEveryone);
    let then = if post_ids.is_empty() && public {
        Then::WaitUntil(facts.now.plus_millis(ids_delay_ms(0)))
    } else {
        Then::Finished
    };
    advance(
        attempt,
        State::Published { publish_id: Some(publish_id.to_owned()), at: facts.now, post_ids: post_ids.to_vec() },
        Cause::TikTokPublished,
        PostChange::Published { post_ids: post_ids.to_vec() },
        then,
        facts,
    )
}

fn inbox(attempt: &Attempt, publish_id: &str, facts: &Facts) -> Decision {
    advance(
        attempt,
        State::Delivered { publish_id: publish_id.to_owned(), at: facts.now },
        Cause::TikTokDelivered,
        PostChange::InInbox,
        Then::WaitUntil(facts.now.plus_millis(inbox_delay_ms(0))),
        facts,
    )
}

fn handed(attempt: &Attempt, task: &Task, facts: &Facts) -> Decision {
    advance(
        attempt,
        State::HandedOver { task: task.clone(), since: facts.now },
        Cause::AllBytesTaken,
        PostChange::Keep,
        Then::WaitUntil(facts.now.plus_millis(poll_delay_ms(0))),
        facts,
    )
}

/// TikTok has not ended the task. `looks` is there only while a resend may still be needed.
fn pending(
    attempt: &Attempt,
    task: &Task,
    since: UnixMillis,
    looks: Option<ShortLooks>,
    report: &StatusReport,
    facts: &Facts,
) -> Decision {
    if attempt.mode.is_pull() {
        // TikTok fetches until it says how it ended; nothing can be sent again, and no count of bytes proves anything.
        return poll_later(attempt, since, facts);
    }
    let total = attempt.plan.size_bytes();
    match report.uploaded_bytes {
        Some(bytes) if bytes >= total => match looks {
            Some(_) => handed(attempt, task, facts),
            None => poll_later(attempt, since, facts),
        },
        Some(bytes) => {
            // TikTok had confirmed every byte once: what it says now contradicts itself and proves nothing.
            let Some(looks) = looks else {
                return poll_later(attempt, since, facts);
            };
            if let Some(evidence) = expiry_proof(task, bytes, report, facts) {
                let carried = Carried {
                    upload_restarts: attempt.snapshot.carried.upload_restarts.saturating_add(1),
                    ..attempt.snapshot.carried
                };
                let post = again(facts, 0, carried);
                return die(attempt, evidence, Cause::UrlProvenExpired, post, facts);
            }
            if url_alive(attempt, task, report, facts) {
                look_twice(attempt, task, since, looks, bytes, facts)
            } else {
                poll_later(attempt, since, facts)
            }
        }
        // Without a byte count nothing can be said about the last chunk.
        None => poll_later(attempt, since, facts),
    }
}

/// Two looks at least 20 s apart must both miss bytes before the missing chunks are sent again, to the same task.
fn look_twice(
    attempt: &Attempt,
    task: &Task,
    at: UnixMillis,
    looks: ShortLooks,
    bytes: u64,
    facts: &Facts,
) -> Decision {
    // At least 20 s apart, and farther the longer it fails, so that an hour of refusals is not an hour of uploads.
    let distance_ms = (facts.now.millis_since(at) / 8).max(DOUBLE_LOOK_MS);
    let counts = match looks.last_at {
        None => true,
        Some(last) => facts.now.millis_since(last) >= distance_ms,
    };

    let looks =
        if counts { ShortLooks { count: looks.count.saturating_add(1), last_at: Some(facts.now) } } else { looks };
    if counts && (looks.count >= 2 || mutant::active(Mutant::NoDoubleLook)) {
        let index = attempt.plan.index_at(bytes);
        return advance(
            attempt,
            State::FinalIntent { task: task.clone(), at, looks: ShortLooks::default() },
            Cause::Resent,
            PostChange::Keep,
            Then::Perform(Effect::PutChunk { index, is_final: index >= attempt.plan.last_index() }),
            facts,
        );
    }
    let last = looks.last_at.unwrap_or(facts.now);
    let until = last.plus_millis(distance_ms).max(facts.now);
    Decision {
        change: Change::Memory(Box::new(Attempt {
            state: State::FinalIntent { task: task.clone(), at, looks },
            tries: 0,
            next_at: until,
            ..attempt.clone()
        })),
        then: Then::WaitUntil(until),
    }
}

/// Proof that no byte can be added any more, by TikTok's clock; by two clocks of ours only when TikTok shows none.
fn expiry_proof(task: &Task, bytes: u64, report: &StatusReport, facts: &Facts) -> Option<Evidence> {
    let needed = URL_LIFE_MS.saturating_add(URL_MARGIN_MS);
    match (task.url_date, report.remote_date) {
        (Some(url_date), Some(status_date)) => {
            let status_date = if mutant::active(Mutant::ExpiryByLocalClock) { facts.now } else { status_date };
            (status_date.millis_since(url_date) >= needed).then_some(Evidence::UrlExpired {
                url_date,
                status_date,
                uploaded_bytes: bytes,
            })
        }
        (Some(_) | None, None) | (None, Some(_)) => {
            let watch = facts.undated?;
            let proven = !facts.clock_suspect && watch.wall_ms >= needed && watch.monotonic_ms >= needed;
            proven.then_some(Evidence::UrlExpiredUndated {
                wall_ms: watch.wall_ms,
                monotonic_ms: watch.monotonic_ms,
                uploaded_bytes: bytes,
            })
        }
    }
}

fn url_alive(attempt: &Attempt, task: &Task, report: &StatusReport, facts: &Facts) -> bool {
    let issued = task.url_date.or(attempt.trace.init_sent_at);
    let seen = report.remote_date.unwrap_or(facts.now);
    issued.is_some_and(|issued| seen.millis_since(issued) < URL_LIFE_MS)
}

fn poll_later(attempt: &Attempt, since: UnixMillis, facts: &Facts) -> Decision {
    let elapsed = facts.now.millis_since(since);
    if elapsed >= GIVE_UP_AFTER_MS && facts.clock_is_trusted() {
        return become_uncertain(attempt, UncertainCause::Unresolved, facts);
    }
    let until = facts.now.plus_millis(poll_delay_ms(elapsed));
    let mut calm = wait(attempt, until);
    if let Change::Memory(next) = &mut calm.change {
        next.tries = 0;
    }
    calm
}

fn unknown_task(attempt: &Attempt, log_id: Option<&str>, facts: &Facts) -> Decision {
    let mut seen = attempt.clone();
    if let Some(log_id) = log_id {
        seen.trace.log_id = Some(log_id.to_owned());
    }
    become_uncertain(&seen, UncertainCause::UnknownTask, facts)
}

/// A status call failed after the last chunk: keep the row whatever it was, until nobody expects an end any more.
fn after_final_failure(attempt: &Attempt, failure: &CallFailure, since: UnixMillis, facts: &Facts) -> Decision {
    if facts.now.millis_since(since) >= GIVE_UP_AFTER_MS && facts.clock_is_trusted() {
        return become_uncertain(attempt, UncertainCause::Unresolved, facts);
    }
    let tries = attempt.tries.saturating_add(1);
    let later = |ms: i64| wait_after_failure(attempt, facts.now.plus_millis(ms));
    match failure {
        CallFailure::TokenRefused if mutant::active(Mutant::NewInitOnUnauthorized) => unproven_failure(attempt, facts),
        CallFailure::Transient => later(backoff_ms(tries, facts.jitter)),
        CallFailure::RateLimited { until } => {
            let sensible = facts.now.plus_millis(rate_limit_ms(facts.jitter));
            wait(attempt, until.unwrap_or(sensible).max(facts.now))
        }
        CallFailure::TokenRefused if attempt.tries < 2 => try_effect(attempt, Effect::RefreshToken),
        CallFailure::TokenRefused | CallFailure::Refused(_) => later(backoff_ms(tries, facts.jitter).max(60_000)),
        CallFailure::ReconnectNeeded => later(RECONNECT_LOOK_MS),
        CallFailure::Disconnected => become_uncertain(attempt, UncertainCause::Disconnected, facts),
    }
}

/// What several mutants do: a failure that nobody proved, and the post once more from the beginning.
fn unproven_failure(attempt: &Attempt, facts: &Facts) -> Decision {
    let evidence = Evidence::Failed { reason: String::new(), log_id: None, remote_date: None };
    let post = again(facts, 0, attempt.snapshot.carried);
    die(attempt, evidence, Cause::TikTokFailed, post, facts)
}
