//! The simulator against its specification: every request and answer pair, every general rule.
//! The client here is plain HTTP; virtual time is moved, never slept through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::as_conversions)]

mod authorize;
mod creator;
mod display;
mod drafts;
mod exactly_once;
mod general;
mod hostile;
mod init;
mod media;
mod pages;
mod photos;
mod pull;
mod status;
mod support;
mod tokens;
mod upload;
mod webhooks;
