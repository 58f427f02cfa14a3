//! The storage of media files: whether it answers, knows the key, and forgets what is deleted.

use super::Finding;
use crate::config::{Config, Storage};
use crate::service;

const TOPIC: &str = "media storage";

pub async fn look(config: &Config) -> Finding {
    match &config.storage {
        Storage::Disk => return Finding::ok(TOPIC, "in the data folder"),
        Storage::Bucket(_) if !config.data.exists() => {
            return Finding::ok(TOPIC, "is asked when the data folder is there, at the first start");
        }
        Storage::Bucket(_) => {}
    }
    let asked = async {
        let blobs = service::blobs(config).await?;
        let keeps_versions = service::storage_keeps_versions(&blobs).await?;
        anyhow::Ok((blobs.bucket_name().unwrap_or_default().to_owned(), keeps_versions))
    };
    match asked.await {
        Ok((name, false)) => Finding::ok(TOPIC, format!("{name} takes, gives back and deletes a small object")),
        Ok((name, true)) => Finding::warn(
            TOPIC,
            format!("{name} keeps older versions of what is deleted"),
            "the policy promises that deleted files are gone",
            "Switch versioning off and remove the versions that are there, or let the storage expire them within the days of backups.",
        ),
        Err(error) => Finding::fail(
            TOPIC,
            format!("{error:#}"),
            "uploads cannot be finished and posts cannot be sent",
            "Correct MOLOKO_BLOBS and the settings that begin with it, or make the bucket.",
        ),
    }
}
