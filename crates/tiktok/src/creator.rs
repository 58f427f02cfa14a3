//! What a creator may post at this moment, and the audience words.
//! It must not choose anything: the options are for a person to pick from.

use serde::Deserialize;

use crate::answer::null_is_default;
use crate::text_enum::text_enum;

text_enum! {
    /// Who may see a post. Source: content-posting-api-reference-query-creator-info.
    pub enum PrivacyLevel {
        /// Everybody; offered to public accounts.
        PublicToEveryone = "PUBLIC_TO_EVERYONE",
        /// Followers that the creator follows back.
        MutualFollowFriends = "MUTUAL_FOLLOW_FRIENDS",
        /// Followers; offered to private accounts.
        FollowerOfCreator = "FOLLOWER_OF_CREATOR",
        /// Only the creator.
        SelfOnly = "SELF_ONLY",
    }
}

/// Answer of `creator_info/query`. Source: content-posting-api-reference-query-creator-info.
///
/// Must be fresh whenever a person is shown the posting page. It does not tell whether the app is audited.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreatorInfo {
    /// Address of the picture; valid for two hours.
    #[serde(rename = "creator_avatar_url", default, deserialize_with = "null_is_default")]
    pub avatar_url: String,
    /// Handle, unique.
    #[serde(rename = "creator_username", default, deserialize_with = "null_is_default")]
    pub username: String,
    /// Display name; must be shown on the posting page.
    #[serde(rename = "creator_nickname", default, deserialize_with = "null_is_default")]
    pub nickname: String,
    /// The only levels TikTok accepts for this creator now. Unknown ones are kept as `Other` and should not be offered.
    pub privacy_level_options: Vec<PrivacyLevel>,
    /// The creator allows no comments.
    #[serde(default, deserialize_with = "null_is_default")]
    pub comment_disabled: bool,
    /// The creator allows no duets. Meaningless for photos.
    #[serde(default, deserialize_with = "null_is_default")]
    pub duet_disabled: bool,
    /// The creator allows no stitches. Meaningless for photos.
    #[serde(default, deserialize_with = "null_is_default")]
    pub stitch_disabled: bool,
    /// Longest video of this creator, seconds. Meaningless for photos.
    pub max_video_post_duration_sec: i64,
}
