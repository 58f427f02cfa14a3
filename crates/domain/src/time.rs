//! Instants and durations as the databases store them. Owns conversions; must not read a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(i64);

/// Largest distance from the epoch that is accepted (about year 9999), so that arithmetic cannot overflow.
const LIMIT_MS: i64 = 253_402_300_799_000;

impl UnixMillis {
    /// An instant from epoch milliseconds, clamped to years 0 to 9999.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        if ms > LIMIT_MS {
            Self(LIMIT_MS)
        } else if ms < -LIMIT_MS {
            Self(-LIMIT_MS)
        } else {
            Self(ms)
        }
    }

    /// An instant from epoch seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Epoch milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Epoch seconds, rounded towards the past.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `ms` milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self::from_millis(self.0.saturating_add(ms))
    }

    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// The same time of day so many months of the calendar later (earlier when negative); the last day of a month that is shorter.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let moved = self.utc().checked_add(jiff::Span::new().months(months));
        let moved = moved.ok().and_then(|at| jiff::tz::Offset::UTC.to_timestamp(at).ok());
        moved.map_or(self, |at| Self::from_millis(at.as_millisecond()))
    }

    /// The day of the calendar in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(self.utc().date())
    }

    /// The instant in words that every program reads, as `2026-11-26T14:40:00.123Z`.
    #[must_use]
    pub fn in_utc(self) -> String {
        let at = self.utc();
        format!("{}T{:02}:{:02}:{:02}.{:03}Z", at.date(), at.hour(), at.minute(), at.second(), at.millisecond())
    }

    /// Reads what [`UnixMillis::in_utc`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`InstantError`] for any other text.
    pub fn from_utc(text: &str) -> Result<Self, InstantError> {
        let at: jiff::Timestamp = text.parse().map_err(|_| InstantError)?;
        let at = Self::from_millis(at.as_millisecond());
        if at.in_utc() == text { Ok(at) } else { Err(InstantError) }
    }

    fn utc(self) -> civil::DateTime {
        // The calendar ends a day before the limit, so that every zone has a date for its last instant.
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        jiff::tz::Offset::UTC.to_datetime(at)
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an instant of the form YYYY-MM-DDTHH:MM:SS.mmmZ")]
pub struct InstantError;

/// A day of the calendar in UTC, as `2026-11-26`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Days from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.start().millis_since(earlier.start()).div_euclid(DAY_MS)
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> UnixMillis {
        let midnight = jiff::tz::Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        UnixMillis::from_millis(midnight.map_or(0, jiff::Timestamp::as_millisecond))
    }

    /// The first moment of the day after it.
    #[must_use]
    pub fn end(self) -> UnixMillis {
        self.start().plus_millis(DAY_MS)
    }
}

const DAY_MS: i64 = 86_400_000;

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the form YYYY-MM-DD")]
pub struct DateError;

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let date: civil::Date = text.parse().map_err(|_| DateError)?;
        // The parser takes more forms than one.
        if date.to_string() == text { Ok(Self(date)) } else { Err(DateError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_of_a_shorter_month() {
        let later =
            |day: &str, months| day.parse::<Date>().map(|day| day.start().plus_months(months).date().to_string());
        assert_eq!(later("2026-11-26", 1).as_deref(), Ok("2026-12-26"));
        assert_eq!(later("2027-01-31", 1).as_deref(), Ok("2027-02-28"));
        assert_eq!(later("2026-11-26", -24).as_deref(), Ok("2024-11-26"));
    }

    #[test]
    fn a_day_begins_at_midnight_and_ends_with_the_next_one() {
        let noon = UnixMillis::from_seconds(1_795_510_800);
        assert_eq!(noon.in_utc(), "2026-11-24T09:00:00.000Z");
        assert_eq!(UnixMillis::from_utc("2026-11-24T09:00:00.000Z"), Ok(noon));
        for wrong in ["2026-11-24T09:00:00Z", "2026-11-24T10:00:00.000+01:00", "2026-11-24", ""] {
            assert_eq!(UnixMillis::from_utc(wrong), Err(InstantError), "{wrong}");
        }
        let day = noon.date();
        assert_eq!(day.to_string(), "2026-11-24");
        assert_eq!(day.start().in_utc(), "2026-11-24T00:00:00.000Z");
        assert_eq!(day.end().date().days_since(day), 1);
        assert_eq!("2026-11-24".parse(), Ok(day));
        for wrong in ["2026-11-31", "20261124", "2026-11-24T00:00", ""] {
            assert_eq!(wrong.parse::<Date>(), Err(DateError), "{wrong}");
        }
        assert_eq!(UnixMillis::from_millis(i64::MAX).date().to_string(), "9999-12-30");
        assert_eq!(UnixMillis::from_millis(-1).in_utc(), "1969-12-31T23:59:59.999Z");
    }
}
