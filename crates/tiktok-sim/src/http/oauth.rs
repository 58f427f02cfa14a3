//! The token and revoke endpoints: form-encoded requests, flat answers.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::json;

use crate::answer::{self, Call, OAuthFault, OAuthResult};
use crate::scope::Scope;
use crate::simulator::Simulator;
use crate::world::{TokenPair, World};

type Form = BTreeMap<String, String>;

/// Reads the form; anything but a form, or a repeated field, is malformed.
fn form(headers: &HeaderMap, body: &[u8]) -> Result<Form, OAuthFault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthFault::MALFORMED);
    }
    let mut fields = Form::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(OAuthFault::MALFORMED);
        }
    }
    Ok(fields)
}

fn field<'a>(form: &'a Form, name: &str) -> Result<&'a str, OAuthFault> {
    form.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or(OAuthFault::MALFORMED)
}

/// Client authentication comes before everything else.
fn client<'a>(world: &mut World, call: &Call, form: &'a Form) -> Result<&'a str, OAuthFault> {
    let key = field(form, "client_key")?;
    let secret = field(form, "client_secret").map_err(|_| OAuthFault::SECRET_MISSED)?;
    let right = world.apps.get(key).is_some_and(|app| app.client_secret == secret);
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.client_key = Some(key.to_owned());
    }
    if right { Ok(key) } else { Err(OAuthFault::CLIENT) }
}

fn user_tokens(world: &mut World, call: &Call, pair: &TokenPair) -> OAuthResult {
    let grant = world.grants.get(pair.grant).cloned().ok_or(OAuthFault::MALFORMED)?;
    if let Some(received) = world.journal.get_mut(call.seq) {
        received.username = Some(grant.username.clone());
    }
    Ok(Some(json!({
        "access_token": pair.access_token,
        "expires_in": 86_400,
        "open_id": grant.open_id,
        "refresh_expires_in": 31_536_000,
        "refresh_token": pair.refresh_token,
        "scope": Scope::join(&grant.scopes),
        "token_type": "Bearer",
    })))
}

fn issue(world: &mut World, call: &Call, headers: &HeaderMap, body: &[u8]) -> OAuthResult {
    let form = form(headers, body)?;
    let client_key = client(world, call, &form)?;
    match field(&form, "grant_type")? {
        "authorization_code" => {
            let (code, redirect_uri) = (field(&form, "code")?, field(&form, "redirect_uri")?);
            let verifier = form.get("code_verifier").map(String::as_str);
            let pair = world.redeem_code(client_key, code, redirect_uri, verifier, call.at_ms)?;
            user_tokens(world, call, &pair)
        }
        "refresh_token" => {
            let pair = world.refresh(client_key, field(&form, "refresh_token")?, call.at_ms)?;
            user_tokens(world, call, &pair)
        }
        "client_credentials" => {
            // Good for nothing but a test of the credentials.
            let token = format!("clt.sim{}", call.log_id);
            Ok(Some(json!({"access_token": token, "expires_in": 7200, "token_type": "Bearer"})))
        }
        _ => Err(OAuthFault::GRANT_TYPE),
    }
}

/// `POST /v2/oauth/token/`
pub(super) async fn token(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = simulator.world();
    let result = issue(&mut world, &call, &headers, &body);
    answer::oauth(&call, world.quirks.oauth_error_status, result)
}

/// `POST /v2/oauth/revoke/`
pub(super) async fn revoke(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = simulator.world();
    let result = form(&headers, &body).and_then(|form| {
        let client_key = client(&mut world, &call, &form)?;
        world.revoke(client_key, field(&form, "token")?, call.at_ms).map(|()| None)
    });
    answer::oauth(&call, world.quirks.oauth_error_status, result)
}
