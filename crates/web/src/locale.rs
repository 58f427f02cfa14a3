//! Languages of the pages: which ones exist, which one a request gets, and their message catalogues.
//! Must not format dates or sizes (see [`crate::ui::when`]) and must not know any page.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use fluent_bundle::FluentValue;
use i18n_embed::{LanguageLoader, fluent::FluentLanguageLoader};
use rust_embed::RustEmbed;
use unic_langid::{LanguageIdentifier, subtags::Language};

#[derive(RustEmbed)]
#[folder = "locales/built"]
struct Catalogues;

static EN: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Locale::En));
static RU: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Locale::Ru));

/// Loads one catalogue. A catalogue that cannot be read answers every id with a sentence saying so, and a test forbids it.
fn load(locale: Locale) -> FluentLanguageLoader {
    let primary = locale.tag().parse::<Language>().unwrap_or_default();
    let language = LanguageIdentifier::from_parts(primary, None, None, &[]);
    let loader = FluentLanguageLoader::new("web", language.clone());
    if let Err(error) = loader.load_languages(&Catalogues, std::slice::from_ref(&language)) {
        tracing::error!(%language, %error, "message catalogue is unreadable");
    }
    // values land in HTML that has one direction; invisible isolation marks would only spoil search and copying
    loader.set_use_isolating(false);
    loader
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// English, the language of the source.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Locale {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// The language tag for `lang` attributes, cookies and the database.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language's name in itself, as a switch must show it.
    #[must_use]
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ru => "Русский",
        }
    }

    /// Reads a tag such as `ru` or `en-GB`; `None` for languages the pages do not speak.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| primary.eq_ignore_ascii_case(locale.tag()))
    }

    /// The best language for an `Accept-Language` header; `None` when it names none of ours.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        // a header longer than this is noise, not preference
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().map(str::trim).and_then(Self::parse) else {
                continue;
            };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    /// The person's own choice first, then this browser's, then what the browser asks for, then English.
    #[must_use]
    pub fn choose(user: Option<&str>, cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        user.and_then(Self::parse)
            .or_else(|| cookie.and_then(Self::parse))
            .or_else(|| accept_language.and_then(Self::negotiate))
            .unwrap_or_default()
    }

    /// The catalogue behind [`crate::t!`].
    #[must_use]
    pub fn loader(self) -> &'static FluentLanguageLoader {
        match self {
            Self::En => &EN,
            Self::Ru => &RU,
        }
    }

    /// Whether the catalogue has `id`; for ids that are computed, such as `problem-…`.
    #[must_use]
    pub fn has(self, id: &str) -> bool {
        self.loader().has(id)
    }

    /// A message whose id is computed at run time; `None` when the catalogue does not have it. Prefer [`crate::t!`].
    #[must_use]
    pub fn message<'a>(
        self,
        id: &str,
        arguments: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> Option<String> {
        self.has(id).then(|| self.loader().get_args_concrete(id, arguments.into_iter().collect::<HashMap<_, _>>()))
    }
}

/// A text argument for [`Locale::message`].
#[must_use]
pub fn text<'a>(value: impl Into<Cow<'a, str>>) -> FluentValue<'a> {
    FluentValue::String(value.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

    use std::collections::{BTreeMap, BTreeSet};

    use i18n_embed::LanguageLoader;

    use super::*;

    /// Every message of a catalogue with the names of the variables it mentions.
    fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let file = Catalogues::get(&format!("{}/web.ftl", locale.tag())).expect("catalogue is embedded");
        let text = String::from_utf8(file.data.into_owned()).expect("catalogue is UTF-8");
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                current = line.split(" =").next().unwrap().to_owned();
                assert!(found.insert(current.clone(), BTreeSet::new()).is_none(), "{current} is defined twice");
            }
            if line.starts_with('#') {
                continue;
            }
            for part in line.split('$').skip(1) {
                let name: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
                if let Some(names) = found.get_mut(&current) {
                    names.insert(name);
                }
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_arguments() {
        let (en, ru) = (messages(Locale::En), messages(Locale::Ru));
        assert!(en.len() > 200, "the catalogue is not empty");
        let missing: Vec<_> = en.keys().filter(|id| !ru.contains_key(*id)).collect();
        let extra: Vec<_> = ru.keys().filter(|id| !en.contains_key(*id)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "only in English: {missing:?}; only in Russian: {extra:?}");
        for (id, arguments) in &en {
            assert_eq!(arguments, &ru[id], "arguments of {id}");
        }
    }

    #[test]
    fn every_message_formats_in_both_languages() {
        for locale in Locale::ALL {
            for (id, names) in messages(locale) {
                assert!(locale.loader().has(&id), "{id} does not parse in {}", locale.tag());
                for number in [0, 1, 2, 5, 11, 21, 104] {
                    let arguments = names.iter().map(|name| (name.as_str(), FluentValue::from(number)));
                    let said = locale.message(&id, arguments).expect("present");
                    assert!(!said.trim().is_empty(), "{id} says nothing in {}", locale.tag());
                    assert!(!said.contains("{$") && !said.contains("No localization"), "{id}: {said}");
                }
            }
        }
    }

    #[test]
    fn russian_counts_as_russian_does() {
        let counted: Vec<String> =
            [1, 2, 5, 11, 21, 104].into_iter().map(|n| t!(Locale::Ru, "count-posts", n = n)).collect();
        assert_eq!(counted, ["1 пост", "2 поста", "5 постов", "11 постов", "21 пост", "104 поста"]);
        assert_eq!(t!(Locale::En, "count-posts", n = 1), "1 post");
        assert_eq!(t!(Locale::En, "count-posts", n = 2), "2 posts");
    }

    #[test]
    fn the_browser_is_heard_and_the_person_is_heard_first() {
        assert_eq!(Locale::negotiate("ru-RU,ru;q=0.9,en;q=0.8"), Some(Locale::Ru));
        assert_eq!(Locale::negotiate("de, en-GB;q=0.4, ru;q=0.7"), Some(Locale::Ru));
        assert_eq!(Locale::negotiate("ru;q=0, fr"), None);
        assert_eq!(Locale::negotiate("en;q=abc,,;;=,ru;q=0.1"), Some(Locale::Ru));
        assert_eq!(Locale::choose(Some("ru"), Some("en"), Some("en")), Locale::Ru);
        assert_eq!(Locale::choose(None, Some("ru"), Some("en")), Locale::Ru);
        assert_eq!(Locale::choose(None, Some("xx"), Some("ru")), Locale::Ru);
        assert_eq!(Locale::choose(None, None, None), Locale::En);
    }

    #[test]
    fn the_fallback_of_each_catalogue_is_itself() {
        for locale in Locale::ALL {
            assert_eq!(locale.loader().current_language().language.as_str(), locale.tag());
        }
    }
}
