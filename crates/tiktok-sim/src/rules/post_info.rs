//! The post settings a client sends, for videos and photos: types, lengths and combinations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::answer::ApiFault;
use crate::json::{Members, Noticed};

/// Who sees a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Privacy {
    #[serde(rename = "PUBLIC_TO_EVERYONE")]
    Public,
    #[serde(rename = "MUTUAL_FOLLOW_FRIENDS")]
    Friends,
    #[serde(rename = "FOLLOWER_OF_CREATOR")]
    Followers,
    #[serde(rename = "SELF_ONLY")]
    SelfOnly,
}

impl Privacy {
    pub(crate) const ALL: [Self; 4] = [Self::Public, Self::Friends, Self::Followers, Self::SelfOnly];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC_TO_EVERYONE",
            Self::Friends => "MUTUAL_FOLLOW_FRIENDS",
            Self::Followers => "FOLLOWER_OF_CREATOR",
            Self::SelfOnly => "SELF_ONLY",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|privacy| privacy.as_str() == text)
    }
}

/// Settings as sent. An omitted `disable_*` allows the interaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PostInfo {
    pub(crate) title: String,
    pub(crate) description: String,
    /// None when missing or unknown; judged later, at its own place in the order of checks.
    pub(crate) privacy: Option<Privacy>,
    pub(crate) disable_comment: Option<bool>,
    pub(crate) disable_duet: Option<bool>,
    pub(crate) disable_stitch: Option<bool>,
    pub(crate) cover_ms: Option<i64>,
    pub(crate) brand_content: Option<bool>,
    pub(crate) brand_organic: Option<bool>,
    pub(crate) is_aigc: bool,
    pub(crate) auto_add_music: bool,
}

const VIDEO_MEMBERS: [&str; 9] = [
    "title",
    "privacy_level",
    "disable_duet",
    "disable_stitch",
    "disable_comment",
    "video_cover_timestamp_ms",
    "brand_content_toggle",
    "brand_organic_toggle",
    "is_aigc",
];
const PHOTO_MEMBERS: [&str; 7] = [
    "title",
    "description",
    "privacy_level",
    "disable_comment",
    "auto_add_music",
    "brand_content_toggle",
    "brand_organic_toggle",
];

/// UTF-16 units, TikTok's measure of text.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn too_long(what: &str, limit: usize) -> ApiFault {
    ApiFault::new(400, "invalid_param", format!("The {what} is longer than {limit} characters"))
}

impl PostInfo {
    pub(crate) fn video(map: &Map<String, Value>, noticed: &mut Noticed) -> Result<Self, ApiFault> {
        let members = Members::new(map, "post_info", &VIDEO_MEMBERS, noticed);
        let info = Self {
            title: members.text("title")?.unwrap_or_default().to_owned(),
            privacy: members.text("privacy_level")?.and_then(Privacy::parse),
            disable_comment: members.flag("disable_comment")?,
            disable_duet: members.flag("disable_duet")?,
            disable_stitch: members.flag("disable_stitch")?,
            cover_ms: members.integer("video_cover_timestamp_ms")?,
            brand_content: members.flag("brand_content_toggle")?,
            brand_organic: members.flag("brand_organic_toggle")?,
            is_aigc: members.flag("is_aigc")?.unwrap_or(false),
            ..Self::default()
        };
        if units(&info.title) > 2200 {
            return Err(too_long("title", 2200));
        }
        Ok(info)
    }

    pub(crate) fn photo(map: &Map<String, Value>, noticed: &mut Noticed) -> Result<Self, ApiFault> {
        let members = Members::new(map, "post_info", &PHOTO_MEMBERS, noticed);
        let info = Self {
            title: members.text("title")?.unwrap_or_default().to_owned(),
            description: members.text("description")?.unwrap_or_default().to_owned(),
            privacy: members.text("privacy_level")?.and_then(Privacy::parse),
            disable_comment: members.flag("disable_comment")?,
            auto_add_music: members.flag("auto_add_music")?.unwrap_or(false),
            brand_content: members.flag("brand_content_toggle")?,
            brand_organic: members.flag("brand_organic_toggle")?,
            ..Self::default()
        };
        if units(&info.title) > 90 {
            return Err(too_long("title", 90));
        }
        if units(&info.description) > 4000 {
            return Err(too_long("description", 4000));
        }
        Ok(info)
    }

    /// Paid partnerships cannot be private.
    pub(crate) fn is_private_advertising(&self) -> bool {
        self.brand_content == Some(true) && self.privacy == Some(Privacy::SelfOnly)
    }
}
