//! Short stories of one decision each: what a worker does with what it finds.

use super::samples::{
    CHUNK, DUE, OPTIONS, SIZE, attempt, calm, final_intent, handed_over, pending, refusal, remote_failed, report, task,
    uploading, user,
};
use crate::attempt::{
    Attempt, CallFailure, Carried, Cause, Change, ChunkRefusal, Commit, CreatorVerdict, Decision, Effect, Event,
    Evidence, Facts, HELD_AFTER_RESTORE, InitUse, Kind, Known, MediaPlan, PersonAnswer, PostChange, Refused,
    RemoteClock, RemoteState, ShortLooks, State, StatusReport, StopCause, Then, UncertainCause, absence_counts_from,
    decide, recover,
};
use crate::time::UnixMillis;

fn commit(decision: &Decision) -> &Commit {
    match &decision.change {
        Change::Commit(commit) => commit,
        other => panic!("no commit but {other:?}, then {:?}", decision.then),
    }
}

fn kind_after(decision: &Decision) -> Kind {
    commit(decision).attempt.state.kind()
}

#[test]
fn a_smooth_run_goes_through_every_state_in_order() {
    let now = calm(0);
    let mut attempt = attempt(State::Ready);
    let mut seen = vec![attempt.state.kind()];
    let script = [
        (Event::Resume, Then::Perform(Effect::CheckCreator)),
        (Event::CreatorChecked(CreatorVerdict::Go(OPTIONS)), Then::Perform(Effect::SendInit(Some(OPTIONS)))),
        (Event::InitAnswered(task()), Then::Continue),
        (Event::Resume, Then::Perform(Effect::PutChunk { index: 0, is_final: false })),
        (Event::ChunkAccepted { index: 0 }, Then::Perform(Effect::PutChunk { index: 1, is_final: true })),
        (Event::ChunkComplete, Then::WaitUntil(DUE.plus_seconds(2))),
        (Event::Resume, Then::Perform(Effect::FetchStatus)),
        (
            Event::StatusSeen(StatusReport {
                post_ids: vec!["7512345678901234567".to_owned()],
                ..report(RemoteState::Published, Some(SIZE), DUE)
            }),
            Then::Finished,
        ),
    ];
    for (event, then) in script {
        let decision = decide(&attempt, &event, &now);
        assert_eq!(decision.then, then, "on {event:?}");
        match decision.change {
            Change::Commit(commit) => {
                attempt = commit.attempt;
                seen.push(attempt.state.kind());
            }
            Change::Memory(next) => attempt = *next,
            Change::None => {}
        }
    }
    assert_eq!(
        seen,
        [
            Kind::Ready,
            Kind::InitSent,
            Kind::InitAcked,
            Kind::Uploading,
            Kind::FinalIntent,
            Kind::HandedOver,
            Kind::Published
        ]
    );
    assert_eq!(attempt.trace.final_intent_at, Some(DUE));
    assert_eq!(attempt.trace.final_acked_at, Some(DUE));
}

#[test]
fn r4_a_lost_answer_of_the_last_chunk_only_ever_asks_for_the_status() {
    let attempt = attempt(final_intent());
    for event in [
        Event::ChunkUnknown,
        Event::ChunkRefused(ChunkRefusal::UrlExpired),
        Event::ChunkRefused(ChunkRefusal::NoSuchUpload),
        Event::ChunkRefused(ChunkRefusal::WrongRange),
        Event::ChunkRefused(ChunkRefusal::BadRequest),
    ] {
        let decision = decide(&attempt, &event, &calm(1));
        assert!(matches!(decision.then, Then::WaitUntil(_)), "{event:?}");
        assert!(matches!(decision.change, Change::Memory(_)), "{event:?}");
    }
    let resumed = decide(&attempt, &Event::Resume, &calm(1));
    assert_eq!(resumed.then, Then::Perform(Effect::FetchStatus));
}

