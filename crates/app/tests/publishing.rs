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
#[path = "publishing/clocks.rs"]
mod clocks;
#[path = "publishing/commits_lost.rs"]
mod commits_lost;
#[path = "publishing/crashes.rs"]
mod crashes;
#[path = "publishing/gate.rs"]
mod gate;
#[path = "publishing/mistakes.rs"]
mod mistakes;
#[path = "publishing/overdue.rs"]
mod overdue;
#[path = "publishing/pausing.rs"]
mod pausing;
#[path = "publishing/people.rs"]
mod people;
#[path = "publishing/photos.rs"]
mod photos;
#[path = "publishing/refusals.rs"]
mod refusals;
#[path = "publishing/smooth.rs"]
mod smooth;
#[path = "publishing/timing.rs"]
mod timing;
