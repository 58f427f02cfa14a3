//! Reading what an export holds, portion by portion, without knowing what it means. Owns the statements and the cells.
//!
//! Each statement gives first where the next portion begins, then the columns of its table in their order. Where some of them are sealed, the
//! owner of the key and the wrapped key come last, and the cells are opened here.

use domain::id::{UserId, WorkspaceId};
use domain::privacy::retention::{DATA_MAP, KeyOf};
use domain::time::UnixMillis;
use sqlx::{ColumnIndex, Database, Decode, Row, Type};

use super::tables::{Column, ExportTable, Walk};
use crate::column::Table;
use crate::db::{Statement, Store};
use crate::error::Result;
use crate::personal::Owner;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A number, an instant among them.
    Number(i64),
    /// A text, JSON among them.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Whose data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportScope {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The person.
    pub person: UserId,
    /// Entries about deeds are older than this.
    pub before: UnixMillis,
}

/// Where a portion begins: after this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place(String);

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// The rows, each with the columns of its table.
    pub rows: Vec<Vec<Cell>>,
    /// Where the next portion begins; `None` at the end.
    pub next: Option<Place>,
}

pub(super) const PERSON: &str = "
SELECT id, id, open_id, display_name, locale, time_zone, theme, adult_confirmed_at, adult_text_version, created_at, name_chosen_at,
       last_seen_at, k.person_id, k.data_key_sealed
FROM person LEFT JOIN person_key k ON k.person_id = person.id
WHERE id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const INACTIVITY: &str = "
SELECT person_id, person_id, first_at, last_at, erase_at
FROM inactivity
WHERE person_id = $1 AND person_id > $2
ORDER BY person_id
LIMIT $3";
pub(super) const CONSENT_LEDGER: &str = "
SELECT CAST(seq AS TEXT), person_id, purpose, connection_id, act, text_version, detail, at
FROM consent_ledger
WHERE person_id = $1 AND seq > $2 AND at < $4
ORDER BY seq
LIMIT $3";
pub(super) const SUPPORT_REQUEST: &str = "
SELECT CAST(r.number AS TEXT), r.number, r.person_id, r.kind, r.state, r.asked_at, r.due_at, r.changed_at
FROM support_request r
WHERE r.person_id = $1 AND r.number > $2 AND r.asked_at < $4
ORDER BY r.number
LIMIT $3";
pub(super) const SUPPORT_MESSAGE: &str = "
SELECT CAST(m.seq AS TEXT), m.number, m.author, m.words, m.at, k.person_id, k.data_key_sealed
FROM support_message m JOIN support_request r ON r.number = m.number LEFT JOIN person_key k ON k.person_id = r.person_id
WHERE r.person_id = $1 AND m.seq > $2 AND m.at < $4
ORDER BY m.seq
LIMIT $3";
pub(super) const NOTICE: &str = "
SELECT CAST(n.number AS TEXT), n.number, n.person_id, n.kind, n.subject, n.created_at, n.read_at
FROM notice n
WHERE n.person_id = $1 AND n.number > $2 AND n.created_at < $4
ORDER BY n.number
LIMIT $3";
pub(super) const PUSH_BROWSER: &str = "
SELECT b.session_id, b.session_id, b.person_id, b.endpoint, b.published, b.needs_you, b.created_at, k.person_id, k.data_key_sealed
FROM push_browser b LEFT JOIN person_key k ON k.person_id = b.person_id
WHERE b.person_id = $1 AND b.session_id > $2
ORDER BY b.session_id
LIMIT $3";
pub(super) const WORKSPACE: &str = "
SELECT id, id, name, created_at, k.person_id, k.data_key_sealed
FROM workspace LEFT JOIN person_key k ON k.person_id = (
  SELECT f.user_id FROM member f WHERE f.workspace_id = workspace.id ORDER BY f.created_at, f.user_id LIMIT 1)
WHERE id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const MEMBER: &str = "
SELECT workspace_id, workspace_id, user_id, role, created_at
FROM member
WHERE user_id = $1 AND workspace_id > $2
ORDER BY workspace_id
LIMIT $3";
pub(super) const POLICY_ANSWER: &str = "
SELECT document || ' ' || version, person_id, document, version, answer, at
FROM policy_answer
WHERE person_id = $1 AND document || ' ' || version > $2
ORDER BY document || ' ' || version
LIMIT $3";
pub(super) const CONNECTION: &str = "
SELECT id, id, workspace_id, open_id, display_name, username, flavour, scopes, state, creator, creator_at, connected_at, consented_at,
       updated_at, k.connection_id, k.data_key_sealed
