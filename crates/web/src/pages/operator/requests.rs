//! What people wrote to the operator: the inbox, one thread, the answer. Owns its routes and looks; the use cases are those of `moloko requests`.

use app::operators::Operating;
use app::support::Thread;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::id::RequestNumber;
use domain::privacy::support::{Author, MESSAGE_MAX, RequestState};
use maud::{Markup, html};
use serde::Deserialize;
use store::SupportRequest;

use super::Around;
use crate::error::WebError;
use crate::operator::Operator;
use crate::pages::help::{kind_words, state_words};
use crate::state::WebState;
use crate::ui::{Button, Kind, Notice, Place, TextArea, Tone, When, button, card, link_button, notice, text_area};

/// The inbox.
pub struct InboxPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was read.
    pub requests: &'a [SupportRequest],
    /// Also those that were answered or closed.
    pub all: bool,
    /// The clock.
    pub when: &'a When,
}

/// The inbox.
#[must_use]
pub fn inbox_page(page: &InboxPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let (label, href) = if page.all {
        (t!(l, "operator-requests-waiting"), "/operator/requests")
    } else {
        (t!(l, "operator-requests-all"), "/operator/requests?all=true")
    };
    let switch = link_button(href, &Button { label: &label, small: true, ..Button::default() });
    let rows = html! {
        @if page.requests.is_empty() { p.sub { (t!(l, "operator-requests-none")) } }
        @else {
            table.table {
                thead { tr { th { (t!(l, "operator-request")) } th { (t!(l, "operator-request-state")) } th { (t!(l, "operator-request-due")) } th { (t!(l, "operator-request-person")) } } }
                tbody {
                    @for it in page.requests {
                        tr {
                            td { a href=(format!("/operator/requests/{}", it.number)) { (t!(l, "request-name", number = it.number.to_string(), kind = kind_words(l, it.kind))) } }
                            td data-k=(t!(l, "operator-request-state")) { (state_words(l, it.state)) }
                            td data-k=(t!(l, "operator-request-due")) { (due(page, it)) }
                            td data-k=(t!(l, "operator-request-person")) { code { (it.person_id) } }
                        }
                    }
                }
            }
        }
    };
    let title = t!(l, "operator-nav-requests");
    let content = card(&t!(l, "operator-requests-inbox"), Some(&switch), &html! { div.wide { (rows) } });
    page.around.page(Place::Requests, &title, &t!(l, "operator-requests-lede"), &content)
}

fn due(page: &InboxPage<'_>, it: &SupportRequest) -> Markup {
    match it.state {
        RequestState::Open if page.when.now > it.due_at => {
            html! { b { (t!(page.around.frame.locale, "operator-overdue", at = page.when.moment(it.due_at))) } }
        }
        RequestState::Open => html! { (page.when.moment(it.due_at)) },
        RequestState::Answered | RequestState::Closed => html! { "–" },
    }
}

/// One request.
pub struct RequestPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was read.
    pub thread: &'a Thread,
    /// The clock.
    pub when: &'a When,
}

/// One request.
#[must_use]
pub fn request_page(page: &RequestPage<'_>) -> Markup {
    let (l, request) = (page.around.frame.locale, &page.thread.request);
    let title = t!(l, "request-title", number = request.number.to_string());
    let lede = format!("{} · {}", kind_words(l, request.kind), state_words(l, request.state));
    let content = html! {
        p.row { (link_button(Place::Requests.path(), &Button { label: &t!(l, "request-back"), small: true, ..Button::default() })) }
        dl.facts {
            dt { (t!(l, "operator-request-person")) } dd { code { (request.person_id) } }
            dt { (t!(l, "operator-request-asked")) } dd { (page.when.moment(request.asked_at)) }
            dt { (t!(l, "operator-request-due")) } dd { (page.when.moment(request.due_at)) }
        }
        section.stack aria-labelledby="thread" {
            h2 id="thread" { (t!(l, "request-thread")) }
            @for it in &page.thread.messages {
                article.card.stack.tight {
                    p.sub {
                        b { @match it.author { Author::Person => (t!(l, "operator-request-them")), Author::Operator => (t!(l, "operator-request-us")) } }
                        " · " (page.when.moment_element(it.at))
                    }
                    p.words { (it.words) }
                }
            }
        }
        @match request.state {
            RequestState::Closed => { (notice(&Notice { tone: Tone::Info, what: &t!(l, "operator-request-over"), ..Notice::default() })) }
            RequestState::Open | RequestState::Answered => { (answer(page)) }
        }
    };
    page.around.page(Place::Requests, &title, &lede, &content)
}

