//! Everything that can go wrong with a call, with TikTok's code, message and `log_id` kept, and one reaction class for each.
//! Errors hold no token, no upload address and no caption; they may be logged as they are.

use crate::endpoint::Endpoint;
pub use crate::error_code::{ErrorClass, ErrorCode, OAuthErrorCode};

/// A failed call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// TikTok answered with a failing `error.code`.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A token endpoint answered with an `error`.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// The upload host refused a chunk.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// No complete HTTP answer arrived.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An HTTP answer arrived that does not follow the protocol.
    #[error("TikTok's answer to {endpoint} (HTTP {http_status}) could not be understood: {why}")]
    Malformed {
        /// The call.
        endpoint: Endpoint,
        /// HTTP status of the answer.
        http_status: u16,
        /// `x-tt-logid` header or `log_id` member, when there was one.
        log_id: Option<String>,
        /// Unix seconds of the `Date` header.
        remote_date: Option<i64>,
        /// What did not fit, without content of the answer.
        why: String,
    },
    /// The image host answered, but with no picture.
    #[error(transparent)]
    Avatar(#[from] AvatarError),
    /// This crate refused to send the request.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A failing `error.code` of the API family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TikTok refused {endpoint} with {code} (HTTP {http_status}, log_id {})", log_id.as_deref().unwrap_or("none"))]
pub struct ApiError {
    /// The call.
    pub endpoint: Endpoint,
    /// What TikTok says is wrong; empty `Other` when the answer had no readable body.
    pub code: ErrorCode,
    /// The code as TikTok spelt it.
    pub raw_code: String,
    /// TikTok's message; often generic, never decide by it. At most 1000 characters.
    pub message: String,
    /// Names the request for TikTok's support.
    pub log_id: Option<String>,
    /// HTTP status; 200 occurs with failing codes.
    pub http_status: u16,
    /// Unix seconds of the `Date` header.
    pub remote_date: Option<i64>,
}

/// An `error` of a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TikTok refused {endpoint} with {code}: {description} (HTTP {http_status}, log_id {})", log_id.as_deref().unwrap_or("none"))]
pub struct OAuthError {
    /// The call.
    pub endpoint: Endpoint,
    /// What TikTok says is wrong.
    pub code: OAuthErrorCode,
    /// `error` as TikTok wrote it, at most 256 characters; `http_<status>` when a refusal had no readable body.
    pub error: String,
    /// `error_description`, at most 1000 characters.
    pub description: String,
    /// Names the request for TikTok's support.
    pub log_id: Option<String>,
    /// HTTP status; 200 occurs with errors.
    pub http_status: u16,
    /// Unix seconds of the `Date` header.
    pub remote_date: Option<i64>,
}

/// A refused chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the upload host answered HTTP {http_status} to a chunk ({kind:?}, log_id {})", log_id.as_deref().unwrap_or("none"))]
pub struct UploadError {
    /// HTTP status.
    pub http_status: u16,
    /// What the status means for an upload.
    pub kind: UploadErrorKind,
    /// `x-tt-logid` header, when there was one.
    pub log_id: Option<String>,
    /// Unix seconds of the `Date` header.
    pub remote_date: Option<i64>,
}

/// Meaning of a refused chunk. Source: content-posting-api-media-transfer-guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UploadErrorKind {
    /// 400: headers are malformed or the body was not as long as declared.
    BadChunk,
    /// 403: the upload address is older than an hour; only a new init helps.
    UrlExpired,
    /// 404: TikTok does not know this upload.
    UnknownUpload,
    /// 416: the range is not the next one; ask status/fetch how many bytes arrived.
    RangeMismatch,
    /// 429: too fast.
    TooManyRequests,
    /// 5xx: gateway or internal; the bytes may have arrived.
    Server,
    /// Any other status, redirects included (they are never followed).
    Unexpected,
}

impl UploadErrorKind {
    /// Reads the HTTP status of a chunk that was not accepted.
    #[must_use]
    pub fn of_status(http_status: u16) -> Self {
        match http_status {
            400 => Self::BadChunk,
            403 => Self::UrlExpired,
            404 => Self::UnknownUpload,
            416 => Self::RangeMismatch,
            429 => Self::TooManyRequests,
            500..=599 => Self::Server,
            _other => Self::Unexpected,
        }
    }
}

/// An answer of the image host that is no profile picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AvatarError {
    /// A status other than 200. 403 is an address that expired; redirects are never followed.
    #[error("the image host answered HTTP {http_status} to a profile picture")]
    Status {
        /// HTTP status.
        http_status: u16,
    },
    /// Bytes that are no JPEG, PNG or WebP picture.
    #[error("the image host sent {size_bytes} bytes that are no JPEG, PNG or WebP picture")]
    NotAPicture {
        /// How many.
        size_bytes: usize,
    },
}

