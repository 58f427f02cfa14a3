//! The settings' part about messages to browsers: offered where the operator allows them, one browser at a time, ended by whoever began it.

use app::push::PushSettings;
use axum::http::StatusCode;

use crate::stage::{MILA, OLEG, SITE, Stage};

const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const ENDPOINT: &str = "https://fcm.googleapis.com/fcm/send/of-this-browser";

async fn pushing() -> Stage {
    let push = PushSettings {
        contact: "privacy@moloko.example".to_owned(),
        hosts: PushSettings::HOSTS.map(str::to_owned).to_vec(),
        origins: Vec::new(),
    };
    Stage::reached_under(SITE, |settings| settings.push = Some(push)).await
}

#[tokio::test]
async fn messages_are_offered_only_where_the_operator_allows_them() {
    let stage = Stage::new().await;
    let page = stage.signed_in(MILA).await.get("/settings").await.text();
    assert!(!page.contains("data-push=") && !page.contains("/assets/push-"));
    let refused =
        stage.signed_in(MILA).await.post("/settings/push", &[("endpoint", ENDPOINT), ("needs_you", "on")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Messages to browsers are switched off here."));
}

#[tokio::test]
async fn a_browser_begins_changes_and_ends_its_messages_and_a_stranger_does_not() {
    let stage = pushing().await;
    let mila = stage.signed_in(MILA).await;
    let page = mila.get("/settings").await.text();
    let key = page.split("data-push=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(key.len(), 87, "a point of the curve, base64url");
    assert!(page.contains("Tell this browser") && page.contains("carries each message"));
    let begin = [("endpoint", ENDPOINT), ("p256dh", KEY), ("auth", AUTH), ("published", "on"), ("needs_you", "on")];
    let begun = mila.post("/settings/push", &begin).await;
    assert_eq!((begun.status, begun.location()), (StatusCode::SEE_OTHER, "/settings#push"));
    let page = mila.get("/settings").await.text();
    assert!(page.contains("Browsers that are told") && !page.contains("Tell this browser"));
    assert!(!page.contains(ENDPOINT) && !page.contains(AUTH), "what the browser gave is shown to nobody");
    let fewer = mila.post("/settings/push", &[("endpoint", ""), ("needs_you", "on")]).await;
    assert_eq!(fewer.status, StatusCode::SEE_OTHER);
    let view = stage.app.push_view(&mila.actor().await).await.unwrap().unwrap();
    assert!(view.browsers[0].needs_you && !view.browsers[0].published);

    let id = mila.actor().await.session_id;
    let oleg = stage.signed_in(OLEG).await;
    let foreign = oleg.post(&format!("/settings/push/{id}/end"), &[]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let ended = mila.post(&format!("/settings/push/{id}/end"), &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert!(mila.get("/settings").await.text().contains("Tell this browser"));
}

#[tokio::test]
async fn what_is_refused_says_what_to_do() {
    let stage = pushing().await;
    let mila = stage.signed_in(MILA).await;
    let on = ("needs_you", "on");
    for (form, words) in [
        (
            vec![("endpoint", "https://evil.example/x"), ("p256dh", KEY), ("auth", AUTH), on],
            "push service is not known",
        ),
        (vec![("endpoint", ENDPOINT), ("p256dh", "x"), ("auth", AUTH), on], "keys that are none"),
        (vec![("endpoint", ENDPOINT), ("p256dh", KEY), ("auth", AUTH)], "Nothing was chosen."),
    ] {
        let refused = mila.post("/settings/push", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(words), "{}", refused.text());
    }
    let nothing = mila.post("/settings/push", &[("endpoint", ""), on]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text().contains("Allow JavaScript here"), "who has no script reads why nothing began");
    let renew = [("renew", "on"), ("endpoint", ENDPOINT), ("p256dh", KEY), ("auth", AUTH)];
    assert_eq!(mila.post("/settings/push", &renew).await.status, StatusCode::NOT_FOUND, "a worker begins nothing");
    mila.post("/settings/push", &[("endpoint", ENDPOINT), ("p256dh", KEY), ("auth", AUTH), on]).await;
    mila.get("/settings").await;
    assert_eq!(mila.post("/settings/push", &renew).await.status, StatusCode::NO_CONTENT);
    assert!(!mila.get("/settings").await.text().contains("class=\"toast\""), "and nothing is said on a page");
}
