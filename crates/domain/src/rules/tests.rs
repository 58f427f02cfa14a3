//! TikTok's audit list as stories, and properties that no combination of choices may break.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;
use crate::consent::{ConsentSubject, Declaration};
use crate::id::ConnectionId;
use crate::media::{Container, VideoCodec, judge};

fn creator() -> CreatorSnapshot {
    CreatorSnapshot {
        nickname: "Kitchen".to_owned(),
        username: "kitchen".to_owned(),
        privacy_options: vec![
            PrivacyLevel::PublicToEveryone,
            PrivacyLevel::MutualFollowFriends,
            PrivacyLevel::SelfOnly,
        ],
        comment_disabled: false,
        duet_disabled: false,
        stitch_disabled: false,
        max_video_duration_s: 600,
    }
}

fn facts() -> MediaFacts {
    MediaFacts {
        container: Container::Mp4,
        size_bytes: 10_000_000,
        video_codec: VideoCodec::H264,
        audio_codec: None,
        width_px: 1080,
        height_px: 1920,
        rotation_deg: 0,
        duration_ms: 15_000,
        fps_milli: Some(30_000),
    }
}

fn content() -> PostContent {
    PostContent {
        caption: "Молоко #milk".to_owned(),
        privacy: Some(PrivacyLevel::PublicToEveryone),
        ..PostContent::default()
    }
}

const NOW: UnixMillis = UnixMillis::from_seconds(1_795_512_600);

struct Page {
    delivery: Delivery,
    content: PostContent,
    media: MediaFacts,
    scopes: Scopes,
    state: ConnectionState,
    standing: Option<CreatorStanding>,
    due_at: Option<UnixMillis>,
    sent: i64,
    upload_limit: Option<u64>,
}

