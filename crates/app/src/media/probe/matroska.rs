//! WebM and Matroska: the elements that tell codecs, picture, rotation, duration and frame rate.
//!
//! Browsers record WebM without a duration and with pieces of unknown length; only then the blocks' own times are looked at.

use std::io::{Read, Seek};

use domain::media::{Container, MediaFacts, ProbeFailure, VideoCodec};

use super::field::{big_endian, printable, scaled};
use super::source::{Result, Source};

const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const DEFAULT_DURATION: u32 = 0x0023_e383;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const PROJECTION: u32 = 0x7670;
const POSE_ROLL: u32 = 0x7675;
const CLUSTER: u32 = 0x1f43_b675;
const TIMESTAMP: u32 = 0xe7;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

const KIND_VIDEO: u64 = 1;
const KIND_AUDIO: u64 = 2;

/// Nanoseconds a tick has unless the file says otherwise.
const USUAL_SCALE_NS: u64 = 1_000_000;
/// Tracks of one file that are looked at.
const TRACKS_MAX: usize = 64;

/// An element: where its body lies; `end` is `None` when the file does not tell.
#[derive(Debug, Clone, Copy)]
struct Element {
    id: u32,
    body: u64,
    end: Option<u64>,
}

#[derive(Debug, Default)]
struct Track {
    number: u64,
    kind: u64,
    codec: String,
    frame_ns: u64,
    width: u32,
    height: u32,
    roll_deg: i32,
}

#[derive(Debug, Default)]
struct Segment {
    scale_ns: u64,
    duration_ticks: Option<f64>,
    tracks: Vec<Track>,
    blocks: Blocks,
}

/// Times of the video's blocks, in ticks.
#[derive(Debug, Default)]
struct Blocks {
    frames: u64,
    first: Option<i64>,
    last: i64,
}

fn damaged(what: &str) -> ProbeFailure {
    ProbeFailure::Damaged(what.to_owned())
}

/// A number whose first byte tells its own length, one to eight bytes. Gives the number, its length and whether all its bits are set.
fn variable<R: Read + Seek>(source: &mut Source<'_, R>, at: u64, keep_marker: bool) -> Result<(u64, u64, bool)> {
    let [first] = source.bytes::<1>(at)?;
    let zeros = first.leading_zeros();
    if zeros > 7 {
        return Err(damaged("an element has no length"));
    }
    let len = usize::try_from(zeros).unwrap_or(0) + 1;
    let bytes = source.piece(at, len)?;
    let raw = big_endian(&bytes);
    let bits = 7 * (u64::from(zeros) + 1);
    let mask = if bits >= 63 { u64::MAX >> (64 - bits) } else { (1 << bits) - 1 };
    let value = raw & mask;
    let number = if keep_marker { raw } else { value };
    Ok((number, u64::from(zeros) + 1, value == mask))
}

fn element<R: Read + Seek>(source: &mut Source<'_, R>, at: u64, limit: u64) -> Result<Element> {
    source.step()?;
    let (id, id_len, _) = variable(source, at, true)?;
    let id = u32::try_from(id).map_err(|_| damaged("an element has an impossible name"))?;
    let (size, size_len, unknown) = variable(source, at + id_len, false)?;
    let body = at + id_len + size_len;
    if unknown {
        return Ok(Element { id, body, end: None });
    }
    let end = body.checked_add(size).ok_or_else(|| damaged("an element has an impossible size"))?;
    if end > limit {
        return Err(if limit == source.size() {
            ProbeFailure::Truncated("its last part is missing".to_owned())
        } else {
            damaged("an element is larger than the one around it")
        });
    }
    Ok(Element { id, body, end: Some(end) })
}

/// Calls `visit` for each child of an element of known length.
fn children<R: Read + Seek>(
    source: &mut Source<'_, R>,
    parent: Element,
    mut visit: impl FnMut(&mut Source<'_, R>, Element) -> Result<()>,
) -> Result<()> {
    let end = parent.end.ok_or_else(|| damaged("a header has no length"))?;
    let mut at = parent.body;
    while at < end {
        let child = element(source, at, end)?;
        at = child.end.ok_or_else(|| damaged("a header has no length"))?;
        visit(source, child)?;
    }
    Ok(())
}

fn bytes_of<R: Read + Seek>(source: &mut Source<'_, R>, it: Element, max: u64) -> Result<Vec<u8>> {
    let len = it.end.unwrap_or(it.body).saturating_sub(it.body);
    if len > max {
        return Err(damaged("a value is too long"));
    }
    source.piece(it.body, usize::try_from(len).unwrap_or(0))
}

fn number<R: Read + Seek>(source: &mut Source<'_, R>, it: Element) -> Result<u64> {
    Ok(big_endian(&bytes_of(source, it, 8)?))
}

fn side<R: Read + Seek>(source: &mut Source<'_, R>, it: Element) -> Result<u32> {
    Ok(u32::try_from(number(source, it)?).unwrap_or(u32::MAX))
}

fn float<R: Read + Seek>(source: &mut Source<'_, R>, it: Element) -> Result<f64> {
    let bytes = bytes_of(source, it, 8)?;
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Ok(f64::from(f32::from_be_bytes(four)));
    }
    <[u8; 8]>::try_from(bytes.as_slice())
        .map(f64::from_be_bytes)
        .map_err(|_| damaged("a fraction has an impossible length"))
}

