//! History: what came of each post, with every step and its evidence. Owns the reading; nothing here changes a post.
//!
//! Searching is in `search`, views that are kept in `views`, the history as a file in [`mod@file`], how punctual it
//! was in [`punctuality`].

pub mod file;
pub mod punctuality;
mod search;
mod views;

pub(crate) use views::{VIEWS_MAX, is_view};

use std::collections::{HashMap, HashSet};

use domain::attempt::{Attempt, absence_counts_from};
use domain::consent::Consent;
use domain::id::{ConnectionId, LabelId, PostId};
use domain::post::PostState;
use domain::search::Search;
use domain::time::UnixMillis;
use store::attempt::AttemptLogEntry;
use store::label::Label;
use store::{HistoryFilter, Post, PostEvent, PostNote};

use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Rows of one history page.
pub const PAGE: u32 = 50;
/// From so many milliseconds on a post counts as late.
pub const LATE_MS: i64 = 60_000;
/// Characters of a caption that are shown around what was looked for.
const AROUND_CHARS: usize = 90;

/// What the history page was asked for.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Only these states; empty for all that are over.
    pub states: Vec<PostState>,
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// Only what was out, or came to rest otherwise, at this instant or later.
    pub from: Option<UnixMillis>,
    /// Only what was out, or came to rest otherwise, before this instant.
    pub until: Option<UnixMillis>,
    /// Only what was out more than a minute after its time.
    pub late: bool,
    /// Only what has all of these words in its title or caption, or is the post of this TikTok id.
    pub words: String,
    /// Continue before this row.
    pub before: Option<(UnixMillis, PostId)>,
}

/// One page of history.
#[derive(Debug, Clone, Default)]
pub struct HistoryPage {
    /// Newest first.
    pub rows: Vec<PostRow>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<(UnixMillis, PostId)>,
    /// What people wrote beside them.
    pub notes: HashMap<PostId, String>,
    /// Which labels they bear.
    pub labels: HashMap<PostId, Vec<Label>>,
    /// What stands around the words looked for, where the beginning of the caption does not show them.
    pub around: HashMap<PostId, String>,
    /// Those that are out by a person's word alone: nobody knows since when.
    pub confirmed: HashSet<PostId>,
    /// Looking ended here because it took long enough; [`HistoryPage::next`] goes on from it.
    pub looked_back_to: Option<UnixMillis>,
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
    /// A person said that it is out, and TikTok did not: nobody knows since when.
    #[must_use]
    pub fn is_out_by_word(&self) -> bool {
        self.events.iter().any(|event| event.kind == "confirmed")
    }

    /// Until when "it is not there" is no answer yet, because the post could still come; `None` when it is one, or nobody is asked.
    #[must_use]
    pub fn absence_too_soon_until(&self) -> Option<UnixMillis> {
        let from = self.attempts.iter().rev().find_map(|it| absence_counts_from(&it.attempt))?;
        (self.now < from).then_some(from)
    }

    /// Where the post is on TikTok, one address for each id that TikTok told; nothing while no id or no handle is known.
    #[must_use]
    pub fn tiktok_links(&self) -> Vec<String> {
        tiktok_links(&self.row)
    }
}

/// Where a post is on TikTok. Ids are texts all the way: a number of a browser or a spreadsheet would round them.
#[must_use]
pub fn tiktok_links(row: &PostRow) -> Vec<String> {
    let Some(username) = row.connection.username.as_deref() else { return Vec::new() };
    let kind = if row.post.photos.is_some() { "photo" } else { "video" };
    row.post.tiktok_ids.iter().map(|id| format!("https://www.tiktok.com/@{username}/{kind}/{id}")).collect()
}

/// Where a post stands in the order of the history.
const fn place(post: &Post) -> (UnixMillis, PostId) {
    (post.updated_at, post.id)
}

impl HistoryQuery {
    fn filter(&self) -> HistoryFilter {
        let over = [
            PostState::Published,
            PostState::InInbox,
            PostState::Failed,
            PostState::NeedsAttention,
            PostState::Cancelled,
        ];
        HistoryFilter {
            states: if self.states.is_empty() { over.to_vec() } else { self.states.clone() },
            connection: self.connection,
            label: self.label,
            from: self.from,
            until: self.until,
            later_than_ms: if self.late { LATE_MS } else { 0 },
        }
    }
}

impl App {
    /// One page of history, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign label.
    pub async fn history(&self, actor: &Actor, query: &HistoryQuery) -> Result<HistoryPage> {
        Ok(self.history_of(actor, query, PAGE, self.settings.search_posts_max).await?.0)
    }

    /// The same in pages of so many rows, for which so many captions may be opened; and how many were.
    async fn history_of(
        &self,
        actor: &Actor,
        query: &HistoryQuery,
        page: u32,
        budget: usize,
    ) -> Result<(HistoryPage, usize)> {
        if let Some(label) = query.label {
            self.label(actor, label).await?;
        }
        let search = Search::parse(&query.words);
        let found = if search.is_empty() {
            let mut posts = self
                .store
                .posts_history(actor.workspace_id, &query.filter(), query.before, page.saturating_add(1))
                .await?;
            let size = usize::try_from(page).unwrap_or(usize::MAX);
            let more = posts.len() > size;
            posts.truncate(size);
            let next = more.then(|| posts.last().map(place)).flatten();
            search::Found { posts, looked: 0, next, looked_back_to: None }
        } else {
            self.search_history(actor, query, &search, page, budget).await?
        };
        let search::Found { posts, looked, next, looked_back_to } = found;
        let connections = self.connections(actor).await?;
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let notes = self.store.notes_of(actor.workspace_id, &ids).await?;
        let notes = notes.into_iter().map(|note| (note.post_id, note.words)).collect();
        let labels = self.labels_of(actor, &ids).await?;
        let confirmed = self.store.posts_confirmed(actor.workspace_id, &ids).await?;
        let unseen = posts.iter().filter(|it| !search.is_empty() && !search.is_in(it.content.first_line()));
        let around = unseen.filter_map(|it| Some((it.id, search.around(&it.content.caption, AROUND_CHARS)?))).collect();
        let rows = self.rows(actor, posts, &connections).await?;
        Ok((HistoryPage { rows, next, notes, labels, around, confirmed, looked_back_to }, looked))
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
