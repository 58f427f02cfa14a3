//! Honest cancel: cancel, edit, delete, pause and disconnect succeed before the last chunk is announced and are refused after it.

use super::decide::{advance, become_uncertain, finished, refused};
use super::decision::{Cause, Decision, PostChange, Refused, Then, Trouble};
use super::event::StopCause;
use super::evidence::{Evidence, FromState, UncertainCause};
use super::facts::Facts;
use super::mutant::{self, Mutant};
use super::state::{Attempt, Kind, State};

pub(super) fn stop(attempt: &Attempt, cause: StopCause, facts: &Facts) -> Decision {
    let kind = attempt.state.kind();
    let fenced = Attempt { epoch: attempt.epoch.saturating_add(1), ..attempt.clone() };
    match kind {
        Kind::Ready | Kind::InitSent | Kind::InitAcked | Kind::Uploading => {
            let Some(from) = FromState::of(kind) else {
                return finished();
            };
            if facts.commits_may_be_lost {
                return match cause {
                    // The tokens go in the same transaction, so nobody can ask for the proof any more.
                    StopCause::Disconnected => become_uncertain(&fenced, UncertainCause::CommitsLost, facts),
                    StopCause::Cancelled | StopCause::Edited | StopCause::Deleted | StopCause::Paused => {
                        refused(Refused::ProofNeeded)
                    }
                };
            }
            let state = State::Dead {
                evidence: Evidence::FinalNeverSent { from, epoch: attempt.epoch },
                publish_id: attempt.state.publish_id().map(str::to_owned),
            };
            let post = match cause {
                StopCause::Disconnected => PostChange::NeedsAttention(Trouble::ours("disconnected")),
                StopCause::Paused => PostChange::Waits,
                StopCause::Cancelled | StopCause::Edited | StopCause::Deleted => PostChange::LeftToCaller,
            };
            advance(&fenced, state, log_cause(cause), post, Then::Finished, facts)
        }
        Kind::FinalIntent | Kind::HandedOver if mutant::active(Mutant::CancelAfterFinal) => {
            let state = State::Dead {
                evidence: Evidence::Failed { reason: String::new(), log_id: None, remote_date: None },
                publish_id: attempt.state.publish_id().map(str::to_owned),
            };
            advance(&fenced, state, log_cause(cause), PostChange::LeftToCaller, Then::Finished, facts)
        }
        Kind::FinalIntent | Kind::HandedOver => match cause {
            StopCause::Disconnected => become_uncertain(&fenced, UncertainCause::Disconnected, facts),
            StopCause::Cancelled | StopCause::Edited | StopCause::Deleted | StopCause::Paused => {
                refused(Refused::TooLate)
            }
        },
        Kind::Uncertain | Kind::Published | Kind::Delivered => match cause {
            StopCause::Disconnected => finished(),
            StopCause::Cancelled | StopCause::Edited | StopCause::Deleted | StopCause::Paused => {
                refused(Refused::TooLate)
            }
        },
        Kind::Dead => finished(),
    }
}

const fn log_cause(cause: StopCause) -> Cause {
    match cause {
        StopCause::Cancelled => Cause::Cancelled,
        StopCause::Edited => Cause::Edited,
        StopCause::Deleted => Cause::Deleted,
        StopCause::Disconnected => Cause::Disconnected,
        StopCause::Paused => Cause::Paused,
    }
}
