//! Taking an export into an instance that has nobody yet. Owns the statements; what has to change on the way is decided elsewhere.
//!
//! What belongs to the instance and not to the person gets values that make nothing happen: an attempt that was taken in is nobody's and
//! never due.

use domain::id::UserId;
use domain::privacy::retention::KeyOf;
use domain::time::UnixMillis;
use sqlx::{Database, Type};

use super::read::{Cell, line_id, sealed_columns};
use super::tables::{Column, ExportTable, Kind, TakenIn};
use crate::column::Table;
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::Owner;

pub(super) const PUT_PERSON: &str = "
INSERT INTO person (id, open_id, display_name, locale, time_zone, theme, adult_confirmed_at, adult_text_version, created_at, name_chosen_at,
                    last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
pub(super) const PUT_INACTIVITY: &str =
    "INSERT INTO inactivity (person_id, first_at, last_at, erase_at) VALUES ($1, $2, $3, $4)";
pub(super) const PUT_CONSENT_LEDGER: &str = "
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const PUT_POST_NOTE: &str = "INSERT INTO post_note (post_id, person_id, words, at) VALUES ($1, $2, $3, $4)";
pub(super) const PUT_DRAFT_STATE: &str = "
INSERT INTO draft_state (id, post_id, connection_id, revision, content, local_time, time_zone, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(super) const PUT_WORKSPACE: &str = "INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, $3)";
pub(super) const PUT_MEMBER: &str =
    "INSERT INTO member (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
pub(super) const PUT_POLICY_ANSWER: &str = "
INSERT INTO policy_answer (person_id, document, version, answer, at) VALUES ($1, $2, $3, $4, $5)";
pub(super) const PUT_CONNECTION: &str = "
INSERT INTO connection (id, workspace_id, open_id, display_name, username, flavour, scopes, state, creator, creator_at, connected_at,
                        consented_at, updated_at, taken_in)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)";
pub(super) const PUT_AVATAR: &str = "
INSERT INTO avatar (connection_id, sha256, format, fetched_at, bytes) VALUES ($1, $2, $3, $4, $5)";
pub(super) const PUT_RHYTHM: &str = "
INSERT INTO rhythm (connection_id, slots, gap_minutes, paused_at, resumed_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)";
// The bytes lie under the file's own id; small pictures are made again.
pub(super) const PUT_MEDIA: &str = "
INSERT INTO media (id, workspace_id, uploaded_by, file_name, size_bytes, sha256, facts, verdict, created_at, file_gone_at, blob_key,
                   thumbnail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CAST($10 AS BIGINT), $1,
        CASE WHEN CAST($10 AS BIGINT) IS NULL THEN 'pending' ELSE 'unavailable' END)";
pub(super) const PUT_MEDIA_TAGS: &str =
    "INSERT INTO media_tags (media_id, person_id, words, at) VALUES ($1, $2, $3, $4)";
pub(super) const PUT_SNIPPET: &str =
    "INSERT INTO snippet (id, workspace_id, person_id, kind, name, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const PUT_SAVED_VIEW: &str =
    "INSERT INTO saved_view (id, workspace_id, person_id, name, query, at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const PUT_ANNOTATION: &str = "INSERT INTO annotation (id, workspace_id, person_id, connection_id, day, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(super) const PUT_GUIDE: &str = "INSERT INTO guide (workspace_id, hidden_at) VALUES ($1, $2)";
pub(super) const PUT_LABEL: &str =
    "INSERT INTO label (id, workspace_id, person_id, words, flavour, at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const PUT_IDEA: &str = "
INSERT INTO idea (id, workspace_id, person_id, connection_id, words, labels, place, is_sample, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(super) const PUT_POST_LABEL: &str = "INSERT INTO post_label (post_id, label_id) VALUES ($1, $2)";
pub(super) const PUT_BOARD_PLACE: &str = "INSERT INTO board_place (post_id, ready_at, place) VALUES ($1, $2, $3)";
pub(super) const PUT_POST: &str = "
INSERT INTO post (id, workspace_id, group_id, connection_id, media_id, author_id, state, delivery, content, caption, revision, local_time,
                  time_zone, due_at, consent_id, problem, published_at, tiktok_ids, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
pub(super) const PUT_POST_PHOTO: &str = "INSERT INTO post_photo (post_id, position, media_id) VALUES ($1, $2, $3)";
pub(super) const PUT_CONSENT: &str = "
INSERT INTO consent (id, post_id, user_id, given_at, declaration, text_version, locale, subject, fingerprint, creator)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const PUT_ATTEMPT: &str = "
INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, due_at, revision, snapshot, media_sha256, media_size, chunk_size,
                     chunk_count, init_sent_at, publish_id, url_remote_date, acked_bytes, final_intent_at, final_acked_at, status,
                     status_remote_date, fail_reason, post_ids, log_id, evidence, cause, created_at, updated_at, epoch, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
        1, 253402300799000)";
pub(super) const PUT_ATTEMPT_LOG: &str = "
INSERT INTO attempt_log (attempt_id, from_state, to_state, cause, log_id, remote_date, at, epoch)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
pub(super) const PUT_GATE_VISIT: &str = "
INSERT INTO gate_visit (attempt_id, picture, first_byte, last_byte, at) VALUES ($1, $2, $3, $4, $5)";
pub(super) const PUT_POST_EVENT: &str = "
INSERT INTO post_event (workspace_id, post_id, kind, actor_id, detail, at) VALUES ($1, $2, $3, $4, $5, $6)";
const PUT_LINE: &str = "INSERT INTO imported (person_id, file, position, line, until) VALUES ($1, $2, $3, $4, $5)";
const PEOPLE: &str = "SELECT COUNT(*) FROM person";

pub(crate) const STATEMENTS: &[Statement] = statements![
    PUT_PERSON,
    PUT_INACTIVITY,
    PUT_CONSENT_LEDGER,
    PUT_POST_NOTE,
    PUT_DRAFT_STATE,
    PUT_WORKSPACE,
    PUT_MEMBER,
    PUT_POLICY_ANSWER,
    PUT_CONNECTION,
    PUT_AVATAR,
    PUT_RHYTHM,
    PUT_MEDIA,
    PUT_MEDIA_TAGS,
    PUT_SNIPPET,
    PUT_SAVED_VIEW,
    PUT_ANNOTATION,
    PUT_GUIDE,
    PUT_LABEL,
    PUT_IDEA,
    PUT_POST_LABEL,
    PUT_BOARD_PLACE,
    PUT_POST,
    PUT_POST_PHOTO,
    PUT_CONSENT,
    PUT_ATTEMPT,
    PUT_ATTEMPT_LOG,
    PUT_GATE_VISIT,
    PUT_POST_EVENT,
    PUT_LINE,
    PEOPLE,
];

impl Store {
    /// How many people this instance has.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn people_count(&self) -> Result<i64> {
        let (count,) = fetch_one!(store self, (i64,), PEOPLE)?;
        Ok(count)
    }
}

/// The first of these columns that the row has.
fn text_of(table: &ExportTable, row: &[Cell], names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let cell = table.columns.iter().zip(row).find(|(column, _)| column.name == *name).map(|(_, cell)| cell)?;
        match cell {
            Cell::Text(text) => Some(text.clone()),
            Cell::Empty | Cell::Number(_) | Cell::Bytes(_) => None,
        }
    })
}

