//! S-1 to S-14: the rules that hold everywhere.

use serde_json::{Value, json};
use tiktok_sim::{
    AppSpec, BaseUrls, FaultAction, FaultRule, InvalidParamSpelling, Quirks, Route, SimConfig, SimError, Simulator,
    UnauditedOptions, UxFlagKind,
};

use crate::support::*;

#[tokio::test]
async fn s_01_paths_are_exact_and_origins_configurable() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    for path in ["/v2/user/info", "/v2/oauth/token", "/v2/post/publish/video/init", "/v1/user/info/", "/upload/video"] {
        let answer = platform.post(path, &tokens.access_token, &json!({})).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    for (path, wrong) in [(VIDEO, "GET"), (TOKEN, "GET"), ("/v2/user/info/", "POST"), ("/upload/video/", "POST")] {
        let method = reqwest::Method::from_bytes(wrong.as_bytes()).unwrap();
        let answer = platform.http.request(method, platform.url(path)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 405, "{wrong} {path}");
    }
    let mut config = config();
    config.base_urls = Some(BaseUrls {
        web: "https://web.sim.example".to_owned(),
        api: "https://api.sim.example".to_owned(),
        upload: "https://upload.sim.example".to_owned(),
    });
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let (_, upload_url) = platform.open(&tokens.access_token, "SELF_ONLY", 10).await;
    assert!(upload_url.starts_with("https://upload.sim.example/video/?upload_id="), "{upload_url}");
    let local = upload_url.replace("https://upload.sim.example", &platform.running.url);
    platform.put_all(&local, vec![0; 10]).await;
}

#[tokio::test]
async fn s_02_every_answer_has_a_log_id_and_the_virtual_date() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let platform = Platform::start().await;
        let tokens = platform.grant("moloko.demo");
        let answer = platform.post(CREATOR, &tokens.access_token, &json!({})).await;
        let log_id = answer.body["error"]["log_id"].as_str().unwrap().to_owned();
        assert_eq!(answer.headers["x-tt-logid"], log_id.as_str());
        assert_eq!(answer.headers["date"], "Thu, 01 Jan 2026 00:00:00 GMT");
        assert!(log_id.starts_with("20260101000000") && log_id.len() == 34, "{log_id}");
        assert!(log_id[14..].bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)));
        seen.push((log_id, tokens));
    }
    assert_eq!(seen[0], seen[1], "one seed, one story");
}

#[tokio::test]
async fn s_03_the_virtual_clock_drives_every_window() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let info = || platform.get("/v2/user/info/?fields=open_id", &tokens.access_token);
    platform.sim().advance(DAY - 1);
    assert_eq!(info().await.status, 200, "one millisecond before 24 hours");
    platform.sim().advance(1);
    assert_eq!(info().await.status, 401);
    assert_eq!(platform.sim().now_ms(), START_MS + DAY);

    let moved =
        platform.http.post(platform.url("/admin/clock")).json(&json!({"advance_ms": 5000})).send().await.unwrap();
    assert_eq!(moved.json::<Value>().await.unwrap(), json!({"now_ms": START_MS + DAY + 5000}));
}

#[tokio::test]
async fn s_04_types_are_strict_and_unknown_members_are_remembered() {
    let platform = Platform::start().await;
    for (path, value) in [
        ("/post_info/title", json!(5)),
        ("/post_info/disable_duet", json!("true")),
        ("/post_info/video_cover_timestamp_ms", json!(1.5)),
        ("/post_info", json!([])),
        ("/source_info/video_size", json!("1000")),
        ("/source_info", json!("FILE_UPLOAD")),
    ] {
        let tokens = platform.grant("moloko.demo");
        let mut body = direct("SELF_ONLY", file(1000, 1000, 1));
        *body.pointer_mut(path).unwrap() = value;
        assert_eq!(
            platform.post(VIDEO, &tokens.access_token, &body).await.refusal(),
            (400, "invalid_params"),
            "{path}"
        );
        platform.sim().advance(MINUTE);
    }
    let tokens = platform.grant("moloko.demo");
    let mut body = direct("SELF_ONLY", file(1000, 1000, 1));
    body["post_info"]["schedule_time"] = json!(1);
    body["source_info"]["video_cover_timestamp_ms"] = json!(1);
    body["idempotency_key"] = json!("x");
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (200, "ok"));
    let journal = platform.sim().journal();
    assert_eq!(
        journal.last().unwrap().unknown_members,
        ["idempotency_key", "post_info.schedule_time", "source_info.video_cover_timestamp_ms"]
    );
    let request = platform.http.post(platform.url(VIDEO)).bearer_auth(&tokens.access_token);
    let untyped = Platform::read(request.body(body.to_string()).send().await.unwrap()).await;
    assert_eq!(untyped.refusal(), (400, "invalid_params"), "JSON must be called JSON");
}