fn answer(page: &RequestPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let at = format!("/operator/requests/{}", page.thread.request.number);
    let fresh = page.around.fresh_until();
    html! {
        section.card.stack aria-labelledby="answer" {
            h2 id="answer" { (t!(l, "operator-answer")) }
            form.stack id="write" method="post" action=(at) data-fresh-until=(fresh) {
                (text_area(&TextArea {
                    id: "text", name: "text", label: &t!(l, "operator-answer-label"), limit_utf16: MESSAGE_MAX, rows: 6,
                    hint: Some(&t!(l, "operator-answer-hint")), ..TextArea::default()
                }))
            }
            div.row {
                (button(&Button { label: &t!(l, "operator-answer-verb"), kind: Kind::Primary, form: Some("write"), ..Button::default() }))
                form method="post" action=(format!("{at}/close")) data-fresh-until=(fresh) {
                    (button(&Button { label: &t!(l, "operator-close-verb"), ..Button::default() }))
                }
            }
        }
    }
}

/// Which requests.
#[derive(Debug, Deserialize)]
pub struct InboxQuery {
    #[serde(default)]
    all: bool,
}

/// `GET /operator/requests`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: Operator,
    Query(query): Query<InboxQuery>,
) -> Result<Response, WebError> {
    let requests = state.app.operator_requests(query.all).await?;
    let frame = me.frame(Place::Requests.path());
    let around = Around { frame: &frame, actor: &me.actor };
    let page = InboxPage { around, requests: &requests, all: query.all, when: &me.when(&state) };
    Ok(inbox_page(&page).into_response())
}

fn number_of(text: &str) -> Result<RequestNumber, WebError> {
    text.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))
}

/// `GET /operator/requests/{number}`.
///
/// # Errors
/// 404 when there is no such request.
pub async fn show_one(
    State(state): State<WebState>,
    me: Operator,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let thread = state.app.console_request(&me.actor, number_of(&number)?).await?;
    let frame = me.frame(&format!("/operator/requests/{}", thread.request.number));
    let around = Around { frame: &frame, actor: &me.actor };
    Ok(request_page(&RequestPage { around, thread: &thread, when: &me.when(&state) }).into_response())
}

/// The answer.
#[derive(Debug, Deserialize)]
pub struct AnswerForm {
    #[serde(default)]
    text: String,
}

/// `POST /operator/requests/{number}`.
///
/// # Errors
/// 404 when there is no such request; for a text that is empty or too long, and when it is closed.
pub async fn write(
    State(state): State<WebState>,
    me: Operator,
    Path(number): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, WebError> {
    let number = number_of(&number)?;
    let done = state.app.answer_request(Operating::Page(&me.actor), number, &form.text).await;
    me.changed(done, &format!("/operator/requests/{number}"), "operator-answered")
}

/// `POST /operator/requests/{number}/close`.
///
/// # Errors
/// 404 when there is no such request, 409 when it is closed.
pub async fn close(
    State(state): State<WebState>,
    me: Operator,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let number = number_of(&number)?;
    let done = state.app.end_request(Operating::Page(&me.actor), number).await;
    me.changed(done, &format!("/operator/requests/{number}"), "request-closed")
}

#[cfg(test)]
mod tests {
    use domain::privacy::support::RequestKind;
    use store::SupportMessage;

    use super::*;
    use crate::pages::check;
    use crate::pages::help::samples::request;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    #[test]
    fn inbox_and_thread_render_in_every_kind_state_and_language_and_show_words_as_words() {
        let actor = samples::actor();
        for kind in RequestKind::ALL {
            for state in [RequestState::Open, RequestState::Answered, RequestState::Closed] {
                let message = |author| SupportMessage { author, words: "<b>one</b>".to_owned(), at: NOW };
                let messages = vec![message(Author::Person), message(Author::Operator)];
                let thread = Thread { request: request(kind, state), messages };
                check::in_every_language(|frame| {
                    let when = When::new(frame.locale, "UTC", NOW);
                    let around = Around { frame, actor: &actor };
                    let page = request_page(&RequestPage { around, thread: &thread, when: &when });
                    assert!(page.0.contains("&lt;b&gt;one"), "never as markup");
                    assert_eq!(page.0.contains("<textarea"), state != RequestState::Closed);
                    page
                });
                let requests = [thread.request.clone()];
                for (all, requests) in [(true, requests.as_slice()), (false, &[])] {
                    check::in_every_language(|frame| {
                        let when = When::new(frame.locale, "UTC", thread.request.due_at.plus_seconds(1));
                        inbox_page(&InboxPage { around: Around { frame, actor: &actor }, requests, all, when: &when })
                    });
                }
            }
        }
    }
}
