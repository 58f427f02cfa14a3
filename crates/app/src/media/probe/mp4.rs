//! MP4 and QuickTime: the boxes that tell codecs, picture, rotation, duration and frame rate. Sample tables are only summed.

use std::io::{Read, Seek};

use domain::media::{Container, MediaFacts, ProbeFailure, VideoCodec};

use super::field::{Fields, printable, scaled};
use super::fragments::{self, Fragments};
use super::source::{Result, Source};

/// Tracks of one file that are looked at.
const TRACKS_MAX: usize = 64;

/// A box of the file: where its body lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) name: [u8; 4],
    pub(super) body: u64,
    pub(super) end: u64,
}

/// The box that starts at `at` and lies within `limit`.
pub(super) fn atom<R: Read + Seek>(source: &mut Source<'_, R>, at: u64, limit: u64) -> Result<Atom> {
    source.step()?;
    let head: [u8; 8] = source.bytes(at)?;
    let mut fields = Fields::new(&head);
    let short = u64::from(fields.u32()?);
    let name = <[u8; 4]>::try_from(fields.take(4)?).unwrap_or_default();
    let (body, size) = match short {
        0 => (at + 8, limit - at),
        1 => (at + 16, u64::from_be_bytes(source.bytes(at + 8)?)),
        size => (at + 8, size),
    };
    let end = at
        .checked_add(size)
        .filter(|end| *end >= body)
        .ok_or_else(|| ProbeFailure::Damaged("a box has an impossible size".to_owned()))?;
    if end > limit {
        return Err(if limit == source.size() {
            ProbeFailure::Truncated("its last part is missing".to_owned())
        } else {
            ProbeFailure::Damaged("a box is larger than the one around it".to_owned())
        });
    }
    Ok(Atom { name, body, end })
}

/// Calls `visit` for each box in a body. Trailing bytes too short for a box are ignored, as players do.
pub(super) fn children<R: Read + Seek>(
    source: &mut Source<'_, R>,
    parent: Atom,
    mut visit: impl FnMut(&mut Source<'_, R>, Atom) -> Result<()>,
) -> Result<()> {
    let mut at = parent.body;
    while parent.end.saturating_sub(at) >= 8 {
        let child = atom(source, at, parent.end)?;
        visit(source, child)?;
        at = child.end;
    }
    Ok(())
}

/// The first `len` bytes of a body.
pub(super) fn start<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, len: usize) -> Result<Vec<u8>> {
    let room = usize::try_from(it.end - it.body).unwrap_or(usize::MAX);
    source.piece(it.body, len.min(room))
}

#[derive(Debug, Default)]
struct Track {
    id: u32,
    handler: [u8; 4],
    rotation_deg: u16,
    shown: (u32, u32),
    coded: (u32, u32),
    codec: [u8; 4],
    timescale: u64,
    duration: u64,
    samples: u64,
    samples_duration: u64,
}

#[derive(Debug, Default)]
struct Movie {
    timescale: u64,
    duration: u64,
    tracks: Vec<Track>,
    fragmented: bool,
    defaults: Vec<fragments::Default>,
}

pub(super) fn read<R: Read + Seek>(source: &mut Source<'_, R>) -> Result<MediaFacts> {
    let whole = source.size();
    let mut brand = None;
    let mut movie: Option<Movie> = None;
    let mut fragments = Fragments::default();
    let mut has_pictures = false;
    let mut at = 0;
    while whole.saturating_sub(at) >= 8 {
        let it = atom(source, at, whole)?;
        match &it.name {
            b"ftyp" => brand = Some(<[u8; 4]>::try_from(start(source, it, 4)?.as_slice()).unwrap_or_default()),
            b"moov" if movie.is_none() => movie = Some(read_movie(source, it)?),
            b"mdat" => has_pictures = true,
            b"moof" => {
                if let Some(movie) = &movie {
                    fragments.add(source, it, &movie.defaults)?;
                }
            }
            _ => {}
        }
        at = it.end;
    }
    if let Some(b"heic" | b"heix" | b"mif1" | b"avif" | b"avis") = brand.as_ref() {
        return Err(ProbeFailure::NotAVideo);
    }
    let movie = movie.ok_or_else(|| ProbeFailure::Truncated("its index is missing".to_owned()))?;
    if !has_pictures {
        return Err(ProbeFailure::Truncated("its pictures are missing".to_owned()));
    }
    let container = match brand.as_ref() {
        Some(b"qt  ") | None => Container::Mov,
        Some(_) => Container::Mp4,
    };
    facts(container, whole, &movie, &fragments)
}