impl Page {
    fn new() -> Self {
        Self {
            delivery: Delivery::Direct,
            content: content(),
            media: facts(),
            scopes: Scopes::parse("user.info.basic,video.publish,video.upload"),
            state: ConnectionState::Active,
            standing: Some(CreatorStanding::CanPost(creator())),
            due_at: Some(NOW.plus_seconds(60)),
            sent: 0,
            upload_limit: None,
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut page = Self::new();
        change(&mut page);
        page
    }

    fn creator(&mut self, change: impl FnOnce(&mut CreatorSnapshot)) {
        if let Some(CreatorStanding::CanPost(creator)) = &mut self.standing {
            change(creator);
        }
    }

    fn checked<T>(&self, ask: impl FnOnce(&PostCheck<'_>) -> T) -> T {
        let verdict = judge(Ok(&self.media));
        ask(&PostCheck {
            delivery: self.delivery,
            content: &self.content,
            files: PostFiles::Video { facts: Some(&self.media), verdict: &verdict },
            scopes: &self.scopes,
            connection_state: self.state,
            standing: self.standing.as_ref(),
            due_at: self.due_at,
            now: NOW,
            direct_posts_24h: self.sent,
            upload_limit: self.upload_limit,
        })
    }

    fn problems(&self) -> Vec<Problem> {
        self.checked(check)
    }

    fn codes(&self) -> Vec<&'static str> {
        self.problems().iter().map(Problem::code).collect()
    }

    fn choices(&self) -> Choices {
        self.checked(choices)
    }

    fn send(&self) -> SendCheck {
        let subject = ConsentSubject {
            connection_id: ConnectionId::from_uuid(uuid::Uuid::from_u128(1)),
            delivery: self.delivery,
            content: self.content.clone(),
            media_sha256: "00".to_owned(),
            photos: None,
            due_at: NOW,
        };
        at_send_time(&subject, self.standing.as_ref(), Some(&self.media))
    }
}

#[test]
fn a_file_that_the_upload_limit_keeps_on_its_way_for_too_long_is_refused() {
    let at = |size_bytes: u64, limit| {
        Page::with(|page| {
            page.media.size_bytes = size_bytes;
            page.upload_limit = limit;
        })
        .problems()
    };
    assert_eq!(at(2_399_000_000, Some(1_000_000)), []);
    assert_eq!(at(2_400_000_000, Some(1_000_000)), [Problem::UploadLimit { minutes: 40, most: 40 }]);
    assert_eq!(at(4_000_000_000, Some(1_000_000)), [Problem::UploadLimit { minutes: 67, most: 40 }]);
    assert_eq!(at(4_000_000_000, Some(20_000_000)), []);
    assert_eq!(at(4_000_000_000, None), []);
}

#[test]
fn a_complete_post_has_no_problems() {
    assert_eq!(Page::new().codes(), Vec::<&str>::new());
}

#[test]
fn ux_01_a_direct_post_needs_a_fresh_word_of_tiktok_about_the_creator() {
    let page = Page::with(|page| page.standing = None);
    assert_eq!(page.codes(), ["creator-unknown"]);
    assert_eq!(page.choices().privacy, vec![]);
    assert_eq!(page.choices().submit_disabled_because, Some(Problem::CreatorUnknown));
}

#[test]
fn ux_03_a_creator_who_cannot_post_now_is_told_and_stopped() {
    for (block, code) in [
        (PostingBlock::TooManyPosts, "creator-too-many-posts"),
        (PostingBlock::Banned, "creator-banned"),
        (PostingBlock::AppQuota, "app-quota"),
        (PostingBlock::Other("new_code".to_owned()), "creator-blocked"),
    ] {
        let page = Page::with(|page| page.standing = Some(CreatorStanding::Blocked(block.clone())));
        assert_eq!(page.codes(), [code]);
        assert_eq!(page.choices().submit_disabled_because, Some(Problem::PostingBlocked { block }));
    }
}

#[test]
fn ux_04_a_video_longer_than_the_creator_may_post_is_blocked_with_both_numbers() {
    let page = Page::with(|page| {
        page.media.duration_ms = 300_001;
        page.creator(|creator| creator.max_video_duration_s = 300);
    });
    let expected = Problem::VideoTooLong { duration_ms: 300_001, max_s: 300 };
    assert_eq!(page.problems(), vec![expected.clone()]);
    assert_eq!(page.choices().submit_disabled_because, Some(expected));
    let just = Page::with(|page| {
        page.media.duration_ms = 300_000;
        page.creator(|creator| creator.max_video_duration_s = 300);
    });
    assert_eq!(just.problems(), vec![]);
}

#[test]
fn ux_05_a_caption_is_optional_and_limited_in_utf16_units() {
    assert_eq!(Page::with(|page| page.content.caption.clear()).codes(), Vec::<&str>::new());
    let page = Page::with(|page| page.content.caption = "🥛".repeat(1101));
    assert_eq!(page.problems(), vec![Problem::CaptionTooLong { used_utf16: 2202, max_utf16: 2200 }]);
}

#[test]
fn ux_06_the_audiences_are_exactly_those_that_tiktok_offers_in_its_order() {
    let page = Page::with(|page| {
        page.creator(|creator| {
            creator.privacy_options = vec![PrivacyLevel::FollowerOfCreator, PrivacyLevel::SelfOnly];
        });
        page.content.privacy = Some(PrivacyLevel::PublicToEveryone);
    });
    let levels: Vec<_> = page.choices().privacy.iter().map(|choice| choice.level).collect();
    assert_eq!(levels, [PrivacyLevel::FollowerOfCreator, PrivacyLevel::SelfOnly]);
    assert_eq!(page.codes(), ["privacy-not-offered"]);
}

#[test]
fn ux_07_nobody_chooses_an_audience_but_the_person_even_when_only_one_is_offered() {
    let page = Page::with(|page| {
        page.content.privacy = PostContent::default().privacy;
        page.creator(|creator| creator.privacy_options = vec![PrivacyLevel::SelfOnly]);
    });
    assert_eq!(page.codes(), ["privacy-missing"]);
    assert!(page.choices().privacy.iter().all(|choice| !choice.chosen));
}

#[test]
fn ux_08_a_new_post_allows_no_interaction() {
    let page = Page::with(|page| page.content = PostContent::default());
    let fresh = page.choices();
    for interaction in [Some(fresh.comment), fresh.duet, fresh.stitch].into_iter().flatten() {
        assert_eq!(interaction, InteractionChoice { ticked: false, turned_off: false });
    }
}

#[test]
fn ux_09_interactions_turned_off_in_tiktok_are_grey_and_cannot_be_ticked() {
    let page = Page::with(|page| {
        page.creator(|creator| {
            creator.comment_disabled = true;
            creator.duet_disabled = true;
            creator.stitch_disabled = true;
        });
        page.content.allow_comment = true;
        page.content.allow_duet = true;
        page.content.allow_stitch = true;
    });
    assert_eq!(page.codes(), ["comment-turned-off", "duet-turned-off", "stitch-turned-off"]);
    let shown = page.choices();
    for interaction in [Some(shown.comment), shown.duet, shown.stitch].into_iter().flatten() {
        assert!(interaction.turned_off && !interaction.ticked);
    }
}

fn disclosed(on: bool, your_brand: bool, branded_content: bool) -> Page {
    Page::with(|page| {
        page.content.disclosure = Disclosure { on, your_brand, branded_content };
    })
}

#[test]
fn ux_11_the_declaration_is_always_there() {
    assert_eq!(Page::new().choices().declaration.text(), "By posting, you agree to TikTok's Music Usage Confirmation");
}

#[test]
fn ux_12_disclosure_is_off_until_switched_on() {
    assert!(!Page::new().choices().disclosure_on);
    assert!(!PostContent::default().disclosure.on);
}

#[test]
fn ux_13_the_switch_reveals_two_unticked_boxes() {
    let off = Page::new().choices();
    assert!(!off.your_brand.shown && !off.branded_content.shown);
    let on = disclosed(true, false, false).choices();
    assert!(on.your_brand.shown && on.branded_content.shown);
    assert!(!on.your_brand.ticked && !on.branded_content.ticked);
}

#[test]
fn ux_14_the_label_follows_the_boxes_and_is_never_shown_by_default() {
    let prompt = |on, own, third| disclosed(on, own, third).choices().prompt;
    assert_eq!(prompt(false, false, false), None);
    assert_eq!(prompt(true, false, false), None);
    assert_eq!(prompt(true, true, false).unwrap().text(), "Your photo/video will be labeled as 'Promotional content'");
    for own in [false, true] {
        assert_eq!(prompt(true, own, true).unwrap().text(), "Your photo/video will be labeled as 'Paid partnership'");
    }
}

#[test]
fn ux_14_the_toggles_sent_follow_the_boxes() {
    for (own, third) in [(false, false), (true, false), (false, true), (true, true)] {
        let page = disclosed(own || third, own, third);
        let SendCheck::Send(options) = page.send() else {
            panic!("must be sent");
        };
        assert_eq!((options.brand_organic, options.brand_content), (own, third));
    }
}

#[test]
fn ux_15_disclosure_without_a_box_disables_the_button() {
    let page = disclosed(true, false, false);
    assert_eq!(page.codes(), ["disclosure-empty"]);
    assert_eq!(page.choices().submit_disabled_because, Some(Problem::DisclosureEmpty));
    assert_eq!(
        choices::DISCLOSURE_EMPTY_TEXT,
        "You need to indicate if your content promotes yourself, a third party, or both."
    );
}

#[test]
fn ux_15_boxes_below_a_switch_that_is_off_are_not_sent_silently() {
    assert_eq!(disclosed(false, true, false).codes(), ["disclosure-switch-off"]);
    assert_eq!(disclosed(false, false, true).codes(), ["disclosure-switch-off"]);
}

#[test]
fn ux_16_with_only_you_chosen_branded_content_cannot_be_ticked() {
    let mut page = disclosed(true, true, false);
    page.content.privacy = Some(PrivacyLevel::SelfOnly);
    assert_eq!(page.choices().branded_content.disabled_because, Some(BoxDisabled::OnlyYou));
    page.content.disclosure.branded_content = true;
    assert_eq!(page.codes(), ["branded-private"]);
}

#[test]
fn ux_16_where_tiktok_offers_nothing_public_branded_content_says_so() {
    let mut page = disclosed(true, true, false);
    page.content.privacy = None;
    page.creator(|creator| creator.privacy_options = vec![PrivacyLevel::SelfOnly]);
    assert_eq!(page.choices().branded_content.disabled_because, Some(BoxDisabled::NothingPublicOffered));
}

#[test]
fn ux_17_with_branded_content_ticked_only_you_cannot_be_chosen() {
    let mut page = disclosed(true, false, true);
    page.content.privacy = None;
    page.creator(|creator| {
        creator.privacy_options =
            vec![PrivacyLevel::FollowerOfCreator, PrivacyLevel::MutualFollowFriends, PrivacyLevel::SelfOnly];
    });
    let reasons: Vec<_> = page.choices().privacy.iter().map(|choice| choice.disabled_because).collect();
    assert_eq!(reasons, [Some(PrivacyDisabled::BrandedFollowers), None, Some(PrivacyDisabled::BrandedPrivate)]);
    assert_eq!(choices::BRANDED_PRIVATE_TEXT, "Branded content visibility cannot be set to private.");
    page.content.privacy = Some(PrivacyLevel::FollowerOfCreator);
    assert_eq!(page.codes(), ["branded-followers"]);
}

#[test]
fn ux_18_branded_content_brings_its_policy_into_the_declaration() {
    let declaration = |on, own, third| disclosed(on, own, third).choices().declaration;
    assert_eq!(declaration(false, false, false), Declaration::Music);
    assert_eq!(declaration(true, true, false), Declaration::Music);
    assert_eq!(declaration(true, false, true), Declaration::BrandedAndMusic);
    assert_eq!(
        declaration(true, true, true).text(),
        "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation"
    );
}

#[test]
fn ux_29_the_ai_label_is_sent_only_when_ticked() {
    for ai_generated in [false, true] {
        let page = Page::with(|page| page.content.ai_generated = ai_generated);
        let SendCheck::Send(options) = page.send() else {
            panic!("must be sent");
        };
        assert_eq!(options.ai_generated, ai_generated);
    }
}

#[test]
fn ux_30_a_cover_lies_inside_the_video() {
    let cover = |ms| Page::with(|page| page.content.cover_ms = Some(ms)).codes();
    assert_eq!(cover(0), Vec::<&str>::new());
    assert_eq!(cover(15_000), Vec::<&str>::new());
    assert_eq!(cover(15_001), ["cover-outside-video"]);
    assert_eq!(cover(-1), ["cover-outside-video"]);
}

#[test]
fn ux_31_an_inbox_draft_says_what_tiktok_drops_and_asks_for_nothing_that_is_dropped() {
    let page = Page::with(|page| {
        page.delivery = Delivery::Inbox;
        page.content.privacy = None;
        page.standing = None;
    });
    assert_eq!(page.codes(), ["inbox-drops-details"]);
    assert!(passes(&page.problems()));
    let bare = Page::with(|page| {
        page.delivery = Delivery::Inbox;
        page.content = PostContent::default();
    });
    assert_eq!(bare.codes(), Vec::<&str>::new());
    assert_eq!(bare.choices().submit_disabled_because, None);
    assert_eq!(bare.send(), SendCheck::SendToInbox);
}

#[test]
fn a_ban_stops_inbox_drafts_as_well_but_the_daily_cap_does_not() {
    let draft = |block| {
        Page::with(|page| {
            page.delivery = Delivery::Inbox;
            page.content = PostContent::default();
            page.standing = Some(CreatorStanding::Blocked(block));
        })
        .codes()
    };
    assert_eq!(draft(PostingBlock::Banned), ["creator-banned"]);
    assert_eq!(draft(PostingBlock::TooManyPosts), Vec::<&str>::new());
}

#[test]
fn each_delivery_needs_its_own_permission() {
    let granted = |delivery, scopes| {
        Page::with(|page| {
            page.delivery = delivery;
            page.content = PostContent { privacy: page.content.privacy, ..PostContent::default() };
            page.scopes = Scopes::parse(scopes);
        })
        .codes()
    };
    assert_eq!(granted(Delivery::Direct, "video.upload"), ["scope-missing-publish"]);
    assert!(granted(Delivery::Inbox, "video.publish").contains(&"scope-missing-upload"));
}

#[test]
fn a_dead_grant_blocks_and_says_which_kind() {
    assert_eq!(Page::with(|page| page.state = ConnectionState::ReconnectNeeded).codes(), ["reconnect-needed"]);
    assert_eq!(Page::with(|page| page.state = ConnectionState::Disconnected).codes(), ["disconnected"]);
}

#[test]
fn nothing_is_planned_for_the_past_or_beyond_the_life_of_a_grant() {
    let due = |due_at| Page::with(|page| page.due_at = due_at).codes();
    assert_eq!(due(None), Vec::<&str>::new());
    assert_eq!(due(Some(NOW)), Vec::<&str>::new());
    assert_eq!(due(Some(NOW.plus_millis(-1))), ["time-in-past"]);
    assert_eq!(due(Some(NOW.plus_seconds(366 * 86_400))), ["time-too-far"]);
}

#[test]
fn the_daily_cap_warns_before_it_is_met_and_never_blocks_because_its_figure_is_not_known() {
    let page = Page::with(|page| page.sent = 14);
    assert_eq!(page.codes(), ["daily-cap-near"]);
    assert!(passes(&page.problems()));
    assert_eq!(Page::with(|page| page.sent = 12).codes(), Vec::<&str>::new());
}

#[test]
fn a_file_that_tiktok_would_refuse_is_not_scheduled() {
    let convert = Page::with(|page| page.media.fps_milli = Some(15_000));
    assert_eq!(convert.codes(), ["media-needs-conversion"]);
    let refuse = Page::with(|page| page.media.size_bytes = 5_000_000_000);
    assert_eq!(refuse.codes(), ["media-rejected"]);
}

#[test]
fn at_send_time_a_lost_audience_parks_the_post_and_is_never_replaced() {
    let page = Page::with(|page| {
        page.creator(|creator| creator.privacy_options = vec![PrivacyLevel::SelfOnly]);
    });
    assert_eq!(page.send(), SendCheck::Park(Problem::PrivacyNotOffered { level: PrivacyLevel::PublicToEveryone }));
}

#[test]
fn at_send_time_a_shrunk_limit_or_a_block_parks_the_post() {
    let shorter = Page::with(|page| page.creator(|creator| creator.max_video_duration_s = 10));
    assert!(matches!(shorter.send(), SendCheck::Park(Problem::VideoTooLong { .. })));
    let blocked = Page::with(|page| {
        page.standing = Some(CreatorStanding::Blocked(PostingBlock::TooManyPosts));
    });
    assert!(matches!(blocked.send(), SendCheck::Park(Problem::PostingBlocked { .. })));
    let silent = Page::with(|page| page.standing = None);
    assert_eq!(silent.send(), SendCheck::Park(Problem::CreatorUnknown));
}

#[test]
fn at_send_time_an_interaction_turned_off_meanwhile_is_sent_disabled() {
    let page = Page::with(|page| {
        page.content.allow_comment = true;
        page.content.allow_duet = true;
        page.creator(|creator| creator.duet_disabled = true);
    });
    let SendCheck::Send(options) = page.send() else {
        panic!("must be sent");
    };
    assert_eq!((options.disable_comment, options.disable_duet, options.disable_stitch), (false, true, true));
}

#[test]
fn every_problem_and_failure_has_its_texts_in_both_languages() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/locales");
    for language in ["en", "ru"] {
        let text = std::fs::read_to_string(format!("{folder}/{language}/problems.ftl")).unwrap();
        let has = |id: &str| {
            assert!(
                text.lines().any(|line| line.starts_with(&format!("{id} ="))),
                "{language}/problems.ftl lacks {id}"
            );
        };
        for problem in Problem::samples() {
            let id = format!("problem-{}", problem.code());
            has(&id);
            for (name, _) in problem.arguments() {
                let used = text
                    .split(&format!("\n{id} ="))
                    .nth(1)
                    .is_some_and(|rest| rest.split("\n\n").next().unwrap().contains(&format!("${name}")));
                let optional = matches!(name, "level" | "time");
                assert!(used || optional, "{language}: {id} never says ${name}");
            }
        }
        for key in failures::keys() {
            has(&format!("failure-{key}"));
            has(&format!("failure-{key}-why"));
            has(&format!("failure-{key}-do"));
        }
        for rule in crate::media::MediaRule::ALL {
            has(&format!("media-rule-{}", rule.code()));
        }
        for code in ["accept", "fixable", "reject"] {
            has(&format!("media-outcome-{code}"));
        }
        for code in ["not-a-video", "truncated", "damaged", "no-video-track", "too-complex", "timed-out", "storage"] {
            has(&format!("probe-{code}"));
        }
        for code in ["only-you", "followers", "nothing-public"] {
            has(&format!("branded-disabled-{code}"));
        }
        for code in ["promotional-content", "paid-partnership"] {
            has(&format!("label-prompt-{code}"));
        }
    }
}

