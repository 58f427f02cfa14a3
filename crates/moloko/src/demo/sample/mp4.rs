//! Puts encoded frames into an MP4 that can be played from its first byte. Owns the boxes; knows nothing of pictures.

use super::h264::ParameterSets;

/// One video track.
pub struct Track<'a> {
    pub width_px: u32,
    pub height_px: u32,
    pub frames_per_second: u32,
    pub parameter_sets: ParameterSets,
    /// Network units without length, one a frame; the first can be decoded alone.
    pub samples: &'a [Vec<u8>],
}

/// Ticks of the media clock in one frame.
const TICKS: u32 = 512;
/// The unit matrix: the picture is upright.
const UPRIGHT: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// The whole file: type, index, frames.
pub fn file(track: &Track<'_>) -> Vec<u8> {
    let kind = boxed(b"ftyp", &[b"isom", &be(512)[..], b"isomiso2avc1mp41"].concat());
    // The index names the place of the frames, and its length does not depend on that place.
    let index_length = index(track, 0).len();
    let start = u32::try_from(kind.len() + index_length + 8).unwrap_or(u32::MAX);
    let mut frames = Vec::new();
    for sample in track.samples {
        frames.extend(length(sample));
        frames.extend_from_slice(sample);
    }
    [kind, index(track, start), boxed(b"mdat", &frames)].concat()
}

fn index(track: &Track<'_>, start: u32) -> Vec<u8> {
    let count = count(track.samples.len());
    let timescale = TICKS * track.frames_per_second;
    let media_ticks = TICKS * count;
    let duration_ms = media_ticks.saturating_mul(1000) / timescale.max(1);

    let movie_header = full(
        b"mvhd",
        0,
        &[
            words(&[0, 0, 1000, duration_ms, 0x1_0000, 0x0100_0000, 0, 0]),
            words(&UPRIGHT),
            words(&[0, 0, 0, 0, 0, 0, 2]),
        ],
    );
    let track_header = full(
        b"tkhd",
        3,
        &[
            words(&[0, 0, 1, 0, duration_ms, 0, 0, 0, 0]),
            words(&UPRIGHT),
            words(&[track.width_px << 16, track.height_px << 16]),
        ],
    );
    // 0x55C4 is the packed code for "undetermined language".
    let media_header = full(b"mdhd", 0, &[words(&[0, 0, timescale, media_ticks, 0x55C4_0000])]);
    let handler = full(b"hdlr", 0, &[words(&[0]), b"vide".to_vec(), words(&[0, 0, 0]), b"video\0".to_vec()]);
    let reference = boxed(b"dinf", &full(b"dref", 0, &[words(&[1]), full(b"url ", 1, &[])]));
    let table = boxed(
        b"stbl",
        &[
            full(b"stsd", 0, &[words(&[1]), sample_entry(track)]),
            full(b"stts", 0, &[words(&[1, count, TICKS])]),
            full(b"stss", 0, &[words(&[1, 1])]),
            full(b"stsc", 0, &[words(&[1, 1, count, 1])]),
            full(
                b"stsz",
                0,
                &[words(&[0, count]), track.samples.iter().flat_map(|s| be(self::count(s.len() + 4))).collect()],
            ),
            full(b"stco", 0, &[words(&[1, start])]),
        ]
        .concat(),
    );
    let information = boxed(b"minf", &[full(b"vmhd", 1, &[words(&[0, 0])]), reference, table].concat());
    let media = boxed(b"mdia", &[media_header, handler, information].concat());
    boxed(b"moov", &[movie_header, boxed(b"trak", &[track_header, media].concat())].concat())
}

fn sample_entry(track: &Track<'_>) -> Vec<u8> {
    let sets = &track.parameter_sets;
    let configuration = boxed(
        b"avcC",
        &[
            vec![1],
            sets.sequence.iter().skip(1).take(3).copied().collect(),
            vec![0xFF, 0xE1], // lengths have four bytes; one sequence set
            short(sets.sequence.len()),
            sets.sequence.clone(),
            vec![1],
            short(sets.picture.len()),
            sets.picture.clone(),
        ]
        .concat(),
    );
    boxed(
        b"avc1",
        &[
            words(&[0, 1, 0, 0, 0, 0, (track.width_px << 16) | (track.height_px & 0xFFFF)]),
            words(&[0x48_0000, 0x48_0000, 0]), // 72 dots an inch both ways
            vec![0, 1],                        // one frame a sample
            vec![0; 32],                       // no name of a compressor
            vec![0, 24, 0xFF, 0xFF],
            configuration,
        ]
        .concat(),
    )
}

fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&be(count(content.len() + 8))[..], name, content].concat()
}

/// A box that begins with a version (0) and flags.
fn full(name: &[u8; 4], flags: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    boxed(name, &[be(flags).to_vec(), parts.concat()].concat())
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| be(*v)).collect()
}

fn length(sample: &[u8]) -> [u8; 4] {
    be(count(sample.len()))
}

fn be(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

fn short(value: usize) -> Vec<u8> {
    u16::try_from(value).unwrap_or(u16::MAX).to_be_bytes().to_vec()
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
