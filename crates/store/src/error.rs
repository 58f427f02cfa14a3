//! What can go wrong with a database. Owns the classification of driver errors; must not carry bound values or secrets.

use sqlx::error::ErrorKind;

/// Result of everything in this crate that touches a database.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A failed database call.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was changed and the same call may succeed later: no connection, lock timeout, serialisation failure, shutdown.
    #[error("the database is not available now: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// COMMIT was sent and its outcome is not known. Read the rows again and go by what they say; never assume either way.
    #[error("it is not known whether the last change was saved; the record has to be read again")]
    CommitUnknown,
    /// The disk did not confirm what was written. Nothing that this process reads or writes can be relied on: it has to end.
    #[error(
        "the disk did not save the database ({0}); the process must end. Check the disk (its cable, its space, its file \
         system), then start again: what was begun is settled by asking TikTok"
    )]
    SyncFailed(#[source] sqlx::Error),
    /// A unique key or a compare-and-set said no: somebody else was first. Names the table.
    #[error("another change of {0} was first")]
    Conflict(&'static str),
    /// A stored value is not one this version can have written.
    #[error("the stored value of {table}.{column} cannot be read: {why}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// What was expected; never the value itself.
        why: String,
    },
    /// A foreign key, CHECK, NOT NULL or trigger refused the change: a mistake of the caller.
    #[error("the database refused the change: {0}")]
    Constraint(String),
    /// The audit record cannot be written, so what it would have told of was not done either.
    #[error("the audit record cannot be written: {0}; `moloko audit verify` looks at it")]
    Audit(String),
    /// What a person or an account is called, or what somebody wrote, cannot be sealed or opened.
    #[error("personal data cannot be sealed or opened: {0}")]
    Vault(#[from] crate::vault::VaultError),
    /// The address of the database cannot be used.
    #[error("the database address cannot be used: {0}")]
    Address(String),
    /// The schema does not fit this program.
    #[error("the database schema cannot be brought to this version: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else the driver reported, for example a statement the engine does not understand.
    #[error("database error: {0}")]
    Sqlx(#[source] sqlx::Error),
}

impl StoreError {
    /// The same call may succeed when repeated after a pause.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::CommitUnknown
            | Self::SyncFailed(_)
            | Self::Conflict(_)
            | Self::Corrupt { .. }
            | Self::Constraint(_)
            | Self::Audit(_)
            | Self::Vault(_)
            | Self::Address(_)
            | Self::Migration(_)
            | Self::Sqlx(_) => false,
        }
    }

    /// Classifies the failure of a COMMIT: only an answer of the database itself proves that nothing was saved.
    pub(crate) fn from_commit(error: sqlx::Error) -> Self {
        if error.as_database_error().is_some_and(|db| db.code().is_some_and(|code| is_sync_failure(&code))) {
            return Self::SyncFailed(error);
        }
        let refused = error.as_database_error().is_some_and(|db| match db.code() {
            Some(code) => commit_was_refused(&code),
            None => false,
        });
        if refused { Self::from(error) } else { Self::CommitUnknown }
    }
}

/// SQLSTATEs of PostgreSQL have five characters, result codes of SQLite are decimal numbers of up to four.
fn commit_was_refused(code: &str) -> bool {
    if code.len() == 5 {
        // Connection errors, shutdowns, system and internal errors can hit after the commit record was written.
        let unknown = code == "40003" || ["08", "57", "58", "XX"].iter().any(|class| code.starts_with(class));
        return !unknown;
    }
    let Ok(code) = code.parse::<u32>() else {
        return false;
    };
    // BUSY, LOCKED and CONSTRAINT leave the transaction open, so the drop rolls it back; IOERR, FULL and the rest may not.
    matches!(code & 0xff, 5 | 6 | 19)
}

impl From<sqlx::Error> for StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the driver's error enum is non-exhaustive")]
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::Database(db) => match db.kind() {
                ErrorKind::UniqueViolation => Self::Conflict(table_of(db.as_ref())),
                ErrorKind::ForeignKeyViolation
                | ErrorKind::NotNullViolation
                | ErrorKind::CheckViolation
                | ErrorKind::ExclusionViolation => Self::Constraint(db.message().to_owned()),
                _ => match db.code() {
                    Some(code) if is_sync_failure(&code) => Self::SyncFailed(error),
                    Some(code) if is_transient(&code) => Self::Unavailable(error),
                    Some(code) if is_raised_by_trigger(&code) => Self::Constraint(db.message().to_owned()),
                    _ => Self::Sqlx(error),
                },
            },
            _ => Self::Sqlx(error),
        }
    }
}

/// SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. PostgreSQL ends itself when its disk does not save.
fn is_sync_failure(code: &str) -> bool {
    code == "1034" || code == "1290"
}

fn is_transient(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03";
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}

/// RAISE in a trigger: P0001 on PostgreSQL, SQLITE_CONSTRAINT_TRIGGER on SQLite.
fn is_raised_by_trigger(code: &str) -> bool {
    code == "P0001" || code == "1811"
}

/// Tables that have unique keys, so that a conflict can be told by a name that lives as long as the program.
const TABLES: [&str; 18] = [
    "attempt_log",
    "attempt",
    "audit",
    "connection_token",
    "connection",
    "consent",
    "media",
    "member",
    "meta",
    "person",
    "post_event",
    "post",
    "session",
    "sign_in",
    "unconfirmed",
    "upload",
    "webhook_seen",
    "workspace",
];

fn table_of(db: &dyn sqlx::error::DatabaseError) -> &'static str {
    // SQLite tells it in the message only: "UNIQUE constraint failed: person.open_id".
    let from_message = || {
        let (_, place) = db.message().split_once("failed: ")?;
        place.split_once('.').map(|(table, _)| table)
    };
    let found = db.table().or_else(from_message);
    TABLES.into_iter().find(|table| Some(*table) == found).unwrap_or("record")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_databases_own_refusal_proves_that_a_commit_did_not_happen() {
        for refused in ["40001", "40P01", "23505", "23503", "25P02", "5", "19", "787", "2067"] {
            assert!(commit_was_refused(refused), "{refused}");
        }
        for unknown in ["40003", "08006", "57P01", "58030", "XX000", "10", "1034", "13", "11", "?"] {
            assert!(!commit_was_refused(unknown), "{unknown}");
        }
        let broken_pipe = sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert!(matches!(StoreError::from_commit(broken_pipe), StoreError::CommitUnknown));
    }

    #[test]
    fn a_disk_that_does_not_save_is_told_apart_from_every_other_failure() {
        for code in ["1034", "1290"] {
            assert!(is_sync_failure(code) && !is_transient(code));
        }
        // Read errors, a full disk and PostgreSQL's own codes.
        for code in ["10", "266", "13", "58030", "XX000"] {
            assert!(!is_sync_failure(code), "{code}");
        }
        let told = StoreError::SyncFailed(sqlx::Error::PoolClosed);
        assert!(!told.is_retryable() && told.to_string().contains("Check the disk"));
    }

    #[test]
    fn a_lost_connection_may_be_retried_and_a_broken_statement_may_not() {
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_retryable());
        assert!(!StoreError::from(sqlx::Error::ColumnNotFound("x".into())).is_retryable());
        assert!(!StoreError::CommitUnknown.is_retryable());
    }
}
