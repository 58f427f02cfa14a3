//! Publishing tasks: one per successful init. A task's state says all that can be true of it.

use std::path::PathBuf;

use super::World;
use super::upload::Upload;
use crate::media::MediaFacts;
use crate::rules::chunks::Plan;
use crate::rules::post_info::PostInfo;

/// Upload URLs live one hour; so do pulls.
pub(crate) const TRANSFER_MS: i64 = 3_600_000;

/// How the media comes and where the post goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    DirectFile,
    DirectPull,
    InboxFile,
    InboxPull,
    PhotoDirect,
    PhotoInbox,
}

impl Channel {
    pub(crate) fn is_direct(self) -> bool {
        match self {
            Self::DirectFile | Self::DirectPull | Self::PhotoDirect => true,
            Self::InboxFile | Self::InboxPull | Self::PhotoInbox => false,
        }
    }

    pub(crate) fn is_photo(self) -> bool {
        match self {
            Self::PhotoDirect | Self::PhotoInbox => true,
            Self::DirectFile | Self::DirectPull | Self::InboxFile | Self::InboxPull => false,
        }
    }

    pub(crate) fn is_pull(self) -> bool {
        match self {
            Self::DirectFile | Self::InboxFile => false,
            Self::DirectPull | Self::InboxPull | Self::PhotoDirect | Self::PhotoInbox => true,
        }
    }

    fn id_prefix(self) -> &'static str {
        match self {
            Self::DirectFile => "v_pub_file~v2-1.",
            Self::DirectPull => "v_pub_url~v2-1.",
            Self::InboxFile => "v_inbox_file~v2.",
            Self::InboxPull => "v_inbox_url~v2.",
            Self::PhotoDirect | Self::PhotoInbox => "p_pub_url~v2.",
        }
    }

    pub(crate) fn publish_type(self) -> &'static str {
        if self.is_direct() { "DIRECT_PUBLISH" } else { "INBOX_SHARE" }
    }
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// Waiting for bytes; the upload tells how many came.
    Uploading,
    /// The simulator is fetching.
    Downloading { downloaded_bytes: u64 },
    /// All bytes are here. The verdict is known but not told before `done_at_ms`.
    Processing { done_at_ms: i64, verdict: Result<(), String> },
    /// The draft lies in the creator's inbox.
    InInbox { at_ms: i64 },
    /// Posted; for drafts at least once.
    Complete { at_ms: i64 },
    /// Over.
    Failed { at_ms: i64, reason: String },
}

/// One publishing task.
pub(crate) struct Task {
    pub(crate) publish_id: String,
    pub(crate) channel: Channel,
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) open_id: String,
    pub(crate) created_at_ms: i64,
    pub(crate) info: PostInfo,
    pub(crate) state: TaskState,
    pub(crate) upload: Option<Upload>,
    pub(crate) sources: Vec<String>,
    /// Received files: one video, or the pictures in order.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) size_bytes: u64,
    pub(crate) received_bytes: u64,
    pub(crate) sha256: Option<String>,
    pub(crate) media: Option<MediaFacts>,
    /// Processing was held up by hand; completion then counts from the release.
    pub(crate) was_held: bool,
}

/// What an init asks for, once every rule has passed it.
pub(crate) struct NewTask {
    pub(crate) channel: Channel,
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) open_id: String,
    pub(crate) info: PostInfo,
    pub(crate) plan: Option<Plan>,
    pub(crate) sources: Vec<String>,
}

impl World {
    /// Opens a task; with a plan also its upload.
    pub(crate) fn open_task(&mut self, new: NewTask, now_ms: i64) -> String {
        let number = self.number();
        let publish_id = format!("{}{}", new.channel.id_prefix(), 7_600_000_000_000_000_000_u64 + number);
        let upload = new.plan.map(|plan| Upload::new(9000 + number, self.random.word(43), plan, now_ms + TRANSFER_MS));
        if let Some(upload) = &upload {
            self.uploads.insert(upload.id, publish_id.clone());
        }
        self.watch_for_repeat(&new, &publish_id);
        let state =
            if upload.is_some() { TaskState::Uploading } else { TaskState::Downloading { downloaded_bytes: 0 } };
        self.unsettled.insert(publish_id.clone());
        self.tasks.insert(
            publish_id.clone(),
            Task {
                publish_id: publish_id.clone(),
                channel: new.channel,
                client_key: new.client_key,
                username: new.username,
                open_id: new.open_id,
                created_at_ms: now_ms,
                info: new.info,
                state,
                size_bytes: new.plan.map_or(0, |plan| plan.size_bytes),
                upload,
                sources: new.sources,
                files: Vec::new(),
                received_bytes: 0,
                sha256: None,
                media: None,
                was_held: false,
            },
        );
        publish_id
    }

    /// An init for the same words and size while an earlier one has all its bytes is how duplicates are born.
    fn watch_for_repeat(&mut self, new: &NewTask, publish_id: &str) {
        let Some(plan) = new.plan else { return };
        let earlier = self.tasks.values().find(|task| {
            task.client_key == new.client_key
                && task.username == new.username
                && task.channel == new.channel
                && task.info.title == new.info.title
                && task.size_bytes == plan.size_bytes
                && task.received_bytes == task.size_bytes
                && !matches!(task.state, TaskState::Failed { .. })
        });
        if let Some(earlier) = earlier {
            let pair = (earlier.publish_id.clone(), publish_id.to_owned());
            self.repeated_inits.push(pair);
        }
    }
}
