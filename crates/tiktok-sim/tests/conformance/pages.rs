//! The console: everything readable and switchable by plain forms, with no secret shown.

use crate::support::*;

impl Platform {
    async fn page(&self, path: &str) -> String {
        let response = self.http.get(self.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        response.text().await.unwrap()
    }

    async fn submit(&self, path: &str, fields: &[(&str, &str)]) {
        let response = self.http.post(self.url(path)).form(fields).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/console".parse().unwrap()));
    }
}

#[tokio::test]
async fn the_console_shows_a_post_with_its_video_playing_by_ranges() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", (0..=255).collect()).await;
    platform.sim().advance(MINUTE);
    let post_id = platform.sim().posts()[0].post_id;
    let page = platform.page("/console").await;
    let address = format!("/console/media/{post_id}/0");
    assert!(page.contains(&format!("<video src=\"{address}\" controls")), "{page}");
    assert!(page.contains("Новый выпуск #moloko") && page.contains("public now"));
    assert!(!page.contains(SECRET) && !page.contains(&tokens.access_token), "no secret on the page");

    let part = platform.http.get(platform.url(&address)).header("range", "bytes=10-19").send().await.unwrap();
    assert_eq!(part.status().as_u16(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 10-19/256");
    assert_eq!(part.bytes().await.unwrap().as_ref(), (10..20).collect::<Vec<u8>>());
    let whole = platform.http.get(platform.url(&address)).send().await.unwrap();
    assert_eq!((whole.status().as_u16(), whole.headers()["content-type"].to_str().unwrap()), (200, "video/mp4"));
    let profile = platform.page(&format!("/@moloko.demo/video/{post_id}")).await;
    assert!(profile.contains("<video") && platform.page("/@moloko.demo").await.contains("<video"));
}

#[tokio::test]
async fn requests_are_shown_without_their_secrets() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let fields = [
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_str()),
    ];
    platform.form(TOKEN, &fields).await;
    let (_, url) = platform.open(&tokens.access_token, "SELF_ONLY", 10).await;
    platform.put_all(&url, vec![0; 10]).await;
    let page = platform.page("/console/requests").await;
    assert!(page.contains("POST /v2/oauth/token/") && page.contains("PUT /upload/video/"));
    let upload_token = url.split("upload_token=").nth(1).unwrap();
    for secret in [SECRET, tokens.refresh_token.as_str(), tokens.access_token.as_str(), upload_token] {
        assert!(!page.contains(secret));
    }
    let journal = platform.sim().journal();
    assert!(journal[0].text().contains(SECRET), "assertions can see them");
}

#[tokio::test]
async fn forms_move_time_switch_faults_and_change_users() {
    let platform = Platform::start().await;
    platform.submit("/console/clock", &[("minutes", "60")]).await;
    assert_eq!(platform.sim().now_ms(), START_MS + HOUR);
    let fault = [("route", "video_init"), ("action", "status"), ("value", "503"), ("times", "2"), ("skip", "0")];
    platform.submit("/console/faults", &fault).await;
    assert_eq!(platform.sim().faults().len(), 1);
    assert!(platform.page("/console").await.contains("answer 503 without processing"));
    platform.submit("/console/faults/clear", &[]).await;
    assert!(platform.sim().faults().is_empty());
    let user = [("username", "moloko.demo"), ("private", "on"), ("max_video_post_duration_sec", "60")];
    platform.submit("/console/users", &user).await;
    let changed = platform.sim().users().into_iter().find(|user| user.username == "moloko.demo").unwrap();
    assert_eq!(changed.max_video_post_duration_sec, 60);
    assert!(!changed.stitch_disabled, "unticked boxes are off");
    platform.grant("moloko.demo");
    platform.submit("/console/disconnect", &[("client_key", KEY), ("username", "moloko.demo")]).await;
    assert!(platform.sim().grants()[0].removed);

    let wrong = platform.http.post(platform.url("/console/clock")).form(&[("minutes", "soon")]).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 400);
    assert!(wrong.text().await.unwrap().contains("no whole number"));
}

#[tokio::test]
async fn captions_cannot_break_out_of_the_page() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let mut body = direct("SELF_ONLY", file(10, 10, 1));
    body["post_info"]["title"] = serde_json::json!("<script>alert(1)</script>");
    let (_, url) = ids(&platform.post(VIDEO, &tokens.access_token, &body).await);
    platform.put_all(&url, vec![0; 10]).await;
    platform.sim().advance(5_000);
    let page = platform.page("/console").await;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
}
