//! A post: what the user wants published, once. Owns its content and states; the machine that publishes it is in `attempt`.

use serde::{Deserialize, Serialize};

use crate::creator::PrivacyLevel;
use crate::photos::{PHOTO_DESCRIPTION_MAX_UTF16, PhotoContent};

/// Longest caption of a video, UTF-16 code units.
pub const CAPTION_MAX_UTF16: usize = 2200;

/// Where a post is in its life. The text forms are repeated by CHECKs in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    /// Being composed; nothing will be sent.
    Draft,
    /// Consented and waiting for its time.
    Scheduled,
    /// An attempt is live.
    Publishing,
    /// TikTok said that the post is out.
    Published,
    /// TikTok delivered the draft to the creator's inbox.
    InInbox,
    /// TikTok refused, for a reason that is kept.
    Failed,
    /// A person has to decide or repair something.
    NeedsAttention,
    /// The user withdrew it before the last byte was sent.
    Cancelled,
}

impl PostState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Scheduled,
        Self::Publishing,
        Self::Published,
        Self::InInbox,
        Self::Failed,
        Self::NeedsAttention,
        Self::Cancelled,
    ];

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Publishing => "publishing",
            Self::Published => "published",
            Self::InInbox => "in_inbox",
            Self::Failed => "failed",
            Self::NeedsAttention => "needs_attention",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The content may still be changed (which voids a consent).
    #[must_use]
    pub const fn is_editable(self) -> bool {
        match self {
            Self::Draft | Self::Scheduled | Self::Failed | Self::NeedsAttention | Self::Cancelled => true,
            Self::Publishing | Self::Published | Self::InInbox => false,
        }
    }
}

/// How a post reaches TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Published to the profile (scope `video.publish`).
    Direct,
    /// Delivered to the creator's inbox, finished by hand in the app (scope `video.upload`). Options are lost, and the caption of
    /// videos too.
    Inbox,
}

impl Delivery {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Inbox => "inbox",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Direct, Self::Inbox].into_iter().find(|delivery| delivery.as_str() == text)
    }
}

/// What the user said about commercial content. Boxes may be ticked only while the switch is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Disclosure {
    /// "This content promotes yourself, a brand, a product or a service."
    pub on: bool,
    /// "Your brand": the creator's own business.
    pub your_brand: bool,
    /// "Branded content": a third party pays or gives.
    pub branded_content: bool,
}

/// Everything about a post that TikTok will receive, chosen by a person; nothing has a default that TikTok forbids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PostContent {
    /// The caption of a video, the description of photos; at most [`PostContent::caption_max_utf16`] UTF-16 units once sent, a
    /// draft may be longer.
    pub caption: String,
    /// `None` until the person picks one: there is no default.
    pub privacy: Option<PrivacyLevel>,
    /// Viewers may comment. Off until ticked.
    pub allow_comment: bool,
    /// Viewers may duet. Off until ticked.
    pub allow_duet: bool,
    /// Viewers may stitch. Off until ticked.
    pub allow_stitch: bool,
    /// Commercial content.
    pub disclosure: Disclosure,
    /// Made with AI; TikTok labels the video.
    pub ai_generated: bool,
    /// Cover frame, milliseconds from the start; `None` is the first frame.
    pub cover_ms: Option<i64>,
    /// What only photo posts have; `None` for a video. Left out of the canonical form of videos, so that the fingerprints of older
    /// consents stay what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<PhotoContent>,
}

/// Characters of a post's first words in lists.
pub const FIRST_LINE_CHARS: usize = 80;

impl PostContent {
    /// What a list shows of a post's words: the first line that says something, cut to [`FIRST_LINE_CHARS`]; empty when there are none.
    #[must_use]
    pub fn first_line(&self) -> &str {
        let line = self.headline().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        line.char_indices().nth(FIRST_LINE_CHARS).and_then(|(end, _)| line.get(..end)).unwrap_or(line)
    }

    /// Longest caption once sent, UTF-16 code units.
    #[must_use]
    pub const fn caption_max_utf16(&self) -> usize {
        match self.photos {
            Some(_) => PHOTO_DESCRIPTION_MAX_UTF16,
            None => CAPTION_MAX_UTF16,
        }
    }

    /// The first words of a post for lists: the title of photos, else the caption.
    #[must_use]
    pub fn headline(&self) -> &str {
        match &self.photos {
            Some(photos) if !photos.title.is_empty() => &photos.title,
            Some(_) | None => &self.caption,
        }
    }
}
