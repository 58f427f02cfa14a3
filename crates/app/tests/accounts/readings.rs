//! PP-7.4: numbers of TikTok are read only where somebody allowed it, for exactly one account and purpose; ending it takes one press.

use app::Error;
use app::metrics::ReadingsView;
use app::sign_in::{Arrival, Purpose as Walking, SignInFailure, SignedIn};
use domain::id::ConnectionId;
use domain::privacy::purposes::{Act, Purpose, Reading};
use url::Url;

use crate::browser::{ALL_SCOPES, Answer, Browser};
use crate::support::*;

const WITH_NUMBERS: [&str; 4] = ["user.info.basic", "video.publish", "video.upload", "video.list"];
const WITH_BOTH: [&str; 5] = ["user.info.basic", "video.publish", "video.upload", "video.list", "user.info.stats"];

fn asked(url: &Url) -> Vec<String> {
    let (_, scopes) = url.query_pairs().find(|(name, _)| name == "scope").unwrap();
    scopes.split(',').map(str::to_owned).collect()
}

async fn walk(
    stage: &Stage,
    actor: &app::Actor,
    purpose: Walking<'_>,
    answer: &Answer,
) -> Result<SignedIn, SignInFailure> {
    stage.pass(1);
    let browser = Browser::new();
    let callback = browser.walk(&stage.app, purpose, answer).await;
    let arrival = stage.app.finish_sign_in(&callback, &browser.secret, Some(actor), &laptop()).await?;
    match arrival {
        Arrival::Connected(signed) => Ok(signed),
        Arrival::Unconfirmed(_) | Arrival::NotRenewed(_) => panic!("nobody was asked"),
    }
}

async fn account(stage: &Stage, actor: &app::Actor, id: ConnectionId) -> ReadingsView {
    stage.app.readings(actor).await.unwrap().into_iter().find(|it| it.connection.id == id).unwrap()
}

async fn is_on(stage: &Stage, actor: &app::Actor, id: ConnectionId) -> [bool; 2] {
    let view = account(stage, actor, id).await;
    [view.readings[0].is_on(), view.readings[1].is_on()]
}

async fn acts(stage: &Stage, actor: &app::Actor, purpose: Purpose) -> Vec<(Act, String)> {
    let mut all = stage.app.consents(actor).await.unwrap().ledger;
    all.retain(|line| line.purpose == purpose);
    all.reverse();
    all.into_iter().map(|line| (line.act, line.text_version)).collect()
}

