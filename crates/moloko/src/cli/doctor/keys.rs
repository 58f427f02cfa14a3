//! The versions of the instance key: which there are, which one seals, and how much is sealed under which.

use super::Finding;
use crate::cli::key;
use crate::config::Config;
use crate::instance_key;
use app::keys::{in_use, needed_versions};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use store::Store;
use store::vault::InstanceKeys;

const TOPIC: &str = "key versions";

pub async fn look(config: &Config, store: &Store) -> Finding {
    match instance_key::existing(config) {
        Ok(Some(keys)) => match compare(config, store, &keys).await {
            Ok(finding) => finding,
            Err(error) => Finding::fail(
                TOPIC,
                format!("cannot be compared ({error:#})"),
                "what is sealed must be readable",
                "Run `moloko migrate` first.",
            ),
        },
        Ok(None) | Err(_) => Finding::ok(TOPIC, "none yet, or not readable: see \"instance key\""),
    }
}

async fn compare(config: &Config, store: &Store, keys: &InstanceKeys) -> anyhow::Result<Finding> {
    let needed = needed_versions(store).await?;
    let has = keys.versions();
    let lacking: Vec<String> =
        needed.iter().filter(|version| !has.contains(version)).map(|version| format!("v{version}")).collect();
    if !lacking.is_empty() {
        return Ok(Finding::fail(
            TOPIC,
            format!("the database needs {}, and the key has not", lacking.join(", ")),
            "what is sealed under it can be read by nobody, and the service does not start",
            "Put its line back from the copy of the key file, or use a newer backup: docs/keys.md.",
        ));
    }
    // Makes the version that seals there seal here, too.
    instance_key::matches(store, keys).await?;
    let sealing = keys.current_version();
    let mut uses: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for it in in_use(store).await? {
        uses.entry(it.version).or_default().push(format!("{} {}", it.count, it.what.name()));
    }
    for ((version, what), count) in key::folder(&config.data)? {
        uses.entry(version).or_default().push(format!("{count} {what}"));
    }
    let words: Vec<String> = has
        .iter()
        .map(|version| {
            let role = match version.cmp(&sealing) {
                Ordering::Less => "opens",
                Ordering::Equal => "seals",
                Ordering::Greater => "is new",
            };
            let used = uses.get(version).map_or_else(|| "nothing yet".to_owned(), |used| used.join(", "));
            format!("v{version} {role}: {used}")
        })
        .collect();
    let what = words.join("; ");
    if has.iter().any(|version| *version > sealing) {
        return Ok(Finding::warn(
            TOPIC,
            what,
            "the newest version protects nothing until it seals",
            "Bring the key file to every node, then run `moloko key rotate`.",
        ));
    }
    if uses.keys().any(|version| *version < sealing) {
        return Ok(Finding::warn(
            TOPIC,
            what,
            "whoever has the older version can still read what is sealed under it",
            "Run `moloko key rotate`; it goes on where it was.",
        ));
    }
    Ok(Finding::ok(TOPIC, what))
}
