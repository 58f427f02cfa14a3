//! `init_acked` and `uploading`: every byte but the last chunk, resumed at whatever offset TikTok says.

use super::decide::{
    HELD_AFTER_RESTORE, advance, again, become_uncertain, die, give_up, look_again, perform, try_effect,
    wait_after_failure,
};
use super::decision::{Cause, Change, Decision, Effect, PostChange, Then, Trouble};
use super::early::careful_transfer_ms;
use super::event::{ChunkRefusal, Event, RemoteState, StatusReport};
use super::evidence::{Evidence, UncertainCause};
use super::facts::Facts;
use super::inits::{before_final_failure, init_again};
use super::mutant::{self, Mutant};
use super::polling::backoff_ms;
use super::reaction::{Reaction, react_to};
use super::release;
use super::state::{Attempt, Carried, Kind, State, Task, URL_LIFE_MS};

/// How often accepted bytes are made durable, milliseconds: they are a hint, TikTok knows better.
const PROGRESS_EVERY_MS: i64 = 10_000;

/// Failures of one chunk in a row before the upload is started anew.
const CHUNK_TRIES: u32 = 8;

/// New uploads in the life of a post before we give up.
const UPLOAD_RESTARTS: u32 = 2;

pub(super) fn init_acked(attempt: &Attempt, task: &Task, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::ChunkComplete | Event::ChunkUnknown | Event::ChunkRefused(_)
            if mutant::active(Mutant::NoFinalIntent) =>
        {
            release::announced_after_the_effect(attempt, task, facts)
        }
        Event::Resume | Event::DueReached | Event::Hint | Event::MediaVerified => go_on(attempt, task, 0, false, facts),
        Event::TokenRefreshed => perform(Effect::FetchStatus),
        Event::StatusSeen(report) => status(attempt, task, 0, report, facts),
        Event::CallFailed(failure) => before_final_failure(attempt, failure, facts),
        Event::TaskUnknown { .. } => restart(attempt, Cause::TaskUnknown, "upload-refused", facts),
        Event::MediaMismatch => media_changed(attempt, facts),
        Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::ChunkAccepted { .. }
        | Event::ChunkComplete
        | Event::ChunkRefused(_)
        | Event::ChunkUnknown
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => look_again(),
    }
}

pub(super) fn uploading(attempt: &Attempt, task: &Task, acked: u64, event: &Event, facts: &Facts) -> Decision {
    match event {
        Event::ChunkComplete if mutant::active(Mutant::NoFinalIntent) => {
            release::announced_after_the_effect(attempt, task, facts)
        }
        // What we remember of the offset is a hint: after a crash TikTok is asked first.
        Event::Resume | Event::Hint | Event::TokenRefreshed | Event::ChunkComplete => perform(Effect::FetchStatus),
        // Held until shortly before the due time only, TikTok is still to be asked for its clock.
        Event::DueReached => go_on(attempt, task, acked, facts.now >= attempt.due_at, facts),
        Event::MediaVerified => go_on(attempt, task, acked, false, facts),
        Event::StatusSeen(report) => status(attempt, task, acked, report, facts),
        Event::ChunkAccepted { index } => {
            let mut next = attempt.clone();
            next.tries = 0;
            go_on(&next, task, attempt.plan.end_of(*index), false, facts)
        }
        Event::ChunkUnknown => chunk_failed(attempt, facts),
        Event::ChunkRefused(refusal) => match refusal {
            ChunkRefusal::BadRequest => {
                give_up(attempt, Cause::OurRequestWrong, PostChange::Failed(Trouble::ours("upload-refused")), facts)
            }
            ChunkRefusal::UrlExpired | ChunkRefusal::NoSuchUpload => {
                restart(attempt, Cause::UploadRefused, "upload-expired", facts)
            }
            ChunkRefusal::WrongRange if attempt.tries < CHUNK_TRIES => try_effect(attempt, Effect::FetchStatus),
            ChunkRefusal::WrongRange => restart(attempt, Cause::UploadFailedOften, "upload-refused", facts),
        },
        Event::CallFailed(failure) => before_final_failure(attempt, failure, facts),
        Event::TaskUnknown { .. } => restart(attempt, Cause::TaskUnknown, "upload-refused", facts),
        Event::MediaMismatch => media_changed(attempt, facts),
        Event::CreatorChecked(_)
        | Event::InitAnswered(_)
        | Event::InitRefused(_)
        | Event::InitUnknown
        | Event::EngineFailed
        | Event::Stop(_)
        | Event::Answer { .. } => look_again(),
    }
}

