//! Measures JPEG and WebP pictures from their headers, and names the pictures that TikTok does not take. No decoder runs.
//!
//! Every read is bounded; a picture whose headers do not end is refused.

use std::io::{Read, Seek};

use domain::media::{PhotoFacts, PhotoFormat, ProbeFailure};

use super::field::big_endian;
use super::source::{Result, Source};

/// Segments before the frame header that are looked at; phones write about ten.
const SEGMENTS_MAX: u32 = 1000;
/// Padding bytes between two segments that are skipped.
const FILL_MAX: u32 = 1024;

/// What a file's first bytes say about a picture.
pub(super) enum Picture {
    Jpeg,
    Webp,
    /// Of a kind that TikTok does not take.
    Other(&'static str),
}

/// Recognises a picture by its first 16 bytes; `None` is no picture.
pub(super) fn sniff(head: &[u8]) -> Option<Picture> {
    if head.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(Picture::Jpeg);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(Picture::Webp);
    }
    const OTHERS: [(&[u8], &str); 8] = [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF8", "GIF"),
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\xff\x0a", "JPEG XL"),
        (b"8BPS", "PSD"),
    ];
    if let Some((_, name)) = OTHERS.into_iter().find(|(start, _)| head.starts_with(start)) {
        return Some(Picture::Other(name));
    }
    // The family of boxes that videos have, with the brand of a picture.
    if head.get(4..8) != Some(b"ftyp") {
        return None;
    }
    match head.get(8..12) {
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
            Some(Picture::Other("HEIC"))
        }
        Some(b"avif" | b"avis") => Some(Picture::Other("AVIF")),
        Some(_) | None => None,
    }
}

/// Measures a picture of a format that TikTok takes.
pub(super) fn read<R: Read + Seek>(source: &mut Source<'_, R>, picture: &Picture) -> Result<PhotoFacts> {
    let (format, (width_px, height_px)) = match picture {
        Picture::Jpeg => (PhotoFormat::Jpeg, jpeg(source)?),
        Picture::Webp => (PhotoFormat::Webp, webp(source)?),
        Picture::Other(name) => return Err(ProbeFailure::OtherPicture((*name).to_owned())),
    };
    if width_px == 0 || height_px == 0 {
        return Err(ProbeFailure::Damaged("the picture has no size".to_owned()));
    }
    Ok(PhotoFacts { format, size_bytes: source.size(), width_px, height_px })
}

/// Walks the segments up to the frame header, which holds the size.
fn jpeg<R: Read + Seek>(source: &mut Source<'_, R>) -> Result<(u32, u32)> {
    let mut at: u64 = 2;
    for _ in 0..SEGMENTS_MAX {
        source.step()?;
        let [mark] = source.bytes(at)?;
        if mark != 0xff {
            return Err(ProbeFailure::Damaged("a segment of the picture does not begin".to_owned()));
        }
        at = at.saturating_add(1);
        let mut kind = source.bytes::<1>(at)?;
        let mut fill = 0;
        // Any number of 0xff may stand before the kind.
        while kind == [0xff] {
            fill += 1;
            if fill > FILL_MAX {
                return Err(ProbeFailure::TooComplex("too much padding between segments".to_owned()));
            }
            at = at.saturating_add(1);
            kind = source.bytes::<1>(at)?;
        }
        let [kind] = kind;
        at = at.saturating_add(1);
        match kind {
            // Restart marks and TEM have no body.
            0x01 | 0xd0..=0xd7 => {}
            // The frame headers of every coding; c4, c8 and cc are something else.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let frame = source.bytes::<7>(at)?;
                let number = |part: Option<&[u8]>| u32::try_from(big_endian(part.unwrap_or_default())).unwrap_or(0);
                return Ok((number(frame.get(5..7)), number(frame.get(3..5))));
            }
            0xd9 | 0xda => return Err(ProbeFailure::Damaged("the picture has no frame header".to_owned())),
            _ => {
                let length = big_endian(&source.bytes::<2>(at)?);
                if length < 2 {
                    return Err(ProbeFailure::Damaged("a segment of the picture has no length".to_owned()));
                }
                at = at.saturating_add(length);
            }
        }
    }
    Err(ProbeFailure::TooComplex("too many segments before the picture".to_owned()))
}

