//! The one rule engine: decides whether a post may be scheduled or sent, for pages, API, command line and bulk alike.
//!
//! Owns every demand of TikTok's sharing guidelines that is logic. Must not fetch, store or render anything.

pub mod choices;
pub mod failures;
pub mod problem;
pub mod send;

pub use choices::{
    BoxChoice, BoxDisabled, Choices, InteractionChoice, LabelPrompt, PrivacyChoice, PrivacyDisabled, choices,
};
pub use failures::{Audience, FailureSource, FailureText, RetryPolicy, failure_text, stopped_by};
pub use problem::{Argument, Field, Problem, Severity};
pub use send::{EffectiveOptions, SendCheck, at_send_time};

use crate::attempt::{URL_LIFE_MS, careful_transfer_ms, estimated_transfer_ms};
use crate::caption::{self, CaptionProblem};
use crate::connection::{ConnectionState, Scopes};
use crate::creator::{CreatorSnapshot, CreatorStanding, PostingBlock, PrivacyLevel};
use crate::media::{MediaFacts, MediaOutcome, MediaVerdict};
use crate::photos::{PHOTO_TITLE_MAX_UTF16, PhotoContent};
use crate::post::{Delivery, Disclosure, PostContent};
use crate::schedule::HORIZON_DAYS;
use crate::time::UnixMillis;

/// Direct posts per creator in 24 hours that TikTok typically takes, shared with all other apps; the true figure varies.
pub const DIRECT_POSTS_24H_TYPICAL: i64 = 15;
/// From this many on a person is told that the cap is near.
const DIRECT_POSTS_24H_NEAR: i64 = 13;

/// One picture of a photo post.
#[derive(Debug, Clone, Copy)]
pub struct PhotoFile<'a> {
    /// Its name on the person's device, to tell which one is meant.
    pub name: &'a str,
    /// It is a picture that could be measured.
    pub is_picture: bool,
    /// What was measured means.
    pub verdict: &'a MediaVerdict,
}

/// What a post is made of: one video, or pictures.
#[derive(Debug, Clone, Copy)]
pub enum PostFiles<'a> {
    /// One video.
    Video {
        /// What was measured about the file; `None` when it could not be read.
        facts: Option<&'a MediaFacts>,
        /// What that means.
        verdict: &'a MediaVerdict,
    },
    /// Pictures in their order; count, repetition and cover are right by [`crate::photos::Carousel`].
    Photos {
        /// The pictures.
        pictures: &'a [PhotoFile<'a>],
        /// This instance has a public https address from which TikTok can fetch them.
        reachable: bool,
    },
}

impl<'a> PostFiles<'a> {
    /// What was measured about the video, when it is one.
    #[must_use]
    pub const fn video(&self) -> Option<&'a MediaFacts> {
        match self {
            Self::Video { facts, .. } => *facts,
            Self::Photos { .. } => None,
        }
    }
}

/// Everything that decides about one post.
#[derive(Debug, Clone, Copy)]
pub struct PostCheck<'a> {
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Caption and options.
    pub content: &'a PostContent,
    /// What it is made of.
    pub files: PostFiles<'a>,
    /// What the person granted.
    pub scopes: &'a Scopes,
    /// Whether the grant is alive.
    pub connection_state: ConnectionState,
    /// What TikTok said about the creator for this page; `None` when it could not be asked.
    pub standing: Option<&'a CreatorStanding>,
    /// When it shall go out; `None` is now.
    pub due_at: Option<UnixMillis>,
    /// The present.
    pub now: UnixMillis,
    /// Direct posts that this instance sent for the creator in the last 24 hours.
    pub direct_posts_24h: i64,
    /// What this instance sends to TikTok at most, bytes per second; `None` is no limit.
    pub upload_limit: Option<u64>,
}

/// All problems of a post, in the order of the page. It may be scheduled when none of them [`Severity::Blocks`].
#[must_use]
pub fn check(post: &PostCheck<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    account(post, &mut found);
    files(post, &mut found);
    match post.delivery {
        Delivery::Direct => {
            caption_rules(post.content, &mut found);
            let creator = match post.standing {
                Some(CreatorStanding::CanPost(creator)) => Some(creator),
                Some(CreatorStanding::Blocked(_)) | None => None,
            };
            privacy(post.content, creator, &mut found);
            interactions(post.content, creator, &mut found);
            disclosure(post.content, &mut found);
            cover(post.content, post.files.video(), &mut found);
        }
        Delivery::Inbox => {
            inbox(post.content, &mut found);
        }
    }
    time(post.due_at, post.now, &mut found);
    found
}

