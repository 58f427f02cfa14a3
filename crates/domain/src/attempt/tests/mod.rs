//! The machine's tests: stories, the whole table of (state, event) pairs, and random histories.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm
)]

mod document;
mod histories;
mod samples;
mod stories;
mod table;
