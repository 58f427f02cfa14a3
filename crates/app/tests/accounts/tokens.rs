//! Access tokens over time: refreshed ahead, by one caller, through lost answers, refusals and races.

use app::Error;
use app::tokens::{REFRESH_AHEAD_MS, TokenError};
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use futures::future::join_all;
use secrecy::ExposeSecret as _;
use store::TokenRow;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, RefreshRotation, RemovalReason, Route};

use crate::browser::{Answer, Browser};
use crate::support::*;

async fn state(stage: &Stage, id: ConnectionId) -> ConnectionState {
    stage.store().connection_any(id).await.unwrap().unwrap().state
}

/// The token that TikTok honours now.
fn current(stage: &Stage) -> String {
    stage.tiktok().grants().last().unwrap().access_token.clone()
}

async fn token(stage: &Stage, id: ConnectionId, min_left_s: i64) -> Result<String, TokenError> {
    Ok(stage.app.tokens.access_token(id, min_left_s).await?.expose_secret().to_owned())
}

fn lost_answer() -> FaultRule {
    FaultRule::once(Route::TokenRefresh, FaultAction::DropAfter)
}

#[tokio::test]
async fn a_token_with_enough_life_is_used_as_it_is() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        stage.pass(23 * HOUR_MS);
        assert_eq!(token(&stage, signed_in.connection_id, 3600).await.unwrap(), current(&stage));
        assert_eq!(stage.refreshes(), 0);
        let renewed = token(&stage, signed_in.connection_id, 3601).await.unwrap();
        assert_eq!((stage.refreshes(), renewed), (1, current(&stage)));
    })
    .await;
}

#[tokio::test]
async fn tokens_are_refreshed_hours_before_they_run_out() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let second = stage.add_account(&actor, OLEG).await;
        let quiet_ms = DAY_MS - REFRESH_AHEAD_MS;
        stage.pass(quiet_ms - 1);
        assert_eq!(stage.app.tokens.refresh_expiring(100).await.unwrap(), 0);
        stage.pass(1);
        stage.pass(1);
        assert_eq!(stage.app.tokens.refresh_expiring(100).await.unwrap(), 2);
        assert_eq!(stage.refreshes(), 2);
        for id in [first.connection_id, second] {
            let row = stage.store().token(id).await.unwrap().unwrap();
            assert_eq!(row.access_expires_at, stage.now().plus_millis(DAY_MS));
        }
        assert_eq!(stage.app.tokens.refresh_expiring(100).await.unwrap(), 0, "they live again");
    })
    .await;
}

#[tokio::test]
async fn twenty_callers_at_once_cause_one_refresh() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        stage.pass(25 * HOUR_MS);
        let callers = (0..20).map(|_| token(&stage, signed_in.connection_id, 60));
        let tokens: Vec<String> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(stage.refreshes(), 1);
        assert!(tokens.iter().all(|it| *it == current(&stage)), "and all of them get its token");
    })
    .await;
}

#[tokio::test]
async fn two_processes_at_once_cause_one_refresh() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(25 * HOUR_MS);
        let other = stage.second_process().await;
        let callers = (0..20).map(|n| {
            let process = if n % 2 == 0 { &stage.app } else { &other };
            process.tokens.access_token(id, 60)
        });
        for outcome in join_all(callers).await {
            match outcome {
                Ok(token) => assert_eq!(token.expose_secret(), current(&stage)),
                // Time flies here while somebody waits for the other process; giving up is honest, a second refresh is not.
                Err(error) => assert!(matches!(error, TokenError::Busy), "{error:?}"),
            }
        }
        assert_eq!(stage.refreshes(), 1);
        assert_eq!(other.tokens.access_token(id, 60).await.unwrap().expose_secret(), current(&stage));
        assert_eq!(stage.refreshes(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_died_while_refreshing_is_waited_out() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(25 * HOUR_MS);
        let version = stage.store().token(id).await.unwrap().unwrap().version;
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.token_lease_refresh(id, version, stage.now(), stage.now().plus_millis(MINUTE_MS)).await.unwrap());
        tx.commit().await.unwrap();

        let waited_from = stage.now();
        assert!(matches!(token(&stage, id, 60).await, Err(TokenError::Busy)));
        assert_eq!(stage.now().millis_since(waited_from), 10_000, "ten seconds, not for ever");
        assert_eq!(stage.refreshes(), 0);
        stage.pass(MINUTE_MS);
        assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage));
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_without_rotation_is_simply_asked_again() {
    everywhere_with(
        |it| it.simulator.quirks.refresh_rotation = RefreshRotation::Never,
        async |stage| {
            let (_, signed_in) = stage.sign_in(MILA).await;
            let id = signed_in.connection_id;
            stage.pass(25 * HOUR_MS);
            stage.tiktok().fault(lost_answer());
            assert!(matches!(token(&stage, id, 60).await, Err(TokenError::TikTok(_))));
            assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage), "at once: the lease was given back");
            assert_eq!(state(&stage, id).await, ConnectionState::Active);
        },
    )
    .await;
}