/// Whether a list of problems lets the post through.
#[must_use]
pub fn passes(problems: &[Problem]) -> bool {
    problems.iter().all(|problem| problem.severity() == Severity::Warns)
}

fn account(post: &PostCheck<'_>, found: &mut Vec<Problem>) {
    match post.connection_state {
        ConnectionState::Active => {}
        ConnectionState::ReconnectNeeded => found.push(Problem::ReconnectNeeded),
        ConnectionState::Disconnected => found.push(Problem::Disconnected),
    }
    let granted = match post.delivery {
        Delivery::Direct => post.scopes.can_publish(),
        Delivery::Inbox => post.scopes.can_send_to_inbox(),
    };
    if !granted {
        found.push(Problem::ScopeMissing { delivery: post.delivery });
    }
    match (post.delivery, post.standing) {
        (Delivery::Direct, None) => found.push(Problem::CreatorUnknown),
        (Delivery::Direct, Some(CreatorStanding::Blocked(block)))
        // The daily cap and the quota of active creators concern direct posts; a ban concerns drafts as well.
        | (Delivery::Inbox, Some(CreatorStanding::Blocked(block @ PostingBlock::Banned))) => {
            found.push(Problem::PostingBlocked {
                block: block.clone(),
            });
        }
        (Delivery::Direct, Some(CreatorStanding::CanPost(_)))
        | (Delivery::Inbox, None | Some(_)) => {}
    }
    if post.delivery == Delivery::Direct && post.direct_posts_24h >= DIRECT_POSTS_24H_NEAR {
        found.push(Problem::DailyCapNear { sent: post.direct_posts_24h, typical: DIRECT_POSTS_24H_TYPICAL });
    }
}

/// What TikTok drops of an inbox draft cannot be wrong; the person must know, though. Photos keep their texts.
fn inbox(content: &PostContent, found: &mut Vec<Problem>) {
    let Some(photos) = &content.photos else {
        if content != &PostContent::default() {
            found.push(Problem::InboxDropsDetails);
        }
        return;
    };
    caption_rules(content, found);
    let kept = PostContent {
        caption: content.caption.clone(),
        photos: Some(PhotoContent { title: photos.title.clone(), ..PhotoContent::default() }),
        ..PostContent::default()
    };
    if content != &kept {
        found.push(Problem::InboxDropsOptions);
    }
}

fn files(post: &PostCheck<'_>, found: &mut Vec<Problem>) {
    match post.files {
        PostFiles::Video { verdict, facts } => {
            match verdict.outcome {
                MediaOutcome::Accept => {}
                MediaOutcome::Fixable => found.push(Problem::MediaNeedsConversion),
                MediaOutcome::Reject => found.push(Problem::MediaRejected),
            }
            found.extend(facts.and_then(|facts| never_through(facts.size_bytes, post.upload_limit)));
        }
        PostFiles::Photos { pictures, reachable } => {
            if !reachable {
                found.push(Problem::PhotosUnreachable);
            }
            // One bad picture fails the whole post and TikTok does not say which: name it here.
            for (picture, place) in pictures.iter().zip(1..) {
                if !picture.is_picture || picture.verdict.outcome != MediaOutcome::Accept {
                    found.push(Problem::PhotoRejected { place, name: picture.name.to_owned() });
                }
            }
        }
    }
    if let (Delivery::Direct, Some(CreatorStanding::CanPost(creator)), Some(media)) =
        (post.delivery, post.standing, post.files.video())
    {
        found.extend(too_long(media, creator));
    }
}

/// An upload address lives one hour: a file that the limit keeps on its way for longer can never arrive whole.
fn never_through(size_bytes: u64, limit: Option<u64>) -> Option<Problem> {
    let limit = limit?;
    let minutes = |ms: i64| ms.saturating_add(59_999) / 60_000;
    (careful_transfer_ms(size_bytes, Some(limit)) >= URL_LIFE_MS).then(|| Problem::UploadLimit {
        minutes: minutes(estimated_transfer_ms(size_bytes, Some(limit))),
        most: URL_LIFE_MS * 2 / 3 / 60_000,
    })
}

