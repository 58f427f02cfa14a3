//! The rhythm of an account: the times of a week at which its posts like to go out and how close together they may be. Owns which
//! instants these are in a zone, which of them are free, and how posts are spread. Pure; must not read a clock.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::calendar::Day;
use crate::post::Delivery;
use crate::rules::DIRECT_POSTS_24H_TYPICAL;
use crate::schedule::{Resolved, Zone, resolve};
use crate::time::UnixMillis;
use crate::timetable::{CAP_WINDOW_MS, PENDING_DRAFTS_24H, fullest};

/// Slots that a week may have.
pub const SLOTS_MAX: usize = 168;
/// Largest smallest distance between posts, minutes: a day.
pub const GAP_MAX_MINUTES: u32 = 1_440;

const MINUTE_MS: i64 = 60_000;
const MINUTES_OF_DAY: u16 = 1_440;
const MINUTES_OF_WEEK: u16 = 10_080;
/// Posts are looked for around a free slot; a week without slots is looked through once.
const DAYS_MAX: usize = 366;

/// A time of the week on the wall, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u16);

/// The text is no slot, or there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a week of slots: expected at most 168 of the form D-HH:MM, days from 1 (Monday) to 7")]
pub struct InvalidWeek;

impl Slot {
    /// A time of a day, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn new(weekday: i8, hour: i8, minute: i8) -> Option<Self> {
        let fits = (1..=7).contains(&weekday) && (0..24).contains(&hour) && (0..60).contains(&minute);
        let (day, hour, minute) =
            (u16::try_from(weekday).ok()?, u16::try_from(hour).ok()?, u16::try_from(minute).ok()?);
        let of_day = hour.saturating_mul(60).saturating_add(minute);
        fits.then(|| Self(day.saturating_sub(1).saturating_mul(MINUTES_OF_DAY).saturating_add(of_day)))
    }

    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn weekday(self) -> i8 {
        i8::try_from(self.0 / MINUTES_OF_DAY).unwrap_or(0).saturating_add(1)
    }

    /// Hour, 0 to 23.
    #[must_use]
    pub fn hour(self) -> i8 {
        i8::try_from(self.0 % MINUTES_OF_DAY / 60).unwrap_or(0)
    }

    /// Minute, 0 to 59.
    #[must_use]
    pub fn minute(self) -> i8 {
        i8::try_from(self.0 % 60).unwrap_or(0)
    }

    /// The time of the day, as `18:30`.
    #[must_use]
    pub fn clock(self) -> String {
        format!("{:02}:{:02}", self.hour(), self.minute())
    }

    /// The same time on another day, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn on(self, weekday: i8) -> Option<Self> {
        Self::new(weekday, self.hour(), self.minute())
    }

    /// So many minutes later (earlier when negative), around the end of the week.
    #[must_use]
    pub fn plus_minutes(self, minutes: i32) -> Self {
        let moved = i32::from(self.0).saturating_add(minutes).rem_euclid(i32::from(MINUTES_OF_WEEK));
        Self(u16::try_from(moved).unwrap_or(self.0))
    }

    /// When clocks in a zone show it on a day. Where the clock skips it, the next instant that there is; where it comes twice, the first.
    #[must_use]
    pub fn instant(self, day: Day, zone: &Zone) -> UnixMillis {
        match resolve(day.at(self.hour(), self.minute()), zone) {
            Resolved::Plain { at } => at,
            Resolved::Overlap { first, .. } => first,
            Resolved::Gap { at, .. } => {
                // The clock jumped at most the length of the gap before: back to the first minute after the jump.
                let after = zone.offset_s(at);
                (0..i64::from(MINUTES_OF_DAY))
                    .map(|minutes| at.plus_millis(minutes.saturating_mul(MINUTE_MS).saturating_neg()))
                    .take_while(|earlier| zone.offset_s(*earlier) == after)
                    .last()
                    .unwrap_or(at)
            }
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.weekday(), self.clock())
    }
}

