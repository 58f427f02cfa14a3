//! What ffprobe knows beyond the headers that we read ourselves: an uneven frame rate, high dynamic range, sound, rotation, tags.
//!
//! Asked inside the sandbox and only about a file that was measured already, with the one demuxer that fits. Judges nothing.

use std::path::Path;
use std::time::Duration;

use sandbox::Limits;
use serde::{Deserialize, Serialize};

use domain::media::{FileFacts, Traces};

use super::ffmpeg::{demuxer, still};
use super::tools::{Run, ToolError, Tools, file_argument, whole};

/// What one look may use; it writes no file.
const LIMITS: Limits = Limits { cpu_seconds: 10, memory_bytes: 2 << 30, file_bytes: 0, open_files: 32 };
/// Longest look, wall clock.
const TIME_MAX: Duration = Duration::from_secs(15);
/// Longest answer, bytes.
const ANSWER_MAX: u64 = 512 * 1024;
/// The nominal and the average rate of an even stream differ by less than this part, because of rounding at its ends.
const EVEN_PART: i64 = 50;

/// More about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deeper {
    /// The video stream's codec, as ffmpeg calls it.
    pub video_codec: Option<String>,
    /// The layout of its pixels, as ffmpeg calls it.
    pub pixel_format: Option<String>,
    /// Frames do not follow each other evenly.
    pub variable_frame_rate: bool,
    /// The transfer of a picture with high dynamic range: `PQ` or `HLG`.
    pub high_dynamic_range: Option<&'static str>,
    /// How far the picture is turned when it is shown, degrees.
    pub rotation_deg: i64,
    /// The first sound stream.
    pub audio: Option<Audio>,
    /// What its tags tell about its maker.
    pub traces: Traces,
}

/// A sound stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audio {
    /// Its codec, as ffmpeg calls it.
    pub codec: Option<String>,
    /// Channels.
    pub channels: Option<u32>,
    /// Samples a second.
    pub sample_rate_hz: Option<u32>,
}

/// Asks ffprobe about a measured file. `None` when there is no ffprobe beside ffmpeg.
///
/// # Errors
/// [`ToolError`]; an answer that makes no sense is [`ToolError::Failed`].
pub async fn look(tools: &Tools, file: &Path, facts: &FileFacts) -> Result<Option<Deeper>, ToolError> {
    let Some(program) = tools.ffprobe() else { return Ok(None) };
    let demuxer = match facts {
        FileFacts::Video(video) => demuxer(video.container),
        FileFacts::Photo(photo) => still(photo.format),
    };
    let file = whole(file);
    let mut arguments: Vec<_> = ["-hide_banner", "-loglevel", "quiet", "-protocol_whitelist", "file", "-f", demuxer]
        .into_iter()
        .chain(["-print_format", "json", "-show_format", "-show_streams", "-i"])
        .map(Into::into)
        .collect();
    arguments.push(file_argument(&file));
    let run = Run { program, arguments, read: vec![file], folder: None, limits: LIMITS, time_max: TIME_MAX };
    let said = tools.run(run, ANSWER_MAX).await?;
    serde_json::from_slice::<Answer>(&said).map(|answer| Some(answer.told())).map_err(|_| ToolError::Failed)
}

type Tags = std::collections::BTreeMap<String, String>;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Default, Deserialize)]
struct Format {
    #[serde(default)]
    tags: Tags,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stream {
    codec_type: String,
    codec_name: Option<String>,
    pix_fmt: Option<String>,
    color_transfer: Option<String>,
    r_frame_rate: String,
    avg_frame_rate: String,
    channels: Option<u32>,
    sample_rate: Option<String>,
    tags: Tags,
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SideData {
    rotation: Option<i64>,
}

impl Answer {
    fn told(self) -> Deeper {
        let video = self.streams.iter().find(|stream| stream.codec_type == "video");
        let audio = self.streams.iter().find(|stream| stream.codec_type == "audio");
        let mut traces = told_by(&self.format.tags);
        for stream in &self.streams {
            traces = traces.or(told_by(&stream.tags));
        }
        Deeper {
            video_codec: video.and_then(|stream| stream.codec_name.clone()),
            pixel_format: video.and_then(|stream| stream.pix_fmt.clone()),
            variable_frame_rate: video.is_some_and(Stream::is_uneven),
            high_dynamic_range: video.and_then(|stream| match stream.color_transfer.as_deref() {
                Some("smpte2084") => Some("PQ"),
                Some("arib-std-b67") => Some("HLG"),
                Some(_) | None => None,
            }),
            rotation_deg: video.map_or(0, Stream::rotation),
            audio: audio.map(|stream| Audio {
                codec: stream.codec_name.clone(),
                channels: stream.channels,
                sample_rate_hz: stream.sample_rate.as_deref().and_then(|rate| rate.parse().ok()),
            }),
            traces,
        }
    }
}

impl Stream {
    fn is_uneven(&self) -> bool {
        let milli = |rate: &str| {
            let (frames, seconds) = rate.split_once('/')?;
            let (frames, seconds): (i64, i64) = (frames.parse().ok()?, seconds.parse().ok()?);
            frames.checked_mul(1000)?.checked_div(seconds)
        };
        match (milli(&self.r_frame_rate), milli(&self.avg_frame_rate)) {
            (Some(nominal), Some(average)) => (nominal - average).abs().saturating_mul(EVEN_PART) > average,
            (None, _) | (_, None) => false,
        }
    }

    fn rotation(&self) -> i64 {
        let by_matrix = self.side_data_list.iter().find_map(|side| side.rotation);
        // ffprobe counts against the clock, as its matrix does; people and players count with it.
        by_matrix.map_or(0, |degrees| (-degrees).rem_euclid(360))
    }
}

fn told_by(tags: &Tags) -> Traces {
    let mut traces = Traces::default();
    for name in tags.keys().map(|name| name.to_ascii_lowercase()) {
        let last = name.rsplit(['.', '-']).next().unwrap_or_default();
        traces.location |= name.contains("location") || name.contains("gps");
        traces.device |= matches!(last, "make" | "model" | "manufacturer");
    }
    traces
}
