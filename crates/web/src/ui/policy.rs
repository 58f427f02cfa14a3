//! The strip that stands on every page while a changed policy or changed terms wait for the reader's answer. Owns its looks and the
//! words for versions in forms; must not decide what an answer permits.

use domain::privacy::documents::{Document, Standing, Version};
use maud::{Markup, html};

use super::button::{Button, Kind, button, link_button};
use super::feedback::{Notice, Tone, notice};
use super::when;
use crate::locale::Locale;

/// The name of a document, as it stands in sentences.
#[must_use]
pub fn document_name(l: Locale, document: Document) -> String {
    match document {
        Document::Privacy => t!(l, "link-privacy"),
        Document::Terms => t!(l, "link-terms"),
    }
}

/// The versions a form was drawn for, so that an answer never counts for one that was not shown.
#[must_use]
pub fn shown(versions: &[&Version]) -> String {
    versions.iter().map(|it| format!("{} {}", it.document.as_str(), it.id)).collect::<Vec<_>>().join(",")
}

/// Reads [`shown`]; `None` when a version is named that never was.
#[must_use]
pub fn parse_shown(text: &str) -> Option<Vec<&'static Version>> {
    text.split(',')
        .map(|one| one.split_once(' ').and_then(|(document, id)| Document::parse(document)?.version(id)))
        .collect()
}

/// What the strip on every page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyNotice {
    /// Versions that wait for an answer, or were refused.
    pub versions: Vec<&'static Version>,
    /// Everything that was changed since what the person agreed to, version by version.
    pub changes: Vec<&'static Version>,
    /// All of them were refused.
    pub refused: bool,
    /// Nothing new may be planned.
    pub barred: bool,
    /// The page to come back to.
    pub next: String,
}

impl PolicyNotice {
    /// The strip for a person, if there is anything to say.
    #[must_use]
    pub fn of(standing: &Standing, next: &str) -> Option<Self> {
        let refused = standing.unanswered.is_empty();
        let versions = if refused { standing.refused.clone() } else { standing.unanswered.clone() };
        let barred = !standing.may_plan();
        let of_these = |it: &&&'static Version| versions.iter().any(|version| version.document == it.document);
        let changes = standing.behind.iter().filter(of_these).copied().collect();
        (!versions.is_empty() && (!refused || barred)).then(|| Self {
            changes,
            versions,
            refused,
            barred,
            next: next.to_owned(),
        })
    }
}

/// The strip.
#[must_use]
pub fn strip(l: Locale, it: &PolicyNotice) -> Markup {
    let names = it.versions.iter().map(|version| document_name(l, version.document)).collect::<Vec<_>>();
    let names = names.join(&format!(" {} ", t!(l, "list-and")));
    let first = it.changes.iter().map(|version| version.effective).min().unwrap_or_default();
    let date = when::full_date(l, first);
    let (what, more) = match (it.barred, it.refused) {
        (false, _) => (t!(l, "policy-changes", names = names, date = date), t!(l, "policy-changes-more")),
        (true, false) => (t!(l, "policy-changed", names = names, date = date), t!(l, "policy-changed-more")),
        (true, true) => (t!(l, "policy-refused", names = names), t!(l, "policy-refused-more")),
    };
    html! {
        section.banner.policy.warn[it.barred] aria-label=(t!(l, "policy-label")) {
            div.grow {
                p { b { (what) } " " (more) }
                p {
                    @if it.barred { (t!(l, "policy-what-changed")) } @else { (t!(l, "policy-what-changes")) }
                    @for (n, version) in it.changes.iter().enumerate() {
                        @if n > 0 { " · " } @else { " " }
                        a href=(format!("{}/changes", version.path())) { (document_name(l, version.document)) " " (version.id) }
                    }
                }
            }
            div.actions {
                form method="post" action="/agreement" {
                    input type="hidden" name="shown" value=(shown(&it.versions));
                    input type="hidden" name="next" value=(it.next);
                    (button(&Button { label: &t!(l, "agreement-read"), kind: Kind::Primary, small: true, sends: Some(("answer", "read")), ..Button::default() }))
                }
                a.btn.small href="/agreement" { span { (t!(l, "policy-leave")) } }
            }
        }
    }
}

/// Beside a form whose button was pressed although nothing new may be planned: why not, and the way to the choices.
#[must_use]
pub fn not_agreed(l: Locale) -> Markup {
    let choices = Button { label: &t!(l, "agreement-title"), small: true, ..Button::default() };
    notice(&Notice {
        tone: Tone::Bad,
        what: &t!(l, "error-policy-unanswered-what"),
        more: &t!(l, "error-policy-unanswered"),
        actions: Some(link_button("/agreement", &choices)),
        urgent: true,
    })
}

#[cfg(test)]
mod tests {
    use domain::privacy::documents::{Answer, Given};
    use jiff::civil::{Date, date};

    use super::*;
    use crate::pages::check;
    use crate::ui::{Frame, Nav, Theme, app_page, page_head};

    const BEFORE: Date = date(2026, 12, 1);
    const AFTER: Date = date(2027, 1, 1);

    fn said(answer: Option<Answer>, today: Date) -> Standing {
        let given = answer.map(|answer| {
            Document::ALL.map(|document| Given { document, version: document.newest().id.to_owned(), answer }).to_vec()
        });
        Standing::of(&given.unwrap_or_default(), today)
    }

    #[test]
    fn pp_9_3_the_strip_asks_before_and_after_the_day_and_is_silent_after_an_answer() {
        let strip_of =
            |answer, today| PolicyNotice::of(&said(answer, today), "/queue").map(|it| strip(Locale::En, &it).0);
        let before = strip_of(None, BEFORE).unwrap_or_default();
        for words in [
            "change on 26 December 2026",
            "/privacy/1.1/changes",
            "/privacy/1.2/changes",
            "/terms/1.1/changes",
            "I have read it",
            "/agreement",
        ] {
            assert!(before.contains(words), "{words}: {before}");
        }
        assert!(strip_of(None, AFTER).unwrap_or_default().contains("nothing new can be planned"));
        assert!(strip_of(Some(Answer::Refused), AFTER).unwrap_or_default().contains("You did not agree"));
        assert_eq!((strip_of(Some(Answer::Read), AFTER), strip_of(Some(Answer::Refused), BEFORE)), (None, None));
    }

    #[test]
    fn the_strip_stands_on_every_page_in_every_language() {
        let policy = PolicyNotice::of(&said(None, BEFORE), "/queue");
        assert!(policy.is_some());
        check::in_every_language(|frame| {
            let frame = Frame { policy: policy.clone(), ..frame.clone() };
            app_page(&frame, "Title", &page_head("Title", None, None))
        });
        let frame = Frame { policy, ..Frame::sample(Locale::Ru, Theme::Dark, Nav::None) };
        let page = crate::ui::public_page(&frame, "Title", &html! { main id="main" { h1 { "Title" } } }).0;
        assert!(page.contains("action=\"/agreement\""));
    }

    #[test]
    fn only_versions_that_exist_are_read_back_from_a_form() {
        let latest: Vec<&Version> = Document::ALL.into_iter().filter_map(Document::latest_material).collect();
        assert_eq!(
            parse_shown(&shown(&latest)),
            Some(Document::ALL.into_iter().filter_map(Document::latest_material).collect())
        );
        for nonsense in ["", "privacy", "privacy 9.9", "cookies 1.0", "privacy 1.1,"] {
            assert_eq!(parse_shown(nonsense), None, "{nonsense}");
        }
    }
}
