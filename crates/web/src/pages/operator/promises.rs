//! The clauses of the privacy policy: what keeps each, which tests show it, and what was seen in this instance just now. Owns its route and looks; it
//! is what `moloko policy check` prints, without the settings that only the command line reads.

use app::promises::Look;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::privacy::promises::{PROMISES, Promise, Proof, Words};
use maud::{Markup, html};

use super::{Around, figure};
use crate::error::WebError;
use crate::locale::Locale;
use crate::operator::Operator;
use crate::state::WebState;
use crate::ui::{Notice, Place, Tone, When, notice};

/// The page.
pub struct PromisesPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was seen.
    pub looks: &'a [Look],
    /// The clock.
    pub when: &'a When,
}

/// How a clause stands in this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Broken,
    InPart,
    Duty,
    Seen,
    ByTests,
}

fn standing(promise: &Promise, looks: &[&Look]) -> Standing {
    if looks.iter().any(|look| !look.kept) {
        return Standing::Broken;
    }
    match (promise.proof, promise.missing.is_some(), looks.is_empty()) {
        (Proof::Duty, _, _) => Standing::Duty,
        (Proof::Test, true, _) => Standing::InPart,
        (Proof::Test, false, false) => Standing::Seen,
        (Proof::Test, false, true) => Standing::ByTests,
    }
}

fn standing_words(l: Locale, standing: Standing) -> String {
    match standing {
        Standing::Broken => t!(l, "operator-clause-broken"),
        Standing::InPart => t!(l, "operator-clause-in-part"),
        Standing::Duty => t!(l, "operator-clause-duty"),
        Standing::Seen => t!(l, "operator-clause-seen"),
        Standing::ByTests => t!(l, "operator-clause-by-tests"),
    }
}

const fn in_language(l: Locale, words: Words) -> &'static str {
    match l {
        Locale::En => words.en,
        Locale::Ru => words.ru,
    }
}

/// The page.
#[must_use]
pub fn promises_page(page: &PromisesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let of = |promise: &Promise| page.looks.iter().filter(|look| look.clause == promise.clause).collect::<Vec<_>>();
    let rows: Vec<_> = PROMISES.iter().map(|promise| (promise, of(promise))).collect();
    let broken = page.looks.iter().filter(|look| !look.kept).count();
    let kept = page.looks.len().saturating_sub(broken);
    let content = html! {
        @if broken > 0 {
            (notice(&Notice { tone: Tone::Bad, what: &t!(l, "operator-promises-broken", n = broken), ..Notice::default() }))
        }
        div.grid.m11 {
            (figure(&PROMISES.len().to_string(), &t!(l, "operator-promises-clauses")))
            (figure(&kept.to_string(), &t!(l, "operator-promises-kept")))
            (figure(&broken.to_string(), &t!(l, "operator-promises-against")))
        }
        p.sub { (t!(l, "operator-promises-at", at = page.when.moment(page.when.now))) }
        div.list { @for (promise, looks) in &rows { (clause(l, promise, looks)) } }
    };
    page.around.page(Place::Promises, &t!(l, "operator-nav-promises"), &t!(l, "operator-promises-lede"), &content)
}

fn clause(l: Locale, promise: &Promise, looks: &[&Look]) -> Markup {
    html! {
        div.item.plain {
            span.grow {
                b.ttl { (promise.clause.0) " · " (standing_words(l, standing(promise, looks))) }
                small { (in_language(l, promise.how)) }
                @if promise.proof == Proof::Test { small { (t!(l, "operator-clause-tests")) " " code { (promise.test_prefix()) "…" } } }
                @for look in looks {
                    small {
                        @if look.kept { (t!(l, "operator-clause-look")) } @else { b { (t!(l, "operator-clause-against")) } }
                        " " span lang="en" { (look.seen) }
                    }
                }
                @if let Some(missing) = promise.missing { small { b { (t!(l, "promises-missing")) } " " (in_language(l, missing)) } }
            }
        }
    }
}

/// `GET /operator/promises`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    let looks = state.app.console_promises(&me.actor).await?;
    let frame = me.frame(Place::Promises.path());
    let around = Around { frame: &frame, actor: &me.actor };
    Ok(promises_page(&PromisesPage { around, looks: &looks, when: &me.when(&state) }).into_response())
}

#[cfg(test)]
mod tests {
    use domain::privacy::clauses::ClauseId;

    use super::*;
    use crate::pages::check;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    fn look(clause: &'static str, kept: bool) -> Look {
        Look { clause: ClauseId(clause), kept, seen: "2 <b>rows".to_owned() }
    }

    #[test]
    fn the_page_renders_in_every_language_with_every_clause() {
        let actor = samples::actor();
        let looks = [look("PP-6.7", false), look("PP-1.6", true)];
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            let page =
                promises_page(&PromisesPage { around: Around { frame, actor: &actor }, looks: &looks, when: &when });
            assert!(PROMISES.iter().all(|promise| page.0.contains(promise.clause.0)));
            assert!(page.0.contains("2 &lt;b&gt;rows"));
            page
        });
    }

    #[test]
    fn what_is_seen_against_a_clause_breaks_it_whatever_the_tests_say() {
        let promise = |clause: &str| PROMISES.iter().find(|it| it.clause.0 == clause).unwrap();
        let whole = PROMISES.iter().find(|it| it.proof == Proof::Test && it.missing.is_none()).unwrap();
        let in_part = PROMISES.iter().find(|it| it.proof == Proof::Test && it.missing.is_some()).unwrap();
        let (good, bad) = (look("PP-6.7", true), look("PP-6.7", false));
        assert_eq!(standing(whole, &[&good]), Standing::Seen);
        assert_eq!(standing(whole, &[&good, &bad]), Standing::Broken);
        assert_eq!(standing(whole, &[]), Standing::ByTests);
        assert_eq!(standing(in_part, &[&good]), Standing::InPart);
        assert_eq!(standing(promise("PP-5.4"), &[]), Standing::Duty);
    }
}
