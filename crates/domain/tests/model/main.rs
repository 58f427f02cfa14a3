//! The model of exactly-once publishing: every interleaving of workers that crash, pause and are superseded, a network that
//! loses questions and answers, people who cancel and answer, and TikTok's side, by breadth-first search.
//!
//! The workers' steps are the real `domain::attempt::decide` on real attempts, so the model and the code cannot drift apart.
//! Time is abstracted to the instants that matter; counters of failures in a row are chosen by the adversary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout
)]

mod bounds;
mod canon;
mod concrete;
mod machine;
mod people;
mod promise;
mod remote;
mod search;
mod store;
mod table;
mod workers;
mod world;
