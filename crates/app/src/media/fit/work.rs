//! Doing what was asked for, one job at a time. Owns the lease, progress, giving up, and that nothing of a dead run is left.
//!
//! A job that a crash ended is begun anew once its lease is over; whatever it had written lies in its own folder and goes first.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{Context, SHA256};
use domain::id::MediaId;
use domain::media::{MediaOutcome, ThumbnailState, judge_file};
use domain::time::UnixMillis;
use futures::StreamExt as _;
use rustix::fs::OFlags;
use store::Media;
use store::blobs::{BlobKey, StreamEnd};
use store::rendition::Rendition;
use tokio_util::io::ReaderStream;

use super::convert::{Around, Conversion, plan};
use crate::media::probe::{orientation_path, probe_path};
use crate::media::tools::{ToolError, Tools, whole};
use crate::media::{deeper, storage};
use crate::{App, Error, Result};

/// Whoever works is thought dead after this long without a word, seconds.
const LEASE_S: i64 = 60;
/// The same while the result is taken into the library, where a word that is lost costs nothing, seconds.
const LEASE_AT_END_S: i64 = 600;
/// Asked again at least this often: another process may have taken the wish, or died with a job.
const LOOK_S: i64 = 30;
/// Time between two words of a job. Of the real clock, because ffmpeg works by no other.
const WORD_EVERY: Duration = Duration::from_secs(1);
/// Time between two words meanwhile, of the real clock.
const WORD_EVERY_AT_END: Duration = Duration::from_secs(5);
/// Words in a row that may be lost before the lease could be over.
const UNHEARD_MAX: u32 = 20;
/// A folder that nothing was made in or taken from for so long belongs to no job: none takes longer.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3600);
/// A file that ended the process this often is not tried again.
const TRIES_MAX: i64 = 3;
/// Bytes copied at a time.
const BUFFER_BYTES: usize = 256 * 1024;
/// Longest name without its ending, characters.
const STEM_MAX_CHARS: usize = 180;

/// Why a job ends without a file.
#[derive(Debug)]
enum End {
    /// It was given up, taken over, or erased.
    NotOurs,
    /// It cannot be done; a word for the person, `fit-failed-WORD` in the locale files.
    Problem(&'static str),
    /// Something of ours does not work.
    Trouble(Error),
}

impl<E: Into<Error>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Trouble(error.into())
    }
}

impl End {
    /// The word that is kept for the person; `None` when there is nobody to tell.
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::NotOurs => None,
            Self::Problem(word) => Some(word),
            Self::Trouble(Error::DiskReserve) => Some("disk-full"),
            Self::Trouble(_) => Some("trouble"),
        }
    }
}

fn of_tool(error: &ToolError) -> End {
    End::Problem(match error {
        ToolError::NotStarted(_) | ToolError::NoSandbox(_) => "no-converter",
        ToolError::TimedOut(_) => "too-slow",
        ToolError::TooMuch(_) | ToolError::Failed => "unreadable",
    })
}

impl App {
    /// Works on the job that waits longest; false when none does.
    ///
    /// # Errors
    /// When the database does not answer. A file that cannot be made fit is marked so and is no error.
    pub async fn fit_next(&self) -> Result<bool> {
        let now = self.now();
        let Some(job) = self.store.rendition_next(now).await? else { return Ok(false) };
        let owner = self.random.uuid(now).to_string();
        let mut tx = self.store.begin().await?;
        let mine = tx.rendition_claim(job.id, &owner, now.plus_seconds(LEASE_S), now).await?;
        tx.commit().await?;
        if !mine {
            return Ok(true);
        }
        self.fit_changed(&job);
        let folder = whole(&self.blobs.workshop(job.id.uuid()));
        tidied(&folder).await;
        let done =
            if job.tries >= TRIES_MAX { Err(End::Problem("trouble")) } else { self.fit(&job, &owner, &folder).await };
        // Whatever came of it: the folder is only for the work.
        tidied(&folder).await;
        match done {
            Ok(media) => {
                tracing::info!(rendition = %job.id, %media, "a file was made fit");
                self.uploads.pictures_wanted.notify_one();
            }
            Err(end) => {
                tracing::info!(rendition = %job.id, ?end, "a file was not made fit");
                if let Some(word) = end.word() {
                    let mut tx = self.store.begin().await?;
                    tx.rendition_failed(job.id, &owner, word, self.now()).await?;
                    tx.commit().await?;
                }
            }
        }
        self.fit_changed(&job);
        Ok(true)
    }

