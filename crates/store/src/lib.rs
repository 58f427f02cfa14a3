//! Everything that outlives the process: both databases from one SQL text, the vault for secrets and the blobs on disk.
//!
//! Owns all SQL and all files of the data directory. Must not decide anything about posts, know HTTP or TikTok, or read a clock:
//! instants come in as arguments.

#[macro_use]
mod dispatch;
#[macro_use]
pub mod personal;

pub mod alarm;
pub mod annotation;
pub mod attempt;
pub mod audit;
pub mod avatar;
pub mod backlog;
pub mod backup;
pub mod blobs;
pub mod board;
pub mod connection;
pub mod consent;
pub mod console;
pub mod db;
pub mod deletion;
pub mod draft_state;
pub mod erase;
pub mod erasure;
pub mod error;
pub mod event;
pub mod export;
pub mod gate;
pub mod guide;
pub mod held;
pub mod idea;
pub mod inactivity;
pub mod incident;
pub mod intact;
pub mod journal;
pub mod label;
pub mod lane;
pub mod ledger;
pub mod library;
pub mod lock;
#[cfg(feature = "simulation")]
pub mod lockstep;
pub mod media;
pub mod media_tags;
pub mod meta;
pub mod metrics;
pub mod migrations;
pub mod notice;
pub mod operator;
pub mod person;
pub mod policy_answer;
pub mod post;
pub mod post_note;
pub mod purge;
pub mod purpose;
pub mod push;
pub mod put_back;
pub mod rendition;
pub mod report;
pub mod requests;
pub mod rewrite;
pub mod rhythm;
pub mod saved_view;
mod schema;
pub mod sealed;
pub mod session;
pub mod sign_in;
pub mod snippet;
pub mod support;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod ticket;
pub mod token;
pub mod tombstone;
pub mod unconfirmed;
pub mod upload;
pub mod vault;
pub mod wall;
pub mod webhook_seen;
pub mod workspace;

mod column;
mod writer;

pub use attempt::AttemptLogEntry;
pub use audit::AuditEntry;
pub use avatar::Avatar;
pub use connection::Connection;
pub use db::{DatabaseUrl, Engine, Statement, Store, Tx};
pub use erase::Whose;
pub use erasure::{Erasure, Hold};
pub use error::{Result, StoreError};
pub use event::PostEvent;
pub use export::{ExportJob, ExportState};
pub use gate::GateVisit;
pub use media::Media;
pub use metrics::MetricConsent;
pub use notice::NoticeRow;
pub use person::Person;
pub use policy_answer::PolicyAnswer;
pub use post::{HistoryFilter, Post, PostProblem};
pub use post_note::PostNote;
pub use rhythm::Rhythm;
pub use sealed::{SealedIn, SealedRow};
pub use session::Session;
pub use sign_in::{SignIn, SignInPurpose};
pub use support::{SupportMessage, SupportRequest};
pub use ticket::RevokeTicket;
pub use token::TokenRow;
pub use tombstone::{MarkKeys, Tombstone, TombstoneFile};
pub use unconfirmed::Unconfirmed;
pub use workspace::{Role, Workspace};

/// Every statement of this crate with the module it belongs to, for the tests that prepare them on both engines.
#[must_use]
pub fn statements() -> Vec<(&'static str, Statement)> {
    let modules: [(&'static str, &'static [Statement]); 34] = [
        ("attempt", attempt::STATEMENTS),
        ("attempt/ahead", attempt::AHEAD_STATEMENTS),
        ("attempt/recovery", attempt::RECOVERY_STATEMENTS),
        ("audit", audit::STATEMENTS),
        ("avatar", avatar::STATEMENTS),
        ("backlog", backlog::STATEMENTS),
        ("connection", connection::STATEMENTS),
        ("consent", consent::STATEMENTS),
        ("db", db::STATEMENTS),
        ("deletion", deletion::STATEMENTS),
        ("intact", intact::STATEMENTS),
        ("erase", erase::STATEMENTS),
        ("erasure", erasure::STATEMENTS),
        ("event", event::STATEMENTS),
        ("gate", gate::STATEMENTS),
        ("held", held::STATEMENTS),
        ("lane", lane::STATEMENTS),
        ("media", media::STATEMENTS),
        ("media_tags", media_tags::STATEMENTS),
        ("meta", meta::STATEMENTS),
        ("migrations", migrations::STATEMENTS),
        ("person", person::STATEMENTS),
        ("post", post::STATEMENTS),
        ("post/calendar", post::calendar::STATEMENTS),
        ("post/list", post::list::STATEMENTS),
        ("purge", purge::STATEMENTS),
        ("schema", schema::STATEMENTS),
        ("session", session::STATEMENTS),
        ("sign_in", sign_in::STATEMENTS),
        ("ticket", ticket::STATEMENTS),
        ("token", token::STATEMENTS),
        ("tombstone", tombstone::STATEMENTS),
        ("upload", upload::STATEMENTS),
        ("workspace", workspace::STATEMENTS),
    ];
    modules
        .into_iter()
        .chain([("unconfirmed", unconfirmed::STATEMENTS), ("webhook_seen", webhook_seen::STATEMENTS)])
        .chain([
            ("policy_answer", policy_answer::STATEMENTS),
            ("support", support::STATEMENTS),
            ("notice", notice::STATEMENTS),
            ("ledger", ledger::STATEMENTS),
            ("post_note", post_note::STATEMENTS),
            ("inactivity", inactivity::STATEMENTS),
            ("rhythm", rhythm::STATEMENTS),
        ])
        .chain([("audit/chain", audit::CHAIN_STATEMENTS), ("audit/verify", audit::VERIFY_STATEMENTS)])
        .chain([("incident", incident::STATEMENTS), ("sealed", sealed::STATEMENTS), ("wall", wall::STATEMENTS)])
        .chain([("export", export::STATEMENTS), ("export/read", export::read::STATEMENTS)])
        .chain([("export/write", export::write::STATEMENTS), ("personal", personal::STATEMENTS)])
        .chain([("personal/clear", personal::clear::STATEMENTS)])
        .chain([("operator", operator::STATEMENTS), ("console", console::STATEMENTS)])
        .chain([("rendition", rendition::STATEMENTS), ("library", library::STATEMENTS)])
        .chain([("put_back", put_back::STATEMENTS), ("push", push::STATEMENTS)])
        .chain([("snippet", snippet::STATEMENTS), ("draft_state", draft_state::STATEMENTS)])
        .chain([("board", board::STATEMENTS), ("idea", idea::STATEMENTS), ("label", label::STATEMENTS)])
        .chain([("guide", guide::STATEMENTS), ("saved_view", saved_view::STATEMENTS)])
        .chain([("annotation", annotation::STATEMENTS)])
        .chain([("post/history", post::history::STATEMENTS), ("post/punctual", post::punctual::STATEMENTS)])
        .chain([("metrics", metrics::STATEMENTS), ("metrics/insight", metrics::insight::STATEMENTS)])
        .chain([("report", report::STATEMENTS)])
        .chain([("metrics/reading", metrics::reading::STATEMENTS), ("metrics/shown", metrics::shown::STATEMENTS)])
        .chain([("backup", backup::STATEMENTS), ("backup/dump", backup::dump::STATEMENTS)])
        .flat_map(|(module, list)| list.iter().map(move |one| (module, *one)))
        .collect()
}
