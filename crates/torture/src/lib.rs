//! Torture: the real publishing engine and store against the strict simulator, in one thread, in virtual time, with every fault that
//! a seed thinks of; afterwards the simulator's ledger tells whether each promise was kept.
//!
//! Owns the running of seeds, the plots they stand for and the check of the invariants. Must not know pages or real networks, and
//! must not repair anything: what the engine does not do by itself is a failure.
//!
//! One seed gives one story, always the same. The engine runs unchanged: only its clock, its randomness, its database connection and
//! the transport of its TikTok client are of this crate.

mod chance;
mod check;
mod gate;
mod link;
mod log;
mod many;
mod node;
mod plot;
mod report;
mod run;
mod seat;
mod stage;
mod steps;
mod systematic;
mod time;
mod trip;
mod weather;

pub use check::Invariant;
pub use many::{seeds, workers};
pub use plot::{PlannedPost, Plot, Trouble, Webhooks};
pub use report::{Breach, Outcome, Summary};
pub use run::{Bench, Error};
pub use systematic::every_step;
pub use weather::Network;