prop_compose! {
    fn any_content()(
        caption in ".{0,40}",
        privacy in proptest::option::of(0usize..4),
        allow in any::<(bool, bool, bool)>(),
        disclosure in any::<(bool, bool, bool)>(),
        ai_generated in any::<bool>(),
        cover_ms in proptest::option::of(-10i64..700_000),
    ) -> PostContent {
        PostContent {
            caption,
            privacy: privacy.map(|at| PrivacyLevel::ALL[at]),
            allow_comment: allow.0,
            allow_duet: allow.1,
            allow_stitch: allow.2,
            disclosure: Disclosure { on: disclosure.0, your_brand: disclosure.1, branded_content: disclosure.2 },
            ai_generated,
            cover_ms,
            photos: None,
        }
    }
}

prop_compose! {
    fn any_creator()(
        offered in any::<(bool, bool, bool, bool)>(),
        off in any::<(bool, bool, bool)>(),
        max_video_duration_s in 1i64..900,
    ) -> CreatorSnapshot {
        let flags = [offered.0, offered.1, offered.2, offered.3];
        CreatorSnapshot {
            privacy_options: PrivacyLevel::ALL.into_iter().zip(flags).filter(|(_, on)| *on).map(|(level, _)| level).collect(),
            comment_disabled: off.0,
            duet_disabled: off.1,
            stitch_disabled: off.2,
            max_video_duration_s,
            ..creator()
        }
    }
}