FROM connection LEFT JOIN connection_key k ON k.connection_id = connection.id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const AVATAR: &str = "
SELECT a.connection_id, a.connection_id, a.sha256, a.format, a.fetched_at, a.bytes, k.connection_id, k.data_key_sealed
FROM connection c JOIN avatar a ON a.connection_id = c.id LEFT JOIN connection_key k ON k.connection_id = c.id
WHERE c.workspace_id = $1 AND c.id > $2
ORDER BY c.id
LIMIT $3";
pub(super) const RHYTHM: &str = "
SELECT r.connection_id, r.connection_id, r.slots, r.gap_minutes, r.paused_at, r.resumed_at, r.updated_at
FROM connection c JOIN rhythm r ON r.connection_id = c.id
WHERE c.workspace_id = $1 AND c.id > $2
ORDER BY c.id
LIMIT $3";
pub(super) const METRIC_CONSENT: &str = "
SELECT m.connection_id || ' ' || m.purpose, m.connection_id, m.purpose, m.person_id, m.text_version, m.given_at
FROM connection c JOIN metric_consent m ON m.connection_id = c.id
WHERE c.workspace_id = $1 AND m.connection_id || ' ' || m.purpose > $2
ORDER BY m.connection_id || ' ' || m.purpose
LIMIT $3";
// A number of a day has five digits for two hundred years, an instant thirteen.
pub(super) const METRIC_DAY: &str = "
SELECT d.connection_id || ' ' || CAST(d.day AS TEXT), d.connection_id, d.day, d.views, d.likes, d.comments, d.shares, d.readings
FROM connection c JOIN metric_day d ON d.connection_id = c.id
WHERE c.workspace_id = $1 AND d.connection_id || ' ' || CAST(d.day AS TEXT) > $2
ORDER BY d.connection_id || ' ' || CAST(d.day AS TEXT)
LIMIT $3";
pub(super) const FOLLOWER_SAMPLE: &str = "
SELECT f.connection_id || ' ' || CAST(f.read_at AS TEXT), f.connection_id, f.read_at, f.followers
FROM connection c JOIN follower_sample f ON f.connection_id = c.id
WHERE c.workspace_id = $1 AND f.connection_id || ' ' || CAST(f.read_at AS TEXT) > $2
ORDER BY f.connection_id || ' ' || CAST(f.read_at AS TEXT)
LIMIT $3";
pub(super) const METRIC_WATCH: &str = "
SELECT p.id, w.post_id, w.video_id, w.connection_id, w.state, w.since, w.read_at, w.views, w.likes, w.comments, w.shares
FROM post p JOIN metric_watch w ON w.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, w.video_id";
pub(super) const METRIC_MARK: &str = "
SELECT p.id, m.post_id, m.video_id, m.age_hours, m.connection_id, m.read_at, m.views, m.likes, m.comments, m.shares
FROM post p JOIN metric_mark m ON m.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, m.video_id, m.age_hours";
pub(super) const METRIC_SAMPLE: &str = "
SELECT p.id, s.post_id, s.video_id, s.read_at, s.connection_id, s.views, s.likes, s.comments, s.shares
FROM post p JOIN metric_sample s ON s.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, s.video_id, s.read_at";
pub(super) const UNCONFIRMED: &str = "
SELECT id, open_id, display_name, username, scopes, avatar_format, avatar, k.person_id, k.data_key_sealed
FROM unconfirmed LEFT JOIN person_key k ON k.person_id = unconfirmed.user_id
WHERE user_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const MEDIA: &str = "
SELECT id, id, workspace_id, uploaded_by, file_name, size_bytes, sha256, facts, verdict, created_at, file_gone_at,
       k.person_id, k.data_key_sealed