impl FromStr for Slot {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, InvalidWeek> {
        let (day, clock) = text.split_once('-').ok_or(InvalidWeek)?;
        let (hour, minute) = clock.split_once(':').ok_or(InvalidWeek)?;
        let number = |text: &str| text.parse::<i8>().map_err(|_| InvalidWeek);
        let slot = Self::new(number(day)?, number(hour)?, number(minute)?).ok_or(InvalidWeek)?;
        // The parser of numbers takes more forms than one.
        if slot.to_string() == text { Ok(slot) } else { Err(InvalidWeek) }
    }
}

/// The slots of a week, in order and each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Week(BTreeSet<Slot>);

impl Week {
    /// These slots.
    ///
    /// # Errors
    /// [`InvalidWeek`] for more than [`SLOTS_MAX`].
    pub fn of(slots: impl IntoIterator<Item = Slot>) -> Result<Self, InvalidWeek> {
        let slots: BTreeSet<Slot> = slots.into_iter().collect();
        if slots.len() > SLOTS_MAX { Err(InvalidWeek) } else { Ok(Self(slots)) }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The slots from Monday on.
    pub fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        self.0.iter().copied()
    }

    /// Those of one day, 1 (Monday) to 7 (Sunday).
    pub fn of_day(&self, weekday: i8) -> impl Iterator<Item = Slot> + '_ {
        self.iter().filter(move |slot| slot.weekday() == weekday)
    }

    /// Their instants on a day of the calendar, in order and each once.
    #[must_use]
    pub fn on(&self, day: Day, zone: &Zone) -> Vec<UnixMillis> {
        let instants: BTreeSet<UnixMillis> = self.of_day(day.weekday()).map(|slot| slot.instant(day, zone)).collect();
        instants.into_iter().collect()
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, slot) in self.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            slot.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Week {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, InvalidWeek> {
        let slots: Vec<Slot> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        Self::of(slots)
    }
}

/// A post that has its time already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// When.
    pub at: UnixMillis,
    /// Against which cap it counts.
    pub delivery: Delivery,
}

/// The nearest of these times that is closer than the gap; `None` when there is none, or no gap.
#[must_use]
pub fn too_close(gap_minutes: u32, at: UnixMillis, others: impl IntoIterator<Item = UnixMillis>) -> Option<UnixMillis> {
    let gap_ms = i64::from(gap_minutes).saturating_mul(MINUTE_MS);
    let distance = |other: &UnixMillis| at.millis_since(*other).saturating_abs();
    others.into_iter().filter(|other| distance(other) < gap_ms).min_by_key(distance)
}

/// Where the next posts of an account may stand.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The slots.
    pub week: &'a Week,
    /// Whose clocks show them.
    pub zone: &'a Zone,
    /// Smallest distance between posts, minutes.
    pub gap_minutes: u32,
    /// What is to be posted.
    pub delivery: Delivery,
    /// Only slots after this instant.
    pub after: UnixMillis,
    /// Only slots before this instant.
    pub until: UnixMillis,
}

/// The first free slots, at most `count`, each free beside the ones before it. `taken` has the posts from a day before the search to a
/// day after it. A slot is free when no post stands in it or closer than the gap, and TikTok's rolling day is not full with it.
#[must_use]
pub fn free(search: &Search<'_>, taken: &[Taken], count: usize) -> Vec<UnixMillis> {
    let mut all: Vec<UnixMillis> = taken.iter().map(|it| it.at).collect();
    let mut counted: Vec<UnixMillis> =
        taken.iter().filter(|it| it.delivery == search.delivery).map(|it| it.at).collect();
    counted.sort_unstable();
    let mut found = Vec::new();
    let mut day = Some(Day::of(search.after, search.zone));
    for _ in 0..DAYS_MAX {
        let Some(today) = day.filter(|day| !search.week.is_empty() && day.start(search.zone) < search.until) else {
            break;
        };
        for at in search.week.on(today, search.zone) {
            if found.len() >= count {
                return found;
            }
            // Even without a gap two posts do not share a slot.
            let is_open = at > search.after && at < search.until;
            if is_open && too_close(search.gap_minutes.max(1), at, all.iter().copied()).is_none() {
                let place = counted.partition_point(|it| *it <= at);
                counted.insert(place, at);
                if fullest(&counted, at, at.plus_millis(CAP_WINDOW_MS)) > most(search.delivery) {
                    counted.remove(place);
                    continue;
                }
                all.push(at);
                found.push(at);
            }
        }
        day = today.plus(1);
    }
    found
}

