//! What TikTok accepts, as a table, and the judgement of a file against it. Must not read files.
//!
//! Values are TikTok's documented ones (Content Posting API, media transfer guide, "Video restrictions").

use serde::{Deserialize, Serialize};

use super::{Container, FileFacts, MediaFacts, PHOTO_MAX_BYTES, PhotoFacts, VIDEO_MAX_BYTES, VideoCodec};

/// Lowest accepted frame rate, frames per second.
pub const FPS_MIN: u32 = 23;
/// Highest accepted frame rate, frames per second.
pub const FPS_MAX: u32 = 60;
/// Shortest accepted side, pixels.
pub const SIDE_MIN_PX: u32 = 360;
/// Longest accepted side, pixels.
pub const SIDE_MAX_PX: u32 = 4096;
/// Longest video the interface documents, seconds; the creator's own limit decides in the end.
pub const DURATION_USUAL_MAX_S: i64 = 600;

/// Longest accepted shorter side of a picture, pixels: TikTok documents "1080p" and refuses 1086 by 1448.
pub const PHOTO_SHORT_SIDE_MAX_PX: u32 = 1080;

/// A frame rate of 22.97 rounds to 23, as players show it; TikTok's own tolerance is not documented.
const FPS_TOLERANCE_MILLI: u32 = 50;

/// One rule of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaRule {
    /// The file can be read as a video at all.
    Readable,
    /// MP4, MOV or WebM.
    Container,
    /// H.264, H.265, VP8 or VP9.
    VideoCodec,
    /// At most 4 GB.
    Size,
    /// Longer than TikTok usually takes.
    Duration,
    /// 23 to 60 frames per second.
    FrameRate,
    /// 360 to 4096 pixels on both sides.
    PictureSide,
    /// A picture: JPEG or WebP.
    PhotoFormat,
    /// A picture: at most 20 MB.
    PhotoSize,
    /// A picture: the shorter side at most 1080 pixels.
    PhotoSide,
}

impl MediaRule {
    /// All rules, in the order in which they are checked.
    pub const ALL: [Self; 10] = [
        Self::Readable,
        Self::Container,
        Self::VideoCodec,
        Self::Size,
        Self::Duration,
        Self::FrameRate,
        Self::PictureSide,
        Self::PhotoFormat,
        Self::PhotoSize,
        Self::PhotoSide,
    ];

    /// Stable name; the text is `media-rule-<code>` in the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// TikTok's reason for refusing such a file after the upload, where it has one.
    #[must_use]
    pub const fn fail_reason(self) -> Option<&'static str> {
        self.row().fail_reason
    }

    /// What is allowed, in the unit of [`Finding::measured`].
    #[must_use]
    pub const fn allowed(self) -> &'static str {
        self.row().allowed
    }

    /// Where the rule is from.
    #[must_use]
    pub const fn source(self) -> &'static str {
        self.row().source
    }

    /// The table.
    const fn row(self) -> Row {
        const FORMAT: Option<&str> = Some("file_format_check_failed");
        const PICTURE: Option<&str> = Some("picture_size_check_failed");
        const VIDEO: &str = "TikTok, Content Posting API, media transfer guide: video restrictions";
        const PHOTO: &str = "TikTok, Content Posting API, media transfer guide: image restrictions";
        match self {
            Self::Readable => Row {
                code: "readable",
                allowed: "MP4, MOV, WebM, JPEG, WebP",
                fail_reason: FORMAT,
                source: "a file that cannot be measured cannot be held to any rule",
            },
            Self::Container => Row { code: "container", allowed: "MP4, MOV, WebM", fail_reason: FORMAT, source: VIDEO },
            Self::VideoCodec => {
                Row { code: "video-codec", allowed: "H.264, H.265, VP8, VP9", fail_reason: FORMAT, source: VIDEO }
            }
            // Documented as 4 GB; of the two readings the decimal one is safe.
            Self::Size => Row { code: "size", allowed: "4000", fail_reason: None, source: VIDEO },
            // Ten minutes for the interface; the creator's own limit decides in the end.
            Self::Duration => {
                Row { code: "duration", allowed: "10:00", fail_reason: Some("duration_check_failed"), source: VIDEO }
            }
            Self::FrameRate => Row {
                code: "frame-rate",
                allowed: "23–60",
                fail_reason: Some("frame_rate_check_failed"),
                source: VIDEO,
            },
            Self::PictureSide => {
                Row { code: "picture-side", allowed: "360–4096", fail_reason: PICTURE, source: VIDEO }
            }
            Self::PhotoFormat => {
                Row { code: "photo-format", allowed: "JPEG, WebP", fail_reason: FORMAT, source: PHOTO }
            }
            Self::PhotoSize => Row { code: "photo-size", allowed: "20", fail_reason: FORMAT, source: PHOTO },
            // Documented as 1080p; seen: 941 by 1672 is taken, 1086 by 1448 is refused.
            Self::PhotoSide => Row { code: "photo-side", allowed: "1080", fail_reason: PICTURE, source: PHOTO },
        }
    }
}

