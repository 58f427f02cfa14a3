//! The browser's authorization page: checks, consent, callback. Plain HTML; the only place of ours with a cookie,
//! which stands for the browser's TikTok session.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;

use super::pages::consent;
use crate::answer::{self, Call};
use crate::config::{AppSpec, AppStage};
use crate::rules::redirect::{self, Platform};
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::world::{CodeRequest, World};

const SESSION: &str = "sim_tiktok_session";

/// An authorize request that may be shown to a person.
pub(super) struct Asked {
    pub(super) app: AppSpec,
    pub(super) scopes: Vec<Scope>,
    redirect_uri: String,
    state: String,
    challenge: Option<String>,
    platform: Platform,
    always_ask: bool,
}

/// How a request ends before consent.
enum Refusal {
    /// TikTok's own page; the app learns nothing.
    Page { parameter: &'static str, number: u32, detail: &'static str },
    /// Back to the app with an error.
    Callback(String),
}

type Query = BTreeMap<String, String>;

fn query(text: &str) -> Query {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Percent-encodes everything but unreserved characters, as TikTok's callbacks do; a space becomes `+`.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn callback(redirect_uri: &str, state: &str, members: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        members.iter().chain([&("state", state)]).map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{redirect_uri}{}{}", if redirect_uri.contains('?') { '&' } else { '?' }, pairs.join("&"))
}

fn page(parameter: &'static str, number: u32, detail: &'static str) -> Refusal {
    Refusal::Page { parameter, number, detail }
}

/// The checks before consent, in the order that decides which of several mistakes is reported.
fn check(world: &World, query: &Query) -> Result<Asked, Refusal> {
    let get = |name: &str| query.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let app = get("client_key").and_then(|key| world.apps.get(key)).ok_or_else(|| {
        page("client_key", 10_003, "No app has this client_key. Note that the parameter is not called client_id.")
    })?;
    let redirect_uri =
        get("redirect_uri").ok_or_else(|| page("redirect_uri", 10_006, "The redirect_uri is missing."))?;
    let registered = app.redirect_uris.iter().any(|uri| redirect::matches(uri, redirect_uri));
    let platform =
        redirect::platform(redirect_uri).filter(|_| registered || world.accept_any_redirect).ok_or_else(|| {
            page("redirect_uri", 10_006, "The redirect_uri does not match a registered one, character for character.")
        })?;
    let state = get("state")
        .ok_or_else(|| page("state", 10_008, "The state is missing; without it the callback can be forged."))?;
    let challenge = get("code_challenge");
    if challenge.is_some() && get("code_challenge_method") != Some("S256") {
        return Err(page("code_challenge", 10_007, "code_challenge_method must be S256."));
    }
    if platform == Platform::Desktop && challenge.is_none() {
        return Err(page(
            "code_challenge",
            10_007,
            "Loopback redirect addresses are desktop apps: code_challenge is mandatory.",
        ));
    }
    let back = |members: &[(&str, &str)]| Refusal::Callback(callback(redirect_uri, state, members));
    if app.stage == AppStage::Draft {
        return Err(back(&[
            ("error", "unauthorized_client"),
            ("error_type", "client_key"),
            ("errCode", "10003"),
            ("error_description", "The client is not authorized to request an access token"),
        ]));
    }
    if get("response_type") != Some("code") {
        return Err(back(&[
            ("error", "unsupported_response_type"),
            ("error_description", "response_type must be code"),
        ]));
    }
    let scopes: Option<Vec<Scope>> = get("scope")
        .unwrap_or_default()
        .split(',')
        .map(|name| Scope::parse(name).filter(|scope| app.scopes.contains(scope)))
        .collect();
    let Some(scopes) = scopes else {
        return Err(back(&[
            ("error", "invalid_scope"),
            ("error_description", "A scope is unknown or not enabled for the app"),
        ]));
    };
    Ok(Asked {
        app: app.clone(),
        scopes,
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        challenge: challenge.map(str::to_owned),
        platform,
        always_ask: get("disable_auto_auth") == Some("1"),
    })
}

fn redirect_to(location: &str) -> Response {
    let mut response = answer::bare(302);
    answer::set_header(&mut response, header::LOCATION, location);
    response
}

fn refuse(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Page { parameter, number, detail } => consent::refusal(parameter, number, detail),
        Refusal::Callback(location) => redirect_to(&location),
    }
}

fn signed_in(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value.to_owned())
}

/// Issues a code and sends the browser back.
fn agree(world: &mut World, call: &Call, asked: Asked, username: &str, granted: Vec<Scope>) -> Response {
    let is_target = asked.app.target_users.iter().any(|target| target == username);
    if asked.app.stage == AppStage::Sandbox && !is_target {
        return redirect_to(&callback(
            &asked.redirect_uri,
            &asked.state,
            &[
                ("error", "access_denied"),
                ("error_type", "non_sandbox_target"),
                ("error_description", "The user is not a target user of this sandbox"),
            ],
        ));
    }
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.client_key = Some(asked.app.client_key.clone());
        received.username = Some(username.to_owned());
    }
    let scopes = Scope::join(&granted);
    let code = world.issue_code(
        CodeRequest {
            client_key: asked.app.client_key,
            username: username.to_owned(),
            scopes: granted,
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge,
            platform: asked.platform,
        },
        call.at_ms,
    );
    redirect_to(&callback(&asked.redirect_uri, &asked.state, &[("code", &code), ("scopes", &scopes)]))
}

/// `GET /v2/auth/authorize/`
pub(super) async fn show(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let text = uri.query().unwrap_or_default();
    let mut world = simulator.world();
    let asked = match check(&world, &query(text)) {
        Ok(asked) => asked,
        Err(refusal) => return refuse(refusal),
    };
    let session = signed_in(&headers).filter(|username| world.users.contains_key(username));
    if let Some(username) = session.as_deref().filter(|_| !asked.always_ask)
        && let Some(granted) = world.covering_grant(&asked.app.client_key, username, &asked.scopes)
    {
        return agree(&mut world, &call, asked, username, granted);
    }
    let users = world.users_in_order();
    consent::form(&asked, &users, session.as_deref(), text)
}

/// The consent form, sent back.
pub(super) async fn decide(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    body: Bytes,
) -> Response {
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let mut world = simulator.world();
    let asked = match check(&world, &query(field("request"))) {
        Ok(asked) => asked,
        Err(refusal) => return refuse(refusal),
    };
    let username = field("username").to_owned();
    let granted: Vec<Scope> = asked
        .scopes
        .iter()
        .copied()
        .filter(|scope| fields.iter().any(|(key, value)| key == "scope" && value == scope.as_str()))
        .collect();
    if field("decision") != "allow" || granted.is_empty() {
        let denied = [("error", "access_denied"), ("error_description", "The user denied the request")];
        return redirect_to(&callback(&asked.redirect_uri, &asked.state, &denied));
    }
    if !world.users.contains_key(&username) {
        return consent::refusal("username", 10_000, "Choose one of the simulated accounts.");
    }
    let cookie = format!("{SESSION}={username}; Path=/v2/auth/authorize; HttpOnly; SameSite=Lax");
    let mut response = agree(&mut world, &call, asked, &username, granted);
    answer::set_header(&mut response, header::SET_COOKIE, &cookie);
    *response.body_mut() = Body::empty();
    response
}
