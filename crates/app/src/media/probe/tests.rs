//! Real files drawn by ffmpeg when it is here, hand-made files always, and hostile variations of both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use domain::media::{Container, MediaFacts, ProbeFailure, VideoCodec};
use proptest::prelude::*;

use super::probe;

fn read(bytes: &[u8]) -> Result<MediaFacts, ProbeFailure> {
    let size = u64::try_from(bytes.len()).unwrap();
    probe(Cursor::new(bytes), size, &AtomicBool::new(false))
}

// ---- hand-made MP4 ----

fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend(body);
    bytes
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn track(rotation: [i32; 4], codec: &[u8; 4], width: u16, height: u16, frames: u32, delta: u32) -> Vec<u8> {
    let [a, b, c, d] = rotation.map(|cell| (cell * 0x1_0000).cast_unsigned());
    let mut tkhd = words(&[7, 0, 0, 1, 0, 0, 0, 0, 0, 0, a, b, 0, c, d, 0, 0, 0, 0x4000_0000]);
    tkhd.extend(words(&[u32::from(width) << 16, u32::from(height) << 16]));
    let mdhd = words(&[0, 0, 0, 30_000, frames * delta, 0]);
    let mut hdlr = words(&[0, 0]);
    hdlr.extend(b"vide");
    hdlr.extend([0; 13]);
    let mut entry = vec![0; 24];
    entry.extend(width.to_be_bytes());
    entry.extend(height.to_be_bytes());
    entry.extend([0; 50]);
    let mut stsd = words(&[0, 1]);
    stsd.extend(boxed(codec, &entry));
    let stts = words(&[0, 1, frames, delta]);
    let stbl = [boxed(b"stsd", &stsd), boxed(b"stts", &stts)].concat();
    let minf = boxed(b"minf", &boxed(b"stbl", &stbl));
    let mdia = [boxed(b"mdhd", &mdhd), boxed(b"hdlr", &hdlr), minf].concat();
    boxed(b"trak", &[boxed(b"tkhd", &tkhd), boxed(b"mdia", &mdia)].concat())
}

fn movie(brand: &[u8; 4], track: &[u8]) -> Vec<u8> {
    let mut ftyp = brand.to_vec();
    ftyp.extend([0; 4]);
    let mvhd = words(&[0, 0, 0, 1000, 10_000, 0]);
    [
        boxed(b"ftyp", &ftyp),
        boxed(b"moov", &[boxed(b"mvhd", &mvhd), track.to_vec()].concat()),
        boxed(b"mdat", b"not looked at"),
    ]
    .concat()
}

const UPRIGHT: [i32; 4] = [1, 0, 0, 1];

pub(super) fn plain() -> Vec<u8> {
    movie(b"isom", &track(UPRIGHT, b"avc1", 1080, 1920, 300, 1000))
}

#[test]
fn an_mp4_tells_its_facts() {
    let facts = read(&plain()).unwrap();
    assert_eq!(facts.container, Container::Mp4);
    assert_eq!(facts.video_codec, VideoCodec::H264);
    assert_eq!((facts.width_px, facts.height_px, facts.rotation_deg), (1080, 1920, 0));
    assert_eq!((facts.duration_ms, facts.fps_milli), (10_000, Some(30_000)));
    assert_eq!(facts.audio_codec, None);
}

#[test]
fn a_phone_video_recorded_upright_is_measured_as_it_is_shown() {
    let file = movie(b"qt  ", &track([0, 1, -1, 0], b"hvc1", 1920, 1080, 300, 1000));
    let facts = read(&file).unwrap();
    assert_eq!(facts.container, Container::Mov);
    assert_eq!(facts.video_codec, VideoCodec::H265);
    assert_eq!((facts.width_px, facts.height_px, facts.rotation_deg), (1080, 1920, 90));
}

