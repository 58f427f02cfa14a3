//! The weeks that reports are about: Monday to Sunday on the clocks of somebody's zone, named as ISO 8601 does. Owns where a week begins and when its
//! report is told of; must not read a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, ISOWeekDate, Weekday};

use crate::calendar::Day;
use crate::schedule::{Zone, resolve};
use crate::time::UnixMillis;

/// Days that a week has.
pub const DAYS: i32 = 7;
/// The hour of the Monday after it at which somebody is told of a week's report, in their zone.
pub const TOLD_HOUR: i8 = 8;

/// One week; by its Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(Day);

/// The text names no week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a week: expected YYYY-Www, for example 2026-W47, between the years 2000 and 2200")]
pub struct InvalidWeek;

impl FromStr for Week {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, InvalidWeek> {
        let (year, week) = text.split_once("-W").ok_or(InvalidWeek)?;
        let (year, week) = (year.parse().map_err(|_| InvalidWeek)?, week.parse().map_err(|_| InvalidWeek)?);
        let monday = ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| InvalidWeek)?.date();
        let week = Self(monday.to_string().parse().map_err(|_| InvalidWeek)?);
        // One name for each, so that one address is one report.
        if week.to_string() == text { Ok(week) } else { Err(InvalidWeek) }
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = self.0.date().iso_week_date();
        write!(f, "{:04}-W{:02}", it.year(), it.week())
    }
}

impl Week {
    /// The week in which an instant is.
    #[must_use]
    pub fn of(at: UnixMillis, zone: &Zone) -> Self {
        Self(Day::of(at, zone).monday())
    }

    /// The newest week that is over at an instant.
    #[must_use]
    pub fn last_over(now: UnixMillis, zone: &Zone) -> Self {
        let running = Self::of(now, zone);
        running.plus(-1).unwrap_or(running)
    }

    /// The newest week whose report was to be told of at an instant.
    #[must_use]
    pub fn last_told(now: UnixMillis, zone: &Zone) -> Self {
        let over = Self::last_over(now, zone);
        if over.told_at(zone) <= now { over } else { over.plus(-1).unwrap_or(over) }
    }

    /// Its Monday.
    #[must_use]
    pub const fn monday(self) -> Day {
        self.0
    }

    /// Its days.
    #[must_use]
    pub fn days(self) -> Vec<Day> {
        (0..DAYS).filter_map(|n| self.0.plus(n)).collect()
    }

    /// The last one of them.
    #[must_use]
    pub fn sunday(self) -> Day {
        self.0.plus(DAYS.saturating_sub(1)).unwrap_or(self.0)
    }

    /// So many weeks later (earlier when negative); `None` where the calendar ends.
    #[must_use]
    pub fn plus(self, weeks: i32) -> Option<Self> {
        let monday = self.0.plus(weeks.checked_mul(DAYS)?)?;
        monday.to_string().parse().ok().map(Self)
    }

    /// Its first moment in a zone, and the first one after it.
    #[must_use]
    pub fn period(self, zone: &Zone) -> (UnixMillis, UnixMillis) {
        (self.0.start(zone), self.sunday().end(zone))
    }

    /// Its Monday and the one after it, counted in days from 1970-01-01: numbers of TikTok are summed by days in UTC.
    #[must_use]
    pub fn day_numbers(self) -> std::ops::Range<i64> {
        let monday = self.0.date();
        let hours = monday.duration_since(civil::date(1970, 1, 1)).as_hours();
        let first = hours.div_euclid(24);
        first..first.saturating_add(i64::from(DAYS))
    }

    /// When somebody in a zone is told that its report is there.
    #[must_use]
    pub fn told_at(self, zone: &Zone) -> UnixMillis {
        let monday = self.0.plus(DAYS).unwrap_or(self.0);
        resolve(monday.at(TOLD_HOUR, 0), zone).at()
    }
}

