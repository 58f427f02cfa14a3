//! The torture can fail: known mistakes, made on purpose in the real engine, break a promise in a story that is whole without them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at its first failure")]

use domain::attempt::mutant::{self, Mutant};
use tiktok_sim::{FaultAction, FaultRule, Route};
use torture::{Bench, Invariant, PlannedPost, Plot, Trouble};

fn post(is_large: bool, due_ms: i64) -> PlannedPost {
    PlannedPost { account: 0, due_ms, is_large, to_inbox: false, no_comments: false, pictures: 0 }
}

fn photos(due_ms: i64) -> PlannedPost {
    PlannedPost { pictures: 2, ..post(false, due_ms) }
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

#[test]
fn a_writer_that_compares_nothing_is_caught() {
    // The node is frozen while TikTok answers its init, and meanwhile the person cancels. It wakes and writes what it knows.
    let answer = FaultRule::once(Route::VideoInit, FaultAction::Latency(5_000));
    let trouble = vec![
        (0, Trouble::Script { rule: answer }),
        (41_500, Trouble::Freeze { node: 0, for_ms: 20_000 }),
        (50_000, Trouble::Cancel { post: 0 }),
    ];
    let plot = story(vec![post(false, 70_000)], trouble);
    caught(Mutant::BlindWrites, &plot, &[Invariant::I13]);
}

#[test]
fn a_task_that_is_saved_only_after_the_upload_is_caught() {
    // The last chunk arrives, and the node dies before it hears of it.
    let rule = FaultRule::once(Route::UploadFinalChunk, FaultAction::Latency(2_000));
    let trouble = vec![(0, Trouble::Script { rule }), (20_500, Trouble::Kill { node: 0, down_ms: 50 })];
    let plot = story(vec![post(false, 20_000)], trouble);
    // The journal beside the database knows of the task, so it is no second copy but a question without a cause.
    caught(Mutant::TaskSavedAfterUpload, &plot, &[Invariant::I01, Invariant::I15]);
}

#[test]
fn two_refreshes_of_one_account_at_once_are_caught() {
    let rule = FaultRule::once(Route::TokenRefresh, FaultAction::Latency(3_000));
    let trouble = vec![(0, Trouble::Script { rule }), (21_000, Trouble::ExpireToken { account: 0 })];
    let plot = story(vec![post(false, 20_000), post(false, 20_000)], trouble);
    caught(Mutant::RefreshWithoutSingleFlight, &plot, &[Invariant::I10]);
}

#[test]
fn publishing_what_became_overdue_before_a_restore_is_caught() {
    let restore = Trouble::Restore { age_ms: 120_000, elsewhere: true, down_ms: 1_000 };
    let plot = story(vec![post(false, 20_000)], vec![(5, restore)]);
    caught(Mutant::BacklogAfterRestore, &plot, &[Invariant::I01]);
}

#[test]
fn a_caption_that_is_read_when_it_is_sent_is_caught() {
    // The attempt exists, and TikTok's first answer makes it look at everything once more.
    let rule = FaultRule::once(Route::CreatorInfo, FaultAction::DropBefore);
    let trouble = vec![(0, Trouble::Script { rule }), (60_500, Trouble::Scribble { post: 0 })];
    let plot = story(vec![post(false, 90_000)], trouble);
    caught(Mutant::CaptionAtSendTime, &plot, &[Invariant::I06]);
}

#[test]
fn a_lease_believed_in_by_the_wall_clock_is_caught() {
    // The first node sends slowly, loses its database, and its clock is set back: by its wall clock its lease never ends.
    let trouble = vec![
        (0, Trouble::Slow { node: 0, bytes_per_second: 5, for_ms: 600_000 }),
        (25_000, Trouble::DatabaseDown { node: 0, for_ms: 300_000 }),
        (26_000, Trouble::ClockJump { node: 0, by_ms: -90_000 }),
    ];
    let plot =
        Plot { nodes: 2, shared: true, clock_offsets_ms: vec![0, 0], ..story(vec![post(false, 20_000)], trouble) };
    caught(Mutant::LeaseByWallClock, &plot, &[Invariant::I08]);
}

#[test]
fn an_upload_address_in_the_log_is_caught() {
    let bench = Bench::new().unwrap();
    let plot = story(vec![post(false, 20_000)], Vec::new());
    let sound = bench.run_reading_the_log(&plot).unwrap();
    assert!(sound.breaches.is_empty(), "{:#?}", sound.breaches);
    assert!(sound.checks.get(&Invariant::I11).is_some_and(|looks| *looks > 3), "{:?}", sound.checks);
    let broken = mutant::with(Mutant::UploadUrlLogged, || bench.run_reading_the_log(&plot)).unwrap();
    assert!(broken.breaches.iter().any(|breach| breach.invariant == Invariant::I11), "{:#?}", broken.breaches);
}

#[test]
fn a_gate_that_opens_before_it_is_announced_is_caught() {
    caught(Mutant::GateBeforeRelease, &story(vec![photos(240_000)], Vec::new()), &[Invariant::I09]);
}

#[test]
fn pictures_that_are_let_out_before_their_time_are_caught() {
    // Our clock is ahead of TikTok's, but not by so much that it is doubted.
    let plot = Plot { clock_offsets_ms: vec![15_000], ..story(vec![photos(240_000)], Vec::new()) };
    caught(Mutant::NoDueCheck, &plot, &[Invariant::I03]);
}
