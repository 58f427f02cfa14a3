//! Appending to an upload so that nothing that was called durable is ever lost. Owns the order: bytes first, then the promise.

use std::fmt::Display;
use std::pin::pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::{BlobError, Result};

/// Bytes after which what was written is made durable while more arrive.
pub const SYNC_EVERY_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes collected before a write, so that small network chunks do not each cost a system call.
const BUFFER_BYTES: usize = 256 * 1024;

/// An open partial blob. Dropping it without [`Appender::sync`] promises nothing beyond [`Appender::durable_offset`].
#[derive(Debug)]
pub struct Appender {
    file: BufWriter<File>,
    written: u64,
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

impl Appender {
    pub(super) fn new(file: File, offset: u64) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER_BYTES, file), written: offset, durable: offset }
    }

    /// Where the next byte goes.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.written
    }

    /// Everything before it survives a power cut.
    #[must_use]
    pub const fn durable_offset(&self) -> u64 {
        self.durable
    }

    /// Appends a chunk. Gives the new durable offset whenever 16 MiB more became durable.
    ///
    /// # Errors
    /// [`BlobError::Full`] or [`BlobError::Io`]; the durable offset stays true.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<Option<u64>> {
        self.file.write_all(chunk).await.map_err(BlobError::io("write to an upload"))?;
        self.written = self.written.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if self.written.saturating_sub(self.durable) >= SYNC_EVERY_BYTES {
            return self.sync().await.map(Some);
        }
        Ok(None)
    }

    /// Makes everything written so far durable and gives the new durable offset.
    ///
    /// # Errors
    /// [`BlobError::Full`] or [`BlobError::Io`]; the durable offset stays where it was, and this appender must not be used on:
    /// after a failed sync the system may have forgotten what it could not write.
    pub async fn sync(&mut self) -> Result<u64> {
        if self.durable != self.written {
            self.file.flush().await.map_err(BlobError::io("write to an upload"))?;
            self.file.get_ref().sync_data().await.map_err(BlobError::io("save an upload"))?;
            self.durable = self.written;
        }
        Ok(self.durable)
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
                    let after = self.written.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                    if after > limit {
                        end = StreamEnd::TooLong;
                        break;
                    }
                    self.write(&chunk).await?;
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
