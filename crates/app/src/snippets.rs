//! Texts that people keep for their captions. Owns the use cases; the post page puts one into a caption only because somebody pressed for it.

use domain::id::SnippetId;
use domain::snippet::{SNIPPETS_MAX, SnippetKind, SnippetProblem, checked};
use store::snippet::Snippet;

use crate::{Actor, App, Error, Result};

fn refused(problem: SnippetProblem) -> Error {
    let code = match problem {
        SnippetProblem::NameMissing => "snippet-name-missing",
        SnippetProblem::NameTooLong => "snippet-name-too-long",
        SnippetProblem::WordsMissing => "snippet-words-missing",
        SnippetProblem::WordsTooLong => "snippet-words-too-long",
        SnippetProblem::ControlCharacter => "snippet-control-character",
    };
    Error::BadInput { code }
}

impl App {
    /// The texts of the actor's workspace, by kind and name.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn snippets(&self, actor: &Actor) -> Result<Vec<Snippet>> {
        let mut all = self.store.snippets(actor.workspace_id).await?;
        all.sort_by_key(|it| (it.kind != SnippetKind::Template, it.name.to_lowercase(), it.id));
        Ok(all)
    }

    /// Keeps a new text.
    ///
    /// # Errors
    /// [`Error::BadInput`] `snippet-…` for what is wrong with it, [`Error::Limit`] `too-many-snippets`.
    pub async fn snippet_add(&self, actor: &Actor, kind: SnippetKind, name: &str, words: &str) -> Result<SnippetId> {
        let kept = checked(kind, name, words).map_err(refused)?;
        let now = self.now();
        let id = SnippetId::from_uuid(self.random.uuid(now));
        let mut tx = self.store.begin().await?;
        if tx.snippet_count(actor.workspace_id).await? >= i64::try_from(SNIPPETS_MAX).unwrap_or(i64::MAX) {
            return Err(Error::Limit { code: "too-many-snippets" });
        }
        let (workspace_id, person_id) = (actor.workspace_id, actor.user_id);
        let it = Snippet { id, workspace_id, person_id, kind, name: kept.name, words: kept.words, at: now };
        tx.snippet_put(&it).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Words a text anew. Captions that it was put into stay as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, and as [`App::snippet_add`].
    pub async fn snippet_change(&self, actor: &Actor, id: SnippetId, name: &str, words: &str) -> Result<()> {
        let missing = Error::NotFound { what: "snippet" };
        let Some(before) = self.store.snippet(actor.workspace_id, id).await? else { return Err(missing) };
        let kept = checked(before.kind, name, words).map_err(refused)?;
        let it = Snippet { person_id: actor.user_id, name: kept.name, words: kept.words, at: self.now(), ..before };
        let mut tx = self.store.begin().await?;
        // Deleted in another window meanwhile, it comes back: nothing that somebody wrote is lost.
        if !tx.snippet_put(&it).await? {
            return Err(missing);
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Forgets a text.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn snippet_delete(&self, actor: &Actor, id: SnippetId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.snippet_delete(actor.workspace_id, id).await? {
            return Err(Error::NotFound { what: "snippet" });
        }
        tx.commit().await.map_err(Error::from)
    }
}