#[tokio::test]
async fn pp_7_4_pp_1_4_nothing_is_read_until_somebody_allows_it_for_one_account_and_one_purpose() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let other = stage.add_account(&actor, OLEG).await;
        let id = signed.connection_id;
        assert_eq!((is_on(&stage, &actor, id).await, is_on(&stage, &actor, other).await), ([false; 2], [false; 2]));
        let url = Browser::new().set_out(&stage.app, Walking::Reconnect(&actor, id)).await;
        assert_eq!(asked(&url), ALL_SCOPES, "an ordinary renewal asks for nothing more");

        let url = Browser::new().set_out(&stage.app, Walking::Allow(&actor, id, Reading::Metrics)).await;
        assert_eq!(asked(&url), WITH_NUMBERS);
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        let done = walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await.unwrap();
        assert_eq!((done.connection_id, done.reading), (id, Some((Reading::Metrics, true))));
        assert_eq!((is_on(&stage, &actor, id).await, is_on(&stage, &actor, other).await), ([true, false], [false; 2]));
        assert_eq!(acts(&stage, &actor, Purpose::Metrics).await, [(Act::Given, "1.2".to_owned())]);
        assert_eq!(acts(&stage, &actor, Purpose::Followers).await, []);

        let url = Browser::new().set_out(&stage.app, Walking::Reconnect(&actor, id)).await;
        assert_eq!(asked(&url), WITH_NUMBERS, "a renewal keeps what is allowed");
        let url = Browser::new().set_out(&stage.app, Walking::Reconnect(&actor, other)).await;
        assert_eq!(asked(&url), ALL_SCOPES, "of this account alone");
        let purpose = Walking::Allow(&actor, id, Reading::Followers);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_BOTH)).await.unwrap();
        assert_eq!(is_on(&stage, &actor, id).await, [true, true]);
        let record = stage.store().audit_latest(20).await.unwrap();
        let told: Vec<_> =
            record.iter().filter(|it| it.action == "numbers.allow").map(|it| it.detail.as_str()).collect();
        assert_eq!(told, ["followers", "metrics"]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_ending_a_reading_takes_one_press_is_noted_and_the_permission_is_not_asked_for_again() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await.unwrap();
        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        stage.app.stop_reading(&actor, id, Reading::Metrics).await.unwrap();
        let said = acts(&stage, &actor, Purpose::Metrics).await;
        assert_eq!(
            said.iter().map(|it| it.0).collect::<Vec<_>>(),
            [Act::Given, Act::Withdrawn],
            "pressed twice, noted once"
        );
        assert_eq!(is_on(&stage, &actor, id).await, [false, false]);
        assert!(account(&stage, &actor, id).await.readings[0].granted, "TikTok still shows it as allowed");
        let url = Browser::new().set_out(&stage.app, Walking::Reconnect(&actor, id)).await;
        assert_eq!(asked(&url), ALL_SCOPES);
        let (oleg, _) = stage.sign_in(OLEG).await;
        let foreign = stage.app.stop_reading(&oleg, id, Reading::Metrics).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_whoever_leaves_the_permission_out_at_tiktok_is_connected_as_before() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        let done = walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &ALL_SCOPES)).await.unwrap();
        assert_eq!((done.reading, done.missing_scopes.len()), (Some((Reading::Metrics, false)), 0));
        assert_eq!(
            (is_on(&stage, &actor, id).await, acts(&stage, &actor, Purpose::Metrics).await.len()),
            ([false; 2], 0)
        );
        stage.app.creator_standing(&actor, id).await.unwrap();

        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        let cancelled = walk(&stage, &actor, purpose, &Answer::cancel(MILA)).await;
        assert!(matches!(cancelled, Err(SignInFailure::Denied)), "{cancelled:?}");
        stage.app.creator_standing(&actor, id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_another_account_that_comes_back_is_refused_and_allows_nothing() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let other = stage.add_account(&actor, OLEG).await;
        let purpose = Walking::Allow(&actor, signed.connection_id, Reading::Metrics);
        let wrong = walk(&stage, &actor, purpose, &Answer::allow_only(OLEG, &WITH_NUMBERS)).await;
        assert!(matches!(wrong, Err(SignInFailure::WrongAccount { .. })), "{wrong:?}");
        for id in [signed.connection_id, other] {
            assert_eq!(is_on(&stage, &actor, id).await, [false; 2]);
        }
        assert_eq!(acts(&stage, &actor, Purpose::Metrics).await, []);
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_unticking_it_at_a_later_renewal_takes_it_back_and_signing_in_only_lets_it_wait() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await.unwrap();
        stage.pass(HOUR_MS);
        stage.sign_in(MILA).await;
        let waits = account(&stage, &actor, id).await;
        assert!(waits.readings[0].consent.is_some() && !waits.readings[0].granted, "{waits:?}");

        let purpose = Walking::Reconnect(&actor, id);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await.unwrap();
        assert_eq!(is_on(&stage, &actor, id).await, [true, false]);
        let purpose = Walking::Reconnect(&actor, id);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &ALL_SCOPES)).await.unwrap();
        assert!(account(&stage, &actor, id).await.readings[0].consent.is_none());
        let said = acts(&stage, &actor, Purpose::Metrics).await;
        assert_eq!(said.iter().map(|it| it.0).collect::<Vec<_>>(), [Act::Given, Act::Withdrawn]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_disconnecting_ends_every_reading_with_its_line() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        walk(&stage, &actor, purpose, &Answer::allow_only(MILA, &WITH_NUMBERS)).await.unwrap();
        stage.app.disconnect(&actor, id).await.unwrap();
        for purpose in [Purpose::Connect, Purpose::Metrics] {
            let said = acts(&stage, &actor, purpose).await;
            assert_eq!(said.last().map(|it| it.0), Some(Act::Withdrawn), "{purpose:?}");
        }
        assert!(stage.store().metric_consents(actor.workspace_id).await.unwrap().is_empty());
        assert!(stage.app.readings(&actor).await.unwrap().is_empty());
        let purpose = Walking::Allow(&actor, id, Reading::Metrics);
        let browser = Browser::new();
        let start = app::sign_in::StartSignIn {
            purpose,
            browser_secret: &browser.secret,
            adult_confirmed: true,
            next_path: "/analytics",
            locale: "en",
        };
        assert!(matches!(stage.app.start_sign_in(start).await, Err(Error::ReconnectNeeded)));
    })
    .await;
}

#[tokio::test]
async fn a_walk_that_was_under_way_takes_nothing_back_that_was_allowed_meanwhile() {
    everywhere(async |stage| {
        let (actor, signed) = stage.sign_in(MILA).await;
        let id = signed.connection_id;
        stage.pass(1);
        // "Connect again" in one tab, the press for numbers in another, and then the first one comes back with its three permissions.
        let first = Browser::new();
        let back = first.walk(&stage.app, Walking::Reconnect(&actor, id), &Answer::allow(MILA)).await;
        let allowed = Answer::allow_only(MILA, &WITH_NUMBERS);
        walk(&stage, &actor, Walking::Allow(&actor, id, Reading::Metrics), &allowed).await.unwrap();
        stage.app.finish_sign_in(&back, &first.secret, Some(&actor), &laptop()).await.unwrap();
        assert!(account(&stage, &actor, id).await.readings[0].consent.is_some(), "nobody took it back");
        assert_eq!(acts(&stage, &actor, Purpose::Metrics).await.len(), 1);
    })
    .await;
}
