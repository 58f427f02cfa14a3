//! A TikTok account as people see it: flavour, monogram, names. The colour never stands alone.

use domain::connection::Flavour;
use maud::{Markup, html};

/// Size of a monogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 24 px, on thumbnails and in dense rows.
    Small,
    /// 36 px.
    #[default]
    Medium,
    /// 52 px, heads of pages.
    Large,
}

/// The first letters of at most two words, upper case; `?` when there is no letter at all.
#[must_use]
pub fn initials(name: &str) -> String {
    // conjunctions such as "и" say nothing about a name, unless there is nothing else
    let long = name.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphanumeric()).count() > 1);
    let short = name.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphanumeric()).count() == 1);
    let letters: String = long
        .chain(short)
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

/// The cap with two letters. Hidden from screen readers: the name stands beside it.
#[must_use]
pub fn monogram(name: &str, flavour: Flavour, size: Size) -> Markup {
    let class = match size {
        Size::Small => "cap s",
        Size::Medium => "cap",
        Size::Large => "cap l",
    };
    html! { span class=(class) data-flavour=(flavour.as_str()) aria-hidden="true" { (initials(name)) } }
}

/// Monogram, name and `@handle` (given without the sign).
#[must_use]
pub fn account(name: &str, handle: Option<&str>, flavour: Flavour) -> Markup {
    html! {
        span.who {
            (monogram(name, flavour, Size::Medium))
            span { b { (name) } @if let Some(handle) = handle { small { "@" (handle) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_give_two_letters_and_nothing_gives_a_question_mark() {
        assert_eq!(initials("Северный вечер"), "СВ");
        assert_eq!(initials("  двор и футбол"), "ДФ");
        assert_eq!(initials("я и"), "ЯИ");
        assert_eq!(initials("🎬 Studio"), "S");
        assert_eq!(initials("🎬"), "?");
        assert_eq!(initials(""), "?");
    }
}
