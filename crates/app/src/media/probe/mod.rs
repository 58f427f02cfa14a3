//! Measures a video or picture from its headers alone, in pure Rust: no decoder runs and the body is not read.
//!
//! Files are hostile until proven otherwise: every read is bounded, nothing recurses by the file's will, and a file that makes
//! us work too long is refused. Must not trust names or MIME types.

mod field;
mod fragments;
#[cfg(test)]
mod fuzz;
mod matroska;
mod mp4;
mod picture;
mod source;
#[cfg(test)]
mod tests;
mod traces;

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::media::{FileFacts, MediaFacts, ProbeFailure, Traces};

use source::Source;

/// Longest time spent on one file's headers.
pub const PROBE_TIME_MAX: Duration = Duration::from_secs(20);

/// Largest picture side, pixels, that is believed; containers count to four billion.
const SIDE_BELIEVED_MAX_PX: u32 = 65_535;

/// Longest duration that is believed, milliseconds: about a year.
const DURATION_BELIEVED_MAX_MS: i64 = 366 * 86_400_000;

/// Measures a file of `size_bytes`, a video or a picture. Gives up with [`ProbeFailure::TimedOut`] once `stop` is set.
///
/// # Errors
/// As [`probe`]; a picture of a format that TikTok does not take is [`ProbeFailure::OtherPicture`].
pub fn measure<R: Read + Seek>(reader: R, size_bytes: u64, stop: &AtomicBool) -> Result<FileFacts, ProbeFailure> {
    let mut source = Source::new(reader, size_bytes, stop);
    let head = source.head()?;
    match picture::sniff(&head) {
        Some(picture) => picture::read(&mut source, &picture).map(FileFacts::Photo),
        None => video(&mut source, &head).map(FileFacts::Video),
    }
}

/// Measures a video of `size_bytes`. Gives up with [`ProbeFailure::TimedOut`] once `stop` is set.
///
/// # Errors
/// [`ProbeFailure`], which is part of the verdict and not an error of ours, except [`ProbeFailure::Storage`].
pub fn probe<R: Read + Seek>(reader: R, size_bytes: u64, stop: &AtomicBool) -> Result<MediaFacts, ProbeFailure> {
    let mut source = Source::new(reader, size_bytes, stop);
    let head = source.head()?;
    video(&mut source, &head)
}

fn video<R: Read + Seek>(source: &mut Source<'_, R>, head: &[u8]) -> Result<MediaFacts, ProbeFailure> {
    let facts = match sniff(head) {
        Some(Family::Iso) => mp4::read(source)?,
        Some(Family::Ebml) => matroska::read(source)?,
        None => return Err(ProbeFailure::NotAVideo),
    };
    believable(&facts)?;
    Ok(facts)
}

/// Measures a file on disk without blocking the runtime, for at most [`PROBE_TIME_MAX`].
///
/// # Errors
/// As [`measure`]; [`ProbeFailure::Storage`] when the file cannot be opened.
pub async fn probe_path(path: &Path) -> Result<FileFacts, ProbeFailure> {
    on_disk(path, measure).await
}

/// What a file on disk tells about its maker, as far as that stands where formats keep it; nothing when it cannot be read.
pub async fn traces_path(path: &Path) -> Traces {
    let looked = |file, size_bytes, stop: &AtomicBool| Ok(traces::read(&mut Source::new(file, size_bytes, stop)));
    on_disk(path, looked).await.unwrap_or_default()
}

/// How a camera says that a photo on disk is to be turned: 1 to 8, 1 is not at all.
pub(crate) async fn orientation_path(path: &Path) -> u16 {
    let looked =
        |file, size_bytes, stop: &AtomicBool| Ok(traces::orientation(&mut Source::new(file, size_bytes, stop)));
    on_disk(path, looked).await.unwrap_or(1)
}

/// Reads a file on disk without blocking the runtime.
async fn on_disk<T: Send + 'static>(
    path: &Path,
    read: impl FnOnce(std::fs::File, u64, &AtomicBool) -> Result<T, ProbeFailure> + Send + 'static,
) -> Result<T, ProbeFailure> {
    let path = PathBuf::from(path);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::open(&path).map_err(|_| ProbeFailure::Storage)?;
        let size_bytes = file.metadata().map_err(|_| ProbeFailure::Storage)?.len();
        read(file, size_bytes, &stopped)
    });
    let finished = tokio::time::timeout(PROBE_TIME_MAX, &mut work).await;
    match finished {
        Ok(Ok(result)) => result,
        // The work panicked, which a test would have shown; the file is not accepted.
        Ok(Err(_)) => Err(ProbeFailure::Damaged("reading it failed".to_owned())),
        Err(_) => {
            stop.store(true, Ordering::Relaxed);
            Err(ProbeFailure::TimedOut)
        }
    }
}

enum Family {
    Iso,
    Ebml,
}

fn sniff(head: &[u8]) -> Option<Family> {
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return Some(Family::Ebml);
    }
    // Old QuickTime files have no brand and begin with any of these.
    const FIRST_BOXES: [&[u8]; 7] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];
    let name = head.get(4..8)?;
    FIRST_BOXES.contains(&name).then_some(Family::Iso)
}

fn believable(facts: &MediaFacts) -> Result<(), ProbeFailure> {
    let damaged = |what: &str| Err(ProbeFailure::Damaged(what.to_owned()));
    if facts.width_px == 0 || facts.height_px == 0 {
        return damaged("the picture has no size");
    }
    if facts.width_px.max(facts.height_px) > SIDE_BELIEVED_MAX_PX {
        return damaged("the picture is larger than any screen");
    }
    if facts.duration_ms <= 0 {
        return damaged("it has no duration");
    }
    if facts.duration_ms > DURATION_BELIEVED_MAX_MS {
        return damaged("it lasts longer than a year");
    }
    Ok(())
}
