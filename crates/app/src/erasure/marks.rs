//! Keyed hashes of what was erased, ended or kept: how a thing is recognised again without being remembered.
//!
//! Owns what the file beside the database is known to hold. The key is the instance key's own; must not decide what a mark means for a row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::id::WorkspaceId;
use domain::privacy::erasure::Unit;
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use store::vault::InstanceKeys;
use store::{MarkKeys, Tombstone, TombstoneFile};

use crate::Result;

/// The file of marks of one data folder, and what it holds.
#[derive(Debug, Default)]
pub struct Marks {
    file: Option<TombstoneFile>,
    noted: Mutex<HashMap<String, UnixMillis>>,
    /// What makes the marks of versions of the instance key that are no more, as this process last brought it to the file.
    keys: Mutex<Option<MarkKeys>>,
}

/// What a mark says. Of two that contradict each other the later one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// The grant of an account in a workspace ended.
    GrantEnded(WorkspaceId, &'a str),
    /// Nobody allows numbers of this kind to be read of an account in a workspace any more.
    ReadingEnded(WorkspaceId, &'a str, Reading),
    /// A link to a report of a workspace was ended; known by its id.
    LinkEnded(WorkspaceId, &'a str),
    /// A person asked to be forgotten.
    Leaving(&'a str),
    /// A wish about this connection or person was taken back.
    Kept(Unit, &'a str),
    /// An account was erased from a workspace.
    ConnectionErased(WorkspaceId, &'a str),
    /// A person was erased.
    PersonErased(&'a str),
    /// Whose receipt it is; stands beside the receipt and goes with it.
    Receipt(&'a str),
}

impl Said<'_> {
    fn text(self) -> String {
        match self {
            Said::GrantEnded(workspace, account) => format!("grant\n{workspace}\n{account}"),
            Said::ReadingEnded(workspace, account, reading) => {
                format!("reading\n{workspace}\n{account}\n{}", reading.as_str())
            }
            Said::LinkEnded(workspace, link) => format!("report link\n{workspace}\n{link}"),
            Said::Leaving(account) => format!("leaving\n{account}"),
            Said::Kept(unit, subject) => format!("kept\n{}\n{subject}", unit.as_str()),
            Said::ConnectionErased(workspace, account) => format!("connection\n{workspace}\n{account}"),
            Said::PersonErased(account) => format!("person\n{account}"),
            Said::Receipt(account) => format!("receipt\n{account}"),
        }
    }

    /// Under every version of the instance key that ever was, the current one first.
    pub(crate) fn marks(self, keys: &InstanceKeys) -> Vec<String> {
        keys.tombstone_marks(&self.text())
    }

    /// The mark to write.
    pub(crate) fn as_of(self, keys: &InstanceKeys, at: UnixMillis) -> Tombstone {
        let mark = self.marks(keys).into_iter().next().unwrap_or_default();
        Tombstone { mark, erased_at: at }
    }
}

impl Marks {
    /// Marks that are also kept in a file; without one they live and die with the database.
    #[must_use]
    pub fn new(file: Option<TombstoneFile>) -> Self {
        Self { file, noted: Mutex::default(), keys: Mutex::default() }
    }

    /// Everything in the file, read anew.
    pub(crate) async fn read(&self) -> Result<Vec<Tombstone>> {
        let Some(file) = self.file.clone() else { return Ok(Vec::new()) };
        let read = tokio::task::spawn_blocking(move || file.read()).await.map_err(std::io::Error::other)??;
        let noted = read.iter().map(|stone| (stone.mark.clone(), stone.erased_at)).collect();
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = noted;
        Ok(read)
    }

    /// What the file holds to make marks of versions of the instance key that are no more.
    pub(crate) async fn keys(&self) -> Result<MarkKeys> {
        let Some(file) = self.file.clone() else { return Ok(MarkKeys::default()) };
        Ok(tokio::task::spawn_blocking(move || file.keys()).await.map_err(std::io::Error::other)??)
    }

    /// Brings such keys to the file, durably; looks at the file only when they are not those it was last given.
    pub(crate) async fn keep_keys(&self, keys: MarkKeys) -> Result<()> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        if self.keys.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&keys) {
            return Ok(());
        }
        let known = keys.clone();
        let write = move || {
            let there = file.keys()?;
            let lacks = keys.0.iter().any(|(version, sealed)| there.0.get(version) != Some(sealed));
            if lacks { file.add_keys(&keys) } else { Ok(()) }
        };
        tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other)??;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(())
    }

    /// Writes to the file, durably, what it does not hold yet.
    pub(crate) async fn keep(&self, marks: Vec<Tombstone>) -> Result<()> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let new: Vec<Tombstone> = {
            let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            marks.into_iter().filter(|it| noted.get(&it.mark).is_none_or(|at| *at < it.erased_at)).collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let written = new.clone();
        tokio::task::spawn_blocking(move || file.add(&written)).await.map_err(std::io::Error::other)??;
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.extend(new.into_iter().map(|stone| (stone.mark, stone.erased_at)));
        Ok(())
    }

    /// Writes the file anew without what is older than every backup.
    pub(crate) async fn forget_before(&self, before: UnixMillis) -> Result<()> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        let kept: Vec<Tombstone> = {
            let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let all = noted.len();
            noted.retain(|_, at| *at >= before);
            if noted.len() == all {
                return Ok(());
            }
            noted.iter().map(|(mark, at)| Tombstone { mark: mark.clone(), erased_at: *at }).collect()
        };
        tokio::task::spawn_blocking(move || file.replace(&kept)).await.map_err(std::io::Error::other)??;
        Ok(())
    }
}
