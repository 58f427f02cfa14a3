//! The scopes the simulator's endpoints ask for. Anything else is refused as unknown.

use serde::{Deserialize, Serialize};

/// A permission a user can grant to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Identity: open id, avatar, display name.
    #[serde(rename = "user.info.basic")]
    UserInfoBasic,
    /// Handle, bio, links, verified flag.
    #[serde(rename = "user.info.profile")]
    UserInfoProfile,
    /// Follower and like counts.
    #[serde(rename = "user.info.stats")]
    UserInfoStats,
    /// The user's public videos.
    #[serde(rename = "video.list")]
    VideoList,
    /// Posting to the profile.
    #[serde(rename = "video.publish")]
    VideoPublish,
    /// Delivering drafts to the inbox.
    #[serde(rename = "video.upload")]
    VideoUpload,
}

impl Scope {
    /// Every scope the simulator knows.
    pub const ALL: [Self; 6] = [
        Self::UserInfoBasic,
        Self::UserInfoProfile,
        Self::UserInfoStats,
        Self::VideoList,
        Self::VideoPublish,
        Self::VideoUpload,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserInfoBasic => "user.info.basic",
            Self::UserInfoProfile => "user.info.profile",
            Self::UserInfoStats => "user.info.stats",
            Self::VideoList => "video.list",
            Self::VideoPublish => "video.publish",
            Self::VideoUpload => "video.upload",
        }
    }

    /// What the consent page tells the person.
    pub(crate) fn explained(self) -> &'static str {
        match self {
            Self::UserInfoBasic => "Read your profile picture and display name",
            Self::UserInfoProfile => "Read your handle, bio and profile link",
            Self::UserInfoStats => "Read your follower, like and video counts",
            Self::VideoList => "Read your public videos",
            Self::VideoPublish => "Post content to your profile",
            Self::VideoUpload => "Send content to you as a draft",
        }
    }

    /// Reads one wire name; case-sensitive.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// Comma-joined, as callbacks and token answers carry them.
    pub(crate) fn join(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
    }
}