fn facts(container: Container, size_bytes: u64, movie: &Movie, fragments: &Fragments) -> Result<MediaFacts> {
    // A cover picture may be stored as a track of its own; it is not the video.
    let is_still = |track: &&Track| matches!(&track.codec, b"jpeg" | b"png ");
    let videos = || movie.tracks.iter().filter(|track| &track.handler == b"vide");
    let video =
        videos().find(|track| !is_still(track)).or_else(|| videos().next()).ok_or(ProbeFailure::NoVideoTrack)?;
    let audio = movie.tracks.iter().find(|track| &track.handler == b"soun");
    let (more_samples, more_duration) = fragments.of(video.id);
    let samples = video.samples.saturating_add(more_samples);
    let samples_duration = video.samples_duration.saturating_add(more_duration);
    let in_ms = |duration: u64, timescale: u64| scaled(duration, 1000, timescale).unwrap_or(0);
    let track_ms = in_ms(video.duration.max(samples_duration), video.timescale);
    let movie_ms = in_ms(movie.duration, movie.timescale);
    // The movie's own duration knows about trimmed ends; a fragmented file's usually knows only its first piece.
    let duration_ms = if movie.fragmented || movie_ms == 0 { movie_ms.max(track_ms) } else { movie_ms };
    let (width, height) = if video.coded.0 > 0 && video.coded.1 > 0 { video.coded } else { video.shown };
    let (width_px, height_px) = match video.rotation_deg {
        90 | 270 => (height, width),
        _ => (width, height),
    };
    let fps_milli = samples
        .checked_mul(1000)
        .and_then(|samples| scaled(samples, video.timescale, samples_duration))
        .and_then(|fps| u32::try_from(fps).ok())
        .filter(|fps| *fps > 0);
    Ok(MediaFacts {
        container,
        size_bytes,
        video_codec: codec(video.codec),
        audio_codec: audio.map(|track| printable(&track.codec)),
        width_px,
        height_px,
        rotation_deg: video.rotation_deg,
        duration_ms: i64::try_from(duration_ms).unwrap_or(i64::MAX),
        fps_milli,
    })
}

fn codec(name: [u8; 4]) -> VideoCodec {
    match &name {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => VideoCodec::H264,
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => VideoCodec::H265,
        b"vp08" => VideoCodec::Vp8,
        b"vp09" => VideoCodec::Vp9,
        b"av01" => VideoCodec::Av1,
        other => VideoCodec::Other(printable(other)),
    }
}

fn read_movie<R: Read + Seek>(source: &mut Source<'_, R>, moov: Atom) -> Result<Movie> {
    let mut movie = Movie::default();
    children(source, moov, |source, it| {
        match &it.name {
            b"mvhd" => (movie.timescale, movie.duration) = clock(&start(source, it, 32)?)?,
            b"trak" if movie.tracks.len() < TRACKS_MAX => {
                let mut track = Track::default();
                read_track(source, it, &mut track)?;
                movie.tracks.push(track);
            }
            b"mvex" => {
                movie.fragmented = true;
                movie.defaults = fragments::defaults(source, it)?;
            }
            b"cmov" => return Err(ProbeFailure::Damaged("its index is compressed".to_owned())),
            _ => {}
        }
        Ok(())
    })?;
    Ok(movie)
}

/// Ticks per second and duration of a movie or media header. All ones mean "unknown".
fn clock(header: &[u8]) -> Result<(u64, u64)> {
    let mut fields = Fields::new(header);
    let wide = fields.number(1)? == 1;
    fields.skip(if wide { 3 + 16 } else { 3 + 8 })?;
    let timescale = fields.number(4)?;
    let (duration, unknown) =
        if wide { (fields.number(8)?, u64::MAX) } else { (fields.number(4)?, u64::from(u32::MAX)) };
    Ok((timescale, if duration == unknown { 0 } else { duration }))
}

fn read_track<R: Read + Seek>(source: &mut Source<'_, R>, trak: Atom, track: &mut Track) -> Result<()> {
    children(source, trak, |source, it| match &it.name {
        b"tkhd" => track_header(&start(source, it, 96)?, track),
        b"mdia" => children(source, it, |source, it| read_media(source, it, track)),
        _ => Ok(()),
    })
}

