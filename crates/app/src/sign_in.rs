//! Signing in with TikTok and connecting accounts: one walk through TikTok's consent page and back.
//!
//! Owns the state that ties the walk to one browser and one purpose, and every way in which it can fail.
//! Must not decide what a page says about a failure.

use domain::connection::{ConnectionState, Flavour, SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_UPLOAD, Scopes};
use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::clauses::{ADULT_TEXT_VERSION, SCOPES};
use domain::privacy::erasure::Door;
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::{Avatar, Connection, Person, Role, SignIn, SignInPurpose, Tx, Workspace};
use url::Url;

use crate::alerts::AlertKind;
use crate::consents::connected;
use crate::metrics::allow;
use crate::policy::accept_by_connecting;
use crate::random::secret_hash;
use crate::sessions::Device;
use crate::{Actor, App, Error, Result};

/// Purpose under which the PKCE verifier is sealed.
pub(crate) const VERIFIER_PURPOSE: &str = "sign_in.verifier";
/// Connections one workspace may have.
pub(crate) const CONNECTIONS_MAX: usize = 50;
/// Where a walk may return to; anything else becomes the queue, so the callback is no open redirector.
const NEXT_PATHS: [&str; 6] = ["/queue", "/compose", "/connections", "/history", "/settings", "/analytics"];

/// Why somebody is sent to TikTok.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    /// Not signed in yet; the account becomes the person's first connection.
    SignIn,
    /// Signed in, connecting one more account: TikTok must ask which.
    AddAccount(&'a Actor),
    /// Signed in, renewing the grant of exactly this connection.
    Reconnect(&'a Actor, ConnectionId),
    /// Signed in just now, by which the grant lost what its owner allows to be read: the same account once more with it. Where TikTok remembers that
    /// it was allowed, nothing is asked.
    Renew(&'a Actor, ConnectionId),
    /// Signed in, allowing exactly this connection to be read in one more way. The press accepts the newest policy for this purpose.
    Allow(&'a Actor, ConnectionId, Reading),
}

/// The start of a walk.
#[derive(Debug)]
pub struct StartSignIn<'a> {
    /// Why.
    pub purpose: Purpose<'a>,
    /// The browser's own secret from its cookie; the answer must come back with the same one.
    pub browser_secret: &'a SecretString,
    /// The person ticked "I am 18 or older".
    pub adult_confirmed: bool,
    /// Where to go afterwards; only known paths are kept.
    pub next_path: &'a str,
    /// Language of the page.
    pub locale: &'a str,
}

/// What TikTok's redirect brought.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`, URL-decoded.
    pub code: Option<String>,
    /// `error`.
    pub error: Option<String>,
    /// `error_type`, undocumented.
    pub error_type: Option<String>,
    /// `error_description`.
    pub error_description: Option<String>,
    /// `errCode`, undocumented.
    pub err_code: Option<String>,
}

/// How a walk that succeeded ends.
#[derive(Debug)]
pub enum Arrival {
    /// The account is connected.
    Connected(SignedIn),
    /// It is an account that this workspace does not have: the person is asked whether it is the right one, under this id.
    Unconfirmed(ConnectionId),
}

impl Arrival {
    /// The connected account; `None` while the person has to confirm it.
    #[must_use]
    pub fn connected(self) -> Option<SignedIn> {
        match self {
            Self::Connected(signed_in) => Some(signed_in),
            Self::Unconfirmed(_) => None,
        }
    }
}

/// An account that is connected now.
#[derive(Debug)]
pub struct SignedIn {
    /// Secret of the new session; `None` when the actor was signed in already.
    pub session_secret: Option<SecretString>,
    /// The connection that was made or renewed.
    pub connection_id: ConnectionId,
    /// Scopes that we asked for and the person left out.
    pub missing_scopes: Vec<&'static str>,
    /// Another account was to be added, and TikTok gave one that is connected here; it was renewed.
    pub was_connected: bool,
    /// What more was asked for, and whether the person granted it.
    pub reading: Option<(Reading, bool)>,
    /// What its owner allows to be read is no part of the grant that signing in brought, so a walk with it comes next, see [`Purpose::Renew`].
    pub lacks_readings: bool,
    /// A path of this site.
    pub next_path: String,
}

/// A walk that failed; each variant has its page.
#[derive(Debug, thiserror::Error)]
pub enum SignInFailure {
    /// No, foreign, used or expired state: the answer does not belong to this browser's walk.
    #[error("the answer belongs to no sign-in of this browser")]
    UnknownState,
    /// The person pressed Cancel.
    #[error("cancelled on TikTok's page")]
    Denied,
    /// The app's sandbox does not list the account that was signed in at TikTok.
    #[error("the account is not a target user of the sandbox")]
    NotSandboxTarget,
    /// The app may not be used (draft, wrong key, missing product).
    #[error("TikTok refuses this app: {0}")]
    AppRefused(String),
    /// A scope is not enabled for the app.
    #[error("TikTok refuses a scope")]
    ScopeRefused,
    /// The consent page answered with another error.
    #[error("TikTok answered {0}")]
    Other(String),
    /// The code was refused: too late, used twice.
    #[error("TikTok refused the code")]
    CodeRefused,
    /// Not even the basic profile was granted.
    #[error("the basic profile was not granted")]
    BasicScopeMissing,
    /// Reconnecting, another account came back.
    #[error("another account came back")]
    WrongAccount {
        /// Display name of the account that was expected.
        expected: String,
    },
    /// The workspace has as many connections as it may have.
    #[error("too many connections")]
    TooManyConnections,
    /// TikTok did not answer or answered nonsense.
    #[error("TikTok: {0}")]
    TikTok(tiktok::Error),
    /// Something on our side.
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<store::StoreError> for SignInFailure {
    fn from(error: store::StoreError) -> Self {
        Self::Ours(Error::Store(error))
    }
}

impl SignInFailure {
    /// Stable code, also the key of the page's texts (`sign-in-failed-<code>`).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownState => "unknown-state",
            Self::Denied => "denied",
            Self::NotSandboxTarget => "not-sandbox-target",
            Self::AppRefused(_) => "app-refused",
            Self::ScopeRefused => "scope-refused",
            Self::Other(_) => "other",
            Self::CodeRefused => "code-refused",
            Self::BasicScopeMissing => "basic-scope-missing",
            Self::WrongAccount { .. } => "wrong-account",
            Self::TooManyConnections => "too-many-connections",
            Self::TikTok(_) => "tiktok",
            Self::Ours(_) => "ours",
        }
    }

    /// Whether many of these mean an attack or an outage; the others are what people decide or mix up.
    #[must_use]
    pub const fn is_alarming(&self) -> bool {
        match self {
            Self::UnknownState
            | Self::NotSandboxTarget
            | Self::AppRefused(_)
            | Self::ScopeRefused
            | Self::Other(_)
            | Self::CodeRefused
            | Self::TikTok(_)
            | Self::Ours(_) => true,
            Self::Denied | Self::BasicScopeMissing | Self::WrongAccount { .. } | Self::TooManyConnections => false,
        }
    }
}