/// How many posts TikTok takes within 24 hours, or usually takes.
#[must_use]
pub fn most(delivery: Delivery) -> usize {
    match delivery {
        Delivery::Direct => usize::try_from(DIRECT_POSTS_24H_TYPICAL).unwrap_or(usize::MAX),
        Delivery::Inbox => PENDING_DRAFTS_24H,
    }
}

/// From this distance on spread times are round ones, milliseconds.
const ROUND_FROM_MS: i64 = 30 * MINUTE_MS;

/// So many instants from one to another, both included, with the same distance: to five minutes where it is half an hour or more, for people read
/// such times more easily, else to the minute.
#[must_use]
pub fn spread(from: UnixMillis, until: UnixMillis, count: usize) -> Vec<UnixMillis> {
    let whole = until.millis_since(from).max(0);
    let steps = i64::try_from(count.saturating_sub(1)).unwrap_or(i64::MAX).max(1);
    let unit = if whole / steps >= ROUND_FROM_MS { 5 * MINUTE_MS } else { MINUTE_MS };
    (0..i64::try_from(count).unwrap_or(0))
        .map(|n| {
            let at = whole.saturating_mul(n).checked_div(steps).unwrap_or(0);
            let is_last = n > 0 && n == steps;
            from.plus_millis(at.saturating_sub(at.rem_euclid(if is_last { MINUTE_MS } else { unit })))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn zone(text: &str) -> Zone {
        text.parse().unwrap()
    }

    fn at(text: &str) -> UnixMillis {
        UnixMillis::from_utc(text).unwrap()
    }

    fn utc(all: &[UnixMillis]) -> Vec<String> {
        all.iter().map(|at| at.in_utc().get(..16).unwrap().to_owned()).collect()
    }

    fn search<'a>(week: &'a Week, zone: &'a Zone, from: &str) -> Search<'a> {
        let after = at(from);
        let until = after.plus_seconds(30 * 86_400);
        Search { week, zone, gap_minutes: 0, delivery: Delivery::Direct, after, until }
    }

    fn direct(text: &str) -> Taken {
        Taken { at: at(text), delivery: Delivery::Direct }
    }

    #[test]
    fn a_week_is_written_as_it_was_read_in_order_and_each_slot_once() {
        let week: Week = "3-18:30 1-09:00 1-09:00 7-23:59".parse().unwrap();
        assert_eq!(week.to_string(), "1-09:00 3-18:30 7-23:59");
        assert_eq!("".parse::<Week>().unwrap(), Week::default());
        for bad in ["0-09:00", "8-09:00", "1-24:00", "1-9:00", "1-09:60", "1-+9:00", "09:00", "1"] {
            assert_eq!(bad.parse::<Week>(), Err(InvalidWeek), "{bad}");
        }
        let many = |n: i32| Week::of((0..n).map(|n| Slot::new(1, 0, 0).unwrap().plus_minutes(n)));
        assert!(many(168).is_ok() && many(169).is_err());
        assert_eq!(Slot::new(7, 23, 30).unwrap().plus_minutes(45).to_string(), "1-00:15");
        assert_eq!(Slot::new(1, 0, 15).unwrap().plus_minutes(-30).to_string(), "7-23:45");
    }

    #[test]
    fn slots_keep_their_time_on_the_wall_when_the_clocks_change() {
        let (week, berlin): (Week, _) = ("7-10:00".parse().unwrap(), zone("Europe/Berlin"));
        let day = |text: &str| week.on(text.parse().unwrap(), &berlin);
        assert_eq!(utc(&day("2027-03-21")), ["2027-03-21T09:00"]);
        assert_eq!(utc(&day("2027-03-28")), ["2027-03-28T08:00"]);
        assert_eq!(utc(&day("2027-03-29")), [""; 0], "only on its day");
    }

    #[test]
    fn a_slot_in_the_skipped_hour_goes_to_the_next_instant_that_there_is() {
        let week: Week = "7-02:00 7-02:30 7-03:15".parse().unwrap();
        let day = "2027-03-28".parse().unwrap();
        // Clocks go from 02:00 to 03:00; both slots of the hour are that one instant.
        assert_eq!(utc(&week.on(day, &zone("Europe/Berlin"))), ["2027-03-28T01:00", "2027-03-28T01:15"]);
        let week: Week = "7-02:10".parse().unwrap();
        let day = "2027-10-03".parse().unwrap();
        assert_eq!(utc(&week.on(day, &zone("Australia/Lord_Howe"))), ["2027-10-02T15:30"]);
    }

    #[test]
    fn a_slot_in_the_doubled_hour_happens_once() {
        let week: Week = "7-02:30".parse().unwrap();
        assert_eq!(utc(&week.on("2026-10-25".parse().unwrap(), &zone("Europe/Berlin"))), ["2026-10-25T00:30"]);
    }

    #[test]
    fn free_slots_keep_their_distance_from_posts_and_are_not_given_twice() {
        let (week, utc_zone): (Week, _) = ("1-09:00 1-09:30 2-09:00".parse().unwrap(), Zone::utc());
        // 2026-11-23 is a Monday.
        let plain = search(&week, &utc_zone, "2026-11-23T09:00:00.000Z");
        let taken = [direct("2026-11-24T09:20:00.000Z")];
        assert_eq!(utc(&free(&plain, &taken, 3)), ["2026-11-23T09:30", "2026-11-24T09:00", "2026-11-30T09:00"]);
        let wide = Search { gap_minutes: 30, ..plain };
        assert_eq!(utc(&free(&wide, &taken, 2)), ["2026-11-23T09:30", "2026-11-30T09:00"]);
        let wider = Search { gap_minutes: 31, ..plain };
        assert_eq!(utc(&free(&wider, &taken, 3)), ["2026-11-23T09:30", "2026-11-30T09:00", "2026-12-01T09:00"]);
        assert_eq!(free(&Search { until: plain.after, ..plain }, &[], 3), []);
        assert_eq!(free(&Search { week: &Week::default(), ..plain }, &[], 3), []);
    }

    #[test]
    fn a_slot_that_would_overfill_tiktoks_day_is_not_free() {
        let (week, zone): (Week, _) = ("1-12:00 2-12:01 3-12:00".parse().unwrap(), Zone::utc());
        let after = search(&week, &zone, "2026-11-23T08:00:00.000Z");
        let inbox = Search { delivery: Delivery::Inbox, ..after };
        let drafts: Vec<Taken> = (0..5)
            .map(|n| Taken { at: at("2026-11-23T13:00:00.000Z").plus_seconds(n * 60), delivery: Delivery::Inbox })
            .collect();
        // Five drafts on Monday at one: neither the hour before nor the day after takes a sixth.
        assert_eq!(utc(&free(&inbox, &drafts, 1)), ["2026-11-25T12:00"]);
        assert_eq!(utc(&free(&after, &drafts, 1)), ["2026-11-23T12:00"], "direct posts count apart");
    }

    #[test]
    fn posts_are_spread_from_one_instant_to_another() {
        let (from, until) = (at("2026-11-23T09:00:00.000Z"), at("2026-11-23T10:00:00.000Z"));
        assert_eq!(
            utc(&spread(from, until, 4)),
            ["2026-11-23T09:00", "2026-11-23T09:20", "2026-11-23T09:40", "2026-11-23T10:00"]
        );
        let evening = at("2026-11-23T18:10:00.000Z");
        assert_eq!(
            utc(&spread(from, evening, 4)),
            ["2026-11-23T09:00", "2026-11-23T12:00", "2026-11-23T15:05", "2026-11-23T18:10"],
            "round times where they lie far apart"
        );
        assert_eq!(spread(from, until, 1), [from]);
        assert_eq!(spread(from, from, 2), [from, from]);
        assert_eq!(spread(from, until, 0), []);
    }

    #[test]
    fn the_nearest_post_within_the_gap_is_named() {
        let ten = at("2026-11-23T10:00:00.000Z");
        let others = [ten.plus_seconds(-1_200), ten.plus_seconds(600)];
        assert_eq!(too_close(30, ten, others), Some(ten.plus_seconds(600)));
        assert_eq!(too_close(10, ten, others), None);
        assert_eq!(too_close(0, ten, [ten]), None);
    }
}
