//! Making a copy beside the running service: the database first, then the files, so that a copy lacks only what was deleted meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::privacy::clauses::TOMBSTONE_DAYS;
use domain::time::UnixMillis;

use super::files::{make_folder, sum, sync_file, sync_folder};
use super::manifest::Manifest;
use super::{BackupError, BackupFolder, DAY_MS, MANIFEST, RESTORED, Result, dump, io, media, name_at};
use crate::blobs::Blobs;
use crate::db::{DatabaseUrl, Engine, Pools, Store};
use crate::error::StoreError;
use crate::media::StoredFile;
use crate::tombstone::{MarkKeys, Tombstone, TombstoneFile};

/// A copy of all that is committed, without a page of what was deleted; whoever writes meanwhile is not held up.
pub(super) const COPY: &str = "VACUUM INTO $1";
/// Name of an SQLite database in a copy.
pub(super) const SQLITE_FILE: &str = "moloko.db";
/// Name of SQL text for PostgreSQL in a copy.
pub(super) const POSTGRES_FILE: &str = "moloko.sql";
/// Rows read at a time.
const PORTION: u32 = 200;

/// What is copied.
#[derive(Debug)]
pub struct Source<'a> {
    /// The database.
    pub store: &'a Store,
    /// Where it is, for the program that copies PostgreSQL.
    pub url: &'a DatabaseUrl,
    /// The stored files.
    pub blobs: &'a Blobs,
    /// Marks of what was erased.
    pub tombstones: &'a TombstoneFile,
    /// What makes marks of former versions of the instance key, as the database has it.
    pub mark_keys: MarkKeys,
    /// What the database knows of the instance key.
    pub key_check: String,
    /// The versions of it that are needed to read everything.
    pub key_versions: Vec<i64>,
    /// Take the copy although none of the files that the database names is there.
    pub without_files: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Name of the copy.
    pub name: String,
    /// Bytes of the database in it.
    pub database_bytes: u64,
    /// Stored files in it.
    pub files: u64,
    /// How many of these were not in an earlier one.
    pub new_files: u64,
    /// Their bytes.
    pub new_bytes: u64,
    /// Keys of files whose bytes are not those that were uploaded; they are not in it.
    pub corrupt: Vec<String>,
    /// Keys of files that the database names and that are not there; it is in the copy that it lacks them.
    pub missing: Vec<String>,
    /// Files that the database knows and that lie at a storage.
    pub elsewhere: u64,
}

impl BackupFolder {
    /// Makes a copy. It has its name when everything in it is durable, and not before. What an earlier one that was broken off had copied is not copied
    /// again.
    ///
    /// # Errors
    /// See [`BackupError`]; nothing that looks like a copy is left then.
    pub async fn add(&self, source: &Source<'_>, now: UnixMillis) -> Result<Made> {
        self.keep_marks(source, now).await?;
        let unfinished = self.unfinished();
        match std::fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io("remove", &unfinished)(error)),
            Ok(()) | Err(_) => {}
        }
        make_folder(&unfinished)?;
        let made = self.fill(&unfinished, source, now).await;
        if made.is_err() {
            // It has names and words of people, sealed or not, and nobody would look for it.
            let _ = std::fs::remove_dir_all(&unfinished);
        }
        made
    }

    async fn fill(&self, unfinished: &Path, source: &Source<'_>, now: UnixMillis) -> Result<Made> {
        let name = name_at(now);
        let engine = source.url.engine();
        let file = match engine {
            Engine::Sqlite => SQLITE_FILE,
            Engine::Postgres => POSTGRES_FILE,
        };
        let at = unfinished.join(file);
        let known = match engine {
            Engine::Sqlite => copy_sqlite(source.store, &at, &name).await?,
            Engine::Postgres => {
                dump::write(source.store, source.url, &at, &name).await?;
                stored_in_any(source.store).await?
            }
        };
        sync_file(&at)?;
        let Some(sum) = sum(&at)? else {
            return Err(io("find", &at)(std::io::Error::from(std::io::ErrorKind::NotFound)));
        };
        let copied = media::take_in(&self.root, source.blobs, &known).await?;
        let (missing, elsewhere) = lacking(source, &known, &copied).await?;
        let nothing = copied.kept.is_empty() && copied.corrupt.is_empty();
        if nothing && !missing.is_empty() && !source.without_files {
            return Err(BackupError::Refused(format!(
                "none of the {} files that the database names is in the folder of stored files: is a disk not mounted? If they are lost, --without-files \
                 copies the rest",
                known.len()
            )));
        }
        let mut manifest = Manifest::new(now.in_utc(), engine.to_string(), file);
        manifest.bytes = sum.bytes;
        manifest.sha256 = sum.sha256;
        manifest.key_check.clone_from(&source.key_check);
        manifest.schema = source.store.schema_version().await?;
        manifest.key_versions.clone_from(&source.key_versions);
        manifest.storage = source.blobs.bucket_name().map(str::to_owned);
        manifest.missing.clone_from(&missing);
        manifest.corrupt.clone_from(&copied.corrupt);
        manifest.media = copied.kept;
        manifest.write(&unfinished.join(MANIFEST))?;
        sync_folder(unfinished)?;
        let whole = self.root.join(&name);
        std::fs::rename(unfinished, &whole).map_err(io("name", &whole))?;
        sync_folder(&self.root)?;
        Ok(Made {
            name,
            database_bytes: manifest.bytes,
            files: u64::try_from(manifest.media.len()).unwrap_or(u64::MAX),
            new_files: copied.new,
            new_bytes: copied.new_bytes,
            corrupt: copied.corrupt,
            missing,
            elsewhere,
        })
    }

    /// Brings the marks of what was erased to this folder; gives how many it has. For all copies, also older ones: the newest marks count.
    ///
    /// # Errors
    /// When database or disk refuse.
    pub async fn keep_marks(&self, source: &Source<'_>, now: UnixMillis) -> Result<usize> {
        let kept = self.tombstones();
        let refused = |error| io("keep the marks of what was erased in", &self.root)(error);
        let mut marks: BTreeMap<String, UnixMillis> = BTreeMap::new();
        let mut hear = |stone: Tombstone| {
            let at = marks.entry(stone.mark).or_insert(stone.erased_at);
            *at = stone.erased_at.max(*at);
        };
        source.tombstones.read().map_err(refused)?.into_iter().for_each(&mut hear);
        let mut after = String::new();
        loop {
            let page = source.store.tombstones(&after, PORTION).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.mark);
            page.into_iter().for_each(&mut hear);
        }
        let known = kept.read().map_err(refused)?;
        known.iter().cloned().for_each(&mut hear);
        let oldest = now.plus_millis(-TOMBSTONE_DAYS.saturating_mul(DAY_MS));
        let all: Vec<Tombstone> = marks
            .into_iter()
            .filter(|(_, at)| *at >= oldest)
            .map(|(mark, erased_at)| Tombstone { mark, erased_at })
            .collect();
        let there = kept.keys().map_err(refused)?;
        let mut keys = source.tombstones.keys().map_err(refused)?;
        keys.0.extend(source.mark_keys.0.clone());
        if keys.0.iter().any(|(version, sealed)| there.0.get(version) != Some(sealed)) {
            kept.add_keys(&keys).map_err(refused)?;
        }
        if all != known {
            kept.replace(&all).map_err(refused)?;
        }
        Ok(all.len())
    }
}