/// A statement with the cells of one row; an empty cell has the type of its column, which PostgreSQL wants to know.
fn with_cells<'q, DB>(sql: &'static str, table: &ExportTable, row: &[Cell]) -> sqlx::query::Query<'q, DB, DB::Arguments>
where
    DB: Database,
    Option<String>: sqlx::Encode<'q, DB> + Type<DB>,
    Option<i64>: sqlx::Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: sqlx::Encode<'q, DB> + Type<DB>,
{
    table.columns.iter().zip(row).fold(sqlx::query(sql), |query, (column, cell)| match (cell, column.kind) {
        (Cell::Text(text), _) => query.bind(Some(text.clone())),
        (Cell::Number(number), _) => query.bind(Some(*number)),
        (Cell::Bytes(bytes), _) => query.bind(Some(bytes.clone())),
        (Cell::Empty, Kind::Text | Kind::Json) => query.bind(None::<String>),
        (Cell::Empty, Kind::Number | Kind::Instant) => query.bind(None::<i64>),
        (Cell::Empty, Kind::Bytes | Kind::Inline) => query.bind(None::<Vec<u8>>),
    })
}

impl Tx {
    /// Writes a row of the export of this person; false when this table's rows do not become rows.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when it belongs to something that is not there, [`crate::StoreError::Conflict`] when it is
    /// there already.
    pub async fn import_row(&mut self, table: &ExportTable, row: &[Cell], person: UserId) -> Result<bool> {
        let sql = match table.taken_in {
            TakenIn::Rows(sql) => sql,
            TakenIn::Lines => return Ok(false),
        };
        let Some((of, names)) = sealed_columns(table) else {
            self.put_cells(sql, table, row).await?;
            return Ok(true);
        };
        let id = text_of(table, row, &["id", "post_id", "connection_id", "media_id"]).unwrap_or_default();
        let owner = match of {
            KeyOf::Connection => text_of(table, row, &["connection_id", "id"]),
            KeyOf::Person => text_of(table, row, &["uploaded_by", "person_id", "user_id"]),
        };
        let owner = owner.unwrap_or_else(|| person.to_string());
        let owner = Owner { of, id: &owner };
        // Whoever the row itself makes has no key yet, and their key cannot come before their row.
        let drawn = if owner.id == id && ["person", "connection"].contains(&table.name) {
            Some(self.safe.draw(owner)?)
        } else {
            None
        };
        let cells = match &drawn {
            Some(wrapped) => self.safe.row(owner, Some(wrapped), Table(table.name), &id)?,
            None => self.row_of(owner, Table(table.name), &id).await?,
        };
        let seal = |(column, cell): (&Column, &Cell)| {
            Ok(match cell {
                Cell::Text(text) if names.contains(&column.name) => Cell::Text(cells.write(column.name, text)?),
                Cell::Bytes(bytes) if names.contains(&column.name) => {
                    Cell::Bytes(cells.write_bytes(column.name, bytes)?.unwrap_or_default())
                }
                Cell::Empty | Cell::Number(_) | Cell::Text(_) | Cell::Bytes(_) => cell.clone(),
            })
        };
        let sealed: Vec<Cell> = table.columns.iter().zip(row).map(seal).collect::<Result<_>>()?;
        self.put_cells(sql, table, &sealed).await?;
        if let Some(wrapped) = drawn {
            self.key_keep(owner, &wrapped).await?;
        }
        Ok(true)
    }

    async fn put_cells(&mut self, sql: &'static str, table: &ExportTable, row: &[Cell]) -> Result<()> {
        on!(tx self, |conn| with_cells(sql, table, row).execute(conn), |done| done.rows_affected())
            .map_err(crate::StoreError::from)
            .map(drop)
    }

    /// Keeps a line of an export as it is, until an instant.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn import_line(
        &mut self,
        person: UserId,
        file: &str,
        (position, line): (i64, &str),
        until: UnixMillis,
    ) -> Result<()> {
        let (person, id) = (person.to_string(), line_id(file, position));
        let line = self.row_of(Owner::person(&person), Table("imported"), &id).await?.write("line", line)?;
        execute!(tx self, PUT_LINE, &person, file, position, &line, until.millis())?;
        Ok(())
    }
}
