//! The attempt machine: one run at publishing a post, from `ready` to proof of what became of it.
//!
//! Owns the states, the allowed edges (as data), the evidence of death and the one decision function that runs alike on the
//! first try, after a crash and in a model checker. Must not read a clock, a database or the network: all arrives as arguments.

mod answer;
mod decide;
mod decision;
mod early;
mod event;
mod evidence;
mod facts;
mod inits;
pub mod mutant;
mod plan;
mod polling;
mod problems;
mod reaction;
mod recover;
mod release;
mod settle;
mod state;
mod stop;
mod transfer;
mod transition;

#[cfg(test)]
mod tests;

pub use answer::absence_counts_from;
pub use decide::{HELD_AFTER_RESTORE, decide};
pub use decision::{Cause, Change, Commit, Decision, Effect, PostChange, Refused, SendOptions, Then, Trouble};
pub use early::{
    ASSUMED_RATE, EARLIEST_LEAD_MS, EARLY_MIN_BYTES, Lateness, READY_LEAD_MS, careful_transfer_ms,
    estimated_transfer_ms, lateness, start_at,
};
pub use event::{
    CallFailure, ChunkRefusal, CreatorVerdict, Event, PersonAnswer, Refusal, RemoteState, StatusReport, StopCause,
};
pub use evidence::{Evidence, FromState, UncertainCause};
pub use facts::{Facts, InitUse, PostFacts, RemoteClock, UndatedWatch};
pub use plan::{InvalidPlan, MediaPlan};
pub use polling::{GIVE_UP_AFTER_MS, TAKING_LONG_AFTER_MS, backoff_ms, poll_delay_ms};
pub use problems::PROBLEM_CODES;
pub use reaction::{Reaction, react_to};
pub use recover::{Known, recover};
pub use state::{
    Attempt, Carried, Kind, Mode, NEVER, PhotosSnapshot, PictureSnapshot, SealedUrl, ShortLooks, Snapshot, State, Task,
    Trace, URL_LIFE_MS, URL_MARGIN_MS,
};
pub use transition::{EDGES, Edge, Who, is_allowed};
