//! Words about time, sizes and numbers in the reader's language and zone. Must not read a clock: "now" is given.

use domain::time::UnixMillis;
use jiff::{Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};
use maud::{Markup, html};

use crate::locale::Locale;

/// A reader's language, zone and present moment.
#[derive(Debug, Clone)]
pub struct When {
    /// The language.
    pub locale: Locale,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The present moment of the program's clock.
    pub now: UnixMillis,
    /// Days are named by their dates alone: what is printed is read on other days.
    is_absolute: bool,
}

/// A time of day, taken apart for the price tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// `08`
    pub hours: String,
    /// `30`
    pub minutes: String,
    /// RFC 3339 with offset, for `datetime` attributes.
    pub iso: String,
}

impl When {
    /// A reader in the IANA zone `zone`; an unknown name reads as UTC.
    #[must_use]
    pub fn new(locale: Locale, zone: &str, now: UnixMillis) -> Self {
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC);
        Self { locale, zone, now, is_absolute: false }
    }

    /// The same without "today" and its neighbours in [`Self::moment`].
    #[must_use]
    pub fn absolute(&self) -> Self {
        Self { is_absolute: true, ..self.clone() }
    }

    fn zoned(&self, at: UnixMillis) -> ZonedDateTime {
        Timestamp::from_millisecond(at.millis()).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned_datetime(self.zone.clone())
    }

    /// `2026-11-24T18:00:00+03:00`
    #[must_use]
    pub fn iso(&self, at: UnixMillis) -> String {
        let zoned = self.zoned(at);
        zoned.timestamp().display_with_offset(zoned.offset()).to_string()
    }

    /// The time of day, taken apart.
    #[must_use]
    pub fn clock(&self, at: UnixMillis) -> Clock {
        let zoned = self.zoned(at);
        Clock { hours: format!("{:02}", zoned.hour()), minutes: format!("{:02}", zoned.minute()), iso: self.iso(at) }
    }

    /// `18:00`
    #[must_use]
    pub fn time(&self, at: UnixMillis) -> String {
        let zoned = self.zoned(at);
        format!("{:02}:{:02}", zoned.hour(), zoned.minute())
    }

    /// `18:00:07`
    #[must_use]
    pub fn time_with_seconds(&self, at: UnixMillis) -> String {
        let zoned = self.zoned(at);
        format!("{:02}:{:02}:{:02}", zoned.hour(), zoned.minute(), zoned.second())
    }

    /// `24 November`, with the year when it is not this one.
    #[must_use]
    pub fn day(&self, at: UnixMillis) -> String {
        self.day_of(self.zoned(at).date())
    }

    fn day_of(&self, date: Date) -> String {
        let l = self.locale;
        let month = month(l, date.month());
        if date.year() == self.zoned(self.now).year() {
            t!(l, "date-day", day = i64::from(date.day()), month = month)
        } else {
            t!(l, "date-day-year", day = i64::from(date.day()), month = month, year = i64::from(date.year()))
        }
    }

    /// `Today, 24 November`, `Tomorrow, …`, `Yesterday, …`, otherwise `Tuesday, 1 December`: a heading.
    #[must_use]
    pub fn heading(&self, at: UnixMillis) -> String {
        let l = self.locale;
        let date = self.zoned(at).date();
        let day = self.day_of(date);
        match self.days_away(date) {
            -1 => t!(l, "date-yesterday", day = day),
            0 => t!(l, "date-today", day = day),
            1 => t!(l, "date-tomorrow", day = day),
            _ => t!(l, "date-weekday", weekday = weekday(l, date.weekday().to_monday_one_offset()), day = day),
        }
    }

    /// Calendar days from today to `at`, in the reader's zone: 0 is today. For grouping.
    #[must_use]
    pub fn days_from_today(&self, at: UnixMillis) -> i64 {
        self.days_away(self.zoned(at).date())
    }

    fn days_away(&self, date: Date) -> i64 {
        let today = self.zoned(self.now).date();
        date.duration_since(today).as_hours() / 24
    }

    /// `today, 18:00`, `tomorrow, 09:00`, `24 November, 18:00`: inside a sentence.
    #[must_use]
    pub fn moment(&self, at: UnixMillis) -> String {
        let l = self.locale;
        let date = self.zoned(at).date();
        let time = self.time(at);
        match self.days_away(date) {
            _ if self.is_absolute => t!(l, "moment-day", day = self.day_of(date), time = time),
            -1 => t!(l, "moment-yesterday", time = time),
            0 => t!(l, "moment-today", time = time),
            1 => t!(l, "moment-tomorrow", time = time),
            _ => t!(l, "moment-day", day = self.day_of(date), time = time),
        }
    }

    /// The same as a `<time>` element.
    #[must_use]
    pub fn moment_element(&self, at: UnixMillis) -> Markup {
        html! { time datetime=(self.iso(at)) { (self.moment(at)) } }
    }

    /// `in 5 minutes`, `2 hours ago`, `now`; rounded to the nearest whole unit.
    #[must_use]
    pub fn relative(&self, at: UnixMillis) -> String {
        let l = self.locale;
        let ms = at.millis_since(self.now);
        let seconds = ms.unsigned_abs().saturating_add(500) / 1000;
        let minutes = seconds.saturating_add(30) / 60;
        let hours = minutes.saturating_add(30) / 60;
        let future = ms >= 0;
        match (seconds, future) {
            (0..=4, _) => t!(l, "relative-now"),
            (5..=59, true) => t!(l, "relative-in-seconds", n = seconds),
            (5..=59, false) => t!(l, "relative-seconds-ago", n = seconds),
            (60..=3599, true) => t!(l, "relative-in-minutes", n = minutes),
            (60..=3599, false) => t!(l, "relative-minutes-ago", n = minutes),
            (3600..=129_599, true) => t!(l, "relative-in-hours", n = hours),
            (3600..=129_599, false) => t!(l, "relative-hours-ago", n = hours),
            (_, true) => t!(l, "relative-in-days", n = hours.saturating_add(12) / 24),
            (_, false) => t!(l, "relative-days-ago", n = hours.saturating_add(12) / 24),
        }
    }

    /// The same as a `<time>` element that the page keeps true while it is open.
    #[must_use]
    pub fn relative_element(&self, at: UnixMillis) -> Markup {
        html! { time datetime=(self.iso(at)) data-relative title=(self.moment(at)) { (self.relative(at)) } }
    }

    /// `Europe/Moscow, UTC+3` as it holds at `at`.
    #[must_use]
    pub fn zone_label(&self, at: UnixMillis) -> String {
        let minutes = self.zoned(at).offset().seconds() / 60;
        let sign = if minutes < 0 { '−' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let offset = if rest == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{rest:02}") };
        match self.zone.iana_name() {
            Some(name) if name != "UTC" => format!("{name}, {offset}"),
            _ => "UTC".to_owned(),
        }
    }
}

