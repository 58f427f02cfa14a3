//! How posts that have something in common did beside the others: their middle, how far they spread, and whether the difference is more than chance.
//! Owns the comparison; what posts have in common is the caller's.

use super::median;
use super::rank::{float, higher, lower, ranks};
use super::times::{Told, percents};

/// Groups with fewer posts, or with fewer outside of them, are not compared.
pub const GROUP_FEW: usize = 5;
/// How often chance alone may say of some group that it is better or worse.
const CHANCE: f64 = 0.05;

/// How a group stands beside all other posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Better by more than chance.
    Better,
    /// Worse by more than chance.
    Worse,
    /// No difference that chance would not make.
    Alike,
    /// There are too few other posts to compare with.
    Alone,
}

/// What the posts of a group did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Their median views.
    pub views: i64,
    /// A quarter of them had this or less, nearest rank.
    pub low: i64,
    /// A quarter of them had more than this, nearest rank.
    pub high: i64,
    /// The median of how each did against its account, percent; `None` where the median of the account is zero.
    pub percent: Option<i64>,
    /// Beside all other posts, each measured against its own account.
    pub verdict: Verdict,
}

/// Posts that have something in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub posts: usize,
    /// `None` for fewer than [`GROUP_FEW`].
    pub figures: Option<Figures>,
}

/// The groups of some posts, in their order; each names its posts by their places. Posts whose views are not known are in no group.
#[must_use]
pub fn groups(posts: &[Told], members: &[Vec<usize>]) -> Vec<Group> {
    let percents = percents(posts);
    let known: Vec<(usize, i64)> =
        percents.iter().enumerate().filter_map(|(place, percent)| Some((place, (*percent)?))).collect();
    let (ranks, ties) = ranks(&known.iter().map(|(_, percent)| *percent).collect::<Vec<_>>());
    let mut rank_of = vec![None; posts.len()];
    for ((place, _), rank) in known.iter().zip(&ranks) {
        if let Some(at) = rank_of.get_mut(*place) {
            *at = Some(*rank);
        }
    }
    let big = members.iter().filter(|group| group.len() >= GROUP_FEW).count().max(1);
    // Two sides, and as many looks as there are groups.
    let chance = CHANCE / 2.0 / float(big);
    let group = |members: &Vec<usize>| {
        let mut views: Vec<i64> = members.iter().filter_map(|place| posts.get(*place)?.views).collect();
        let of_each: Vec<i64> = members.iter().filter_map(|place| *percents.get(*place)?).collect();
        let inside: Vec<u64> = members.iter().filter_map(|place| *rank_of.get(*place)?).collect();
        let (n, m) = (inside.len(), known.len().saturating_sub(inside.len()));
        let sum: u64 = inside.iter().sum();
        let verdict = match () {
            () if n < GROUP_FEW || m < GROUP_FEW => Verdict::Alone,
            () if higher(n, m, sum, ties) <= chance => Verdict::Better,
            () if lower(n, m, sum, ties) <= chance => Verdict::Worse,
            () => Verdict::Alike,
        };
        views.sort_unstable();
        let rank = |quarters: usize| {
            let place = views.len().saturating_mul(quarters).div_ceil(4).saturating_sub(1);
            views.get(place).copied()
        };
        let figures = || {
            let (views, low, high) = (median(&views)?, rank(1)?, rank(3)?);
            Some(Figures { views, low, high, percent: median(&of_each), verdict })
        };
        Group { posts: views.len(), figures: figures().filter(|_| views.len() >= GROUP_FEW) }
    };
    members.iter().map(group).collect()
}
