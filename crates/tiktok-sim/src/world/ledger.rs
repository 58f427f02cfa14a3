//! The truth about what was posted: posts, their visibility, and the duplicate detector.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::{TaskState, World};
use crate::error::SimError;
use crate::media::MediaFacts;
use crate::rules::post_info::{PostInfo, Privacy};
use crate::views::Duplicate;

/// A post on a simulated profile.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) post_id: u64,
    pub(crate) publish_id: String,
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) open_id: String,
    pub(crate) is_photo: bool,
    pub(crate) publish_type: &'static str,
    pub(crate) info: PostInfo,
    pub(crate) privacy: Privacy,
    pub(crate) comment_off: bool,
    pub(crate) duet_off: bool,
    pub(crate) stitch_off: bool,
    pub(crate) created_at_ms: i64,
    /// When moderation lets it become public; none for posts that are not public.
    pub(crate) public_at_ms: Option<i64>,
    pub(crate) announced: bool,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) media: Option<MediaFacts>,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: String,
}

impl Post {
    /// Visible to everybody at this instant.
    pub(crate) fn is_public(&self, now_ms: i64) -> bool {
        self.public_at_ms.is_some_and(|at| at <= now_ms)
    }

    pub(crate) fn caption(&self) -> &str {
        if self.is_photo && !self.info.description.is_empty() { &self.info.description } else { &self.info.title }
    }
}

impl World {
    /// Puts the task's media on the profile. Drafts may be published several times, by their owner.
    pub(crate) fn publish(&mut self, publish_id: &str, privacy: Option<Privacy>, at_ms: i64) {
        let number = self.number();
        let moderation_delay_ms = self.moderation_delay_ms;
        let Some(task) = self.tasks.get_mut(publish_id) else { return };
        let privacy = privacy.unwrap_or(Privacy::SelfOnly);
        let (no_comments, no_duets) = self
            .users
            .get(&task.username)
            .map_or((false, false), |user| (user.comment_disabled, user.duet_disabled || user.is_private()));
        let no_stitches = self.users.get(&task.username).is_some_and(|user| user.stitch_disabled || user.is_private());
        task.state = TaskState::Complete { at_ms };
        let post = Post {
            // Odd and beyond 2^53: no floating-point number can hold it.
            post_id: 7_600_000_000_000_000_001 + number * 2,
            publish_id: publish_id.to_owned(),
            client_key: task.client_key.clone(),
            username: task.username.clone(),
            open_id: task.open_id.clone(),
            is_photo: task.channel.is_photo(),
            publish_type: task.channel.publish_type(),
            info: task.info.clone(),
            privacy,
            comment_off: no_comments || task.info.disable_comment == Some(true),
            duet_off: no_duets || task.info.disable_duet == Some(true),
            stitch_off: no_stitches || task.info.disable_stitch == Some(true),
            created_at_ms: at_ms,
            public_at_ms: (privacy == Privacy::Public).then(|| at_ms.saturating_add(moderation_delay_ms)),
            announced: false,
            files: task.files.clone(),
            media: task.media.clone(),
            size_bytes: task.size_bytes,
            sha256: task.sha256.clone().unwrap_or_default(),
        };
        self.settled(publish_id);
        let content = json!({"publish_id": publish_id, "publish_type": post.publish_type});
        self.announce(&post.client_key, &post.open_id, "post.publish.complete", &content, at_ms);
        self.posts.push(post);
    }

    /// The person finishes a draft in the phone app.
    pub(crate) fn publish_draft(&mut self, publish_id: &str, privacy: Privacy, now_ms: i64) -> Result<(), SimError> {
        let unknown = || SimError::unknown("draft", publish_id);
        let task = self.tasks.get(publish_id).ok_or_else(unknown)?;
        match task.state {
            TaskState::InInbox { .. } => {}
            TaskState::Complete { .. } if !task.channel.is_direct() => {}
            TaskState::Uploading
            | TaskState::Downloading { .. }
            | TaskState::Processing { .. }
            | TaskState::Complete { .. }
            | TaskState::Failed { .. } => return Err(unknown()),
        }
        self.publish(publish_id, Some(privacy), now_ms);
        self.settle(now_ms);
        Ok(())
    }

    pub(super) fn announce_public_posts(&mut self, now_ms: i64) {
        let due: Vec<(usize, i64)> = self
            .posts
            .iter()
            .enumerate()
            .filter(|(_, post)| !post.announced)
            .filter_map(|(at, post)| Some((at, post.public_at_ms.filter(|public| *public <= now_ms)?)))
            .collect();
        for (at, public_at_ms) in due {
            if let Some(post) = self.posts.get_mut(at) {
                post.announced = true;
            }
            self.announce_visibility(at, "post.publish.publicly_available", public_at_ms);
        }
    }

    fn announce_visibility(&mut self, at: usize, event: &'static str, at_ms: i64) {
        let Some(post) = self.posts.get(at).cloned() else { return };
        let content = json!({
            "publish_id": post.publish_id,
            "publish_type": post.publish_type,
            "post_id": post.post_id.to_string(),
        });
        self.announce(&post.client_key, &post.open_id, event, &content, at_ms);
    }

    /// The owner changes who sees a post, in the phone app.
    pub(crate) fn change_privacy(&mut self, post_id: u64, privacy: Privacy, now_ms: i64) -> Result<(), SimError> {
        let at = self
            .posts
            .iter()
            .position(|post| post.post_id == post_id)
            .ok_or_else(|| SimError::unknown("post", &post_id.to_string()))?;
        let Some(post) = self.posts.get_mut(at) else { return Ok(()) };
        let was_public = post.announced && post.is_public(now_ms);
        post.privacy = privacy;
        if privacy == Privacy::Public {
            if !was_public {
                (post.public_at_ms, post.announced) = (Some(now_ms), false);
            }
            self.settle(now_ms);
        } else {
            post.public_at_ms = None;
            if was_public {
                self.announce_visibility(at, "post.publish.no_longer_publicaly_available", now_ms);
            }
        }
        Ok(())
    }

    /// The owner deletes a post, in the phone app. Nothing brings it back.
    pub(crate) fn delete_post(&mut self, post_id: u64, now_ms: i64) -> Result<(), SimError> {
        self.change_privacy(post_id, Privacy::SelfOnly, now_ms)?;
        self.posts.retain(|post| post.post_id != post_id);
        Ok(())
    }

    /// Everything that went out, or is about to, more than once.
    pub(crate) fn duplicates(&self) -> Vec<Duplicate> {
        let mut by_content: BTreeMap<(&str, &str, bool), Vec<String>> = BTreeMap::new();
        for task in self.tasks.values() {
            // A post and a draft of the same video are two wishes; two of one kind are a mistake.
            let is_direct = task.channel.is_direct();
            let live = matches!(task.state, TaskState::Complete { .. } | TaskState::InInbox { .. });
            if let Some(sha256) = task.sha256.as_deref().filter(|_| live) {
                by_content.entry((&task.username, sha256, is_direct)).or_default().push(task.publish_id.clone());
            }
        }
        let twice =
            by_content.into_iter().filter(|(_, ids)| ids.len() > 1).map(|((username, sha256, _), publish_ids)| {
                Duplicate::SameContentTwice { username: username.to_owned(), sha256: sha256.to_owned(), publish_ids }
            });
        let repeated = self.repeated_inits.iter().map(|(first, second)| Duplicate::InitAfterFinalByte {
            username: self.tasks.get(first).map(|task| task.username.clone()).unwrap_or_default(),
            first_publish_id: first.clone(),
            second_publish_id: second.clone(),
        });
        twice.chain(repeated).collect()
    }
}
