//! The texts of the policy and the terms: one file for each version and language, filled with the facts the program acts on.
//! Owns reading, filling, hashing and comparing them; which versions there are and when they apply is `domain`'s.
//!
//! A number that the program acts on is never typed into the newest version. When it changes, the older versions get it as a number.

pub mod changes;
pub mod facts;
pub mod filled;
pub mod source;

use std::sync::LazyLock;

use domain::privacy::documents::{VERSIONS, Version};
use jiff::civil::Date;

pub use self::facts::{LegalFacts, Processor};
pub use self::filled::{Filled, fill};
use self::source::{Inline, Raw, Text};
use crate::locale::Locale;

macro_rules! files {
    ($($document:literal $version:literal)+) => {
        &[$(
            ($document, $version, Locale::En, include_str!(concat!("../../locales/en/documents/", $document, "-", $version, ".txt"))),
            ($document, $version, Locale::Ru, include_str!(concat!("../../locales/ru/documents/", $document, "-", $version, ".txt"))),
        )+]
    };
}

/// Every file; a test holds this to the list of versions.
const FILES: &[(&str, &str, Locale, &str)] = files! {
    "privacy" "1.0"
    "privacy" "1.1"
    "privacy" "1.2"
    "terms" "1.0"
    "terms" "1.1"
};

type Key = (&'static str, &'static str, Locale);

static TEXTS: LazyLock<Vec<(Key, Text)>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(document, version, locale, file)| {
            // A file that cannot be read is a mistake of ours that a test forbids; the page then is empty and the log says why.
            let text = source::parse(file).unwrap_or_else(|problem| {
                tracing::error!(document, version, language = locale.tag(), problem, "a legal text is unreadable");
                Text::default()
            });
            ((*document, *version, *locale), text)
        })
        .collect()
});

static NOTHING: LazyLock<Text> = LazyLock::new(Text::default);

/// The text of a version, not yet filled.
#[must_use]
pub fn text(version: &Version, locale: Locale) -> &'static Text {
    let wanted = (version.document.as_str(), version.id, locale);
    TEXTS.iter().find(|(key, _)| *key == wanted).map_or(&NOTHING, |(_, text)| text)
}

/// Scopes that a text names.
fn scopes_named(text: &Text) -> Vec<&str> {
    let lines = text.clauses().flat_map(|clause| &clause.blocks).flat_map(|block| match block {
        Raw::Paragraph(line) => std::slice::from_ref(line),
        Raw::Bullets(lines) => lines.as_slice(),
        Raw::Address | Raw::Contact | Raw::Processors | Raw::Retention => &[],
    });
    lines
        .flatten()
        .filter_map(|piece| match piece {
            Inline::Code(name) => Some(name.as_str()),
            Inline::Words(_) | Inline::Link { .. } => None,
        })
        .collect()
}

/// Which of `requested` scopes a policy that applies now, or is announced, does not name in some language; with the place.
#[must_use]
pub fn unnamed_scopes(requested: &[&str], today: Date) -> Vec<String> {
    use domain::privacy::documents::Document;
    let policy = Document::Privacy;
    std::iter::once(policy.in_force(today))
        .chain(policy.coming(today))
        .flat_map(|it| unnamed_in(it, requested))
        .collect()
}

/// Which of `optional` scopes the policy that was published last does not name in some language: whoever allows one accepts that version for it.
#[must_use]
pub fn unnamed_optional(optional: &[&str]) -> Vec<String> {
    unnamed_in(domain::privacy::purposes::Reading::accepted(), optional)
}

fn unnamed_in(version: &Version, scopes: &[&str]) -> Vec<String> {
    let of = |locale: Locale| {
        let named = scopes_named(text(version, locale));
        let missing = scopes.iter().filter(move |scope| !named.contains(scope));
        missing.map(move |scope| format!("{scope} (version {}, {})", version.id, locale.endonym())).collect::<Vec<_>>()
    };
    Locale::ALL.into_iter().flat_map(of).collect()
}

/// Whether a text names the permissions with which numbers are read, and so has to say how long those are kept.
pub(crate) fn names_numbers(version: &Version, locale: Locale) -> bool {
    scopes_named(text(version, locale)).contains(&domain::connection::SCOPE_VIDEO_LIST)
}

