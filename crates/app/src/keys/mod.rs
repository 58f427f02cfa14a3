//! The versions of the instance key: which one seals, and what is still sealed under which.
//!
//! Owns what stands in `meta` about them. That a version seals is the instance's decision and not the key file's: a file may be ahead on
//! one node and behind on another, and nothing may be sealed under a version that some node does not have yet.

mod marks;
mod retire;
mod rotate;
mod watch;

use std::collections::BTreeSet;

use domain::time::UnixMillis;
use store::vault::{InstanceKeys, checked_version, sealed_version};
use store::{MarkKeys, SealedIn, Store};

use crate::Result;

pub use retire::Retirement;
pub use rotate::{Begun, Rewrapped};
pub use watch::run_key_watch;

/// Where the database remembers how to recognise the versions that it may need, with blanks between them.
pub const CHECK: &str = "instance_key_check";
/// Where it remembers, in the same way, the version that seals.
pub const CURRENT: &str = "instance_key_newest";
/// Where it remembers how far the change to that version has come: `version begun` or `version begun ended`.
const ROTATION: &str = "instance_key_rotation";
/// Where it keeps what makes the marks of versions that are no more.
pub const MARK_KEYS: &str = "tombstone_keys";

/// How often a running process looks whether another version seals, seconds.
const LOOK_S: i64 = 5;
/// After this every running process has taken up the version that seals, milliseconds.
pub const TAKE_UP_MS: i64 = 15_000;
/// What was read under the old version before everything was sealed anew may be in use this long, milliseconds: a refresh of tokens
/// waits that long for TikTok.
const SETTLE_MS: i64 = 60_000;

/// A kind of thing that is sealed under the instance key, or made with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sealed {
    /// Rows of the database.
    In(SealedIn),
    /// The key of the audit record.
    AuditKey,
    /// What makes the marks of versions that are no more, in the database.
    MarkKeys,
    /// Addresses of pictures that TikTok may still ask for.
    PictureAddresses,
}

impl Sealed {
    /// What it is called at the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In(SealedIn::Tokens) => "tokens of accounts",
            Self::In(SealedIn::People) => "names and words of people",
            Self::In(SealedIn::Profiles) => "names and pictures of accounts",
            Self::In(SealedIn::Unconfirmed) => "accounts that wait for a confirmation",
            Self::In(SealedIn::Tickets) => "tickets for a revocation",
            Self::In(SealedIn::SignIns) => "sign-ins under way",
            Self::In(SealedIn::UploadAddresses) => "uploads to TikTok under way",
            Self::AuditKey => "the key of the audit record",
            Self::MarkKeys => "what recognises older tombstones",
            Self::PictureAddresses => "photo posts under way",
        }
    }

    /// What makes it need the version no more, apart from sealing everything anew.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::In(SealedIn::UploadAddresses) => {
                "they are sealed anew between two steps, and go with the end of the upload"
            }
            Self::PictureAddresses => "TikTok was told their addresses before; they go when the posts are out",
            Self::In(
                SealedIn::Tokens
                | SealedIn::People
                | SealedIn::Profiles
                | SealedIn::Unconfirmed
                | SealedIn::Tickets
                | SealedIn::SignIns,
            )
            | Self::AuditKey
            | Self::MarkKeys => "run `moloko key rotate`",
        }
    }
}

/// How much of one kind needs one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse {
    /// The version.
    pub version: i64,
    /// What.
    pub what: Sealed,
    /// How many.
    pub count: u64,
}

/// Everything in the database that needs a version of the instance key, by version.
///
/// # Errors
/// When the database does not answer.
pub async fn in_use(store: &Store) -> Result<Vec<InUse>> {
    let mut all = Vec::new();
    for place in SealedIn::ALL {
        let counts = store.sealed_counts(place).await?;
        all.extend(counts.into_iter().map(|(version, count)| InUse { version, what: Sealed::In(place), count }));
    }
    if let Some(version) = store.audit_key_version().await? {
        all.push(InUse { version, what: Sealed::AuditKey, count: 1 });
    }
    for sealed in stored_mark_keys(store).await?.0.values() {
        let version = sealed_version(sealed).unwrap_or(0);
        match all.iter_mut().find(|it| it.version == version && it.what == Sealed::MarkKeys) {
            Some(known) => known.count = known.count.saturating_add(1),
            None => all.push(InUse { version, what: Sealed::MarkKeys, count: 1 }),
        }
    }
    all.sort_by_key(|it| (it.version, it.what));
    Ok(all)
}

/// The versions without which something in the database could be read by nobody, or that it was written under.
///
/// # Errors
/// When the database does not answer.
pub async fn needed_versions(store: &Store) -> Result<BTreeSet<i64>> {
    let checks = [store.meta_get(CHECK).await?, store.meta_get(CURRENT).await?];
    let checked = checks.iter().flatten().flat_map(|words| words.split_whitespace()).filter_map(checked_version);
    let mut needed: BTreeSet<i64> = checked.collect();
    needed.extend(in_use(store).await?.into_iter().map(|it| it.version));
    Ok(needed)
}

/// Compares a key with what the database knows of it, and makes the version that seals there seal here, too. For whoever begins to work
/// with a database.
///
/// # Errors
/// When it is another key, or lacks a version; nothing may be opened or sealed then.
pub async fn fit(store: &Store, keys: &InstanceKeys) -> Result<()> {
    if let Some(known) = store.meta_get(CHECK).await? {
        keys.verify(&known)?;
    }
    if let Some(current) = store.meta_get(CURRENT).await? {
        keys.verify(&current)?;
        if let Some(version) = checked_version(&current) {
            keys.take_up(version)?;
        }
    }
    Ok(())
}

async fn stored_mark_keys(store: &Store) -> Result<MarkKeys> {
    Ok(store.meta_get(MARK_KEYS).await?.as_deref().map(MarkKeys::parse).unwrap_or_default())
}

/// How far the change to the version that seals has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    version: i64,
    begun: UnixMillis,
    ended: Option<UnixMillis>,
}

impl Progress {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ').map(str::parse::<i64>);
        let (version, begun) = (words.next()?.ok()?, words.next()?.ok()?);
        let ended = words.next().and_then(std::result::Result::ok).map(UnixMillis::from_millis);
        Some(Self { version, begun: UnixMillis::from_millis(begun), ended })
    }

    fn to_text(self) -> String {
        let Self { version, begun, ended } = self;
        let ended = ended.map(|at| format!(" {}", at.millis())).unwrap_or_default();
        format!("{version} {}{ended}", begun.millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_change_has_come_survives_its_text() {
        for text in ["2 1795510800000", "13 1795510800000 1795510860000"] {
            assert_eq!(Progress::parse(text).map(Progress::to_text).as_deref(), Some(text));
        }
        assert_eq!(Progress::parse("2"), None);
        assert_eq!(Progress::parse(""), None);
    }
}
