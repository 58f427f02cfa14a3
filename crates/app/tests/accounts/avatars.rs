//! Pictures of accounts: when they are fetched, that the bytes are kept and nothing else, when they go, and that nothing waits for one.

use std::time::Duration;

use app::sign_in::{Purpose, SignedIn};
use app::{Actor, Error};
use domain::connection::{AvatarFormat, ConnectionState};
use domain::id::ConnectionId;
use store::Avatar;
use tiktok_sim::{AvatarSpec, FaultAction, FaultRule, FaultStatus, Route};

use crate::browser::{Answer, Browser};
use crate::support::*;

async fn picture(stage: &Stage, actor: &Actor, id: ConnectionId) -> Option<Avatar> {
    let marked = stage.app.connection(actor, id).await.unwrap().avatar_sha256;
    match stage.app.avatar(actor, id).await {
        Ok(avatar) => {
            assert_eq!(marked, Some(avatar.sha256()), "lists know which picture it is");
            Some(avatar)
        }
        Err(Error::NotFound { .. }) => {
            assert_eq!(marked, None);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn reconnect(stage: &Stage, actor: &Actor, id: ConnectionId) -> SignedIn {
    let browser = Browser::new();
    let walk = browser.walk(&stage.app, Purpose::Reconnect(actor, id), &Answer::allow(MILA)).await;
    let arrival = stage.app.finish_sign_in(&walk, &browser.secret, Some(actor), &laptop()).await.unwrap();
    arrival.connected().expect("the same account")
}

/// TikTok's picture of the account is another one from now on.
fn with_picture(stage: &Stage, avatar: AvatarSpec) {
    stage.tiktok().set_user(MILA, |user| user.avatar = avatar).unwrap();
}

#[tokio::test]
async fn pp_1_1_whoever_connects_sees_the_picture_and_its_bytes_outlive_tiktoks_address() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let kept = picture(&stage, &actor, id).await.expect("a picture");
        assert_eq!(kept.format, AvatarFormat::Png);
        let fetched = stage.requests(Route::Image);
        assert_eq!(fetched.len(), 1, "once");
        assert!(fetched[0].query.contains("x-signature=") && fetched[0].header("authorization").is_none());

        stage.pass(DAY_MS);
        let address = format!("{}{}?{}", stage.running.url, fetched[0].path, fetched[0].query);
        let dead = stage.app.tiktok.avatar(&address, Duration::from_secs(10)).await.unwrap_err();
        assert_eq!(dead.code(), "avatar_http_403", "the address is dead");
        stage.tiktok().clear_journal();
        stage.app.creator_standing(&actor, id).await.unwrap();
        assert_eq!(picture(&stage, &actor, id).await, Some(kept));
        assert!(stage.requests(Route::Image).is_empty(), "looking at it asks TikTok nothing");
        let around = stage.app.surroundings(&actor).await.unwrap();
        assert!(around.own.unwrap().avatar_sha256.is_some(), "it stands in the menu as well");
    })
    .await;
}

#[tokio::test]
async fn pp_3_3_the_profile_is_asked_for_what_is_kept_and_for_nothing_else() {
    everywhere(async |stage| {
        stage.sign_in(MILA).await;
        let asked = stage.requests(Route::UserInfo);
        let queries: Vec<&str> = asked.iter().map(|request| request.query.as_str()).collect();
        assert_eq!(queries, ["fields=open_id%2Cdisplay_name%2Cavatar_url"]);
    })
    .await;
}

#[tokio::test]
async fn a_renewed_grant_brings_the_present_picture() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let before = picture(&stage, &actor, id).await.unwrap();
        with_picture(&stage, AvatarSpec::Oversized(100_000));
        reconnect(&stage, &actor, id).await;
        let renewed = picture(&stage, &actor, id).await.unwrap();
        assert_eq!(renewed.bytes.len(), 100_000);
        assert_ne!(renewed.sha256(), before.sha256());

        stage.tiktok().fault(FaultRule::once(Route::Image, FaultAction::DropBefore));
        reconnect(&stage, &actor, id).await;
        assert_eq!(picture(&stage, &actor, id).await, Some(renewed), "no answer takes nothing away");
        assert_eq!(stage.requests(Route::Image).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn pp_6_5_a_disconnect_takes_the_picture_with_it() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        assert!(picture(&stage, &actor, id).await.is_some());
        stage.app.disconnect(&actor, id).await.unwrap();
        assert_eq!(picture(&stage, &actor, id).await, None);
        assert_eq!(stage.app.connections(&actor).await.unwrap()[0].avatar_sha256, None);

        let back = stage.add_account(&actor, MILA).await;
        assert_eq!(back, id);
        assert!(picture(&stage, &actor, id).await.is_some(), "until it is connected again");
    })
    .await;
}

