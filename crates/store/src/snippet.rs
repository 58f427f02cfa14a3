//! Texts that a workspace keeps for its captions. Owns their rows; what one may be is `domain`'s.

use domain::id::{SnippetId, UserId, WorkspaceId};
use domain::snippet::SnippetKind;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("snippet");
/// Rows that are read at once; there are fewer.
const LIST_MAX: i64 = 1_000;

/// A text that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Which.
    pub id: SnippetId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who wrote it last; it is sealed under their key.
    pub person_id: UserId,
    /// What it is for.
    pub kind: SnippetKind,
    /// What it is found by; empty when it could not be opened.
    pub name: String,
    /// What goes into a caption; empty when it could not be opened.
    pub words: String,
    /// When it was written last.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO snippet (id, workspace_id, person_id, kind, name, words, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET
  person_id = excluded.person_id,
  kind = excluded.kind,
  name = excluded.name,
  words = excluded.words,
  at = excluded.at
WHERE snippet.workspace_id = excluded.workspace_id";
const DELETE: &str = "DELETE FROM snippet WHERE id = $1 AND workspace_id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM snippet WHERE workspace_id = $1";
macro_rules! columns {
    () => {
        concat!(
            "SELECT snippet.id, snippet.workspace_id, snippet.person_id, snippet.kind, snippet.name, snippet.words, snippet.at, ",
            person_key!("snippet.person_id"),
            " FROM snippet WHERE snippet.workspace_id = $1"
        )
    };
}
const LIST: &str = concat!(columns!(), " ORDER BY snippet.id LIMIT $2");
const ONE: &str = concat!(columns!(), " AND snippet.id = $2");

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, DELETE, COUNT, LIST, ONE];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        kind: String,
        name: String,
        words: String,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Snippet> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let (name, words) = (row.shown("name", self.name), row.shown("words", self.words));
        Ok(Snippet {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            kind: TABLE.word("kind", &self.kind, SnippetKind::parse)?,
            name,
            words,
            at: instant(self.at),
        })
    }
}

impl Store {
    /// The texts of a workspace, those that were made first in front.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn snippets(&self, workspace: WorkspaceId) -> Result<Vec<Snippet>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// One text of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn snippet(&self, workspace: WorkspaceId, id: SnippetId) -> Result<Option<Snippet>> {
        let row = fetch_optional!(store self, Raw, ONE, workspace.to_string(), id.to_string())?;
        row.map(|raw| raw.open(&self.safe)).transpose()
    }
}

impl Tx {
    /// How many texts a workspace keeps.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn snippet_count(&mut self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string())?;
        Ok(count)
    }

    /// Writes a text, in place of the one of this id; false when that is another workspace's.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace or person.
    pub async fn snippet_put(&mut self, it: &Snippet) -> Result<bool> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let row = self.row_of(Owner::person(&person), TABLE, &id).await?;
        let (name, words) = (row.write("name", &it.name)?, row.write("words", &it.words)?);
        let workspace = it.workspace_id.to_string();
        let put = execute!(tx self, PUT, &id, &workspace, &person, it.kind.as_str(), &name, &words, it.at.millis())?;
        Ok(put == 1)
    }

    /// Removes a text; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn snippet_delete(&mut self, workspace: WorkspaceId, id: SnippetId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string(), workspace.to_string())? == 1)
    }
}
