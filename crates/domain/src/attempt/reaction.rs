//! What a definite word of TikTok means for the post: try again, ask a person, or give up. Owns no texts.

use crate::time::UnixMillis;

/// What follows a refusal or a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// A new attempt soon: nothing is wrong with the post.
    Soon,
    /// A new attempt after TikTok's rate window.
    AfterRateWindow,
    /// A new attempt in some hours, if that is still in time; else a person has to decide. The app's own quota.
    AfterHours,
    /// One new attempt in the life of the post, then give up.
    Once,
    /// A person has to repair or decide something.
    Park,
    /// It will never work as it is.
    GiveUp,
}

/// The reaction to an error code or a `fail_reason`, verbatim as TikTok sent it.
///
/// An unknown word is final: it is shown as it is rather than tried again.
#[must_use]
pub fn react_to(word: &str) -> Reaction {
    match word {
        "access_token_invalid" => Reaction::Soon,
        "rate_limit_exceeded" => Reaction::AfterRateWindow,
        "internal" | "internal_error" | "video_pull_failed" | "photo_pull_failed" => Reaction::Once,
        "reached_active_user_cap" => Reaction::AfterHours,
        "scope_not_authorized"
        | "scope_permission_missed"
        | "spam_risk_too_many_posts"
        | "spam_risk_too_many_pending_share"
        | "unaudited_client_can_only_post_to_private_accounts"
        | "privacy_level_option_mismatch"
        | "url_ownership_unverified"
        | "auth_removed" => Reaction::Park,
        _ => Reaction::GiveUp,
    }
}

/// How long a post waits for the app's own quota before TikTok is asked again, milliseconds.
pub(super) const QUOTA_WAIT_MS: i64 = 3_600_000;

/// How long after its time a post is kept waiting for the quota where nothing else limits it, milliseconds.
const QUOTA_FOR_MS: i64 = 86_400_000;

/// Whether waiting for the quota once more is within what the person agreed to: never past the time after which a late post is held.
pub(super) fn may_wait_for_quota(released_at: UnixMillis, now: UnixMillis, hold_after_ms: Option<i64>) -> bool {
    let limit = hold_after_ms.unwrap_or(QUOTA_FOR_MS).min(QUOTA_FOR_MS);
    now.plus_millis(QUOTA_WAIT_MS).millis_since(released_at) <= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permanent_reasons_are_never_tried_again() {
        for word in [
            "file_format_check_failed",
            "duration_check_failed",
            "frame_rate_check_failed",
            "picture_size_check_failed",
            "spam_risk",
            "spam_risk_text",
            "spam_risk_user_banned_from_posting",
            "publish_cancelled",
            "invalid_param",
            "invalid_params",
            "a_word_nobody_knows",
        ] {
            assert_eq!(react_to(word), Reaction::GiveUp, "{word}");
        }
    }

    #[test]
    fn caps_and_privacy_ask_a_person_and_an_internal_error_is_tried_once() {
        for word in ["spam_risk_too_many_posts", "privacy_level_option_mismatch", "auth_removed"] {
            assert_eq!(react_to(word), Reaction::Park, "{word}");
        }
        assert_eq!(react_to("spam_risk_too_many_pending_share"), Reaction::Park);
        assert_eq!(react_to("reached_active_user_cap"), Reaction::AfterHours);
        assert_eq!(react_to("internal"), Reaction::Once);
        assert_eq!(react_to("rate_limit_exceeded"), Reaction::AfterRateWindow);
    }
}