pub(super) fn read<R: Read + Seek>(source: &mut Source<'_, R>) -> Result<MediaFacts> {
    let whole = source.size();
    let head = element(source, 0, whole)?;
    if head.id != EBML {
        return Err(ProbeFailure::NotAVideo);
    }
    let mut doc_type = Vec::new();
    children(source, head, |source, it| {
        if it.id == DOC_TYPE {
            doc_type = bytes_of(source, it, 32)?;
        }
        Ok(())
    })?;
    let container = match doc_type.strip_suffix(b"\0").unwrap_or(&doc_type) {
        b"webm" => Container::Webm,
        b"matroska" => Container::Matroska,
        _ => return Err(ProbeFailure::NotAVideo),
    };
    let mut at = head.end.ok_or_else(|| damaged("a header has no length"))?;
    // Padding may stand between the header and the one segment.
    let segment = loop {
        let it = element(source, at, whole)?;
        if it.id == SEGMENT {
            break it;
        }
        at = it.end.ok_or_else(|| damaged("a header has no length"))?;
    };
    let end = segment.end.unwrap_or(whole);
    let read = read_segment(source, segment.body, end)?;
    facts(container, whole, &read)
}

fn read_segment<R: Read + Seek>(source: &mut Source<'_, R>, body: u64, end: u64) -> Result<Segment> {
    let mut segment = Segment { scale_ns: USUAL_SCALE_NS, ..Segment::default() };
    let mut cluster_at = 0_i64;
    let mut at = body;
    while at < end {
        let it = element(source, at, end)?;
        at = match (it.id, it.end) {
            (INFO, Some(next)) => {
                read_info(source, it, &mut segment)?;
                next
            }
            (TRACKS, Some(next)) => {
                read_tracks(source, it, &mut segment)?;
                next
            }
            // Everything is known once both headers were seen: the rest of the file need not be touched.
            (CLUSTER, _) if segment.is_complete() => break,
            // Stepping into the body instead of over it makes pieces of unknown length ordinary.
            (CLUSTER | BLOCK_GROUP, _) => it.body,
            (TIMESTAMP, Some(next)) => {
                cluster_at = i64::try_from(number(source, it)?).unwrap_or(i64::MAX);
                next
            }
            (SIMPLE_BLOCK | BLOCK, Some(next)) => {
                read_block(source, it, cluster_at, &mut segment)?;
                next
            }
            (_, Some(next)) => next,
            (_, None) => return Err(damaged("an element has no length")),
        };
    }
    Ok(segment)
}

impl Segment {
    fn video(&self) -> Option<&Track> {
        self.tracks.iter().find(|track| track.kind == KIND_VIDEO)
    }

    fn is_complete(&self) -> bool {
        self.duration_ticks.is_some_and(|ticks| ticks > 0.0) && self.video().is_some_and(|video| video.frame_ns > 0)
    }
}

fn read_info<R: Read + Seek>(source: &mut Source<'_, R>, info: Element, segment: &mut Segment) -> Result<()> {
    children(source, info, |source, it| {
        match it.id {
            TIMESTAMP_SCALE => segment.scale_ns = number(source, it)?.max(1),
            DURATION => segment.duration_ticks = Some(float(source, it)?),
            _ => {}
        }
        Ok(())
    })
}

fn read_tracks<R: Read + Seek>(source: &mut Source<'_, R>, tracks: Element, segment: &mut Segment) -> Result<()> {
    children(source, tracks, |source, entry| {
        if entry.id != TRACK_ENTRY || segment.tracks.len() >= TRACKS_MAX {
            return Ok(());
        }
        let mut track = Track::default();
        children(source, entry, |source, it| {
            match it.id {
                TRACK_NUMBER => track.number = number(source, it)?,
                TRACK_TYPE => track.kind = number(source, it)?,
                CODEC_ID => track.codec = printable(&bytes_of(source, it, 64)?),
                DEFAULT_DURATION => track.frame_ns = number(source, it)?,
                VIDEO => read_video(source, it, &mut track)?,
                _ => {}
            }
            Ok(())
        })?;
        segment.tracks.push(track);
        Ok(())
    })
}

