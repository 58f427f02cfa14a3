//! What the post page may offer right now, so that a page cannot offer what the rules refuse.
//! Owns the mandated English texts; must not decide about sending.

use crate::consent::Declaration;
use crate::creator::{CreatorSnapshot, CreatorStanding, PrivacyLevel};
use crate::post::{Delivery, PostContent};

use super::{PostCheck, Problem, is_branded, too_long};

/// TikTok's text for the disabled button (UX-15), word for word.
pub const DISCLOSURE_EMPTY_TEXT: &str =
    "You need to indicate if your content promotes yourself, a third party, or both.";
/// TikTok's text for the disabled "Only you" (UX-17), word for word.
pub const BRANDED_PRIVATE_TEXT: &str = "Branded content visibility cannot be set to private.";

/// The label that TikTok will put on the video (UX-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelPrompt {
    /// Your own brand.
    PromotionalContent,
    /// Somebody else's.
    PaidPartnership,
}

impl LabelPrompt {
    /// TikTok's obligatory English wording, word for word.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::PromotionalContent => "Your photo/video will be labeled as 'Promotional content'",
            Self::PaidPartnership => "Your photo/video will be labeled as 'Paid partnership'",
        }
    }

    /// Stable name; the translation is `label-prompt-<code>` in the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PromotionalContent => "promotional-content",
            Self::PaidPartnership => "paid-partnership",
        }
    }
}

/// Why an audience cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyDisabled {
    /// Branded content cannot be private (UX-17).
    BrandedPrivate,
    /// Branded content cannot be for followers only.
    BrandedFollowers,
}

impl PrivacyDisabled {
    /// The problem that choosing it would be.
    #[must_use]
    pub const fn problem(self) -> Problem {
        match self {
            Self::BrandedPrivate => Problem::BrandedPrivate,
            Self::BrandedFollowers => Problem::BrandedFollowers,
        }
    }
}

/// One audience in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacyChoice {
    /// The audience.
    pub level: PrivacyLevel,
    /// A person picked it.
    pub chosen: bool,
    /// Shown but not selectable, for this reason.
    pub disabled_because: Option<PrivacyDisabled>,
}

/// One of comment, duet, stitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InteractionChoice {
    /// A person ticked it and it may be ticked.
    pub ticked: bool,
    /// The creator turned it off in TikTok: shown greyed (UX-9).
    pub turned_off: bool,
}

/// Why the "Branded content" box cannot be ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxDisabled {
    /// "Only you" is chosen (UX-16).
    OnlyYou,
    /// "Followers" is chosen.
    Followers,
    /// This creator is offered neither "Everyone" nor "Friends".
    NothingPublicOffered,
}

impl BoxDisabled {
    /// Stable name; the text is `branded-disabled-<code>` in the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnlyYou => "only-you",
            Self::Followers => "followers",
            Self::NothingPublicOffered => "nothing-public",
        }
    }
}

/// A box below the disclosure switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxChoice {
    /// Shown only while the switch is on (UX-13).
    pub shown: bool,
    /// A person ticked it.
    pub ticked: bool,
    /// Shown but not tickable, for this reason.
    pub disabled_because: Option<BoxDisabled>,
}

/// Everything the page may offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The creator's audiences in TikTok's order; empty while the creator is unknown (UX-6).
    pub privacy: Vec<PrivacyChoice>,
    /// Allow comment.
    pub comment: InteractionChoice,
    /// Allow duet; `None` for photos, which have only comments (UX-10).
    pub duet: Option<InteractionChoice>,
    /// Allow stitch; `None` for photos.
    pub stitch: Option<InteractionChoice>,
    /// The disclosure switch (UX-12).
    pub disclosure_on: bool,
    /// "Your brand".
    pub your_brand: BoxChoice,
    /// "Branded content".
    pub branded_content: BoxChoice,
    /// The label that will be put on the video, once a box is ticked (UX-14).
    pub prompt: Option<LabelPrompt>,
    /// The declaration next to the button (UX-18).
    pub declaration: Declaration,
    /// Why the button is disabled, written next to it.
    pub submit_disabled_because: Option<Problem>,
}