/// `0:49`, `10:42`, `1:02:03`; milliseconds are dropped.
#[must_use]
pub fn length(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `412 MB`, `1.2 GB`: decimal units, one decimal below ten.
#[must_use]
pub fn size(l: Locale, bytes: u64) -> String {
    let (unit, scale): (fn(Locale, String) -> String, u64) = match bytes {
        0..=999 => return t!(l, "size-b", n = bytes),
        1_000..=999_499 => (|l, n| t!(l, "size-kb", n = n), 1_000),
        999_500..=999_499_999 => (|l, n| t!(l, "size-mb", n = n), 1_000_000),
        _ => (|l, n| t!(l, "size-gb", n = n), 1_000_000_000),
    };
    let tenths = bytes.saturating_add(scale / 20) / (scale / 10);
    let words = if tenths < 100 && !tenths.is_multiple_of(10) {
        let mark = match l {
            Locale::En => '.',
            Locale::Ru => ',',
        };
        format!("{}{mark}{}", tenths / 10, tenths % 10)
    } else {
        number(l, (bytes.saturating_add(scale / 2) / scale).max(1))
    };
    unit(l, words)
}

/// `1,234,567` or `1 234 567` (with spaces that do not break).
#[must_use]
pub fn number(l: Locale, n: u64) -> String {
    let digits = n.to_string();
    let separator = match l {
        Locale::En => ',',
        Locale::Ru => '\u{a0}',
    };
    // Russian leaves four digits together
    if l == Locale::Ru && digits.len() <= 4 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// `19 March 2026`: a date with its year, for documents.
#[must_use]
pub fn full_date(l: Locale, date: Date) -> String {
    t!(l, "date-day-year", day = i64::from(date.day()), month = month(l, date.month()), year = i64::from(date.year()))
}

/// `19 March`: a date without its year.
#[must_use]
pub fn day_month(l: Locale, date: Date) -> String {
    t!(l, "date-day", day = i64::from(date.day()), month = month(l, date.month()))
}

/// The month as it stands after a day number (Russian: genitive). `1` is January.
#[must_use]
pub fn month(l: Locale, month: i8) -> String {
    match month {
        1 => t!(l, "month-1"),
        2 => t!(l, "month-2"),
        3 => t!(l, "month-3"),
        4 => t!(l, "month-4"),
        5 => t!(l, "month-5"),
        6 => t!(l, "month-6"),
        7 => t!(l, "month-7"),
        8 => t!(l, "month-8"),
        9 => t!(l, "month-9"),
        10 => t!(l, "month-10"),
        11 => t!(l, "month-11"),
        _ => t!(l, "month-12"),
    }
}

/// `Mon`; 1 is Monday.
#[must_use]
pub fn weekday_short(l: Locale, weekday: i8) -> String {
    match weekday {
        1 => t!(l, "weekday-short-1"),
        2 => t!(l, "weekday-short-2"),
        3 => t!(l, "weekday-short-3"),
        4 => t!(l, "weekday-short-4"),
        5 => t!(l, "weekday-short-5"),
        6 => t!(l, "weekday-short-6"),
        _ => t!(l, "weekday-short-7"),
    }
}

/// The name of a weekday; `1` is Monday.
#[must_use]
pub fn weekday(l: Locale, weekday: i8) -> String {
    match weekday {
        1 => t!(l, "weekday-1"),
        2 => t!(l, "weekday-2"),
        3 => t!(l, "weekday-3"),
        4 => t!(l, "weekday-4"),
        5 => t!(l, "weekday-5"),
        6 => t!(l, "weekday-6"),
        _ => t!(l, "weekday-7"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24 12:00 in Moscow.
    fn noon(l: Locale) -> When {
        When::new(l, "Europe/Moscow", UnixMillis::from_seconds(1_795_510_800))
    }

    #[test]
    fn days_are_named_as_people_name_them() {
        let (en, ru) = (noon(Locale::En), noon(Locale::Ru));
        let at = |hours: i64| en.now.plus_seconds(hours * 3600);
        assert_eq!(en.heading(at(6)), "Today, 24 November");
        assert_eq!(ru.heading(at(6)), "Сегодня, 24 ноября");
        assert_eq!(en.heading(at(12)), "Tomorrow, 25 November");
        assert_eq!(ru.heading(at(-13)), "Вчера, 23 ноября");
        assert_eq!(en.heading(at(24 * 7)), "Tuesday, 1 December");
        assert_eq!(ru.heading(at(24 * 7)), "Вторник, 1 декабря");
        assert_eq!(en.moment(at(6)), "today, 18:00");
        assert_eq!(ru.moment(at(24 * 40)), "3 января 2027, 12:00");
        assert_eq!(en.days_from_today(at(12)), 1);
    }

    #[test]
    fn distances_round_and_count() {
        let (en, ru) = (noon(Locale::En), noon(Locale::Ru));
        let said = |w: &When, s: i64| w.relative(w.now.plus_seconds(s));
        assert_eq!(said(&en, 2), "now");
        assert_eq!(said(&en, 300), "in 5 minutes");
        assert_eq!(said(&ru, 300), "через 5 минут");
        assert_eq!(said(&ru, 60), "через 1 минуту");
        assert_eq!(said(&ru, -21 * 60), "21 минуту назад");
        assert_eq!(said(&en, -7200), "2 hours ago");
        assert_eq!(said(&ru, 3 * 86_400), "через 3 дня");
        assert_eq!(said(&en, i64::MAX), en.relative(UnixMillis::from_millis(i64::MAX)));
    }

    #[test]
    fn zones_and_clocks_are_exact() {
        let w = noon(Locale::En);
        assert_eq!(w.zone_label(w.now), "Europe/Moscow, UTC+3");
        assert_eq!(w.iso(w.now), "2026-11-24T12:00:00+03:00");
        assert_eq!(w.clock(w.now).hours, "12");
        assert_eq!(When::new(Locale::En, "Asia/Kolkata", w.now).zone_label(w.now), "Asia/Kolkata, UTC+5:30");
        assert_eq!(When::new(Locale::En, "Mars/Olympus", w.now).zone_label(w.now), "UTC");
    }

    #[test]
    fn sizes_lengths_and_numbers() {
        assert_eq!(size(Locale::En, 999), "999 B");
        assert_eq!(size(Locale::En, 1_250_000), "1.3 MB");
        assert_eq!(size(Locale::Ru, 1_250_000), "1,3 МБ");
        assert_eq!(size(Locale::En, 644_000_000), "644 MB");
        assert_eq!(size(Locale::En, 999_600_000), "1 GB");
        assert_eq!(size(Locale::Ru, 4_000_000_000), "4 ГБ");
        assert_eq!(length(49_999), "0:49");
        assert_eq!(length(642_000), "10:42");
        assert_eq!(length(3_723_000), "1:02:03");
        assert_eq!(length(-5), "0:00");
        assert_eq!(number(Locale::En, 1_234_567), "1,234,567");
        assert_eq!(number(Locale::Ru, 1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(number(Locale::Ru, 2200), "2200");
    }
}