fn read_video<R: Read + Seek>(source: &mut Source<'_, R>, video: Element, track: &mut Track) -> Result<()> {
    children(source, video, |source, it| {
        match it.id {
            PIXEL_WIDTH => track.width = side(source, it)?,
            PIXEL_HEIGHT => track.height = side(source, it)?,
            PROJECTION => children(source, it, |source, it| {
                if it.id == POSE_ROLL {
                    track.roll_deg = whole_degrees(float(source, it)?);
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })
}

fn read_block<R: Read + Seek>(
    source: &mut Source<'_, R>,
    block: Element,
    cluster_at: i64,
    segment: &mut Segment,
) -> Result<()> {
    let (track, len, _) = variable(source, block.body, false)?;
    if segment.video().is_none_or(|video| video.number != track) {
        return Ok(());
    }
    let shift = i64::from(i16::from_be_bytes(source.bytes(block.body + len)?));
    let at = cluster_at.saturating_add(shift);
    let blocks = &mut segment.blocks;
    blocks.frames += 1;
    blocks.first = Some(blocks.first.map_or(at, |first| first.min(at)));
    blocks.last = blocks.last.max(at);
    Ok(())
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "clamped to the range of the target before"
)]
fn whole_degrees(degrees: f64) -> i32 {
    if degrees.is_finite() { degrees.clamp(-360.0, 360.0).round() as i32 } else { 0 }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the range of the target before; a duration needs no more than 53 bits"
)]
fn ticks_to_ms(ticks: f64, scale_ns: u64) -> u64 {
    let ms = ticks * (scale_ns as f64) / 1_000_000.0;
    if ms.is_finite() { ms.clamp(0.0, 9.0e15).round() as u64 } else { 0 }
}

fn facts(container: Container, size_bytes: u64, segment: &Segment) -> Result<MediaFacts> {
    let video = segment.video().ok_or(ProbeFailure::NoVideoTrack)?;
    let audio = segment.tracks.iter().find(|track| track.kind == KIND_AUDIO);
    let blocks = &segment.blocks;
    let span_ticks = blocks.first.map_or(0, |first| blocks.last.saturating_sub(first).max(0)).unsigned_abs();
    let span_ns = span_ticks.saturating_mul(segment.scale_ns);
    let fps_milli = if video.frame_ns > 0 {
        scaled(1_000_000_000_000, 1, video.frame_ns)
    } else {
        // One frame fewer than counted lies between the first and the last.
        scaled(blocks.frames.saturating_sub(1), 1_000_000_000_000, span_ns)
    }
    .and_then(|fps| u32::try_from(fps).ok())
    .filter(|fps| *fps > 0);
    let told_ms = segment.duration_ticks.map_or(0, |ticks| ticks_to_ms(ticks, segment.scale_ns));
    let measured_ms = || {
        let frame_ns = fps_milli.map_or(0, |fps| 1_000_000_000_000 / u64::from(fps));
        span_ns.saturating_add(frame_ns) / 1_000_000
    };
    let duration_ms = if told_ms > 0 { told_ms } else { measured_ms() };
    // The container counts counter-clockwise, everybody else clockwise.
    let quarter = (-video.roll_deg).rem_euclid(360);
    let rotation_deg = match quarter {
        45..135 => 90,
        135..225 => 180,
        225..315 => 270,
        _ => 0,
    };
    let (width_px, height_px) = match rotation_deg {
        90 | 270 => (video.height, video.width),
        _ => (video.width, video.height),
    };
    Ok(MediaFacts {
        container,
        size_bytes,
        video_codec: codec(&video.codec),
        audio_codec: audio.map(|track| track.codec.clone()),
        width_px,
        height_px,
        rotation_deg,
        duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
        fps_milli,
    })
}

fn codec(id: &str) -> VideoCodec {
    match id {
        "V_MPEG4/ISO/AVC" => VideoCodec::H264,
        "V_MPEGH/ISO/HEVC" => VideoCodec::H265,
        "V_VP8" => VideoCodec::Vp8,
        "V_VP9" => VideoCodec::Vp9,
        "V_AV1" => VideoCodec::Av1,
        other => VideoCodec::Other(other.to_owned()),
    }
}
