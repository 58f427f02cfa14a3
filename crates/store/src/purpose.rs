//! What each reading statement reads for. Owns the labels; the macros that run a statement look here while compiling, so a read without a purpose of
//! the policy does not compile.
//!
//! A module that serves one thing has one label. Where a module serves several, each statement has its own, and a new one needs one, too.

use domain::privacy::uses::Use::{self, History, Maintain, Plan, Protect, Publish, Rights, SignIn, Talk};

/// Stands for every statement of a module.
const ALL: &str = "*";

/// Module of this crate, statement, and what it reads for.
const LABELS: &[(&str, &str, &[Use])] = &[
    ("annotation", ALL, &[History]),
    ("attempt", "CLAIM_SHARED", &[Publish]),
    ("attempt", "CLAIM_SQLITE", &[Publish]),
    ("attempt", "CLAIM_POSTGRES", &[Publish]),
    ("attempt", "CLAIM_WATCHED_SHARED", &[Publish]),
    ("attempt", "CLAIM_WATCHED_SQLITE", &[Publish]),
    ("attempt", "CLAIM_WATCHED_POSTGRES", &[Publish]),
    ("attempt", "CLAIM_ONE_SQLITE", &[Publish]),
    ("attempt", "CLAIM_ONE_POSTGRES", &[Publish]),
    ("attempt", "OWNERS", &[Maintain]),
    ("attempt", "WAKE_PUBLISH_ID", &[Publish]),
    ("attempt", "SELECT", &[Publish]),
    ("attempt", "LIVE", &[Publish, Plan]),
    ("attempt", "LIVE_OF_CONNECTION", &[Publish, Rights]),
    ("attempt", "LAST_ORDINAL", &[Publish]),
    ("attempt", "POST_INITS", &[Publish]),
    ("attempt", "CONNECTION_INITS", &[Publish]),
    ("attempt", "INIT_TURN", &[Publish]),
    ("attempt", "LOG_APPEND", &[Publish]),
    ("attempt", "OF_POST", &[History]),
    ("attempt", "BY_PUBLISH_ID", &[Publish]),
    ("attempt", "LOG_SELECT", &[History]),
    ("attempt::ahead", ALL, &[Publish]),
    ("attempt::recovery", ALL, &[Publish]),
    ("audit", ALL, &[Protect]),
    ("audit::chain", ALL, &[Protect]),
    ("audit::verify", ALL, &[Protect]),
    ("avatar", ALL, &[SignIn]),
    ("backlog", ALL, &[Maintain]),
    ("backup::dump", ALL, &[Maintain]),
    ("board", ALL, &[Plan]),
    ("connection", "SELECT_OF_WORKSPACE", &[SignIn, Plan]),
    ("connection", "SELECT", &[SignIn, Plan]),
    ("connection", "SELECT_ANY", &[Publish, Rights]),
    ("connection", "SELECT_AFTER", &[Rights]),
    ("connection", "SELECT_ENDED", &[Rights]),
    ("connection", "WALK", &[Rights, Talk]),
    ("connection", "SELECT_BY_OPEN_ID", &[SignIn]),
    ("connection", "UPSERT", &[SignIn]),
    ("consent", ALL, &[Publish, Rights]),
    ("console", ALL, &[Maintain]),
    ("db", ALL, &[Maintain]),
    ("deletion", ALL, &[Rights]),
    ("draft_state", ALL, &[Plan]),
    ("erase", ALL, &[Rights]),
    ("erasure", ALL, &[Rights]),
    ("event", ALL, &[History]),
    ("export", ALL, &[Rights]),
    ("export::read", ALL, &[Rights]),
    ("export::write", ALL, &[Rights]),
    ("gate", ALL, &[Publish]),
    ("guide", ALL, &[Plan]),
    ("held", ALL, &[Rights]),
    ("idea", ALL, &[Plan]),
    ("inactivity", ALL, &[Rights]),
    ("incident", ALL, &[Protect]),
    ("intact", ALL, &[Maintain]),
    ("label", ALL, &[Plan]),
    ("lane", "DUE", &[Publish]),
    ("lane", "NEXT", &[Publish]),
    ("lane", "POSTS", &[Publish, Plan]),
    ("lane", "POSTS_FROM", &[Plan]),
    ("lane", "FIRST_AFTER", &[Publish]),
    ("lane", "TAKE", &[Publish]),
    ("ledger", ALL, &[Rights]),
    ("library", ALL, &[Plan]),
    ("media", "SELECT", &[Plan, Publish]),
    ("media", "SELECT_ANY", &[Publish]),
    ("media", "SELECT_MANY_SQLITE", &[Plan]),
    ("media", "SELECT_MANY_POSTGRES", &[Plan]),
    ("media", "LIST", &[Plan]),
    ("media", "SAME_SQLITE", &[Plan]),
    ("media", "SAME_POSTGRES", &[Plan]),
    ("media", "SELECT_BY_CONTENT", &[Plan]),
    ("media", "PENDING_THUMBNAILS", &[Plan]),
    ("media", "BYTES", &[Maintain]),
    ("media", "STORED", &[Maintain]),
    ("media", "BLOB_KNOWN", &[Maintain]),
    ("media", "BLAKE3", &[Publish]),
    ("media", "DELETE_UNUSED", &[Rights]),
    ("media_tags", ALL, &[Plan]),
    ("meta", ALL, &[Maintain]),
    ("metrics", ALL, &[History, Rights]),
    ("metrics::insight", ALL, &[History]),
    ("metrics::reading", ALL, &[History]),
    ("metrics::shown", ALL, &[History]),
    ("migrations", ALL, &[Maintain]),
    ("notice", ALL, &[Talk]),
    ("operator", ALL, &[Protect]),
    ("person", "SELECT", &[SignIn]),
    ("person", "SELECT_BY_OPEN_ID", &[SignIn]),
    ("person", "SELECT_AFTER", &[Rights]),
    ("person", "UPSERT", &[SignIn]),
    ("personal", ALL, &[Protect]),
    ("personal::clear", ALL, &[Protect]),
    ("policy_answer", ALL, &[Rights]),
    ("post", "SELECT", &[Plan]),
    ("post", "SELECT_ANY", &[Publish]),
    ("post", "PHOTOS_OF", &[Plan]),
    ("post::calendar", ALL, &[Plan]),
    ("post::list", "SELECT_WALK", &[History]),
    ("post::list", "SELECT_GROUP", &[Plan]),
    ("post::list", "SELECT_BATCH", &[Plan]),
    ("post::list", "SELECT_SCHEDULED", &[Plan]),
    ("post::list", "LATE", &[Plan]),
    ("post::list", "SELECT_SCHEDULED_AWAKE", &[Plan]),
    ("post::list", "SELECT_RESTING", &[Plan]),
    ("post::list", "COUNT_RESTING", &[Plan]),
    ("post::list", "SELECT_UNDER_WAY", &[Plan]),
    ("post::list", "SELECT_ATTENTION", &[Plan]),
    ("post::list", "COUNT_SCHEDULED", &[Plan]),
    ("post::list", "SELECT_QUEUE_BEARING", &[Plan]),
    ("post::list", "SELECT_ATTENTION_BEARING", &[Plan]),
    ("post::list", "COUNT_ATTENTION_BEARING", &[Plan]),
    ("post::list", "SELECT_DRAFTS_BEARING", &[Plan]),
    ("post::list", "SELECT_PLANNED", &[Plan]),
    ("post::list", "COUNT_ATTENTION", &[Plan]),
    ("post::list", "SELECT_PUBLISHED_SINCE", &[Publish, History]),
    ("post::list", "SELECT_DRAFTS", &[Plan]),
    ("post::history", ALL, &[History]),
    ("post::punctual", ALL, &[History]),
    ("post::list", "SELECT_DUE", &[Publish]),
    ("post::list", "NEXT_DUE", &[Publish]),
    ("post::list", "COUNT_DIRECT_SINCE", &[Plan]),
    ("post::list", "SELECT_MEDIA_USAGE", &[Plan]),
    ("post::list", "SELECT_OPEN_OF_CONNECTION", &[Publish, Rights]),
    ("post::list", "PUBLISHING_OF_CONNECTION", &[Publish]),
    ("post_note", ALL, &[Rights, Plan]),
    ("purge", ALL, &[Rights]),
    ("push", ALL, &[Talk]),
    ("put_back", ALL, &[Maintain]),
    ("rendition", ALL, &[Plan]),
    ("report", "SELECT_DUE", &[Talk]),
    ("report", "NEXT", &[Talk]),
    ("report", "WISH", &[Talk]),
    ("report", "NEW", &[Talk]),
    ("report", "HAS_NUMBERS", &[Talk]),
    ("report", "LIST", &[Rights]),
    ("report", "AFTER", &[Rights]),
    ("report", "DELETE", &[Rights]),
    ("report", "ENDING", &[Rights]),
    ("report", "ENDING_OF_CONNECTION", &[Rights]),
    ("report", "BY_HASH", &[History]),
    ("report", "SHOWS", &[History]),
    ("report", "COUNT", &[History]),
    ("rhythm", ALL, &[Plan]),
    ("schema", ALL, &[Maintain]),
    ("sealed", ALL, &[Protect]),
    ("session", ALL, &[SignIn]),
    ("sign_in", ALL, &[SignIn]),
    ("snippet", ALL, &[Plan]),
    ("saved_view", ALL, &[History]),
    ("support", ALL, &[Talk]),
    ("ticket", ALL, &[Rights]),
    ("token", ALL, &[Publish]),
    ("tombstone", ALL, &[Rights]),
    ("unconfirmed", ALL, &[SignIn]),
    ("upload", ALL, &[Plan]),
    ("wall", ALL, &[Protect]),
    ("webhook_seen", ALL, &[Publish]),
    ("workspace", ALL, &[SignIn]),
];

