//! What an export holds, table by table and column by column. Owns the one definition that the files, their schemas and the import are
//! made from; `datamap.toml` says which columns have to be in it, and a test compares the two.

use super::read::*;
use super::write::*;
use super::{kept, numbers, shares};

/// What a column holds, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// Milliseconds in the database, `2026-11-26T14:40:00.123Z` in an export.
    Instant,
    /// JSON in the database, written as it is.
    Json,
    /// A picture, written as a file of its own.
    Bytes,
    /// A picture that is kept for minutes only, written as base64.
    Inline,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, in the database and in an export.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// It may be empty.
    pub optional: bool,
}

/// How a table is walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// All rows of the workspace, in the order of an id, after the last one of the portion before.
    Workspace,
    /// The same, of the person.
    Person,
    /// The person's, in the order of a number.
    PersonNumbered,
    /// What belongs to the posts of a portion.
    Posts,
}

/// What becomes of a table's rows where an export is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenIn {
    /// They are rows again, by this statement. Its parameters are the columns in their order.
    Rows(&'static str),
    /// They are kept as lines: only the instance that wrote them can vouch for them.
    Lines,
}

/// A table of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportTable {
    /// Its name, and that of its files.
    pub name: &'static str,
    /// What it is, in one English sentence, for the schema.
    pub what: &'static str,
    /// How it is walked through.
    pub walk: Walk,
    /// Reads a portion: where to go on, then the columns in their order.
    pub(super) read: &'static str,
    /// Rows of a portion.
    pub(super) portion: i64,
    /// What becomes of it elsewhere.
    pub taken_in: TakenIn,
    /// Its columns.
    pub columns: &'static [Column],
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: false }
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: true }
}

/// Rows of an ordinary portion.
pub(super) const PORTION: i64 = 200;
/// Pictures of a portion: half a mebibyte each at most.
const PICTURES: i64 = 8;

use Kind::{Bytes, Inline, Instant, Json, Number, Text};

