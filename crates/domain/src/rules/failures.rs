//! Every code of TikTok's that can reach a post or a connection: what it is called here, who has to act, whether to repeat.
//!
//! Texts live in the locale files under `failure-<key>`, `failure-<key>-why` and `failure-<key>-do`.
//! Must not look at messages: TikTok sends the same message for unrelated causes.

/// Where a code came from; the same word means different things in different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureSource {
    /// `error.code` of an API answer.
    Api,
    /// `fail_reason` of a status answer or a webhook.
    FailReason,
    /// `error` of the authorize page or the token endpoint.
    OAuth,
    /// `error_type` of the authorize page, finer than `error`.
    OAuthType,
}

/// What may be done by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Nothing: only a person can change it.
    Never,
    /// Refresh the token once and repeat the same call.
    AfterTokenRefresh,
    /// Wait at least this long, keeping the order within the account.
    AfterWait {
        /// Shortest wait, seconds.
        min_s: u32,
    },
    /// Exponential with jitter, bounded; a lost init or last chunk obeys the attempt machine instead.
    WithBackoff,
    /// One new attempt with a new publish id.
    OneNewAttempt,
    /// Only when TikTok's 24-hour window has moved, and only if the person agreed.
    WhenCapMoves,
    /// After hours, bounded: the app's own quota.
    AfterHours,
    /// Ask creator info again and let a person choose.
    AfterPersonChooses,
}

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The person who posts.
    Person,
    /// Who runs this instance.
    Operator,
    /// Both: the person is told, the operator alerted.
    Both,
}

/// What we know about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureText {
    /// TikTok's code.
    pub code: &'static str,
    /// Name of the texts.
    pub key: &'static str,
    /// What may be done by itself.
    pub retry: RetryPolicy,
    /// Who can do something about it.
    pub audience: Audience,
}

const fn row(code: &'static str, key: &'static str, retry: RetryPolicy, audience: Audience) -> FailureText {
    FailureText { code, key, retry, audience }
}

use Audience::{Both, Operator, Person};
use RetryPolicy::{
    AfterHours, AfterPersonChooses, AfterTokenRefresh, AfterWait, Never, OneNewAttempt, WhenCapMoves, WithBackoff,
};

/// API codes of the posting, user and video endpoints.
pub const API: &[FailureText] = &[
    row("invalid_param", "invalid-params", Never, Both),
    row("invalid_params", "invalid-params", Never, Both),
    row("invalid_file_upload", "invalid-file-upload", Never, Both),
    row("app_version_check_failed", "app-version", Never, Person),
    row("invalid_publish_id", "invalid-publish-id", Never, Operator),
    row("token_not_authorized_for_specified_publish_id", "foreign-publish-id", Never, Operator),
    row("publish_not_cancellable", "not-cancellable", Never, Person),
    row("access_token_invalid", "token-invalid", AfterTokenRefresh, Person),
    row("scope_not_authorized", "scope-missing", Never, Person),
    row("scope_permission_missed", "scope-missing", Never, Person),
    row("spam_risk_too_many_posts", "too-many-posts", WhenCapMoves, Person),
    row("spam_risk_user_banned_from_posting", "banned", Never, Person),
    row("spam_risk_too_many_pending_share", "too-many-drafts", Never, Person),
    row("spam_risk", "spam-risk", Never, Person),
    row("spam_risk_text", "spam-risk-text", Never, Person),
    row("reached_active_user_cap", "app-quota", AfterHours, Both),
    row("unaudited_client_can_only_post_to_private_accounts", "unaudited", Never, Both),
    row("url_ownership_unverified", "url-unverified", Never, Both),
    row("privacy_level_option_mismatch", "privacy-mismatch", AfterPersonChooses, Both),
    row("rate_limit_exceeded", "rate-limit", AfterWait { min_s: 60 }, Operator),
    row("internal_error", "tiktok-internal", WithBackoff, Person),
];

