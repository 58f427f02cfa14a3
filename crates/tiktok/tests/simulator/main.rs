//! The client against the strict simulator, which reads the same documentation independently.
//! Each story is what a publisher meets; time is the simulator's and moves only when a story moves it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod avatars;
mod direct;
mod display;
mod inbox;
mod login;
mod lost;
mod pull;
mod refusals;
mod webhooks;

use std::time::Duration;

use tiktok::{
    AppCredentials, Chunk, ChunkAnswer, ChunkPlan, Client, DirectVideo, Endpoints, Error, HttpOptions, PrivacyLevel,
    PublishId, PublishStatus, SecretString, UploadGrant, UploadHosts, Url, chunk_body,
};
use tiktok_sim::{ClockMode, MediaPolicy, Running, SimConfig, Simulator};

pub const KEY: &str = "aw_sim_live_01";
pub const SECRET: &str = "sim_client_secret_0123456789abcdef";
pub const REDIRECT: &str = "https://demo.example/oauth/tiktok/callback/";
pub const LOOPBACK: &str = "http://127.0.0.1:3455/callback/";
pub const CREATOR: &str = "moloko.demo";
/// 2026-01-01 00:00:00 UTC.
pub const START_MS: i64 = 1_767_225_600_000;
pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
const SCOPES: [&str; 4] = ["user.info.basic", "video.publish", "video.upload", "video.list"];

/// A simulated platform at a standing clock, and a client for its audited app.
pub struct Stage {
    pub running: Running,
    pub client: Client,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut SimConfig)) -> Self {
        let mut config = SimConfig::demo(KEY, SECRET, [REDIRECT, LOOPBACK]);
        config.clock = ClockMode::Frozen { at_ms: START_MS };
        config.quirks.media = MediaPolicy::Trust;
        change(&mut config);
        let running = Simulator::start(config).await.unwrap();
        let client = client(&running, SECRET);
        Self { running, client }
    }

    pub fn simulator(&self) -> &Simulator {
        &self.running.simulator
    }

    pub fn token(&self, username: &str) -> SecretString {
        self.simulator().issue_grant(KEY, username, &SCOPES).unwrap().access_token.into()
    }

    /// Asks what the creator may post and starts a video, as every publisher must.
    pub async fn start(&self, token: &SecretString, video: &DirectVideo) -> UploadGrant {
        self.client.creator_info(token).await.unwrap();
        self.client.init_video(token, video).await.unwrap().value
    }

    /// Sends one chunk of a file that consists of zeros.
    pub async fn put(&self, grant: &UploadGrant, chunk: &Chunk) -> Result<ChunkAnswer, Error> {
        let body = chunk_body(tokio::io::repeat(0), chunk);
        self.client.put_chunk(&grant.upload_url, chunk, "video/mp4", body, Duration::from_secs(60)).await
    }

    /// Sends a whole file of zeros.
    pub async fn upload(&self, grant: &UploadGrant, plan: &ChunkPlan) {
        for chunk in plan.chunks() {
            self.put(grant, &chunk).await.unwrap();
        }
    }

    pub async fn status(&self, token: &SecretString, publish_id: &PublishId) -> PublishStatus {
        self.client.status(token, publish_id).await.unwrap().value
    }
}

pub fn client(running: &Running, secret: &str) -> Client {
    let base = Url::parse(&running.url).unwrap();
    let endpoints =
        Endpoints::custom(base.join("/v2/auth/authorize/").unwrap(), base.clone(), UploadHosts::origin(&base));
    let credentials = AppCredentials { client_key: KEY.into(), client_secret: secret.into() };
    Client::new(credentials, endpoints, HttpOptions::default()).unwrap()
}

pub fn video(plan: ChunkPlan) -> DirectVideo {
    DirectVideo {
        title: "Новый выпуск #moloko".into(),
        privacy_level: PrivacyLevel::PublicToEveryone,
        disable_comment: false,
        disable_duet: true,
        disable_stitch: true,
        video_cover_timestamp_ms: Some(1_500),
        brand_content_toggle: false,
        brand_organic_toggle: true,
        is_aigc: false,
        plan,
    }
}

pub fn small() -> ChunkPlan {
    ChunkPlan::for_size(100_000).unwrap()
}
