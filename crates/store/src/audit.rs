//! The record of what people and operators did that matters for data: sign-ins, grants, deletions, use of keys. Entries hold ids, never
//! content. Owns reading; `chain` owns writing, `verify` finds what was changed behind the program's back, `desk` has the key.

mod chain;
mod desk;
mod verify;

use domain::time::UnixMillis;

use crate::column::instant;
use crate::db::{Statement, Store};
use crate::error::Result;

pub(crate) use chain::STATEMENTS as CHAIN_STATEMENTS;
pub(crate) use desk::Desk;
pub(crate) use verify::STATEMENTS as VERIFY_STATEMENTS;
pub use verify::{Break, Verdict, Walk};

/// Who acts when nobody does.
pub const SYSTEM: &str = "system";
/// Who acts at the command line.
pub const OPERATOR: &str = "operator";
/// The entry that says that an id was removed from others.
pub const PSEUDONYMISE: &str = "audit.pseudonymise";

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Order of writing.
    pub seq: i64,
    /// When.
    pub at: UnixMillis,
    /// Who: the id of a person, or the part of the service. Empty when that id was erased.
    pub actor: String,
    /// What, a word of ours.
    pub action: String,
    /// On which thing: its id. Empty when there is none, or when that id was erased.
    pub subject: String,
    /// What else is to be known; never content.
    pub detail: String,
}

const SELECT_LATEST: &str = "
SELECT seq, at, actor, action, subject, detail, actor_ref, subject_ref, hash
FROM audit
WHERE SUBSTR(action, 1, LENGTH($1)) = $1
ORDER BY seq DESC
LIMIT $2";

const SELECT_FIRST: &str = "SELECT at FROM audit ORDER BY seq LIMIT 1";

pub(crate) const STATEMENTS: &[Statement] = statements![SELECT_LATEST, SELECT_FIRST];

row! {
    struct RowRaw {
        seq: i64,
        at: i64,
        actor: String,
        action: String,
        subject: String,
        detail: String,
        actor_ref: String,
        subject_ref: String,
        hash: String,
    }
}

impl RowRaw {
    /// What of it the chain covers.
    fn link<'a>(&'a self, actor_ref: &'a str, subject_ref: &'a str) -> desk::Link<'a> {
        desk::Link {
            seq: self.seq,
            at: instant(self.at),
            actor_ref,
            action: &self.action,
            subject_ref,
            detail: &self.detail,
        }
    }
}

impl From<RowRaw> for AuditEntry {
    fn from(raw: RowRaw) -> Self {
        Self {
            seq: raw.seq,
            at: instant(raw.at),
            actor: raw.actor,
            action: raw.action,
            subject: raw.subject,
            detail: raw.detail,
        }
    }
}

impl Store {
    /// Whether the oldest entry was written before that.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn audit_has_before(&self, before: UnixMillis) -> Result<bool> {
        let first = fetch_optional!(store self, (i64,), SELECT_FIRST)?;
        Ok(first.is_some_and(|(at,)| at < before.millis()))
    }

    /// The latest entries, newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn audit_latest(&self, limit: u32) -> Result<Vec<AuditEntry>> {
        self.audit_latest_of("", limit).await
    }

    /// The latest entries whose action begins like this, newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn audit_latest_of(&self, action: &str, limit: u32) -> Result<Vec<AuditEntry>> {
        let rows = fetch_all!(store self, RowRaw, SELECT_LATEST, action, i64::from(limit))?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
}
