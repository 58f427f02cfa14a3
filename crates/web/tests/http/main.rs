//! Stories told over HTTP: the real router with all its layers, the real database, the simulated TikTok.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::as_conversions)]

mod doors;
mod files;
mod live;
mod preferences;
mod signing_in;
mod stage;
mod uploads;

use std::sync::Arc;

use app::App;
use axum::Router;
use web::WebState;
use web::pages::legal::LegalFacts;

/// The service's router as the binary assembles it.
fn assembled(app: &Arc<App>) -> Router {
    web::router(WebState::new(Arc::clone(app), LegalFacts::sample()))
}
