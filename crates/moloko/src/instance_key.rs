//! The key that protects all others: read from where the settings say, or made at the first start. Must never print it, and
//! never make a second one for a database that was written under the first.

use crate::config::{Config, InstanceKeySource};
use anyhow::{Context, bail};
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use store::audit::SYSTEM;
use store::vault::InstanceKeys;

/// Where the database remembers under which key it was written.
const CHECK_KEY: &str = "instance_key_check";
/// Where it remembers the newest version it was used with. Tokens may still be sealed under older ones.
const NEWEST_KEY: &str = "instance_key_newest";

/// The file of a key that lies in the data folder.
pub fn file(data: &Path) -> PathBuf {
    data.join("instance.key")
}

/// Makes the data folder if it is not there, open to its owner only.
pub fn prepare_folder(data: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    std::fs::set_permissions(data, Permissions::from_mode(0o700))
        .with_context(|| format!("the data folder {} does not belong to this user", data.display()))
}

/// The key of this instance and its database. A new one is made only for a database that has never seen one.
///
/// That it was made, is used for the first time or is another version is written into the audit record.
pub async fn obtain(config: &Config, store: &Store, now: UnixMillis) -> anyhow::Result<Arc<InstanceKeys>> {
    let known = store.meta_get(CHECK_KEY).await?;
    let (keys, how) = match (existing(config)?, &known) {
        (Some(keys), _) => (keys, "instance_key.first_use"),
        (None, None) => (make(&file(&config.data))?, "instance_key.made"),
        (None, Some(_)) => bail!(
            "{} is missing, but the database was written under an instance key. Put the copy of that file back, or start with an \
             empty database (every account must then be connected again)",
            file(&config.data).display()
        ),
    };
    let value = keys.check_value()?;
    if let Some(known) = &known {
        keys.verify(known)?;
    }
    let keys = Arc::new(keys);
    store.audit_under(Arc::clone(&keys));
    let newest = store.meta_get(NEWEST_KEY).await?;
    if newest.as_ref() != Some(&value) {
        // The check value names its version and tells nothing about the key.
        let version = value.split(':').next().unwrap_or_default();
        let mut tx = store.begin().await?;
        if known.is_none() {
            tx.meta_put(CHECK_KEY, &value).await?;
        }
        tx.meta_put(NEWEST_KEY, &value).await?;
        match (newest, known.is_none()) {
            (None, true) => tx.audit_append(now, SYSTEM, how, version, "").await?,
            (Some(_), _) => tx.audit_append(now, SYSTEM, "instance_key.rotate", version, "").await?,
            // A database from before this was noted.
            (None, false) => {}
        }
        tx.commit().await?;
    }
    Ok(keys)
}

/// Whether this key is the one the database was written under; `None` when the database has not seen one yet.
pub async fn matches(store: &Store, keys: &InstanceKeys) -> anyhow::Result<Option<bool>> {
    Ok(store.meta_get(CHECK_KEY).await?.map(|known| keys.verify(&known).is_ok()))
}

/// The key of an instance that has one already; makes nothing.
pub fn existing(config: &Config) -> anyhow::Result<Option<InstanceKeys>> {
    match &config.instance_key {
        InstanceKeySource::Given(text) => parse(text).map(Some),
        InstanceKeySource::DataFolder => Ok(InstanceKeys::load(&file(&config.data))?),
    }
}

fn parse(text: &SecretString) -> anyhow::Result<InstanceKeys> {
    InstanceKeys::parse(text.expose_secret()).context("the instance key of the settings cannot be used")
}

fn make(path: &Path) -> anyhow::Result<InstanceKeys> {
    let keys = InstanceKeys::generate()?;
    keys.create(path)?;
    // Nobody has a reason to write to it again.
    std::fs::set_permissions(path, Permissions::from_mode(0o400))?;
    tracing::info!(file = %path.display(), "made the instance key; keep a copy of this file apart from the backups of the database");
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pp_5_3_a_key_is_made_once_readable_by_its_owner_only_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path());
        let made = make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
        let again = InstanceKeys::load(&path).unwrap().unwrap();
        assert!(again.verify(&made.check_value().unwrap()).is_ok());
        assert!(make(&path).is_err(), "an existing key is never replaced");
    }
}
