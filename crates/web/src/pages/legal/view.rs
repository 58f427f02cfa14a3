//! A version of a document as a page: contents, clauses with anchors, dates, other versions. Owns its looks.

use domain::privacy::documents::{Document, Version};
use jiff::civil::Date;
use maud::{Markup, html};

use super::LegalFacts;
use crate::documents::fill;
use crate::documents::filled::{Block, Filled, FilledClause};
use crate::documents::source::Inline;
use crate::locale::Locale;
use crate::ui::policy::document_name;
use crate::ui::{Frame, Head, Notice, Tone, notice, public_page, when};

/// A version of a document.
pub struct DocumentPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Which one.
    pub version: &'static Version,
    /// What it says about this instance.
    pub facts: &'a LegalFacts,
    /// The day of the reading.
    pub today: Date,
}

/// `/privacy`, `/terms` and each of their versions.
#[must_use]
pub fn document_page(page: &DocumentPage<'_>) -> Markup {
    let l = page.frame.locale;
    let text = fill(page.version, l, page.facts);
    let head = Head { title: text.title.clone(), description: Some(text.lead.clone()), ..Head::default() };
    let content = html! {
        main.reading.legal id="main" tabindex="-1" {
            header.legal-head {
                h1 { (text.title) }
                p.lead { (text.lead) }
                p.muted { time datetime=(page.version.effective) { (dated(l, page.version)) } }
                (standing(page))
                (ways(page))
            }
            (contents(l, &text))
            article {
                @for (n, chapter) in text.chapters.iter().enumerate() {
                    section aria-labelledby=(anchor(n)) {
                        h2 id=(anchor(n)) { (chapter.heading) }
                        @for clause in &chapter.clauses { (clause_of(l, clause)) }
                    }
                }
            }
        }
    };
    public_page(page.frame, head, &content)
}

pub(super) fn anchor(chapter: usize) -> String {
    format!("s{}", chapter.saturating_add(1))
}

/// "Last updated", with the version.
pub(super) fn dated(l: Locale, version: &Version) -> String {
    t!(l, "legal-updated", date = when::full_date(l, version.effective), version = version.id)
}

/// Says so when this is not the text in force, and when another one is coming.
fn standing(page: &DocumentPage<'_>) -> Markup {
    let l = page.frame.locale;
    let document = page.version.document;
    let in_force = document.in_force(page.today);
    let current = html! { a href=(format!("/{}", document.as_str())) { (t!(l, "legal-see-current")) } };
    if page.version != in_force {
        let what = if page.version.effective > page.today {
            t!(l, "legal-applies-from", date = when::full_date(l, page.version.effective))
        } else {
            t!(l, "legal-superseded")
        };
        return notice(&Notice { tone: Tone::Warn, what: &what, actions: Some(current), ..Notice::default() });
    }
    let told = |coming: &Version| {
        let what = t!(l, "legal-announced", version = coming.id, date = when::full_date(l, coming.effective));
        let actions = html! {
            a href=(coming.path()) { (t!(l, "legal-read-it")) }
            a href=(format!("{}/changes", coming.path())) { (t!(l, "legal-what-changes")) }
        };
        notice(&Notice { what: &what, actions: Some(actions), ..Notice::default() })
    };
    html! { @for coming in document.coming(page.today) { (told(coming)) } }
}

/// Languages, versions, the other document, the form for programs.
fn ways(page: &DocumentPage<'_>) -> Markup {
    let l = page.frame.locale;
    let document = page.version.document;
    html! {
        ul.ways {
            @for locale in Locale::ALL {
                @if locale != l {
                    li { a href=(format!("{}?lang={}", page.frame.path, locale.tag())) lang=(locale.tag()) hreflang=(locale.tag()) { (locale.endonym()) } }
                }
            }
            @if page.version.before().is_some() {
                li { a href=(format!("{}/changes", page.version.path())) { (t!(l, "legal-what-changed")) } }
            }
            li {
                (t!(l, "legal-versions"))
                @for version in document.versions() {
                    " "
                    a href=(version.path()) aria-current=[(version == page.version).then_some("page")] { (version.id) }
                }
            }
            @for other in Document::ALL {
                @if other != document { li { a href=(format!("/{}", other.as_str())) { (document_name(l, other)) } } }
            }
            @if document == Document::Privacy { li { a href="/privacy/promises" { (t!(l, "legal-how-kept")) } } }
            li { a href=(format!("/{}.json", document.as_str())) { "JSON" } }
        }
    }
}

pub(super) fn contents(l: Locale, text: &Filled) -> Markup {
    html! {
        nav.legal-contents aria-labelledby="contents" {
            h2 id="contents" { (t!(l, "legal-contents")) }
            ol {
                @for (n, chapter) in text.chapters.iter().enumerate() {
                    li { a href=(format!("#{}", anchor(n))) { (chapter.heading) } }
                }
            }
        }
    }
}

