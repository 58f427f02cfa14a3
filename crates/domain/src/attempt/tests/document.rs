//! `docs/exactly-once.md` says what the code says. Owns the form of its table of edges.

use crate::attempt::mutant::Mutant;
use crate::attempt::transition::{EDGES, Edge, Who};
use crate::attempt::{Kind, UncertainCause};

const FROM: &str = "<!-- edges: generated from domain::attempt::EDGES -->\n";
const TO: &str = "<!-- /edges -->";

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/exactly-once.md")).unwrap()
}

fn line(edge: &Edge) -> String {
    let who = match edge.who {
        Who::Worker => "worker",
        Who::Both => "worker or person",
    };
    let (from, to) = (edge.from.as_str(), edge.to.as_str());
    format!("| `{from}` | `{to}` | {who} | {} | {} | {} |\n", edge.evidence.join(", "), edge.persisted, edge.effect)
}

#[test]
fn the_table_of_edges_in_the_document_is_the_machines() {
    let head = "| from | to | who | evidence | made durable | effect |\n|---|---|---|---|---|---|\n";
    let table: String = std::iter::once(head.to_owned()).chain(EDGES.iter().map(line)).collect();
    let document = document();
    let written = document.split_once(FROM).and_then(|(_, rest)| rest.split_once(TO)).map(|(table, _)| table);
    assert!(written == Some(table.as_str()), "paste this between the marks of docs/exactly-once.md:\n{table}");
}

#[test]
fn every_state_evidence_cause_and_mistake_is_in_the_document() {
    let document = document();
    let evidence = EDGES.iter().flat_map(|edge| edge.evidence).map(|id| format!("| {id} |"));
    let kinds = Kind::ALL.iter().map(|kind| format!("`{}`", kind.as_str()));
    let causes = UncertainCause::ALL.iter().map(|cause| format!("| `{}` |", cause.as_str()));
    let mistakes = Mutant::ALL.iter().map(|mutant| format!("| `{mutant:?}` |"));
    for words in evidence.chain(kinds).chain(causes).chain(mistakes) {
        assert!(document.contains(&words), "docs/exactly-once.md does not have {words}");
    }
}