FROM media LEFT JOIN person_key k ON k.person_id = media.uploaded_by
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const MEDIA_TAGS: &str = "
SELECT m.id, t.media_id, t.person_id, t.words, t.at, k.person_id, k.data_key_sealed
FROM media m JOIN media_tags t ON t.media_id = m.id LEFT JOIN person_key k ON k.person_id = t.person_id
WHERE m.workspace_id = $1 AND m.id > $2
ORDER BY m.id
LIMIT $3";
pub(super) const SNIPPET: &str = "
SELECT id, id, workspace_id, snippet.person_id, kind, name, words, at, k.person_id, k.data_key_sealed
FROM snippet LEFT JOIN person_key k ON k.person_id = snippet.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const SAVED_VIEW: &str = "
SELECT id, id, workspace_id, saved_view.person_id, name, query, at, k.person_id, k.data_key_sealed
FROM saved_view LEFT JOIN person_key k ON k.person_id = saved_view.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const ANNOTATION: &str = "
SELECT id, id, workspace_id, annotation.person_id, connection_id, day, words, at, k.person_id, k.data_key_sealed
FROM annotation LEFT JOIN person_key k ON k.person_id = annotation.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const REPORT_LINK: &str = "
SELECT id, id, workspace_id, report_link.person_id, name, connection_id, week, created_at, expires_at, opens, opened_at, k.person_id,
       k.data_key_sealed
FROM report_link LEFT JOIN person_key k ON k.person_id = report_link.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const REPORT_TURN: &str = "
SELECT person_id, workspace_id, person_id, wish, told
FROM report_turn
WHERE workspace_id = $1 AND person_id > $2
ORDER BY person_id
LIMIT $3";
pub(super) const GUIDE: &str = "
SELECT workspace_id, workspace_id, hidden_at
FROM guide
WHERE workspace_id = $1 AND workspace_id > $2
ORDER BY workspace_id
LIMIT $3";
pub(super) const LABEL: &str = "
SELECT id, id, workspace_id, label.person_id, words, flavour, at, k.person_id, k.data_key_sealed
FROM label LEFT JOIN person_key k ON k.person_id = label.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const IDEA: &str = "
SELECT id, id, workspace_id, idea.person_id, connection_id, words, labels, place, is_sample, at, k.person_id, k.data_key_sealed
FROM idea LEFT JOIN person_key k ON k.person_id = idea.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
// A job that is not over tells nothing yet: its file is in no library.
pub(super) const RENDITION: &str = "
SELECT id, id, workspace_id, source_id, asked_by, state, from_ms, until_ms, asked_at, media_id, ended_at, problem
FROM rendition
WHERE workspace_id = $1 AND id > $2 AND ended_at IS NOT NULL
ORDER BY id
LIMIT $3";
pub(super) const UPLOAD: &str = "
SELECT id, id, workspace_id, user_id, file_name, length_bytes, offset_bytes, state, media_id, created_at, updated_at, expires_at,
       k.person_id, k.data_key_sealed
FROM upload LEFT JOIN person_key k ON k.person_id = upload.user_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const POST: &str = "
SELECT p.id, p.id, p.workspace_id, p.group_id, p.connection_id, p.media_id, p.author_id, p.state, p.delivery, p.content, p.caption,
       p.revision, p.local_time, p.time_zone, p.due_at, p.consent_id, p.problem, p.published_at, p.tiktok_ids, p.created_at,
       p.updated_at, k.connection_id, k.data_key_sealed
FROM post p LEFT JOIN connection_key k ON k.connection_id = p.connection_id
WHERE p.workspace_id = $1 AND p.id > $2
ORDER BY p.id
LIMIT $3";
const POST_IDS: &str = "
SELECT id
FROM post
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const POST_PHOTO: &str = "
SELECT p.id, h.post_id, h.position, h.media_id
FROM post p JOIN post_photo h ON h.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, h.position";
pub(super) const POST_LABEL: &str = "
SELECT p.id, t.post_id, t.label_id
FROM post p JOIN post_label t ON t.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, t.label_id";
pub(super) const BOARD_PLACE: &str = "
SELECT p.id, b.post_id, b.ready_at, b.place
FROM post p JOIN board_place b ON b.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id";
pub(super) const POST_NOTE: &str = "
SELECT p.id, n.post_id, n.person_id, n.words, n.at, k.person_id, k.data_key_sealed
FROM post p JOIN post_note n ON n.post_id = p.id LEFT JOIN person_key k ON k.person_id = n.person_id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id";
pub(super) const DRAFT_STATE: &str = "
SELECT p.id, s.id, s.post_id, s.connection_id, s.revision, s.content, s.local_time, s.time_zone, s.at, k.connection_id, k.data_key_sealed
FROM post p JOIN draft_state s ON s.post_id = p.id LEFT JOIN connection_key k ON k.connection_id = s.connection_id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, s.at, s.id";
pub(super) const CONSENT: &str = "
SELECT p.id, c.id, c.post_id, c.user_id, c.given_at, c.declaration, c.text_version, c.locale, c.subject, c.fingerprint, c.creator,
       k.person_id, k.data_key_sealed