#[test]
fn r5_an_incomplete_upload_is_dead_only_an_hour_after_the_urls_hour_by_tiktoks_clock() {
    let attempt = attempt(final_intent());
    let url_date = task().url_date.unwrap();
    // our own clock is days ahead, TikTok's is not: no proof
    let early = pending(CHUNK, url_date.plus_seconds(7199));
    let decision = decide(&attempt, &early, &calm(48 * 3600));
    assert!(matches!(decision.change, Change::Memory(_)), "{decision:?}");
    let proven = pending(CHUNK, url_date.plus_seconds(7200));
    let decision = decide(&attempt, &proven, &calm(1));
    let State::Dead { evidence, .. } = &commit(&decision).attempt.state else {
        panic!("not dead");
    };
    assert_eq!(evidence.id(), "E3");
    assert!(matches!(commit(&decision).post, PostChange::TryAgain { .. }));
}

#[test]
fn r6_the_last_chunk_goes_out_again_only_after_two_looks_twenty_seconds_apart() {
    let first = decide(&attempt(final_intent()), &pending(CHUNK, DUE), &calm(1));
    let Change::Memory(once) = first.change else {
        panic!("the first look is a note");
    };
    assert_eq!(first.then, Then::WaitUntil(DUE.plus_seconds(21)));
    let hasty = decide(&once, &pending(CHUNK, DUE), &calm(20));
    assert!(matches!(hasty.then, Then::WaitUntil(_)), "{hasty:?}");
    let second = decide(&once, &pending(CHUNK, DUE), &calm(21));
    assert_eq!(commit(&second).cause, Cause::Resent);
    assert_eq!(second.then, Then::Perform(Effect::PutChunk { index: 1, is_final: true }));
    let State::FinalIntent { looks, .. } = &commit(&second).attempt.state else {
        panic!("it stays announced");
    };
    assert_eq!(*looks, ShortLooks::default());
}

#[test]
fn r7_the_fourth_init_within_an_hour_waits_for_the_hour() {
    let frees = DUE.plus_seconds(1234);
    let facts = Facts { inits: InitUse { last_hour: 3, hour_frees_at: frees, ..calm(0).inits }, ..calm(0) };
    let decision = decide(&attempt(State::Ready), &Event::Resume, &facts);
    assert_eq!(decision.then, Then::WaitUntil(frees));
}

#[test]
fn r8_cancel_works_until_the_last_chunk_and_is_refused_afterwards() {
    let stop = Event::Stop(StopCause::Cancelled);
    let before = decide(&attempt(uploading(CHUNK)), &stop, &calm(0));
    assert_eq!(kind_after(&before), Kind::Dead);
    assert_eq!(commit(&before).attempt.epoch, 5);
    for late in [final_intent(), handed_over()] {
        let after = decide(&attempt(late), &stop, &calm(0));
        assert_eq!(after.then, Then::Refused(Refused::TooLate));
        assert_eq!(after.change, Change::None);
    }
}

#[test]
fn r9_after_lost_commits_an_init_without_an_answer_is_uncertain_and_cancels_wait() {
    let lost = Facts { commits_may_be_lost: true, ..calm(0) };
    let row = attempt(State::InitSent { sent_at: DUE });
    let decision = decide(&row, &Event::Resume, &lost);
    assert!(matches!(commit(&decision).attempt.state, State::Uncertain { cause: UncertainCause::CommitsLost, .. }));
    let stop = decide(&row, &Event::Stop(StopCause::Cancelled), &lost);
    assert_eq!(stop.then, Then::Refused(Refused::ProofNeeded));
}

