//! Every request received, with its secrets, for assertions. Bounded; the console masks secrets before showing them.
//! It records and never judges.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Requests kept; older ones are forgotten first.
const MAX_REQUESTS: usize = 20_000;
/// Bytes of a text body kept.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// The routes faults and the journal speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Every route but pictures (in fault rules only).
    Any,
    /// Browser authorization page.
    Authorize,
    /// Token endpoint, any grant type.
    Token,
    /// Token endpoint with `grant_type=authorization_code`.
    TokenExchange,
    /// Token endpoint with `grant_type=refresh_token`.
    TokenRefresh,
    /// Revocation.
    Revoke,
    /// User info.
    UserInfo,
    /// Creator info.
    CreatorInfo,
    /// Direct video init.
    VideoInit,
    /// Inbox video init.
    InboxInit,
    /// Photo init.
    ContentInit,
    /// Status fetch.
    Status,
    /// Cancel.
    Cancel,
    /// Any chunk of an upload.
    Upload,
    /// The last chunk of an upload.
    UploadFinalChunk,
    /// Video list.
    VideoList,
    /// Video query.
    VideoQuery,
    /// Pictures that stand in for TikTok's image host.
    Image,
    /// A path that does not exist.
    Unknown,
}

impl Route {
    /// Routes offered in the console's fault form.
    pub(crate) const FAULTABLE: [Self; 18] = [
        Self::Any,
        Self::Authorize,
        Self::Token,
        Self::TokenExchange,
        Self::TokenRefresh,
        Self::Revoke,
        Self::UserInfo,
        Self::CreatorInfo,
        Self::VideoInit,
        Self::InboxInit,
        Self::ContentInit,
        Self::Status,
        Self::Cancel,
        Self::Upload,
        Self::UploadFinalChunk,
        Self::VideoList,
        Self::VideoQuery,
        Self::Image,
    ];

    /// The word used in JSON and forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::TokenExchange => "token_exchange",
            Self::TokenRefresh => "token_refresh",
            Self::Revoke => "revoke",
            Self::UserInfo => "user_info",
            Self::CreatorInfo => "creator_info",
            Self::VideoInit => "video_init",
            Self::InboxInit => "inbox_init",
            Self::ContentInit => "content_init",
            Self::Status => "status",
            Self::Cancel => "cancel",
            Self::Upload => "upload",
            Self::UploadFinalChunk => "upload_final_chunk",
            Self::VideoList => "video_list",
            Self::VideoQuery => "video_query",
            Self::Image => "image",
            Self::Unknown => "unknown",
        }
    }

    /// Which route a path belongs to.
    pub(crate) fn of_path(path: &str) -> Self {
        match path {
            "/v2/auth/authorize/" | "/v2/auth/authorize" => Self::Authorize,
            "/v2/oauth/token/" => Self::Token,
            "/v2/oauth/revoke/" => Self::Revoke,
            "/v2/user/info/" => Self::UserInfo,
            "/v2/post/publish/creator_info/query/" => Self::CreatorInfo,
            "/v2/post/publish/video/init/" => Self::VideoInit,
            "/v2/post/publish/inbox/video/init/" => Self::InboxInit,
            "/v2/post/publish/content/init/" => Self::ContentInit,
            "/v2/post/publish/status/fetch/" => Self::Status,
            "/v2/post/publish/cancel/" => Self::Cancel,
            "/v2/video/list/" => Self::VideoList,
            "/v2/video/query/" => Self::VideoQuery,
            "/upload/video/" | "/video/" => Self::Upload,
            other if other.starts_with("/sim-cdn/") => Self::Image,
            _ => Self::Unknown,
        }
    }
}

/// A received body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedBody {
    /// None was sent or read.
    Empty,
    /// Text, at most 64 KiB of it.
    Text(String),
    /// Media bytes: only counted.
    Bytes(u64),
}

/// One request as it arrived and how it was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Running number, from 1.
    pub seq: u64,
    /// Virtual time of arrival, milliseconds.
    pub at_ms: i64,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query string as sent, secrets included.
    pub query: String,
    /// Headers as sent, secrets included.
    pub headers: Vec<(String, String)>,
    /// Body as sent, secrets included.
    pub body: ReceivedBody,
    /// Which route it hit.
    pub route: Route,
    /// `log_id` of the answer.
    pub log_id: String,
    /// App the call was made for, if known.
    pub client_key: Option<String>,
    /// User the call was made for, if known.
    pub username: Option<String>,
    /// Task the call was about, if known.
    pub publish_id: Option<String>,
    /// Members the client sent that TikTok does not document.
    pub unknown_members: Vec<String>,
    /// Breaches of the protocol that TikTok would tolerate.
    pub notes: Vec<String>,
    /// The scripted fault it met.
    pub fault: Option<String>,
    /// HTTP status answered; none when the connection was dropped or is still open.
    pub status: Option<u16>,
    /// Error code answered (`ok` on success).
    pub code: Option<String>,
}

impl Received {
    /// A header's value, by case-insensitive name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The text of the body, empty for media.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.body {
            ReceivedBody::Text(text) => text,
            ReceivedBody::Empty | ReceivedBody::Bytes(_) => "",
        }
    }
}

/// The record.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: VecDeque<Received>,
    last_seq: u64,
}

impl Journal {
    /// Files a request and numbers it.
    pub(crate) fn push(&mut self, mut request: Received) -> u64 {
        self.last_seq += 1;
        request.seq = self.last_seq;
        if self.requests.len() >= MAX_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        self.last_seq
    }

    /// The request with this number, while remembered.
    pub(crate) fn get_mut(&mut self, seq: u64) -> Option<&mut Received> {
        let first = self.requests.front()?.seq;
        let at = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.requests.get_mut(at)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Received> {
        self.requests.iter()
    }

    /// Forgets everything but goes on counting.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }
}