proptest! {
    // Few random posts pass at all, so there must be many.
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_content_passes_that_tiktok_forbids(content in any_content(), creator in any_creator(), duration_ms in 0i64..900_000) {
        let mut page = Page::new();
        page.content = content.clone();
        page.media.duration_ms = duration_ms;
        page.standing = Some(CreatorStanding::CanPost(creator.clone()));
        if passes(&page.problems()) {
            let level = content.privacy;
            prop_assert!(level.is_some_and(|level| creator.privacy_options.contains(&level)));
            prop_assert!(!(content.disclosure.branded_content && level == Some(PrivacyLevel::SelfOnly)));
            prop_assert!(!(content.allow_comment && creator.comment_disabled));
            prop_assert!(!(content.allow_duet && creator.duet_disabled));
            prop_assert!(!(content.allow_stitch && creator.stitch_disabled));
            prop_assert_eq!(content.disclosure.on, content.disclosure.your_brand || content.disclosure.branded_content);
            prop_assert!(duration_ms <= creator.max_video_duration_s * 1000);
            // What passes on the page is what is sent, and the page's button is enabled.
            prop_assert!(matches!(page.send(), SendCheck::Send(_)));
            prop_assert_eq!(page.choices().submit_disabled_because, None);
        }
    }

    #[test]
    fn what_is_sent_is_never_wider_than_the_consent_or_the_creators_settings(content in any_content(), creator in any_creator()) {
        let mut page = Page::new();
        page.content = content.clone();
        page.standing = Some(CreatorStanding::CanPost(creator.clone()));
        if let SendCheck::Send(options) = page.send() {
            prop_assert_eq!(Some(options.privacy), content.privacy);
            prop_assert!(options.disable_comment || (content.allow_comment && !creator.comment_disabled));
            prop_assert!(options.disable_duet || (content.allow_duet && !creator.duet_disabled));
            prop_assert!(options.disable_stitch || (content.allow_stitch && !creator.stitch_disabled));
            prop_assert!(!(options.brand_content && options.privacy == PrivacyLevel::SelfOnly));
            prop_assert_eq!(options.caption, content.caption);
        }
    }

    #[test]
    fn the_page_offers_nothing_that_the_rules_refuse(content in any_content(), creator in any_creator()) {
        let standing = CreatorStanding::CanPost(creator);
        let mut shown = Page::new();
        shown.content = content.clone();
        shown.standing = Some(standing.clone());
        let shown = shown.choices();
        for choice in shown.privacy.iter().filter(|choice| choice.disabled_because.is_none()) {
            let mut page = Page::new();
            page.content = PostContent { privacy: Some(choice.level), ..content.clone() };
            page.standing = Some(standing.clone());
            prop_assert!(page.problems().iter().all(|problem| problem.field() != Field::Privacy));
        }
        for (interaction, field) in [(Some(shown.comment), Field::Comment), (shown.duet, Field::Duet), (shown.stitch, Field::Stitch)] {
            let interaction = interaction.unwrap();
            let mut page = Page::new();
            page.content = content.clone();
            page.standing = Some(standing.clone());
            let complained = page.problems().iter().any(|problem| problem.field() == field);
            prop_assert!(!(interaction.ticked && complained));
        }
        prop_assert_eq!(shown.declaration, Declaration::for_disclosure(content.disclosure));
        prop_assert_eq!(shown.prompt.is_some(), content.disclosure.on && (content.disclosure.your_brand || content.disclosure.branded_content));
    }
}

