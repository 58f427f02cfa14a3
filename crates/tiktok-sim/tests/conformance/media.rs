//! Media checks on the bytes that arrived: made-up files, and real ones when ffmpeg is installed.

use std::process::Command;

use tiktok_sim::{Container, MediaFacts, MediaPolicy, sample_mp4};

use crate::support::*;

async fn outcome(bytes: Vec<u8>, username: &str) -> (String, Option<MediaFacts>) {
    let mut config = config();
    config.quirks.media = MediaPolicy::Inspect;
    let platform = Platform::with(config).await;
    let tokens = platform.grant(username);
    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", bytes).await;
    let status = platform.status(&tokens.access_token, &publish_id).await;
    let word = status["fail_reason"].as_str().or(status["status"].as_str()).unwrap().to_owned();
    (word, platform.sim().posts().into_iter().next().and_then(|post| post.media))
}

#[tokio::test]
async fn every_check_has_its_reason() {
    for (why, bytes, username, expected) in [
        ("fine", sample_mp4(720, 1280, 30, 10_000, 50_000), "moloko.demo", "PUBLISH_COMPLETE"),
        (
            "too long for this creator",
            sample_mp4(720, 1280, 30, 61_000, 50_000),
            "moloko.strict",
            "duration_check_failed",
        ),
        ("too long for everybody", sample_mp4(720, 1280, 30, 601_000, 50_000), "moloko.demo", "duration_check_failed"),
        ("too slow", sample_mp4(720, 1280, 10, 10_000, 50_000), "moloko.demo", "frame_rate_check_failed"),
        ("too small", sample_mp4(320, 320, 30, 10_000, 50_000), "moloko.demo", "picture_size_check_failed"),
        ("junk", vec![7; 5000], "moloko.demo", "file_format_check_failed"),
        ("empty index", b"\0\0\0\x10ftypisom\0\0\0\0".to_vec(), "moloko.demo", "file_format_check_failed"),
    ] {
        assert_eq!(outcome(bytes, username).await.0, expected, "{why}");
    }
}

#[tokio::test]
async fn declared_facts_replace_the_bytes() {
    let mut config = config();
    config.quirks.media = MediaPolicy::Declared(MediaFacts {
        container: Container::Mp4,
        codec: "h264".to_owned(),
        width_px: 1080,
        height_px: 1920,
        frames_per_second: Some(120.0),
        duration_ms: 5_000,
    });
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", vec![0; 10]).await;
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["fail_reason"], "frame_rate_check_failed");
}

/// Encodes one second of test picture; none when ffmpeg or the encoder is not installed.
fn encoded(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=480x640:rate=25:duration=2"];
    let made = Command::new("ffmpeg").args(source).args(arguments).arg(&path).status();
    made.ok().filter(std::process::ExitStatus::success)?;
    Some(std::fs::read(&path).unwrap())
}

#[tokio::test]
async fn real_files_are_measured_right() {
    for (name, arguments, container, codec) in [
        ("a.mp4", vec!["-c:v", "libx264", "-pix_fmt", "yuv420p"], Container::Mp4, "h264"),
        ("b.mov", vec!["-c:v", "libx264", "-pix_fmt", "yuv420p"], Container::Mov, "h264"),
        (
            "c.mp4",
            vec!["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov"],
            Container::Mp4,
            "h264",
        ),
        ("d.webm", vec!["-c:v", "libvpx-vp9", "-deadline", "realtime"], Container::Webm, "vp9"),
    ] {
        let Some(bytes) = encoded(name, &arguments) else {
            eprintln!("{name}: ffmpeg could not make it here; the made-up files above still cover the checks");
            continue;
        };
        let (status, facts) = outcome(bytes, "moloko.demo").await;
        assert_eq!(status, "PUBLISH_COMPLETE", "{name}");
        let facts = facts.unwrap();
        assert_eq!((facts.container, facts.codec.as_str()), (container, codec), "{name}");
        assert_eq!((facts.width_px, facts.height_px), (480, 640), "{name}");
        assert!((1_950..=2_050).contains(&facts.duration_ms), "{name}: {facts:?}");
        assert_eq!(facts.frames_per_second.map(f64::round), Some(25.0), "{name}: {facts:?}");
    }
}
