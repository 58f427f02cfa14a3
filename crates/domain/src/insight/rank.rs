//! Whether values of one group are higher than those of another by more than chance: a rank test (Mann and Whitney's, one-sided), with ties accounted for.
//! Owns the arithmetic; how sure somebody has to be is the caller's.

/// Twice the rank of each value, in the order of the values; equal ones share theirs. And by how much ties make ranks vary less: the sum of t³ − t over values
/// that t share.
pub(super) fn ranks(values: &[i64]) -> (Vec<u64>, f64) {
    let mut order: Vec<(i64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; values.len()];
    let (mut ties, mut before) = (0.0, 0_u64);
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let many = u64::try_from(same.len()).unwrap_or(u64::MAX);
        let t = float(same.len());
        ties += t * t * t - t;
        for (_, place) in same {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = before.saturating_mul(2).saturating_add(many).saturating_add(1);
            }
        }
        before = before.saturating_add(many);
    }
    (ranks, ties)
}

/// How likely chance alone gives `n` of `n + m` ranks that sum up to so much or more. The ranks are doubled.
pub(super) fn higher(n: usize, m: usize, doubled_rank_sum: u64, ties: f64) -> f64 {
    let (n, m) = (float(n), float(m));
    let all = n + m;
    let sum = float(usize::try_from(doubled_rank_sum).unwrap_or(usize::MAX)) / 2.0;
    let usual = n * (all + 1.0) / 2.0;
    let varies = n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if varies <= 0.0 {
        return 1.0;
    }
    // Ranks are whole numbers, the curve is not: half a rank less.
    beyond((sum - usual - 0.5) / varies.sqrt())
}

/// How likely chance alone gives ranks that sum up to so little or less.
pub(super) fn lower(n: usize, m: usize, doubled_rank_sum: u64, ties: f64) -> f64 {
    let all = u64::try_from(n.saturating_add(m)).unwrap_or(u64::MAX);
    // Counted from the other end, each rank is what is left to one more than all.
    let turned = u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(all.saturating_add(1)).saturating_mul(2);
    higher(n, m, turned.saturating_sub(doubled_rank_sum), ties)
}

/// The part of a normal distribution beyond so many standard deviations (Abramowitz and Stegun 26.2.17; off by less than a ten-millionth).
fn beyond(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let part = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt() * poly;
    if z >= 0.0 { part } else { 1.0 - part }
}

/// A count as a number to calculate with; nothing here counts beyond four thousand million.
pub(super) fn float(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice of `n` of so many ranks, and the part of them whose sum is that much or more.
    fn exact(n: usize, all: usize, sum: usize) -> f64 {
        let mut counts = vec![vec![0_u64; all * all]; n + 1];
        counts[0][0] = 1;
        for rank in 1..=all {
            for many in (1..=n).rev() {
                for total in (rank..all * all).rev() {
                    counts[many][total] += counts[many - 1][total - rank];
                }
            }
        }
        let every: u64 = counts[n].iter().sum();
        let beyond: u64 = counts[n].iter().skip(sum).sum();
        float(usize::try_from(beyond).unwrap()) / float(usize::try_from(every).unwrap())
    }

    #[test]
    fn the_curve_agrees_with_counting_every_choice() {
        for (n, m) in [(5, 10), (6, 12), (8, 12)] {
            for sum in (n * (n + m + 1) / 2)..(n * (2 * m + n + 1) / 2) {
                let (curve, counted) = (higher(n, m, u64::try_from(2 * sum).unwrap(), 0.0), exact(n, n + m, sum));
                let mirrored = lower(n, m, u64::try_from(2 * (n * (n + m + 1) - sum)).unwrap(), 0.0);
                assert!((mirrored - curve).abs() < 1e-9, "the other side is the same curve");
                assert!((curve - counted).abs() < 0.01, "{n} of {}, {sum}: {curve} {counted}", n + m);
                // Far out, where it decides, it is on the careful side.
                assert!(counted > 0.002 || curve >= counted, "{n} of {}, {sum}: {curve} {counted}", n + m);
            }
        }
    }

    #[test]
    fn known_points_of_the_normal_distribution() {
        for (z, part) in [(0.0, 0.5), (1.644_854, 0.05), (1.959_964, 0.025), (3.090_232, 0.001), (-1.0, 0.841_345)] {
            assert!((beyond(z) - part).abs() < 1e-6, "{z}");
        }
    }
}