mod photos {
    use super::*;
    use crate::media::{PhotoFacts, PhotoFormat, judge_photo};
    use crate::photos::PhotoContent;

    fn page(change: impl FnOnce(&mut Page)) -> Page {
        Page::with(|page| {
            page.content.photos = Some(PhotoContent { title: "Backstage".to_owned(), auto_add_music: true });
            change(page);
        })
    }

    /// The codes of a post of two pictures, the second with this shorter side.
    fn codes(page: &Page, short_side_px: u32, reachable: bool) -> Vec<&'static str> {
        let verdict = |width_px| {
            judge_photo(&PhotoFacts { format: PhotoFormat::Jpeg, size_bytes: 1_000, width_px, height_px: 1_448 })
        };
        let verdicts = [verdict(1_080), verdict(short_side_px)];
        let pictures: Vec<PhotoFile<'_>> =
            verdicts.iter().map(|verdict| PhotoFile { name: "look.jpg", is_picture: true, verdict }).collect();
        let files = PostFiles::Photos { pictures: &pictures, reachable };
        page.checked(|asked| check(&PostCheck { files, ..*asked })).iter().map(Problem::code).collect()
    }

    #[test]
    fn ux_10_a_complete_photo_post_has_no_problems_whatever_the_creator_did_to_duets() {
        let complete = page(|page| {
            page.content.allow_comment = true;
            page.content.allow_duet = true;
            page.creator(|creator| {
                creator.duet_disabled = true;
                creator.max_video_duration_s = 1;
            });
        });
        assert_eq!(codes(&complete, 1_080, true), Vec::<&str>::new());
        let shown = complete.choices();
        assert!(shown.duet.is_none() && shown.stitch.is_none(), "there is nothing to tick");
    }

    #[test]
    fn one_bad_picture_is_named_because_tiktok_would_not_say_which() {
        assert_eq!(codes(&page(|_| {}), 1_086, true), ["photo-rejected"]);
        assert_eq!(codes(&page(|_| {}), 1_080, false), ["photos-unreachable"]);
    }

    #[test]
    fn title_and_description_are_limited_each_by_itself_in_both_deliveries() {
        for delivery in [Delivery::Direct, Delivery::Inbox] {
            let long = |title: usize, description: usize| {
                let of = page(|page| {
                    page.delivery = delivery;
                    page.content.caption = "ы".repeat(description);
                    page.content.photos = Some(PhotoContent { title: "🥛".repeat(title / 2), auto_add_music: false });
                });
                let mut found = codes(&of, 1_080, true);
                found.retain(|code| code.ends_with("too-long"));
                found
            };
            assert_eq!(long(90, 4_000), Vec::<&str>::new());
            assert_eq!(long(92, 4_000), ["photo-title-too-long"]);
            assert_eq!(long(90, 4_001), ["caption-too-long"]);
        }
    }

    #[test]
    fn ux_31_the_inbox_keeps_the_texts_of_photos_and_warns_of_what_it_drops() {
        let texts = page(|page| {
            page.delivery = Delivery::Inbox;
            page.content.privacy = None;
            page.content.photos = Some(PhotoContent { title: "Backstage".to_owned(), auto_add_music: false });
        });
        assert_eq!(codes(&texts, 1_080, true), Vec::<&str>::new());
        let more = page(|page| page.delivery = Delivery::Inbox);
        assert_eq!(codes(&more, 1_080, true), ["inbox-drops-options"]);
    }

    #[test]
    fn the_consent_covers_every_picture_the_order_the_cover_the_title_and_the_music() {
        use crate::consent::PhotoSubject;
        let subject = ConsentSubject {
            connection_id: ConnectionId::from_uuid(uuid::Uuid::from_u128(1)),
            delivery: Delivery::Direct,
            content: page(|_| {}).content,
            media_sha256: "00".to_owned(),
            photos: Some(PhotoSubject { sha256: vec!["aa".to_owned(), "bb".to_owned()], cover_index: 0 }),
            due_at: NOW,
        };
        let changed = |change: fn(&mut ConsentSubject)| {
            let mut other = subject.clone();
            change(&mut other);
            other.fingerprint()
        };
        let all = [
            subject.fingerprint(),
            changed(|it| it.photos.as_mut().unwrap().sha256.reverse()),
            changed(|it| it.photos.as_mut().unwrap().sha256[1] = "bc".to_owned()),
            changed(|it| it.photos.as_mut().unwrap().cover_index = 1),
            changed(|it| it.content.photos.as_mut().unwrap().title.push('!')),
            changed(|it| it.content.photos.as_mut().unwrap().auto_add_music = false),
            changed(|it| it.content.caption.push('!')),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn a_videos_fingerprint_is_what_it_was_before_there_were_photos() {
        let text = serde_json::to_string(&content()).unwrap();
        assert!(!text.contains("photos"), "{text}");
    }
}
