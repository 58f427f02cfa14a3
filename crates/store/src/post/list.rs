//! Lists of posts for pages and the timer. Owns their order and limits; must not change anything.

use std::collections::HashMap;

use domain::id::{ConnectionId, GroupId, LabelId, MediaId, PostId, WorkspaceId};
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;

use super::{Post, Raw, TABLE, all, columns};
use crate::column::Table;
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

/// Most posts of a group or users of a file that are read.
const GROUP_LIMIT: i64 = 1_000;

/// Characters of an id that are the millisecond it was made in.
const INSTANT_CHARS: usize = 13;

const SELECT_GROUP: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND group_id = $2 ORDER BY created_at, id LIMIT $3"
);
// Ids begin with the instant at which they were made, so one range of the index over groups has all of a batch, also the posts for
// accounts that were added to it later.
const SELECT_BATCH: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND group_id >= $2 AND group_id <= $3 ORDER BY id LIMIT $4"
);
const SELECT_SCHEDULED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND state = 'scheduled' ORDER BY due_at, id LIMIT $2"
);
// Of accounts that rest, what was due waits for their people: it stands elsewhere, and is not in the way of what goes out next.
macro_rules! rests {
    () => {
        "due_at < $2 AND EXISTS (SELECT 1 FROM rhythm WHERE rhythm.connection_id = post.connection_id AND rhythm.paused_at IS NOT NULL)"
    };
}
const SELECT_SCHEDULED_AWAKE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND state = 'scheduled' AND NOT (",
    rests!(),
    ") ORDER BY due_at, id LIMIT $3"
);
const SELECT_RESTING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND state = 'scheduled' AND ",
    rests!(),
    " ORDER BY due_at, id LIMIT $3"
);
const COUNT_RESTING: &str =
    concat!("SELECT COUNT(*) FROM post WHERE workspace_id = $1 AND state = 'scheduled' AND ", rests!());
const LATE: &str = "
SELECT COUNT(*), MIN(due_at)
FROM post
WHERE workspace_id = $1 AND state = 'scheduled' AND due_at < $2
  AND NOT EXISTS (SELECT 1 FROM rhythm WHERE rhythm.connection_id = post.connection_id AND rhythm.paused_at IS NOT NULL)";
const SELECT_UNDER_WAY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND state = 'publishing' ORDER BY due_at, id LIMIT $2"
);
const SELECT_ATTENTION: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE workspace_id = $1 AND state IN ('needs_attention', 'failed')
ORDER BY updated_at DESC, id DESC
LIMIT $2"
);
const COUNT_SCHEDULED: &str =
    "SELECT connection_id, COUNT(*) FROM post WHERE workspace_id = $1 AND state = 'scheduled' GROUP BY connection_id";
const SELECT_QUEUE_BEARING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE workspace_id = $1 AND state IN ('scheduled', 'publishing')
  AND id IN (SELECT post_id FROM post_label WHERE label_id = $2)
ORDER BY due_at, id
LIMIT $3"
);
const SELECT_ATTENTION_BEARING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE workspace_id = $1 AND state IN ('needs_attention', 'failed')
  AND id IN (SELECT post_id FROM post_label WHERE label_id = $2)
ORDER BY updated_at DESC, id DESC
LIMIT $3"
);
const COUNT_ATTENTION_BEARING: &str = "
SELECT COUNT(*) FROM post
WHERE workspace_id = $1 AND state IN ('needs_attention', 'failed')
  AND id IN (SELECT post_id FROM post_label WHERE label_id = $2)";
const SELECT_DRAFTS_BEARING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE workspace_id = $1 AND state = 'draft'
  AND id IN (SELECT post_id FROM post_label WHERE label_id = $2)
ORDER BY updated_at DESC, id DESC
LIMIT $3"
);
const COUNT_ATTENTION: &str =
    "SELECT COUNT(*) FROM post WHERE workspace_id = $1 AND state IN ('needs_attention', 'failed')";
const SELECT_PUBLISHED_SINCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE workspace_id = $1 AND state IN ('published', 'in_inbox') AND published_at >= $2
ORDER BY published_at, id
LIMIT $3"
);
const SELECT_OPEN_OF_CONNECTION: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post
WHERE connection_id = $1 AND state IN ('scheduled', 'publishing', 'needs_attention')
ORDER BY created_at, id"
);
const PUBLISHING_OF_CONNECTION: &str =
    "SELECT id FROM post WHERE connection_id = $1 AND state = 'publishing' ORDER BY id";
