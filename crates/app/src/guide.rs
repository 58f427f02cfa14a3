//! The first steps of a workspace: which there are and which are done, told by what is there; and samples that show the board. Owns the
//! reading and the samples; must not do a step for anybody.

use domain::board::{IDEAS_MAX, idea as checked, newest};
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, IdeaId};
use domain::post::PostState;
use store::HistoryFilter;
use store::idea::Idea;

use crate::{Actor, App, Error, Result};

/// A step towards the first planned post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A TikTok account that works is connected.
    Account,
    /// There is a file.
    File,
    /// An account has weekly slots. It can be left out.
    Slots,
    /// A post is planned. With it the guide is over.
    Plan,
}

/// Where a workspace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// The steps in order, and whether each is done.
    pub steps: [(Step, bool); 4],
    /// The account whose slots can be chosen.
    pub account: Option<ConnectionId>,
    /// Samples stand on the board.
    pub has_samples: bool,
}

impl Guide {
    /// The step to be taken next; slots are no condition for a plan, so they are named first only until they are chosen.
    #[must_use]
    pub fn next(&self) -> Option<Step> {
        self.steps.iter().find(|(_, is_done)| !is_done).map(|(step, _)| *step)
    }
}

impl App {
    /// The first steps of the actor's workspace; `None` once a post was planned, or when somebody put them away.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide(&self, actor: &Actor) -> Result<Option<Guide>> {
        if self.store.guide_is_hidden(actor.workspace_id).await? || self.has_planned(actor).await? {
            return Ok(None);
        }
        let connections = self.connections(actor).await?;
        let account = connections.iter().find(|it| it.state == ConnectionState::Active).map(|it| it.id);
        let has_file = !self.media_list(actor, None, 1).await?.is_empty();
        let has_slots = self.rhythms(actor).await?.values().any(|rhythm| !rhythm.week.is_empty());
        let has_samples = self.store.ideas(actor.workspace_id).await?.iter().any(|idea| idea.is_sample);
        let steps =
            [(Step::Account, account.is_some()), (Step::File, has_file), (Step::Slots, has_slots), (Step::Plan, false)];
        Ok(Some(Guide { steps, account, has_samples }))
    }

    /// Whether a post is planned, or ever was.
    async fn has_planned(&self, actor: &Actor) -> Result<bool> {
        let workspace = actor.workspace_id;
        if !self.store.posts_scheduled(workspace, 1).await?.is_empty()
            || !self.store.posts_under_way(workspace, 1).await?.is_empty()
            || !self.store.posts_attention(workspace, 1).await?.is_empty()
        {
            return Ok(true);
        }
        let states = vec![PostState::Published, PostState::InInbox, PostState::Failed, PostState::Cancelled];
        let over = HistoryFilter { states, ..HistoryFilter::default() };
        Ok(!self.store.posts_history(workspace, &over, None, 1).await?.is_empty())
    }

    /// Whether somebody put the first steps away.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide_is_hidden(&self, actor: &Actor) -> Result<bool> {
        Ok(self.store.guide_is_hidden(actor.workspace_id).await?)
    }

    /// Puts the first steps away, or brings them back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide_set(&self, actor: &Actor, hidden: bool) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if hidden {
            tx.guide_hide(actor.workspace_id, self.now()).await?;
        } else {
            tx.guide_show(actor.workspace_id).await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Puts samples on the board, in this order: ideas, which have no file and no account, so nothing of them can go out. Those of an earlier
    /// time are replaced.
    ///
    /// # Errors
    /// [`Error::Limit`] `too-many-ideas`, [`Error::BadInput`] for a text that is no idea.
    pub async fn samples_add(&self, actor: &Actor, texts: &[String]) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.idea_samples_delete(actor.workspace_id).await?;
        let there = usize::try_from(tx.idea_count(actor.workspace_id).await?).unwrap_or(IDEAS_MAX);
        if there.saturating_add(texts.len()) > IDEAS_MAX {
            return Err(Error::Limit { code: "too-many-ideas" });
        }
        for (before, text) in (1_i64..).zip(texts) {
            // A millisecond each keeps their order, the first on top.
            let id = IdeaId::from_uuid(self.random.uuid(now.plus_millis(before.saturating_neg())));
            tx.idea_put(&Idea {
                id,
                workspace_id: actor.workspace_id,
                person_id: actor.user_id,
                connection_id: None,
                words: checked(text).map_err(|_| Error::BadInput { code: "idea-missing" })?,
                labels: Vec::new(),
                place: newest(id.uuid()),
                is_sample: true,
                at: now,
            })
            .await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Takes all samples away; what somebody changed or made a draft of is theirs and stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn samples_remove(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.idea_samples_delete(actor.workspace_id).await?;
        tx.commit().await.map_err(Error::from)
    }
}
