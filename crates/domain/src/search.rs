//! Words that somebody looks for, and whether a text has them. Owns what counts as found; where texts come from is the caller's.
//!
//! A word finds its other forms ("cats" finds "cat", «молоко» finds «молоком») and what begins with it, in any case, with `е` for `ё`. Words in
//! quotation marks are found as they stand. All of them have to be in one text.

use std::borrow::Cow;
use std::ops::Range;

use frostem::{Algorithm, Stemmer};
use icu_normalizer::ComposingNormalizerBorrowed;

/// Longest text that is looked for, characters; the rest is left out.
pub const SEARCH_CHARS_MAX: usize = 200;
/// Most words or groups in quotation marks; the rest is left out.
pub const SEARCH_WORDS_MAX: usize = 8;
/// Shortest stem that stands for its word, characters: shorter ones begin too many others.
const STEM_CHARS_MIN: usize = 3;

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// The beginning of a word, with the sign in front of it if one was typed.
    Word(String),
    /// Words as they stand.
    Phrase(String),
}

/// Letters in one piece: some systems write `й` as two signs.
fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// What stands between words and says nothing; the signs of hashtags and mentions and pictures say something.
const fn is_punctuation(sign: char) -> bool {
    (sign.is_ascii_punctuation() && !matches!(sign, '#' | '@')) || matches!(sign, '…' | '—' | '–' | '·' | '•')
}

/// A text as it is compared: letters in one piece and small, `е` for `ё`.
#[must_use]
pub fn folded(text: &str) -> String {
    composed(text).chars().flat_map(char::to_lowercase).map(|letter| if letter == 'ё' { 'е' } else { letter }).collect()
}

/// The part that a word's forms have in common.
fn stem(word: &str) -> String {
    let rest = word.trim_start_matches(['#', '@']);
    let language = if rest.chars().all(|letter| letter.is_ascii_alphabetic()) {
        Algorithm::English
    } else if rest.chars().all(|letter| matches!(letter, 'а'..='я')) {
        Algorithm::Russian
    } else {
        return word.to_owned();
    };
    let stemmer = Stemmer::new(language);
    let stem = stemmer.stem(rest);
    // Some stems are spelled otherwise than the word ("happy", "happi"): only what begins the word finds it.
    let common: String = stem.chars().zip(rest.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    if common.chars().count() < STEM_CHARS_MIN {
        return word.to_owned();
    }
    let sign: String = word.chars().take_while(|letter| matches!(letter, '#' | '@')).collect();
    sign + &common
}

impl Search {
    /// Reads what was typed. Signs alone find nothing and are left out, so nothing typed is an empty search.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = folded(&text.chars().take(SEARCH_CHARS_MAX).collect::<String>());
        let mut terms = Vec::new();
        for (number, part) in text.split(['"', '«', '»', '“', '”', '„']).enumerate() {
            if number % 2 == 1 {
                let phrase = part.split_whitespace().collect::<Vec<_>>().join(" ");
                if phrase.chars().any(char::is_alphanumeric) {
                    terms.push(Term::Phrase(phrase));
                }
                continue;
            }
            let words = part.split_whitespace().map(|word| word.trim_matches(is_punctuation));
            terms.extend(words.filter(|word| !word.is_empty()).map(|word| Term::Word(stem(word))));
        }
        terms.truncate(SEARCH_WORDS_MAX);
        Self { terms }
    }

    /// Nothing is looked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the text has all of it. An empty search is in every text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        if self.terms.is_empty() {
            return true;
        }
        let text = folded(text);
        self.terms.iter().all(|term| term.place(&text).is_some())
    }

    /// A part of the text around the first thing found, at most about `chars` characters, with dots where it was cut; `None` when nothing is found.
    #[must_use]
    pub fn around(&self, text: &str, chars: usize) -> Option<String> {
        // Folding may change how many bytes a letter has, not how many letters there are, but for a few that become two.
        let text = composed(text);
        let folded = folded(&text);
        let first = self.terms.iter().filter_map(|term| term.place(&folded)).map(|place| place.start).min()?;
        let before = folded.get(..first)?.chars().count();
        let from = if before < chars / 2 { 0 } else { before.saturating_sub(chars / 3) };
        let part: String = text.chars().skip(from).take(chars).collect();
        // It begins with a whole word, unless that would leave out what was found.
        let whole = part.char_indices().find(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at);
        let early =
            |at: &usize| part.get(..*at).is_some_and(|text| text.chars().count() <= before.saturating_sub(from));
        let part = whole.filter(|_| from > 0).filter(early).and_then(|at| part.get(at..)).unwrap_or(&part);
        let more = text.chars().nth(from.saturating_add(chars)).is_some();
        let words = part.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(format!("{}{words}{}", if from > 0 { "…" } else { "" }, if more { "…" } else { "" }))
    }
}

