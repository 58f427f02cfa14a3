//! `moloko probe` over files that ffmpeg draws and over files that mean harm: facts, verdict, reasons and exit code as other programs see them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const QUICK: [&str; 4] = ["-c:v", "libx264", "-preset", "ultrafast"];

/// Draws a second of picture and sound; `size` and `rate` as given.
fn drawn(folder: &Path, name: &str, (size, rate): (&str, &str), arguments: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"])
        .arg(format!("testsrc2=size={size}:rate={rate}:duration=1"))
        .args(["-f", "lavfi", "-i", "sine=duration=1"])
        .args(arguments)
        .arg(&path)
        .output()
        .expect("these tests need ffmpeg");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    path
}

fn probe(path: &Path) -> (Option<i32>, Value) {
    // A file that makes it work for longer than this ends it with another code.
    let output = Command::new("timeout")
        .args(["20", env!("CARGO_BIN_EXE_moloko"), "probe", "--json"])
        .arg(path)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn reasons(line: &Value) -> Vec<&str> {
    line["verdict"]["findings"].as_array().unwrap().iter().map(|it| it["reason"].as_str().unwrap()).collect()
}

/// What is expected of a file: outcome and reasons.
fn expect(path: &Path, outcome: &str, why: &[&str]) -> Value {
    let (code, line) = probe(path);
    assert_eq!(line["verdict"]["outcome"], outcome, "{line}");
    assert_eq!(reasons(&line), why, "{line}");
    assert_eq!(code, Some(i32::from(outcome != "accept")), "{line}");
    line
}

const PLAIN: (&str, &str) = ("360x640", "30");

#[test]
fn each_codec_that_tiktok_takes_is_accepted_and_what_it_does_not_take_can_be_converted() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str, arguments: &[&str]| drawn(folder.path(), name, PLAIN, arguments);
    let cases: [(&str, &[&str], &str); 5] = [
        ("a.mp4", &[&QUICK[..], &["-c:a", "aac"]].concat(), "h264"),
        (
            "b.mov",
            &["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none"],
            "h265",
        ),
        ("c.webm", &["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"], "vp8"),
        ("d.webm", &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"], "vp9"),
        ("e.mp4", &[&QUICK[..], &["-an"]].concat(), "h264"),
    ];
    for (name, arguments, codec) in cases {
        let line = expect(&draw(name, arguments), "accept", &[]);
        assert_eq!(line["facts"]["video_codec"], codec);
        let sound = &line["deeper"]["audio"];
        assert_eq!(sound.is_null(), name == "e.mp4", "{line}");
        assert_eq!(line["deeper"]["variable_frame_rate"], false, "{line}");
    }
    let av1 = draw("f.mp4", &["-c:v", "libsvtav1", "-preset", "12", "-an"]);
    let line = expect(&av1, "fixable", &["video-codec"]);
    assert!(line["verdict"]["findings"][0]["source"].as_str().unwrap().contains("TikTok"));
    expect(&draw("g.mkv", &[&QUICK[..], &["-an"]].concat()), "fixable", &["container"]);
}

#[test]
fn size_rate_rotation_and_order_of_a_file_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str, how: (&str, &str), arguments: &[&str]| {
        drawn(folder.path(), name, how, &[&QUICK[..], &["-an"], arguments].concat())
    };
    expect(&draw("slow.mp4", ("360x640", "15"), &[]), "fixable", &["frame-rate"]);
    expect(&draw("fast.mp4", ("360x640", "120"), &[]), "fixable", &["frame-rate"]);
    expect(&draw("small.mp4", ("320x640", "30"), &[]), "fixable", &["picture-side"]);
    expect(&draw("odd.mp4", ("361x641", "30"), &["-pix_fmt", "yuv444p"]), "accept", &[]);
    expect(&draw("both.mp4", ("320x640", "15"), &[]), "fixable", &["frame-rate", "picture-side"]);
    expect(&draw("index-first.mp4", PLAIN, &["-movflags", "+faststart"]), "accept", &[]);
    expect(&draw("pieces.mp4", PLAIN, &["-movflags", "frag_keyframe+empty_moov"]), "accept", &[]);
    let uneven = draw("uneven.mp4", PLAIN, &["-vf", "select='lt(n,15)+not(mod(n,2))'", "-vsync", "vfr"]);
    assert_eq!(probe(&uneven).1["deeper"]["variable_frame_rate"], true);
    let hdr = draw(
        "hdr.mp4",
        PLAIN,
        &[
            "-pix_fmt",
            "yuv420p10le",
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
        ],
    );
    assert_eq!(expect(&hdr, "accept", &[])["deeper"]["high_dynamic_range"], "PQ");
    let plain = draw("plain.mp4", ("640x360", "30"), &[]);
    let turned = folder.path().join("turned.mp4");
    let mut turn = Command::new("ffmpeg");
    turn.args(["-v", "error", "-i"]).arg(&plain).args(["-c", "copy", "-metadata:s:v:0", "rotate=90"]).arg(&turned);
    assert!(turn.status().unwrap().success());
    let line = expect(&turned, "accept", &[]);
    assert_eq!((&line["facts"]["width_px"], &line["facts"]["height_px"]), (&360.into(), &640.into()));
    assert_eq!(line["facts"]["rotation_deg"], line["deeper"]["rotation_deg"]);
}

