//! The walk along the audit chain that finds what was changed behind the program's back. Owns the walk and its words; changes nothing.

use std::fmt;

use domain::time::UnixMillis;

use super::chain::{Chain, KEY};
use super::desk::{AuditKey, is_same};
use super::{PSEUDONYMISE, RowRaw};
use crate::column::instant;
use crate::db::{Statement, Store};
use crate::error::Result;

/// Entries held in memory at once.
const PAGE: i64 = 500;
/// How often a walk begins again because the old end was shortened under its feet.
const WALKS: u32 = 3;

const FOLLOWING: &str = "
SELECT seq, at, actor, action, subject, detail, actor_ref, subject_ref, hash
FROM audit
WHERE seq > $1
ORDER BY seq
LIMIT $2";
const BEFORE: &str = "SELECT seq FROM audit WHERE seq <= $1 ORDER BY seq LIMIT 1";
const ERASED: &str = "SELECT seq FROM audit WHERE subject_ref = $1 AND action = $2 LIMIT 1";

pub(crate) const STATEMENTS: &[Statement] = statements![FOLLOWING, BEFORE, ERASED];

/// What a walk saw up to where it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// When entries were first chained.
    pub began_at: Option<UnixMillis>,
    /// Intact entries.
    pub entries: u64,
    /// When the first of them was written.
    pub first_at: Option<UnixMillis>,
    /// When the last of them was written.
    pub last_at: Option<UnixMillis>,
    /// Number and hash of the last of them: note them elsewhere, and a later walk can be held to them.
    pub head: (i64, String),
    /// The number up to which entries were removed because their time was over; 0 when none were.
    pub removed_upto: i64,
    /// Whether the note that the walk was held to was found.
    pub met_note: bool,
}

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing has been chained yet.
    NotBegun,
    /// Every entry is as it was written, and none is missing.
    Intact(Walk),
    /// Something was changed; what comes behind it was not looked at.
    Broken(Walk, Break),
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Break {
    /// The row that says where the chain begins and ends is gone.
    NoChain,
    /// The key of the chain is gone or does not open.
    NoKey(String),
    /// The row that says where the chain begins and ends was changed.
    Ends,
    /// The entry, or its place, is not what was written.
    Altered(i64),
    /// Entries between two numbers are gone.
    Missing(i64, i64),
    /// The entry was written past the chain.
    Foreign(i64),
    /// The readable id of the entry is not the one that was written.
    Id(i64, &'static str),
    /// The newest entries are gone: the last one that is there, and the last one there was.
    Cut(i64, i64),
    /// The chain is whole, but the note it was held to is not in it: it was written anew, or an older state was put back.
    Unmet(i64),
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChain => f.write_str("the row that says where the record begins and ends is gone"),
            Self::NoKey(why) => write!(f, "the record cannot be checked: {why}"),
            Self::Ends => f.write_str("the row that says where the record begins and ends was changed"),
            Self::Altered(seq) => write!(f, "entry {seq} is not what was written"),
            Self::Missing(after, before) if after.saturating_add(2) == *before => {
                write!(f, "entry {} is missing", after.saturating_add(1))
            }
            Self::Missing(after, before) => write!(f, "entries are missing between {after} and {before}"),
            Self::Foreign(seq) => write!(f, "entry {seq} was not written by this program"),
            Self::Id(seq, column) => write!(f, "the {column} of entry {seq} is not the one that was written"),
            Self::Cut(last, head) => write!(f, "the newest entries are missing: {last} is the last, {head} was"),
            Self::Unmet(seq) => write!(
                f,
                "entry {seq} does not have the hash it had when it was noted: the record was written anew, or an older state was put back"
            ),
        }
    }
}

