//! Login Kit: what to ask the user for, what comes back in the browser, and what a grant consists of.
//! It decides nothing about accounts; which grant belongs to whom is the caller's knowledge.

use secrecy::SecretString;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::endpoint::{AppCredentials, Endpoints};
use crate::limits::{ACCESS_TOKEN_TTL_S, REFRESH_TOKEN_TTL_S, VALUE_MAX_CHARS};
use crate::pkce::PkceVerifier;
use crate::scope::Scope;
use crate::text_enum::{bounded, text_enum};

/// What the authorization page is asked for. Source: login-kit-web, login-kit-desktop.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizeRequest<'a> {
    /// A registered address, character for character; without query and fragment, shorter than 512 characters.
    pub redirect_uri: &'a str,
    /// What to ask for. The user may grant less.
    pub scopes: &'a [Scope],
    /// Unguessable text that comes back; binds the answer to the browser session.
    pub state: &'a str,
    /// Needed for loopback redirect addresses, not used by the documented web flow.
    pub pkce: Option<&'a PkceVerifier>,
    /// Always show the consent page. Without it a signed-in browser silently connects the same account again, so set it for
    /// "add another account" and for asking again.
    pub always_ask: bool,
}

/// The address to send the browser to.
pub(crate) fn authorize_url(
    endpoints: &Endpoints,
    credentials: &AppCredentials,
    request: &AuthorizeRequest<'_>,
) -> Url {
    let mut url = endpoints.authorize.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_key", &credentials.client_key)
            .append_pair("response_type", "code")
            .append_pair("scope", &Scope::join(request.scopes))
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("state", request.state);
        if let Some(verifier) = request.pkce {
            query.append_pair("code_challenge", &verifier.challenge_hex()).append_pair("code_challenge_method", "S256");
        }
        if request.always_ask {
            query.append_pair("disable_auto_auth", "1");
        }
    }
    url
}

/// What the browser brings back to the redirect address.
#[derive(Debug, Clone)]
pub enum Callback {
    /// The user agreed.
    Granted {
        /// To be exchanged once, within minutes.
        code: SecretString,
        /// What was granted, possibly less than asked.
        scopes: Vec<Scope>,
        /// Must equal what was sent.
        state: String,
    },
    /// TikTok or the user refused.
    Refused {
        /// What went wrong.
        reason: CallbackRefusal,
        /// `error` as TikTok wrote it, at most 256 characters.
        error: String,
        /// Human text, at most 1000 characters.
        description: String,
        /// Must equal what was sent; absent in some refusals.
        state: Option<String>,
    },
}

text_enum! {
    /// Why an authorization came back refused. Sources: oauth-error-handling, login-kit-web; `error_type` and `errCode` are observed.
    pub enum CallbackRefusal {
        /// The person pressed cancel.
        AccessDenied = "access_denied",
        /// The TikTok account in this browser is not a target user of the sandbox: a matter of configuration.
        NotSandboxTarget = "non_sandbox_target",
        /// The app may not be used this way: draft, wrong key, Login Kit missing.
        ClientKey = "client_key" | "unauthorized_client",
        /// A scope is not enabled for the app.
        Scope = "invalid_scope" | "scope",
        /// The PKCE challenge is missing or unusable.
        CodeChallenge = "code_challenge",
        /// TikTok failed; the person may try again.
        ServerError = "server_error" | "temporarily_unavailable",
    }
}

/// Why a callback could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Neither `code` nor `error`.
    #[error("the callback carries neither a code nor an error")]
    Empty,
    /// A code without `state`.
    #[error("the callback carries a code without state")]
    NoState,
    /// The query is longer than 16 KiB.
    #[error("the callback's query is too long")]
    TooLong,
}

