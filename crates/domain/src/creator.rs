//! What TikTok says about a creator right now. Owns the snapshot that the post page and the send-time check act on.

use serde::{Deserialize, Serialize};

/// Who may watch a post. Only values that TikTok offered for this creator may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrivacyLevel {
    /// Everyone.
    PublicToEveryone,
    /// Friends: followers whom the creator follows back.
    MutualFollowFriends,
    /// Followers, offered to private accounts.
    FollowerOfCreator,
    /// Only the creator.
    SelfOnly,
}

impl PrivacyLevel {
    /// All levels, widest audience first.
    pub const ALL: [Self; 4] =
        [Self::PublicToEveryone, Self::MutualFollowFriends, Self::FollowerOfCreator, Self::SelfOnly];

    /// TikTok's own name, also stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PublicToEveryone => "PUBLIC_TO_EVERYONE",
            Self::MutualFollowFriends => "MUTUAL_FOLLOW_FRIENDS",
            Self::FollowerOfCreator => "FOLLOWER_OF_CREATOR",
            Self::SelfOnly => "SELF_ONLY",
        }
    }

    /// Reads TikTok's name; an unknown level gives `None` and is not offered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// Why TikTok does not let this creator post at the moment (answered with HTTP 200 on purpose).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingBlock {
    /// The creator's posts of the last 24 hours reached TikTok's cap.
    TooManyPosts,
    /// The account is banned from posting.
    Banned,
    /// The app's own quota of active creators is used up.
    AppQuota,
    /// A code that is not known here, shown verbatim.
    Other(String),
}

/// The answer of creator info, as far as it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatorSnapshot {
    /// Display name that must be shown on the post page.
    pub nickname: String,
    /// Unique handle without the at sign.
    pub username: String,
    /// Levels on offer now, in TikTok's order.
    pub privacy_options: Vec<PrivacyLevel>,
    /// The creator turned comments off.
    pub comment_disabled: bool,
    /// The creator turned duets off, or the account is private.
    pub duet_disabled: bool,
    /// The creator turned stitches off, or the account is private.
    pub stitch_disabled: bool,
    /// Longest video this creator may post, seconds.
    pub max_video_duration_s: i64,
}

/// What creator info said: a creator who can post, or a reason why not now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreatorStanding {
    /// The creator can post with these settings.
    CanPost(CreatorSnapshot),
    /// The creator cannot post now.
    Blocked(PostingBlock),
}
