//! Help: who runs the server, what people do themselves, and the form that writes to the operator. Owns its routes and looks; a thread
//! has a page of its own in [`thread`].

pub mod thread;

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::privacy::support::{MESSAGE_MAX, RequestKind, RequestState};
use maud::{Markup, html};
use serde::Deserialize;
use store::SupportRequest;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::{MaybeSignedIn, SignedIn};
use crate::state::WebState;
use crate::ui::{
    Button, Choice, Frame, Head, Kind, Nav, SelectField, TextArea, When, app_page, button, page_head, public_page,
    select_field, text_area,
};

/// The page of help.
pub struct HelpPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Who can be asked: what they are, and how to reach them.
    pub contacts: &'a [(String, String)],
    /// The reader's requests; `None` for somebody who is not signed in.
    pub requests: Option<&'a [SupportRequest]>,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of help.
#[must_use]
pub fn help_page(page: &HelpPage<'_>) -> Markup {
    let l = page.frame.locale;
    let head = Head { title: t!(l, "help-title"), description: Some(t!(l, "help-lede")), ..Head::default() };
    match page.requests {
        Some(requests) => {
            let content = html! {
                (page_head(&t!(l, "help-title"), Some(&t!(l, "help-lede")), None))
                div.stack.loose { (own(page, requests)) (write(l)) (yourself(l, true)) (contact(page, true)) }
            };
            app_page(page.frame, head, &content)
        }
        None => {
            let content = html! {
                main.reading id="main" tabindex="-1" {
                    h1 { (t!(l, "help-title")) }
                    div.stack.loose {
                        p.lead { (t!(l, "help-lede")) }
                        (contact(page, false))
                        p { (t!(l, "help-sign-in")) }
                        (yourself(l, false))
                    }
                }
            };
            public_page(page.frame, head, &content)
        }
    }
}

/// On a page of the application sections are cards; a page for everybody is plain text.
fn contact(page: &HelpPage<'_>, card: bool) -> Markup {
    html! {
        section.stack.card[card] aria-labelledby="contact" {
            h2 id="contact" { (t!(page.frame.locale, "help-contact")) }
            dl.facts { @for (what, how) in page.contacts { dt { (what) } dd { (how) } } }
        }
    }
}

fn yourself(l: Locale, card: bool) -> Markup {
    let ways = [
        ("/your-data", t!(l, "help-rights-access")),
        ("/your-data/correct", t!(l, "help-rights-correct")),
        ("/connections", t!(l, "help-rights-disconnect")),
        ("/settings/leave", t!(l, "help-rights-delete")),
        ("/privacy", t!(l, "help-rights-policy")),
    ];
    html! {
        section.stack.card[card] aria-labelledby="yourself" {
            h2 id="yourself" { (t!(l, "help-rights")) }
            ul.dots.stack[card].tight[card] { @for (href, words) in &ways { li { a href=(href) { (words) } } } }
        }
    }
}

