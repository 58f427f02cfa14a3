//! `moloko migrate`: brings the database to this version and ends. `serve` does the same at its start.

use crate::args::InstanceArgs;
use crate::terminal::say;
use crate::{instance_key, service};
use anyhow::Context;
use app::{Clock, SystemClock};
use std::sync::Arc;
use store::Store;
use store::audit::OPERATOR;
use store::vault::InstanceKeys;

pub async fn run(instance: &InstanceArgs) -> anyhow::Result<()> {
    let config = super::settings(instance)?;
    instance_key::prepare_folder(&config.data)?;
    let url = service::database_url(&config)?;
    let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
    let pending = store.migrations_pending().await?;
    store.migrate().await?;
    let mut sealed = 0;
    if let Some(keys) = instance_key::existing(&config)? {
        // Without a key this is a database that no service has used; its first start makes both.
        sealed = note(&store, keys, pending).await?;
    }
    store.close().await;
    say(&match pending {
        0 => format!("{url} is at this version already"),
        1 => format!("{url}: applied 1 step"),
        many => format!("{url}: applied {many} steps"),
    });
    if sealed > 0 {
        say(&format!("{sealed} rows with names and words are sealed under keys of their own now"));
    }
    Ok(())
}

/// Writes into the audit record that an operator changed the schema, and seals what the steps could not; gives how many rows.
async fn note(store: &Store, keys: InstanceKeys, steps: u32) -> anyhow::Result<u64> {
    if instance_key::matches(store, &keys).await? != Some(true) {
        return Ok(0);
    }
    let now = SystemClock::new().now();
    store.work_under(Arc::new(keys));
    if steps > 0 {
        store.audit_begin(now).await?;
        let mut tx = store.begin().await?;
        tx.audit_append(now, OPERATOR, "schema.migrate", "", &format!("steps: {steps}")).await?;
        tx.commit().await?;
    }
    service::seal_clear(store).await
}
