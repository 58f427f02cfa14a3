//! What a simulated platform is made of: apps, users, timings and the switches for undocumented behaviour.
//! It owns the registration rules of apps; it holds no run-time state.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::ClockMode;
use crate::error::SimError;
use crate::media::MediaFacts;
use crate::rules::redirect;
use crate::scope::Scope;

/// The whole configuration. `SimConfig::default()` has no apps and no users; `SimConfig::demo` has both.
#[derive(Debug, Clone, Default)]
pub struct SimConfig {
    /// Registered apps.
    pub apps: Vec<AppSpec>,
    /// Simulated TikTok accounts.
    pub users: Vec<UserSpec>,
    /// Skip the redirect registration check: for people's experiments.
    pub accept_any_redirect: bool,
    /// Same seed, same ids and tokens.
    pub seed: u64,
    /// Public addresses; by default everything lives under the bound address.
    pub base_urls: Option<BaseUrls>,
    /// Refuse plain-http webhook addresses, as TikTok does.
    pub require_https_callbacks: bool,
    /// How long processing takes.
    pub processing: Processing,
    /// From completion until a public post gets its id, milliseconds; 0 is at once.
    pub moderation_delay_ms: i64,
    /// Undocumented behaviour.
    pub quirks: Quirks,
    /// Where received videos are kept; by default a temporary folder that goes with the simulator.
    pub data_dir: Option<PathBuf>,
    /// Received bytes are counted and hashed, but not kept: for simulations of many thousand posts. Needs a media policy that does
    /// not look into files.
    pub discard_received: bool,
    /// Running or frozen time.
    pub clock: ClockMode,
    /// Where pulls of a public origin really go: lets a test server stand in for a verified https host.
    pub pull_routes: Vec<PullRoute>,
}

impl SimConfig {
    /// One audited app and five accounts: public, private, banned, at its daily cap, and one with tight settings.
    #[must_use]
    pub fn demo<R>(client_key: impl Into<String>, client_secret: impl Into<String>, redirect_uris: R) -> Self
    where
        R: IntoIterator,
        R::Item: Into<String>,
    {
        let banned = UserSpec { banned: true, ..UserSpec::public("moloko.banned", "Banned Creator") };
        let capped = UserSpec { posts_elsewhere_today: 15, ..UserSpec::public("moloko.capped", "Busy Creator") };
        let strict = UserSpec {
            comment_disabled: true,
            duet_disabled: true,
            stitch_disabled: true,
            max_video_post_duration_sec: 60,
            ..UserSpec::public("moloko.strict", "Careful Creator")
        };
        Self {
            apps: vec![AppSpec::audited(client_key, client_secret, redirect_uris)],
            users: vec![
                UserSpec { stitch_disabled: true, ..UserSpec::public("moloko.demo", "Moloko Demo") },
                UserSpec::private("moloko.private", "Moloko Private"),
                strict,
                banned,
                capped,
            ],
            seed: 1,
            processing: Processing { base_ms: 3_000, ms_per_mib: 20 },
            moderation_delay_ms: 10_000,
            ..Self::default()
        }
    }

    pub(crate) fn check(&self) -> Result<(), SimError> {
        for app in &self.apps {
            app.check(self)?;
        }
        for user in &self.users {
            user.check()?;
        }
        for route in &self.pull_routes {
            for origin in [&route.origin, &route.fetch_from] {
                url::Url::parse(origin)
                    .map_err(|error| SimError::Config(format!("the pull route `{origin}` is no address: {error}")))?;
            }
        }
        Ok(())
    }
}

/// Public addresses of the three virtual origins, without a final slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseUrls {
    /// Authorization page and profile pages.
    pub web: String,
    /// Open API.
    pub api: String,
    /// Prefix of upload URLs; `/video/` is appended.
    pub upload: String,
}

impl BaseUrls {
    /// Everything under one address.
    #[must_use]
    pub fn under(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/');
        Self { web: origin.to_owned(), api: origin.to_owned(), upload: format!("{origin}/upload") }
    }
}

/// How long processing takes after the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// For every post, milliseconds.
    pub base_ms: i64,
    /// Added per MiB received, milliseconds.
    pub ms_per_mib: i64,
}