    async fn fit(&self, job: &Rendition, owner: &str, folder: &Path) -> std::result::Result<MediaId, End> {
        let source = self.store.media(job.workspace_id, job.source_id).await?.ok_or(End::NotOurs)?;
        if source.file_gone_at.is_some() {
            return Err(End::Problem("source-gone"));
        }
        let tools = self.media_tools().ok_or(End::Problem("no-converter"))?;
        self.check_disk(source.size_bytes).await?;
        make(folder).await?;
        // Outside of the folder that the program may write to.
        let input = self.local_file(&source).await?;
        let input = whole(input.path());
        let (free, reserve) = self.disk_room().await?;
        let around = Around {
            input: &input,
            folder,
            // Once where it is made and once in the library, for a moment.
            room_bytes: free.saturating_sub(reserve) / 2,
            tone_map: is_high_dynamic_range(&tools, &input, &source).await,
            orientation: orientation_path(&input).await,
        };
        let conversion = plan(&tools, &source, job.trim, &around).ok_or(End::Problem("unreadable"))?;
        let Conversion { run, output, length_ms, ending } = conversion;
        let done_permille = AtomicI64::new(0);
        let work = tools.watch(run, |line| {
            if let Some(permille) = permille(line, length_ms) {
                done_permille.store(permille, Ordering::Relaxed);
            }
        });
        tokio::pin!(work);
        let mut unheard = 0;
        loop {
            tokio::select! {
                done = &mut work => break done.map_err(|error| of_tool(&error))?,
                // Dropped with this, ffmpeg ends, too.
                () = tokio::time::sleep(WORD_EVERY) => {
                    // Others use the disk meanwhile, and the limit is one of each file.
                    self.check_disk(0).await?;
                    if used_bytes(folder).await > around.room_bytes {
                        return Err(End::Trouble(Error::DiskReserve));
                    }
                    unheard = match self.fit_word(job, owner, done_permille.load(Ordering::Relaxed), LEASE_S).await {
                        Ok(()) => 0,
                        // As long as the lease lasts nobody else begins; hours of work are worth waiting for the database.
                        Err(End::Trouble(error)) if unheard < UNHEARD_MAX => {
                            tracing::debug!(%error, rendition = %job.id, "progress could not be noted");
                            unheard + 1
                        }
                        Err(end) => return Err(end),
                    };
                }
            }
        }
        self.fit_word(job, owner, 999, LEASE_AT_END_S).await?;
        // A storage may take longer for it than any lease.
        // Side by side, never one inside of the other: each may hold or wait for the one writer.
        tokio::select! {
            biased;
            done = self.take_in(job, owner, &source, (&output, ending)) => done,
            () = self.keep_fit_lease(job, owner) => Err(End::NotOurs),
        }
    }

    /// Renews the lease of a job for as long as it is waited for.
    async fn keep_fit_lease(&self, job: &Rendition, owner: &str) {
        loop {
            tokio::time::sleep(WORD_EVERY_AT_END).await;
            // Whether the job is still ours is looked at in the commit that ends it, which may be on its way.
            if let Err(end) = self.fit_word(job, owner, 999, LEASE_AT_END_S).await {
                tracing::debug!(?end, rendition = %job.id, "the lease could not be renewed");
            }
        }
    }

    /// Still alive, and so far.
    async fn fit_word(
        &self,
        job: &Rendition,
        owner: &str,
        permille: i64,
        lease_s: i64,
    ) -> std::result::Result<(), End> {
        let mut tx = self.store.begin().await?;
        if !tx.rendition_progress(job.id, owner, permille, self.now().plus_seconds(lease_s)).await? {
            return Err(End::NotOurs);
        }
        tx.commit().await?;
        self.fit_changed(job);
        Ok(())
    }

