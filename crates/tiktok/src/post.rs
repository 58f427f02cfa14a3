//! What a post carries: direct videos, videos that TikTok fetches, photos, and the ids and addresses that come back.
//! Types only; captions do not print, because they are the user's content.

use std::fmt;

use serde::Serialize;
use url::Url;

use crate::creator::PrivacyLevel;
use crate::limits::{PUBLISH_ID_MAX_CHARS, UPLOAD_URL_MAX_CHARS};
use crate::upload::ChunkPlan;

/// A video posted directly to the profile from bytes we send. Source: content-posting-api-reference-direct-post.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectVideo {
    /// Caption, at most 2200 UTF-16 units; empty for none.
    pub title: String,
    /// Audience; one of the creator's current options.
    pub privacy_level: PrivacyLevel,
    /// Nobody may comment. Always sent: TikTok allows what is left out.
    pub disable_comment: bool,
    /// Nobody may make a duet.
    pub disable_duet: bool,
    /// Nobody may make a stitch.
    pub disable_stitch: bool,
    /// Frame of the cover, milliseconds from the start; the first frame when `None`.
    pub video_cover_timestamp_ms: Option<i64>,
    /// Paid partnership for a third party.
    pub brand_content_toggle: bool,
    /// Promotes the creator's own business.
    pub brand_organic_toggle: bool,
    /// Made by AI; TikTok labels the video.
    pub is_aigc: bool,
    /// How the bytes will be sent.
    pub plan: ChunkPlan,
}

/// A video posted directly to the profile that TikTok fetches itself. Source: content-posting-api-reference-direct-post.
///
/// There is no commit point: a post may exist even if the answer of the init is lost.
#[derive(Clone, PartialEq, Eq)]
pub struct PullVideo {
    /// The same options as for sent bytes; `plan` is not used.
    pub options: DirectVideo,
    /// https address under a domain or prefix verified for the app; TikTok follows no redirect.
    pub video_url: Url,
}

/// Photos that TikTok fetches. Source: content-posting-api-reference-photo-post.
#[derive(Clone, PartialEq, Eq)]
pub struct PhotoPost {
    /// Directly to the profile or to the inbox.
    pub mode: PhotoMode,
    /// At most 90 UTF-16 units; empty for none.
    pub title: String,
    /// At most 4000 UTF-16 units; empty for none.
    pub description: String,
    /// 1 to 35 https addresses of JPEG or WebP under a verified domain or prefix; TikTok follows no redirect.
    pub images: Vec<Url>,
    /// Index of the cover in `images`, from zero.
    pub cover_index: u32,
}

/// Where photos go, with what is valid only there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoMode {
    /// To the profile; needs `video.publish`.
    DirectPost {
        /// Audience; one of the creator's current options.
        privacy_level: PrivacyLevel,
        /// Nobody may comment.
        disable_comment: bool,
        /// TikTok adds a recommended track, which the user can change there.
        auto_add_music: bool,
        /// Paid partnership for a third party.
        brand_content_toggle: bool,
        /// Promotes the creator's own business.
        brand_organic_toggle: bool,
    },
    /// To the creator's inbox, to be finished in the TikTok app 31.8 or newer; needs `video.upload`.
    MediaUpload,
}

macro_rules! debug_without_text {
    ($name:ident: $($field:ident),+; hidden $($hidden:ident),+) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut out = f.debug_struct(stringify!($name));
                $( out.field(stringify!($field), &self.$field); )+
                $( out.field(
                    concat!(stringify!($hidden), "_utf16"),
                    &self.$hidden.encode_utf16().count(),
                ); )+
                out.finish_non_exhaustive()
            }
        }
    };
}

debug_without_text!(DirectVideo: privacy_level, disable_comment, disable_duet, disable_stitch,
    video_cover_timestamp_ms, brand_content_toggle, brand_organic_toggle, is_aigc, plan; hidden title);
