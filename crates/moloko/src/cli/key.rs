//! `moloko key`: another version of the instance key, beside a service that may be running. Owns what is said and in which order things
//! happen; what may be sealed or taken away is the application's to say. Prints versions, never a key.

use crate::args::{InstanceArgs, KeyCommand};
use crate::config::{Config, Database};
use crate::terminal::say;
use crate::{instance_key, service};
use anyhow::{Context, bail};
use app::App;
use app::keys::{InUse, Retirement, Rewrapped, TAKE_UP_MS, in_use};
use domain::time::UnixMillis;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use store::journal::{self, Journal};
use store::lock::DataDirLock;
use store::vault::{add_version, remove_version};

/// How often what a running service works on is looked at again, milliseconds.
const LOOK_MS: i64 = 5_000;
/// How long that is waited for, milliseconds: longer than most uploads take.
const PATIENCE_MS: i64 = 120_000;

pub async fn run(command: &KeyCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Add(instance) => add(&super::settings(instance)?).await,
        KeyCommand::Rotate(instance) => rotate(&super::settings(instance)?).await,
        KeyCommand::Retire { version, instance } => retire(&super::settings(instance)?, *version).await,
        KeyCommand::Status(instance) => status(instance).await,
    }
}

async fn add(config: &Config) -> anyhow::Result<ExitCode> {
    let app = service::beside(config).await?;
    let sealing = app.keys.current_version();
    let newest = app.keys.versions().last().copied().unwrap_or(sealing);
    if newest > sealing {
        bail!("version {newest} is there already and seals nothing yet; run `moloko key rotate`");
    }
    let Some(path) = instance_key::writable(config) else {
        bail!(
            "the instance key comes from MOLOKO_INSTANCE_KEY or MOLOKO_INSTANCE_KEY_COMMAND, which this program does not change. Add a second line to what the setting gives, made with\n  \
             printf 'moloko-key-v{}:%s\\n' \"$(head -c 32 /dev/urandom | base64)\"\n\
             keep the line that is there, restart every node, one after the other, and then run `moloko key rotate`",
            newest.saturating_add(1)
        )
    };
    let version = add_version(&path)?;
    app.note_added_key(version).await.with_context(|| {
        format!("version {version} is in {}, but that could not be written into the audit record", path.display())
    })?;
    app.store.close().await;
    say(&format!(
        "version {version} is in {}; it seals nothing yet, a running service reads it within seconds.\n\
         1. copy the file to where you keep its copy, and to every other node that uses this database\n\
         2. moloko key rotate",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn rotate(config: &Config) -> anyhow::Result<ExitCode> {
    let app = service::beside(config).await?;
    let begun = app.rotation_begin().await?;
    let version = begun.version;
    if app.keys.versions().len() == 1 {
        app.store.close().await;
        say(&format!("version {version} is the only one there is; `moloko key add` makes another"));
        return Ok(ExitCode::SUCCESS);
    }
    say(&match begun.before {
        Some(before) => format!("version {version} seals from now on, in place of version {before}"),
        None => format!("version {version} seals"),
    });
    let began = app.now();
    let mut unreadable = round(&app).await?.unreadable;
    if !alone(config, &app).await? {
        // Whoever had not noticed yet has sealed under the old version meanwhile.
        say("a service may be running: waiting until it has taken the version up");
        app.clock.sleep_until(began.plus_millis(TAKE_UP_MS)).await;
        unreadable = round(&app).await?.unreadable;
    }
    loop {
        let mut left: Vec<String> = app.rotation_end().await?.into_iter().map(line).collect();
        left.extend(notes(config, |other| other != version)?);
        if left.is_empty() {
            app.store.close().await;
            say(&format!("nothing is sealed under another version than {version} any more"));
            for older in app.keys.versions().iter().filter(|other| **other < version) {
                say(&format!("in a minute `moloko key retire {older}` may take version {older} out of the key file"));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let lost = !unreadable.is_empty();
        if lost || app.now().millis_since(began) > PATIENCE_MS {
            app.store.close().await;
            say(&format!("still sealed under another version:\n{}", left.join("\n")));
            for row in &unreadable {
                say(&format!("  does not open, altered or sealed with another key: {row}"));
            }
            say("run `moloko key rotate` again; it goes on where it was");
            return Ok(ExitCode::from(1));
        }
        app.clock.sleep_until(app.now().plus_millis(LOOK_MS)).await;
        unreadable = round(&app).await?.unreadable;
    }
}

async fn round(app: &App) -> anyhow::Result<Rewrapped> {
    let mut said = 0;
    let round = app
        .rotation_round(|done| {
            if done > said {
                said = done;
                say(&format!("  sealed anew: {done}"));
            }
        })
        .await?;
    Ok(round)
}

/// Whether nobody else works with this data folder; then its journal is sealed anew here, which otherwise the running service does.
async fn alone(config: &Config, app: &App) -> anyhow::Result<bool> {
    match DataDirLock::acquire(&config.data) {
        Ok(lock) => {
            Journal::open(&config.data, Arc::clone(&app.keys))?.reseal(app.now()).await?;
            drop(lock);
            // Other nodes have folders of their own.
            Ok(matches!(config.database, Database::Embedded))
        }
        Err(store::lock::LockError::InUse { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn retire(config: &Config, version: i64) -> anyhow::Result<ExitCode> {
    let app = service::beside(config).await?;
    if !app.keys.versions().contains(&version) {
        let there = app.keys.versions().iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        bail!("there is no version {version} in the instance key; it has {there}");
    }
    let notes = notes(config, |other| other == version)?;
    match app.retirement(version).await? {
        Retirement::Free | Retirement::Needed(_) | Retirement::Settling(_) if !notes.is_empty() => {
            bail!(
                "version {version} is still needed:\n{}\nthe service whose folder this is seals it anew while it runs, or `moloko key \
                 rotate` does while it does not",
                notes.join("\n")
            )
        }
        Retirement::Free => {}
        Retirement::Sealing => {
            bail!("version {version} is the one that seals; `moloko key add` and `moloko key rotate` come first")
        }
        Retirement::Unfinished => {
            bail!(
                "not everything was sealed under the version that seals now; run `moloko key rotate` to its end first"
            )
        }
        Retirement::Settling(until) => bail!(
            "everything was sealed anew just now, and what was read before may still be in use; try again at {}",
            date(until)
        ),
        Retirement::Needed(needed) => {
            let lines: Vec<String> = needed.iter().map(|it| format!("{}: {}", line(*it), it.what.advice())).collect();
            bail!("version {version} is still needed:\n{}", lines.join("\n"))
        }
    }
    match app.retire(version).await? {
        Retirement::Free => {}
        Retirement::Sealing | Retirement::Unfinished | Retirement::Settling(_) | Retirement::Needed(_) => {
            bail!("something began to need version {version} at this moment; try again")
        }
    }
    app.store.close().await;
    match instance_key::writable(config) {
        Some(path) => {
            remove_version(&path, version)?;
            say(&format!(
                "version {version} is no longer in {}; a running service forgets it within seconds.\n\
                 Run this on every other node that has a file of its own, and destroy the copies of the old file when no backup from before \
                 the rotation is left: without them such a backup cannot be used",
                path.display()
            ));
        }
        None => say(&format!(
            "nothing needs version {version}: take its line out of what MOLOKO_INSTANCE_KEY or its command gives, and restart every node, one \
             after the other"
        )),
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(instance: &InstanceArgs) -> anyhow::Result<ExitCode> {
    let config = super::settings(instance)?;
    let app = service::beside(&config).await?;
    let used = in_use(&app.store).await?;
    let sealing = app.keys.current_version();
    for version in app.keys.versions() {
        let role = match version.cmp(&sealing) {
            std::cmp::Ordering::Less => "opens what is sealed under it",
            std::cmp::Ordering::Equal => "seals",
            std::cmp::Ordering::Greater => "seals nothing yet",
        };
        say(&format!("version {version}: {role}"));
        for it in used.iter().filter(|it| it.version == version) {
            say(&line(*it));
        }
        for note in notes(&config, |other| other == version)? {
            say(&note);
        }
    }
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn line(it: InUse) -> String {
    format!("  version {}: {} {}", it.version, it.count, it.what.name())
}

/// What in the data folder needs such versions.
fn notes(config: &Config, which: impl Fn(i64) -> bool) -> anyhow::Result<Vec<String>> {
    let counts = folder(&config.data)?;
    let lines = counts.into_iter().filter(|((version, _), _)| which(*version));
    Ok(lines.map(|((version, what), count)| format!("  version {version}: {count} {what}")).collect())
}

/// What of the data folder is sealed under which version.
pub(super) fn folder(data: &Path) -> anyhow::Result<BTreeMap<(i64, &'static str), u64>> {
    let mut counts = BTreeMap::new();
    let journal = Journal::sealed_versions(data).with_context(|| format!("{} cannot be read", journal::FILE_NAME))?;
    for (version, count) in journal {
        counts.insert((version, "notes of the intent journal"), count);
    }
    let marks = store::TombstoneFile::of(data).keys().context("the file of tombstones cannot be read")?;
    for version in marks.0.values().filter_map(|sealed| store::vault::sealed_version(sealed)) {
        let count = counts.entry((version, "keys of older marks in the file of tombstones")).or_insert(0_u64);
        *count = count.saturating_add(1);
    }
    Ok(counts)
}

fn date(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(|_| at.millis().to_string(), |at| format!("{at:.0}"))
}
