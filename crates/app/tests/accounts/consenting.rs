//! The press of the button: refused with every reason, recorded for ever, void after any change.

use app::Error;
use app::posts::{DraftInput, Submit, When};
use domain::consent::{ConsentSubject, DECLARATION_VERSION, Declaration};
use domain::creator::PrivacyLevel;
use domain::id::PostId;
use domain::post::{Delivery, Disclosure, PostContent, PostState};
use domain::rules::Problem;
use store::testing::change_consent;
use store::{Post, StoreError};

use crate::support::*;

fn codes(error: Error) -> Vec<&'static str> {
    match error {
        Error::Invalid(problems) => problems.iter().map(Problem::code).collect(),
        other => panic!("{other:?}"),
    }
}

async fn set_state(stage: &Stage, id: PostId, state: PostState) -> Post {
    let before = stage.store().post_any(id).await.unwrap().unwrap();
    let published_at = matches!(state, PostState::Published | PostState::InInbox).then(|| stage.now());
    let after = Post { state, published_at, ..before.clone() };
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
    tx.commit().await.unwrap();
    after
}

#[tokio::test]
async fn an_incomplete_form_is_refused_with_every_reason_at_once() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let careful = stage.add_account(&actor, CAREFUL).await;
        let draft = stage.draft(&actor, careful).await;
        let mut input = everyone();
        input.content = PostContent {
            caption: format!("{}\u{7}", "a".repeat(2_200)),
            privacy: None,
            allow_comment: true,
            allow_duet: true,
            allow_stitch: true,
            disclosure: Disclosure { on: true, your_brand: false, branded_content: false },
            ai_generated: false,
            cover_ms: Some(10_001),
            photos: None,
        };
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, input, at("2026-11-24T08:59"))).await;
        let mut found = codes(refused.unwrap_err());
        found.sort_unstable();
        assert_eq!(
            found,
            [
                "caption-control-character",
                "caption-too-long",
                "comment-turned-off",
                "cover-outside-video",
                "disclosure-empty",
                "duet-turned-off",
                "privacy-missing",
                "stitch-turned-off",
                "time-in-past",
            ]
        );
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap(), draft, "and nothing is saved or planned");
    })
    .await;
}

#[tokio::test]
async fn ux_6_ux_16_ux_17_an_audience_is_taken_only_from_tiktoks_offer() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let private = stage.add_account(&actor, OLEG).await;
        let draft = stage.draft(&actor, private).await;
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await;
        assert_eq!(codes(refused.unwrap_err()), ["privacy-not-offered"]);
        for (level, code) in
            [(PrivacyLevel::SelfOnly, "branded-private"), (PrivacyLevel::FollowerOfCreator, "branded-followers")]
        {
            let mut input = everyone();
            input.content.privacy = Some(level);
            input.content.disclosure = Disclosure { on: true, your_brand: false, branded_content: true };
            let refused = stage.app.submit(&actor, draft.id, &submit(&draft, input, When::Now)).await;
            assert_eq!(codes(refused.unwrap_err()), [code]);
        }
    })
    .await;
}

#[tokio::test]
async fn ux_22_the_press_of_the_button_is_recorded_with_everything_it_covered() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.app.set_preferences(&actor, "ru", "Europe/Moscow", "system").await.unwrap();
        let actor = app::Actor { locale: "ru".to_owned(), ..actor };
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let mut input = everyone();
        input.content.disclosure = Disclosure { on: true, your_brand: true, branded_content: true };
        stage.pass(MINUTE_MS);
        let pressed = submit(&draft, input.clone(), at("2026-11-24T10:00"));
        assert_eq!(pressed.declaration, Declaration::BrandedAndMusic);
        let post = stage.app.submit(&actor, draft.id, &pressed).await.unwrap();
        assert_eq!((post.state, post.due_at), (PostState::Scheduled, Some(START.plus_millis(HOUR_MS))));

        let detail = stage.app.post_detail(&actor, post.id).await.unwrap();
        let consent = detail.consent.unwrap();
        assert_eq!(Some(consent.id), post.consent_id);
        assert_eq!((consent.post_id, consent.user_id, consent.given_at), (post.id, actor.user_id, stage.now()));
        assert_eq!(
            (consent.declaration, consent.text_version.as_str()),
            (Declaration::BrandedAndMusic, DECLARATION_VERSION)
        );
        assert_eq!(consent.locale, "ru");
        let creator = consent.creator.unwrap();
        assert_eq!((creator.username.as_str(), creator.max_video_duration_s), (MILA, 600));
        let subject = ConsentSubject {
            connection_id: signed_in.connection_id,
            delivery: Delivery::Direct,
            content: input.content,
            media_sha256: stage.app.media(&actor, draft.media_id).await.unwrap().sha256,
            photos: None,
            due_at: START.plus_millis(HOUR_MS),
        };
        assert_eq!(consent.fingerprint, subject.fingerprint());
        assert_eq!(consent.subject, subject);
        let kinds: Vec<&str> = detail.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["created", "scheduled"]);
    })
    .await;
}

