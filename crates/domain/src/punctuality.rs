//! How close to their times posts were out. Owns the arithmetic; whose posts and when is the caller's.

/// Up to so many milliseconds after its time a post is on time.
pub const ON_TIME_MS: i64 = 60_000;

/// How close to their times some posts were out. Milliseconds; percentiles are the smallest value that so many of the posts do not exceed
/// (nearest rank), so each of them is one that was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Punctuality {
    /// Posts measured.
    pub posts: usize,
    /// Those at most [`ON_TIME_MS`] after their time.
    pub on_time: usize,
    /// Half of them were not later.
    pub p50_ms: i64,
    /// 95 of a hundred were not later.
    pub p95_ms: i64,
    /// 99 of a hundred were not later.
    pub p99_ms: i64,
    /// The latest one.
    pub worst_ms: i64,
}

impl Punctuality {
    /// Of so many milliseconds after the planned times; what was out before its time by a clock that differs counts as zero. `None` for nothing
    /// measured: that is no punctuality, and not a perfect one.
    #[must_use]
    pub fn of(late_ms: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut all: Vec<i64> = late_ms.into_iter().map(|ms| ms.max(0)).collect();
        all.sort_unstable();
        let rank = |percent: usize| {
            let place = all.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
            all.get(place).copied()
        };
        Some(Self {
            posts: all.len(),
            on_time: all.partition_point(|ms| *ms <= ON_TIME_MS),
            p50_ms: rank(50)?,
            p95_ms: rank(95)?,
            p99_ms: rank(99)?,
            worst_ms: rank(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_measured_is_no_punctuality() {
        assert_eq!(Punctuality::of([]), None);
    }

    #[test]
    fn each_percentile_is_a_measured_value() {
        let all = Punctuality::of((1..=200).map(|n| n * 1_000)).unwrap();
        assert_eq!((all.posts, all.on_time), (200, 60));
        assert_eq!((all.p50_ms, all.p95_ms, all.p99_ms, all.worst_ms), (100_000, 190_000, 198_000, 200_000));
        let one = Punctuality::of([-700]).unwrap();
        assert_eq!((one.on_time, one.p50_ms, one.worst_ms), (1, 0, 0));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_percentiles_never_fall(mut late in proptest::collection::vec(-5_000_i64..10_000_000, 1..300)) {
            let one = Punctuality::of(late.iter().copied()).unwrap();
            late.reverse();
            prop_assert_eq!(Punctuality::of(late.iter().copied()), Some(one));
            prop_assert!(one.p50_ms <= one.p95_ms && one.p95_ms <= one.p99_ms && one.p99_ms <= one.worst_ms);
            prop_assert!(late.iter().any(|ms| (*ms).max(0) == one.p99_ms) && one.on_time <= one.posts);
        }
    }
}
