//! The database as an operator's command finds it, beside a service that may be running: opened, at this version, with its key. Makes
//! nothing that is not there.

use crate::config::{Config, Database};
use crate::{instance_key, service};
use anyhow::{Context, bail};
use std::sync::Arc;
use store::Store;

/// Opens the database of these settings for a command.
pub async fn open(config: &Config) -> anyhow::Result<Store> {
    let (store, pending) = open_as_it_is(config).await?;
    if pending > 0 {
        bail!(
            "the database {} is not at this version; make a backup with moloko backup, then run moloko migrate or start the service",
            service::database_url(config)?
        );
    }
    Ok(store)
}

/// The same, of whichever version the database is; gives how many steps it is behind this program, too.
pub async fn open_as_it_is(config: &Config) -> anyhow::Result<(Store, u32)> {
    let url = service::database_url(config)?;
    match config.database {
        Database::Embedded if !config.data.join("moloko.db").exists() => {
            bail!("there is no database in {} yet; it is made at the first start of the service", config.data.display())
        }
        Database::Embedded | Database::Postgres(_) => {}
    }
    let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
    if store.schema_version().await?.is_none() {
        bail!("the database {url} has nothing of this program in it; it is made at the first start of the service");
    }
    let pending = store.migrations_pending().await?;
    let keys = instance_key::existing(config)?.with_context(|| {
        format!("{} is missing; put the copy of that file back", instance_key::file(&config.data).display())
    })?;
    if pending == 0 {
        instance_key::suffices(&store, &keys).await?;
    }
    if instance_key::matches(&store, &keys).await? == Some(false) {
        bail!("the instance key is not the one this database was written with; use the one that belongs to it");
    }
    store.work_under(Arc::new(keys));
    Ok((store, pending))
}
