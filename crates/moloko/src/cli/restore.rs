//! `moloko restore`: a backup in the place of what is there. Owns the checks before anything is touched and the words after; the next start of the service
//! erases again what was erased since, and doubts what may have been sent since.

use crate::args::RestoreArgs;
use crate::config::{Config, Database};
use crate::terminal::{complain, say};
use crate::{instance_key, service};
use anyhow::{Context, bail};
use app::{Clock, SystemClock};
use std::process::ExitCode;
use std::sync::Arc;
use store::audit::OPERATOR;
use store::backup::{BackupFolder, Copy, Restore, give_up, half_restored};
use store::lock::DataDirLock;
use store::vault::InstanceKeys;
use store::{DatabaseUrl, Engine, Store};

pub async fn run(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = super::settings(&args.instance)?;
    instance_key::prepare_folder(&config.data)?;
    let _lock = DataDirLock::acquire(&config.data)?;
    let Some(from) = &args.from else { return go_back(&config) };
    let folder = BackupFolder::open(from)?;
    let copy = chosen(&folder, args.name.as_deref())?;
    let url = service::restoring_url(&config)?;
    let Some(keys) = instance_key::existing(&config)? else {
        bail!(
            "the instance key is not there, and no backup can be read without it: put the copy of it to {} first",
            instance_key::file(&config.data).display()
        );
    };
    let manifest = folder.manifest(&copy)?;
    keys.verify(&manifest.key_check).with_context(|| {
        format!(
            "the instance key is not the one under which {} was made, or lacks its version (docs/keys.md)",
            copy.name
        )
    })?;
    instance_key::has_all(&keys, manifest.key_versions.iter().copied())
        .with_context(|| format!("{} cannot be used with this instance key", copy.name))?;
    let replaces = args.replace || begun_before(half_restored(&config.data), url.engine());
    if !replaces && holds_something(&url).await? {
        bail!("there is a database already; with --replace the backup takes its place, and what is in it now is lost");
    }
    let shared = match &url {
        DatabaseUrl::Sqlite(_) => None,
        DatabaseUrl::Postgres(_) => {
            let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
            let turn = store.turn_to_restore().await?;
            store.may_be_replaced().await?;
            Some((store, turn))
        }
    };
    let restore = folder.restore(&copy, &config.data, url.engine())?;
    let damaged = if let Some((store, _turn)) = shared {
        let damaged = done(&config, &restore).await?;
        restore.fill(&store, &url).await?;
        store.close().await;
        // Statements that were prepared for the tables of before are gone with the connections.
        let store = Store::open(&url).await?;
        ready(&store, keys, &copy).await?;
        damaged
    } else {
        let copied = Store::open(&DatabaseUrl::Sqlite(restore.database())).await?;
        copied.check_intact().await?;
        ready(&copied, keys, &copy).await?;
        let damaged = done(&config, &restore).await?;
        restore.put()?;
        damaged
    };
    let manifest = restore.manifest().clone();
    restore.end()?;
    say(&format!("{} is in its place; start the service", copy.name));
    say("whoever was signed in signs in anew, and each operator needs a new link: moloko operator link --name NAME");
    say(
        "at its start what was erased since is erased again, posts whose time has passed wait for a person, and what was under way is asked of TikTok",
    );
    if let Some(name) = &manifest.storage {
        say(&format!(
            "further files lie at {name}; where that is another one now, run moloko blobs bind once it has them"
        ));
    }
    for key in &damaged {
        complain(&format!("the stored file {key} is not among the backups as it was written, and was not put back"));
    }
    for key in manifest.missing.iter().chain(&manifest.corrupt) {
        complain(&format!("the stored file {key} was not whole when the backup was made, and is not in it"));
    }
    Ok(if damaged.is_empty() && manifest.lacks() == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Goes on with the database that was there.
fn go_back(config: &Config) -> anyhow::Result<ExitCode> {
    if !half_restored(&config.data) {
        bail!("no restore into {} was broken off", config.data.display());
    }
    give_up(&config.data)?;
    say(match config.database {
        Database::Embedded => "the database of before is in its place",
        Database::Postgres(_) => {
            "the copy is in the database as a whole or not at all; moloko audit show --action backup says which"
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn chosen(folder: &BackupFolder, name: Option<&str>) -> anyhow::Result<Copy> {
    let copies = folder.copies()?;
    match name {
        None => newest(copies).context("there is no backup in that folder"),
        Some(name) => copies
            .into_iter()
            .find(|copy| copy.name == name)
            .with_context(|| format!("there is no backup {name}; moloko backup list shows them")),
    }
}

/// The newest copy. One that was not made yet by this clock is taken only where there is no other: its time says nothing.
fn newest(copies: Vec<Copy>) -> Option<Copy> {
    let now = SystemClock::new().now();
    let (future, mut made): (Vec<_>, Vec<_>) = copies.into_iter().partition(|copy| copy.is_from_the_future(now));
    made.pop().or_else(|| future.into_iter().next())
}

/// Whether this goes on with what was begun: then what lies there may be half of it, and `--replace` was said. In PostgreSQL a copy is whole or not there at
/// all, and the sign says nothing of which database was meant.
const fn begun_before(half_restored: bool, engine: Engine) -> bool {
    half_restored && matches!(engine, Engine::Sqlite)
}

/// Whether something would be lost.
async fn holds_something(url: &DatabaseUrl) -> anyhow::Result<bool> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(path.exists()),
        DatabaseUrl::Postgres(_) => {
            let store = Store::open(url).await.with_context(|| format!("the database {url} cannot be opened"))?;
            let holds = !store.columns().await?.is_empty();
            store.close().await;
            Ok(holds)
        }
    }
}

/// Brings the database to this version, holds it to the key, and notes what was done with it.
async fn ready(store: &Store, keys: InstanceKeys, copy: &Copy) -> anyhow::Result<()> {
    store.migrate().await.context("the database of the backup cannot be brought to this version")?;
    instance_key::suffices(store, &keys).await?;
    if instance_key::matches(store, &keys).await? != Some(true) {
        bail!("the instance key is not the one that the database of the backup was written under");
    }
    store.work_under(Arc::new(keys));
    let now = SystemClock::new().now();
    store.audit_begin(now).await?;
    let mut tx = store.begin().await?;
    // Here already, so that a link that is made before the start counts.
    tx.take_up_copy(now).await?;
    tx.audit_append(now, OPERATOR, "backup.restore", "", &copy.name).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

/// Gives what could not be put back.
async fn done(config: &Config, restore: &Restore<'_>) -> anyhow::Result<Vec<String>> {
    let files = restore.media(service::blobs_folder(config)).await?;
    say(&format!("{} stored files put back, {} were there", files.files, files.there));
    Ok(files.damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_that_was_broken_off_is_no_leave_to_replace_a_postgresql_database() {
        assert!(begun_before(true, Engine::Sqlite));
        assert!(!begun_before(true, Engine::Postgres));
        assert!(!begun_before(false, Engine::Sqlite));
    }

    #[test]
    fn a_copy_from_the_future_is_not_the_newest() {
        let now = SystemClock::new().now();
        let copy = |hours: i64| Copy { name: hours.to_string(), made_at: now.plus_seconds(hours * 3_600) };
        assert_eq!(newest(vec![copy(-9), copy(-1), copy(48)]), Some(copy(-1)));
        assert_eq!(newest(vec![copy(48), copy(50)]), Some(copy(48)));
        assert_eq!(newest(Vec::new()), None);
    }
}
