//! The days and hours of a wall calendar in somebody's zone. Owns where a day begins and ends, and which hours a clock change takes
//! away or gives twice; must not read a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

use crate::schedule::{LocalTime, YEARS, Zone, day_start, to_local};
use crate::time::UnixMillis;

/// Days that a week has.
const WEEK: i32 = 7;
/// Days that the list of what comes shows.
const AGENDA_DAYS: i32 = 14;
/// Every jump of a clock since 2000 was a multiple of it, and so is every distance from UTC. Milliseconds.
const QUARTER_MS: i64 = 900_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A day on the wall, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

/// The text is no day that a calendar shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day: expected YYYY-MM-DD between the years 2000 and 2200")]
pub struct InvalidDay;

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let date: civil::Date = text.parse().map_err(|_| InvalidDay)?;
        // The parser takes more forms than one.
        if date.to_string() == text { Self(date).shown().ok_or(InvalidDay) } else { Err(InvalidDay) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Day {
    /// The day that clocks in a zone show at an instant.
    #[must_use]
    pub fn of(at: UnixMillis, zone: &Zone) -> Self {
        Self(to_local(at, zone).date())
    }

    /// The day itself, for words.
    #[must_use]
    pub const fn date(self) -> civil::Date {
        self.0
    }

    /// Day of the month.
    #[must_use]
    pub fn number(self) -> i8 {
        self.0.day()
    }

    /// Month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// A time on this day.
    #[must_use]
    pub fn at(self, hour: i8, minute: i8) -> LocalTime {
        LocalTime::on(self.0, hour, minute)
    }

    /// So many days later (earlier when negative); `None` where the calendar ends.
    #[must_use]
    pub fn plus(self, days: i32) -> Option<Self> {
        self.0.checked_add(jiff::Span::new().days(days)).ok().map(Self)
    }

    /// Its first moment in a zone; where the clock skips midnight, the first one after it.
    #[must_use]
    pub fn start(self, zone: &Zone) -> UnixMillis {
        day_start(self.0, zone)
    }

    /// The first moment of the next day in a zone.
    #[must_use]
    pub fn end(self, zone: &Zone) -> UnixMillis {
        self.plus(1).map_or_else(|| self.start(zone).plus_millis(DAY_MS), |next| next.start(zone))
    }

    /// How much longer than a day it is in a zone, milliseconds: positive where the clock goes back, negative where it goes forward.
    #[must_use]
    pub fn jump_ms(self, zone: &Zone) -> i64 {
        self.end(zone).millis_since(self.start(zone)).saturating_sub(DAY_MS)
    }

    /// The Monday of its week.
    #[must_use]
    pub fn monday(self) -> Self {
        let back = i32::from(self.weekday()).saturating_sub(1);
        self.plus(back.saturating_neg()).unwrap_or(self)
    }

    fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    fn plus_months(self, months: i32) -> Option<Self> {
        self.first_of_month().0.checked_add(jiff::Span::new().months(months)).ok().map(Self)
    }

    fn shown(self) -> Option<Self> {
        YEARS.contains(&self.0.year()).then_some(self)
    }
}

/// How much of the calendar is seen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Whole weeks around a month.
    Month,
    /// Monday to Sunday.
    Week,
    /// One day.
    Day,
    /// What comes within two weeks, as a list.
    Agenda,
}

impl Span {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 4] = [Self::Month, Self::Week, Self::Day, Self::Agenda];

    /// The word in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Agenda => "agenda",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.as_str() == text)
    }

    /// The days that are seen around `day`, in order.
    #[must_use]
    pub fn days(self, day: Day) -> Vec<Day> {
        let (first, count) = match self {
            Self::Month => {
                let (start, next) = (day.first_of_month().monday(), day.plus_months(1));
                let last = next.and_then(|next| next.plus(-1)).unwrap_or(day);
                let weeks = last.0.duration_since(start.0).as_hours() / 24 / i64::from(WEEK);
                (start, i32::try_from(weeks).unwrap_or(5).saturating_add(1).saturating_mul(WEEK))
            }
            Self::Week => (day.monday(), WEEK),
            Self::Day => (day, 1),
            Self::Agenda => (day, AGENDA_DAYS),
        };
        (0..count).filter_map(|n| first.plus(n)).collect()
    }

    /// The day around which the next page is seen, or the one before; `None` where the calendar ends.
    #[must_use]
    pub fn turned(self, day: Day, forward: bool) -> Option<Day> {
        let sign = if forward { 1 } else { -1 };
        match self {
            Self::Month => day.plus_months(sign),
            Self::Week => day.plus(WEEK.saturating_mul(sign)),
            Self::Day => day.plus(sign),
            Self::Agenda => day.plus(AGENDA_DAYS.saturating_mul(sign)),
        }
        .and_then(Day::shown)
    }
}

/// What a clock change does to an hour of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The clock skips it: nothing can happen then.
    Skipped,
    /// Only a part of it exists.
    Shortened,
    /// The clock shows it for the second time.
    Again,
}

/// A stretch of a day within which clocks show the same hour and keep their distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// The hour on the clock.
    pub hour: i8,
    /// What the clock shows at its beginning.
    pub local: LocalTime,
    /// Its first moment.
    pub from: UnixMillis,
    /// The moment after its last one; the same as `from` where it is skipped.
    pub until: UnixMillis,
    /// What happened to it.
    pub change: Change,
}

/// The hours of a day in a zone, in the order of time; those that the clock skips stand where they would be.
#[must_use]
pub fn hours(day: Day, zone: &Zone) -> Vec<Hour> {
    let mut shown: Vec<(Hour, i32)> = Vec::new();
    let (mut at, end) = (day.start(zone), day.end(zone));
    while at < end {
        let (local, offset, next) = (to_local(at, zone), zone.offset_s(at), at.plus_millis(QUARTER_MS));
        match shown.last_mut() {
            Some((last, same)) if last.hour == local.hour() && *same == offset => last.until = next,
            Some(_) | None => {
                let hour = Hour { hour: local.hour(), local, from: at, until: next, change: Change::None };
                shown.push((hour, offset));
            }
        }
        at = next;
    }
    let mut all: Vec<Hour> = Vec::with_capacity(25);
    for (mut hour, _) in shown {
        hour.change = if all.iter().any(|before| before.hour == hour.hour) {
            Change::Again
        } else if hour.until.millis_since(hour.from) < HOUR_MS {
            Change::Shortened
        } else {
            Change::None
        };
        let expected = all.last().map_or(0, |last| last.hour.saturating_add(1));
        all.extend((expected..hour.hour).map(|missing| skipped(day, missing, hour.from)));
        all.push(hour);
    }
    let expected = all.last().map_or(0, |last| last.hour.saturating_add(1));
    all.extend((expected..24).map(|missing| skipped(day, missing, end)));
    all
}

fn skipped(day: Day, hour: i8, at: UnixMillis) -> Hour {
    Hour { hour, local: day.at(hour, 0), from: at, until: at, change: Change::Skipped }
}

#[cfg(test)]
mod tests;
