//! `moloko blobs`: the stored media files, held to the database and moved. Owns words and exit codes; what is right is the use case's.

use crate::args::{BlobsCommand, BlobsPlace};
use crate::service;
use crate::terminal::{complain, say};
use anyhow::{Context, bail};
use app::media::verify::{Finding, Tally};
use futures::StreamExt as _;
use std::process::ExitCode;
use store::blobs::{BlobKind, Blobs};
use store::lock::DataDirLock;

/// A word on the progress after so many bytes or stored files.
const WORD_EVERY_BYTES: u64 = 1 << 30;
const WORD_EVERY_FILES: u64 = 1_000;

pub async fn run(command: BlobsCommand) -> anyhow::Result<ExitCode> {
    match command {
        BlobsCommand::Verify { json, repair, instance } => {
            let app = service::beside(&super::settings(&instance)?).await?;
            if repair {
                service::bind_storage(&app).await?;
            }
            let mut told = 0;
            let done = app.verify_files(
                repair,
                |finding| say(&if json { document(finding).to_string() } else { line(finding) }),
                |so_far| {
                    let step = so_far.bytes / WORD_EVERY_BYTES + (so_far.files + so_far.listed) / WORD_EVERY_FILES;
                    if step > told {
                        told = step;
                        complain(&format!(
                            "{} files read, {} MiB; {} looked up",
                            so_far.files,
                            so_far.bytes >> 20,
                            so_far.listed
                        ));
                    }
                },
            );
            let sum = done.await.context("not every file could be looked at")?;
            app.store.close().await;
            say(&if json { sum_document(&sum).to_string() } else { sum_line(&sum) });
            Ok(if sum.is_well() { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        BlobsCommand::Move { to, instance } => {
            let config = super::settings(&instance)?;
            let _lock = DataDirLock::acquire(&config.data)?;
            let app = service::beside(&config).await?;
            let blobs = &app.blobs;
            if blobs.bucket_name().is_none() {
                bail!(
                    "MOLOKO_BLOBS names no storage; set it to s3://BUCKET/PREFIX for this command, also on the way back to the folder"
                );
            }
            service::storage_keeps_versions(blobs).await?;
            service::bind_storage(&app).await?;
            let (files, bytes) = moved(blobs, to).await?;
            app.store.close().await;
            say(&format!("{files} files moved, {} MiB", bytes >> 20));
            match to {
                BlobsPlace::Bucket => {}
                BlobsPlace::Disk => say("now set MOLOKO_BLOBS=disk; until then new files go to the storage again"),
            }
            Ok(ExitCode::SUCCESS)
        }
        BlobsCommand::Bind(instance) => {
            let app = service::beside(&super::settings(&instance)?).await?;
            let Some(name) = app.blobs.bucket_name() else {
                bail!("MOLOKO_BLOBS names no storage, so there is nothing to bind");
            };
            app.take_storage().await.context("the storage could not be bound")?;
            say(&format!("{name} belongs to this database now"));
            app.store.close().await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn moved(blobs: &Blobs, to: BlobsPlace) -> anyhow::Result<(u64, u64)> {
    let (mut files, mut bytes, mut told) = (0_u64, 0_u64, 0);
    for kind in [BlobKind::Whole, BlobKind::Small] {
        let mut lying = match to {
            BlobsPlace::Bucket => blobs.list_here(kind),
            BlobsPlace::Disk => blobs.list_there(kind),
        };
        while let Some(found) = lying.next().await {
            let found = found?;
            match to {
                BlobsPlace::Bucket => blobs.send(kind, &found.key).await,
                BlobsPlace::Disk => blobs.fetch(kind, &found.key).await,
            }
            .with_context(|| {
                format!("{} could not be moved; what was moved before is, and the command can be run again", found.key)
            })?;
            files += 1;
            bytes = bytes.saturating_add(found.size_bytes);
            let step = bytes / WORD_EVERY_BYTES + files / WORD_EVERY_FILES;
            if step > told {
                told = step;
                complain(&format!("{files} files moved, {} MiB", bytes >> 20));
            }
        }
    }
    Ok((files, bytes))
}

const fn word(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Partial => "unfinished upload",
        BlobKind::Whole => "file",
        BlobKind::Small => "small picture",
    }
}

fn line(finding: &Finding) -> String {
    match finding {
        Finding::Missing { media, key } => format!("missing  {key}: the bytes of file {media} are gone"),
        Finding::Corrupt { media, key, found_bytes, expected_bytes } => format!(
            "corrupt  {key}: file {media} has other bytes than were uploaded ({found_bytes} of {expected_bytes}); restore it from a backup"
        ),
        Finding::Unreadable { media, key, error } => {
            format!("unreadable {key}: the bytes of file {media} cannot be read: {error}")
        }
        Finding::Orphan { kind, key, size_bytes, removed } => {
            let done = if *removed { "removed" } else { "--repair removes it when it is a day old" };
            format!("orphan   {key}: {}, {size_bytes} bytes, belongs to nothing; {done}", word(*kind))
        }
    }
}

fn document(finding: &Finding) -> serde_json::Value {
    match finding {
        Finding::Missing { media, key } => {
            serde_json::json!({ "finding": "missing", "media": media, "key": key.as_str() })
        }
        Finding::Corrupt { media, key, found_bytes, expected_bytes } => serde_json::json!({
            "finding": "corrupt", "media": media, "key": key.as_str(), "bytes": found_bytes, "expected_bytes": expected_bytes,
        }),
        Finding::Unreadable { media, key, error } => {
            serde_json::json!({ "finding": "unreadable", "media": media, "key": key.as_str(), "error": error })
        }
        Finding::Orphan { kind, key, size_bytes, removed } => serde_json::json!({
            "finding": "orphan", "kind": word(*kind), "key": key.as_str(), "bytes": size_bytes, "removed": removed,
        }),
    }
}

fn sum_line(sum: &Tally) -> String {
    format!(
        "{} files read, {} MiB; {} looked up; {} missing, {} corrupt, {} unreadable, {} of nobody, of which {} removed",
        sum.files,
        sum.bytes >> 20,
        sum.listed,
        sum.missing,
        sum.corrupt,
        sum.unreadable,
        sum.orphans,
        sum.removed
    )
}

fn sum_document(sum: &Tally) -> serde_json::Value {
    serde_json::json!({
        "ok": sum.is_well(), "files": sum.files, "bytes": sum.bytes, "listed": sum.listed, "missing": sum.missing, "corrupt": sum.corrupt,
        "unreadable": sum.unreadable,
        "orphans": sum.orphans, "removed": sum.removed,
    })
}
