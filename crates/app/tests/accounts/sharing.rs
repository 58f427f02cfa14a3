//! PP-4.4: whoever has a link reads a report and nothing else; one press ends it at once, and nothing brings it back.

use app::reports::links::Share;
use app::{Actor, App, Error};
use domain::id::{MediaId, ReportLinkId};
use domain::privacy::purposes::{Act, Purpose};
use secrecy::{ExposeSecret as _, SecretString};
use store::report::ReportLink;
use store::{DatabaseUrl, Store};

use crate::reporting::{out, read};
use crate::support::*;

fn share(week: Option<&str>) -> Share {
    Share { week: week.map(|it| it.parse().unwrap()), connection: None, name: " For the  bakery ".to_owned(), days: 7 }
}

async fn made(app: &App, actor: &Actor, week: Option<&str>) -> (ReportLink, SecretString) {
    app.report_share(actor, &share(week)).await.unwrap()
}

async fn opens(app: &App, word: &SecretString) -> bool {
    match app.shared_report(word.expose_secret()).await {
        Ok(_) => true,
        Err(Error::NotFound { what: "report link" }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn pp_4_4_a_link_shows_its_report_until_it_is_ended_with_one_press() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let post = out(&stage, &actor, id, "2026-11-16T09:00:00.000Z", 2, 1).await;
        read(&stage, &actor, id, [(20_773, 10)]).await;
        let (link, word) = made(app, &actor, Some("2026-W47")).await;
        assert_eq!((link.name.as_str(), word.expose_secret().len()), ("For the bakery", 43));

        stage.pass(MINUTE_MS);
        let shared = app.shared_report(word.expose_secret()).await.unwrap();
        assert_eq!(shared.report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>(), [post]);
        assert_eq!(shared.report.numbers.sum().views, Some(10));
        assert_eq!(shared.locale, actor.locale);
        let listed = app.report_links(&actor).await.unwrap().remove(0);
        assert_eq!((listed.opens, listed.opened_at, listed.id), (1, Some(stage.now()), link.id));
        let bytes = stage.database.texts("SELECT token_hash FROM report_link").await;
        assert!(!bytes.iter().any(|it| it.contains(word.expose_secret())), "only its hash is kept");

        let no = "x".repeat(43);
        for wrong in ["", "x", no.as_str()] {
            assert!(matches!(app.shared_report(wrong).await, Err(Error::NotFound { what: "report link" })));
        }
        app.report_unshare(&actor, link.id).await.unwrap();
        assert!(!opens(app, &word).await && !opens(&*stage.second_process().await, &word).await, "at once, everywhere");
        assert!(matches!(app.report_unshare(&actor, link.id).await, Err(Error::NotFound { .. })));
        let lines = app.consents(&actor).await.unwrap().ledger;
        let acts: Vec<_> = lines.iter().filter(|it| it.purpose == Purpose::Sharing).map(|it| it.act).collect();
        assert_eq!(acts, [Act::Withdrawn, Act::Given]);
        let deeds = stage.database.texts("SELECT action FROM audit WHERE action LIKE 'report.%' ORDER BY seq").await;
        assert_eq!(deeds, ["report.share", "report.unshare"]);
    })
    .await;
}

#[tokio::test]
async fn pp_4_4_a_link_ends_with_its_day_and_goes_a_month_later() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, _) = stage.sign_in(MILA).await;
        let (link, word) = made(app, &actor, None).await;
        assert_eq!(link.expires_at.millis_since(stage.now()), 7 * DAY_MS);
        stage.pass(7 * DAY_MS - 1);
        assert!(opens(app, &word).await);
        stage.pass(1);
        assert!(!opens(app, &word).await, "its day has passed");
        assert_eq!(app.purge_report_links().await.unwrap(), 0);
        assert_eq!(app.report_links(&actor).await.unwrap().len(), 1, "and is listed for a while");
        stage.pass(30 * DAY_MS + 1);
        assert_eq!(app.purge_report_links().await.unwrap(), 1);
        assert!(app.report_links(&actor).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_link_to_the_newest_week_moves_on_and_one_of_a_week_that_is_not_over_is_refused() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let later = out(&stage, &actor, signed.connection_id, "2026-11-25T09:00:00.000Z", 2, 1).await;
        let (_, word) = made(app, &actor, None).await;
        let week = async |stage: &Stage| {
            let report = stage.app.shared_report(word.expose_secret()).await.unwrap().report;
            (report.query.week.to_string(), report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>())
        };
        assert_eq!(week(&stage).await, ("2026-W47".to_owned(), vec![]));
        stage.pass(6 * DAY_MS);
        assert_eq!(week(&stage).await, ("2026-W48".to_owned(), vec![later]));
        for (code, wrong) in [
            ("report-link-week", share(Some("2026-W49"))),
            ("report-link-days", Share { days: 3_650, ..share(None) }),
            ("report-link-name", Share { name: "a".repeat(200), ..share(None) }),
        ] {
            let refused = app.report_share(&actor, &wrong).await;
            assert!(matches!(refused, Err(Error::BadInput { code: it }) if it == code), "{code}");
        }
        for _ in 1..50 {
            made(app, &actor, None).await;
        }
        assert!(matches!(
            app.report_share(&actor, &share(None)).await,
            Err(Error::Limit { code: "too-many-report-links" })
        ));
    })
    .await;
}

