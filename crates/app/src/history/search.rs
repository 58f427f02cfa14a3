//! Looking for words in the history. Owns how far one request looks ([`crate::Settings::search_posts_max`]).
//!
//! Captions lie sealed in the database, so none of them is in an index: they are opened and compared, newest first, a portion at a time. Nothing of
//! them is kept in another place that would have to be erased, too.

use domain::id::PostId;
use domain::search::Search;
use domain::time::UnixMillis;
use store::Post;
use store::post::history::Said;

use super::{HistoryQuery, place};
use crate::{Actor, App, Result};

/// Posts that are opened at once.
const PORTION: u32 = 500;

/// A page of posts.
pub(super) struct Found {
    pub(super) posts: Vec<Post>,
    /// Captions that were opened.
    pub(super) looked: usize,
    pub(super) next: Option<(UnixMillis, PostId)>,
    pub(super) looked_back_to: Option<UnixMillis>,
}

/// An id of TikTok's is found as a whole.
fn has(said: &Said, search: &Search, words: &str) -> bool {
    said.tiktok_ids.iter().any(|id| id == words) || search.is_in(&format!("{}\n{}", said.title, said.caption))
}

impl App {
    /// The posts that have all that is looked for, newest first.
    pub(super) async fn search_history(
        &self,
        actor: &Actor,
        query: &HistoryQuery,
        search: &Search,
        page: u32,
        budget: usize,
    ) -> Result<Found> {
        let (filter, words) = (query.filter(), query.words.trim());
        let page = usize::try_from(page).unwrap_or(usize::MAX);
        let mut hits: Vec<(UnixMillis, PostId)> = Vec::new();
        let (mut before, mut looked) = (query.before, 0_usize);
        let mut looked_back_to = None;
        loop {
            let portion = self.store.posts_said(actor.workspace_id, &filter, before, PORTION).await?;
            looked = looked.saturating_add(portion.len());
            hits.extend(portion.iter().filter(|said| has(said, search, words)).map(|said| (said.updated_at, said.id)));
            let Some(last) = portion.last().filter(|_| u32::try_from(portion.len()).is_ok_and(|n| n == PORTION)) else {
                break;
            };
            before = Some((last.updated_at, last.id));
            if hits.len() > page {
                break;
            }
            if looked >= budget {
                looked_back_to = Some(last.updated_at);
                break;
            }
        }
        let more = hits.len() > page;
        hits.truncate(page);
        let next = if more { hits.last().copied() } else { looked_back_to.and(before) };
        let ids: Vec<PostId> = hits.iter().map(|(_, id)| *id).collect();
        let mut posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        posts.sort_by_key(|post| std::cmp::Reverse(place(post)));
        Ok(Found { posts, looked, next, looked_back_to: looked_back_to.filter(|_| !more) })
    }
}
