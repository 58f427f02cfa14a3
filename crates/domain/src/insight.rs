//! What the numbers of many posts say together: how a post did at a fixed age, by weekday and hour, and hour by hour after it went out. Pure: owns what is
//! counted, what is left out and when a difference is more than chance. Must not know a database, a clock or a page.
//!
//! Nothing is guessed: a post whose readings stand too far apart is left out, and counted as left out.

mod groups;
mod hourly;
mod marks;
mod rank;
mod times;

pub use self::groups::{Figures, GROUP_FEW, Group, Verdict, groups};
pub use self::hourly::{Curve, HOURS, HourGrowth, after_posting};
pub use self::marks::{MARKS, Mark, MarkAge, Read, marks_between};
pub use self::times::{BLOCK_HOURS, Cell, Suggestion, Table, Told, USUAL_FEW, suggestions};

/// Fewer posts than these say nothing about others like them.
pub const FEW: usize = 3;

/// The middle of some values; of an even number the mean of the two in the middle, rounded down. `None` of none.
#[must_use]
pub fn median(values: &[i64]) -> Option<i64> {
    let mut all = values.to_vec();
    all.sort_unstable();
    let high = *all.get(all.len() / 2)?;
    if all.len() % 2 == 1 {
        return Some(high);
    }
    let low = *all.get((all.len() / 2).checked_sub(1)?)?;
    Some(i64::midpoint(low, high))
}

/// The value at an instant on the straight line between two readings, rounded down.
fn between(at: i64, (before_at, before): (i64, i64), (after_at, after): (i64, i64)) -> i64 {
    let wide = i128::from(after_at) - i128::from(before_at);
    if wide <= 0 {
        return after;
    }
    let grown = (i128::from(after) - i128::from(before)) * (i128::from(at) - i128::from(before_at));
    i64::try_from(i128::from(before) + grown.div_euclid(wide)).unwrap_or(after)
}

#[cfg(test)]
mod tests;
