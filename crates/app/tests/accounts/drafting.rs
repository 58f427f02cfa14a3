//! Composing: drafts that choose nothing for anybody, kept as typed, safe against a second tab.

use app::Error;
use app::posts::{DraftInput, When};
use domain::connection::Scopes;
use domain::creator::CreatorStanding;
use domain::id::ConnectionId;
use domain::post::{Delivery, Disclosure, PostContent, PostState};
use domain::rules::Problem;
use store::Connection;
use tiktok_sim::{FaultAction, FaultRule, Route};
use uuid::Uuid;

use crate::support::*;

#[tokio::test]
async fn ux_7_ux_8_ux_12_a_draft_starts_with_no_choice_made() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        assert_eq!(draft.content, PostContent::default());
        assert_eq!(draft.content.privacy, None);
        assert!(!draft.content.allow_comment && !draft.content.allow_duet && !draft.content.allow_stitch);
        assert_eq!(draft.content.disclosure, Disclosure::default());
        assert!(!draft.content.disclosure.on && !draft.content.ai_generated);
        assert_eq!((draft.state, draft.due_at, draft.consent_id), (PostState::Draft, None, None));

        // Not even for an account that has a single audience to offer, nor after a post with other choices.
        stage.scheduled(&actor, signed_in.connection_id).await;
        let private = stage.add_account(&actor, OLEG).await;
        for connection in [signed_in.connection_id, private] {
            assert_eq!(stage.draft(&actor, connection).await.content, PostContent::default());
        }
    })
    .await;
}

#[tokio::test]
async fn ux_22_nothing_reaches_tiktok_while_composing() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().clear_journal();
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.app.save_draft(&actor, draft.id, draft.revision, &everyone()).await.unwrap();
        stage.app.compose(&actor, draft.group_id, None, None).await.unwrap();
        let routes: Vec<Route> = stage.tiktok().journal().iter().map(|it| it.route).collect();
        assert_eq!(routes, [Route::CreatorInfo], "the page asks who may post, and nothing else happens");
        assert!(stage.tiktok().tasks().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_composition_for_two_accounts_shares_the_caption_and_no_choice() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let private = stage.add_account(&actor, OLEG).await;
        let first = stage.draft(&actor, signed_in.connection_id).await;
        let mut typed = everyone();
        typed.content.allow_comment = true;
        stage.app.save_draft(&actor, first.id, first.revision, &typed).await.unwrap();

        let second = stage.app.add_account(&actor, first.group_id, private).await.unwrap();
        let second = stage.app.post(&actor, second).await.unwrap();
        let only_caption = PostContent { caption: typed.content.caption.clone(), ..PostContent::default() };
        assert_eq!(second.content, only_caption);
        assert_eq!(second.media_id, first.media_id);

        let again = stage.app.add_account(&actor, first.group_id, private).await.unwrap_err();
        assert!(matches!(again, Error::Conflict { code: "account-already-added" }));
        let view = stage.app.compose(&actor, first.group_id, Some(private), None).await.unwrap();
        assert_eq!(view.tabs.len(), 2);
        assert_eq!(view.current.post.id, second.id);
        assert!(view.other_connections.is_empty());
    })
    .await;
}

#[tokio::test]
async fn drafts_are_created_for_all_accounts_or_none() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let (_, foreign) = stage.sign_in(OLEG).await;
        let media = stage.upload(&mila).await;
        let refused = stage.app.create_drafts(&mila, media, &[own.connection_id, foreign.connection_id]).await;
        assert!(matches!(refused, Err(Error::NotFound { what: "connection" })));
        let refused = stage.app.create_drafts(&mila, media, &[]).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "no-account-chosen" })));
        assert!(stage.app.queue(&mila, START).await.unwrap().drafts.is_empty(), "nothing was left half made");

        let twice = stage.app.create_drafts(&mila, media, &[own.connection_id, own.connection_id]).await.unwrap();
        stage.only_post(&mila, twice).await;
    })
    .await;
}

