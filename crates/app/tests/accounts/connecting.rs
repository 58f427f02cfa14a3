//! More accounts, fewer permissions, renewed grants: what a connection is and whose.

use app::posts::When;
use app::sign_in::{Arrival, Purpose, SignInFailure};
use app::{Actor, Error};
use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::id::ConnectionId;
use domain::post::Delivery;
use domain::rules::Problem;
use store::Connection;
use tiktok_sim::{RemovalReason, Route};
use uuid::Uuid;

use crate::browser::{Answer, Browser};
use crate::support::*;

async fn connection(stage: &Stage, actor: &Actor, id: ConnectionId) -> Connection {
    stage.app.connection(actor, id).await.unwrap()
}

#[tokio::test]
async fn pp_3_2_a_grant_without_publishing_offers_inbox_drafts_only() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(OLEG).await;
        let partial = Answer::allow_only(MILA, &["user.info.basic", "video.upload"]);
        let signed_in = stage.add_account_with(&actor, &partial).await;
        assert_eq!(signed_in.missing_scopes, ["video.publish"]);
        stage.tiktok().clear_journal();

        let draft = stage.draft(&actor, signed_in.connection_id).await;
        assert_eq!(draft.delivery, Delivery::Inbox, "what works is what is offered");
        let view = stage.app.compose(&actor, draft.group_id, None, None).await.unwrap();
        assert!(!view.problems.iter().any(|problem| matches!(problem, Problem::ScopeMissing { .. })));
        let refused = stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await.unwrap_err();
        match refused {
            Error::Invalid(problems) => {
                assert!(problems.contains(&Problem::ScopeMissing { delivery: Delivery::Direct }), "{problems:?}");
            }
            other => panic!("{other:?}"),
        }
        assert!(stage.requests(Route::CreatorInfo).is_empty(), "nothing is asked for which there is no permission");

        let mut inbox = everyone();
        inbox.delivery = Delivery::Inbox;
        stage.app.submit(&actor, draft.id, &submit(&draft, inbox, When::Now)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pp_3_2_a_grant_without_inbox_posts_directly_only() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(OLEG).await;
        let partial = Answer::allow_only(MILA, &["user.info.basic", "video.publish"]);
        let signed_in = stage.add_account_with(&actor, &partial).await;
        assert_eq!(signed_in.missing_scopes, ["video.upload"]);

        let draft = stage.draft(&actor, signed_in.connection_id).await;
        assert_eq!(draft.delivery, Delivery::Direct);
        let mut inbox = everyone();
        inbox.delivery = Delivery::Inbox;
        match stage.app.submit(&actor, draft.id, &submit(&draft, inbox, When::Now)).await.unwrap_err() {
            Error::Invalid(problems) => assert_eq!(problems, [Problem::ScopeMissing { delivery: Delivery::Inbox }]),
            other => panic!("{other:?}"),
        }
        stage.app.submit(&actor, draft.id, &submit(&draft, everyone(), When::Now)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pp_3_2_a_profile_alone_signs_in_and_posts_nothing() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let only = Answer::allow_only(MILA, &["user.info.basic"]);
        let walk = browser.walk(&stage.app, Purpose::SignIn, &only).await;
        let signed_in =
            stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap().connected().unwrap();
        assert_eq!(signed_in.missing_scopes, ["video.publish", "video.upload"]);
        let actor = stage.app.actor_of_session(&signed_in.session_secret.unwrap()).await.unwrap().unwrap();
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        for delivery in [Delivery::Direct, Delivery::Inbox] {
            let mut input = everyone();
            input.delivery = delivery;
            match stage.app.submit(&actor, draft.id, &submit(&draft, input, When::Now)).await.unwrap_err() {
                Error::Invalid(problems) => assert!(problems.contains(&Problem::ScopeMissing { delivery })),
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pp_3_2_without_the_basic_profile_there_is_nobody_to_sign_in() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let only = Answer::allow_only(MILA, &["video.publish", "video.upload"]);
        let walk = browser.walk(&stage.app, Purpose::SignIn, &only).await;
        let failure = stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap_err();
        assert_eq!(failure.code(), "basic-scope-missing");
        let open_id = &stage.tiktok().grants()[0].open_id;
        assert_eq!(stage.store().person_by_open_id(open_id).await.unwrap(), None);
        assert!(stage.store().connections_by_open_id(open_id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn adding_an_account_makes_tiktok_ask_which_and_keeps_the_session() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        let first =
            stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap().connected().unwrap();
        let actor = stage.app.actor_of_session(&first.session_secret.unwrap()).await.unwrap().unwrap();

        stage.pass(1);
        // The same browser is signed in at TikTok as the first account: without asking, TikTok would connect it again.
        let walk = browser.walk(&stage.app, Purpose::AddAccount(&actor), &Answer::allow(OLEG)).await;
        let Arrival::Unconfirmed(asked) =
            stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap()
        else {
            panic!("nobody was asked");
        };
        let second = stage.app.confirm_account(&actor, asked).await.unwrap();
        assert!(second.session_secret.is_none());
        let connections = stage.app.connections(&actor).await.unwrap();
        let handles: Vec<_> = connections.iter().map(|it| it.username.as_deref().unwrap()).collect();
        assert_eq!(handles, [MILA, OLEG]);
        assert_eq!((connections[0].flavour, connections[1].flavour), (Flavour::nth(0), Flavour::nth(1)));
        assert_eq!(connections[1].workspace_id, actor.workspace_id);
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_may_pass_tiktok_silently() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap();
        // The answer is not given: the page is not shown.
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::cancel(OLEG)).await;
        stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap();
        assert_eq!(stage.requests(Route::Authorize).len(), 3, "two visits and one form");
    })
    .await;
}

#[tokio::test]
async fn adding_an_account_that_is_there_renews_it() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let before = connection(&stage, &actor, first.connection_id).await;
        stage.pass(HOUR_MS);
        let again = stage.add_account(&actor, MILA).await;
        let after = connection(&stage, &actor, again).await;
        assert_eq!((after.id, after.flavour, after.connected_at), (before.id, before.flavour, before.connected_at));
        assert_eq!(after.consented_at, stage.now());
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_tiktok_account_may_be_connected_in_two_workspaces_and_stays_apart() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        let shared = stage.add_account(&oleg, MILA).await;
        assert_ne!(shared, own.connection_id);
        assert!(matches!(stage.app.connection(&mila, shared).await, Err(Error::NotFound { .. })));
        stage.app.disconnect(&oleg, shared).await.unwrap();
        assert_eq!(connection(&stage, &mila, own.connection_id).await.state, ConnectionState::Active);
    })
    .await;
}

