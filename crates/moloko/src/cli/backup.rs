//! `moloko backup`: copies of the instance in a folder, made beside a running service. Owns words and exit codes; what is copied how is the store's.

use crate::args::{BackupArgs, BackupCommand};
use crate::config::Config;
use crate::terminal::{complain, say};
use crate::{operator, service};
use anyhow::{Context, bail};
use app::keys::{CHECK, MARK_KEYS, needed_versions};
use app::{Clock, SystemClock};
use std::path::Path;
use std::process::ExitCode;
use store::audit::OPERATOR;
use store::backup::{BackupFolder, Finding, Pruned, Source};
use store::{MarkKeys, Store, TombstoneFile};

/// What is wrong with a copy that was not made yet.
const FUTURE: &str = "by this machine's clock it was not made yet, so the clock is wrong or was. It is never removed by its age: correct the clock, or remove it";

pub async fn run(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        Some(BackupCommand::Verify { from, json, instance }) => {
            let config = super::settings(instance)?;
            verify(&BackupFolder::open(from)?, config.backup_days, *json)
        }
        Some(BackupCommand::List { from }) => list(&BackupFolder::open(from)?),
        None => {
            let config = super::settings(&args.instance)?;
            let Some(to) = &args.to else { bail!("give --to FOLDER, where the backups are to lie") };
            let keep_days = args.keep_days.unwrap_or(config.backup_days);
            if keep_days > config.backup_days {
                bail!(
                    "--keep-days {keep_days} is longer than MOLOKO_BACKUP_DAYS ({}), of which people are told. Raise that first, if the sum of its check allows it",
                    config.backup_days
                );
            }
            make(&config, to, keep_days, args).await
        }
    }
}

async fn make(config: &Config, to: &Path, keep_days: u32, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    if inside(to, &config.data) {
        bail!("{} is in the data folder; a backup belongs somewhere else", to.display());
    }
    let folder = BackupFolder::make(to)?;
    let clock = SystemClock::new();
    let made = copy(config, &folder, args, &clock).await;
    if args.marks_only {
        return made;
    }
    // Also when nothing could be copied, whatever the reason: how long a copy lives does not depend on the next one.
    match folder.prune(keep_days, clock.now()) {
        Ok(pruned) => {
            tell_pruned(&pruned, keep_days);
            if !pruned.is_sure() {
                made?;
                return Ok(ExitCode::from(1));
            }
        }
        Err(error) => {
            complain(&format!(
                "old backups could not be removed: {error}. Look at the folder and run the command again"
            ));
            made?;
            return Ok(ExitCode::from(1));
        }
    }
    made
}

async fn copy(
    config: &Config,
    folder: &BackupFolder,
    args: &BackupArgs,
    clock: &SystemClock,
) -> anyhow::Result<ExitCode> {
    let url = service::database_url(config)?;
    // A copy is wanted before the database is brought to a new version more than at any other time.
    let (store, pending) = operator::open_as_it_is(config).await?;
    let blobs = service::blobs(config).await?;
    let tombstones = TombstoneFile::of(&config.data);
    let Some(key_check) = store.meta_get(CHECK).await? else {
        bail!("no service has used this database yet, so there is nothing to copy");
    };
    let mark_keys = store.meta_get(MARK_KEYS).await?.as_deref().map(MarkKeys::parse).unwrap_or_default();
    let key_versions = if pending == 0 { needed_versions(&store).await?.into_iter().collect() } else { Vec::new() };
    let source = Source {
        store: &store,
        url: &url,
        blobs: &blobs,
        tombstones: &tombstones,
        mark_keys,
        key_check,
        key_versions,
        without_files: args.without_files,
    };
    if args.marks_only {
        let marks = folder.keep_marks(&source, clock.now()).await?;
        store.close().await;
        say(&format!("{marks} marks of what was erased are kept"));
        return Ok(ExitCode::SUCCESS);
    }
    let made =
        folder.add(&source, clock.now()).await.context("no backup was made; nothing that looks like one is left")?;
    if pending == 0 {
        note(&store, &made.name, clock).await?;
    } else {
        say(&format!(
            "the database is {pending} {} behind this version; the copy has it as it is, and a restore brings it to the version of the program that puts it back. \
             The audit record says nothing of the copy",
            if pending == 1 { "step" } else { "steps" }
        ));
    }
    store.close().await;
    say(&format!(
        "{}: database {} bytes, {} stored files, of which {} new ({} bytes)",
        made.name, made.database_bytes, made.files, made.new_files, made.new_bytes
    ));
    if let Some(name) = blobs.bucket_name() {
        say(&format!(
            "{} files lie at {name} and are not in it: the storage needs a backup of its own, kept for {} days at most",
            made.elsewhere, config.backup_days
        ));
    }
    say("the instance key is not in it: without a copy of that, kept elsewhere, no backup can be used");
    for key in &made.corrupt {
        complain(&format!("the stored file {key} has other bytes than were uploaded and was not taken"));
    }
    for key in &made.missing {
        complain(&format!("the stored file {key} is not in the data folder, so the copy lacks it"));
    }
    Ok(if made.corrupt.is_empty() && made.missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn note(store: &Store, name: &str, clock: &SystemClock) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    tx.audit_append(clock.now(), OPERATOR, "backup.make", "", name).await?;
    tx.commit().await.context("the backup is made, but the audit record does not say so")
}

fn tell_pruned(pruned: &Pruned, keep_days: u32) {
    for name in &pruned.copies {
        say(&format!("{name}: removed, its time was over"));
    }
    if pruned.files > 0 {
        say(&format!("{} stored files removed that no backup needs any more", pruned.files));
    }
    for name in &pruned.unreadable {
        complain(&format!("{name}: its list of files cannot be read, so no stored file is removed until it is gone"));
    }
    if !pruned.kept_back.is_empty() {
        complain(&format!(
            "by this machine's clock all backups from before are older than {keep_days} days. Look at the clock. The newest of them ({}) go when it still says so \
             in a day",
            pruned.kept_back.join(", ")
        ));
    }
    for name in &pruned.future {
        complain(&format!("{name}: {FUTURE}"));
    }
}

/// Whether a folder is, or will be, within another one.
fn inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.ancestors().any(|part| part.canonicalize().is_ok_and(|part| part == folder))
}

