//! Days and hours around clock changes, at the ends of years and where the calendar ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn length_h(text: &str, zone_name: &str) -> i64 {
    let zone = zone(zone_name);
    day(text).end(&zone).millis_since(day(text).start(&zone)) / HOUR_MS
}

fn changed(text: &str, zone_name: &str) -> Vec<(i8, String, i64, Change)> {
    hours(day(text), &zone(zone_name))
        .into_iter()
        .filter(|hour| hour.change != Change::None)
        .map(|hour| (hour.hour, hour.local.to_string(), hour.until.millis_since(hour.from) / 60_000, hour.change))
        .collect()
}

#[test]
fn spring_and_autumn_in_berlin_and_new_york_have_days_of_23_and_25_hours() {
    assert_eq!(length_h("2027-03-28", "Europe/Berlin"), 23);
    assert_eq!(length_h("2027-10-31", "Europe/Berlin"), 25);
    assert_eq!(length_h("2027-03-14", "America/New_York"), 23);
    assert_eq!(length_h("2027-11-07", "America/New_York"), 25);
    assert_eq!(day("2027-03-28").jump_ms(&zone("Europe/Berlin")), -HOUR_MS);
    assert_eq!(day("2027-10-31").jump_ms(&zone("Europe/Berlin")), HOUR_MS);
    assert_eq!(day("2027-10-31").jump_ms(&zone("Europe/Moscow")), 0);
}

#[test]
fn the_hour_that_is_skipped_and_the_one_that_comes_twice_are_named() {
    assert_eq!(changed("2027-03-28", "Europe/Berlin"), [(2, "2027-03-28T02:00".to_owned(), 0, Change::Skipped)]);
    assert_eq!(changed("2027-10-31", "Europe/Berlin"), [(2, "2027-10-31T02:00".to_owned(), 60, Change::Again)]);
    assert_eq!(changed("2027-11-07", "America/New_York"), [(1, "2027-11-07T01:00".to_owned(), 60, Change::Again)]);
    assert!(changed("2027-03-28", "Asia/Kathmandu").is_empty());
    assert_eq!(hours(day("2027-03-28"), &zone("Europe/Berlin")).len(), 24);
    assert_eq!(hours(day("2027-10-31"), &zone("Europe/Berlin")).len(), 25);
}

#[test]
fn clocks_that_jump_by_half_an_hour_shorten_an_hour_or_repeat_half_of_one() {
    assert_eq!(
        changed("2027-10-03", "Australia/Lord_Howe"),
        [(2, "2027-10-03T02:30".to_owned(), 30, Change::Shortened)]
    );
    assert_eq!(changed("2027-04-04", "Australia/Lord_Howe"), [(1, "2027-04-04T01:30".to_owned(), 30, Change::Again)]);
}

#[test]
fn days_begin_where_the_zone_says_so() {
    // Nepal is five hours and three quarters ahead.
    assert_eq!(day("2026-11-24").start(&zone("Asia/Kathmandu")).in_utc(), "2026-11-23T18:15:00.000Z");
    assert_eq!(hours(day("2026-11-24"), &zone("Asia/Kathmandu")).len(), 24);
    // The clock skips midnight in Cairo: the day begins at one.
    let (cairo, spring) = (zone("Africa/Cairo"), day("2027-04-30"));
    assert_eq!(to_local(spring.start(&cairo), &cairo).to_string(), "2027-04-30T01:00");
    assert_eq!(hours(spring, &cairo)[0].change, Change::Skipped);
    assert_eq!(Day::of(spring.start(&cairo).plus_millis(-1), &cairo), day("2027-04-29"));
    // Samoa went from the 29th to the 31st.
    assert_eq!(length_h("2011-12-30", "Pacific/Apia"), 0);
    assert!(hours(day("2011-12-30"), &zone("Pacific/Apia")).iter().all(|hour| hour.change == Change::Skipped));
}

#[test]
fn a_month_is_seen_in_whole_weeks_that_begin_on_monday() {
    let november = Span::Month.days(day("2026-11-24"));
    assert_eq!((november[0], november.len()), (day("2026-10-26"), 42));
    assert_eq!(Span::Month.days(day("2027-02-10")).len(), 28, "four whole weeks");
    let december = Span::Month.days(day("2026-12-31"));
    assert_eq!((december[0], *december.last().unwrap()), (day("2026-11-30"), day("2027-01-03")));
    assert_eq!(Span::Week.days(day("2027-01-01"))[0], day("2026-12-28"));
    assert_eq!(Span::Day.days(day("2026-11-24")), [day("2026-11-24")]);
    assert_eq!(Span::Agenda.days(day("2026-12-25")).len(), 14);
}

#[test]
fn pages_turn_over_years_and_stop_where_the_calendar_ends() {
    assert_eq!(Span::Month.turned(day("2026-12-31"), true), Some(day("2027-01-01")));
    assert_eq!(Span::Month.turned(day("2027-03-31"), false), Some(day("2027-02-01")));
    assert_eq!(Span::Week.turned(day("2026-12-28"), true), Some(day("2027-01-04")));
    assert_eq!(Span::Day.turned(day("2200-12-31"), true), None);
    assert_eq!(Span::Month.turned(day("2000-01-15"), false), None);
    assert_eq!(Span::Month.days(day("2200-12-31")).len(), 35, "the last page is whole");
    for wrong in ["", "0001-01-01", "9999-12-31", "1999-12-31", "2201-01-01", "20261124", "2026-02-30", "today"] {
        assert_eq!(wrong.parse::<Day>(), Err(InvalidDay), "{wrong}");
    }
    for span in Span::ALL {
        assert_eq!(Span::parse(span.as_str()), Some(span));
    }
}

proptest! {
    #[test]
    fn the_hours_of_any_day_in_any_zone_fill_it_without_a_gap(days in 0..73_000_i32, pick in 0_usize..10_000) {
        let names = Zone::names();
        let zone: Zone = names[pick % names.len()].parse().unwrap();
        let day = day("2000-01-02").plus(days).unwrap();
        let (mut at, hours) = (day.start(&zone), hours(day, &zone));
        for hour in hours {
            prop_assert_eq!(hour.from, at);
            at = hour.until;
        }
        prop_assert_eq!(at, day.end(&zone));
    }
}
