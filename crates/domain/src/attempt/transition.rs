//! The table of allowed edges: data that the decision, the store's tests and a model checker share.
//!
//! Whatever is not here is refused. Must not hold logic beyond the lookup.

use super::state::Kind;

/// Who may take an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// A worker that holds the row's epoch.
    Worker,
    /// Also a person: cancel, edit, delete, disconnect, or the answer to "is it there?".
    Both,
}

/// One allowed edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// From.
    pub from: Kind,
    /// To.
    pub to: Kind,
    /// Who may take it.
    pub who: Who,
    /// Evidence ids that may stand on it; empty for edges that do not lead to `dead`.
    pub evidence: &'static [&'static str],
    /// What the same commit makes durable, for people.
    pub persisted: &'static str,
    /// The external effect that may follow the commit, for people.
    pub effect: &'static str,
}

const fn edge(
    from: Kind,
    to: Kind,
    who: Who,
    evidence: &'static [&'static str],
    persisted: &'static str,
    effect: &'static str,
) -> Edge {
    Edge { from, to, who, evidence, persisted, effect }
}

use Kind::{Dead, Delivered, FinalIntent, HandedOver, InitAcked, InitSent, Published, Ready, Uncertain, Uploading};
use Who::{Both, Worker};

const EARLY: &[&str] = &["E2"];
const INIT: &[&str] = &["E2", "E4"];
const STARTED: &[&str] = &["E1", "E2"];
const LATE: &[&str] = &["E1", "E3", "E3b"];
const TOLD: &[&str] = &["E1"];
const ASKED: &[&str] = &["E1", "E5"];

/// Every edge of the machine.
pub const EDGES: &[Edge] = &[
    edge(Ready, InitSent, Worker, &[], "init_sent_at", "init"),
    edge(Ready, Dead, Both, EARLY, "evidence", "none"),
    edge(Ready, Uncertain, Both, &[], "cause", "notify"),
    edge(InitSent, InitAcked, Worker, &[], "publish_id, upload URL, TikTok's date", "none"),
    edge(InitSent, Dead, Both, INIT, "evidence", "none"),
    edge(InitSent, Uncertain, Both, &[], "cause", "notify"),
    edge(InitAcked, Uploading, Worker, &[], "accepted bytes", "first chunk that is not the last"),
    edge(InitAcked, FinalIntent, Worker, &[], "final_intent_at", "last chunk"),
    edge(InitAcked, Dead, Both, STARTED, "evidence", "none"),
    edge(InitAcked, Uncertain, Both, &[], "cause", "notify"),
    edge(Uploading, Uploading, Worker, &[], "accepted bytes", "next chunk that is not the last"),
    edge(Uploading, FinalIntent, Worker, &[], "final_intent_at", "last chunk"),
    edge(Uploading, Dead, Both, STARTED, "evidence", "none"),
    edge(Uploading, Uncertain, Both, &[], "cause", "notify"),
    edge(FinalIntent, FinalIntent, Worker, &[], "looks", "missing chunks again, same task"),
    edge(FinalIntent, HandedOver, Worker, &[], "final_acked_at", "status"),
    edge(FinalIntent, Published, Worker, &[], "status, ids", "notify"),
    edge(FinalIntent, Delivered, Worker, &[], "status", "notify"),
    edge(FinalIntent, Dead, Worker, LATE, "evidence", "none"),
    edge(FinalIntent, Uncertain, Both, &[], "cause", "notify"),
    edge(HandedOver, Published, Worker, &[], "status, ids", "notify"),
    edge(HandedOver, Delivered, Worker, &[], "status", "notify"),
    edge(HandedOver, Dead, Worker, TOLD, "evidence", "none"),
    edge(HandedOver, Uncertain, Both, &[], "cause", "notify"),
    edge(Published, Published, Worker, &[], "ids", "none"),
    edge(Delivered, Delivered, Worker, &[], "nothing more to look for", "none"),
    edge(Delivered, Published, Worker, &[], "status, ids", "notify"),
    edge(Uncertain, Published, Both, &[], "who or status", "notify"),
    edge(Uncertain, Delivered, Worker, &[], "status", "notify"),
    edge(Uncertain, Dead, Both, ASKED, "evidence", "none"),
];

/// The edge from one state to another, when it is allowed.
#[must_use]
pub fn find(from: Kind, to: Kind) -> Option<&'static Edge> {
    EDGES.iter().find(|edge| edge.from == from && edge.to == to)
}

/// Whether the machine may go from one state to another.
#[must_use]
pub fn is_allowed(from: Kind, to: Kind) -> bool {
    find(from, to).is_some()
}
