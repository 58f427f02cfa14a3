//! P-01 to P-05: the browser's side of connecting.

use crate::support::*;

fn request(extra: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = [
        ("client_key", KEY),
        ("response_type", "code"),
        ("scope", "user.info.basic,video.publish,video.upload"),
        ("redirect_uri", WEB),
        ("state", "s-81f0"),
        ("disable_auto_auth", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (name, value) in extra {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

fn encoded(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Platform {
    async fn ask(&self, extra: &[(&str, &str)]) -> (u16, Option<String>, String) {
        let address = format!("{}?{}", self.url(AUTHORIZE), encoded(&request(extra)));
        let response = self.http.get(address).send().await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location, response.text().await.unwrap())
    }

    async fn decide(&self, extra: &[(&str, &str)], answer: &[(&str, &str)]) -> reqwest::Response {
        let original = encoded(&request(extra));
        let mut form = vec![("request", original.as_str())];
        form.extend_from_slice(answer);
        self.http.post(self.url(AUTHORIZE)).form(&form).send().await.unwrap()
    }
}

fn location(response: &reqwest::Response) -> String {
    assert_eq!(response.status().as_u16(), 302);
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn p_01_the_user_leaves_a_scope_off() {
    let platform = Platform::start().await;
    let (status, redirected, page) = platform.ask(&[]).await;
    assert_eq!((status, redirected), (200, None));
    assert!(page.contains("Post content to your profile") && page.contains("moloko.demo"), "{page}");
    assert!(page.contains("<form") && !page.contains("<script"), "the form works without JavaScript");

    let answer =
        [("username", "moloko.demo"), ("scope", "user.info.basic"), ("scope", "video.publish"), ("decision", "allow")];
    let target = location(&platform.decide(&[], &answer).await);
    assert!(target.starts_with(&format!("{WEB}?code=simcode-")), "{target}");
    assert!(target.contains("%2A0%216410&scopes=user.info.basic%2Cvideo.publish&state=s-81f0"), "{target}");
}

#[tokio::test]
async fn p_02_the_user_cancels() {
    let platform = Platform::start().await;
    let answer = [("username", "moloko.demo"), ("scope", "video.publish"), ("decision", "cancel")];
    let target = location(&platform.decide(&[], &answer).await);
    assert_eq!(target, format!("{WEB}?error=access_denied&error_description=The+user+denied+the+request&state=s-81f0"));
}

#[tokio::test]
async fn p_03_a_sandbox_turns_strangers_away() {
    let platform = Platform::start().await;
    let sandbox = [("client_key", "sbaw_sandbox")];
    let stranger = [("username", "moloko.demo"), ("scope", "user.info.basic"), ("decision", "allow")];
    let told = callback(&location(&platform.decide(&sandbox, &stranger).await));
    assert_eq!((told["error"].as_str(), told["error_type"].as_str()), ("access_denied", "non_sandbox_target"));
    assert_eq!(told["state"], "s-81f0");

    let target = [("username", "moloko.private"), ("scope", "user.info.basic"), ("decision", "allow")];
    assert!(callback(&location(&platform.decide(&sandbox, &target).await)).contains_key("code"));
}

#[tokio::test]
async fn p_04_a_draft_app_connects_nobody() {
    let platform = Platform::start().await;
    let (status, target, _) = platform.ask(&[("client_key", "aw_draft")]).await;
    let told = callback(&target.unwrap());
    assert_eq!(status, 302);
    assert_eq!(
        (told["error"].as_str(), told["error_type"].as_str(), told["errCode"].as_str(), told["state"].as_str()),
        ("unauthorized_client", "client_key", "10003", "s-81f0")
    );
}

#[tokio::test]
async fn p_05_mistakes_end_on_a_page_and_tell_the_app_nothing() {
    let platform = Platform::start().await;
    for (mistake, named) in [
        (vec![("redirect_uri", "https://demo.example/oauth/tiktok/callback")], "redirect_uri"),
        (vec![("redirect_uri", LOOPBACK)], "code_challenge"),
        (vec![("client_key", ""), ("client_id", KEY)], "client_key"),
        (vec![("client_key", "aw_nobody")], "client_key"),
        (vec![("code_challenge", "abc"), ("code_challenge_method", "plain")], "code_challenge"),
        (vec![("state", "")], "state"),
    ] {
        let (status, target, page) = platform.ask(&mistake).await;
        assert_eq!((status, target), (200, None), "{mistake:?}");
        assert!(page.contains(&format!("<strong>{named}</strong>")), "{mistake:?}: {page}");
    }
}

#[tokio::test]
async fn an_unknown_or_space_joined_scope_is_refused_at_the_callback() {
    let platform = Platform::start().await;
    for scope in ["user.info.basic video.publish", "video.create", ""] {
        let (_, target, _) = platform.ask(&[("scope", scope)]).await;
        assert_eq!(callback(&target.unwrap())["error"], "invalid_scope", "{scope:?}");
    }
}

#[tokio::test]
async fn a_known_browser_passes_silently_unless_the_app_insists() {
    let platform = Platform::start().await;
    let allow = [
        ("username", "moloko.demo"),
        ("scope", "user.info.basic"),
        ("scope", "video.publish"),
        ("scope", "video.upload"),
        ("decision", "allow"),
    ];
    let response = platform.decide(&[], &allow).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let told = callback(&location(&response));
    let exchanged = platform.form(TOKEN, &exchange(&told["code"])).await;
    assert_eq!(exchanged.status, 200);

    let visit = |auto: &'static str| {
        let address = format!("{}?{}", platform.url(AUTHORIZE), encoded(&request(&[("disable_auto_auth", auto)])));
        platform.http.get(address).header("cookie", cookie.clone()).send()
    };
    let silent = visit("0").await.unwrap();
    assert!(callback(&location(&silent)).contains_key("code"));
    assert_eq!(visit("1").await.unwrap().status().as_u16(), 200, "disable_auto_auth=1 always asks");
}

fn exchange(code: &str) -> [(&str, &str); 5] {
    [
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", WEB),
    ]
}

#[tokio::test]
async fn the_authorization_page_answers_without_its_final_slash_too() {
    let platform = Platform::start().await;
    let address = format!("{}?{}", platform.url("/v2/auth/authorize"), encoded(&request(&[])));
    assert_eq!(platform.http.get(address).send().await.unwrap().status().as_u16(), 200);
    assert!(!platform.sim().journal()[0].notes.is_empty(), "but it is noted");
}

#[tokio::test]
async fn any_redirect_is_taken_when_people_experiment() {
    let mut config = config();
    config.accept_any_redirect = true;
    let platform = Platform::with(config).await;
    let (status, _, _) = platform.ask(&[("redirect_uri", "http://192.168.1.7:8080/cb")]).await;
    assert_eq!(status, 200);
}
