//! What a page shows around its content: who is signed in, and how many things wait for them. Must stay cheap: every page asks.

use domain::connection::{ConnectionState, Flavour};
use domain::privacy::documents::Standing;
use store::Connection;

use crate::erasure::Leaving;
use crate::{Actor, App, Result};

/// What stands in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Posts that failed or wait for a decision.
    pub posts_waiting: u32,
    /// Connections whose grant has to be renewed.
    pub connections_waiting: u32,
    /// Lines that the person has not read.
    pub notices_unread: u32,
    /// The account the person signed in with.
    pub own: Option<Connection>,
    /// Changes of the policy and the terms that wait for the person's answer.
    pub policy: Standing,
    /// The person's own wish to leave, while it is open.
    pub leaving: Option<Leaving>,
}

impl Surroundings {
    /// The user name of that account, once TikTok has told it.
    #[must_use]
    pub fn handle(&self) -> Option<&str> {
        self.own.as_ref().and_then(|own| own.username.as_deref())
    }

    /// The colour of that account.
    #[must_use]
    pub fn flavour(&self) -> Flavour {
        self.own.as_ref().map_or(Flavour::Sea, |own| own.flavour)
    }
}

impl App {
    /// What stands in the menu of the actor's pages.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn surroundings(&self, actor: &Actor) -> Result<Surroundings> {
        let connections = self.store.connections(actor.workspace_id).await?;
        let posts = self.store.post_count_attention(actor.workspace_id).await?;
        let unread = self.store.notices_unread(actor.user_id).await?;
        let policy = self.policy_standing(actor).await?;
        let renew = connections.iter().filter(|it| it.state == ConnectionState::ReconnectNeeded).count();
        Ok(Surroundings {
            posts_waiting: u32::try_from(posts).unwrap_or(u32::MAX),
            connections_waiting: u32::try_from(renew).unwrap_or(u32::MAX),
            notices_unread: u32::try_from(unread).unwrap_or(u32::MAX),
            // The account somebody signs in with is the first of their workspace.
            own: connections.into_iter().next(),
            policy,
            leaving: self.leaving(actor).await?,
        })
    }
}