    /// Makes the result a file of the library, measured and judged like an upload.
    async fn take_in(
        &self,
        job: &Rendition,
        owner: &str,
        source: &Media,
        (output, ending): (&Path, &str),
    ) -> std::result::Result<MediaId, End> {
        if !is_plain(output).await {
            return Err(End::Problem("unreadable"));
        }
        let probed = probe_path(output).await;
        let verdict = judge_file(probed.as_ref());
        if verdict.outcome != MediaOutcome::Accept {
            return Err(End::Problem("still-not-fit"));
        }
        let now = self.now();
        let id = self.random.uuid(now);
        let key = BlobKey::of(id);
        self.check_disk(tokio::fs::metadata(output).await?.len()).await?;
        let (size_bytes, (sha256, blake3)) = self.copy_in(output, &key).await?;
        let media = Media {
            id: MediaId::from_uuid(id),
            workspace_id: source.workspace_id,
            uploaded_by: source.uploaded_by,
            file_name: new_name(&source.file_name, ending),
            size_bytes,
            sha256,
            blob_key: key.clone(),
            facts: probed.ok(),
            verdict,
            thumbnail: ThumbnailState::Pending,
            created_at: now,
            file_gone_at: None,
        };
        let mut tx = self.store.begin().await?;
        if tx.media_bytes(media.workspace_id).await?.saturating_add(size_bytes) > self.settings.media_quota_bytes {
            tx.rollback().await?;
            self.remove_blobs(&key).await?;
            return Err(End::Problem("no-quota"));
        }
        let known = async {
            tx.media_insert(&media).await?;
            tx.media_set_blake3(media.id, &blake3).await?;
            let ours = tx.rendition_ready(job.id, owner, media.id, now).await?;
            if ours {
                tx.commit().await?;
            }
            Ok::<_, Error>(ours)
        }
        .await;
        match known {
            Ok(true) => Ok(media.id),
            // Given up or erased at the last moment: nobody would ever ask for these bytes.
            Ok(false) => {
                self.remove_blobs(&key).await?;
                Err(End::NotOurs)
            }
            // It may have been saved although nobody heard so: bytes that belong to nothing are swept away, others are needed.
            Err(error) => Err(End::Trouble(error)),
        }
    }

    /// Copies a result among the stored files; gives its size and its hashes, SHA-256 and BLAKE3.
    async fn copy_in(&self, output: &Path, key: &BlobKey) -> Result<(u64, (String, String))> {
        let path = output.to_path_buf();
        // Whoever wrote it may have been taken over: only a plain file is read, never what a link leads to.
        let file = tokio::task::spawn_blocking(move || {
            let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
            let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
            if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::other("the result is no file")) }
        })
        .await
        .map_err(std::io::Error::other)??;
        let length = file.metadata()?.len();
        self.blobs.create_partial(key).await.map_err(storage)?;
        let (mut hash, mut blake3) = (Context::new(&SHA256), blake3::Hasher::new());
        let bytes = ReaderStream::with_capacity(tokio::fs::File::from_std(file), BUFFER_BYTES);
        let hashed = bytes.inspect(|piece| {
            if let Ok(piece) = piece {
                hash.update(piece);
                blake3.update(piece);
            }
        });
        let appended = self.blobs.append(key, 0, length, hashed).await;
        let whole = match appended {
            Ok(it) if it.end == StreamEnd::Complete && it.durable_offset == length => {
                self.blobs.finish(key, length).await
            }
            Ok(_) => Err(store::blobs::BlobError::Missing(key.clone())),
            Err(error) => Err(error),
        };
        if let Err(error) = whole {
            self.remove_blobs(key).await?;
            return Err(storage(error));
        }
        let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((length, (sha256, blake3.finalize().to_string())))
    }
}