/// What is told about a rule.
struct Row {
    code: &'static str,
    allowed: &'static str,
    fail_reason: Option<&'static str>,
    source: &'static str,
}

/// Why nothing could be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "what")]
pub enum ProbeFailure {
    /// None of the known containers and no picture.
    #[error("the file is neither MP4, MOV, WebM nor Matroska, and no JPEG or WebP")]
    NotAVideo,
    /// A picture in a format that TikTok does not take, by its name.
    #[error("the file is a picture of the kind {0}, TikTok takes JPEG and WebP: save it as JPEG")]
    OtherPicture(String),
    /// The file ends before its headers do.
    #[error("the file is cut off: {0}")]
    Truncated(String),
    /// The headers contradict themselves.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// There is no picture in it.
    #[error("the file has no video track")]
    NoVideoTrack,
    /// The headers exceed what is read of a file.
    #[error("the file's headers are larger than is read: {0}")]
    TooComplex(String),
    /// Reading took longer than allowed.
    #[error("reading the file's headers took too long")]
    TimedOut,
    /// The storage failed, which says nothing about the file.
    #[error("the file could not be read from storage")]
    Storage,
}

impl ProbeFailure {
    /// Stable name; the text is `probe-<code>` in the locale files.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAVideo => "not-a-video",
            Self::OtherPicture(_) => "other-picture",
            Self::Truncated(_) => "truncated",
            Self::Damaged(_) => "damaged",
            Self::NoVideoTrack => "no-video-track",
            Self::TooComplex(_) => "too-complex",
            Self::TimedOut => "timed-out",
            Self::Storage => "storage",
        }
    }
}

/// What a finding means for posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingEffect {
    /// Worth knowing; the file can be posted.
    Warns,
    /// TikTok would refuse it; converting the file would help.
    Fixable,
    /// TikTok would refuse it and no conversion helps.
    Rejects,
}

/// One deviation from the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: MediaRule,
    /// What it means.
    pub effect: FindingEffect,
    /// What was measured, without a unit (megabytes, minutes:seconds, frames per second, pixels), or a probe failure's code.
    pub measured: String,
    /// What is allowed, in the same unit.
    pub allowed: String,
}

impl Finding {
    /// The reason in a word: the rule's, or of a file that could not be measured why not, as `truncated`, `no-video-track`, `not-a-video`.
    #[must_use]
    pub fn reason(&self) -> &str {
        if self.rule == MediaRule::Readable { &self.measured } else { self.rule.code() }
    }
}

/// The worst finding decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaOutcome {
    /// TikTok should take it as it is.
    Accept,
    /// A conversion is needed first.
    Fixable,
    /// It cannot be posted.
    Reject,
}

impl MediaOutcome {
    /// Stable name; the text is `media-outcome-<code>` in the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Fixable => "fixable",
            Self::Reject => "reject",
        }
    }
}

/// The judgement of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaVerdict {
    /// The worst of the findings.
    pub outcome: MediaOutcome,
    /// All deviations, in the order of [`MediaRule::ALL`].
    pub findings: Vec<Finding>,
}

