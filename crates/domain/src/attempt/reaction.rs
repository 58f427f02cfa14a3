//! What a definite word of TikTok means for the post: try again, ask a person, or give up. Owns no texts.

/// What follows a refusal or a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// A new attempt soon: nothing is wrong with the post.
    Soon,
    /// A new attempt after TikTok's rate window.
    AfterRateWindow,
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
        "scope_not_authorized"
        | "scope_permission_missed"
        | "spam_risk_too_many_posts"
        | "spam_risk_too_many_pending_share"
        | "reached_active_user_cap"
        | "unaudited_client_can_only_post_to_private_accounts"
        | "privacy_level_option_mismatch"
        | "url_ownership_unverified"
        | "auth_removed" => Reaction::Park,
        _ => Reaction::GiveUp,
    }
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
        assert_eq!(react_to("internal"), Reaction::Once);
        assert_eq!(react_to("rate_limit_exceeded"), Reaction::AfterRateWindow);
    }
}
