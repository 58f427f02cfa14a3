//! Stories told over HTTP: the real router with all its layers, the real database, the simulated TikTok.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::as_conversions)]

mod avatars;
mod boards;
mod broken_uploads;
mod bulk;
mod calendar;
mod doors;
mod exports;
mod files;
mod health;
mod help;
mod lines;
mod live;
mod long_lists;
mod news;
mod numbers;
mod operators;
mod photo_gate;
mod photos;
mod policy;
mod preferences;
mod pushing;
mod reports;
mod request_log;
mod resting;
mod rights;
mod secrets;
mod signing_in;
mod signing_in_fails;
mod stage;
mod uploads;
mod walks;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use app::App;
use axum::Router;
use web::WebState;
use web::live::Listeners;
use web::pages::legal::LegalFacts;

/// The service's router as the binary assembles it, but for live streams, which look after their session so often.
fn looking_every(app: &Arc<App>, look: Duration) -> Router {
    let state = WebState::new(Arc::clone(app), LegalFacts::sample());
    web::router(WebState { listeners: Listeners::looking_every(look), ..state })
}

/// Live streams never look by themselves: what ends them has to tell them.
fn assembled(app: &Arc<App>) -> Router {
    looking_every(app, Duration::from_secs(86_400))
}
