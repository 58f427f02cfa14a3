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

/// A stretch of a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// Words.
    Words(&'a str),
    /// `#` with what belongs to it.
    Hashtag(&'a str),
    /// `@` with what belongs to it.
    Mention(&'a str),
}

/// A caption cut into words, hashtags and mentions, as apps show them: a sign that opens a word, and the letters, digits and underscores
/// after it; a mention may also have points. Whether there is such an account only TikTok knows.
#[must_use]
pub fn stretches(caption: &str) -> Vec<Stretch<'_>> {
    let mut found = Vec::new();
    let (mut words_from, mut before) = (0, None::<char>);
    let mut chars = caption.char_indices().peekable();
    while let Some((at, sign)) = chars.next() {
        let opens = matches!(sign, '#' | '@') && !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        before = Some(sign);
        if !opens {
            continue;
        }
        let mut until = at.saturating_add(1);
        while let Some((_, c)) = chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_' || (sign == '@' && *c == '.'))
        {
            until = until.saturating_add(c.len_utf8());
            before = Some(c);
        }
        // A point behind a name ends the sentence.
        let tagged = caption.get(at..until).unwrap_or_default().trim_end_matches('.');
        if tagged.len() <= 1 {
            continue;
        }
        if let Some(words) = caption.get(words_from..at).filter(|words| !words.is_empty()) {
            found.push(Stretch::Words(words));
        }
        found.push(if sign == '#' { Stretch::Hashtag(tagged) } else { Stretch::Mention(tagged) });
        words_from = at.saturating_add(tagged.len());
    }
    if let Some(words) = caption.get(words_from..).filter(|words| !words.is_empty()) {
        found.push(Stretch::Words(words));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_and_mentions_are_found_as_apps_show_them() {
        use Stretch::{Hashtag, Mention, Words};
        assert_eq!(
            stretches("Milk #утро_2 by @mila.bakes. Mail a@b.c # @ ##x"),
            [
                Words("Milk "),
                Hashtag("#утро_2"),
                Words(" by "),
                Mention("@mila.bakes"),
                Words(". Mail a@b.c # @ #"),
                Hashtag("#x"),
            ]
        );
        for text in ["", "no sign at all", "#", "@.", "#\u{1f95b}"] {
            assert!(stretches(text).iter().all(|one| matches!(one, Words(_))), "{text}");
        }
        let whole: String = stretches("a#b #c@d,@e").iter().map(|(Words(t) | Hashtag(t) | Mention(t))| *t).collect();
        assert_eq!(whole, "a#b #c@d,@e", "nothing is lost");
    }

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
