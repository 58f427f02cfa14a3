//! One suite for both databases: what a caller may rely on, told as stories. Runs on SQLite always and on PostgreSQL when one is named.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test says what it expects by failing"
)]

mod accounts;
mod connections;
mod posts;
mod records;
mod transactions;
mod turns;

use domain::id::{ConnectionId, PostId, UserId};
use uuid::Uuid;

fn post_id(n: u128) -> PostId {
    PostId::from_uuid(Uuid::from_u128(n))
}

fn user_id(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn connection_id(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}
