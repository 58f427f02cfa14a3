//! "Connect this account?": what is there before the answer, after a yes, after a no, and after no answer at all.

use app::Error;
use app::sign_in::{Arrival, Purpose, SignInFailure};
use domain::connection::ConnectionState;
use secrecy::ExposeSecret as _;
use tiktok_sim::Route;

use crate::browser::{Answer, Browser};
use crate::support::*;

#[tokio::test]
async fn another_account_is_shown_before_it_is_connected() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let id = stage.asked_about(&actor, OLEG).await;
        let shown = stage.app.unconfirmed(&actor, id).await.unwrap();
        assert_eq!((shown.display_name.as_str(), shown.username.as_deref()), ("Moloko Private", Some(OLEG)));
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 1, "it is no connection yet");
        assert!(stage.store().token(id).await.unwrap().is_none(), "no token that the engine could use");
        let media = stage.upload(&actor).await;
        assert!(matches!(stage.app.create_drafts(&actor, media, &[id]).await, Err(Error::NotFound { .. })));
        let grant = stage.tiktok().grants().last().unwrap().clone();
        for sealed in [&shown.access_sealed, &shown.refresh_sealed] {
            let text = String::from_utf8_lossy(sealed).into_owned();
            assert!(!text.contains(&grant.access_token) && !text.contains(&grant.refresh_token));
        }
    })
    .await;
}

#[tokio::test]
async fn a_yes_connects_it_once_with_the_tokens_that_tiktok_gave() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let id = stage.asked_about(&actor, OLEG).await;
        let granted_at = stage.now();
        stage.pass(5 * MINUTE_MS);
        let done = stage.app.confirm_account(&actor, id).await.unwrap();
        let connection = stage.app.connection(&actor, done.connection_id).await.unwrap();
        assert_eq!((connection.state, connection.consented_at), (ConnectionState::Active, granted_at));
        let token = stage.app.tokens.access_token(done.connection_id, 60).await.unwrap();
        assert_eq!(token.expose_secret(), stage.tiktok().grants().last().unwrap().access_token);
        let row = stage.store().token(done.connection_id).await.unwrap().unwrap();
        assert_eq!(
            row.access_expires_at,
            granted_at.plus_seconds(86_400),
            "its life began at TikTok, not with the answer"
        );
        assert_eq!(stage.store().audit_latest(1).await.unwrap()[0].action, "connection.add");
        let again = stage.app.confirm_account(&actor, id).await.unwrap_err();
        assert!(matches!(again, SignInFailure::Ours(Error::NotFound { .. })), "answered once: {again:?}");
        stage.app.creator_standing(&actor, done.connection_id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_a_no_destroys_the_tokens_and_tells_tiktok() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let id = stage.asked_about(&actor, OLEG).await;
        let done = stage.app.decline_account(&actor, id).await.unwrap();
        assert!(done.confirmed_by_tiktok);
        assert_eq!(stage.requests(Route::Revoke).len(), 1);
        assert!(matches!(stage.app.unconfirmed(&actor, id).await, Err(Error::NotFound { .. })));
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 1);
        assert!(matches!(stage.app.decline_account(&actor, id).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn a_no_leaves_the_account_alone_where_somebody_else_posts_with_it() {
    everywhere(async |stage| {
        let (oleg, own) = stage.sign_in(OLEG).await;
        let (mila, _) = stage.sign_in(MILA).await;
        // On a shared machine TikTok gives Mila the account that Oleg left signed in.
        let id = stage.asked_about(&mila, OLEG).await;
        assert!(stage.app.decline_account(&mila, id).await.unwrap().confirmed_by_tiktok);
        assert!(stage.requests(Route::Revoke).is_empty(), "one account has one grant: Oleg's would end too");
        stage.app.creator_standing(&oleg, own.connection_id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_an_answer_it_is_gone_after_ten_minutes() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let id = stage.asked_about(&actor, OLEG).await;
        stage.pass(10 * MINUTE_MS - 1);
        stage.app.unconfirmed(&actor, id).await.unwrap();
        assert_eq!(stage.app.purge_expired().await.unwrap().unconfirmed, 0);
        stage.pass(1);
        assert!(matches!(stage.app.unconfirmed(&actor, id).await, Err(Error::NotFound { .. })));
        let late = stage.app.confirm_account(&actor, id).await.unwrap_err();
        assert!(matches!(late, SignInFailure::Ours(Error::NotFound { .. })), "{late:?}");
        assert_eq!(stage.app.purge_expired().await.unwrap().unconfirmed, 1);
        assert_eq!(stage.store().unconfirmed_next_expiry().await.unwrap(), None, "nothing is left of it");
        assert_eq!(stage.requests(Route::Revoke).len(), 1, "and TikTok forgets it as well");
    })
    .await;
}

#[tokio::test]
async fn the_question_is_for_the_person_who_set_out() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        let id = stage.asked_about(&mila, CAREFUL).await;
        assert!(matches!(stage.app.unconfirmed(&oleg, id).await, Err(Error::NotFound { .. })));
        assert!(matches!(stage.app.decline_account(&oleg, id).await, Err(Error::NotFound { .. })));
        let foreign = stage.app.confirm_account(&oleg, id).await.unwrap_err();
        assert!(matches!(foreign, SignInFailure::Ours(Error::NotFound { .. })), "{foreign:?}");
        stage.app.confirm_account(&mila, id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_connected_is_renewed_without_a_question_and_what_was_disconnected_is_asked_about() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::AddAccount(&actor), &Answer::allow(MILA)).await;
        let arrival = stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap();
        match arrival {
            Arrival::Connected(same) => {
                assert_eq!((same.connection_id, same.was_connected), (first.connection_id, true));
            }
            Arrival::Unconfirmed(_) | Arrival::NotRenewed(_) => panic!("asked about an account that is connected"),
        }
        stage.app.disconnect(&actor, first.connection_id).await.unwrap();
        let id = stage.asked_about(&actor, MILA).await;
        let back = stage.app.confirm_account(&actor, id).await.unwrap();
        assert_eq!(back.connection_id, first.connection_id, "it keeps its place and its history");
    })
    .await;
}

#[tokio::test]
async fn coming_back_twice_with_the_same_account_asks_once() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let first = stage.asked_about(&actor, OLEG).await;
        let second = stage.asked_about(&actor, OLEG).await;
        assert!(matches!(stage.app.unconfirmed(&actor, first).await, Err(Error::NotFound { .. })));
        stage.app.confirm_account(&actor, second).await.unwrap();
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 2);
    })
    .await;
}
