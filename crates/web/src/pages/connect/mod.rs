//! The way to TikTok and back: what is asked for, the age box, the consent page's answer, and a page for each failure.

pub mod confirm;
pub mod told;
pub mod view;

use app::sign_in::{Arrival, Callback, Purpose, SignInFailure, SignedIn as Connected, StartSignIn};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::privacy::documents::day_of;
use domain::privacy::purposes::Reading;
use domain::schedule::Zone;
use secrecy::SecretString;
use serde::Deserialize;

use self::told::Told;
use self::view::{connect_page, failure_page};
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::{ClientIp, CookieNames, MaybeSignedIn, SignedIn, cookie_text, device, flash_cookie};
use crate::state::WebState;
use crate::ui::preferences::Preferences;

/// `GET /connect`: what is asked for and why; the age box, unticked.
pub async fn show(State(state): State<WebState>, who: MaybeSignedIn) -> Response {
    connect_page(&who.frame("/connect"), false, day_of(state.app.now())).into_response()
}

/// The page's form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConnectForm {
    adult: Option<String>,
    next: String,
    /// The browser's zone, when its script could tell.
    time_zone: String,
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
    state.throttle.sign_in(ip).map_err(WebError::too_many)?;
    let zone = form.time_zone.parse::<Zone>().ok();
    let start = Walk { purpose: Purpose::SignIn, adult: form.adult.is_some(), next: &form.next, zone: zone.as_ref() };
    match leave(&state, &headers, who.1.locale.tag(), start).await {
        Err(app::Error::BadInput { code: "adult-not-confirmed" }) => {
            let page = connect_page(&who.frame("/connect"), true, day_of(state.app.now()));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
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
    /// The browser's zone, for somebody who has none yet.
    pub zone: Option<&'a Zone>,
}

/// Starts a walk: 303 to TikTok, with the cookie that ties the answer to this browser.
pub(crate) async fn leave(
    state: &WebState,
    headers: &HeaderMap,
    locale: &str,
    walk: Walk<'_>,
) -> app::Result<Response> {
    let names = CookieNames::of(state);
    let browser = names.browser_of(headers).map_or_else(|| state.app.random.secret(), |(secret, _)| secret);
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
    response.headers_mut().append(header::SET_COOKIE, names.remember_browser(&browser, walk.zone));
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
    let Some((browser, zone)) = names.browser_of(&headers) else {
        state.app.sign_in_failed(&SignInFailure::UnknownState);
        return Ok(failed(names, &SignInFailure::UnknownState));
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
        Ok(Arrival::Unconfirmed(id)) => Ok(sealed(Redirect::to(&format!("/connect/account/{id}")).into_response())),
        Ok(Arrival::NotRenewed(next)) => Ok(sealed(flash(&next, "reading-not-renewed"))),
        Ok(Arrival::Connected(signed)) => {
            // Whoever came as far as this is signed in, whatever becomes of the rest.
            let mut response = match renewal(&state, who.0.as_ref(), &headers, &signed).await {
                Ok(Some(response)) => response,
                Ok(None) => flash(&signed.next_path, connected_flash(&signed)),
                Err(error) => {
                    tracing::warn!(%error, "what somebody allows to be read could not be renewed after signing in");
                    flash(&signed.next_path, "reading-not-renewed")
                }
            };
            if let Some(secret) = &signed.session_secret {
                response.headers_mut().append(header::SET_COOKIE, names.open_session(secret));
                settle(&state, secret, zone.as_ref(), Preferences::chosen_locale(&headers)).await?;
            }
            Ok(sealed(response))
        }
        Err(SignInFailure::Ours(error)) => Err(error.into()),
        Err(failure) => {
            tracing::info!(code = failure.code(), "a sign-in did not succeed");
            Ok(failed(names, &failure))
        }
    }
}

/// The walk that follows when signing in left out what the account's owner allows to be read.
async fn renewal(
    state: &WebState,
    me: Option<&SignedIn>,
    headers: &HeaderMap,
    signed: &Connected,
) -> app::Result<Option<Response>> {
    // After a walk of its own, which asked for them, another one would bring nothing more.
    if !signed.lacks_readings || signed.by_itself || signed.reading.is_some() {
        return Ok(None);
    }
    let opened = match &signed.session_secret {
        Some(secret) => state.app.actor_of_session(secret).await?,
        None => None,
    };
    let Some(actor) = opened.as_ref().or(me.map(|me| &me.actor)) else { return Ok(None) };
    let purpose = Purpose::Renew(actor, signed.connection_id);
    let walk = Walk { purpose, adult: true, next: &signed.next_path, zone: None };
    leave(state, headers, &actor.locale, walk).await.map(Some)
}

/// Gives somebody who never chose a zone that of the browser they signed in with, and the language that they chose in it: whoever chooses one on the
/// page from which they set out goes on in it.
async fn settle(
    state: &WebState,
    secret: &SecretString,
    zone: Option<&Zone>,
    chosen: Option<Locale>,
) -> app::Result<()> {
    let Some(actor) = state.app.actor_of_session(secret).await? else { return Ok(()) };
    let zone = zone.filter(|_| actor.time_zone == Zone::utc().name()).map_or(actor.time_zone.as_str(), Zone::name);
    let locale = chosen.map_or(actor.locale.as_str(), |locale| locale.tag());
    if (zone, locale) == (actor.time_zone.as_str(), actor.locale.as_str()) {
        return Ok(());
    }
    state.app.set_preferences(&actor, locale, zone, &actor.theme).await
}

/// Leads to the page of a failure at once, so that no code stays in the address bar.
fn failed(names: CookieNames, failure: &SignInFailure) -> Response {
    let told = Told::of(failure).to_cookie();
    let mut response = Redirect::to("/connect/failed").into_response();
    response.headers_mut().append(header::SET_COOKIE, names.remember_failure(&told));
    sealed(response)
}

/// `GET /connect/failed`: why the last walk of this browser failed.
pub async fn show_failure(State(state): State<WebState>, who: MaybeSignedIn, headers: HeaderMap) -> Response {
    let told = cookie_text(&headers, CookieNames::of(&state).failure()).and_then(|told| Told::from_cookie(&told));
    match told {
        Some(told) => failure_page(&who.frame("/connect/failed"), &told).into_response(),
        None => Redirect::to("/connect").into_response(),
    }
}

/// The sentence for an account that is connected now.
fn connected_flash(signed: &Connected) -> &'static str {
    if signed.by_itself && signed.lacks_readings {
        return "reading-not-renewed";
    }
    match (signed.reading, signed.was_connected, signed.missing_scopes.is_empty()) {
        (Some((Reading::Metrics, true)), _, _) => "metrics-allowed",
        (Some((Reading::Followers, true)), _, _) => "followers-allowed",
        (Some((Reading::Metrics | Reading::Followers, false)), _, _) => "reading-not-granted",
        (None, true, _) => "connected-same",
        (None, false, true) => "connected",
        (None, false, false) => "connected-partly",
    }
}

fn flash(to: &str, key: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&flash_cookie(key)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
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
