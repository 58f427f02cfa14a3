//! The chunk plan of a file: pure arithmetic under TikTok's rules R1 to R9, and the byte range of every chunk.
//! Nothing here reads or sends; chunks are sent strictly one after the other by the caller.

use std::io;

use bytes::Bytes;
use futures::stream::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::ReaderStream;

use crate::limits::{
    CHUNK_BYTES, CHUNK_MIN_BYTES, CHUNKS_MAX, EARLY_RELEASE_MIN_BYTES, LAST_CHUNK_MAX_BYTES, SINGLE_CHUNK_MAX_BYTES,
    VIDEO_MAX_BYTES,
};

/// How a file is declared at init and then sent. Source: content-posting-api-media-transfer-guide.
///
/// | rule | meaning |
/// |---|---|
/// | R1 | `chunk_count` is `size_bytes / chunk_size_bytes`, rounded down |
/// | R2 | chunks have 5 to 64 MB |
/// | R3 | the last chunk takes the remainder and stays within 128 MB |
/// | R4 | a file under 5 MB is one chunk |
/// | R5 | a file over 64 MB is several chunks |
/// | R6 | 1 to 1000 chunks |
/// | R7 | chunks are sent in order, one at a time |
/// | R8 | one chunk means chunk size equals file size |
/// | R9 | at most 4 GB |
///
/// "MB" is not defined by TikTok; this crate stays inside both the decimal and the binary reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChunkPlan {
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// Size of every chunk but the last, bytes.
    pub chunk_size_bytes: u64,
    /// Number of chunks.
    pub chunk_count: u64,
}

/// Why a file cannot be sent in the wanted way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkPlanError {
    /// The file has no bytes.
    #[error("an empty file cannot be sent")]
    Empty,
    /// The file is larger than TikTok takes.
    #[error("the file has {size_bytes} bytes, TikTok takes at most {VIDEO_MAX_BYTES}")]
    TooLarge {
        /// Size of the file, bytes.
        size_bytes: u64,
    },
    /// The wanted chunk size is outside 5 to 64 MB.
    #[error("a chunk of {chunk_size_bytes} bytes is outside {CHUNK_MIN_BYTES} to {SINGLE_CHUNK_MAX_BYTES}")]
    ChunkSize {
        /// The wanted size, bytes.
        chunk_size_bytes: u64,
    },
    /// Stored numbers do not form a plan TikTok accepts.
    #[error("{chunk_count} chunks of {chunk_size_bytes} bytes are not a valid plan for {size_bytes} bytes ({rule})")]
    Rule {
        /// Size of the file, bytes.
        size_bytes: u64,
        /// Size of a chunk, bytes.
        chunk_size_bytes: u64,
        /// Number of chunks.
        chunk_count: u64,
        /// The first broken rule, for example `R1`.
        rule: &'static str,
    },
}

/// One range of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chunk {
    /// Position in the plan, from zero.
    pub index: u64,
    /// First byte.
    pub first: u64,
    /// Last byte, inclusive.
    pub last: u64,
    /// Size of the file, bytes.
    pub total: u64,
    /// Whether TikTok may publish once this chunk has arrived.
    pub is_final: bool,
}

impl ChunkPlan {
    /// The plan with the fewest risks: one chunk up to 64 MB, else chunks of 10 MB.
    ///
    /// # Errors
    /// [`ChunkPlanError::Empty`] or [`ChunkPlanError::TooLarge`].
    pub fn for_size(size_bytes: u64) -> Result<Self, ChunkPlanError> {
        check_size(size_bytes)?;
        if size_bytes <= SINGLE_CHUNK_MAX_BYTES {
            return Ok(Self { size_bytes, chunk_size_bytes: size_bytes, chunk_count: 1 });
        }
        Ok(Self { size_bytes, chunk_size_bytes: CHUNK_BYTES, chunk_count: size_bytes / CHUNK_BYTES })
    }