#[test]
fn r11_a_held_last_chunk_waits_for_the_due_time_and_for_tiktoks_clock() {
    let held = attempt(uploading(CHUNK));
    // long before: the row is given back until two minutes before the due time
    let early = decide(&held, &pending(CHUNK, DUE.plus_seconds(-600)), &calm(-600));
    assert_eq!(early.then, Then::WaitUntil(DUE.plus_millis(-120_250)), "and the time to read 25 MB again");
    // from then on it stays in hand, so that nothing is left to do when the time comes
    let soon = decide(&held, &pending(CHUNK, DUE.plus_seconds(-60)), &calm(-60));
    assert_eq!(soon.then, Then::HoldUntil(DUE.plus_millis(-900)));
    // shortly before, TikTok asked: hold to the millisecond
    let mut close = calm(0);
    close.now = DUE.plus_millis(-800);
    close.remote = Some(crate::attempt::RemoteClock { date: DUE.plus_millis(-1000), seen_at: close.now });
    let holding = decide(&held, &pending(CHUNK, DUE.plus_seconds(-1)), &close);
    assert_eq!(holding.then, Then::HoldUntil(DUE));
    let due = decide(&held, &Event::DueReached, &calm(0));
    assert_eq!(kind_after(&due), Kind::FinalIntent);
    // our clock jumped: TikTok is asked, and while it disagrees nothing goes out
    let suspect = Facts { clock_suspect: true, ..calm(0) };
    let asked = decide(&held, &Event::MediaVerified, &suspect);
    assert_eq!(asked.then, Then::Perform(Effect::FetchStatus));
    let waits = decide(&held, &pending(CHUNK, DUE), &suspect);
    assert!(matches!(waits.then, Then::WaitUntil(_)));
}

#[test]
fn the_file_is_hashed_whole_before_the_last_chunk_is_announced() {
    let unchecked = Facts { media_verified: false, ..calm(0) };
    let decision = decide(&attempt(State::InitAcked(task())), &Event::Resume, &calm(0));
    assert_eq!(kind_after(&decision), Kind::Uploading);
    let decision = decide(&attempt(uploading(0)), &Event::ChunkAccepted { index: 0 }, &unchecked);
    assert_eq!(decision.then, Then::Perform(Effect::VerifyMedia));
    let decision = decide(&attempt(uploading(CHUNK)), &Event::MediaMismatch, &unchecked);
    assert_eq!(commit(&decision).cause, Cause::MediaChanged);
    assert!(matches!(commit(&decision).post, PostChange::NeedsAttention(_)));
}

#[test]
fn a_refused_token_is_renewed_and_asked_again_never_answered_with_an_init() {
    let refused = Event::CallFailed(CallFailure::TokenRefused);
    let mut row = attempt(handed_over());
    let decision = decide(&row, &refused, &calm(5));
    assert_eq!(decision.then, Then::Perform(Effect::RefreshToken));
    let asked = decide(&row, &Event::TokenRefreshed, &calm(5));
    assert_eq!(asked.then, Then::Perform(Effect::FetchStatus));
    row.tries = 9;
    let waits = decide(&row, &refused, &calm(5));
    assert!(matches!(waits.then, Then::WaitUntil(_)));
}

#[test]
fn tiktoks_internal_error_is_tried_once_more_and_then_told() {
    let mut row = attempt(handed_over());
    let first = decide(&row, &remote_failed("internal"), &calm(5));
    let PostChange::TryAgain { carried, .. } = commit(&first).post else {
        panic!("no new attempt");
    };
    assert_eq!(carried.internal_failures, 1);
    row.snapshot.carried = carried;
    let second = decide(&row, &remote_failed("internal"), &calm(5));
    let PostChange::Failed(trouble) = &commit(&second).post else {
        panic!("not failed");
    };
    assert_eq!(trouble.tiktok_code.as_deref(), Some("internal"));
    assert_eq!(trouble.log_id.as_deref(), Some("log"));
}

#[test]
fn a_failure_that_becomes_known_after_a_person_was_asked_is_told_and_not_tried_again() {
    let asked = attempt(State::Uncertain { cause: UncertainCause::Disconnected, publish_id: Some(task().publish_id) });
    let decision = decide(&asked, &remote_failed("internal"), &calm(3600));
    assert_eq!(kind_after(&decision), Kind::Dead);
    assert!(matches!(commit(&decision).post, PostChange::Failed(_)), "{decision:?}");
}

