//! Signing in with TikTok: the good walk, and every way in which it may end otherwise.

use app::Error;
use app::sign_in::{Callback, Purpose, SignInFailure, SignedIn, StartSignIn};
use domain::connection::ConnectionState;
use secrecy::ExposeSecret as _;
use tiktok_sim::{AppStage, FaultAction, FaultRule, FaultStatus, Route, Scope};

use crate::browser::{ALL_SCOPES, Answer, Browser};
use crate::support::*;

/// Comes back to our callback page, not signed in.
async fn come_back(stage: &Stage, browser: &Browser, callback: &Callback) -> Result<SignedIn, SignInFailure> {
    let arrival = stage.app.finish_sign_in(callback, &browser.secret, None, &laptop()).await?;
    Ok(arrival.connected().expect("signing in asks nothing"))
}

/// Nobody was let in and nothing was made.
async fn nothing_was_created(stage: &Stage) {
    let open_id = stage.tiktok().issue_grant(KEY, MILA, &["user.info.basic"]).unwrap().open_id;
    assert_eq!(stage.store().person_by_open_id(&open_id).await.unwrap(), None);
    assert!(stage.store().connections_by_open_id(&open_id).await.unwrap().is_empty());
    assert!(stage.store().audit_latest(10).await.unwrap().is_empty());
}

async fn a_person_signs_in(stage: Stage) {
    let (actor, signed_in) = stage.sign_in(MILA).await;
    assert_eq!(signed_in.missing_scopes, Vec::<&str>::new());
    assert_eq!(signed_in.next_path, "/compose");
    assert_eq!((actor.display_name.as_str(), actor.locale.as_str()), ("Moloko Demo", "en"));

    let connections = stage.app.connections(&actor).await.unwrap();
    assert_eq!(connections.len(), 1);
    let connection = &connections[0];
    assert_eq!(connection.id, signed_in.connection_id);
    assert_eq!(connection.state, ConnectionState::Active);
    assert_eq!(connection.username.as_deref(), Some(MILA), "the handle comes from creator info");
    assert_eq!(connection.scopes.to_string(), ALL_SCOPES.join(","));
    assert_eq!(connection.open_id, stage.tiktok().grants()[0].open_id);
    assert_eq!(stage.store().audit_latest(10).await.unwrap()[0].action, "sign_in");
}

#[tokio::test]
async fn pp_2_1_a_person_signs_in_through_the_consent_page() {
    everywhere(a_person_signs_in).await;
}

#[tokio::test]
async fn pp_2_1_a_person_signs_in_on_a_loopback_address_with_pkce() {
    everywhere_with(|it| it.settings.public_url = LOOPBACK.parse().unwrap(), a_person_signs_in).await;
}

#[tokio::test]
async fn signing_in_again_is_the_same_person_in_a_new_session() {
    everywhere(async |stage| {
        let (first, one) = stage.sign_in(MILA).await;
        stage.app.set_preferences(&first, "ru", "Europe/Moscow", "dark").await.unwrap();
        let (second, two) = stage.sign_in(MILA).await;
        assert_eq!((second.user_id, second.workspace_id), (first.user_id, first.workspace_id));
        assert_eq!(two.connection_id, one.connection_id);
        assert_ne!(second.session_id, first.session_id);
        assert_eq!(
            (second.locale.as_str(), second.time_zone.as_str(), second.theme.as_str()),
            ("ru", "Europe/Moscow", "dark")
        );
    })
    .await;
}

#[tokio::test]
async fn pp_3_2_the_authorize_address_asks_for_exactly_what_the_policy_names() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let address = browser.set_out(&stage.app, Purpose::SignIn).await;
        let query: Vec<(String, String)> = address.query_pairs().into_owned().collect();
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(get("scope"), Some("user.info.basic,video.publish,video.upload"));
        assert_eq!(get("client_key"), Some(KEY));
        assert_eq!(get("response_type"), Some("code"));
        assert_eq!(get("redirect_uri"), Some("https://demo.example/oauth/tiktok/callback/"));
        assert!(get("state").unwrap().len() >= 43, "256 random bits");
        assert!(!address.as_str().contains(SECRET));
    })
    .await;
}

