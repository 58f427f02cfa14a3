//! The words TikTok refuses with, and the reaction class of each.
//! Classes say what kind of trouble it is; when to try again is the caller's decision.

use crate::text_enum::text_enum;

/// What kind of trouble an error is, for choosing a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The access or refresh token is not accepted: refresh once, then ask the user to connect again.
    Auth,
    /// The user did not grant the scope: ask again with `always_ask`.
    Scope,
    /// Too many calls in a minute: wait at least 60 seconds.
    RateLimit,
    /// A daily or pending cap is reached: no retry before the window moves or drafts are finished.
    Cap,
    /// TikTok blocks this account from posting; no retry.
    AccountBlocked,
    /// The request itself is wrong; the same request will fail again.
    Input,
    /// The chosen audience is not offered to this creator any more: ask the person again, never substitute.
    Privacy,
    /// The app is set up wrongly (keys, audit, domain ownership, upload host): the operator must act, no user can.
    Configuration,
    /// TikTok had a problem and nothing happened, or the call only reads: try again with backoff.
    Transient,
    /// The answer is lost or unreadable and the call may have taken effect: find out before repeating.
    Ambiguous,
    /// Refused for good.
    Permanent,
}

text_enum! {
    /// `error.code` of the API family. Sources: the endpoint pages of the Content Posting API and tiktok-api-v2-error-handling.
    ///
    /// Decide by the code only: TikTok sends the same message for unrelated codes.
    pub enum ErrorCode {
        /// A field is missing, malformed or out of range. Both spellings occur.
        InvalidParams = "invalid_params" | "invalid_param",
        /// The user's TikTok app is too old for photo drafts (31.8 is needed).
        AppVersionCheckFailed = "app_version_check_failed",
        /// No such `publish_id`.
        InvalidPublishId = "invalid_publish_id",
        /// The `publish_id` belongs to another user.
        TokenNotAuthorizedForPublishId = "token_not_authorized_for_specified_publish_id",
        /// The download is finished or almost so.
        PublishNotCancellable = "publish_not_cancellable",
        /// Expired, revoked or unknown access token.
        AccessTokenInvalid = "access_token_invalid",
        /// The user did not grant the needed scope.
        ScopeNotAuthorized = "scope_not_authorized",
        /// A requested field needs another scope.
        ScopePermissionMissed = "scope_permission_missed",
        /// The creator's daily number of API posts, shared by all apps, is used up.
        SpamRiskTooManyPosts = "spam_risk_too_many_posts",
        /// The creator is banned from posting.
        SpamRiskUserBanned = "spam_risk_user_banned_from_posting",
        /// Too many unfinished drafts wait in the creator's inbox.
        SpamRiskTooManyPendingShare = "spam_risk_too_many_pending_share",
        /// TikTok judges the request risky.
        SpamRisk = "spam_risk",
        /// The app's number of active creators in 24 hours is used up.
        ReachedActiveUserCap = "reached_active_user_cap",
        /// The app is not audited and the account is not private.
        UnauditedClient = "unaudited_client_can_only_post_to_private_accounts",
        /// The media address is not under a verified domain or prefix.
        UrlOwnershipUnverified = "url_ownership_unverified",
        /// The privacy level is missing or not among the creator's current options.
        PrivacyLevelOptionMismatch = "privacy_level_option_mismatch",
        /// Too many calls in sixty seconds.
        RateLimitExceeded = "rate_limit_exceeded",
        /// The uploaded file is not acceptable.
        InvalidFileUpload = "invalid_file_upload",
        /// TikTok failed.
        InternalError = "internal_error",
    }
}

impl ErrorCode {
    /// Reaction class of a known code; `None` when only the HTTP status and the endpoint can tell.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::AccessTokenInvalid => Some(ErrorClass::Auth),
            Self::ScopeNotAuthorized | Self::ScopePermissionMissed => Some(ErrorClass::Scope),
            Self::RateLimitExceeded => Some(ErrorClass::RateLimit),
            Self::SpamRiskTooManyPosts | Self::SpamRiskTooManyPendingShare | Self::ReachedActiveUserCap => {
                Some(ErrorClass::Cap)
            }
            Self::SpamRiskUserBanned => Some(ErrorClass::AccountBlocked),
            Self::InvalidParams | Self::InvalidFileUpload => Some(ErrorClass::Input),
            Self::PrivacyLevelOptionMismatch => Some(ErrorClass::Privacy),
            Self::UnauditedClient | Self::UrlOwnershipUnverified => Some(ErrorClass::Configuration),
            Self::AppVersionCheckFailed
            | Self::InvalidPublishId
            | Self::TokenNotAuthorizedForPublishId
            | Self::PublishNotCancellable
            | Self::SpamRisk => Some(ErrorClass::Permanent),
            Self::InternalError | Self::Other(_) => None,
        }
    }
}

text_enum! {
    /// `error` of the token endpoints. Source: oauth-error-handling.
    pub enum OAuthErrorCode {
        /// The owner or the server refused.
        AccessDenied = "access_denied",
        /// Key or secret is wrong. A fault of the app's configuration, not of the user's connection.
        InvalidClient = "invalid_client",
        /// Code or refresh token is invalid, expired, used or of another app. The only code that means "connect again".
        InvalidGrant = "invalid_grant",
        /// A parameter is missing or malformed, or the redirect address or PKCE verifier does not match.
        InvalidRequest = "invalid_request",
        /// The scope is unknown or not enabled for the app.
        InvalidScope = "invalid_scope",
        /// The app may not use this method.
        UnauthorizedClient = "unauthorized_client",
        /// Wrong `grant_type`.
        UnsupportedGrantType = "unsupported_grant_type",
        /// Wrong `response_type`.
        UnsupportedResponseType = "unsupported_response_type",
        /// TikTok failed.
        ServerError = "server_error",
        /// TikTok is overloaded.
        TemporarilyUnavailable = "temporarily_unavailable",
    }
}

impl OAuthErrorCode {
    /// Reaction class of a known code; `None` when only the HTTP status and the endpoint can tell.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::InvalidGrant => Some(ErrorClass::Auth),
            Self::InvalidClient
            | Self::InvalidScope
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType => Some(ErrorClass::Configuration),
            Self::InvalidRequest => Some(ErrorClass::Input),
            Self::AccessDenied => Some(ErrorClass::Permanent),
            Self::TemporarilyUnavailable => Some(ErrorClass::Transient),
            Self::ServerError | Self::Other(_) => None,
        }
    }
}