fn verify(folder: &BackupFolder, keep_days: u32, json: bool) -> anyhow::Result<ExitCode> {
    let looked = folder.verify(None, keep_days, SystemClock::new().now())?;
    for finding in &looked.findings {
        say(&match (finding, json) {
            (Finding::Altered { name, what, why }, false) => format!("{name}: {what} is not as it was written: {why}"),
            (Finding::Altered { name, what, why }, true) => {
                serde_json::json!({ "finding": "altered", "backup": name, "what": what, "why": why }).to_string()
            }
            (Finding::Lacks { name, missing, corrupt }, false) => {
                let keys: Vec<&str> = missing.iter().chain(corrupt).map(String::as_str).collect();
                format!(
                    "{name}: made without {} stored files that its database names ({} missing, {} with other bytes): {}",
                    keys.len(),
                    missing.len(),
                    corrupt.len(),
                    keys.join(", ")
                )
            }
            (Finding::Lacks { name, missing, corrupt }, true) => {
                serde_json::json!({ "finding": "lacks", "backup": name, "missing": missing, "corrupt": corrupt })
                    .to_string()
            }
            (Finding::Future { name }, false) => format!("{name}: {FUTURE}"),
            (Finding::Future { name }, true) => serde_json::json!({ "finding": "future", "backup": name }).to_string(),
            (Finding::Old { name, days }, false) => {
                format!("{name}: {days} days old, and {keep_days} are promised; the next backup removes it")
            }
            (Finding::Old { name, days }, true) => {
                serde_json::json!({ "finding": "old", "backup": name, "days": days }).to_string()
            }
        });
    }
    let well = looked.findings.is_empty() && !looked.good.is_empty();
    say(&if json {
        serde_json::json!({ "ok": well, "good": looked.good, "files": looked.files, "bytes": looked.bytes }).to_string()
    } else {
        let newest = looked.good.last().map_or_else(|| "none".to_owned(), |name| format!("the newest is {name}"));
        format!(
            "{} backups can be put back whole ({newest}); {} stored files and {} MiB read",
            looked.good.len(),
            looked.files,
            looked.bytes >> 20
        )
    });
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn list(folder: &BackupFolder) -> anyhow::Result<ExitCode> {
    for copy in folder.copies()? {
        let manifest = folder.manifest(&copy)?;
        let lacks = match manifest.lacks() {
            0 => String::new(),
            n => format!("  LACKS {n} files"),
        };
        say(&format!(
            "{}  {}  {} bytes  {} stored files  made by {}{lacks}",
            copy.name,
            manifest.engine,
            manifest.bytes,
            manifest.media.len(),
            manifest.program
        ));
    }
    Ok(ExitCode::SUCCESS)
}
