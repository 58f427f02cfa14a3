//! What many posts say together: on cases counted by hand, and on random ones.

use proptest::prelude::*;

use super::*;
use crate::calendar::Day;
use crate::id::{ConnectionId, PostId};
use crate::metrics::Counters;
use crate::schedule::Zone;
use crate::time::UnixMillis;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const ZERO: UnixMillis = UnixMillis::from_millis(1_796_083_200_000);

fn read(minutes: i64, views: i64) -> Read {
    let counters = Counters { views: Some(views), likes: Some(views / 10), comments: None, shares: Some(1) };
    Read { at: ZERO.plus_millis(minutes * MINUTE), counters }
}

fn account(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(uuid::Uuid::from_u128(n))
}

fn told(account_no: u128, at: UnixMillis, views: Option<i64>) -> Told {
    Told { post: PostId::from_uuid(uuid::Uuid::from_u128(7)), account: account(account_no), published_at: at, views }
}

/// So many weeks after a Monday, on a day (1 is Monday) and at an hour of a zone.
fn at(zone: &Zone, week: i32, day: i32, hour: i8, minute: i8) -> UnixMillis {
    let monday: Day = "2026-11-23".parse().unwrap();
    let day = monday.plus(week * 7 + day - 1).unwrap();
    crate::schedule::resolve(day.at(hour, minute), zone).at()
}

#[test]
fn the_middle_of_some() {
    assert_eq!(median(&[]), None);
    assert_eq!(median(&[7]), Some(7));
    assert_eq!(median(&[9, 1, 4]), Some(4));
    assert_eq!(median(&[10, 1, 4, 100]), Some(7));
}

#[test]
fn a_mark_stands_on_the_line_between_two_readings_and_names_nothing_that_was_not_told() {
    let marks = marks_between(ZERO, read(23 * 60 + 50, 1_000), read(24 * 60 + 50, 1_600));
    assert_eq!(marks.len(), 1);
    assert_eq!((marks[0].hours, marks[0].counters.views), (24, Some(1_100)), "a sixth of the way");
    assert_eq!((marks[0].counters.likes, marks[0].counters.comments), (Some(110), None));
    let exactly = marks_between(ZERO, read(23 * 60, 1_000), read(24 * 60, 1_600));
    assert_eq!(exactly[0].counters.views, Some(1_600));
    assert_eq!(marks_between(ZERO, read(24 * 60, 1_600), read(25 * 60, 1_700)), [], "it belongs to the pair before");
}

#[test]
fn readings_that_stand_too_far_apart_give_no_mark() {
    assert_eq!(marks_between(ZERO, read(22 * 60, 1_000), read(24 * 60 + 31, 1_600)), []);
    assert_eq!(marks_between(ZERO, read(22 * 60 + 1, 1_000), read(24 * 60 + 31, 1_600)).len(), 1);
    // A week later readings come once a day.
    let day = marks_between(ZERO, read(160 * 60, 1_000), read(184 * 60, 1_600));
    assert_eq!((day[0].hours, day[0].counters.views), (168, Some(1_200)));
    // A service that rested for a day passed several ages, and knows none of them.
    assert_eq!(marks_between(ZERO, read(30, 10), read(30 * 60, 1_600)), []);
}

#[test]
fn a_table_is_counted_by_the_clock_of_the_zone() {
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    // Thursdays at 18:30 in Berlin, before and after the clock changes at the end of March: one cell.
    let posts: Vec<Told> =
        (16..20).map(|week| told(1, at(&berlin, week, 4, 18, 30), Some(100 * i64::from(week)))).collect();
    let mut all = posts.clone();
    all.push(told(1, at(&berlin, 1, 1, 9, 0), None));
    let table = Table::of(&all, &berlin);
    assert_eq!((table.posts, table.left_out), (4, 1));
    let thursday = table.days().find(|(day, _)| *day == 4).unwrap().1;
    assert_eq!(thursday[9], Cell { posts: 4, views: Some(1_750), percent: None }, "four posts make nothing usual");
    let monday = table.days().next().unwrap().1;
    assert_eq!(monday[4], Cell::default(), "left out, not counted as zero");
    let utc = Table::of(&posts, &Zone::utc());
    let thursday = utc.days().find(|(day, _)| *day == 4).unwrap().1;
    assert_eq!((thursday[8].posts, thursday[8].views), (4, Some(1_750)), "17:30 and 16:30 in UTC");
}

