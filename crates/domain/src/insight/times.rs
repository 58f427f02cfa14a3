//! How posts did by the weekday and hour at which they went out, and which times are better by more than chance. Owns the table, the comparison and its test.
//!
//! A time is suggested when an account has enough posts in it, they did better in the middle, and a rank test (Mann and Whitney's, one-sided, with ties and the
//! number of times that were looked at accounted for) says that so great a difference would come by chance less than once in twenty looks at such a table.

use std::collections::BTreeMap;

use super::rank::{float, higher, ranks};
use super::{FEW, median};
use crate::id::{ConnectionId, PostId};
use crate::rhythm::Slot;
use crate::schedule::{Zone, to_local};
use crate::time::UnixMillis;

/// Hours of one cell of the table.
pub const BLOCK_HOURS: usize = 2;
const BLOCKS: usize = 24 / BLOCK_HOURS;
const DAYS: usize = 7;
/// Posts whose views are known without which nothing is usual for an account.
pub const USUAL_FEW: usize = 10;
/// Posts in a cell without which nothing is suggested.
const ENOUGH: usize = 5;
/// Posts of the account outside of it without which there is nothing to compare with.
const OTHERS: usize = 10;
/// How often chance alone may lead to a suggestion.
const CHANCE: f64 = 0.05;
/// Suggested for one account at most.
const BEST: usize = 3;

/// A post and what its views were at the age at which posts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Which post.
    pub post: PostId,
    /// Of which account.
    pub account: ConnectionId,
    /// When it went out.
    pub published_at: UnixMillis,
    /// Its views then; `None` where no readings stand close enough.
    pub views: Option<i64>,
}

/// Posts of one weekday and block of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// How many, of those whose views are known.
    pub posts: usize,
    /// Their median views; `None` for fewer posts than say anything.
    pub views: Option<i64>,
    /// The median of how each did against the median of its own account, percent: 100 is as usual. `None` as above, and where an account's median is zero
    /// or that of fewer posts than [`USUAL_FEW`].
    pub percent: Option<i64>,
}

/// The table: seven days from Monday on, each with twelve blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    cells: Vec<Cell>,
    /// Posts in it.
    pub posts: usize,
    /// Posts whose views at that age are not known.
    pub left_out: usize,
}

/// A time of the week at which an account's posts did better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggestion {
    /// Whose.
    pub account: ConnectionId,
    /// The slot: the middle of the times at which those posts went out, to five minutes.
    pub slot: Slot,
    /// Where its block begins, hour.
    pub from_hour: i8,
    /// How many posts went out in the block.
    pub posts: usize,
    /// Their median views.
    pub views: i64,
    /// The account's other posts.
    pub others: usize,
    /// Their median views.
    pub others_views: i64,
}

/// Where a post stands in the table, and the minute of the block.
fn place(at: UnixMillis, zone: &Zone) -> (usize, usize) {
    let local = to_local(at, zone);
    let number = |n: i8| usize::try_from(n).unwrap_or(0);
    let (day, hour) = (number(local.weekday()).saturating_sub(1), number(local.hour()));
    let minute = (hour % BLOCK_HOURS).saturating_mul(60).saturating_add(number(local.minute()));
    (day.saturating_mul(BLOCKS).saturating_add(hour / BLOCK_HOURS), minute)
}

/// How each post did against the median of its own account, percent, rounded to the nearest; `None` where its views are not known, the
/// median is zero or the account has fewer posts than [`USUAL_FEW`].
pub(super) fn percents(posts: &[Told]) -> Vec<Option<i64>> {
    let mut usual: BTreeMap<ConnectionId, Vec<i64>> = BTreeMap::new();
    for (account, views) in posts.iter().filter_map(|it| Some((it.account, it.views?))) {
        usual.entry(account).or_default().push(views);
    }
    let usual: BTreeMap<ConnectionId, i64> = usual
        .into_iter()
        .filter(|(_, views)| views.len() >= USUAL_FEW)
        .filter_map(|(account, views)| Some((account, median(&views)?)))
        .collect();
    let percent = |it: &Told| {
        let usual = *usual.get(&it.account)?;
        it.views?.saturating_mul(200).saturating_add(usual).checked_div_euclid(usual.saturating_mul(2))
    };
    posts.iter().map(percent).collect()
}

