//! A slice of the torture in every test run: some seeds, every seventh step of the smallest story, and the proof that a seed is a story.
//! The whole of it is `moloko torture`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at its first failure")]

use std::sync::Mutex;

use torture::{Bench, PlannedPost, Plot, Trouble};

/// The slice.
const SEEDS: u64 = 300;
/// Seeds that once failed, with what they found. A seed tells another story once the draws of a plot change; the ones before the last
/// did then, and stay as more seeds.
const FOUND: [u64; 8] = [
    299,  // a file that is gone after the last chunk was announced
    1744, // a row whose own process let the lease end while the database was away
    2940, // a refresh whose answer never came, for days
    3007, // many overdue posts after a long stop
    1570, // a task of photos that failed, after a restore that had forgotten the next one
    3651, // photos that waited for a clock nobody looked at any more
    9531, // a post that is out, parked as disconnected by the marks beside a restored database
    5389, // an account whose token is lost while TikTok works on its post
];

#[test]
fn pp_2_3_every_promise_is_kept_in_a_slice_of_the_seeds() {
    let failed = Mutex::new(Vec::new());
    let summary =
        torture::seeds(1, SEEDS, torture::workers(), |outcome| failed.lock().unwrap().push(outcome.clone())).unwrap();
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(summary.seeds, SEEDS);
}

#[test]
fn what_once_failed_is_told_again() {
    let bench = Bench::new().unwrap();
    for seed in FOUND {
        let outcome = bench.run(&Plot::of_seed(seed)).unwrap();
        assert!(outcome.breaches.is_empty(), "seed {seed}: {:#?}\n{:#?}", outcome.breaches, outcome.timeline);
    }
}

#[test]
fn a_seed_is_one_story() {
    let plot = Plot::of_seed(3);
    let (_, first) = Bench::new().unwrap().replay(&plot).unwrap();
    let (_, second) = Bench::new().unwrap().replay(&plot).unwrap();
    assert!(first.len() > 5, "{first:#?}");
    assert_eq!(first, second);
}

#[test]
fn a_node_may_die_at_any_step_of_a_post() {
    let bench = Bench::new().unwrap();
    let post =
        PlannedPost { account: 0, due_ms: 20_000, is_large: false, to_inbox: false, no_comments: false, pictures: 0 };
    let undisturbed = bench.run(&Plot::quiet(1, vec![post.clone()])).unwrap();
    assert!(undisturbed.breaches.is_empty(), "{:#?}", undisturbed.breaches);
    assert!(undisturbed.steps > 50, "only {} steps were seen", undisturbed.steps);
    for step in (1..=undisturbed.steps).step_by(7) {
        let mut plot = Plot::quiet(step, vec![post.clone()]);
        plot.trouble.push((0, Trouble::Trip { node: 0, steps: step, down_ms: 50 }));
        plot.close();
        let outcome = bench.run(&plot).unwrap();
        assert!(outcome.breaches.is_empty(), "step {step}: {:#?}\n{:#?}", outcome.breaches, outcome.timeline);
        assert_eq!(outcome.ends.get("published"), Some(&1), "step {step}: {:?}", outcome.ends);
    }
}
