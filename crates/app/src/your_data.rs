//! What is held about a person, for the person. Owns the question; the answer's words are in `datamap.toml` and the locale files.

use domain::privacy::erasure::Unit;
use domain::time::UnixMillis;
use store::held::Held;

use crate::{Actor, App, Result};

/// A legal duty to keep something, as those may see it whom it concerns. Not in it: the operator's own words, a file number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldByLaw {
    /// On which account, by name; `None` on the person.
    pub account: Option<String>,
    /// Since when.
    pub since: UnixMillis,
    /// When it ends by itself, unless it is placed again.
    pub until: UnixMillis,
}

impl App {
    /// Everything held about the actor and their workspace, by class.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn your_data(&self, actor: &Actor) -> Result<Vec<Held>> {
        Ok(self.store.held(actor.workspace_id, actor.user_id).await?)
    }

    /// Legal duties that keep something of the actor's workspace now, the longest first. Where the law forbids to tell of one, it is not here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_by_law(&self, actor: &Actor) -> Result<Vec<HeldByLaw>> {
        let connections = self.connections(actor).await?;
        let name = |id: &str| connections.iter().find(|it| it.id.to_string() == id).map(|it| it.display_name.clone());
        let holds = self.store.holds_told(actor.workspace_id, self.now()).await?;
        let told = |hold: store::Hold| HeldByLaw {
            account: match hold.unit {
                Unit::Person => None,
                Unit::Connection => Some(name(&hold.subject_id).unwrap_or_default()),
            },
            since: hold.placed_at,
            until: hold.expires_at,
        };
        Ok(holds.into_iter().map(told).collect())
    }
}
