//! What ffmpeg is asked to make of a file. Owns its arguments and how much a conversion may use; starts nothing.
//!
//! Places, devices and everything else that is told beside the picture is left out of the result.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::media::fit::{PHOTO_SIDE_PX, Trim, VideoPlan};
use domain::media::{FileFacts, MediaFacts, MediaRule, MediaVerdict, VIDEO_MAX_BYTES};
use sandbox::Limits;
use store::Media;

use super::super::ffmpeg::{demuxer, still};
use super::super::tools::{Run, Tools, file_argument};

/// Address space of a conversion, bytes: enough for the largest picture that TikTok takes, several times.
const MEMORY: u64 = 4 << 30;
/// Longest conversion beside what the length of the video asks for.
const TIME_LEAST: Duration = Duration::from_secs(600);
/// Seconds that a second of video may take; a small machine needs ten for the largest pictures.
const SECONDS_A_SECOND: u64 = 30;
/// Longest conversion of all.
const TIME_MOST: Duration = Duration::from_secs(12 * 3600);
/// Processor time of a conversion beside its wall clock: it has two threads.
const PROCESSORS: u64 = 3;

/// From high dynamic range to what every screen shows: linear light, tone mapping, and back.
const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
    zscale=t=bt709:m=bt709:r=tv";

/// How a file becomes another one.
#[derive(Debug)]
pub(super) struct Conversion {
    /// The run of ffmpeg.
    pub run: Run,
    /// Where the result lies afterwards.
    pub output: PathBuf,
    /// How long the result will be, milliseconds; a picture has no length.
    pub length_ms: Option<i64>,
    /// What the name of the result ends in.
    pub ending: &'static str,
}

/// What a conversion needs to know beside the file itself.
pub(super) struct Around<'a> {
    /// The file.
    pub input: &'a Path,
    /// The one folder to write to.
    pub folder: &'a Path,
    /// Bytes that may be written.
    pub room_bytes: u64,
    /// The picture has high dynamic range, and ffmpeg can map it.
    pub tone_map: bool,
    /// How a photo is to be turned, a number from 1 to 8 as cameras write it.
    pub orientation: u16,
}

/// The conversion of a file; `None` when there is none for it.
pub(super) fn plan(tools: &Tools, media: &Media, trim: Trim, around: &Around<'_>) -> Option<Conversion> {
    match &media.facts {
        Some(FileFacts::Video(video)) => Some(of_video(tools, video, trim, around)),
        Some(FileFacts::Photo(photo)) => Some(of_photo(tools, still(photo.format), around)),
        None => Some(of_photo(tools, by_name(&media.verdict)?, around)),
    }
}

/// The one demuxer that may look at a picture which was recognised by its first bytes alone.
fn by_name(verdict: &MediaVerdict) -> Option<&'static str> {
    let found = verdict.findings.iter().find(|found| found.rule == MediaRule::PhotoFormat)?;
    match found.measured.as_str() {
        "PNG" => Some("png_pipe"),
        "GIF" => Some("gif"),
        "BMP" => Some("bmp_pipe"),
        "TIFF" => Some("tiff_pipe"),
        "JPEG XL" => Some("jpegxl_pipe"),
        "PSD" => Some("psd_pipe"),
        // Pictures in the boxes of a video; older ffmpegs find no picture in them and give up.
        "HEIC" | "AVIF" => Some("mov"),
        _ => None,
    }
}

