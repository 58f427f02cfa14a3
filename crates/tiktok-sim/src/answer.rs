//! The wire forms of answers: the enveloped API family and the flat OAuth family, with TikTok's literal messages.
//! It decides nothing; the rules hand it their verdicts.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// Message most 403s carry, whatever the cause.
pub(crate) const GUIDELINES: &str =
    "Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines/";
/// Message of ownership refusals.
pub(crate) const URL_OWNERSHIP: &str = "Please review our URL ownership verification rules at https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide/#pull_from_url";
const TOKEN_INVALID: &str = "The access token is invalid or not found in the request.";
const SCOPE_MISSING: &str = "The user did not authorize the scope required for completing this request.";
const RATE_LIMITED: &str = "The API rate limit was exceeded. Please try again later.";

/// What is known about the request being answered.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) seq: u64,
    pub(crate) log_id: String,
    pub(crate) at_ms: i64,
}

/// The error code of an answer, kept for the journal.
#[derive(Debug, Clone)]
pub(crate) struct AnswerCode(pub(crate) String);

/// A refusal in the API family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiFault {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
}

impl ApiFault {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: Cow::Borrowed(code), message: message.into() }
    }

    pub(crate) fn token_invalid() -> Self {
        Self::new(401, "access_token_invalid", TOKEN_INVALID)
    }

    pub(crate) fn scope_missing() -> Self {
        Self::new(401, "scope_not_authorized", SCOPE_MISSING)
    }

    pub(crate) fn rate_limited() -> Self {
        Self::new(429, "rate_limit_exceeded", RATE_LIMITED)
    }

    /// A 403 with the usual unhelpful message.
    pub(crate) fn guideline(code: &'static str) -> Self {
        Self::new(403, code, GUIDELINES)
    }
}

pub(crate) type ApiResult = Result<Value, ApiFault>;

/// A refusal in the OAuth family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OAuthFault {
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl OAuthFault {
    pub(crate) const MALFORMED: Self = Self::new("invalid_request", "The request parameters are malformed.");
    pub(crate) const SECRET_MISSED: Self = Self::new("invalid_request", "Client secret is missed in request.");
    pub(crate) const REDIRECT: Self =
        Self::new("invalid_request", "Redirect_uri is not matched with the uri when requesting code.");
    pub(crate) const VERIFIER: Self = Self::new("invalid_request", "Code verifier or code challenge is invalid.");
    pub(crate) const CLIENT: Self = Self::new("invalid_client", "Client key or secret is incorrect.");
    pub(crate) const CODE: Self = Self::new("invalid_grant", "Authorization code is expired.");
    pub(crate) const REFRESH: Self = Self::new("invalid_grant", "Refresh token is invalid or expired.");
    pub(crate) const ACCESS: Self = Self::new("invalid_grant", "Access token is invalid or expired.");
    pub(crate) const GRANT_TYPE: Self = Self::new("unsupported_grant_type", "Grant type is not supported.");

    const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description }
    }
}

pub(crate) type OAuthResult = Result<Option<Value>, OAuthFault>;

/// A complete answer with a JSON body.
pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// Envelope of the API family.
pub(crate) fn api(call: &Call, result: ApiResult) -> Response {
    match result {
        Ok(data) => {
            let error = json!({"code": "ok", "message": "", "log_id": call.log_id});
            // An answer without data (cancel) carries only `error`.
            let body = if data.is_null() { json!({"error": error}) } else { json!({"data": data, "error": error}) };
            with_code(json_answer(200, &body), "ok")
        }
        Err(fault) => {
            let body =
                json!({"data": {}, "error": {"code": fault.code, "message": fault.message, "log_id": call.log_id}});
            with_code(json_answer(fault.status, &body), &fault.code)
        }
    }
}

/// Flat answers of the OAuth family.
pub(crate) fn oauth(call: &Call, error_status: u16, result: OAuthResult) -> Response {
    match result {
        Ok(Some(body)) => with_code(json_answer(200, &body), "ok"),
        Ok(None) => with_code(Response::new(Body::empty()), "ok"),
        Err(fault) => {
            let body = json!({"error": fault.error, "error_description": fault.description, "log_id": call.log_id});
            with_code(json_answer(error_status, &body), fault.error)
        }
    }
}

/// A bare status, as the upload host answers.
pub(crate) fn bare(status: u16) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Remembers the code for the journal.
pub(crate) fn with_code(mut response: Response, code: &str) -> Response {
    response.extensions_mut().insert(AnswerCode(code.to_owned()));
    response
}

/// Sets a header if its value can be one.
pub(crate) fn set_header(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