impl App {
    /// Starts a walk and returns the address of TikTok's consent page.
    ///
    /// # Errors
    /// [`Error::BadInput`] without the age confirmation, [`Error::NotFound`] for a foreign connection.
    pub async fn start_sign_in(&self, start: StartSignIn<'_>) -> Result<Url> {
        let now = self.now();
        let (purpose, actor, connection_id, reading) = match start.purpose {
            Purpose::SignIn => (SignInPurpose::SignIn, None, None, None),
            Purpose::AddAccount(actor) => (SignInPurpose::AddAccount, Some(actor), None, None),
            Purpose::Reconnect(actor, id) | Purpose::Renew(actor, id) => {
                let connection = self.connection(actor, id).await?;
                (SignInPurpose::Reconnect, Some(actor), Some(connection.id), None)
            }
            Purpose::Allow(actor, id, reading) => {
                let connection = self.connection(actor, id).await?;
                if connection.state == ConnectionState::Disconnected {
                    return Err(Error::ReconnectNeeded);
                }
                (SignInPurpose::Reconnect, Some(actor), Some(connection.id), Some(reading))
            }
        };
        let scopes = self.scopes_to_ask_for(connection_id, reading).await?;
        if !start.adult_confirmed && actor.is_none() {
            return Err(Error::BadInput { code: "adult-not-confirmed" });
        }
        let state = self.random.secret();
        let verifier = if self.settings.wants_pkce() {
            Some(tiktok::PkceVerifier::parse(self.random.secret().expose_secret())?)
        } else {
            None
        };
        let verifier_sealed = verifier
            .as_ref()
            .map(|verifier| self.keys.seal(VERIFIER_PURPOSE, verifier.expose().as_bytes()))
            .transpose()?;
        let timeout_s = i64::try_from(self.settings.sign_in_timeout.as_secs()).unwrap_or(600);
        let walk = SignIn {
            state_hash: secret_hash(state.expose_secret()),
            browser_hash: secret_hash(start.browser_secret.expose_secret()),
            purpose,
            user_id: actor.map(|actor| actor.user_id),
            workspace_id: actor.map(|actor| actor.workspace_id),
            connection_id,
            reading,
            verifier_sealed,
            next_path: allowed_next(start.next_path).to_owned(),
            locale: if start.locale == "ru" { "ru" } else { "en" }.to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(timeout_s),
        };
        let mut tx = self.store.begin().await?;
        tx.sign_in_insert(&walk).await?;
        tx.commit().await?;
        let redirect_uri = self.settings.redirect_uri();
        Ok(self.tiktok.authorize_url(&tiktok::AuthorizeRequest {
            redirect_uri: &redirect_uri,
            scopes: &scopes,
            state: state.expose_secret(),
            pkce: verifier.as_ref(),
            // Signing in may pass silently; connecting another account or renewing a grant must ask.
            always_ask: match start.purpose {
                Purpose::SignIn | Purpose::Renew(..) => false,
                Purpose::AddAccount(_) | Purpose::Reconnect(..) | Purpose::Allow(..) => true,
            },
        }))
    }

