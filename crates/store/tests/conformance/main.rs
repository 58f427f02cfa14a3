//! One suite for both databases: what a caller may rely on, told as stories. Runs on SQLite always and on PostgreSQL when one is named.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test says what it expects by failing"
)]

mod accounts;
mod audit;
mod backups;
mod connections;
mod operators;
mod personal;
mod photos;
mod posts;
mod readings;
mod records;
mod sealed;
mod transactions;
mod turns;
mod walls;

use domain::attempt::{Attempt, Carried, MediaPlan, Mode, PhotosSnapshot, PictureSnapshot, Snapshot, State, Trace};
use domain::id::{AttemptId, ConnectionId, ConsentId, PostId, UserId};
use store::Post;
use store::testing::START;
use uuid::Uuid;

/// A first attempt of a photo post.
fn attempt_of(post: &Post, id: AttemptId) -> Attempt {
    let picture = PictureSnapshot {
        blob_key: "media".to_owned(),
        mime: "image/jpeg".to_owned(),
        sha256: "ab".repeat(32),
        size_bytes: 100,
    };
    Attempt {
        id,
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectPhotos,
        epoch: 1,
        due_at: START,
        revision: post.revision,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: ConsentId::from_uuid(Uuid::from_u128(1)),
            blob_key: "media".to_owned(),
            mime: "image/jpeg".to_owned(),
            carried: Carried { released_at: START, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: Some(PhotosSnapshot { pictures: vec![picture], cover_index: 0 }),
        },
        plan: MediaPlan::new("ab".repeat(32), 100, 100, 1).unwrap(),
        state: State::Ready,
        trace: Trace::default(),
        tries: 0,
        next_at: START,
        created_at: START,
        updated_at: START,
    }
}

fn post_id(n: u128) -> PostId {
    PostId::from_uuid(Uuid::from_u128(n))
}

fn user_id(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn connection_id(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}
