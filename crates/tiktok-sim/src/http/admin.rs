//! The admin API: everything a test in another process needs, as JSON under `/admin`. Never under `/v2`,
//! and without authentication: a simulator holds nothing worth protecting and belongs on loopback.

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer;
use crate::config::{AppSpec, UserSpec};
use crate::error::SimError;
use crate::faults::FaultRule;
use crate::simulator::Simulator;
use crate::world::RemovalReason;

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/admin/clock", get(clock).post(move_clock))
        .route("/admin/apps", get(apps).post(add_app))
        .route("/admin/users", get(users).post(add_user))
        .route("/admin/users/{username}/disconnect", post(disconnect))
        .route("/admin/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/admin/grants", get(grants).post(issue_grant))
        .route("/admin/posts", get(posts))
        .route("/admin/posts/{post_id}", delete(delete_post))
        .route("/admin/posts/{post_id}/privacy", post(change_privacy))
        .route("/admin/tasks", get(tasks))
        .route("/admin/drafts/{publish_id}/publish", post(publish_draft))
        .route("/admin/journal", get(journal))
        .route("/admin/journal", delete(clear_journal))
        .route("/admin/duplicates", get(duplicates))
        .route("/admin/flags", get(flags))
        .route("/admin/webhooks", get(webhooks))
}

/// Steering mistakes as JSON.
struct Refused(SimError);

impl From<SimError> for Refused {
    fn from(error: SimError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0 {
            SimError::Unknown { .. } => 404,
            SimError::Config(_) | SimError::Scope(_) => 400,
            SimError::Io { .. } => 500,
        };
        answer::json_answer(status, &json!({"error": self.0.to_string()}))
    }
}

type Done = Result<Json<serde_json::Value>, Refused>;

fn done() -> Done {
    Ok(Json(json!({"ok": true})))
}

#[derive(Deserialize)]
struct Move {
    advance_ms: i64,
}

async fn clock(State(simulator): State<Simulator>) -> Json<serde_json::Value> {
    Json(json!({"now_ms": simulator.now_ms()}))
}

async fn move_clock(State(simulator): State<Simulator>, Json(wanted): Json<Move>) -> Json<serde_json::Value> {
    simulator.advance(wanted.advance_ms);
    Json(json!({"now_ms": simulator.now_ms()}))
}

async fn apps(State(simulator): State<Simulator>) -> Json<Vec<AppSpec>> {
    Json(simulator.apps())
}

async fn add_app(State(simulator): State<Simulator>, Json(app): Json<AppSpec>) -> Done {
    simulator.add_app(app)?;
    done()
}

async fn users(State(simulator): State<Simulator>) -> Json<Vec<UserSpec>> {
    Json(simulator.users())
}

async fn add_user(State(simulator): State<Simulator>, Json(user): Json<UserSpec>) -> Done {
    simulator.add_user(user)?;
    done()
}

#[derive(Deserialize)]
struct Disconnect {
    client_key: String,
    reason: RemovalReason,
}

async fn disconnect(
    State(simulator): State<Simulator>,
    Path(username): Path<String>,
    Json(wanted): Json<Disconnect>,
) -> Done {
    simulator.disconnect(&wanted.client_key, &username, wanted.reason)?;
    done()
}

async fn faults(State(simulator): State<Simulator>) -> Json<Vec<FaultRule>> {
    Json(simulator.faults())
}

async fn add_fault(State(simulator): State<Simulator>, Json(rule): Json<FaultRule>) -> Done {
    simulator.fault(rule);
    done()
}

async fn clear_faults(State(simulator): State<Simulator>) -> Done {
    simulator.clear_faults();
    done()
}

#[derive(Deserialize)]
struct Grant {
    client_key: String,
    username: String,
    scopes: Vec<String>,
}

async fn grants(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.grants())
}

async fn issue_grant(
    State(simulator): State<Simulator>,
    Json(wanted): Json<Grant>,
) -> Result<impl IntoResponse, Refused> {
    let scopes: Vec<&str> = wanted.scopes.iter().map(String::as_str).collect();
    Ok(Json(simulator.issue_grant(&wanted.client_key, &wanted.username, &scopes)?))
}

async fn posts(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.posts())
}

async fn tasks(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.tasks())
}

#[derive(Deserialize)]
struct Privacy {
    privacy_level: String,
}

async fn change_privacy(
    State(simulator): State<Simulator>,
    Path(post_id): Path<u64>,
    Json(wanted): Json<Privacy>,
) -> Done {
    simulator.change_privacy(post_id, &wanted.privacy_level)?;
    done()
}

async fn delete_post(State(simulator): State<Simulator>, Path(post_id): Path<u64>) -> Done {
    simulator.delete_post(post_id)?;
    done()
}

async fn publish_draft(
    State(simulator): State<Simulator>,
    Path(publish_id): Path<String>,
    Json(wanted): Json<Privacy>,
) -> Done {
    simulator.publish_draft(&publish_id, &wanted.privacy_level)?;
    done()
}

#[derive(Deserialize, Serialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn journal(State(simulator): State<Simulator>, Query(from): Query<After>) -> impl IntoResponse {
    let requests: Vec<_> = simulator.journal().into_iter().filter(|request| request.seq > from.after).collect();
    Json(requests)
}

async fn clear_journal(State(simulator): State<Simulator>) -> Done {
    simulator.clear_journal();
    done()
}

async fn duplicates(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.duplicates())
}

async fn flags(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.flags())
}

async fn webhooks(State(simulator): State<Simulator>) -> impl IntoResponse {
    Json(simulator.webhooks())
}