/// No complete HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no answer from TikTok to {} ({kind:?}): {detail}", endpoint.map_or("a call", Endpoint::name))]
pub struct TransportError {
    /// Where it broke.
    pub kind: TransportErrorKind,
    /// `false` only when it is certain that TikTok cannot have received the whole request.
    pub request_may_have_arrived: bool,
    /// The call; filled in by the client.
    pub endpoint: Option<Endpoint>,
    /// Technical text without address, at most 300 characters.
    pub detail: String,
}

impl TransportError {
    /// For implementers of [`Transport`](crate::Transport): when in doubt, `request_may_have_arrived` is `true`.
    #[must_use]
    pub fn new(kind: TransportErrorKind, request_may_have_arrived: bool, detail: &str) -> Self {
        Self { kind, request_may_have_arrived, endpoint: None, detail: crate::text_enum::bounded(detail, 300) }
    }

    pub(crate) fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }
}

/// Where a call broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// Name resolution, TCP or TLS failed; nothing was sent.
    Connect,
    /// The time allowed for the call ran out.
    Timeout,
    /// The connection ended before a complete answer.
    Disconnected,
    /// The caller's own byte source failed, ended early or was too long; the declared bytes did not go out.
    Source,
    /// The answer was larger than [`limits::ANSWER_MAX_BYTES`](crate::limits::ANSWER_MAX_BYTES), or a profile picture larger than
    /// [`limits::AVATAR_MAX_BYTES`](crate::limits::AVATAR_MAX_BYTES).
    AnswerTooLarge,
    /// The request could not be put on the wire at all.
    Unsendable,
}

