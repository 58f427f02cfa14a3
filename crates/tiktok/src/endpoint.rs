//! Where TikTok lives: the authorization page, the API, the hosts that may receive or give bytes, and the path of every call.
//! It must not send anything; it only says which address is right and which upload host is allowed.

use std::fmt;
use std::net::IpAddr;

use secrecy::SecretString;
use url::{Host, Origin, Url};

use crate::avatar::AvatarHosts;
use crate::limits;

/// Key and secret of one app of TikTok's developer portal.
///
/// Production and every sandbox have their own pair. The secret must come from configuration; it is never part of a program.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// `client_key`: public, appears in authorize addresses and webhooks.
    pub client_key: String,
    /// `client_secret`: signs token calls and webhooks. Does not print.
    pub client_secret: SecretString,
}

/// The origins a client talks to.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// The browser's authorization page.
    pub authorize: Url,
    /// Base of every API call, token calls included.
    pub api: Url,
    /// Which hosts may receive video bytes.
    pub upload_hosts: UploadHosts,
    /// Which hosts profile pictures may come from.
    pub avatar_hosts: AvatarHosts,
}

const PRODUCTION_AUTHORIZE: &str = "https://www.tiktok.com/v2/auth/authorize/";
const PRODUCTION_API: &str = "https://open.tiktokapis.com/";

impl Endpoints {
    /// TikTok itself.
    #[must_use]
    #[expect(clippy::expect_used, reason = "two constant addresses, parsed in a test of this module")]
    pub fn production() -> Self {
        Self {
            authorize: Url::parse(PRODUCTION_AUTHORIZE).expect("constant address"),
            api: Url::parse(PRODUCTION_API).expect("constant address"),
            upload_hosts: UploadHosts::tiktok(),
            avatar_hosts: AvatarHosts::tiktok(),
        }
    }

    /// Another instance of the protocol, such as a simulator. A path in `api` is kept as a prefix of every call. Profile pictures may
    /// come from the origin of `api`, unless [`Self::with_avatar_hosts`] says otherwise.
    #[must_use]
    pub fn custom(authorize: Url, api: Url, upload_hosts: UploadHosts) -> Self {
        let avatar_hosts = AvatarHosts::origin(&api);
        Self { authorize, api, upload_hosts, avatar_hosts }
    }

    /// The same with other hosts of profile pictures.
    #[must_use]
    pub fn with_avatar_hosts(self, avatar_hosts: AvatarHosts) -> Self {
        Self { avatar_hosts, ..self }
    }

    /// The address of one call; never used for chunks, whose address comes from the init answer.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> Url {
        let mut url = self.api.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), endpoint.path());
        url.set_path(&path);
        url
    }
}

/// The allow-list for upload addresses.
///
/// TikTok answers an init with an address on a regional host and asks clients to treat it as opaque. Without a check, whoever
/// can alter that answer chooses where the video goes.
#[derive(Debug, Clone)]
pub enum UploadHosts {
    /// `https` on the standard port, on any host whose name ends with this suffix (which starts with a dot).
    HttpsSuffix(String),
    /// Exactly these origins: `https`, or `http` on a loopback host.
    Origins(Vec<Origin>),
}

impl UploadHosts {
    /// TikTok's upload hosts: `*.tiktokapis.com` over https.
    #[must_use]
    pub fn tiktok() -> Self {
        Self::HttpsSuffix(".tiktokapis.com".to_owned())
    }

    /// Only the scheme, host and port of `url`; for a simulator.
    #[must_use]
    pub fn origin(url: &Url) -> Self {
        Self::Origins(vec![url.origin()])
    }

    /// Whether bytes may be sent to `url`. Addresses with a user name or password are never allowed.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        match self {
            Self::HttpsSuffix(suffix) => is_https_below(url, suffix),
            Self::Origins(origins) => is_at(url, origins),
        }
    }
}

