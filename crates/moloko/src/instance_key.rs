//! The key that protects all others: read from where the settings say, or made at the first start. Must never print it, and
//! never make a second one for a database that was written under the first.

use crate::config::{Config, InstanceKeySource};
use anyhow::{Context, bail};
use app::keys::{CHECK, CURRENT, fit, needed_versions};
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Store;
use store::audit::SYSTEM;
use store::vault::InstanceKeys;

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
/// That it was made or is used for the first time is written into the audit record.
pub async fn obtain(config: &Config, store: &Store, now: UnixMillis) -> anyhow::Result<Arc<InstanceKeys>> {
    let known = store.meta_get(CHECK).await?;
    let (keys, how) = match (existing(config)?, &known) {
        (Some(keys), _) => (keys, "instance_key.first_use"),
        (None, None) => (make(&file(&config.data))?, "instance_key.made"),
        (None, Some(_)) => bail!(
            "{} is missing, but the database was written under an instance key. Put the copy of that file back, or start with an \
             empty database (every account must then be connected again)",
            file(&config.data).display()
        ),
    };
    suffices(store, &keys).await?;
    fit(store, &keys).await?;
    let value = keys.check_value()?;
    let keys = Arc::new(keys);
    store.work_under(Arc::clone(&keys));
    if store.meta_get(CURRENT).await?.is_none() {
        // The check value names its version and tells nothing about the key.
        let version = value.split(':').next().unwrap_or_default();
        let mut tx = store.begin().await?;
        if known.is_none() {
            tx.meta_put(CHECK, &value).await?;
        }
        tx.meta_put(CURRENT, &value).await?;
        // A database from before this was noted has used its key already.
        if known.is_none() {
            tx.audit_append(now, SYSTEM, how, version, "").await?;
        }
        tx.commit().await?;
    }
    let newest = keys.versions().last().copied().unwrap_or(0);
    if newest > keys.current_version() {
        tracing::info!(
            newest,
            seals = keys.current_version(),
            "a newer version of the instance key seals nothing yet: moloko key rotate"
        );
    }
    Ok(keys)
}

/// Refuses a key that lacks a version without which something in the database could be read by nobody.
pub async fn suffices(store: &Store, keys: &InstanceKeys) -> anyhow::Result<()> {
    has_all(keys, needed_versions(store).await?)
}

/// The same for versions that are known to be needed.
pub fn has_all(keys: &InstanceKeys, needed: impl IntoIterator<Item = i64>) -> anyhow::Result<()> {
    let has = keys.versions();
    let lacking: Vec<String> =
        needed.into_iter().filter(|version| !has.contains(version)).map(|version| format!("v{version}")).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let has: Vec<String> = has.iter().map(|version| format!("v{version}")).collect();
    bail!(
        "something in the database is sealed under {} of the instance key, and the key has only {}. Either the key file is not the one of \
         this database, or an older copy of the database was put back after that version was retired. Put the line of that version \
         back from your copy of the key file. If no copy is left, nobody can read the tokens of that database any more, which is what \
         retiring a version is for: use a newer backup, or start with an empty database and have every account connected again \
         (docs/keys.md)",
        lacking.join(", "),
        has.join(", ")
    )
}

/// Whether this key is the one the database was written under; `None` when the database has not seen one yet. From then on the version
/// that seals in the database seals here, too.
pub async fn matches(store: &Store, keys: &InstanceKeys) -> anyhow::Result<Option<bool>> {
    if store.meta_get(CHECK).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(fit(store, keys).await.is_ok()))
}

/// The key of an instance that has one already; makes nothing.
pub fn existing(config: &Config) -> anyhow::Result<Option<InstanceKeys>> {
    match &config.instance_key {
        InstanceKeySource::Given(text) => parse(text).map(Some),
        InstanceKeySource::File(path) => match InstanceKeys::load_given(path)? {
            Some(keys) => Ok(Some(keys)),
            None => bail!("{} is gone; MOLOKO_INSTANCE_KEY_FILE names it", path.display()),
        },
        InstanceKeySource::DataFolder => Ok(InstanceKeys::load(&file(&config.data))?),
    }
}

/// The file that this program may write another version into; `None` where the key does not come from a file.
pub fn writable(config: &Config) -> Option<PathBuf> {
    match &config.instance_key {
        InstanceKeySource::Given(_) => None,
        InstanceKeySource::File(path) => Some(path.clone()),
        InstanceKeySource::DataFolder => Some(file(&config.data)),
    }
}

fn parse(text: &SecretString) -> anyhow::Result<InstanceKeys> {
    InstanceKeys::parse(text.expose_secret()).context("the instance key of the settings cannot be used")
}

fn make(path: &Path) -> anyhow::Result<InstanceKeys> {
    InstanceKeys::generate()?.create(path)?;
    // Only another version is ever written to it, and that by a new file in its place.
    std::fs::set_permissions(path, Permissions::from_mode(0o400))?;
    // Read back, so that this process, too, notices when that happens.
    let keys = InstanceKeys::load(path)?.with_context(|| format!("{} is gone", path.display()))?;
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
        store::vault::add_version(&path).unwrap();
        assert!(made.reload().unwrap(), "the process that made it follows it like any other");
        assert_eq!(made.versions(), [1, 2]);
    }
}