#[tokio::test]
async fn s_05_the_admin_api_steers_and_tells() {
    let platform = Platform::start().await;
    let admin = |path: &str, body: Value| platform.http.post(platform.url(path)).json(&body).send();
    let told = |path: &str| {
        let address = platform.url(path);
        let http = platform.http.clone();
        async move { http.get(address).send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let app = json!({
        "client_key": "sb_new", "client_secret": "s", "stage": "sandbox",
        "redirect_uris": [WEB], "scopes": ["user.info.basic", "video.publish"]
    });
    assert_eq!(admin("/admin/apps", app).await.unwrap().status().as_u16(), 200);
    let user = json!({"username": "new.person", "nickname": "New", "visibility": "private"});
    assert_eq!(admin("/admin/users", user).await.unwrap().status().as_u16(), 200);
    let wanted = json!({"client_key": "sb_new", "username": "new.person", "scopes": ["video.publish"]});
    let tokens: Value = admin("/admin/grants", wanted).await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let (publish_id, url) = platform.open(token, "SELF_ONLY", 1000).await;
    platform.put_all(&url, vec![4; 1000]).await;
    platform.sim().advance(5_000);

    let posts = told("/admin/posts").await;
    assert_eq!((&posts[0]["publish_id"], &posts[0]["username"]), (&json!(publish_id), &json!("new.person")));
    let post_id = posts[0]["post_id"].as_u64().unwrap();
    let path = format!("/admin/posts/{post_id}/privacy");
    let changed = admin(&path, json!({"privacy_level": "PUBLIC_TO_EVERYONE"})).await.unwrap();
    assert_eq!(changed.status().as_u16(), 200);
    assert_eq!(told("/admin/posts").await[0]["is_public"], true);
    assert_eq!(told("/admin/tasks").await[0]["status"], "PUBLISH_COMPLETE");
    assert_eq!(told("/admin/duplicates").await, json!([]));
    assert!(told("/admin/journal?after=1").await.as_array().unwrap().len() >= 2);
    assert!(told("/admin/webhooks").await.as_array().unwrap().len() >= 2);
    assert!(told("/admin/flags").await.as_array().unwrap().is_empty());

    let missing = json!({"client_key": "nobody", "username": "new.person", "scopes": []});
    assert_eq!(admin("/admin/grants", missing).await.unwrap().status().as_u16(), 404);
    let fault =
        json!({"route": "video_init", "action": {"status": {"status": 500, "code": "internal_error"}}, "times": 1});
    assert_eq!(admin("/admin/faults", fault).await.unwrap().status().as_u16(), 200);
    let hit = platform.post(VIDEO, token, &direct("SELF_ONLY", file(1000, 1000, 1))).await;
    assert_eq!(hit.refusal(), (500, "internal_error"));
    assert_eq!(platform.http.get(platform.url("/v2/admin/posts")).send().await.unwrap().status().as_u16(), 404);
}

#[tokio::test]
async fn s_06_faults_hit_their_route_their_number_of_times() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform
        .sim()
        .fault(FaultRule { times: Some(2), ..FaultRule::once(Route::CreatorInfo, FaultAction::DropBefore) }.after(1));
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        let request = platform.http.post(platform.url(CREATOR)).bearer_auth(&tokens.access_token);
        outcomes.push(request.send().await.is_ok());
    }
    assert_eq!(outcomes, [true, false, false, true]);
    platform.sim().fault(FaultRule::always(Route::Any, FaultAction::DropAfter));
    assert!(platform.http.get(platform.url("/v2/user/info/")).send().await.is_err());
    platform.sim().clear_faults();
    assert_eq!(platform.get("/v2/user/info/?fields=open_id", &tokens.access_token).await.status, 200);
    let refreshed = [("grant_type", "refresh_token"), ("client_key", KEY)];
    platform.sim().fault(FaultRule::once(Route::TokenRefresh, FaultAction::DropBefore));
    assert_eq!(platform.form(TOKEN, &[("grant_type", "authorization_code"), ("client_key", KEY)]).await.status, 400);
    assert!(platform.http.post(platform.url(TOKEN)).form(&refreshed).send().await.is_err(), "only the refresh drops");
}