/// `https` on the standard port, without a user name, on a host whose name ends with `suffix` (which starts with a dot).
pub(crate) fn is_https_below(url: &Url, suffix: &str) -> bool {
    let host_matches = match url.host() {
        Some(Host::Domain(name)) => suffix.starts_with('.') && name.len() > suffix.len() && name.ends_with(suffix),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
    };
    url.scheme() == "https" && url.port().is_none() && host_matches && names_nobody(url)
}

/// One of these origins, over https or on this machine, without a user name.
pub(crate) fn is_at(url: &Url, origins: &[Origin]) -> bool {
    is_confidential(url) && origins.contains(&url.origin()) && names_nobody(url)
}

fn names_nobody(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Whether secrets may travel to `url`: https, or http that stays on this machine.
pub(crate) fn is_confidential(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether `url` names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// One call of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Code for tokens. Source: oauth-user-access-token-management.
    TokenExchange,
    /// Refresh token for new tokens. Source: oauth-user-access-token-management.
    TokenRefresh,
    /// App token; proves that key and secret belong together. Source: client-access-token-management.
    ClientToken,
    /// End a grant. Source: oauth-user-access-token-management.
    Revoke,
    /// Profile of the user. Source: tiktok-api-v2-get-user-info.
    UserInfo,
    /// What the creator may post now. Source: content-posting-api-reference-query-creator-info.
    CreatorInfo,
    /// Start a direct video post. Source: content-posting-api-reference-direct-post.
    VideoInit,
    /// Start a draft for the inbox. Source: content-posting-api-reference-upload-video.
    InboxVideoInit,
    /// Start a photo post, direct or draft. Source: content-posting-api-reference-photo-post.
    ContentInit,
    /// Bytes of a video. Source: content-posting-api-media-transfer-guide.
    UploadChunk,
    /// What became of a post. Source: content-posting-api-reference-get-video-status.
    StatusFetch,
    /// Stop a download that TikTok makes. Source: content-posting-api-reference-get-video-status.
    Cancel,
    /// The user's public videos. Source: tiktok-api-v2-video-list.
    VideoList,
    /// Named videos of the user. Source: tiktok-api-v2-video-query.
    VideoQuery,
    /// Bytes of a profile picture. Source: tiktok-api-v2-get-user-info.
    Avatar,
}

impl Endpoint {
    /// Path with its final slash. Chunks and pictures have no path of their own: their addresses come whole from an answer.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::TokenExchange | Self::TokenRefresh | Self::ClientToken => "/v2/oauth/token/",
            Self::Revoke => "/v2/oauth/revoke/",
            Self::UserInfo => "/v2/user/info/",
            Self::CreatorInfo => "/v2/post/publish/creator_info/query/",
            Self::VideoInit => "/v2/post/publish/video/init/",
            Self::InboxVideoInit => "/v2/post/publish/inbox/video/init/",
            Self::ContentInit => "/v2/post/publish/content/init/",
            Self::UploadChunk | Self::Avatar => "/",
            Self::StatusFetch => "/v2/post/publish/status/fetch/",
            Self::Cancel => "/v2/post/publish/cancel/",
            Self::VideoList => "/v2/video/list/",
            Self::VideoQuery => "/v2/video/query/",
        }
    }

    /// Documented calls in any sixty seconds: per user token for posting calls, presumably per app for the display calls.
    #[must_use]
    pub fn calls_per_minute(self) -> Option<u32> {
        match self {
            Self::CreatorInfo => Some(limits::CREATOR_INFO_PER_MINUTE),
            Self::VideoInit | Self::InboxVideoInit | Self::ContentInit => Some(limits::INIT_PER_MINUTE),
            Self::StatusFetch => Some(limits::STATUS_PER_MINUTE),
            Self::UserInfo | Self::VideoList | Self::VideoQuery => Some(limits::DISPLAY_PER_MINUTE),
            Self::TokenExchange
            | Self::TokenRefresh
            | Self::ClientToken
            | Self::Revoke
            | Self::UploadChunk
            | Self::Cancel
            | Self::Avatar => None,
        }
    }

    /// Whether doing it twice differs from doing it once, so that a lost answer leaves the outcome unknown.
    #[must_use]
    pub fn has_effect(self) -> bool {
        match self {
            Self::TokenExchange
            | Self::TokenRefresh
            | Self::VideoInit
            | Self::InboxVideoInit
            | Self::ContentInit
            | Self::UploadChunk => true,
            Self::ClientToken
            | Self::Revoke
            | Self::UserInfo
            | Self::CreatorInfo
            | Self::StatusFetch
            | Self::Cancel
            | Self::VideoList
            | Self::VideoQuery
            | Self::Avatar => false,
        }
    }

    /// Short name for logs and error texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenExchange => "oauth/token (code)",
            Self::TokenRefresh => "oauth/token (refresh)",
            Self::ClientToken => "oauth/token (client)",
            Self::Revoke => "oauth/revoke",
            Self::UserInfo => "user/info",
            Self::CreatorInfo => "creator_info/query",
            Self::VideoInit => "video/init",
            Self::InboxVideoInit => "inbox/video/init",
            Self::ContentInit => "content/init",
            Self::UploadChunk => "upload chunk",
            Self::StatusFetch => "status/fetch",
            Self::Cancel => "cancel",
            Self::VideoList => "video/list",
            Self::VideoQuery => "video/query",
            Self::Avatar => "profile picture",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{AppCredentials, Endpoint, Endpoints, UploadHosts};
    use url::Url;

    fn allows(hosts: &UploadHosts, url: &str) -> bool {
        hosts.allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn production_calls_end_with_a_slash_on_the_open_host() {
        let endpoints = Endpoints::production();
        assert_eq!(
            endpoints.url(Endpoint::StatusFetch).as_str(),
            "https://open.tiktokapis.com/v2/post/publish/status/fetch/"
        );
        assert_eq!(endpoints.authorize.as_str(), "https://www.tiktok.com/v2/auth/authorize/");
    }

    #[test]
    fn a_path_in_the_base_address_is_kept_as_a_prefix() {
        let base = Url::parse("http://127.0.0.1:9/sim/").unwrap();
        let endpoints = Endpoints::custom(base.clone(), base.clone(), UploadHosts::origin(&base));
        assert_eq!(endpoints.url(Endpoint::UserInfo).as_str(), "http://127.0.0.1:9/sim/v2/user/info/");
    }

    #[test]
    fn tiktoks_regional_upload_hosts_pass_and_look_alikes_do_not() {
        let hosts = UploadHosts::tiktok();
        assert!(allows(&hosts, "https://open-upload.tiktokapis.com/video/?upload_id=1"));
        assert!(allows(&hosts, "https://upload.us.tiktokapis.com/video/"));
        for bad in [
            "http://open-upload.tiktokapis.com/video/",
            "https://tiktokapis.com/",
            "https://eviltiktokapis.com/",
            "https://tiktokapis.com.evil.example/",
            "https://open-upload.tiktokapis.com@evil.example/",
            "https://user@open-upload.tiktokapis.com/",
            "https://open-upload.tiktokapis.com:8443/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "file:///etc/passwd",
        ] {
            assert!(!allows(&hosts, bad), "{bad}");
        }
    }

    #[test]
    fn a_simulator_is_allowed_by_exact_origin_and_only_on_loopback_without_tls() {
        let hosts = UploadHosts::origin(&Url::parse("http://127.0.0.1:4010/").unwrap());
        assert!(allows(&hosts, "http://127.0.0.1:4010/upload/video/?upload_token=x"));
        assert!(!allows(&hosts, "http://127.0.0.1:4011/upload/"));
        assert!(!allows(&hosts, "https://127.0.0.1:4010/upload/"));
        let far = UploadHosts::origin(&Url::parse("http://sim.example/").unwrap());
        assert!(!allows(&far, "http://sim.example/upload/"));
        let tls = UploadHosts::origin(&Url::parse("https://sim.example/").unwrap());
        assert!(allows(&tls, "https://sim.example/upload/"));
    }

    #[test]
    fn ux_25_credentials_do_not_print_the_secret() {
        let credentials = AppCredentials { client_key: "aw_key".into(), client_secret: "hush-hush".into() };
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
