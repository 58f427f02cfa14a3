//! What time does to tasks and posts. `settle` brings the world up to an instant and is safe to call at any time;
//! nothing else moves a task forward.

use serde_json::json;

use super::tasks::TRANSFER_MS;
use super::{TaskState, World};

/// What is due for a task.
enum Due {
    Fail(&'static str, i64),
    Judged(i64),
}

impl World {
    /// Applies everything due up to `now_ms`.
    pub(crate) fn settle(&mut self, now_ms: i64) {
        let candidates: Vec<String> = self.unsettled.iter().filter(|id| self.is_near(id, now_ms)).cloned().collect();
        for publish_id in candidates {
            match self.due(&publish_id, now_ms) {
                Some(Due::Fail(reason, at_ms)) => self.fail(&publish_id, reason, at_ms),
                Some(Due::Judged(at_ms)) => self.conclude(&publish_id, at_ms),
                None => {}
            }
        }
        self.announce_public_posts(now_ms);
    }

    /// Cheap test before looking closely: most tasks have nothing due at most calls.
    fn is_near(&self, publish_id: &str, now_ms: i64) -> bool {
        self.tasks.get(publish_id).is_some_and(|task| match &task.state {
            TaskState::Uploading | TaskState::Downloading { .. } => task.created_at_ms + TRANSFER_MS <= now_ms,
            TaskState::Processing { done_at_ms, .. } => *done_at_ms <= now_ms,
            TaskState::InInbox { .. } | TaskState::Complete { .. } | TaskState::Failed { .. } => false,
        })
    }

    fn due(&mut self, publish_id: &str, now_ms: i64) -> Option<Due> {
        let held = {
            let task = self.tasks.get(publish_id)?;
            self.users.get(&task.username).is_some_and(|user| user.processing_held)
        };
        let task = self.tasks.get_mut(publish_id)?;
        let expires_at_ms = task.created_at_ms + TRANSFER_MS;
        match &task.state {
            TaskState::Uploading if expires_at_ms <= now_ms => Some(Due::Fail("internal", expires_at_ms)),
            TaskState::Downloading { .. } if expires_at_ms <= now_ms => {
                let reason = if task.channel.is_photo() { "photo_pull_failed" } else { "video_pull_failed" };
                Some(Due::Fail(reason, expires_at_ms))
            }
            TaskState::Processing { done_at_ms, .. } if *done_at_ms <= now_ms => {
                if held {
                    task.was_held = true;
                    return None;
                }
                Some(Due::Judged(if task.was_held { now_ms } else { *done_at_ms }))
            }
            TaskState::Uploading
            | TaskState::Downloading { .. }
            | TaskState::Processing { .. }
            | TaskState::InInbox { .. }
            | TaskState::Complete { .. }
            | TaskState::Failed { .. } => None,
        }
    }

    /// The next instant at which `settle` has something to do.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        let tasks = self.unsettled.iter().filter_map(|id| self.tasks.get(id)).filter_map(|task| match &task.state {
            TaskState::Uploading | TaskState::Downloading { .. } => Some(task.created_at_ms + TRANSFER_MS),
            TaskState::Processing { done_at_ms, .. } => {
                let held = self.users.get(&task.username).is_some_and(|user| user.processing_held);
                (!held).then_some(*done_at_ms)
            }
            TaskState::InInbox { .. } | TaskState::Complete { .. } | TaskState::Failed { .. } => None,
        });
        let posts = self.posts.iter().filter(|post| !post.announced).filter_map(|post| post.public_at_ms);
        let webhooks = self.webhooks.iter().filter_map(|webhook| webhook.due_at_ms());
        tasks.chain(posts).chain(webhooks).min()
    }

    fn conclude(&mut self, publish_id: &str, at_ms: i64) {
        let Some(task) = self.tasks.get(publish_id) else { return };
        let TaskState::Processing { verdict, .. } = &task.state else { return };
        if let Err(reason) = verdict.clone() {
            self.fail(publish_id, &reason, at_ms);
        } else if task.channel.is_direct() {
            let privacy = task.info.privacy;
            self.publish(publish_id, privacy, at_ms);
        } else {
            let (client_key, open_id) = (task.client_key.clone(), task.open_id.clone());
            if let Some(task) = self.tasks.get_mut(publish_id) {
                task.state = TaskState::InInbox { at_ms };
            }
            self.unsettled.remove(publish_id);
            let content = json!({"publish_id": publish_id, "publish_type": "INBOX_SHARE"});
            self.announce(&client_key, &open_id, "post.publish.inbox_delivered", &content, at_ms);
        }
    }

    /// Ends a task for good and tells the app.
    pub(crate) fn fail(&mut self, publish_id: &str, reason: &str, at_ms: i64) {
        self.unsettled.remove(publish_id);
        let Some(task) = self.tasks.get_mut(publish_id) else { return };
        task.state = TaskState::Failed { at_ms, reason: reason.to_owned() };
        let (client_key, open_id) = (task.client_key.clone(), task.open_id.clone());
        let content = json!({"publish_id": publish_id, "reason": reason, "publish_type": task.channel.publish_type()});
        self.announce(&client_key, &open_id, "post.publish.failed", &content, at_ms);
    }

    /// Bytes fetched so far by a pull.
    pub(crate) fn pulled(&mut self, publish_id: &str, bytes: u64) -> bool {
        match self.tasks.get_mut(publish_id) {
            Some(task) => match &mut task.state {
                TaskState::Downloading { downloaded_bytes } => {
                    *downloaded_bytes = bytes;
                    task.received_bytes = bytes;
                    task.size_bytes = task.size_bytes.max(bytes);
                    true
                }
                TaskState::Uploading
                | TaskState::Processing { .. }
                | TaskState::InInbox { .. }
                | TaskState::Complete { .. }
                | TaskState::Failed { .. } => false,
            },
            None => false,
        }
    }

    pub(super) fn settled(&mut self, publish_id: &str) {
        self.unsettled.remove(publish_id);
    }
}
