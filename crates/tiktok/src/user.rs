//! The user's profile as Login Kit shows it.
//! Only what was asked for and granted is present; nothing here is needed for posting.

use serde::Deserialize;

use crate::answer::null_is_default;
use crate::text_enum::text_enum;

text_enum! {
    /// A member of `user/info`. Source: tiktok-api-v2-get-user-info.
    ///
    /// Ask only for members whose scope was granted, otherwise the whole call is refused.
    pub enum UserField {
        /// Id of the user in this app. Scope `user.info.basic`.
        OpenId = "open_id",
        /// Id of the user across the developer's apps. Scope `user.info.basic`.
        UnionId = "union_id",
        /// Picture; the address expires. Scope `user.info.basic`.
        AvatarUrl = "avatar_url",
        /// Picture of 100 by 100 pixels. Scope `user.info.basic`.
        AvatarUrl100 = "avatar_url_100",
        /// Larger picture. Scope `user.info.basic`.
        AvatarLargeUrl = "avatar_large_url",
        /// Nickname, not the handle. Scope `user.info.basic`.
        DisplayName = "display_name",
        /// Biography. Scope `user.info.profile`.
        BioDescription = "bio_description",
        /// Link into the app. Scope `user.info.profile`.
        ProfileDeepLink = "profile_deep_link",
        /// Link on the web. Scope `user.info.profile`.
        ProfileWebLink = "profile_web_link",
        /// Verified mark. Scope `user.info.profile`.
        IsVerified = "is_verified",
        /// Handle. Scope `user.info.profile`.
        Username = "username",
        /// Followers. Scope `user.info.stats`.
        FollowerCount = "follower_count",
        /// Accounts followed. Scope `user.info.stats`.
        FollowingCount = "following_count",
        /// Likes received. Scope `user.info.stats`.
        LikesCount = "likes_count",
        /// Public posts. Scope `user.info.stats`.
        VideoCount = "video_count",
    }
}

impl UserField {
    /// The members covered by `user.info.basic`.
    pub const BASIC: &'static [Self] =
        &[Self::OpenId, Self::UnionId, Self::AvatarUrl, Self::AvatarUrl100, Self::AvatarLargeUrl, Self::DisplayName];
}

/// Answer of `user/info`; members that were not asked for are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[expect(missing_docs, reason = "each member is documented at its UserField")]
pub struct UserInfo {
    #[serde(default)]
    pub open_id: Option<String>,
    #[serde(default)]
    pub union_id: Option<String>,
    #[serde(default)]
    pub avatar_url: Option<String>,
    #[serde(default)]
    pub avatar_url_100: Option<String>,
    #[serde(default)]
    pub avatar_large_url: Option<String>,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub bio_description: Option<String>,
    #[serde(default)]
    pub profile_deep_link: Option<String>,
    #[serde(default)]
    pub profile_web_link: Option<String>,
    #[serde(default)]
    pub is_verified: Option<bool>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub follower_count: Option<i64>,
    #[serde(default)]
    pub following_count: Option<i64>,
    #[serde(default)]
    pub likes_count: Option<i64>,
    #[serde(default)]
    pub video_count: Option<i64>,
}

/// `data` of `user/info`.
#[derive(Deserialize)]
pub(crate) struct UserInfoData {
    #[serde(default, deserialize_with = "null_is_default")]
    pub(crate) user: UserInfo,
}
