//! Rules and refusals in the reader's words. Owns the way from a stable code to its texts; the texts are in the locale files.

use domain::rules::failures::keys;
use domain::rules::{Argument, Problem, stopped_by};
use fluent_bundle::FluentValue;

use crate::locale::{Locale, text};
use crate::ui::When;

/// What is wrong with a post and what to do, in one sentence or two.
#[must_use]
pub fn problem(l: Locale, when: &When, problem: &Problem) -> String {
    let arguments = problem.arguments();
    let values = arguments.iter().map(|(name, argument)| {
        let value = match argument {
            Argument::Number(number) => FluentValue::from(*number),
            Argument::Text(words) => text(words.clone()),
            Argument::Instant(at) => text(when.moment(*at)),
        };
        (*name, value)
    });
    l.message(&format!("problem-{}", problem.code()), values).unwrap_or_else(|| problem.code().to_owned())
}

/// What happened, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub todo: String,
}

/// The words for what stopped a post, by the key that was stored with it; a key without words is said to be unknown.
#[must_use]
pub fn failure(l: Locale, code: &str) -> Failure {
    // What TikTok said is stored under our key already, what we said under its code.
    let key = if keys().contains(&code) { code } else { stopped_by(code).key };
    let say = |suffix: &str| l.message(&format!("failure-{key}{suffix}"), []).unwrap_or_default();
    Failure { what: say(""), why: say("-why"), todo: say("-do") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;
    use std::path::Path;

    use domain::rules::failures::OWN;

    use super::*;

    #[test]
    fn a_known_key_has_words_and_an_unknown_one_is_said_to_be_unknown() {
        let known = failure(Locale::En, "duration_check_failed");
        assert!(!known.what.is_empty() && !known.why.is_empty() && !known.todo.is_empty());
        assert_eq!(failure(Locale::Ru, "no-such-code"), failure(Locale::Ru, "unknown"));
        assert_ne!(known, failure(Locale::En, "unknown"));
    }

    #[test]
    fn what_tiktok_said_is_found_under_the_key_it_is_stored_with() {
        let full = failure(Locale::En, "too-many-posts");
        assert_eq!(full, failure(Locale::En, "spam_risk_too_many_posts"));
        assert_ne!(full, failure(Locale::En, "unknown"));
    }

    #[test]
    fn every_reason_that_can_stop_a_post_has_its_three_sentences() {
        for l in Locale::ALL {
            for code in keys().into_iter().chain(OWN.iter().map(|text| text.code)) {
                let said = failure(l, code);
                assert!(
                    !said.what.is_empty() && !said.why.is_empty() && !said.todo.is_empty(),
                    "{code} in {}",
                    l.tag()
                );
                assert!(
                    code == "unknown" || said != failure(l, "unknown"),
                    "{code} has words of its own in {}",
                    l.tag()
                );
            }
        }
    }

    /// Every text that follows `mark` in the sources below `folder`, up to the next quotation mark.
    fn quoted_after(folder: &Path, mark: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(quoted_after(&path, mark));
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let words = source.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(words.map(str::to_owned));
            }
        }
        found
    }

    #[test]
    fn every_code_that_a_use_case_refuses_with_has_a_sentence() {
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
        let codes: BTreeSet<String> = ["Conflict { code: \"", "BadInput { code: \"", "Limit { code: \""]
            .iter()
            .flat_map(|mark| quoted_after(&app, mark))
            .collect();
        assert!(codes.len() > 20, "the sources were read");
        for l in Locale::ALL {
            for code in &codes {
                assert!(crate::error::sentence(l, code).is_some(), "{code} in {}", l.tag());
            }
        }
    }

    #[test]
    fn every_step_of_a_post_has_words() {
        let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/src/attempt");
        let causes = std::fs::read_to_string(domain.join("decision.rs")).unwrap();
        let causes: BTreeSet<&str> = causes
            .split("impl Cause")
            .nth(1)
            .unwrap()
            .split("=> \"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(causes.len() > 30, "the sources were read");
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/publishing");
        let mut kinds = quoted_after(&app, "            (\"");
        // Which of the two it is stands in a condition.
        kinds.extend(["published", "confirmed"].map(str::to_owned));
        assert!(kinds.contains("failed") && kinds.len() > 4, "the sources were read: {kinds:?}");
        for l in Locale::ALL {
            for cause in causes.iter().filter(|cause| **cause != "started") {
                assert!(l.has(&format!("cause-{}", cause.replace('_', "-"))), "cause {cause} in {}", l.tag());
            }
            for kind in &kinds {
                assert!(l.has(&format!("event-{}", kind.replace('_', "-"))), "event {kind} in {}", l.tag());
            }
        }
    }

    #[test]
    fn every_rule_has_its_sentence() {
        for l in Locale::ALL {
            for problem in Problem::samples() {
                assert!(l.has(&format!("problem-{}", problem.code())), "{} in {}", problem.code(), l.tag());
            }
        }
    }
}