#[tokio::test]
async fn s_07_quirks_change_what_is_undocumented() {
    let defaults = Quirks::default();
    assert_eq!((defaults.oauth_error_status, defaults.pending_draft_cap), (400, 5));
    assert!(defaults.one_chunk_identity && defaults.webhook_retry_fresh_timestamp);

    let mut config = config();
    config.quirks.one_chunk_identity = false;
    config.quirks.unaudited_options = UnauditedOptions::SelfOnly;
    config.quirks.invalid_param = InvalidParamSpelling::Singular;
    config.quirks.pending_draft_cap = 6;
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let body = direct("SELF_ONLY", file(66_259_900, 64_000_000, 1));
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (200, "ok"), "before R8");
    let body = direct("SELF_ONLY", file(66_259_900, 10_000_000, 7));
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &body).await.refusal(), (400, "invalid_param"));
    let unaudited = platform.sim().issue_grant("aw_unaudited", "moloko.private", &ALL).unwrap();
    let info = platform.post(CREATOR, &unaudited.access_token, &json!({})).await;
    assert_eq!(info.body["data"]["privacy_level_options"], json!(["SELF_ONLY"]));
    for _ in 0..6 {
        let answer = platform.post(INBOX, &tokens.access_token, &json!({"source_info": file(10, 10, 1)})).await;
        assert_eq!(answer.refusal(), (200, "ok"), "six drafts");
    }
}

#[tokio::test]
async fn s_08_checks_come_in_order_and_failures_count() {
    let platform = Platform::start().await;
    let poor = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic"]).unwrap();
    let junk = json!({"post_info": 1});
    assert_eq!(platform.post(VIDEO, "act.none", &junk).await.refusal(), (401, "access_token_invalid"));
    assert_eq!(platform.post(VIDEO, &poor.access_token, &junk).await.refusal(), (401, "scope_not_authorized"));

    // One body with every mistake at once: the earlier check answers.
    let banned = platform.sim().issue_grant("aw_unaudited", "moloko.banned", &ALL).unwrap();
    let mut body = direct("FOLLOWER_OF_CREATOR", json!({"source": "PULL_FROM_URL", "video_url": "http://x.example/"}));
    body["post_info"]["title"] = json!("x".repeat(3000));
    assert_eq!(platform.post(VIDEO, &banned.access_token, &body).await.refusal(), (400, "invalid_param"));
    body["post_info"]["title"] = json!("short");
    let refusal = platform.post(VIDEO, &banned.access_token, &body).await;
    assert_eq!(refusal.refusal(), (403, "spam_risk_user_banned_from_posting"));
    platform.sim().set_user("moloko.banned", |user| (user.banned, user.posts_elsewhere_today) = (false, 15)).unwrap();
    assert_eq!(platform.post(VIDEO, &banned.access_token, &body).await.refusal(), (403, "spam_risk_too_many_posts"));
    platform.sim().set_user("moloko.banned", |user| user.posts_elsewhere_today = 0).unwrap();
    assert_eq!(
        platform.post(VIDEO, &banned.access_token, &body).await.refusal(),
        (403, "unaudited_client_can_only_post_to_private_accounts")
    );
    platform.sim().set_app("aw_unaudited", |app| app.stage = tiktok_sim::AppStage::Audited).unwrap();
    assert_eq!(
        platform.post(VIDEO, &banned.access_token, &body).await.refusal(),
        (403, "privacy_level_option_mismatch")
    );
    body["post_info"]["privacy_level"] = json!("SELF_ONLY");
    assert_eq!(platform.post(VIDEO, &banned.access_token, &body).await.refusal(), (403, "url_ownership_unverified"));
    assert_eq!(platform.post(VIDEO, &banned.access_token, &junk).await.refusal(), (429, "rate_limit_exceeded"));
}