#[test]
fn a_refused_init_is_proof_and_goes_by_its_code() {
    let row = attempt(State::InitSent { sent_at: DUE });
    let cap = Event::InitRefused(refusal("spam_risk_too_many_posts", 403));
    let parked = decide(&row, &cap, &calm(0));
    assert!(matches!(commit(&parked).post, PostChange::NeedsAttention(_)));
    let limited = Event::InitRefused(refusal("rate_limit_exceeded", 429));
    let later = decide(&row, &limited, &calm(0));
    let PostChange::TryAgain { not_before, .. } = commit(&later).post else {
        panic!("no new attempt");
    };
    assert!(not_before >= DUE.plus_seconds(60));
    let wrong = decide(&row, &Event::InitRefused(refusal("invalid_params", 400)), &calm(0));
    assert!(matches!(commit(&wrong).post, PostChange::Failed(_)));
}

#[test]
fn a_lost_init_answer_leads_to_a_new_attempt_because_nobody_has_its_url() {
    let row = attempt(State::InitSent { sent_at: DUE });
    for event in [Event::InitUnknown, Event::Resume] {
        let decision = decide(&row, &event, &calm(1));
        let next = commit(&decision);
        assert!(matches!(next.attempt.state, State::Dead { evidence: Evidence::FinalNeverSent { .. }, .. }));
        assert!(matches!(next.post, PostChange::TryAgain { .. }));
    }
}

#[test]
fn r9_a_row_that_is_behind_goes_to_where_only_tiktoks_status_decides() {
    let lost = Facts { commits_may_be_lost: true, ..calm(30) };
    let sent = Known { publish_id: Some(task().publish_id), final_at: Some(DUE) };
    for row in [State::InitAcked(task()), uploading(CHUNK)] {
        let decision = recover(&attempt(row), &sent, &lost);
        assert_eq!(kind_after(&decision), Kind::FinalIntent);
        assert_eq!(commit(&decision).attempt.trace.final_intent_at, Some(DUE), "when it really was");
        assert_eq!(decision.then, Then::Continue);
    }
    // The task is known and its URL is not: TikTok is asked, then a person.
    for row in [State::Ready, State::InitSent { sent_at: DUE }] {
        let decision = recover(&attempt(row), &sent, &lost);
        let asked = &commit(&decision).attempt;
        assert_eq!(asked.state.publish_id(), Some("v_pub_file~v2-1.7"));
        assert_eq!(asked.next_at, lost.now);
        assert_eq!(decide(asked, &Event::Hint, &lost).then, Then::Perform(Effect::FetchStatus));
        let early = decide(asked, &pending(CHUNK, DUE), &lost);
        assert_eq!(early.then, Then::WaitUntil(lost.now.plus_seconds(2)), "TikTok still works on it");
        let resumed = decide(asked, &Event::Resume, &lost);
        assert_eq!(resumed.then, Then::Perform(Effect::FetchStatus));
        let out = Event::StatusSeen(report(RemoteState::Published, Some(SIZE), DUE));
        assert_eq!(kind_after(&decide(asked, &out, &lost)), Kind::Published);
    }
    // Nothing but the attempt is known: only a person can tell.
    let decision = recover(&attempt(State::Ready), &Known::default(), &lost);
    assert_eq!(decision.then, Then::Finished);
    // And what is ahead already stays as it is.
    for row in [final_intent(), handed_over()] {
        assert_eq!(recover(&attempt(row), &sent, &lost).change, Change::None);
    }
}

#[test]
fn r9_after_lost_commits_no_new_attempt_begins_by_itself() {
    let lost = Facts { commits_may_be_lost: true, ..calm(5) };
    let decision = decide(&attempt(handed_over()), &remote_failed("internal"), &lost);
    assert_eq!(kind_after(&decision), Kind::Dead);
    let PostChange::NeedsAttention(trouble) = &commit(&decision).post else {
        panic!("it would go out although a cancel may be among what was lost");
    };
    assert_eq!(trouble.code, "held-after-restore");
    // A disconnect takes the tokens, so it cannot wait for a proof.
    let gone = decide(&attempt(uploading(CHUNK)), &Event::Stop(StopCause::Disconnected), &lost);
    assert_eq!(kind_after(&gone), Kind::Uncertain);
}