/// What the database names and was not copied: keys of what is nowhere, and how many lie at the storage.
async fn lacking(
    source: &Source<'_>,
    known: &BTreeMap<String, StoredFile>,
    copied: &media::Copied,
) -> Result<(Vec<String>, u64)> {
    let here: BTreeSet<&str> =
        copied.kept.iter().map(|kept| &kept.key).chain(&copied.corrupt).map(String::as_str).collect();
    let lacking: Vec<String> = known.keys().filter(|key| !here.contains(key.as_str())).cloned().collect();
    if source.blobs.bucket_name().is_some() {
        return Ok((Vec::new(), u64::try_from(lacking.len()).unwrap_or(u64::MAX)));
    }
    if lacking.is_empty() {
        return Ok((lacking, 0));
    }
    // What was deleted since the database was copied lacks nobody.
    let still = stored(source.store).await?;
    Ok((lacking.into_iter().filter(|key| still.contains_key(key)).collect(), 0))
}

/// Copies an SQLite database, and says in the copy that it is one.
async fn copy_sqlite(store: &Store, to: &Path, name: &str) -> Result<BTreeMap<String, StoredFile>> {
    let text = to.to_str().ok_or_else(|| BackupError::Refused(format!("{} is not UTF-8", to.display())))?;
    match &store.pools {
        Pools::Sqlite { writer, .. } => {
            let mut aside = writer.aside().await.map_err(StoreError::from)?;
            sqlx::query(COPY).bind(text).execute(aside.connection()).await.map_err(StoreError::from)?;
        }
        Pools::Postgres(_) => return Err(BackupError::Refused("this is not an SQLite database".to_owned())),
        #[cfg(feature = "simulation")]
        Pools::Lockstep(_) => return Err(BackupError::Refused("this database lies in memory".to_owned())),
    }
    let copy = Store::open(&DatabaseUrl::Sqlite(to.to_owned())).await?;
    copy.check_intact().await?;
    let mut tx = copy.begin().await?;
    tx.meta_put(RESTORED, name).await?;
    tx.commit().await?;
    let known = stored_in_any(&copy).await?;
    // Folds the log into the file.
    copy.close().await;
    for left in ["-wal", "-shm"] {
        let left = to.with_file_name(format!("{SQLITE_FILE}{left}"));
        if left.exists() {
            return Err(BackupError::Refused(format!("{} is left, so the copy is not whole", left.display())));
        }
    }
    Ok(known)
}

/// The same of a database of an older version, too: one from before this question could be asked names nothing, and then every file is read.
async fn stored_in_any(store: &Store) -> Result<BTreeMap<String, StoredFile>> {
    match stored(store).await {
        Err(BackupError::Store(StoreError::Sqlx(_))) if store.migrations_pending().await? > 0 => Ok(BTreeMap::new()),
        known => known,
    }
}

async fn stored(store: &Store) -> Result<BTreeMap<String, StoredFile>> {
    let mut known = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = store.media_stored(&after, i64::from(PORTION)).await?;
        let Some(last) = page.last() else { return Ok(known) };
        after = last.key.to_string();
        known.extend(page.into_iter().map(|file| (file.key.to_string(), file)));
    }
}
