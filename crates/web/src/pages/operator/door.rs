//! How operators come in: the page of a link, the sign-in, the question whether it is still them, the way out. Owns these routes, the answers for
//! the script, and their looks. Must not tell anybody who is not an operator whether there is one.

use app::operators::{Begun, Entered};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use crate::assets::Asset;
use crate::error::WebError;
use crate::locale::Locale;
use crate::operator::Operator;
use crate::session::{ClientIp, CookieNames, cookie_secret, device};
use crate::state::WebState;
use crate::ui::preferences::local_path;
use crate::ui::{Frame, Head, Notice, Preferences, Tone, door_page, notice};

use super::passkey_words;

/// Longest word of a link that is looked at, characters.
const WORD_MAX: usize = 64;

/// What the door is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door<'a> {
    /// Somebody comes with a link: for whom it is, and its word.
    Link(&'a str, &'a str),
    /// Somebody comes with a passkey.
    SignIn,
    /// Somebody who is in wants to change something; where they go on.
    Confirm(&'a str),
}

/// The page of a door.
#[must_use]
pub fn door(frame: &Frame, door: Door<'_>) -> Markup {
    let l = frame.locale;
    let (title, lede, verb) = match door {
        Door::Link(name, _) => {
            (t!(l, "operator-link-title"), t!(l, "operator-link-lede", name = name), t!(l, "operator-link-verb"))
        }
        Door::SignIn => {
            (t!(l, "operator-sign-in-title"), t!(l, "operator-sign-in-lede"), t!(l, "operator-sign-in-verb"))
        }
        Door::Confirm(_) => {
            (t!(l, "operator-confirm-title"), t!(l, "operator-confirm-lede"), t!(l, "operator-confirm-verb"))
        }
    };
    let (kind, at, next) = match door {
        Door::Link(_, word) => ("create", format!("/operator/link/{word}"), None),
        Door::SignIn => ("get", "/operator/sign-in".to_owned(), None),
        Door::Confirm(next) => ("get", "/operator/confirm".to_owned(), Some(next)),
    };
    let head = Head { title: title.clone(), script: Some(Asset::Operator), ..Head::default() };
    let content = html! {
        section.card.stack.door {
            h1 { (title) }
            p { (lede) }
            noscript { (without_script(l)) }
            div.row {
                button.btn.primary type="button" hidden data-passkey=(kind) data-at=(at) data-next=[next] { span { (verb) } }
                @if let Door::Confirm(next) = door { a.btn href=(next) { (t!(l, "verb-keep")) } }
            }
            (passkey_words(l))
        }
    };
    door_page(frame, head, &content)
}

fn without_script(l: Locale) -> Markup {
    let (what, more) = (t!(l, "operator-no-script"), t!(l, "operator-no-script-more"));
    notice(&Notice { tone: Tone::Warn, what: &what, more: &more, ..Notice::default() })
}

fn public_frame(preferences: Preferences, path: &str) -> Frame {
    Frame::public(preferences.locale, preferences.theme, path)
}

/// The word of an address; one that cannot be ours leads nowhere.
fn word(text: &str) -> Result<&str, WebError> {
    let ours = text.len() <= WORD_MAX && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ours { Ok(text) } else { Err(WebError::status(StatusCode::NOT_FOUND)) }
}

/// `GET /operator/link/{word}`: nothing is used up by looking.
///
/// # Errors
/// 404 when the link does not count (any more), 429 for whoever tries many.
pub async fn show_link(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    preferences: Preferences,
    Path(text): Path<String>,
) -> Result<Markup, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let word = word(&text)?;
    let link = state.app.operator_invited(word).await?;
    // The switches lead back to the door without the word: addresses of forms land in histories.
    Ok(door(&public_frame(preferences, "/operator/sign-in"), Door::Link(&link.name, word)))
}

fn asked(state: &WebState, begun: Begun) -> Response {
    let mut response = Json(begun.options).into_response();
    response.headers_mut().append(header::SET_COOKIE, CookieNames::of(state).open_operator(&begun.browser_secret));
    response
}

fn entered(state: &WebState, entered: &Entered) -> Response {
    let mut response = Json(serde_json::json!({ "next": "/operator" })).into_response();
    response.headers_mut().append(header::SET_COOKIE, CookieNames::of(state).open_operator(&entered.secret));
    response
}

fn browser(state: &WebState, headers: &HeaderMap) -> Result<SecretString, WebError> {
    cookie_secret(headers, CookieNames::of(state).operator())
        .ok_or_else(|| WebError::coded(StatusCode::CONFLICT, "operator-refused"))
}