debug_without_text!(PhotoPost: mode, cover_index; hidden title, description);

impl fmt::Debug for PullVideo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may be an unguessable one of the caller.
        f.debug_struct("PullVideo").field("options", &self.options).finish_non_exhaustive()
    }
}

/// TikTok's id of one publishing task, opaque, at most 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PublishId(String);

/// Why a text is not a [`PublishId`] or [`UploadUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Empty, longer than 64 characters, or with characters outside visible ASCII.
    #[error("a publish_id has 1 to {PUBLISH_ID_MAX_CHARS} visible ASCII characters")]
    PublishId,
    /// Not an absolute address with a host, or too long.
    #[error("an upload_url is an absolute address of at most {UPLOAD_URL_MAX_CHARS} characters")]
    UploadUrl,
}

impl PublishId {
    /// Checks length and characters; the rest is opaque.
    ///
    /// # Errors
    /// [`GrantError::PublishId`].
    pub fn parse(text: &str) -> Result<Self, GrantError> {
        let fits = (1..=PUBLISH_ID_MAX_CHARS).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(GrantError::PublishId)
        }
    }

    /// The id as TikTok wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublishId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for PublishId {
    type Err = GrantError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The address that takes the bytes of one upload, valid for one hour. Its query is a secret: whoever has it can upload.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadUrl {
    text: String,
    url: Url,
}

impl UploadUrl {
    /// Takes the address whole. Whether its host may receive bytes is checked when bytes are sent.
    ///
    /// # Errors
    /// [`GrantError::UploadUrl`].
    pub fn parse(text: &str) -> Result<Self, GrantError> {
        if text.len() > UPLOAD_URL_MAX_CHARS {
            return Err(GrantError::UploadUrl);
        }
        let url = Url::parse(text).map_err(|_not_an_address| GrantError::UploadUrl)?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(GrantError::UploadUrl);
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The whole address with its secret, exactly as TikTok wrote it; keep it encrypted.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for UploadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadUrl({}, [redacted])", self.url.host_str().unwrap_or_default())
    }
}

/// Answer of an init for bytes we send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadGrant {
    /// Names the task from now on. Persist it before the first byte.
    pub publish_id: PublishId,
    /// Takes all chunks of this task, for one hour.
    pub upload_url: UploadUrl,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn publish_ids_are_opaque_but_bounded() {
        let id = PublishId::parse("v_pub_file~v2-1.7600000000000000001").unwrap();
        assert_eq!(id.as_str(), "v_pub_file~v2-1.7600000000000000001");
        assert!(PublishId::parse(&"x".repeat(64)).is_ok());
        for bad in ["", " ", "a b", "ид", &"x".repeat(65)] {
            assert_eq!(PublishId::parse(bad), Err(GrantError::PublishId), "{bad:?}");
        }
    }

    #[test]
    fn an_upload_address_keeps_its_text_and_hides_its_query() {
        let text = "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=canary%2F";
        let url = UploadUrl::parse(text).unwrap();
        assert_eq!(url.expose(), text);
        assert!(!format!("{url:?}").contains("canary"));
        for bad in ["", "/video", "mailto:a@b", &format!("https://a/{}", "x".repeat(2_048))] {
            assert_eq!(UploadUrl::parse(bad), Err(GrantError::UploadUrl), "{bad:?}");
        }
    }

    #[test]
    fn captions_do_not_print() {
        let video = DirectVideo {
            title: "canary".into(),
            privacy_level: PrivacyLevel::SelfOnly,
            disable_comment: true,
            disable_duet: true,
            disable_stitch: true,
            video_cover_timestamp_ms: None,
            brand_content_toggle: false,
            brand_organic_toggle: false,
            is_aigc: false,
            plan: ChunkPlan::for_size(1).unwrap(),
        };
        let text = format!("{video:?}");
        assert!(!text.contains("canary") && text.contains("title_utf16: 6"));
    }
}
