//! Labels: words by which people tell their posts apart, and which posts bear them. Owns both tables; what a word may be is `domain`'s.

use std::collections::{HashMap, HashSet};

use domain::connection::Flavour;
use domain::id::{LabelId, PostId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("label");
const LINK: Table = Table("post_label");
/// Rows that are read at once; there are fewer.
const LIST_MAX: i64 = 1_000;

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Which.
    pub id: LabelId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who wrote it last; it is sealed under their key.
    pub person_id: UserId,
    /// What it says; empty when it could not be opened.
    pub words: String,
    /// Its colour.
    pub flavour: Flavour,
    /// When it was written last.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO label (id, workspace_id, person_id, words, flavour, at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET
  person_id = excluded.person_id,
  words = excluded.words,
  flavour = excluded.flavour,
  at = excluded.at
WHERE label.workspace_id = excluded.workspace_id";
const DELETE: &str = "DELETE FROM label WHERE id = $1 AND workspace_id = $2";
// One row is held, so that two that add labels at once do not both find room for the last one. On SQLite there is one writer at a time anyway.
const HOLD: &str = "SELECT id FROM workspace WHERE id = $1 FOR NO KEY UPDATE";
macro_rules! columns {
    () => {
        concat!(
            "SELECT label.id, label.workspace_id, label.person_id, label.words, label.flavour, label.at, ",
            person_key!("label.person_id"),
            " FROM label WHERE label.workspace_id = $1"
        )
    };
}
const LIST: &str = concat!(columns!(), " ORDER BY label.id LIMIT $2");
const OF_POST: &str = "SELECT label_id FROM post_label WHERE post_id = $1 ORDER BY label_id";
const TAKE: &str = "DELETE FROM post_label WHERE post_id = $1";
const GIVE: &str =
    "INSERT INTO post_label (post_id, label_id) VALUES ($1, $2) ON CONFLICT (post_id, label_id) DO NOTHING";
const BEARING: &str = "
SELECT post_label.post_id
FROM post_label
JOIN post ON post.id = post_label.post_id
WHERE post_label.label_id = $2
  AND post.workspace_id = $1
LIMIT $3";
const OF_MANY_SQLITE: &str = "
SELECT post_label.post_id, post_label.label_id
FROM post_label
JOIN post ON post.id = post_label.post_id
WHERE post.workspace_id = $1
  AND post_label.post_id IN (SELECT value FROM json_each($2))
ORDER BY post_label.post_id, post_label.label_id";
const OF_MANY_POSTGRES: &str = "
SELECT post_label.post_id, post_label.label_id
FROM post_label
JOIN post ON post.id = post_label.post_id
WHERE post.workspace_id = $1
  AND post_label.post_id IN (SELECT json_array_elements_text($2::json))
ORDER BY post_label.post_id, post_label.label_id";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PUT,
    DELETE,
    HOLD @ Postgres,
    LIST,
    OF_POST,
    TAKE,
    GIVE,
    BEARING,
    OF_MANY_SQLITE @ Sqlite,
    OF_MANY_POSTGRES @ Postgres,
];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        words: String,
        flavour: String,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Label> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let words = row.shown("words", self.words);
        Ok(Label {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            words,
            flavour: TABLE.word("flavour", &self.flavour, Flavour::parse)?,
            at: instant(self.at),
        })
    }
}

fn linked((post, label): (String, String)) -> Result<(PostId, LabelId)> {
    Ok((LINK.parse("post_id", &post)?, LINK.parse("label_id", &label)?))
}

impl Store {
    /// The labels of a workspace, those that were made first in front.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn labels(&self, workspace: WorkspaceId) -> Result<Vec<Label>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// Which labels these posts of a workspace bear; a post without any is not in it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn labels_of(&self, workspace: WorkspaceId, posts: &[PostId]) -> Result<HashMap<PostId, Vec<LabelId>>> {
        let mut found: HashMap<PostId, Vec<LabelId>> = HashMap::new();
        if posts.is_empty() {
            return Ok(found);
        }
        let wanted = LINK.to_json("post_id", &posts)?;
        let rows = match self.engine() {
            Engine::Sqlite => fetch_all!(store self, (String, String), OF_MANY_SQLITE, workspace.to_string(), &wanted)?,
            Engine::Postgres => {
                fetch_all!(store self, (String, String), OF_MANY_POSTGRES, workspace.to_string(), &wanted)?
            }
        };
        for row in rows {
            let (post, label) = linked(row)?;
            found.entry(post).or_default().push(label);
        }
        Ok(found)
    }

    /// Which posts of a workspace bear a label, at most `limit`, in no order.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_bearing(&self, workspace: WorkspaceId, label: LabelId, limit: i64) -> Result<HashSet<PostId>> {
        let rows = fetch_all!(store self, (String,), BEARING, workspace.to_string(), label.to_string(), limit)?;
        rows.into_iter().map(|(id,)| LINK.parse("post_id", &id)).collect()
    }
}

impl Tx {
    /// The labels of a workspace, as this transaction sees them. Nobody else adds one before its end.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn labels_held(&mut self, workspace: WorkspaceId) -> Result<Vec<Label>> {
        if self.engine() == Engine::Postgres {
            fetch_optional!(tx self, (String,), HOLD, workspace.to_string())?;
        }
        let rows = fetch_all!(tx self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// Writes a label, in place of the one of this id; false when that is another workspace's.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace or person.
    pub async fn label_put(&mut self, it: &Label) -> Result<bool> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let words = self.row_of(Owner::person(&person), TABLE, &id).await?.write("words", &it.words)?;
        let workspace = it.workspace_id.to_string();
        let put = execute!(tx self, PUT, &id, &workspace, &person, &words, it.flavour.as_str(), it.at.millis())?;
        Ok(put == 1)
    }

    /// Removes a label from the workspace and from every post; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn label_delete(&mut self, workspace: WorkspaceId, id: LabelId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string(), workspace.to_string())? == 1)
    }

    /// The labels of one post, as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_labels(&mut self, post: PostId) -> Result<Vec<LabelId>> {
        let rows = fetch_all!(tx self, (String,), OF_POST, post.to_string())?;
        rows.into_iter().map(|(id,)| LINK.parse("label_id", &id)).collect()
    }

    /// Gives a post these labels in place of those it had.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such post or label.
    pub async fn post_labels_put(&mut self, post: PostId, labels: &[LabelId]) -> Result<()> {
        let post = post.to_string();
        execute!(tx self, TAKE, &post)?;
        for label in labels {
            execute!(tx self, GIVE, &post, label.to_string())?;
        }
        Ok(())
    }
}
