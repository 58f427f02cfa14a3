//! The words that people sort their files by: what one may be, and how a list of them is written. Owns the rule; knows nothing of where they are kept.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Words beside one file at most.
pub const TAGS_MAX: usize = 20;
/// Characters of one word at most.
pub const TAG_CHARS_MAX: usize = 40;

/// Why a list was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagProblem {
    /// More than [`TAGS_MAX`].
    TooMany,
    /// One is longer than [`TAG_CHARS_MAX`].
    TooLong,
}

/// The words of a list, in the order in which they were written: separated by commas or lines, without a leading `#`, each once
/// whatever its capitals.
///
/// # Errors
/// When there are too many of them or one is too long.
pub fn tags(text: &str) -> Result<Vec<String>, TagProblem> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split([',', ';', '\n', '\r']) {
        let word = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let word: String = word.trim_start_matches('#').trim().chars().filter(|sign| !sign.is_control()).collect();
        if word.is_empty() || found.iter().any(|known| same(known, &word)) {
            continue;
        }
        if word.chars().count() > TAG_CHARS_MAX {
            return Err(TagProblem::TooLong);
        }
        found.push(word);
    }
    if found.len() > TAGS_MAX { Err(TagProblem::TooMany) } else { Ok(found) }
}

/// A text with every letter in the one form that Unicode composes (NFC), and single blanks: keyboards and files write "й" in two ways.
#[must_use]
pub fn composed(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ComposingNormalizerBorrowed::new_nfc().normalize(&words).into_owned()
}

/// Whether two words are one, whatever their capitals, their blanks and the way in which their letters are composed.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || composed(&one.to_lowercase()) == composed(&other.to_lowercase())
}

/// A list as it is kept and shown in a field.
#[must_use]
pub fn written(tags: &[String]) -> String {
    tags.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_come_out_clean_and_once() {
        assert_eq!(tags("  #Harbour,dawn ; harbour\nmilk   bar,, ").unwrap(), ["Harbour", "dawn", "milk bar"]);
        assert_eq!(tags("Утро, утро, #УТРО").unwrap(), ["Утро"]);
        assert_eq!(tags("").unwrap(), [""; 0]);
        assert_eq!(tags("a\u{0}b").unwrap(), ["ab"]);
    }

    #[test]
    fn words_are_compared_as_words() {
        assert!(same("Утро й", " утро\u{a0} и\u{306} ") && same("NEWS", "news") && !same("news", "new"));
        assert_eq!(composed("  cafe\u{301}\n one "), "caf\u{e9} one");
    }

    #[test]
    fn too_many_and_too_long_are_refused() {
        let list = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(tags(&list(TAGS_MAX)).unwrap().len(), TAGS_MAX);
        assert_eq!(tags(&list(TAGS_MAX + 1)), Err(TagProblem::TooMany));
        assert_eq!(tags(&"ж".repeat(TAG_CHARS_MAX)).unwrap().len(), 1);
        assert_eq!(tags(&"ж".repeat(TAG_CHARS_MAX + 1)), Err(TagProblem::TooLong));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let list = tags("b, a, #c d").unwrap();
        assert_eq!(tags(&written(&list)).unwrap(), list);
    }
}
