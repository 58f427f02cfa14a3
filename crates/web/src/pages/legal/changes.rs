//! What a version changed, clause by clause, with the changed words marked: by lines through and under them, by words for whoever
//! listens, and never by colour alone. Owns its looks.

use domain::privacy::documents::Version;
use maud::{Markup, html};

use super::LegalFacts;
use super::view::dated;
use crate::documents::changes::{Change, ClauseChange, Run, compare};
use crate::documents::fill;
use crate::locale::Locale;
use crate::ui::policy::document_name;
use crate::ui::{Frame, public_page, when};

/// The difference of a version to the one before.
pub struct ChangesPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The later version.
    pub version: &'static Version,
    /// What both say about this instance.
    pub facts: &'a LegalFacts,
}

/// `/privacy/{version}/changes` and the same of the terms.
#[must_use]
pub fn changes_page(page: &ChangesPage<'_>) -> Markup {
    let l = page.frame.locale;
    let version = page.version;
    let title = t!(l, "legal-changes-title", document = document_name(l, version.document), version = version.id);
    let content = html! {
        main.reading id="main" tabindex="-1" {
            article.changes {
                h1 { (title) }
                p.lead {
                    @match version.before() {
                        Some(before) => { (t!(l, "legal-changes-lead", before = before.id, date = when::full_date(l, version.effective))) }
                        None => { (t!(l, "legal-changes-first")) }
                    }
                }
                p.muted { (dated(l, version)) }
                ul.ways {
                    li { a href=(version.path()) { (t!(l, "legal-whole-text", version = version.id)) } }
                    @if let Some(before) = version.before() {
                        li { a href=(before.path()) { (t!(l, "legal-whole-text", version = before.id)) } }
                    }
                    @for locale in Locale::ALL {
                        @if locale != l {
                            li { a href=(format!("{}?lang={}", page.frame.path, locale.tag())) lang=(locale.tag()) hreflang=(locale.tag()) { (locale.endonym()) } }
                        }
                    }
                }
                @if let Some(before) = version.before() { (list(page, before)) }
            }
        }
    };
    public_page(page.frame, title.as_str(), &content)
}

fn list(page: &ChangesPage<'_>, before: &Version) -> Markup {
    let l = page.frame.locale;
    let changes = compare(&fill(before, l, page.facts), &fill(page.version, l, page.facts));
    html! {
        p.hint { (t!(l, "legal-changes-legend")) " " del { (t!(l, "legal-gone-word")) } " " ins { (t!(l, "legal-new-word")) } }
        @for (n, chapter) in changes.clauses.chunk_by(|one, next| one.heading == next.heading).enumerate() {
            section.card.change aria-labelledby=(format!("s{n}")) {
                h2 id=(format!("s{n}")) { @if let Some(first) = chapter.first() { (first.heading) } }
                @for change in chapter { (one(l, change)) }
            }
        }
        p.muted { (t!(l, "legal-unchanged", n = i64::try_from(changes.unchanged).unwrap_or(i64::MAX))) }
    }
}

fn one(l: Locale, it: &ClauseChange) -> Markup {
    let (word, class) = match &it.change {
        Change::Added(_) => (t!(l, "legal-added"), "good"),
        Change::Removed(_) => (t!(l, "legal-removed"), "bad"),
        Change::Changed(_) => (t!(l, "legal-changed"), "warn"),
    };
    html! {
        div.change-clause id=(it.id) {
            p.change-kind.(class) { b { (word) } " " span.muted { (it.id) } }
            p.change-text {
                @match &it.change {
                    Change::Added(text) => { ins { (text) } }
                    Change::Removed(text) => { del { (text) } }
                    Change::Changed(runs) => { @for run in runs { (run_of(l, run)) } }
                }
            }
        }
    }
}

fn run_of(l: Locale, run: &Run) -> Markup {
    html! {
        @match run {
            Run::Same(text) => { (text) }
            Run::Gone(text) => { del { span.vh { (t!(l, "legal-say-gone")) " " } (text.trim_end()) span.vh { (t!(l, "legal-say-end")) } } " " }
            Run::New(text) => { ins { span.vh { (t!(l, "legal-say-new")) " " } (text.trim_end()) span.vh { (t!(l, "legal-say-end")) } } (ending(text)) }
        }
    }
}

/// The white space after the last word, which is not marked.
fn ending(text: &str) -> &str {
    text.strip_prefix(text.trim_end()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::privacy::documents::{Document, VERSIONS};

    use super::*;
    use crate::{pages::check, ui::Theme};

    #[test]
    fn every_difference_renders_in_every_language() {
        for version in &VERSIONS {
            check::in_every_language(|frame| {
                changes_page(&ChangesPage { frame, version, facts: &LegalFacts::sample() })
            });
        }
    }

    #[test]
    fn pp_9_1_changed_words_are_marked_by_elements_and_words_and_clauses_by_words() {
        let frame = Frame::public(Locale::En, Theme::System, "/privacy/1.1/changes");
        let facts = LegalFacts::sample();
        let page = |id| {
            let version = Document::Privacy.version(id)?;
            Some(changes_page(&ChangesPage { frame: &frame, version, facts: &facts }).0)
        };
        let later = page("1.1").unwrap_or_default();
        for mark in ["<del>", "<ins>", "removed:", "added:", "<b>New</b>", "<b>Changed</b>", "since version 1.0"] {
            assert!(later.contains(mark), "{mark}");
        }
        assert!(page("1.0").unwrap_or_default().contains("the first version"));
    }
}