#[tokio::test]
async fn a_lost_answer_with_rotation_is_survived_while_the_old_token_lives() {
    everywhere_with(
        |it| it.simulator.quirks.old_refresh_token_lives_ms = HOUR_MS,
        async |stage| {
            let (_, signed_in) = stage.sign_in(MILA).await;
            let id = signed_in.connection_id;
            stage.pass(25 * HOUR_MS);
            stage.tiktok().fault(lost_answer());
            token(&stage, id, 60).await.unwrap_err();
            assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage));
            assert_eq!(state(&stage, id).await, ConnectionState::Active);
        },
    )
    .await;
}

#[tokio::test]
async fn a_lost_answer_with_rotation_that_killed_the_old_token_needs_the_person_again() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(25 * HOUR_MS);
        stage.tiktok().fault(lost_answer());
        assert!(matches!(token(&stage, id, 60).await, Err(TokenError::TikTok(_))), "a lost answer proves nothing");
        assert_eq!(state(&stage, id).await, ConnectionState::Active);
        assert!(matches!(token(&stage, id, 60).await, Err(TokenError::ReconnectNeeded)));
        assert_eq!(state(&stage, id).await, ConnectionState::ReconnectNeeded);

        let browser = Browser::new();
        let reconnect = app::sign_in::Purpose::Reconnect(&actor, id);
        let walk = browser.walk(&stage.app, reconnect, &Answer::allow(MILA)).await;
        stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap();
        assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage));
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_ahead_of_time_goes_on_with_the_token_that_still_lives() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let old = current(&stage);
        stage.pass(20 * HOUR_MS);
        stage.tiktok().fault(FaultRule::once(Route::TokenRefresh, FaultAction::DropBefore));
        assert_eq!(token(&stage, signed_in.connection_id, 8 * 3600).await.unwrap(), old);
        assert_eq!(token(&stage, signed_in.connection_id, 8 * 3600).await.unwrap(), current(&stage));
        assert_ne!(current(&stage), old);
    })
    .await;
}

#[tokio::test]
async fn the_token_before_the_last_one_is_tried_before_the_person_is_troubled() {
    everywhere_with(
        |it| it.simulator.quirks.old_refresh_token_lives_ms = 60 * DAY_MS,
        async |stage| {
            let (_, signed_in) = stage.sign_in(MILA).await;
            let id = signed_in.connection_id;
            stage.pass(25 * HOUR_MS);
            token(&stage, id, 60).await.unwrap();
            stage.pass(25 * HOUR_MS);
            let refused = FaultStatus { status: 400, code: Some("invalid_grant".to_owned()), retry_after_s: None };
            stage.tiktok().fault(FaultRule::once(Route::TokenRefresh, FaultAction::Status(refused)));
            assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage));
            assert_eq!(stage.refreshes(), 3);
            assert_eq!(state(&stage, id).await, ConnectionState::Active);
        },
    )
    .await;
}

#[tokio::test]
async fn a_wrong_client_secret_is_our_fault_and_flags_no_connection() {
    for oauth_error_status in [200, 400, 401] {
        everywhere_with(
            move |it| it.simulator.quirks.oauth_error_status = oauth_error_status,
            async |stage| {
                let (_, signed_in) = stage.sign_in(MILA).await;
                let id = signed_in.connection_id;
                stage.pass(25 * HOUR_MS);
                let misconfigured = stage.with_wrong_secret().await;
                for _ in 0..3 {
                    let error = misconfigured.tokens.access_token(id, 60).await.unwrap_err();
                    assert!(matches!(error, TokenError::TikTok(_)), "{error:?}");
                }
                assert_eq!(state(&stage, id).await, ConnectionState::Active);
                assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage), "once the operator repaired it");
            },
        )
        .await;
    }
}

#[tokio::test]
async fn a_tiktok_that_is_down_flags_no_connection() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(25 * HOUR_MS);
        for code in [None, Some("server_error"), Some("temporarily_unavailable")] {
            let down = FaultStatus { status: 503, code: code.map(str::to_owned), retry_after_s: Some(5) };
            stage.tiktok().fault(FaultRule::once(Route::TokenRefresh, FaultAction::Status(down)));
            assert!(matches!(token(&stage, id, 60).await, Err(TokenError::TikTok(_))));
        }
        assert_eq!(state(&stage, id).await, ConnectionState::Active);
        token(&stage, id, 60).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_the_person_removed_in_tiktok_needs_reconnecting() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = stage.scheduled(&actor, id).await;
        stage.tiktok().disconnect(KEY, MILA, RemovalReason::UserDisconnected).unwrap();
        stage.pass(2 * MINUTE_MS);
        assert!(matches!(stage.app.creator_standing(&actor, id).await, Err(Error::ReconnectNeeded)));
        assert_eq!(state(&stage, id).await, ConnectionState::ReconnectNeeded);
        assert_eq!(stage.store().audit_latest(1).await.unwrap()[0].action, "connection.reconnect_needed");
        assert_eq!(stage.app.connection_views(&actor).await.unwrap()[0].waiting_posts, 1);
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap().state, post.state, "parking it is the engine's act");
    })
    .await;
}

