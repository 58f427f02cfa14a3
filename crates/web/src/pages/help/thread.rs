//! One request to the operator with everything that was written. Owns its routes and looks.

use app::support::Thread;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::RequestNumber;
use domain::privacy::support::{Author, RequestKind, RequestState};
use maud::{Markup, html};
use serde::Deserialize;

use super::{address, frame_of, kind_words, message_field, state_words};
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Frame, Kind, Notice, Tone, When, app_page, button, link_button, notice, page_head};

/// The page of a thread.
pub struct ThreadPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub thread: &'a Thread,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of a thread.
#[must_use]
pub fn thread_page(page: &ThreadPage<'_>) -> Markup {
    let (l, request) = (page.frame.locale, &page.thread.request);
    let title = t!(l, "request-title", number = request.number.to_string());
    let back = link_button("/help", &Button { label: &t!(l, "request-back"), small: true, ..Button::default() });
    let lede = format!("{} · {}", kind_words(l, request.kind), state_words(l, request.state));
    let content = html! {
        (page_head(&title, Some(&lede), Some(&back)))
        div.stack.loose {
            @match request.state {
                RequestState::Open => {
                    p { (t!(l, "request-due", at = page.when.moment(request.due_at))) }
                    (yourself(l, request.kind))
                }
                RequestState::Answered => {}
                RequestState::Closed => { (notice(&Notice { what: &t!(l, "request-over"), ..Notice::default() })) }
            }
            (messages(page))
            @if request.state != RequestState::Closed { (more(page)) }
        }
    };
    app_page(page.frame, title.as_str(), &content)
}

/// What the person need not wait for.
fn yourself(l: Locale, kind: RequestKind) -> Markup {
    let (words, href, verb) = match kind {
        RequestKind::Deletion => (t!(l, "request-self-deletion"), "/settings/leave", t!(l, "leave-verb")),
        RequestKind::Access => (t!(l, "request-self-access"), "/your-data", t!(l, "data-title")),
        RequestKind::Correction => {
            (t!(l, "request-self-correction"), "/your-data/correct", t!(l, "help-rights-correct"))
        }
        RequestKind::Question | RequestKind::Objection | RequestKind::Complaint => return Markup::default(),
    };
    let actions = html! {
        (link_button(href, &Button { label: &verb, small: true, ..Button::default() }))
        @if kind == RequestKind::Deletion {
            (link_button("/connections", &Button { label: &t!(l, "nav-connections"), small: true, ..Button::default() }))
        }
    };
    notice(&Notice { tone: Tone::Info, what: &words, actions: Some(actions), ..Notice::default() })
}

fn messages(page: &ThreadPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        section.stack aria-labelledby="thread" {
            h2 id="thread" { (t!(l, "request-thread")) }
            div.stack {
                @for it in &page.thread.messages {
                    article.card.stack.tight {
                        p.sub {
                            b { @match it.author { Author::Person => (t!(l, "request-you")), Author::Operator => (t!(l, "request-us")) } }
                            " · " (page.when.moment_element(it.at))
                        }
                        p.words { (it.words) }
                    }
                }
            }
        }
    }
}

fn more(page: &ThreadPage<'_>) -> Markup {
    let (l, at) = (page.frame.locale, address(&page.thread.request));
    html! {
        section.card.stack aria-labelledby="more" {
            h2 id="more" { (t!(l, "request-more")) }
            form.stack id="write" method="post" action=(at) {
                (message_field(l))
            }
            div.row {
                (button(&Button { label: &t!(l, "help-send"), kind: Kind::Primary, form: Some("write"), ..Button::default() }))
                form method="post" action=(format!("{at}/close")) {
                    (button(&Button { label: &t!(l, "request-close"), ..Button::default() }))
                }
            }
        }
    }
}

/// An address that names no request leads nowhere, as a foreign one does.
fn number_of(text: &str) -> Result<RequestNumber, WebError> {
    text.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))
}

/// `GET /help/requests/{number}`.
///
/// # Errors
/// 404 when it is not theirs.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let thread = state.app.request(&me.actor, number_of(&number)?).await?;
    let frame = frame_of(&me, &address(&thread.request));
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(thread_page(&ThreadPage { frame: &frame, thread: &thread, when: &when }).into_response())
}

/// One more message.
#[derive(Debug, Deserialize)]
pub struct WriteForm {
    #[serde(default)]
    text: String,
}

/// `POST /help/requests/{number}`.
///
/// # Errors
/// 404 when it is not theirs; for a text that is empty or too long, and when it is closed.
pub async fn write(
    State(state): State<WebState>,
    me: SignedIn,
    Path(number): Path<String>,
    Form(form): Form<WriteForm>,
) -> Result<Response, WebError> {
    let number = number_of(&number)?;
    state.app.ask_on(&me.actor, number, &form.text).await?;
    Ok(me.flash(&format!("/help/requests/{number}"), "request-written"))
}

/// `POST /help/requests/{number}/close`.
///
/// # Errors
/// 404 when it is not theirs, 409 when it is closed.
pub async fn close(
    State(state): State<WebState>,
    me: SignedIn,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let number = number_of(&number)?;
    state.app.close_request(&me.actor, number).await?;
    Ok(me.flash(&format!("/help/requests/{number}"), "request-closed"))
}

#[cfg(test)]
mod tests {
    use store::SupportMessage;

    use super::*;
    use crate::pages::check;
    use crate::pages::help::samples;
    use crate::pages::samples::NOW;

    #[test]
    fn pp_10_1_a_thread_renders_in_every_kind_state_and_language_and_shows_words_as_words() {
        for kind in RequestKind::ALL {
            for state in [RequestState::Open, RequestState::Answered, RequestState::Closed] {
                let message = |author| SupportMessage { author, words: "<b>one</b>\ntwo".to_owned(), at: NOW };
                let messages = vec![message(Author::Person), message(Author::Operator)];
                let thread = Thread { request: samples::request(kind, state), messages };
                check::in_every_language(|frame| {
                    let when = When::new(frame.locale, "Europe/Berlin", NOW);
                    let page = thread_page(&ThreadPage { frame, thread: &thread, when: &when });
                    assert!(page.0.contains("&lt;b&gt;one"), "never as markup");
                    let may_leave = kind == RequestKind::Deletion && state == RequestState::Open;
                    assert_eq!(page.0.contains("href=\"/settings/leave\""), may_leave);
                    page
                });
            }
        }
    }
}
