//! The tables of an export that hold what a workspace keeps for looking back: views of the history, notes on days. Owns their definitions.

use super::tables::Kind::{Instant, Number, Text};
use super::tables::{ExportTable, PORTION, TakenIn, Walk, may, must};
use super::{read, write};

pub(super) const SAVED_VIEW: ExportTable = ExportTable {
    name: "saved_view",
    what: "Views of the history that are kept: a name and what is asked for.",
    walk: Walk::Workspace,
    read: read::SAVED_VIEW,
    portion: PORTION,
    taken_in: TakenIn::Rows(write::PUT_SAVED_VIEW),
    columns: &[
        must("id", Text),
        must("workspace_id", Text),
        must("person_id", Text),
        must("name", Text),
        must("query", Text),
        must("at", Instant),
    ],
};

pub(super) const ANNOTATION: ExportTable = ExportTable {
    name: "annotation",
    what: "Notes on days; a day is counted from 1970-01-01.",
    walk: Walk::Workspace,
    read: read::ANNOTATION,
    portion: PORTION,
    taken_in: TakenIn::Rows(write::PUT_ANNOTATION),
    columns: &[
        must("id", Text),
        must("workspace_id", Text),
        must("person_id", Text),
        may("connection_id", Text),
        must("day", Number),
        must("words", Text),
        must("at", Instant),
    ],
};
