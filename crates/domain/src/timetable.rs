//! When the posts of one account can really go out: TikTok takes six inits a minute, so twenty posts at ten o'clock cannot all
//! begin at ten. Owns the plan that the engine follows and that pages show before and after a time is chosen. Pure.

use crate::attempt::{EARLIEST_LEAD_MS, estimated_transfer_ms, start_at};
use crate::post::Delivery;
use crate::rules::DIRECT_POSTS_24H_TYPICAL;
use crate::time::UnixMillis;

/// Inits of one account in [`WINDOW_MS`].
pub const INITS_PER_WINDOW: usize = 6;

/// Length of a window: a minute and five seconds, because calls arrive later than they are counted, and the first may have been slow
/// where the seventh is quick. Milliseconds.
pub const WINDOW_MS: i64 = 65_000;

/// Drafts from apps that may wait in a creator's inbox within 24 hours.
pub const PENDING_DRAFTS_24H: usize = 5;

/// A day of TikTok's caps, milliseconds.
pub const CAP_WINDOW_MS: i64 = 86_400_000;

/// From the init of a small file to its last byte, milliseconds: what a person is told, not what the engine counts on.
const SPARE_MS: i64 = 2_000;

/// A post that wants to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// When.
    pub due_at: UnixMillis,
    /// Bytes that are sent: those of its file, none for photos.
    pub size_bytes: u64,
}

/// What an account has to share among its posts.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// The present.
    pub now: UnixMillis,
    /// Inits that were sent, or that attempts under way are about to send; those older than a window do not matter.
    pub inits: &'a [UnixMillis],
    /// TikTok asked for a pause until then.
    pub resting_until: Option<UnixMillis>,
    /// Uploads begin ahead of time and hold their last chunk.
    pub early: bool,
    /// Upload speed measured lately, bytes per second.
    pub rate: Option<u64>,
    /// The operator's limit, bytes per second: no file is through sooner than it lets.
    pub limit: Option<u64>,
}

/// A post's place in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When its work begins.
    pub begin_at: UnixMillis,
    /// When it can go out: its due time, or later when too much wants to go out together.
    pub out_at: UnixMillis,
}

/// The plan of one account's posts, given in the order of their due times; the answer has the same order.
///
/// Places among the inits are reserved ahead of the due times where uploads may begin early, so that posts at the same time go out
/// at that time if they were planned long enough before. What does not fit any more goes out later, in order.
#[must_use]
pub fn plan(wishes: &[Wish], account: &Account<'_>) -> Vec<Slot> {
    let wanted: Vec<UnixMillis> =
        wishes.iter().map(|wish| start_at(wish.due_at, wish.size_bytes, account.early, account.rate)).collect();
    let mut order: Vec<(UnixMillis, usize)> = wanted.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let latest = reserved(&order, account.early);
    let mut sent: Vec<UnixMillis> =
        account.inits.iter().copied().filter(|at| account.now.millis_since(*at) < WINDOW_MS).collect();
    sent.sort_unstable();
    let mut slots: Vec<Slot> = wishes.iter().map(|wish| Slot { begin_at: wish.due_at, out_at: wish.due_at }).collect();
    let earliest = account.resting_until.map_or(account.now, |until| until.max(account.now));
    for ((at, index), latest) in order.into_iter().zip(latest) {
        let (Some(wish), Some(slot)) = (wishes.get(index), slots.get_mut(index)) else { continue };
        // Photos are fetched at their time. An upload address lives one hour, so nothing begins earlier than that however crowded the time is.
        let lead = if wish.size_bytes == 0 { 0 } else { EARLIEST_LEAD_MS };
        let no_sooner = wish.due_at.plus_millis(lead.saturating_neg());
        let begin_at = latest.max(no_sooner).max(earliest).max(frees_at(&sent));
        sent.push(begin_at);
        sent.sort_unstable();
        *slot = Slot { begin_at, out_at: out_at(wish, begin_at, begin_at <= at.max(account.now), account) };
    }
    slots
}

