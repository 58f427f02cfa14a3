//! Operators: in by a link and a passkey, out after hours, and every act of theirs in the record.

use app::erasure::{HoldWish, Target};
use app::operators::{CEREMONY_MS, Entered, FRESH_MS, IDLE_MS, LINK_MS, Operating, OperatorActor, SESSION_MS};
use app::sessions::Device;
use app::{Error, alerts::AlertKind};
use domain::id::OperatorId;
use domain::privacy::support::RequestKind;
use secrecy::{ExposeSecret as _, SecretString};
use store::audit::Verdict;

use crate::authenticator::Authenticator;
use crate::support::*;

const ORIGIN: &str = "https://demo.example";
const RP: &str = "demo.example";

fn authenticator() -> Authenticator {
    Authenticator::new(ORIGIN, RP)
}

fn desk() -> Device {
    Device { label: "Chrome, Linux".to_owned(), ip: "192.0.2.1".to_owned() }
}

async fn link(stage: &Stage, name: &str) -> String {
    let link = stage.app.operator_link(name).await.unwrap();
    let url = link.url.expose_secret();
    url.strip_prefix("https://demo.example/operator/link/").expect("below the public address").to_owned()
}

async fn registered(stage: &Stage, name: &str, key: &mut Authenticator) -> Entered {
    let word = link(stage, name).await;
    let begun = stage.app.operator_register_begin(&word).await.unwrap();
    let answer = key.create(&begun.options);
    stage.app.operator_register_finish(&word, &begun.browser_secret, &answer, &desk()).await.unwrap()
}

async fn sign_in(stage: &Stage, key: &mut Authenticator) -> app::Result<Entered> {
    let begun = stage.app.operator_sign_in_begin().await.unwrap();
    let answer = key.get(&begun.options);
    stage.app.operator_sign_in_finish(&begun.browser_secret, &answer, &desk()).await
}

async fn who(stage: &Stage, secret: &SecretString) -> Option<OperatorActor> {
    stage.app.operator_of_session(secret).await.unwrap()
}

async fn actions(stage: &Stage, actor: &str) -> Vec<String> {
    let entries = stage.store().audit_latest(100).await.unwrap();
    entries.into_iter().rev().filter(|it| it.actor == actor).map(|it| it.action).collect()
}

fn refused<T: std::fmt::Debug>(result: app::Result<T>) {
    assert!(matches!(result, Err(Error::Conflict { code: "operator-refused" })), "{result:?}");
}

fn failed_sign_ins(stage: &Stage) -> u64 {
    let readings = stage.app.alerts.readings();
    readings.into_iter().find(|it| it.kind == AlertKind::FailedSignIns).unwrap().total
}

