//! Live updates inside one process. Owns the broadcast; the database stays the truth, a missed event is only a late page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::id::{PostId, SessionId, UploadId, WorkspaceId};
use domain::post::PostState;
use domain::time::UnixMillis;
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

/// Workspaces whose last change is remembered; beyond that all of them count as changed.
const REMEMBERED_MAX: usize = 50_000;

/// How far the changes of one process were when a page was drawn. Of another process, or of one before a restart, it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When the process began.
    pub began: UnixMillis,
    /// Changes it had told by then.
    pub told: u64,
}

#[derive(Debug, Default)]
struct Told {
    told: u64,
    /// The number of each workspace's last change.
    last: HashMap<WorkspaceId, u64>,
    /// Changes up to this one are not remembered by workspace.
    forgotten: u64,
}

/// The broadcast channel of one process, and how far it is.
#[derive(Debug, Clone)]
pub struct Live {
    sender: broadcast::Sender<LiveEvent>,
    began: UnixMillis,
    told: Arc<Mutex<Told>>,
}

impl Live {
    /// A channel without listeners, of a process that begins now.
    #[must_use]
    pub fn new(began: UnixMillis) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        Self { sender, began, told: Arc::default() }
    }

    /// Tells whoever listens; nobody listening is fine.
    pub fn publish(&self, event: LiveEvent) {
        // Counted before it is told: whoever begins to listen in between counts it as missed, and looks once too often.
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.told = told.told.saturating_add(1);
            let now = told.told;
            if told.last.len() >= REMEMBERED_MAX {
                told.last.clear();
                told.forgotten = now;
            }
            told.last.insert(event.workspace_id, now);
        }
        let _ = self.sender.send(event);
    }

    /// How far it is. To be asked before a page reads what it shows.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Seen { began: self.began, told: told.told }
    }

    /// Whether anything of a workspace may have changed since.
    #[must_use]
    pub fn changed_since(&self, workspace: WorkspaceId, seen: Seen) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        seen.began != self.began
            || seen.told < told.forgotten
            || told.last.get(&workspace).is_some_and(|last| *last > seen.told)
    }

    /// Events from now on. A receiver that lags learns so and has to reload.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.sender.subscribe()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn whoever_begins_to_listen_learns_whether_something_of_theirs_was_told_meanwhile() {
        let (ours, others): (WorkspaceId, WorkspaceId) = (
            "01930000-0000-7000-8000-000000000001".parse().unwrap(),
            "01930000-0000-7000-8000-000000000002".parse().unwrap(),
        );
        let live = Live::new(UnixMillis::from_millis(5));
        live.publish(LiveEvent { workspace_id: ours, what: LiveChange::Connections });
        let seen = live.seen();
        assert!(!live.changed_since(ours, seen), "what was told before the page was drawn is on it");
        live.publish(LiveEvent { workspace_id: others, what: LiveChange::Connections });
        assert!(!live.changed_since(ours, seen), "what others do is nothing of theirs");
        assert!(live.changed_since(others, seen));
        live.publish(LiveEvent { workspace_id: ours, what: LiveChange::Export });
        assert!(live.changed_since(ours, seen));
        assert!(Live::new(UnixMillis::from_millis(6)).changed_since(ours, seen), "another process does not know");
    }

    #[test]
    fn what_is_forgotten_counts_as_changed() {
        let ours: WorkspaceId = "01930000-0000-7000-8000-000000000001".parse().unwrap();
        let live = Live::new(UnixMillis::from_millis(5));
        let seen = live.seen();
        for n in 0..=u128::try_from(REMEMBERED_MAX).unwrap() {
            let workspace_id = WorkspaceId::from_uuid(uuid::Uuid::from_u128(n));
            live.publish(LiveEvent { workspace_id, what: LiveChange::Connections });
        }
        assert!(live.changed_since(ours, seen));
        assert!(!live.changed_since(ours, live.seen()));
    }
}
