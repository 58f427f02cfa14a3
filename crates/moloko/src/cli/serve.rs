//! `moloko serve`: the service until it is asked to stop.

use crate::args::InstanceArgs;
use crate::config::Config;
use crate::{service, signals, telemetry};
use anyhow::Context;
use app::SystemClock;
use std::sync::Arc;
use tokio::net::TcpListener;

pub async fn run(instance: &InstanceArgs) -> anyhow::Result<()> {
    let config: Config = super::settings(instance)?;
    telemetry::start(&config.log, config.log_format);
    let stop = signals::stop_token()?;
    let built = service::build(&config, Arc::new(SystemClock::new())).await?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    tracing::info!(
        address = %listener.local_addr()?,
        public_url = %config.public_url.origin(),
        redirect_uri = %built.app.settings.redirect_uri(),
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    service::run(built, listener, stop).await
}