#[test]
fn fewer_than_three_posts_say_nothing() {
    let zone = Zone::utc();
    let posts: Vec<Told> = (0..2).map(|week| told(1, at(&zone, week, 2, 8, 0), Some(50))).collect();
    let table = Table::of(&posts, &zone);
    let cell = table.days().nth(1).unwrap().1[4];
    assert_eq!(cell, Cell { posts: 2, views: None, percent: None });
}

#[test]
fn each_post_is_compared_with_its_own_account() {
    let zone = Zone::utc();
    let mut posts = Vec::new();
    for week in 0..4 {
        // A large account posts in the evening, a small one in the morning; each twice as good on Tuesdays.
        for (who, hour, usual) in [(1, 20, 100_000), (2, 8, 10)] {
            posts.push(told(who, at(&zone, week, 2, hour, 0), Some(2 * usual)));
            posts.push(told(who, at(&zone, week, 3, hour, 0), Some(usual)));
            posts.push(told(who, at(&zone, week, 4, hour, 0), Some(usual)));
        }
    }
    let table = Table::of(&posts, &zone);
    let tuesday = table.days().nth(1).unwrap().1;
    assert_eq!((tuesday[4].percent, tuesday[10].percent), (Some(200), Some(200)));
}

#[test]
fn nothing_is_usual_for_an_account_of_few_posts() {
    let zone = Zone::utc();
    let of = |many: i32| {
        let posts: Vec<Told> = (0..many).map(|week| told(1, at(&zone, week, 2, 8, 0), Some(50))).collect();
        Table::of(&posts, &zone).days().nth(1).unwrap().1[4].percent
    };
    assert_eq!((of(9), of(10)), (None, Some(100)));
}

#[test]
fn chance_alone_suggests_no_more_for_being_asked_about_many_accounts() {
    let table = |seed: u64| -> Vec<Told> {
        let of = |n: u64| {
            let posts = half_a_year(seed * 4 + n, |_, _, n| n).into_iter();
            posts.map(move |it| Told { account: account(u128::from(n)), ..it })
        };
        (0..4).flat_map(of).collect()
    };
    let fooled = (0..200).filter(|seed| !suggestions(&table(*seed), &Zone::utc()).is_empty()).count();
    assert!(fooled <= 12, "{fooled} of 200");
}

fn noise(seed: &mut u64) -> i64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    i64::try_from(*seed >> 40).unwrap() % 10_000
}

/// Twenty-six weeks with a post a day at one of three hours.
fn half_a_year(seed: u64, views: impl Fn(i32, i8, i64) -> i64) -> Vec<Told> {
    let (zone, mut seed) = (Zone::utc(), seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1));
    let mut posts = Vec::new();
    for week in 0..26 {
        for day in 1..=7 {
            let hour = [8, 13, 19][usize::try_from(noise(&mut seed) % 3).unwrap()];
            let chance = noise(&mut seed);
            posts.push(told(1, at(&zone, week, day, hour, 35), Some(views(day, hour, chance))));
        }
    }
    posts
}

#[test]
fn a_time_that_does_better_is_found_and_its_evidence_named() {
    let better = |day, hour, chance| if day == 4 && hour == 19 { 6_000 + chance } else { chance };
    let posts = half_a_year(11, better);
    let found = suggestions(&posts, &Zone::utc());
    assert_eq!(found.len(), 1, "{found:?}");
    let it = found[0];
    assert_eq!((it.slot.to_string(), it.from_hour), ("4-19:35".to_owned(), 18));
    assert_eq!(it.posts + it.others, posts.len());
    assert!(it.posts >= 5 && it.views > it.others_views, "{it:?}");
}