const SELECT_WALK: &str =
    concat!("SELECT ", columns!(), " FROM post WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3");
const SELECT_DRAFTS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE workspace_id = $1 AND state = 'draft' ORDER BY updated_at DESC, id DESC LIMIT $2"
);
const SELECT_DUE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM post WHERE state = 'scheduled' AND due_at <= $1 ORDER BY due_at, id LIMIT $2"
);
const NEXT_DUE: &str = "SELECT MIN(due_at) FROM post WHERE state = 'scheduled'";
const COUNT_DIRECT_SINCE: &str = "
SELECT COUNT(DISTINCT post_id)
FROM attempt
WHERE connection_id = $1 AND init_sent_at >= $2 AND mode IN ('direct_file', 'direct_photos') AND state <> 'dead'";
const SELECT_PLANNED: &str = "
SELECT post.id, post.due_at, post.delivery, post.state,
       CASE WHEN EXISTS (SELECT 1 FROM post_photo WHERE post_photo.post_id = post.id) THEN 0 ELSE media.size_bytes END
FROM post
JOIN media ON media.id = post.media_id
WHERE post.connection_id = $1 AND post.due_at > $2 AND post.due_at <= $3
  AND post.state IN ('scheduled', 'publishing', 'published', 'in_inbox')
ORDER BY post.due_at, post.id
LIMIT $4";
const SELECT_MEDIA_USAGE: &str = "
SELECT id, state
FROM post
WHERE media_id = $1 OR id IN (SELECT post_id FROM post_photo WHERE media_id = $1)
ORDER BY id
LIMIT $2";

pub(crate) const STATEMENTS: &[Statement] = statements![
    SELECT_GROUP,
    SELECT_BATCH,
    SELECT_SCHEDULED,
    SELECT_SCHEDULED_AWAKE,
    SELECT_RESTING,
    COUNT_RESTING,
    LATE,
    SELECT_UNDER_WAY,
    SELECT_ATTENTION,
    COUNT_SCHEDULED,
    SELECT_QUEUE_BEARING,
    SELECT_ATTENTION_BEARING,
    COUNT_ATTENTION_BEARING,
    SELECT_DRAFTS_BEARING,
    COUNT_ATTENTION,
    SELECT_PUBLISHED_SINCE,
    SELECT_OPEN_OF_CONNECTION,
    PUBLISHING_OF_CONNECTION,
    SELECT_WALK,
    SELECT_DRAFTS,
    SELECT_DUE,
    NEXT_DUE,
    COUNT_DIRECT_SINCE,
    SELECT_PLANNED,
    SELECT_MEDIA_USAGE,
];

/// A post with a time, as far as the times of others depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The post.
    pub id: PostId,
    /// Its time.
    pub due_at: UnixMillis,
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Its state.
    pub state: PostState,
    /// Bytes that are sent: those of its file, none for photos.
    pub size_bytes: u64,
}

fn usage(rows: Vec<(String, String)>) -> Result<Vec<(PostId, PostState)>> {
    rows.into_iter()
        .map(|(id, state)| Ok((TABLE.parse("id", &id)?, TABLE.word("state", &state, PostState::parse)?)))
        .collect()
}

type RawPlanned = (String, i64, String, String, i64);

fn planned((id, due_at, delivery, state, size): RawPlanned) -> Result<Planned> {
    Ok(Planned {
        id: TABLE.parse("id", &id)?,
        due_at: UnixMillis::from_millis(due_at),
        delivery: TABLE.word("delivery", &delivery, Delivery::parse)?,
        state: TABLE.word("state", &state, PostState::parse)?,
        size_bytes: Table("media").unsigned("size_bytes", size)?,
    })
}

