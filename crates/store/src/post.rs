//! Posts: what a person wants published, once. Owns their row; who changes a state and when is decided by the callers.
//!
//! Lists for pages and the timer are in [`list`], what has come to rest in [`history`], what the calendar reads in [`calendar`].

pub mod calendar;
pub mod history;
pub mod list;
pub mod punctual;

use domain::id::{ConnectionId, ConsentId, GroupId, MediaId, PostId, UserId, WorkspaceId};
use domain::photos::Carousel;
use domain::post::{Delivery, PostContent, PostState};
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Row, Safe};

pub use history::HistoryFilter;

const TABLE: Table = Table("post");
/// The sealed column with all of it; under the key of the account that the post is for.
const CONTENT: &str = "content";

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// What was composed together with it.
    pub group_id: GroupId,
    /// The account that receives it.
    pub connection_id: ConnectionId,
    /// Its file: the video, or the cover of photos.
    pub media_id: MediaId,
    /// The pictures of a photo post; `None` for a video.
    pub photos: Option<Carousel>,
    /// Who wrote it.
    pub author_id: UserId,
    /// Where it is in its life.
    pub state: PostState,
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Caption and options.
    pub content: PostContent,
    /// Counts changes; compared by [`Tx::post_update`].
    pub revision: i64,
    /// The wall-clock time the person chose, `2026-11-24T12:30`.
    pub local_time: Option<String>,
    /// The zone it was chosen in, IANA name.
    pub time_zone: Option<String>,
    /// The instant that follows from both.
    pub due_at: Option<UnixMillis>,
    /// The consent that covers exactly this revision.
    pub consent_id: Option<ConsentId>,
    /// Why it failed or needs a person.
    pub problem: Option<PostProblem>,
    /// When TikTok said it was out.
    pub published_at: Option<UnixMillis>,
    /// TikTok's public ids of it.
    pub tiktok_ids: Vec<String>,
    /// First saved.
    pub created_at: UnixMillis,
    /// Last change of this row.
    pub updated_at: UnixMillis,
}

/// Why a post failed or waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostProblem {
    /// Our key of the text to show.
    pub code: String,
    /// TikTok's own code, verbatim.
    pub tiktok_code: Option<String>,
    /// TikTok's `log_id`, for its support.
    pub log_id: Option<String>,
    /// What else is to be known; never a caption or token.
    pub detail: Option<String>,
    /// When it happened.
    pub at: UnixMillis,
}

/// The columns of a row, in the order of `INSERT`; `caption` repeats a part of `content` for lists.
macro_rules! written {
    () => {
        "id, workspace_id, group_id, connection_id, media_id, author_id, state, delivery, content, revision, local_time, \
         time_zone, due_at, consent_id, problem, published_at, tiktok_ids, created_at, updated_at"
    };
}

/// The columns of a row, its pictures in their order and the key that its content is sealed under, as [`Raw`] has them.
macro_rules! columns {
    () => {
        concat!(
            $crate::post::written!(),
            ", (SELECT string_agg(media_id, ',' ORDER BY position) FROM post_photo WHERE post_photo.post_id = post.id) AS photos, ",
            connection_key!("post.connection_id")
        )
    };
}
pub(crate) use {columns, written};

const INSERT: &str = concat!(
    "INSERT INTO post (",
    written!(),
    ", caption) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
);
const SELECT: &str = concat!("SELECT ", columns!(), " FROM post WHERE workspace_id = $1 AND id = $2");
const SELECT_ANY: &str = concat!("SELECT ", columns!(), " FROM post WHERE id = $1");
const UPDATE: &str = "
UPDATE post SET
  group_id = $3,
  connection_id = $4,
  media_id = $5,
  author_id = $6,
  state = $7,
  delivery = $8,
  content = $9,
  revision = $10,
  local_time = $11,
  time_zone = $12,
  due_at = $13,
  consent_id = $14,
  problem = $15,
  published_at = $16,
  tiktok_ids = $17,
  created_at = $18,
  updated_at = $19,
  caption = $20
WHERE id = $1 AND workspace_id = $2 AND revision = $21 AND state = $22";
// The allowed states come as one text, ",draft,scheduled,", because a list of unknown length is not portable.
const SET_STATE: &str = "
UPDATE post
SET state = $3, updated_at = $4
WHERE id = $1 AND $2 LIKE '%,' || state || ',%'";
const DELETE_DEAD_ATTEMPTS: &str = "
DELETE FROM attempt
WHERE state = 'dead'
  AND post_id IN (SELECT id FROM post WHERE workspace_id = $1 AND id = $2 AND state = 'draft')";
