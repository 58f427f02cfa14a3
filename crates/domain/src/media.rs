//! What was measured about a file and what TikTok accepts. Owns the table of rules; must not read files.

use serde::{Deserialize, Serialize};

/// Largest video, bytes: TikTok documents 4 GB, the decimal reading is the safe one.
pub const VIDEO_MAX_BYTES: u64 = 4_000_000_000;

/// Largest picture, bytes: TikTok documents 20 MB, the decimal reading is the safe one.
pub const PHOTO_MAX_BYTES: u64 = 20_000_000;

/// Container of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// ISO base media, MP4 brands.
    Mp4,
    /// QuickTime.
    Mov,
    /// WebM.
    Webm,
    /// Matroska that is not WebM.
    Matroska,
}

impl Container {
    /// The MIME type sent with the bytes.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::Webm => "video/webm",
            Self::Matroska => "video/x-matroska",
        }
    }
}

/// Codec of the first video track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// H.264.
    H264,
    /// H.265.
    H265,
    /// VP8.
    Vp8,
    /// VP9.
    Vp9,
    /// AV1.
    Av1,
    /// Another, by its four-character code or codec id.
    Other(String),
}

impl VideoCodec {
    /// Its name, the same in every language.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::Other(name) => name,
        }
    }
}

/// Facts read from the container itself, never from name or MIME type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFacts {
    /// Container.
    pub container: Container,
    /// File size, bytes.
    pub size_bytes: u64,
    /// Video codec.
    pub video_codec: VideoCodec,
    /// Audio codec by its four-character code or codec id, when there is an audio track.
    pub audio_codec: Option<String>,
    /// Picture width as displayed (after rotation), pixels.
    pub width_px: u32,
    /// Picture height as displayed (after rotation), pixels.
    pub height_px: u32,
    /// Clockwise rotation in the track header, degrees: 0, 90, 180 or 270.
    pub rotation_deg: u16,
    /// Duration, milliseconds.
    pub duration_ms: i64,
    /// Average frame rate, thousandths of a frame per second; `None` when the container does not tell.
    pub fps_milli: Option<u32>,
}

/// Format of a picture that TikTok takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoFormat {
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}

impl PhotoFormat {
    /// The MIME type sent with the bytes.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// Its name, the same in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
        }
    }
}

/// Facts read from a picture's headers, never from name or MIME type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoFacts {
    /// Format.
    pub format: PhotoFormat,
    /// File size, bytes.
    pub size_bytes: u64,
    /// Width as stored, pixels.
    pub width_px: u32,
    /// Height as stored, pixels.
    pub height_px: u32,
}

/// What was measured about a file. Untagged: the two have no field set in common, and rows of videos keep their form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FileFacts {
    /// A video.
    Video(MediaFacts),
    /// A picture.
    Photo(PhotoFacts),
}

impl FileFacts {
    /// The facts of a video.
    #[must_use]
    pub const fn video(&self) -> Option<&MediaFacts> {
        match self {
            Self::Video(facts) => Some(facts),
            Self::Photo(_) => None,
        }
    }

    /// The facts of a picture.
    #[must_use]
    pub const fn photo(&self) -> Option<&PhotoFacts> {
        match self {
            Self::Video(_) => None,
            Self::Photo(facts) => Some(facts),
        }
    }

    /// The MIME type of the bytes.
    #[must_use]
    pub const fn mime(&self) -> &'static str {
        match self {
            Self::Video(facts) => facts.container.mime(),
            Self::Photo(facts) => facts.format.mime(),
        }
    }
}

/// What a file tells about its maker beside what it shows. Conversions leave it out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// Where it was made.
    pub location: bool,
    /// With which device.
    pub device: bool,
}

impl Traces {
    /// What either of two readings found.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { location: self.location || other.location, device: self.device || other.device }
    }
}

/// What is known about a file's small pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThumbnailState {
    /// Not drawn yet.
    Pending,
    /// A thumbnail and a strip of cover frames exist.
    Ready,
    /// They cannot be drawn: no ffmpeg here, or it could not read the file.
    Unavailable,
}

impl ThumbnailState {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Unavailable => "unavailable",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Ready, Self::Unavailable].into_iter().find(|state| state.as_str() == text)
    }
}

pub mod fit;
pub mod tags;
pub mod verdict;

pub use verdict::{
    Finding, FindingEffect, MediaOutcome, MediaRule, MediaVerdict, ProbeFailure, judge, judge_file, judge_photo,
};
