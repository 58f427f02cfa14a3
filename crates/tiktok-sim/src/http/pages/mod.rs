//! Pages for people: consent, console, profiles. Plain HTML that works without scripts.

pub(super) mod consent;
pub(super) mod console;
mod layout;
mod overview;
mod profile;
mod requests;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use crate::simulator::Simulator;

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/", get(console::enter))
        .route("/console", get(overview::show))
        .route("/console/requests", get(requests::show))
        .route("/console/version", get(console::version))
        .route("/console/style.css", get(style))
        .route("/console/live.js", get(script))
        // Browsers ask for it unasked; a 404 would stain their console.
        .route("/favicon.ico", get(async || axum::http::StatusCode::NO_CONTENT))
        .route("/console/clock", post(console::move_clock))
        .route("/console/faults", post(console::add_fault))
        .route("/console/faults/clear", post(console::clear_faults))
        .route("/console/users", post(console::change_user))
        .route("/console/drafts", post(console::publish_draft))
        .route("/console/posts", post(console::change_privacy))
        .route("/console/posts/delete", post(console::delete_post))
        .route("/console/disconnect", post(console::disconnect))
        .route("/console/media/{post_id}/{part}", get(profile::media))
        .route("/{handle}/video/{post_id}", get(profile::post))
        .route("/{handle}/photo/{post_id}", get(profile::post))
        .route("/{handle}", get(profile::account))
}

async fn style() -> Response {
    layout::asset("text/css; charset=utf-8", include_str!("style.css"))
}

async fn script() -> Response {
    layout::asset("text/javascript; charset=utf-8", include_str!("live.js"))
}
