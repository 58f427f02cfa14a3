//! What a page shows around its content: who is signed in, and how many things wait for them. Must stay cheap: every page asks.

use domain::connection::{ConnectionState, Flavour};

use crate::{Actor, App, Result};

/// What stands in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Posts that failed or wait for a decision.
    pub posts_waiting: u32,
    /// Connections whose grant has to be renewed.
    pub connections_waiting: u32,
    /// The user name of the account the person signed in with, once TikTok has told it.
    pub handle: Option<String>,
    /// The colour of that account.
    pub flavour: Flavour,
}

impl App {
    /// What stands in the menu of the actor's pages.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn surroundings(&self, actor: &Actor) -> Result<Surroundings> {
        let connections = self.store.connections(actor.workspace_id).await?;
        let posts = self.store.post_count_attention(actor.workspace_id).await?;
        let renew = connections.iter().filter(|it| it.state == ConnectionState::ReconnectNeeded).count();
        // The account somebody signs in with is the first of their workspace.
        let own = connections.first();
        Ok(Surroundings {
            posts_waiting: u32::try_from(posts).unwrap_or(u32::MAX),
            connections_waiting: u32::try_from(renew).unwrap_or(u32::MAX),
            handle: own.and_then(|it| it.username.clone()),
            flavour: own.map_or(Flavour::Sea, |it| it.flavour),
        })
    }
}