fn clause_of(l: Locale, clause: &FilledClause) -> Markup {
    html! {
        div.clause id=(clause.id) {
            a.clause-id href=(format!("#{}", clause.id)) aria-label=(t!(l, "legal-clause", id = clause.id.as_str())) { (clause.id) }
            div {
                @if let Some(title) = &clause.title { h3 { (title) } }
                @for block in &clause.blocks { (block_of(block)) }
            }
        }
    }
}

fn block_of(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Paragraph(line) => { p { (line_of(line)) } }
            Block::Bullets(lines) => { ul.dots { @for line in lines { li { (line_of(line)) } } } }
            Block::Table { head: [first, second, third], rows } => {
                div.table-wrap {
                    table.legal-table {
                        thead { tr { th scope="col" { (first) } th scope="col" { (second) } th scope="col" { (third) } } }
                        tbody {
                            @for [name, one, two] in rows {
                                tr { th scope="row" { (name) } td data-of=(second) { (one) } td data-of=(third) { (two) } }
                            }
                        }
                    }
                }
            }
            Block::Contacts(rows) => { dl.facts { @for (what, who) in rows { dt { (what) } dd { (reachable(who)) } } } }
            Block::Address(address) => { p { (reachable(address)) } }
        }
    }
}

fn line_of(line: &[Inline]) -> Markup {
    html! {
        @for piece in line {
            @match piece {
                Inline::Words(words) => { (words) }
                Inline::Code(name) => { code { (name) } }
                Inline::Link { words, href } => { a href=(href) { (words) } }
            }
        }
    }
}

/// An e-mail address leads to the reader's mail program, wherever in the words it stands.
fn reachable(words: &str) -> Markup {
    html! {
        @for (n, word) in words.split(' ').enumerate() {
            @if n > 0 { " " }
            @let address = word.trim_end_matches([',', ';', '.']);
            @if is_email(address) {
                a href=(format!("mailto:{address}")) { (address) } (word.strip_prefix(address).unwrap_or_default())
            } @else { (word) }
        }
    }
}

fn is_email(address: &str) -> bool {
    address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

#[cfg(test)]
mod tests {
    use domain::privacy::documents::VERSIONS;
    use jiff::civil::date;

    use super::*;
    use crate::{pages::check, ui::Theme};

    fn drawn(frame: &Frame, version: &'static Version, today: Date) -> String {
        document_page(&DocumentPage { frame, version, facts: &LegalFacts::sample(), today }).0
    }

    #[test]
    fn every_version_renders_in_every_language_before_and_after_its_day() {
        for today in [date(2026, 11, 25), date(2027, 1, 1)] {
            for version in &VERSIONS {
                check::in_every_language(|frame| {
                    document_page(&DocumentPage { frame, version, facts: &LegalFacts::sample(), today })
                });
            }
        }
    }

    #[test]
    fn pp_9_2_the_page_says_when_it_was_updated_and_has_an_anchor_for_every_clause() {
        let version = Document::Privacy.in_force(date(2027, 1, 1));
        let frame = Frame::public(Locale::En, Theme::System, "/privacy");
        let page = drawn(&frame, version, date(2027, 1, 1));
        assert!(
            page.contains("datetime=\"2026-12-26\"") && page.contains("Last updated: 26 December 2026. Version 1.1.")
        );
        for clause in fill(version, Locale::En, &LegalFacts::sample()).clauses() {
            assert!(
                page.contains(&format!("id=\"{0}\"", clause.id)) && page.contains(&format!("href=\"#{0}\"", clause.id))
            );
        }
        assert!(page.contains("mailto:privacy@example.org") && page.contains("mailto:officer@example.org"));
    }

    #[test]
    fn pp_9_3_a_reader_of_the_text_in_force_is_told_of_the_one_that_is_coming() {
        let frame = Frame::public(Locale::En, Theme::System, "/privacy");
        let today = date(2026, 11, 25);
        let now = drawn(&frame, Document::Privacy.in_force(today), today);
        assert!(now.contains("Version 1.1 applies from 26 December 2026.") && now.contains("/privacy/1.1/changes"));
        assert!(now.contains("Version 1.2 applies from 25 January 2027.") && now.contains("/privacy/1.2/changes"));
        let coming = Document::Privacy.announced(today).map(|it| drawn(&frame, it, today)).unwrap_or_default();
        assert!(coming.contains("not in force yet"));
        let old = Document::Privacy.version("1.0").map(|it| drawn(&frame, it, date(2027, 1, 1))).unwrap_or_default();
        assert!(old.contains("no longer in force"));
    }
}
