//! The `t!` macro: a message of the catalogue in the reader's language. Owns nothing else but the memory of those that never change.

use std::sync::OnceLock;

use crate::locale::Locale;

/// `t!(locale, "id", name = value, ...)` formats a message as a `String`.
///
/// The id must exist in the English catalogue and the arguments must match it, otherwise the build fails; a test checks
/// that the Russian catalogue has the same ids and arguments. A message without arguments is formatted once.
#[macro_export]
macro_rules! t {
    ($locale:expr, $id:literal $(,)?) => {{
        static WORDS: $crate::message::Fixed = $crate::message::Fixed::new();
        WORDS.get($locale, |locale| ::i18n_embed_fl::fl!($crate::locale::Locale::loader(locale), $id))
    }};
    ($locale:expr, $id:literal $(, $name:ident = $value:expr)+ $(,)?) => {
        ::i18n_embed_fl::fl!($crate::locale::Locale::loader($locale), $id $(, $name = ($value))*)
    };
}

/// A message without arguments, in each language that it was asked for in.
#[derive(Debug)]
pub struct Fixed {
    en: OnceLock<String>,
    ru: OnceLock<String>,
}

impl Fixed {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { en: OnceLock::new(), ru: OnceLock::new() }
    }

    /// The message, formatted by `words` the first time. A plain function, not a type of its own for each of two thousand messages: the
    /// compiler would walk through all of them.
    pub fn get(&self, locale: Locale, words: fn(Locale) -> String) -> String {
        match locale {
            Locale::En => &self.en,
            Locale::Ru => &self.ru,
        }
        .get_or_init(|| words(locale))
        .clone()
    }
}
