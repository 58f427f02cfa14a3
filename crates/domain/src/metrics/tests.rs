//! The rhythm of reading told as stories, and as properties; and a day of ten thousand accounts against TikTok's budget.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use proptest::prelude::*;

use super::*;

const NOW: UnixMillis = UnixMillis::from_seconds(1_795_510_800);

fn ago(ms: i64) -> UnixMillis {
    NOW.plus_millis(-ms)
}

fn all(n: i64) -> Counters {
    Counters { views: Some(n), likes: Some(n / 10), comments: Some(n / 100), shares: Some(n / 200) }
}

fn watch(age_ms: i64, state: WatchState, since: UnixMillis, last: Option<Counters>) -> Watch {
    Watch { published_at: ago(age_ms), state, since, last }
}

#[test]
fn a_post_is_read_densely_at_first_then_daily_and_weekly() {
    let wait = |age_ms| interval_ms(ago(age_ms), NOW) / MINUTE_MS;
    assert_eq!((wait(0), wait(NEWEST_MS - 1)), (15, 15));
    assert_eq!((wait(NEWEST_MS), wait(NEW_MS - 1)), (60, 60));
    assert_eq!((wait(NEW_MS), wait(YOUNG_MS - 1)), (1_440, 1_440));
    assert_eq!((wait(YOUNG_MS), wait(1_000 * DAY_MS)), (10_080, 10_080));
}

#[test]
fn a_post_that_is_left_out_twice_is_unavailable_and_looked_at_daily_for_a_week_then_weekly() {
    let mut it = watch(10 * DAY_MS, WatchState::Live, ago(10 * DAY_MS), Some(all(500)));
    let mut now = NOW;
    let mut told = Vec::new();
    for _ in 0..11 {
        let next = after(&it, Seen::LeftOut, now);
        assert_eq!((next.sample, next.growth), (None, Growth::default()), "a gap is a gap");
        told.push((next.state.as_str(), next.next_at.millis_since(now) / HOUR_MS));
        (it.state, it.since, now) = (next.state, next.since, next.next_at);
    }
    assert_eq!(told[..2], [("missing", 1), ("unavailable", 24)]);
    assert!(told[2..8].iter().all(|it| *it == ("unavailable", 24)), "{told:?}");
    assert_eq!(told.last(), Some(&("unavailable", 168)));
    let back = after(&it, Seen::There(all(700)), now);
    assert_eq!((back.state, back.since, back.growth.views), (WatchState::Live, now, Some(200)));
}

#[test]
fn a_new_post_that_tiktok_has_not_let_through_yet_is_looked_at_every_hour() {
    let mut it = watch(HOUR_MS, WatchState::Live, ago(HOUR_MS), None);
    let first = after(&it, Seen::LeftOut, NOW);
    (it.state, it.since) = (first.state, first.since);
    let second = after(&it, Seen::LeftOut, first.next_at);
    assert_eq!((first.next_at.millis_since(NOW), second.next_at.millis_since(first.next_at)), (SHORTEST_MS, HOUR_MS));
}

#[test]
fn growth_is_counted_from_the_start_only_where_the_start_is_known() {
    let first = |age_ms| after(&watch(age_ms, WatchState::Live, ago(age_ms), None), Seen::There(all(900)), NOW);
    assert_eq!(first(HOUR_MS).growth.views, Some(900));
    assert_eq!(first(10 * DAY_MS).growth, Growth::default());
    assert_eq!(first(10 * DAY_MS).sample, Some(all(900)));
}

#[test]
fn a_counter_that_comes_late_on_the_first_day_began_with_nothing_too() {
    let first = Counters { likes: None, ..all(900) };
    let later =
        |age_ms| after(&watch(age_ms, WatchState::Live, ago(age_ms), Some(first)), Seen::There(all(1_000)), NOW);
    assert_eq!(
        later(HOUR_MS).growth,
        Growth { views: Some(100), likes: Some(100), comments: Some(1), shares: Some(1) }
    );
    assert_eq!(later(2 * DAY_MS).growth.likes, None, "nobody knows since when");
}

