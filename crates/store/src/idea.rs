//! Ideas: posts that have no file yet. Owns their rows; what one may be is `domain`'s, what becomes of one is decided elsewhere.

use domain::id::{ConnectionId, IdeaId, LabelId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("idea");
/// Rows that are read at once; there are fewer.
const LIST_MAX: i64 = 1_000;

/// An idea.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idea {
    /// Which.
    pub id: IdeaId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Who wrote it last; it is sealed under their key.
    pub person_id: UserId,
    /// For which account, when somebody said so.
    pub connection_id: Option<ConnectionId>,
    /// What it says; empty when it could not be opened.
    pub words: String,
    /// Its labels. One that was deleted meanwhile is still named here.
    pub labels: Vec<LabelId>,
    /// Where it stands among the others, the greatest first: see [`domain::board::between`].
    pub place: String,
    /// It came with the samples and goes with them.
    pub is_sample: bool,
    /// When it was written last. Each wording is later than the one before, so this also tells which wording somebody saw.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO idea (id, workspace_id, person_id, connection_id, words, labels, place, is_sample, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING";
const REWRITE: &str = "
UPDATE idea SET person_id = $3, connection_id = $4, words = $5, is_sample = $6, at = $7
WHERE id = $1 AND workspace_id = $2 AND at = $8";
const RELABEL: &str = "UPDATE idea SET labels = $3 WHERE id = $1 AND workspace_id = $2";
const MOVE: &str = "UPDATE idea SET place = $3 WHERE id = $1 AND workspace_id = $2";
const DELETE: &str = "DELETE FROM idea WHERE id = $1 AND workspace_id = $2";
const DELETE_SAMPLES: &str = "DELETE FROM idea WHERE workspace_id = $1 AND is_sample = 1";
const COUNT: &str = "SELECT COUNT(*) FROM idea WHERE workspace_id = $1";
macro_rules! columns {
    () => {
        concat!(
            "SELECT idea.id, idea.workspace_id, idea.person_id, idea.connection_id, idea.words, idea.labels, idea.place, idea.is_sample, idea.at, ",
            person_key!("idea.person_id"),
            " FROM idea WHERE idea.workspace_id = $1"
        )
    };
}
const LIST: &str = concat!(columns!(), " ORDER BY idea.place DESC, idea.id LIMIT $2");
const ONE: &str = concat!(columns!(), " AND idea.id = $2");
// Whoever words it anew at this moment comes before or after, never between. On SQLite there is one writer at a time anyway.
const HELD: &str = concat!(columns!(), " AND idea.id = $2 FOR UPDATE OF idea");
const BELOW: &str = "SELECT MAX(place) FROM idea WHERE workspace_id = $1 AND place < $2 AND id <> $3";

pub(crate) const STATEMENTS: &[Statement] =
    statements![PUT, REWRITE, RELABEL, MOVE, DELETE, DELETE_SAMPLES, COUNT, LIST, ONE, HELD @ Postgres, BELOW];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        connection_id: Option<String>,
        words: String,
        labels: String,
        place: String,
        is_sample: i64,
        at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Idea> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let words = row.shown("words", self.words);
        Ok(Idea {
            id: TABLE.parse("id", &self.id)?,
            workspace_id: TABLE.parse("workspace_id", &self.workspace_id)?,
            person_id: TABLE.parse("person_id", &self.person_id)?,
            connection_id: TABLE.parse_opt("connection_id", self.connection_id.as_deref())?,
            words,
            labels: listed(&self.labels),
            place: self.place,
            is_sample: self.is_sample == 1,
            at: instant(self.at),
        })
    }
}

/// What came in from elsewhere and names no label is passed over.
fn listed(list: &str) -> Vec<LabelId> {
    list.split(',').filter_map(|id| id.parse().ok()).collect()
}

