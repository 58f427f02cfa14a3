//! Captions as TikTok counts and takes them. Owns the counter, the clean-up of line breaks and the caption's own faults.
//! Must not change what a person wrote beyond line breaks.

use crate::post::CAPTION_MAX_UTF16;

/// Length of `text` in UTF-16 code units, the unit TikTok limits captions in: Cyrillic 1, most emoji 2.
#[must_use]
pub fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What keeps a caption from being sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptionProblem {
    /// Longer than TikTok takes.
    #[error("the caption has {used_utf16} UTF-16 units, TikTok takes {max_utf16}: shorten it")]
    TooLong {
        /// Units used.
        used_utf16: usize,
        /// Units allowed.
        max_utf16: usize,
    },
    /// A control character that neither TikTok nor a database takes as text.
    #[error("the caption holds the control character U+{code:04X}: remove it")]
    ControlCharacter {
        /// Its code point.
        code: u32,
    },
}

/// Gives every line break its single-character form. Forms send two characters for one, which would count twice.
#[must_use]
pub fn normalise(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// All faults of a video's caption; an empty caption has none.
#[must_use]
pub fn problems(caption: &str) -> Vec<CaptionProblem> {
    problems_within(caption, CAPTION_MAX_UTF16)
}

/// All faults of a text that may have so many UTF-16 units; an empty one has none.
#[must_use]
pub fn problems_within(caption: &str, max_utf16: usize) -> Vec<CaptionProblem> {
    let mut found = Vec::new();
    let used_utf16 = utf16_len(caption);
    if used_utf16 > max_utf16 {
        found.push(CaptionProblem::TooLong { used_utf16, max_utf16 });
    }
    let control = caption.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
    if let Some(control) = control {
        found.push(CaptionProblem::ControlCharacter { code: u32::from(control) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_agrees_with_tiktok_on_cyrillic_emoji_and_combining_marks() {
        let cases = [
            ("", 0),
            ("milk", 4),
            ("молоко", 6),
            ("🥛", 2),
            ("👨\u{200d}👩\u{200d}👧", 8),
            ("e\u{301}", 2),
            ("a\nb", 3),
        ];
        for (text, units) in cases {
            assert_eq!(utf16_len(text), units, "{text}");
        }
    }

    #[test]
    fn a_caption_may_be_exactly_as_long_as_tiktok_takes_and_not_a_unit_longer() {
        assert_eq!(problems(&"ы".repeat(2200)), vec![]);
        assert_eq!(problems(&"🥛".repeat(1100)), vec![]);
        assert_eq!(
            problems(&format!("{}a", "🥛".repeat(1100))),
            vec![CaptionProblem::TooLong { used_utf16: 2201, max_utf16: 2200 }]
        );
    }

    #[test]
    fn line_breaks_of_a_form_count_once_and_control_characters_are_named() {
        assert_eq!(normalise("a\r\nb\rc\nd"), "a\nb\nc\nd");
        assert_eq!(problems("one\n\ttwo"), vec![]);
        assert_eq!(problems("a\0b"), vec![CaptionProblem::ControlCharacter { code: 0 }]);
    }
}
