//! Answers that must stay true when a person, a webhook or TikTok steps in at an awkward moment, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "a test says what it expects by failing"
)]

#[allow(dead_code, reason = "the engine's stories use all of it")]
#[path = "../publishing/gate.rs"]
mod gate;
#[allow(dead_code, reason = "the engine's stories use all of it")]
#[path = "../publishing/world.rs"]
mod world;

mod ended_grants;
mod growth;
mod hints;
mod unknown_outcomes;
