//! `/privacy/promises`: what keeps each clause of the policy, and what is not kept by the program yet. Owns its looks; the words are in
//! `clauses.toml`, from which the program is built.

use axum::extract::{Query, State};
use domain::privacy::documents::{Document, Version};
use domain::privacy::promises::{PROMISES, Promise, Proof, Words};
use maud::{Markup, html};

use super::view::{anchor, contents};
use super::{LegalFacts, Wanted, frame};
use crate::documents::fill;
use crate::documents::filled::{Filled, FilledChapter, FilledClause};
use crate::locale::Locale;
use crate::session::MaybeSignedIn;
use crate::state::WebState;
use crate::ui::{Frame, Head, public_page};

const PATH: &str = "/privacy/promises";

/// `GET /privacy/promises`: to everybody, and without cookies.
pub async fn promises(State(state): State<WebState>, who: MaybeSignedIn, Query(wanted): Query<Wanted>) -> Markup {
    promises_page(&frame(&who, &wanted, PATH), &state.legal)
}

/// The newest text, because that is what the program is built to keep.
fn newest() -> Option<&'static Version> {
    Document::Privacy.versions().last()
}

/// The page.
#[must_use]
pub fn promises_page(frame: &Frame, facts: &LegalFacts) -> Markup {
    let l = frame.locale;
    let head = Head { title: t!(l, "promises-title"), description: Some(t!(l, "promises-lead")), ..Head::default() };
    let content = html! {
        main.reading.legal id="main" tabindex="-1" {
            header.legal-head {
                h1 { (t!(l, "promises-title")) }
                p.lead { (t!(l, "promises-lead")) }
                ul.ways {
                    @for locale in Locale::ALL {
                        @if locale != l {
                            li { a href=(format!("{PATH}?lang={}", locale.tag())) lang=(locale.tag()) hreflang=(locale.tag()) { (locale.endonym()) } }
                        }
                    }
                    li { a href="/privacy" { (t!(l, "promises-policy")) } }
                }
            }
            @if let Some(version) = newest() { (chapters(l, version, fill(version, l, facts))) }
        }
    };
    public_page(frame, head, &content)
}

fn chapters(l: Locale, version: &Version, mut text: Filled) -> Markup {
    text.chapters.retain(|chapter| !of_chapter(chapter).is_empty());
    html! {
        (contents(l, &text))
        article {
            @for (n, chapter) in text.chapters.iter().enumerate() {
                section aria-labelledby=(anchor(n)) {
                    h2 id=(anchor(n)) { (chapter.heading) }
                    @for (clause, promise) in of_chapter(chapter) { (promise_of(l, version, clause, promise)) }
                }
            }
        }
    }
}

fn of_chapter(chapter: &FilledChapter) -> Vec<(&FilledClause, &'static Promise)> {
    let promise_for = |clause: &FilledClause| PROMISES.iter().find(|it| it.clause.0 == clause.id);
    chapter.clauses.iter().filter_map(|clause| Some((clause, promise_for(clause)?))).collect()
}

fn promise_of(l: Locale, version: &Version, clause: &FilledClause, promise: &Promise) -> Markup {
    // Tests are the rule, so only what is otherwise is said at the clause.
    let otherwise = match (promise.proof, promise.missing) {
        (Proof::Duty, _) => Some(t!(l, "promises-duty")),
        (Proof::Test, Some(_)) => Some(t!(l, "promises-in-part")),
        (Proof::Test, None) => None,
    };
    html! {
        div.clause id=(clause.id) {
            a.clause-id href=(format!("{}#{}", version.path(), clause.id)) aria-label=(t!(l, "legal-clause", id = clause.id.as_str())) { (clause.id) }
            div {
                @if let Some(title) = &clause.title { h3 { (title) } }
                p { (words(l, promise.how)) }
                @if let Some(missing) = promise.missing { p { strong { (t!(l, "promises-missing")) } " " (words(l, missing)) } }
                @if let Some(otherwise) = otherwise { p.muted { (otherwise) } }
            }
        }
    }
}

const fn words(l: Locale, words: Words) -> &'static str {
    match l {
        Locale::En => words.en,
        Locale::Ru => words.ru,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pages::check;
    use crate::ui::Theme;

    #[test]
    fn the_page_renders_in_every_language() {
        check::in_every_language(|frame| promises_page(frame, &LegalFacts::sample()));
    }

    #[test]
    fn pp_9_1_each_promise_of_the_newest_policy_has_its_mechanism_and_no_other_has() {
        let text = fill(newest().unwrap(), Locale::En, &LegalFacts::sample());
        // Chapter 0 says who is responsible and promises nothing.
        let promised: BTreeSet<&str> =
            text.clauses().map(|clause| clause.id.as_str()).filter(|id| !id.starts_with("PP-0.")).collect();
        let kept: BTreeSet<&str> = PROMISES.iter().map(|it| it.clause.0).collect();
        assert_eq!(promised, kept);
    }

    #[test]
    fn what_is_missing_is_said_openly() {
        let page = promises_page(&Frame::public(Locale::En, Theme::System, PATH), &LegalFacts::sample()).0;
        for promise in PROMISES {
            assert!(page.contains(&format!("id=\"{}\"", promise.clause.0)), "{}", promise.clause.0);
        }
        let open = PROMISES.iter().filter(|it| it.missing.is_some()).count();
        assert_eq!(page.matches("Not yet:").count(), open);
    }
}