FROM post p JOIN consent c ON c.post_id = p.id LEFT JOIN person_key k ON k.person_id = c.user_id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, c.given_at, c.id";
pub(super) const ATTEMPT: &str = "
SELECT p.id, t.id, t.post_id, t.connection_id, t.ordinal, t.mode, t.state, t.due_at, t.revision, t.snapshot, t.media_sha256,
       t.media_size, t.chunk_size, t.chunk_count, t.init_sent_at, t.publish_id, t.url_remote_date, t.acked_bytes, t.final_intent_at,
       t.final_acked_at, t.status, t.status_remote_date, t.fail_reason, t.post_ids, t.log_id, t.evidence, t.cause, t.created_at,
       t.updated_at, k.connection_id, k.data_key_sealed
FROM post p JOIN attempt t ON t.post_id = p.id LEFT JOIN connection_key k ON k.connection_id = t.connection_id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, t.ordinal, t.id";
pub(super) const ATTEMPT_LOG: &str = "
SELECT p.id, l.attempt_id, l.from_state, l.to_state, l.cause, l.log_id, l.remote_date, l.at
FROM post p JOIN attempt t ON t.post_id = p.id JOIN attempt_log l ON l.attempt_id = t.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, t.ordinal, t.id, l.seq";
pub(super) const GATE_VISIT: &str = "
SELECT p.id, g.attempt_id, g.picture, g.first_byte, g.last_byte, g.at
FROM post p JOIN attempt t ON t.post_id = p.id JOIN gate_visit g ON g.attempt_id = t.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, t.ordinal, t.id, g.seq";
pub(super) const POST_EVENT: &str = "
SELECT p.id, e.workspace_id, e.post_id, e.kind, e.actor_id, e.detail, e.at
FROM post p JOIN post_event e ON e.post_id = p.id
WHERE p.workspace_id = $1 AND p.id > $2 AND p.id <= $3
ORDER BY p.id, e.seq";
pub(super) const SESSION: &str = "
SELECT id, id, user_id, workspace_id, device, ip, created_at, last_seen_at, expires_at, k.person_id, k.data_key_sealed
FROM session LEFT JOIN person_key k ON k.person_id = session.user_id
WHERE user_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
// A number as a text, so that every place is one; the comparison is by number.
pub(super) const AUDIT: &str = "
SELECT CAST(seq AS TEXT), at, actor, action, subject, detail
FROM audit
WHERE actor = $1 AND seq > $2 AND at < $4
ORDER BY seq
LIMIT $3";
pub(super) const ERASURE: &str = "
SELECT id, id, unit, subject_id, workspace_id, door, state, revoked, requested_at, begins_at, deadline_at, finished_at, evidence
FROM erasure
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
pub(super) const DELETION: &str = "
SELECT id, id, workspace_id, d.person_id, deleted_at, files, size_bytes, names, k.person_id, k.data_key_sealed
FROM deletion d LEFT JOIN person_key k ON k.person_id = d.person_id
WHERE workspace_id = $1 AND id > $2
ORDER BY id
LIMIT $3";
// The export that is being built does not know itself yet.
pub(super) const EXPORT_JOB: &str = "
SELECT id, id, person_id, workspace_id, with_media, state, asked_at, ready_at, size_bytes, sha256
FROM export_job
WHERE person_id = $1 AND id > $2 AND state IN ('ready', 'failed')
ORDER BY id
LIMIT $3";
const IMPORTED: &str = concat!(
    "
SELECT position, line, ",
    person_key!("imported.person_id"),
    "
FROM imported
WHERE person_id = $1 AND file = $2 AND position > $3
ORDER BY position
LIMIT $4"
);

