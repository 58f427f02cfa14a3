//! Appending to an upload so that nothing that was called durable is ever lost. Owns the order: bytes first, then the promise.
//!
//! Three things go on at once, so that the line is never idle: chunks are collected, those before are written (and seen by the
//! witness) on a blocking thread, and what was written before that is being made durable. Memory stays at a few batches: one that is
//! collected, those that wait, one that is written.

use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::{BlobError, Result, StillLocked};

/// Bytes after which what was written is made durable while more arrive.
pub const SYNC_EVERY_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes that are written together.
const BATCH_BYTES: usize = 256 * 1024;

/// Batches that wait for the one that is written: between two of them no thread has to be woken.
const BATCHES_AHEAD: usize = 2;

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
    waiting: mpsc::Receiver<Batch>,
}

impl<W: Witness> Quiet<W> {
    /// Writes what waits, and what comes to wait meanwhile.
    fn work(mut self) -> Written<W> {
        while let Ok(batch) = self.waiting.try_recv() {
            for piece in &batch.pieces {
                self.witness.saw(piece);
                if let Err(error) = self.file.write_all(piece) {
                    return (self, Err(error));
                }
            }
        }
        (self, Ok(()))
    }
}

/// What became of the batches that waited.
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
    queue: mpsc::Sender<Batch>,
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

fn reaped<W>(written: std::result::Result<Written<W>, JoinError>) -> Result<Quiet<W>> {
    let (quiet, outcome) = written.map_err(|error| failed(error.into()))?;
    outcome.map_err(failed)?;
    Ok(quiet)
}

fn unsaved(source: std::io::Error) -> BlobError {
    BlobError::io("save an upload")(source)
}

impl<W: Witness> Appender<W> {
    pub(super) fn new(file: File, offset: u64, witness: W) -> Self {
        let (queue, waiting) = mpsc::channel(BATCHES_AHEAD);
        Self {
            batch: Batch::default(),
            queue,
            writing: Writing::Quiet(Quiet { file, witness, waiting }),
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
        // What is on the file now can become durable while the next bytes are written.
        if self.handed.saturating_sub(self.sync_begun) >= SYNC_EVERY_BYTES {
            let quiet = self.settle().await?;
            self.await_sync().await?;
            let file = quiet.file.try_clone().map_err(unsaved)?;
            self.writing = Writing::Quiet(quiet);
            self.sync_begun = self.handed;
            self.syncing = Some((self.handed, spawn_blocking(move || file.sync_data())));
        }
        self.hand_over().await?;
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
        self.hand_over().await?;
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
        let Quiet { file, witness, .. } = self.settle().await?;
        Ok((durable, witness, StillLocked(file)))
    }

    /// Waits until everything that was handed over is written. Leaves the appender failed until somebody puts the file back.
    async fn settle(&mut self) -> Result<Quiet<W>> {
        loop {
            match std::mem::replace(&mut self.writing, Writing::Failed) {
                Writing::Quiet(quiet) if quiet.waiting.is_empty() => return Ok(quiet),
                Writing::Quiet(quiet) => self.writing = Writing::Busy(spawn_blocking(move || quiet.work())),
                Writing::Busy(task) => self.writing = Writing::Quiet(reaped(task.await)?),
                Writing::Failed => return Err(failed(std::io::Error::other("an earlier write to it failed"))),
            }
        }
    }

    /// Lets the collected chunks be written; waits while as many batches wait as may.
    async fn hand_over(&mut self) -> Result<()> {
        self.batch.close();
        let batch = std::mem::take(&mut self.batch);
        if batch.pieces.is_empty() {
            return Ok(());
        }
        while self.queue.capacity() == 0 {
            self.start().await?;
            if let Writing::Busy(task) = &mut self.writing {
                tokio::select! {
                    biased;
                    // The permit is given back at once: nobody else has a use for it.
                    permit = self.queue.reserve() => drop(permit),
                    written = task => {
                        self.writing = Writing::Failed;
                        self.writing = Writing::Quiet(reaped(written)?);
                    }
                }
            }
        }
        // Only this appender sends, and there was room.
        self.queue.try_send(batch).map_err(|_| failed(std::io::Error::other("nobody writes to it")))?;
        self.handed = self.taken;
        self.start().await
    }

    /// Somebody writes, or is about to end because nothing waited; then the next one to ask starts anew.
    async fn start(&mut self) -> Result<()> {
        if let Writing::Busy(task) = &self.writing
            && !task.is_finished()
        {
            return Ok(());
        }
        match std::mem::replace(&mut self.writing, Writing::Failed) {
            Writing::Busy(task) => {
                let quiet = reaped(task.await)?;
                self.writing = Writing::Busy(spawn_blocking(move || quiet.work()));
            }
            Writing::Quiet(quiet) => self.writing = Writing::Busy(spawn_blocking(move || quiet.work())),
            Writing::Failed => return Err(failed(std::io::Error::other("an earlier write to it failed"))),
        }
        Ok(())
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
