//! Publishes a video in chunks and follows it until it has an id. Runs against the simulator.
//!
//! `cargo run -p tiktok --example publish_video`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use tiktok::{
    AppCredentials, ChunkPlan, Client, DirectVideo, Endpoints, HttpOptions, PrivacyLevel, SecretString, UploadHosts,
    Url, chunk_body,
};
use tiktok_sim::{SimConfig, Simulator, sample_mp4};

const KEY: &str = "sbaw_example";
const SECRET: &str = "example_secret";
const REDIRECT: &str = "http://127.0.0.1:3455/callback/";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulated = Simulator::start(SimConfig::demo(KEY, SECRET, [REDIRECT])).await?;
    let base = Url::parse(&simulated.url)?;
    let credentials = AppCredentials { client_key: KEY.into(), client_secret: SECRET.into() };
    let endpoints = Endpoints::custom(base.join("/v2/auth/authorize/")?, base.clone(), UploadHosts::origin(&base));
    let client = Client::new(credentials, endpoints, HttpOptions::default())?;
    let tokens = simulated.simulator.issue_grant(KEY, "moloko.demo", &["user.info.basic", "video.publish"])?;
    let token = SecretString::from(tokens.access_token);

    let creator = client.creator_info(&token).await?.value;
    println!("posting as {} (@{}); offered:", creator.nickname, creator.username);
    for level in &creator.privacy_level_options {
        println!("  {level}");
    }

    // Twenty megabytes in several chunks, so that the last one could be held until the post is due.
    let file = sample_mp4(720, 1280, 30, 5_000, 20_000_000);
    let plan = ChunkPlan::for_early_release(u64::try_from(file.len())?)?;
    let video = DirectVideo {
        title: "Новый выпуск #moloko".into(),
        privacy_level: PrivacyLevel::PublicToEveryone,
        disable_comment: false,
        disable_duet: true,
        disable_stitch: true,
        video_cover_timestamp_ms: Some(1_500),
        brand_content_toggle: false,
        brand_organic_toggle: false,
        is_aigc: false,
        plan,
    };
    let started = client.init_video(&token, &video).await?;
    println!("task {} (log_id {})", started.value.publish_id, started.log_id.unwrap_or_default());

    for chunk in plan.chunks() {
        let (first, end) = (usize::try_from(chunk.first)?, usize::try_from(chunk.last)?.saturating_add(1));
        let part = file.get(first..end).unwrap_or_default().to_vec();
        let body = chunk_body(std::io::Cursor::new(part), &chunk);
        let answer =
            client.put_chunk(&started.value.upload_url, &chunk, "video/mp4", body, Duration::from_secs(60)).await?;
        println!("{}: {answer:?}", chunk.content_range());
    }

    loop {
        let status = client.status(&token, &started.value.publish_id).await?.value;
        println!("{} {:?}", status.state, status.post_ids);
        if let Some(reason) = status.fail_reason {
            return Err(format!("TikTok failed the post: {reason}").into());
        }
        if let Some(id) = status.post_ids.first() {
            println!("https://www.tiktok.com/@{}/video/{id}", creator.username);
            return Ok(());
        }
        // A real program waits and asks 30 times a minute at most; the simulator's clock can be moved.
        simulated.simulator.advance(10_000);
    }
}