#[tokio::test]
async fn reconnecting_with_another_account_is_refused_and_changes_nothing() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let before = connection(&stage, &actor, first.connection_id).await;
        let tokens = stage.store().token(first.connection_id).await.unwrap();

        let browser = Browser::new();
        let reconnect = Purpose::Reconnect(&actor, first.connection_id);
        let walk = browser.walk(&stage.app, reconnect, &Answer::allow(OLEG)).await;
        match stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap_err() {
            SignInFailure::WrongAccount { expected } => assert_eq!(expected, "Moloko Demo"),
            other => panic!("{other:?}"),
        }
        assert_eq!(stage.app.connections(&actor).await.unwrap(), [before]);
        assert!(stage.store().token(first.connection_id).await.unwrap() == tokens);
    })
    .await;
}

#[tokio::test]
async fn reconnecting_the_right_account_brings_it_back() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let id = first.connection_id;
        stage.tiktok().disconnect(KEY, MILA, RemovalReason::UserDisconnected).unwrap();
        stage.app.creator_standing(&actor, id).await.unwrap_err();
        assert_eq!(connection(&stage, &actor, id).await.state, ConnectionState::ReconnectNeeded);

        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::Reconnect(&actor, id), &Answer::allow(MILA)).await;
        let renewed = stage
            .app
            .finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop())
            .await
            .unwrap()
            .connected()
            .unwrap();
        assert_eq!(renewed.connection_id, id);
        assert_eq!(connection(&stage, &actor, id).await.state, ConnectionState::Active);
        stage.app.creator_standing(&actor, id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_walk_of_one_person_cannot_be_ended_by_another() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        // The same browser, as on a shared machine: Mila set out, Oleg is signed in when the answer comes.
        for signed_in in [Some(&oleg), None] {
            let browser = Browser::new();
            let walk = browser.walk(&stage.app, Purpose::AddAccount(&mila), &Answer::allow(CAREFUL)).await;
            let failure = stage.app.finish_sign_in(&walk, &browser.secret, signed_in, &laptop()).await.unwrap_err();
            assert_eq!(failure.code(), "unknown-state");
        }
        for actor in [&mila, &oleg] {
            assert_eq!(stage.app.connections(actor).await.unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_workspace_has_at_most_fifty_connections() {
    everywhere(async |stage| {
        let (actor, first) = stage.sign_in(MILA).await;
        let one = connection(&stage, &actor, first.connection_id).await;
        let mut tx = stage.store().begin().await.unwrap();
        for n in 1..50_u128 {
            let another = Connection {
                id: ConnectionId::from_uuid(Uuid::from_u128(n)),
                open_id: format!("open-{n}"),
                scopes: Scopes::default(),
                ..one.clone()
            };
            tx.connection_upsert(&another).await.unwrap();
        }
        tx.commit().await.unwrap();

        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::AddAccount(&actor), &Answer::allow(OLEG)).await;
        let failure = stage.app.finish_sign_in(&walk, &browser.secret, Some(&actor), &laptop()).await.unwrap_err();
        assert_eq!(failure.code(), "too-many-connections");
        assert_eq!(stage.app.connections(&actor).await.unwrap().len(), 50);
        // One that is there already may still be renewed.
        assert_eq!(stage.add_account(&actor, MILA).await, one.id);
    })
    .await;
}
