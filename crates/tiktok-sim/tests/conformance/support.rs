//! A frozen platform with one audited app, and the few calls every story needs.

use std::collections::HashMap;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tiktok_sim::{
    AppSpec, AppStage, ClockMode, GrantedTokens, MediaPolicy, Processing, Running, SimConfig, Simulator, UserSpec,
};

/// 2026-01-01 00:00:00 UTC.
pub const START_MS: i64 = 1_767_225_600_000;
pub const KEY: &str = "aw_sim_live_01";
pub const SECRET: &str = "sim_client_secret_0123456789abcdef";
pub const WEB: &str = "https://demo.example/oauth/tiktok/callback/";
pub const DESKTOP: &str = "http://127.0.0.1:*/callback/";
pub const LOOPBACK: &str = "http://127.0.0.1:3455/callback/";
pub const ALL: [&str; 6] =
    ["user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.publish", "video.upload"];

pub const AUTHORIZE: &str = "/v2/auth/authorize/";
pub const TOKEN: &str = "/v2/oauth/token/";
pub const REVOKE: &str = "/v2/oauth/revoke/";
pub const CREATOR: &str = "/v2/post/publish/creator_info/query/";
pub const VIDEO: &str = "/v2/post/publish/video/init/";
pub const INBOX: &str = "/v2/post/publish/inbox/video/init/";
pub const PHOTO: &str = "/v2/post/publish/content/init/";
pub const STATUS: &str = "/v2/post/publish/status/fetch/";
pub const CANCEL: &str = "/v2/post/publish/cancel/";

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub fn config() -> SimConfig {
    let mut config = SimConfig::demo(KEY, SECRET, [WEB, DESKTOP]);
    config.clock = ClockMode::Frozen { at_ms: START_MS };
    config.processing = Processing { base_ms: 5_000, ms_per_mib: 0 };
    config.moderation_delay_ms = 45_000;
    config.quirks.media = MediaPolicy::Trust;
    config.apps.push(AppSpec {
        stage: AppStage::LiveUnaudited,
        ..AppSpec::audited("aw_unaudited", "unaudited_secret", [WEB])
    });
    config.apps.push(AppSpec {
        stage: AppStage::Sandbox,
        target_users: vec!["moloko.private".to_owned()],
        ..AppSpec::audited("sbaw_sandbox", "sandbox_secret", [WEB])
    });
    config.apps.push(AppSpec { stage: AppStage::Draft, ..AppSpec::audited("aw_draft", "draft_secret", [WEB]) });
    config
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("(no code)")
    }

    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.code())
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or("(no message)")
    }

    pub fn oauth(&self) -> (&str, &str) {
        (self.body["error"].as_str().unwrap_or(""), self.body["error_description"].as_str().unwrap_or(""))
    }
}

pub struct Platform {
    pub running: Running,
    pub http: reqwest::Client,
}

impl Platform {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: SimConfig) -> Self {
        let running = Simulator::start(config).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { running, http }
    }

    pub fn sim(&self) -> &Simulator {
        &self.running.simulator
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url)
    }

    pub fn grant(&self, username: &str) -> GrantedTokens {
        self.sim().issue_grant(KEY, username, &ALL).unwrap()
    }

    pub async fn read(response: reqwest::Response) -> Answer {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        Self::read(self.http.get(self.url(path)).bearer_auth(token).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = self
            .http
            .post(self.url(path))
            .bearer_auth(token)
            .header("content-type", "application/json; charset=UTF-8")
            .body(body.to_string());
        Self::read(request.send().await.unwrap()).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Self::read(self.http.post(self.url(path)).form(fields).send().await.unwrap()).await
    }

    pub async fn status(&self, token: &str, publish_id: &str) -> Value {
        let answer = self.post(STATUS, token, &json!({"publish_id": publish_id})).await;
        assert_eq!(answer.refusal(), (200, "ok"), "{}", answer.body);
        answer.body["data"].clone()
    }

    /// Opens a direct post of `size` bytes in one chunk.
    pub async fn open(&self, token: &str, privacy: &str, size: usize) -> (String, String) {
        self.post(CREATOR, token, &json!({})).await;
        let answer = self.post(VIDEO, token, &direct(privacy, file(size, size, 1))).await;
        assert_eq!(answer.refusal(), (200, "ok"), "{}", answer.body);
        ids(&answer)
    }

    pub async fn put(&self, upload_url: &str, range: &str, bytes: Vec<u8>) -> reqwest::Response {
        self.try_put(upload_url, range, bytes).await.unwrap()
    }

    pub async fn try_put(
        &self,
        upload_url: &str,
        range: &str,
        bytes: Vec<u8>,
    ) -> Result<reqwest::Response, reqwest::Error> {
        self.http
            .put(upload_url)
            .header("content-type", "video/mp4")
            .header("content-range", range)
            .body(bytes)
            .send()
            .await
    }

    /// Uploads everything in one chunk and expects it to be taken.
    pub async fn put_all(&self, upload_url: &str, bytes: Vec<u8>) {
        let size = bytes.len();
        let response = self.put(upload_url, &format!("bytes 0-{}/{size}", size - 1), bytes).await;
        assert_eq!(response.status().as_u16(), 201);
    }

    /// A whole direct post up to completion.
    pub async fn publish(&self, token: &str, privacy: &str, bytes: Vec<u8>) -> String {
        let (publish_id, upload_url) = self.open(token, privacy, bytes.len()).await;
        self.put_all(&upload_url, bytes).await;
        self.sim().advance(5_000);
        publish_id
    }
}

pub fn ids(answer: &Answer) -> (String, String) {
    (
        answer.body["data"]["publish_id"].as_str().unwrap_or_default().to_owned(),
        answer.body["data"]["upload_url"].as_str().unwrap_or_default().to_owned(),
    )
}

pub fn file(size: usize, chunk: usize, count: usize) -> Value {
    json!({"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count})
}

/// A careful direct post.
pub fn direct(privacy: &str, source: Value) -> Value {
    json!({
        "post_info": {
            "title": "Новый выпуск #moloko",
            "privacy_level": privacy,
            "disable_duet": true,
            "disable_stitch": true,
            "disable_comment": false,
            "video_cover_timestamp_ms": 1500,
            "brand_content_toggle": false,
            "brand_organic_toggle": false,
            "is_aigc": false
        },
        "source_info": source
    })
}

/// The parameters of a callback address.
pub fn callback(location: &str) -> HashMap<String, String> {
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

pub fn fresh_user(name: &str) -> UserSpec {
    UserSpec::private(name, name)
}