#[tokio::test]
async fn ux_11_ux_18_a_declaration_that_does_not_fit_the_form_is_no_consent() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let branded = Disclosure { on: true, your_brand: false, branded_content: true };
        for (disclosure, declaration) in
            [(Disclosure::default(), Declaration::BrandedAndMusic), (branded, Declaration::Music)]
        {
            let mut input = everyone();
            input.content.disclosure = disclosure;
            let pressed = Submit { declaration, ..submit(&draft, input, When::Now) };
            let refused = stage.app.submit(&actor, draft.id, &pressed).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "declaration-does-not-fit" })));
        }
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap(), draft);
    })
    .await;
}

#[tokio::test]
async fn pp_1_3_a_consent_cannot_be_changed_even_behind_our_back() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        let id = post.consent_id.unwrap();
        let before = stage.store().consent(id).await.unwrap();
        let mut tx = stage.store().begin().await.unwrap();
        let refused = change_consent(&mut tx, id).await.unwrap_err();
        assert!(matches!(refused, StoreError::Constraint(_)), "{refused:?}");
        drop(tx);
        assert_eq!(stage.store().consent(id).await.unwrap(), before);
    })
    .await;
}

/// A change of one thing that a person consented to.
type Change = fn(&mut DraftInput);

#[tokio::test]
async fn any_change_voids_the_consent_and_keeps_its_record() {
    let changes: [Change; 9] = [
        |it| it.content.caption.push('!'),
        |it| it.content.privacy = Some(PrivacyLevel::SelfOnly),
        |it| it.content.allow_comment = true,
        |it| it.content.allow_duet = true,
        |it| it.content.disclosure = Disclosure { on: true, your_brand: true, branded_content: false },
        |it| it.content.ai_generated = true,
        |it| it.content.cover_ms = Some(2_000),
        |it| it.delivery = Delivery::Inbox,
        |it| it.local_time = Some("2026-12-24T18:30".parse().unwrap()),
    ];
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let mut post = stage.scheduled(&actor, signed_in.connection_id).await;
        for change in changes {
            let consent = post.consent_id.unwrap();
            let mut input = everyone();
            change(&mut input);
            let draft = stage.app.save_draft(&actor, post.id, post.revision, &input).await.unwrap();
            assert_eq!((draft.state, draft.consent_id, draft.due_at), (PostState::Draft, None, None));
            assert!(stage.store().consent(consent).await.unwrap().is_some(), "what was said was said");
            assert_eq!(stage.store().next_due().await.unwrap(), None, "nothing goes out");
            let last = stage.app.post_detail(&actor, post.id).await.unwrap().events.pop().unwrap();
            assert_eq!((last.kind.as_str(), last.actor_id), ("consent_voided", Some(actor.user_id)));
            let again = submit(&draft, everyone(), at("2026-11-24T10:00"));
            post = stage.app.submit(&actor, post.id, &again).await.unwrap();
            assert_ne!(post.consent_id, Some(consent));
        }
    })
    .await;
}

#[tokio::test]
async fn a_move_is_a_new_consent() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        let when = at("2026-11-25T10:00");
        let moved = stage.app.reschedule(&actor, post.id, post.revision, &when, Declaration::Music).await.unwrap();
        assert_eq!(moved.content, post.content);
        assert_eq!(moved.due_at, Some(START.plus_millis(DAY_MS + HOUR_MS)));
        assert_ne!(moved.consent_id, post.consent_id);
        let old = stage.store().consent(post.consent_id.unwrap()).await.unwrap().unwrap();
        let new = stage.store().consent(moved.consent_id.unwrap()).await.unwrap().unwrap();
        assert_ne!(old.fingerprint, new.fingerprint);
        assert_eq!(new.subject.due_at, moved.due_at.unwrap());
        let last = stage.app.post_detail(&actor, post.id).await.unwrap().events.pop().unwrap();
        assert_eq!(last.kind, "moved");

        let stale = stage.app.reschedule(&actor, post.id, post.revision, &when, Declaration::Music).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        let past = at("2026-11-24T08:00");
        let refused = stage.app.reschedule(&actor, post.id, moved.revision, &past, Declaration::Music).await;
        assert_eq!(codes(refused.unwrap_err()), ["time-in-past"]);
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), moved);
    })
    .await;
}

