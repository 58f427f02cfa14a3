//! Appending to an upload so that nothing that was called durable is ever lost. Owns the order: bytes first, then the promise.
//!
//! Three things go on at once, so that the line is never idle: chunks are collected, those before are written (and seen by the
//! witness) on a blocking thread, and what was written before that is being made durable. Memory stays at a few batches.

use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{BlobError, Result, StillLocked};

/// Bytes after which what was written is made durable while more arrive.
pub const SYNC_EVERY_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes that are written together.
const BATCH_BYTES: usize = 256 * 1024;

/// Chunks below this are copied together: each would keep a whole network buffer alive.
const SMALL_BYTES: usize = 8 * 1024;

/// Sees every byte once, in order, on a blocking thread: for checksums.
pub trait Witness: Send + 'static {
    /// The next bytes.
    fn saw(&mut self, bytes: &[u8]);
}

impl Witness for () {
    fn saw(&mut self, _: &[u8]) {}
}

/// Chunks on their way to one write.
#[derive(Debug, Default)]
struct Batch {
    pieces: Vec<Bytes>,
    small: BytesMut,
    length: usize,
}

impl Batch {
    fn push(&mut self, chunk: Bytes) {
        self.length = self.length.saturating_add(chunk.len());
        if chunk.len() < SMALL_BYTES {
            self.small.extend_from_slice(&chunk);
        } else {
            self.close();
            self.pieces.push(chunk);
        }
    }

    fn close(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push(self.small.split().freeze());
        }
    }
}

/// The file while nobody writes to it.
#[derive(Debug)]
struct Quiet<W> {
    file: File,
    witness: W,
}

/// What became of one batch.
type Written<W> = (Quiet<W>, std::io::Result<()>);

#[derive(Debug)]
enum Writing<W> {
    Quiet(Quiet<W>),
    Busy(JoinHandle<Written<W>>),
    /// A write failed, and with it everything after it.
    Failed,
}

/// An open partial blob. Dropping it without [`Appender::sync`] promises nothing beyond [`Appender::durable_offset`].
#[derive(Debug)]
pub struct Appender<W = ()> {
    batch: Batch,
    writing: Writing<W>,
    syncing: Option<(u64, JoinHandle<std::io::Result<()>>)>,
    /// Where the next byte goes.
    taken: u64,
    /// Handed to the file, in whichever state.
    handed: u64,
    /// A sync of everything before it was begun.
    sync_begun: u64,
    durable: u64,
}

/// What [`Appender::drain`] achieved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Everything before it is durable.
    pub durable_offset: u64,
    /// Why it stopped there.
    pub end: StreamEnd,
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// By itself.
    Complete,
    /// It broke off, for this reason; what came before is kept.
    Broken(String),
    /// It went on beyond the limit; the chunk that crossed it is dropped.
    TooLong,
}

fn failed(source: std::io::Error) -> BlobError {
    BlobError::io("write to an upload")(source)
}

fn unsaved(source: std::io::Error) -> BlobError {
    BlobError::io("save an upload")(source)
}

impl<W: Witness> Appender<W> {
    pub(super) fn new(file: File, offset: u64, witness: W) -> Self {
        Self {
            batch: Batch::default(),
            writing: Writing::Quiet(Quiet { file, witness }),
            syncing: None,
            taken: offset,
            handed: offset,
            sync_begun: offset,
            durable: offset,
        }
    }