impl Store {
    /// All posts of a workspace in the order of their ids, from after one on; at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_walk(&self, workspace: WorkspaceId, after: Option<PostId>, limit: u32) -> Result<Vec<Post>> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        all(fetch_all!(store self, Raw, SELECT_WALK, workspace.to_string(), after, i64::from(limit))?, &self.safe)
    }

    /// The posts composed together, in the order they were made, at most 1000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_in_group(&self, workspace: WorkspaceId, group: GroupId) -> Result<Vec<Post>> {
        all(
            fetch_all!(store self, Raw, SELECT_GROUP, workspace.to_string(), group.to_string(), GROUP_LIMIT)?,
            &self.safe,
        )
    }

    /// The posts of groups that were made in the same millisecond as this one: what was begun in one go with it. In the order of ids, at
    /// most 1000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_begun_with(&self, workspace: WorkspaceId, group: GroupId) -> Result<Vec<Post>> {
        let group = group.to_string();
        let instant = group.get(..INSTANT_CHARS).unwrap_or(&group);
        let (first, last) = (format!("{instant}-0000-0000-000000000000"), format!("{instant}-ffff-ffff-ffffffffffff"));
        all(fetch_all!(store self, Raw, SELECT_BATCH, workspace.to_string(), first, last, GROUP_LIMIT)?, &self.safe)
    }

    /// What is planned, by due time.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_scheduled(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<Post>> {
        all(fetch_all!(store self, Raw, SELECT_SCHEDULED, workspace.to_string(), i64::from(limit))?, &self.safe)
    }

    /// As [`Store::posts_scheduled`], without what was due before `now` and waits because its account rests.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_scheduled_awake(
        &self,
        workspace: WorkspaceId,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Post>> {
        let (workspace, limit) = (workspace.to_string(), i64::from(limit));
        all(fetch_all!(store self, Raw, SELECT_SCHEDULED_AWAKE, workspace, now.millis(), limit)?, &self.safe)
    }

    /// Planned posts that were due before `now` and wait because their account rests, by due time; and how many there are.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_resting(&self, workspace: WorkspaceId, now: UnixMillis, limit: u32) -> Result<(Vec<Post>, i64)> {
        let workspace = workspace.to_string();
        let rows = fetch_all!(store self, Raw, SELECT_RESTING, &workspace, now.millis(), i64::from(limit))?;
        let (count,) = fetch_one!(store self, (i64,), COUNT_RESTING, &workspace, now.millis())?;
        Ok((all(rows, &self.safe)?, count))
    }

    /// How many planned posts of accounts that do not rest were due before `before`, and the first of their times.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_late(&self, workspace: WorkspaceId, before: UnixMillis) -> Result<(u64, Option<UnixMillis>)> {
        let (count, first) = fetch_one!(store self, (i64, Option<i64>), LATE, workspace.to_string(), before.millis())?;
        Ok((TABLE.unsigned("id", count)?, first.map(UnixMillis::from_millis)))
    }

    /// What is on its way to TikTok, by due time.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_under_way(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<Post>> {
        all(fetch_all!(store self, Raw, SELECT_UNDER_WAY, workspace.to_string(), i64::from(limit))?, &self.safe)
    }

    /// What failed or waits for a person, last changed first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_attention(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<Post>> {
        all(fetch_all!(store self, Raw, SELECT_ATTENTION, workspace.to_string(), i64::from(limit))?, &self.safe)
    }

    /// How many posts are planned for each account that has any.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_count_scheduled(&self, workspace: WorkspaceId) -> Result<HashMap<ConnectionId, u64>> {
        let rows = fetch_all!(store self, (String, i64), COUNT_SCHEDULED, workspace.to_string())?;
        rows.into_iter().map(|(id, n)| Ok((TABLE.parse("connection_id", &id)?, TABLE.unsigned("id", n)?))).collect()
    }

    /// What is planned or under way, by time, of the posts that bear a label.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_queue_bearing(&self, workspace: WorkspaceId, label: LabelId, limit: u32) -> Result<Vec<Post>> {
        let (workspace, label) = (workspace.to_string(), label.to_string());
        all(fetch_all!(store self, Raw, SELECT_QUEUE_BEARING, workspace, label, i64::from(limit))?, &self.safe)
    }

    /// As [`Store::posts_attention`], of the posts that bear a label; and how many of them there are.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_attention_bearing(
        &self,
        workspace: WorkspaceId,
        label: LabelId,
        limit: u32,
    ) -> Result<(Vec<Post>, i64)> {
        let (workspace, label) = (workspace.to_string(), label.to_string());
        let rows = fetch_all!(store self, Raw, SELECT_ATTENTION_BEARING, &workspace, &label, i64::from(limit))?;
        let (count,) = fetch_one!(store self, (i64,), COUNT_ATTENTION_BEARING, &workspace, &label)?;
        Ok((all(rows, &self.safe)?, count))
    }

    /// As [`Store::posts_drafts`], of the drafts that bear a label.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_drafts_bearing(&self, workspace: WorkspaceId, label: LabelId, limit: u32) -> Result<Vec<Post>> {
        let (workspace, label) = (workspace.to_string(), label.to_string());
        all(fetch_all!(store self, Raw, SELECT_DRAFTS_BEARING, workspace, label, i64::from(limit))?, &self.safe)
    }

    /// Posts of an account with a time after `from` and until `until` that are planned, under way or out, by time, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_planned(
        &self,
        connection: ConnectionId,
        from: UnixMillis,
        until: UnixMillis,
        limit: i64,
    ) -> Result<Vec<Planned>> {
        let rows = fetch_all!(
            store self, RawPlanned, SELECT_PLANNED,
            connection.to_string(), from.millis(), until.millis(), limit
        )?;
        rows.into_iter().map(planned).collect()
    }

    /// Posts that failed or wait for a person.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_count_attention(&self, workspace: WorkspaceId) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), COUNT_ATTENTION, workspace.to_string())?;
        Ok(count)
    }

    /// What went out since `since`, in the order in which it did.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_published_since(
        &self,
        workspace: WorkspaceId,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Post>> {
        all(
            fetch_all!(store self, Raw, SELECT_PUBLISHED_SINCE, workspace.to_string(), since.millis(), i64::from(limit))?,
            &self.safe,
        )
    }

    /// Drafts, last changed first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_drafts(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<Post>> {
        all(fetch_all!(store self, Raw, SELECT_DRAFTS, workspace.to_string(), i64::from(limit))?, &self.safe)
    }

    /// Scheduled posts of all workspaces whose time has come, longest due first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_due(&self, now: UnixMillis, limit: u32) -> Result<Vec<Post>> {
        all(fetch_all!(store self, Raw, SELECT_DUE, now.millis(), i64::from(limit))?, &self.safe)
    }

    /// When the next scheduled post of all workspaces is due; in the past when some are late.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn next_due(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT_DUE)?;
        Ok(at.map(UnixMillis::from_millis))
    }

    /// Direct posts of a connection that TikTok was asked to start since `since`, without those proven never to have come out.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_count_direct_since(&self, connection: ConnectionId, since: UnixMillis) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), COUNT_DIRECT_SINCE, connection.to_string(), since.millis())?;
        Ok(count)
    }

    /// The posts that use a file, at most 1000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_usage(&self, media: MediaId) -> Result<Vec<(PostId, PostState)>> {
        usage(fetch_all!(store self, (String, String), SELECT_MEDIA_USAGE, media.to_string(), GROUP_LIMIT)?)
    }
}