async fn is_high_dynamic_range(tools: &Tools, input: &Path, source: &Media) -> bool {
    let Some(facts) = &source.facts else { return false };
    match deeper::look(tools, input, facts).await {
        Ok(Some(more)) => more.high_dynamic_range.is_some() && tools.can_map_tones().await,
        // Without it the picture looks pale, which is better than none.
        Ok(None) | Err(_) => false,
    }
}

/// How much is done, by a line of ffmpeg's progress.
fn permille(line: &str, length_ms: Option<i64>) -> Option<i64> {
    let done_us: i64 = line.strip_prefix("out_time_us=")?.parse().ok()?;
    let length_ms = length_ms.filter(|length| *length > 0)?;
    // The last part is the library's.
    Some((done_us / length_ms).clamp(0, 990))
}

/// The original's name with another ending, so that both are told apart in a list.
fn new_name(name: &str, ending: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem,
        Some(_) | None => name,
    };
    let stem: String = stem.chars().take(STEM_MAX_CHARS).collect();
    format!("{stem} (TikTok).{ending}")
}

async fn make(folder: &Path) -> std::io::Result<()> {
    let folder = folder.to_path_buf();
    let made = move || std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    tokio::task::spawn_blocking(made).await.map_err(std::io::Error::other)?
}

async fn clear(folder: &Path) -> std::io::Result<()> {
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// As [`clear`]; what could not be removed must not keep the outcome from being told.
async fn tidied(folder: &Path) {
    if let Err(error) = clear(folder).await {
        tracing::warn!(%error, "the folder of a job could not be removed");
    }
}

/// Bytes in a folder of plain files.
async fn used_bytes(folder: &Path) -> u64 {
    let Ok(mut files) = tokio::fs::read_dir(folder).await else { return 0 };
    let mut sum = 0_u64;
    while let Ok(Some(file)) = files.next_entry().await {
        sum = sum.saturating_add(file.metadata().await.map_or(0, |found| found.len()));
    }
    sum
}

/// A file itself, not a link to one, and no pipe that would never end.
async fn is_plain(path: &Path) -> bool {
    tokio::fs::symlink_metadata(path).await.is_ok_and(|found| found.is_file())
}

/// Removes what jobs left behind that nobody will begin anew. The folder may be shared with other nodes, which work in theirs.
pub(crate) async fn remove_left_behind(workshops: &Path, now: UnixMillis) {
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
    let Ok(mut folders) = tokio::fs::read_dir(workshops).await else { return };
    while let Ok(Some(folder)) = folders.next_entry().await {
        let changed = folder.metadata().await.and_then(|found| found.modified());
        if changed.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > LEFT_BEHIND)) {
            tidied(&folder.path()).await;
        }
    }
}

/// Makes files fit, one after the other, for as long as the task lives.
pub async fn run_fitter(app: Arc<App>) {
    loop {
        match app.fit_next().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "files to be made fit could not be looked for"),
        }
        let look = app.now().plus_seconds(LOOK_S);
        tokio::select! {
            biased;
            () = app.clock.sleep_until(look) => {}
            () = app.fit_nudge.notified() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_the_time_that_is_written() {
        assert_eq!(permille("out_time_us=5000000", Some(10_000)), Some(500));
        assert_eq!(permille("out_time_us=99000000", Some(10_000)), Some(990));
        assert_eq!(permille("out_time_us=N/A", Some(10_000)), None);
        assert_eq!(permille("out_time_us=5000000", None), None);
        assert_eq!(permille("frame=12", Some(10_000)), None);
    }

    #[test]
    fn the_new_file_is_told_apart_by_its_name() {
        assert_eq!(new_name("clip.mkv", "mp4"), "clip (TikTok).mp4");
        assert_eq!(new_name("лето.2026.HEIC", "jpg"), "лето.2026 (TikTok).jpg");
        assert_eq!(new_name("no ending. At all", "mp4"), "no ending. At all (TikTok).mp4");
        assert_eq!(new_name(".mp4", "mp4"), ".mp4 (TikTok).mp4");
    }
}
