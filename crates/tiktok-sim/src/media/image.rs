//! Sizes of JPEG and WebP pictures, and TikTok's judgement on them. PNG and everything else is refused.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::Unreadable;

/// A measured picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(crate) size_bytes: u64,
}

/// 20 MB, read as decimal.
pub(crate) const MAX_BYTES: u64 = 20_000_000;

/// The `fail_reason` for a picture, if any: the shorter side may be at most 1080 pixels.
pub(crate) fn judge_picture(picture: Picture) -> Result<(), &'static str> {
    if picture.size_bytes > MAX_BYTES {
        return Err("file_format_check_failed");
    }
    if picture.width_px.min(picture.height_px) > 1080 || picture.width_px == 0 || picture.height_px == 0 {
        return Err("picture_size_check_failed");
    }
    Ok(())
}

/// Measures a picture file.
pub(crate) fn read_picture(path: &Path) -> Result<Picture, Unreadable> {
    let file = std::fs::File::open(path)?;
    let size_bytes = file.metadata()?.len();
    let mut input = BufReader::new(file);
    let mut head = [0_u8; 30];
    let mut read = 0;
    while let Some(space) = head.get_mut(read..).filter(|space| !space.is_empty()) {
        match input.read(space)? {
            0 => break,
            more => read += more,
        }
    }
    let (width_px, height_px) = match head {
        [0xFF, 0xD8, 0xFF, ..] => jpeg(&mut input)?,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(&head)?,
        _ => return Err(Unreadable("neither a JPEG nor a WebP")),
    };
    Ok(Picture { width_px, height_px, size_bytes })
}

/// Walks the segments up to the frame header.
fn jpeg<R: Read + Seek>(input: &mut R) -> Result<(u32, u32), Unreadable> {
    input.seek(SeekFrom::Start(2))?;
    for _ in 0..1000 {
        let [mark, kind, high, low] = four(input)?;
        if mark != 0xFF {
            return Err(Unreadable("the picture is damaged"));
        }
        let length = i64::from(u16::from_be_bytes([high, low]));
        if matches!(kind, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF) {
            let [_, height_high, height_low, width_high] = four(input)?;
            let [width_low, ..] = four(input)?;
            let height = u16::from_be_bytes([height_high, height_low]);
            let width = u16::from_be_bytes([width_high, width_low]);
            return Ok((u32::from(width), u32::from(height)));
        }
        input.seek_relative((length - 2).max(0))?;
    }
    Err(Unreadable("the picture has no frame"))
}

fn four<R: Read>(input: &mut R) -> Result<[u8; 4], Unreadable> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The three forms of WebP put their size in the first 30 bytes.
fn webp(head: &[u8; 30]) -> Result<(u32, u32), Unreadable> {
    let at = |index: usize| u32::from(head.get(index).copied().unwrap_or(0));
    match head.get(12..16) {
        Some(b"VP8X") => {
            let width = at(24) | at(25) << 8 | at(26) << 16;
            let height = at(27) | at(28) << 8 | at(29) << 16;
            Ok((width + 1, height + 1))
        }
        Some(b"VP8L") => {
            let bits = at(21) | at(22) << 8 | at(23) << 16 | at(24) << 24;
            Ok(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        Some(b"VP8 ") => Ok(((at(26) | at(27) << 8) & 0x3FFF, (at(28) | at(29) << 8) & 0x3FFF)),
        _ => Err(Unreadable("an unknown form of WebP")),
    }
}
