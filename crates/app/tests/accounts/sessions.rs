//! Sessions of browsers: how long they live, and that their end is their end.

use app::Error;
use app::sessions::{ABSOLUTE_MS, IDLE_MS};
use app::sign_in::Purpose;
use domain::id::SessionId;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::browser::{Answer, Browser};
use crate::support::*;

async fn is_valid(stage: &Stage, secret: &SecretString) -> bool {
    stage.app.actor_of_session(secret).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_after_thirty_days() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let secret = signed_in.session_secret.unwrap();
        stage.pass(IDLE_MS - 1);
        assert!(is_valid(&stage, &secret).await, "and this use counts");
        stage.pass(IDLE_MS - 1);
        assert!(is_valid(&stage, &secret).await);
        stage.pass(IDLE_MS);
        assert!(!is_valid(&stage, &secret).await);
    })
    .await;
}

#[tokio::test]
async fn a_session_in_daily_use_ends_after_ninety_days() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let secret = signed_in.session_secret.unwrap();
        let days = ABSOLUTE_MS / DAY_MS;
        for day in 1..days {
            stage.pass(DAY_MS);
            assert!(is_valid(&stage, &secret).await, "day {day}");
        }
        stage.pass(DAY_MS);
        assert!(!is_valid(&stage, &secret).await);
    })
    .await;
}

#[tokio::test]
async fn signing_in_ends_the_session_that_the_browser_had() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let old = first.session_secret.unwrap();
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(OLEG)).await;
        let second = stage
            .app
            .finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop())
            .await
            .unwrap()
            .connected()
            .unwrap();
        let new = second.session_secret.unwrap();
        assert_ne!(new.expose_secret(), old.expose_secret());
        assert!(!is_valid(&stage, &old).await, "no session is fixed or left behind");
        let who = stage.app.actor_of_session(&new).await.unwrap().unwrap();
        assert_eq!(who.display_name, "Moloko Private");
        assert_ne!(who.user_id, actor.user_id);
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_an_ended_session_is_over_at_once() {
    everywhere(async |stage| {
        let (phone, on_phone) = stage.sign_in(MILA).await;
        let (laptop, on_laptop) = stage.sign_in(MILA).await;
        let listed = stage.app.sessions(&laptop).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed.iter().filter(|it| it.is_current).map(|it| it.id).collect::<Vec<_>>(), [laptop.session_id]);

        stage.app.end_session(&laptop, phone.session_id).await.unwrap();
        assert!(!is_valid(&stage, &on_phone.session_secret.unwrap()).await);
        assert!(is_valid(&stage, &on_laptop.session_secret.unwrap()).await);
        assert_eq!(stage.app.sessions(&laptop).await.unwrap().len(), 1);
        let again = stage.app.end_session(&laptop, phone.session_id).await.unwrap_err();
        assert!(matches!(again, Error::NotFound { what: "session" }));
    })
    .await;
}

#[tokio::test]
async fn nobody_ends_or_lists_the_sessions_of_others() {
    everywhere(async |stage| {
        let (mila, mila_signed_in) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        for foreign in [mila.session_id, SessionId::from_uuid(Uuid::from_u128(7))] {
            let refused = stage.app.end_session(&oleg, foreign).await.unwrap_err();
            assert!(matches!(refused, Error::NotFound { what: "session" }));
        }
        assert!(is_valid(&stage, &mila_signed_in.session_secret.unwrap()).await);
        assert!(stage.app.sessions(&oleg).await.unwrap().iter().all(|it| it.id == oleg.session_id));
    })
    .await;
}

#[tokio::test]
async fn the_session_list_says_when_and_where() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let secret = signed_in.session_secret.unwrap();
        stage.pass(2 * HOUR_MS);
        assert!(is_valid(&stage, &secret).await);
        let session = stage.app.sessions(&actor).await.unwrap().remove(0);
        assert_eq!((session.device.as_str(), session.ip.as_str()), ("Firefox on Linux", "203.0.113.7"));
        assert_eq!(session.created_at, START);
        assert_eq!(session.last_seen_at, START.plus_millis(2 * HOUR_MS));
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_is_nearly_right_is_wrong() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let secret = signed_in.session_secret.unwrap().expose_secret().to_owned();
        assert_eq!(secret.len(), 43, "256 bits");
        for wrong in [secret.to_uppercase(), format!("{secret}A"), secret[..42].to_owned(), String::new()] {
            assert!(!is_valid(&stage, &wrong.into()).await);
        }
    })
    .await;
}
