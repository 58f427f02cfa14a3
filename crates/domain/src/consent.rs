//! The immutable record of a person's express consent to exactly one post.
//!
//! Owns the declaration texts that TikTok obliges an app to show and the fingerprint that binds a consent to its content.
//! Must not store or render anything.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::creator::CreatorSnapshot;
use crate::id::{ConnectionId, ConsentId, PostId, UserId};
use crate::post::{Delivery, Disclosure, PostContent};
use crate::time::UnixMillis;

/// Version of the declaration texts below; a change of a text is a new version.
pub const DECLARATION_VERSION: &str = "2026-11";

/// Which declaration a person saw next to the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declaration {
    /// Music Usage Confirmation alone.
    Music,
    /// Branded Content Policy and Music Usage Confirmation.
    BrandedAndMusic,
}

impl Declaration {
    /// The declaration that belongs to a disclosure: branded content always brings its policy.
    #[must_use]
    pub const fn for_disclosure(disclosure: Disclosure) -> Self {
        if disclosure.on && disclosure.branded_content { Self::BrandedAndMusic } else { Self::Music }
    }

    /// TikTok's obligatory English wording, word for word.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Music => "By posting, you agree to TikTok's Music Usage Confirmation",
            Self::BrandedAndMusic => {
                "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation"
            }
        }
    }

    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Music => "music",
            Self::BrandedAndMusic => "branded_and_music",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Music, Self::BrandedAndMusic].into_iter().find(|declaration| declaration.as_str() == text)
    }
}

/// The pictures that were consented to, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoSubject {
    /// SHA-256 of each picture, lower-case hex.
    pub sha256: Vec<String>,
    /// Place of the cover among them, from zero.
    pub cover_index: u32,
}

/// What exactly was consented to. Equal subjects have equal fingerprints; any other change voids the consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentSubject {
    /// The account that receives the post.
    pub connection_id: ConnectionId,
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Caption and options.
    pub content: PostContent,
    /// SHA-256 of the file, lower-case hex; of photos [`crate::photos::set_sha256`] over all of them.
    pub media_sha256: String,
    /// Every picture of a photo post; `None` for a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<PhotoSubject>,
    /// When it shall go out.
    pub due_at: UnixMillis,
}

impl ConsentSubject {
    /// SHA-256 over a canonical form, lower-case hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        // Field order is fixed by the struct, so serde_json's text is canonical for our own types.
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        let hash = digest::digest(&digest::SHA256, &canonical);
        hash.as_ref().iter().fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// One consent, never changed after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The post it belongs to.
    pub post_id: PostId,
    /// Who pressed the button.
    pub user_id: UserId,
    /// When.
    pub given_at: UnixMillis,
    /// The declaration shown.
    pub declaration: Declaration,
    /// Version of the declaration texts shown.
    pub text_version: String,
    /// Language of the page, `en` or `ru`.
    pub locale: String,
    /// What was consented to.
    pub subject: ConsentSubject,
    /// [`ConsentSubject::fingerprint`] at that moment.
    pub fingerprint: String,
    /// What TikTok said about the creator when the page was shown; `None` for inbox drafts without `video.publish`.
    pub creator: Option<CreatorSnapshot>,
}
