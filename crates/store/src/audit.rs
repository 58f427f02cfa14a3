//! The record of sign-ins, grants, exports and deletions. Owns appending and reading; entries hold ids, never content.

use domain::time::UnixMillis;

use crate::column::instant;
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Order of writing.
    pub seq: i64,
    /// When.
    pub at: UnixMillis,
    /// Who: the id of a person, or the part of the service.
    pub actor: String,
    /// What, a word of ours.
    pub action: String,
    /// On which thing: its id.
    pub subject: String,
    /// What else is to be known; never content.
    pub detail: String,
}

const APPEND: &str = "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)";
const SELECT_LATEST: &str = "SELECT seq, at, actor, action, subject, detail FROM audit ORDER BY seq DESC LIMIT $1";

pub(crate) const STATEMENTS: &[Statement] = statements![APPEND, SELECT_LATEST];

#[derive(sqlx::FromRow)]
struct Raw {
    seq: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    detail: String,
}

impl From<Raw> for AuditEntry {
    fn from(raw: Raw) -> Self {
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
    /// The latest entries, newest first.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn audit_latest(&self, limit: u32) -> Result<Vec<AuditEntry>> {
        let rows = fetch_all!(store self, Raw, SELECT_LATEST, i64::from(limit))?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
}

impl Tx {
    /// Appends an entry, in the transaction of what it tells.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn audit_append(
        &mut self,
        at: UnixMillis,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &str,
    ) -> Result<()> {
        execute!(tx self, APPEND, at.millis(), actor, action, subject, detail)?;
        Ok(())
    }
}
