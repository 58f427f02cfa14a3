//! The declared upload plan, R1 to R9, and the ranges of the chunks that follow from it.

use crate::answer::ApiFault;

const SIZE_MAX: u64 = 4_294_967_296;
/// 5 MB in both readings, decimal and binary.
const CHUNK_MIN: u64 = 5_242_880;
/// 64 MB in the stricter reading.
const CHUNK_MAX: u64 = 64_000_000;
const COUNT_MAX: u64 = 1000;

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) size_bytes: u64,
    pub(crate) chunk_bytes: u64,
    pub(crate) count: u64,
}

fn chunk_invalid() -> ApiFault {
    ApiFault::new(400, "invalid_params", "The chunk size is invalid")
}

fn count_invalid() -> ApiFault {
    ApiFault::new(400, "invalid_params", "The total chunk count is invalid")
}

impl Plan {
    /// Checks what a client declared.
    pub(crate) fn declared(size: i64, chunk: i64, count: i64, one_chunk_identity: bool) -> Result<Self, ApiFault> {
        let size_bytes = u64::try_from(size)
            .ok()
            .filter(|size| (1..=SIZE_MAX).contains(size))
            .ok_or_else(|| ApiFault::new(400, "invalid_params", "The video size is invalid"))?;
        let chunk_bytes = u64::try_from(chunk).ok().filter(|chunk| *chunk > 0).ok_or_else(chunk_invalid)?;
        let count =
            u64::try_from(count).ok().filter(|count| (1..=COUNT_MAX).contains(count)).ok_or_else(count_invalid)?;
        let whole = chunk_bytes == size_bytes;
        if chunk_bytes > CHUNK_MAX || (chunk_bytes < CHUNK_MIN && !whole) || chunk_bytes > size_bytes {
            return Err(chunk_invalid());
        }
        if count != size_bytes / chunk_bytes {
            return Err(count_invalid());
        }
        if count == 1 && !whole && one_chunk_identity {
            return Err(chunk_invalid());
        }
        Ok(Self { size_bytes, chunk_bytes, count })
    }

    /// Length of the chunk starting at `offset`; none when no chunk starts there.
    pub(crate) fn chunk_at(self, offset: u64) -> Option<u64> {
        if offset >= self.size_bytes || !offset.is_multiple_of(self.chunk_bytes) {
            return None;
        }
        let index = offset / self.chunk_bytes;
        match index.cmp(&(self.count - 1)) {
            std::cmp::Ordering::Less => Some(self.chunk_bytes),
            std::cmp::Ordering::Equal => Some(self.size_bytes - offset),
            std::cmp::Ordering::Greater => None,
        }
    }
}

/// A parsed `Content-Range` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) total: u64,
}

impl ByteRange {
    /// `bytes <first>-<last>/<total>`, nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let parsed = Self { first: number(first)?, last: number(last)?, total: number(total)? };
        (parsed.first <= parsed.last && parsed.last < parsed.total).then_some(parsed)
    }

    pub(crate) fn length(self) -> u64 {
        self.last - self.first + 1
    }

    pub(crate) fn is_final(self) -> bool {
        self.last + 1 == self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_plans_pass_and_the_known_mistakes_do_not() {
        let plan =
            |size, chunk, count| Plan::declared(size, chunk, count, true).map_err(|fault| fault.message.into_owned());
        for (size, chunk, count) in [
            (1, 1, 1),
            (4_194_304, 4_194_304, 1),
            (50_000_123, 10_000_000, 5),
            (64_000_000, 64_000_000, 1),
            (64_000_001, 10_000_000, 6),
            (121_000_000, 10_000_000, 12),
            (4_294_967_296, 10_000_000, 429),
        ] {
            assert!(plan(size, chunk, count).is_ok(), "{size} by {chunk}");
        }
        let chunk = Err("The chunk size is invalid".to_owned());
        let count = Err("The total chunk count is invalid".to_owned());
        assert_eq!(plan(66_259_900, 10_000_000, 7), count);
        assert_eq!(plan(66_259_900, 64_000_000, 1), chunk);
        assert_eq!(plan(20_000_000, 1_000_000, 20), chunk);
        assert_eq!(plan(4_000_000, 2_000_000, 2), chunk);
        assert_eq!(plan(66_259_900, 66_259_900, 1), chunk);
        assert!(plan(4_294_967_297, 10_000_000, 429).is_err());
        assert!(Plan::declared(66_259_900, 64_000_000, 1, false).is_ok(), "before August 2026 this passed");
    }

    #[test]
    fn the_last_chunk_takes_the_rest() {
        let plan = Plan { size_bytes: 50_000_123, chunk_bytes: 10_000_000, count: 5 };
        assert_eq!(plan.chunk_at(0), Some(10_000_000));
        assert_eq!(plan.chunk_at(40_000_000), Some(10_000_123));
        assert_eq!(plan.chunk_at(50_000_000), None);
        assert_eq!(plan.chunk_at(5), None);
    }

    #[test]
    fn ranges_are_read_strictly() {
        assert_eq!(ByteRange::parse("bytes 0-9/10"), Some(ByteRange { first: 0, last: 9, total: 10 }));
        for bad in
            ["bytes 0-10/10", "bytes=0-9/10", "bytes 5-4/10", "bytes 0-9/*", "0-9/10", "bytes +0-9/10", "bytes -/", ""]
        {
            assert_eq!(ByteRange::parse(bad), None, "{bad}");
        }
    }
}