/// What the page may offer, from TikTok's latest answer and what is chosen so far.
#[must_use]
pub fn choices(post: &PostCheck<'_>) -> Choices {
    let content = post.content;
    let creator = match post.standing {
        Some(CreatorStanding::CanPost(creator)) => Some(creator),
        Some(CreatorStanding::Blocked(_)) | None => None,
    };
    let disclosure = content.disclosure;
    let ticked_branded = disclosure.on && disclosure.branded_content;
    let interaction = |ticked: bool, off: fn(&CreatorSnapshot) -> bool| {
        // An unknown creator offers nothing: what TikTok did not confirm is not tickable.
        let turned_off = creator.is_none_or(off);
        InteractionChoice { ticked: ticked && !turned_off, turned_off }
    };
    Choices {
        privacy: creator.map_or_else(Vec::new, |creator| privacy(creator, content)),
        comment: interaction(content.allow_comment, |c| c.comment_disabled),
        duet: content.photos.is_none().then(|| interaction(content.allow_duet, |c| c.duet_disabled)),
        stitch: content.photos.is_none().then(|| interaction(content.allow_stitch, |c| c.stitch_disabled)),
        disclosure_on: disclosure.on,
        your_brand: BoxChoice {
            shown: disclosure.on,
            ticked: disclosure.on && disclosure.your_brand,
            disabled_because: None,
        },
        branded_content: BoxChoice {
            shown: disclosure.on,
            ticked: ticked_branded,
            disabled_because: branded_disabled(creator, content),
        },
        prompt: match (disclosure.on, disclosure.your_brand, disclosure.branded_content) {
            (true, _, true) => Some(LabelPrompt::PaidPartnership),
            (true, true, false) => Some(LabelPrompt::PromotionalContent),
            (true, false, false) | (false, _, _) => None,
        },
        declaration: Declaration::for_disclosure(disclosure),
        submit_disabled_because: submit_disabled(post, creator),
    }
}

fn privacy(creator: &CreatorSnapshot, content: &PostContent) -> Vec<PrivacyChoice> {
    let branded = is_branded(content.disclosure);
    creator
        .privacy_options
        .iter()
        .map(|level| PrivacyChoice {
            level: *level,
            chosen: content.privacy == Some(*level),
            disabled_because: match level {
                PrivacyLevel::SelfOnly if branded => Some(PrivacyDisabled::BrandedPrivate),
                PrivacyLevel::FollowerOfCreator if branded => Some(PrivacyDisabled::BrandedFollowers),
                PrivacyLevel::PublicToEveryone
                | PrivacyLevel::MutualFollowFriends
                | PrivacyLevel::FollowerOfCreator
                | PrivacyLevel::SelfOnly => None,
            },
        })
        .collect()
}

fn branded_disabled(creator: Option<&CreatorSnapshot>, content: &PostContent) -> Option<BoxDisabled> {
    let offers_public = creator.is_some_and(|creator| {
        creator.privacy_options.iter().any(|level| match level {
            PrivacyLevel::PublicToEveryone | PrivacyLevel::MutualFollowFriends => true,
            PrivacyLevel::FollowerOfCreator | PrivacyLevel::SelfOnly => false,
        })
    });
    match content.privacy {
        Some(PrivacyLevel::SelfOnly) => Some(BoxDisabled::OnlyYou),
        Some(PrivacyLevel::FollowerOfCreator) => Some(BoxDisabled::Followers),
        Some(PrivacyLevel::PublicToEveryone | PrivacyLevel::MutualFollowFriends) | None => {
            (!offers_public).then_some(BoxDisabled::NothingPublicOffered)
        }
    }
}

fn submit_disabled(post: &PostCheck<'_>, creator: Option<&CreatorSnapshot>) -> Option<Problem> {
    match post.delivery {
        // Nothing chosen on the page decides about an inbox draft.
        Delivery::Inbox => return None,
        Delivery::Direct => {}
    }
    match post.standing {
        None => return Some(Problem::CreatorUnknown),
        Some(CreatorStanding::Blocked(block)) => {
            return Some(Problem::PostingBlocked { block: block.clone() });
        }
        Some(CreatorStanding::CanPost(_)) => {}
    }
    if let (Some(media), Some(creator)) = (post.files.video(), creator)
        && let Some(problem) = too_long(media, creator)
    {
        return Some(problem);
    }
    let disclosure = post.content.disclosure;
    (disclosure.on && !disclosure.your_brand && !disclosure.branded_content).then_some(Problem::DisclosureEmpty)
}
