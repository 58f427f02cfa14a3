//! Many drafts at once: the grid, times, the review, and consents that go the way of single ones.

use app::Error;
use app::posts::{Agreement, Behind, ClockSays, DraftInput, GRID_ROWS, Times};
use domain::consent::Declaration;
use domain::creator::PrivacyLevel;
use domain::id::PostId;
use domain::post::{Disclosure, PostContent, PostState};
use domain::rules::Problem;
use domain::time::UnixMillis;
use store::Post;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::support::*;

fn chosen(caption: &str, local: &str) -> DraftInput {
    let mut input = everyone();
    input.content.caption = caption.to_owned();
    input.local_time = Some(local.parse().unwrap());
    input.time_zone = berlin();
    input
}

async fn filled(
    stage: &Stage,
    actor: &app::Actor,
    account: domain::id::ConnectionId,
    caption: &str,
    local: &str,
) -> Post {
    let draft = stage.draft(actor, account).await;
    stage.app.save_draft(actor, draft.id, draft.revision, &chosen(caption, local)).await.unwrap()
}

/// What a review shows of a post as it is now, with our word that it did; a word that is none where the review holds it back.
async fn agreement(stage: &Stage, actor: &app::Actor, post: &Post) -> Agreement {
    let review = stage.app.bulk_review(actor, &[post.id]).await.unwrap().posts.remove(0);
    let at = ClockSays::of(post).at().unwrap();
    let mark = review.marks.into_iter().find(|(shown, _)| *shown == at).map(|(_, mark)| mark).unwrap_or_default();
    let declaration = Declaration::for_disclosure(post.content.disclosure);
    Agreement { id: post.id, revision: post.revision, at, declaration, mark }
}

#[tokio::test]
async fn the_grid_has_all_drafts_in_pages_with_what_each_creator_may_choose() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let private = stage.add_account(&mila, OLEG).await;
        let media = stage.upload(&mila).await;
        let (first, many) = (stage.draft(&mila, own.connection_id).await, vec![vec![media]; GRID_ROWS]);
        stage.pass(5);
        stage.app.create_drafts_each(&mila, &many, &[private], None).await.unwrap();
        stage.scheduled(&mila, own.connection_id).await;
        stage.pass(MINUTE_MS);
        stage.tiktok().clear_journal();

        let last = stage.app.bulk_grid(&mila, None).await.unwrap();
        assert_eq!((last.page, last.pages, last.drafts, last.rows.len()), (2, 2, 51, 1), "a planned post is no row");
        let page = stage.app.bulk_grid(&mila, Some(1)).await.unwrap();
        assert_eq!((page.rows.len(), page.rows[0].post.id), (50, first.id));
        let routes: Vec<Route> = stage.tiktok().journal().iter().map(|it| it.route).collect();
        assert_eq!(routes, [Route::CreatorInfo; 2], "each account is asked once, and nothing else happens");
        for row in &page.rows {
            assert_eq!(row.post.content, PostContent::default(), "nothing is chosen for anybody");
            assert!(row.problems.contains(&Problem::PrivacyMissing));
            assert_eq!(row.clock, ClockSays::NoTime);
            let levels: Vec<PrivacyLevel> = row.choices.privacy.iter().map(|choice| choice.level).collect();
            let is_public = levels.contains(&PrivacyLevel::PublicToEveryone);
            assert_eq!(is_public, row.connection.id == own.connection_id, "each row has its own creator's audiences");
        }
    })
    .await;
}