fn words<const N: usize>(list: [&str; N]) -> impl Iterator<Item = OsString> {
    list.map(OsString::from).into_iter()
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn of_video(tools: &Tools, facts: &MediaFacts, trim: Trim, around: &Around<'_>) -> Conversion {
    let plan = VideoPlan::of(facts);
    let length_ms = trim.length_ms(facts.duration_ms);
    let output = around.folder.join("out.mp4");
    let mut arguments: Vec<OsString> = Vec::new();
    arguments.extend(words(["-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-y"]));
    arguments.extend(words(["-progress", "pipe:1", "-stats_period", "0.5"]));
    arguments.extend(words(["-threads", "2", "-protocol_whitelist", "file", "-f", demuxer(facts.container)]));
    if trim != Trim::default() {
        arguments.extend(words(["-ss", &seconds(trim.from_ms), "-t", &seconds(length_ms)]));
    }
    arguments.extend(["-i".into(), file_argument(around.input)]);
    arguments.extend(words(["-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn"]));
    arguments.extend(words(["-map_metadata", "-1", "-map_chapters", "-1", "-vf"]));
    arguments.push(picture(&plan, around.tone_map).into());
    arguments.extend(words(["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high"]));
    arguments.extend(words(["-pix_fmt", "yuv420p", "-threads", "2", "-max_muxing_queue_size", "2048"]));
    if around.tone_map {
        arguments.extend(words(["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]));
    }
    arguments.extend(words(["-c:a", "aac", "-b:a", "160k", "-ar", "48000", "-ac", "2"]));
    arguments.extend(words(["-movflags", "+faststart", "-f", "mp4"]));
    arguments.push(file_argument(&output));
    let length_s = u64::try_from(length_ms / 1000).unwrap_or(0);
    let more = Duration::from_secs(length_s.saturating_mul(SECONDS_A_SECOND));
    let time_max = TIME_LEAST.saturating_add(more).min(TIME_MOST);
    Conversion { run: run(tools, arguments, around, time_max), output, length_ms: Some(length_ms), ending: "mp4" }
}

fn picture(plan: &VideoPlan, tone_map: bool) -> String {
    let sides = plan.sides;
    let mut filters = vec![
        format!("fps={}/1000", plan.rate_milli),
        format!("scale={}:{}:flags=bicubic", sides.width_px, sides.height_px),
    ];
    if tone_map {
        filters.push(TONE_MAP.to_owned());
    }
    filters.push("setsar=1".to_owned());
    if (sides.canvas_width_px, sides.canvas_height_px) != (sides.width_px, sides.height_px) {
        filters.push(format!("pad={}:{}:(ow-iw)/2:(oh-ih)/2", sides.canvas_width_px, sides.canvas_height_px));
    }
    filters.push("format=yuv420p".to_owned());
    filters.join(",")
}

fn of_photo(tools: &Tools, demuxer: &str, around: &Around<'_>) -> Conversion {
    let output = around.folder.join("out.jpg");
    let mut arguments: Vec<OsString> = Vec::new();
    arguments.extend(words(["-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-y", "-noautorotate"]));
    arguments.extend(words(["-threads", "1", "-protocol_whitelist", "file", "-f", demuxer]));
    arguments.extend(["-i".into(), file_argument(around.input)]);
    arguments.extend(words(["-map", "0:v:0", "-an", "-sn", "-dn", "-map_metadata", "-1", "-frames:v", "1", "-vf"]));
    // The shorter side down to its limit, never up.
    let side = |of: &str| format!("'if(gt(min(iw,ih),{PHOTO_SIDE_PX}),trunc({of}*{PHOTO_SIDE_PX}/min(iw,ih)),{of})'");
    let mut filters = vec![format!("scale=w={}:h={}:flags=lanczos", side("iw"), side("ih"))];
    filters.extend(turn(around.orientation).map(str::to_owned));
    filters.push("format=yuvj420p".to_owned());
    arguments.push(filters.join(",").into());
    arguments.extend(words(["-c:v", "mjpeg", "-q:v", "2", "-threads", "1", "-f", "mjpeg"]));
    arguments.push(file_argument(&output));
    let time_max = Duration::from_secs(60);
    Conversion { run: run(tools, arguments, around, time_max), output, length_ms: None, ending: "jpg" }
}

/// The filter for a camera's note on how it was held.
const fn turn(orientation: u16) -> Option<&'static str> {
    match orientation {
        2 => Some("hflip"),
        3 => Some("hflip,vflip"),
        4 => Some("vflip"),
        5 => Some("transpose=0"),
        6 => Some("transpose=1"),
        7 => Some("transpose=3"),
        8 => Some("transpose=2"),
        _ => None,
    }
}

fn run(tools: &Tools, arguments: Vec<OsString>, around: &Around<'_>, time_max: Duration) -> Run {
    Run {
        program: tools.ffmpeg.clone(),
        arguments,
        read: vec![around.input.to_path_buf()],
        folder: Some(around.folder.to_path_buf()),
        limits: Limits {
            cpu_seconds: time_max.as_secs().saturating_mul(PROCESSORS),
            memory_bytes: MEMORY,
            file_bytes: around.room_bytes.min(VIDEO_MAX_BYTES),
            open_files: 64,
        },
        time_max,
    }
}