/// Reasons with which TikTok ends a post after it took the bytes.
pub const FAIL_REASONS: &[FailureText] = &[
    row("file_format_check_failed", "file-format", Never, Person),
    row("duration_check_failed", "duration", Never, Person),
    row("frame_rate_check_failed", "frame-rate", Never, Person),
    row("picture_size_check_failed", "picture-size", Never, Person),
    row("internal", "tiktok-internal", OneNewAttempt, Person),
    row("video_pull_failed", "pull-failed", OneNewAttempt, Both),
    row("photo_pull_failed", "pull-failed", OneNewAttempt, Both),
    row("publish_cancelled", "cancelled", Never, Person),
    row("auth_removed", "access-removed", Never, Person),
    row("spam_risk_too_many_posts", "too-many-posts", WhenCapMoves, Person),
    row("spam_risk_user_banned_from_posting", "banned", Never, Person),
    row("spam_risk_text", "spam-risk-text", Never, Person),
    row("spam_risk", "spam-risk", Never, Person),
];

/// Errors of the authorize page and the token endpoint.
pub const OAUTH: &[FailureText] = &[
    row("access_denied", "oauth-denied", Never, Person),
    row("invalid_client", "oauth-client", WithBackoff, Operator),
    row("invalid_grant", "oauth-grant", Never, Person),
    row("invalid_request", "oauth-request", Never, Operator),
    row("invalid_scope", "oauth-scope", Never, Operator),
    row("unauthorized_client", "oauth-unauthorized", Never, Operator),
    row("unsupported_grant_type", "oauth-request", Never, Operator),
    row("unsupported_response_type", "oauth-request", Never, Operator),
    row("server_error", "oauth-server", WithBackoff, Person),
    row("temporarily_unavailable", "oauth-server", WithBackoff, Person),
];

/// Finer reasons of the authorize page; where one is known it beats [`OAUTH`].
pub const OAUTH_TYPES: &[FailureText] = &[
    row("non_sandbox_target", "oauth-not-target", Never, Both),
    row("client_key", "oauth-unauthorized", Never, Operator),
    row("code_challenge", "oauth-challenge", Never, Operator),
    row("redirect_uri", "oauth-redirect", Never, Operator),
    row("scope", "oauth-scope", Never, Operator),
];

/// Our own reasons why a post stopped: what the attempt machine and the rules say without TikTok.
pub const OWN: &[FailureText] = &[
    row("app-quota", "app-quota", AfterHours, Both),
    row("branded-followers", "branded-audience", AfterPersonChooses, Person),
    row("branded-private", "branded-audience", AfterPersonChooses, Person),
    row("connection-too-slow", "too-slow", Never, Operator),
    row("consent-missing", "consent-missing", AfterPersonChooses, Person),
    row("creator-banned", "banned", Never, Person),
    row("creator-blocked", "creator-blocked", Never, Person),
    row("creator-too-many-posts", "too-many-posts", WhenCapMoves, Person),
    row("creator-unknown", "creator-unknown", WithBackoff, Person),
    row("disconnected", "disconnected", Never, Person),
    row("engine-failed", "engine-failed", Never, Operator),
    row("failed-without-reason", "no-reason", Never, Person),
    row("held-after-restore", "held-after-restore", Never, Both),
    row("held-overdue", "held-overdue", Never, Both),
    row("media-changed", "media-changed", Never, Both),
    row("media-rejected", "media-rejected", Never, Person),
    row("outcome-unknown", "outcome-unknown", Never, Person),
    row("outcome-unknown-commits-lost", "outcome-unknown", Never, Both),
    row("outcome-unknown-contradiction", "outcome-unknown", Never, Both),
    row("outcome-unknown-disconnected", "outcome-disconnected", Never, Person),
    row("outcome-unknown-engine", "outcome-unknown", Never, Both),
    row("outcome-unknown-task", "outcome-unknown", Never, Both),
    row("outcome-unknown-unresolved", "outcome-unresolved", Never, Person),
    row("photo-rejected", "media-rejected", Never, Person),
    row("photos-unreachable", "photos-unreachable", Never, Both),
    row("policy-unanswered", "policy-unanswered", AfterPersonChooses, Person),
    row("privacy-gone", "privacy-mismatch", AfterPersonChooses, Person),
    row("privacy-missing", "consent-missing", AfterPersonChooses, Person),
    row("privacy-not-offered", "privacy-mismatch", AfterPersonChooses, Person),
    row("reconnect-needed", "reconnect", Never, Person),
    row("taken-in-underway", "taken-in", Never, Person),
    row("too-late", "too-late", Never, Person),
    row("upload-expired", "upload-expired", Never, Operator),
    row("upload-failed-often", "upload-failed", Never, Both),
    row("upload-limit", "too-slow", Never, Operator),
    row("upload-refused", "upload-failed", Never, Both),
    row("video-too-long", "too-long", Never, Person),
];

