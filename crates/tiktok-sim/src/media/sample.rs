//! Made-up media for tests: headers that measure as asked, padded to a size. Frames are not decodable;
//! a person's demo needs a real video.

/// A box with its length in front.
fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], name, body].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// An MP4 whose index says H.264 of this picture, rate and duration, padded to `size_bytes` (or as short as it can be).
#[must_use]
pub fn sample_mp4(
    width_px: u16,
    height_px: u16,
    frames_per_second: u32,
    duration_ms: u32,
    size_bytes: usize,
) -> Vec<u8> {
    let samples = u32::try_from(u64::from(duration_ms) * u64::from(frames_per_second) / 1000).unwrap_or(u32::MAX);
    let per_sample = 1000 / frames_per_second.max(1);
    let identity = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];
    let picture = u32::from(width_px) << 16 | u32::from(height_px);

    let movie_header = boxed(
        b"mvhd",
        &words(&[&[0, 0, 0, 1000, duration_ms, 0x0001_0000, 0x0100_0000, 0, 0], &identity[..], &[0; 6], &[2]].concat()),
    );
    let track_header = boxed(
        b"tkhd",
        &words(
            &[
                &[7, 0, 0, 1, 0, duration_ms, 0, 0, 0, 0][..],
                &identity[..],
                &[u32::from(width_px) << 16, u32::from(height_px) << 16],
            ]
            .concat(),
        ),
    );
    let media_header = boxed(b"mdhd", &words(&[0, 0, 0, 1000, duration_ms, 0x55C4_0000]));
    let handler = boxed(b"hdlr", &[&words(&[0, 0])[..], b"vide", &[0; 12], b"video\0"].concat());
    let entry = boxed(
        b"avc1",
        &[&words(&[0, 1, 0, 0, 0, 0, picture, 0x0048_0000, 0x0048_0000, 0])[..], &[0, 1], &[0; 32], &[0, 24, 255, 255]]
            .concat(),
    );
    let description = boxed(b"stsd", &[words(&[0, 1]), entry].concat());
    let times = boxed(b"stts", &words(&[0, 1, samples, per_sample]));
    let table = boxed(b"stbl", &[description, times].concat());
    let information = boxed(b"minf", &table);
    let media = boxed(b"mdia", &[media_header, handler, information].concat());
    let track = boxed(b"trak", &[track_header, media].concat());
    let movie = boxed(b"moov", &[movie_header, track].concat());
    let brand = boxed(b"ftyp", &[&b"isom"[..], &words(&[512]), b"isomavc1"].concat());

    let mut file = [brand, movie].concat();
    let padding = size_bytes.saturating_sub(file.len() + 8);
    // A pattern that depends on the size, so that two samples of different size differ everywhere.
    let seed = u8::try_from(size_bytes % 251).unwrap_or(0);
    let filler: Vec<u8> =
        (0_u8..=250).cycle().map(|step| step.wrapping_mul(7).wrapping_add(seed)).take(padding).collect();
    file.extend(boxed(b"mdat", &filler));
    file
}

/// A JPEG header of the given size; enough for everything that only measures.
#[must_use]
pub fn sample_jpeg(width_px: u16, height_px: u16) -> Vec<u8> {
    let (width, height) = (width_px.to_be_bytes(), height_px.to_be_bytes());
    [
        &[0xFF, 0xD8, 0xFF, 0xE0, 0, 16][..],
        b"JFIF\0",
        &[1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xC0, 0, 11, 8],
        &height,
        &width,
        &[1, 1, 0x11, 0, 0xFF, 0xD9],
    ]
    .concat()
}