/// `POST /operator/link/{word}`: what the authenticator is asked for.
///
/// # Errors
/// As [`show_link`].
pub async fn begin_link(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    Path(text): Path<String>,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let begun = state.app.operator_register_begin(word(&text)?).await?;
    Ok(asked(&state, begun))
}

/// `POST /operator/link/{word}/passkey`: the authenticator's answer.
///
/// # Errors
/// 404 when the link does not count any more, 409 for an answer that does not fit.
pub async fn finish_link(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let (browser, device) = (browser(&state, &headers)?, device(&headers, ip));
    let done = state.app.operator_register_finish(word(&text)?, &browser, &body, &device).await?;
    Ok(entered(&state, &done))
}

/// `GET /operator/sign-in`: the same for everybody, whether or not there is an operator.
pub async fn show_sign_in(preferences: Preferences) -> Markup {
    door(&public_frame(preferences, "/operator/sign-in"), Door::SignIn)
}

/// `POST /operator/sign-in`: what the authenticator is asked for.
///
/// # Errors
/// 429 for whoever tries many.
pub async fn begin_sign_in(State(state): State<WebState>, ClientIp(ip): ClientIp) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let begun = state.app.operator_sign_in_begin().await?;
    Ok(asked(&state, begun))
}

/// `POST /operator/sign-in/passkey`: the authenticator's answer.
///
/// # Errors
/// 409, in one word for all reasons.
pub async fn finish_sign_in(
    State(state): State<WebState>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let (browser, device) = (browser(&state, &headers)?, device(&headers, ip));
    let done = state.app.operator_sign_in_finish(&browser, &body, &device).await?;
    Ok(entered(&state, &done))
}

/// Where a confirmed operator goes on.
#[derive(Debug, Deserialize)]
pub struct ConfirmQuery {
    #[serde(default)]
    next: String,
}

/// A page of operators, or the first of them.
fn own_page(next: &str) -> &str {
    let next = local_path(next);
    if next.starts_with("/operator/") { next } else { "/operator" }
}

/// `GET /operator/confirm`.
pub async fn show_confirm(me: Operator, Query(query): Query<ConfirmQuery>) -> Markup {
    door(&me.frame("/operator"), Door::Confirm(own_page(&query.next)))
}

/// `POST /operator/confirm`: what the authenticator is asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_confirm(
    State(state): State<WebState>,
    me: Operator,
    ClientIp(ip): ClientIp,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    Ok(Json(state.app.operator_confirm_begin(&me.actor, &me.secret).await?).into_response())
}

/// `POST /operator/confirm/passkey`: the authenticator's answer.
///
/// # Errors
/// 409, in one word for all reasons.
pub async fn finish_confirm(
    State(state): State<WebState>,
    me: Operator,
    ClientIp(ip): ClientIp,
    body: Bytes,
) -> Result<Response, WebError> {
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    state.app.operator_confirm_finish(&me.actor, &me.secret, &body).await?;
    Ok(Json(serde_json::json!({ "next": "/operator" })).into_response())
}

/// `POST /operator/sign-out`.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    state.app.operator_session_end(&me.actor, me.actor.session_id).await?;
    let mut response = Redirect::to("/operator/sign-in").into_response();
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, CookieNames::of(&state).close_operator());
    headers.append("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;

    #[test]
    fn every_door_renders_in_every_language_and_says_what_is_needed_without_a_script() {
        for it in [Door::Link("Ann <b>", "word"), Door::SignIn, Door::Confirm("/operator/requests/7")] {
            check::in_every_language(|frame| {
                let page = door(frame, it);
                assert!(page.0.contains("<noscript>"), "without a script");
                assert!(!page.0.contains("Ann <b>"), "a name is words");
                page
            });
        }
    }

    #[test]
    fn a_confirmed_operator_goes_on_to_a_page_of_operators_only() {
        assert_eq!(own_page("/operator/requests/7"), "/operator/requests/7");
        for elsewhere in ["/queue", "https://evil.example/operator/", "//evil.example/operator/", "/operatorx", ""] {
            assert_eq!(own_page(elsewhere), "/operator", "{elsewhere}");
        }
    }

    #[test]
    fn a_word_is_letters_of_ours() {
        assert!(word("Abc-_9").is_ok());
        let long = "x".repeat(WORD_MAX + 1);
        for wrong in ["a/b", "a b", "a.b", long.as_str()] {
            assert!(word(wrong).is_err(), "{wrong}");
        }
    }
}