impl Table {
    /// The table of some posts by the clock of a zone.
    #[must_use]
    pub fn of(posts: &[Told], zone: &Zone) -> Self {
        let of_usual = percents(posts);
        let mut views: Vec<Vec<i64>> = vec![Vec::new(); DAYS * BLOCKS];
        let mut shares = views.clone();
        let mut left_out = 0_usize;
        for (it, percent) in posts.iter().zip(of_usual) {
            let Some(many) = it.views else {
                left_out = left_out.saturating_add(1);
                continue;
            };
            let (cell, _) = place(it.published_at, zone);
            if let Some(all) = views.get_mut(cell) {
                all.push(many);
            }
            if let (Some(all), Some(percent)) = (shares.get_mut(cell), percent) {
                all.push(percent);
            }
        }
        let few = |all: &Vec<i64>| median(all).filter(|_| all.len() >= FEW);
        let cell = |(views, shares): (&Vec<i64>, &Vec<i64>)| Cell {
            posts: views.len(),
            views: few(views),
            percent: few(shares),
        };
        let cells: Vec<Cell> = views.iter().zip(&shares).map(cell).collect();
        Self { cells, posts: posts.len().saturating_sub(left_out), left_out }
    }

    /// The days in order, each with its number, 1 (Monday) to 7 (Sunday), and its blocks from midnight on.
    pub fn days(&self) -> impl Iterator<Item = (i8, &[Cell])> {
        (1_i8..).zip(self.cells.chunks(BLOCKS))
    }
}

/// The times at which accounts did better by more than chance, of each account the three best, the greatest difference first.
#[must_use]
pub fn suggestions(posts: &[Told], zone: &Zone) -> Vec<Suggestion> {
    let mut accounts: BTreeMap<ConnectionId, Vec<Placed>> = BTreeMap::new();
    for (it, views) in posts.iter().filter_map(|it| Some((it, it.views?))) {
        let (cell, minute) = place(it.published_at, zone);
        accounts.entry(it.account).or_default().push(Placed { cell, minute, views });
    }
    // Whoever looks at many times finds a good one by chance; each has to be so much surer. The times of all accounts are looked at together.
    let looked_at: usize = accounts.values().map(|posts| looked_at(posts)).sum();
    let chance = CHANCE / float(looked_at.max(1));
    accounts.into_iter().flat_map(|(account, posts)| best_of(account, &posts, chance)).collect()
}

/// A post in its place among those of its account.
#[derive(Debug, Clone, Copy)]
struct Placed {
    cell: usize,
    minute: usize,
    views: i64,
}

/// Whether there is enough in a cell and outside of it to compare them.
const fn is_looked_at(inside: usize, all: usize) -> bool {
    inside >= ENOUGH && all.saturating_sub(inside) >= OTHERS
}

/// How many cells are compared with the others of their account.
fn looked_at(posts: &[Placed]) -> usize {
    let mut cells: BTreeMap<usize, usize> = BTreeMap::new();
    for it in posts {
        let many = cells.entry(it.cell).or_default();
        *many = many.saturating_add(1);
    }
    cells.values().filter(|inside| is_looked_at(**inside, posts.len())).count()
}

fn best_of(account: ConnectionId, posts: &[Placed], chance: f64) -> Vec<Suggestion> {
    let (ranks, ties) = ranks(&posts.iter().map(|it| it.views).collect::<Vec<_>>());
    let mut cells: Vec<Vec<(&Placed, u64)>> = vec![Vec::new(); DAYS * BLOCKS];
    for (it, rank) in posts.iter().zip(ranks) {
        if let Some(cell) = cells.get_mut(it.cell) {
            cell.push((it, rank));
        }
    }
    let others = |n: usize| posts.len().saturating_sub(n);
    let mut found: Vec<Suggestion> = Vec::new();
    for (cell, inside) in cells.iter().enumerate().filter(|(_, inside)| is_looked_at(inside.len(), posts.len())) {
        let n = inside.len();
        let rank_sum: u64 = inside.iter().map(|(_, rank)| rank).sum();
        if higher(n, others(n), rank_sum, ties) > chance {
            continue;
        }
        let here = median(&inside.iter().map(|(it, _)| it.views).collect::<Vec<_>>());
        let elsewhere: Vec<i64> = posts.iter().filter(|it| it.cell != cell).map(|it| it.views).collect();
        let Some((here, elsewhere)) = here.zip(median(&elsewhere)).filter(|(here, elsewhere)| here > elsewhere) else {
            continue;
        };
        let minutes: Vec<i64> = inside.iter().filter_map(|(it, _)| i64::try_from(it.minute).ok()).collect();
        let (day, hour) = (cell / BLOCKS, cell % BLOCKS * BLOCK_HOURS);
        let small = |n: usize| i8::try_from(n).unwrap_or(0);
        let middle = i32::try_from(median(&minutes).unwrap_or(0) / 5 * 5).unwrap_or(0);
        let Some(slot) = Slot::new(small(day).saturating_add(1), small(hour), 0) else { continue };
        found.push(Suggestion {
            account,
            slot: slot.plus_minutes(middle),
            from_hour: small(hour),
            posts: n,
            views: here,
            others: others(n),
            others_views: elsewhere,
        });
    }
    let gain = |it: &Suggestion| it.views.saturating_mul(1_000) / it.others_views.max(1);
    found.sort_by_key(|it| (std::cmp::Reverse(gain(it)), it.slot));
    found.truncate(BEST);
    found
}