impl Tx {
    /// The posts that use a file, as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_usage(&mut self, media: MediaId) -> Result<Vec<(PostId, PostState)>> {
        usage(fetch_all!(tx self, (String, String), SELECT_MEDIA_USAGE, media.to_string(), GROUP_LIMIT)?)
    }

    /// The posts composed together, as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_in_group(&mut self, workspace: WorkspaceId, group: GroupId) -> Result<Vec<Post>> {
        all(fetch_all!(tx self, Raw, SELECT_GROUP, workspace.to_string(), group.to_string(), GROUP_LIMIT)?, &self.safe)
    }

    /// As [`Store::posts_planned`], as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_planned(
        &mut self,
        connection: ConnectionId,
        from: UnixMillis,
        until: UnixMillis,
        limit: i64,
    ) -> Result<Vec<Planned>> {
        let id = connection.to_string();
        let rows = fetch_all!(tx self, RawPlanned, SELECT_PLANNED, id, from.millis(), until.millis(), limit)?;
        rows.into_iter().map(planned).collect()
    }

    /// Posts of a connection that are planned, running or wait for a person, as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_open_of_connection(&mut self, connection: ConnectionId) -> Result<Vec<Post>> {
        all(fetch_all!(tx self, Raw, SELECT_OPEN_OF_CONNECTION, connection.to_string())?, &self.safe)
    }

    /// Posts of a connection that are being sent; nothing of what they say is read.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn posts_publishing_of_connection(&mut self, connection: ConnectionId) -> Result<Vec<PostId>> {
        let rows = fetch_all!(tx self, (String,), PUBLISHING_OF_CONNECTION, connection.to_string())?;
        rows.into_iter().map(|(id,)| TABLE.parse("id", &id)).collect()
    }
}
