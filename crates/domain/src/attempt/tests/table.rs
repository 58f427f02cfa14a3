//! Every (state, event, facts) triple of the samples: the decision is an allowed edge or none, and never breaks a rule.

use super::samples::{DUE, all_facts, attempt, events, states};
use crate::attempt::transition::find;
use crate::attempt::{
    Attempt, Change, Decision, EDGES, Effect, Event, Evidence, Facts, Kind, Mode, State, StopCause, Then, decide,
};

fn next_state(decision: &Decision) -> Option<&Attempt> {
    match &decision.change {
        Change::Commit(commit) => Some(&commit.attempt),
        Change::Memory(_) | Change::None => None,
    }
}

fn for_every_triple(mut check: impl FnMut(&Attempt, &Event, &Facts, &Decision)) {
    let mut triples = 0;
    for state in states() {
        for (tries, mode) in
            [(0, Mode::DirectFile), (5, Mode::DirectFile), (9, Mode::DirectFile), (0, Mode::DirectPhotos)]
        {
            let mut attempt = attempt(state.clone());
            attempt.tries = tries;
            attempt.mode = mode;
            for event in events() {
                for facts in all_facts() {
                    let decision = decide(&attempt, &event, &facts);
                    check(&attempt, &event, &facts, &decision);
                    triples += 1;
                }
            }
        }
    }
    assert!(triples > 100_000, "only {triples} triples were tried");
}

#[test]
fn every_decision_takes_an_allowed_edge_or_none() {
    let mut taken = std::collections::BTreeSet::new();
    for_every_triple(|attempt, event, facts, decision| match &decision.change {
        Change::None => {}
        Change::Memory(next) => {
            assert_eq!(next.state.kind(), attempt.state.kind(), "{event:?} {facts:?}");
            assert_eq!(next.epoch, attempt.epoch);
        }
        Change::Commit(commit) => {
            let (from, to) = (attempt.state.kind(), commit.attempt.state.kind());
            let edge = find(from, to).unwrap_or_else(|| panic!("{from:?} -> {to:?} on {event:?}"));
            taken.insert((from, to));
            if let State::Dead { evidence, .. } = &commit.attempt.state {
                assert!(edge.evidence.contains(&evidence.id()), "{from:?} -> dead with {} on {event:?}", evidence.id());
            }
        }
    });
    let missing: Vec<_> =
        EDGES.iter().filter(|edge| !taken.contains(&(edge.from, edge.to))).map(|edge| (edge.from, edge.to)).collect();
    assert_eq!(missing, [], "edges of the table that no sample takes");
}

#[test]
fn after_the_last_chunk_only_tiktoks_word_or_tiktoks_clock_proves_death() {
    for_every_triple(|attempt, event, facts, decision| {
        let late = matches!(attempt.state.kind(), Kind::FinalIntent | Kind::HandedOver);
        let Some(next) = next_state(decision).filter(|_| late) else {
            return;
        };
        if let State::Dead { evidence, .. } = &next.state {
            match evidence {
                Evidence::Failed { .. } => assert!(matches!(event, Event::StatusSeen(_))),
                Evidence::UrlExpired { url_date, status_date, .. } => {
                    assert!(status_date.millis_since(*url_date) >= 7_200_000);
                    assert!(matches!(event, Event::StatusSeen(_)));
                }
                Evidence::UrlExpiredUndated { .. } => assert!(facts.undated.is_some()),
                other => panic!("{other:?} after the last chunk"),
            }
        }
    });
}

#[test]
fn after_the_last_chunk_no_init_and_no_new_attempt_without_proof() {
    for_every_triple(|attempt, event, _, decision| {
        if attempt.state.kind().is_before_final() {
            return;
        }
        assert!(
            !matches!(decision.then, Then::Perform(Effect::SendInit(_) | Effect::CheckCreator)),
            "{:?} on {event:?}",
            attempt.state
        );
        if let Change::Commit(commit) = &decision.change
            && let crate::attempt::PostChange::TryAgain { .. } = commit.post
        {
            assert_eq!(commit.attempt.state.kind(), Kind::Dead);
        }
    });
}

#[test]
fn the_last_chunk_is_sent_only_from_a_committed_final_intent() {
    for_every_triple(|attempt, event, facts, decision| {
        let Then::Perform(Effect::PutChunk { index, is_final }) = decision.then else {
            return;
        };
        assert_eq!(is_final, index == attempt.plan.last_index());
        if is_final {
            let announced = next_state(decision).map_or(attempt.state.kind(), |next| next.state.kind());
            assert_eq!(announced, Kind::FinalIntent, "{event:?} {facts:?}");
        }
    });
}

