//! Virtual time. Everything the simulator expires, counts or delays reads this clock and no other.
//! It must not sleep on behalf of callers except in `sleep_until`, which wakes when the clock is moved.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// How the clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockMode {
    /// The machine's time plus the offset moved so far.
    #[default]
    Running,
    /// Stands still until moved: for tests.
    Frozen {
        /// Where it stands at first, milliseconds since 1970 UTC.
        at_ms: i64,
    },
    /// Follows the timer of the async runtime, which a simulation pauses and moves.
    Runtime {
        /// Where it stands when the simulator is built, milliseconds since 1970 UTC.
        at_ms: i64,
    },
}

/// A clock that can be moved forward. Clones share one time.
#[derive(Debug, Clone)]
pub struct SimClock {
    mode: ClockMode,
    started: tokio::time::Instant,
    offset_ms: Arc<watch::Sender<i64>>,
}

impl SimClock {
    /// A clock in the given mode, not yet moved.
    #[must_use]
    pub fn new(mode: ClockMode) -> Self {
        Self { mode, started: tokio::time::Instant::now(), offset_ms: Arc::new(watch::Sender::new(0)) }
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this clock is the one that reads the machine's time")]
    pub fn now_ms(&self) -> i64 {
        let offset = *self.offset_ms.borrow();
        let base = match self.mode {
            ClockMode::Frozen { at_ms } => at_ms,
            ClockMode::Runtime { at_ms } => {
                at_ms.saturating_add(i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
            }
            ClockMode::Running => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|since| i64::try_from(since.as_millis()).ok())
                .unwrap_or(0),
        };
        base.saturating_add(offset)
    }

    /// Moves the clock by `ms` (negative moves back) and wakes everybody waiting on it.
    pub fn advance(&self, ms: i64) {
        self.offset_ms.send_modify(|offset| *offset = offset.saturating_add(ms));
    }

    /// Reports every move of the clock: the value is the offset in milliseconds.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.offset_ms.subscribe()
    }

    /// Waits until the clock reaches `due_ms`, whether by waiting or by being moved.
    pub async fn sleep_until(&self, due_ms: i64) {
        let mut moved = self.subscribe();
        loop {
            moved.borrow_and_update();
            let left = due_ms.saturating_sub(self.now_ms());
            let Ok(left) = u64::try_from(left) else { return };
            if left == 0 {
                return;
            }
            let changed = match self.mode {
                ClockMode::Frozen { .. } => moved.changed().await,
                ClockMode::Running | ClockMode::Runtime { .. } => tokio::select! {
                    changed = moved.changed() => changed,
                    () = tokio::time::sleep(Duration::from_millis(left)) => Ok(()),
                },
            };
            if changed.is_err() {
                return;
            }
        }
    }
}

/// A calendar instant in UTC, enough for `log_id` and the `Date` header.
pub(crate) struct UtcInstant {
    year: i64,
    month: i64,
    day: i64,
    weekday: usize,
    hour: i64,
    minute: i64,
    second: i64,
}

impl UtcInstant {
    /// Splits Unix milliseconds into a civil date (proleptic Gregorian, days counted from 0000-03-01).
    pub(crate) fn from_ms(ms: i64) -> Self {
        let seconds = ms.div_euclid(1000);
        let days = seconds.div_euclid(86_400);
        let second_of_day = seconds.rem_euclid(86_400);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }

    /// `YYYYMMDDHHMMSS`, the beginning of a log id.
    pub(crate) fn compact(&self) -> String {
        format!("{:04}{:02}{:02}{:02}{:02}{:02}", self.year, self.month, self.day, self.hour, self.minute, self.second)
    }

    /// The form of the HTTP `Date` header.
    pub(crate) fn http_date(&self) -> String {
        const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let weekday = DAYS.get(self.weekday).copied().unwrap_or("Thu");
        let month = usize::try_from(self.month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("Jan");
        format!(
            "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
            self.day, self.year, self.hour, self.minute, self.second
        )
    }

    /// The form the console shows.
    pub(crate) fn readable(&self) -> String {
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_dates_are_right() {
        // 2026-11-23 12:00:00 UTC was a Monday.
        let instant = UtcInstant::from_ms(1_795_435_200_000);
        assert_eq!(instant.compact(), "20261123120000");
        assert_eq!(instant.http_date(), "Mon, 23 Nov 2026 12:00:00 GMT");
        assert_eq!(UtcInstant::from_ms(951_782_399_000).http_date(), "Mon, 28 Feb 2000 23:59:59 GMT");
        assert_eq!(UtcInstant::from_ms(951_782_400_000).http_date(), "Tue, 29 Feb 2000 00:00:00 GMT");
    }

    #[tokio::test]
    async fn a_frozen_clock_wakes_a_sleeper_when_moved() {
        let clock = SimClock::new(ClockMode::Frozen { at_ms: 1000 });
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(5000).await }
        });
        clock.advance(3999);
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished(), "one millisecond is missing");
        clock.advance(1);
        assert!(sleeper.await.is_ok());
    }
}