/// Every table, in the order in which an import needs them.
pub const TABLES: &[ExportTable] = &[
    ExportTable {
        name: "person",
        what: "The person whose export this is, and what they chose for themselves.",
        walk: Walk::Person,
        read: PERSON,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_PERSON),
        columns: &[
            must("id", Text),
            must("open_id", Text),
            must("display_name", Text),
            must("locale", Text),
            must("time_zone", Text),
            must("theme", Text),
            must("adult_confirmed_at", Instant),
            must("adult_text_version", Text),
            must("created_at", Instant),
            may("name_chosen_at", Instant),
            must("last_seen_at", Instant),
        ],
    },
    ExportTable {
        name: "inactivity",
        what: "Warnings because the person has not been here for long.",
        walk: Walk::Person,
        read: INACTIVITY,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_INACTIVITY),
        columns: &[
            must("person_id", Text),
            must("first_at", Instant),
            may("last_at", Instant),
            must("erase_at", Instant),
        ],
    },
    ExportTable {
        name: "workspace",
        what: "The workspace that posts, files and accounts belong to.",
        walk: Walk::Workspace,
        read: WORKSPACE,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_WORKSPACE),
        columns: &[must("id", Text), must("name", Text), must("created_at", Instant)],
    },
    ExportTable {
        name: "member",
        what: "Which workspaces the person belongs to.",
        walk: Walk::Person,
        read: MEMBER,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_MEMBER),
        columns: &[must("workspace_id", Text), must("user_id", Text), must("role", Text), must("created_at", Instant)],
    },
    ExportTable {
        name: "policy_answer",
        what: "What the person answered to versions of the policy and the terms.",
        walk: Walk::Person,
        read: POLICY_ANSWER,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POLICY_ANSWER),
        columns: &[
            must("person_id", Text),
            must("document", Text),
            must("version", Text),
            must("answer", Text),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "connection",
        what: "Connected TikTok accounts, as TikTok describes them. No tokens.",
        walk: Walk::Workspace,
        read: CONNECTION,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_CONNECTION),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("open_id", Text),
            must("display_name", Text),
            may("username", Text),
            must("flavour", Text),
            must("scopes", Text),
            must("state", Text),
            may("creator", Json),
            may("creator_at", Instant),
            must("connected_at", Instant),
            must("consented_at", Instant),
            must("updated_at", Instant),
        ],
    },
    ExportTable {
        name: "consent_ledger",
        what: "What the person gave their consent to and took back, purpose by purpose, in the order of time.",
        walk: Walk::PersonNumbered,
        read: CONSENT_LEDGER,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_CONSENT_LEDGER),
        columns: &[
            must("person_id", Text),
            must("purpose", Text),
            may("connection_id", Text),
            must("act", Text),
            must("text_version", Text),
            must("detail", Text),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "avatar",
        what: "Pictures of connected accounts; each is a file below avatars/.",
        walk: Walk::Workspace,
        read: AVATAR,
        portion: PICTURES,
        taken_in: TakenIn::Rows(PUT_AVATAR),
        columns: &[
            must("connection_id", Text),
            must("sha256", Text),
            must("format", Text),
            must("fetched_at", Instant),
            must("bytes", Bytes),
        ],
    },
    ExportTable {
        name: "rhythm",
        what: "At which times of a week (day from 1 for Monday, and time) an account posts, how close together, since when it rests, and when its last rest ended.",
        walk: Walk::Workspace,
        read: RHYTHM,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_RHYTHM),
        columns: &[
            must("connection_id", Text),
            must("slots", Text),
            must("gap_minutes", Number),
            may("paused_at", Instant),
            may("resumed_at", Instant),
            must("updated_at", Instant),
        ],
    },
    numbers::METRIC_CONSENT,
    numbers::METRIC_DAY,
    numbers::FOLLOWER_SAMPLE,
    ExportTable {
        name: "unconfirmed",
        what: "Accounts that came back from TikTok and wait for the person's answer. No tokens.",
        walk: Walk::Person,
        read: UNCONFIRMED,
        portion: PICTURES,
        taken_in: TakenIn::Lines,
        columns: &[
            must("open_id", Text),
            must("display_name", Text),
            may("username", Text),
            must("scopes", Text),
            may("avatar_format", Text),
            may("avatar", Inline),
        ],
    },
    ExportTable {
        name: "media",
        what: "Files of the library and what was measured about them; the files themselves are below media/.",
        walk: Walk::Workspace,
        read: MEDIA,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_MEDIA),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("uploaded_by", Text),
            must("file_name", Text),
            must("size_bytes", Number),
            must("sha256", Text),
            may("facts", Json),
            must("verdict", Json),
            must("created_at", Instant),
            may("file_gone_at", Instant),
        ],
    },
    ExportTable {
        name: "media_tags",
        what: "Words that people sort their files by, separated by commas.",
        walk: Walk::Workspace,
        read: MEDIA_TAGS,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_MEDIA_TAGS),
        columns: &[must("media_id", Text), must("person_id", Text), must("words", Text), must("at", Instant)],
    },
    ExportTable {
        name: "snippet",
        what: "Texts that are kept for captions: templates and groups of hashtags.",
        walk: Walk::Workspace,
        read: SNIPPET,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_SNIPPET),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("person_id", Text),
            must("kind", Text),
            must("name", Text),
            must("words", Text),
            must("at", Instant),
        ],
    },
    kept::SAVED_VIEW,
    kept::ANNOTATION,
    shares::REPORT_LINK,
    shares::REPORT_TURN,
    ExportTable {
        name: "guide",
        what: "Since when the first steps are put away.",
        walk: Walk::Workspace,
        read: GUIDE,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_GUIDE),
        columns: &[must("workspace_id", Text), must("hidden_at", Instant)],
    },
    ExportTable {
        name: "label",
        what: "Words by which posts are told apart, with their colours.",
        walk: Walk::Workspace,
        read: LABEL,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_LABEL),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("person_id", Text),
            must("words", Text),
            must("flavour", Text),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "idea",
        what: "Ideas: posts that have no file yet, in the order of the board.",
        walk: Walk::Workspace,
        read: IDEA,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_IDEA),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("person_id", Text),
            may("connection_id", Text),
            must("words", Text),
            must("labels", Text),
            must("place", Text),
            must("is_sample", Number),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "upload",
        what: "Uploads of the last days and how far they came; what arrived of an unfinished one is not in the export.",
        walk: Walk::Workspace,
        read: UPLOAD,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("user_id", Text),
            must("file_name", Text),
            must("length_bytes", Number),
            must("offset_bytes", Number),
            must("state", Text),
            may("media_id", Text),
            must("created_at", Instant),
            must("updated_at", Instant),
            must("expires_at", Instant),
        ],
    },
    ExportTable {
        name: "post",
        what: "Posts: drafts, planned ones, and those that are out.",
        walk: Walk::Workspace,
        read: POST,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POST),
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("group_id", Text),
            must("connection_id", Text),
            must("media_id", Text),
            must("author_id", Text),
            must("state", Text),
            must("delivery", Text),
            must("content", Json),
            must("caption", Text),
            must("revision", Number),
            may("local_time", Text),
            may("time_zone", Text),
            may("due_at", Instant),
            may("consent_id", Text),
            may("problem", Json),
            may("published_at", Instant),
            must("tiktok_ids", Json),
            must("created_at", Instant),
            must("updated_at", Instant),
        ],
    },
    ExportTable {
        name: "post_photo",
        what: "The pictures of photo posts in their order.",
        walk: Walk::Posts,
        read: POST_PHOTO,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POST_PHOTO),
        columns: &[must("post_id", Text), must("position", Number), must("media_id", Text)],
    },
    numbers::METRIC_WATCH,
    numbers::METRIC_SAMPLE,
    numbers::METRIC_MARK,
    ExportTable {
        name: "draft_state",
        what: "What posts were like at earlier times while they were written, of the last thirty days.",
        walk: Walk::Posts,
        read: DRAFT_STATE,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_DRAFT_STATE),
        columns: &[
            must("id", Text),
            must("post_id", Text),
            must("connection_id", Text),
            must("revision", Number),
            must("content", Json),
            may("local_time", Text),
            may("time_zone", Text),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "post_label",
        what: "Which posts bear which labels.",
        walk: Walk::Posts,
        read: POST_LABEL,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POST_LABEL),
        columns: &[must("post_id", Text), must("label_id", Text)],
    },
    ExportTable {
        name: "board_place",
        what: "Where drafts stand on the board, and since when they are called ready.",
        walk: Walk::Posts,
        read: BOARD_PLACE,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_BOARD_PLACE),
        columns: &[must("post_id", Text), may("ready_at", Instant), must("place", Text)],
    },
    ExportTable {
        name: "post_note",
        what: "Notes that people wrote beside entries of the history.",
        walk: Walk::Posts,
        read: POST_NOTE,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POST_NOTE),
        columns: &[must("post_id", Text), must("person_id", Text), must("words", Text), must("at", Instant)],
    },
    ExportTable {
        name: "consent",
        what: "Records of express consent to exactly one post each.",
        walk: Walk::Posts,
        read: CONSENT,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_CONSENT),
        columns: &[
            must("id", Text),
            must("post_id", Text),
            must("user_id", Text),
            must("given_at", Instant),
            must("declaration", Text),
            must("text_version", Text),
            must("locale", Text),
            must("subject", Json),
            must("fingerprint", Text),
            may("creator", Json),
        ],
    },
    ExportTable {
        name: "attempt",
        what: "Runs at publishing a post.",
        walk: Walk::Posts,
        read: ATTEMPT,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_ATTEMPT),
        columns: &[
            must("id", Text),
            must("post_id", Text),
            must("connection_id", Text),
            must("ordinal", Number),
            must("mode", Text),
            must("state", Text),
            must("due_at", Instant),
            must("revision", Number),
            must("snapshot", Json),
            must("media_sha256", Text),
            must("media_size", Number),
            must("chunk_size", Number),
            must("chunk_count", Number),
            may("init_sent_at", Instant),
            may("publish_id", Text),
            may("url_remote_date", Instant),
            must("acked_bytes", Number),
            may("final_intent_at", Instant),
            may("final_acked_at", Instant),
            may("status", Text),
            may("status_remote_date", Instant),
            may("fail_reason", Text),
            must("post_ids", Json),
            may("log_id", Text),
            may("evidence", Json),
            may("cause", Text),
            must("created_at", Instant),
            must("updated_at", Instant),
        ],
    },
    ExportTable {
        name: "attempt_log",
        what: "Every step of every run, in the order in which they happened.",
        walk: Walk::Posts,
        read: ATTEMPT_LOG,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_ATTEMPT_LOG),
        columns: &[
            must("attempt_id", Text),
            may("from_state", Text),
            must("to_state", Text),
            must("cause", Text),
            may("log_id", Text),
            may("remote_date", Instant),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "gate_visit",
        what: "Which pictures TikTok fetched of photo posts, and when.",
        walk: Walk::Posts,
        read: GATE_VISIT,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_GATE_VISIT),
        columns: &[
            must("attempt_id", Text),
            must("picture", Number),
            must("first_byte", Number),
            must("last_byte", Number),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "post_event",
        what: "The timeline of every post: what people did and what came of it.",
        walk: Walk::Posts,
        read: POST_EVENT,
        portion: PORTION,
        taken_in: TakenIn::Rows(PUT_POST_EVENT),
        columns: &[
            must("workspace_id", Text),
            must("post_id", Text),
            must("kind", Text),
            may("actor_id", Text),
            must("detail", Json),
            must("at", Instant),
        ],
    },
    ExportTable {
        name: "session",
        what: "Signed-in browsers. Without the secrets that open them.",
        walk: Walk::Person,
        read: SESSION,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("user_id", Text),
            must("workspace_id", Text),
            must("device", Text),
            must("ip", Text),
            must("created_at", Instant),
            must("last_seen_at", Instant),
            must("expires_at", Instant),
        ],
    },
    ExportTable {
        name: "push_browser",
        what: "Browsers that are told things while nobody looks. Without the keys with which one could write to them.",
        walk: Walk::Person,
        read: PUSH_BROWSER,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("session_id", Text),
            must("person_id", Text),
            must("endpoint", Text),
            must("published", Number),
            must("needs_you", Number),
            must("created_at", Instant),
        ],
    },
    ExportTable {
        name: "support_request",
        what: "What the person asked the operator, until the export was asked for.",
        walk: Walk::PersonNumbered,
        read: SUPPORT_REQUEST,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("number", Number),
            must("person_id", Text),
            must("kind", Text),
            must("state", Text),
            must("asked_at", Instant),
            must("due_at", Instant),
            must("changed_at", Instant),
        ],
    },
    ExportTable {
        name: "support_message",
        what: "What either side wrote in these requests.",
        walk: Walk::PersonNumbered,
        read: SUPPORT_MESSAGE,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[must("number", Number), must("author", Text), must("words", Text), must("at", Instant)],
    },
    ExportTable {
        name: "notice",
        what: "Lines that told the person what happened while they were away.",
        walk: Walk::PersonNumbered,
        read: NOTICE,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("number", Number),
            must("person_id", Text),
            must("kind", Text),
            must("subject", Text),
            must("created_at", Instant),
            may("read_at", Instant),
        ],
    },
    ExportTable {
        name: "audit",
        what: "What the person did here, by ids, until the export was asked for.",
        walk: Walk::PersonNumbered,
        read: AUDIT,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("at", Instant),
            must("actor", Text),
            must("action", Text),
            must("subject", Text),
            must("detail", Text),
        ],
    },
    ExportTable {
        name: "erasure",
        what: "Wishes to be erased and what became of them.",
        walk: Walk::Workspace,
        read: ERASURE,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("unit", Text),
            must("subject_id", Text),
            must("workspace_id", Text),
            must("door", Text),
            must("state", Text),
            must("revoked", Text),
            must("requested_at", Instant),
            must("begins_at", Instant),
            must("deadline_at", Instant),
            may("finished_at", Instant),
            must("evidence", Json),
        ],
    },
    ExportTable {
        name: "deletion",
        what: "Receipts of the last days: files that were deleted from the library, by name and size.",
        walk: Walk::Workspace,
        read: DELETION,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("person_id", Text),
            must("deleted_at", Instant),
            must("files", Number),
            must("size_bytes", Number),
            must("names", Json),
        ],
    },
    ExportTable {
        name: "rendition",
        what: "Files that were made to fit: from which, when, into which.",
        walk: Walk::Workspace,
        read: RENDITION,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("workspace_id", Text),
            must("source_id", Text),
            must("asked_by", Text),
            must("state", Text),
            must("from_ms", Number),
            may("until_ms", Number),
            must("asked_at", Instant),
            may("media_id", Text),
            may("ended_at", Instant),
            may("problem", Text),
        ],
    },
    ExportTable {
        name: "export_job",
        what: "Earlier exports that were asked for.",
        walk: Walk::Person,
        read: EXPORT_JOB,
        portion: PORTION,
        taken_in: TakenIn::Lines,
        columns: &[
            must("id", Text),
            must("person_id", Text),
            must("workspace_id", Text),
            must("with_media", Number),
            must("state", Text),
            must("asked_at", Instant),
            may("ready_at", Instant),
            may("size_bytes", Number),
            may("sha256", Text),
        ],
    },
];

