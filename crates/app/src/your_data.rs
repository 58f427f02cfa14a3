//! What is held about a person, for the person. Owns the question; the answer's words are in `datamap.toml` and the locale files.

use store::held::Held;

use crate::{Actor, App, Result};

impl App {
    /// Everything held about the actor and their workspace, by class.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn your_data(&self, actor: &Actor) -> Result<Vec<Held>> {
        Ok(self.store.held(actor.workspace_id, actor.user_id).await?)
    }
}
