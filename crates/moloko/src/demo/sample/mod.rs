//! The demo's own video: drawn, encoded and boxed here, so that the demo needs no other program and no file in the repository.
//! Owns the picture; the bits are in `h264`, the boxes in `mp4`. Must not be used for anything but the demo and tests.

mod h264;
mod mp4;
mod picture;

/// A finished file.
pub struct SampleVideo {
    /// What a person would have called it.
    pub file_name: &'static str,
    /// The whole MP4.
    pub bytes: Vec<u8>,
}

/// Four seconds of milk running into a glass: 368 by 640 pixels, 24 frames a second, H.264, no sound.
pub fn milk() -> SampleVideo {
    let frames = picture::FRAMES;
    let mut encoder = h264::Encoder::new(picture::WIDTH_MB, picture::HEIGHT_MB);
    let mut samples = Vec::new();
    for index in 0..frames {
        samples.push(encoder.frame(&picture::draw(index)));
    }
    SampleVideo {
        file_name: "milk-at-first-light.mp4",
        bytes: mp4::file(&mp4::Track {
            width_px: picture::WIDTH_MB * 16,
            height_px: picture::HEIGHT_MB * 16,
            frames_per_second: picture::FRAMES_PER_SECOND,
            parameter_sets: encoder.parameter_sets(),
            samples: &samples,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_a_video_that_tiktok_takes() {
        use domain::media::{MediaOutcome, judge};
        use std::sync::atomic::AtomicBool;
        let video = milk();
        let size_bytes = u64::try_from(video.bytes.len()).unwrap();
        assert!(size_bytes < 3 << 20, "{size_bytes} bytes");
        let facts =
            app::media::probe::probe(std::io::Cursor::new(video.bytes), size_bytes, &AtomicBool::new(false)).unwrap();
        assert_eq!((facts.width_px, facts.height_px, facts.duration_ms), (368, 640, 4000));
        assert_eq!(facts.fps_milli, Some(24_000));
        assert_eq!(judge(Ok(&facts)).outcome, MediaOutcome::Accept);
    }

    #[test]
    fn it_is_the_same_file_every_time() {
        assert_eq!(milk().bytes, milk().bytes);
    }
}