/// The table of this name.
#[must_use]
pub fn table(name: &str) -> Option<&'static ExportTable> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::privacy::retention::{DATA_MAP, KeyOf};

    use super::super::read::sealed_columns;
    use super::*;

    #[test]
    fn pp_7_6_every_column_that_is_to_be_exported_is_in_a_table_and_no_other() {
        // Lines of an earlier export stand in the files of their tables again.
        let mapped: BTreeSet<_> = DATA_MAP
            .iter()
            .filter(|data| data.exported && data.table != "imported")
            .map(|data| (data.table, data.column))
            .collect();
        let written: BTreeSet<_> =
            TABLES.iter().flat_map(|table| table.columns.iter().map(move |column| (table.name, column.name))).collect();
        assert_eq!(mapped, written);
    }

    #[test]
    fn each_statement_reads_and_writes_exactly_the_columns_of_its_table() {
        for table in TABLES {
            let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            let selected = table.read.split("FROM").next().unwrap_or_default();
            let columns: Vec<_> = selected
                .trim()
                .trim_start_matches("SELECT")
                .split(',')
                .map(|word| word.trim().rsplit('.').next().unwrap_or_default().to_owned())
                .collect();
            let key: &[&str] = match sealed_columns(table).map(|(of, _)| of) {
                Some(KeyOf::Person) => &["person_id", "data_key_sealed"],
                Some(KeyOf::Connection) => &["connection_id", "data_key_sealed"],
                None => &[],
            };
            let read: Vec<_> = names.iter().chain(key).map(|name| (*name).to_owned()).collect();
            assert_eq!(columns.get(1..), Some(read.as_slice()), "{}", table.name);
            if let TakenIn::Rows(sql) = table.taken_in {
                let list = sql.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(list, _)| list);
                let list: Vec<_> = list.unwrap_or_default().split(',').map(str::trim).collect();
                assert_eq!(list.get(..names.len()), Some(names.as_slice()), "{}", table.name);
            }
        }
    }
}
