//! Texts that people keep to put into captions again and again: templates and groups of hashtags. Owns what one may be; must not know captions
//! that they were put into, which belong to their posts alone.

use crate::caption::{CaptionProblem, normalise, problems};

/// Texts that a workspace keeps at most.
pub const SNIPPETS_MAX: usize = 200;
/// Characters of a name at most.
pub const NAME_CHARS_MAX: usize = 60;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SnippetKind {
    /// Sentences of a caption.
    Template,
    /// Hashtags that stand together.
    Hashtags,
}

impl SnippetKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Template, Self::Hashtags];

    /// As it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Hashtags => "hashtags",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnippetProblem {
    /// Nothing is left of the name.
    NameMissing,
    /// The name is longer than [`NAME_CHARS_MAX`].
    NameTooLong,
    /// Nothing is left of the text.
    WordsMissing,
    /// The text alone is longer than a caption may be.
    WordsTooLong,
    /// There is a sign in it that no caption may have.
    ControlCharacter,
}

/// Name and text as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnippetWords {
    /// What it is found by.
    pub name: String,
    /// What goes into a caption.
    pub words: String,
}

/// Makes a name and a text what is kept: one line for the name, hashtags each once and with one `#`.
///
/// # Errors
/// The first thing that is wrong.
pub fn checked(kind: SnippetKind, name: &str, words: &str) -> Result<SnippetWords, SnippetProblem> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(SnippetProblem::NameMissing);
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(SnippetProblem::NameTooLong);
    }
    let words = normalise(words);
    let words = match kind {
        SnippetKind::Template => words.trim().to_owned(),
        SnippetKind::Hashtags => hashtags(&words).join(" "),
    };
    if words.is_empty() {
        return Err(SnippetProblem::WordsMissing);
    }
    match problems(&name).into_iter().chain(problems(&words)).next() {
        Some(CaptionProblem::TooLong { .. }) => Err(SnippetProblem::WordsTooLong),
        Some(CaptionProblem::ControlCharacter { .. }) => Err(SnippetProblem::ControlCharacter),
        None => Ok(SnippetWords { name, words }),
    }
}

/// The hashtags of a text, each once whatever its capitals; a word without a `#` is meant as one.
fn hashtags(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|sign: char| sign.is_whitespace() || matches!(sign, '#' | ',' | ';')) {
        let tag = format!("#{word}");
        if !word.is_empty() && !found.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
            found.push(tag);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hashtags_come_out_with_one_sign_and_once() {
        let kept = checked(SnippetKind::Hashtags, "  Milk \n bar ", "milk, #Cow ##cow;#утро#Milk").unwrap();
        assert_eq!((kept.name.as_str(), kept.words.as_str()), ("Milk bar", "#milk #Cow #утро"));
        assert_eq!(checked(SnippetKind::Hashtags, "x", " ,# ;"), Err(SnippetProblem::WordsMissing));
    }

    #[test]
    fn a_template_keeps_its_lines_and_may_be_as_long_as_a_caption() {
        let kept = checked(SnippetKind::Template, "Hello", "\r\nGood morning,\r\nmilk\n").unwrap();
        assert_eq!(kept.words, "Good morning,\nmilk");
        assert!(checked(SnippetKind::Template, "long", &"ы".repeat(2200)).is_ok());
        assert_eq!(checked(SnippetKind::Template, "long", &"ы".repeat(2201)), Err(SnippetProblem::WordsTooLong));
        assert_eq!(checked(SnippetKind::Template, "bell", "a\u{7}"), Err(SnippetProblem::ControlCharacter));
        assert_eq!(checked(SnippetKind::Template, " ", "x"), Err(SnippetProblem::NameMissing));
        assert_eq!(checked(SnippetKind::Template, &"n".repeat(61), "x"), Err(SnippetProblem::NameTooLong));
    }
}
