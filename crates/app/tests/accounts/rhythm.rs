//! The week of an account: gaps that are kept, slots that are free, several posts that get other times together, and a rest.

use app::posts::{Arranged, How};
use app::{Actor, Error};
use domain::id::{ConnectionId, PostId};
use domain::post::{Delivery, PostState};
use domain::rules::Problem;
use domain::time::UnixMillis;
use domain::timetable::Cap;

use crate::support::*;

fn utc(text: &str) -> UnixMillis {
    UnixMillis::from_utc(&format!("{text}:00.000Z")).unwrap()
}

async fn rhythm(stage: &Stage, actor: &Actor, account: ConnectionId, week: &str, gap: u32) {
    let seen = stage.app.rhythm(actor, account).await.unwrap().updated_at;
    stage.app.rhythm_set(actor, account, seen, week.parse().unwrap(), gap).await.unwrap();
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Problem> {
    let Err(Error::Invalid(problems)) = result else { panic!("{result:?}") };
    problems
}

/// Where these posts stand now.
async fn times(stage: &Stage, actor: &Actor, ids: &[PostId]) -> Vec<Option<UnixMillis>> {
    let mut all = Vec::new();
    for id in ids {
        all.push(stage.app.post(actor, *id).await.unwrap().due_at);
    }
    all
}

#[tokio::test]
async fn a_time_closer_than_the_gap_is_refused_and_names_the_other_post() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let noon = stage.scheduled_at(&mila, account, "2026-11-25T12:00").await;
        rhythm(&stage, &mila, account, "", 30).await;
        let draft = stage.draft(&mila, account).await;
        let near = stage.app.submit(&mila, draft.id, &submit(&draft, everyone(), at("2026-11-25T12:29"))).await;
        let told = Problem::GapTooSmall { minutes: 30, other_at: utc("2026-11-25T12:00") };
        assert_eq!(refused(near), [told]);
        let far = stage.app.submit(&mila, draft.id, &submit(&draft, everyone(), at("2026-11-25T12:30"))).await.unwrap();
        // A post does not stand in its own way, and a move keeps the gap, too.
        let agreed = domain::consent::Declaration::for_disclosure(noon.content.disclosure);
        let move_to = async |id, revision, to| stage.app.reschedule(&mila, id, revision, &at(to), agreed).await;
        let moved = move_to(noon.id, noon.revision, "2026-11-25T11:45").await.unwrap();
        assert_eq!(
            refused(move_to(far.id, far.revision, "2026-11-25T12:00").await),
            [Problem::GapTooSmall { minutes: 30, other_at: moved.due_at.unwrap() }]
        );
        let seen = stage.app.rhythm(&mila, account).await.unwrap().updated_at;
        let large = stage.app.rhythm_set(&mila, account, seen, "".parse().unwrap(), 1_441).await;
        assert!(matches!(large, Err(Error::BadInput { code: "gap-too-large" })));
    })
    .await;
}

#[tokio::test]
async fn the_next_free_slots_leave_out_what_is_taken_and_too_close() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let mila = Actor { time_zone: "Europe/Berlin".to_owned(), ..mila };
        assert_eq!(stage.app.free_slots(&mila, account, Delivery::Direct, &[], 3).await.unwrap(), []);
        // The stage begins on Tuesday 2026-11-24 at 9:00 UTC, ten o'clock in Berlin.
        rhythm(&stage, &mila, account, "2-10:00 2-12:00 2-13:00 3-12:00 7-02:30", 60).await;
        let taken = stage.scheduled_at(&mila, account, "2026-11-24T11:30").await;
        let free = stage.app.free_slots(&mila, account, Delivery::Direct, &[], 3).await.unwrap();
        assert_eq!(free, [utc("2026-11-25T11:00"), utc("2026-11-29T01:30"), utc("2026-12-01T09:00")]);
        let without = stage.app.free_slots(&mila, account, Delivery::Direct, &[taken.id], 2).await.unwrap();
        assert_eq!(without, [utc("2026-11-24T11:00"), utc("2026-11-24T12:00")]);
    })
    .await;
}

