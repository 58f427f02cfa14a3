//! Pages of operators: there for operators, and for nobody else.

use app::operators::{FRESH_MS, OperatorActor};
use app::random::secret_hash;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use domain::id::{OperatorId, SessionId};
use domain::privacy::support::RequestKind;
use secrecy::ExposeSecret as _;
use store::operator::{Operator, OperatorSession};
use uuid::Uuid;
use web::router::Access;

use crate::stage::{Browser, MILA, START, Stage};

const COOKIE: &str = "__Host-moloko-operator";
const SECRET: &str = "an-operators-secret";

/// A browser in which an operator has signed in just now. How that happens is told with a real authenticator elsewhere.
async fn operator(stage: &Stage) -> (Browser<'_>, OperatorActor) {
    let id = OperatorId::from_uuid(Uuid::from_u128(1));
    let session = OperatorSession {
        id: SessionId::from_uuid(Uuid::from_u128(2)),
        secret_hash: secret_hash(SECRET),
        operator_id: id,
        device: "Chrome, Linux".to_owned(),
        ip: "192.0.2.1".to_owned(),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus_seconds(3600),
        verified_at: START,
    };
    let mut tx = stage.database.store().begin().await.unwrap();
    tx.operator_insert(&Operator { id, name: "Ann".to_owned(), created_at: START }).await.unwrap();
    tx.operator_session_insert(&session).await.unwrap();
    tx.commit().await.unwrap();
    let browser = stage.browser();
    browser.set_cookie(COOKIE, SECRET);
    let actor = stage.app.operator_of_session(&SECRET.to_owned().into()).await.unwrap().unwrap();
    (browser, actor)
}

/// Every page of operators, with something in the place of each parameter.
fn console() -> Vec<String> {
    let id = "01930000-0000-7000-8000-000000000000";
    let table = web::router::access_table().into_iter().filter(|(_, access)| *access == Access::Console);
    let paths: Vec<String> = table.map(|(path, _)| path.replace("{number}", "1").replace("{id}", id)).collect();
    assert!(paths.len() >= 14, "{paths:?}");
    paths
}

#[tokio::test]
async fn pp_5_3_for_strangers_and_people_no_page_of_operators_exists_by_any_method() {
    let stage = Stage::new().await;
    let person = stage.signed_in(MILA).await;
    let mixed = stage.signed_in(MILA).await;
    mixed.set_cookie(COOKIE, &mixed.cookie("__Host-moloko").unwrap());
    for browser in [&stage.browser(), &person, &mixed] {
        let nowhere = browser.get("/operator/nowhere").await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        for path in console() {
            for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
                let request = browser
                    .request(method.clone(), &path)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(Body::empty());
                let answer = browser.send(request.unwrap()).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
                assert!(answer.set_cookies().is_empty(), "{method} {path}");
                assert!(!answer.headers.contains_key(header::ALLOW), "{method} {path} tells what it knows");
            }
        }
    }
}

#[tokio::test]
async fn pp_5_3_an_operator_is_nobody_on_the_pages_of_people() {
    let stage = Stage::new().await;
    let (browser, _) = operator(&stage).await;
    let away = browser.get("/queue").await;
    assert_eq!((away.status, away.location()), (StatusCode::SEE_OTHER, "/"));
    browser.set_cookie("__Host-moloko", SECRET);
    let away = browser.get("/queue").await;
    assert_eq!((away.status, away.location()), (StatusCode::SEE_OTHER, "/"), "the secret in the other cookie");
}

#[tokio::test]
async fn pp_2_7_an_operator_sees_every_page_and_neither_names_nor_files() {
    let stage = Stage::new().await;
    let person = stage.signed_in(MILA).await;
    let actor = person.actor().await;
    let connection = stage.app.connections(&actor).await.unwrap().remove(0);
    person.media().await;
    let number = stage.app.ask(&actor, RequestKind::Question, "Where are my <b>data</b>?").await.unwrap();
    let (mut browser, _) = operator(&stage).await;
    for language in ["en", "ru"] {
        browser.language = language;
        for path in [
            "",
            "/requests",
            "/requests?all=true",
            "/requests/1",
            "/duties",
            "/promises",
            "/audit",
            "/access",
            "/confirm",
        ] {
            let page = browser.get(&format!("/operator{path}")).await;
            let text = page.text();
            assert_eq!(page.status, StatusCode::OK, "{path}: {text}");
            assert!(text.contains(&format!("lang=\"{language}\"")), "{path}");
            assert_eq!(page.header("x-robots-tag"), "noindex, nofollow", "{path}");
            assert_eq!(page.header(header::CACHE_CONTROL), "no-store", "{path}");
            assert!(page.header("permissions-policy").contains("publickey-credentials-get=(self)"), "{path}");
            assert!(!text.contains(&connection.display_name), "{path} names a person");
            assert!(!text.contains("cake.mp4"), "{path} names a file");
        }
    }
    let thread = browser.get(&format!("/operator/requests/{number}")).await.text();
    assert!(thread.contains("Where are my &lt;b&gt;data&lt;/b&gt;?"), "what was written to the operator, as words");
    let ordinary = browser.get("/").await;
    assert!(ordinary.header("permissions-policy").contains("publickey-credentials-get=()"), "only here");
}

