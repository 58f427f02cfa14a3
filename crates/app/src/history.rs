//! History: what came of each post, with every step and its evidence. Owns the reading; nothing here changes anything.

use std::collections::HashMap;

use domain::attempt::{Attempt, absence_counts_from};
use domain::consent::Consent;
use domain::id::{ConnectionId, LabelId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use store::attempt::AttemptLogEntry;
use store::label::Label;
use store::{HistoryFilter, PostEvent, PostNote};

use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Rows of one history page.
pub const PAGE: u32 = 50;

/// What the history page was asked for.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Only these states; empty for all that are over.
    pub states: Vec<PostState>,
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// Continue before this row.
    pub before: Option<(UnixMillis, PostId)>,
}

/// One page of history.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// Newest first.
    pub rows: Vec<PostRow>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<(UnixMillis, PostId)>,
    /// What people wrote beside them.
    pub notes: HashMap<PostId, String>,
    /// Which labels they bear.
    pub labels: HashMap<PostId, Vec<Label>>,
}

/// One attempt with its journal.
#[derive(Debug, Clone)]
pub struct AttemptView {
    /// The attempt.
    pub attempt: Attempt,
    /// Its transitions, oldest first.
    pub log: Vec<AttemptLogEntry>,
}

/// Everything about one post.
#[derive(Debug, Clone)]
pub struct PostDetail {
    /// Post, account, file.
    pub row: PostRow,
    /// The consent in force, when there is one.
    pub consent: Option<Consent>,
    /// What people did, oldest first.
    pub events: Vec<PostEvent>,
    /// Attempts, oldest first.
    pub attempts: Vec<AttemptView>,
    /// What a person wrote beside it.
    pub note: Option<PostNote>,
    /// The labels that it bears.
    pub labels: Vec<Label>,
    /// All labels of the workspace.
    pub all_labels: Vec<Label>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

impl PostDetail {
    /// Until when "it is not there" is no answer yet, because the post could still come; `None` when it is one, or nobody is asked.
    #[must_use]
    pub fn absence_too_soon_until(&self) -> Option<UnixMillis> {
        let from = self.attempts.iter().rev().find_map(|it| absence_counts_from(&it.attempt))?;
        (self.now < from).then_some(from)
    }

    /// Address of the post on TikTok: canonical id and handle, when both are known.
    #[must_use]
    pub fn tiktok_url(&self) -> Option<String> {
        let id = self.row.post.tiktok_ids.first()?;
        let username = self.row.connection.username.as_ref()?;
        Some(format!("https://www.tiktok.com/@{username}/video/{id}"))
    }
}

impl App {
    /// One page of history, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign label.
    pub async fn history(&self, actor: &Actor, query: &HistoryQuery) -> Result<HistoryPage> {
        let states = if query.states.is_empty() {
            vec![
                PostState::Published,
                PostState::InInbox,
                PostState::Failed,
                PostState::NeedsAttention,
                PostState::Cancelled,
            ]
        } else {
            query.states.clone()
        };
        if let Some(label) = query.label {
            self.label(actor, label).await?;
        }
        let filter = HistoryFilter { states, connection: query.connection, label: query.label };
        let mut posts = self.store.posts_history(actor.workspace_id, &filter, query.before, PAGE + 1).await?;
        let page = usize::try_from(PAGE).unwrap_or(50);
        let more = posts.len() > page;
        posts.truncate(page);
        let next = more.then(|| posts.last().map(|post| (post.updated_at, post.id))).flatten();
        let connections = self.connections(actor).await?;
        let notes = match (posts.last(), posts.first()) {
            (Some(oldest), Some(newest)) => {
                self.store.post_notes(actor.workspace_id, oldest.updated_at, newest.updated_at).await?
            }
            (_, None) | (None, _) => Vec::new(),
        };
        let notes = notes.into_iter().map(|note| (note.post_id, note.words)).collect();
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let labels = self.labels_of(actor, &ids).await?;
        Ok(HistoryPage { rows: self.rows(actor, posts, &connections).await?, next, notes, labels })
    }

    /// Everything about one post.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn post_detail(&self, actor: &Actor, id: PostId) -> Result<PostDetail> {
        let post = self.post(actor, id).await?;
        let consent = match post.consent_id {
            Some(id) => self.store.consent(id).await?,
            None => None,
        };
        let events = self.store.events(id).await?;
        let mut attempts = Vec::new();
        for attempt in self.store.attempts(id).await? {
            let log = self.store.attempt_log(attempt.id).await?;
            attempts.push(AttemptView { attempt, log });
        }
        let connections = self.connections(actor).await?;
        let row = self.rows(actor, vec![post], &connections).await?.pop().ok_or(Error::NotFound { what: "post" })?;
        let note = self.store.post_note(id).await?;
        let all_labels = self.labels(actor).await?;
        let labels = self.labels_of(actor, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(PostDetail { row, consent, events, attempts, note, labels, all_labels, now: self.now() })
    }
}