const DELETE_DRAFT: &str = "DELETE FROM post WHERE workspace_id = $1 AND id = $2 AND state = 'draft'";

const PHOTOS_OF: &str = "SELECT string_agg(media_id, ',' ORDER BY position) FROM post_photo WHERE post_id = $1";
const PHOTOS_CLEAR: &str = "DELETE FROM post_photo WHERE post_id = $1";
const PHOTO_INSERT: &str = "INSERT INTO post_photo (post_id, position, media_id) VALUES ($1, $2, $3)";

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    SELECT,
    SELECT_ANY,
    UPDATE,
    SET_STATE,
    DELETE_DEAD_ATTEMPTS,
    DELETE_DRAFT,
    PHOTOS_OF,
    PHOTOS_CLEAR,
    PHOTO_INSERT,
];

row! {
    pub(crate) struct Raw {
        id: String,
        workspace_id: String,
        group_id: String,
        connection_id: String,
        media_id: String,
        author_id: String,
        state: String,
        delivery: String,
        content: String,
        revision: i64,
        local_time: Option<String>,
        time_zone: Option<String>,
        due_at: Option<i64>,
        consent_id: Option<String>,
        problem: Option<String>,
        published_at: Option<i64>,
        tiktok_ids: String,
        created_at: i64,
        updated_at: i64,
        photos: Option<String>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    /// The pictures, when there are any; the cover is the post's own file.
    fn carousel(&self) -> Result<Option<Carousel>> {
        let Some(list) = &self.photos else { return Ok(None) };
        let pictures = list.split(',').map(|id| TABLE.parse("photos", id)).collect::<Result<Vec<MediaId>>>()?;
        let cover = TABLE.parse("media_id", &self.media_id)?;
        Carousel::new(pictures, cover).map(Some).map_err(|problem| TABLE.corrupt("photos", problem.to_string()))
    }
}

impl Raw {
    pub(crate) fn open(self, safe: &Safe) -> Result<Post> {
        let raw = self;
        let photos = raw.carousel()?;
        let row = safe.row(Owner::connection(&raw.connection_id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        let content = row.read(CONTENT, raw.content)?;
        Ok(Post {
            photos,
            // Its account is being erased: what it said is gone, and it goes itself in a moment.
            content: if content.is_empty() { PostContent::default() } else { TABLE.json(CONTENT, &content)? },
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            group_id: TABLE.parse("group_id", &raw.group_id)?,
            connection_id: TABLE.parse("connection_id", &raw.connection_id)?,
            media_id: TABLE.parse("media_id", &raw.media_id)?,
            author_id: TABLE.parse("author_id", &raw.author_id)?,
            state: TABLE.word("state", &raw.state, PostState::parse)?,
            delivery: TABLE.word("delivery", &raw.delivery, Delivery::parse)?,
            revision: raw.revision,
            local_time: raw.local_time,
            time_zone: raw.time_zone,
            due_at: instant_opt(raw.due_at),
            consent_id: TABLE.parse_opt("consent_id", raw.consent_id.as_deref())?,
            problem: TABLE.json_opt("problem", raw.problem.as_deref())?,
            published_at: instant_opt(raw.published_at),
            tiktok_ids: TABLE.json("tiktok_ids", &raw.tiktok_ids)?,
            created_at: instant(raw.created_at),
            updated_at: instant(raw.updated_at),
        })
    }
}

pub(crate) fn all(rows: Vec<Raw>, safe: &Safe) -> Result<Vec<Post>> {
    rows.into_iter().map(|raw| raw.open(safe)).collect()
}

/// `,draft,scheduled,`: states as one text for a LIKE.
pub(crate) fn words(states: &[PostState]) -> String {
    states.iter().fold(String::from(","), |mut text, state| {
        text.push_str(state.as_str());
        text.push(',');
        text
    })
}

impl Store {
    /// A post of this workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post(&self, workspace: WorkspaceId, id: PostId) -> Result<Option<Post>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// A post of any workspace: for the engine, which acts for nobody in particular.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_any(&self, id: PostId) -> Result<Option<Post>> {
        fetch_optional!(store self, Raw, SELECT_ANY, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }
}

impl Tx {
    /// A post of this workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post(&mut self, workspace: WorkspaceId, id: PostId) -> Result<Option<Post>> {
        fetch_optional!(tx self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// A post of any workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_any(&mut self, id: PostId) -> Result<Option<Post>> {
        fetch_optional!(tx self, Raw, SELECT_ANY, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Adds a post.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id is taken, [`crate::StoreError::Constraint`] when connection, media or author do not exist.
    pub async fn post_insert(&mut self, it: &Post) -> Result<()> {
        let (id, connection) = (it.id.to_string(), it.connection_id.to_string());
        let text = Texts::of(it, &self.row_of(Owner::connection(&connection), TABLE, &id).await?)?;
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            it.workspace_id.to_string(),
            it.group_id.to_string(),
            it.connection_id.to_string(),
            it.media_id.to_string(),
            it.author_id.to_string(),
            it.state.as_str(),
            it.delivery.as_str(),
            text.content.as_str(),
            it.revision,
            it.local_time.as_deref(),
            it.time_zone.as_deref(),
            it.due_at.map(UnixMillis::millis),
            it.consent_id.map(|id| id.to_string()),
            text.problem.as_deref(),
            it.published_at.map(UnixMillis::millis),
            text.tiktok_ids.as_str(),
            it.created_at.millis(),
            it.updated_at.millis(),
            &text.caption,
        )?;
        self.write_photos(it).await?;
        self.lane_follow(it).await
    }

    /// Writes the whole row (id and workspace stay) if it still has `expected_revision` and `expected_state`; false when not.
    /// Counts nothing up by itself: the caller sets `revision` and `updated_at`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_update(&mut self, it: &Post, expected_revision: i64, expected_state: PostState) -> Result<bool> {
        let (id, connection) = (it.id.to_string(), it.connection_id.to_string());
        let text = Texts::of(it, &self.row_of(Owner::connection(&connection), TABLE, &id).await?)?;
        let changed = execute!(
            tx self, UPDATE,
            it.id.to_string(),
            it.workspace_id.to_string(),
            it.group_id.to_string(),
            it.connection_id.to_string(),
            it.media_id.to_string(),
            it.author_id.to_string(),
            it.state.as_str(),
            it.delivery.as_str(),
            text.content.as_str(),
            it.revision,
            it.local_time.as_deref(),
            it.time_zone.as_deref(),
            it.due_at.map(UnixMillis::millis),
            it.consent_id.map(|id| id.to_string()),
            text.problem.as_deref(),
            it.published_at.map(UnixMillis::millis),
            text.tiktok_ids.as_str(),
            it.created_at.millis(),
            it.updated_at.millis(),
            &text.caption,
            expected_revision,
            expected_state.as_str(),
        )?;
        if changed != 1 {
            return Ok(false);
        }
        self.write_photos(it).await?;
        self.lane_follow(it).await?;
        Ok(true)
    }

    /// Writes the pictures anew when they differ; a video has none, and most changes of a post leave them alone.
    async fn write_photos(&mut self, it: &Post) -> Result<()> {
        let wanted = it.photos.as_ref().map_or(&[][..], Carousel::pictures);
        let kept: Option<(Option<String>,)> =
            fetch_optional!(tx self, (Option<String>,), PHOTOS_OF, it.id.to_string())?;
        let kept = kept.and_then(|(list,)| list).unwrap_or_default();
        let list = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if kept == list {
            return Ok(());
        }
        execute!(tx self, PHOTOS_CLEAR, it.id.to_string())?;
        for (position, picture) in (0_i64..).zip(wanted) {
            execute!(tx self, PHOTO_INSERT, it.id.to_string(), position, picture.to_string())?;
        }
        Ok(())
    }

    /// Moves a post that is in one of the `from` states to `to`; false when it is in none of them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn post_set_state(
        &mut self,
        id: PostId,
        from: &[PostState],
        to: PostState,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, SET_STATE, id.to_string(), words(from), to.as_str(), now.millis())? == 1)
    }

    /// Deletes a draft with its timeline, consents and dead attempts; false when there is no such draft.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when an attempt that is not dead belongs to it.
    pub async fn post_delete_draft(&mut self, workspace: WorkspaceId, id: PostId) -> Result<bool> {
        execute!(tx self, DELETE_DEAD_ATTEMPTS, workspace.to_string(), id.to_string())?;
        Ok(execute!(tx self, DELETE_DRAFT, workspace.to_string(), id.to_string())? == 1)
    }
}

/// The JSON columns of a row, and those that are sealed.
struct Texts {
    content: String,
    caption: String,
    problem: Option<String>,
    tiktok_ids: String,
}

impl Texts {
    fn of(it: &Post, row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            content: row.write(CONTENT, &TABLE.to_json(CONTENT, &it.content)?)?,
            caption: row.write("caption", &it.content.caption)?,
            problem: TABLE.to_json_opt("problem", it.problem.as_ref())?,
            tiktok_ids: TABLE.to_json("tiktok_ids", &it.tiktok_ids)?,
        })
    }
}
