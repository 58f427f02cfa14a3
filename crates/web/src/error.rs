//! The one place where errors become pages and problem documents (RFC 9457). Must never show an internal text.

use std::time::Duration;

use app::Error;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use fluent_bundle::FluentValue;

use crate::locale::Locale;
use crate::pages::not_found::ErrorPage;
use crate::session::{Reader, is_for_programs, wants_page};
use crate::ui::{Frame, Preferences};

/// An error on its way to the reader. Drawn by [`render`], which knows the reader's language and what they accept.
#[derive(Debug, Clone)]
pub struct WebError {
    /// HTTP status.
    pub status: StatusCode,
    /// Our stable code: `error-<code>` in the locale files, when it has a sentence of its own.
    pub code: Option<String>,
    /// TikTok's code, verbatim.
    pub tiktok_code: Option<String>,
    /// TikTok's log id.
    pub log_id: Option<String>,
    /// When it is sensible to ask again, for "too many requests".
    pub retry_after: Option<Duration>,
}

/// Code of a refusal under a changed policy; its page leads to the choices.
const POLICY_UNANSWERED: &str = "policy-unanswered";
/// What "too many requests" asks for when nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(60);

impl WebError {
    /// A plain status.
    #[must_use]
    pub const fn status(status: StatusCode) -> Self {
        Self { status, code: None, tiktok_code: None, log_id: None, retry_after: None }
    }

    /// Too many requests; after `wait` there is room again.
    #[must_use]
    pub fn too_many(wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::status(StatusCode::TOO_MANY_REQUESTS) }
    }

    /// A status with a sentence of its own.
    #[must_use]
    pub fn coded(status: StatusCode, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::status(status) }
    }
}

impl From<Error> for WebError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::status(StatusCode::NOT_FOUND),
            Error::Conflict { code } => Self::coded(StatusCode::CONFLICT, code),
            Error::Invalid(problems) => {
                let code = problems.first().map(|problem| problem.code().to_owned());
                Self { code, ..Self::status(StatusCode::UNPROCESSABLE_ENTITY) }
            }
            Error::BadInput { code } => Self::coded(StatusCode::UNPROCESSABLE_ENTITY, code),
            Error::Limit { code } => Self::coded(StatusCode::UNPROCESSABLE_ENTITY, code),
            Error::PolicyUnanswered => Self::coded(StatusCode::FORBIDDEN, POLICY_UNANSWERED),
            Error::DiskReserve => Self::coded(StatusCode::INSUFFICIENT_STORAGE, "upload-disk-full"),
            Error::ReconnectNeeded => Self::coded(StatusCode::CONFLICT, "reconnect-needed"),
            Error::TikTok(error) => Self {
                tiktok_code: Some(error.code()),
                log_id: error.log_id().map(str::to_owned),
                ..Self::status(StatusCode::BAD_GATEWAY)
            },
            Error::Store(store::StoreError::Unavailable(source)) => {
                tracing::error!(error = ?source, "the database does not answer");
                Self::status(StatusCode::SERVICE_UNAVAILABLE)
            }
            error @ (Error::Store(_) | Error::Vault(_) | Error::Io(_) | Error::Pkce(_)) => {
                tracing::error!(%error, "a request failed");
                Self::status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            let wait = self.retry_after.unwrap_or(RETRY_AFTER);
            // Whole seconds, and never so few that the next try comes too soon.
            let seconds = wait.as_secs().saturating_add(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: draws what [`WebError`] left in an answer, and every bare error status, for this reader.
pub async fn render(mut request: Request, next: Next) -> Response {
    let reader = Reader::default();
    request.extensions_mut().insert(reader.clone());
    let preferences = Preferences::from_headers(request.headers());
    let wants_page = wants_page(request.headers()) && !is_for_programs(request.uri().path());
    let request_id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let path = request.uri().path().to_owned();
    let is_head = request.method() == axum::http::Method::HEAD;
    let response = next.run(request).await;
    let bare = response.status().is_client_error() || response.status().is_server_error();
    let error = response.extensions().get::<WebError>().cloned().or_else(|| {
        // A refusal of the framework is a line of plain text; everything else with a type was drawn on purpose.
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let drawn = kind.is_some_and(|kind| !kind.starts_with("text/plain"));
        (bare && !drawn).then(|| WebError::status(response.status()))
    });
    let Some(error) = error else { return response };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.extensions.remove::<WebError>();
    if is_head {
        return Response::from_parts(parts, axum::body::Body::empty());
    }
    let frame = reader.frame().cloned().unwrap_or_else(|| Frame::public(preferences.locale, preferences.theme, &path));
    let l = frame.locale;
    let mut page = ErrorPage::http(l, error.status);
    if let Some(said) = error.code.as_deref().and_then(|code| sentence(l, code)) {
        page.why = said;
        page.todo = own_todo(l, &error).unwrap_or(page.todo);
    }
    if error.code.as_deref() == Some(POLICY_UNANSWERED) {
        page.what = t!(l, "error-policy-unanswered-what");
        page.action = Some((t!(l, "agreement-title"), "/agreement".to_owned()));
    }
    page.code = error.tiktok_code.clone().or_else(|| error.code.clone());
    page.log_id = error.log_id.clone();
    page.request_id = request_id;
    let drawn = if wants_page { page.render(&frame).into_response() } else { problem(&error, &page) };
    let (drawn_parts, body) = drawn.into_parts();
    for (name, value) in &drawn_parts.headers {
        parts.headers.insert(name.clone(), value.clone());
    }
    Response::from_parts(parts, body)
}

/// A code's own sentence: errors, conflicts, uploads and rules share one name space.
#[must_use]
pub fn sentence(l: Locale, code: &str) -> Option<String> {
    [String::new(), "error-".to_owned(), "conflict-".to_owned(), "problem-".to_owned()]
        .into_iter()
        .map(|prefix| format!("{prefix}{code}"))
        .find(|id| l.has(id))
        .and_then(|id| {
            l.message(
                &id,
                [("size", FluentValue::from("")), ("max", FluentValue::from("")), ("used", FluentValue::from(""))],
            )
        })
}

fn own_todo(l: Locale, error: &WebError) -> Option<String> {
    let code = error.code.as_deref()?;
    l.message(&format!("error-{code}-todo"), [])
}

fn problem(error: &WebError, page: &ErrorPage) -> Response {
    let document = serde_json::json!({
        "type": error.code.as_ref().map_or_else(|| "about:blank".to_owned(), |code| format!("/problems/{code}")),
        "title": page.what,
        "status": error.status.as_u16(),
        "detail": format!("{} {}", page.why, page.todo),
        "code": error.code,
        "tiktok_code": error.tiktok_code,
        "log_id": error.log_id,
    });
    let mut response = (error.status, document.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