    /// What a walk asks for: the three that publishing needs, and of the optional ones what somebody allowed for exactly this connection.
    async fn scopes_to_ask_for(
        &self,
        connection: Option<ConnectionId>,
        more: Option<Reading>,
    ) -> Result<Vec<tiktok::Scope>> {
        let allowed = match connection {
            Some(id) => self.store.metric_consents_of(id).await?.into_iter().map(|it| it.reading).collect(),
            None => Vec::new(),
        };
        let optional = Reading::ALL.into_iter().filter(|it| more == Some(*it) || allowed.contains(it));
        Ok(SCOPES.into_iter().chain(optional.map(Reading::scope)).map(tiktok::Scope::parse).collect())
    }

    /// Ends a walk with what TikTok's redirect brought.
    ///
    /// # Errors
    /// See [`SignInFailure`]. Nothing is created unless everything succeeded.
    pub async fn finish_sign_in(
        &self,
        callback: &Callback,
        browser_secret: &SecretString,
        signed_in: Option<&Actor>,
        device: &Device,
    ) -> std::result::Result<Arrival, SignInFailure> {
        let arrival = self.end_walk(callback, browser_secret, signed_in, device).await;
        arrival.inspect_err(|failure| self.sign_in_failed(failure))
    }

    /// Notes a failed walk, also one that ended before it came here, so that many of them are noticed.
    pub fn sign_in_failed(&self, failure: &SignInFailure) {
        if failure.is_alarming() {
            self.alerts.note(AlertKind::FailedSignIns);
        }
    }

    async fn end_walk(
        &self,
        callback: &Callback,
        browser_secret: &SecretString,
        signed_in: Option<&Actor>,
        device: &Device,
    ) -> std::result::Result<Arrival, SignInFailure> {
        let now = self.now();
        let state = callback.state.as_deref().ok_or(SignInFailure::UnknownState)?;
        let walk = {
            let mut tx = self.store.begin().await?;
            let walk = tx.sign_in_take(&secret_hash(state), now).await?;
            tx.commit().await?;
            walk.ok_or(SignInFailure::UnknownState)?
        };
        let same_browser = walk.browser_hash == secret_hash(browser_secret.expose_secret());
        let same_person = walk.user_id.is_none() || walk.user_id == signed_in.map(|a| a.user_id);
        if !same_browser || !same_person {
            return Err(SignInFailure::UnknownState);
        }
        if let Some(failure) = refusal(callback) {
            return Err(failure);
        }
        let code = callback
            .code
            .as_deref()
            .filter(|code| !code.is_empty())
            .ok_or_else(|| SignInFailure::Other("no code".to_owned()))?;
        let grant = self.exchange(&walk, code).await?;
        let scopes = granted(&grant);
        if !scopes.has(SCOPE_BASIC) {
            return Err(SignInFailure::BasicScopeMissing);
        }
        let profile = self.profile(&grant.access_token, &scopes).await.map_err(SignInFailure::TikTok)?;
        let new = NewGrant { grant: &grant, scopes: &scopes, profile: &profile, consented_at: now };
        let adding = walk.purpose == SignInPurpose::AddAccount;
        if adding && let (Some(workspace_id), Some(actor)) = (walk.workspace_id, signed_in) {
            // TikTok may have answered with another account than the one the person had in mind.
            if let Some(id) = self.set_aside(actor, workspace_id, &new, now).await? {
                return Ok(Arrival::Unconfirmed(id));
            }
        }
        let kept = self.keep_grant(&walk, signed_in, &new, device, now).await?;
        self.announce(&kept);
        // A walk for exactly this account asked for it; whoever left it out then took it back.
        let allowed = match walk.connection_id {
            Some(_) => Vec::new(),
            None => self.store.metric_consents_of(kept.connection_id).await?,
        };
        Ok(Arrival::Connected(SignedIn {
            session_secret: kept.session_secret,
            connection_id: kept.connection_id,
            missing_scopes: missing(&scopes),
            was_connected: adding,
            reading: kept.reading,
            lacks_readings: allowed.iter().any(|it| !scopes.has(it.reading.scope())),
            next_path: walk.next_path,
        }))
    }