impl Default for Processing {
    fn default() -> Self {
        // About 30 s at 512 MB and a minute at 1 GB.
        Self { base_ms: 1_000, ms_per_mib: 58 }
    }
}

impl Processing {
    pub(crate) fn for_bytes(self, size_bytes: u64) -> i64 {
        let mib = i64::try_from(size_bytes / 1_048_576).unwrap_or(i64::MAX);
        self.base_ms.saturating_add(self.ms_per_mib.saturating_mul(mib)).max(0)
    }
}

/// Maps the origin of a pulled URL to the server that really answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PullRoute {
    /// For example `https://m.example`.
    pub origin: String,
    /// For example `http://127.0.0.1:4000`.
    pub fetch_from: String,
}

/// How far an app has come with TikTok's reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppStage {
    /// Nobody can connect.
    Draft,
    /// Only target users can connect; private posts only.
    Sandbox,
    /// Everybody can connect; private posts to private accounts, five creators a day.
    LiveUnaudited,
    /// All privacy levels.
    Audited,
}

impl AppStage {
    pub(crate) fn is_audited(self) -> bool {
        match self {
            Self::Audited => true,
            Self::Draft | Self::Sandbox | Self::LiveUnaudited => false,
        }
    }

    /// The word used in forms and on command lines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sandbox => "sandbox",
            Self::LiveUnaudited => "unaudited",
            Self::Audited => "live",
        }
    }
}

impl std::str::FromStr for AppStage {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        match text {
            "draft" => Ok(Self::Draft),
            "sandbox" => Ok(Self::Sandbox),
            "unaudited" | "live_unaudited" => Ok(Self::LiveUnaudited),
            "live" | "audited" => Ok(Self::Audited),
            other => Err(SimError::Config(format!("`{other}` is no app stage; use live, unaudited, sandbox or draft"))),
        }
    }
}

/// A registered app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppSpec {
    /// Public identifier.
    pub client_key: String,
    /// Secret for the token endpoint and webhook signatures.
    pub client_secret: String,
    /// Shown on the consent page.
    #[serde(default)]
    pub name: String,
    /// Review stage.
    pub stage: AppStage,
    /// Up to ten; https for web, loopback with a port (`*` allowed) for desktop.
    pub redirect_uris: Vec<String>,
    /// Scopes enabled for the app.
    pub scopes: Vec<Scope>,
    /// Where webhooks go; none means no webhooks.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// Verified domains: they cover their subdomains and all paths.
    #[serde(default)]
    pub verified_domains: Vec<String>,
    /// Verified URL prefixes such as `https://m.example/v/`.
    #[serde(default)]
    pub verified_prefixes: Vec<String>,
    /// Usernames that may connect while the app is in the sandbox.
    #[serde(default)]
    pub target_users: Vec<String>,
    /// Distinct posting creators in 24 h; unaudited apps always have 5, audited ones none unless set.
    #[serde(default)]
    pub active_user_cap: Option<u32>,
}

impl AppSpec {
    /// An audited app with every scope.
    #[must_use]
    pub fn audited<R>(client_key: impl Into<String>, client_secret: impl Into<String>, redirect_uris: R) -> Self
    where
        R: IntoIterator,
        R::Item: Into<String>,
    {
        Self {
            client_key: client_key.into(),
            client_secret: client_secret.into(),
            name: "MOLOKO.VIDEO".to_owned(),
            stage: AppStage::Audited,
            redirect_uris: redirect_uris.into_iter().map(Into::into).collect(),
            scopes: Scope::ALL.to_vec(),
            webhook_url: None,
            verified_domains: Vec::new(),
            verified_prefixes: Vec::new(),
            target_users: Vec::new(),
            active_user_cap: None,
        }
    }

