//! The board: its columns, the order within one, and what an idea and a label may be. Owns these rules; knows nothing of where they are kept.

use crate::caption::{CaptionProblem, normalise, problems, utf16_len};
use crate::media::tags::{composed, same};

/// Ideas that a workspace has at most.
pub const IDEAS_MAX: usize = 500;
/// Longest idea, UTF-16 units: what a caption may have, for it becomes one.
pub const IDEA_MAX_UTF16: usize = 2_000;
/// Labels that a workspace has at most.
pub const LABELS_MAX: usize = 50;
/// Labels of one post at most.
pub const POST_LABELS_MAX: usize = 10;
/// Characters of a label at most.
pub const LABEL_CHARS_MAX: usize = 32;

/// A column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Posts without a file.
    Ideas,
    /// Being composed.
    Drafts,
    /// Drafts that their author calls ready.
    Ready,
    /// Consented and waiting for their time.
    Scheduled,
}

impl Stage {
    /// All of them, from the first thought to the plan.
    pub const ALL: [Self; 4] = [Self::Ideas, Self::Drafts, Self::Ready, Self::Scheduled];

    /// Its word in addresses and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ideas => "ideas",
            Self::Drafts => "drafts",
            Self::Ready => "ready",
            Self::Scheduled => "scheduled",
        }
    }

    /// The column of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }
}

/// One more than the largest digit of a place.
const BASE: u8 = 16;

fn digit(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at)? {
        sign @ b'0'..=b'9' => Some(sign.saturating_sub(b'0')),
        sign @ b'a'..=b'f' => Some(sign.saturating_sub(b'a').saturating_add(10)),
        _ => Some(0),
    }
}

/// A place between two others. Places are hexadecimal digits behind an unwritten point, compared as texts, so there is always room: where the
/// two are neighbours, the new one is longer. `below` is the smaller one, empty for the bottom; nothing above is the top.
#[must_use]
pub fn between(below: &str, above: Option<&str>) -> String {
    let (low, mut high) = (below.as_bytes(), above.map(str::as_bytes));
    let mut made = String::new();
    for at in 0..=low.len().max(above.map_or(0, str::len)) {
        let floor = digit(low, at).unwrap_or(0);
        let ceiling = high.map_or(BASE, |high| digit(high, at).unwrap_or(0));
        let next = if ceiling > floor.saturating_add(1) { floor.midpoint(ceiling) } else { floor };
        made.extend(char::from_digit(u32::from(next), u32::from(BASE)));
        if next != floor {
            return made;
        }
        if ceiling > floor {
            // From here on everything is below the upper one.
            high = None;
        }
    }
    made.push('8');
    made
}

/// The place of something made just now, from its id: ids grow with time, so it stands above whatever was made or moved to the top before.
#[must_use]
pub fn newest(id: uuid::Uuid) -> String {
    id.as_simple().to_string()
}

/// Why an idea was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdeaProblem {
    /// Nothing is left of it.
    Missing,
    /// It is longer than [`IDEA_MAX_UTF16`].
    TooLong,
    /// There is a sign in it that no caption may have.
    ControlCharacter,
}

/// An idea as it is kept.
///
/// # Errors
/// The first thing that is wrong.
pub fn idea(text: &str) -> Result<String, IdeaProblem> {
    let words = normalise(text.trim());
    if words.is_empty() {
        return Err(IdeaProblem::Missing);
    }
    if utf16_len(&words) > IDEA_MAX_UTF16 {
        return Err(IdeaProblem::TooLong);
    }
    if problems(&words).iter().any(|problem| matches!(problem, CaptionProblem::ControlCharacter { .. })) {
        return Err(IdeaProblem::ControlCharacter);
    }
    Ok(words)
}

/// Why a label was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelProblem {
    /// Nothing is left of it.
    Missing,
    /// It is longer than [`LABEL_CHARS_MAX`].
    TooLong,
    /// It has a comma, by which lists of labels are cut.
    Comma,
    /// There is such a one, whatever its capitals.
    Twice,
}

/// Longest place that is kept, characters: far more than any row of moves between two cards makes of one.
pub const PLACE_MAX: usize = 256;

/// Whether a text is a place. What is none would stand in an order that differs between databases.
#[must_use]
pub fn is_place(text: &str) -> bool {
    (1..=PLACE_MAX).contains(&text.len())
        && text.bytes().all(|sign| sign.is_ascii_digit() || (b'a'..=b'f').contains(&sign))
}

