//! The enveloped API, one file per group of calls.

pub(super) mod creator;
pub(super) mod display;
pub(super) mod publish;
pub(super) mod status;
pub(super) mod user;

use axum::http::{HeaderMap, header};

use crate::answer::Call;
use crate::world::{Bearer, World};

/// The Authorization header as text.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}

/// Tells the journal who called.
fn known(world: &mut World, call: &Call, bearer: &Bearer) {
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.client_key = Some(bearer.client_key.clone());
        received.username = Some(bearer.username.clone());
    }
}
