//! A reader for WebM headers: segment information and the first video track.
//! It stops at the first cluster it has enough facts before, and never trusts a length.

use std::io::{Read, Seek, SeekFrom};

use super::{Container, MediaFacts, Unreadable};

const SEGMENT: u64 = 0x1853_8067;
const INFO: u64 = 0x1549_A966;
const TIMESTAMP_SCALE: u64 = 0x002A_D7B1;
const DURATION: u64 = 0x4489;
const TRACKS: u64 = 0x1654_AE6B;
const TRACK_ENTRY: u64 = 0xAE;
const TRACK_TYPE: u64 = 0x83;
const CODEC_ID: u64 = 0x86;
const DEFAULT_DURATION: u64 = 0x0023_E383;
const VIDEO: u64 = 0xE0;
const PIXEL_WIDTH: u64 = 0xB0;
const PIXEL_HEIGHT: u64 = 0xBA;
const CLUSTER: u64 = 0x1F43_B675;
/// Elements visited before a file is called hostile.
const MAX_ELEMENTS: u32 = 100_000;

#[derive(Debug, Default)]
struct Found {
    scale_ns: Option<u64>,
    duration: Option<f64>,
    track: Entry,
    video: Option<Entry>,
    visited: u32,
    done: bool,
}

#[derive(Debug, Default, Clone)]
struct Entry {
    kind: u64,
    codec: String,
    frame_ns: u64,
    width_px: u32,
    height_px: u32,
}

/// Measures the first video track.
pub(super) fn read<R: Read + Seek>(input: &mut R, size_bytes: u64) -> Result<MediaFacts, Unreadable> {
    let mut found = Found::default();
    elements(input, 0, size_bytes, 0, &mut found)?;
    let track = found.video.ok_or(Unreadable("the file has no video track"))?;
    let scale_ns = u32::try_from(found.scale_ns.unwrap_or(1_000_000)).map(f64::from).unwrap_or(1e6);
    let milliseconds = found.duration.unwrap_or(0.0) * scale_ns / 1e6;
    let duration_ms = std::time::Duration::try_from_secs_f64(milliseconds / 1000.0)
        .ok()
        .and_then(|length| u64::try_from(length.as_millis()).ok())
        .ok_or(Unreadable("the duration is no number"))?;
    Ok(MediaFacts {
        container: Container::Webm,
        codec: match track.codec.as_str() {
            "V_VP8" => "vp8".to_owned(),
            "V_VP9" => "vp9".to_owned(),
            "V_MPEG4/ISO/AVC" => "h264".to_owned(),
            "V_MPEGH/ISO/HEVC" => "h265".to_owned(),
            other => other.to_owned(),
        },
        width_px: track.width_px,
        height_px: track.height_px,
        frames_per_second: u32::try_from(track.frame_ns).ok().filter(|ns| *ns > 0).map(|ns| 1e9 / f64::from(ns)),
        duration_ms,
    })
}

fn elements<R: Read + Seek>(
    input: &mut R,
    start: u64,
    end: u64,
    depth: u32,
    found: &mut Found,
) -> Result<(), Unreadable> {
    if depth > 6 {
        return Err(Unreadable("the elements nest too deeply"));
    }
    let mut at = start;
    while at < end && !found.done {
        found.visited += 1;
        if found.visited > MAX_ELEMENTS {
            return Err(Unreadable("the file has too many elements"));
        }
        input.seek(SeekFrom::Start(at))?;
        let (id, id_bytes) = number(input, true)?;
        let (length, length_bytes) = number(input, false)?;
        let body = at.saturating_add(id_bytes).saturating_add(length_bytes);
        // All value bits set means "until the parent ends" (live recordings).
        let unknown = length == (1_u64 << (7 * length_bytes)) - 1;
        let stop = if unknown { end } else { body.saturating_add(length).min(end) };
        match id {
            SEGMENT | INFO | TRACKS | VIDEO => elements(input, body, stop, depth + 1, found)?,
            TRACK_ENTRY => {
                found.track = Entry::default();
                elements(input, body, stop, depth + 1, found)?;
                if found.track.kind == 1 && found.video.is_none() {
                    found.video = Some(found.track.clone());
                }
            }
            TIMESTAMP_SCALE => found.scale_ns = Some(unsigned(input, length)?),
            DURATION => found.duration = Some(float(input, length)?),
            TRACK_TYPE => found.track.kind = unsigned(input, length)?,
            DEFAULT_DURATION => found.track.frame_ns = unsigned(input, length)?,
            PIXEL_WIDTH => found.track.width_px = u32::try_from(unsigned(input, length)?).unwrap_or(u32::MAX),
            PIXEL_HEIGHT => found.track.height_px = u32::try_from(unsigned(input, length)?).unwrap_or(u32::MAX),
            CODEC_ID => {
                let mut name = Vec::new();
                input.by_ref().take(length.min(64)).read_to_end(&mut name)?;
                found.track.codec = String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned();
            }
            CLUSTER if found.video.is_some() => found.done = true,
            _ => {}
        }
        at = stop.max(at + 1);
    }
    Ok(())
}

/// A variable-length number; ids keep their marker bit.
fn number<R: Read>(input: &mut R, keep_marker: bool) -> Result<(u64, u64), Unreadable> {
    let first = byte(input)?;
    let length = first.leading_zeros() + 1;
    if length > 8 {
        return Err(Unreadable("an element has no valid length"));
    }
    let marker = 0x80_u8 >> (length - 1);
    let mut value = u64::from(if keep_marker { first } else { first & !marker });
    for _ in 1..length {
        value = value << 8 | u64::from(byte(input)?);
    }
    Ok((value, u64::from(length)))
}

fn byte<R: Read>(input: &mut R) -> Result<u8, Unreadable> {
    let mut one = [0];
    input.read_exact(&mut one)?;
    let [value] = one;
    Ok(value)
}

fn unsigned<R: Read>(input: &mut R, length: u64) -> Result<u64, Unreadable> {
    if length > 8 {
        return Err(Unreadable("a number is longer than eight bytes"));
    }
    (0..length).try_fold(0_u64, |value, _| Ok(value << 8 | u64::from(byte(input)?)))
}

fn float<R: Read>(input: &mut R, length: u64) -> Result<f64, Unreadable> {
    let bits = unsigned(input, length)?;
    match length {
        4 => Ok(f64::from(f32::from_bits(u32::try_from(bits).unwrap_or(0)))),
        8 => Ok(f64::from_bits(bits)),
        _ => Err(Unreadable("a duration is neither four nor eight bytes")),
    }
}
