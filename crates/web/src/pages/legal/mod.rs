//! The policy and the terms at their permanent addresses: in force, by version, what changed, for programs, and a person's answer.
//! Owns their routes; must set no cookie, and must not promise anything itself: the texts are in [`crate::documents`].

pub mod agreement;
mod changes;
mod program;
pub mod promises;
mod view;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::privacy::documents::{Document, Version, day_of};
use jiff::civil::Date;
use serde::Deserialize;

pub use self::changes::{ChangesPage, changes_page};
pub use self::program::as_json;
pub use self::view::{DocumentPage, document_page};
pub use crate::documents::{LegalFacts, Processor};
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::MaybeSignedIn;
use crate::state::WebState;
use crate::ui::Frame;

/// `?lang=ru`: the language of this one answer, so that an address can be passed on with its language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    lang: Option<String>,
}

/// Whether an address is one of a document, which answers without cookies.
#[must_use]
pub fn is_document(path: &str) -> bool {
    let first = path.trim_start_matches('/').split(['/', '.']).next().unwrap_or_default();
    Document::parse(first).is_some()
}

fn today(state: &WebState) -> Date {
    day_of(state.app.now())
}

fn frame(who: &MaybeSignedIn, wanted: &Wanted, path: &str) -> Frame {
    let frame = who.frame(path);
    let locale = wanted.lang.as_deref().and_then(Locale::parse).unwrap_or(frame.locale);
    // A sentence of another page is neither shown nor used up here.
    Frame { locale, flash: None, ..frame }
}

fn show(state: &WebState, who: &MaybeSignedIn, wanted: &Wanted, version: &'static Version, path: &str) -> Response {
    let frame = frame(who, wanted, path);
    document_page(&DocumentPage { frame: &frame, version, facts: &state.legal, today: today(state) }).into_response()
}

fn in_force(state: &WebState, who: &MaybeSignedIn, wanted: &Wanted, document: Document) -> Response {
    show(state, who, wanted, document.in_force(today(state)), &format!("/{}", document.as_str()))
}

fn by_version(
    state: &WebState,
    who: &MaybeSignedIn,
    wanted: &Wanted,
    (document, id): (Document, &str),
) -> Result<Response, WebError> {
    let version = document.version(id).ok_or(NOT_THERE)?;
    Ok(show(state, who, wanted, version, &version.path()))
}

fn differences(
    state: &WebState,
    who: &MaybeSignedIn,
    wanted: &Wanted,
    (document, id): (Document, &str),
) -> Result<Response, WebError> {
    let version = document.version(id).ok_or(NOT_THERE)?;
    let frame = frame(who, wanted, &format!("{}/changes", version.path()));
    Ok(changes_page(&ChangesPage { frame: &frame, version, facts: &state.legal }).into_response())
}

const NOT_THERE: WebError = WebError::status(StatusCode::NOT_FOUND);

/// `GET /privacy`: the policy in force.
pub async fn privacy(State(state): State<WebState>, who: MaybeSignedIn, Query(wanted): Query<Wanted>) -> Response {
    in_force(&state, &who, &wanted, Document::Privacy)
}

/// `GET /terms`: the terms in force.
pub async fn terms(State(state): State<WebState>, who: MaybeSignedIn, Query(wanted): Query<Wanted>) -> Response {
    in_force(&state, &who, &wanted, Document::Terms)
}

/// `GET /privacy/{version}`: any version, for ever.
///
/// # Errors
/// 404 for a version that never was.
pub async fn privacy_version(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    by_version(&state, &who, &wanted, (Document::Privacy, &id))
}

/// `GET /terms/{version}`: any version, for ever.
///
/// # Errors
/// 404 for a version that never was.
pub async fn terms_version(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    by_version(&state, &who, &wanted, (Document::Terms, &id))
}

/// `GET /privacy/{version}/changes`: what this version changed.
///
/// # Errors
/// 404 for a version that never was.
pub async fn privacy_changes(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    differences(&state, &who, &wanted, (Document::Privacy, &id))
}

/// `GET /terms/{version}/changes`: what this version changed.
///
/// # Errors
/// 404 for a version that never was.
pub async fn terms_changes(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, WebError> {
    differences(&state, &who, &wanted, (Document::Terms, &id))
}

/// `GET /privacy.json`: the policy in force, for programs.
pub async fn privacy_json(State(state): State<WebState>) -> Response {
    as_json(Document::Privacy, &state.legal, today(&state)).into_response()
}

/// `GET /terms.json`: the terms in force, for programs.
pub async fn terms_json(State(state): State<WebState>) -> Response {
    as_json(Document::Terms, &state.legal, today(&state)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pp_10_2_every_address_of_a_document_is_known_as_one() {
        for path in ["/privacy", "/terms", "/privacy/1.0", "/terms/1.1/changes", "/privacy.json"] {
            assert!(is_document(path), "{path}");
        }
        for path in ["/", "/queue", "/privacyx", "/x/privacy", "/agreement"] {
            assert!(!is_document(path), "{path}");
        }
    }
}