pub(crate) const STATEMENTS: &[Statement] = statements![
    PERSON,
    INACTIVITY,
    CONSENT_LEDGER,
    SUPPORT_REQUEST,
    SUPPORT_MESSAGE,
    NOTICE,
    PUSH_BROWSER,
    POST_NOTE,
    DRAFT_STATE,
    WORKSPACE,
    MEMBER,
    POLICY_ANSWER,
    CONNECTION,
    AVATAR,
    RHYTHM,
    METRIC_CONSENT,
    METRIC_DAY,
    FOLLOWER_SAMPLE,
    METRIC_WATCH,
    METRIC_SAMPLE,
    METRIC_MARK,
    UNCONFIRMED,
    MEDIA,
    MEDIA_TAGS,
    SNIPPET,
    SAVED_VIEW,
    ANNOTATION,
    GUIDE,
    LABEL,
    IDEA,
    POST_LABEL,
    BOARD_PLACE,
    UPLOAD,
    POST,
    POST_IDS,
    POST_PHOTO,
    CONSENT,
    ATTEMPT,
    ATTEMPT_LOG,
    GATE_VISIT,
    POST_EVENT,
    SESSION,
    AUDIT,
    RENDITION,
    ERASURE,
    DELETION,
    EXPORT_JOB,
    IMPORTED,
];

/// Posts whose belongings are read at once.
const POSTS: i64 = 100;
/// Lines of an earlier export read at once.
const LINES: i64 = 200;

struct Cells(Vec<Cell>);

impl<'r, R> sqlx::FromRow<'r, R> for Cells
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let cell = |n: usize| {
            if let Ok(number) = row.try_get::<Option<i64>, _>(n) {
                return Ok(number.map_or(Cell::Empty, Cell::Number));
            }
            if let Ok(text) = row.try_get::<Option<String>, _>(n) {
                return Ok(text.map_or(Cell::Empty, Cell::Text));
            }
            row.try_get::<Vec<u8>, _>(n).map(Cell::Bytes)
        };
        (0..row.len()).map(cell).collect::<sqlx::Result<_>>().map(Self)
    }
}