#[tokio::test]
async fn rows_get_free_slots_that_no_other_draft_has_or_are_spread_and_nothing_is_planned() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let rhythm = stage.app.rhythm(&mila, own.connection_id).await.unwrap();
        let week = "1-09:00 2-09:00 3-09:00 4-09:00".parse().unwrap();
        stage.app.rhythm_set(&mila, own.connection_id, rhythm.updated_at, week, 0).await.unwrap();
        let mut drafts = Vec::new();
        for _ in 0..4 {
            drafts.push(stage.draft(&mila, own.connection_id).await.id);
        }
        let times = async || {
            let mut all = Vec::new();
            for id in &drafts {
                all.push(ClockSays::of(&stage.app.post(&mila, *id).await.unwrap()).at());
            }
            all
        };
        assert_eq!(stage.app.bulk_times(&mila, &drafts[..2], Times::Slots).await.unwrap(), 2);
        assert_eq!(stage.app.bulk_times(&mila, &drafts[2..], Times::Slots).await.unwrap(), 2);
        let slots = times().await;
        let free =
            stage.app.free_slots(&mila, own.connection_id, domain::post::Delivery::Direct, &[], 4).await.unwrap();
        assert_eq!(slots, free.iter().map(|at| Some(*at)).collect::<Vec<_>>());

        let from = START.plus_seconds(3_600);
        let how = Times::Spread { from, until: from.plus_seconds(3 * 3_600) };
        stage.app.bulk_times(&mila, &drafts, how).await.unwrap();
        let hours: Vec<Option<UnixMillis>> = (0..4).map(|n| Some(from.plus_seconds(n * 3_600))).collect();
        assert_eq!(times().await, hours);
        assert!(stage.app.queue(&mila, START).await.unwrap().upcoming.is_empty());

        let planned = stage.scheduled(&mila, own.connection_id).await.id;
        let refused = stage.app.bulk_times(&mila, &[drafts[0], planned], how).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "only-drafts-in-bulk" })));
        let refused = stage.app.bulk_times(&mila, &[], how).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "no-post-chosen" })));
        let refused = stage.app.bulk_times(&mila, &drafts, Times::Spread { from, until: from }).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "spread-ends-before-it-begins" })));
        let many: Vec<PostId> = (0..51).map(|n| PostId::from_uuid(uuid::Uuid::from_u128(n))).collect();
        let refused = stage.app.bulk_times(&mila, &many, Times::Slots).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-posts-chosen" })));
        assert_eq!(stage.app.bulk_delete(&mila, &drafts).await.unwrap(), 4);
        assert!(stage.app.bulk_grid(&mila, None).await.unwrap().rows.is_empty());
    })
    .await;
}

#[tokio::test]
async fn ux_7_another_account_takes_the_texts_and_the_time_and_no_choice() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let private = stage.add_account(&mila, OLEG).await;
        let draft = filled(&stage, &mila, own.connection_id, "Honey", "2026-12-24T18:30").await;
        let moved = stage.app.bulk_account(&mila, draft.id, draft.revision, private).await.unwrap();
        let moved = stage.app.post(&mila, moved).await.unwrap();
        assert_eq!(moved.content, PostContent { caption: "Honey".to_owned(), ..PostContent::default() });
        assert_eq!((moved.connection_id, moved.local_time.as_deref()), (private, Some("2026-12-24T18:30")));
        assert_eq!(
            (moved.group_id, moved.media_id, moved.created_at),
            (draft.group_id, draft.media_id, draft.created_at)
        );
        assert!(matches!(stage.app.post(&mila, draft.id).await, Err(Error::NotFound { .. })), "it is one draft");
        let stale = stage.app.bulk_account(&mila, moved.id, 7, own.connection_id).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        stage.app.add_account(&mila, moved.group_id, own.connection_id).await.unwrap();
        let twice = stage.app.bulk_account(&mila, moved.id, moved.revision, own.connection_id).await;
        assert!(matches!(twice, Err(Error::Conflict { code: "account-already-added" })));
    })
    .await;
}