impl Store {
    /// Walks the whole chain in portions, beside a running service. With a `note` (number and hash of an earlier head) the walk is
    /// broken unless it meets it or that entry's time is over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_verify(&self, note: Option<(i64, &str)>) -> Result<Verdict> {
        let mut tries = 1;
        loop {
            let Some(chain) = self.audit_chain().await? else {
                return Ok(Verdict::Broken(Walk::default(), Break::NoChain));
            };
            let verdict = self.audit_walk(&chain, note).await?;
            let shortened = self.audit_chain().await?.is_some_and(|now| now.anchor_seq != chain.anchor_seq);
            match &verdict {
                Verdict::Broken(..) if shortened && tries < WALKS => tries += 1,
                Verdict::Broken(..) | Verdict::Intact(_) | Verdict::NotBegun => return Ok(verdict),
            }
        }
    }

    async fn audit_walk(&self, chain: &Chain, note: Option<(i64, &str)>) -> Result<Verdict> {
        let sealed = self.meta_get(KEY).await?;
        let sealed = match (chain.has_begun(), sealed) {
            (false, None) => return Ok(Verdict::NotBegun),
            (false, Some(_)) => return Ok(Verdict::Broken(Walk::default(), Break::Ends)),
            (true, None) => {
                let why = "its key is missing in the database".to_owned();
                return Ok(Verdict::Broken(Walk::default(), Break::NoKey(why)));
            }
            (true, Some(sealed)) => sealed,
        };
        let key = match self.audit.open(&sealed) {
            Ok(key) => key,
            Err(error) => return Ok(Verdict::Broken(Walk::default(), Break::NoKey(error.to_string()))),
        };
        let mut walk = Walk {
            began_at: Some(instant(chain.began_at)),
            head: (chain.anchor_seq, chain.anchor_hash.clone()),
            removed_upto: chain.anchor_seq,
            ..Walk::default()
        };
        if !chain.is_sealed_by(&key) {
            return Ok(Verdict::Broken(walk, Break::Ends));
        }
        if let Some((seq,)) = fetch_optional!(store self, (i64,), BEFORE, chain.anchor_seq)? {
            return Ok(Verdict::Broken(walk, Break::Foreign(seq)));
        }
        // An entry and the end are written together: an end that was read before the rows is not past them, one that was read after
        // them is not behind them. So a service that goes on writing is no break.
        let mut end = chain.clone();
        loop {
            let rows = fetch_all!(store self, RowRaw, FOLLOWING, walk.head.0, PAGE)?;
            if rows.is_empty() {
                if end.head_seq > walk.head.0 {
                    let broken = Break::Cut(walk.head.0, end.head_seq);
                    return Ok(Verdict::Broken(walk, broken));
                }
                let Some(now) = self.audit_chain().await? else {
                    return Ok(Verdict::Broken(walk, Break::NoChain));
                };
                if !now.is_sealed_by(&key) {
                    return Ok(Verdict::Broken(walk, Break::Ends));
                }
                end = now;
                if end.head_seq <= walk.head.0 {
                    break;
                }
            }
            for row in rows {
                if let Some(broken) = self.audit_look(&key, &walk.head, &row).await? {
                    return Ok(Verdict::Broken(walk, broken));
                }
                walk.met_note |= note.is_some_and(|(seq, hash)| seq == row.seq && is_same(hash, &row.hash));
                walk.entries += 1;
                walk.first_at = walk.first_at.or(Some(instant(row.at)));
                walk.last_at = Some(instant(row.at));
                walk.head = (row.seq, row.hash);
            }
        }
        if walk.head.0 > end.head_seq {
            let seq = end.head_seq.saturating_add(1);
            return Ok(Verdict::Broken(walk, Break::Foreign(seq)));
        }
        if !is_same(&walk.head.1, &end.head_hash) {
            return Ok(Verdict::Broken(walk, Break::Ends));
        }
        Ok(match note {
            Some((seq, _)) if !walk.met_note && seq > walk.removed_upto => Verdict::Broken(walk, Break::Unmet(seq)),
            Some(_) | None => Verdict::Intact(walk),
        })
    }

    /// What is wrong with one entry behind another one.
    async fn audit_look(&self, key: &AuditKey, before: &(i64, String), row: &RowRaw) -> Result<Option<Break>> {
        if row.hash.is_empty() {
            return Ok(Some(Break::Foreign(row.seq)));
        }
        if !is_same(&key.hash(&before.1, &row.link(&row.actor_ref, &row.subject_ref)), &row.hash) {
            let gap = row.seq > before.0.saturating_add(1);
            return Ok(Some(if gap { Break::Missing(before.0, row.seq) } else { Break::Altered(row.seq) }));
        }
        for (column, id, reference) in
            [("actor", &row.actor, &row.actor_ref), ("subject", &row.subject, &row.subject_ref)]
        {
            if is_same(&key.reference(id), reference) {
                continue;
            }
            // Erased, and the erasure is itself in the chain.
            let itself = column == "subject" && row.action == PSEUDONYMISE;
            let erased = id.is_empty()
                && (itself || fetch_optional!(store self, (i64,), ERASED, reference, PSEUDONYMISE)?.is_some());
            if !erased {
                return Ok(Some(Break::Id(row.seq, column)));
            }
        }
        Ok(None)
    }
}