#[test]
fn f25_a_wrong_clock_never_makes_a_post_late_nor_its_upload_too_slow() {
    let row = attempt(State::Ready);
    let jumped = Facts { clock_suspect: true, remote: None, ..calm(6 * 3600) };
    assert_eq!(decide(&row, &Event::Resume, &jumped).then, Then::Perform(Effect::CheckCreator));
    let go = Event::CreatorChecked(CreatorVerdict::Go(OPTIONS));
    let waits = decide(&row, &go, &jumped);
    assert_eq!(waits.then, Then::WaitUntil(jumped.now.plus_seconds(30)));
    assert!(matches!(waits.change, Change::Memory(_)));
    // It was wrong from the start, so no jump was seen: TikTok's date tells.
    let remote = crate::attempt::RemoteClock { date: DUE, seen_at: jumped.now };
    let wrong = Facts { clock_suspect: false, remote: Some(remote), ..jumped };
    assert_eq!(decide(&row, &Event::Resume, &wrong).then, Then::Perform(Effect::CheckCreator));
    assert_eq!(decide(&row, &go, &wrong).then, Then::WaitUntil(jumped.now.plus_seconds(30)));
    // TikTok agrees: now it is late indeed.
    let right = Facts { clock_suspect: false, ..calm(6 * 3600) };
    let remote = crate::attempt::RemoteClock { date: right.now, seen_at: right.now };
    let right = Facts { remote: Some(remote), ..right };
    assert_eq!(commit(&decide(&row, &go, &right)).cause, Cause::TooLate);
    // An upload under way and a post being processed are not given up by a wrong clock either.
    let sending = decide(&attempt(uploading(0)), &Event::ChunkAccepted { index: 0 }, &jumped);
    assert_eq!(sending.then, Then::Perform(Effect::FetchStatus));
    let stuck = Facts { clock_suspect: true, ..calm(80 * 3600) };
    let asked = decide(&attempt(handed_over()), &Event::CallFailed(CallFailure::Transient), &stuck);
    assert!(matches!(asked.then, Then::WaitUntil(_)) && matches!(asked.change, Change::Memory(_)));
}

#[test]
fn an_attempt_on_which_our_own_program_fails_is_parked_and_never_repeated() {
    let early = decide(&attempt(uploading(0)), &Event::EngineFailed, &calm(0));
    assert_eq!(kind_after(&early), Kind::Dead);
    assert!(matches!(&commit(&early).post, PostChange::NeedsAttention(trouble) if trouble.code == "engine-failed"));
    let late = decide(&attempt(final_intent()), &Event::EngineFailed, &calm(0));
    assert_eq!(kind_after(&late), Kind::Uncertain);
}

#[test]
fn a_post_found_hours_late_is_held_for_a_person() {
    let calm = |seconds| {
        let facts = calm(seconds);
        let remote = crate::attempt::RemoteClock { date: facts.now, seen_at: facts.now };
        Facts { remote: Some(remote), ..facts }
    };
    let decision = decide(&attempt(State::Ready), &Event::Resume, &calm(3600));
    assert_eq!(commit(&decision).cause, Cause::TooLate);
    let always = Facts { hold_after_ms: None, ..calm(3600) };
    let decision = decide(&attempt(State::Ready), &Event::Resume, &always);
    assert_eq!(decision.then, Then::Perform(Effect::CheckCreator));
    let mut released = attempt(State::Ready);
    released.snapshot.carried = Carried { released_at: DUE.plus_seconds(3590), ..released.snapshot.carried };
    let decision = decide(&released, &Event::Resume, &calm(3600));
    assert_eq!(decision.then, Then::Perform(Effect::CheckCreator));
}

