//! Posts that have come to rest. Owns the order of the history, its filters, and what a search of it reads; must not change anything.

use domain::id::{ConnectionId, LabelId, PostId, WorkspaceId};
use domain::post::{PostContent, PostState};
use domain::time::UnixMillis;

use super::{CONTENT, Post, Raw, TABLE, all, columns, words};
use crate::column::instant;
use crate::db::{Statement, Store};
use crate::error::Result;
use crate::personal::{Owner, Safe};

/// States in which a post has come to rest.
const HISTORY: [PostState; 4] = [PostState::Published, PostState::InInbox, PostState::Failed, PostState::Cancelled];

/// Which posts the history shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    /// Only these states; empty means every state in which a post has come to rest.
    pub states: Vec<PostState>,
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// Only what was out, or came to rest otherwise, at this instant or later.
    pub from: Option<UnixMillis>,
    /// Only what was out, or came to rest otherwise, before this instant.
    pub until: Option<UnixMillis>,
    /// Only what was out more than so many milliseconds after its time; 0 for all.
    pub later_than_ms: i64,
}

/// How long after a post was out its row can still change, milliseconds: TikTok may tell a post's id weeks later, a person may say that a post is out
/// as long as the history is kept.
const SETTLED_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// What a post that has come to rest says, as far as a search looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which post.
    pub id: PostId,
    /// The title of photos; empty for a video.
    pub title: String,
    /// Its caption.
    pub caption: String,
    /// TikTok's public ids of it.
    pub tiktok_ids: Vec<String>,
    /// Last change of its row.
    pub updated_at: UnixMillis,
}

row! {
    struct RawSaid {
        id: String,
        connection_id: String,
        content: String,
        tiktok_ids: String,
        updated_at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl RawSaid {
    fn open(self, safe: &Safe) -> Result<Said> {
        let row = safe.row(Owner::connection(&self.connection_id), self.wrapped.as_deref(), TABLE, &self.id)?;
        let content = row.read(CONTENT, self.content)?;
        let content: PostContent =
            if content.is_empty() { PostContent::default() } else { TABLE.json(CONTENT, &content)? };
        Ok(Said {
            id: TABLE.parse("id", &self.id)?,
            title: content.photos.map(|photos| photos.title).unwrap_or_default(),
            caption: content.caption,
            tiktok_ids: TABLE.json("tiktok_ids", &self.tiktok_ids)?,
            updated_at: instant(self.updated_at),
        })
    }
}

/// What is bound to the statements over the history.
struct Asked {
    workspace: String,
    one_state: bool,
    states: String,
    connection: String,
    before: (i64, String),
    limit: i64,
    label: String,
    from: i64,
    until: i64,
    later_than_ms: i64,
}

impl Asked {
    fn of(workspace: WorkspaceId, filter: &HistoryFilter, before: Option<(UnixMillis, PostId)>, limit: u32) -> Self {
        let (one_state, states) = match filter.states.as_slice() {
            [] => (false, words(&HISTORY)),
            [state] => (true, state.as_str().to_owned()),
            several => (false, words(several)),
        };
        let until = filter.until.map_or(i64::MAX, UnixMillis::millis);
        Self {
            workspace: workspace.to_string(),
            one_state,
            states,
            connection: filter.connection.map(|id| id.to_string()).unwrap_or_default(),
            before: match before {
                Some((at, id)) => (at.millis(), id.to_string()),
                None => (until.saturating_add(SETTLED_MS), String::new()),
            },
            limit: i64::from(limit),
            label: filter.label.map(|id| id.to_string()).unwrap_or_default(),
            from: filter.from.map_or(0, UnixMillis::millis),
            until,
            later_than_ms: filter.later_than_ms.max(0),
        }
    }
}

/// Reads rows of the history.
macro_rules! along {
    (store $store:expr, $row:ty, $statement:ident, $it:ident) => {
        fetch_all!(
            store $store, $row, $statement,
            &$it.workspace, &$it.states, &$it.connection, $it.before.0, &$it.before.1, $it.limit, &$it.label,
            $it.from, $it.until, $it.later_than_ms
        )
    };
}

// One state is read along its own index, the others along the one over all of them. A post is never changed before it is out, so the lower
// bound of the time that is shown bounds the index too.
macro_rules! history {
    ($columns:expr, $states:literal) => {
        concat!(
            "SELECT ",
            $columns,
            "
FROM post
WHERE workspace_id = $1
  AND ",
            $states,
            "
  AND ($3 = '' OR connection_id = $3)
  AND updated_at <= $4
  AND (updated_at < $4 OR id < $5)
  AND ($7 = '' OR EXISTS (SELECT 1 FROM post_label WHERE post_label.post_id = post.id AND post_label.label_id = $7))
  AND updated_at >= $8
  AND COALESCE(published_at, updated_at) >= $8
  AND COALESCE(published_at, updated_at) < $9
  AND ($10 = 0 OR (published_at > due_at + $10
    AND NOT EXISTS (SELECT 1 FROM post_event WHERE post_event.post_id = post.id AND post_event.kind = 'confirmed')))
ORDER BY updated_at DESC, id DESC
LIMIT $6"
        )
    };
}
// What a search looks at.
macro_rules! said {
    () => {
        concat!("id, connection_id, content, tiktok_ids, updated_at, ", connection_key!("post.connection_id"))
    };
}
const SELECT_HISTORY: &str = history!(columns!(), "$2 LIKE '%,' || state || ',%'");
const SELECT_HISTORY_OF_STATE: &str = history!(columns!(), "state = $2");
const SELECT_SAID: &str = history!(said!(), "$2 LIKE '%,' || state || ',%'");
const SELECT_SAID_OF_STATE: &str = history!(said!(), "state = $2");

pub(crate) const STATEMENTS: &[Statement] =
    statements![SELECT_HISTORY, SELECT_HISTORY_OF_STATE, SELECT_SAID, SELECT_SAID_OF_STATE];

impl Store {
    /// Posts that have come to rest, last changed first. `before` is `updated_at` and id of the last post of the page before.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_history(
        &self,
        workspace: WorkspaceId,
        filter: &HistoryFilter,
        before: Option<(UnixMillis, PostId)>,
        limit: u32,
    ) -> Result<Vec<Post>> {
        let it = Asked::of(workspace, filter, before, limit);
        let rows = if it.one_state {
            along!(store self, Raw, SELECT_HISTORY_OF_STATE, it)?
        } else {
            along!(store self, Raw, SELECT_HISTORY, it)?
        };
        all(rows, &self.safe)
    }

    /// What posts that have come to rest say, last changed first; paged as [`Store::posts_history`].
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_said(
        &self,
        workspace: WorkspaceId,
        filter: &HistoryFilter,
        before: Option<(UnixMillis, PostId)>,
        limit: u32,
    ) -> Result<Vec<Said>> {
        let it = Asked::of(workspace, filter, before, limit);
        let rows = if it.one_state {
            along!(store self, RawSaid, SELECT_SAID_OF_STATE, it)?
        } else {
            along!(store self, RawSaid, SELECT_SAID, it)?
        };
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}