/// The three forms of WebP have their size in the first 30 bytes.
fn webp<R: Read + Seek>(source: &mut Source<'_, R>) -> Result<(u32, u32)> {
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    let form = source.bytes::<4>(12)?;
    match &form {
        b"VP8X" => {
            let size = source.bytes::<6>(24)?;
            let (width, height) = size.split_at(3);
            Ok((little(width).saturating_add(1), little(height).saturating_add(1)))
        }
        b"VP8L" => {
            let [mark, bits @ ..] = source.bytes::<5>(20)?;
            if mark != 0x2f {
                return Err(ProbeFailure::Damaged("the picture's signature is missing".to_owned()));
            }
            let bits = little(&bits);
            Ok(((bits & 0x3fff).saturating_add(1), (bits >> 14 & 0x3fff).saturating_add(1)))
        }
        b"VP8 " => {
            let [one, two, three, size @ ..] = source.bytes::<7>(23)?;
            if [one, two, three] != [0x9d, 0x01, 0x2a] {
                return Err(ProbeFailure::Damaged("the picture's start code is missing".to_owned()));
            }
            let (width, height) = size.split_at(2);
            Ok((little(width) & 0x3fff, little(height) & 0x3fff))
        }
        _ => Err(ProbeFailure::Damaged("an unknown form of WebP".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]
    use std::io::Cursor;
    use std::sync::atomic::AtomicBool;

    use domain::media::FileFacts;
    use proptest::prelude::*;

    use super::super::measure;
    use super::*;

    fn measured(bytes: &[u8]) -> std::result::Result<FileFacts, ProbeFailure> {
        measure(Cursor::new(bytes), bytes.len() as u64, &AtomicBool::new(false))
    }

    fn size(bytes: &[u8]) -> (PhotoFormat, u32, u32) {
        let facts = measured(bytes).unwrap();
        let photo = facts.photo().unwrap();
        assert_eq!(photo.size_bytes, bytes.len() as u64);
        (photo.format, photo.width_px, photo.height_px)
    }

    fn riff(form: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        file.extend_from_slice(form);
        file.extend_from_slice(&(body.len() as u32).to_le_bytes());
        file.extend_from_slice(body);
        file.resize(file.len() + 32, 0);
        file
    }

    /// The simulator writes its pictures with code of its own.
    #[test]
    fn a_jpeg_is_measured_with_comments_padding_and_thumbnails_before_its_frame() {
        let plain = tiktok_sim::sample_jpeg(1080, 1440);
        assert_eq!(size(&plain), (PhotoFormat::Jpeg, 1080, 1440));
        let mut long = plain[..2].to_vec();
        long.extend_from_slice(&[0xff, 0xff, 0xff, 0xfe, 0, 6, b'm', b'i', b'l', b'k']);
        // A thumbnail inside a segment has a frame of its own, which is not the picture's.
        long.extend_from_slice(&[0xff, 0xe1, 0, 12, 0xff, 0xd8, 0xff, 0xc0, 0, 8, 8, 0, 9, 0]);
        long.extend_from_slice(&plain[2..]);
        assert_eq!(size(&long), (PhotoFormat::Jpeg, 1080, 1440));
    }

    #[test]
    fn the_three_forms_of_webp_are_measured() {
        let extended = riff(b"VP8X", &[0, 0, 0, 0, 0x37, 4, 0, 0x9f, 5, 0]);
        assert_eq!(size(&extended), (PhotoFormat::Webp, 1080, 1440));
        let bits = (1080_u32 - 1) | (1440_u32 - 1) << 14;
        let [a, b, c, d] = bits.to_le_bytes();
        assert_eq!(size(&riff(b"VP8L", &[0x2f, a, b, c, d])), (PhotoFormat::Webp, 1080, 1440));
        let lossy = riff(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 0x38, 4, 0xa0, 5]);
        assert_eq!(size(&lossy), (PhotoFormat::Webp, 1080, 1440));
    }

    #[test]
    fn pictures_that_tiktok_does_not_take_are_told_by_their_name_whatever_they_are_called() {
        let cases: [(&[u8], &str); 6] = [
            (b"\x89PNG\r\n\x1a\n00000000", "PNG"),
            (b"GIF89a0000000000", "GIF"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
            (b"II*\x00000000000000000", "TIFF"),
        ];
        for (bytes, name) in cases {
            assert_eq!(measured(bytes), Err(ProbeFailure::OtherPicture(name.to_owned())));
        }
    }

    #[test]
    fn broken_pictures_are_refused_with_a_reason_and_never_measured_wrongly() {
        let plain = tiktok_sim::sample_jpeg(1080, 1440);
        for length in 3..22 {
            assert!(measured(&plain[..length.min(plain.len())]).is_err(), "{length}");
        }
        assert!(matches!(measured(&riff(b"VP8Z", &[0; 10])), Err(ProbeFailure::Damaged(_))));
        assert!(matches!(measured(&riff(b"VP8L", &[0; 10])), Err(ProbeFailure::Damaged(_))));
        assert!(matches!(measured(&[0xff, 0xd8, 0xff, 0xe0, 0, 0]), Err(ProbeFailure::Damaged(_))));
        let mut padding = vec![0xff, 0xd8];
        padding.resize(100_000, 0xff);
        assert!(matches!(measured(&padding), Err(ProbeFailure::TooComplex(_))));
        let mut segments = vec![0xff, 0xd8];
        for _ in 0..2000 {
            segments.extend_from_slice(&[0xff, 0xfe, 0, 2]);
        }
        assert!(matches!(measured(&segments), Err(ProbeFailure::TooComplex(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(start in 0_usize..3, tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let starts: [&[u8]; 3] = [&[0xff, 0xd8, 0xff], b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8X"];
            let bytes = [starts[start], tail.as_slice()].concat();
            if let Ok(facts) = measured(&bytes) {
                let photo = facts.photo().unwrap();
                prop_assert!(photo.width_px > 0 && photo.height_px > 0);
            }
        }
    }
}
