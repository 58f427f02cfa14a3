//! What is done to a file so that TikTok takes it: sides, frame rate, which part. Pure arithmetic; must not know the program that does it.

use super::verdict::{FPS_MAX, FPS_MIN, PHOTO_SHORT_SIDE_MAX_PX, SIDE_MAX_PX, SIDE_MIN_PX};
use super::{MediaFacts, MediaOutcome, MediaRule, MediaVerdict};

/// The shortest part of a video that is worth a post, milliseconds.
pub const PART_MIN_MS: i64 = 1_000;
/// The rate of a video that does not tell one, thousandths of a frame per second.
const RATE_UNKNOWN_MILLI: u32 = 30_000;

/// Which part of a video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trim {
    /// From where on, milliseconds.
    pub from_ms: i64,
    /// Up to where, milliseconds; `None` is its end.
    pub until_ms: Option<i64>,
}

/// A part that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the part lies outside of the video or is shorter than a second")]
pub struct NoSuchPart;

impl Trim {
    /// Checks a part against a video's duration; an end behind the video's is its end.
    ///
    /// # Errors
    /// [`NoSuchPart`].
    pub fn within(self, duration_ms: i64) -> Result<Self, NoSuchPart> {
        let until_ms = self.until_ms.filter(|until| *until < duration_ms);
        let end = until_ms.unwrap_or(duration_ms);
        let whole = self.from_ms == 0 && until_ms.is_none();
        if self.from_ms < 0 || (!whole && end.saturating_sub(self.from_ms) < PART_MIN_MS) {
            return Err(NoSuchPart);
        }
        Ok(Self { from_ms: self.from_ms, until_ms })
    }

    /// How long the part is, milliseconds.
    #[must_use]
    pub fn length_ms(self, duration_ms: i64) -> i64 {
        self.until_ms.unwrap_or(duration_ms).saturating_sub(self.from_ms).max(0)
    }
}

/// The new picture: scaled to these sides, then centred on a canvas. All even, as the codec wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// Width of the picture, pixels.
    pub width_px: u32,
    /// Height of the picture, pixels.
    pub height_px: u32,
    /// Width of the canvas, pixels.
    pub canvas_width_px: u32,
    /// Height of the canvas, pixels.
    pub canvas_height_px: u32,
}

/// What a video becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoPlan {
    /// Its sides.
    pub sides: Sides,
    /// Frames per second, thousandths.
    pub rate_milli: u32,
}

impl VideoPlan {
    /// What this video becomes.
    #[must_use]
    pub fn of(facts: &MediaFacts) -> Self {
        Self { sides: sides(facts.width_px, facts.height_px), rate_milli: rate(facts.fps_milli) }
    }
}

/// The nearest even number that is within the limits of a side.
fn even(px: u64) -> u32 {
    let px = u32::try_from(px).unwrap_or(SIDE_MAX_PX);
    (px + px % 2).clamp(2, SIDE_MAX_PX)
}

/// The sides nearest to these within TikTok's limits. A strip that is too long and too narrow at once gets a canvas.
#[must_use]
pub fn sides(width_px: u32, height_px: u32) -> Sides {
    let (long, short) = (u64::from(width_px.max(height_px)).max(1), u64::from(width_px.min(height_px)).max(1));
    let (min, max) = (u64::from(SIDE_MIN_PX), u64::from(SIDE_MAX_PX));
    let (times, by) = if long > max {
        (max, long)
    } else if short < min {
        // Never so much that the longer side becomes too long.
        if long.saturating_mul(min) > max.saturating_mul(short) { (max, long) } else { (min, short) }
    } else {
        (1, 1)
    };
    // Rounded up, so that the shorter side does not fall below its limit by a pixel.
    let scaled = |px: u32| even(u64::from(px).saturating_mul(times).div_ceil(by));
    let (width_px, height_px) = (scaled(width_px), scaled(height_px));
    Sides {
        width_px,
        height_px,
        canvas_width_px: width_px.max(SIDE_MIN_PX),
        canvas_height_px: height_px.max(SIDE_MIN_PX),
    }
}

