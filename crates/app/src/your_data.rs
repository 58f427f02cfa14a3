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

/// Up to so many things of a class a page tells their exact number; the file for programs and the export always do.
pub const HELD_TOLD: i64 = 1_000;

impl App {
    /// Everything held about the actor and their workspace, by class.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn your_data(&self, actor: &Actor) -> Result<Vec<Held>> {
        Ok(self.store.held(actor.workspace_id, actor.user_id, i64::MAX).await?)
    }

    /// As [`App::your_data`], for people: what there is more of than [`HELD_TOLD`] is not counted to its end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn your_data_told(&self, actor: &Actor) -> Result<Vec<Held>> {
        Ok(self.store.held(actor.workspace_id, actor.user_id, HELD_TOLD.saturating_add(1)).await?)
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
