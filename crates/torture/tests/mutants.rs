//! The torture can fail: known mistakes, made on purpose in the real engine, break a promise in a story that is whole without them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at its first failure")]

use domain::attempt::mutant::{self, Mutant};
use tiktok_sim::{FaultAction, FaultRule, Route};
use torture::{Bench, Invariant, PlannedPost, Plot, Trouble};

fn post(is_large: bool, due_ms: i64) -> PlannedPost {
    PlannedPost { account: 0, due_ms, is_large, to_inbox: false, no_comments: false }
}

fn story(posts: Vec<PlannedPost>, trouble: Vec<(i64, Trouble)>) -> Plot {
    let mut plot = Plot::quiet(7, posts);
    plot.trouble = trouble;
    plot.close();
    plot
}

/// The story holds without the mistake and breaks one of these promises with it.
fn caught(mistake: Mutant, plot: &Plot, expected: &[Invariant]) {
    let bench = Bench::new().unwrap();
    let sound = bench.run(plot).unwrap();
    assert!(sound.breaches.is_empty(), "{mistake:?}, not made: {:#?}\n{:#?}", sound.breaches, sound.timeline);
    let broken = mutant::with(mistake, || bench.run(plot)).unwrap();
    assert!(
        broken.breaches.iter().any(|breach| expected.contains(&breach.invariant)),
        "{mistake:?} was not noticed as {expected:?}: {:#?}",
        broken.breaches
    );
}

#[test]
fn a_lost_answer_of_the_last_chunk_taken_for_a_failure_is_caught() {
    let rule = FaultRule::once(Route::UploadFinalChunk, FaultAction::DropAfter);
    let plot = story(vec![post(false, 20_000)], vec![(0, Trouble::Script { rule })]);
    caught(Mutant::TimeoutMeansFailure, &plot, &[Invariant::I01, Invariant::I05]);
}

#[test]
fn beginning_anew_after_the_last_chunk_is_caught() {
    // The node dies soon after the last chunk has left; the one after it finds the row.
    let rule = FaultRule::once(Route::Status, FaultAction::Latency(2_000));
    let trouble = vec![
        (0, Trouble::Script { rule: FaultRule::once(Route::UploadFinalChunk, FaultAction::DropAfter) }),
        (0, Trouble::Script { rule }),
        (20_300, Trouble::Kill { node: 0, down_ms: 50 }),
    ];
    let plot = story(vec![post(false, 20_000)], trouble);
    caught(Mutant::NewAttemptAfterFinal, &plot, &[Invariant::I01, Invariant::I05]);
}

#[test]
fn a_refused_token_while_polling_taken_for_a_failed_post_is_caught() {
    let plot = story(vec![post(false, 20_000)], vec![(21_000, Trouble::ExpireToken { account: 0 })]);
    caught(Mutant::NewInitOnUnauthorized, &plot, &[Invariant::I01, Invariant::I05]);
}

#[test]
fn a_last_chunk_that_nobody_announced_is_caught() {
    let plot = story(vec![post(false, 20_000)], Vec::new());
    caught(Mutant::NoFinalIntent, &plot, &[Invariant::I09, Invariant::I13]);
}

#[test]
fn a_published_post_without_ids_taken_for_a_failed_one_is_caught() {
    let plot = story(vec![post(false, 20_000)], Vec::new());
    caught(Mutant::NoIdsIsFailure, &plot, &[Invariant::I01, Invariant::I05]);
}

#[test]
fn a_last_chunk_before_its_time_is_caught() {
    let plot = story(vec![post(true, 240_000)], Vec::new());
    caught(Mutant::NoDueCheck, &plot, &[Invariant::I03]);
}