#[test]
fn a_connection_too_slow_for_the_urls_hour_is_noticed_after_the_first_chunk() {
    let slow = Facts { upload_rate: Some(2000), ..calm(10) };
    let mut row = attempt(uploading(0));
    let decision = decide(&row, &Event::ChunkAccepted { index: 0 }, &slow);
    assert_eq!(commit(&decision).cause, Cause::UrlTooShort);
    row.snapshot.carried.upload_restarts = 2;
    let decision = decide(&row, &Event::ChunkAccepted { index: 0 }, &slow);
    let PostChange::Failed(trouble) = &commit(&decision).post else {
        panic!("not failed");
    };
    assert_eq!(trouble.code, "connection-too-slow");
}

#[test]
fn a_large_file_may_be_on_its_way_for_as_long_as_its_due_time_is_waited_for() {
    // Fifty minutes ahead of the due time, and half an hour to go: the last chunk alone is left then.
    let mut row = attempt(uploading(0));
    let early = row.plan.held_from();
    let rate = early / 1800;
    let ahead = Facts { upload_rate: Some(rate), ..calm(-3000) };
    row.trace.init_sent_at = Some(ahead.now);
    let State::Uploading { task, .. } = &mut row.state else { panic!("not uploading") };
    task.url_date = Some(ahead.now);
    let decision = decide(&row, &Event::Resume, &ahead);
    assert!(
        matches!(decision.then, Then::Perform(Effect::FetchStatus | Effect::PutChunk { is_final: false, .. })),
        "{decision:?}"
    );
    let decision = decide(&row, &Event::ChunkAccepted { index: 0 }, &Facts { upload_rate: Some(rate / 3), ..ahead });
    assert_eq!(commit(&decision).cause, Cause::UrlTooShort);
}

#[test]
fn publish_complete_without_ids_is_published_and_the_ids_are_looked_for() {
    let row = attempt(handed_over());
    let done = Event::StatusSeen(report(RemoteState::Published, None, DUE));
    let decision = decide(&row, &done, &calm(9));
    assert_eq!(kind_after(&decision), Kind::Published);
    assert_eq!(decision.then, Then::WaitUntil(DUE.plus_seconds(39)));
    let published = &commit(&decision).attempt;
    let found = Event::StatusSeen(StatusReport {
        post_ids: vec!["9223372036854775807".to_owned()],
        ..report(RemoteState::Published, None, DUE)
    });
    let linked = decide(published, &found, &calm(60));
    assert_eq!(commit(&linked).post, PostChange::Linked { post_ids: vec!["9223372036854775807".to_owned()] });
}

#[test]
fn nothing_settles_for_72_hours_and_then_a_person_is_asked() {
    let row = attempt(handed_over());
    let stuck = pending(SIZE, DUE);
    let before = decide(&row, &stuck, &calm(71 * 3600));
    assert_eq!(before.then, Then::WaitUntil(DUE.plus_seconds(72 * 3600)));
    let after = decide(&row, &stuck, &calm(72 * 3600));
    assert_eq!(kind_after(&after), Kind::Uncertain);
}

#[test]
fn a_large_file_is_read_again_in_time_for_its_due_time_and_not_after_it() {
    let size = 4_000_000_000;
    let plan = MediaPlan::new("00".repeat(32), size, 20_000_000, 200).unwrap();
    let waiting = Attempt { plan: plan.clone(), ..attempt(uploading(plan.held_from())) };
    let report = |facts: &Facts| pending(plan.held_from(), facts.now);
    let early = calm(-600);
    let Then::WaitUntil(wake) = decide(&waiting, &report(&early), &early).then else {
        panic!("it is far too early");
    };
    assert!(DUE.millis_since(wake) >= 30_000, "4 GB are not read within {} ms", DUE.millis_since(wake));
    // Taken up again, what was hashed ten minutes ago is forgotten; it is hashed once more while there is time.
    let awake = Facts { media_verified: false, ..calm(wake.millis_since(DUE) / 1000) };
    assert_eq!(decide(&waiting, &report(&awake), &awake).then, Then::Perform(Effect::VerifyMedia));
    // And then the row stays in this worker's hands, because nobody else has seen the file.
    let hashed = calm(-20);
    let held = decide(&waiting, &Event::MediaVerified, &hashed);
    assert_eq!(held.then, Then::HoldUntil(DUE.plus_millis(-900)));
    // TikTok is asked for its clock before the door opens.
    let near = Facts { remote: hashed.remote, ..calm(0) };
    let near = Facts { now: DUE.plus_millis(-900), ..near };
    assert_eq!(decide(&waiting, &Event::DueReached, &near).then, Then::Perform(Effect::FetchStatus));
}