/// A request this crate did not send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The upload address is not on an allowed host.
    #[error("refused to send video bytes to '{host}': not one of the allowed upload hosts")]
    UploadHostNotAllowed {
        /// Host of the address, without path and query.
        host: String,
    },
    /// The address of a profile picture is not on an allowed host.
    #[error("refused to fetch a profile picture from '{host}': not one of the allowed image hosts")]
    AvatarHostNotAllowed {
        /// Host of the address, without path and query.
        host: String,
    },
    /// A value is longer than TikTok takes.
    #[error("{what} has {actual} {unit}, TikTok takes at most {limit}")]
    TooLong {
        /// Which value.
        what: &'static str,
        /// What is counted, for example `UTF-16 units`.
        unit: &'static str,
        /// The most TikTok takes.
        limit: usize,
        /// What was given.
        actual: usize,
    },
    /// A value cannot be right.
    #[error("{what} {why}")]
    Invalid {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Error {
    /// The reaction class.
    ///
    /// An unknown code is judged by its HTTP status and endpoint: 401 is [`ErrorClass::Auth`], 429 is
    /// [`ErrorClass::RateLimit`], other 4xx are [`ErrorClass::Permanent`], 5xx are [`ErrorClass::Ambiguous`] where the call has an
    /// effect and [`ErrorClass::Transient`] where it only reads.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Api(error) => {
                error.code.class().unwrap_or_else(|| class_of_status(error.http_status, error.endpoint))
            }
            Self::OAuth(error) => {
                error.code.class().unwrap_or_else(|| class_of_status(error.http_status, error.endpoint))
            }
            Self::Upload(error) => match error.kind {
                UploadErrorKind::BadChunk => ErrorClass::Input,
                UploadErrorKind::UrlExpired | UploadErrorKind::UnknownUpload => ErrorClass::Permanent,
                UploadErrorKind::TooManyRequests => ErrorClass::RateLimit,
                UploadErrorKind::RangeMismatch | UploadErrorKind::Server | UploadErrorKind::Unexpected => {
                    ErrorClass::Ambiguous
                }
            },
            Self::Transport(error) => match error.kind {
                TransportErrorKind::Unsendable => ErrorClass::Configuration,
                TransportErrorKind::Connect
                | TransportErrorKind::Timeout
                | TransportErrorKind::Disconnected
                | TransportErrorKind::Source
                | TransportErrorKind::AnswerTooLarge => {
                    let effect = error.endpoint.is_none_or(Endpoint::has_effect);
                    if error.request_may_have_arrived && effect { ErrorClass::Ambiguous } else { ErrorClass::Transient }
                }
            },
            Self::Malformed { endpoint, .. } => {
                if endpoint.has_effect() {
                    ErrorClass::Ambiguous
                } else {
                    ErrorClass::Transient
                }
            }
            Self::Avatar(AvatarError::Status { http_status }) => match http_status {
                429 => ErrorClass::RateLimit,
                500..=599 => ErrorClass::Transient,
                _other => ErrorClass::Permanent,
            },
            Self::Avatar(AvatarError::NotAPicture { .. }) => ErrorClass::Permanent,
            Self::Refused(Refusal::UploadHostNotAllowed { .. } | Refusal::AvatarHostNotAllowed { .. }) => {
                ErrorClass::Configuration
            }
            Self::Refused(Refusal::TooLong { .. } | Refusal::Invalid { .. }) => ErrorClass::Input,
        }
    }

    /// TikTok's name for the request; keep it with every failure, support asks for it.
    #[must_use]
    pub fn log_id(&self) -> Option<&str> {
        match self {
            Self::Api(error) => error.log_id.as_deref(),
            Self::OAuth(error) => error.log_id.as_deref(),
            Self::Upload(error) => error.log_id.as_deref(),
            Self::Malformed { log_id, .. } => log_id.as_deref(),
            Self::Transport(_) | Self::Avatar(_) | Self::Refused(_) => None,
        }
    }

    /// One word to show and to count by: TikTok's code where there is one, else a word of this crate.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Api(error) if error.raw_code.is_empty() => format!("http_{}", error.http_status),
            Self::Api(error) => error.raw_code.clone(),
            Self::OAuth(error) => error.error.clone(),
            Self::Upload(error) => format!("upload_http_{}", error.http_status),
            Self::Transport(error) => match error.kind {
                TransportErrorKind::Connect => "connect_failed",
                TransportErrorKind::Timeout => "timeout",
                TransportErrorKind::Disconnected => "connection_lost",
                TransportErrorKind::Source => "media_unreadable",
                TransportErrorKind::AnswerTooLarge => "answer_too_large",
                TransportErrorKind::Unsendable => "unsendable",
            }
            .to_owned(),
            Self::Malformed { .. } => "malformed_answer".to_owned(),
            Self::Avatar(AvatarError::Status { http_status }) => format!("avatar_http_{http_status}"),
            Self::Avatar(AvatarError::NotAPicture { .. }) => "avatar_not_a_picture".to_owned(),
            Self::Refused(Refusal::UploadHostNotAllowed { .. }) => "upload_host_not_allowed".to_owned(),
            Self::Refused(Refusal::AvatarHostNotAllowed { .. }) => "avatar_host_not_allowed".to_owned(),
            Self::Refused(Refusal::TooLong { .. } | Refusal::Invalid { .. }) => "refused_locally".to_owned(),
        }
    }

    /// Unix seconds of TikTok's clock when it answered.
    #[must_use]
    pub fn remote_date(&self) -> Option<i64> {
        match self {
            Self::Api(error) => error.remote_date,
            Self::OAuth(error) => error.remote_date,
            Self::Upload(error) => error.remote_date,
            Self::Malformed { remote_date, .. } => *remote_date,
            Self::Transport(_) | Self::Avatar(_) | Self::Refused(_) => None,
        }
    }

    /// HTTP status of the answer, when one arrived.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => Some(error.http_status),
            Self::OAuth(error) => Some(error.http_status),
            Self::Upload(error) => Some(error.http_status),
            Self::Malformed { http_status, .. } => Some(*http_status),
            Self::Avatar(AvatarError::Status { http_status }) => Some(*http_status),
            Self::Avatar(AvatarError::NotAPicture { .. }) => Some(200),
            Self::Transport(_) | Self::Refused(_) => None,
        }
    }
}