#[test]
fn sums_are_of_what_is_told() {
    let some = Growth { views: Some(2), likes: None, comments: Some(-1), shares: None };
    let other = Growth { views: Some(3), likes: Some(4), comments: None, shares: None };
    assert_eq!(some.and(other), Growth { views: Some(5), likes: Some(4), comments: Some(-1), shares: None });
}

#[test]
fn what_is_not_told_is_nothing_and_never_zero() {
    let before = all(1_000);
    let told = Counters { likes: None, comments: Some(-1), ..all(1_200) };
    let next = after(&watch(DAY_MS, WatchState::Live, ago(DAY_MS), Some(before)), Seen::There(told), NOW);
    assert_eq!(next.sample, Some(Counters { likes: None, comments: None, ..all(1_200) }));
    assert_eq!(next.growth, Growth { views: Some(200), likes: None, comments: None, shares: Some(1) });
    assert_eq!(told.credible().over(before).likes, before.likes, "what was known stays known");
    let nothing = after(&watch(DAY_MS, WatchState::Live, ago(DAY_MS), None), Seen::There(Counters::default()), NOW);
    assert_eq!((nothing.sample, nothing.state), (None, WatchState::Live));
    let less = after(&watch(DAY_MS, WatchState::Live, ago(DAY_MS), Some(all(100))), Seen::There(all(90)), NOW);
    assert_eq!(less.growth.views, Some(-10), "TikTok takes counts back, too");
}

#[test]
fn a_gap_is_where_readings_are_missing_and_not_where_they_were_thinned_out() {
    let at = |minutes: i64| ago(60 * DAY_MS).plus_millis(minutes * MINUTE_MS);
    let gap = |from, to, now| is_gap(at(0), at(from), at(to), now);
    assert!(!gap(0, 30, at(60)) && gap(0, 40, at(60)));
    assert!(!gap(0, 60, at(4 * 1_440)), "one an hour is left");
    assert!(!gap(60, 1_440, NOW) && gap(60, 4 * 1_440, NOW), "one a day is left");
    assert!(!gap(40 * 1_440, 47 * 1_440, NOW), "a week is the rhythm of an old post");
}

#[test]
fn failures_wait_longer_and_longer_and_never_for_more_than_six_hours() {
    let wait = |n| after_failure(n, NOW).millis_since(NOW) / MINUTE_MS;
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 100, i64::MAX].map(wait), [15, 15, 30, 60, 120, 240, 360, 360, 360]);
}

fn any_watch() -> impl Strategy<Value = Watch> {
    let counters = proptest::option::of((0..1_i64 << 40).prop_map(all));
    (0..1_500 * DAY_MS, 0..1_500 * DAY_MS, 0..3_usize, counters).prop_map(|(age, since, state, last)| Watch {
        published_at: ago(age),
        since: ago(since.min(age)),
        state: WatchState::ALL[state],
        last,
    })
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let counter = || proptest::option::of(-5..1_i64 << 40);
    let there = (counter(), counter(), counter(), counter());
    prop_oneof![
        Just(Seen::LeftOut),
        there.prop_map(|(views, likes, comments, shares)| Seen::There(Counters { views, likes, comments, shares })),
    ]
}