#[tokio::test]
async fn files_chosen_together_become_a_post_each_and_lead_from_one_to_the_next() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let accounts = [own.connection_id];
        let (one, two) = (stage.upload(&mila).await, stage.upload(&mila).await);
        let alone = stage.draft(&mila, own.connection_id).await;
        stage.pass(5);
        let begun = stage.app.create_drafts_each(&mila, &[vec![one], vec![two]], &accounts, None).await.unwrap();
        let batch = stage.app.batch(&mila, begun[0]).await.unwrap();
        let mut groups: Vec<_> = batch.iter().map(|begun| begun.group).collect();
        assert_eq!(stage.app.batch(&mila, begun[1]).await.unwrap().len(), 2, "both see the same");
        assert_eq!(stage.app.compose(&mila, begun[0], None, None).await.unwrap().batch.len(), 2);
        assert_eq!(
            stage.app.batch(&mila, alone.group_id).await.unwrap().len(),
            1,
            "what was begun before is none of it"
        );
        for group in &begun {
            assert_eq!(stage.only_post(&mila, *group).await.content, PostContent::default(), "nothing is chosen");
        }
        let first = stage.only_post(&mila, groups[0]).await;
        assert_eq!(stage.app.next_draft(&mila, groups[0]).await.unwrap(), Some((groups[0], own.connection_id)));
        stage.app.delete_draft(&mila, first.id).await.unwrap();
        assert_eq!(stage.app.next_draft(&mila, groups[1]).await.unwrap(), Some((groups[1], own.connection_id)));
        groups.sort();
        let mut asked = begun.clone();
        asked.sort();
        assert_eq!(groups, asked);

        // An account that is added later belongs to it like those of the beginning.
        let another = stage.add_account(&mila, OLEG).await;
        stage.pass(5);
        stage.app.add_account(&mila, groups[1], another).await.unwrap();
        let batch = stage.app.batch(&mila, groups[1]).await.unwrap();
        let accounts_of =
            |begun: &app::posts::Begun| begun.posts.iter().map(|(_, account, _)| *account).collect::<Vec<_>>();
        assert_eq!(batch.iter().map(accounts_of).collect::<Vec<_>>(), [vec![own.connection_id, another]]);

        let refused = stage.app.create_drafts_each(&mila, &[vec![one], vec![]], &accounts, None).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "no-file-chosen" })));
        let refused = stage.app.create_drafts_each(&mila, &vec![vec![one]; 51], &accounts, None).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-begun" })));
        assert_eq!(stage.app.queue(&mila, START).await.unwrap().drafts.len(), 3, "nothing was left half made");
    })
    .await;
}