#[tokio::test]
async fn a_token_refused_before_its_time_is_replaced_once() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let refused = FaultStatus { status: 401, code: Some("access_token_invalid".to_owned()), retry_after_s: None };
        stage.tiktok().fault(FaultRule::once(Route::CreatorInfo, FaultAction::Status(refused)));
        stage.app.creator_standing(&actor, signed_in.connection_id).await.unwrap();
        assert_eq!(stage.refreshes(), 1);
        let mut tries = stage.requests(Route::CreatorInfo);
        let last = tries.pop().unwrap();
        assert_eq!(last.header("authorization"), Some(format!("Bearer {}", current(&stage)).as_str()));
    })
    .await;
}

#[tokio::test]
async fn pp_1_2_a_row_copied_to_another_connection_does_not_open() {
    everywhere(async |stage| {
        let (actor, mila) = stage.sign_in(MILA).await;
        let oleg = stage.add_account(&actor, OLEG).await;
        let stolen = stage.store().token(mila.connection_id).await.unwrap().unwrap();
        let own = stage.store().token(oleg).await.unwrap().unwrap();
        let with_key = TokenRow { connection_id: oleg, ..stolen.clone() };
        let without_key = TokenRow { access_sealed: stolen.access_sealed, ..own.clone() };
        let swapped = TokenRow { access_sealed: own.refresh_sealed.clone(), ..own.clone() };
        let older = TokenRow { version: own.version + 1, ..own };
        for forged in [with_key, without_key, swapped, older] {
            let mut tx = stage.store().begin().await.unwrap();
            tx.token_put(&forged).await.unwrap();
            tx.commit().await.unwrap();
            let error = stage.app.tokens.access_token(oleg, 60).await.unwrap_err();
            assert!(matches!(error, TokenError::Vault(_)), "{error:?}");
        }
    })
    .await;
}

/// Waits until a request is at the simulator, which holds its answer back.
async fn arrived(stage: &Stage, route: Route, count: usize) {
    eventually(async || stage.requests(route).len() >= count).await;
}

fn slow(route: Route) -> FaultRule {
    FaultRule::once(route, FaultAction::Latency(150))
}

#[tokio::test]
async fn pp_6_3_a_refresh_under_way_does_not_bring_a_disconnected_account_back() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(20 * HOUR_MS);
        stage.tiktok().clear_journal();
        stage.tiktok().fault(slow(Route::TokenRefresh));
        let refresh = tokio::spawn({
            let tokens = stage.app.tokens.clone();
            async move { tokens.access_token(id, 8 * 3600).await }
        });
        arrived(&stage, Route::Token, 1).await;
        stage.app.disconnect(&actor, id).await.unwrap();
        let outcome = refresh.await.unwrap();
        assert!(matches!(outcome, Err(TokenError::Disconnected)), "{outcome:?}");
        assert!(stage.store().token(id).await.unwrap().is_none());
        assert_eq!(state(&stage, id).await, ConnectionState::Disconnected, "not \"please reconnect\"");
    })
    .await;
}

#[tokio::test]
async fn a_refresh_under_way_does_not_replace_the_grant_of_a_reconnect() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(20 * HOUR_MS);
        stage.tiktok().clear_journal();
        stage.tiktok().fault(slow(Route::TokenRefresh));
        let refresh = tokio::spawn({
            let tokens = stage.app.tokens.clone();
            async move { tokens.access_token(id, 8 * 3600).await }
        });
        arrived(&stage, Route::Token, 1).await;
        let browser = Browser::new();
        let reconnect = app::sign_in::Purpose::Reconnect(&actor, id);
        let walk = browser.walk(&stage.app, reconnect, &Answer::allow(MILA)).await;
        stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap();
        let renewed = stage.tiktok().grants().last().unwrap().clone();
        refresh.await.unwrap().ok();
        assert_eq!(token(&stage, id, 60).await.unwrap(), renewed.access_token, "the person's newest consent counts");
        assert_eq!(state(&stage, id).await, ConnectionState::Active);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_outlives_the_visitor_who_asked_for_it() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.pass(25 * HOUR_MS);
        stage.tiktok().clear_journal();
        stage.tiktok().fault(slow(Route::TokenRefresh));
        let visitor = tokio::spawn({
            let tokens = stage.app.tokens.clone();
            async move { tokens.access_token(id, 60).await.map(drop) }
        });
        arrived(&stage, Route::Token, 1).await;
        visitor.abort();
        visitor.await.unwrap_err();
        // TikTok has rotated; had the answer been dropped with the visitor, the account would be lost.
        let version = stage.store().token(id).await.unwrap().unwrap().version;
        eventually(async || stage.store().token(id).await.unwrap().unwrap().version != version).await;
        assert_eq!(token(&stage, id, 60).await.unwrap(), current(&stage));
        assert_eq!(stage.refreshes(), 1);
    })
    .await;
}