#[test]
fn what_is_no_video_is_told_apart_from_what_is_broken() {
    assert_eq!(read(b""), Err(ProbeFailure::NotAVideo));
    assert_eq!(read(b"hello, this is a text file"), Err(ProbeFailure::NotAVideo));
    assert_eq!(read(b"\x89PNG\r\n\x1a\n0000000000"), Err(ProbeFailure::NotAVideo));
    let photo = [boxed(b"ftyp", b"heic\0\0\0\0"), boxed(b"meta", b"")].concat();
    assert_eq!(read(&photo), Err(ProbeFailure::NotAVideo));
    let no_index = [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"mdat", &[0; 64])].concat();
    assert!(matches!(read(&no_index), Err(ProbeFailure::Truncated(_))));
    assert!(matches!(read(&movie(b"isom", b"")), Err(ProbeFailure::NoVideoTrack)));
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_never_accepted() {
    let whole = plain();
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn boxes_that_lie_about_their_size_are_refused_without_work() {
    let mut lying = plain();
    let at = lying.windows(4).position(|name| name == b"stts").unwrap();
    lying[at + 8..at + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(matches!(read(&lying), Err(ProbeFailure::Damaged(_))));

    let mut endless = boxed(b"ftyp", b"isom\0\0\0\0");
    endless.extend(words(&[1]));
    endless.extend(b"moov");
    endless.extend(u64::MAX.to_be_bytes());
    assert!(read(&endless).is_err());
}

#[test]
fn a_file_of_countless_tiny_boxes_is_given_up() {
    let one = boxed(b"free", b"");
    let file = [boxed(b"ftyp", b"isom\0\0\0\0"), one.repeat(3_100_000)].concat();
    assert!(matches!(read(&file), Err(ProbeFailure::TooComplex(_))));
}

#[test]
fn a_probe_that_is_told_to_stop_stops() {
    let file = plain();
    let size = u64::try_from(file.len()).unwrap();
    let answer = probe(Cursor::new(&file), size, &AtomicBool::new(true));
    assert_eq!(answer, Err(ProbeFailure::TimedOut));
}

// ---- hand-made WebM ----

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.push(0x08);
    bytes.extend(&u32::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

pub(super) fn webm(doc_type: &[u8], with_length: bool) -> Vec<u8> {
    let head = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], doc_type));
    let mut info = element(&[0x2a, 0xd7, 0xb1], &1_000_000_u32.to_be_bytes());
    let video = [element(&[0xb0], &[0x02, 0xd0]), element(&[0xba], &[0x05, 0x00])].concat();
    let mut entry =
        [element(&[0xd7], &[1]), element(&[0x83], &[1]), element(&[0x86], b"V_VP9"), element(&[0xe0], &video)].concat();
    if with_length {
        info.extend(element(&[0x44, 0x89], &4000.0_f64.to_be_bytes()));
        entry.extend(element(&[0x23, 0xe3, 0x83], &40_000_000_u32.to_be_bytes()));
    }
    let mut cluster = element(&[0xe7], &[0]);
    for frame in 0..50_i16 {
        let block = [&[0x81][..], &(frame * 40).to_be_bytes(), &[0, 1, 2, 3]].concat();
        cluster.extend(element(&[0xa3], &block));
    }
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &entry));
    // Segment and cluster of unknown length, as browsers record them.
    let segment = [&[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..]].concat();
    let opened = [0x1f, 0x43, 0xb6, 0x75, 0xff];
    [head, segment, element(&[0x15, 0x49, 0xa9, 0x66], &info), tracks, opened.to_vec(), cluster].concat()
}

#[test]
fn a_webm_tells_its_facts() {
    let facts = read(&webm(b"webm", true)).unwrap();
    assert_eq!(facts.container, Container::Webm);
    assert_eq!(facts.video_codec, VideoCodec::Vp9);
    assert_eq!((facts.width_px, facts.height_px), (720, 1280));
    assert_eq!((facts.duration_ms, facts.fps_milli), (4000, Some(25_000)));
}

#[test]
fn a_browsers_recording_without_a_duration_is_measured_by_its_blocks() {
    let facts = read(&webm(b"webm", false)).unwrap();
    assert_eq!((facts.duration_ms, facts.fps_milli), (2000, Some(25_000)));
}

#[test]
fn matroska_that_is_not_webm_is_named_so_and_other_documents_are_no_video() {
    assert_eq!(read(&webm(b"matroska", true)).unwrap().container, Container::Matroska);
    assert_eq!(read(&webm(b"spreadsheet", true)), Err(ProbeFailure::NotAVideo));
}

// ---- real files ----

/// Draws a file with ffmpeg; `None` when it is not installed here.
pub(super) fn drawn(folder: &Path, name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let path = folder.join(name);
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"])
        .arg("testsrc2=size=720x1280:rate=30:duration=2")
        .args(["-f", "lavfi", "-i", "sine=duration=2"])
        .args(arguments)
        .arg(&path)
        .status();
    match done {
        Ok(status) => {
            assert!(status.success(), "ffmpeg could not draw {name}");
            Some(std::fs::read(&path).unwrap())
        }
        Err(_) => {
            eprintln!("ffmpeg is not installed: {name} is not drawn");
            None
        }
    }
}

struct Sample {
    name: &'static str,
    arguments: &'static [&'static str],
    container: Container,
    codec: VideoCodec,
    audio: Option<&'static str>,
}

