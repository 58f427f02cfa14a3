//! The publishing engine: takes due posts, runs their attempts one effect at a time, and says truthfully what came of them.
//!
//! Owns the loop, the effects and the acts of people that touch an attempt. Every decision is `domain::attempt::decide`;
//! nothing here may conclude from silence, repeat a call by itself, or know pages.

mod answers;
mod clockwatch;
mod driver;
mod effects;
mod engine;
mod generation;
mod loading;
mod people;
mod persist;
pub mod pulse;
mod rates;
mod send;
mod slots;
mod start;
mod tokens;

pub use engine::{Engine, EngineHandle};
pub use people::{CancelOutcome, cancel_live_attempt, webhook_hint};