fn joined(labels: &[LabelId]) -> String {
    labels.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl Store {
    /// The ideas of a workspace in the order of the board.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn ideas(&self, workspace: WorkspaceId) -> Result<Vec<Idea>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// One idea of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea(&self, workspace: WorkspaceId, id: IdeaId) -> Result<Option<Idea>> {
        let row = fetch_optional!(store self, Raw, ONE, workspace.to_string(), id.to_string())?;
        row.map(|raw| raw.open(&self.safe)).transpose()
    }
}

impl Tx {
    /// One idea of a workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea(&mut self, workspace: WorkspaceId, id: IdeaId) -> Result<Option<Idea>> {
        let row = fetch_optional!(tx self, Raw, ONE, workspace.to_string(), id.to_string())?;
        row.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// One idea of a workspace. Nobody else changes it before the end of this transaction.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_held(&mut self, workspace: WorkspaceId, id: IdeaId) -> Result<Option<Idea>> {
        let (workspace, id) = (workspace.to_string(), id.to_string());
        let row = match self.engine() {
            Engine::Sqlite => fetch_optional!(tx self, Raw, ONE, &workspace, &id)?,
            Engine::Postgres => fetch_optional!(tx self, Raw, HELD, &workspace, &id)?,
        };
        row.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// How many ideas a workspace has.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_count(&mut self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string())?;
        Ok(count)
    }

    /// The place right below another one, of any idea but this.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_place_below(
        &mut self,
        workspace: WorkspaceId,
        place: &str,
        but: IdeaId,
    ) -> Result<Option<String>> {
        let (below,) = fetch_one!(tx self, (Option<String>,), BELOW, workspace.to_string(), place, but.to_string())?;
        Ok(below)
    }

    /// Writes down an idea; false when there is one of this id, wherever.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace, person or account.
    pub async fn idea_put(&mut self, it: &Idea) -> Result<bool> {
        let (id, workspace, person) = (it.id.to_string(), it.workspace_id.to_string(), it.person_id.to_string());
        let words = self.row_of(Owner::person(&person), TABLE, &id).await?.write("words", &it.words)?;
        let (connection, labels) = (it.connection_id.map(|id| id.to_string()), joined(&it.labels));
        let put = execute!(
            tx self, PUT,
            &id, &workspace, &person, connection, &words, &labels, &it.place, i64::from(it.is_sample), it.at.millis()
        )?;
        Ok(put == 1)
    }

    /// Words an idea anew, with its account, where it stands and with the labels it has; false when the workspace has no such one any more, or
    /// it was worded since `seen`.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such person or account.
    pub async fn idea_rewrite(&mut self, it: &Idea, seen: UnixMillis) -> Result<bool> {
        let (id, workspace, person) = (it.id.to_string(), it.workspace_id.to_string(), it.person_id.to_string());
        let words = self.row_of(Owner::person(&person), TABLE, &id).await?.write("words", &it.words)?;
        let (connection, sample) = (it.connection_id.map(|id| id.to_string()), i64::from(it.is_sample));
        let changed = execute!(
            tx self, REWRITE,
            &id, &workspace, &person, connection, &words, sample, it.at.millis(), seen.millis()
        )?;
        Ok(changed == 1)
    }

    /// Gives an idea these labels in place of those it had; false when the workspace has no such one any more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_relabel(&mut self, workspace: WorkspaceId, id: IdeaId, labels: &[LabelId]) -> Result<bool> {
        Ok(execute!(tx self, RELABEL, id.to_string(), workspace.to_string(), joined(labels))? == 1)
    }

    /// Gives an idea another place; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_move(&mut self, workspace: WorkspaceId, id: IdeaId, place: &str) -> Result<bool> {
        Ok(execute!(tx self, MOVE, id.to_string(), workspace.to_string(), place)? == 1)
    }

    /// Removes an idea; false when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_delete(&mut self, workspace: WorkspaceId, id: IdeaId) -> Result<bool> {
        Ok(execute!(tx self, DELETE, id.to_string(), workspace.to_string())? == 1)
    }

    /// Removes the ideas that came with the samples; says how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn idea_samples_delete(&mut self, workspace: WorkspaceId) -> Result<u64> {
        execute!(tx self, DELETE_SAMPLES, workspace.to_string())
    }
}
