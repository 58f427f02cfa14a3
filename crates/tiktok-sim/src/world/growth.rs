//! How posts and accounts grow: the same for the same post at the same instant, quick at first, slower at night, and now and then a hit. Whole numbers only.

use super::{Post, World};
use crate::random::mix;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 1_440;
/// Minutes after which half of those who see a post at once have seen it.
const QUICK_MINUTES: u64 = 540;
/// Minutes after which half of those who come upon it later have.
const SLOW_MINUTES: u64 = 20 * 1_440;
/// Of so many posts one is a hit.
const HIT_OF: u64 = 12;

/// Hours (UTC) in which a post reaches four times as many people.
const EVENING: std::ops::Range<i64> = 16..20;

/// Counters of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counters {
    pub(crate) views: u64,
    pub(crate) likes: u64,
    pub(crate) comments: u64,
    pub(crate) shares: u64,
}

/// Minutes of somebody's attention since 1970: a quarter as many between midnight and six, half as many again from eighteen on.
fn attention(at_ms: i64) -> i64 {
    let minutes = at_ms.div_euclid(MINUTE_MS);
    let (day, minute) = (minutes.div_euclid(DAY_MINUTES), minutes.rem_euclid(DAY_MINUTES));
    let night = minute.min(360);
    let light = (minute - 360).clamp(0, 720);
    let evening = (minute - 1_080).max(0);
    // 90 + 720 + 540 minutes a day.
    day * 1_350 + night / 4 + light + evening * 3 / 2
}

/// A share of `all` that is half of it after `half` minutes and never quite the whole.
fn risen(all: u64, minutes: u64, half: u64) -> u64 {
    all.saturating_mul(minutes) / minutes.saturating_add(half).max(1)
}

/// Counters at an instant; nothing before the post is public.
pub(crate) fn counters(post: &Post, now_ms: i64) -> Counters {
    let Some(since) = post.public_at_ms.filter(|at| *at <= now_ms) else { return Counters::default() };
    let minutes = u64::try_from(attention(now_ms) - attention(since)).unwrap_or(0);
    let luck = mix(post.post_id);
    // From 300 to 9,600 people, most posts near the lower end.
    let reach = (300 + luck % 300) << (luck / 1_000 % 5);
    let reach = if (luck / 7).is_multiple_of(HIT_OF) { reach.saturating_mul(25) } else { reach };
    // Who posts when people look reaches more of them.
    let hour = since.div_euclid(60 * MINUTE_MS).rem_euclid(24);
    let reach = if EVENING.contains(&hour) { reach.saturating_mul(4) } else { reach };
    let views = risen(reach, minutes, QUICK_MINUTES) + risen(reach / 3, minutes, SLOW_MINUTES);
    Counters {
        views,
        likes: views / (9 + luck % 9),
        comments: views / (80 + luck % 90),
        shares: views / (180 + luck % 160),
    }
}

impl World {
    /// Followers of somebody: those they began with, and one for every hundred and fifty views since.
    pub(crate) fn followers(&self, username: &str, now_ms: i64) -> u64 {
        let began = self.users.get(username).map_or(0, |user| user.follower_count);
        let posts = self.posts.iter().filter(|post| post.username == username && post.is_public(now_ms));
        began + posts.map(|post| counters(post, now_ms).views).sum::<u64>() / 150
    }
}
