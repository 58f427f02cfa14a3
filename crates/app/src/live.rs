//! Live updates inside one process. Owns the broadcast; the database stays the truth, a missed event is only a late page.

use domain::id::{PostId, SessionId, UploadId, WorkspaceId};
use domain::post::PostState;
use tokio::sync::broadcast;

/// Something a page may want to show without a reload. Sent after the commit, never before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveEvent {
    /// Only members of this workspace hear it.
    pub workspace_id: WorkspaceId,
    /// What changed.
    pub what: LiveChange,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveChange {
    /// A post's state or its attempt's progress.
    Post {
        /// Which post.
        post_id: PostId,
        /// Its state after the change.
        state: PostState,
    },
    /// A connection's state.
    Connections,
    /// A session ended: its streams end with it.
    SessionEnded {
        /// Which session.
        session_id: SessionId,
    },
    /// How far an export is.
    Export,
    /// How far a file is on its way to fit.
    Rendition,
    /// An upload finished or was removed.
    Upload {
        /// Which upload.
        upload_id: UploadId,
    },
}

/// Events kept for a slow listener before it has to reload.
const BACKLOG: usize = 256;

/// The broadcast channel of one process.
#[derive(Debug, Clone)]
pub struct Live {
    sender: broadcast::Sender<LiveEvent>,
}

impl Live {
    /// A channel without listeners.
    #[must_use]
    pub fn new() -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        Self { sender }
    }

    /// Tells whoever listens; nobody listening is fine.
    pub fn publish(&self, event: LiveEvent) {
        let _ = self.sender.send(event);
    }

    /// Events from now on. A receiver that lags learns so and has to reload.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.sender.subscribe()
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}
