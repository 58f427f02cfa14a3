//! The connect page and the pages of its failures. Owns their looks.

use domain::privacy::documents::{Version, accepted_by_connecting};
use jiff::civil::Date;
use maud::{Markup, html};

use super::told::Told;
use crate::locale::{Locale, text};
use crate::pages::not_found::ErrorPage;
use crate::ui::policy::document_name;
use crate::ui::{Button, Checkbox, Frame, Icon, Kind, button, checkbox, form_errors, icon, public_page, when};

/// What is asked for, in plain words, and the age box.
#[must_use]
pub fn connect_page(frame: &Frame, adult_missing: bool, today: Date) -> Markup {
    let l = frame.locale;
    let errors = if adult_missing { vec![("adult", t!(l, "connect-adult-missing"))] } else { Vec::new() };
    let content = html! {
        main.reading id="main" tabindex="-1" {
            div.stack.loose.narrow {
            div { h1 { (t!(l, "connect-title")) } p.lead { (t!(l, "connect-lede")) } }
            (form_errors(l, &errors))
            section.card.stack {
                h2 { (t!(l, "connect-asked")) }
                ul.marks {
                    li { (icon(Icon::Check)) span { b { (t!(l, "scope-basic")) } " " span.sub { (t!(l, "scope-basic-why")) } } }
                    li { (icon(Icon::Check)) span { b { (t!(l, "scope-publish")) } " " span.sub { (t!(l, "scope-publish-why")) } } }
                    li { (icon(Icon::Check)) span { b { (t!(l, "scope-upload")) } " " span.sub { (t!(l, "scope-upload-why")) } } }
                }
                p.hint { (t!(l, "connect-never")) }
            }
            form.card.stack method="post" action="/connect" novalidate {
                input type="hidden" name="time_zone" data-zone="";
                (checkbox(&Checkbox { id: "adult", name: "adult", label: &t!(l, "connect-adult"), required: true, ..Checkbox::default() }))
                div.hint {
                    p { (t!(l, "connect-agree")) }
                    ul.accepts { @for version in accepted_by_connecting(today) { li { (accepted(l, version, today)) } } }
                    p { (t!(l, "connect-agree-known")) }
                }
                div { (button(&Button { label: &t!(l, "landing-continue"), kind: Kind::Primary, big: true, ..Button::default() })) }
            }
            details.card {
                summary { (t!(l, "connect-stuck")) }
                ul.dots {
                    li { (t!(l, "connect-stuck-redirect")) }
                    li { (t!(l, "connect-stuck-account")) }
                    li { (t!(l, "connect-stuck-sandbox")) }
                }
            }
            }
        }
    };
    public_page(frame, t!(l, "connect-title"), &content)
}

/// A version that somebody new accepts, with the day from which it applies when that is still to come.
fn accepted(l: Locale, version: &Version, today: Date) -> Markup {
    html! {
        a href=(version.path()) { (document_name(l, version.document)) " " (version.id) }
        @if version.effective > today { " " (t!(l, "connect-agree-from", date = when::full_date(l, version.effective))) }
    }
}

/// Why the walk failed and how to go on.
#[must_use]
pub fn failure_page(frame: &Frame, told: &Told) -> Markup {
    let l = frame.locale;
    let key = if l.has(&format!("sign-in-failed-{}-what", told.code)) { told.code.as_str() } else { "other" };
    let say = |part: &str| {
        l.message(&format!("sign-in-failed-{key}-{part}"), [("name", text(told.name.clone()))]).unwrap_or_default()
    };
    let back = if frame.viewer.is_some() { "/connections" } else { "/connect" };
    ErrorPage {
        what: say("what"),
        why: say("why"),
        todo: say("todo"),
        code: told.tiktok.clone(),
        log_id: told.log_id.clone(),
        request_id: None,
        action: Some((t!(l, "sign-in-again"), back.to_owned())),
    }
    .render(frame)
}

#[cfg(test)]
mod tests {
    use app::sign_in::SignInFailure;

    use jiff::civil::date;

    use super::*;
    use crate::pages::check;

    fn page(today: Date) -> String {
        connect_page(&Frame::public(Locale::En, crate::ui::Theme::System, "/connect"), false, today).0
    }

    #[test]
    fn pp_8_1_the_age_box_is_unticked_and_the_page_links_both_legal_texts() {
        check::in_every_language(|frame| connect_page(frame, false, date(2026, 12, 1)));
        let page = page(date(2026, 12, 1));
        assert!(page.contains("name=\"adult\"") && !page.contains("checked"));
        assert!(page.contains("href=\"/terms\"") && page.contains("href=\"/privacy\""));
    }

    #[test]
    fn pp_9_3_the_page_names_each_version_that_somebody_new_accepts_and_its_day() {
        let early = page(date(2026, 12, 1));
        for path in ["/privacy/1.0", "/privacy/1.1", "/terms/1.0", "/terms/1.1"] {
            assert!(early.contains(&format!("href=\"{path}\"")), "{path}");
        }
        assert!(early.contains("from 26 December 2026"));
        let late = page(date(2027, 1, 1));
        assert!(!late.contains("/privacy/1.0") && late.contains("/privacy/1.1") && !late.contains("from 26"));
    }

    #[test]
    fn every_failure_says_what_why_and_what_to_do() {
        let all = [
            SignInFailure::UnknownState,
            SignInFailure::Denied,
            SignInFailure::NotSandboxTarget,
            SignInFailure::AppRefused("client_key 10003".to_owned()),
            SignInFailure::ScopeRefused,
            SignInFailure::Other("server_error".to_owned()),
            SignInFailure::CodeRefused,
            SignInFailure::BasicScopeMissing,
            SignInFailure::WrongAccount { expected: "Море рядом".to_owned() },
            SignInFailure::TooManyConnections,
        ];
        for failure in &all {
            for part in ["what", "why", "todo"] {
                let id = format!("sign-in-failed-{}-{part}", failure.code());
                assert!(crate::locale::Locale::En.has(&id), "{id}");
            }
            check::in_every_language(|frame| failure_page(frame, &Told::of(failure)));
        }
    }
}