/// A label as it is kept: one line, single blanks, composed letters. `others` are the labels that there are besides.
///
/// # Errors
/// The first thing that is wrong.
pub fn label<'a>(text: &str, mut others: impl Iterator<Item = &'a str>) -> Result<String, LabelProblem> {
    let words: String = text.chars().filter(|sign| !sign.is_control() || sign.is_whitespace()).collect();
    let words = composed(&words);
    if words.is_empty() {
        Err(LabelProblem::Missing)
    } else if words.chars().count() > LABEL_CHARS_MAX {
        Err(LabelProblem::TooLong)
    } else if words.contains([',', ';']) {
        Err(LabelProblem::Comma)
    } else if others.any(|other| same(other, &words)) {
        Err(LabelProblem::Twice)
    } else {
        Ok(words)
    }
}

/// Why a list of labels was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelsProblem {
    /// One is longer than [`LABEL_CHARS_MAX`].
    TooLong,
    /// More than [`POST_LABELS_MAX`].
    TooMany,
}

/// The labels of a list as it stands in a cell, in its order: with commas, semicolons or lines between, each once.
///
/// # Errors
/// The first thing that is wrong.
pub fn labels(text: &str) -> Result<Vec<String>, LabelsProblem> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split([',', ';', '\n', '\r']) {
        match label(part, found.iter().map(String::as_str)) {
            Ok(words) => found.push(words),
            Err(LabelProblem::TooLong) => return Err(LabelsProblem::TooLong),
            Err(LabelProblem::Missing | LabelProblem::Comma | LabelProblem::Twice) => {}
        }
    }
    if found.len() > POST_LABELS_MAX { Err(LabelsProblem::TooMany) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_is_always_room_between_two_places() {
        let (mut below, above) = ("0193aa".to_owned(), "0193ab".to_owned());
        for _ in 0..500 {
            let made = between(&below, Some(&above));
            assert!(below < made && made < above, "{below} {made} {above}");
            below = made;
        }
        let (below, mut above) = ("0193aa".to_owned(), "0193aaf".to_owned());
        for _ in 0..500 {
            let made = between(&below, Some(&above));
            assert!(below < made && made < above, "{below} {made} {above}");
            above = made;
        }
        assert!(above.len() < 200, "it grows by a digit for some moves, not for each: {}", above.len());
    }

    #[test]
    fn the_ends_are_open() {
        let mut top = "01930000".to_owned();
        let mut bottom = top.clone();
        for _ in 0..100 {
            let (over, under) = (between(&top, None), between("", Some(&bottom)));
            assert!(over > top && under < bottom && !under.is_empty(), "{over} {under}");
            (top, bottom) = (over, under);
        }
        assert_eq!(between("", None), "8");
        assert_eq!(between("ff", None), "ff8");
        assert!(between("01930000000070008000000000000001", Some("01930000000070008000000000000002")).len() == 33);
    }

    #[test]
    fn labels_are_short_words_each_of_which_there_is_once() {
        let others = ["Milk", "Утро"];
        let made = |text: &str| label(text, others.into_iter());
        assert_eq!(made("  season \n  one "), Ok("season one".to_owned()));
        assert_eq!(made("утро"), Err(LabelProblem::Twice));
        assert_eq!(made(" MILK\u{a0}\u{0}"), Err(LabelProblem::Twice));
        assert_eq!(made("и\u{306}од"), Ok("йод".to_owned()));
        assert_eq!(made(" \n"), Err(LabelProblem::Missing));
        assert_eq!(made("a, b"), Err(LabelProblem::Comma));
        assert_eq!(made(&"ж".repeat(LABEL_CHARS_MAX + 1)), Err(LabelProblem::TooLong));
        assert!(made(&"ж".repeat(LABEL_CHARS_MAX)).is_ok());
    }

    #[test]
    fn a_list_of_labels_has_each_once_and_not_too_many() {
        assert_eq!(labels(" season, Утро;; утро\n News ").unwrap(), ["season", "Утро", "News"]);
        assert_eq!(labels(" ,").unwrap(), [""; 0]);
        assert_eq!(labels(&"ж".repeat(LABEL_CHARS_MAX + 1)), Err(LabelsProblem::TooLong));
        let many = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(labels(&many(POST_LABELS_MAX)).unwrap().len(), POST_LABELS_MAX);
        assert_eq!(labels(&many(POST_LABELS_MAX + 1)), Err(LabelsProblem::TooMany));
    }

    #[test]
    fn an_idea_becomes_a_caption_and_so_may_have_what_one_may() {
        assert_eq!(idea("  Milk at dawn\r\nand a cat ").unwrap(), "Milk at dawn\nand a cat");
        assert_eq!(idea(" \r\n "), Err(IdeaProblem::Missing));
        assert_eq!(idea(&"x".repeat(IDEA_MAX_UTF16 + 1)), Err(IdeaProblem::TooLong));
        assert_eq!(idea("a\u{0}b"), Err(IdeaProblem::ControlCharacter));
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        }
    }
}