#[tokio::test]
async fn pp_4_4_of_an_account_that_is_gone_or_came_later_a_link_shows_nothing() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let first = out(&stage, &actor, id, "2026-11-16T09:00:00.000Z", 2, 1).await;
        read(&stage, &actor, id, [(20_773, 10)]).await;
        let (_, all) = made(app, &actor, Some("2026-W47")).await;
        let only = Share { connection: Some(id), ..share(Some("2026-W47")) };
        let (_, of_it) = app.report_share(&actor, &only).await.unwrap();
        stage.pass(MINUTE_MS);
        let other = stage.add_account(&actor, OLEG).await;
        let later = out(&stage, &actor, other, "2026-11-17T09:00:00.000Z", 2, 2).await;
        stage.database.tamper(&[&format!("INSERT INTO metric_day (connection_id, day, views, likes, comments, shares, readings) VALUES ('{other}', 20774, 500, 3, 2, 1, 24)")]).await;
        let report = app.shared_report(all.expose_secret()).await.unwrap().report;
        assert_eq!(report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>(), [first], "nobody agreed to the other one");
        assert_eq!((report.numbers.sum().views, report.connections.len(), report.reliability.all.out), (Some(10), 1, 1));

        app.disconnect(&actor, id).await.unwrap();
        assert!(!opens(app, &all).await && !opens(app, &of_it).await, "nothing is left that they may show");
        let left = app.report_links(&actor).await.unwrap();
        assert_eq!(left.len(), 1, "a link about one account ends with it");
        let lines = app.consents(&actor).await.unwrap().ledger;
        let of_id = lines.iter().filter(|it| it.purpose == Purpose::Sharing && it.connection_id == Some(id));
        assert_eq!(of_id.map(|it| it.act).collect::<Vec<_>>(), [Act::Withdrawn, Act::Given], "once, about the account");
        let (_, new) = made(app, &actor, Some("2026-W47")).await;
        let report = app.shared_report(new.expose_secret()).await.unwrap().report;
        assert_eq!(report.out.iter().map(|(row, _)| row.post.id).collect::<Vec<_>>(), [later]);
        let gone = app.report_share(&actor, &only).await;
        assert!(matches!(gone, Err(Error::NotFound { what: "connection" })));
    })
    .await;
}

#[tokio::test]
async fn pp_4_4_only_pictures_of_the_report_come_along() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let within = out(&stage, &actor, id, "2026-11-16T09:00:00.000Z", 2, 1).await;
        let before = out(&stage, &actor, id, "2026-11-10T09:00:00.000Z", 2, 2).await;
        let coming = stage.scheduled_at(&actor, id, "2026-11-27T10:00").await.media_id;
        let draft = stage.draft(&actor, id).await.media_id;
        let media = async |post| stage.store().post_any(post).await.unwrap().unwrap().media_id;
        let (within, before) = (media(within).await, media(before).await);
        for id in [within, before, coming, draft] {
            let row = app.media(&actor, id).await.unwrap();
            let key = row.blob_key.companion("thumb", 0).unwrap();
            app.blobs.put_small(&key, bytes::Bytes::from_static(b"jpeg")).await.unwrap();
        }
        let (link, word) = made(app, &actor, Some("2026-W47")).await;
        let shows = async |id: MediaId| app.shared_picture(word.expose_secret(), id).await.is_ok();
        assert!(shows(within).await && shows(coming).await);
        assert!(!shows(before).await && !shows(draft).await, "of no other post");
        let (oleg, theirs) = stage.sign_in(OLEG).await;
        let foreign = stage.draft(&oleg, theirs.connection_id).await.media_id;
        assert!(!shows(foreign).await);
        app.report_unshare(&actor, link.id).await.unwrap();
        assert!(!shows(within).await);
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_pp_4_4_whoever_leaves_ends_every_link_and_staying_brings_none_back() {
    everywhere(async |stage| {
        let app = &stage.app;
        let (actor, _) = stage.sign_in(MILA).await;
        let (_, word) = made(app, &actor, None).await;
        app.leave(&actor).await.unwrap();
        assert!(!opens(app, &word).await);
        let lines = stage.store().ledger(actor.user_id).await.unwrap();
        let acts: Vec<_> = lines.iter().filter(|it| it.purpose == Purpose::Sharing).map(|it| it.act).collect();
        assert_eq!(acts, [Act::Withdrawn, Act::Given]);
        app.stay(&actor).await.unwrap();
        assert!(app.report_links(&actor).await.unwrap().is_empty());
        assert!(!opens(app, &word).await);
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_pp_4_4_a_restored_backup_brings_no_link_back_that_was_ended() {
    everywhere(async |stage| {
        let DatabaseUrl::Sqlite(file) = stage.database.url() else { return };
        let (actor, _) = stage.sign_in(MILA).await;
        let (ended, gone) = made(&stage.app, &actor, None).await;
        let (kept, stays) = made(&stage.app, &actor, None).await;
        assert!(stage.store().scrub().await.unwrap());
        let copy = stage.database.folder().join("backup.db");
        std::fs::copy(file, &copy).unwrap();

        stage.pass(MINUTE_MS);
        stage.app.report_unshare(&actor, ended.id).await.unwrap();
        stage.pass(DAY_MS);
        let store = Store::open(&DatabaseUrl::Sqlite(copy)).await.unwrap();
        let app = stage.process_over(store).await;
        assert_eq!(app.report_links(&actor).await.unwrap().len(), 2, "the backup knows both");
        assert_eq!(app.replay_tombstones().await.unwrap().links, 1);
        let left: Vec<ReportLinkId> = app.report_links(&actor).await.unwrap().iter().map(|it| it.id).collect();
        assert_eq!(left, [kept.id]);
        assert!(!opens(&app, &gone).await && opens(&app, &stays).await);
        assert_eq!(app.replay_tombstones().await.unwrap().links, 0, "once is enough");
    })
    .await;
}
