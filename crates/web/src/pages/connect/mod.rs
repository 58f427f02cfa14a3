//! The way to TikTok and back: what is asked for, the age box, the consent page's answer, and a page for each failure.

pub mod view;

use app::sign_in::{Callback, Purpose, SignInFailure, StartSignIn};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use self::view::{connect_page, failure_page};
use crate::error::WebError;
use crate::session::{ClientIp, CookieNames, MaybeSignedIn, SignedIn, cookie_secret, device};
use crate::state::WebState;

/// `GET /connect`: what is asked for and why; the age box, unticked.
pub async fn show(who: MaybeSignedIn) -> Response {
    connect_page(&who.frame("/connect"), false).into_response()
}

/// The page's form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConnectForm {
    adult: Option<String>,
    next: String,
}

/// `POST /connect`: sends the browser to TikTok's consent page.
///
/// # Errors
/// 429 when one address starts too many walks.
pub async fn begin(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Form(form): Form<ConnectForm>,
) -> Result<Response, WebError> {
    if !state.throttle.sign_in(ip) {
        return Err(WebError::status(StatusCode::TOO_MANY_REQUESTS));
    }
    let start = Walk { purpose: Purpose::SignIn, adult: form.adult.is_some(), next: &form.next };
    match leave(&state, &headers, who.1.locale.tag(), start).await {
        Err(app::Error::BadInput { code: "adult-not-confirmed" }) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, connect_page(&who.frame("/connect"), true)).into_response())
        }
        answer => Ok(answer?),
    }
}

/// A walk about to start.
pub(crate) struct Walk<'a> {
    /// Why.
    pub purpose: Purpose<'a>,
    /// The age box.
    pub adult: bool,
    /// Where to go afterwards.
    pub next: &'a str,
}

/// Starts a walk: 303 to TikTok, with the cookie that ties the answer to this browser.
pub(crate) async fn leave(
    state: &WebState,
    headers: &HeaderMap,
    locale: &str,
    walk: Walk<'_>,
) -> app::Result<Response> {
    let names = CookieNames::of(state);
    let browser = cookie_secret(headers, names.browser()).unwrap_or_else(|| state.app.random.secret());
    let url = state
        .app
        .start_sign_in(StartSignIn {
            purpose: walk.purpose,
            browser_secret: &browser,
            adult_confirmed: walk.adult,
            next_path: walk.next,
            locale,
        })
        .await?;
    let mut response = Redirect::to(url.as_str()).into_response();
    response.headers_mut().append(header::SET_COOKIE, names.remember_browser(&browser));
    Ok(response)
}

/// What TikTok's redirect may carry.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Returned {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_type: Option<String>,
    error_description: Option<String>,
    #[serde(rename = "errCode")]
    err_code: Option<String>,
}

/// `GET /oauth/tiktok/callback/`: ends the walk and leaves the address with the code at once.
///
/// # Errors
/// Every failure has its page.
pub async fn callback(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, WebError> {
    let names = CookieNames::of(&state);
    let Some(browser) = cookie_secret(&headers, names.browser()) else {
        return Ok(sealed(failed(&who, &SignInFailure::UnknownState)));
    };
    let came = Callback {
        state: returned.state,
        code: returned.code,
        error: returned.error,
        error_type: returned.error_type,
        error_description: returned.error_description,
        err_code: returned.err_code,
    };
    let actor = who.0.as_ref().map(|me| &me.actor);
    match state.app.finish_sign_in(&came, &browser, actor, &device(&headers, ip)).await {
        Ok(signed) => {
            let key = if signed.missing_scopes.is_empty() { "connected" } else { "connected-partly" };
            let mut response = flash(&signed.next_path, key);
            if let Some(secret) = &signed.session_secret {
                response.headers_mut().append(header::SET_COOKIE, names.open_session(secret));
            }
            Ok(sealed(response))
        }
        Err(SignInFailure::Ours(error)) => Err(error.into()),
        Err(failure) => {
            tracing::info!(code = failure.code(), "a sign-in did not succeed");
            Ok(sealed(failed(&who, &failure)))
        }
    }
}

fn flash(to: &str, key: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Ok(cookie) =
        HeaderValue::from_str(&format!("moloko_flash={key}; Path=/; Max-Age=30; HttpOnly; SameSite=Lax"))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn failed(who: &MaybeSignedIn, failure: &SignInFailure) -> Response {
    let status = match failure {
        SignInFailure::TikTok(_) => StatusCode::BAD_GATEWAY,
        SignInFailure::UnknownState
        | SignInFailure::Denied
        | SignInFailure::NotSandboxTarget
        | SignInFailure::AppRefused(_)
        | SignInFailure::ScopeRefused
        | SignInFailure::Other(_)
        | SignInFailure::CodeRefused
        | SignInFailure::BasicScopeMissing
        | SignInFailure::WrongAccount { .. }
        | SignInFailure::TooManyConnections
        | SignInFailure::Ours(_) => StatusCode::BAD_REQUEST,
    };
    (status, failure_page(&who.frame("/connect"), failure)).into_response()
}

/// The address holds a code: nobody may keep it or learn it from a referrer.
fn sealed(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `POST /sign-out`: ends this session here and on the server.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    state.app.end_session(&me.actor, me.actor.session_id).await?;
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().append(header::SET_COOKIE, CookieNames::of(&state).close_session());
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}
