//! Runs ffmpeg as a child to draw single frames. Owns its limits: time, memory, output, and what it may open.
//!
//! Arguments only, never a shell; the demuxer is forced and only files may be read. The child is limited by resource limits;
//! a sandbox of system calls around it is not built yet.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use domain::media::{Container, FileFacts, PhotoFormat};

/// Longest run of one child, wall clock.
const TIME_MAX: Duration = Duration::from_secs(15);
/// Processor seconds of one child.
const CPU_SECONDS_MAX: u64 = 10;
/// Address space of one child, bytes.
const MEMORY_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Files one child may have open.
const FILES_MAX: u64 = 32;
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
    /// ffmpeg could not be started.
    #[error("ffmpeg could not be started: {0}")]
    NotStarted(#[source] std::io::Error),
    /// It took too long and was ended.
    #[error("ffmpeg took longer than {} s", TIME_MAX.as_secs())]
    TimedOut,
    /// It gave up on the file.
    #[error("ffmpeg could not read the frame")]
    Refused,
    /// Its answer is no picture of a sensible size.
    #[error("ffmpeg gave no usable picture")]
    NoPicture,
}

/// An ffmpeg on this machine.
#[derive(Debug, Clone)]
pub struct Ffmpeg {
    program: PathBuf,
}

impl Ffmpeg {
    /// The program at `program`; it is not started yet.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Draws the frame at `at_ms` as a JPEG `width_px` wide.
    ///
    /// # Errors
    /// [`FrameError`]; the file may simply end earlier than its headers say.
    pub async fn frame(
        &self,
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
        let mut child = self.command(file, demuxer, at_ms, width_px).spawn().map_err(FrameError::NotStarted)?;
        limit(&child);
        let Some(output) = child.stdout.take() else {
            return Err(FrameError::NoPicture);
        };
        let work = async {
            let mut picture = Vec::new();
            // One byte more than allowed tells a full picture from a cut one.
            let read = output.take(PICTURE_MAX + 1).read_to_end(&mut picture).await;
            let status = child.wait().await;
            (picture, read, status)
        };
        let Ok((picture, read, status)) = tokio::time::timeout(TIME_MAX, work).await else {
            return Err(FrameError::TimedOut);
        };
        if read.is_err() || !status.is_ok_and(|status| status.success()) {
            return Err(FrameError::Refused);
        }
        let too_long = u64::try_from(picture.len()).is_ok_and(|len| len > PICTURE_MAX);
        if too_long || !picture.starts_with(&[0xff, 0xd8]) {
            return Err(FrameError::NoPicture);
        }
        Ok(picture)
    }

    fn command(&self, file: &Path, demuxer: &str, at_ms: i64, width_px: u32) -> Command {
        let at_ms = at_ms.max(0);
        let mut input = std::ffi::OsString::from("file:");
        input.push(file);
        let mut command = Command::new(&self.program);
        command
            .args(["-nostdin", "-hide_banner", "-loglevel", "quiet"])
            .args(["-threads", "1", "-protocol_whitelist", "file,pipe"])
            .args(["-f", demuxer])
            .arg("-ss")
            .arg(format!("{}.{:03}", at_ms / 1000, at_ms % 1000))
            .arg("-i")
            .arg(input)
            .args(["-map", "0:v:0", "-an", "-sn", "-dn", "-frames:v", "1"])
            .arg("-vf")
            .arg(format!("scale={width_px}:-2,format=yuvj420p"))
            .args(["-q:v", "5", "-c:v", "mjpeg", "-threads", "1"])
            .args(["-f", "image2pipe", "pipe:1"])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

const fn demuxer(container: Container) -> &'static str {
    match container {
        Container::Mp4 | Container::Mov => "mov",
        Container::Webm | Container::Matroska => "matroska",
    }
}

const fn still(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Jpeg => "jpeg_pipe",
        PhotoFormat::Webp => "webp_pipe",
    }
}

/// Limits a child that has just been started. A child that is already gone needs none.
fn limit(child: &tokio::process::Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let Some(pid) = pid else { return };
    let limits = [
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::As, MEMORY_MAX),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, FILES_MAX),
    ];
    for (resource, value) in limits {
        let rlimit = Rlimit { current: Some(value), maximum: Some(value) };
        if let Err(error) = prlimit(Some(pid), resource, rlimit) {
            tracing::debug!(%error, "a limit of the ffmpeg child could not be set");
        }
    }
}
