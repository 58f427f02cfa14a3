//! The tables of an export that are about reports: links to them, and who is told of them. Owns their definitions; another instance keeps them as lines, for
//! no link of here opens anything there.

use super::read;
use super::tables::Kind::{Instant, Number, Text};
use super::tables::{ExportTable, PORTION, TakenIn, Walk, may, must};

pub(super) const REPORT_LINK: ExportTable = ExportTable {
    name: "report_link",
    what: "Links by which a report is read without signing in, without the word that opens them.",
    walk: Walk::Workspace,
    read: read::REPORT_LINK,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("id", Text),
        must("workspace_id", Text),
        must("person_id", Text),
        must("name", Text),
        may("connection_id", Text),
        may("week", Text),
        must("created_at", Instant),
        must("expires_at", Instant),
        must("opens", Number),
        may("opened_at", Instant),
    ],
};

pub(super) const REPORT_TURN: ExportTable = ExportTable {
    name: "report_turn",
    what: "Whether the person is told that a week's report is there, and of which week they were told last.",
    walk: Walk::Workspace,
    read: read::REPORT_TURN,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[must("workspace_id", Text), must("person_id", Text), must("wish", Text), must("told", Text)],
};