    pub(crate) fn check(&self, config: &SimConfig) -> Result<(), SimError> {
        if self.client_key.is_empty() || self.client_secret.is_empty() {
            return Err(SimError::Config("an app needs a client key and a client secret".to_owned()));
        }
        if self.redirect_uris.len() > 10 {
            return Err(SimError::Config(format!("`{}` registers more than ten redirect addresses", self.client_key)));
        }
        if !config.accept_any_redirect {
            for uri in &self.redirect_uris {
                redirect::check_registration(uri)
                    .map_err(|why| SimError::Config(format!("redirect address `{uri}`: {why}")))?;
            }
        }
        if let Some(address) = &self.webhook_url {
            let parsed = url::Url::parse(address)
                .map_err(|error| SimError::Config(format!("webhook address `{address}`: {error}")))?;
            if config.require_https_callbacks && parsed.scheme() != "https" {
                return Err(SimError::Config(format!("webhook address `{address}` must use https")));
            }
        }
        if self.target_users.len() > 10 {
            return Err(SimError::Config(format!("`{}` has more than ten target users", self.client_key)));
        }
        Ok(())
    }

    pub(crate) fn active_users_allowed(&self) -> Option<u32> {
        if self.stage.is_audited() { self.active_user_cap } else { Some(5) }
    }
}

/// Whether everybody or only followers see an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountVisibility {
    /// Everybody.
    Public,
    /// Approved followers.
    Private,
}

/// A simulated TikTok account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct UserSpec {
    /// Handle without `@`.
    pub username: String,
    /// Display name.
    pub nickname: String,
    /// Public or private account.
    pub visibility: AccountVisibility,
    /// Comments set to nobody.
    pub comment_disabled: bool,
    /// Duets set to nobody (always so for private accounts).
    pub duet_disabled: bool,
    /// Stitches set to nobody (always so for private accounts).
    pub stitch_disabled: bool,
    /// Longest video this account may post, seconds.
    pub max_video_post_duration_sec: u32,
    /// Banned from posting.
    pub banned: bool,
    /// Direct posts in any 24 h, over all apps.
    pub daily_post_cap: u32,
    /// Posts made through other apps, counted against the cap at all times.
    pub posts_elsewhere_today: u32,
    /// Version of the phone app, `[major, minor]`; photo drafts need 31.8.
    pub phone_app_version: [u32; 2],
    /// Bio.
    pub bio: String,
    /// Verified badge.
    pub is_verified: bool,
    /// Followers.
    pub follower_count: u64,
    /// Accounts followed.
    pub following_count: u64,
    /// Likes received before this simulation.
    pub likes_count: u64,
    /// The next posts fail with these reasons, first one first.
    pub fail_next: Vec<String>,
    /// Posts stay in processing until this is switched off.
    pub processing_held: bool,
    /// Its picture.
    pub avatar: AvatarSpec,
}

/// What stands behind the address of an account's picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AvatarSpec {
    /// A small PNG, drawn from the username.
    #[default]
    Drawn,
    /// A PNG that is padded to this many bytes.
    Oversized(u32),
    /// A page that is called a PNG.
    Page,
    /// A redirect to this address.
    Moved(String),
    /// The drawn picture, but at an address of this origin.
    Elsewhere(String),
    /// No address at all.
    Missing,
}

impl Default for UserSpec {
    fn default() -> Self {
        Self {
            username: String::new(),
            nickname: String::new(),
            visibility: AccountVisibility::Public,
            comment_disabled: false,
            duet_disabled: false,
            stitch_disabled: false,
            max_video_post_duration_sec: 600,
            banned: false,
            daily_post_cap: 15,
            posts_elsewhere_today: 0,
            phone_app_version: [40, 0],
            bio: "Simulated account".to_owned(),
            is_verified: false,
            follower_count: 1204,
            following_count: 87,
            likes_count: 5310,
            fail_next: Vec::new(),
            processing_held: false,
            avatar: AvatarSpec::Drawn,
        }
    }
}

impl UserSpec {
    /// A public account with everything allowed.
    #[must_use]
    pub fn public(username: impl Into<String>, nickname: impl Into<String>) -> Self {
        Self { username: username.into(), nickname: nickname.into(), ..Self::default() }
    }

    /// A private account.
    #[must_use]
    pub fn private(username: impl Into<String>, nickname: impl Into<String>) -> Self {
        Self { visibility: AccountVisibility::Private, ..Self::public(username, nickname) }
    }