/// A code that is not in the tables: shown verbatim, never repeated.
pub const UNKNOWN: FailureText = row("", "unknown", Never, Person);

/// What we know about a code; [`UNKNOWN`] when we know nothing.
#[must_use]
pub fn failure_text(source: FailureSource, code: &str) -> FailureText {
    let table = match source {
        FailureSource::Api => API,
        FailureSource::FailReason => FAIL_REASONS,
        FailureSource::OAuth => OAUTH,
        FailureSource::OAuthType => OAUTH_TYPES,
    };
    table.iter().find(|text| text.code == code).copied().unwrap_or(UNKNOWN)
}

/// What we know about a code that a post was stopped with, wherever it came from; [`UNKNOWN`] when we know nothing.
///
/// A post is stopped by TikTok's verdict, by a refused call, by a lost grant or by our own rules; the first table that has the
/// code wins, and no two tables disagree about a word.
#[must_use]
pub fn stopped_by(code: &str) -> FailureText {
    [FAIL_REASONS, API, OAUTH, OWN].into_iter().flatten().find(|text| text.code == code).copied().unwrap_or(UNKNOWN)
}

/// Every key that needs texts, once, in a stable order.
#[must_use]
pub fn keys() -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = [API, FAIL_REASONS, OAUTH, OAUTH_TYPES, OWN]
        .into_iter()
        .flatten()
        .map(|text| text.key)
        .chain([UNKNOWN.key])
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_means_different_things_in_different_places() {
        let api = failure_text(FailureSource::Api, "internal_error");
        let reason = failure_text(FailureSource::FailReason, "internal");
        assert_eq!(api.retry, RetryPolicy::WithBackoff);
        assert_eq!(reason.retry, RetryPolicy::OneNewAttempt);
        assert_eq!(failure_text(FailureSource::Api, "internal"), UNKNOWN);
    }

    #[test]
    fn both_spellings_of_the_parameter_error_are_one() {
        let one = failure_text(FailureSource::Api, "invalid_param");
        let many = failure_text(FailureSource::Api, "invalid_params");
        assert_eq!(one.key, many.key);
    }

    #[test]
    fn no_code_is_listed_twice_in_a_table() {
        for table in [API, FAIL_REASONS, OAUTH, OAUTH_TYPES, OWN] {
            let mut codes: Vec<_> = table.iter().map(|text| text.code).collect();
            let all = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), all);
        }
    }

    #[test]
    fn a_stopped_post_finds_its_words_whoever_stopped_it() {
        assert_eq!(stopped_by("spam_risk_too_many_posts").key, "too-many-posts");
        assert_eq!(stopped_by("url_ownership_unverified").key, "url-unverified");
        assert_eq!(stopped_by("invalid_grant").key, "oauth-grant");
        assert_eq!(stopped_by("media-changed").key, "media-changed");
        assert_eq!(stopped_by("never heard of"), UNKNOWN);
    }

    #[test]
    fn every_rule_that_can_stop_a_due_post_has_words() {
        use crate::rules::{Problem, Severity};
        // The rest is about what only the post page can change, or cannot be true of a consented post.
        let only_on_the_page = |problem: &Problem| {
            matches!(
                problem.field(),
                crate::rules::Field::Caption
                    | crate::rules::Field::Title
                    | crate::rules::Field::Comment
                    | crate::rules::Field::Duet
                    | crate::rules::Field::Stitch
                    | crate::rules::Field::Disclosure
                    | crate::rules::Field::Cover
                    | crate::rules::Field::Time
                    | crate::rules::Field::Delivery
            ) || matches!(problem, Problem::MediaNeedsConversion)
        };
        for problem in Problem::samples() {
            if problem.severity() == Severity::Blocks && !only_on_the_page(&problem) {
                assert_ne!(stopped_by(problem.code()), UNKNOWN, "{}", problem.code());
            }
        }
    }

    #[test]
    fn risk_verdicts_and_bans_are_never_repeated() {
        for code in ["spam_risk", "spam_risk_text", "spam_risk_user_banned_from_posting", "auth_removed"] {
            let text = failure_text(FailureSource::FailReason, code);
            assert_eq!(text.retry, RetryPolicy::Never, "{code}");
        }
    }
}
