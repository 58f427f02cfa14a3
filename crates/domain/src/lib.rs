//! The words and rules of the product, pure: no network, no SQL, no clock, no randomness.
//!
//! Owns what a post, a consent, an attempt, a media verdict and a retention class *are* and which changes are allowed.
//! Must not know tokio, HTTP, a database or TikTok's wire format; time comes in as an argument.

pub mod attempt;
pub mod board;
pub mod calendar;
pub mod caption;
pub mod connection;
pub mod consent;
pub mod creator;
pub mod id;
pub mod insight;
pub mod media;
pub mod metrics;
pub mod name;
pub mod notice;
pub mod photos;
pub mod post;
pub mod privacy;
pub mod punctuality;
pub mod push;
pub mod report;
pub mod rhythm;
pub mod rules;
pub mod schedule;
pub mod search;
pub mod snippet;
pub mod time;
pub mod timetable;
