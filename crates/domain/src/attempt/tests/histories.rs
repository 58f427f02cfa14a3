//! Random histories: whatever order events come in, only allowed edges are taken and the promises hold.

use proptest::prelude::*;

use super::samples::{DUE, attempt, calm, events};
use crate::attempt::{Attempt, Change, Effect, Event, Evidence, Facts, Kind, State, Then, decide, is_allowed};

/// A chain of decisions as an engine would run it, with what an observer of TikTok could count.
fn run(mut row: Attempt, steps: &[(usize, u16)]) -> Vec<(Kind, Kind)> {
    let pool = events();
    let mut edges = Vec::new();
    let mut seconds = 0_i64;
    let mut announced = false;
    for (pick, pause) in steps {
        seconds += i64::from(*pause);
        let event: &Event = &pool[pick % pool.len()];
        let facts: Facts = calm(seconds);
        let decision = decide(&row, event, &facts);
        let from = row.state.kind();
        match decision.change {
            Change::None => {}
            Change::Memory(next) => row = *next,
            Change::Commit(commit) => {
                let to = commit.attempt.state.kind();
                edges.push((from, to));
                if let State::Dead { evidence, .. } = &commit.attempt.state {
                    let by_silence = matches!(evidence, Evidence::FinalNeverSent { .. });
                    assert!(!(announced && by_silence), "E2 after the last chunk");
                }
                announced |= to == Kind::FinalIntent;
                row = commit.attempt;
            }
        }
        if let Then::Perform(Effect::SendInit(_)) = decision.then {
            assert!(!announced, "an init after the last chunk");
        }
    }
    edges
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_events_never_reach_a_forbidden_edge(
        steps in prop::collection::vec((any::<usize>(), 0_u16..4000), 1..60)
    ) {
        for (from, to) in run(attempt(State::Ready), &steps) {
            prop_assert!(is_allowed(from, to), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn the_dead_stay_dead(steps in prop::collection::vec((any::<usize>(), 0_u16..4000), 1..30)) {
        let dead = attempt(State::Dead {
            evidence: Evidence::InitRefused {
                code: "invalid_params".to_owned(),
                http_status: 400,
                log_id: None,
            },
            publish_id: None,
        });
        prop_assert_eq!(run(dead, &steps), Vec::new());
    }

    #[test]
    fn nothing_is_released_before_its_time(early_by in 1_i64..3_000_000) {
        let mut facts = calm(0);
        facts.now = DUE.plus_millis(-early_by);
        for event in events() {
            for state in super::samples::states() {
                let row = attempt(state);
                let decision = decide(&row, &event, &facts);
                if let Change::Commit(commit) = decision.change {
                    let released = row.state.kind().is_before_final()
                        && commit.attempt.state.kind() == Kind::FinalIntent;
                    prop_assert!(!released, "{:?}", event);
                }
            }
        }
    }
}