    /// Chunks of the wanted size, so that all but the last can be sent ahead of time; falls back to [`Self::for_size`] when the
    /// file is too small for two of them.
    ///
    /// # Errors
    /// As [`Self::for_size`], and [`ChunkPlanError::ChunkSize`] for a chunk outside 5,242,880 to 64,000,000 bytes.
    pub fn with_min_chunks(size_bytes: u64, chunk_size_bytes: u64) -> Result<Self, ChunkPlanError> {
        check_size(size_bytes)?;
        if !(CHUNK_MIN_BYTES..=SINGLE_CHUNK_MAX_BYTES).contains(&chunk_size_bytes) {
            return Err(ChunkPlanError::ChunkSize { chunk_size_bytes });
        }
        let chunk_count = size_bytes / chunk_size_bytes;
        if chunk_count < 2 {
            return Self::for_size(size_bytes);
        }
        Ok(Self { size_bytes, chunk_size_bytes, chunk_count })
    }

    /// At least two chunks from 15 MB on, so that only the last one remains to be sent when the post is due.
    ///
    /// # Errors
    /// As [`Self::for_size`].
    pub fn for_early_release(size_bytes: u64) -> Result<Self, ChunkPlanError> {
        match size_bytes {
            0..EARLY_RELEASE_MIN_BYTES => Self::for_size(size_bytes),
            EARLY_RELEASE_MIN_BYTES..=SINGLE_CHUNK_MAX_BYTES => Self::with_min_chunks(size_bytes, CHUNK_MIN_BYTES),
            _larger => Self::with_min_chunks(size_bytes, CHUNK_BYTES),
        }
    }

    /// Takes back a plan that was stored between init and the last chunk.
    ///
    /// # Errors
    /// [`ChunkPlanError`] naming the first rule the numbers break.
    pub fn from_parts(size_bytes: u64, chunk_size_bytes: u64, chunk_count: u64) -> Result<Self, ChunkPlanError> {
        let plan = Self { size_bytes, chunk_size_bytes, chunk_count };
        plan.check()?;
        Ok(plan)
    }

    /// Checks R1 to R6, R8 and R9 (R7 is about time).
    ///
    /// # Errors
    /// [`ChunkPlanError`] naming the first broken rule.
    pub fn check(&self) -> Result<(), ChunkPlanError> {
        check_size(self.size_bytes)?;
        let broken = |rule| {
            Err(ChunkPlanError::Rule {
                size_bytes: self.size_bytes,
                chunk_size_bytes: self.chunk_size_bytes,
                chunk_count: self.chunk_count,
                rule,
            })
        };
        if !(1..=CHUNKS_MAX).contains(&self.chunk_count) {
            return broken("R6");
        }
        if self.chunk_count == 1 {
            if self.chunk_size_bytes != self.size_bytes {
                return broken("R8");
            }
            return if self.size_bytes > SINGLE_CHUNK_MAX_BYTES { broken("R5") } else { Ok(()) };
        }
        if !(CHUNK_MIN_BYTES..=SINGLE_CHUNK_MAX_BYTES).contains(&self.chunk_size_bytes) {
            return broken("R2");
        }
        if self.size_bytes.checked_div(self.chunk_size_bytes) != Some(self.chunk_count) {
            return broken("R1");
        }
        match self.chunk(self.chunk_count.saturating_sub(1)) {
            Some(last) if last.len() <= LAST_CHUNK_MAX_BYTES => Ok(()),
            Some(_) | None => broken("R3"),
        }
    }

    /// The chunk at a position from zero; `None` past the end or when the public numbers do not form a plan.
    #[must_use]
    pub fn chunk(&self, index: u64) -> Option<Chunk> {
        if index >= self.chunk_count || self.chunk_size_bytes == 0 {
            return None;
        }
        let first = index.checked_mul(self.chunk_size_bytes)?;
        let is_final = index.checked_add(1)? == self.chunk_count;
        let end = if is_final { self.size_bytes } else { first.checked_add(self.chunk_size_bytes)? };
        if first >= end || end > self.size_bytes {
            return None;
        }
        Some(Chunk { index, first, last: end.checked_sub(1)?, total: self.size_bytes, is_final })
    }

    /// All chunks in the order in which they must be sent.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk> + use<> {
        let plan = *self;
        (0..plan.chunk_count).map_while(move |index| plan.chunk(index))
    }

    /// The chunk that starts exactly at `offset_bytes`, for going on where `status/fetch` says TikTok is; `None` off a boundary
    /// and at the end of the file.
    #[must_use]
    pub fn chunk_at_offset(&self, offset_bytes: u64) -> Option<Chunk> {
        let index = offset_bytes.checked_div(self.chunk_size_bytes)?;
        self.chunk(index).filter(|chunk| chunk.first == offset_bytes)
    }

    /// The chunk after which TikTok may publish.
    #[must_use]
    pub fn final_chunk(&self) -> Option<Chunk> {
        self.chunk(self.chunk_count.checked_sub(1)?)
    }
}