    /// Where the next byte goes.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.taken
    }

    /// Everything before it survives a power cut.
    #[must_use]
    pub const fn durable_offset(&self) -> u64 {
        self.durable
    }

    /// Appends a chunk. Gives the new durable offset whenever about 16 MiB more became durable; it lags behind what was written.
    ///
    /// # Errors
    /// [`BlobError::Full`] or [`BlobError::Io`], perhaps of earlier bytes; the durable offset stays true, and this appender
    /// must not be used on.
    pub async fn write(&mut self, chunk: Bytes) -> Result<Option<u64>> {
        self.taken = self.taken.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        self.batch.push(chunk);
        if self.batch.length < BATCH_BYTES {
            return Ok(None);
        }
        let before = self.durable;
        let quiet = self.settle().await?;
        // What is on the file now can become durable while the next bytes are written.
        if self.handed.saturating_sub(self.sync_begun) >= SYNC_EVERY_BYTES {
            self.await_sync().await?;
            let file = quiet.file.try_clone().map_err(unsaved)?;
            self.sync_begun = self.handed;
            self.syncing = Some((self.handed, spawn_blocking(move || file.sync_data())));
        }
        self.hand_over(quiet);
        Ok((self.durable > before).then_some(self.durable))
    }

    /// Makes everything taken so far durable and gives the new durable offset.
    ///
    /// # Errors
    /// [`BlobError::Full`] or [`BlobError::Io`]; the durable offset stays where it was, and this appender must not be used on:
    /// after a failed sync the system may have forgotten what it could not write.
    pub async fn sync(&mut self) -> Result<u64> {
        if self.durable == self.taken {
            return Ok(self.durable);
        }
        let quiet = self.settle().await?;
        self.hand_over(quiet);
        let quiet = self.settle().await?;
        self.await_sync().await?;
        let file = quiet.file.try_clone().map_err(unsaved)?;
        self.writing = Writing::Quiet(quiet);
        spawn_blocking(move || file.sync_data()).await.map_err(|error| unsaved(error.into()))?.map_err(unsaved)?;
        self.durable = self.taken;
        self.sync_begun = self.taken;
        Ok(self.durable)
    }

    /// As [`Appender::sync`], and ends with the durable offset, the witness, who has seen everything before it, and the lock, for whoever
    /// has to write the offset down before somebody else may append.
    ///
    /// # Errors
    /// As [`Appender::sync`].
    pub async fn finish(mut self) -> Result<(u64, W, StillLocked)> {
        let durable = self.sync().await?;
        let Quiet { file, witness } = self.settle().await?;
        Ok((durable, witness, StillLocked(file)))
    }

    /// Waits until nobody writes. Leaves the appender failed until somebody puts the file back.
    async fn settle(&mut self) -> Result<Quiet<W>> {
        match std::mem::replace(&mut self.writing, Writing::Failed) {
            Writing::Quiet(quiet) => Ok(quiet),
            Writing::Busy(task) => {
                let (quiet, outcome) = task.await.map_err(|error| failed(error.into()))?;
                outcome.map_err(failed)?;
                Ok(quiet)
            }
            Writing::Failed => Err(failed(std::io::Error::other("an earlier write to it failed"))),
        }
    }

    fn hand_over(&mut self, mut quiet: Quiet<W>) {
        self.batch.close();
        let batch = std::mem::take(&mut self.batch);
        if batch.pieces.is_empty() {
            self.writing = Writing::Quiet(quiet);
            return;
        }
        self.handed = self.taken;
        self.writing = Writing::Busy(spawn_blocking(move || {
            let mut outcome = Ok(());
            for piece in &batch.pieces {
                quiet.witness.saw(piece);
                outcome = quiet.file.write_all(piece);
                if outcome.is_err() {
                    break;
                }
            }
            (quiet, outcome)
        }));
    }

    async fn await_sync(&mut self) -> Result<()> {
        if let Some((offset, task)) = self.syncing.take() {
            task.await.map_err(|error| unsaved(error.into()))?.map_err(unsaved)?;
            self.durable = self.durable.max(offset);
        }
        Ok(())
    }

    /// Appends a stream up to `limit` bytes in all, then makes everything durable.
    ///
    /// # Errors
    /// As [`Appender::write`] and [`Appender::sync`]. A broken or too long stream is not an error.
    pub async fn drain<S, E>(mut self, limit: u64, stream: S) -> Result<Appended>
    where
        S: Stream<Item = std::result::Result<Bytes, E>>,
        E: Display,
    {
        let mut stream = pin!(stream);
        let mut end = StreamEnd::Complete;
        while let Some(item) = stream.next().await {
            match item {
                Ok(chunk) => {
                    let after = self.taken.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                    if after > limit {
                        end = StreamEnd::TooLong;
                        break;
                    }
                    self.write(chunk).await?;
                }
                Err(error) => {
                    end = StreamEnd::Broken(error.to_string());
                    break;
                }
            }
        }
        let durable_offset = self.sync().await?;
        Ok(Appended { durable_offset, end })
    }
}
