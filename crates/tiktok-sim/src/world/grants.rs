//! Authorization codes, grants and tokens: issuing, rotating, expiring, removing.
//! Wire-level wording of refusals is chosen by the HTTP layer.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::accounts::open_id;
use super::{TaskState, World};
use crate::answer::{ApiFault, OAuthFault};
use crate::config::RefreshRotation;
use crate::journal::Route;
use crate::rules::pkce;
use crate::rules::redirect::Platform;
use crate::scope::Scope;

pub(crate) const ACCESS_TTL_S: i64 = 86_400;
pub(crate) const REFRESH_TTL_S: i64 = 31_536_000;
const CODE_TTL_MS: i64 = 600_000;

/// Why a grant ended, as the `authorization.removed` webhook tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
    /// Not told.
    Unknown,
    /// The user disconnected the app in TikTok.
    UserDisconnected,
    /// The account was deleted.
    AccountDeleted,
    /// The user's age changed.
    AgeChanged,
    /// The account was banned.
    AccountBanned,
    /// The developer called revoke.
    DeveloperRevoked,
}

impl RemovalReason {
    fn number(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::UserDisconnected => 1,
            Self::AccountDeleted => 2,
            Self::AgeChanged => 3,
            Self::AccountBanned => 4,
            Self::DeveloperRevoked => 5,
        }
    }
}

/// A user's consent to an app.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) id: usize,
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) open_id: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) granted_at_ms: i64,
    pub(crate) removed: Option<RemovalReason>,
    /// When a post page was last rendered, as far as TikTok can see.
    pub(crate) creator_info_at_ms: Option<i64>,
    access_token: String,
    refresh_token: String,
}

impl Grant {
    pub(crate) fn current_refresh_token(&self) -> &str {
        &self.refresh_token
    }

    pub(crate) fn current_access_token(&self) -> &str {
        &self.access_token
    }
}

/// What the consent page agreed to.
#[derive(Debug, Clone)]
pub(crate) struct CodeRequest {
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) platform: Platform,
}

pub(super) struct Code {
    request: CodeRequest,
    expires_at_ms: i64,
    used: bool,
}

pub(super) struct AccessToken {
    grant: usize,
    expires_at_ms: i64,
    ended: bool,
}

pub(super) struct RefreshToken {
    grant: usize,
    expires_at_ms: i64,
    dies_at_ms: Option<i64>,
}

/// Tokens as the token endpoint hands them out.
#[derive(Debug, Clone)]
pub(crate) struct TokenPair {
    pub(crate) grant: usize,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// Who is calling the API.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(crate) grant: usize,
    pub(crate) client_key: String,
    pub(crate) username: String,
    pub(crate) open_id: String,
    pub(crate) scopes: Vec<Scope>,
    /// Whether this call stayed inside the rate window.
    pub(crate) within_rate: bool,
}

impl Bearer {
    /// Refuses unless one of the scopes is granted; then refuses calls beyond the rate.
    pub(crate) fn allowed(self, any_of: &[Scope]) -> Result<Self, ApiFault> {
        if !any_of.iter().any(|scope| self.scopes.contains(scope)) {
            return Err(ApiFault::scope_missing());
        }
        if self.within_rate { Ok(self) } else { Err(ApiFault::rate_limited()) }
    }
}

impl World {
    pub(crate) fn issue_code(&mut self, request: CodeRequest, now_ms: i64) -> String {
        self.codes.retain(|_, code| code.expires_at_ms > now_ms);
        let number = self.number();
        let code = format!("simcode-{}-{number}*0!6410", self.random.word(16));
        self.codes.insert(code.clone(), Code { request, expires_at_ms: now_ms + CODE_TTL_MS, used: false });
        code
    }

    /// Turns a code into a grant with its first tokens.
    pub(crate) fn redeem_code(
        &mut self,
        client_key: &str,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        now_ms: i64,
    ) -> Result<TokenPair, OAuthFault> {
        let found = self.codes.get_mut(code).filter(|found| found.request.client_key == client_key && !found.used);
        let found = found.filter(|found| found.expires_at_ms > now_ms).ok_or(OAuthFault::CODE)?;
        if found.request.redirect_uri != redirect_uri {
            return Err(OAuthFault::REDIRECT);
        }
        if !pkce::proves(found.request.platform, found.request.challenge.as_deref(), verifier) {
            return Err(OAuthFault::VERIFIER);
        }
        found.used = true;
        let request = found.request.clone();
        Ok(self.grant(&request.client_key, &request.username, request.scopes, now_ms))
    }

    /// A fresh grant with tokens.
    pub(crate) fn grant(&mut self, client_key: &str, username: &str, scopes: Vec<Scope>, now_ms: i64) -> TokenPair {
        let id = self.grants.len();
        self.grants.push(Grant {
            id,
            client_key: client_key.to_owned(),
            username: username.to_owned(),
            open_id: open_id(client_key, username),
            scopes,
            granted_at_ms: now_ms,
            removed: None,
            creator_info_at_ms: None,
            access_token: String::new(),
            refresh_token: String::new(),
        });
        self.issue_tokens(id, None, now_ms)
    }

    fn issue_tokens(&mut self, grant: usize, keep_refresh: Option<String>, now_ms: i64) -> TokenPair {
        let number = self.number();
        let access_token = format!("act.sim{}{number:04}!{}", self.random.word(40), 5000 + number);
        let refresh_token =
            keep_refresh.unwrap_or_else(|| format!("rft.sim{}{number:04}!{}", self.random.word(40), 5000 + number));
        self.access_tokens.insert(
            access_token.clone(),
            AccessToken { grant, expires_at_ms: now_ms + ACCESS_TTL_S * 1000, ended: false },
        );
        self.refresh_tokens.insert(
            refresh_token.clone(),
            RefreshToken { grant, expires_at_ms: now_ms + REFRESH_TTL_S * 1000, dies_at_ms: None },
        );
        if let Some(grant) = self.grants.get_mut(grant) {
            grant.access_token.clone_from(&access_token);
            grant.refresh_token.clone_from(&refresh_token);
        }
        TokenPair { grant, access_token, refresh_token }
    }