#[tokio::test]
async fn what_a_draft_was_like_before_is_kept_and_comes_back() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let mut draft = stage.draft(&mila, own.connection_id).await;
        let typed = |caption: &str| DraftInput {
            content: PostContent { caption: caption.to_owned(), ..PostContent::default() },
            ..everyone()
        };
        let id = draft.id;
        let captions = async || -> Vec<String> {
            let states = stage.app.draft_states(&mila, id).await.unwrap();
            states.into_iter().map(|state| state.content.caption).collect()
        };
        // Typing: what comes seconds after a kept state is not kept as well; what takes away a sentence is.
        for caption in ["Milk", "Milk and", "Milk and a long sentence about honey"] {
            draft = stage.app.save_draft(&mila, draft.id, draft.revision, &typed(caption)).await.unwrap();
            stage.pass(5_000);
        }
        assert_eq!(captions().await, ["Milk"]);
        draft = stage.app.save_draft(&mila, draft.id, draft.revision, &typed("Oops")).await.unwrap();
        assert_eq!(captions().await, ["Milk and a long sentence about honey", "Milk"]);

        // Back, with what stood in the form at that moment kept as well; and forward again.
        let wanted = stage.app.draft_states(&mila, draft.id).await.unwrap().remove(0);
        let restored =
            stage.app.restore_draft(&mila, draft.id, draft.revision, wanted.id, &typed("Oops, again")).await.unwrap();
        let (restored, kept) = (restored.post, restored.kept);
        assert_eq!(restored.content.caption, "Milk and a long sentence about honey");
        assert_eq!(restored.content.privacy, None, "nothing is chosen that was not chosen then");
        let newest = stage.app.draft_states(&mila, draft.id).await.unwrap().remove(0);
        assert_eq!((newest.content.caption.as_str(), Some(newest.id)), ("Oops, again", kept));
        let stale = stage.app.restore_draft(&mila, draft.id, draft.revision, newest.id, &typed("x")).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        let same = DraftInput { content: restored.content.clone(), ..everyone() };
        draft = stage.app.restore_draft(&mila, draft.id, restored.revision, newest.id, &same).await.unwrap().post;
        assert_eq!(draft.content.caption, "Oops, again");

        // Never more than twenty, and none longer than thirty days.
        for n in 0..30 {
            stage.pass(61_000);
            draft = stage.app.save_draft(&mila, draft.id, draft.revision, &typed(&format!("Take {n}"))).await.unwrap();
        }
        let kept = captions().await;
        assert_eq!((kept.len(), kept[0].as_str()), (20, "Take 28"));
        stage.pass(29 * 86_400_000);
        stage.app.purge_served().await.unwrap();
        assert_eq!(captions().await.len(), 20);
        stage.pass(2 * 86_400_000);
        stage.app.purge_served().await.unwrap();
        assert_eq!(captions().await.len(), 0);
        assert_eq!(stage.app.post(&mila, draft.id).await.unwrap().content.caption, "Take 29", "the draft itself stays");
        stage.app.delete_draft(&mila, draft.id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn going_back_keeps_a_time_that_alone_was_changed_and_names_what_it_kept() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let draft = stage.draft(&mila, own.connection_id).await;
        let at =
            |local: &str| DraftInput { local_time: Some(local.parse().unwrap()), time_zone: berlin(), ..everyone() };
        let first = stage.app.save_draft(&mila, draft.id, draft.revision, &at("2026-12-24T18:30")).await.unwrap();
        stage.pass(61_000);
        let second = stage.app.save_draft(&mila, draft.id, first.revision, &at("2026-12-25T09:00")).await.unwrap();
        stage.pass(1_000);
        // The form says yet another time, which was never saved, and the same words.
        let wanted = stage.app.draft_states(&mila, draft.id).await.unwrap().remove(0);
        let back = stage
            .app
            .restore_draft(&mila, draft.id, second.revision, wanted.id, &at("2026-12-31T23:00"))
            .await
            .unwrap();
        assert_eq!(back.post.local_time.as_deref(), Some("2026-12-24T18:30"));
        // What was kept is named: whatever else is kept after it, that one leads forward.
        let kept = back.kept.unwrap();
        stage.pass(61_000);
        let later = DraftInput {
            content: PostContent { caption: "Typed on".to_owned(), ..PostContent::default() },
            ..at("2026-12-24T18:30")
        };
        let later = stage.app.save_draft(&mila, draft.id, back.post.revision, &later).await.unwrap();
        assert_ne!(stage.app.draft_states(&mila, draft.id).await.unwrap()[0].id, kept);
        let same = DraftInput { content: later.content.clone(), ..at("2026-12-24T18:30") };
        let forward = stage.app.restore_draft(&mila, draft.id, later.revision, kept, &same).await.unwrap();
        assert_eq!(forward.post.local_time.as_deref(), Some("2026-12-31T23:00"));
        // Going to where one stands keeps nothing.
        let here = at("2026-12-31T23:00");
        let again = stage.app.restore_draft(&mila, draft.id, forward.post.revision, kept, &here).await.unwrap();
        assert_eq!(again.kept, None);
    })
    .await;
}

#[tokio::test]
async fn a_composition_has_at_most_twenty_accounts() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let one = stage.app.connection(&actor, signed_in.connection_id).await.unwrap();
        let mut many = vec![one.id];
        let mut tx = stage.store().begin().await.unwrap();
        for n in 1..=20_u128 {
            let id = ConnectionId::from_uuid(Uuid::from_u128(n));
            let another =
                Connection { id, open_id: format!("open-{n}"), scopes: Scopes::parse("video.publish"), ..one.clone() };
            tx.connection_upsert(&another).await.unwrap();
            many.push(id);
        }
        tx.commit().await.unwrap();
        let media = stage.upload(&actor).await;
        let refused = stage.app.create_drafts(&actor, media, &many).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-accounts" })), "{refused:?}");
        assert!(stage.app.queue(&actor, START).await.unwrap().drafts.is_empty());
        let group = stage.app.create_drafts(&actor, media, &many[..20]).await.unwrap();
        let refused = stage.app.add_account(&actor, group, many[20]).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-accounts" })));
    })
    .await;
}