fn check_size(size_bytes: u64) -> Result<(), ChunkPlanError> {
    match size_bytes {
        0 => Err(ChunkPlanError::Empty),
        1..=VIDEO_MAX_BYTES => Ok(()),
        _larger => Err(ChunkPlanError::TooLarge { size_bytes }),
    }
}

impl Chunk {
    /// Bytes in this chunk, never zero for a chunk of a plan.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a chunk of a plan is never empty")]
    pub fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Value of the `Content-Range` header.
    #[must_use]
    pub fn content_range(&self) -> String {
        format!("bytes {}-{}/{}", self.first, self.last, self.total)
    }
}

/// Bytes of one chunk from a reader that stands at [`Chunk::first`]; reads 256 KiB at a time and never past the chunk.
pub fn chunk_body<R>(reader: R, chunk: &Chunk) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + use<R>
where
    R: AsyncRead + Send + 'static,
{
    ReaderStream::with_capacity(Box::pin(reader).take(chunk.len()), 256 * 1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::TryStreamExt as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_sizes_have_the_known_plans() {
        for (size, chunk, count, last, range) in [
            (1, 1, 1, 1, "bytes 0-0/1"),
            (4_194_304, 4_194_304, 1, 4_194_304, "bytes 0-4194303/4194304"),
            (5_000_000, 5_000_000, 1, 5_000_000, "bytes 0-4999999/5000000"),
            (64_000_000, 64_000_000, 1, 64_000_000, "bytes 0-63999999/64000000"),
            (64_000_001, 10_000_000, 6, 14_000_001, "bytes 50000000-64000000/64000001"),
            (66_259_900, 10_000_000, 6, 16_259_900, "bytes 50000000-66259899/66259900"),
            (67_108_864, 10_000_000, 6, 17_108_864, "bytes 50000000-67108863/67108864"),
            (121_000_000, 10_000_000, 12, 11_000_000, "bytes 110000000-120999999/121000000"),
            (602_285_541, 10_000_000, 60, 12_285_541, "bytes 590000000-602285540/602285541"),
            (4_294_967_296, 10_000_000, 429, 14_967_296, "bytes 4280000000-4294967295/4294967296"),
        ] {
            let plan = ChunkPlan::for_size(size).unwrap();
            assert_eq!((plan.chunk_size_bytes, plan.chunk_count), (chunk, count), "{size}");
            let final_chunk = plan.final_chunk().unwrap();
            assert_eq!(final_chunk.len(), last);
            assert_eq!(final_chunk.content_range(), range);
            assert!(final_chunk.is_final);
        }
    }

    #[test]
    fn the_official_five_chunk_example_comes_out() {
        let plan = ChunkPlan::with_min_chunks(50_000_123, 10_000_000).unwrap();
        assert_eq!(plan.chunk_count, 5);
        let last = plan.final_chunk().unwrap();
        assert_eq!(last.len(), 10_000_123);
        assert_eq!(last.content_range(), "bytes 40000000-50000122/50000123");
    }

    #[test]
    fn early_release_splits_from_fifteen_megabytes_on() {
        let count = |size| ChunkPlan::for_early_release(size).unwrap().chunk_count;
        assert_eq!(count(14_999_999), 1);
        assert_eq!(count(15_000_000), 2);
        assert_eq!(count(64_000_000), 12);
        assert_eq!(count(64_000_001), 6);
    }

    #[test]
    fn impossible_files_and_chunks_are_refused() {
        assert_eq!(ChunkPlan::for_size(0), Err(ChunkPlanError::Empty));
        assert_eq!(ChunkPlan::for_size(4_294_967_297), Err(ChunkPlanError::TooLarge { size_bytes: 4_294_967_297 }));
        assert_eq!(
            ChunkPlan::with_min_chunks(20_000_000, 1_000_000),
            Err(ChunkPlanError::ChunkSize { chunk_size_bytes: 1_000_000 })
        );
    }

    #[test]
    fn stored_numbers_are_checked_rule_by_rule() {
        let rule = |size, chunk, count| match ChunkPlan::from_parts(size, chunk, count) {
            Err(ChunkPlanError::Rule { rule, .. }) => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(rule(66_259_900, 10_000_000, 7), "R1");
        assert_eq!(rule(20_000_000, 1_000_000, 20), "R2");
        assert_eq!(rule(66_259_900, 66_259_900, 1), "R5");
        assert_eq!(rule(66_259_900, 10_000_000, 0), "R6");
        assert_eq!(rule(66_259_900, 64_000_000, 1), "R8");
        assert!(ChunkPlan::from_parts(66_259_900, 10_000_000, 6).is_ok());
    }

    #[test]
    fn going_on_is_possible_on_boundaries_only() {
        let plan = ChunkPlan::for_size(66_259_900).unwrap();
        assert_eq!(plan.chunk_at_offset(0).unwrap().index, 0);
        assert_eq!(plan.chunk_at_offset(50_000_000).unwrap().index, 5);
        assert_eq!(plan.chunk_at_offset(10_000_001), None);
        assert_eq!(plan.chunk_at_offset(60_000_000), None);
        assert_eq!(plan.chunk_at_offset(66_259_900), None);
    }

    #[tokio::test]
    async fn a_chunk_body_stops_at_the_end_of_its_chunk() {
        let chunk = Chunk { index: 0, first: 0, last: 99_999, total: 300_000, is_final: false };
        let body = chunk_body(tokio::io::repeat(7), &chunk);
        let parts: Vec<Bytes> = body.try_collect().await.unwrap();
        assert_eq!(parts.concat().len(), 100_000);
    }

    fn obeys_every_rule(plan: ChunkPlan) -> Result<(), TestCaseError> {
        prop_assert_eq!(plan.check(), Ok(()));
        let mut next = 0;
        for chunk in plan.chunks() {
            prop_assert_eq!(chunk.first, next);
            prop_assert_eq!(plan.chunk_at_offset(chunk.first), Some(chunk));
            if !chunk.is_final {
                prop_assert_eq!(chunk.len(), plan.chunk_size_bytes);
            }
            next = chunk.last + 1;
        }
        prop_assert_eq!(next, plan.size_bytes);
        prop_assert_eq!(plan.chunks().filter(|chunk| chunk.is_final).count(), 1);
        Ok(())
    }

    proptest! {
        #[test]
        fn every_size_has_a_plan_within_the_rules(size in 1..=VIDEO_MAX_BYTES) {
            obeys_every_rule(ChunkPlan::for_size(size).unwrap())?;
            obeys_every_rule(ChunkPlan::for_early_release(size).unwrap())?;
        }

        #[test]
        fn every_size_near_a_border_has_a_plan_within_the_rules(
            border in prop::sample::select(vec![
                1, CHUNK_MIN_BYTES, EARLY_RELEASE_MIN_BYTES, SINGLE_CHUNK_MAX_BYTES, 67_108_864, LAST_CHUNK_MAX_BYTES, VIDEO_MAX_BYTES,
            ]),
            off in -3_i64..=3,
        ) {
            let size = border.saturating_add_signed(off).clamp(1, VIDEO_MAX_BYTES);
            obeys_every_rule(ChunkPlan::for_size(size).unwrap())?;
            obeys_every_rule(ChunkPlan::for_early_release(size).unwrap())?;
        }

        #[test]
        fn every_wanted_chunk_size_gives_a_plan_within_the_rules(
            size in 1..=VIDEO_MAX_BYTES,
            chunk in CHUNK_MIN_BYTES..=SINGLE_CHUNK_MAX_BYTES,
        ) {
            obeys_every_rule(ChunkPlan::with_min_chunks(size, chunk).unwrap())?;
        }

        #[test]
        fn junk_numbers_never_panic(size: u64, chunk: u64, count: u64, index: u64, offset: u64) {
            let plan = ChunkPlan { size_bytes: size, chunk_size_bytes: chunk, chunk_count: count };
            let _ = plan.check();
            let _ = plan.chunk_at_offset(offset);
            if let Some(chunk) = plan.chunk(index) {
                prop_assert!(chunk.first <= chunk.last && chunk.last < size);
            }
        }
    }
}