fn track_header(header: &[u8], track: &mut Track) -> Result<()> {
    let mut fields = Fields::new(header);
    let wide = fields.number(1)? == 1;
    fields.skip(if wide { 3 + 16 } else { 3 + 8 })?;
    track.id = fields.u32()?;
    fields.skip(4 + if wide { 8 } else { 4 })?;
    fields.skip(8 + 2 + 2 + 2 + 2)?;
    let mut matrix = [0_i32; 9];
    for cell in &mut matrix {
        *cell = fields.i32()?;
    }
    let [a, b, _, c, d, ..] = matrix.map(i64::from);
    track.rotation_deg = rotation(a, b, c, d);
    track.shown = (fields.u32()? >> 16, fields.u32()? >> 16);
    Ok(())
}

/// The quarter turn nearest to a transformation matrix, clockwise.
fn rotation(a: i64, b: i64, c: i64, d: i64) -> u16 {
    if a.abs() + d.abs() >= b.abs() + c.abs() {
        if a < 0 && d < 0 { 180 } else { 0 }
    } else if b > 0 {
        90
    } else {
        270
    }
}

fn read_media<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, track: &mut Track) -> Result<()> {
    match &it.name {
        b"mdhd" => (track.timescale, track.duration) = clock(&start(source, it, 32)?)?,
        b"hdlr" => {
            let header = start(source, it, 12)?;
            let mut fields = Fields::new(&header);
            fields.skip(8)?;
            track.handler = <[u8; 4]>::try_from(fields.take(4)?).unwrap_or_default();
        }
        b"minf" => children(source, it, |source, it| match &it.name {
            b"stbl" => children(source, it, |source, it| match &it.name {
                b"stsd" => sample_description(source, it, track),
                b"stts" => time_to_sample(source, it, track),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })?,
        _ => {}
    }
    Ok(())
}

fn sample_description<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, track: &mut Track) -> Result<()> {
    // Version and count, then the first entry: size, name, 6 reserved, reference, 16 more, width, height.
    let header = start(source, it, 8 + 8 + 8 + 16 + 4)?;
    let mut fields = Fields::new(&header);
    fields.skip(4)?;
    if fields.u32()? == 0 {
        return Ok(());
    }
    fields.skip(4)?;
    track.codec = <[u8; 4]>::try_from(fields.take(4)?).unwrap_or_default();
    if &track.handler != b"vide" && &track.handler != b"\0\0\0\0" {
        return Ok(());
    }
    fields.skip(8 + 16)?;
    let mut side = || fields.number(2).map(|px| u32::try_from(px).unwrap_or(0));
    track.coded = (side()?, side()?);
    Ok(())
}

fn time_to_sample<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, track: &mut Track) -> Result<()> {
    let header = start(source, it, 8)?;
    let mut fields = Fields::new(&header);
    fields.skip(4)?;
    let entries = u64::from(fields.u32()?);
    let table = it.body + 8;
    if entries > (it.end.saturating_sub(table)) / 8 {
        return Err(ProbeFailure::Damaged("its time table is larger than its box".to_owned()));
    }
    const BLOCK: u64 = 4096;
    let mut done = 0;
    while done < entries {
        source.step()?;
        let count = (entries - done).min(BLOCK);
        let len = usize::try_from(count * 8).unwrap_or(0);
        let block = source.piece(table + done * 8, len)?;
        let mut fields = Fields::new(&block);
        while !fields.is_empty() {
            let samples = u64::from(fields.u32()?);
            let delta = u64::from(fields.u32()?);
            track.samples = track.samples.saturating_add(samples);
            track.samples_duration = track.samples_duration.saturating_add(samples.saturating_mul(delta));
        }
        done += count;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::rotation;

    #[test]
    fn quarter_turns_are_read_from_the_matrix() {
        const ONE: i64 = 0x1_0000;
        assert_eq!(rotation(ONE, 0, 0, ONE), 0);
        assert_eq!(rotation(0, ONE, -ONE, 0), 90);
        assert_eq!(rotation(-ONE, 0, 0, -ONE), 180);
        assert_eq!(rotation(0, -ONE, ONE, 0), 270);
        assert_eq!(rotation(0, 0, 0, 0), 0);
    }
}