#[tokio::test]
async fn whatever_the_image_host_does_the_account_is_connected_without_a_picture() {
    for bad in [
        AvatarSpec::Oversized(512 * 1024 + 1),
        AvatarSpec::Page,
        AvatarSpec::Elsewhere("http://elsewhere.example".to_owned()),
        AvatarSpec::Elsewhere("http://127.0.0.1:9".to_owned()),
        AvatarSpec::Moved("/sim-cdn/avatar/moloko.private.png".to_owned()),
        AvatarSpec::Missing,
    ] {
        everywhere_with(
            |it| it.simulator.users[0].avatar = bad.clone(),
            async |stage| works_without_a_picture(&stage, &format!("{bad:?}")).await,
        )
        .await;
    }
    let status = |status| FaultAction::Status(FaultStatus { status, code: None, retry_after_s: None });
    for trouble in
        [FaultAction::DropBefore, FaultAction::DropAfter, FaultAction::Truncate(100), status(503), status(403)]
    {
        everywhere(async |stage| {
            stage.tiktok().fault(FaultRule::always(Route::Image, trouble.clone()));
            works_without_a_picture(&stage, &trouble.describe()).await;
        })
        .await;
    }
}

async fn works_without_a_picture(stage: &Stage, what: &str) {
    let (actor, signed_in) = stage.sign_in(MILA).await;
    let id = signed_in.connection_id;
    assert_eq!(picture(stage, &actor, id).await, None, "{what}");
    assert!(stage.requests(Route::Image).len() <= 1, "{what}: asked once at most");
    let connection = stage.app.connection(&actor, id).await.unwrap();
    assert_eq!((connection.state, connection.username.as_deref()), (ConnectionState::Active, Some(MILA)), "{what}");
    stage.app.creator_standing(&actor, id).await.unwrap();
}

#[tokio::test]
async fn the_question_shows_the_picture_and_the_answer_decides_about_it() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let (careful, _) = stage.sign_in(CAREFUL).await;
        stage.tiktok().clear_journal();
        let asked = stage.asked_about(&mila, OLEG).await;
        let shown = stage.app.unconfirmed_avatar(&mila, asked).await.unwrap();
        let foreign = stage.app.unconfirmed_avatar(&careful, asked).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "it is for whoever is asked");
        assert!(matches!(stage.app.avatar(&mila, asked).await, Err(Error::NotFound { .. })), "no connection yet");
        let done = stage.app.confirm_account(&mila, asked).await.unwrap();
        assert_eq!(picture(&stage, &mila, done.connection_id).await, Some(shown));
        assert_eq!(stage.requests(Route::Image).len(), 1, "fetched once for both");
        assert!(matches!(stage.app.unconfirmed_avatar(&mila, asked).await, Err(Error::NotFound { .. })));

        let declined = stage.asked_about(&careful, MILA).await;
        stage.app.decline_account(&careful, declined).await.unwrap();
        assert!(matches!(stage.app.unconfirmed_avatar(&careful, declined).await, Err(Error::NotFound { .. })));
        let late = stage.asked_about(&careful, OLEG).await;
        stage.pass(10 * MINUTE_MS);
        assert!(matches!(stage.app.unconfirmed_avatar(&careful, late).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_seen_by_its_own_workspace_only() {
    everywhere(async |stage| {
        let (mila, of_mila) = stage.sign_in(MILA).await;
        let (oleg, of_oleg) = stage.sign_in(OLEG).await;
        assert!(picture(&stage, &mila, of_mila.connection_id).await.is_some());
        let foreign = stage.app.avatar(&oleg, of_mila.connection_id).await.unwrap_err();
        stage.app.disconnect(&oleg, of_oleg.connection_id).await.unwrap();
        let missing = stage.app.avatar(&oleg, of_oleg.connection_id).await.unwrap_err();
        assert_eq!(foreign.to_string(), missing.to_string(), "foreign and missing look the same");
        assert!(picture(&stage, &mila, of_mila.connection_id).await.is_some(), "somebody else's disconnect");
    })
    .await;
}
