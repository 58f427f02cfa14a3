//! What the received bytes are: container, codec, picture, frame rate, duration. Own readers, so that the
//! measuring code of a client is checked by a second reading. It judges against TikTok's limits and nothing else.

mod boxes;
mod ebml;
mod image;
mod sample;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;

pub(crate) use image::{judge_picture, read_picture};
pub use sample::{sample_jpeg, sample_mp4};

/// A container TikTok takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// ISO base media.
    Mp4,
    /// QuickTime.
    Mov,
    /// WebM (or another Matroska profile).
    Webm,
}

impl Container {
    /// The type a browser plays it as.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::Webm => "video/webm",
        }
    }
}

/// What was measured on a video.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MediaFacts {
    /// Container.
    pub container: Container,
    /// Codec: `h264`, `h265`, `vp8`, `vp9`, or the container's own word for another.
    pub codec: String,
    /// Width, pixels.
    pub width_px: u32,
    /// Height, pixels.
    pub height_px: u32,
    /// Frames per second, when the container tells.
    pub frames_per_second: Option<f64>,
    /// Duration, milliseconds.
    pub duration_ms: u64,
}

/// Why a file could not be measured; it fails as `file_format_check_failed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl From<std::io::Error> for Unreadable {
    fn from(_: std::io::Error) -> Self {
        Self("the file ends inside a structure")
    }
}

/// Measures a video file. Reads headers only; memory stays bounded whatever the file says.
pub(crate) fn measure(path: &Path) -> Result<MediaFacts, Unreadable> {
    let mut file = File::open(path).map_err(|_| Unreadable("the file could not be opened"))?;
    let size_bytes = file.metadata().map_err(|_| Unreadable("the file could not be opened"))?.len();
    let mut magic = [0_u8; 12];
    file.read_exact(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    match magic {
        [0x1A, 0x45, 0xDF, 0xA3, ..] => ebml::read(&mut std::io::BufReader::new(file), size_bytes),
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => boxes::read(&mut std::io::BufReader::new(file), size_bytes),
        _ => Err(Unreadable("neither an MP4, a MOV nor a WebM")),
    }
}

/// The `fail_reason` TikTok would give, if any.
pub(crate) fn judge(facts: &MediaFacts, max_duration_s: u32) -> Result<(), &'static str> {
    if !matches!(facts.codec.as_str(), "h264" | "h265" | "vp8" | "vp9") {
        return Err("file_format_check_failed");
    }
    let sides = [facts.width_px, facts.height_px];
    if sides.iter().any(|side| !(360..=4096).contains(side)) {
        return Err("picture_size_check_failed");
    }
    // 23.976 and 59.94 must pass, and so must the rounding of a variable rate.
    if facts.frames_per_second.is_some_and(|rate| !(22.9..=60.5).contains(&rate)) {
        return Err("frame_rate_check_failed");
    }
    let allowed_ms = u64::from(max_duration_s.min(600)).saturating_mul(1000);
    // A container rounds its duration up to a frame.
    if facts.duration_ms == 0 || facts.duration_ms > allowed_ms.saturating_add(100) {
        return Err("duration_check_failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> MediaFacts {
        MediaFacts {
            container: Container::Mp4,
            codec: "h264".to_owned(),
            width_px: 1080,
            height_px: 1920,
            frames_per_second: Some(29.97),
            duration_ms: 15_000,
        }
    }

    #[test]
    fn limits_are_those_of_the_platform() {
        assert_eq!(judge(&good(), 600), Ok(()));
        assert_eq!(judge(&MediaFacts { width_px: 320, ..good() }, 600), Err("picture_size_check_failed"));
        assert_eq!(judge(&MediaFacts { height_px: 4098, ..good() }, 600), Err("picture_size_check_failed"));
        assert_eq!(judge(&MediaFacts { frames_per_second: Some(15.0), ..good() }, 600), Err("frame_rate_check_failed"));
        assert_eq!(judge(&MediaFacts { frames_per_second: None, ..good() }, 600), Ok(()));
        assert_eq!(judge(&MediaFacts { duration_ms: 61_000, ..good() }, 60), Err("duration_check_failed"));
        assert_eq!(judge(&MediaFacts { codec: "mp4v".to_owned(), ..good() }, 600), Err("file_format_check_failed"));
    }

    #[test]
    fn a_made_up_video_is_measured_as_made() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.mp4");
        std::fs::write(&path, sample_mp4(720, 1280, 30, 12_000, 100_000))?;
        let facts = measure(&path)?;
        assert_eq!((facts.width_px, facts.height_px, facts.duration_ms), (720, 1280, 12_000));
        assert_eq!(facts.frames_per_second.map(f64::round), Some(30.0));
        assert_eq!(facts.codec, "h264");
        assert_eq!(std::fs::metadata(&path)?.len(), 100_000);
        Ok(())
    }
}
