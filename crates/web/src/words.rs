//! Rules and refusals in the reader's words. Owns the way from a stable code to its texts; the texts are in the locale files.

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
    let key = stopped_by(code).key;
    let say = |suffix: &str| l.message(&format!("failure-{key}{suffix}"), []).unwrap_or_default();
    Failure { what: say(""), why: say("-why"), todo: say("-do") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_has_words_and_an_unknown_one_is_said_to_be_unknown() {
        let known = failure(Locale::En, "duration_check_failed");
        assert!(!known.what.is_empty() && !known.why.is_empty() && !known.todo.is_empty());
        assert_eq!(failure(Locale::Ru, "no-such-code"), failure(Locale::Ru, "unknown"));
        assert_ne!(known, failure(Locale::En, "unknown"));
    }
}
