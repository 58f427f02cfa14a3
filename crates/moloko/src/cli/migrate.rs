//! `moloko migrate`: brings the database to this version and ends. `serve` does the same at its start.

use crate::args::InstanceArgs;
use crate::terminal::say;
use crate::{instance_key, service};
use anyhow::Context;
use store::Store;

pub async fn run(instance: &InstanceArgs) -> anyhow::Result<()> {
    let config = super::settings(instance)?;
    instance_key::prepare_folder(&config.data)?;
    let url = service::database_url(&config)?;
    let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
    let pending = store.migrations_pending().await?;
    store.migrate().await?;
    store.close().await;
    say(&match pending {
        0 => format!("{url} is at this version already"),
        1 => format!("{url}: applied 1 step"),
        many => format!("{url}: applied {many} steps"),
    });
    Ok(())
}
