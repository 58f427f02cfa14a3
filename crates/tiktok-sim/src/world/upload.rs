//! Byte transfer: which chunk may come next, and what it does to the task. Bytes themselves are written by the
//! HTTP layer; progress moves only when a whole chunk has been written.

use std::path::PathBuf;

use aws_lc_rs::digest;

use super::{TaskState, World};
use crate::media::MediaFacts;
use crate::rules::chunks::{ByteRange, Plan};
use crate::rules::pkce::hex;

/// The receiving side of a task.
pub(crate) struct Upload {
    pub(crate) id: u64,
    pub(crate) token: String,
    pub(crate) plan: Plan,
    pub(crate) expires_at_ms: i64,
    hash: digest::Context,
    /// A chunk is being received; a second one at the same time is refused.
    busy: bool,
}

impl Upload {
    pub(super) fn new(id: u64, token: String, plan: Plan, expires_at_ms: i64) -> Self {
        Self { id, token, plan, expires_at_ms, hash: digest::Context::new(&digest::SHA256), busy: false }
    }
}

/// A chunk as its headers announce it.
#[derive(Debug, Clone)]
pub(crate) struct ChunkRequest {
    pub(crate) upload_id: Option<u64>,
    pub(crate) token: String,
    pub(crate) content_type: Option<String>,
    pub(crate) content_length: Option<u64>,
    pub(crate) content_range: Option<String>,
}

/// Leave to receive one chunk.
pub(crate) struct ChunkPermit {
    pub(crate) publish_id: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) is_final: bool,
    pub(crate) hash: digest::Context,
    /// An accepted range comes again and the quirk allows it: read it and change nothing.
    pub(crate) repeat: bool,
}

const TYPES: [&str; 3] = ["video/mp4", "video/quicktime", "video/webm"];

impl World {
    /// Judges the headers of a chunk; refusals are bare statuses.
    pub(crate) fn begin_chunk(&mut self, request: &ChunkRequest, now_ms: i64) -> Result<ChunkPermit, u16> {
        let publish_id = request.upload_id.and_then(|id| self.uploads.get(&id)).ok_or(404_u16)?.clone();
        let repeat_allowed = self.quirks.repeated_chunk_accepted;
        let task = self.tasks.get_mut(&publish_id).ok_or(404_u16)?;
        let received = task.received_bytes;
        let upload = task.upload.as_mut().filter(|upload| upload.token == request.token).ok_or(404_u16)?;
        if upload.expires_at_ms <= now_ms {
            return Err(403);
        }
        if matches!(task.state, TaskState::Failed { .. }) {
            return Err(404);
        }
        let range = request.content_range.as_deref().and_then(ByteRange::parse).ok_or(400_u16)?;
        let length_right = request.content_length == Some(range.length());
        let type_right = request.content_type.as_deref().is_some_and(|kind| TYPES.contains(&kind));
        if !length_right || !type_right || range.total != upload.plan.size_bytes {
            return Err(400);
        }
        if range.first > received || upload.busy {
            return Err(416);
        }
        if upload.plan.chunk_at(range.first) != Some(range.length()) {
            return Err(if range.first == received { 400 } else { 416 });
        }
        let repeat = range.first < received;
        if repeat && !repeat_allowed {
            return Err(416);
        }
        upload.busy = !repeat;
        Ok(ChunkPermit {
            publish_id,
            offset: range.first,
            length: range.length(),
            is_final: range.is_final(),
            hash: upload.hash.clone(),
            repeat,
        })
    }

    /// A chunk that was not received whole changes nothing.
    pub(crate) fn abandon_chunk(&mut self, publish_id: &str) {
        if let Some(upload) = self.tasks.get_mut(publish_id).and_then(|task| task.upload.as_mut()) {
            upload.busy = false;
        }
    }

    /// Counts a whole chunk. Returns the bytes received so far.
    pub(crate) fn finish_chunk(&mut self, permit: &ChunkPermit, hash: digest::Context) -> Option<u64> {
        let task = self.tasks.get_mut(&permit.publish_id)?;
        let upload = task.upload.as_mut()?;
        if !permit.repeat {
            upload.busy = false;
            upload.hash = hash;
            if task.state == TaskState::Uploading {
                task.received_bytes = permit.offset + permit.length;
            }
        }
        Some(task.received_bytes)
    }

    /// The hash over everything received.
    pub(crate) fn upload_sha256(&self, publish_id: &str) -> Option<String> {
        let upload = self.tasks.get(publish_id)?.upload.as_ref()?;
        Some(hex(upload.hash.clone().finish().as_ref()))
    }

    /// All bytes of a video are here, uploaded or pulled: processing starts.
    pub(crate) fn received_video(
        &mut self,
        publish_id: &str,
        file: PathBuf,
        sha256: String,
        measured: Result<MediaFacts, &'static str>,
        now_ms: i64,
    ) {
        let Some(username) = self.tasks.get(publish_id).map(|task| task.username.clone()) else { return };
        let (max_duration_s, forced) = match self.users.get_mut(&username) {
            Some(user) => {
                let forced = (!user.fail_next.is_empty()).then(|| user.fail_next.remove(0));
                (user.max_video_post_duration_sec, forced)
            }
            None => (600, None),
        };
        let Some(task) = self.tasks.get_mut(publish_id) else { return };
        // Drafts can be trimmed in the app, so only the platform's own maximum applies to them.
        let max_duration_s = if task.channel.is_direct() { max_duration_s } else { 600 };
        let verdict = measured.and_then(|facts| {
            let judged = crate::media::judge(&facts, max_duration_s);
            task.media = Some(facts);
            judged
        });
        task.files = vec![file];
        task.sha256 = Some(sha256);
        let verdict = forced.map_or(verdict.map_err(str::to_owned), Err);
        self.start_processing(publish_id, verdict, now_ms);
    }

    /// All pictures are here and judged.
    pub(crate) fn received_pictures(
        &mut self,
        publish_id: &str,
        files: Vec<PathBuf>,
        sha256: String,
        verdict: Result<(), &'static str>,
        now_ms: i64,
    ) {
        let Some(task) = self.tasks.get_mut(publish_id) else { return };
        task.files = files;
        task.sha256 = Some(sha256);
        let username = task.username.clone();
        let forced = self
            .users
            .get_mut(&username)
            .and_then(|user| (!user.fail_next.is_empty()).then(|| user.fail_next.remove(0)));
        self.start_processing(publish_id, forced.map_or(verdict.map_err(str::to_owned), Err), now_ms);
    }

    fn start_processing(&mut self, publish_id: &str, verdict: Result<(), String>, now_ms: i64) {
        let processing = self.processing;
        if let Some(task) = self.tasks.get_mut(publish_id)
            && matches!(task.state, TaskState::Uploading | TaskState::Downloading { .. })
        {
            let done_at_ms = now_ms.saturating_add(processing.for_bytes(task.size_bytes));
            task.state = TaskState::Processing { done_at_ms, verdict };
        }
    }
}
