//! When somebody who does not come any more is warned and then erased. Owns the steps and their dates; a pure function of when the person
//! was last seen. Must not erase anything.

use super::clauses::{INACTIVE_FIRST_DAYS, INACTIVE_LAST_DAYS};
use crate::time::UnixMillis;

const DAY_MS: i64 = 86_400_000;

/// The warnings that were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warned {
    /// When the first was given.
    pub first_at: UnixMillis,
    /// When the last was given.
    pub last_at: Option<UnixMillis>,
    /// From here on the erasure begins.
    pub erase_at: UnixMillis,
}

/// What is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// The person came back, or something of theirs went out: the warnings are void.
    Forget,
    /// A month's warning.
    WarnFirst(Warned),
    /// A week's warning.
    WarnLast(Warned),
    /// Nobody came: erase, through the ordinary door with its grace.
    Erase,
}

/// What is due for somebody who was last here at `used_at` (the end of a plan counts as being here), when nobody may stay away for more
/// than `months`.
///
/// Nobody is erased without both warnings in time: where the program was away, the date moves.
#[must_use]
pub fn step(used_at: UnixMillis, months: i32, warned: Option<Warned>, now: UnixMillis) -> Step {
    let before = |days: i64, at: UnixMillis| at.plus_millis(days.saturating_mul(-DAY_MS));
    let after = |days: i64| now.plus_millis(days.saturating_mul(DAY_MS));
    match warned {
        // Days are noted, not times, so a visit later on the day of the warning counts.
        Some(warned) if used_at > before(1, warned.first_at) => Step::Forget,
        Some(Warned { last_at: Some(_), erase_at, .. }) if erase_at <= now => Step::Erase,
        Some(warned) if warned.last_at.is_none() && before(INACTIVE_LAST_DAYS, warned.erase_at) <= now => {
            let erase_at = warned.erase_at.max(after(INACTIVE_LAST_DAYS));
            Step::WarnLast(Warned { last_at: Some(now), erase_at, ..warned })
        }
        Some(_) => Step::Wait,
        None => {
            let end = used_at.plus_months(months);
            if before(INACTIVE_FIRST_DAYS, end) > now {
                return Step::Wait;
            }
            Step::WarnFirst(Warned { first_at: now, last_at: None, erase_at: end.max(after(INACTIVE_FIRST_DAYS)) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USED: UnixMillis = UnixMillis::from_millis(1_795_435_200_000);

    fn days(at: UnixMillis, days: i64) -> UnixMillis {
        at.plus_millis(days * DAY_MS)
    }

    #[test]
    fn pp_6_1_two_warnings_a_month_and_a_week_before_and_then_the_erasure() {
        let end = USED.plus_months(24);
        assert_eq!(step(USED, 24, None, days(end, -31)), Step::Wait);
        let first = Warned { first_at: days(end, -30), last_at: None, erase_at: end };
        assert_eq!(step(USED, 24, None, days(end, -30)), Step::WarnFirst(first));
        assert_eq!(step(USED, 24, Some(first), days(end, -8)), Step::Wait);
        let last = Warned { last_at: Some(days(end, -7)), ..first };
        assert_eq!(step(USED, 24, Some(first), days(end, -7)), Step::WarnLast(last));
        assert_eq!(step(USED, 24, Some(last), days(end, -1)), Step::Wait);
        assert_eq!(step(USED, 24, Some(last), end), Step::Erase);
    }

    #[test]
    fn pp_6_1_whoever_comes_back_is_not_erased() {
        let end = USED.plus_months(24);
        let warned = Warned { first_at: days(end, -30), last_at: Some(days(end, -7)), erase_at: end };
        for seen in [days(end, -30), days(end, -3), end] {
            assert_eq!(step(seen, 24, Some(warned), end), Step::Forget);
            assert_eq!(step(seen, 24, None, end), Step::Wait, "and the months begin again");
        }
    }

    #[test]
    fn pp_6_1_a_program_that_was_away_warns_in_time_all_the_same() {
        let late = days(USED.plus_months(24), 100);
        let Step::WarnFirst(first) = step(USED, 24, None, late) else { panic!("the first warning") };
        assert_eq!(first.erase_at, days(late, 30));
        let later = days(late, 50);
        let Step::WarnLast(last) = step(USED, 24, Some(first), later) else {
            panic!("the last warning, not the erasure")
        };
        assert_eq!(last.erase_at, days(later, 7));
        assert_eq!(step(USED, 24, Some(last), days(later, 6)), Step::Wait);
    }
}