/// Sends the chunk that holds `offset`, or asks for the release of the last one.
fn go_on(attempt: &Attempt, task: &Task, offset: u64, fresh: bool, facts: &Facts) -> Decision {
    if !fits_url(attempt, task, offset, facts) {
        return too_slow(attempt, facts);
    }
    let index = attempt.plan.index_at(offset);
    // Of photos nothing is ever sent: they have no part before the release.
    if index >= attempt.plan.last_index() || attempt.mode.is_pull() {
        return release::release(attempt, task, offset, fresh, facts);
    }
    let state = State::Uploading { task: task.clone(), acked_bytes: offset };
    let then = Then::Perform(Effect::PutChunk { index, is_final: false });
    let since = facts.now.millis_since(attempt.updated_at);
    match attempt.state {
        State::Uploading { .. } if since < PROGRESS_EVERY_MS => {
            Decision { change: Change::Memory(Box::new(with_progress(attempt, state, offset))), then }
        }
        State::Uploading { .. } => advance(attempt, state, Cause::Progress, PostChange::Keep, then, facts),
        State::Ready
        | State::InitSent { .. }
        | State::InitAcked(_)
        | State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Dead { .. }
        | State::Uncertain { .. } => advance(attempt, state, Cause::UploadStarted, PostChange::Keep, then, facts),
    }
}

/// The attempt with a newer hint of the offset.
pub(super) fn with_progress(attempt: &Attempt, state: State, offset: u64) -> Attempt {
    let mut next = attempt.clone();
    next.state = state;
    next.trace.acked_bytes = offset;
    next
}

/// TikTok told how far it is while the last chunk was never announced.
fn status(attempt: &Attempt, task: &Task, acked: u64, report: &StatusReport, facts: &Facts) -> Decision {
    let seen = note(attempt, report);
    match &report.state {
        RemoteState::Failed { reason } => failed(&seen, reason, report, facts),
        RemoteState::Published | RemoteState::InInbox => become_uncertain(&seen, UncertainCause::Contradiction, facts),
        RemoteState::Pending => {
            // Photos: our gate is shut, so whatever TikTok counts are not their bytes.
            let offset = if attempt.mode.is_pull() { 0 } else { report.uploaded_bytes.unwrap_or(acked) };
            if offset >= attempt.plan.size_bytes() {
                return become_uncertain(&seen, UncertainCause::Contradiction, facts);
            }
            go_on(&seen, task, offset, true, facts)
        }
    }
}

/// Keeps TikTok's words for people.
pub(super) fn note(attempt: &Attempt, report: &StatusReport) -> Attempt {
    let mut next = attempt.clone();
    next.trace.status = Some(report.word.clone());
    next.trace.status_date = report.remote_date;
    if report.log_id.is_some() {
        next.trace.log_id.clone_from(&report.log_id);
    }
    if let RemoteState::Failed { reason } = &report.state {
        next.trace.fail_reason = Some(reason.clone());
    }
    next
}