#[tokio::test]
async fn an_operator_answers_closes_holds_and_lifts_and_is_asked_for_the_passkey_in_between() {
    let stage = Stage::new().await;
    let person = stage.signed_in(MILA).await;
    let actor = person.actor().await;
    let number = stage.app.ask(&actor, RequestKind::Question, "Where are my data?").await.unwrap();
    let (browser, _) = operator(&stage).await;
    let thread = format!("/operator/requests/{number}");
    let answered = browser.post(&thread, &[("text", "In Germany.")]).await;
    assert_eq!((answered.status, answered.location()), (StatusCode::SEE_OTHER, thread.as_str()), "{}", answered.text());
    assert!(person.get(&format!("/help/requests/{number}")).await.text().contains("In Germany."));

    let id = actor.user_id.to_string();
    let hold = [("unit", "person"), ("subject", &id), ("reason", "7/26"), ("days", "3")];
    let held = browser.post("/operator/holds", &hold).await;
    assert_eq!((held.status, held.location()), (StatusCode::SEE_OTHER, "/operator/duties"), "{}", held.text());
    let (_, holds) = stage.app.operator_erasures().await.unwrap();
    let lift = format!("/operator/holds/{}/lift", holds[0].id);
    assert!(browser.get("/operator/duties").await.text().contains(&lift));
    for (field, value) in [("unit", "planet"), ("subject", "7"), ("reason", ""), ("days", "many")] {
        let wrong = hold.map(|(name, was)| (name, if name == field { value } else { was }));
        assert_eq!(browser.post("/operator/holds", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }

    stage.tiktok().advance(FRESH_MS);
    for path in [lift.as_str(), thread.as_str(), "/operator/holds"] {
        let fields: &[(&str, &str)] = if path == "/operator/holds" { &hold } else { &[("text", "More.")] };
        let asked = browser.post(path, fields).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{path}");
        assert!(asked.location().starts_with("/operator/confirm?next=%2Foperator%2F"), "{path}: {}", asked.location());
    }
    let (_, holds) = stage.app.operator_erasures().await.unwrap();
    assert!(holds.len() == 1 && holds[0].released_at.is_none(), "nothing happened");
    assert_eq!(browser.get("/operator/confirm?next=%2Foperator%2Fduties").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pp_5_5_the_record_is_filtered_and_verified_at_the_page() {
    let stage = Stage::new().await;
    stage.signed_in(MILA).await;
    let (browser, _) = operator(&stage).await;
    let page = browser.get("/operator/audit?action=sign").await.text();
    assert!(page.contains("<code>sign_in</code>") && !page.contains("<code>audit."), "{page}");
    assert!(browser.get("/operator/audit").await.text().contains("<code>audit.show</code>"), "the look is an entry");
    let verified = browser.post("/operator/audit/verify", &[]).await;
    assert_eq!(verified.status, StatusCode::OK);
    assert!(verified.text().contains("Nothing was changed and nothing is missing"), "{}", verified.text());
}

#[tokio::test]
async fn pp_5_3_signing_out_ends_the_session_and_its_cookie() {
    let stage = Stage::new().await;
    let (browser, _) = operator(&stage).await;
    let out = browser.post("/operator/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/operator/sign-in"));
    assert!(browser.cookie(COOKIE).is_none());
    browser.set_cookie(COOKIE, SECRET);
    assert_eq!(browser.get("/operator").await.status, StatusCode::NOT_FOUND, "a kept cookie opens nothing");
}

#[tokio::test]
async fn pp_5_3_the_door_says_the_same_to_everybody_and_a_link_that_does_not_count_is_not_there() {
    let stage = Stage::new().await;
    let nobody = stage.browser().get("/operator/sign-in").await;
    assert_eq!(nobody.status, StatusCode::OK);
    assert!(nobody.set_cookies().is_empty() && nobody.text().contains("<noscript>"));
    let (there, _) = operator(&stage).await;
    assert_eq!(there.get("/operator/sign-in").await.text(), nobody.text(), "whether or not there is an operator");
    for word in ["guess", "..%2f..", "a.b"] {
        assert_eq!(
            stage.browser().get(&format!("/operator/link/{word}")).await.status,
            StatusCode::NOT_FOUND,
            "{word}"
        );
    }
    let link = stage.app.operator_link("Bob").await.unwrap();
    let path = link.url.expose_secret().strip_prefix("https://demo.example").unwrap().to_owned();
    let browser = stage.browser();
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Bob") && page.set_cookies().is_empty());
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    let begun = browser.post(&path, &[]).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text());
    let options: serde_json::Value = serde_json::from_slice(&begun.body).unwrap();
    assert_eq!(options["rp"]["id"], "demo.example");
    let cookie = begun.set_cookies()[0].to_owned();
    for part in ["__Host-moloko-operator=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert_eq!(browser.get("/operator").await.status, StatusCode::NOT_FOUND, "a question is no session");
    let wrong =
        browser.send(browser.request(Method::POST, &format!("{path}/passkey")).body(Body::from("{}")).unwrap()).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_door_has_a_limit_per_address() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let mut refused = false;
    for _ in 0..100 {
        let answer = browser.post("/operator/sign-in", &[]).await;
        refused = answer.status == StatusCode::TOO_MANY_REQUESTS;
        if refused {
            break;
        }
    }
    assert!(refused);
}