#[test]
fn what_a_file_tells_about_its_maker_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str, arguments: &[&str]| drawn(folder.path(), name, PLAIN, &[&QUICK[..], arguments].concat());
    let told = |path: &Path| {
        let line = probe(path).1;
        (line["traces"]["location"] == true, line["traces"]["device"] == true)
    };
    assert_eq!(told(&draw("nothing.mp4", &[])), (false, false));
    assert_eq!(told(&draw("place.mp4", &["-metadata", "location=+55.7500+037.6100/"])), (true, false));
    assert_eq!(told(&draw("place.mov", &["-metadata", "location=+55.7500+037.6100/"])), (true, false));
    let keys =
        ["-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.location.ISO6709=+55.7500+037.6100/"];
    let phone = [&keys[..], &["-metadata", "com.apple.quicktime.make=Apple"]].concat();
    assert_eq!(told(&draw("phone.mov", &phone)), (true, true));
}

#[test]
fn four_decimal_gigabytes_are_taken_and_one_byte_more_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.mp4");
    let sample = tiktok_sim::sample_mp4(540, 960, 30, 3_000, 0);
    for (size, outcome, why) in [(4_000_000_000_u64, "accept", vec![]), (4_000_000_001, "reject", vec!["size"])] {
        // Room that nobody wrote to, in a box that says how much it is.
        let rest = size - u64::try_from(sample.len()).unwrap();
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(&sample).unwrap();
        file.write_all(&[&[0, 0, 0, 1], b"free".as_slice(), &rest.to_be_bytes()].concat()).unwrap();
        file.seek(SeekFrom::Start(size - 1)).unwrap();
        file.write_all(&[0]).unwrap();
        expect(&path, outcome, &why);
    }
}

#[test]
fn what_is_no_video_or_means_harm_gets_a_verdict_and_costs_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let sample = tiktok_sim::sample_mp4(540, 960, 30, 3_000, 0);
    expect(&write("empty.mp4", b""), "reject", &["not-a-video"]);
    expect(&write("words.mp4", b"these are words and no video at all"), "reject", &["not-a-video"]);
    expect(&write("list.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n"), "reject", &["not-a-video"]);
    expect(&write("list2.mp4", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/\n"), "reject", &["not-a-video"]);
    expect(&write("page.mp4", b"<html><script>alert(1)</script></html>"), "reject", &["not-a-video"]);
    expect(&write("cut.mp4", &sample[..sample.len() - 10]), "reject", &["truncated"]);
    let sound = drawn(folder.path(), "sound.m4a", PLAIN, &["-vn", "-c:a", "aac"]);
    expect(&sound, "reject", &["no-video-track"]);
    let picture = drawn(folder.path(), "picture.png", PLAIN, &["-map", "0:v", "-frames:v", "1"]);
    expect(&picture, "fixable", &["photo-format"]);
    // A video that is an archive, too, and one that begins as a page: both get an answer, and no other format is believed.
    let archive = [sample.as_slice(), b"PK\x03\x04 an archive behind it"].concat();
    let (code, line) = probe(&write("archive.mp4", &archive));
    assert!(code.is_some() && line["verdict"]["outcome"].is_string(), "{line}");
    expect(&write("page2.mp4", &[b"<!-- ".as_slice(), &sample].concat()), "reject", &["not-a-video"]);
    // A box in a box in a box, and sizes that lead nowhere.
    let deep = b"\x7f\xff\xff\xffmoov".repeat(50_000);
    expect(&write("deep.mp4", &deep), "reject", &["truncated"]);
    let endless = [b"\0\0\0\x08free".repeat(500_000).as_slice(), b"\0\0\0\x08moov"].concat();
    assert_eq!(probe(&write("endless.mp4", &endless)).0, Some(1));
}