#[tokio::test]
async fn ux_1_ux_18_each_post_of_a_review_gets_its_own_consent_and_the_rest_stays_behind_with_its_reason() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let account = own.connection_id;
        let one = filled(&stage, &mila, account, "One", "2026-12-24T18:30").await;
        let mut branded = chosen("Two", "2026-12-25T09:00");
        branded.content.disclosure = Disclosure { on: true, your_brand: false, branded_content: true };
        let two = stage.draft(&mila, account).await;
        let two = stage.app.save_draft(&mila, two.id, two.revision, &branded).await.unwrap();
        let timeless = stage.draft(&mila, account).await;
        let skipped = filled(&stage, &mila, account, "Skipped", "2027-03-28T02:30").await;
        let mut no_privacy = chosen("No audience", "2026-12-26T09:00");
        no_privacy.content.privacy = None;
        let unset = stage.draft(&mila, account).await;
        let unset = stage.app.save_draft(&mila, unset.id, unset.revision, &no_privacy).await.unwrap();
        let all = [one.id, two.id, timeless.id, skipped.id, unset.id];

        let reviewed = stage.app.bulk_review(&mila, &all).await.unwrap().posts;
        assert_eq!(reviewed.iter().map(|one| one.row.post.id).collect::<Vec<_>>(), all, "in the order of the grid");
        let reasons: Vec<Option<Behind>> = reviewed.iter().map(|one| one.behind.clone()).collect();
        let missing = Behind::Problems(vec![Problem::PrivacyMissing]);
        assert_eq!(reasons, [None, None, Some(Behind::NoTime), Some(Behind::SkippedTime), Some(missing.clone())]);
        assert!(stage.app.queue(&mila, START).await.unwrap().upcoming.is_empty(), "looking plans nothing");

        let shown = [
            agreement(&stage, &mila, &one).await,
            agreement(&stage, &mila, &two).await,
            agreement(&stage, &mila, &unset).await,
        ];
        // One post was changed in another tab after it was shown.
        let late =
            stage.app.save_draft(&mila, one.id, one.revision, &chosen("One, again", "2026-12-24T18:30")).await.unwrap();
        stage.pass(MINUTE_MS);
        stage.tiktok().clear_journal();
        let settled = stage.app.bulk_consent(&mila, &shown).await.unwrap().settled;
        let came: Vec<Option<Behind>> = settled.into_iter().map(|one| one.behind).collect();
        assert_eq!(
            came,
            [Some(Behind::Changed), None, Some(Behind::Changed)],
            "of what was held back no review says that it was shown"
        );
        let routes: Vec<Route> = stage.tiktok().journal().iter().map(|it| it.route).collect();
        assert_eq!(routes, [Route::CreatorInfo], "TikTok is asked again at the press");
        let planned = stage.app.post(&mila, two.id).await.unwrap();
        assert_eq!(planned.state, PostState::Scheduled);
        let consent = stage.app.post_detail(&mila, two.id).await.unwrap().consent.unwrap();
        assert_eq!((consent.declaration, consent.given_at), (Declaration::BrandedAndMusic, stage.now()));
        assert_eq!(consent.subject.content, branded.content, "exactly what was shown");

        let pressed = [agreement(&stage, &mila, &late).await];
        let settled = stage.app.bulk_consent(&mila, &pressed).await.unwrap().settled;
        assert_eq!(settled[0].behind, None);
        // A press that is repeated changes nothing, and says what is true: the post is planned as it was agreed to.
        let consent = stage.app.post_detail(&mila, late.id).await.unwrap().consent;
        let again = stage.app.bulk_consent(&mila, &pressed).await.unwrap().settled;
        assert_eq!(again[0].behind, None);
        assert_eq!(stage.app.post_detail(&mila, late.id).await.unwrap().consent, consent, "no second consent");
        assert_eq!(stage.app.queue(&mila, START).await.unwrap().upcoming.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_shown_binds_time_and_declaration_and_of_two_times_the_chosen_one() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let twice = filled(&stage, &mila, own.connection_id, "Twice", "2027-10-31T02:30").await;
        let ClockSays::Twice(first, second) = ClockSays::of(&twice) else { panic!("{twice:?}") };
        let shown = agreement(&stage, &mila, &twice).await;
        assert_eq!(shown.at, first);
        let marks = stage.app.bulk_review(&mila, &[twice.id]).await.unwrap().posts.remove(0).marks;
        let other = marks.into_iter().find(|(at, _)| *at == second).unwrap().1;
        for wrong in [
            Agreement { at: first.plus_seconds(60), ..shown.clone() },
            Agreement { at: second, ..shown.clone() },
            Agreement { declaration: Declaration::BrandedAndMusic, ..shown.clone() },
            Agreement { revision: shown.revision + 1, ..shown.clone() },
            Agreement { mark: String::new(), ..shown.clone() },
            Agreement { mark: "A".repeat(43), ..shown.clone() },
        ] {
            let settled = stage.app.bulk_consent(&mila, &[wrong]).await.unwrap().settled;
            assert_eq!(settled[0].behind, Some(Behind::Changed));
        }
        let refused = stage.app.bulk_consent(&mila, &[shown.clone(), shown.clone()]).await;
        assert!(matches!(refused, Err(Error::Limit { .. })), "which of the two would count?");
        let settled =
            stage.app.bulk_consent(&mila, &[Agreement { at: second, mark: other, ..shown }]).await.unwrap().settled;
        assert_eq!(settled[0].row.post.due_at, Some(second));
    })
    .await;
}

#[tokio::test]
async fn posts_of_a_review_that_stand_too_close_to_each_other_are_told_before_and_refused_after() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let rhythm = stage.app.rhythm(&mila, own.connection_id).await.unwrap();
        stage.app.rhythm_set(&mila, own.connection_id, rhythm.updated_at, rhythm.week, 30).await.unwrap();
        let one = filled(&stage, &mila, own.connection_id, "One", "2026-12-24T18:30").await;
        let two = filled(&stage, &mila, own.connection_id, "Two", "2026-12-24T18:45").await;
        let shown = [agreement(&stage, &mila, &one).await, agreement(&stage, &mila, &two).await];
        let reviewed = stage.app.bulk_review(&mila, &[one.id, two.id]).await.unwrap().posts;
        for one in &reviewed {
            assert!(
                matches!(&one.behind, Some(Behind::Problems(all)) if matches!(all[..], [Problem::GapTooSmall { .. }]))
            );
        }
        let settled = stage.app.bulk_consent(&mila, &shown).await.unwrap().settled;
        assert_eq!(settled[0].behind, None);
        assert!(matches!(&settled[1].behind, Some(Behind::Problems(_))), "one holds back no other");

        // More than TikTok takes in a day is told for those that would be too many.
        let rhythm = stage.app.rhythm(&mila, own.connection_id).await.unwrap();
        stage.app.rhythm_set(&mila, own.connection_id, rhythm.updated_at, rhythm.week, 0).await.unwrap();
        let mut many = Vec::new();
        for n in 0..16 {
            many.push(
                filled(&stage, &mila, own.connection_id, "Many", &format!("2027-01-10T{:02}:00", n + 4)).await.id,
            );
        }
        let reviewed = stage.app.bulk_review(&mila, &many).await.unwrap().posts;
        assert!(reviewed[0].cap.is_none() && reviewed[15].cap.is_some());
    })
    .await;
}

