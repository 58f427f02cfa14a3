//! The three init calls. The rules decide; here the answer gets its form and pulls are started.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::json;

use super::authorization;
use crate::answer::{self, ApiFault, Call};
use crate::http::pull;
use crate::rules::init::{self, InitCall, Opened};
use crate::simulator::Simulator;
use crate::world::World;

type Rule = fn(&mut World, &InitCall<'_>) -> Result<Opened, ApiFault>;

fn answer_init(simulator: &Simulator, call: &Call, headers: &HeaderMap, body: &[u8], rule: Rule) -> Response {
    let base = simulator.base_urls();
    let request = InitCall {
        call,
        bearer: authorization(headers),
        content_type: headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
        body,
        upload_base: &base.upload,
    };
    let opened = rule(&mut simulator.world(), &request);
    let result = opened.map(|opened| match opened.upload_url {
        Some(upload_url) => json!({"publish_id": opened.publish_id, "upload_url": upload_url}),
        None => {
            pull::start(simulator, &opened.publish_id);
            json!({"publish_id": opened.publish_id})
        }
    });
    answer::api(call, result)
}

/// `POST /v2/post/publish/video/init/`
pub(in crate::http) async fn direct_video(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer_init(&simulator, &call, &headers, &body, init::direct_video)
}

/// `POST /v2/post/publish/inbox/video/init/`
pub(in crate::http) async fn inbox_video(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer_init(&simulator, &call, &headers, &body, init::inbox_video)
}

/// `POST /v2/post/publish/content/init/`
pub(in crate::http) async fn photos(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer_init(&simulator, &call, &headers, &body, init::photos)
}
