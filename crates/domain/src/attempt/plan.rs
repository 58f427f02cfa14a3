//! The chunk plan as the attempt needs it: which chunk holds an offset and which is the last. Must not know how bytes travel.

/// A chunk plan that cannot be: zero sizes, or a count that is not `floor(size / chunk)`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chunk plan of {count} chunks of {chunk_bytes} bytes does not fit a file of {size_bytes} bytes")]
pub struct InvalidPlan {
    /// File size, bytes.
    pub size_bytes: u64,
    /// Chunk size, bytes.
    pub chunk_bytes: u64,
    /// Number of chunks.
    pub count: u64,
}

/// The file and how it is cut. The last chunk absorbs the remainder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPlan {
    sha256: String,
    size_bytes: u64,
    chunk_bytes: u64,
    count: u64,
}

impl MediaPlan {
    /// Checks that the parts belong together.
    ///
    /// # Errors
    /// [`InvalidPlan`] when a size is zero or the count is not `floor(size / chunk)`.
    pub fn new(sha256: String, size_bytes: u64, chunk_bytes: u64, count: u64) -> Result<Self, InvalidPlan> {
        if size_bytes == 0 || chunk_bytes == 0 || count == 0 || size_bytes / chunk_bytes != count {
            return Err(InvalidPlan { size_bytes, chunk_bytes, count });
        }
        Ok(Self { sha256, size_bytes, chunk_bytes, count })
    }

    /// SHA-256 of the approved file, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// File size, bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Size of every chunk but the last, bytes.
    #[must_use]
    pub const fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// Number of chunks.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Index of the last chunk.
    #[must_use]
    pub const fn last_index(&self) -> u64 {
        self.count.saturating_sub(1)
    }

    /// First byte of the last chunk: what may be sent ahead of time.
    #[must_use]
    pub const fn held_from(&self) -> u64 {
        self.last_index().saturating_mul(self.chunk_bytes)
    }

    /// The chunk to send when TikTok has `offset` bytes: the one that contains it, so that a ragged offset is sent again whole.
    #[must_use]
    pub fn index_at(&self, offset: u64) -> u64 {
        offset.checked_div(self.chunk_bytes).unwrap_or(0).min(self.last_index())
    }

    /// Bytes TikTok has once chunk `index` was accepted.
    #[must_use]
    pub const fn end_of(&self, index: u64) -> u64 {
        if index >= self.last_index() {
            self.size_bytes
        } else {
            index.saturating_add(1).saturating_mul(self.chunk_bytes)
        }
    }
}