fn photos(state: State) -> crate::attempt::Attempt {
    crate::attempt::Attempt { mode: crate::attempt::Mode::DirectPhotos, ..attempt(state) }
}

#[test]
fn photos_are_looked_at_then_asked_for_and_the_release_opens_the_gate_and_asks_for_the_status() {
    let unread = Facts { media_verified: false, ..calm(0) };
    let early = decide(&photos(State::Ready), &Event::Resume, &Facts { media_verified: false, ..calm(-10) });
    assert_eq!(early.then, Then::WaitUntil(DUE), "nothing is asked of TikTok before the due time");
    assert_eq!(decide(&photos(State::Ready), &Event::Resume, &unread).then, Then::Perform(Effect::VerifyMedia));
    assert_eq!(
        decide(&photos(State::Ready), &Event::MediaVerified, &calm(0)).then,
        Then::Perform(Effect::CheckCreator)
    );
    let mismatch = decide(&photos(State::Ready), &Event::MediaMismatch, &unread);
    assert_eq!(kind_after(&mismatch), Kind::Dead);
    let released = decide(&photos(State::InitAcked(task())), &Event::Resume, &calm(1));
    assert_eq!(kind_after(&released), Kind::FinalIntent);
    assert!(matches!(released.then, Then::WaitUntil(_)), "the commit is the effect: {:?}", released.then);
}

#[test]
fn fetched_photos_go_by_tiktoks_word_alone_and_a_failed_fetch_is_tried_once_more() {
    let out = photos(final_intent());
    for bytes in [0, SIZE] {
        let later = decide(&out, &pending(bytes, DUE.plus_seconds(3 * 3600)), &calm(3 * 3600));
        assert!(matches!(later.change, Change::Memory(_)), "a count of bytes proves nothing: {:?}", later.change);
    }
    let failed = commit(&decide(&out, &remote_failed("photo_pull_failed"), &calm(20))).clone();
    assert!(matches!(failed.post, PostChange::TryAgain { .. }), "{:?}", failed.post);
    let mut again = out;
    again.snapshot.carried.internal_failures = 1;
    let failed = commit(&decide(&again, &remote_failed("photo_pull_failed"), &calm(20))).clone();
    assert!(matches!(failed.post, PostChange::Failed(_)), "{:?}", failed.post);
}

#[test]
fn photos_are_not_asked_for_while_tiktoks_clock_has_not_come_so_far_as_ours() {
    let go = Event::CreatorChecked(CreatorVerdict::Go(OPTIONS));
    // Heard ten minutes ago, 76 s behind ours.
    let seen_at = DUE.plus_seconds(-600);
    let remote = Some(RemoteClock { date: seen_at.plus_seconds(-76), seen_at });
    let asked = decide(&photos(State::Ready), &go, &Facts { remote, ..calm(1) });
    assert_eq!(asked.then, Then::WaitUntil(DUE.plus_seconds(1).plus_seconds(74)));
    let due = decide(&photos(State::Ready), &go, &Facts { remote, ..calm(76) });
    assert_eq!(kind_after(&due), Kind::InitSent);
}

