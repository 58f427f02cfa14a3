//! Stories of accounts and posts: signing in, sessions, tokens, disconnecting, composing, consenting, planning.
//! Each is told on every database of this machine, with the strict simulator as TikTok and its clock as the only time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod agreeing;
mod alerts;
mod asking;
mod audited;
mod authenticator;
mod avatars;
mod boards;
mod browser;
mod bulk;
mod calendar;
mod confirming;
mod connecting;
mod consenting;
mod correcting;
mod disconnecting;
mod drafting;
mod erasing;
mod exporting;
mod incidents;
mod insights;
mod keeping;
mod key_rotation;
mod ledger;
mod library;
mod listing;
mod looking;
mod news;
mod operators;
mod planning;
mod push_service;
mod pushing;
mod readings;
mod receipts;
mod reporting;
mod rhythm;
mod sampling;
mod sealing;
mod secrets;
mod sessions;
mod sharing;
mod sheets;
mod signing_in;
mod snippets;
mod staying_away;
mod support;
mod telling;
mod tenants;
mod tokens;
mod underway;