/// A statement of this module with what it asks about.
enum Asked<'a> {
    Texts([&'a str; 2], i64),
    Range([&'a str; 3]),
    Numbered(&'a str, i64, i64, i64),
}

fn asked<'q, DB>(sql: &'static str, what: &Asked<'_>) -> sqlx::query::QueryAs<'q, DB, Cells, DB::Arguments>
where
    DB: Database,
    Cells: for<'r> sqlx::FromRow<'r, DB::Row>,
    String: sqlx::Encode<'q, DB> + Type<DB>,
    i64: sqlx::Encode<'q, DB> + Type<DB>,
{
    let query = sqlx::query_as(sql);
    match what {
        Asked::Texts([of, after], limit) => query.bind((*of).to_owned()).bind((*after).to_owned()).bind(*limit),
        Asked::Range(texts) => texts.iter().fold(query, |query, text| query.bind((*text).to_owned())),
        Asked::Numbered(of, after, limit, before) => {
            query.bind((*of).to_owned()).bind(*after).bind(*limit).bind(*before)
        }
    }
}

impl Store {
    async fn cells(&self, sql: &'static str, what: &Asked<'_>) -> Result<Vec<Vec<Cell>>> {
        let rows: std::result::Result<Vec<Cells>, sqlx::Error> =
            on!(store self, |conn| asked(sql, what).fetch_all(conn), |rows| rows);
        Ok(rows.map_err(crate::StoreError::from)?.into_iter().map(|row| row.0).collect())
    }

    /// A portion of a table of an export, from a place on.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn export_portion(&self, table: &ExportTable, scope: &ExportScope, place: &Place) -> Result<Portion> {
        let (workspace, person) = (scope.workspace.to_string(), scope.person.to_string());
        let what = match table.walk {
            Walk::Workspace => Asked::Texts([&workspace, &place.0], table.portion),
            Walk::Person => Asked::Texts([&person, &place.0], table.portion),
            Walk::PersonNumbered => {
                let after = place.0.parse().unwrap_or(i64::MIN);
                Asked::Numbered(&person, after, table.portion, scope.before.millis())
            }
            Walk::Posts => return self.of_posts(table, &workspace, place).await,
        };
        let rows = self.cells(table.read, &what).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= table.portion);
        let next = rows.last().filter(|_| full).and_then(|row| row.first()).map(place_of);
        Ok(Portion { rows: self.opened(table, rows)?, next })
    }

    async fn of_posts(&self, table: &ExportTable, workspace: &str, place: &Place) -> Result<Portion> {
        let ids = self.cells(POST_IDS, &Asked::Texts([workspace, &place.0], POSTS)).await?;
        let Some(last) = ids.last().and_then(|row| row.first()).map(place_of) else {
            return Ok(Portion { rows: Vec::new(), next: None });
        };
        let rows = self.cells(table.read, &Asked::Range([workspace, &place.0, &last.0])).await?;
        let full = i64::try_from(ids.len()).is_ok_and(|count| count >= POSTS);
        Ok(Portion { rows: self.opened(table, rows)?, next: full.then_some(last) })
    }

    /// The columns of a table alone, with what is sealed opened.
    fn opened(&self, table: &ExportTable, rows: Vec<Vec<Cell>>) -> Result<Vec<Vec<Cell>>> {
        let sealed = sealed_columns(table);
        rows.into_iter().map(|row| self.opened_row(table, sealed.as_ref(), row)).collect()
    }

    fn opened_row(
        &self,
        table: &ExportTable,
        sealed: Option<&(KeyOf, Vec<&'static str>)>,
        mut row: Vec<Cell>,
    ) -> Result<Vec<Cell>> {
        let Some((of, names)) = sealed else { return Ok(without_place(row)) };
        let (wrapped, owner) = (row.pop(), row.pop());
        let wrapped = match &wrapped {
            Some(Cell::Bytes(bytes)) => Some(bytes.as_slice()),
            Some(Cell::Empty | Cell::Number(_) | Cell::Text(_)) | None => None,
        };
        let owner = owner.map(|cell| place_of(&cell).0).unwrap_or_default();
        // Where a portion is of posts, the row has an id of its own.
        let id = table.columns.iter().position(|column| column.name == "id").and_then(|n| row.get(n + 1));
        let place = id.or_else(|| row.first()).map(place_of).unwrap_or_default().0;
        let cells = self.safe.row(Owner { of: *of, id: &owner }, wrapped, Table(table.name), &place)?;
        let open = |(column, cell): (&Column, Cell)| match cell {
            Cell::Text(text) if names.contains(&column.name) && column.optional => {
                Ok(cells.read_opt(column.name, Some(text))?.map_or(Cell::Empty, Cell::Text))
            }
            Cell::Text(text) if names.contains(&column.name) => cells.read(column.name, text).map(Cell::Text),
            Cell::Bytes(bytes) if names.contains(&column.name) => {
                Ok(Cell::Bytes(cells.read_bytes(column.name, bytes)?.unwrap_or_default()))
            }
            Cell::Empty | Cell::Number(_) | Cell::Text(_) | Cell::Bytes(_) => Ok(cell),
        };
        table.columns.iter().zip(without_place(row)).map(open).collect()
    }

    /// Lines that an earlier instance wrote into a file of this name, after a position.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn imported_lines(&self, person: UserId, file: &str, after: i64) -> Result<Vec<(i64, String)>> {
        type Row = (i64, String, Option<Vec<u8>>);
        let person = person.to_string();
        let rows = fetch_all!(store self, Row, IMPORTED, &person, file, after, LINES)?;
        let open = |(position, line, wrapped): Row| {
            let id = line_id(file, position);
            let row = self.safe.row(Owner::person(&person), wrapped.as_deref(), Table("imported"), &id)?;
            Ok((position, row.read("line", line)?))
        };
        rows.into_iter().map(open).collect()
    }
}

/// What a line of an earlier export is bound to.
pub(super) fn line_id(file: &str, position: i64) -> String {
    format!("{file}/{position}")
}

/// Whose key seals which columns of a table, as `datamap.toml` says.
pub(super) fn sealed_columns(table: &ExportTable) -> Option<(KeyOf, Vec<&'static str>)> {
    let of_it = DATA_MAP.iter().filter(|data| data.table == table.name);
    let sealed: Vec<_> = of_it.filter_map(|data| data.sealed.map(|of| (of, data.column))).collect();
    let of = sealed.first()?.0;
    Some((of, sealed.into_iter().map(|(_, column)| column).collect()))
}

fn place_of(cell: &Cell) -> Place {
    match cell {
        Cell::Text(text) => Place(text.clone()),
        Cell::Number(number) => Place(number.to_string()),
        Cell::Empty | Cell::Bytes(_) => Place::default(),
    }
}

fn without_place(mut row: Vec<Cell>) -> Vec<Cell> {
    if !row.is_empty() {
        row.remove(0);
    }
    row
}