fn class_of_status(http_status: u16, endpoint: Endpoint) -> ErrorClass {
    match http_status {
        401 => ErrorClass::Auth,
        429 => ErrorClass::RateLimit,
        500..=599 if endpoint.has_effect() => ErrorClass::Ambiguous,
        500..=599 => ErrorClass::Transient,
        _other => ErrorClass::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: &str, http_status: u16, endpoint: Endpoint) -> Error {
        Error::Api(ApiError {
            endpoint,
            code: ErrorCode::parse(code),
            raw_code: code.to_owned(),
            message: String::new(),
            log_id: Some("20261123120000A1B2C3D4E5F60718293A".into()),
            http_status,
            remote_date: None,
        })
    }

    #[test]
    fn every_documented_code_has_its_reaction() {
        use ErrorClass::{
            AccountBlocked, Ambiguous, Auth, Cap, Configuration, Input, Permanent, Privacy, RateLimit, Scope, Transient,
        };
        for (code, status, endpoint, class) in [
            ("access_token_invalid", 401, Endpoint::StatusFetch, Auth),
            ("scope_not_authorized", 401, Endpoint::VideoInit, Scope),
            ("scope_permission_missed", 400, Endpoint::UserInfo, Scope),
            ("rate_limit_exceeded", 429, Endpoint::VideoInit, RateLimit),
            ("spam_risk_too_many_posts", 200, Endpoint::CreatorInfo, Cap),
            ("spam_risk_too_many_posts", 403, Endpoint::VideoInit, Cap),
            ("spam_risk_too_many_pending_share", 403, Endpoint::InboxVideoInit, Cap),
            ("reached_active_user_cap", 200, Endpoint::CreatorInfo, Cap),
            ("spam_risk_user_banned_from_posting", 403, Endpoint::VideoInit, AccountBlocked),
            ("invalid_param", 400, Endpoint::VideoInit, Input),
            ("invalid_params", 400, Endpoint::VideoInit, Input),
            ("privacy_level_option_mismatch", 403, Endpoint::VideoInit, Privacy),
            ("unaudited_client_can_only_post_to_private_accounts", 403, Endpoint::VideoInit, Configuration),
            ("url_ownership_unverified", 403, Endpoint::ContentInit, Configuration),
            ("app_version_check_failed", 400, Endpoint::ContentInit, Permanent),
            ("invalid_publish_id", 400, Endpoint::StatusFetch, Permanent),
            ("internal_error", 500, Endpoint::StatusFetch, Transient),
            ("internal_error", 500, Endpoint::VideoInit, Ambiguous),
            ("something_new", 403, Endpoint::VideoInit, Permanent),
            ("something_new", 503, Endpoint::CreatorInfo, Transient),
            ("", 401, Endpoint::CreatorInfo, Auth),
        ] {
            assert_eq!(api(code, status, endpoint).class(), class, "{code} {status} {endpoint}");
        }
    }

    #[test]
    fn a_lost_answer_is_ambiguous_only_where_the_call_has_an_effect() {
        let lost = |endpoint| {
            Error::Transport(TransportError::new(TransportErrorKind::Disconnected, true, "reset").at(endpoint))
        };
        assert_eq!(lost(Endpoint::UploadChunk).class(), ErrorClass::Ambiguous);
        assert_eq!(lost(Endpoint::VideoInit).class(), ErrorClass::Ambiguous);
        assert_eq!(lost(Endpoint::StatusFetch).class(), ErrorClass::Transient);
        let refused = TransportError::new(TransportErrorKind::Connect, false, "refused");
        assert_eq!(Error::Transport(refused.at(Endpoint::VideoInit)).class(), ErrorClass::Transient);
    }

    #[test]
    fn a_wrong_app_secret_is_the_operators_matter_and_a_dead_grant_the_users() {
        let oauth = |code: &str| {
            Error::OAuth(OAuthError {
                endpoint: Endpoint::TokenRefresh,
                code: OAuthErrorCode::parse(code),
                error: code.to_owned(),
                description: String::new(),
                log_id: None,
                http_status: 200,
                remote_date: None,
            })
        };
        assert_eq!(oauth("invalid_client").class(), ErrorClass::Configuration);
        assert_eq!(oauth("invalid_grant").class(), ErrorClass::Auth);
    }

    #[test]
    fn a_refused_chunk_says_what_to_do() {
        let refused = |http_status| {
            Error::Upload(UploadError {
                http_status,
                kind: UploadErrorKind::of_status(http_status),
                log_id: None,
                remote_date: None,
            })
            .class()
        };
        assert_eq!(refused(400), ErrorClass::Input);
        assert_eq!(refused(403), ErrorClass::Permanent);
        assert_eq!(refused(416), ErrorClass::Ambiguous);
        assert_eq!(refused(502), ErrorClass::Ambiguous);
        assert_eq!(refused(302), ErrorClass::Ambiguous);
    }

    #[test]
    fn a_missing_profile_picture_says_why() {
        let answered = |http_status| Error::Avatar(AvatarError::Status { http_status });
        assert_eq!(
            (answered(403).class(), answered(403).code()),
            (ErrorClass::Permanent, "avatar_http_403".to_owned())
        );
        assert_eq!(answered(302).class(), ErrorClass::Permanent);
        assert_eq!(answered(429).class(), ErrorClass::RateLimit);
        assert_eq!(answered(503).class(), ErrorClass::Transient);
        let page = Error::Avatar(AvatarError::NotAPicture { size_bytes: 9 });
        assert_eq!((page.class(), page.code()), (ErrorClass::Permanent, "avatar_not_a_picture".to_owned()));
        let elsewhere = Error::Refused(Refusal::AvatarHostNotAllowed { host: "evil.example".into() });
        assert_eq!(elsewhere.class(), ErrorClass::Configuration, "the operator may know the host");
        assert_eq!(elsewhere.code(), "avatar_host_not_allowed");
    }

    #[test]
    fn the_error_text_names_code_and_log_id() {
        let text = api("spam_risk_too_many_posts", 403, Endpoint::VideoInit).to_string();
        assert!(text.contains("spam_risk_too_many_posts"));
        assert!(text.contains("20261123120000A1B2C3D4E5F60718293A"));
    }
}
