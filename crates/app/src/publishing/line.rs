//! How fast the line to TikTok was lately. Owns one number in memory: what uploads are planned and judged by. Must not count what a
//! sender waited for its turn under the operator's limit: that is no fault of the line.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::attempt::ASSUMED_RATE;

/// Uploads that take less say nothing about a line.
const TELLING: Duration = Duration::from_millis(20);

/// The speed seen lately, bytes per second, smoothed over a few uploads; 0 before any was seen.
#[derive(Debug, Default)]
pub(super) struct Line(AtomicU64);

impl Line {
    /// Bytes per second to count on under this limit; `None` while nothing is known. Before anything was seen it is the limit, where
    /// that is less than what is assumed without it.
    pub(super) fn rate(&self, limit: Option<u64>) -> Option<u64> {
        let seen = Some(self.0.load(Ordering::Relaxed)).filter(|rate| *rate > 0);
        seen.or(limit.filter(|limit| *limit < ASSUMED_RATE)).map(|rate| limit.map_or(rate, |limit| rate.min(limit)))
    }

    /// Takes note of one upload that took so long, `waited` of it for its turn. One that mostly waited says nothing: what the system
    /// takes at once while nothing leaves looks like a line without end.
    pub(super) fn uploaded(&self, bytes: u64, took: Duration, waited: Duration) {
        if took < TELLING || waited > took / 2 {
            return;
        }
        let ms = u64::try_from(took.saturating_sub(waited).as_millis()).unwrap_or(u64::MAX).max(1);
        let seen = bytes.saturating_mul(1000).checked_div(ms).unwrap_or(0).max(1);
        let before = self.0.load(Ordering::Relaxed);
        let smooth = if before == 0 { seen } else { (before.saturating_mul(3).saturating_add(seen)) / 4 };
        self.0.store(smooth, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_that_share_a_low_limit_are_not_taken_for_files_on_a_slow_line() {
        // Eight files share 1 MB/s: each 10 MB take 80 s, of which 78 are waiting; and now and then one goes almost alone.
        let (line, limit) = (Line::default(), Some(1_000_000));
        for _ in 0..8 {
            line.uploaded(10_000_000, Duration::from_secs(80), Duration::from_secs(78));
        }
        assert_eq!(line.rate(limit), limit, "nothing was learnt, and the limit is less than what is assumed");
        line.uploaded(10_000_000, Duration::from_secs(10), Duration::from_secs(4));
        assert_eq!(line.rate(limit), limit, "what fits into an address's hour is judged by the whole limit");
        // Without waiting the line itself is that slow.
        let slow = Line::default();
        slow.uploaded(10_000_000, Duration::from_secs(80), Duration::from_millis(3));
        assert!(slow.rate(limit).unwrap().abs_diff(125_000) < 100);
    }

    #[test]
    fn what_is_unknown_is_the_limit_or_nothing_and_short_uploads_say_nothing() {
        let line = Line::default();
        line.uploaded(1_000, Duration::from_millis(19), Duration::ZERO);
        assert_eq!(line.rate(None), None);
        assert_eq!(line.rate(Some(50_000_000)), None);
        assert_eq!(line.rate(Some(50_000)), Some(50_000));
        line.uploaded(1_000_000, Duration::from_secs(1), Duration::ZERO);
        line.uploaded(5_000_000, Duration::from_secs(1), Duration::ZERO);
        assert_eq!(line.rate(None), Some(2_000_000));
    }
}