fn samples() -> Vec<Sample> {
    vec![
        Sample {
            name: "plain.mp4",
            arguments: &["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"],
            container: Container::Mp4,
            codec: VideoCodec::H264,
            audio: Some("mp4a"),
        },
        Sample {
            name: "faststart.mp4",
            arguments: &["-an", "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart"],
            container: Container::Mp4,
            codec: VideoCodec::H264,
            audio: None,
        },
        Sample {
            name: "fragmented.mp4",
            arguments: &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-c:a",
                "aac",
                "-movflags",
                "frag_keyframe+empty_moov+default_base_moof",
                "-g",
                "15",
            ],
            container: Container::Mp4,
            codec: VideoCodec::H264,
            audio: Some("mp4a"),
        },
        Sample {
            name: "first-piece-in-index.mp4",
            arguments: &["-an", "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "frag_keyframe", "-g", "15"],
            container: Container::Mp4,
            codec: VideoCodec::H264,
            audio: None,
        },
        Sample {
            name: "hevc.mov",
            arguments: &[
                "-an",
                "-c:v",
                "libx265",
                "-preset",
                "ultrafast",
                "-tag:v",
                "hvc1",
                "-x265-params",
                "log-level=error",
            ],
            container: Container::Mov,
            codec: VideoCodec::H265,
            audio: None,
        },
        Sample {
            name: "vp9.webm",
            arguments: &[
                "-c:v",
                "libvpx-vp9",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-b:v",
                "500k",
                "-c:a",
                "libopus",
            ],
            container: Container::Webm,
            codec: VideoCodec::Vp9,
            audio: Some("A_OPUS"),
        },
        Sample {
            name: "vp8-live.webm",
            arguments: &[
                "-an",
                "-c:v",
                "libvpx",
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-b:v",
                "500k",
                "-live",
                "1",
            ],
            container: Container::Webm,
            codec: VideoCodec::Vp8,
            audio: None,
        },
        Sample {
            name: "h264.mkv",
            arguments: &["-an", "-c:v", "libx264", "-preset", "ultrafast"],
            container: Container::Matroska,
            codec: VideoCodec::H264,
            audio: None,
        },
    ]
}

#[test]
fn real_files_of_every_kind_are_measured_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    for sample in samples() {
        let Some(file) = drawn(folder.path(), sample.name, sample.arguments) else {
            return;
        };
        let facts = read(&file).unwrap_or_else(|failure| panic!("{}: {failure}", sample.name));
        assert_eq!(facts.container, sample.container, "{}", sample.name);
        assert_eq!(facts.video_codec, sample.codec, "{}", sample.name);
        assert_eq!(facts.audio_codec.as_deref(), sample.audio, "{}", sample.name);
        assert_eq!((facts.width_px, facts.height_px), (720, 1280), "{}", sample.name);
        assert!((1_950..=2_060).contains(&facts.duration_ms), "{}: {} ms", sample.name, facts.duration_ms);
        let fps = facts.fps_milli.expect(sample.name);
        // The muxer of fragments stretches the first piece a little.
        assert!((29_600..=30_100).contains(&fps), "{}: {fps}", sample.name);
    }
}

#[test]
fn a_real_rotated_file_is_measured_as_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let sample = ["-an", "-c:v", "libx264", "-preset", "ultrafast"];
    if drawn(folder.path(), "plain.mp4", &sample).is_none() {
        return;
    }
    let turned = folder.path().join("turned.mp4");
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(folder.path().join("plain.mp4"))
        .args(["-c", "copy", "-metadata:s:v:0", "rotate=90"])
        .arg(&turned)
        .status()
        .unwrap();
    assert!(done.success());
    let facts = read(&std::fs::read(&turned).unwrap()).unwrap();
    assert!([90, 270].contains(&facts.rotation_deg), "{}", facts.rotation_deg);
    assert_eq!((facts.width_px, facts.height_px), (1280, 720));
}

#[test]
fn real_files_with_broken_bytes_give_an_answer_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    for sample in samples() {
        let Some(file) = drawn(folder.path(), sample.name, sample.arguments) else {
            return;
        };
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 120,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let bad = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20);
        let cut = any::<prop::sample::Index>();
        runner
            .run(&(bad, cut), |(bad, cut)| {
                let mut broken = file.clone();
                // Most headers stand at one of the ends; damage in the picture data shows nothing.
                let ends: Vec<usize> =
                    (0..broken.len().min(2048)).chain(broken.len().saturating_sub(4096)..broken.len()).collect();
                for (at, byte) in bad {
                    broken[*at.get(&ends)] = byte;
                }
                let _ = read(&broken);
                let _ = read(&file[..cut.index(file.len())]);
                Ok(())
            })
            .unwrap();
    }
}

proptest! {
    #[test]
    fn hand_made_files_with_broken_bytes_never_panic(bad in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), web in any::<bool>()) {
        let mut file = if web { webm(b"webm", false) } else { plain() };
        for (at, byte) in bad {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = read(&file);
    }

    #[test]
    fn any_bytes_behind_a_known_beginning_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..600), kind in 0_usize..3) {
        let head: &[u8] = [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], &[0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84, b'w', b'e', b'b', b'm', 0x18, 0x53, 0x80, 0x67, 0xff], b"\0\0\0\x08moov"][kind];
        let _ = read(&[head, &tail].concat());
    }
}
