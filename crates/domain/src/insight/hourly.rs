//! How posts grow hour by hour after they went out. Owns the values at full hours and the medians over posts.

use super::{FEW, between, median};
use crate::time::UnixMillis;

/// Hours after posting that are looked at.
pub const HOURS: usize = 48;
const HOUR_MS: i64 = 3_600_000;
/// Readings that stand further apart say nothing about a full hour between them, milliseconds: an hour and half as much again.
const APART_MS: i64 = 90 * 60_000;

/// What was read of one id of a post, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// When the post went out.
    pub published_at: UnixMillis,
    /// Instants and the views then; readings that told none are not among them.
    pub views: Vec<(UnixMillis, i64)>,
}

/// How many views posts gain in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HourGrowth {
    /// Posts of which both ends of the hour are known.
    pub posts: usize,
    /// The median; `None` for fewer posts than say anything.
    pub views: Option<i64>,
}

impl Curve {
    /// Views at each full hour, the moment of posting first: nobody saw the post before. `None` where no two readings stand close enough around it.
    fn at_hours(&self) -> Vec<Option<i64>> {
        let start = self.published_at.millis();
        let mut told = vec![(start, 0)];
        told.extend(self.views.iter().map(|(at, n)| (at.millis(), *n)).filter(|(at, _)| *at > start));
        let mut hours = vec![Some(0)];
        let mut pairs = told.iter().zip(told.iter().skip(1)).peekable();
        for hour in 1..=HOURS {
            let at = start.saturating_add(i64::try_from(hour).unwrap_or(i64::MAX).saturating_mul(HOUR_MS));
            while pairs.next_if(|(_, later)| later.0 < at).is_some() {}
            let close = pairs.peek().filter(|(before, after)| before.0 <= at && after.0 - before.0 <= APART_MS);
            hours.push(close.map(|(before, after)| between(at, **before, **after)));
        }
        hours
    }
}

/// How many views posts gain in each hour after they went out. Each post has one curve for each of its ids; where one of them is not known, the post
/// is left out of that hour.
#[must_use]
pub fn after_posting(posts: &[Vec<Curve>]) -> Vec<HourGrowth> {
    let mut gained: Vec<Vec<i64>> = vec![Vec::new(); HOURS];
    for post in posts {
        let ids: Vec<Vec<Option<i64>>> = post.iter().map(Curve::at_hours).collect();
        let at = |hour: usize| {
            let values = ids.iter().map(|hours| hours.get(hour).copied().flatten());
            values.reduce(|a, b| a.zip(b).map(|(a, b)| a.saturating_add(b))).flatten()
        };
        for (hour, all) in gained.iter_mut().enumerate() {
            all.extend(at(hour).zip(at(hour.saturating_add(1))).map(|(from, to)| to.saturating_sub(from)));
        }
    }
    let hour = |all: &Vec<i64>| HourGrowth { posts: all.len(), views: median(all).filter(|_| all.len() >= FEW) };
    gained.iter().map(hour).collect()
}