    /// Trades a refresh token for new tokens.
    pub(crate) fn refresh(&mut self, client_key: &str, token: &str, now_ms: i64) -> Result<TokenPair, OAuthFault> {
        let found = self.refresh_tokens.get(token).ok_or(OAuthFault::REFRESH)?;
        let alive = found.expires_at_ms > now_ms && found.dies_at_ms.is_none_or(|dies| dies > now_ms);
        let grant = self
            .grants
            .get(found.grant)
            .filter(|grant| alive && grant.client_key == client_key && grant.removed.is_none())
            .ok_or(OAuthFault::REFRESH)?;
        let (id, old_access) = (grant.id, grant.access_token.clone());
        let rotates = match self.quirks.refresh_rotation {
            RefreshRotation::Always => true,
            RefreshRotation::Never => false,
            RefreshRotation::Random => self.random.next().is_multiple_of(2),
        };
        if rotates {
            let dies_at_ms = now_ms.saturating_add(self.quirks.old_refresh_token_lives_ms);
            if let Some(old) = self.refresh_tokens.get_mut(token) {
                old.dies_at_ms = Some(old.dies_at_ms.map_or(dies_at_ms, |dies| dies.min(dies_at_ms)));
            }
        }
        if self.quirks.refresh_ends_old_access_token
            && let Some(old) = self.access_tokens.get_mut(&old_access)
        {
            old.ended = true;
        }
        Ok(self.issue_tokens(id, (!rotates).then(|| token.to_owned()), now_ms))
    }

    /// Revocation by the app; the token must be a live access token of that app.
    pub(crate) fn revoke(&mut self, client_key: &str, token: &str, now_ms: i64) -> Result<(), OAuthFault> {
        let grant = self.live_grant(token, now_ms).filter(|grant| grant.client_key == client_key);
        let username = grant.ok_or(OAuthFault::ACCESS)?.username.clone();
        self.remove_grants(client_key, &username, RemovalReason::DeveloperRevoked, now_ms);
        Ok(())
    }

    /// Ends the access tokens of a user before their time.
    pub(crate) fn end_access_tokens(&mut self, username: &str) {
        for token in self.access_tokens.values_mut() {
            if self.grants.get(token.grant).is_some_and(|grant| grant.username == username) {
                token.ended = true;
            }
        }
    }

    fn live_grant(&self, access_token: &str, now_ms: i64) -> Option<&Grant> {
        let token = self.access_tokens.get(access_token)?;
        let grant = self.grants.get(token.grant)?;
        (token.expires_at_ms > now_ms && !token.ended && grant.removed.is_none()).then_some(grant)
    }

    /// Checks the bearer and counts the call against `limit` per minute and grant.
    pub(crate) fn bearer(
        &mut self,
        header: Option<&str>,
        route: Route,
        limit: usize,
        now_ms: i64,
    ) -> Result<Bearer, ApiFault> {
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiFault::token_invalid)?;
        let grant = self.live_grant(token, now_ms).ok_or_else(ApiFault::token_invalid)?.clone();
        // Windows belong to the user and app, so that refreshing a token does not reset them.
        let key = format!("{} {}", grant.client_key, grant.username);
        let within_rate = self.within_rate(&key, route, limit, now_ms);
        Ok(Bearer {
            grant: grant.id,
            client_key: grant.client_key,
            username: grant.username,
            open_id: grant.open_id,
            scopes: grant.scopes,
            within_rate,
        })
    }

    /// Ends every grant of a user to an app: tokens die, tasks in flight fail, the app is told.
    pub(crate) fn remove_grants(&mut self, client_key: &str, username: &str, reason: RemovalReason, now_ms: i64) {
        let mut ended = None;
        for grant in &mut self.grants {
            if grant.client_key == client_key && grant.username == username && grant.removed.is_none() {
                grant.removed = Some(reason);
                ended = Some(grant.open_id.clone());
            }
        }
        let Some(open_id) = ended else { return };
        let in_flight: Vec<String> = self
            .tasks
            .values()
            .filter(|task| task.client_key == client_key && task.username == username)
            .filter(|task| match task.state {
                TaskState::Uploading | TaskState::Downloading { .. } | TaskState::Processing { .. } => true,
                TaskState::InInbox { .. } | TaskState::Complete { .. } | TaskState::Failed { .. } => false,
            })
            .map(|task| task.publish_id.clone())
            .collect();
        for publish_id in in_flight {
            self.fail(&publish_id, "auth_removed", now_ms);
        }
        self.announce(client_key, &open_id, "authorization.removed", &json!({"reason": reason.number()}), now_ms);
    }

    /// The live grant that lets the consent page be skipped.
    pub(crate) fn covering_grant(&self, client_key: &str, username: &str, scopes: &[Scope]) -> Option<Vec<Scope>> {
        let live =
            |grant: &&Grant| grant.client_key == client_key && grant.username == username && grant.removed.is_none();
        // A person's permissions stand until they are taken back, also those that a later request did not name.
        let covers = |grant: &Grant| scopes.iter().all(|scope| grant.scopes.contains(scope));
        self.grants.iter().filter(live).any(covers).then(|| scopes.to_vec())
    }
}
