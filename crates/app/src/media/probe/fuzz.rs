//! Hostile files: real and hand-made ones, damaged in the ways that break parsers, put together from pieces of each other, and plain noise.
//! In the ordinary tests for a moment; `make fuzz` goes on for as long as it is let.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Cursor;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use domain::media::FileFacts;
use proptest::prelude::*;
use proptest::sample::Index;

use super::source::Source;
use super::tests::{drawn, plain, webm};
use super::{DURATION_BELIEVED_MAX_MS, SIDE_BELIEVED_MAX_PX, measure, traces};

/// Files to start from: of each format one made by hand, and those of ffmpeg where it is installed.
fn corpus() -> &'static [Vec<u8>] {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut files = vec![
            plain(),
            webm(b"webm", true),
            webm(b"matroska", false),
            tiktok_sim::sample_mp4(720, 1280, 30, 2_000, 6_000),
            tiktok_sim::sample_jpeg(720, 1280),
            b"RIFF\x2a\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\x37\x04\0\x9f\x05\0EXIF\x0e\0\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0".to_vec(),
        ];
        let folder = tempfile::tempdir().unwrap();
        let fragmented = "frag_keyframe+empty_moov+default_base_moof";
        for (name, arguments) in [
            ("plain.mp4", &["-t", "0.2", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"][..]),
            ("fragments.mp4", &["-t", "0.2", "-c:v", "libx264", "-preset", "ultrafast", "-movflags", fragmented]),
            ("phone.mov", &["-t", "0.2", "-c:v", "mpeg4", "-metadata", "location=+52.5+13.4/", "-c:a", "aac"]),
            ("browser.webm", &["-t", "0.2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-an"]),
        ] {
            files.extend(drawn(folder.path(), name, arguments));
        }
        files
    })
}

/// One kind of damage.
#[derive(Debug, Clone)]
enum Damage {
    Byte(Index, u8),
    /// A number that lies: of one to eight bytes, near a border of its range, in either order.
    Number(Index, u64, usize, bool),
    /// A piece is missing.
    Cut(Index, Index),
    /// A piece is there again, elsewhere.
    Again(Index, Index, Index),
    /// A piece of another file.
    Foreign(Index, Index, Index, Index),
    End(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    let border = prop_oneof![
        prop::sample::select(vec![
            0,
            1,
            7,
            8,
            0x7f,
            0x80,
            0xff,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            1 << 63,
            u64::MAX
        ]),
        any::<u64>(),
    ];
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (index(), border, 1_usize..=8, any::<bool>()).prop_map(|(at, n, len, big)| Damage::Number(at, n, len, big)),
        (index(), index()).prop_map(|(from, to)| Damage::Cut(from, to)),
        (index(), index(), index()).prop_map(|(from, to, at)| Damage::Again(from, to, at)),
        (index(), index(), index(), index()).prop_map(|(file, from, to, at)| Damage::Foreign(file, from, to, at)),
        index().prop_map(Damage::End),
    ]
}

/// A place in a file: most headers stand at one of the ends, and damage in the picture data shows nothing.
fn place(at: &Index, len: usize) -> usize {
    const END: usize = 2048;
    let near = at.index(len.clamp(1, 2 * END));
    if near < END || len < 2 * END { near.min(len) } else { len - (near - END) }
}

fn piece<'a>(file: &'a [u8], from: &Index, to: &Index) -> &'a [u8] {
    let (from, to) = (place(from, file.len()), place(to, file.len()));
    let piece = &file[from.min(to)..from.max(to)];
    &piece[..piece.len().min(4096)]
}

fn apply(file: &mut Vec<u8>, damage: &Damage) {
    let insert = |file: &mut Vec<u8>, at: &Index, piece: Vec<u8>| {
        let at = place(at, file.len());
        file.splice(at..at, piece);
    };
    match damage {
        Damage::Byte(at, byte) => {
            let at = place(at, file.len());
            if let Some(place) = file.get_mut(at) {
                *place = *byte;
            }
        }
        Damage::Number(at, n, len, big) => {
            let at = place(at, file.len());
            let bytes = if *big { n.to_be_bytes()[8 - len..].to_vec() } else { n.to_le_bytes()[..*len].to_vec() };
            for (place, byte) in file.iter_mut().skip(at).zip(bytes) {
                *place = byte;
            }
        }
        Damage::Cut(from, to) => {
            let (from, to) = (place(from, file.len()), place(to, file.len()));
            file.drain(from.min(to)..from.max(to));
        }
        Damage::Again(from, to, at) => {
            let piece = piece(file, from, to).to_vec();
            insert(file, at, piece);
        }
        Damage::Foreign(other, from, to, at) => {
            let piece = piece(other.get::<Vec<u8>>(corpus()), from, to).to_vec();
            insert(file, at, piece);
        }
        Damage::End(at) => file.truncate(place(at, file.len())),
    }
}

/// Everything that reads a file's headers looks at it; what it believes has to be believable.
fn look(file: &[u8]) -> Result<(), TestCaseError> {
    let size = u64::try_from(file.len()).unwrap();
    let stop = AtomicBool::new(false);
    match measure(Cursor::new(file), size, &stop) {
        Ok(FileFacts::Video(facts)) => {
            prop_assert!((1..=SIDE_BELIEVED_MAX_PX).contains(&facts.width_px));
            prop_assert!((1..=SIDE_BELIEVED_MAX_PX).contains(&facts.height_px));
            prop_assert!((1..=DURATION_BELIEVED_MAX_MS).contains(&facts.duration_ms));
            prop_assert!([0, 90, 180, 270].contains(&facts.rotation_deg));
            prop_assert_eq!(facts.size_bytes, size);
        }
        Ok(FileFacts::Photo(facts)) => {
            prop_assert!(facts.width_px > 0 && facts.height_px > 0);
            prop_assert_eq!(facts.size_bytes, size);
        }
        Err(_) => {}
    }
    traces::read(&mut Source::new(Cursor::new(file), size, &stop));
    let turned = traces::orientation(&mut Source::new(Cursor::new(file), size, &stop));
    prop_assert!((1..=8).contains(&turned));
    Ok(())
}

#[test]
fn what_the_damage_begins_with_is_understood() {
    for file in corpus() {
        assert!(measure(Cursor::new(file), u64::try_from(file.len()).unwrap(), &AtomicBool::new(false)).is_ok());
        look(file).unwrap();
    }
}

proptest! {
    #[test]
    fn damaged_files(file in any::<Index>(), damage in prop::collection::vec(damage(), 1..12)) {
        let mut file: Vec<u8> = file.get(corpus()).clone();
        for damage in &damage {
            apply(&mut file, damage);
        }
        look(&file)?;
    }

    #[test]
    fn noise_behind_a_known_beginning(file in any::<Index>(), kept in 0_usize..200, noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        let file: &Vec<u8> = file.get(corpus());
        look(&[&file[..kept.min(file.len())], &noise].concat())?;
    }
}
