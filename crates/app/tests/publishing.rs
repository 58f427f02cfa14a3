//! The engine against the strict simulator, on both databases, in virtual time: what TikTok's ledger says is the truth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "a test says what it expects by failing"
)]

#[path = "publishing/world.rs"]
mod world;

#[path = "publishing/answers_lost.rs"]
mod answers_lost;
#[path = "publishing/bursts.rs"]
mod bursts;
#[path = "publishing/crashes.rs"]
mod crashes;
#[path = "publishing/people.rs"]
mod people;
#[path = "publishing/refusals.rs"]
mod refusals;
#[path = "publishing/smooth.rs"]
mod smooth;
#[path = "publishing/timing.rs"]
mod timing;
