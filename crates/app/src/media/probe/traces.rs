//! Looks for what a file tells about its maker: where it was made and with which device. Owns where formats keep that.
//!
//! Best effort by nature: a file can hide words anywhere. Whatever cannot be read tells nothing and is no error.

use std::io::{Read, Seek};

use domain::media::Traces;

use super::field::Fields;
use super::mp4::{Atom, atom, children, start};
use super::picture::{self, Picture};
use super::source::{Result, Source};
use super::{Family, sniff};

/// Segments or chunks of a picture that are looked at.
const PARTS_MAX: u32 = 1000;
/// Bytes of a list of keys, a segment or a chunk that are searched.
const SEARCHED_MAX: usize = 60 * 1024;
/// Entries of a picture's directory that are looked at.
const ENTRIES_MAX: u64 = 512;

/// Words that stand for a place, in lower case.
const PLACE_WORDS: [&[u8]; 3] = [b"quicktime.location", b"gpslatitude", b"com.android.gps"];
/// Words that stand for a device, in lower case.
const DEVICE_WORDS: [&[u8]; 7] = [
    b"quicktime.make",
    b"quicktime.model",
    b"com.android.manufacturer",
    b"com.android.model",
    b"com.android.version",
    b"tiff:make",
    b"tiff:model",
];

pub(super) fn read<R: Read + Seek>(source: &mut Source<'_, R>) -> Traces {
    let mut found = Found::default();
    // What was found before something could not be read was found all the same.
    let _ = look(source, &mut found);
    found.traces
}

/// How a camera says that a photo is to be turned: 1 to 8; 1, which is not at all, when it says nothing.
pub(super) fn orientation<R: Read + Seek>(source: &mut Source<'_, R>) -> u16 {
    let mut found = Found::default();
    let _ = look(source, &mut found);
    found.orientation.filter(|it| (1..=8).contains(it)).unwrap_or(1)
}

/// What was found on the way through a file.
#[derive(Default)]
struct Found {
    traces: Traces,
    orientation: Option<u16>,
}

fn look<R: Read + Seek>(source: &mut Source<'_, R>, found: &mut Found) -> Result<()> {
    let head = source.head()?;
    match (picture::sniff(&head), sniff(&head)) {
        (Some(Picture::Jpeg), _) => jpeg(source, found),
        (Some(Picture::Webp), _) => webp(source, found),
        (Some(Picture::Other(_)), _) | (None, None | Some(Family::Ebml)) => Ok(()),
        (None, Some(Family::Iso)) => iso(source, found),
    }
}

fn words(bytes: &[u8], found: &mut Found) {
    let lower = bytes.to_ascii_lowercase();
    let has = |word: &&[u8]| lower.windows(word.len()).any(|part| part == *word);
    found.traces.location |= PLACE_WORDS.iter().any(has);
    found.traces.device |= DEVICE_WORDS.iter().any(has);
}

fn iso<R: Read + Seek>(source: &mut Source<'_, R>, found: &mut Found) -> Result<()> {
    let (whole, mut at) = (source.size(), 0);
    while whole.saturating_sub(at) >= 8 {
        let it = atom(source, at, whole)?;
        if &it.name == b"moov" {
            children(source, it, |source, it| match &it.name {
                b"trak" => children(source, it, |source, it| told(source, it, found)),
                _ => told(source, it, found),
            })?;
        }
        at = it.end;
    }
    Ok(())
}

/// What users' data and metadata of a movie or a track tell.
fn told<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, found: &mut Found) -> Result<()> {
    match &it.name {
        b"udta" => children(source, it, |source, it| {
            match &it.name {
                b"\xa9xyz" | b"loci" => found.traces.location = true,
                b"\xa9mak" | b"\xa9mod" | b"manu" | b"modl" => found.traces.device = true,
                b"meta" => metadata(source, it, found)?,
                _ => {}
            }
            Ok(())
        }),
        b"meta" => metadata(source, it, found),
        _ => Ok(()),
    }
}

/// QuickTime's form begins with its parts, MP4's with four bytes more; the names of the keys are plain text in both.
fn metadata<R: Read + Seek>(source: &mut Source<'_, R>, it: Atom, found: &mut Found) -> Result<()> {
    let bytes = start(source, it, SEARCHED_MAX)?;
    words(&bytes, found);
    Ok(())
}

fn jpeg<R: Read + Seek>(source: &mut Source<'_, R>, found: &mut Found) -> Result<()> {
    let mut at: u64 = 2;
    for _ in 0..PARTS_MAX {
        source.step()?;
        let [mark, kind] = source.bytes(at)?;
        match (mark, kind) {
            (0xff, 0xff) => at = at.saturating_add(1),
            (0xff, 0x01 | 0xd0..=0xd7) => at = at.saturating_add(2),
            // The picture itself begins, or this is none.
            (0xff, 0xd9 | 0xda) | (0..=0xfe, _) => break,
            (0xff, _) => {
                let length = u64::from(u16::from_be_bytes(source.bytes(at.saturating_add(2))?));
                if kind == 0xe1 {
                    let len = usize::try_from(length.saturating_sub(2)).unwrap_or(0).min(SEARCHED_MAX);
                    let body = source.piece(at.saturating_add(4), len)?;
                    match body.strip_prefix(b"Exif\0\0") {
                        Some(tiff) => exif(tiff, found),
                        None => words(&body, found),
                    }
                }
                at = at.saturating_add(2).saturating_add(length.max(2));
            }
        }
    }
    Ok(())
}