    async fn exchange(&self, walk: &SignIn, code: &str) -> std::result::Result<tiktok::TokenGrant, SignInFailure> {
        let verifier = match &walk.verifier_sealed {
            None => None,
            Some(sealed) => {
                let opened = self.keys.open(VERIFIER_PURPOSE, sealed);
                let plain =
                    opened.inspect_err(|_| self.alerts.note(AlertKind::DecryptFailures)).map_err(Error::Vault)?;
                let text = String::from_utf8_lossy(&plain).into_owned();
                Some(tiktok::PkceVerifier::parse(&text).map_err(Error::from)?)
            }
        };
        self.tiktok.exchange_code(code, &self.settings.redirect_uri(), verifier.as_ref()).await.map_err(|error| {
            let refused = matches!(&error, tiktok::Error::OAuth(oauth) if oauth.error == "invalid_grant");
            if refused { SignInFailure::CodeRefused } else { SignInFailure::TikTok(error) }
        })
    }

    /// Display name and picture by the basic profile; handle by creator info, because the basic profile does not tell it.
    pub(crate) async fn profile(
        &self,
        token: &SecretString,
        scopes: &Scopes,
    ) -> std::result::Result<Profile, tiktok::Error> {
        let fields = [tiktok::UserField::OpenId, tiktok::UserField::DisplayName, tiktok::UserField::AvatarUrl];
        let info = self.tiktok.user_info(token, &fields).await?.value;
        let handle = async {
            if !scopes.can_publish() {
                return None;
            }
            let creator = self.tiktok.creator_info(token).await.ok()?;
            Some(creator.value.username)
        };
        // Side by side: an image host that is slow or out of reach costs as little as it can.
        let (username, avatar) = futures::future::join(handle, self.fetch_avatar(info.avatar_url.as_deref())).await;
        let mut profile = Profile { display_name: info.display_name.unwrap_or_default(), username, avatar };
        if profile.display_name.is_empty() {
            profile.display_name = profile.username.clone().unwrap_or_else(|| "TikTok".to_owned());
        }
        Ok(profile)
    }

