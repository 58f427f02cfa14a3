//! Status fetch and cancel: what became of a task, and giving up a pull.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{authorization, known};
use crate::answer::{self, ApiFault, ApiResult, Call};
use crate::config::PostIdForm;
use crate::journal::Route;
use crate::json::{self, Members, Noticed};
use crate::rules::init::respell;
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::views::status_word;
use crate::world::{Task, TaskState, World};

const STATUS_PER_MINUTE: usize = 30;
/// Cancel has no documented limit; this only stops a runaway.
const CANCEL_PER_MINUTE: usize = 600;

/// The caller's own task.
fn own_task<'a>(
    world: &'a mut World,
    call: &Call,
    headers: &HeaderMap,
    body: &[u8],
    route: Route,
    limit: usize,
) -> Result<&'a Task, ApiFault> {
    let bearer = world.bearer(authorization(headers), route, limit, call.at_ms)?;
    known(world, call, &bearer);
    let bearer = bearer.allowed(&[Scope::VideoPublish, Scope::VideoUpload])?;
    let map = json::object(body)?;
    let mut noticed = Noticed::default();
    let publish_id = Members::new(&map, "", &["publish_id"], &mut noticed).text("publish_id")?.map(str::to_owned);
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.unknown_members = noticed.unknown;
        received.publish_id.clone_from(&publish_id);
    }
    let invalid = || ApiFault::new(400, "invalid_publish_id", "The publish_id does not exist");
    let task = publish_id.and_then(|id| world.tasks.get(&id)).ok_or_else(invalid)?;
    if task.username != bearer.username || task.client_key != bearer.client_key {
        return Err(ApiFault::new(
            400,
            "token_not_authorized_for_specified_publish_id",
            "The access token is not authorized for the publish_id",
        ));
    }
    Ok(task)
}

fn public_ids(world: &World, publish_id: &str, now_ms: i64) -> Vec<Value> {
    world
        .posts
        .iter()
        .filter(|post| post.publish_id == publish_id && post.is_public(now_ms))
        .map(|post| match world.quirks.post_ids {
            PostIdForm::Number => json!(post.post_id),
            PostIdForm::Text => json!(post.post_id.to_string()),
        })
        .collect()
}

fn answer_fetch(world: &mut World, call: &Call, headers: &HeaderMap, body: &[u8]) -> ApiResult {
    let task = own_task(world, call, headers, body, Route::Status, STATUS_PER_MINUTE)?;
    let mut data = Map::new();
    data.insert("status".to_owned(), json!(status_word(task)));
    if let TaskState::Failed { reason, .. } = &task.state {
        data.insert("fail_reason".to_owned(), json!(reason));
    }
    let progress = if task.channel.is_pull() { "downloaded_bytes" } else { "uploaded_bytes" };
    data.insert(progress.to_owned(), json!(task.received_bytes));
    let publish_id = task.publish_id.clone();
    data.insert("publicaly_available_post_id".to_owned(), Value::Array(public_ids(world, &publish_id, call.at_ms)));
    Ok(Value::Object(data))
}

fn answer_cancel(world: &mut World, call: &Call, headers: &HeaderMap, body: &[u8]) -> ApiResult {
    let task = own_task(world, call, headers, body, Route::Cancel, CANCEL_PER_MINUTE)?;
    if !matches!(task.state, TaskState::Downloading { .. }) {
        return Err(ApiFault::new(400, "publish_not_cancellable", "The publish can not be cancelled any more"));
    }
    let publish_id = task.publish_id.clone();
    world.fail(&publish_id, "publish_cancelled", call.at_ms);
    Ok(Value::Null)
}

/// `POST /v2/post/publish/status/fetch/`
pub(in crate::http) async fn fetch(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = simulator.world();
    let result = answer_fetch(&mut world, &call, &headers, &body);
    let spelling = world.quirks.invalid_param;
    answer::api(&call, result.map_err(|fault| respell(spelling, fault)))
}

/// `POST /v2/post/publish/cancel/`
pub(in crate::http) async fn cancel(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let result = answer_cancel(&mut simulator.world(), &call, &headers, &body);
    simulator.background_work_done();
    answer::api(&call, result)
}
