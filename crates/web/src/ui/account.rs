//! A TikTok account as people see it: flavour, picture or monogram, names. The colour never stands alone.

use domain::connection::Flavour;
use maud::{Markup, html};

/// What stands for an account in a small circle.
#[derive(Debug, Clone, Copy)]
pub struct Face<'a> {
    /// Name of the account.
    pub name: &'a str,
    /// Its colour.
    pub flavour: Flavour,
    /// Address of its picture on this server; without one its initials stand there.
    pub picture: Option<&'a str>,
}

/// Size of a face.
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

/// The picture of an account over its monogram, which shows while there is no picture or it does not come. Hidden from screen readers:
/// the name stands beside it.
#[must_use]
pub fn face(it: &Face<'_>, size: Size) -> Markup {
    let class = match size {
        Size::Small => "cap s",
        Size::Medium => "cap",
        Size::Large => "cap l",
    };
    html! {
        span class=(class) data-flavour=(it.flavour.as_str()) aria-hidden="true" {
            (initials(it.name))
            @if let Some(picture) = it.picture { img src=(picture) alt="" decoding="async"; }
        }
    }
}

/// Face, name and `@handle` (given without the sign).
#[must_use]
pub fn account(it: &Face<'_>, handle: Option<&str>) -> Markup {
    html! {
        span.who {
            (face(it, Size::Medium))
            span { b { (it.name) } @if let Some(handle) = handle { small { "@" (handle) } } }
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

    #[test]
    fn a_picture_lies_over_the_initials_and_says_nothing_that_the_name_does_not() {
        let it =
            Face { name: "Море рядом", flavour: Flavour::Sea, picture: Some("/connections/1/avatar?v=a&b") };
        let with = face(&it, Size::Small).0;
        assert!(with.contains("aria-hidden=\"true\">МР<img"), "{with}");
        assert!(with.contains("src=\"/connections/1/avatar?v=a&amp;b\" alt=\"\""), "{with}");
        let without = face(&Face { picture: None, ..it }, Size::Small).0;
        assert!(without.contains(">МР</span>") && !without.contains("<img"), "{without}");
    }
}