/// Latest begins that leave every later post its own: counted from the last one back.
fn reserved(order: &[(UnixMillis, usize)], early: bool) -> Vec<UnixMillis> {
    let mut latest: Vec<UnixMillis> = order.iter().map(|(at, _)| *at).collect();
    if !early {
        return latest;
    }
    for index in (0..latest.len()).rev() {
        let after = index.checked_add(INITS_PER_WINDOW).and_then(|after| latest.get(after)).copied();
        if let (Some(after), Some(own)) = (after, latest.get_mut(index)) {
            *own = (*own).min(after.plus_millis(WINDOW_MS.saturating_neg()));
        }
    }
    latest
}

/// When an account may init again, given all its inits so far, oldest first.
fn frees_at(sent: &[UnixMillis]) -> UnixMillis {
    let sixth_last = sent.len().checked_sub(INITS_PER_WINDOW).and_then(|index| sent.get(index));
    sixth_last.map_or(UnixMillis::from_millis(0), |at| at.plus_millis(WINDOW_MS))
}

fn out_at(wish: &Wish, begin_at: UnixMillis, undisturbed: bool, account: &Account<'_>) -> UnixMillis {
    if undisturbed {
        let through =
            account.limit.map(|limit| begin_at.plus_millis(estimated_transfer_ms(wish.size_bytes, Some(limit))));
        return wish.due_at.max(account.now).max(through.unwrap_or(begin_at));
    }
    let work = estimated_transfer_ms(wish.size_bytes, account.rate).saturating_add(SPARE_MS);
    wish.due_at.max(begin_at.plus_millis(work))
}

/// A cap of TikTok's that a post may run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// More direct posts within 24 hours than TikTok usually takes from one creator, all apps together.
    DirectPosts {
        /// Which one within the 24 hours this would be.
        number: usize,
        /// How many TikTok usually takes.
        typical: i64,
    },
    /// More drafts within 24 hours than may wait in a creator's inbox.
    Drafts {
        /// Which one this would be.
        number: usize,
        /// How many may wait.
        most: usize,
    },
}

/// The cap that a post at `due_at` may run into, given the times of the account's other posts with the same delivery, sent or planned.
///
/// It is a warning: what TikTok really takes varies, is shared with other apps, and nobody can ask for it beforehand.
#[must_use]
pub fn cap(delivery: Delivery, due_at: UnixMillis, others: &[UnixMillis]) -> Option<Cap> {
    let number = within(due_at, others).saturating_add(1);
    match delivery {
        Delivery::Direct => (i64::try_from(number).unwrap_or(i64::MAX) > DIRECT_POSTS_24H_TYPICAL)
            .then_some(Cap::DirectPosts { number, typical: DIRECT_POSTS_24H_TYPICAL }),
        Delivery::Inbox => (number > PENDING_DRAFTS_24H).then_some(Cap::Drafts { number, most: PENDING_DRAFTS_24H }),
    }
}

/// How many of these times lie within the 24 hours up to and with an instant: the rolling day in which TikTok counts.
fn within(until: UnixMillis, times: &[UnixMillis]) -> usize {
    times.iter().filter(|at| (0..CAP_WINDOW_MS).contains(&until.millis_since(**at))).count()
}

