//! Where drafts stand on the board, and since when their authors call them ready. Owns these rows and the order of the board's columns; must
//! not change a post.
//!
//! A draft without a row stands where its id puts it: ids grow with time, so what was begun last stands first.

use domain::board::Stage;
use domain::id::{ConnectionId, LabelId, PostId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const POST: Table = Table("post");

/// Where a post stands when nobody moved it. Only hexadecimal digits, which every collation puts in the same order.
macro_rules! place {
    () => {
        "COALESCE(board_place.place, REPLACE(post.id, '-', ''))"
    };
}
macro_rules! fits {
    () => {
        "
  AND ($2 = '' OR post.connection_id = $2)
  AND ($3 = '' OR EXISTS (SELECT 1 FROM post_label WHERE post_label.post_id = post.id AND post_label.label_id = $3))"
    };
}
macro_rules! drafts {
    () => {
        concat!(
            "
FROM post
LEFT JOIN board_place ON board_place.post_id = post.id
WHERE post.workspace_id = $1
  AND post.state = 'draft'",
            fits!(),
            "
  AND CASE WHEN board_place.ready_at IS NULL THEN 0 ELSE 1 END = $4"
        )
    };
}
const DRAFTS: &str = concat!("SELECT post.id", drafts!(), " ORDER BY ", place!(), " DESC, post.id LIMIT $5");
const COUNT_DRAFTS: &str = concat!("SELECT COUNT(*)", drafts!());
macro_rules! planned {
    () => {
        concat!("\nFROM post\nWHERE post.workspace_id = $1\n  AND post.state = 'scheduled'", fits!())
    };
}
const PLANNED: &str = concat!("SELECT post.id", planned!(), " ORDER BY post.due_at, post.id LIMIT $4");
const COUNT_PLANNED: &str = concat!("SELECT COUNT(*)", planned!());
const OF_POST: &str = concat!(
    "SELECT board_place.ready_at, ",
    place!(),
    " FROM post LEFT JOIN board_place ON board_place.post_id = post.id WHERE post.workspace_id = $1 AND post.id = $2"
);
// The place right below another one, among all drafts: whatever lies between the two lies between them in each column, too.
const BELOW: &str = concat!(
    "SELECT MAX(",
    place!(),
    ") FROM post LEFT JOIN board_place ON board_place.post_id = post.id
WHERE post.workspace_id = $1 AND post.state = 'draft' AND post.id <> $3 AND ",
    place!(),
    " < $2"
);
const PUT: &str = "
INSERT INTO board_place (post_id, ready_at, place)
VALUES ($1, $2, $3)
ON CONFLICT (post_id) DO UPDATE SET
  ready_at = excluded.ready_at,
  place = excluded.place";

pub(crate) const STATEMENTS: &[Statement] =
    statements![DRAFTS, COUNT_DRAFTS, PLANNED, COUNT_PLANNED, OF_POST, BELOW, PUT,];

/// Where a post stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardPlace {
    /// Since when its author calls it ready.
    pub ready_at: Option<UnixMillis>,
    /// Among the drafts, the greatest first: see [`domain::board::between`].
    pub place: String,
}

/// What of a column is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BoardFilter {
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
}

impl BoardFilter {
    fn words(&self) -> (String, String) {
        let connection = self.connection.map(|id| id.to_string()).unwrap_or_default();
        (connection, self.label.map(|id| id.to_string()).unwrap_or_default())
    }
}

type RawPlace = (Option<i64>, String);

fn place((ready_at, place): RawPlace) -> BoardPlace {
    BoardPlace { ready_at: instant_opt(ready_at), place }
}

impl Store {
    /// The first posts of a column in its order, and how many it has. Ideas are no posts: that column is empty here.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn board_column(
        &self,
        workspace: WorkspaceId,
        stage: Stage,
        filter: BoardFilter,
        limit: i64,
    ) -> Result<(Vec<PostId>, i64)> {
        let workspace = workspace.to_string();
        let (connection, label) = filter.words();
        let (rows, (count,)) = match stage {
            Stage::Ideas => return Ok((Vec::new(), 0)),
            Stage::Drafts | Stage::Ready => {
                let ready = i64::from(stage == Stage::Ready);
                (
                    fetch_all!(store self, (String,), DRAFTS, &workspace, &connection, &label, ready, limit)?,
                    fetch_one!(store self, (i64,), COUNT_DRAFTS, &workspace, &connection, &label, ready)?,
                )
            }
            Stage::Scheduled => (
                fetch_all!(store self, (String,), PLANNED, &workspace, &connection, &label, limit)?,
                fetch_one!(store self, (i64,), COUNT_PLANNED, &workspace, &connection, &label)?,
            ),
        };
        let ids = rows.into_iter().map(|(id,)| POST.parse("id", &id)).collect::<Result<_>>()?;
        Ok((ids, count))
    }

    /// Where a post of a workspace stands.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn board_place(&self, workspace: WorkspaceId, post: PostId) -> Result<Option<BoardPlace>> {
        Ok(fetch_optional!(store self, RawPlace, OF_POST, workspace.to_string(), post.to_string())?.map(place))
    }
}

impl Tx {
    /// Where a post of a workspace stands, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn board_place(&mut self, workspace: WorkspaceId, post: PostId) -> Result<Option<BoardPlace>> {
        Ok(fetch_optional!(tx self, RawPlace, OF_POST, workspace.to_string(), post.to_string())?.map(place))
    }

    /// The place right below another one, of any draft but this.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn board_place_below(
        &mut self,
        workspace: WorkspaceId,
        place: &str,
        but: PostId,
    ) -> Result<Option<String>> {
        let (below,) = fetch_one!(tx self, (Option<String>,), BELOW, workspace.to_string(), place, but.to_string())?;
        Ok(below)
    }

    /// Puts a post somewhere.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such post.
    pub async fn board_put(&mut self, post: PostId, it: &BoardPlace) -> Result<()> {
        let ready_at = it.ready_at.map(UnixMillis::millis);
        execute!(tx self, PUT, post.to_string(), ready_at, &it.place)?;
        Ok(())
    }
}
