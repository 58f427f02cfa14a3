//! Fetching media an app told TikTok to pull: https only, no redirects, streamed to disk, within size limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::io::AsyncWriteExt;
use tower::ServiceExt as _;
use url::Url;

use super::upload::measure;
use crate::media::{judge_picture, read_picture};
use crate::rules::pkce::hex;
use crate::simulator::Simulator;

const VIDEO_MAX_BYTES: u64 = 4_294_967_296;
const PHOTO_MAX_BYTES: u64 = 20_000_000;
/// A source that says nothing for so long has failed.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a pull ended early.
enum Stop {
    /// The source misbehaved.
    Failed,
    /// The task ended meanwhile (cancelled, expired, revoked).
    Over,
}

/// Fetches a task's sources in the background.
pub(super) fn start(simulator: &Simulator, publish_id: &str) {
    let simulator = simulator.clone();
    let publish_id = publish_id.to_owned();
    tokio::spawn(async move {
        run(&simulator, &publish_id).await;
        simulator.wake();
        simulator.background_work_done();
    });
}

async fn run(simulator: &Simulator, publish_id: &str) {
    let Some((sources, is_photo)) =
        simulator.world().tasks.get(publish_id).map(|task| (task.sources.clone(), task.channel.is_photo()))
    else {
        return;
    };
    let limit = if is_photo { PHOTO_MAX_BYTES } else { VIDEO_MAX_BYTES };
    let mut files = Vec::new();
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut total = 0_u64;
    for (part, source) in sources.iter().enumerate() {
        let path = (!simulator.shared.config.discard_received).then(|| simulator.shared.store.path(publish_id, part));
        match fetch(simulator, publish_id, source, path.as_deref(), limit, &mut hash, &mut total).await {
            Ok(()) => files.extend(path),
            Err(Stop::Over) => return,
            Err(Stop::Failed) => {
                let reason = if is_photo { "photo_pull_failed" } else { "video_pull_failed" };
                let now_ms = simulator.now_ms();
                let mut world = simulator.world();
                if world.pulled(publish_id, total) {
                    world.fail(publish_id, reason, now_ms);
                }
                return;
            }
        }
    }
    received(simulator, publish_id, files, hex(hash.finish().as_ref()), is_photo).await;
}

async fn received(simulator: &Simulator, publish_id: &str, files: Vec<PathBuf>, sha256: String, is_photo: bool) {
    if is_photo {
        if simulator.shared.config.discard_received {
            // Nothing is there to be judged.
            let now_ms = simulator.now_ms();
            simulator.world().received_pictures(publish_id, files, sha256, Ok(()), now_ms);
            return;
        }
        let paths = files.clone();
        let judged = tokio::task::spawn_blocking(move || {
            paths.iter().try_for_each(|path| {
                let picture = read_picture(path).map_err(|_| "file_format_check_failed")?;
                judge_picture(picture)
            })
        });
        let verdict = judged.await.unwrap_or(Err("internal"));
        let now_ms = simulator.now_ms();
        simulator.world().received_pictures(publish_id, files, sha256, verdict, now_ms);
    } else {
        // Without one where received bytes are not kept.
        let file = files.into_iter().next().unwrap_or_default();
        let measured = measure(simulator, &file).await;
        let now_ms = simulator.now_ms();
        simulator.world().received_video(publish_id, file, sha256, measured, now_ms);
    }
}

/// The address that really answers for a public one.
fn resolve(simulator: &Simulator, source: &str) -> Option<Url> {
    let route = simulator.pull_routes().iter().find(|route| {
        source.strip_prefix(route.origin.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
    });
    match route {
        Some(route) => {
            let rest = source.strip_prefix(route.origin.trim_end_matches('/'))?;
            Url::parse(&format!("{}{rest}", route.fetch_from.trim_end_matches('/'))).ok()
        }
        None => Url::parse(source).ok(),
    }
}

/// The bytes behind an address: from a server, or from a router in this process.
async fn ask(simulator: &Simulator, source: &str) -> Result<BoxStream<'static, Result<Bytes, Stop>>, Stop> {
    if let Some((router, rest)) = simulator.pull_door(source) {
        let request = Request::get(rest).body(Body::empty()).map_err(|_| Stop::Failed)?;
        let answer = router.oneshot(request).await.map_err(|never| match never {})?;
        if answer.status().as_u16() != 200 {
            return Err(Stop::Failed);
        }
        return Ok(answer.into_body().into_data_stream().map(|part| part.map_err(|_| Stop::Failed)).boxed());
    }
    let address = resolve(simulator, source).ok_or(Stop::Failed)?;
    let client = simulator.outgoing().ok_or(Stop::Failed)?;
    let answer = client.get(address).send().await.map_err(|_| Stop::Failed)?;
    // Redirects are not followed, so anything but a plain success ends the pull.
    if answer.status().as_u16() != 200 {
        return Err(Stop::Failed);
    }
    Ok(answer.bytes_stream().map(|part| part.map_err(|_| Stop::Failed)).boxed())
}

async fn fetch(
    simulator: &Simulator,
    publish_id: &str,
    source: &str,
    path: Option<&Path>,
    limit: u64,
    hash: &mut digest::Context,
    total: &mut u64,
) -> Result<(), Stop> {
    let mut parts = tokio::time::timeout(SILENCE, ask(simulator, source)).await.map_err(|_| Stop::Failed)??;
    let mut file = match path {
        Some(path) => Some(tokio::fs::File::create(path).await.map_err(|_| Stop::Failed)?),
        None => None,
    };
    let mut read = 0_u64;
    loop {
        let Ok(part) = tokio::time::timeout(SILENCE, parts.next()).await else { return Err(Stop::Failed) };
        let Some(part) = part else { break };
        let part = part?;
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        read = read.saturating_add(length);
        *total = total.saturating_add(length);
        if read > limit {
            return Err(Stop::Failed);
        }
        hash.update(&part);
        if let Some(file) = &mut file {
            file.write_all(&part).await.map_err(|_| Stop::Failed)?;
        }
        if !simulator.world().pulled(publish_id, *total) {
            return Err(Stop::Over);
        }
    }
    if let Some(file) = &mut file {
        file.flush().await.map_err(|_| Stop::Failed)?;
    }
    if read == 0 { Err(Stop::Failed) } else { Ok(()) }
}