fn own(page: &HelpPage<'_>, requests: &[SupportRequest]) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="own" {
            h2 id="own" { (t!(l, "help-own")) }
            @if requests.is_empty() { p.sub { (t!(l, "help-none")) } }
            @else {
                div.list {
                    @for it in requests {
                        a.item.plain href=(address(it)) {
                            span.grow {
                                b.ttl { (name(l, it)) }
                                small { (state_words(l, it.state)) " · " (page.when.relative(it.changed_at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn write(l: Locale) -> Markup {
    let kinds: Vec<(RequestKind, String)> =
        RequestKind::ALL.into_iter().map(|kind| (kind, kind_words(l, kind))).collect();
    let choices: Vec<Choice<'_>> =
        kinds.iter().map(|(kind, words)| Choice { value: kind.as_str(), label: words, ..Choice::default() }).collect();
    html! {
        section.card.stack aria-labelledby="write" {
            h2 id="write" { (t!(l, "help-write")) }
            p.sub { (t!(l, "help-write-more")) }
            form.stack method="post" action="/help/requests" {
                (select_field(&SelectField {
                    id: "kind", name: "kind", label: &t!(l, "help-kind"), choices: &choices,
                    placeholder: Some(&t!(l, "help-kind-choose")), ..SelectField::default()
                }))
                (message_field(l))
                div { (button(&Button { label: &t!(l, "help-send"), kind: Kind::Primary, ..Button::default() })) }
            }
        }
    }
}

/// The field of a message, the same at the start of a thread and in it.
pub(super) fn message_field(l: Locale) -> Markup {
    text_area(&TextArea {
        id: "text",
        name: "text",
        label: &t!(l, "help-text"),
        limit_utf16: MESSAGE_MAX,
        rows: 6,
        hint: Some(&t!(l, "help-text-hint")),
        ..TextArea::default()
    })
}

/// Where a request's thread is.
pub(super) fn address(it: &SupportRequest) -> String {
    format!("/help/requests/{}", it.number)
}

fn name(l: Locale, it: &SupportRequest) -> String {
    t!(l, "request-name", number = it.number.to_string(), kind = kind_words(l, it.kind))
}

pub(super) fn kind_words(l: Locale, kind: RequestKind) -> String {
    match kind {
        RequestKind::Question => t!(l, "request-kind-question"),
        RequestKind::Access => t!(l, "request-kind-access"),
        RequestKind::Correction => t!(l, "request-kind-correction"),
        RequestKind::Deletion => t!(l, "request-kind-deletion"),
        RequestKind::Objection => t!(l, "request-kind-objection"),
        RequestKind::Complaint => t!(l, "request-kind-complaint"),
    }
}

pub(super) fn state_words(l: Locale, state: RequestState) -> String {
    match state {
        RequestState::Open => t!(l, "request-state-open"),
        RequestState::Answered => t!(l, "request-state-answered"),
        RequestState::Closed => t!(l, "request-state-closed"),
    }
}

/// `GET /help`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, who: MaybeSignedIn) -> Result<Response, WebError> {
    let requests = match &who.0 {
        Some(me) => Some(state.app.requests(&me.actor).await?),
        None => None,
    };
    let frame = who.frame("/help");
    let zone = who.0.as_ref().map_or("UTC", |me| me.actor.time_zone.as_str());
    let when = When::new(frame.locale, zone, state.app.now());
    let contacts = state.legal.contacts(frame.locale);
    let page = HelpPage { frame: &frame, contacts: &contacts, requests: requests.as_deref(), when: &when };
    Ok(help_page(&page).into_response())
}

/// A new request.
#[derive(Debug, Deserialize)]
pub struct AskForm {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
}

/// `POST /help/requests`: leads to the thread with its number.
///
/// # Errors
/// For a text that is empty or too long, and when too many requests wait.
pub async fn ask(State(state): State<WebState>, me: SignedIn, Form(form): Form<AskForm>) -> Result<Response, WebError> {
    let kind = RequestKind::parse(&form.kind).ok_or(app::Error::BadInput { code: "request-kind" })?;
    let number = state.app.ask(&me.actor, kind, &form.text).await?;
    Ok(me.flash(&format!("/help/requests/{number}"), "request-sent"))
}

/// The frame of this area for somebody signed in.
pub(super) fn frame_of(me: &SignedIn, path: &str) -> Frame {
    me.frame(Nav::None, path)
}

#[cfg(test)]
pub(super) mod samples {
    use domain::id::{RequestNumber, UserId};
    use domain::privacy::support::{RequestKind, RequestState, due};
    use store::SupportRequest;

    use crate::pages::samples::NOW;

    pub(in crate::pages) fn request(kind: RequestKind, state: RequestState) -> SupportRequest {
        SupportRequest {
            number: RequestNumber::new(17),
            person_id: UserId::from_uuid(uuid::Uuid::nil()),
            kind,
            state,
            asked_at: NOW,
            due_at: due(NOW),
            reminded: 0,
            changed_at: NOW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;
    use crate::pages::samples::NOW;

    #[test]
    fn pp_10_1_the_page_of_help_names_who_runs_the_server_in_every_language() {
        let requests = [samples::request(RequestKind::Deletion, RequestState::Open)];
        for requests in [None, Some([].as_slice()), Some(requests.as_slice())] {
            check::in_every_language(|frame| {
                let contacts = crate::documents::LegalFacts::sample().contacts(frame.locale);
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let page = help_page(&HelpPage { frame, contacts: &contacts, requests, when: &when });
                assert!(page.0.contains("privacy@example.org") && page.0.contains("Example Media"));
                page
            });
        }
    }
}