#[tokio::test]
async fn pp_5_3_an_operator_comes_in_by_a_link_once_and_by_the_passkey_ever_after() {
    everywhere(async |stage| {
        let mut key = authenticator();
        let word = link(&stage, " Ann ").await;
        assert_eq!(stage.app.operator_invited(&word).await.unwrap().name, "Ann");
        let begun = stage.app.operator_register_begin(&word).await.unwrap();
        assert_eq!(begun.options["rp"]["id"], RP);
        assert_eq!(begun.options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(begun.options["authenticatorSelection"]["residentKey"], "required");
        let answer = key.create(&begun.options);
        let entered = stage.app.operator_register_finish(&word, &begun.browser_secret, &answer, &desk()).await.unwrap();
        assert_eq!(who(&stage, &entered.secret).await, Some(entered.actor.clone()));

        let used = stage.app.operator_invited(&word).await;
        assert!(matches!(used, Err(Error::NotFound { .. })), "the link is used up");
        assert!(stage.app.operator_register_begin(&word).await.is_err());

        let again = sign_in(&stage, &mut key).await.unwrap();
        assert_eq!((again.actor.id, again.actor.name.as_str()), (entered.actor.id, "Ann"));
        let listed = stage.app.operators().await.unwrap();
        assert_eq!((listed.len(), listed[0].passkeys, listed[0].sessions), (1, 1, 2));
        assert_eq!(
            actions(&stage, &entered.actor.audit_name()).await,
            ["operator.passkey", "operator.sign_in", "operator.sign_in"],
            "all are in the record"
        );
        assert_eq!(actions(&stage, "operator").await, ["operator.link"]);
        assert!(matches!(stage.store().audit_verify(None).await.unwrap(), Verdict::Intact(_)));
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_a_link_counts_for_ten_minutes_and_a_newer_one_ends_it() {
    everywhere(async |stage| {
        let first = link(&stage, "Ann").await;
        let second = link(&stage, "Ann").await;
        assert!(stage.app.operator_invited(&first).await.is_err(), "there is one link for a name");
        stage.pass(LINK_MS - 1);
        stage.app.operator_invited(&second).await.unwrap();
        let begun = stage.app.operator_register_begin(&second).await.unwrap();
        stage.pass(1);
        assert!(stage.app.operator_invited(&second).await.is_err());
        let late = authenticator().create(&begun.options);
        let late = stage.app.operator_register_finish(&second, &begun.browser_secret, &late, &desk()).await;
        assert!(matches!(late, Err(Error::NotFound { .. })), "begun in time, ended too late: {late:?}");
        assert!(stage.app.operators().await.unwrap().is_empty());
        let long = "x".repeat(61);
        for name in ["", "  ", "a\nb", long.as_str()] {
            let refused = stage.app.operator_link(name).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "operator-name" })), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_second_passkey_is_added_by_another_link_and_belongs_to_the_same_operator() {
    everywhere(async |stage| {
        let (mut laptop, mut stick) = (authenticator(), authenticator());
        let first = registered(&stage, "Ann", &mut laptop).await;
        assert!(stage.app.operator_link("Ann").await.unwrap().known);
        let word = link(&stage, "Ann").await;
        let begun = stage.app.operator_register_begin(&word).await.unwrap();
        assert_eq!(begun.options["excludeCredentials"].as_array().unwrap().len(), 1, "the same one is not taken twice");
        let answer = stick.create(&begun.options);
        let second = stage.app.operator_register_finish(&word, &begun.browser_secret, &answer, &desk()).await.unwrap();
        assert_eq!(first.actor.id, second.actor.id);
        assert_eq!(sign_in(&stage, &mut laptop).await.unwrap().actor.id, first.actor.id);
        assert_eq!(sign_in(&stage, &mut stick).await.unwrap().actor.id, first.actor.id);
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_an_answer_counts_once_in_time_in_the_browser_that_was_asked() {
    everywhere(async |stage| {
        let mut key = authenticator();
        registered(&stage, "Ann", &mut key).await;
        let app = &stage.app;

        let begun = app.operator_sign_in_begin().await.unwrap();
        let answer = key.get(&begun.options);
        app.operator_sign_in_finish(&begun.browser_secret, &answer, &desk()).await.unwrap();
        refused(app.operator_sign_in_finish(&begun.browser_secret, &answer, &desk()).await);

        let begun = app.operator_sign_in_begin().await.unwrap();
        let answer = key.get(&begun.options);
        let elsewhere = app.operator_sign_in_begin().await.unwrap();
        refused(app.operator_sign_in_finish(&elsewhere.browser_secret, &answer, &desk()).await);

        let begun = app.operator_sign_in_begin().await.unwrap();
        let answer = key.get(&begun.options);
        stage.pass(CEREMONY_MS);
        refused(app.operator_sign_in_finish(&begun.browser_secret, &answer, &desk()).await);

        let begun = app.operator_sign_in_begin().await.unwrap();
        refused(app.operator_sign_in_finish(&begun.browser_secret, b"nonsense", &desk()).await);
        let answer = key.get(&begun.options);
        refused(app.operator_sign_in_finish(&begun.browser_secret, &answer, &desk()).await);
        assert_eq!(failed_sign_ins(&stage), 5, "each of them is counted");
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_a_copied_key_an_unasked_user_another_site_and_a_strangers_key_open_nothing() {
    everywhere(async |stage| {
        let mut key = authenticator();
        registered(&stage, "Ann", &mut key).await;
        sign_in(&stage, &mut key).await.unwrap();

        key.counter -= 1;
        refused(sign_in(&stage, &mut key).await);
        key.counter += 10;
        key.verifies = false;
        refused(sign_in(&stage, &mut key).await);
        key.verifies = true;
        key.origin = "https://demo.example.evil.example".to_owned();
        refused(sign_in(&stage, &mut key).await);
        key.origin = ORIGIN.to_owned();
        key.rp_id = "evil.example".to_owned();
        refused(sign_in(&stage, &mut key).await);
        key.rp_id = RP.to_owned();
        refused(sign_in(&stage, &mut authenticator()).await);
        sign_in(&stage, &mut key).await.unwrap();
        let mut user = authenticator();
        user.verifies = false;
        let word = link(&stage, "Bob").await;
        let begun = stage.app.operator_register_begin(&word).await.unwrap();
        let made = user.create(&begun.options);
        refused(stage.app.operator_register_finish(&word, &begun.browser_secret, &made, &desk()).await);
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_many_answers_that_open_nothing_raise_the_alert() {
    everywhere(async |stage| {
        for _ in 0..20 {
            refused(sign_in(&stage, &mut authenticator()).await);
        }
        let readings = stage.app.alerts.readings();
        assert!(readings.into_iter().any(|it| it.kind == AlertKind::FailedSignIns && it.active));
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_a_session_ends_after_an_hour_without_use_and_after_twelve_at_most() {
    everywhere(async |stage| {
        let mut key = authenticator();
        let first = registered(&stage, "Ann", &mut key).await.secret;
        stage.pass(IDLE_MS - 1);
        assert!(who(&stage, &first).await.is_some(), "and this use counts");
        stage.pass(IDLE_MS - 1);
        assert!(who(&stage, &first).await.is_some());
        stage.pass(IDLE_MS);
        assert!(who(&stage, &first).await.is_none());

        let second = sign_in(&stage, &mut key).await.unwrap().secret;
        for _ in 0..(SESSION_MS / IDLE_MS * 2 - 1) {
            stage.pass(IDLE_MS / 2);
            assert!(who(&stage, &second).await.is_some());
        }
        stage.pass(IDLE_MS / 2);
        assert!(who(&stage, &second).await.is_none(), "however busy");
        assert_eq!(stage.app.purge_expired().await.unwrap().operators, 2);
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_sessions_are_listed_and_end_at_once_and_a_removal_leaves_nothing() {
    everywhere(async |stage| {
        let (mut key, mut other) = (authenticator(), authenticator());
        let first = registered(&stage, "Ann", &mut key).await;
        let second = sign_in(&stage, &mut key).await.unwrap();
        let stranger = registered(&stage, "Bob", &mut other).await;
        let listed = stage.app.operator_sessions(&second.actor).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().any(|it| it.is_current && it.id == second.actor.session_id));
        let foreign = stage.app.operator_session_end(&stranger.actor, first.actor.session_id).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })));
        stage.app.operator_session_end(&second.actor, first.actor.session_id).await.unwrap();
        assert!(who(&stage, &first.secret).await.is_none());

        let waiting = link(&stage, "Ann").await;
        stage.app.operator_remove(second.actor.id).await.unwrap();
        assert!(who(&stage, &second.secret).await.is_none());
        assert!(stage.app.operator_invited(&waiting).await.is_err(), "links of theirs end, too");
        refused(sign_in(&stage, &mut key).await);
        assert!(who(&stage, &stranger.secret).await.is_some());
        let gone = stage.app.operator_remove(second.actor.id).await;
        assert!(matches!(gone, Err(Error::NotFound { .. })));
        assert_eq!(stage.app.operators().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn pp_5_3_whoever_changes_something_was_asked_for_the_passkey_within_ten_minutes() {
    everywhere(async |stage| {
        let (person, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&person, RequestKind::Question, "Where are my data?").await.unwrap();
        let mut key = authenticator();
        let entered = registered(&stage, "Ann", &mut key).await;
        stage.pass(FRESH_MS);
        let actor = who(&stage, &entered.secret).await.unwrap();
        let late = stage.app.answer_request(Operating::Page(&actor), number, "In Germany.").await;
        assert!(matches!(late, Err(Error::Conflict { code: "operator-confirm" })), "{late:?}");
        assert!(stage.app.end_request(Operating::Page(&actor), number).await.is_err());
        let wish = HoldWish { target: Target::Person(person.user_id), reason: "7/26", days: 3, untold: None };
        assert!(stage.app.place_hold(Operating::Page(&actor), wish).await.is_err());

        let options = stage.app.operator_confirm_begin(&actor, &entered.secret).await.unwrap();
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
        let mut foreign = authenticator();
        registered(&stage, "Bob", &mut foreign).await;
        let answer = foreign.get(&options);
        refused(stage.app.operator_confirm_finish(&actor, &entered.secret, &answer).await);
        let options = stage.app.operator_confirm_begin(&actor, &entered.secret).await.unwrap();
        let answer = key.get(&options);
        stage.app.operator_confirm_finish(&actor, &entered.secret, &answer).await.unwrap();
        let actor = who(&stage, &entered.secret).await.unwrap();

        let by = Operating::Page(&actor);
        stage.app.answer_request(by, number, "In Germany.").await.unwrap();
        let hold = stage.app.place_hold(by, wish).await.unwrap();
        stage.app.lift_hold(by, hold.id).await.unwrap();
        stage.app.end_request(by, number).await.unwrap();
        let done = actions(&stage, &actor.audit_name()).await;
        let wanted = ["operator.confirm", "request.answer", "hold.place", "hold.release", "request.close"];
        assert_eq!(done[done.len() - wanted.len()..], wanted);
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_an_operator_sees_figures_and_duties_and_each_look_into_the_record_is_in_it() {
    everywhere(async |stage| {
        let (person, _) = stage.sign_in(MILA).await;
        let number = stage.app.ask(&person, RequestKind::Question, "Where are my data?").await.unwrap();
        let actor = registered(&stage, "Ann", &mut authenticator()).await.actor;
        let overview = stage.app.console_overview(&actor).await.unwrap();
        assert_eq!(overview.requests, (1, 0));
        assert_eq!(overview.connections, [("active".to_owned(), 1)]);
        assert!(overview.keys.iter().any(|it| it.there && it.seals && it.in_use > 0), "{:?}", overview.keys);
        assert!(overview.stored.database_bytes > 0);
        let duties = stage.app.console_duties(&actor).await.unwrap();
        assert!(duties.holds.is_empty() && duties.erasures.is_empty());
        let agreed: u64 = duties.answers.iter().map(|it| it.agreed + it.refused + it.silent).sum();
        assert_eq!(agreed, u64::try_from(duties.answers.len()).unwrap(), "one person, counted once for each version");

        let thread = stage.app.console_request(&actor, number).await.unwrap();
        assert_eq!(thread.messages.len(), 1);
        let entries = stage.app.console_audit(&actor, "request.").await.unwrap();
        assert!(entries.iter().all(|it| it.action.starts_with("request.")) && entries.len() >= 2);
        assert!(matches!(stage.app.console_audit_verify(&actor).await.unwrap(), Verdict::Intact(_)));
        let looks = stage.app.console_promises(&actor).await.unwrap();
        // Nobody raised the second wall in this database.
        assert!(looks.iter().all(|look| look.kept || look.clause.0 == "PP-4.5"), "{looks:?}");
        assert_eq!(
            actions(&stage, &actor.audit_name()).await,
            ["operator.passkey", "operator.sign_in", "request.read", "audit.show", "audit.verify", "policy.check"]
        );
    })
    .await;
}

#[tokio::test]
async fn on_this_machine_the_name_is_localhost() {
    let here = |setting: &mut Setting| setting.settings.public_url = LOOPBACK.parse().unwrap();
    everywhere_with(here, async |stage| {
        let link = stage.app.operator_link("Ann").await.unwrap();
        assert!(
            link.url.expose_secret().starts_with("http://localhost:8080/operator/link/"),
            "browsers refuse numbers"
        );
        let word = link.url.expose_secret().rsplit('/').next().unwrap().to_owned();
        let begun = stage.app.operator_register_begin(&word).await.unwrap();
        let mut key = Authenticator::new("http://localhost:8080", "localhost");
        let made = key.create(&begun.options);
        stage.app.operator_register_finish(&word, &begun.browser_secret, &made, &desk()).await.unwrap();
        let unknown = stage.app.operator_remove(OperatorId::from_uuid(uuid::Uuid::from_u128(1))).await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
    })
    .await;
}