    pub(crate) fn check(&self) -> Result<(), SimError> {
        let well_formed = self.username.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        if self.username.is_empty() || self.username.len() > 24 || !well_formed {
            return Err(SimError::Config(format!(
                "`{}` is no username: 1 to 24 letters, digits, dots and underscores",
                self.username
            )));
        }
        Ok(())
    }

    pub(crate) fn is_private(&self) -> bool {
        match self.visibility {
            AccountVisibility::Private => true,
            AccountVisibility::Public => false,
        }
    }
}

/// What happens to the refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshRotation {
    /// A new one each time.
    Always,
    /// The old one stays.
    Never,
    /// Either, by the seed.
    Random,
}

/// How parameter errors are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidParamSpelling {
    /// Plural for chunk plans, types and lists, singular for texts: what was seen in the wild.
    Mixed,
    /// Always `invalid_params`.
    Plural,
    /// Always `invalid_param`.
    Singular,
}

/// Privacy options listed for an app that is not audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnauditedOptions {
    /// As for an audited app, although posting will be refused.
    Full,
    /// Only `SELF_ONLY`.
    SelfOnly,
}

/// Meaning of the number in the upload answer's `Content-Range`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressForm {
    /// Bytes received so far.
    Count,
    /// Index of the last byte received.
    LastIndex,
}

/// JSON form of post ids in the status answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostIdForm {
    /// Bare 64-bit numbers.
    Number,
    /// Strings.
    Text,
}

/// What the media checks look at.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaPolicy {
    /// Read the received bytes.
    Inspect,
    /// Believe every file is a good video.
    Trust,
    /// Judge these facts instead of the bytes.
    Declared(MediaFacts),
}

/// Switches for behaviour TikTok leaves undocumented; the defaults are the strict readings.
#[derive(Debug, Clone, PartialEq)]
pub struct Quirks {
    /// HTTP status of OAuth errors: 400, 401 or 200.
    pub oauth_error_status: u16,
    /// Rotation of refresh tokens.
    pub refresh_rotation: RefreshRotation,
    /// How long a rotated-out refresh token still works, milliseconds.
    pub old_refresh_token_lives_ms: i64,
    /// Whether a refresh also ends the previous access token.
    pub refresh_ends_old_access_token: bool,
    /// Spelling of parameter errors.
    pub invalid_param: InvalidParamSpelling,
    /// Options of unaudited apps.
    pub unaudited_options: UnauditedOptions,
    /// A single declared chunk must be the whole file (R8).
    pub one_chunk_identity: bool,
    /// Unfinished drafts allowed: 5 or 6.
    pub pending_draft_cap: u32,
    /// Upload progress header.
    pub progress: ProgressForm,
    /// Re-sending an accepted range: `true` answers 206 without effect, `false` answers 416.
    pub repeated_chunk_accepted: bool,
    /// Form of post ids.
    pub post_ids: PostIdForm,
    /// Webhook retries carry a fresh timestamp (`true`) or the original one.
    pub webhook_retry_fresh_timestamp: bool,
    /// Every webhook is delivered twice.
    pub webhook_duplicates: bool,
    /// Webhooks due together are delivered newest first.
    pub webhook_reorder: bool,
    /// A post page older than this at init time is flagged, milliseconds.
    pub creator_info_fresh_ms: i64,
    /// Media checks.
    pub media: MediaPolicy,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            oauth_error_status: 400,
            refresh_rotation: RefreshRotation::Always,
            old_refresh_token_lives_ms: 0,
            refresh_ends_old_access_token: false,
            invalid_param: InvalidParamSpelling::Mixed,
            unaudited_options: UnauditedOptions::Full,
            one_chunk_identity: true,
            pending_draft_cap: 5,
            progress: ProgressForm::Count,
            repeated_chunk_accepted: false,
            post_ids: PostIdForm::Number,
            webhook_retry_fresh_timestamp: true,
            webhook_duplicates: false,
            webhook_reorder: false,
            creator_info_fresh_ms: 15 * 60 * 1000,
            media: MediaPolicy::Inspect,
        }
    }
}