fn webp<R: Read + Seek>(source: &mut Source<'_, R>, found: &mut Found) -> Result<()> {
    let mut at: u64 = 12;
    for _ in 0..PARTS_MAX {
        source.step()?;
        let [a, b, c, d, size @ ..] = source.bytes::<8>(at)?;
        let size = u64::from(u32::from_le_bytes(size));
        let len = usize::try_from(size).unwrap_or(usize::MAX).min(SEARCHED_MAX);
        let body = at.saturating_add(8);
        match &[a, b, c, d] {
            b"EXIF" => exif(&source.piece(body, len)?, found),
            b"XMP " => words(&source.piece(body, len)?, found),
            _ => {}
        }
        // Chunks have even lengths.
        at = body.saturating_add(size).saturating_add(size & 1);
    }
    Ok(())
}

/// The first directory of an Exif block: maker, model and whether there is a directory of places.
fn exif(tiff: &[u8], found: &mut Found) {
    let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff);
    let is_little = tiff.starts_with(b"II");
    let number = |at: usize, len: usize| -> Option<u64> {
        let mut bytes = tiff.get(at..at.checked_add(len)?)?.to_vec();
        if is_little {
            bytes.reverse();
        }
        Fields::new(&bytes).number(len).ok()
    };
    let mut directory = || -> Option<()> {
        let first = usize::try_from(number(4, 4)?).ok()?;
        let entries = usize::try_from(number(first, 2)?.min(ENTRIES_MAX)).ok()?;
        for n in 0..entries {
            let entry = first.checked_add(2 + n * 12)?;
            match number(entry, 2)? {
                0x0112 => found.orientation = number(entry.checked_add(8)?, 2).and_then(|it| u16::try_from(it).ok()),
                0x8825 => found.traces.location = true,
                0x010f | 0x0110 => found.traces.device = true,
                _ => {}
            }
        }
        Some(())
    };
    // A directory that ends early has told what it told.
    let _ = directory();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;
    use std::sync::atomic::AtomicBool;

    use proptest::prelude::*;

    use super::*;

    fn traces(bytes: &[u8]) -> Traces {
        let stop = AtomicBool::new(false);
        read(&mut Source::new(Cursor::new(bytes), u64::try_from(bytes.len()).unwrap(), &stop))
    }

    const LITTLE: &[u8] = b"II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0abc\0\x25\x88\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    const BIG: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0";

    fn jpeg_with(tiff: &[u8]) -> Vec<u8> {
        let plain = tiktok_sim::sample_jpeg(100, 100);
        let (start, rest) = plain.split_at(2);
        let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
        [start, &[0xff, 0xe1], &length, b"Exif\0\0", tiff, rest].concat()
    }

    #[test]
    fn a_photo_tells_where_and_with_what_it_was_taken() {
        assert_eq!(traces(&tiktok_sim::sample_jpeg(100, 100)), Traces::default());
        assert_eq!(traces(&jpeg_with(LITTLE)), Traces { location: true, device: true });
        assert_eq!(traces(&jpeg_with(BIG)), Traces { location: true, device: false });
        let chunk =
            [b"RIFF\0\0\0\0WEBPEXIF".as_slice(), &u32::try_from(BIG.len()).unwrap().to_le_bytes(), BIG].concat();
        assert_eq!(traces(&chunk), Traces { location: true, device: false });
    }

    #[test]
    fn a_directory_that_is_cut_off_tells_what_is_left_of_it() {
        assert_eq!(traces(&jpeg_with(LITTLE.get(..23).unwrap())), Traces { location: false, device: true });
        assert_eq!(traces(&jpeg_with(b"II*\0\xff\xff\xff\xff")), Traces::default());
    }

    #[test]
    fn a_camera_says_how_it_was_held() {
        let of = |bytes: &[u8]| {
            let stop = AtomicBool::new(false);
            orientation(&mut Source::new(Cursor::new(bytes), u64::try_from(bytes.len()).unwrap(), &stop))
        };
        let held = |turn: u8| {
            jpeg_with(&[b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[turn], &[0; 6]].concat())
        };
        assert_eq!((of(&held(6)), of(&held(99)), of(&tiktok_sim::sample_jpeg(10, 10))), (6, 1, 1));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..300), form in 0_usize..3) {
            let starts: [&[u8]; 3] = [b"\xff\xd8\xff\xe1\0\x40Exif\0\0II*\0", b"RIFF\0\0\0\0WEBPEXIF", b"\0\0\0\x08ftyp\0\0\x01\0moov\0\0\0\x40udta"];
            traces(&[starts.get(form).copied().unwrap_or_default(), tail.as_slice()].concat());
        }
    }
}
