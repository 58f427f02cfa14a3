//! Notes that a workspace keeps on days. Owns their rows; how long one may be and how many there are is decided elsewhere.

use domain::id::{AnnotationId, ConnectionId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("annotation");
/// Rows that are read at once; there are fewer.
const LIST_MAX: i64 = 1_000;

/// A note on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Which.
    pub id: AnnotationId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who wrote it; it is sealed under their key.
    pub person_id: UserId,
    /// About this account alone; `None` for all.
    pub connection_id: Option<ConnectionId>,
    /// The day, counted from 1970-01-01.
    pub day: i64,
    /// What it says; empty when it could not be opened.
    pub words: String,
    /// When it was written.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO annotation (id, workspace_id, person_id, connection_id, day, words, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DELETE: &str = "DELETE FROM annotation WHERE id = $1 AND workspace_id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM annotation WHERE workspace_id = $1";
macro_rules! columns {
    () => {
        concat!(
            "SELECT annotation.id, annotation.workspace_id, annotation.person_id, annotation.connection_id, annotation.day, annotation.words, annotation.at, ",
            person_key!("annotation.person_id"),
            " FROM annotation WHERE annotation.workspace_id = $1"
        )
    };
}
const LIST: &str = concat!(
    columns!(),
    " AND annotation.day >= $2 AND annotation.day < $3 ORDER BY annotation.day, annotation.id LIMIT $4"
);

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, DELETE, COUNT, LIST];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        connection_id: Option<String>,
        day: i64,
        words: String,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Annotation> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let words = row.shown("words", self.words);
        Ok(Annotation {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            connection_id: TABLE.parse_opt("connection_id", self.connection_id.as_deref())?,
            day: self.day,
            words,
            at: instant(self.at),
        })
    }
}

impl Store {
    /// The notes of a workspace on the days of a range, by day.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn annotations_on(&self, workspace: WorkspaceId, days: std::ops::Range<i64>) -> Result<Vec<Annotation>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), days.start, days.end, LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// How many notes a workspace keeps.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn annotation_count(&mut self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string())?;
        Ok(count)
    }

    /// Keeps a note.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace, person or account, [`crate::StoreError::Conflict`] when the id is taken.
    pub async fn annotation_put(&mut self, it: &Annotation) -> Result<()> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let row = self.row_of(Owner::person(&person), TABLE, &id).await?;
        let words = row.write("words", &it.words)?;
        let connection = it.connection_id.map(|id| id.to_string());
        execute!(
            tx self, PUT, &id, it.workspace_id.to_string(), &person, connection, it.day, &words, it.at.millis()
        )?;
        Ok(())
    }

    /// Removes a note; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn annotation_delete(&mut self, workspace: WorkspaceId, id: AnnotationId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string(), workspace.to_string())? == 1)
    }
}