#[test]
fn the_release_obeys_every_condition_of_the_door() {
    for_every_triple(|attempt, event, facts, decision| {
        let Some(next) = next_state(decision) else {
            return;
        };
        if next.state.kind() != Kind::FinalIntent || !attempt.state.kind().is_before_final() {
            return;
        }
        let context = format!("{:?} on {event:?} with {facts:?}", attempt.state);
        assert!(facts.now >= DUE, "early: {context}");
        assert!(!facts.clock_suspect, "{context}");
        assert!(facts.media_verified, "{context}");
        assert!(facts.post.wanted && facts.post.revision == attempt.revision, "{context}");
        assert!(facts.post.consent_matches, "{context}");
        assert_eq!(facts.post.connection, crate::connection::ConnectionState::Active, "{context}");
        if let Some(remote) = facts.remote {
            assert!(remote.agrees(), "{context}");
            assert!(remote.date >= DUE.plus_millis(-1000), "{context}");
        }
    });
}

#[test]
fn of_photos_no_byte_is_ever_sent_and_no_init_leaves_before_the_due_time_or_an_unread_picture() {
    for_every_triple(|attempt, event, facts, decision| {
        if !attempt.mode.is_pull() {
            return;
        }
        assert!(!matches!(decision.then, Then::Perform(Effect::PutChunk { .. })), "{:?} on {event:?}", attempt.state);
        if matches!(event, Event::Resume) && matches!(decision.then, Then::Perform(Effect::CheckCreator)) {
            assert!(facts.now >= DUE && facts.media_verified, "{facts:?}");
        }
    });
}

#[test]
fn a_stop_succeeds_before_the_last_chunk_and_is_refused_after_it() {
    for_every_triple(|attempt, event, facts, decision| {
        let Event::Stop(cause) = event else { return };
        let next = next_state(decision).map(|next| next.state.kind());
        match attempt.state.kind() {
            Kind::Dead => assert_eq!(next, None),
            kind if kind.is_before_final() && !facts.commits_may_be_lost => {
                assert_eq!(next, Some(Kind::Dead));
                assert_eq!(next_state(decision).unwrap().epoch, attempt.epoch + 1);
            }
            // Nobody can ask for the proof once the tokens are gone.
            kind if kind.is_before_final() && *cause == StopCause::Disconnected => {
                assert_eq!(next, Some(Kind::Uncertain));
            }
            kind if kind.is_before_final() => {
                assert_eq!(next, None);
                assert!(matches!(decision.then, Then::Refused(_)));
            }
            _ => {
                assert_ne!(next, Some(Kind::Dead), "{cause:?}");
            }
        }
    });
}

#[test]
fn silence_is_never_a_verdict() {
    for_every_triple(|attempt, event, _, decision| {
        let silent = matches!(event, Event::ChunkUnknown | Event::CallFailed(crate::attempt::CallFailure::Transient));
        let late = matches!(attempt.state.kind(), Kind::FinalIntent | Kind::HandedOver);
        if silent && late {
            let next = next_state(decision).map(|next| next.state.kind());
            assert!(matches!(next, None | Some(Kind::Uncertain)), "{next:?}");
        }
    });
}

#[test]
fn what_is_over_keeps_no_upload_url() {
    for_every_triple(|_, _, _, decision| {
        if let Some(next) = next_state(decision)
            && !next.state.kind().is_open()
        {
            assert!(next.state.task().is_none());
        }
    });
}

#[test]
fn every_wait_ends_and_open_states_never_finish() {
    for_every_triple(|attempt, event, facts, decision| {
        let kind = next_state(decision).map_or(attempt.state.kind(), |next| next.state.kind());
        match decision.then {
            Then::WaitUntil(at) | Then::HoldUntil(at) => {
                assert!(at >= facts.now, "{event:?}");
                assert!(at.millis_since(facts.now) <= 25 * 3_600_000, "{event:?}");
            }
            Then::Finished => assert!(!kind.is_open(), "{kind:?} on {event:?}"),
            Then::Continue | Then::Perform(_) | Then::Refused(_) => {}
        }
    });
}

#[test]
fn the_kinds_and_their_texts_are_one_to_one() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!(Kind::parse("paused"), None);
}

#[test]
fn every_trouble_of_our_own_is_in_the_list_that_has_words() {
    use crate::attempt::{PROBLEM_CODES, PostChange};
    let mut told = std::collections::BTreeSet::new();
    for_every_triple(|_, event, _, decision| {
        let Change::Commit(commit) = &decision.change else { return };
        let (PostChange::Failed(trouble) | PostChange::NeedsAttention(trouble)) = &commit.post else { return };
        if trouble.tiktok_code.is_none() {
            assert!(PROBLEM_CODES.contains(&trouble.code.as_str()), "{} on {event:?}", trouble.code);
            told.insert(trouble.code.clone());
        }
    });
    for code in ["media-changed", "outcome-unknown-task", "too-late", "upload-refused"] {
        assert!(told.contains(code), "no sample tells {code}: {told:?}");
    }
}