#[tokio::test]
async fn pp_8_1_without_the_age_confirmation_nobody_sets_out() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let start = |adult_confirmed| StartSignIn {
            purpose: Purpose::SignIn,
            browser_secret: &browser.secret,
            adult_confirmed,
            next_path: "/queue",
            locale: "ru",
        };
        let refused = stage.app.start_sign_in(start(false)).await.unwrap_err();
        assert!(matches!(refused, Error::BadInput { code: "adult-not-confirmed" }), "{refused:?}");
        assert!(stage.tiktok().journal().is_empty());

        let confirmed_at = stage.now();
        let address = stage.app.start_sign_in(start(true)).await.unwrap();
        stage.pass(MINUTE_MS);
        let walk = browser.consent(&stage.app, &address, &Answer::allow(MILA)).await;
        come_back(&stage, &browser, &walk).await.unwrap();
        let person = stage.store().person_by_open_id(&stage.tiktok().grants()[0].open_id).await.unwrap().unwrap();
        assert_eq!(person.adult_confirmed_at, confirmed_at, "the moment of the tick, not of the return");
        assert!(!person.adult_text_version.is_empty());
        assert_eq!(person.locale, "ru");
    })
    .await;
}

#[tokio::test]
async fn only_known_paths_of_this_site_are_returned_to() {
    everywhere(async |stage| {
        for next_path in
            ["https://evil.example/", "//evil.example", "/queue/../../admin", "/oauth/tiktok/callback/", ""]
        {
            let browser = Browser::new();
            let start = StartSignIn {
                purpose: Purpose::SignIn,
                browser_secret: &browser.secret,
                adult_confirmed: true,
                next_path,
                locale: "en",
            };
            let address = stage.app.start_sign_in(start).await.unwrap();
            let walk = browser.consent(&stage.app, &address, &Answer::allow(MILA)).await;
            assert_eq!(come_back(&stage, &browser, &walk).await.unwrap().next_path, "/queue", "{next_path}");
        }
    })
    .await;
}