/// How somebody is told that a week's report is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Not at all.
    Off,
    /// By a line of the news.
    News,
    /// The same, and by those of their browsers that are told things.
    Browsers,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Off, Self::News, Self::Browsers];

    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::News => "news",
            Self::Browsers => "browsers",
        }
    }

    /// What is stored under this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == word)
    }
}

/// Days for which a link to a report can hold.
pub const LINK_DAYS: [i64; 3] = [7, 30, 90];
/// Days for which a link whose time has passed is still listed.
pub const LINK_LISTED_DAYS: i64 = 30;
/// Links of a workspace that hold at once, at most.
pub const LINKS_MAX: i64 = 50;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn berlin() -> Zone {
        "Europe/Berlin".parse().unwrap()
    }

    fn at(text: &str) -> UnixMillis {
        UnixMillis::from_utc(text).unwrap()
    }

    #[test]
    fn a_week_belongs_to_the_year_of_its_thursday_and_has_one_name() {
        let week: Week = "2026-W53".parse().unwrap();
        assert_eq!((week.monday().to_string(), week.sunday().to_string()), ("2026-12-28".into(), "2027-01-03".into()));
        assert_eq!(week.plus(1).unwrap().to_string(), "2027-W01");
        for wrong in ["2027-W53", "2026-W00", "2026-W5", "2026-W005", "2026-47", "26-W47", "2026-W47-1", "", "1999-W01"]
        {
            assert_eq!(wrong.parse::<Week>(), Err(InvalidWeek), "{wrong}");
        }
    }

    #[test]
    fn a_week_is_as_long_as_the_clocks_of_its_zone_make_it() {
        let hours = |name: &str| {
            let (from, until) = name.parse::<Week>().unwrap().period(&berlin());
            until.millis_since(from) / 3_600_000
        };
        assert_eq!((hours("2026-W42"), hours("2026-W43"), hours("2026-W13")), (168, 169, 167));
    }

    #[test]
    fn its_report_is_told_of_on_the_monday_after_at_eight_in_the_zone() {
        let week: Week = "2026-W47".parse().unwrap();
        assert_eq!(week.told_at(&berlin()), at("2026-11-23T07:00:00.000Z"));
        assert_eq!(week.told_at(&"Asia/Tokyo".parse().unwrap()), at("2026-11-22T23:00:00.000Z"));
        let told = |now: &str| Week::last_told(at(now), &berlin()).to_string();
        assert_eq!(told("2026-11-23T06:59:59.999Z"), "2026-W46");
        assert_eq!(told("2026-11-23T07:00:00.000Z"), "2026-W47");
        assert_eq!(Week::last_over(at("2026-11-22T22:59:00.000Z"), &berlin()).to_string(), "2026-W46");
        assert_eq!(Week::last_over(at("2026-11-22T23:00:00.000Z"), &berlin()).to_string(), "2026-W47");
    }

    #[test]
    fn days_are_counted_as_numbers_of_tiktok_are() {
        let week: Week = "2026-W47".parse().unwrap();
        assert_eq!(week.day_numbers(), 20_773..20_780);
        assert_eq!(crate::metrics::day_number(at("2026-11-16T00:00:00.000Z")), 20_773);
    }

    proptest! {
        #[test]
        fn every_instant_is_within_its_week_and_weeks_follow_each_other(ms in 946_900_000_000_i64..7_000_000_000_000) {
            let now = UnixMillis::from_millis(ms);
            for zone in ["UTC", "Europe/Berlin", "America/Santiago", "Pacific/Apia"] {
                let zone: Zone = zone.parse().unwrap();
                let week = Week::of(now, &zone);
                let (from, until) = week.period(&zone);
                prop_assert!(from <= now && now < until);
                prop_assert_eq!(week.to_string().parse::<Week>(), Ok(week));
                prop_assert_eq!(week.plus(1).unwrap().period(&zone).0, until);
                prop_assert_eq!(week.days().len(), 7);
                prop_assert!(Week::last_told(now, &zone).told_at(&zone) <= now);
            }
        }
    }
}
