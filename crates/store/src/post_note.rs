//! What a person wrote beside an entry of their history. Owns the note alone: the entry itself is never changed by it.

use domain::id::{PostId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("post_note");

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostNote {
    /// Which post.
    pub post_id: PostId,
    /// What.
    pub words: String,
    /// When it was last written.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO post_note (post_id, person_id, words, at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (post_id) DO UPDATE SET
  person_id = excluded.person_id,
  words = excluded.words,
  at = excluded.at";
const DELETE: &str = "DELETE FROM post_note WHERE post_id = $1";
const SELECT: &str = concat!(
    "SELECT post_id, person_id, words, at, ",
    person_key!("post_note.person_id"),
    " FROM post_note WHERE post_id = $1"
);
// Of the entries of one page of history, which are changed one after the other.
const SELECT_BETWEEN: &str = concat!(
    "
SELECT post_note.post_id, post_note.person_id, post_note.words, post_note.at, ",
    person_key!("post_note.person_id"),
    "
FROM post_note
JOIN post ON post.id = post_note.post_id
WHERE post.workspace_id = $1
  AND post.updated_at BETWEEN $2 AND $3
ORDER BY post.updated_at
LIMIT $4"
);

macro_rules! of_many {
    ($ids:literal) => {
        concat!(
            "SELECT post_note.post_id, post_note.person_id, post_note.words, post_note.at, ",
            person_key!("post_note.person_id"),
            "
FROM post_note
JOIN post ON post.id = post_note.post_id
WHERE post.workspace_id = $1
  AND post_note.post_id IN (",
            $ids,
            ")"
        )
    };
}
const OF_MANY_SQLITE: &str = of_many!("SELECT value FROM json_each($2)");
const OF_MANY_POSTGRES: &str = of_many!("SELECT json_array_elements_text($2::json)");

pub(crate) const STATEMENTS: &[Statement] =
    statements![PUT, DELETE, SELECT, SELECT_BETWEEN, OF_MANY_SQLITE @ Sqlite, OF_MANY_POSTGRES @ Postgres];

/// Notes read in one go.
const LIST_LIMIT: i64 = 1_000;

row! {
    struct Raw {
        post_id: String,
        person_id: String,
        words: String,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<PostNote> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.post_id)?;
        let post_id = TABLE.parse("post_id", &self.post_id)?;
        Ok(PostNote { post_id, words: row.shown("words", self.words), at: instant(self.at) })
    }
}

impl Store {
    /// The note beside a post.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_note(&self, post: PostId) -> Result<Option<PostNote>> {
        fetch_optional!(store self, Raw, SELECT, post.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// The notes beside the posts of a workspace that last changed between two instants.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_notes(
        &self,
        workspace: WorkspaceId,
        from: UnixMillis,
        upto: UnixMillis,
    ) -> Result<Vec<PostNote>> {
        fetch_all!(
            store self, Raw, SELECT_BETWEEN,
            workspace.to_string(),
            from.millis(),
            upto.millis(),
            LIST_LIMIT,
        )?
        .into_iter()
        .map(|raw| raw.open(&self.safe))
        .collect()
    }
}

impl Store {
    /// The notes beside these posts of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn notes_of(&self, workspace: WorkspaceId, posts: &[PostId]) -> Result<Vec<PostNote>> {
        if posts.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = TABLE.to_json("post_id", &posts)?;
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, Raw, OF_MANY_SQLITE, workspace.to_string(), &wanted)?,
            Engine::Postgres => fetch_all!(store self, Raw, OF_MANY_POSTGRES, workspace.to_string(), &wanted)?,
        };
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// Writes a note in place of the one before.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such post or person.
    pub async fn post_note_put(&mut self, person: UserId, it: &PostNote) -> Result<()> {
        let (post, person) = (it.post_id.to_string(), person.to_string());
        let words = self.row_of(Owner::person(&person), TABLE, &post).await?.write("words", &it.words)?;
        execute!(tx self, PUT, &post, &person, &words, it.at.millis())?;
        Ok(())
    }

    /// Removes a note; false when there was none.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_note_delete(&mut self, post: PostId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, post.to_string())? == 1)
    }
}