/// UX-4. Compared in milliseconds, so that a second more is a second more.
pub(crate) fn too_long(media: &MediaFacts, creator: &CreatorSnapshot) -> Option<Problem> {
    let max_s = creator.max_video_duration_s;
    (media.duration_ms > max_s.saturating_mul(1000))
        .then_some(Problem::VideoTooLong { duration_ms: media.duration_ms, max_s })
}

fn caption_rules(content: &PostContent, found: &mut Vec<Problem>) {
    if let Some(photos) = &content.photos {
        for problem in caption::problems_within(&photos.title, PHOTO_TITLE_MAX_UTF16) {
            found.push(match problem {
                CaptionProblem::TooLong { used_utf16, max_utf16 } => {
                    Problem::PhotoTitleTooLong { used_utf16, max_utf16 }
                }
                CaptionProblem::ControlCharacter { code } => Problem::PhotoTitleControlCharacter { code },
            });
        }
    }
    for problem in caption::problems_within(&content.caption, content.caption_max_utf16()) {
        found.push(match problem {
            CaptionProblem::TooLong { used_utf16, max_utf16 } => Problem::CaptionTooLong { used_utf16, max_utf16 },
            CaptionProblem::ControlCharacter { code } => Problem::CaptionControlCharacter { code },
        });
    }
}

fn privacy(content: &PostContent, creator: Option<&CreatorSnapshot>, found: &mut Vec<Problem>) {
    let Some(level) = content.privacy else {
        found.push(Problem::PrivacyMissing);
        return;
    };
    if let Some(creator) = creator
        && !creator.privacy_options.contains(&level)
    {
        found.push(Problem::PrivacyNotOffered { level });
    }
    found.extend(branded_privacy(level, content.disclosure));
}

/// UX-16 and UX-17. Followers are neither public nor friends, the only audiences TikTok names for branded content.
pub(crate) fn branded_privacy(level: PrivacyLevel, disclosure: Disclosure) -> Option<Problem> {
    if !is_branded(disclosure) {
        return None;
    }
    match level {
        PrivacyLevel::PublicToEveryone | PrivacyLevel::MutualFollowFriends => None,
        PrivacyLevel::SelfOnly => Some(Problem::BrandedPrivate),
        PrivacyLevel::FollowerOfCreator => Some(Problem::BrandedFollowers),
    }
}

/// Branded content counts whether or not the switch is on: a ticked box must never widen what is allowed.
pub(crate) const fn is_branded(disclosure: Disclosure) -> bool {
    disclosure.branded_content
}

fn interactions(content: &PostContent, creator: Option<&CreatorSnapshot>, found: &mut Vec<Problem>) {
    let Some(creator) = creator else { return };
    if content.allow_comment && creator.comment_disabled {
        found.push(Problem::CommentTurnedOff);
    }
    // Photos have neither (UX-10).
    if content.photos.is_some() {
        return;
    }
    if content.allow_duet && creator.duet_disabled {
        found.push(Problem::DuetTurnedOff);
    }
    if content.allow_stitch && creator.stitch_disabled {
        found.push(Problem::StitchTurnedOff);
    }
}

fn disclosure(content: &PostContent, found: &mut Vec<Problem>) {
    let Disclosure { on, your_brand, branded_content } = content.disclosure;
    if on && !your_brand && !branded_content {
        found.push(Problem::DisclosureEmpty);
    }
    if !on && (your_brand || branded_content) {
        found.push(Problem::DisclosureSwitchOff);
    }
}

fn cover(content: &PostContent, media: Option<&MediaFacts>, found: &mut Vec<Problem>) {
    if let (Some(cover_ms), Some(media)) = (content.cover_ms, media)
        && !(0..=media.duration_ms).contains(&cover_ms)
    {
        found.push(Problem::CoverOutsideVideo { cover_ms, duration_ms: media.duration_ms });
    }
}

fn time(due_at: Option<UnixMillis>, now: UnixMillis, found: &mut Vec<Problem>) {
    let Some(due_at) = due_at else { return };
    if due_at < now {
        found.push(Problem::TimeInPast { due_at });
    }
    if due_at > now.plus_seconds(HORIZON_DAYS * 86_400) {
        found.push(Problem::TimeTooFar { max_days: HORIZON_DAYS });
    }
}

#[cfg(test)]
mod tests;
