//! The publishing engine: takes due posts, runs their attempts one effect at a time, and says truthfully what came of them.
//!
//! Owns the loop, the effects and the acts of people that touch an attempt. Every decision is `domain::attempt::decide`;
//! nothing here may conclude from silence, repeat a call by itself, or know pages.

mod answers;
mod berth;
mod clockwatch;
mod driver;
mod effects;
mod engine;
mod failpoint;
mod gate;
mod generation;
mod intent;
mod line;
mod loading;
mod pace;
mod panics;
mod people;
mod persist;
mod photos;
mod pool;
pub mod pulse;
mod rates;
mod recovery;
mod send;
mod slots;
mod start;
mod tokens;

pub(crate) use clockwatch::ClockWatch;
pub(crate) use effects::url_purpose;
pub use engine::{Engine, EngineHandle};
pub use gate::{GateAnswer, Served};
pub(crate) use pace::Pace;
pub use people::{CancelOutcome, HELD_CODES, cancel_live_attempt, webhook_hint};
pub use recovery::RESTORED;
pub(crate) use recovery::hold;
