//! A reader for MP4 and MOV headers: walks boxes, keeps only what the checks need.
//! It never allocates what a length field asks for without a bound.

use std::io::{Read, Seek, SeekFrom};

use super::{Container, MediaFacts, Unreadable};

/// Boxes visited before a file is called hostile.
const MAX_BOXES: u32 = 200_000;
/// Deepest nesting followed.
const MAX_DEPTH: u32 = 12;

#[derive(Debug, Default, Clone)]
struct Track {
    is_video: bool,
    id: u32,
    codec: Option<[u8; 4]>,
    width_px: u32,
    height_px: u32,
    timescale: u32,
    duration: u64,
    samples: u64,
    fragment_samples: u64,
    fragment_duration: u64,
    default_sample_duration: u32,
}

struct Walk<'a, R> {
    input: &'a mut R,
    visited: u32,
    brand: Option<[u8; 4]>,
    saw_moov: bool,
    tracks: Vec<Track>,
    fragment_track: Option<usize>,
    fragment_default: u32,
}

/// Measures the first video track.
pub(super) fn read<R: Read + Seek>(input: &mut R, size_bytes: u64) -> Result<MediaFacts, Unreadable> {
    let mut walk = Walk {
        input,
        visited: 0,
        brand: None,
        saw_moov: false,
        tracks: Vec::new(),
        fragment_track: None,
        fragment_default: 0,
    };
    walk.boxes(0, size_bytes, 0)?;
    if !walk.saw_moov {
        return Err(Unreadable("the file has no index (moov)"));
    }
    let container = if walk.brand == Some(*b"qt  ") || walk.brand.is_none() { Container::Mov } else { Container::Mp4 };
    let track =
        walk.tracks.into_iter().find(|track| track.is_video).ok_or(Unreadable("the file has no video track"))?;
    let timescale = u64::from(track.timescale.max(1));
    let ticks = track.duration.max(track.fragment_duration);
    let samples = track.samples.saturating_add(track.fragment_samples);
    let duration_ms = ticks.saturating_mul(1000) / timescale;
    let seconds = std::time::Duration::from_millis(duration_ms).as_secs_f64();
    let counted = u32::try_from(samples).map(f64::from).unwrap_or(f64::MAX);
    Ok(MediaFacts {
        container,
        codec: codec_name(track.codec),
        width_px: track.width_px,
        height_px: track.height_px,
        frames_per_second: (samples > 1 && seconds > 0.0).then(|| counted / seconds),
        duration_ms,
    })
}

fn codec_name(code: Option<[u8; 4]>) -> String {
    let Some(code) = code else { return "unknown".to_owned() };
    match &code {
        b"avc1" | b"avc3" => "h264".to_owned(),
        b"hvc1" | b"hev1" => "h265".to_owned(),
        b"vp08" => "vp8".to_owned(),
        b"vp09" => "vp9".to_owned(),
        other => String::from_utf8_lossy(other).trim().to_owned(),
    }
}

