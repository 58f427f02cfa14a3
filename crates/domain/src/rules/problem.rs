//! What can be wrong with a post, each with its figures, its place on the page and its weight.
//! Texts live in the locale files under `problem-<code>`; must not hold sentences.

use serde::{Deserialize, Serialize};

use crate::creator::{PostingBlock, PrivacyLevel};
use crate::media::verdict::minutes_seconds;
use crate::post::Delivery;
use crate::time::UnixMillis;

/// One thing that is wrong, or worth knowing, about a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum Problem {
    /// The grant has run out; the person has to connect again.
    ReconnectNeeded,
    /// The account is disconnected.
    Disconnected,
    /// The person did not grant what this delivery needs.
    ScopeMissing {
        /// The delivery asked for.
        delivery: Delivery,
    },
    /// TikTok could not be asked about the creator (UX-1).
    CreatorUnknown,
    /// TikTok says that the creator cannot post now (UX-3).
    PostingBlocked {
        /// TikTok's reason.
        block: PostingBlock,
    },
    /// TikTok's daily cap is near; it may refuse.
    DailyCapNear {
        /// Direct posts of the last 24 hours from here.
        sent: i64,
        /// What TikTok typically takes.
        typical: i64,
    },
    /// The file can be posted only after a conversion.
    MediaNeedsConversion,
    /// TikTok would refuse the file.
    MediaRejected,
    /// Longer than this creator may post (UX-4).
    VideoTooLong {
        /// Length of the video, milliseconds.
        duration_ms: i64,
        /// The creator's limit, seconds.
        max_s: i64,
    },
    /// So large that this instance, at its upload limit, could not send it while TikTok waits.
    UploadLimit {
        /// How long sending it takes, minutes.
        minutes: i64,
        /// How long it may take, minutes.
        most: i64,
    },
    /// TikTok would refuse this picture, and with it the whole post.
    PhotoRejected {
        /// Its place in the post, from one.
        place: usize,
        /// Its name on the person's device.
        name: String,
    },
    /// TikTok cannot fetch pictures from this instance: it has no public https address.
    PhotosUnreachable,
    /// The title of photos is longer than TikTok takes.
    PhotoTitleTooLong {
        /// UTF-16 units used.
        used_utf16: usize,
        /// UTF-16 units allowed.
        max_utf16: usize,
    },
    /// A character in the title that is not text.
    PhotoTitleControlCharacter {
        /// Its code point.
        code: u32,
    },
    /// Longer than TikTok takes.
    CaptionTooLong {
        /// UTF-16 units used.
        used_utf16: usize,
        /// UTF-16 units allowed.
        max_utf16: usize,
    },
    /// A character that is not text.
    CaptionControlCharacter {
        /// Its code point.
        code: u32,
    },
    /// Nobody chose who may watch (UX-7).
    PrivacyMissing,
    /// The chosen audience is not on offer for this creator.
    PrivacyNotOffered {
        /// The level chosen.
        level: PrivacyLevel,
    },
    /// Branded content cannot be private (UX-16, UX-17).
    BrandedPrivate,
    /// Branded content cannot be for followers only.
    BrandedFollowers,
    /// The creator turned comments off (UX-9).
    CommentTurnedOff,
    /// The creator turned duets off (UX-9).
    DuetTurnedOff,
    /// The creator turned stitches off (UX-9).
    StitchTurnedOff,
    /// Disclosure is on and nothing is ticked (UX-15).
    DisclosureEmpty,
    /// A box is ticked while disclosure is off.
    DisclosureSwitchOff,
    /// The cover lies outside the video.
    CoverOutsideVideo {
        /// Chosen time, milliseconds.
        cover_ms: i64,
        /// Length of the video, milliseconds.
        duration_ms: i64,
    },
    /// The chosen time has passed.
    TimeInPast {
        /// The time chosen.
        due_at: UnixMillis,
    },
    /// The chosen time is farther away than a grant lives.
    TimeTooFar {
        /// Farthest day.
        max_days: i64,
    },
    /// Another post of the account stands closer than its smallest gap.
    GapTooSmall {
        /// The gap, minutes.
        minutes: u32,
        /// The time of the other post.
        other_at: UnixMillis,
    },
    /// TikTok drops caption and options of videos sent to the inbox (UX-31).
    InboxDropsDetails,
    /// TikTok keeps title and description of photos sent to the inbox and drops the options.
    InboxDropsOptions,
}