/// The most posts that stand within 24 hours at any of these times that is from `from` on and before `until`, given all times of an
/// account's posts with the same delivery from a day before on, oldest first: how full that stretch is, as [`cap`] counts.
#[must_use]
pub fn fullest(times: &[UnixMillis], from: UnixMillis, until: UnixMillis) -> usize {
    let begin = times.partition_point(|at| *at <= from.plus_millis(CAP_WINDOW_MS.saturating_neg()));
    let end = times.partition_point(|at| *at < until);
    let near = times.get(begin..end).unwrap_or_default();
    let mut first = 0_usize;
    let mut most = 0;
    for (index, at) in near.iter().enumerate() {
        while near.get(first).is_some_and(|before| at.millis_since(*before) >= CAP_WINDOW_MS) {
            first = first.saturating_add(1);
        }
        if *at >= from {
            most = most.max(index.saturating_add(1).saturating_sub(first));
        }
    }
    most
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;

    const TEN: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);
    const SMALL: u64 = 1_000_000;

    fn account(now: UnixMillis) -> Account<'static> {
        Account { now, inits: &[], resting_until: None, early: true, rate: None, limit: None }
    }

    fn at_ten(count: usize) -> Vec<Wish> {
        vec![Wish { due_at: TEN, size_bytes: SMALL }; count]
    }

    fn crowded(begins: &[UnixMillis]) -> bool {
        let mut sorted = begins.to_vec();
        sorted.sort_unstable();
        sorted.windows(INITS_PER_WINDOW + 1).any(|w| w[INITS_PER_WINDOW].millis_since(w[0]) < WINDOW_MS)
    }

    #[test]
    fn twenty_posts_at_ten_planned_the_day_before_all_go_out_at_ten() {
        let slots = plan(&at_ten(20), &account(TEN.plus_seconds(-86_400)));
        assert!(slots.iter().all(|slot| slot.out_at == TEN), "{slots:?}");
        let begins: Vec<_> = slots.iter().map(|slot| slot.begin_at).collect();
        assert!(!crowded(&begins));
        assert!(begins.is_sorted(), "in order");
        assert!(TEN.millis_since(begins[0]) < 5 * 60_000, "no earlier than needed: {begins:?}");
    }

    #[test]
    fn eight_posts_at_ten_planned_in_the_last_minute_leave_two_for_a_minute_later() {
        let now = TEN.plus_seconds(-10);
        let slots = plan(&at_ten(8), &account(now));
        assert!(slots[..6].iter().all(|slot| slot.out_at == TEN && slot.begin_at == now), "{slots:?}");
        for late in &slots[6..] {
            assert_eq!(late.begin_at, now.plus_millis(WINDOW_MS));
            assert!(late.out_at > TEN.plus_seconds(55) && late.out_at < TEN.plus_seconds(65), "{late:?}");
        }
    }

    #[test]
    fn without_early_uploads_the_seventh_begins_a_window_after_the_first() {
        let slots = plan(&at_ten(7), &Account { early: false, ..account(TEN.plus_seconds(-600)) });
        assert_eq!(slots[0], Slot { begin_at: TEN, out_at: TEN });
        assert_eq!(slots[6].begin_at, TEN.plus_millis(WINDOW_MS));
    }

    #[test]
    fn inits_that_were_sent_and_a_pause_that_tiktok_asked_for_count() {
        let used = [TEN.plus_seconds(-3); 6];
        let after = plan(&at_ten(1), &Account { inits: &used, ..account(TEN) });
        assert_eq!(after[0].begin_at, TEN.plus_seconds(62));
        let long_ago = [TEN.plus_seconds(-70); 6];
        assert_eq!(plan(&at_ten(1), &Account { inits: &long_ago, ..account(TEN) })[0].begin_at, TEN);
        let resting = Account { resting_until: Some(TEN.plus_seconds(40)), ..account(TEN) };
        assert_eq!(plan(&at_ten(1), &resting)[0].begin_at, TEN.plus_seconds(40));
    }

    #[test]
    fn a_file_goes_out_no_sooner_than_the_limit_of_its_server_lets_it() {
        let wish = [Wish { due_at: TEN, size_bytes: 1_200_000_000 }];
        let out_at = |ahead_s: i64, early: bool| {
            let now = TEN.plus_seconds(-ahead_s);
            plan(&wish, &Account { early, rate: Some(10_000_000), limit: Some(10_000_000), ..account(now) })[0].out_at
        };
        assert_eq!(out_at(3_600, true), TEN, "there is time");
        assert_eq!(out_at(30, true), TEN.plus_seconds(90), "two minutes from now");
        assert_eq!(out_at(3_600, false), TEN.plus_seconds(120), "nothing is sent ahead");
        let unlimited = plan(&wish, &Account { rate: Some(10_000_000), ..account(TEN) });
        assert_eq!(unlimited[0].out_at, TEN, "what was measured says little about the next one");
    }

    #[test]
    fn nothing_begins_so_early_that_its_upload_address_could_end() {
        let slots = plan(&at_ten(500), &account(TEN.plus_seconds(-86_400)));
        let first = slots.iter().map(|slot| slot.begin_at).min().unwrap();
        assert_eq!(TEN.millis_since(first), EARLIEST_LEAD_MS);
        assert!(slots[499].out_at > TEN, "five hundred are too many for fifty minutes");
    }

    #[test]
    fn the_sixteenth_post_and_the_sixth_draft_of_a_day_are_told() {
        let fifteen: Vec<_> = (0..15).map(|n| TEN.plus_seconds(-3600 * n)).collect();
        assert_eq!(cap(Delivery::Direct, TEN, &fifteen[..14]), None);
        assert_eq!(cap(Delivery::Direct, TEN, &fifteen), Some(Cap::DirectPosts { number: 16, typical: 15 }));
        assert_eq!(cap(Delivery::Direct, TEN.plus_seconds(86_400), &fifteen), None, "a day later there is room");
        assert_eq!(cap(Delivery::Inbox, TEN, &fifteen[..5]), Some(Cap::Drafts { number: 6, most: 5 }));
    }

    #[test]
    fn how_full_a_day_is_counts_the_evening_before_and_nothing_after_it() {
        let hour = |n: i64| TEN.plus_seconds(3600 * n);
        let times: Vec<_> = [-25, -20, -1, 0, 5, 23, 24, 30].map(hour).to_vec();
        assert_eq!(
            fullest(&times, TEN, hour(24)),
            3,
            "at 0 with those of 20 hours and 1 hour before; at 5 and at 23 an older one has left the day"
        );
        assert_eq!(fullest(&times, hour(24), hour(48)), 3);
        assert_eq!(fullest(&times, hour(48), hour(72)), 0);
        assert_eq!(fullest(&[], TEN, hour(24)), 0);
    }

    proptest! {
        #[test]
        fn how_full_a_day_is_agrees_with_the_warning_at_each_of_its_posts(
            minutes in prop::collection::vec(-3_000_i64..3_000, 0..60),
        ) {
            let mut times: Vec<_> = minutes.into_iter().map(|n| TEN.plus_seconds(60 * n)).collect();
            times.sort_unstable();
            let (from, until) = (TEN, TEN.plus_seconds(86_400));
            let most = times.iter().filter(|at| (from..until).contains(*at)).map(|at| within(*at, &times)).max();
            prop_assert_eq!(fullest(&times, from, until), most.unwrap_or(0));
        }

        #[test]
        fn no_plan_asks_tiktok_for_more_than_it_takes_and_nothing_goes_out_before_its_time(
            wishes in prop::collection::vec((0_i64..900, 1_u64..300_000_000), 0..40),
            used in prop::collection::vec(-60_i64..0, 0..6),
            early in any::<bool>(),
        ) {
            let mut wishes: Vec<Wish> = wishes
                .into_iter()
                .map(|(s, size_bytes)| Wish { due_at: TEN.plus_seconds(s), size_bytes })
                .collect();
            wishes.sort_by_key(|wish| wish.due_at);
            let inits: Vec<_> = used.into_iter().map(|s| TEN.plus_seconds(s)).collect();
            let slots = plan(&wishes, &Account { inits: &inits, early, ..account(TEN) });
            let mut begins = inits.clone();
            begins.extend(slots.iter().map(|slot| slot.begin_at));
            prop_assert!(!crowded(&begins));
            for (wish, slot) in wishes.iter().zip(&slots) {
                prop_assert!(slot.out_at >= wish.due_at);
                prop_assert!(slot.begin_at >= TEN);
            }
        }
    }
}