#[tokio::test]
async fn several_posts_move_into_the_next_free_slots_together_and_back_again() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let mila = Actor { time_zone: "Etc/UTC".to_owned(), ..mila };
        rhythm(&stage, &mila, account, "4-10:00 5-10:00 6-10:00", 0).await;
        let mut ids = Vec::new();
        for time in ["2026-11-25T12:00", "2026-11-25T13:00", "2026-11-25T14:00"] {
            ids.push(stage.scheduled_at(&mila, account, time).await.id);
        }
        let before = times(&stage, &mila, &ids).await;
        let proposal = stage.app.propose(&mila, &ids, How::Slots).await.unwrap();
        assert!(proposal.is_possible());
        assert_eq!(times(&stage, &mila, &ids).await, before, "a proposal changes nothing");
        let Arranged::Done { back, rows } = stage.app.arrange(&mila, &proposal.moves()).await.unwrap() else {
            panic!()
        };
        assert_eq!(rows.len(), 3);
        let slots = ["2026-11-26T10:00", "2026-11-27T10:00", "2026-11-28T10:00"].map(|text| Some(utc(text)));
        assert_eq!(times(&stage, &mila, &ids).await, slots);
        for id in &ids {
            let post = stage.app.post(&mila, *id).await.unwrap();
            let consent = stage.store().consent(post.consent_id.unwrap()).await.unwrap().unwrap();
            assert_eq!(Some(consent.subject.due_at), post.due_at, "each new time is a new consent");
        }
        // The page that still shows the old revisions moves nothing.
        let late = stage.app.arrange(&mila, &proposal.moves()).await;
        assert!(matches!(late, Err(Error::Conflict { code: "post-changed-meanwhile" })));
        let (there, way) = stage.app.arrangement(&mila, &back).await.unwrap();
        assert_eq!((there.len(), &way), (rows.len(), &back), "the page can be opened again");
        assert!(matches!(stage.app.arrange(&mila, &back).await.unwrap(), Arranged::Done { .. }));
        let (there, way) = stage.app.arrangement(&mila, &back).await.unwrap();
        assert_eq!((there.len(), way.len()), (rows.len(), 0), "once: it is for the state that was left");
        assert_eq!(times(&stage, &mila, &ids).await, before);
    })
    .await;
}

#[tokio::test]
async fn an_arrangement_warns_of_tiktoks_cap_counted_with_all_posts_moved() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let mut ids = Vec::new();
        for day in 1..=17 {
            ids.push(stage.scheduled_at(&mila, account, &format!("2026-12-{day:02}T12:00")).await.id);
        }
        // Sixteen into one day: the last one is more than TikTok usually takes. The seventeenth stays far away.
        let (moved, _) = ids.split_at(16);
        let narrow = How::Spread { from: utc("2026-11-25T08:00"), until: utc("2026-11-25T23:00") };
        let proposal = stage.app.propose(&mila, moved, narrow).await.unwrap();
        assert!(proposal.is_possible(), "it is a warning");
        let told: Vec<_> = proposal.lines.iter().filter_map(|line| line.cap).collect();
        assert_eq!(told, [Cap::DirectPosts { number: 16, typical: 15 }]);
        assert_eq!(proposal.lines.last().unwrap().cap, Some(told[0]));
        // On the day of a post that stays, that one counts as well; where they stood before they count no more.
        let beside = How::Spread { from: utc("2026-12-16T13:00"), until: utc("2026-12-17T12:30") };
        let (fifteen, _) = ids.split_at(15);
        let proposal = stage.app.propose(&mila, fifteen, beside).await.unwrap();
        let told: Vec<_> = proposal.lines.iter().filter_map(|line| line.cap).collect();
        assert_eq!(told, [Cap::DirectPosts { number: 16, typical: 15 }]);
        let wide = How::Spread { from: utc("2026-11-25T08:00"), until: utc("2026-11-30T08:00") };
        let proposal = stage.app.propose(&mila, moved, wide).await.unwrap();
        assert!(proposal.lines.iter().all(|line| line.cap.is_none()));
    })
    .await;
}