/// TikTok ended the task: proof E1, then by reason.
pub(super) fn failed(attempt: &Attempt, reason: &str, report: &StatusReport, facts: &Facts) -> Decision {
    let evidence =
        Evidence::Failed { reason: reason.to_owned(), log_id: report.log_id.clone(), remote_date: report.remote_date };
    let carried = attempt.snapshot.carried;
    let code = if reason.is_empty() { "failed-without-reason" } else { reason };
    let trouble = Trouble {
        code: code.to_owned(),
        tiktok_code: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        log_id: report.log_id.clone(),
    };
    let once_more = |delay_ms: i64| {
        again(facts, delay_ms, Carried { internal_failures: carried.internal_failures.saturating_add(1), ..carried })
    };
    // A post that a person was already asked about is theirs to repeat: the next attempt would find it unwanted.
    let may_repeat = carried.internal_failures == 0 && attempt.state.kind().is_open();
    // TikTok came before the gate was opened and did not wait: an init that led nowhere, and nothing is wrong with the pictures.
    let before_the_gate = attempt.state.kind() == Kind::InitAcked && reason.ends_with("_pull_failed");
    let post = match react_to(reason) {
        // What is not recorded any more may have been a new attempt, and that one may be out.
        _ if facts.commits_may_be_lost => {
            PostChange::NeedsAttention(Trouble { code: HELD_AFTER_RESTORE.to_owned(), ..trouble })
        }
        _ if before_the_gate => init_again(attempt, facts, 0),
        Reaction::Park | Reaction::GiveUp if mutant::active(Mutant::RetryForGoodRefusal) => once_more(0),
        Reaction::Soon | Reaction::Once if may_repeat => once_more(30_000),
        Reaction::AfterRateWindow if may_repeat => once_more(60_000),
        Reaction::AfterHours | Reaction::Park => PostChange::NeedsAttention(trouble),
        Reaction::Soon | Reaction::Once | Reaction::AfterRateWindow | Reaction::GiveUp => PostChange::Failed(trouble),
    };
    die(attempt, evidence, Cause::TikTokFailed, post, facts)
}

/// What is to be sent from `offset` on, half as long again for safety, fits into what is left of the URL's hour. All but the last chunk
/// leaves while the due time is waited for.
fn fits_url(attempt: &Attempt, task: &Task, offset: u64, facts: &Facts) -> bool {
    let Some(issued_at) = task.url_date.or(attempt.trace.init_sent_at) else {
        return true;
    };
    if !facts.clock_is_trusted() {
        // Not to be judged by a wrong clock: TikTok refuses bytes when the hour is over.
        return true;
    }
    let left = issued_at.plus_millis(URL_LIFE_MS).millis_since(facts.now);
    let hold = attempt.due_at.millis_since(facts.now).max(0);
    // Nothing is sent of photos, and where nothing was measured yet it is tried and judged after the first chunk.
    if attempt.mode.is_pull() || facts.upload_rate.is_none() {
        return hold < left;
    }
    let plan = &attempt.plan;
    let early = plan.held_from().saturating_sub(offset);
    let last = plan.size_bytes().saturating_sub(offset.max(plan.held_from()));
    let early_ms = careful_transfer_ms(early, facts.upload_rate);
    hold.max(early_ms).saturating_add(careful_transfer_ms(last, facts.upload_rate)) < left
}

fn too_slow(attempt: &Attempt, facts: &Facts) -> Decision {
    restart(attempt, Cause::UrlTooShort, "connection-too-slow", facts)
}

/// A new task and the whole file again, a few times; then the person is told.
fn restart(attempt: &Attempt, cause: Cause, code: &'static str, facts: &Facts) -> Decision {
    let carried = attempt.snapshot.carried;
    let post = if carried.upload_restarts < UPLOAD_RESTARTS {
        again(
            facts,
            backoff_ms(carried.upload_restarts.saturating_add(1), facts.jitter),
            Carried { upload_restarts: carried.upload_restarts.saturating_add(1), ..carried },
        )
    } else {
        PostChange::Failed(Trouble::ours(code))
    };
    give_up(attempt, cause, post, facts)
}

fn chunk_failed(attempt: &Attempt, facts: &Facts) -> Decision {
    if attempt.tries >= CHUNK_TRIES {
        return restart(attempt, Cause::UploadFailedOften, "upload-failed-often", facts);
    }
    let delay = backoff_ms(attempt.tries.saturating_add(1), facts.jitter).min(60_000);
    wait_after_failure(attempt, facts.now.plus_millis(delay))
}

pub(super) fn media_changed(attempt: &Attempt, facts: &Facts) -> Decision {
    give_up(attempt, Cause::MediaChanged, PostChange::NeedsAttention(Trouble::ours("media-changed")), facts)
}
