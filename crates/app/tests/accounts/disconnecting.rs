//! Disconnecting: what is gone before the answer, what TikTok hears, and what becomes of the posts.

use app::Error;
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::post::PostState;
use domain::privacy::erasure::Revoked;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::support::*;

async fn disconnect(app: &app::App, actor: &app::Actor, id: ConnectionId) -> Revoked {
    app.disconnect(actor, id).await.unwrap().revoked
}

async fn is_disconnected(stage: &Stage, id: ConnectionId) {
    assert!(stage.store().token(id).await.unwrap().is_none(), "tokens and data key are gone");
    let connection = stage.store().connection_any(id).await.unwrap().unwrap();
    assert_eq!(connection.state, ConnectionState::Disconnected);
}

#[tokio::test]
async fn pp_6_3_tokens_are_gone_and_tiktok_has_revoked() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let access_token = stage.tiktok().grants()[0].access_token.clone();
        assert_eq!(disconnect(&stage.app, &actor, id).await, Revoked::Confirmed);
        is_disconnected(&stage, id).await;
        let revoked = stage.requests(Route::Revoke);
        assert_eq!(revoked.len(), 1);
        let form: Vec<(String, String)> =
            url::form_urlencoded::parse(revoked[0].text().as_bytes()).into_owned().collect();
        assert!(form.contains(&("token".to_owned(), access_token)));
        assert!(stage.tiktok().grants().iter().all(|grant| grant.removed));
        assert_eq!(stage.store().audit_latest(2).await.unwrap()[1].action, "connection.disconnect");

        stage.tiktok().clear_journal();
        assert!(matches!(stage.app.creator_standing(&actor, id).await, Err(Error::ReconnectNeeded)));
        assert!(stage.tiktok().journal().is_empty(), "no later call with that token");
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_the_tokens_are_destroyed_before_tiktok_is_asked() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.tiktok().fault(FaultRule::once(Route::Revoke, FaultAction::Latency(150)));
        let disconnect = tokio::spawn({
            let app = stage.app.clone();
            let actor = actor.clone();
            async move { app.disconnect(&actor, id).await }
        });
        eventually(async || !stage.requests(Route::Revoke).is_empty()).await;
        is_disconnected(&stage, id).await;
        assert_eq!(disconnect.await.unwrap().unwrap().revoked, Revoked::Confirmed);
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_pp_7_5_a_tiktok_that_is_down_does_not_keep_the_tokens_alive() {
    everywhere(async |stage| {
        let down = FaultStatus { status: 503, code: None, retry_after_s: None };
        let (actor, _) = stage.sign_in(OLEG).await;
        for action in [FaultAction::Status(down), FaultAction::DropBefore] {
            let id = stage.add_account(&actor, MILA).await;
            stage.tiktok().fault(FaultRule::once(Route::Revoke, action));
            assert_eq!(disconnect(&stage.app, &actor, id).await, Revoked::Pending, "and the person is told so");
            is_disconnected(&stage, id).await;
        }
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_pp_7_5_an_expired_access_token_is_renewed_once_to_revoke_with() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.pass(25 * HOUR_MS);
        assert_eq!(disconnect(&stage.app, &actor, signed_in.connection_id).await, Revoked::Confirmed);
        is_disconnected(&stage, signed_in.connection_id).await;
        assert_eq!(stage.refreshes(), 1);
        assert!(stage.tiktok().grants().iter().all(|grant| grant.removed));

        let again = stage.add_account(&actor, OLEG).await;
        stage.pass(25 * HOUR_MS);
        stage.tiktok().fault(FaultRule::once(Route::TokenRefresh, FaultAction::DropBefore));
        assert_eq!(disconnect(&stage.app, &actor, again).await, Revoked::Unconfirmed);
        is_disconnected(&stage, again).await;
    })
    .await;
}

#[tokio::test]
async fn disconnecting_twice_is_harmless() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        assert_eq!(disconnect(&stage.app, &actor, signed_in.connection_id).await, Revoked::Confirmed);
        assert_eq!(stage.requests(Route::Revoke).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn posts_of_a_disconnected_account_are_parked_and_those_of_others_are_not() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let other = stage.add_account(&actor, CAREFUL).await;
        let parked = stage.scheduled(&actor, signed_in.connection_id).await;
        let untouched = stage.scheduled(&actor, other).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();

        let detail = stage.app.post_detail(&actor, parked.id).await.unwrap();
        assert_eq!(detail.row.post.state, PostState::NeedsAttention);
        assert_eq!(detail.row.post.content, parked.content, "nothing of it is lost");
        let last = detail.events.last().unwrap();
        assert_eq!((last.kind.as_str(), last.actor_id), ("parked", Some(actor.user_id)));
        assert_eq!(stage.app.post(&actor, untouched.id).await.unwrap(), untouched);
        assert_eq!(stage.app.post(&actor, draft.id).await.unwrap(), draft);
        let queue = stage.app.queue(&actor, START).await.unwrap();
        assert_eq!(queue.attention.iter().map(|row| row.post.id).collect::<Vec<_>>(), [parked.id]);
    })
    .await;
}

#[tokio::test]
async fn a_disconnected_account_comes_back_as_itself() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = stage.scheduled(&actor, id).await;
        stage.app.disconnect(&actor, id).await.unwrap();
        assert_eq!(stage.add_account(&actor, MILA).await, id);
        let connection = stage.app.connection(&actor, id).await.unwrap();
        assert_eq!(connection.state, ConnectionState::Active);

        let parked = stage.app.post(&actor, post.id).await.unwrap();
        let declaration = domain::consent::Declaration::Music;
        let when = at("2026-11-24T12:00");
        let retried = stage.app.reschedule(&actor, post.id, parked.revision, &when, declaration).await.unwrap();
        assert_eq!(retried.state, PostState::Scheduled);
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_the_grant_ends_even_when_the_visitor_leaves() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.tiktok().fault(FaultRule::once(Route::Revoke, FaultAction::Latency(150)));
        let visitor = tokio::spawn({
            let app = stage.app.clone();
            async move { app.disconnect(&actor, id).await.map(drop) }
        });
        eventually(async || !stage.requests(Route::Revoke).is_empty()).await;
        visitor.abort();
        visitor.await.unwrap_err();
        eventually(async || stage.tiktok().grants()[0].removed).await;
        is_disconnected(&stage, id).await;
    })
    .await;
}
