//! Small pictures of a file: one thumbnail and a strip of frames to choose the cover from.
//!
//! Owns when they are drawn and what happens when they cannot be. Without ffmpeg everything else works.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use store::Media;
use store::blobs::BlobKey;

use domain::id::MediaId;
use domain::media::{FileFacts, ThumbnailState};

use super::ffmpeg;
use super::storage;
use super::tools::Tools;
use crate::{Actor, App, Error, Result};

/// Frames in the strip.
pub const STRIP_FRAMES: u32 = 8;
/// Width of a frame in the strip, pixels.
pub const STRIP_WIDTH_PX: u32 = 160;
/// Width of the thumbnail, pixels.
pub const THUMBNAIL_WIDTH_PX: u32 = 360;

/// Pause before a failed round is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Which small picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// The thumbnail.
    Thumbnail,
    /// The `n`-th frame of the strip, from 0.
    Frame(u32),
}

fn key(of: &BlobKey, picture: Picture) -> Option<BlobKey> {
    match picture {
        Picture::Thumbnail => of.companion("thumb", 0),
        Picture::Frame(n) => of.companion("frame", n),
    }
    .ok()
}

/// The keys of all small pictures that a file may have.
pub(crate) fn keys(of: &BlobKey) -> Vec<BlobKey> {
    (0..STRIP_FRAMES).map(Picture::Frame).chain([Picture::Thumbnail]).filter_map(|picture| key(of, picture)).collect()
}

/// The file that a small picture's key belongs to, if it is such a key.
pub(crate) fn owner(of: &BlobKey) -> Option<BlobKey> {
    // Keys of files are hyphenated UUIDs, 36 characters.
    BlobKey::parse(of.as_str().get(..36)?).ok()
}

/// When the frames of the strip are taken, milliseconds: evenly, never the very end.
#[must_use]
pub fn strip_times(duration_ms: i64) -> Vec<i64> {
    (0..i64::from(STRIP_FRAMES)).map(|n| duration_ms.saturating_mul(n) / i64::from(STRIP_FRAMES)).collect()
}

impl App {
    /// A small picture of a file; `None` while there is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs or the strip has no such frame.
    pub async fn picture(&self, actor: &Actor, id: MediaId, picture: Picture) -> Result<Option<Bytes>> {
        let media = self.media(actor, id).await?;
        if matches!(picture, Picture::Frame(n) if n >= STRIP_FRAMES) {
            return Err(Error::NotFound { what: "frame" });
        }
        match key(&media.blob_key, picture) {
            Some(key) => self.blobs.get_small(&key).await.map_err(storage),
            None => Ok(None),
        }
    }

    /// Draws the small pictures of one file and says what became of it.
    ///
    /// # Errors
    /// [`Error`] of storage or database; a file that cannot be drawn is not an error.
    pub async fn draw_pictures(&self, media: &Media) -> Result<ThumbnailState> {
        let state = match (&self.media_tools(), &media.facts) {
            (Some(tools), Some(facts)) => self.draw(tools, media, facts).await?,
            (None, _) | (_, None) => ThumbnailState::Unavailable,
        };
        let mut tx = self.store.begin().await?;
        let known = tx.media_set_thumbnail(media.id, state).await?;
        tx.commit().await?;
        if !known {
            // Deleted while it was drawn: nobody would ever remove these.
            self.remove_blobs(&media.blob_key).await?;
        }
        Ok(state)
    }

    async fn draw(&self, tools: &Tools, media: &Media, facts: &FileFacts) -> Result<ThumbnailState> {
        let file = match self.local_file(media).await {
            Ok(file) => file,
            Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                tracing::warn!(media = %media.id, "a file of the library is gone, so it has no small pictures; moloko blobs verify says more");
                return Ok(ThumbnailState::Unavailable);
            }
            Err(error) => return Err(error),
        };
        // A picture has one moment and no strip.
        let duration_ms = facts.video().map_or(0, |video| video.duration_ms);
        let thumbnail_ms = (duration_ms / 10).min(1_000);
        let times = if facts.video().is_some() { strip_times(duration_ms) } else { Vec::new() };
        let frames = times.into_iter().zip(0..).map(|(at_ms, n)| (Picture::Frame(n), at_ms, STRIP_WIDTH_PX));
        let thumbnail = (Picture::Thumbnail, thumbnail_ms, THUMBNAIL_WIDTH_PX);
        for (picture, at_ms, width_px) in std::iter::once(thumbnail).chain(frames) {
            let Some(key) = key(&media.blob_key, picture) else {
                continue;
            };
            match ffmpeg::frame(tools, file.path(), facts, at_ms, width_px).await {
                Ok(jpeg) => self.blobs.put_small(&key, jpeg.into()).await.map_err(storage)?,
                // A strip may miss a frame near the end; without a thumbnail there is nothing to show.
                Err(error) => {
                    tracing::info!(media = %media.id, %error, "a small picture could not be drawn");
                    if picture == Picture::Thumbnail {
                        return Ok(ThumbnailState::Unavailable);
                    }
                }
            }
        }
        Ok(ThumbnailState::Ready)
    }

    /// Draws whatever is still to be drawn, oldest first, one file at a time. A file that fails stays for the next round; the others are drawn.
    ///
    /// # Errors
    /// The first one of [`App::draw_pictures`], after everything else was tried.
    pub async fn draw_pending_pictures(&self) -> Result<u64> {
        let mut drawn = 0;
        let mut failed = Vec::new();
        let mut first = None;
        loop {
            let wanted = i64::try_from(failed.len()).unwrap_or(i64::MAX).saturating_add(20);
            let mut pending = self.store.media_pending_thumbnails(wanted).await?;
            pending.retain(|media| !failed.contains(&media.id));
            if pending.is_empty() {
                return first.map_or(Ok(drawn), Err);
            }
            for media in pending {
                match self.draw_pictures(&media).await {
                    Ok(_) => drawn += 1,
                    Err(error) => {
                        tracing::warn!(media = %media.id, %error, "small pictures of a file could not be drawn");
                        failed.push(media.id);
                        first.get_or_insert(error);
                    }
                }
            }
        }
    }
}

/// Draws small pictures in the background, woken by finished uploads, for as long as the task lives.
pub async fn run(app: Arc<App>) {
    loop {
        let wait = match app.draw_pending_pictures().await {
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "small pictures could not be drawn, trying again later");
                Some(RETRY_AFTER)
            }
        };
        let woken = app.uploads.pictures_wanted.notified();
        match wait {
            None => woken.await,
            Some(pause) => tokio::time::sleep(pause).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_covers_the_video_from_its_first_frame_and_stays_inside() {
        assert_eq!(strip_times(8_000), [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]);
        assert!(strip_times(i64::MAX).iter().all(|at| *at >= 0));
    }
}
