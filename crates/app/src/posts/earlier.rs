//! Earlier states of drafts: which ones are kept while somebody writes, and the way back to one. Nothing here reaches TikTok.

use domain::caption::utf16_len;
use domain::id::{DraftStateId, PostId};
use domain::post::PostContent;
use domain::time::UnixMillis;
use store::draft_state::DraftState;
use store::{Post, Tx};

use super::draft::{DraftInput, cleaned};
use crate::{Actor, App, Error, Result};

/// States kept of a post; the oldest go first.
pub const DRAFT_STATES_MAX: i64 = 20;
/// Days for which a state is kept.
pub const DRAFT_STATE_DAYS: i64 = 30;
/// While somebody types, states are kept this far apart, milliseconds.
const APART_MS: i64 = 60_000;
/// A save that takes away so many UTF-16 units is kept from at once: that is what people want back.
const SHRUNK_UTF16: usize = 20;

/// A draft that went back to an earlier state.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The draft as it is now.
    pub post: Post,
    /// The state that has what stood there a moment ago; none where that was the same.
    pub kept: Option<DraftStateId>,
}

/// Which states are kept when a draft is saved over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Those that are far enough apart, and what is about to be lost.
    Some,
    /// The one that is saved over, whenever it differs.
    Always,
}

/// Whether a state is worth keeping, when it is saved over.
fn is_kept(before: &Post, after: &Post, newest: Option<UnixMillis>, keep: Keep) -> bool {
    let same =
        before.content == after.content && before.local_time == after.local_time && before.time_zone == after.time_zone;
    if same || before.content == PostContent::default() && before.revision == 1 {
        return false;
    }
    let apart = newest.is_none_or(|at| after.updated_at.millis().saturating_sub(at.millis()) >= APART_MS);
    let (was, is) = (utf16_len(&before.content.caption), utf16_len(&after.content.caption));
    keep == Keep::Always || apart || was >= is.saturating_add(SHRUNK_UTF16)
}

impl App {
    /// Keeps what a save is about to write over, when it is worth it, and says under which id.
    pub(super) async fn keep_state(
        &self,
        tx: &mut Tx,
        before: &Post,
        after: &Post,
        keep: Keep,
    ) -> Result<Option<DraftStateId>> {
        let newest = tx.draft_state_newest(before.id).await?;
        if !is_kept(before, after, newest, keep) {
            return Ok(None);
        }
        let state = DraftState {
            id: DraftStateId::from_uuid(self.random.uuid(self.now())),
            post_id: before.id,
            connection_id: before.connection_id,
            revision: before.revision,
            content: before.content.clone(),
            local_time: before.local_time.clone(),
            time_zone: before.time_zone.clone(),
            at: after.updated_at,
        };
        tx.draft_state_keep(&state, DRAFT_STATES_MAX).await?;
        Ok(Some(state.id))
    }

    /// The earlier states of a post, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign post.
    pub async fn draft_states(&self, actor: &Actor, id: PostId) -> Result<Vec<DraftState>> {
        self.post(actor, id).await?;
        self.store.draft_states(id).await.map_err(Error::from)
    }

    /// Puts a draft back to an earlier state. What the page held at that moment, and what was saved, become states themselves, so that
    /// the way forward stays open. The pictures of a photo post stay as they are arranged.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign post or a state that is gone, else as [`App::save_draft`].
    pub async fn restore_draft(
        &self,
        actor: &Actor,
        id: PostId,
        revision: i64,
        state: DraftStateId,
        typed: &DraftInput,
    ) -> Result<Restored> {
        let stored = self.post(actor, id).await?;
        let state = self.store.draft_state(id, state).await?.ok_or(Error::NotFound { what: "draft state" })?;
        let is_typed = cleaned(typed.content.clone(), stored.photos.is_some()) != stored.content
            || typed.local_time.map(|local| local.to_string()) != stored.local_time
            || stored.time_zone.as_deref().is_some_and(|zone| zone != typed.time_zone.name());
        let revision = if is_typed {
            self.save_draft_keeping(actor, id, revision, typed, Keep::Some).await?.0.revision
        } else {
            revision
        };
        let back = DraftInput {
            delivery: stored.delivery,
            content: state.content,
            local_time: state.local_time.as_deref().and_then(|local| local.parse().ok()),
            time_zone: state
                .time_zone
                .as_deref()
                .and_then(|zone| zone.parse().ok())
                .unwrap_or_else(|| typed.time_zone.clone()),
            photos: None,
        };
        let (post, kept) = self.save_draft_keeping(actor, id, revision, &back, Keep::Always).await?;
        Ok(Restored { post, kept })
    }
}