proptest! {
    #[test]
    fn every_reading_is_followed_by_a_later_one_within_a_week_and_none_comes_too_soon(it in any_watch(), seen in any_seen()) {
        let next = after(&it, seen, NOW);
        let wait = next.next_at.millis_since(NOW);
        prop_assert!((SHORTEST_MS..=WEEK_MS).contains(&wait), "{wait}");
        prop_assert!(next.since <= NOW);
        prop_assert!(!goes_along(next.state, it.published_at, next.next_at, NOW), "or it would be read again at once");
        if seen == Seen::LeftOut {
            prop_assert!(next.sample.is_none() && next.growth == Growth::default() && next.state != WatchState::Live);
        }
        let told = next.sample.unwrap_or_default();
        for n in [told.views, told.likes, told.comments, told.shares].into_iter().flatten() {
            prop_assert!(n >= 0);
        }
    }

    #[test]
    fn what_grew_adds_up_to_what_was_read(readings in proptest::collection::vec(0..1_i64 << 40, 1..40)) {
        let mut it = watch(0, WatchState::Live, NOW, None);
        let (mut sum, mut now) = (0, NOW);
        for n in &readings {
            let next = after(&it, Seen::There(all(*n)), now);
            sum += next.growth.views.unwrap_or(0);
            it.last = next.sample;
            now = next.next_at;
        }
        // Only the very first reading begins at zero, and that came within a day of the post.
        prop_assert_eq!(Some(sum), readings.last().copied());
    }
}

/// One account of the simulation: when each of its posts went out, and when it is read next.
struct Account {
    posts: Vec<(UnixMillis, UnixMillis)>,
}

impl Account {
    /// Fifty posts, one every day, the newest within the last day. `n` spreads accounts over the day.
    fn new(n: i64) -> Self {
        let offset = (n * 8_641) % DAY_MS;
        let post = |k: i64| {
            let out = ago(offset + k * DAY_MS);
            // Somewhere within its present interval, as after any long run.
            (out, NOW.plus_millis((n * 7_919 + k * 104_729) % interval_ms(out, NOW)))
        };
        Self { posts: (0..50).map(post).collect() }
    }

    fn due(&self) -> UnixMillis {
        self.posts.iter().map(|(_, next)| *next).min().unwrap()
    }

    /// Reads what is due and what goes along; gives how many calls that took.
    fn turn(&mut self, now: UnixMillis) -> usize {
        let mut read = 0_usize;
        for (out, next) in &mut self.posts {
            if goes_along(WatchState::Live, *out, *next, now) {
                let watch = Watch { published_at: *out, state: WatchState::Live, since: *out, last: None };
                *next = after(&watch, Seen::There(all(1)), now).next_at;
                read += 1;
            }
        }
        read.div_ceil(20)
    }
}

#[test]
fn ten_thousand_accounts_with_fifty_posts_each_stay_far_within_tiktoks_budget() {
    const ACCOUNTS: i64 = 10_000;
    let mut accounts: Vec<Account> = (0..ACCOUNTS).map(Account::new).collect();
    let mut turns: BinaryHeap<Reverse<(UnixMillis, usize)>> =
        accounts.iter().enumerate().map(|(n, it)| Reverse((it.due(), n))).collect();
    let until = NOW.plus_millis(DAY_MS);
    let (mut calls, mut of_minute, mut most_of_account) = (0_usize, BTreeMap::new(), 0_usize);
    let mut latest: Vec<(i64, usize)> = vec![(0, 0); accounts.len()];
    while let Some(Reverse((at, n))) = turns.pop() {
        if at >= until {
            continue;
        }
        let used = accounts[n].turn(at);
        calls += used;
        let minute = at.millis() / MINUTE_MS;
        *of_minute.entry(minute).or_insert(0_usize) += used;
        latest[n] = if latest[n].0 == minute { (minute, latest[n].1 + used) } else { (minute, used) };
        most_of_account = most_of_account.max(latest[n].1);
        turns.push(Reverse((accounts[n].due(), n)));
    }
    let busiest = of_minute.values().copied().max().unwrap_or_default();
    println!(
        "{calls} calls a day, {busiest} in the busiest minute, at most {most_of_account} of one account in a minute"
    );
    assert!(most_of_account <= 5, "TikTok takes 600 a minute of each account: {most_of_account}");
    assert!(calls < 1_000_000, "{calls} calls a day");
    // Our own pace is twenty a second and process.
    assert!(busiest < 20 * 60, "{busiest} calls in a minute");
}
