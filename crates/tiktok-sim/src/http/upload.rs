//! The upload host: one chunk per PUT, strictly in order, streamed to disk with constant memory.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use futures::StreamExt;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use crate::answer::{self, Call};
use crate::config::{MediaPolicy, ProgressForm};
use crate::media::{self, Container, MediaFacts};
use crate::simulator::Simulator;
use crate::world::{ChunkPermit, ChunkRequest};

/// Frees the upload when the client goes away in the middle of a chunk.
struct Receiving<'a> {
    simulator: &'a Simulator,
    publish_id: &'a str,
    is_over: bool,
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.simulator.world().abandon_chunk(self.publish_id);
        }
    }
}

fn request(uri: &Uri, headers: &HeaderMap) -> ChunkRequest {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut request = ChunkRequest {
        upload_id: None,
        token: String::new(),
        content_type: text(header::CONTENT_TYPE),
        content_length: text(header::CONTENT_LENGTH).and_then(|value| value.parse().ok()),
        content_range: text(header::CONTENT_RANGE),
    };
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "upload_id" => request.upload_id = value.parse().ok(),
            "upload_token" => request.token = value.into_owned(),
            _ => {}
        }
    }
    request
}

/// `PUT {upload_url}`
pub(super) async fn chunk(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = request(&uri, &headers);
    let begun = simulator.world().begin_chunk(&request, call.at_ms);
    let permit = match begun {
        Ok(permit) => permit,
        Err(status) => return answer::bare(status),
    };
    note_task(&simulator, &call, &permit.publish_id);
    let mut receiving = Receiving { simulator: &simulator, publish_id: &permit.publish_id, is_over: permit.repeat };
    let path = simulator.shared.store.path(&permit.publish_id, 0);
    let kept = (!permit.repeat && !simulator.shared.config.discard_received).then_some(&*path);
    let Some(hash) = receive(&permit, kept, body).await else { return answer::bare(400) };
    let measured = if permit.is_final && !permit.repeat { Some(measure(&simulator, &path).await) } else { None };
    receiving.is_over = true;
    drop(receiving);

    let mut world = simulator.world();
    let Some(received_bytes) = world.finish_chunk(&permit, hash) else { return answer::bare(404) };
    if let (Some(measured), Some(sha256)) = (measured, world.upload_sha256(&permit.publish_id)) {
        world.received_video(&permit.publish_id, path, sha256, measured, call.at_ms);
    }
    let total = world.tasks.get(&permit.publish_id).map_or(0, |task| task.size_bytes);
    let progress = match world.quirks.progress {
        ProgressForm::Count => received_bytes,
        ProgressForm::LastIndex => received_bytes.saturating_sub(1),
    };
    let mut response = answer::bare(if permit.is_final { 201 } else { 206 });
    answer::set_header(&mut response, header::CONTENT_RANGE, &format!("bytes 0-{progress}/{total}"));
    response
}

fn note_task(simulator: &Simulator, call: &Call, publish_id: &str) {
    let mut world = simulator.world();
    let parties = world.tasks.get(publish_id).map(|task| (task.client_key.clone(), task.username.clone()));
    if let (Some(received), Some((client_key, username))) = (world.journal.get_mut(call.seq), parties) {
        received.publish_id = Some(publish_id.to_owned());
        received.client_key = Some(client_key);
        received.username = Some(username);
    }
}

/// Writes and hashes the chunk; `None` unless exactly the announced bytes came.
async fn receive(permit: &ChunkPermit, kept: Option<&Path>, body: Body) -> Option<digest::Context> {
    let mut file = None;
    if let Some(path) = kept {
        let opened = tokio::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).await;
        let mut opened = opened.inspect_err(|error| tracing::error!(%error, "cannot keep an upload")).ok()?;
        opened.seek(SeekFrom::Start(permit.offset)).await.ok()?;
        file = Some(opened);
    }
    let mut hash = permit.hash.clone();
    let mut left = permit.length;
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.ok()?;
        left = left.checked_sub(u64::try_from(part.len()).ok()?)?;
        hash.update(&part);
        if let Some(file) = &mut file {
            file.write_all(&part).await.ok()?;
        }
    }
    if let Some(mut file) = file {
        file.flush().await.ok()?;
    }
    (left == 0).then_some(hash)
}

/// What the policy says the bytes are.
pub(super) async fn measure(simulator: &Simulator, path: &Path) -> Result<MediaFacts, &'static str> {
    match simulator.media_policy() {
        MediaPolicy::Declared(facts) => Ok(facts),
        MediaPolicy::Trust => Ok(MediaFacts {
            container: Container::Mp4,
            codec: "h264".to_owned(),
            width_px: 1080,
            height_px: 1920,
            frames_per_second: Some(30.0),
            duration_ms: 10_000,
        }),
        MediaPolicy::Inspect => {
            let path: PathBuf = path.to_path_buf();
            let measured = tokio::task::spawn_blocking(move || media::measure(&path)).await;
            match measured {
                Ok(Ok(facts)) => Ok(facts),
                Ok(Err(unreadable)) => {
                    tracing::info!(%unreadable, "a received file is no video");
                    Err("file_format_check_failed")
                }
                Err(_) => Err("internal"),
            }
        }
    }
}