/// What a statement reads for; `None` when nobody has said.
#[must_use]
pub fn of(module: &str, statement: &str) -> Option<&'static [Use]> {
    let label = LABELS.iter().find(|(of, name, _)| *of == module && (*name == statement || *name == ALL));
    label.map(|(_, _, uses)| *uses)
}

/// How many labels there are, for whoever wants to see that there are some.
#[must_use]
pub const fn labels() -> usize {
    LABELS.len()
}

/// The same while compiling; a module is named with the crate before it.
pub(crate) const fn is_said(module: &str, statement: &str) -> bool {
    let mut labels = LABELS;
    while let [(of, name, uses), rest @ ..] = labels {
        let this = matches!(name.as_bytes(), b"*") || same(name.as_bytes(), statement.as_bytes());
        if this && !uses.is_empty() && same(of.as_bytes(), below_crate(module.as_bytes())) {
            return true;
        }
        labels = rest;
    }
    false
}

const fn same(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([x, a_rest @ ..], [y, b_rest @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.is_empty() && b.is_empty()
}

const fn below_crate(module: &[u8]) -> &[u8] {
    match module {
        [b's', b't', b'o', b'r', b'e', b':', b':', rest @ ..] => rest,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Those that change rows and give nothing back, or only say how many, read nobody's data.
    fn reads(sql: &str) -> bool {
        let sql = sql.trim_start();
        sql.starts_with("SELECT") || sql.starts_with("WITH") || sql.contains("RETURNING")
    }

    #[test]
    fn pp_2_7_every_statement_that_reads_says_what_for() {
        let without: Vec<String> = crate::statements()
            .into_iter()
            .filter(|(_, statement)| reads(statement.sql))
            .filter(|(module, statement)| of(&module.replace('/', "::"), statement.name).is_none())
            .map(|(module, statement)| format!("{module}: {}", statement.name))
            .collect();
        assert!(without.is_empty(), "say in purpose.rs what these read for: {without:?}");
        assert!(labels() > 100);
    }

    #[test]
    fn pp_2_7_every_label_is_of_a_statement_that_there_is_and_every_purpose_is_used() {
        let there: BTreeSet<(String, &str)> = crate::statements()
            .into_iter()
            .map(|(module, statement)| (module.replace('/', "::"), statement.name))
            .collect();
        // These choose the text of one that is registered by the engine at hand.
        let chosen = ["CLAIM_SHARED", "CLAIM_WATCHED_SHARED"];
        for (module, name, _) in LABELS.iter().filter(|(_, name, _)| *name != ALL && !chosen.contains(name)) {
            assert!(there.contains(&((*module).to_owned(), *name)), "{module}::{name} is no statement any more");
        }
        for one in Use::ALL {
            assert!(LABELS.iter().any(|(_, _, uses)| uses.contains(&one)), "nothing is read for {}", one.as_str());
        }
        let mut seen = BTreeSet::new();
        assert!(LABELS.iter().all(|(module, name, _)| seen.insert((module, name))), "each once");
    }

    #[test]
    fn a_module_without_a_label_is_told_from_one_with() {
        assert!(is_said("store::token", "SELECT") && is_said("store::post", "SELECT_ANY"));
        assert!(!is_said("store::post", "SELECT_EVERYTHING") && !is_said("store::tokens", "SELECT"));
    }
}
