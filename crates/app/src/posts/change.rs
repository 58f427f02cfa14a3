//! What people do to a planned post: move, post now, retry, cancel. Owns the rule that each new time is a new consent.

use domain::consent::Declaration;
use domain::id::PostId;
use domain::post::PostState;
use store::Post;

use super::draft::make_editable;
use super::submit::{When, plan};
use super::{CHANGED_MEANWHILE, Files};
use crate::{Actor, App, Error, Result};

impl App {
    /// Gives a scheduled, failed or parked post another time with otherwise equal content. The page shows the declaration again.
    ///
    /// # Errors
    /// As for submitting; [`Error::Conflict`] for a draft, which has no consent to repeat.
    pub async fn reschedule(
        &self,
        actor: &Actor,
        id: PostId,
        revision: i64,
        when: &When,
        declaration: Declaration,
    ) -> Result<Post> {
        let post = self.post(actor, id).await?;
        if post.revision != revision {
            return Err(CHANGED_MEANWHILE);
        }
        let event = match post.state {
            PostState::Scheduled | PostState::Publishing => "moved",
            PostState::Failed | PostState::NeedsAttention => "retried",
            PostState::Draft | PostState::Cancelled => {
                return Err(Error::Conflict { code: "draft-needs-the-post-page" });
            }
            PostState::Published | PostState::InInbox => {
                return Err(Error::Conflict { code: "post-is-out" });
            }
        };
        let connection = self.connection(actor, post.connection_id).await?;
        let files = Files::read(&self.store, &post).await?;
        let planned = plan(when, self.now());
        self.give_consent(actor, post, &connection, &files, declaration, planned, event).await
    }

    /// Withdraws a post. True to the answer: after it, the post does not go out.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the last byte may already be at TikTok, or the post is out.
    pub async fn cancel(&self, actor: &Actor, id: PostId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let before = tx.post(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "post" })?;
        if matches!(before.state, PostState::Draft | PostState::Cancelled) {
            return Err(Error::Conflict { code: "nothing-to-cancel" });
        }
        make_editable(&mut tx, &before, now).await?;
        let after = Post {
            state: PostState::Cancelled,
            revision: before.revision + 1,
            due_at: before.due_at,
            consent_id: None,
            problem: None,
            updated_at: now,
            ..before.clone()
        };
        // Against the state that was read before the attempt was looked for: one that the engine started since would not be stopped.
        if !tx.post_update(&after, before.revision, before.state).await? {
            return Err(CHANGED_MEANWHILE);
        }
        tx.event_append(actor.workspace_id, id, "cancelled", Some(actor.user_id), &serde_json::json!({}), now).await?;
        tx.commit().await?;
        self.post_changed(actor, id, PostState::Cancelled);
        Ok(())
    }
}
