//! PP-1.4: numbers are read when they are due and allowed, of posts that were published here and of no others, by any number of processes.

use app::sign_in::{Arrival, Purpose as Walking};
use app::{Actor, App};
use domain::id::{ConnectionId, PostId};
use domain::metrics::WatchState;
use domain::privacy::purposes::{Act, Purpose, Reading};
use serde_json::Value;
use std::time::Duration;
use store::metrics::reading::WatchRow;
use store::{DatabaseUrl, Store};
use tiktok::{ChunkPlan, DirectVideo, PrivacyLevel};
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route, sample_mp4};

use crate::browser::{Answer, Browser};
use crate::support::*;

pub const QUARTER_MS: i64 = 15 * MINUTE_MS;
pub const WITH_NUMBERS: [&str; 4] = ["user.info.basic", "video.publish", "video.upload", "video.list"];
const WITH_BOTH: [&str; 5] = ["user.info.basic", "video.publish", "video.upload", "video.list", "user.info.stats"];

pub async fn allow(stage: &Stage, actor: &Actor, id: ConnectionId, reading: Reading, scopes: &[&'static str]) {
    stage.pass(1);
    let browser = Browser::new();
    let purpose = Walking::Allow(actor, id, reading);
    let back = browser.walk(&stage.app, purpose, &Answer::allow_only(MILA, scopes)).await;
    let arrival = stage.app.finish_sign_in(&back, &browser.secret, Some(actor), &laptop()).await.unwrap();
    assert!(matches!(arrival, Arrival::Connected(signed) if signed.reading == Some((reading, true))));
}

/// A video of that many bytes appears on Mila's profile, public in the end; gives TikTok's id of it.
pub async fn posted(stage: &Stage, size: u64) -> u64 {
    let token = stage.tiktok().issue_grant(KEY, MILA, &WITH_NUMBERS).unwrap().access_token.into();
    let file = bytes::Bytes::from(sample_mp4(720, 1280, 30, 10_000, usize::try_from(size).unwrap()));
    let plan = ChunkPlan::for_size(u64::try_from(file.len()).unwrap()).unwrap();
    let video = DirectVideo {
        title: "Milk".to_owned(),
        privacy_level: PrivacyLevel::PublicToEveryone,
        disable_comment: false,
        disable_duet: true,
        disable_stitch: true,
        video_cover_timestamp_ms: None,
        brand_content_toggle: false,
        brand_organic_toggle: false,
        is_aigc: false,
        plan,
    };
    let tiktok = &stage.app.tiktok;
    tiktok.creator_info(&token).await.unwrap();
    let grant = tiktok.init_video(&token, &video).await.unwrap().value;
    for chunk in plan.chunks() {
        let body = futures::stream::iter([Ok(file.clone())]);
        tiktok.put_chunk(&grant.upload_url, &chunk, "video/mp4", body, Duration::from_secs(60)).await.unwrap();
    }
    stage.pass(5 * MINUTE_MS);
    stage.tiktok().posts().last().unwrap().post_id
}

/// A post of ours that went out as one or several videos.
pub async fn published(stage: &Stage, actor: &Actor, id: ConnectionId, videos: &[u64]) -> PostId {
    let post = stage.draft(actor, id).await.id;
    let ids = serde_json::to_string(&videos.iter().map(u64::to_string).collect::<Vec<_>>()).unwrap();
    let now = stage.now().millis();
    let sql =
        format!("UPDATE post SET state = 'published', published_at = {now}, tiktok_ids = '{ids}' WHERE id = '{post}'");
    stage.database.tamper(&[&sql]).await;
    let mut tx = stage.store().begin().await.unwrap();
    tx.metric_expect(id, Reading::Metrics, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    post
}

pub async fn rounds(app: &App) {
    while app.sample_round().await.unwrap() > 0 {}
}

async fn watches(stage: &Stage, id: ConnectionId) -> Vec<WatchRow> {
    stage.store().metric_soonest(id, 100).await.unwrap()
}

async fn samples(stage: &Stage, id: ConnectionId) -> i64 {
    stage.store().metric_samples_many(id).await.unwrap()
}

fn asked_ids(stage: &Stage) -> Vec<String> {
    let bodies = stage.requests(Route::VideoQuery).into_iter().map(|it| it.text().to_string());
    let ids = bodies.flat_map(|body| {
        let body: Value = serde_json::from_str(&body).unwrap();
        body["filters"]["video_ids"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    });
    ids.collect()
}

#[tokio::test]
async fn pp_1_4_pp_3_5_only_posts_published_here_are_asked_about_and_only_while_it_is_allowed() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let (ours, other) = (posted(&stage, 60_000).await, posted(&stage, 70_000).await);
        let post = published(&stage, &actor, id, &[ours]).await;
        rounds(&stage.app).await;
        assert_eq!(asked_ids(&stage), Vec::<String>::new(), "nobody allowed it");
        assert!(stage.requests(Route::VideoList).is_empty());

        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        rounds(&stage.app).await;
        for _ in 0..8 {
            stage.pass(QUARTER_MS);
            rounds(&stage.app).await;
        }
        let asked = asked_ids(&stage);
        assert_eq!(asked, vec![ours.to_string(); 9], "every quarter of an hour, by its id alone");
        assert!(!asked.contains(&other.to_string()) && stage.requests(Route::VideoList).is_empty());
        assert_eq!(samples(&stage, id).await, 9);
        let row = watches(&stage, id).await.remove(0);
        assert_eq!((row.post_id, row.state), (post, WatchState::Live));
        assert!(row.counters.views.unwrap() > 0);
        let days = stage.store().metric_days(actor.workspace_id, None, 0..99_999).await.unwrap();
        assert_eq!(
            days.iter().filter_map(|day| day.growth.views).sum::<i64>(),
            row.counters.views.unwrap(),
            "the days add up to it"
        );

        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        stage.tiktok().clear_journal();
        stage.pass(DAY_MS);
        rounds(&stage.app).await;
        assert_eq!(asked_ids(&stage), Vec::<String>::new(), "not one more question");
        assert_eq!((samples(&stage, id).await, watches(&stage, id).await.len()), (0, 0), "and nothing is left of it");
        assert!(stage.store().metric_days(actor.workspace_id, None, 0..99_999).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_a_consent_that_ends_while_tiktok_is_asked_writes_nothing() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        let turn = stage.store().metric_turns(stage.now(), 10).await.unwrap().remove(0);
        let mut tx = stage.store().begin().await.unwrap();
        let turn = tx.metric_claim(turn, stage.now().plus_seconds(60)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        let mut tx = stage.store().begin().await.unwrap();
        assert!(!tx.metric_hold(turn).await.unwrap(), "the answer is let go");
        tx.rollback().await.unwrap();
        stage.pass(1_000);
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        let mut tx = stage.store().begin().await.unwrap();
        assert!(!tx.metric_hold(turn).await.unwrap(), "also when it is allowed again");
        tx.rollback().await.unwrap();
        let again = stage.store().metric_turns(stage.now(), 10).await.unwrap().remove(0);
        let mut tx = stage.store().begin().await.unwrap();
        tx.metric_claim(again, stage.now().plus_seconds(60)).await.unwrap().unwrap();
        assert!(!tx.metric_hold(turn).await.unwrap(), "and somebody has taken that turn");
        tx.rollback().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_processes_read_each_post_once_and_a_turn_that_was_cut_short_is_anybodys() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        let second = stage.second_process().await;
        let (a, b) = futures::join!(stage.app.sample_round(), second.sample_round());
        assert!(a.unwrap() + b.unwrap() >= 1);
        rounds(&second).await;
        assert_eq!((asked_ids(&stage).len(), samples(&stage, id).await), (1, 1));

        stage.pass(QUARTER_MS);
        let turn = stage.store().metric_turns(stage.now(), 10).await.unwrap().remove(0);
        let mut tx = stage.store().begin().await.unwrap();
        tx.metric_claim(turn, stage.now().plus_seconds(600)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        // The process that took the turn ends here.
        rounds(&second).await;
        assert_eq!(asked_ids(&stage).len(), 1, "it has the turn");
        stage.pass(11 * MINUTE_MS);
        rounds(&second).await;
        assert_eq!((asked_ids(&stage).len(), samples(&stage, id).await), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_post_that_becomes_private_is_a_gap_and_goes_on_when_it_is_back() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let (ours, gone) = (posted(&stage, 60_000).await, posted(&stage, 70_000).await);
        published(&stage, &actor, id, &[ours, gone]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        rounds(&stage.app).await;
        let read = samples(&stage, id).await;
        assert_eq!((read, watches(&stage, id).await.len()), (2, 2), "each id of a post is read");
        stage.tiktok().change_privacy(ours, "SELF_ONLY").unwrap();
        stage.tiktok().delete_post(gone).unwrap();
        for _ in 0..6 {
            stage.pass(HOUR_MS);
            rounds(&stage.app).await;
        }
        let states: Vec<_> =
            watches(&stage, id).await.into_iter().map(|it| (it.state, it.counters.views.is_some())).collect();
        assert_eq!(states, [(WatchState::Unavailable, true); 2], "what was read last stays");
        assert_eq!(samples(&stage, id).await, read, "a gap, not a zero");
        stage.tiktok().change_privacy(ours, "PUBLIC_TO_EVERYONE").unwrap();
        stage.pass(HOUR_MS);
        rounds(&stage.app).await;
        let live = watches(&stage, id).await.into_iter().filter(|it| it.state == WatchState::Live).count();
        assert_eq!((live, samples(&stage, id).await), (1, read + 1));
    })
    .await;
}

#[tokio::test]
async fn a_tiktok_that_fails_is_asked_again_later_and_a_permission_that_is_gone_lets_the_account_wait() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        let often = FaultStatus { status: 429, code: Some("rate_limit_exceeded".to_owned()), retry_after_s: None };
        stage.tiktok().fault(FaultRule::always(Route::VideoQuery, FaultAction::Status(often)));
        rounds(&stage.app).await;
        assert_eq!(samples(&stage, id).await, 0);
        let first = asked_ids(&stage).len();
        stage.pass(14 * MINUTE_MS);
        rounds(&stage.app).await;
        assert_eq!(asked_ids(&stage).len(), first, "not before a quarter of an hour");
        stage.tiktok().clear_faults();
        stage.pass(2 * MINUTE_MS);
        rounds(&stage.app).await;
        assert_eq!(samples(&stage, id).await, 1);

        stage.pass(QUARTER_MS);
        let (actor, signed) = stage.sign_in(MILA).await;
        assert!(signed.lacks_readings);
        stage.tiktok().clear_journal();
        rounds(&stage.app).await;
        assert_eq!(asked_ids(&stage).len(), 0, "signing in brought a grant without the permission");
        let purpose = Walking::Renew(&actor, id);
        let browser = Browser::new();
        let back = browser.walk(&stage.app, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await;
        let arrival = stage.app.finish_sign_in(&back, &browser.secret, Some(&actor), &laptop()).await.unwrap();
        assert!(matches!(arrival, Arrival::Connected(signed) if !signed.lacks_readings));
        rounds(&stage.app).await;
        assert_eq!(samples(&stage, id).await, 2, "and a renewal lets it go on at once");
    })
    .await;
}

#[tokio::test]
async fn pp_6_1_older_samples_are_thinned_out_and_gone_after_their_months() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_NUMBERS).await;
        for _ in 0..30 {
            rounds(&stage.app).await;
            stage.pass(QUARTER_MS);
        }
        let dense = samples(&stage, id).await;
        assert!(dense >= 25, "{dense}");
        stage.app.thin_samples().await.unwrap();
        assert_eq!(samples(&stage, id).await, dense, "new ones stay");
        stage.pass(3 * DAY_MS);
        stage.app.thin_samples().await.unwrap();
        let hourly = samples(&stage, id).await;
        assert!((7..=10).contains(&hourly), "{hourly}: the first one, and the last one of each hour");
        stage.pass(31 * DAY_MS);
        stage.app.thin_samples().await.unwrap();
        assert_eq!(samples(&stage, id).await, 2, "the first one, and the last one of the day");
        stage.pass(700 * DAY_MS);
        let overstayed = async || {
            let looks = stage.app.look_at_promises().await.unwrap();
            looks.into_iter().find(|it| it.seen.contains("numbers of TikTok")).unwrap()
        };
        assert_eq!(overstayed().await.seen, "3 numbers of TikTok older than their days");
        assert!(!overstayed().await.kept);
        stage.app.thin_samples().await.unwrap();
        assert_eq!(samples(&stage, id).await, 0);
        assert!(overstayed().await.kept);
        let last = stage
            .database
            .texts("SELECT video_id FROM metric_watch WHERE read_at IS NOT NULL OR views IS NOT NULL")
            .await;
        assert_eq!(last, [""; 0], "what was read last is gone as well");
        assert!(stage.store().metric_days(actor.workspace_id, None, 0..99_999).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn followers_are_read_once_a_day_and_only_their_number() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        allow(&stage, &actor, id, Reading::Followers, &WITH_BOTH).await;
        stage.tiktok().clear_journal();
        for _ in 0..3 {
            rounds(&stage.app).await;
            stage.pass(DAY_MS);
        }
        let asked = stage.requests(Route::UserInfo);
        assert_eq!(asked.len(), 3);
        let told = stage.store().followers(actor.workspace_id, None, START..stage.now()).await.unwrap();
        assert_eq!(told.iter().map(|it| it.followers).collect::<Vec<_>>(), [1204; 3]);
        stage.app.stop_reading(&actor, id, Reading::Followers).await.unwrap();
        assert!(stage.store().followers(actor.workspace_id, None, START..stage.now()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_pp_7_4_a_restored_backup_does_not_bring_back_what_somebody_stopped_and_erased() {
    everywhere(async |stage| {
        let DatabaseUrl::Sqlite(file) = stage.database.url() else { return };
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let ours = posted(&stage, 60_000).await;
        published(&stage, &actor, id, &[ours]).await;
        allow(&stage, &actor, id, Reading::Metrics, &WITH_BOTH).await;
        allow(&stage, &actor, id, Reading::Followers, &WITH_BOTH).await;
        rounds(&stage.app).await;
        assert_eq!(samples(&stage, id).await, 1);
        assert!(stage.store().scrub().await.unwrap());
        let copy = stage.database.folder().join("backup.db");
        std::fs::copy(file, &copy).unwrap();

        stage.pass(MINUTE_MS);
        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        stage.pass(DAY_MS);
        let store = Store::open(&DatabaseUrl::Sqlite(copy)).await.unwrap();
        let app = stage.process_over(store).await;
        assert_eq!(app.store.metric_consents_of(id).await.unwrap().len(), 2, "the backup knows both");
        assert_eq!(app.replay_tombstones().await.unwrap().readings, 1);
        let left = app.store.metric_consents_of(id).await.unwrap();
        assert_eq!(left.iter().map(|it| it.reading).collect::<Vec<_>>(), [Reading::Followers], "the other one stays");
        assert!(app.store.metric_soonest(id, 10).await.unwrap().is_empty());
        assert!(app.store.metric_days(actor.workspace_id, None, 0..99_999).await.unwrap().is_empty());
        let lines = app.consents(&actor).await.unwrap().ledger;
        assert!(lines.iter().any(|it| it.purpose == Purpose::Metrics && it.act == Act::Withdrawn));
        stage.tiktok().clear_journal();
        rounds(&app).await;
        assert_eq!(asked_ids(&stage), Vec::<String>::new(), "nothing is asked");
        assert_eq!(app.replay_tombstones().await.unwrap().readings, 0, "once is enough");
    })
    .await;
}