/// Where on the page a problem belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The account block.
    Account,
    /// The file.
    Media,
    /// The title of photos.
    Title,
    /// The caption.
    Caption,
    /// Who may watch.
    Privacy,
    /// Allow comment.
    Comment,
    /// Allow duet.
    Duet,
    /// Allow stitch.
    Stitch,
    /// Commercial content.
    Disclosure,
    /// The cover picker.
    Cover,
    /// The time.
    Time,
    /// Direct or inbox.
    Delivery,
}

/// Whether a problem stops the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The post cannot be scheduled or sent.
    Blocks,
    /// The person is told; the post can go on.
    Warns,
}

/// One figure of a problem's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A number, formatted by the language.
    Number(i64),
    /// A text that reads the same in every language, for example `10:42`.
    Text(String),
    /// An instant, formatted by language and zone.
    Instant(UnixMillis),
}

impl Problem {
    /// Stable name, kebab-case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ReconnectNeeded => "reconnect-needed",
            Self::Disconnected => "disconnected",
            Self::ScopeMissing { delivery } => match delivery {
                Delivery::Direct => "scope-missing-publish",
                Delivery::Inbox => "scope-missing-upload",
            },
            Self::CreatorUnknown => "creator-unknown",
            Self::PostingBlocked { block } => match block {
                PostingBlock::TooManyPosts => "creator-too-many-posts",
                PostingBlock::Banned => "creator-banned",
                PostingBlock::AppQuota => "app-quota",
                PostingBlock::Other(_) => "creator-blocked",
            },
            Self::DailyCapNear { .. } => "daily-cap-near",
            Self::MediaNeedsConversion => "media-needs-conversion",
            Self::MediaRejected => "media-rejected",
            Self::VideoTooLong { .. } => "video-too-long",
            Self::CaptionTooLong { .. } => "caption-too-long",
            Self::CaptionControlCharacter { .. } => "caption-control-character",
            Self::PrivacyMissing => "privacy-missing",
            Self::PrivacyNotOffered { .. } => "privacy-not-offered",
            Self::BrandedPrivate => "branded-private",
            Self::BrandedFollowers => "branded-followers",
            Self::CommentTurnedOff => "comment-turned-off",
            Self::DuetTurnedOff => "duet-turned-off",
            Self::StitchTurnedOff => "stitch-turned-off",
            Self::DisclosureEmpty => "disclosure-empty",
            Self::DisclosureSwitchOff => "disclosure-switch-off",
            Self::CoverOutsideVideo { .. } => "cover-outside-video",
            Self::TimeInPast { .. } => "time-in-past",
            Self::TimeTooFar { .. } => "time-too-far",
            Self::GapTooSmall { .. } => "gap-too-small",
            Self::InboxDropsDetails => "inbox-drops-details",
            Self::InboxDropsOptions => "inbox-drops-options",
            Self::UploadLimit { .. } => "upload-limit",
            Self::PhotoRejected { .. } => "photo-rejected",
            Self::PhotosUnreachable => "photos-unreachable",
            Self::PhotoTitleTooLong { .. } => "photo-title-too-long",
            Self::PhotoTitleControlCharacter { .. } => "photo-title-control-character",
        }
    }

    /// Where on the page it belongs.
    #[must_use]
    pub const fn field(&self) -> Field {
        match self {
            Self::ReconnectNeeded
            | Self::Disconnected
            | Self::CreatorUnknown
            | Self::PostingBlocked { .. }
            | Self::DailyCapNear { .. } => Field::Account,
            Self::ScopeMissing { .. } | Self::InboxDropsDetails | Self::InboxDropsOptions => Field::Delivery,
            Self::PhotoRejected { .. } | Self::PhotosUnreachable => Field::Media,
            Self::PhotoTitleTooLong { .. } | Self::PhotoTitleControlCharacter { .. } => Field::Title,
            Self::MediaNeedsConversion | Self::MediaRejected | Self::VideoTooLong { .. } | Self::UploadLimit { .. } => {
                Field::Media
            }
            Self::CaptionTooLong { .. } | Self::CaptionControlCharacter { .. } => Field::Caption,
            Self::PrivacyMissing | Self::PrivacyNotOffered { .. } | Self::BrandedPrivate | Self::BrandedFollowers => {
                Field::Privacy
            }
            Self::CommentTurnedOff => Field::Comment,
            Self::DuetTurnedOff => Field::Duet,
            Self::StitchTurnedOff => Field::Stitch,
            Self::DisclosureEmpty | Self::DisclosureSwitchOff => Field::Disclosure,
            Self::CoverOutsideVideo { .. } => Field::Cover,
            Self::TimeInPast { .. } | Self::TimeTooFar { .. } | Self::GapTooSmall { .. } => Field::Time,
        }
    }

    /// Whether it stops the post.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::DailyCapNear { .. } | Self::InboxDropsDetails | Self::InboxDropsOptions => Severity::Warns,
            Self::ReconnectNeeded
            | Self::Disconnected
            | Self::ScopeMissing { .. }
            | Self::CreatorUnknown
            | Self::PostingBlocked { .. }
            | Self::MediaNeedsConversion
            | Self::MediaRejected
            | Self::VideoTooLong { .. }
            | Self::UploadLimit { .. }
            | Self::PhotoRejected { .. }
            | Self::PhotosUnreachable
            | Self::PhotoTitleTooLong { .. }
            | Self::PhotoTitleControlCharacter { .. }
            | Self::CaptionTooLong { .. }
            | Self::CaptionControlCharacter { .. }
            | Self::PrivacyMissing
            | Self::PrivacyNotOffered { .. }
            | Self::BrandedPrivate
            | Self::BrandedFollowers
            | Self::CommentTurnedOff
            | Self::DuetTurnedOff
            | Self::StitchTurnedOff
            | Self::DisclosureEmpty
            | Self::DisclosureSwitchOff
            | Self::CoverOutsideVideo { .. }
            | Self::TimeInPast { .. }
            | Self::TimeTooFar { .. }
            | Self::GapTooSmall { .. } => Severity::Blocks,
        }
    }

    /// The figures of its text, by the names that the locale files use.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, Argument)> {
        let count = |n: usize| Argument::Number(i64::try_from(n).unwrap_or(i64::MAX));
        match self {
            Self::PostingBlocked { block: PostingBlock::Other(code) } => vec![("tiktok", Argument::Text(code.clone()))],
            Self::DailyCapNear { sent, typical } => {
                vec![("sent", Argument::Number(*sent)), ("typical", Argument::Number(*typical))]
            }
            Self::VideoTooLong { duration_ms, max_s } => vec![
                ("duration", Argument::Text(minutes_seconds(*duration_ms))),
                ("max", Argument::Text(minutes_seconds(max_s.saturating_mul(1000)))),
            ],
            Self::UploadLimit { minutes, most } => {
                vec![("minutes", Argument::Number(*minutes)), ("most", Argument::Number(*most))]
            }
            Self::PhotoRejected { place, name } => {
                vec![("place", count(*place)), ("name", Argument::Text(name.clone()))]
            }
            Self::CaptionTooLong { used_utf16, max_utf16 } | Self::PhotoTitleTooLong { used_utf16, max_utf16 } => vec![
                ("used", count(*used_utf16)),
                ("max", count(*max_utf16)),
                ("over", count(used_utf16.saturating_sub(*max_utf16))),
            ],
            Self::CaptionControlCharacter { code } | Self::PhotoTitleControlCharacter { code } => {
                vec![("character", Argument::Text(format!("U+{code:04X}")))]
            }
            Self::PrivacyNotOffered { level } => {
                vec![("level", Argument::Text(level.as_str().to_owned()))]
            }
            Self::CoverOutsideVideo { cover_ms, duration_ms } => vec![
                ("cover", Argument::Text(minutes_seconds(*cover_ms))),
                ("duration", Argument::Text(minutes_seconds(*duration_ms))),
            ],
            Self::TimeInPast { due_at } => vec![("time", Argument::Instant(*due_at))],
            Self::TimeTooFar { max_days } => vec![("days", Argument::Number(*max_days))],
            Self::GapTooSmall { minutes, other_at } => {
                vec![("minutes", Argument::Number(i64::from(*minutes))), ("other", Argument::Instant(*other_at))]
            }
            Self::ReconnectNeeded
            | Self::Disconnected
            | Self::ScopeMissing { .. }
            | Self::CreatorUnknown
            | Self::PostingBlocked {
                block: PostingBlock::TooManyPosts | PostingBlock::Banned | PostingBlock::AppQuota,
            }
            | Self::MediaNeedsConversion
            | Self::MediaRejected
            | Self::PrivacyMissing
            | Self::BrandedPrivate
            | Self::BrandedFollowers
            | Self::CommentTurnedOff
            | Self::DuetTurnedOff
            | Self::StitchTurnedOff
            | Self::DisclosureEmpty
            | Self::DisclosureSwitchOff
            | Self::InboxDropsDetails
            | Self::InboxDropsOptions
            | Self::PhotosUnreachable => Vec::new(),
        }
    }

    /// One sample of every code, for tests and the gallery of texts.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![
            Self::ReconnectNeeded,
            Self::Disconnected,
            Self::ScopeMissing { delivery: Delivery::Direct },
            Self::ScopeMissing { delivery: Delivery::Inbox },
            Self::CreatorUnknown,
            Self::PostingBlocked { block: PostingBlock::TooManyPosts },
            Self::PostingBlocked { block: PostingBlock::Banned },
            Self::PostingBlocked { block: PostingBlock::AppQuota },
            Self::PostingBlocked { block: PostingBlock::Other("unknown_code".to_owned()) },
            Self::DailyCapNear { sent: 14, typical: 15 },
            Self::MediaNeedsConversion,
            Self::MediaRejected,
            Self::VideoTooLong { duration_ms: 642_000, max_s: 600 },
            Self::CaptionTooLong { used_utf16: 2207, max_utf16: 2200 },
            Self::CaptionControlCharacter { code: 0 },
            Self::PrivacyMissing,
            Self::PrivacyNotOffered { level: PrivacyLevel::FollowerOfCreator },
            Self::BrandedPrivate,
            Self::BrandedFollowers,
            Self::CommentTurnedOff,
            Self::DuetTurnedOff,
            Self::StitchTurnedOff,
            Self::DisclosureEmpty,
            Self::DisclosureSwitchOff,
            Self::CoverOutsideVideo { cover_ms: 61_000, duration_ms: 60_000 },
            Self::TimeInPast { due_at: UnixMillis::from_seconds(1_795_512_600) },
            Self::TimeTooFar { max_days: 365 },
            Self::GapTooSmall { minutes: 30, other_at: UnixMillis::from_seconds(1_795_512_600) },
            Self::InboxDropsDetails,
            Self::InboxDropsOptions,
            Self::UploadLimit { minutes: 67, most: 40 },
            Self::PhotoRejected { place: 3, name: "IMG_0412.jpg".to_owned() },
            Self::PhotosUnreachable,
            Self::PhotoTitleTooLong { used_utf16: 91, max_utf16: 90 },
            Self::PhotoTitleControlCharacter { code: 0 },
        ]
    }
}