#[tokio::test]
async fn an_arrangement_that_one_post_refuses_changes_none() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let mut ids = Vec::new();
        for time in ["2026-11-25T12:00", "2026-11-25T14:00", "2026-11-25T16:00"] {
            ids.push(stage.scheduled_at(&mila, account, time).await.id);
        }
        let before = times(&stage, &mila, &ids).await;
        rhythm(&stage, &mila, account, "", 60).await;
        let tight = How::Spread { from: utc("2026-11-26T10:00"), until: utc("2026-11-26T11:00") };
        let proposal = stage.app.propose(&mila, &ids, tight).await.unwrap();
        assert!(!proposal.is_possible());
        assert!(proposal.lines.iter().all(|line| matches!(line.problems.as_slice(), [Problem::GapTooSmall { .. }])));
        let Arranged::Refused(told) = stage.app.arrange(&mila, &proposal.moves()).await.unwrap() else { panic!() };
        assert_eq!(told.lines.len(), 3);
        assert_eq!(times(&stage, &mila, &ids).await, before);
        let over = How::Spread { from: utc("2026-11-24T08:00"), until: utc("2026-11-26T11:00") };
        let proposal = stage.app.propose(&mila, &ids, over).await.unwrap();
        assert!(matches!(proposal.lines[0].problems.as_slice(), [Problem::TimeInPast { .. }]));
        assert!(proposal.lines[1].problems.is_empty());
        let wide = How::Spread { from: utc("2026-11-26T10:00"), until: utc("2026-11-26T12:00") };
        let proposal = stage.app.propose(&mila, &ids, wide).await.unwrap();
        assert!(matches!(stage.app.arrange(&mila, &proposal.moves()).await.unwrap(), Arranged::Done { .. }));
        let spread = ["2026-11-26T10:00", "2026-11-26T11:00", "2026-11-26T12:00"].map(|text| Some(utc(text)));
        assert_eq!(times(&stage, &mila, &ids).await, spread);
        let turned = How::Spread { from: utc("2026-11-26T10:00"), until: utc("2026-11-26T10:00") };
        let refused = stage.app.propose(&mila, &ids, turned).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "spread-ends-before-it-begins" })));
    })
    .await;
}

#[tokio::test]
async fn a_shuffle_keeps_the_times_of_each_account_and_changes_who_has_them() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let mut ids = Vec::new();
        for hour in 10..14 {
            ids.push(stage.scheduled_at(&mila, account, &format!("2026-11-26T{hour}:00")).await.id);
        }
        rhythm(&stage, &mila, account, "", 60).await;
        let before = times(&stage, &mila, &ids).await;
        let proposal = stage.app.propose(&mila, &ids, How::Shuffle).await.unwrap();
        assert!(proposal.is_possible(), "posts that change places do not stand in each other's way");
        assert!(matches!(stage.app.arrange(&mila, &proposal.moves()).await.unwrap(), Arranged::Done { .. }));
        let mut after = times(&stage, &mila, &ids).await;
        assert_ne!(after, before);
        after.sort();
        assert_eq!(after, before);
        stage.app.cancel(&mila, ids[0]).await.unwrap();
        let gone = stage.app.propose(&mila, &ids, How::Shuffle).await;
        assert!(matches!(gone, Err(Error::Conflict { code: "only-waiting-posts-are-arranged" })));
        assert!(matches!(stage.app.propose(&mila, &[], How::Slots).await, Err(Error::BadInput { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_rest_is_told_ends_once_and_stands_in_the_audit_log() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let post = stage.scheduled_at(&mila, account, "2026-11-25T12:00").await;
        stage.app.pause(&mila, account).await.unwrap();
        assert!(matches!(stage.app.pause(&mila, account).await, Err(Error::Conflict { code: "paused-already" })));
        assert_eq!(stage.app.rhythm(&mila, account).await.unwrap().paused_at, Some(stage.app.now()));
        rhythm(&stage, &mila, account, "1-09:00", 15).await;
        assert!(stage.app.rhythm(&mila, account).await.unwrap().paused_at.is_some(), "other slots end no rest");
        assert_eq!(stage.app.post(&mila, post.id).await.unwrap().state, PostState::Scheduled);
        let waiting = stage.app.waiting(&mila, account).await.unwrap();
        assert_eq!((waiting.now.len(), waiting.asked.len(), waiting.later), (0, 0, 1));
        stage.app.resume(&mila, account).await.unwrap();
        assert!(matches!(stage.app.resume(&mila, account).await, Err(Error::Conflict { code: "not-paused" })));
        let told: Vec<String> =
            stage.store().audit_latest(2).await.unwrap().into_iter().map(|entry| entry.action).collect();
        assert_eq!(told, ["connection.resume", "connection.pause"]);
    })
    .await;
}

#[tokio::test]
async fn a_week_that_somebody_else_changed_meanwhile_is_not_written_over() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        let set = async |seen, week: &str| stage.app.rhythm_set(&mila, account, seen, week.parse().unwrap(), 0).await;
        let first = stage.app.rhythm(&mila, account).await.unwrap().updated_at;
        stage.app.pause(&mila, account).await.unwrap();
        set(first, "1-09:00").await.unwrap();
        let late = set(first, "2-09:00").await;
        assert!(matches!(late, Err(Error::Conflict { code: "rhythm-changed-meanwhile" })), "{late:?}");
        let kept = stage.app.rhythm(&mila, account).await.unwrap();
        assert_eq!(kept.week.to_string(), "1-09:00");
        set(kept.updated_at, "2-09:00").await.unwrap();
    })
    .await;
}