impl Callback {
    /// Reads the query string of the callback, without the question mark.
    ///
    /// # Errors
    /// [`CallbackError`] when this was not a callback.
    pub fn parse(query: &str) -> Result<Self, CallbackError> {
        if query.len() > 2 * VALUE_MAX_CHARS {
            return Err(CallbackError::TooLong);
        }
        let value = |wanted: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, value)| name == wanted && !value.is_empty())
                .map(|(_, value)| value.into_owned())
        };
        let state = value("state");
        if let Some(error) = value("error") {
            // The finer word, where there is one, tells a cancelled consent from a wrong set-up.
            let reason = match value("error_type") {
                Some(error_type) => CallbackRefusal::parse(&error_type),
                None => CallbackRefusal::parse(&error),
            };
            return Ok(Self::Refused {
                reason,
                error: bounded(&error, 256),
                description: bounded(&value("error_description").unwrap_or_default(), 1000),
                state,
            });
        }
        let code = value("code").ok_or(CallbackError::Empty)?;
        Ok(Self::Granted {
            code: code.into(),
            scopes: Scope::parse_list(&value("scopes").unwrap_or_default()),
            state: state.ok_or(CallbackError::NoState)?,
        })
    }
}

/// Tokens of one user for one app. Source: oauth-user-access-token-management.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    /// Bearer token of API calls.
    pub access_token: SecretString,
    /// Its life from now, seconds; usually 86400.
    pub expires_in_s: i64,
    /// For the next refresh; may differ from the one just used and then replaces it.
    pub refresh_token: SecretString,
    /// Its life, seconds; usually 31536000. Whether a refresh prolongs it is not documented.
    pub refresh_expires_in_s: i64,
    /// The user in this app: opaque, case-sensitive, may start with a dash.
    pub open_id: String,
    /// What the user granted.
    pub scopes: Vec<Scope>,
}

/// Flat answer of the token endpoint; success and failure in one shape.
#[derive(Deserialize)]
pub(crate) struct TokenReply {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    refresh_expires_in: Option<i64>,
    #[serde(default)]
    open_id: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

impl TokenReply {
    /// The grant; `previous` is kept when a refresh brings no new refresh token.
    pub(crate) fn into_grant(self, previous: Option<&SecretString>) -> Result<TokenGrant, &'static str> {
        Ok(TokenGrant {
            access_token: required(self.access_token).ok_or("access_token is missing")?,
            expires_in_s: self.expires_in.unwrap_or(ACCESS_TOKEN_TTL_S).max(0),
            refresh_token: required(self.refresh_token)
                .or_else(|| previous.cloned())
                .ok_or("refresh_token is missing")?,
            refresh_expires_in_s: self.refresh_expires_in.unwrap_or(REFRESH_TOKEN_TTL_S).max(0),
            open_id: self.open_id.filter(|open_id| !open_id.is_empty()).ok_or("open_id is missing")?,
            scopes: Scope::parse_list(&self.scope.unwrap_or_default()),
        })
    }

    /// The app token, which belongs to no user.
    pub(crate) fn into_client_token(self) -> Result<ClientToken, &'static str> {
        Ok(ClientToken {
            access_token: required(self.access_token).ok_or("access_token is missing")?,
            expires_in_s: self.expires_in.unwrap_or(0).max(0),
        })
    }
}

/// A token that is present and not empty.
fn required(token: Option<String>) -> Option<SecretString> {
    token.filter(|token| !token.is_empty()).map(SecretString::from)
}

/// Token of the app itself: useless for posting, but proof that key and secret belong together. Source: client-access-token-management.
#[derive(Debug, Clone)]
pub struct ClientToken {
    /// Not usable for any call of this crate.
    pub access_token: SecretString,
    /// Its life, seconds; usually 7200.
    pub expires_in_s: i64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use secrecy::ExposeSecret as _;

    use super::*;

    fn credentials() -> AppCredentials {
        AppCredentials { client_key: "aw_sim_live_01".into(), client_secret: "secret".into() }
    }