/// Every version with its text in a language.
pub fn all(locale: Locale) -> impl Iterator<Item = (&'static Version, &'static Text)> {
    VERSIONS.iter().map(move |version| (version, text(version, locale)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::collections::BTreeSet;

    use domain::connection::{SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_UPLOAD};
    use domain::privacy::clauses::{OPTIONAL_SCOPES, SCOPES};
    use domain::privacy::documents::Document;
    use jiff::civil::date;

    use super::*;

    const NOW: Date = date(2026, 12, 26);

    #[test]
    fn every_version_has_a_readable_text_in_both_languages_and_every_file_a_version() {
        for (document, version, locale, file) in FILES {
            source::parse(file).unwrap_or_else(|problem| panic!("{document} {version} {}: {problem}", locale.tag()));
            assert!(Document::parse(document).unwrap().version(version).is_some(), "{document} {version}");
        }
        assert_eq!(FILES.len(), VERSIONS.len() * Locale::ALL.len());
    }

    #[test]
    fn pp_9_1_both_languages_have_the_same_clauses_in_the_same_order() {
        for version in &VERSIONS {
            let shape = |l| {
                text(version, l)
                    .clauses()
                    .map(|it| {
                        (it.id.clone(), it.title.is_some(), it.blocks.iter().map(source::kind).collect::<Vec<_>>())
                    })
                    .collect::<Vec<_>>()
            };
            assert_eq!(shape(Locale::En), shape(Locale::Ru), "{}", version.path());
            assert_eq!(
                text(version, Locale::En).chapters.len(),
                text(version, Locale::Ru).chapters.len(),
                "{}",
                version.path()
            );
            let ids: Vec<_> = text(version, Locale::En).clauses().map(|it| it.id.as_str()).collect();
            assert_eq!(
                ids.iter().collect::<BTreeSet<_>>().len(),
                ids.len(),
                "an id occurs twice in {}",
                version.path()
            );
        }
    }

    #[test]
    fn pp_9_1_the_newest_policy_states_every_promise_under_its_own_id() {
        let newest = Document::Privacy.versions().next_back().unwrap();
        let ids: BTreeSet<_> = text(newest, Locale::En).clauses().map(|it| it.id.clone()).collect();
        let promised = [
            "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "3.1", "3.2",
            "3.3", "3.4", "3.5", "4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5",
            "5.6", "5.7", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6",
            "7.7", "8.1", "8.2", "8.3", "9.1", "9.2", "9.3", "10.1", "10.2",
        ];
        let missing: Vec<_> = promised.iter().filter(|id| !ids.contains(&format!("PP-{id}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn pp_9_1_every_clause_that_the_data_map_leans_on_stands_in_the_newest_policy() {
        let newest = Document::Privacy.versions().next_back().unwrap();
        let ids: BTreeSet<_> = text(newest, Locale::En).clauses().map(|it| it.id.as_str()).collect();
        for data in domain::privacy::retention::DATA_MAP {
            assert!(ids.contains(data.clause.0), "{}.{} leans on {}", data.table, data.column, data.clause.0);
        }
    }

    #[test]
    fn pp_3_2_the_policy_names_exactly_the_permissions_that_are_asked_for() {
        for version in Document::Privacy.versions() {
            for l in Locale::ALL {
                let named = scopes_named(text(version, l));
                let optional = names_numbers(version, l).then_some(OPTIONAL_SCOPES).into_iter().flatten();
                let all: Vec<&str> = [SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_UPLOAD].into_iter().chain(optional).collect();
                assert_eq!(named, all, "{} {}", version.path(), l.tag());
            }
        }
        assert_eq!(unnamed_scopes(&SCOPES, NOW), Vec::<String>::new());
        assert_eq!(unnamed_optional(&OPTIONAL_SCOPES), Vec::<String>::new());
    }

    #[test]
    fn pp_3_2_an_optional_permission_that_the_newest_policy_does_not_name_is_found() {
        let found = unnamed_optional(&["video.list", "user.info.profile"]);
        assert_eq!(found, ["user.info.profile (version 1.2, English)", "user.info.profile (version 1.2, Русский)"]);
    }

    #[test]
    fn pp_6_1_only_a_policy_that_names_numbers_has_a_row_for_them() {
        let kept = |id: &str| {
            let version = Document::Privacy.version(id).unwrap();
            fill(version, Locale::En, &LegalFacts::sample()).plain().contains("24 months at most, or until")
        };
        assert!(!kept("1.1") && kept("1.2"));
    }

    #[test]
    fn pp_3_2_a_permission_that_the_policy_does_not_name_is_found_in_each_language_and_version() {
        let found = unnamed_scopes(&["video.publish", "video.list"], date(2026, 12, 1));
        assert_eq!(
            found,
            [
                "video.list (version 1.0, English)",
                "video.list (version 1.0, Русский)",
                "video.list (version 1.1, English)",
                "video.list (version 1.1, Русский)"
            ]
        );
    }
}
