//! The systematic half: the same small story again and again, and each time the node dies one step later.
//!
//! Owns the counting of steps. A step is every commit, statement, call and piece of a body.

use crate::plot::{PlannedPost, Plot, Trouble};
use crate::report::Summary;
use crate::run::{Bench, Error};

/// Stories of the systematic half, each told once for every step at which a node can die.
fn grounds() -> Vec<(&'static str, Vec<PlannedPost>)> {
    let post = |is_large, to_inbox, due_ms| PlannedPost {
        account: 0,
        due_ms,
        is_large,
        to_inbox,
        no_comments: false,
        pictures: 0,
    };
    vec![
        ("one chunk, direct", vec![post(false, false, 20_000)]),
        ("one chunk, inbox", vec![post(false, true, 20_000)]),
        ("two chunks, the last one held", vec![post(true, false, 240_000)]),
        ("two pictures, fetched by TikTok", vec![PlannedPost { pictures: 2, ..post(false, false, 60_000) }]),
        ("two posts at once", vec![post(false, false, 20_000), post(false, false, 20_000)]),
    ]
}

/// Kills the node at every step of every ground, once with one restart at once and once with a pause of a minute.
///
/// # Errors
/// When a stage cannot be set.
pub fn every_step(bench: &Bench, mut told: impl FnMut(&str, u64)) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    for (name, posts) in grounds() {
        let undisturbed = bench.run(&Plot::quiet(1, posts.clone()))?;
        summary.add(&undisturbed);
        let steps = undisturbed.steps;
        for down_ms in [50, 60_000] {
            for step in 1..=steps {
                let mut plot = Plot::quiet(step, posts.clone());
                plot.trouble.push((0, Trouble::Trip { node: 0, steps: step, down_ms }));
                plot.close();
                summary.add(&bench.run(&plot)?);
            }
        }
        told(name, steps);
    }
    Ok(summary)
}