/// A rate that TikTok takes: the same, else a whole multiple or part of it, so that movement stays even.
fn rate(fps_milli: Option<u32>) -> u32 {
    let (min, max) = (FPS_MIN * 1000, FPS_MAX * 1000);
    let Some(fps) = fps_milli.filter(|fps| *fps > 0) else { return RATE_UNKNOWN_MILLI };
    if fps < min {
        // A slide show of a frame a minute needs no multiple, only frames.
        let more = fps.saturating_mul(min.div_ceil(fps));
        if more <= max { more } else { RATE_UNKNOWN_MILLI }
    } else if fps > max {
        fps / fps.div_ceil(max)
    } else {
        fps
    }
}

/// Longest shorter side of a picture, pixels.
pub const PHOTO_SIDE_PX: u32 = PHOTO_SHORT_SIDE_MAX_PX;

/// Whether a conversion can help this file: it would not be taken as it is, or it lasts longer than most may post.
#[must_use]
pub fn can_help(verdict: &MediaVerdict) -> bool {
    match verdict.outcome {
        MediaOutcome::Fixable => true,
        MediaOutcome::Accept => verdict.findings.iter().any(|found| found.rule == MediaRule::Duration),
        MediaOutcome::Reject => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(width: u32, height: u32) -> (u32, u32, u32, u32) {
        let it = sides(width, height);
        (it.width_px, it.height_px, it.canvas_width_px, it.canvas_height_px)
    }

    #[test]
    fn sides_are_kept_where_they_fit_and_changed_as_little_as_needed() {
        assert_eq!(fitted(1080, 1920), (1080, 1920, 1080, 1920));
        assert_eq!(fitted(361, 641), (362, 642, 362, 642), "odd sides become even");
        assert_eq!(fitted(180, 320), (360, 640, 360, 640));
        assert_eq!(fitted(8192, 4096), (4096, 2048, 4096, 2048));
        assert_eq!(fitted(100, 4000), (104, 4096, 360, 4096), "a strip gets a canvas");
    }

    #[test]
    fn rates_become_whole_multiples_or_parts() {
        for (from, to) in [(15_000, 30_000), (12_000, 24_000), (10_000, 30_000), (23_976, 23_976), (59_940, 59_940)] {
            assert_eq!(rate(Some(from)), to, "{from}");
        }
        for (from, to) in [(120_000, 60_000), (90_000, 45_000), (100, 23_000), (1, 23_000), (22_000, 44_000)] {
            assert_eq!(rate(Some(from)), to, "{from}");
        }
        assert_eq!(rate(None), 30_000);
    }

    #[test]
    fn whatever_a_file_is_its_plan_is_within_tiktoks_limits() {
        for width in (1..9000).step_by(37) {
            for height in (1..9000).step_by(211) {
                let it = sides(width, height);
                for side in [it.canvas_width_px, it.canvas_height_px] {
                    assert!((SIDE_MIN_PX..=SIDE_MAX_PX).contains(&side) && side % 2 == 0, "{width}x{height}: {it:?}");
                }
                assert!(it.width_px <= it.canvas_width_px && it.height_px <= it.canvas_height_px, "{width}x{height}");
            }
        }
        for fps in 1..200_000 {
            assert!((23_000..=60_000).contains(&rate(Some(fps))), "{fps}: {}", rate(Some(fps)));
        }
    }

    #[test]
    fn a_part_lies_within_its_video_and_lasts_a_second() {
        let part = |from_ms, until_ms| Trim { from_ms, until_ms }.within(10_000);
        assert_eq!(part(0, None), Ok(Trim::default()));
        assert_eq!(part(0, Some(99_000)), Ok(Trim::default()), "behind the end is the end");
        assert_eq!(part(2_000, Some(3_000)).map(|it| it.length_ms(10_000)), Ok(1_000));
        for (from, until) in [(9_500, None), (5_000, Some(5_500)), (5_000, Some(4_000)), (-1, None), (11_000, None)] {
            assert_eq!(part(from, until), Err(NoSuchPart), "{from} {until:?}");
        }
        assert_eq!(Trim::default().within(400), Ok(Trim::default()), "a whole file may be as short as it is");
    }
}