    async fn keep_grant(
        &self,
        walk: &SignIn,
        signed_in: Option<&Actor>,
        new: &NewGrant<'_>,
        device: &Device,
        now: UnixMillis,
    ) -> std::result::Result<Kept, SignInFailure> {
        // What was asked for together with the three: whoever unticks it at TikTok takes it back, there being no other way to do that there.
        let asked = match walk.connection_id {
            Some(id) => self.store.metric_consents_of(id).await?,
            None => Vec::new(),
        };
        let taken_back: Vec<Reading> =
            // What was allowed while this walk was under way was none of its questions.
            asked
                .iter()
                .filter(|it| it.given_at <= walk.created_at)
                .map(|it| it.reading)
                .filter(|it| !new.scopes.has(it.scope()))
                .collect();
        let mut tx = self.store.begin().await?;
        let mut opened = None;
        let mut returned = false;
        let (person, workspace_id, session_secret) = match (walk.purpose, walk.workspace_id, signed_in) {
            (SignInPurpose::AddAccount | SignInPurpose::Reconnect, Some(workspace), Some(actor)) => {
                (actor.user_id, workspace, None)
            }
            (SignInPurpose::AddAccount | SignInPurpose::Reconnect, _, _) => {
                return Err(SignInFailure::UnknownState);
            }
            (SignInPurpose::SignIn, _, _) => {
                let (person, workspace) = self.person_and_workspace(&mut tx, walk, new, now).await?;
                returned = self.welcome_back(&mut tx, person.id, now).await?;
                // A new session at each sign-in; the one this browser had before ends.
                if let Some(actor) = signed_in {
                    tx.session_delete(actor.user_id, actor.session_id).await?;
                }
                let (session, secret) = self.open_session(&mut tx, &person, workspace, device, now).await?;
                opened = Some(session.id);
                (person.id, workspace, Some(secret))
            }
        };
        let id = ConnectionId::from_uuid(self.random.uuid(now));
        let connection = self.keep_connection(&mut tx, workspace_id, walk.connection_id, id, new, now).await?;
        let action = match walk.purpose {
            SignInPurpose::SignIn => "sign_in",
            SignInPurpose::AddAccount => "connection.add",
            SignInPurpose::Reconnect => "connection.reconnect",
        };
        self.seal_connection(&mut tx, &connection, new, now).await?;
        connected(&mut tx, person, &connection, new.consented_at).await?;
        for reading in &taken_back {
            self.reading_ended(&mut tx, &connection, *reading, Door::TikTok, now).await?;
        }
        let reading = match walk.reading {
            // The account that somebody pressed for is gone meanwhile: nobody pressed for this one.
            Some(_) if walk.connection_id != Some(connection.id) => return Err(SignInFailure::UnknownState),
            Some(reading) => Some((reading, allow(&mut tx, person, &connection, reading, new.scopes, now).await?)),
            None => None,
        };
        let who = person.to_string();
        // Entries last: they hold the end of the chain, which others wait for.
        if let Some(session) = opened {
            if let Some(before) = signed_in {
                let owner = before.user_id.to_string();
                tx.audit_append(now, &owner, "session.end", &before.session_id.to_string(), "replaced").await?;
            }
            tx.audit_append(now, &who, "session.begin", &session.to_string(), "").await?;
        }
        if returned {
            tx.audit_append(now, &who, "person.stay", &who, "").await?;
        }
        tx.audit_append(now, &who, action, &connection.id.to_string(), &new.scopes.to_string()).await?;
        for reading in &taken_back {
            tx.audit_append(now, &who, "numbers.stop", &connection.id.to_string(), reading.as_str()).await?;
        }
        if let Some((reading, true)) = reading {
            tx.audit_append(now, &who, "numbers.allow", &connection.id.to_string(), reading.as_str()).await?;
        }
        tx.commit().await?;
        if !taken_back.is_empty() {
            self.erase_samples(connection.id).await?;
        }
        if returned {
            self.erase_nudge.notify_one();
        }
        if let (Some(before), true) = (signed_in, session_secret.is_some()) {
            self.session_ended(before.workspace_id, before.session_id);
        }
        Ok(Kept { connection_id: connection.id, workspace_id, session_secret, reading })
    }

    /// Seals the tokens of a connection that was just written, and wakes what waited for them.
    pub(crate) async fn seal_connection(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        new: &NewGrant<'_>,
        now: UnixMillis,
    ) -> Result<()> {
        self.tokens.store_grant(tx, connection.id, new.grant, now).await?;
        self.keep_after_all(tx, connection, now).await?;
        // What waited for a new grant looks again at once.
        for reading in Reading::ALL {
            tx.metric_expect(connection.id, reading, now).await?;
        }
        tx.attempt_wake_connection(connection.id, now).await?;
        Ok(())
    }

    async fn person_and_workspace(
        &self,
        tx: &mut Tx,
        walk: &SignIn,
        new: &NewGrant<'_>,
        now: UnixMillis,
    ) -> std::result::Result<(Person, WorkspaceId), SignInFailure> {
        let id = UserId::from_uuid(self.random.uuid(now));
        let person = tx
            .person_upsert_by_open_id(&Person {
                id,
                open_id: new.grant.open_id.clone(),
                display_name: new.profile.display_name.clone(),
                locale: walk.locale.clone(),
                time_zone: "UTC".to_owned(),
                theme: "system".to_owned(),
                adult_confirmed_at: walk.created_at,
                adult_text_version: ADULT_TEXT_VERSION.to_owned(),
                created_at: now,
            })
            .await?;
        // Somebody known keeps the answer they gave: signing in to export or to leave must not count as agreeing.
        if person.id == id {
            accept_by_connecting(tx, person.id, walk.created_at).await?;
            self.tell_of_receipt(tx, person.id, &person.open_id, now).await?;
        }
        if let Some(workspace) = tx.workspace_of(person.id).await? {
            return Ok((person, workspace.id));
        }
        let workspace = Workspace {
            id: WorkspaceId::from_uuid(self.random.uuid(now)),
            name: new.profile.display_name.clone(),
            created_at: now,
        };
        tx.workspace_insert(&workspace, person.id).await?;
        tx.member_insert(workspace.id, person.id, Role::Owner, now).await?;
        Ok((person, workspace.id))
    }

