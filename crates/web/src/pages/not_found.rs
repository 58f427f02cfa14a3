//! The page behind every error: what happened, why, what to do, and the codes to quote. Must never show an internal text.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::{
    locale::Locale,
    ui::{Button, Frame, GlassSize, Kind, app_page, copy_code, glass, link_button, public_page},
};

/// An error as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPage {
    /// What happened, one sentence.
    pub what: String,
    /// Why, one or two sentences.
    pub why: String,
    /// What to do now.
    pub todo: String,
    /// A stable code of ours or of TikTok's.
    pub code: Option<String>,
    /// TikTok's `log_id`, for its support.
    pub log_id: Option<String>,
    /// Our request id, for the operator's logs.
    pub request_id: Option<String>,
    /// The way on: words and address; `None` offers the start page or the queue.
    pub action: Option<(String, String)>,
}

impl ErrorPage {
    /// The words for an HTTP status; statuses without their own words speak as 400 or 500 do.
    #[must_use]
    pub fn http(l: Locale, status: StatusCode) -> Self {
        let (what, why, todo) = match status.as_u16() {
            401 => (t!(l, "error-401-what"), t!(l, "error-401-why"), t!(l, "error-401-todo")),
            403 => (t!(l, "error-403-what"), t!(l, "error-403-why"), t!(l, "error-403-todo")),
            404 => (t!(l, "error-404-what"), t!(l, "error-404-why"), t!(l, "error-404-todo")),
            405 => (t!(l, "error-405-what"), t!(l, "error-405-why"), t!(l, "error-405-todo")),
            409 | 412 | 423 => (t!(l, "error-409-what"), t!(l, "error-409-why"), t!(l, "error-409-todo")),
            410 => (t!(l, "error-410-what"), t!(l, "error-410-why"), t!(l, "error-410-todo")),
            413 => (t!(l, "error-413-what"), t!(l, "error-413-why"), t!(l, "error-413-todo")),
            415 => (t!(l, "error-415-what"), t!(l, "error-415-why"), t!(l, "error-415-todo")),
            422 => (t!(l, "error-422-what"), t!(l, "error-422-why"), t!(l, "error-422-todo")),
            429 => (t!(l, "error-429-what"), t!(l, "error-429-why"), t!(l, "error-429-todo")),
            502 => (t!(l, "error-502-what"), t!(l, "error-502-why"), t!(l, "error-502-todo")),
            503 => (t!(l, "error-503-what"), t!(l, "error-503-why"), t!(l, "error-503-todo")),
            408 | 504 => (t!(l, "error-504-what"), t!(l, "error-504-why"), t!(l, "error-504-todo")),
            507 => (t!(l, "error-507-what"), t!(l, "error-507-why"), t!(l, "error-507-todo")),
            code if code >= 500 => (t!(l, "error-500-what"), t!(l, "error-500-why"), t!(l, "error-500-todo")),
            _ => (t!(l, "error-400-what"), t!(l, "error-400-why"), t!(l, "error-400-todo")),
        };
        let action = (status == StatusCode::UNAUTHORIZED).then(|| (t!(l, "landing-continue"), "/connect".to_owned()));
        Self { what, why, todo, code: None, log_id: None, request_id: None, action }
    }

    /// An example for tests.
    #[must_use]
    pub fn sample(l: Locale) -> Self {
        Self {
            code: Some("spam_risk_too_many_posts".to_owned()),
            log_id: Some("20261123151044A7C3F0D2E1".to_owned()),
            request_id: Some("0199a1f2-7c11".to_owned()),
            ..Self::http(l, StatusCode::BAD_GATEWAY)
        }
    }

    /// Renders the page, inside the application for a signed-in reader.
    #[must_use]
    pub fn render(&self, frame: &Frame) -> Markup {
        let l = frame.locale;
        let title = t!(l, "error-title");
        if frame.viewer.is_some() {
            app_page(frame, title, &self.content(frame))
        } else {
            public_page(frame, title, &html! { main.reading id="main" tabindex="-1" { (self.content(frame)) } })
        }
    }

    fn content(&self, frame: &Frame) -> Markup {
        let l = frame.locale;
        let (words, href) = self.action.clone().unwrap_or_else(|| {
            if frame.viewer.is_some() {
                (t!(l, "error-queue"), "/queue".to_owned())
            } else {
                (t!(l, "error-home"), "/".to_owned())
            }
        });
        html! {
            section.trouble {
                span aria-hidden="true" { (glass("trouble", 0, "", GlassSize::Medium)) }
                h1 { (self.what) }
                dl {
                    div { dt { (t!(l, "error-why")) } dd { (self.why) } }
                    div { dt { (t!(l, "error-todo")) } dd { (self.todo) } }
                }
                (link_button(&href, &Button { label: &words, kind: Kind::Primary, ..Default::default() }))
                @if self.code.is_some() || self.log_id.is_some() || self.request_id.is_some() {
                    div.codes {
                        @if self.request_id.is_some() { p.muted { small { (t!(l, "error-contact")) } } }
                        @if let Some(code) = &self.code { (copy_code(l, &t!(l, "error-code"), code)) }
                        @if let Some(log_id) = &self.log_id { (copy_code(l, &t!(l, "error-log-id"), log_id)) }
                        @if let Some(id) = &self.request_id { (copy_code(l, &t!(l, "error-request-id"), id)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;

    #[test]
    fn every_status_says_what_why_and_what_to_do_in_every_language() {
        for code in 400..600 {
            let Ok(status) = StatusCode::from_u16(code) else { continue };
            for l in Locale::ALL {
                let page = ErrorPage::http(l, status);
                assert!(!page.what.is_empty() && !page.why.is_empty() && !page.todo.is_empty(), "{status}");
            }
        }
        check::in_every_language(|frame| ErrorPage::sample(frame.locale).render(frame));
        check::in_every_language(|frame| ErrorPage::http(frame.locale, StatusCode::NOT_FOUND).render(frame));
    }
}