impl Term {
    /// Where a folded text has it.
    fn place(&self, text: &str) -> Option<Range<usize>> {
        match self {
            Self::Phrase(phrase) => text.find(phrase.as_str()).map(|at| at..at.saturating_add(phrase.len())),
            Self::Word(word) => text
                .match_indices(word.as_str())
                .find(|(at, _)| {
                    let before = text.get(..*at).and_then(|text| text.chars().next_back());
                    !word.starts_with(char::is_alphanumeric) || !before.is_some_and(char::is_alphanumeric)
                })
                .map(|(at, found)| at..at.saturating_add(found.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(typed: &str, text: &str) -> bool {
        Search::parse(typed).is_in(text)
    }

    #[test]
    fn every_form_of_a_word_is_found_in_both_languages_whatever_its_case() {
        assert!(finds("молоко", "Кот с МОЛОКОМ на крыше"));
        assert!(finds("коты", "Пять котов и одна кошка"));
        assert!(finds("Ёлка", "у нас елки") && finds("елка", "Ёлки!"));
        assert!(finds("cats", "One cat") && finds("running", "A run in the rain"));
        assert!(finds("happy", "HAPPY new year"));
        assert!(finds("мой", "мои\u{306} кот"), "as some systems write it");
    }

    #[test]
    fn all_words_have_to_be_there_and_each_begins_one() {
        assert!(finds("cat roof", "The roof, and a cat on it") && !finds("cat dog", "The roof, and a cat on it"));
        assert!(!finds("art", "a party"), "the middle of a word is another word");
        assert!(finds("мол", "молния"), "the beginning is enough while typing");
    }

    #[test]
    fn hashtags_are_found_by_themselves_and_quoted_words_as_they_stand() {
        assert!(finds("#milk", "dawn #milkrun") && !finds("#milk", "milk at dawn") && finds("milk", "dawn #milk"));
        assert!(finds("\"milk at dawn\"", "Milk at dawn") && !finds("\"dawn at\"", "milk at dawn"));
        assert!(finds("«кот на»", "Кот на крыше") && !finds("«на кот»", "Кот на крыше"));
    }

    #[test]
    fn pictures_are_found_and_brackets_around_a_word_are_not_looked_for() {
        assert!(finds("🔥", "milk🔥") && !finds("🔥 bread", "milk🔥") && !finds("🔥", "milk"));
        assert!(finds("(milk)", "Milk at dawn") && finds("milk,", "Milk at dawn"));
    }

    #[test]
    fn signs_alone_are_no_search() {
        for typed in ["", "  ", "…", "\"\"", "- !", "\""] {
            assert!(Search::parse(typed).is_empty(), "{typed}");
        }
    }

    #[test]
    fn what_stands_far_behind_is_shown_with_what_is_around_it() {
        let text = format!("{} кошка спит {}", "а ".repeat(100), "б ".repeat(100));
        let words = "слово ".repeat(40);
        assert!(Search::parse("конец").around(&format!("{words}конец"), 60).unwrap().starts_with("…слово"));
        let shown = Search::parse("кошку").around(&text, 60).unwrap();
        assert!(shown.contains("кошка спит") && shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() <= 62);
        assert_eq!(Search::parse("спит").around("кошка\nспит", 60).unwrap(), "кошка спит", "one line, nothing cut");
        assert_eq!(Search::parse("dog").around(&text, 60), None);
    }

    proptest! {
        #[test]
        fn nothing_typed_or_written_breaks_it(typed in "\\PC{0,60}", text in "\\PC{0,120}") {
            let search = Search::parse(&typed);
            let _ = search.around(&text, 10);
            prop_assert!(search.terms.len() <= SEARCH_WORDS_MAX);
            if search.is_empty() {
                prop_assert!(search.is_in(&text));
            }
        }

        #[test]
        fn a_word_finds_itself(word in "[a-zа-я]{1,12}") {
            prop_assert!(finds(&word, &word), "{word}");
        }
    }
}