#[tokio::test]
async fn pp_2_1_an_answer_without_its_state_lets_nobody_in() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        let invented = "A".repeat(43);
        for state in [None, Some(String::new()), Some(invented), walk.state.clone().map(|state| state.to_lowercase())] {
            let forged = Callback { state, ..walk.clone() };
            let failure = come_back(&stage, &browser, &forged).await.unwrap_err();
            assert_eq!(failure.code(), "unknown-state", "{forged:?}");
        }
        assert!(stage.requests(Route::Token).is_empty(), "the code was not even tried");
        nothing_was_created(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn pp_2_1_a_state_of_another_browser_lets_nobody_in() {
    everywhere(async |stage| {
        let attacker = Browser::new();
        let walk = attacker.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        let victim = Browser::new();
        let failure = come_back(&stage, &victim, &walk).await.unwrap_err();
        assert_eq!(failure.code(), "unknown-state", "the victim is not signed in as the attacker");
        assert!(stage.requests(Route::Token).is_empty());
        nothing_was_created(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn pp_2_1_an_answer_works_once() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        come_back(&stage, &browser, &walk).await.unwrap();
        assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "unknown-state");
        assert_eq!(stage.requests(Route::Token).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn pp_2_1_a_code_replayed_into_a_fresh_walk_is_refused() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let stolen = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        come_back(&stage, &browser, &stolen).await.unwrap();

        let thief = Browser::new();
        let own = thief.walk(&stage.app, Purpose::SignIn, &Answer::allow(OLEG)).await;
        let replay = Callback { code: stolen.code.clone(), ..own };
        assert_eq!(come_back(&stage, &thief, &replay).await.unwrap_err().code(), "code-refused");
        let people = stage.store().audit_latest(10).await.unwrap();
        assert_eq!(people.iter().filter(|entry| entry.action == "sign_in").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_state_ends_with_the_sign_in_time_out() {
    everywhere(async |stage| {
        let timeout_ms = i64::try_from(stage.app.settings.sign_in_timeout.as_millis()).unwrap();
        let slow = Browser::new();
        let address = slow.set_out(&stage.app, Purpose::SignIn).await;
        let just = Browser::new();
        let address_of_just = just.set_out(&stage.app, Purpose::SignIn).await;

        stage.pass(timeout_ms - 1);
        let walk = just.consent(&stage.app, &address_of_just, &Answer::allow(MILA)).await;
        come_back(&stage, &just, &walk).await.unwrap();

        stage.pass(1);
        let walk = slow.consent(&stage.app, &address, &Answer::allow(OLEG)).await;
        assert_eq!(come_back(&stage, &slow, &walk).await.unwrap_err().code(), "unknown-state");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_waited_too_long_is_refused() {
    let patient = |it: &mut Setting| it.settings.sign_in_timeout = std::time::Duration::from_secs(3600);
    everywhere_with(patient, async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        stage.pass(10 * MINUTE_MS);
        assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "code-refused");
        nothing_was_created(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn cancelling_on_tiktoks_page_creates_nothing() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::cancel(MILA)).await;
        assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "denied");
        assert!(stage.requests(Route::Token).is_empty());
        nothing_was_created(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_outside_the_sandbox_is_told_apart_from_a_cancel() {
    let sandbox = |it: &mut Setting| {
        it.simulator.apps[0] = app_in(AppStage::Sandbox);
        it.simulator.apps[0].target_users = vec![OLEG.to_owned()];
    };
    everywhere_with(sandbox, async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "not-sandbox-target");
        let (actor, _) = stage.sign_in(OLEG).await;
        assert_eq!(actor.display_name, "Moloko Private");
    })
    .await;
}

#[tokio::test]
async fn a_draft_app_is_the_operators_problem_and_named_so() {
    everywhere_with(
        |it| it.simulator.apps[0] = app_in(AppStage::Draft),
        async |stage| {
            let browser = Browser::new();
            let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
            match come_back(&stage, &browser, &walk).await.unwrap_err() {
                SignInFailure::AppRefused(why) => assert_eq!(why, "client_key 10003"),
                other => panic!("{other:?}"),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_scope_that_the_app_lacks_is_named_so() {
    everywhere_with(
        |it| it.simulator.apps[0].scopes = vec![Scope::UserInfoBasic, Scope::VideoUpload],
        async |stage| {
            let browser = Browser::new();
            let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
            assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "scope-refused");
        },
    )
    .await;
}

#[tokio::test]
async fn an_error_that_nobody_knows_is_kept_short_and_creates_nothing() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let address = browser.set_out(&stage.app, Purpose::SignIn).await;
        let state = address.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
        let callback = Callback { state: Some(state), error: Some("x".repeat(10_000)), ..Callback::default() };
        match come_back(&stage, &browser, &callback).await.unwrap_err() {
            SignInFailure::Other(error) => assert_eq!(error.len(), 64),
            other => panic!("{other:?}"),
        }
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        let empty = Callback { code: Some(String::new()), ..walk };
        assert_eq!(come_back(&stage, &browser, &empty).await.unwrap_err().code(), "other");
        nothing_was_created(&stage).await;
    })
    .await;
}

#[tokio::test]
async fn a_tiktok_that_fails_half_way_leaves_nothing_behind() {
    everywhere(async |stage| {
        let broken = || FaultStatus { status: 500, code: Some("server_error".to_owned()), retry_after_s: None };
        for fault in [
            FaultRule::once(Route::TokenExchange, FaultAction::Status(broken())),
            FaultRule::once(Route::TokenExchange, FaultAction::DropAfter),
            FaultRule::once(Route::TokenExchange, FaultAction::Truncate(30)),
            FaultRule::once(Route::UserInfo, FaultAction::DropBefore),
        ] {
            stage.tiktok().fault(fault.clone());
            let browser = Browser::new();
            let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
            assert_eq!(come_back(&stage, &browser, &walk).await.unwrap_err().code(), "tiktok", "{fault:?}");
            nothing_was_created(&stage).await;
        }
        stage.sign_in(MILA).await;
    })
    .await;
}

#[tokio::test]
async fn creator_info_that_fails_does_not_keep_anybody_out() {
    everywhere(async |stage| {
        stage.tiktok().fault(FaultRule::once(Route::CreatorInfo, FaultAction::DropBefore));
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let connection = stage.app.connection(&actor, signed_in.connection_id).await.unwrap();
        assert_eq!((connection.display_name.as_str(), connection.username), ("Moloko Demo", None));
    })
    .await;
}

#[tokio::test]
async fn pp_2_1_no_failed_walk_leaves_a_session() {
    everywhere(async |stage| {
        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::cancel(MILA)).await;
        come_back(&stage, &browser, &walk).await.unwrap_err();
        for secret in [browser.secret.expose_secret().to_owned(), walk.state.unwrap(), String::new()] {
            assert_eq!(stage.app.actor_of_session(&secret.into()).await.unwrap(), None);
        }
    })
    .await;
}
