//! Everything the post page shows. Owns the gathering; the rule engine in `domain` decides what may be chosen.

use domain::creator::CreatorStanding;
use domain::id::{ConnectionId, GroupId};
use domain::media::MediaOutcome;
use domain::post::PostState;
use domain::rules::{Choices, PostCheck, Problem, check, choices};
use domain::time::UnixMillis;
use store::draft_state::DraftState;
use store::label::Label;
use store::library::FileUse;
use store::snippet::Snippet;
use store::{Connection, Media, Post};

use super::Files;
use super::batch::Begun;
use super::draft::{DraftInput, cleaned};
use crate::{Actor, App, Error, Result};

/// Window of TikTok's cap on direct posts, milliseconds.
pub(crate) const CAP_WINDOW_MS: i64 = 86_400_000;

/// Newest files among which pictures to add are looked for.
const MORE_LOOKED_AT: i64 = 60;
/// Pictures offered to be added.
const MORE_SHOWN: usize = 24;

/// One account of a composition.
#[derive(Debug, Clone)]
pub struct ComposeTab {
    /// Its post.
    pub post: Post,
    /// Its account.
    pub connection: Connection,
}

/// The post page for one account of a composition.
#[derive(Debug)]
pub struct ComposeView {
    /// What the post was like before, the newest first; only of a draft.
    pub earlier: Vec<DraftState>,
    /// What was begun in one go with it, itself among them.
    pub batch: Vec<Begun>,
    /// All accounts of the composition, one post each.
    pub tabs: Vec<ComposeTab>,
    /// The account this page is about.
    pub current: ComposeTab,
    /// The files.
    pub files: Files,
    /// Pictures of the library that could be added to a photo post, newest first.
    pub more_pictures: Vec<Media>,
    /// Posts that went out with the same content, newest first; this one is none of them.
    pub out_before: Vec<FileUse>,
    /// What TikTok says about the creator, fetched for this rendering; the error when it did not answer.
    pub standing: std::result::Result<CreatorStanding, Error>,
    /// What the page may offer.
    pub choices: Choices,
    /// What stands in the way as the form is now.
    pub problems: Vec<Problem>,
    /// Texts that are kept for captions.
    pub snippets: Vec<Snippet>,
    /// The labels of the post in front, and all that there are.
    pub labels: (Vec<Label>, Vec<Label>),
    /// What somebody wrote beside it.
    pub note: Option<String>,
    /// Accounts that could be added.
    pub other_connections: Vec<Connection>,
    /// Direct posts of this account in the last 24 hours, as far as we know.
    pub direct_posts_24h: i64,
    /// The next free slot of the account, when it has slots.
    pub free_slot: Option<UnixMillis>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

impl App {
    /// Gathers the post page. Without `account` the first one that still has something to do. `typed` is what a refused form held:
    /// it is shown and judged instead of what is stored, so that nothing typed is lost and nothing is saved behind the person's back.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign group. A TikTok that does not answer is shown on the page instead.
    pub async fn compose(
        &self,
        actor: &Actor,
        group: GroupId,
        account: Option<ConnectionId>,
        typed: Option<&DraftInput>,
    ) -> Result<ComposeView> {
        let now = self.now();
        let connections = self.connections(actor).await?;
        let mut tabs = Vec::new();
        for post in self.store.posts_in_group(actor.workspace_id, group).await? {
            if let Some(connection) = connections.iter().find(|c| c.id == post.connection_id) {
                tabs.push(ComposeTab { post, connection: connection.clone() });
            }
        }
        let mut current = match account {
            Some(account) => tabs.iter().find(|tab| tab.connection.id == account),
            None => tabs.iter().find(|tab| tab.post.state == PostState::Draft).or_else(|| tabs.first()),
        }
        .cloned()
        .ok_or(Error::NotFound { what: "post" })?;
        if let Some(typed) = typed {
            current.post.delivery = typed.delivery;
            current.post.photos = self.arranged(actor, &current.post, typed.photos.as_ref()).await?;
            current.post.content = cleaned(typed.content.clone(), current.post.photos.is_some());
            current.post.local_time = typed.local_time.map(|local| local.to_string());
            current.post.time_zone = Some(typed.time_zone.to_string());
            current.post.due_at = None;
        }
        let files = Files::read(&self.store, &current.post).await?;
        let more_pictures = self.more_pictures(actor, &current.post).await?;
        let out_before = self.out_before(actor, &current.post, &files).await?;
        let pictures = files.photo_files();
        let standing = self.creator_standing(actor, current.connection.id).await;
        let direct_posts_24h =
            self.store.post_count_direct_since(current.connection.id, now.plus_millis(-CAP_WINDOW_MS)).await?;
        let post = &current.post;
        let free = self.free_slots(actor, post.connection_id, post.delivery, &[post.id], 1).await?;
        let view_check = PostCheck {
            delivery: current.post.delivery,
            content: &current.post.content,
            files: files.checked(&pictures, self.settings.pull_base().is_some()),
            scopes: &current.connection.scopes,
            connection_state: current.connection.state,
            standing: standing.as_ref().ok(),
            due_at: current.post.due_at,
            now,
            direct_posts_24h,
            upload_limit: self.settings.upload_rate,
        };
        let problems = check(&view_check);
        let choices = choices(&view_check);
        let other_connections = connections
            .into_iter()
            .filter(|connection| !tabs.iter().any(|tab| tab.connection.id == connection.id))
            .collect();
        drop(pictures);
        Ok(ComposeView {
            batch: self.batch(actor, group).await?,
            earlier: match current.post.state {
                PostState::Draft => self.store.draft_states(current.post.id).await?,
                PostState::Scheduled
                | PostState::Publishing
                | PostState::Published
                | PostState::InInbox
                | PostState::Failed
                | PostState::NeedsAttention
                | PostState::Cancelled => Vec::new(),
            },
            tabs,
            files,
            more_pictures,
            out_before,
            standing,
            choices,
            problems,
            snippets: self.snippets(actor).await?,
            labels: (
                self.labels_of(actor, &[current.post.id]).await?.remove(&current.post.id).unwrap_or_default(),
                self.labels(actor).await?,
            ),
            note: self.store.post_note(current.post.id).await?.map(|note| note.words),
            other_connections,
            direct_posts_24h,
            free_slot: free.first().copied(),
            now,
            current,
        })
    }

    async fn out_before(&self, actor: &Actor, post: &Post, files: &Files) -> Result<Vec<FileUse>> {
        let hashes: Vec<&str> =
            std::iter::once(&files.media).chain(&files.pictures).map(|media| media.sha256.as_str()).collect();
        let mut out = self.store.out_before(actor.workspace_id, &hashes).await?;
        out.retain(|one| one.post_id != post.id);
        Ok(out)
    }

    /// The newest pictures that TikTok takes and a photo post does not show yet.
    async fn more_pictures(&self, actor: &Actor, post: &Post) -> Result<Vec<Media>> {
        let Some(shown) = &post.photos else { return Ok(Vec::new()) };
        let newest = self.store.media_list(actor.workspace_id, None, MORE_LOOKED_AT).await?;
        Ok(newest
            .into_iter()
            .filter(|media| media.photo().is_some() && media.verdict.outcome == MediaOutcome::Accept)
            .filter(|media| !shown.pictures().contains(&media.id))
            .take(MORE_SHOWN)
            .collect())
    }
}