#[tokio::test]
async fn a_move_is_checked_against_the_creators_present_settings() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        stage.tiktok().set_user(MILA, |user| user.banned = true).unwrap();
        stage.pass(2 * MINUTE_MS);
        let when = at("2026-11-25T10:00");
        let refused = stage.app.reschedule(&actor, post.id, post.revision, &when, Declaration::Music).await;
        assert_eq!(codes(refused.unwrap_err()), ["creator-banned"]);
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), post, "the old plan stands");
    })
    .await;
}

#[tokio::test]
async fn post_now_is_never_too_late() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.clock.run();
        let post = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await.unwrap();
        assert_eq!(post.state, PostState::Scheduled);
        assert!(post.due_at.unwrap() <= stage.now());
        assert_eq!((post.local_time, post.time_zone), (None, None));

        let later = stage.scheduled(&actor, signed_in.connection_id).await;
        let now = stage.app.reschedule(&actor, later.id, later.revision, &When::Now, Declaration::Music).await.unwrap();
        assert!(now.due_at.unwrap() <= stage.now());
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_post_does_not_go_out_and_can_be_taken_up_again() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        stage.app.cancel(&actor, post.id).await.unwrap();
        let cancelled = stage.app.post(&actor, post.id).await.unwrap();
        assert_eq!((cancelled.state, cancelled.consent_id), (PostState::Cancelled, None));
        assert_eq!(stage.store().next_due().await.unwrap(), None);
        let again = stage.app.cancel(&actor, post.id).await;
        assert!(matches!(again, Err(Error::Conflict { code: "nothing-to-cancel" })));
        let when = at("2026-11-25T10:00");
        let refused = stage.app.reschedule(&actor, post.id, cancelled.revision, &when, Declaration::Music).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "draft-needs-the-post-page" })));

        let draft = stage.app.save_draft(&actor, post.id, cancelled.revision, &everyone()).await.unwrap();
        assert_eq!(draft.state, PostState::Draft);
        stage.app.submit(&actor, post.id, &submit(&draft, everyone(), when)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_draft_has_no_consent_to_repeat_or_withdraw() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let refused = stage.app.reschedule(&actor, draft.id, draft.revision, &When::Now, Declaration::Music).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "draft-needs-the-post-page" })));
        let refused = stage.app.cancel(&actor, draft.id).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "nothing-to-cancel" })));
    })
    .await;
}

#[tokio::test]
async fn ux_33_a_post_that_is_out_is_not_changed_any_more() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        for state in [PostState::Published, PostState::InInbox] {
            let post = stage.scheduled(&actor, signed_in.connection_id).await;
            let out = set_state(&stage, post.id, state).await;
            let when = at("2026-11-25T10:00");
            let outcomes = [
                stage.app.save_draft(&actor, out.id, out.revision, &everyone()).await.map(drop),
                stage.app.submit(&actor, out.id, &submit(&out, everyone(), when.clone())).await.map(drop),
                stage.app.reschedule(&actor, out.id, out.revision, &when, Declaration::Music).await.map(drop),
                stage.app.cancel(&actor, out.id).await,
            ];
            for outcome in outcomes {
                assert!(matches!(outcome, Err(Error::Conflict { code: "post-is-out" })), "{outcome:?}");
            }
            assert_eq!(stage.app.post(&actor, out.id).await.unwrap(), out);
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_post_is_tried_again_only_with_a_new_consent() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        let failed = set_state(&stage, post.id, PostState::Failed).await;
        let when = at("2026-11-25T10:00");
        let retried = stage.app.reschedule(&actor, post.id, failed.revision, &when, Declaration::Music).await.unwrap();
        assert_eq!((retried.state, retried.problem.clone()), (PostState::Scheduled, None));
        assert_ne!(retried.consent_id, post.consent_id);
        let last = stage.app.post_detail(&actor, post.id).await.unwrap().events.pop().unwrap();
        assert_eq!(last.kind, "retried");
    })
    .await;
}

#[tokio::test]
async fn ux_31_an_inbox_draft_needs_no_details_and_consents_to_the_file_alone() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let input = DraftInput { delivery: Delivery::Inbox, content: PostContent::default(), ..everyone() };
        let post = stage.app.submit(&actor, draft.id, &submit(&draft, input, When::Now)).await.unwrap();
        assert_eq!((post.state, post.delivery), (PostState::Scheduled, Delivery::Inbox));
        let consent = stage.store().consent(post.consent_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(consent.subject.delivery, Delivery::Inbox);
    })
    .await;
}