#[tokio::test]
async fn a_draft_keeps_what_was_typed_and_drops_what_is_hidden() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let mut typed = everyone();
        typed.content.caption = "Слой за слоем 🍰\r\n#медовик".to_owned();
        typed.content.disclosure = Disclosure { on: false, your_brand: true, branded_content: true };
        typed.content.cover_ms = Some(1_500);
        typed.local_time = Some("2026-12-24T18:30".parse().unwrap());
        typed.time_zone = berlin();
        let saved = stage.app.save_draft(&actor, draft.id, draft.revision, &typed).await.unwrap();
        assert_eq!(saved.content.caption, "Слой за слоем 🍰\n#медовик");
        assert_eq!(saved.content.disclosure, Disclosure::default(), "hidden boxes do not speak");
        assert_eq!(saved.content.cover_ms, Some(1_500));
        assert_eq!(saved.local_time.as_deref(), Some("2026-12-24T18:30"));
        assert_eq!(saved.time_zone.as_deref(), Some("Europe/Berlin"));
        assert_eq!(saved.due_at, None, "a draft has no time until it is consented to");
        assert_eq!(saved.revision, draft.revision + 1);
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap(), saved);
    })
    .await;
}

#[tokio::test]
async fn a_draft_may_be_too_long_to_send_but_not_endless() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let mut typed = everyone();
        typed.content.caption = "я".repeat(2_201);
        let saved = stage.app.save_draft(&actor, draft.id, draft.revision, &typed).await.unwrap();
        let refused = stage.app.submit(&actor, draft.id, &submit(&saved, typed.clone(), When::Now)).await.unwrap_err();
        let Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [Problem::CaptionTooLong { used_utf16: 2_201, max_utf16: 2_200 }]);
        typed.content.caption = "🍰".repeat(5_001);
        let refused = stage.app.save_draft(&actor, draft.id, saved.revision, &typed).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "caption-endless" })));
    })
    .await;
}

#[tokio::test]
async fn of_two_tabs_the_slower_one_is_told() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.app.save_draft(&actor, draft.id, draft.revision, &everyone()).await.unwrap();

        let stale = stage.app.save_draft(&actor, draft.id, draft.revision, &everyone()).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        let stale = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap().state, PostState::Draft);
    })
    .await;
}

#[tokio::test]
async fn of_many_tabs_at_once_exactly_one_wins() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        // Asked before, so that all tabs arrive at the database together.
        stage.app.creator_standing(&actor, signed_in.connection_id).await.unwrap();
        let tabs = (0..8).map(|n| {
            let (stage, actor, draft) = (&stage, &actor, &draft);
            async move {
                if n % 2 == 0 {
                    stage.app.save_draft(actor, draft.id, draft.revision, &everyone()).await
                } else {
                    stage.app.submit(actor, draft.id, &submit(draft, everyone(), at("2026-11-24T10:00"))).await
                }
            }
        });
        let outcomes = futures::future::join_all(tabs).await;
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);
        for outcome in outcomes {
            if let Err(error) = outcome {
                assert!(matches!(error, Error::Conflict { code: "post-changed-meanwhile" }), "{error:?}");
            }
        }
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap().revision, draft.revision + 1);
    })
    .await;
}

#[tokio::test]
async fn only_drafts_are_deleted() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.app.delete_draft(&actor, draft.id).await.unwrap();
        assert!(matches!(stage.app.post(&actor, draft.id).await, Err(Error::NotFound { what: "post" })));
        stage.app.media_delete(&actor, draft.media_id).await.unwrap();

        let scheduled = stage.scheduled(&actor, signed_in.connection_id).await;
        let refused = stage.app.delete_draft(&actor, scheduled.id).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "only-drafts-are-deleted" })));
        stage.app.post(&actor, scheduled.id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn drafts_are_limited() {
    everywhere_with(
        |it| it.settings.waiting_posts_max = 2,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            let media = stage.upload(&actor).await;
            for _ in 0..2 {
                stage.app.create_drafts(&actor, media, &[signed_in.connection_id]).await.unwrap();
            }
            let refused = stage.app.create_drafts(&actor, media, &[signed_in.connection_id]).await;
            assert!(matches!(refused, Err(Error::Limit { code: "too-many-waiting-posts" })));
        },
    )
    .await;
}

