//! When the work on a post begins: ahead of time for files with a held last chunk, and how late is too late. Pure.

use crate::time::UnixMillis;

/// Files from this size are cut into two or more chunks, so that only the last one waits for the due time. Bytes.
pub const EARLY_MIN_BYTES: u64 = 15_000_000;

/// The work never begins earlier than this before the due time: the upload URL lives one hour. Milliseconds.
pub const EARLIEST_LEAD_MS: i64 = 50 * 60_000;

/// A file of one chunk is made ready this long before: TikTok's task is asked for, and the chunk waits. Milliseconds.
pub const READY_LEAD_MS: i64 = 30_000;

/// Assumed upload speed until one was measured, bytes per second.
pub const ASSUMED_RATE: u64 = 2_000_000;

/// Added to twice the transfer, milliseconds.
const SPARE_MS: i64 = 120_000;

/// How long `bytes` take at `rate` bytes per second, or at an assumed cautious rate, milliseconds.
#[must_use]
pub fn estimated_transfer_ms(bytes: u64, rate: Option<u64>) -> i64 {
    let rate = rate.filter(|rate| *rate > 0).unwrap_or(ASSUMED_RATE);
    let ms = bytes.saturating_mul(1000).checked_div(rate).unwrap_or(u64::MAX);
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// As [`estimated_transfer_ms`], half as long again: what has to be left of an upload address's hour, milliseconds.
#[must_use]
pub fn careful_transfer_ms(bytes: u64, rate: Option<u64>) -> i64 {
    estimated_transfer_ms(bytes, rate).saturating_mul(3) / 2
}

/// When the first attempt of a post begins: at the due time, or with `early` as much before it as the preparations need, so that only
/// the last chunk is left to send: `min(50 min, 2 x transfer + 2 min)` when the file is large enough to be cut, else half a minute.
/// Where nothing is sent (photos: TikTok fetches them, `size_bytes` is 0) it begins at the due time.
#[must_use]
pub fn start_at(due_at: UnixMillis, size_bytes: u64, early: bool, rate: Option<u64>) -> UnixMillis {
    if !early || size_bytes == 0 {
        return due_at;
    }
    if size_bytes < EARLY_MIN_BYTES {
        return due_at.plus_millis(READY_LEAD_MS.saturating_neg());
    }
    let lead = estimated_transfer_ms(size_bytes, rate).saturating_mul(2).saturating_add(SPARE_MS).min(EARLIEST_LEAD_MS);
    due_at.plus_millis(lead.saturating_neg())
}

/// Whether a post may still start by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lateness {
    /// It may.
    InTime,
    /// A person is asked first.
    TooLate,
}

/// Judges how late a post is; `hold_after_ms` of `None` publishes always.
#[must_use]
pub fn lateness(released_at: UnixMillis, now: UnixMillis, hold_after_ms: Option<i64>) -> Lateness {
    match hold_after_ms {
        Some(limit) if now.millis_since(released_at) > limit => Lateness::TooLate,
        Some(_) | None => Lateness::InTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);

    #[test]
    fn a_small_file_is_made_ready_shortly_before_its_due_time_and_a_large_one_sent_ahead_of_it() {
        assert_eq!(start_at(DUE, 14_999_999, true, None), DUE.plus_seconds(-30));
        assert_eq!(start_at(DUE, 14_999_999, false, None), DUE);
        assert_eq!(start_at(DUE, 0, true, None), DUE);
        assert_eq!(start_at(DUE, 20_000_000, false, None), DUE);
        // 20 MB at 2 MB/s: 2 x 10 s + 2 min
        assert_eq!(start_at(DUE, 20_000_000, true, None), DUE.plus_seconds(-140));
        assert_eq!(start_at(DUE, 4_000_000_000, true, None), DUE.plus_seconds(-3000));
        assert_eq!(start_at(DUE, 4_000_000_000, true, Some(0)), DUE.plus_seconds(-3000));
    }

    #[test]
    fn a_post_is_held_only_beyond_the_limit() {
        assert_eq!(lateness(DUE, DUE.plus_seconds(900), Some(900_000)), Lateness::InTime);
        assert_eq!(lateness(DUE, DUE.plus_seconds(901), Some(900_000)), Lateness::TooLate);
        assert_eq!(lateness(DUE, DUE.plus_seconds(86_400), None), Lateness::InTime);
    }
}
