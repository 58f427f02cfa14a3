//! What an operator may set, already parsed. Owns defaults and limits of the use cases; must not read files or environment.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::media::tools::Isolation;
use crate::push::PushSettings;

/// Settings of one instance.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address under which people reach the instance, without a trailing path.
    pub public_url: Url,
    /// Where TikTok fetches photos, when that is not [`Settings::public_url`]; without a trailing path.
    pub pull_url: Option<Url>,
    /// The word TikTok's developer portal gave for verifying the address below which photos are fetched.
    pub site_verification: Option<String>,
    /// Production refuses the simulator and development pages.
    pub production: bool,
    /// When to use PKCE with Login Kit.
    pub pkce: PkceMode,
    /// Where the data is stored, in words, for the policy page.
    pub region: String,
    /// Contact for questions about the policy.
    pub contact_email: Option<String>,
    /// Bytes of media one workspace may hold.
    pub media_quota_bytes: u64,
    /// Open uploads one workspace may have.
    pub open_uploads_max: u32,
    /// Hours after which an unfinished upload is removed.
    pub upload_expiry_hours: u32,
    /// Free bytes below which uploads are refused; `None` is the larger of 2 GiB and 5 % of the disk.
    pub disk_reserve_bytes: Option<u64>,
    /// Upload ahead of time and hold the last chunk until the post is due.
    pub early_upload: bool,
    /// Bytes per second that this process sends to TikTok at most, all uploads together; `None` is as fast as the line is.
    pub upload_rate: Option<u64>,
    /// Posts published at the same time.
    pub publishing_concurrency: usize,
    /// A post later than this is held and its owner asked, minutes; 0 publishes however late it is.
    pub hold_when_late_minutes: u32,
    /// More posts than this overdue at a start are held, all of them.
    pub hold_overdue_posts: u32,
    /// A post overdue for longer than this at a start holds all that are overdue, minutes.
    pub hold_overdue_minutes: u32,
    /// Least distance between two late posts of one account, minutes.
    pub late_spacing_minutes: u32,
    /// How far the app is at TikTok.
    pub tiktok_app: TikTokApp,
    /// Longest time between a started sign-in and TikTok's answer.
    pub sign_in_timeout: Duration,
    /// Where ffmpeg is, when there is one.
    pub ffmpeg: Option<std::path::PathBuf>,
    /// What is around it while it reads people's files.
    pub isolation: Isolation,
    /// Posts that may be waiting in one workspace.
    pub waiting_posts_max: u32,
    /// Captions that one search of the history opens before it says how far it came.
    pub search_posts_max: usize,
    /// Days in which an erasure can be taken back, at most [`domain::privacy::clauses::GRACE_DAYS`]; 0 erases at once.
    pub erasure_grace_days: u32,
    /// Days for which the file of a published post is kept.
    pub published_media_days: u32,
    /// Months after which somebody who does not come any more is erased, after two warnings.
    pub inactive_months: u32,
    /// A disconnect keeps no ticket for telling TikTok later.
    pub strict_disconnect: bool,
    /// What a program has to know to read the measurements from elsewhere than this machine.
    pub metrics_secret: Option<SecretString>,
    /// How browsers are told things; `None` where nobody's is.
    pub push: Option<PushSettings>,
}

/// How far the operator's app is at TikTok, as the operator says: TikTok tells nobody. Only explained to people, never a reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TikTokApp {
    /// The operator did not say.
    Unsaid,
    /// In TikTok's sandbox: only listed accounts connect, and posts stay private.
    Sandbox,
    /// Reviewed and not audited: direct posts only to private accounts and for oneself alone, by five people a day.
    Unaudited,
    /// Audited: every audience.
    Audited,
}

/// When to send a PKCE challenge: TikTok demands it for loopback addresses and documents none for the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PkceMode {
    /// With a loopback redirect address only.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Settings {
    /// The defaults, for an instance reached under `public_url`.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            pull_url: None,
            site_verification: None,
            production: false,
            pkce: PkceMode::Auto,
            region: "Germany".to_owned(),
            contact_email: None,
            media_quota_bytes: 50_000_000_000,
            open_uploads_max: 20,
            upload_expiry_hours: 24,
            disk_reserve_bytes: None,
            early_upload: true,
            upload_rate: None,
            publishing_concurrency: 8,
            hold_when_late_minutes: 15,
            hold_overdue_posts: 3,
            hold_overdue_minutes: 60,
            late_spacing_minutes: 10,
            tiktok_app: TikTokApp::Unsaid,
            sign_in_timeout: Duration::from_secs(600),
            ffmpeg: None,
            isolation: Isolation::Refused("no sandbox was set up".to_owned()),
            waiting_posts_max: 5_000,
            search_posts_max: 20_000,
            erasure_grace_days: u32::try_from(domain::privacy::clauses::GRACE_DAYS).unwrap_or(7),
            published_media_days: u32::try_from(domain::privacy::clauses::PUBLISHED_MEDIA_DAYS).unwrap_or(30),
            inactive_months: domain::privacy::clauses::INACTIVE_MONTHS,
            strict_disconnect: false,
            metrics_secret: None,
            push: None,
        }
    }

    /// The address registered with TikTok as redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        format!("{base}/oauth/tiktok/callback/")
    }

    /// The address below which TikTok fetches photos, ending in `/pull/`: what the operator verifies at TikTok as URL prefix. `None`
    /// when TikTok could not reach it, because it is no https address with a name.
    #[must_use]
    pub fn pull_base(&self) -> Option<Url> {
        let base = self.pull_url.as_ref().unwrap_or(&self.public_url);
        let named = matches!(base.host(), Some(url::Host::Domain(_)));
        if base.scheme() != "https" || !named {
            return None;
        }
        Url::parse(&format!("{}/pull/", base.as_str().trim_end_matches('/'))).ok()
    }

    /// Whether a PKCE challenge goes with the authorize request.
    #[must_use]
    pub fn wants_pkce(&self) -> bool {
        match self.pkce {
            PkceMode::Always => true,
            PkceMode::Never => false,
            PkceMode::Auto => self.is_loopback(),
        }
    }

    /// The instance is reached on this machine only.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self.public_url.host_str(), Some("localhost" | "127.0.0.1"))
    }

    /// Cookies may carry `Secure` and the `__Host-` prefix: https, or loopback where browsers treat http as secure.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn photos_need_an_https_address_with_a_name() {
        let base = |public: &str, pull: Option<&str>| {
            let mut settings = Settings::new(public.parse().unwrap());
            settings.pull_url = pull.map(|url| url.parse().unwrap());
            settings.pull_base().map(String::from)
        };
        assert_eq!(base("https://moloko.example", None).as_deref(), Some("https://moloko.example/pull/"));
        assert_eq!(base("http://127.0.0.1:8080", None), None);
        assert_eq!(base("https://10.0.0.7", None), None, "TikTok verifies names, not numbers");
        let elsewhere = base("http://127.0.0.1:8080", Some("https://photos.example"));
        assert_eq!(elsewhere.as_deref(), Some("https://photos.example/pull/"));
    }
}