#[test]
fn chance_alone_suggests_something_in_fewer_than_one_table_of_twenty() {
    let fooled =
        (0..400).filter(|seed| !suggestions(&half_a_year(*seed, |_, _, n| n), &Zone::utc()).is_empty()).count();
    assert!(fooled <= 20, "{fooled} of 400");
}

#[test]
fn few_posts_suggest_nothing_however_good_they_are() {
    let zone = Zone::utc();
    let mut posts: Vec<Told> = (0..20).map(|week| told(1, at(&zone, week, 1, 9, 0), Some(i64::from(week)))).collect();
    posts.extend((0..4).map(|week| told(1, at(&zone, week, 5, 18, 0), Some(1_000_000))));
    assert_eq!(suggestions(&posts, &zone), []);
    posts.push(told(1, at(&zone, 4, 5, 18, 0), Some(1_000_000)));
    assert_eq!(suggestions(&posts, &zone).len(), 1, "five among twenty-five do");
    let alone: Vec<Told> = (0..40).map(|week| told(1, at(&zone, week, 5, 18, 0), Some(i64::from(week)))).collect();
    assert_eq!(suggestions(&alone, &zone), [], "nothing to compare with");
}

#[test]
fn groups_are_told_by_their_middle_half_and_only_where_there_are_enough() {
    let posts: Vec<Told> = (1..=40).map(|n| told(1, ZERO, Some(n * 10))).collect();
    let high: Vec<usize> = (32..40).collect();
    let even: Vec<usize> = (0..40).step_by(2).collect();
    let found = groups(&posts, &[high, even, (0..4).collect(), (0..40).collect()]);
    let figures = found[0].figures.unwrap();
    assert_eq!((found[0].posts, figures.views, figures.low, figures.high), (8, 365, 340, 380));
    assert_eq!((figures.verdict, figures.percent), (Verdict::Better, Some(178)));
    assert_eq!(found[1].figures.unwrap().verdict, Verdict::Alike);
    assert_eq!(found[2], Group { posts: 4, figures: None }, "too few");
    assert_eq!(found[3].figures.unwrap().verdict, Verdict::Alone, "nothing to compare with");
    let low = groups(&posts, &[(0..8).collect()]);
    assert_eq!(low[0].figures.unwrap().verdict, Verdict::Worse);
}

#[test]
fn a_group_of_a_small_account_is_not_worse_for_being_of_a_small_account() {
    let mut posts: Vec<Told> = (1..=20).map(|n| told(1, ZERO, Some(100_000 + n * 1_000))).collect();
    posts.extend((1..=20).map(|n| told(2, ZERO, Some(100 + n))));
    let found = groups(&posts, &[(20..40).collect()]);
    assert_eq!(found[0].figures.unwrap().verdict, Verdict::Alike);
}

#[test]
fn chance_alone_makes_a_group_better_or_worse_in_fewer_than_one_table_of_twenty() {
    let is_fooled = |seed: u64| {
        let mut seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
        let posts: Vec<Told> = (0..120).map(|_| told(1, ZERO, Some(noise(&mut seed)))).collect();
        let members: Vec<Vec<usize>> = (0..10).map(|group| (0..120).filter(|n| n % 10 == group).collect()).collect();
        groups(&posts, &members).iter().any(|it| it.figures.unwrap().verdict != Verdict::Alike)
    };
    let fooled = (0..400).filter(|seed| is_fooled(*seed)).count();
    assert!(fooled <= 24, "{fooled} of 400");
}

fn curve(views: &[(i64, i64)]) -> Curve {
    let views = views.iter().map(|(minutes, n)| (ZERO.plus_millis(minutes * MINUTE), *n)).collect();
    Curve { published_at: ZERO, views }
}