    #[test]
    fn the_authorize_address_has_tiktoks_dialect() {
        let url = authorize_url(
            &Endpoints::production(),
            &credentials(),
            &AuthorizeRequest {
                redirect_uri: "https://demo.example/oauth/tiktok/callback/",
                scopes: &[Scope::UserInfoBasic, Scope::VideoPublish, Scope::VideoUpload],
                state: "s-81f0",
                pkce: None,
                always_ask: true,
            },
        );
        assert_eq!(
            url.as_str(),
            "https://www.tiktok.com/v2/auth/authorize/?client_key=aw_sim_live_01&response_type=code\
             &scope=user.info.basic%2Cvideo.publish%2Cvideo.upload\
             &redirect_uri=https%3A%2F%2Fdemo.example%2Foauth%2Ftiktok%2Fcallback%2F&state=s-81f0&disable_auto_auth=1"
        );
    }

    #[test]
    fn a_loopback_redirect_carries_the_hex_challenge() {
        let verifier = PkceVerifier::parse("moloko-video-pkce-test-verifier-0123456789-ABCDEFGHIJ").unwrap();
        let url = authorize_url(
            &Endpoints::production(),
            &credentials(),
            &AuthorizeRequest {
                redirect_uri: "http://127.0.0.1:3455/callback/",
                scopes: &[Scope::UserInfoBasic],
                state: "s",
                pkce: Some(&verifier),
                always_ask: false,
            },
        );
        let query = url.query().unwrap();
        assert!(query.contains("code_challenge=88c45cb58e475f18cd12f138821d923a676f1432776788e388bbe620bd575c99"));
        assert!(query.contains("code_challenge_method=S256"));
        assert!(!query.contains("disable_auto_auth"));
    }

    #[test]
    fn a_granted_callback_is_url_decoded() {
        let callback =
            Callback::parse("code=simcode-7Qm%2A0%216410&scopes=user.info.basic%2Cvideo.publish&state=s-81f0").unwrap();
        let Callback::Granted { code, scopes, state } = callback else {
            panic!("{callback:?}");
        };
        assert_eq!(code.expose_secret(), "simcode-7Qm*0!6410");
        assert_eq!(scopes, [Scope::UserInfoBasic, Scope::VideoPublish]);
        assert_eq!(state, "s-81f0");
    }

    #[test]
    fn refusals_tell_a_person_who_cancelled_from_a_wrong_set_up() {
        let reason = |query: &str| match Callback::parse(query).unwrap() {
            Callback::Refused { reason, .. } => reason,
            other @ Callback::Granted { .. } => panic!("{other:?}"),
        };
        assert_eq!(
            reason("error=access_denied&error_description=The+user+denied&state=s"),
            CallbackRefusal::AccessDenied
        );
        assert_eq!(
            reason("error=access_denied&error_type=non_sandbox_target&state=s"),
            CallbackRefusal::NotSandboxTarget
        );
        assert_eq!(reason("error=unauthorized_client&error_type=client_key&errCode=10003"), CallbackRefusal::ClientKey);
        assert_eq!(reason("error=novel"), CallbackRefusal::Other("novel".into()));
    }

    #[test]
    fn something_else_is_not_a_callback() {
        assert_eq!(Callback::parse("").unwrap_err(), CallbackError::Empty);
        assert_eq!(Callback::parse("code=x").unwrap_err(), CallbackError::NoState);
        assert_eq!(Callback::parse(&"a".repeat(20_000)).unwrap_err(), CallbackError::TooLong);
    }

    #[test]
    fn a_grant_does_not_print_its_tokens() {
        let reply: TokenReply =
            serde_json::from_str(r#"{"access_token":"act.canary","refresh_token":"rft.canary","open_id":"-000sim"}"#)
                .unwrap();
        let grant = reply.into_grant(None).unwrap();
        assert!(!format!("{grant:?}").contains("canary"));
        assert_eq!((grant.expires_in_s, grant.refresh_expires_in_s), (86_400, 31_536_000));
    }
}