impl<R: Read + Seek> Walk<'_, R> {
    fn boxes(&mut self, start: u64, end: u64, depth: u32) -> Result<(), Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable("the boxes nest too deeply"));
        }
        let mut at = start;
        while at.saturating_add(8) <= end {
            self.visited += 1;
            if self.visited > MAX_BOXES {
                return Err(Unreadable("the file has too many boxes"));
            }
            self.input.seek(SeekFrom::Start(at))?;
            let short = self.u32()?;
            let name = self.four()?;
            let (header, length) = match short {
                0 => (8, end - at),
                1 => (16, self.u64()?),
                other => (8, u64::from(other)),
            };
            let stop = at.checked_add(length).filter(|stop| *stop <= end && length >= header);
            let Some(stop) = stop else {
                // The media itself may be cut off or padded after the index; the index may not.
                return if self.saw_moov && depth == 0 {
                    Ok(())
                } else {
                    Err(Unreadable("a box is longer than its place"))
                };
            };
            self.one(name, at + header, stop, depth)?;
            at = stop;
        }
        Ok(())
    }

    fn one(&mut self, name: [u8; 4], start: u64, end: u64, depth: u32) -> Result<(), Unreadable> {
        match &name {
            b"ftyp" => self.brand = Some(self.four()?),
            b"moov" => {
                self.saw_moov = true;
                self.boxes(start, end, depth + 1)?;
            }
            b"trak" => {
                if self.tracks.len() >= 64 {
                    return Err(Unreadable("the file has too many tracks"));
                }
                self.tracks.push(Track::default());
                self.boxes(start, end, depth + 1)?;
            }
            b"mdia" | b"minf" | b"stbl" | b"mvex" | b"moof" | b"traf" => self.boxes(start, end, depth + 1)?,
            b"tkhd" => self.tkhd()?,
            b"mdhd" => self.mdhd()?,
            b"hdlr" => {
                self.skip(8)?;
                let handler = self.four()?;
                if let Some(track) = self.tracks.last_mut() {
                    track.is_video |= &handler == b"vide";
                }
            }
            b"stsd" => self.stsd()?,
            b"stts" => self.stts(end)?,
            b"trex" => {
                self.skip(4)?;
                let id = self.u32()?;
                self.skip(4)?;
                let duration = self.u32()?;
                if let Some(track) = self.tracks.iter_mut().find(|track| track.id == id) {
                    track.default_sample_duration = duration;
                }
            }
            b"tfhd" => self.tfhd()?,
            b"trun" => self.trun(end)?,
            _ => {}
        }
        Ok(())
    }

    fn tkhd(&mut self) -> Result<(), Unreadable> {
        let version = self.u32()? >> 24;
        self.skip(if version == 1 { 16 } else { 8 })?;
        let id = self.u32()?;
        self.skip(if version == 1 { 12 } else { 8 })?;
        self.skip(52)?;
        // Fixed-point 16.16.
        let (width, height) = (self.u32()? >> 16, self.u32()? >> 16);
        if let Some(track) = self.tracks.last_mut() {
            track.id = id;
            (track.width_px, track.height_px) = (width, height);
        }
        Ok(())
    }

    fn mdhd(&mut self) -> Result<(), Unreadable> {
        let version = self.u32()? >> 24;
        self.skip(if version == 1 { 16 } else { 8 })?;
        let timescale = self.u32()?;
        let duration = if version == 1 { self.u64()? } else { u64::from(self.u32()?) };
        if let Some(track) = self.tracks.last_mut() {
            track.timescale = timescale;
            // All ones means unknown: a fragmented file.
            track.duration = if duration == u64::MAX || duration == u64::from(u32::MAX) { 0 } else { duration };
        }
        Ok(())
    }

    fn stsd(&mut self) -> Result<(), Unreadable> {
        self.skip(4)?;
        if self.u32()? == 0 {
            return Ok(());
        }
        self.skip(4)?;
        let codec = self.four()?;
        let Some(track) = self.tracks.last_mut() else { return Ok(()) };
        track.codec = Some(codec);
        if track.is_video {
            self.skip(24)?;
            let size = self.u32()?;
            if let Some(track) = self.tracks.last_mut() {
                // Coded size: what the picture check looks at, also when the display is scaled.
                (track.width_px, track.height_px) = (size >> 16, size & 0xFFFF);
            }
        }
        Ok(())
    }

    fn stts(&mut self, end: u64) -> Result<(), Unreadable> {
        self.skip(4)?;
        let entries = self.u32()?;
        let mut samples = 0_u64;
        for _ in 0..entries {
            if self.input.stream_position()?.saturating_add(8) > end {
                return Err(Unreadable("the time table is longer than its box"));
            }
            samples = samples.saturating_add(u64::from(self.u32()?));
            self.skip(4)?;
        }
        if let Some(track) = self.tracks.last_mut() {
            track.samples = samples;
        }
        Ok(())
    }

    fn tfhd(&mut self) -> Result<(), Unreadable> {
        let flags = self.u32()?;
        let id = self.u32()?;
        self.skip(if flags & 1 == 0 { 0 } else { 8 })?;
        self.skip(if flags & 2 == 0 { 0 } else { 4 })?;
        let own = if flags & 8 == 0 { None } else { Some(self.u32()?) };
        self.fragment_track = self.tracks.iter().position(|track| track.id == id);
        let fallback =
            self.fragment_track.and_then(|at| self.tracks.get(at)).map_or(0, |track| track.default_sample_duration);
        self.fragment_default = own.unwrap_or(fallback);
        Ok(())
    }

    fn trun(&mut self, end: u64) -> Result<(), Unreadable> {
        let flags = self.u32()?;
        let samples = self.u32()?;
        self.skip(if flags & 1 == 0 { 0 } else { 4 })?;
        self.skip(if flags & 4 == 0 { 0 } else { 4 })?;
        let per_sample = [0x100, 0x200, 0x400, 0x800].into_iter().filter(|flag| flags & flag != 0).count();
        let rest = i64::try_from(per_sample.saturating_sub(1)).unwrap_or(0) * 4;
        let mut ticks = 0_u64;
        if flags & 0x100 == 0 {
            ticks = u64::from(samples).saturating_mul(u64::from(self.fragment_default));
        } else {
            for _ in 0..samples {
                if self.input.stream_position()?.saturating_add(4) > end {
                    return Err(Unreadable("a fragment is longer than its box"));
                }
                ticks = ticks.saturating_add(u64::from(self.u32()?));
                self.skip(rest)?;
            }
        }
        if let Some(track) = self.fragment_track.and_then(|at| self.tracks.get_mut(at)) {
            track.fragment_samples = track.fragment_samples.saturating_add(u64::from(samples));
            track.fragment_duration = track.fragment_duration.saturating_add(ticks);
        }
        Ok(())
    }

    fn skip(&mut self, bytes: i64) -> Result<(), Unreadable> {
        if bytes > 0 {
            self.input.seek_relative(bytes)?;
        }
        Ok(())
    }

    fn four(&mut self) -> Result<[u8; 4], Unreadable> {
        let mut bytes = [0; 4];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32, Unreadable> {
        Ok(u32::from_be_bytes(self.four()?))
    }

    fn u64(&mut self) -> Result<u64, Unreadable> {
        let mut bytes = [0; 8];
        self.input.read_exact(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }
}