#[test]
fn growth_of_an_hour_is_what_lies_between_its_ends() {
    let post = || vec![curve(&[(30, 100), (60, 180), (90, 240), (150, 300), (400, 900), (460, 960)])];
    let hours = after_posting(&[post(), post(), post()]);
    assert_eq!(hours.len(), HOURS);
    assert_eq!(hours[0], HourGrowth { posts: 3, views: Some(180) });
    assert_eq!(hours[1], HourGrowth { posts: 3, views: Some(90) }, "at two hours it has 270");
    assert_eq!(hours[2], HourGrowth::default(), "between 2:30 and 6:40 nothing was read");
    assert_eq!(hours[6], HourGrowth::default(), "only its end is known");
    assert_eq!(after_posting(&[post(), post()])[0], HourGrowth { posts: 2, views: None }, "too few");
}

#[test]
fn ids_of_one_post_count_together_or_not_at_all() {
    let whole = vec![curve(&[(30, 100), (60, 180)]), curve(&[(30, 10), (60, 20)])];
    let half = vec![curve(&[(30, 100), (60, 180)]), curve(&[(30, 10), (200, 20)])];
    let hours = after_posting(&[whole.clone(), whole.clone(), whole, half]);
    assert_eq!(hours[0], HourGrowth { posts: 3, views: Some(200) });
    assert_eq!(after_posting(&[])[0], HourGrowth::default());
}

fn posts() -> impl Strategy<Value = Vec<Told>> {
    let one = (0..3_u128, 0..400 * 24 * 60_i64, proptest::option::of(0..1_000_000_i64))
        .prop_map(|(who, minutes, views)| told(who, ZERO.plus_millis(minutes * MINUTE), views));
    proptest::collection::vec(one, 0..150)
}

proptest! {
    #[test]
    fn every_post_is_counted_once_or_left_out(posts in posts()) {
        let zone: Zone = "America/New_York".parse().unwrap();
        let table = Table::of(&posts, &zone);
        let cells: usize = table.days().flat_map(|(_, cells)| cells).map(|cell| cell.posts).sum();
        prop_assert_eq!((cells, cells + table.left_out), (table.posts, posts.len()));
        prop_assert!(table.days().flat_map(|(_, cells)| cells).all(|it| it.views.is_some() == (it.posts >= FEW)));
        prop_assert_eq!(table.days().map(|(day, cells)| (day, cells.len())).collect::<Vec<_>>(), (1..=7).map(|day| (day, 12)).collect::<Vec<_>>());
    }

    #[test]
    fn order_changes_nothing_and_every_suggestion_has_its_evidence(mut posts in posts()) {
        let zone = Zone::utc();
        let (table, found) = (Table::of(&posts, &zone), suggestions(&posts, &zone));
        for it in &found {
            prop_assert!(it.posts >= 5 && it.others >= 10 && it.views > it.others_views);
            let cells = table.days().nth(usize::try_from(it.slot.weekday()).unwrap() - 1).unwrap().1;
            prop_assert!(cells[usize::try_from(it.from_hour).unwrap() / BLOCK_HOURS].posts >= it.posts);
        }
        posts.reverse();
        prop_assert_eq!((Table::of(&posts, &zone), suggestions(&posts, &zone)), (table, found));
    }

    #[test]
    fn a_mark_lies_between_its_readings(start in 0..200 * 60_i64, wide in 1..3_000_i64, from in 0..1_i64 << 40, to in 0..1_i64 << 40) {
        for mark in marks_between(ZERO, read(start, from), read(start + wide, to)) {
            let views = mark.counters.views.unwrap();
            prop_assert!(views >= from.min(to) && views <= from.max(to));
            prop_assert!(start * MINUTE < mark.hours * HOUR && mark.hours * HOUR <= (start + wide) * MINUTE);
        }
    }
}
