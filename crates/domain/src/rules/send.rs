//! The last look before TikTok is called: consented content against what TikTok says now (8.10, rule 4 of the reference).
//! Owns the options as they are sent; must never widen an audience or change what was consented to beyond switching off.

use serde::{Deserialize, Serialize};

use crate::consent::ConsentSubject;
use crate::creator::{CreatorSnapshot, CreatorStanding, PrivacyLevel};
use crate::media::MediaFacts;
use crate::photos::PhotoContent;
use crate::post::Delivery;

use super::{Problem, branded_privacy, too_long};

/// The options of a direct post exactly as TikTok shall receive them. Nothing is left to a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveOptions {
    /// The caption; empty means none.
    pub caption: String,
    /// The audience consented to.
    pub privacy: PrivacyLevel,
    /// No comments.
    pub disable_comment: bool,
    /// No duets.
    pub disable_duet: bool,
    /// No stitches.
    pub disable_stitch: bool,
    /// Paid partnership.
    pub brand_content: bool,
    /// The creator's own business.
    pub brand_organic: bool,
    /// Made with AI.
    pub ai_generated: bool,
    /// Cover frame, milliseconds; `None` is the first frame.
    pub cover_ms: Option<i64>,
    /// Title and music of photos; `None` for a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<PhotoContent>,
}

/// What to do with a due post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendCheck {
    /// Post directly with these options.
    Send(EffectiveOptions),
    /// Deliver the file to the creator's inbox; there are no options.
    SendToInbox,
    /// A person has to look: the post needs attention for this reason.
    Park(Problem),
}

/// Decides about a due post from its consent, TikTok's fresh answer and the file.
///
/// `video` is what was measured about the video; `None` for photos, which have no length.
/// `standing` is `None` when creator info could not be asked, which is normal only for inbox drafts without `video.publish`.
#[must_use]
pub fn at_send_time(
    subject: &ConsentSubject,
    standing: Option<&CreatorStanding>,
    video: Option<&MediaFacts>,
) -> SendCheck {
    match subject.delivery {
        Delivery::Inbox => SendCheck::SendToInbox,
        Delivery::Direct => match standing {
            None => SendCheck::Park(Problem::CreatorUnknown),
            Some(CreatorStanding::Blocked(block)) => SendCheck::Park(Problem::PostingBlocked { block: block.clone() }),
            Some(CreatorStanding::CanPost(creator)) => {
                direct(subject, creator, video).map_or_else(SendCheck::Park, SendCheck::Send)
            }
        },
    }
}

fn direct(
    subject: &ConsentSubject,
    creator: &CreatorSnapshot,
    video: Option<&MediaFacts>,
) -> Result<EffectiveOptions, Problem> {
    let content = &subject.content;
    let privacy = content.privacy.ok_or(Problem::PrivacyMissing)?;
    if !creator.privacy_options.contains(&privacy) {
        return Err(Problem::PrivacyNotOffered { level: privacy });
    }
    let disclosure = content.disclosure;
    if let Some(problem) = branded_privacy(privacy, disclosure) {
        return Err(problem);
    }
    if let Some(problem) = video.and_then(|video| too_long(video, creator)) {
        return Err(problem);
    }
    Ok(EffectiveOptions {
        caption: content.caption.clone(),
        privacy,
        disable_comment: creator.comment_disabled || !content.allow_comment,
        disable_duet: creator.duet_disabled || !content.allow_duet,
        disable_stitch: creator.stitch_disabled || !content.allow_stitch,
        brand_content: disclosure.on && disclosure.branded_content,
        brand_organic: disclosure.on && disclosure.your_brand,
        ai_generated: content.ai_generated,
        cover_ms: content.cover_ms,
        photos: content.photos.clone(),
    })
}
