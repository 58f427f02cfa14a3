//! The intent journal: what was really begun, noted beside the database so that it survives the database's loss of commits.
//!
//! Owns the file and what is remembered of it. Must not decide what a difference means: that is `domain::attempt::recover`.
//!
//! A note is written after the commit that announces an effect and before the effect. So an effect without a note cannot be, and
//! a note proves that its commit was acknowledged: a database that does not have it any more has lost it. (Written before the
//! commit, every crash between the two would look like such a loss.) Notes that an attempt has come to its end follow without
//! waiting for the disk: missing one only means that the database knows more, which is the ordinary case.

mod file;
mod note;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::AttemptId;
use domain::time::UnixMillis;

use self::file::JournalFile;
use crate::vault::{InstanceKeys, VaultError};

pub use note::{Note, Stage};

/// Name of the file in the data directory.
pub const FILE_NAME: &str = "intent.journal";
/// Ended attempts are remembered this long, so that a database restored from a backup is known to be behind. Milliseconds.
const KEEP_MS: i64 = 30 * 24 * 3_600_000;
/// Attempts remembered at most; the oldest are forgotten first.
const KEEP_MAX: usize = 10_000;

/// A failure of the journal. No effect may follow it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk is full, or another error that may pass; nothing was noted.
    #[error("the intent journal {path} cannot be written: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The disk did not confirm what was written: nothing on it can be relied on by this process any more.
    #[error(
        "the disk did not save the intent journal {path} ({source}); the process must end. Check the disk (its cable, its \
         space, its file system), then start again: what was begun is settled by asking TikTok"
    )]
    Sync {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A note is whole but was sealed under another key.
    #[error(
        "the intent journal {path} was written under another instance key. Put the right key back; if it is lost for good, \
         move the file away and look at TikTok for posts that were due lately before you start again"
    )]
    Key {
        /// The file.
        path: String,
    },
    /// Sealing failed.
    #[error("a note cannot be sealed: {0}")]
    Vault(#[from] VaultError),
}

/// The journal of one node; cheap to clone. Without a file it is kept in memory and lives as long as the value does.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    known: Mutex<Known>,
    file: Option<Mutex<JournalFile>>,
    damaged: bool,
}

/// What the notes say.
#[derive(Debug, Default)]
struct Known {
    notes: HashMap<AttemptId, Note>,
    /// Highest line of the attempt log that was acknowledged.
    newest_seq: i64,
}

impl Known {
    fn take(&mut self, note: Note) {
        match note.stage {
            Stage::Mark => self.newest_seq = note.seq,
            Stage::Forgotten => {
                self.notes.remove(&note.attempt);
            }
            Stage::Init | Stage::Acked | Stage::Final | Stage::Out | Stage::Dead => {
                self.newest_seq = self.newest_seq.max(note.seq);
                let publish_id = self.notes.get(&note.attempt).and_then(|before| before.publish_id.clone());
                let final_at = self.notes.get(&note.attempt).and_then(|before| before.final_at);
                let note =
                    Note { publish_id: note.publish_id.or(publish_id), final_at: note.final_at.or(final_at), ..note };
                self.notes.insert(note.attempt, note);
            }
        }
    }

    /// Drops what is too old or too much, then gives everything worth keeping.
    fn keep(&mut self, now: UnixMillis) -> Vec<Note> {
        self.notes.retain(|_, note| now.millis_since(note.at) < KEEP_MS);
        let mut notes: Vec<Note> = self.notes.values().cloned().collect();
        // Those without an end first: they matter most.
        notes.sort_by_key(|note| (note.stage.has_ended(), std::cmp::Reverse(note.at)));
        for dropped in notes.iter().skip(KEEP_MAX) {
            self.notes.remove(&dropped.attempt);
        }
        notes.truncate(KEEP_MAX);
        notes
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while the lock was held cannot have left half a note: each change is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// A journal without a file, for simulations and tests: clones of it survive a simulated crash.
    #[must_use]
    pub fn memory() -> Self {
        Self { shared: Arc::new(Shared { known: Mutex::default(), file: None, damaged: false }) }
    }

    /// Opens the journal of a data directory and reads it; a torn end is cut off. The directory's lock must be held.
    ///
    /// # Errors
    /// [`JournalError::Io`] when it cannot be read or made, [`JournalError::Key`] when it belongs to another instance key.
    pub fn open(folder: &Path, keys: Arc<InstanceKeys>) -> Result<Self, JournalError> {
        let path: PathBuf = folder.join(FILE_NAME);
        let (file, notes, damaged) = JournalFile::open(path, keys)?;
        let mut known = Known::default();
        for note in notes {
            known.take(note);
        }
        Ok(Self { shared: Arc::new(Shared { known: Mutex::new(known), file: Some(Mutex::new(file)), damaged }) })
    }

    /// Notes that an attempt has come this far; does nothing when that is known. Durable when it returns, except for ends.
    ///
    /// # Errors
    /// [`JournalError`]; the effect must not follow.
    pub async fn note(&self, note: Note) -> Result<(), JournalError> {
        if self.stage(note.attempt).is_some_and(|stage| stage >= note.stage) {
            return Ok(());
        }
        self.write(note).await
    }

    /// Forgets an attempt that the database need not know any more.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn forget(&self, note: &Note, now: UnixMillis) -> Result<(), JournalError> {
        self.write(Note { stage: Stage::Forgotten, at: now, ..note.clone() }).await
    }