#[tokio::test]
async fn a_refused_form_is_judged_as_typed_and_not_saved() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let mut typed = everyone();
        typed.content.disclosure.on = true;
        typed.local_time = Some("2026-12-24T18:30".parse().unwrap());
        let view = stage.app.compose(&actor, draft.group_id, None, Some(&typed)).await.unwrap();
        assert_eq!(view.current.post.content, typed.content);
        assert_eq!(view.current.post.local_time.as_deref(), Some("2026-12-24T18:30"));
        assert_eq!(view.choices.submit_disabled_because, Some(Problem::DisclosureEmpty));
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap(), draft);
    })
    .await;
}

#[tokio::test]
async fn ux_1_creator_info_is_at_most_a_minute_old() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let asked = || stage.requests(Route::CreatorInfo).len();
        let open = async || stage.app.compose(&actor, draft.group_id, None, None).await.unwrap();
        let before = asked();
        open().await;
        assert_eq!(asked() - before, 1, "what the sign-in learnt is not fresh enough");
        stage.pass(MINUTE_MS - 1);
        let view = open().await;
        assert_eq!(asked() - before, 1);
        let Ok(CreatorStanding::CanPost(creator)) = view.standing else { panic!("{:?}", view.standing) };
        assert!(!creator.comment_disabled);

        stage.tiktok().set_user(MILA, |user| user.comment_disabled = true).unwrap();
        stage.pass(1);
        let view = open().await;
        assert_eq!(asked() - before, 2);
        let Ok(CreatorStanding::CanPost(creator)) = view.standing else { panic!("{:?}", view.standing) };
        assert!(creator.comment_disabled);
        assert!(view.choices.comment.turned_off);
    })
    .await;
}

#[tokio::test]
async fn ux_2_the_name_of_the_account_follows_tiktok() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().set_user(MILA, |user| user.nickname = "Mila bakes".to_owned()).unwrap();
        stage.app.creator_standing(&actor, signed_in.connection_id).await.unwrap();
        let connection = stage.app.connection(&actor, signed_in.connection_id).await.unwrap();
        assert_eq!(connection.display_name, "Mila bakes");
    })
    .await;
}

#[tokio::test]
async fn ux_3_a_creator_who_cannot_post_now_is_told_why() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        for (username, code) in [("moloko.banned", "creator-banned"), ("moloko.capped", "creator-too-many-posts")] {
            let connection = stage.add_account(&actor, username).await;
            let draft = stage.draft(&actor, connection).await;
            let view = stage.app.compose(&actor, draft.group_id, None, None).await.unwrap();
            assert_eq!(view.choices.submit_disabled_because.unwrap().code(), code);
            match stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await.unwrap_err() {
                Error::Invalid(problems) => assert!(problems.iter().any(|it| it.code() == code), "{problems:?}"),
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn ux_4_a_video_longer_than_the_creator_may_post_is_refused_with_both_figures() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let careful = stage.add_account(&actor, CAREFUL).await;
        let media = stage.upload_seconds(&actor, 61).await;
        let group = stage.app.create_drafts(&actor, media, &[careful]).await.unwrap();
        let draft = stage.only_post(&actor, group).await;
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await.unwrap_err();
        let Error::Invalid(problems) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [Problem::VideoTooLong { duration_ms: 61_000, max_s: 60 }]);
    })
    .await;
}

#[tokio::test]
async fn the_page_opens_when_tiktok_does_not_answer_but_nothing_can_be_submitted() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.tiktok().fault(FaultRule::always(Route::CreatorInfo, FaultAction::DropBefore));
        let view = stage.app.compose(&actor, draft.group_id, None, None).await.unwrap();
        assert!(matches!(view.standing, Err(Error::TikTok(_))));
        assert_eq!(view.choices.submit_disabled_because, Some(Problem::CreatorUnknown));
        assert!(view.choices.privacy.is_empty(), "UX-6: only what TikTok offers");
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await;
        assert!(matches!(refused, Err(Error::TikTok(_))), "{refused:?}");

        // An inbox draft needs none of it.
        let mut inbox = everyone();
        inbox.delivery = Delivery::Inbox;
        stage.app.submit(&actor, draft.id, &submit(&draft, inbox, When::Now)).await.unwrap();
    })
    .await;
}