#[tokio::test]
async fn what_went_in_another_window_holds_back_no_other_post() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let mut posts = Vec::new();
        for n in 0..4 {
            posts.push(filled(&stage, &mila, own.connection_id, "Stays", &format!("2026-12-24T{}:30", n + 10)).await);
        }
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        stage.app.delete_draft(&mila, ids[0]).await.unwrap();
        let pressed = [agreement(&stage, &mila, &posts[1]).await];
        stage.app.bulk_consent(&mila, &pressed).await.unwrap();
        let review = stage.app.bulk_review(&mila, &ids).await.unwrap();
        let behind: Vec<Option<Behind>> = review.posts.iter().map(|one| one.behind.clone()).collect();
        assert_eq!((review.gone, behind), (1, vec![Some(Behind::Changed), None, None]), "one is gone, one is planned");
        let both = [agreement(&stage, &mila, &posts[2]).await, agreement(&stage, &mila, &posts[3]).await];
        stage.app.delete_draft(&mila, ids[2]).await.unwrap();
        let came = stage.app.bulk_consent(&mila, &both).await.unwrap();
        assert_eq!((came.gone, came.settled.len()), (1, 1));
        assert_eq!(came.settled[0].behind, None);
        stage.app.cancel(&mila, ids[3]).await.unwrap();
        assert!(matches!(stage.app.bulk_review(&mila, &ids[..1]).await, Err(Error::NotFound { .. })), "none is there");
    })
    .await;
}

#[tokio::test]
async fn our_word_is_for_the_person_to_whom_it_was_shown() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let post = filled(&stage, &mila, own.connection_id, "Mine", "2026-12-24T18:30").await;
        let shown = agreement(&stage, &mila, &post).await;
        let (oleg, theirs) = stage.sign_in(OLEG).await;
        let foreign = filled(&stage, &oleg, theirs.connection_id, "Theirs", "2026-12-24T18:30").await;
        let borrowed = Agreement { mark: shown.mark.clone(), ..agreement(&stage, &oleg, &foreign).await };
        let came = stage.app.bulk_consent(&oleg, &[borrowed, shown]).await.unwrap();
        assert_eq!((came.gone, came.settled.len()), (1, 1), "what is somebody else's looks like what is not there");
        assert_eq!(came.settled[0].behind, Some(Behind::Changed));
    })
    .await;
}

#[tokio::test]
async fn fifty_rows_of_an_account_that_are_saved_at_once_ask_tiktok_once() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let media = stage.upload(&mila).await;
        let many = vec![vec![media]; GRID_ROWS];
        stage.app.create_drafts_each(&mila, &many, &[own.connection_id], None).await.unwrap();
        let page = stage.app.bulk_grid(&mila, None).await.unwrap();
        stage.pass(2 * MINUTE_MS);
        stage.tiktok().clear_journal();
        let saved = page.rows.iter().map(|row| stage.app.bulk_row(&mila, row.post.id));
        let saved: Vec<_> = futures::future::join_all(saved).await;
        assert!(saved.iter().all(|row| row.as_ref().is_ok_and(|row| row.standing.is_some())));
        assert_eq!(stage.requests(Route::CreatorInfo).len(), 1);
        // A TikTok that does not answer leaves nobody waiting, and is asked anew by whoever comes later.
        stage.pass(2 * MINUTE_MS);
        stage.tiktok().clear_journal();
        let status = FaultStatus { status: 503, code: None, retry_after_s: None };
        stage
            .tiktok()
            .fault(FaultRule { times: None, ..FaultRule::once(Route::CreatorInfo, FaultAction::Status(status)) });
        let rows = futures::future::join_all(page.rows.iter().map(|row| stage.app.bulk_row(&mila, row.post.id))).await;
        assert!(rows.iter().all(|row| row.as_ref().is_ok_and(|row| row.standing.is_none())));
        let asked = stage.requests(Route::CreatorInfo).len();
        stage.app.bulk_row(&mila, page.rows[0].post.id).await.unwrap();
        assert_eq!(stage.requests(Route::CreatorInfo).len(), asked + 1);
    })
    .await;
}
