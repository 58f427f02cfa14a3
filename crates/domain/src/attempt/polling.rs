//! When to ask TikTok again: after the last chunk, for the ids of a public post, and after failures. Pure arithmetic.

/// After how long without an end the person is told that it takes long, milliseconds.
pub const TAKING_LONG_AFTER_MS: i64 = 30 * MINUTE_MS;

/// After how long without an end nobody expects one any more, milliseconds.
pub const GIVE_UP_AFTER_MS: i64 = 72 * HOUR_MS;

/// For how long the ids of a public post are looked for, milliseconds.
pub(super) const IDS_FOR_MS: i64 = 24 * HOUR_MS;

/// The least distance between the two looks that allow sending the last chunk again, milliseconds.
pub(super) const DOUBLE_LOOK_MS: i64 = 20_000;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Seconds after the last chunk at which TikTok is asked: waits of 2, 3, 5, 8, 13, 20 and 30 seconds.
const FIRST_LOOKS_MS: [i64; 7] = [2000, 5000, 10_000, 18_000, 31_000, 51_000, 81_000];

/// How long to wait before the next status call, milliseconds, when `elapsed_ms` passed since the last chunk.
///
/// Derived from the elapsed time alone, so that a restart goes on where the schedule was.
#[must_use]
pub fn poll_delay_ms(elapsed_ms: i64) -> i64 {
    let elapsed = elapsed_ms.max(0);
    if let Some(at) = FIRST_LOOKS_MS.into_iter().find(|at| *at > elapsed) {
        return at.saturating_sub(elapsed).max(500);
    }
    if elapsed < TAKING_LONG_AFTER_MS {
        MINUTE_MS
    } else if elapsed < 24 * HOUR_MS {
        5 * MINUTE_MS
    } else {
        HOUR_MS
    }
}

/// How long to wait before asking again for the ids of a published post, milliseconds.
pub(super) const fn ids_delay_ms(elapsed_ms: i64) -> i64 {
    if elapsed_ms < 5 * MINUTE_MS {
        30 * SECOND_MS
    } else if elapsed_ms < HOUR_MS {
        5 * MINUTE_MS
    } else {
        30 * MINUTE_MS
    }
}

/// How long to wait before asking whether the creator posted a delivered draft, milliseconds.
pub(super) const fn inbox_delay_ms(elapsed_ms: i64) -> i64 {
    if elapsed_ms < HOUR_MS { 5 * MINUTE_MS } else { HOUR_MS }
}

/// How long to wait after the `tries`-th failure in a row, milliseconds: doubling from 2 s to 5 min, spread by
/// `jitter` (0 to 999) over the upper half.
#[must_use]
pub fn backoff_ms(tries: u32, jitter: u32) -> i64 {
    let doublings = tries.saturating_sub(1).min(8);
    let full = (2 * SECOND_MS).saturating_mul(1_i64.checked_shl(doublings).unwrap_or(256)).min(5 * MINUTE_MS);
    spread(full, jitter)
}

/// The wait after TikTok said "too many requests", milliseconds: 60 s and up to half as much again.
pub(super) fn rate_limit_ms(jitter: u32) -> i64 {
    MINUTE_MS.saturating_add(i64::from(jitter.min(999)).saturating_mul(30))
}

fn spread(full: i64, jitter: u32) -> i64 {
    let half = full / 2;
    half.saturating_add(half.saturating_mul(i64::from(jitter.min(999))) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_looks_wait_2_3_5_8_13_20_30_seconds_and_then_a_minute() {
        let mut elapsed = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let wait = poll_delay_ms(elapsed);
            waits.push(wait / 1000);
            elapsed += wait;
        }
        assert_eq!(waits, [2, 3, 5, 8, 13, 20, 30, 60, 60]);
    }

    #[test]
    fn polling_slows_down_after_half_an_hour_and_after_a_day() {
        assert_eq!(poll_delay_ms(29 * MINUTE_MS), MINUTE_MS);
        assert_eq!(poll_delay_ms(31 * MINUTE_MS), 5 * MINUTE_MS);
        assert_eq!(poll_delay_ms(25 * HOUR_MS), HOUR_MS);
    }

    #[test]
    fn failures_wait_longer_each_time_but_never_beyond_five_minutes() {
        let waits: Vec<i64> = (1..=12).map(|tries| backoff_ms(tries, 999)).collect();
        assert!(waits.is_sorted(), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 5 * MINUTE_MS));
        assert!(backoff_ms(1, 0) >= SECOND_MS);
    }
}