    pub(crate) async fn keep_connection(
        &self,
        tx: &mut Tx,
        workspace_id: WorkspaceId,
        expected: Option<ConnectionId>,
        id: ConnectionId,
        new: &NewGrant<'_>,
        now: UnixMillis,
    ) -> std::result::Result<Connection, SignInFailure> {
        let NewGrant { grant, scopes, profile, consented_at } = *new;
        let known = tx.connections(workspace_id).await?;
        if let Some(expected) = expected {
            let connection = known.iter().find(|connection| connection.id == expected);
            if let Some(connection) = connection
                && connection.open_id != grant.open_id
            {
                return Err(SignInFailure::WrongAccount { expected: connection.display_name.clone() });
            }
        }
        let before = known.iter().find(|connection| connection.open_id == grant.open_id);
        if before.is_none() && known.len() >= CONNECTIONS_MAX {
            return Err(SignInFailure::TooManyConnections);
        }
        // A renewed grant continues a connection, so that it keeps its place; after a disconnect it begins anew.
        let connected_at = before
            .filter(|connection| connection.state != ConnectionState::Disconnected)
            .map_or(now, |connection| connection.connected_at);
        let mut connection = tx
            .connection_upsert(&Connection {
                id,
                workspace_id,
                open_id: grant.open_id.clone(),
                display_name: profile.display_name.clone(),
                username: profile.username.clone(),
                flavour: Flavour::nth(known.len()),
                scopes: scopes.clone(),
                state: ConnectionState::Active,
                creator: None,
                creator_at: None,
                connected_at,
                consented_at,
                updated_at: now,
                avatar_sha256: None,
            })
            .await?;
        // Without a new one the picture from before goes on.
        if let Some(avatar) = &profile.avatar {
            tx.avatar_put(connection.id, avatar, now).await?;
            connection.avatar_sha256 = Some(avatar.sha256());
        }
        Ok(connection)
    }
}

pub(crate) struct Profile {
    pub(crate) display_name: String,
    pub(crate) username: Option<String>,
    pub(crate) avatar: Option<Avatar>,
}

/// What TikTok gave, before it is kept.
#[derive(Clone, Copy)]
pub(crate) struct NewGrant<'a> {
    pub(crate) grant: &'a tiktok::TokenGrant,
    pub(crate) scopes: &'a Scopes,
    pub(crate) profile: &'a Profile,
    /// When the person agreed on TikTok's page.
    pub(crate) consented_at: UnixMillis,
}

pub(crate) struct Kept {
    pub(crate) connection_id: ConnectionId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) session_secret: Option<SecretString>,
    pub(crate) reading: Option<(Reading, bool)>,
}

/// Scopes that we ask for and the person left out.
pub(crate) fn missing(granted: &Scopes) -> Vec<&'static str> {
    [SCOPE_PUBLISH, SCOPE_UPLOAD].into_iter().filter(|scope| !granted.has(scope)).collect()
}

fn granted(grant: &tiktok::TokenGrant) -> Scopes {
    let names: Vec<&str> = grant.scopes.iter().map(tiktok::Scope::as_str).collect();
    Scopes::parse(&names.join(","))
}

fn allowed_next(path: &str) -> &str {
    if NEXT_PATHS.contains(&path) { path } else { "/queue" }
}

fn refusal(callback: &Callback) -> Option<SignInFailure> {
    let error = callback.error.as_deref()?;
    let kind = callback.error_type.as_deref().unwrap_or_default();
    Some(match error {
        "access_denied" if kind == "non_sandbox_target" => SignInFailure::NotSandboxTarget,
        "access_denied" => SignInFailure::Denied,
        "unauthorized_client" => {
            SignInFailure::AppRefused(format!("{kind} {}", callback.err_code.as_deref().unwrap_or_default()))
        }
        "invalid_scope" => SignInFailure::ScopeRefused,
        other => SignInFailure::Other(other.chars().take(64).collect()),
    })
}
