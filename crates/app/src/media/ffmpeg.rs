//! Draws single frames with ffmpeg. Owns what ffmpeg is asked: demuxer forced, only files read, only so many pixels decoded. How it is
//! started and confined is in `tools`.

use std::path::Path;
use std::time::Duration;

use sandbox::Limits;

use domain::media::{Container, FileFacts, PhotoFormat};

use super::tools::{Run, ToolError, Tools, file_argument, whole};

/// What drawing one frame may use; it writes no file.
const LIMITS: Limits = Limits { cpu_seconds: 10, memory_bytes: 2 * 1024 * 1024 * 1024, file_bytes: 0, open_files: 32 };
/// Longest run of one child, wall clock.
const TIME_MAX: Duration = Duration::from_secs(15);
/// Largest picture accepted from it, bytes.
const PICTURE_MAX: u64 = 2 * 1024 * 1024;
/// Largest frame that is decoded at all, pixels.
const PIXELS_MAX: u64 = 8192 * 8192;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The frame is too large to be decoded here.
    #[error("the picture is too large to draw")]
    TooLarge,
    /// ffmpeg gave none.
    #[error("ffmpeg: {0}")]
    Tool(#[from] ToolError),
    /// Its answer is no picture of a sensible size.
    #[error("ffmpeg gave no usable picture")]
    NoPicture,
}

/// Draws the frame at `at_ms` as a JPEG `width_px` wide.
///
/// # Errors
/// [`FrameError`]; the file may simply end earlier than its headers say.
pub async fn frame(
    tools: &Tools,
    file: &Path,
    facts: &FileFacts,
    at_ms: i64,
    width_px: u32,
) -> Result<Vec<u8>, FrameError> {
    let (width, height, demuxer) = match facts {
        FileFacts::Video(video) => (video.width_px, video.height_px, demuxer(video.container)),
        FileFacts::Photo(photo) => (photo.width_px, photo.height_px, still(photo.format)),
    };
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(FrameError::TooLarge);
    }
    let file = whole(file);
    let at_ms = at_ms.max(0);
    let mut arguments: Vec<_> = INPUT.map(Into::into).into();
    arguments.extend(["-f".into(), demuxer.into(), "-ss".into()]);
    arguments.push(format!("{}.{:03}", at_ms / 1000, at_ms % 1000).into());
    arguments.extend(["-i".into(), file_argument(&file)]);
    arguments.extend(["-map", "0:v:0", "-an", "-sn", "-dn", "-frames:v", "1", "-vf"].map(Into::into));
    arguments.push(format!("scale={width_px}:-2,format=yuvj420p").into());
    arguments.extend(["-q:v", "5", "-c:v", "mjpeg", "-threads", "1", "-f", "image2pipe", "pipe:1"].map(Into::into));
    let run = Run {
        program: tools.ffmpeg.clone(),
        arguments,
        read: vec![file],
        folder: None,
        limits: LIMITS,
        time_max: TIME_MAX,
    };
    let picture = tools.run(run, PICTURE_MAX).await?;
    if picture.starts_with(&[0xff, 0xd8]) { Ok(picture) } else { Err(FrameError::NoPicture) }
}

/// Before every input: no questions, no words, one thread, files only.
const INPUT: [&str; 8] =
    ["-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1", "-protocol_whitelist", "file,pipe"];

/// The one demuxer that may look at a video.
pub(crate) const fn demuxer(container: Container) -> &'static str {
    match container {
        Container::Mp4 | Container::Mov => "mov",
        Container::Webm | Container::Matroska => "matroska",
    }
}

/// The one demuxer that may look at a picture.
pub(crate) const fn still(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Jpeg => "jpeg_pipe",
        PhotoFormat::Webp => "webp_pipe",
    }
}