#[test]
fn a_fetch_that_came_before_the_gate_opened_is_an_init_that_led_nowhere() {
    let mut early = photos(State::InitAcked(task()));
    early.snapshot.carried.internal_failures = 1;
    let failed = commit(&decide(&early, &remote_failed("photo_pull_failed"), &calm(20))).clone();
    assert!(matches!(failed.post, PostChange::TryAgain { .. }), "{:?}", failed.post);
}

#[test]
fn after_lost_commits_no_word_of_tiktok_about_one_task_makes_the_post_a_failed_one() {
    let lost = Facts { commits_may_be_lost: true, ..calm(60) };
    for reason in ["photo_pull_failed", "internal", "duration_check_failed", "auth_removed"] {
        let known = State::Uncertain { cause: UncertainCause::CommitsLost, publish_id: Some(task().publish_id) };
        for state in [known, State::InitAcked(task()), final_intent()] {
            let failed = commit(&decide(&attempt(state), &remote_failed(reason), &lost)).clone();
            let PostChange::NeedsAttention(trouble) = failed.post else { panic!("{reason}: {:?}", failed.post) };
            assert_eq!((&*trouble.code, trouble.tiktok_code.as_deref()), (HELD_AFTER_RESTORE, Some(reason)));
        }
    }
}

#[test]
fn a_lost_answer_of_a_photo_init_is_dead_because_its_gate_never_opens() {
    let lost = decide(&photos(State::InitSent { sent_at: DUE }), &Event::InitUnknown, &calm(1));
    let State::Dead { evidence, .. } = &commit(&lost).attempt.state else { panic!("{lost:?}") };
    assert_eq!(evidence.id(), "E2");
}

#[test]
fn not_there_counts_when_the_urls_hour_and_the_margin_are_over_by_tiktoks_date_and_there_counts_at_once() {
    let mut asked =
        attempt(State::Uncertain { cause: UncertainCause::Disconnected, publish_id: Some(task().publish_id) });
    asked.trace.url_date = task().url_date;
    let from = task().url_date.unwrap().plus_seconds(2 * 3600);
    assert_eq!(absence_counts_from(&asked), Some(from));
    let says =
        |answer, now: UnixMillis| decide(&asked, &Event::Answer { user_id: user(), answer }, &Facts { now, ..calm(0) });
    let early = says(PersonAnswer::ItIsNotThere, from.plus_millis(-1));
    assert_eq!((early.change, early.then), (Change::None, Then::Refused(Refused::TooSoon { from })));
    assert_eq!(kind_after(&says(PersonAnswer::ItIsNotThere, from)), Kind::Dead);
    assert_eq!(kind_after(&says(PersonAnswer::ItIsThere, DUE)), Kind::Published);
}

#[test]
fn where_our_record_may_lack_something_not_there_waits_from_the_moment_of_the_question() {
    for (cause, doubted) in [
        (UncertainCause::CommitsLost, false),
        (UncertainCause::Contradiction, false),
        (UncertainCause::UnknownTask, true),
    ] {
        let mut asked = attempt(State::Uncertain { cause, publish_id: Some(task().publish_id) });
        asked.trace.url_date = task().url_date;
        asked.trace.doubted = doubted;
        asked.updated_at = DUE.plus_seconds(1800);
        assert_eq!(absence_counts_from(&asked), Some(asked.updated_at.plus_seconds(2 * 3600)), "{cause:?}");
    }
    assert_eq!(absence_counts_from(&attempt(handed_over())), None, "nobody is asked yet");
}

#[test]
fn not_there_is_refused_while_our_clock_is_suspect() {
    let asked = attempt(State::Uncertain { cause: UncertainCause::Unresolved, publish_id: None });
    let said = Event::Answer { user_id: user(), answer: PersonAnswer::ItIsNotThere };
    let facts = Facts { now: DUE.plus_seconds(100 * 3600), clock_suspect: true, ..calm(0) };
    assert_eq!(decide(&asked, &said, &facts).then, Then::Refused(Refused::ClockUnsure));
}
