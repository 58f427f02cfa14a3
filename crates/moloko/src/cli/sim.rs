//! `moloko sim`: the simulated TikTok alone, for people and for tests that need it in a process of its own.

use crate::args::{SimApp, SimArgs};
use crate::config::LogFormat;
use crate::terminal::say;
use crate::{signals, telemetry};
use anyhow::Context;
use tiktok_sim::{AppSpec, AppStage, SimConfig, Simulator};
use tokio::net::TcpListener;

pub async fn run(args: SimArgs) -> anyhow::Result<()> {
    telemetry::start("info", LogFormat::Pretty);
    let stop = signals::stop_token()?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let url = format!("http://{}", listener.local_addr()?);
    let json = args.json;
    let simulator = Simulator::new(config(args))?;
    let console = format!("{url}/console");
    if json {
        say(&serde_json::json!({ "url": url, "console": console }).to_string());
    } else {
        say(&format!("simulated TikTok: {url}\nconsole:          {console}"));
    }
    tokio::select! {
        served = simulator.serve(listener) => served.context("the simulator stopped"),
        () = stop.cancelled() => Ok(()),
    }
}

fn config(args: SimArgs) -> SimConfig {
    let mut config = SimConfig::demo(args.client_key.clone(), args.client_secret.clone(), args.redirect_uri.clone());
    let stage = match args.app {
        SimApp::Live => AppStage::Audited,
        SimApp::Unaudited => AppStage::LiveUnaudited,
        SimApp::Sandbox => AppStage::Sandbox,
        SimApp::Draft => AppStage::Draft,
    };
    let mut app = AppSpec::audited(args.client_key, args.client_secret, args.redirect_uri);
    app.stage = stage;
    app.webhook_url = args.webhook_url;
    app.target_users = config.users.iter().map(|user| user.username.clone()).collect();
    config.apps = vec![app];
    config.accept_any_redirect = args.accept_any_redirect;
    config.seed = args.seed;
    config.data_dir = args.data;
    config
}