    /// The database was compared and what it lost was dealt with: from here its own log counts again.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn rebase(&self, seq: i64, now: UnixMillis) -> Result<(), JournalError> {
        if lock(&self.shared.known).newest_seq == seq {
            return Ok(());
        }
        self.write(Note::mark(seq, now)).await
    }

    async fn write(&self, note: Note) -> Result<(), JournalError> {
        let at = note.at;
        if self.shared.file.is_some() {
            let shared = Arc::clone(&self.shared);
            let done = tokio::task::spawn_blocking(move || {
                let Some(file) = &shared.file else { return Ok(false) };
                // Known before the file is free again: whoever writes it anew must not leave this note out.
                let mut file = lock(file);
                let large = file.append(&note)?;
                lock(&shared.known).take(note);
                Ok(large)
            })
            .await;
            let large = done.unwrap_or_else(|error| {
                Err(JournalError::Io { path: FILE_NAME.to_owned(), source: std::io::Error::other(error) })
            })?;
            if large {
                self.compact(at).await;
            }
        } else {
            let mut known = lock(&self.shared.known);
            known.take(note);
            if known.notes.len() > KEEP_MAX {
                known.keep(at);
            }
        }
        Ok(())
    }

    /// Writes the file anew without what is not needed any more. A failure leaves the old one in use.
    async fn compact(&self, now: UnixMillis) {
        if let Err(error) = self.rewrite(now, |_| true).await {
            tracing::warn!(%error, "the intent journal stays as it is; it is written anew later");
        }
    }

    async fn rewrite(&self, now: UnixMillis, when: fn(&JournalFile) -> bool) -> Result<bool, JournalError> {
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            let Some(file) = &shared.file else { return Ok(false) };
            // The file's lock first, so that no note falls between what is kept and what is replaced.
            let mut file = lock(file);
            if !when(&file) {
                return Ok(false);
            }
            let (notes, seq) = {
                let mut known = lock(&shared.known);
                (known.keep(now), known.newest_seq)
            };
            file.replace(notes.iter().chain(std::iter::once(&Note::mark(seq, now)))).map(|()| true)
        })
        .await;
        done.unwrap_or_else(|error| {
            Err(JournalError::Io { path: FILE_NAME.to_owned(), source: std::io::Error::other(error) })
        })
    }

    /// Seals every note under the current version of the instance key; gives whether that was needed.
    ///
    /// # Errors
    /// [`JournalError`]; the old file is in use then, and needs the old versions.
    pub async fn reseal(&self, now: UnixMillis) -> Result<bool, JournalError> {
        self.rewrite(now, JournalFile::is_under_others).await
    }

    /// How many notes in the file of a data directory are sealed under which version of the instance key. Changes nothing, and needs no key.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn sealed_versions(folder: &Path) -> std::io::Result<BTreeMap<i64, u64>> {
        Ok(file::versions(&file::bytes_of(&folder.join(FILE_NAME))?))
    }

    /// How far an attempt is known to have come.
    #[must_use]
    pub fn stage(&self, attempt: AttemptId) -> Option<Stage> {
        lock(&self.shared.known).notes.get(&attempt).map(|note| note.stage)
    }

    /// Everything known, oldest first.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = lock(&self.shared.known).notes.values().cloned().collect();
        notes.sort_by_key(|note| (note.at, note.attempt));
        notes
    }

    /// The highest line of the attempt log whose commit was acknowledged; 0 when nothing was noted yet.
    #[must_use]
    pub fn newest_seq(&self) -> i64 {
        lock(&self.shared.known).newest_seq
    }

    /// More than a torn end could not be read: what was begun is not fully known.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.shared.damaged
    }
}

#[cfg(test)]
mod tests;
