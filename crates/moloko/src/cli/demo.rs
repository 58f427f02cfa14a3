//! `moloko demo`: service and simulated TikTok in one process on loopback, sharing one clock, with sample data from the start.

use crate::args::DemoArgs;
use crate::config::{Config, LogFormat, Overrides, Source};
use crate::simulated::{CLIENT_KEY, CLIENT_SECRET, SharedClock};
use crate::terminal::say;
use crate::{demo, instance_key, service, signals, telemetry};
use anyhow::{Context, bail};
use secrecy::ExposeSecret as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tiktok_sim::{PullRoute, SimConfig, Simulator};
use tokio::net::TcpListener;

/// The name under which the simulated TikTok reaches the demo.
const PHOTOS: &str = "https://demo.moloko.example";

/// What whoever operates the demo is called.
const OPERATOR: &str = "demo";

/// Where everything of one demo lies; a temporary folder is removed when this is dropped.
enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn new(wanted: Option<PathBuf>) -> anyhow::Result<Self> {
        match wanted {
            Some(path) => Ok(Self::Kept(path)),
            None => Ok(Self::Temporary(tempfile::Builder::new().prefix("moloko-demo-").tempdir()?)),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Kept(path) => path.display().to_string(),
            Self::Temporary(dir) => {
                format!("{} (temporary, removed at the end; --data DIR keeps it)", dir.path().display())
            }
        }
    }
}

pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    if !args.listen.ip().is_loopback() {
        bail!(
            "the demo listens on this machine only ({} is open to others): anybody could sign in as the demo person. Use 127.0.0.1",
            args.listen
        );
    }
    // Of the environment only the wish for logs counts, so that a demo never meets real keys or a real database.
    let quiet = if args.json { "warn" } else { "info" };
    let filter = std::env::var("MOLOKO_LOG").unwrap_or_else(|_| quiet.to_owned());
    telemetry::start(&filter, LogFormat::Pretty);
    let stop = signals::stop_token()?;

    let folder = Folder::new(args.data)?;
    instance_key::prepare_folder(folder.path())?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!("cannot listen on {}; another program may use that port (try --listen 127.0.0.1:0)", args.listen)
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    let running = Simulator::start(simulator(&url, folder.path())).await?;
    let config = settings(&url, &running.url, folder.path())?;
    let clock = Arc::new(SharedClock::new(running.simulator.clock()));
    let built = service::build(&config, clock).await?;
    if args.months > 0 {
        demo::months(&built.app, &running.simulator, args.months).await.context("the earlier months cannot be made")?;
    }
    let person = demo::seed(&built.app, &running.simulator).await.context("the sample data cannot be made")?;

    let link = built.app.operator_link(OPERATOR).await.context("nobody can be let in as operator")?;
    let operator = link.url.expose_secret();

    if args.json {
        let ready = serde_json::json!({
            "url": url,
            "simulator": running.url,
            "cookie": format!("{}={}", built.cookie_name(), person.session_secret),
            "token": person.token,
            "operator": operator,
        });
        say(&ready.to_string());
    } else {
        say(&welcome(&url, &running.url, operator, &folder));
    }
    service::run(built, listener, stop).await
}

fn welcome(url: &str, simulator: &str, operator: &str, folder: &Folder) -> String {
    format!(
        "\nMOLOKO.VIDEO is ready.\n\n  \
         open this            {url}\n  \
         simulated TikTok     {simulator}/console   (received videos, requests, faults, time)\n  \
         operate it           {operator}   (makes a passkey; once, within ten minutes)\n  \
         everything is in     {}\n\n\
         Press \"Continue with TikTok\" and pick Moloko Demo. Ctrl-C ends it.\n",
        folder.described()
    )
}

fn simulator(url: &str, folder: &Path) -> SimConfig {
    let mut config = SimConfig::demo(CLIENT_KEY, CLIENT_SECRET, [format!("{url}/oauth/tiktok/callback/")]);
    for app in &mut config.apps {
        app.webhook_url = Some(format!("{url}/webhooks/tiktok"));
    }
    // TikTok fetches photos from verified https names only; this one leads to the demo itself, by the simulator's own table.
    for app in &mut config.apps {
        app.verified_prefixes.push(format!("{PHOTOS}/pull/"));
    }
    config.pull_routes.push(PullRoute { origin: PHOTOS.to_owned(), fetch_from: url.to_owned() });
    config.data_dir = Some(folder.join("simulator"));
    config
}

fn settings(url: &str, simulator: &str, folder: &Path) -> anyhow::Result<Config> {
    let values = Overrides::from([
        ("MOLOKO_MODE", "development".to_owned()),
        ("MOLOKO_PUBLIC_URL", url.to_owned()),
        ("MOLOKO_PULL_URL", PHOTOS.to_owned()),
        ("MOLOKO_DATA", folder.display().to_string()),
        ("MOLOKO_TIKTOK_CLIENT_KEY", CLIENT_KEY.to_owned()),
        ("MOLOKO_TIKTOK_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("MOLOKO_TIKTOK_AUTHORIZE_URL", format!("{simulator}/v2/auth/authorize/")),
        ("MOLOKO_TIKTOK_API_URL", simulator.to_owned()),
        ("MOLOKO_TIKTOK_UPLOAD_ORIGIN", simulator.to_owned()),
        ("MOLOKO_OPERATOR", "the demo on this machine".to_owned()),
        ("MOLOKO_CONTACT", "demo@moloko.invalid".to_owned()),
    ]);
    match Config::read(&Source::only(values)) {
        Ok(config) => Ok(config),
        Err(problems) => bail!("the demo's own settings are wrong:\n{}", super::list(&problems)),
    }
}
