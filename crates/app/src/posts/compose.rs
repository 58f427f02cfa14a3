//! Everything the post page shows. Owns the gathering; the rule engine in `domain` decides what may be chosen.

use domain::creator::CreatorStanding;
use domain::id::{ConnectionId, GroupId};
use domain::rules::{Choices, PostCheck, Problem, check, choices};
use domain::time::UnixMillis;
use store::{Connection, Media, Post};

use super::draft::{DraftInput, cleaned};
use crate::{Actor, App, Error, Result};

/// Window of TikTok's cap on direct posts, milliseconds.
pub(crate) const CAP_WINDOW_MS: i64 = 86_400_000;

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
    /// All accounts of the composition, one post each.
    pub tabs: Vec<ComposeTab>,
    /// The account this page is about.
    pub current: ComposeTab,
    /// The file.
    pub media: Media,
    /// What TikTok says about the creator, fetched for this rendering; the error when it did not answer.
    pub standing: std::result::Result<CreatorStanding, Error>,
    /// What the page may offer.
    pub choices: Choices,
    /// What stands in the way as the form is now.
    pub problems: Vec<Problem>,
    /// Accounts that could be added.
    pub other_connections: Vec<Connection>,
    /// Direct posts of this account in the last 24 hours, as far as we know.
    pub direct_posts_24h: i64,
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
            None => tabs.iter().find(|tab| tab.post.state == domain::post::PostState::Draft).or_else(|| tabs.first()),
        }
        .cloned()
        .ok_or(Error::NotFound { what: "post" })?;
        if let Some(typed) = typed {
            current.post.delivery = typed.delivery;
            current.post.content = cleaned(typed.content.clone());
            current.post.local_time = typed.local_time.map(|local| local.to_string());
            current.post.time_zone = Some(typed.time_zone.to_string());
            current.post.due_at = None;
        }
        let media = self.media(actor, current.post.media_id).await?;
        let standing = self.creator_standing(actor, current.connection.id).await;
        let direct_posts_24h =
            self.store.post_count_direct_since(current.connection.id, now.plus_millis(-CAP_WINDOW_MS)).await?;
        let view_check = PostCheck {
            delivery: current.post.delivery,
            content: &current.post.content,
            media: media.facts.as_ref(),
            verdict: &media.verdict,
            scopes: &current.connection.scopes,
            connection_state: current.connection.state,
            standing: standing.as_ref().ok(),
            due_at: current.post.due_at,
            now,
            direct_posts_24h,
        };
        let problems = check(&view_check);
        let choices = choices(&view_check);
        let other_connections = connections
            .into_iter()
            .filter(|connection| !tabs.iter().any(|tab| tab.connection.id == connection.id))
            .collect();
        Ok(ComposeView { tabs, media, standing, choices, problems, other_connections, direct_posts_24h, now, current })
    }
}
