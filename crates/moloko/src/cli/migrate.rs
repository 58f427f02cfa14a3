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
    if let (Some(keys), true) = (instance_key::existing(&config)?, pending > 0) {
        // Without a key this is a database that no service has used; its first start makes both.
        note(&store, keys, pending).await?;
    }
    store.close().await;
    say(&match pending {
        0 => format!("{url} is at this version already"),
        1 => format!("{url}: applied 1 step"),
        many => format!("{url}: applied {many} steps"),
    });
    Ok(())
}

/// Writes into the audit record that an operator changed the schema.
async fn note(store: &Store, keys: InstanceKeys, steps: u32) -> anyhow::Result<()> {
    if instance_key::matches(store, &keys).await? != Some(true) {
        return Ok(());
    }
    let now = SystemClock::new().now();
    store.audit_under(Arc::new(keys));
    store.audit_begin(now).await?;
    let mut tx = store.begin().await?;
    tx.audit_append(now, OPERATOR, "schema.migrate", "", &format!("steps: {steps}")).await?;
    tx.commit().await?;
    Ok(())
}