/// `m:ss` of a duration in milliseconds, rounded down.
#[must_use]
pub fn minutes_seconds(duration_ms: i64) -> String {
    let seconds = duration_ms.max(0) / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Judges whatever a file turned out to be.
#[must_use]
pub fn judge_file(facts: Result<&FileFacts, &ProbeFailure>) -> MediaVerdict {
    match facts {
        Ok(FileFacts::Video(video)) => judge(Ok(video)),
        Ok(FileFacts::Photo(photo)) => judge_photo(photo),
        Err(failure) => judge(Err(failure)),
    }
}

/// Judges a picture against TikTok's table.
#[must_use]
pub fn judge_photo(facts: &PhotoFacts) -> MediaVerdict {
    let mut findings = Vec::new();
    let mut found = |rule: MediaRule, measured| {
        findings.push(Finding { rule, effect: FindingEffect::Fixable, measured, allowed: rule.allowed().to_owned() });
    };
    if facts.size_bytes > PHOTO_MAX_BYTES {
        // Rounded up, so that one byte too many does not read as allowed.
        found(MediaRule::PhotoSize, facts.size_bytes.div_ceil(1_000_000).to_string());
    }
    if facts.width_px.min(facts.height_px) > PHOTO_SHORT_SIDE_MAX_PX {
        found(MediaRule::PhotoSide, format!("{}×{}", facts.width_px, facts.height_px));
    }
    verdict(findings)
}

/// Judges what was measured of a video against TikTok's table.
#[must_use]
pub fn judge(facts: Result<&MediaFacts, &ProbeFailure>) -> MediaVerdict {
    let findings = match facts {
        Ok(facts) => MediaRule::ALL.into_iter().filter_map(|rule| check(rule, facts)).collect(),
        Err(ProbeFailure::OtherPicture(name)) => vec![Finding {
            rule: MediaRule::PhotoFormat,
            effect: FindingEffect::Fixable,
            measured: name.clone(),
            allowed: MediaRule::PhotoFormat.allowed().to_owned(),
        }],
        Err(failure) => vec![Finding {
            rule: MediaRule::Readable,
            effect: FindingEffect::Rejects,
            measured: failure.code().to_owned(),
            allowed: MediaRule::Readable.allowed().to_owned(),
        }],
    };
    verdict(findings)
}

fn verdict(findings: Vec<Finding>) -> MediaVerdict {
    let worst = findings.iter().map(|finding| finding.effect).max();
    let outcome = match worst {
        None | Some(FindingEffect::Warns) => MediaOutcome::Accept,
        Some(FindingEffect::Fixable) => MediaOutcome::Fixable,
        Some(FindingEffect::Rejects) => MediaOutcome::Reject,
    };
    MediaVerdict { outcome, findings }
}

fn check(rule: MediaRule, facts: &MediaFacts) -> Option<Finding> {
    let found = |effect, measured: String| Some(Finding { rule, effect, measured, allowed: rule.allowed().to_owned() });
    match rule {
        MediaRule::Readable => None,
        MediaRule::Container => match facts.container {
            Container::Mp4 | Container::Mov | Container::Webm => None,
            Container::Matroska => found(FindingEffect::Fixable, "Matroska".to_owned()),
        },
        MediaRule::VideoCodec => match &facts.video_codec {
            VideoCodec::H264 | VideoCodec::H265 | VideoCodec::Vp8 | VideoCodec::Vp9 => None,
            VideoCodec::Av1 => found(FindingEffect::Fixable, "AV1".to_owned()),
            VideoCodec::Other(name) => found(FindingEffect::Fixable, name.clone()),
        },
        MediaRule::Size if facts.size_bytes > VIDEO_MAX_BYTES => {
            found(FindingEffect::Rejects, facts.size_bytes.div_ceil(1_000_000).to_string())
        }
        // Some creators may post longer videos, so the general limit only warns; the creator's own blocks in the post rules.
        MediaRule::Duration if facts.duration_ms > DURATION_USUAL_MAX_S * 1000 => {
            found(FindingEffect::Warns, minutes_seconds(facts.duration_ms))
        }
        MediaRule::FrameRate => frame_rate(facts.fps_milli),
        MediaRule::PictureSide => {
            let sides = [facts.width_px, facts.height_px];
            let fits = sides.iter().all(|side| (SIDE_MIN_PX..=SIDE_MAX_PX).contains(side));
            if fits { None } else { found(FindingEffect::Fixable, format!("{}×{}", facts.width_px, facts.height_px)) }
        }
        MediaRule::Size | MediaRule::Duration => None,
        MediaRule::PhotoFormat | MediaRule::PhotoSize | MediaRule::PhotoSide => None,
    }
}

fn frame_rate(fps_milli: Option<u32>) -> Option<Finding> {
    let low = FPS_MIN * 1000 - FPS_TOLERANCE_MILLI;
    let high = FPS_MAX * 1000 + FPS_TOLERANCE_MILLI;
    let (effect, measured) = match fps_milli {
        Some(fps) if (low..=high).contains(&fps) => return None,
        Some(fps) => (FindingEffect::Fixable, format!("{}.{:02}", fps / 1000, fps % 1000 / 10)),
        None => (FindingEffect::Warns, "?".to_owned()),
    };
    Some(Finding { rule: MediaRule::FrameRate, effect, measured, allowed: MediaRule::FrameRate.allowed().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> MediaFacts {
        MediaFacts {
            container: Container::Mp4,
            size_bytes: 10_000_000,
            video_codec: VideoCodec::H264,
            audio_codec: Some("mp4a".to_owned()),
            width_px: 1080,
            height_px: 1920,
            rotation_deg: 0,
            duration_ms: 15_000,
            fps_milli: Some(29_970),
        }
    }

    fn judged(change: impl FnOnce(&mut MediaFacts)) -> (MediaOutcome, Vec<MediaRule>) {
        let mut facts = good();
        change(&mut facts);
        let verdict = judge(Ok(&facts));
        let rules = verdict.findings.iter().map(|found| found.rule).collect();
        (verdict.outcome, rules)
    }

    #[test]
    fn an_ordinary_phone_video_is_accepted_without_a_word() {
        assert_eq!(judged(|_| ()), (MediaOutcome::Accept, vec![]));
    }

    #[test]
    fn each_rule_is_exact_at_its_edges() {
        let picture = MediaRule::PictureSide;
        let accept = (MediaOutcome::Accept, vec![]);
        assert_eq!(judged(|f| f.width_px = 360), accept);
        assert_eq!(judged(|f| f.width_px = 359), (MediaOutcome::Fixable, vec![picture]));
        assert_eq!(judged(|f| f.height_px = 4096), accept);
        assert_eq!(judged(|f| f.height_px = 4097), (MediaOutcome::Fixable, vec![picture]));
        let rate = MediaRule::FrameRate;
        assert_eq!(judged(|f| f.fps_milli = Some(23_000)), accept);
        assert_eq!(judged(|f| f.fps_milli = Some(23_976)), accept);
        assert_eq!(judged(|f| f.fps_milli = Some(60_000)), accept);
        assert_eq!(judged(|f| f.fps_milli = Some(15_000)), (MediaOutcome::Fixable, vec![rate]));
        assert_eq!(judged(|f| f.fps_milli = Some(61_000)), (MediaOutcome::Fixable, vec![rate]));
        assert_eq!(judged(|f| f.fps_milli = None), (MediaOutcome::Accept, vec![rate]));
        let size = MediaRule::Size;
        assert_eq!(judged(|f| f.size_bytes = 4_000_000_000), accept);
        assert_eq!(judged(|f| f.size_bytes = 4_000_000_001), (MediaOutcome::Reject, vec![size]));
    }

    #[test]
    fn pictures_are_judged_by_tiktoks_measured_edges() {
        let judged = |width_px, height_px, size_bytes| {
            let verdict =
                judge_photo(&PhotoFacts { format: super::super::PhotoFormat::Jpeg, size_bytes, width_px, height_px });
            (verdict.outcome, verdict.findings.into_iter().map(|found| found.rule).collect::<Vec<_>>())
        };
        assert_eq!(judged(941, 1672, 1), (MediaOutcome::Accept, vec![]));
        assert_eq!(judged(1080, 20_000, 20_000_000), (MediaOutcome::Accept, vec![]), "only the shorter side counts");
        assert_eq!(judged(1086, 1448, 1), (MediaOutcome::Fixable, vec![MediaRule::PhotoSide]));
        assert_eq!(judged(800, 800, 20_000_001), (MediaOutcome::Fixable, vec![MediaRule::PhotoSize]));
    }

    #[test]
    fn a_picture_of_another_kind_is_named_with_what_is_taken() {
        let verdict = judge_file(Err(&ProbeFailure::OtherPicture("HEIC".to_owned())));
        assert_eq!(verdict.outcome, MediaOutcome::Fixable);
        let found =
            &verdict.findings.first().map(|found| (found.rule, found.measured.as_str(), found.allowed.as_str()));
        assert_eq!(*found, Some((MediaRule::PhotoFormat, "HEIC", "JPEG, WebP")));
    }

    #[test]
    fn the_facts_of_a_file_read_back_as_what_they_were() {
        let photo = FileFacts::Photo(PhotoFacts {
            format: super::super::PhotoFormat::Webp,
            size_bytes: 9,
            width_px: 3,
            height_px: 4,
        });
        for facts in [FileFacts::Video(good()), photo] {
            let text = serde_json::to_string(&facts).unwrap_or_default();
            assert_eq!(serde_json::from_str::<FileFacts>(&text).ok(), Some(facts), "{text}");
        }
    }

    #[test]
    fn long_videos_warn_because_some_creators_may_post_them() {
        assert_eq!(judged(|f| f.duration_ms = 642_000), (MediaOutcome::Accept, vec![MediaRule::Duration]));
    }

    #[test]
    fn what_a_conversion_can_repair_is_fixable_and_the_worst_finding_decides() {
        assert_eq!(judged(|f| f.container = Container::Matroska), (MediaOutcome::Fixable, vec![MediaRule::Container]));
        assert_eq!(
            judged(|f| {
                f.video_codec = VideoCodec::Av1;
                f.size_bytes = 5_000_000_000;
            }),
            (MediaOutcome::Reject, vec![MediaRule::VideoCodec, MediaRule::Size])
        );
    }

    #[test]
    fn an_unreadable_file_is_rejected_with_the_reason() {
        let verdict = judge(Err(&ProbeFailure::NotAVideo));
        assert_eq!(verdict.outcome, MediaOutcome::Reject);
        assert_eq!(verdict.findings.first().map(|found| found.measured.as_str()), Some("not-a-video"));
    }
}