#[tokio::test]
async fn s_09_the_guideline_recorder_flags_careless_clients() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let kinds = || platform.sim().flags().into_iter().map(|flag| flag.kind).collect::<Vec<_>>();
    let (careful, _) = platform.open(&tokens.access_token, "SELF_ONLY", 1000).await;
    assert!(!careful.is_empty() && kinds().is_empty(), "a careful client leaves no flag");

    platform.sim().advance(16 * MINUTE);
    let careless = json!({"post_info": {"privacy_level": "SELF_ONLY"}, "source_info": file(1000, 1000, 1)});
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &careless).await.status, 200);
    assert_eq!(
        kinds(),
        [UxFlagKind::NoFreshCreatorInfo, UxFlagKind::InteractionMissing, UxFlagKind::BrandToggleMissing]
    );
    let mut branded = direct("SELF_ONLY", file(1000, 1000, 1));
    branded["post_info"]["brand_content_toggle"] = json!(true);
    assert_eq!(platform.post(VIDEO, &tokens.access_token, &branded).await.refusal(), (400, "invalid_param"));
    assert_eq!(kinds().last(), Some(&UxFlagKind::PrivateBrandedContent));
}

#[tokio::test]
async fn s_10_progress_follows_virtual_time_and_size() {
    let mut config = config();
    config.processing = tiktok_sim::Processing { base_ms: 1000, ms_per_mib: 500 };
    let platform = Platform::with(config).await;
    let tokens = platform.grant("moloko.demo");
    let (publish_id, url) = platform.open(&tokens.access_token, "PUBLIC_TO_EVERYONE", 4 << 20).await;
    platform.put_all(&url, vec![0; 4 << 20]).await;
    platform.sim().advance(2999);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PROCESSING_UPLOAD");
    platform.sim().advance(1);
    assert_eq!(platform.status(&tokens.access_token, &publish_id).await["status"], "PUBLISH_COMPLETE");
}

#[tokio::test]
async fn s_11_only_moderated_public_posts_are_displayed() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.publish(&tokens.access_token, "MUTUAL_FOLLOW_FRIENDS", vec![2; 1000]).await;
    let count = || async {
        let answer = platform.post("/v2/video/list/?fields=id", &tokens.access_token, &json!({})).await;
        answer.body["data"]["videos"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0, "in moderation");
    platform.sim().advance(MINUTE);
    assert_eq!(count().await, 1);
    let info = platform.get("/v2/user/info/?fields=video_count", &tokens.access_token).await;
    assert_eq!(info.body["data"]["user"]["video_count"], 1);
}

/// S-12 is told in `webhooks`: signatures, retries, 72 hours, duplicates, order.
#[tokio::test]
async fn s_12_https_can_be_demanded_of_webhook_addresses() {
    let mut config = config();
    config.require_https_callbacks = true;
    config.apps[0].webhook_url = Some("http://demo.example/webhooks/tiktok".to_owned());
    assert!(matches!(Simulator::new(config), Err(SimError::Config(_))));
}

#[tokio::test]
async fn s_13_the_received_object_equals_the_source() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let source: Vec<u8> = (0..100_000_u32).map(|step| (step % 251) as u8).collect();
    platform.publish(&tokens.access_token, "SELF_ONLY", source.clone()).await;
    let post = &platform.sim().posts()[0];
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &source);
    let expected: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(post.sha256, expected);
    assert_eq!(std::fs::read(&post.files[0]).unwrap(), source);
}

#[tokio::test]
async fn s_14_no_cors_no_cookies_and_tokens_stay_with_their_app() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let request = platform.http.post(platform.url(CREATOR)).bearer_auth(&tokens.access_token);
    let answer = request.header("origin", "https://demo.example").send().await.unwrap();
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-") && name != "set-cookie"));

    let publish_id = platform.publish(&tokens.access_token, "SELF_ONLY", vec![1; 10]).await;
    let elsewhere = platform.sim().issue_grant("aw_unaudited", "moloko.demo", &ALL).unwrap();
    assert_ne!(elsewhere.open_id, tokens.open_id, "open ids differ between apps");
    let foreign = platform.post(STATUS, &elsewhere.access_token, &json!({"publish_id": publish_id})).await;
    assert_eq!(foreign.refusal(), (400, "token_not_authorized_for_specified_publish_id"));
    let refresh = [
        ("client_key", "aw_unaudited"),
        ("client_secret", "unaudited_secret"),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_str()),
    ];
    assert_eq!(platform.form(TOKEN, &refresh).await.oauth().0, "invalid_grant");
}

#[test]
fn a_configuration_the_portal_would_refuse_is_refused() {
    for redirect in ["http://demo.example/cb", "https://demo.example/cb?x=1", "http://localhost/cb"] {
        let config = SimConfig { apps: vec![AppSpec::audited("k", "s", [redirect])], ..SimConfig::default() };
        assert!(matches!(Simulator::new(config), Err(SimError::Config(_))), "{redirect}");
    }
}
