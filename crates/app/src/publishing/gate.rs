//! The gate through which TikTok fetches the pictures of a photo post. It is open only while the attempt says `final_intent`.
//!
//! An init whose answer was lost names a gate that never opens, so it can never become a post. Must not tell a stranger whether an
//! attempt exists: the word in the address is checked before anything is read.

use std::pin::Pin;

use bytes::Bytes;
use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{Attempt, Kind, PictureSnapshot};
use domain::id::AttemptId;
use futures::Stream;
use secrecy::ExposeSecret as _;
use store::GateVisit;
use store::blobs::{BlobError, BlobKey};
use url::Url;

use super::pace::Waits;
use super::send;
use super::slots::{self, Order};
use crate::live::LiveChange;
use crate::media::storage;
use crate::{App, Error, Result};

/// How long a request that comes before the release is held, milliseconds.
const HOLD_MS: i64 = 20_000;
/// How often a held request looks again, milliseconds: another process may release the attempt.
const LOOK_EVERY_MS: i64 = 500;

/// The bytes of one picture on their way.
pub type Served = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// What the gate answers.
pub enum GateAnswer {
    /// The picture.
    Open {
        /// MIME type of the bytes.
        mime: String,
        /// Their number.
        size_bytes: u64,
        /// The bytes; the stream breaks off before its end when they are not the approved ones.
        bytes: Served,
    },
    /// Not yet: TikTok may come again.
    NotYet,
    /// Never, or never again.
    Gone,
    /// No such gate.
    Unknown,
}

/// How an attempt's gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Closed,
    Gone,
}

fn gate(kind: Kind) -> Gate {
    match kind {
        Kind::FinalIntent => Gate::Open,
        Kind::InitSent | Kind::InitAcked if mutant::active(Mutant::GateBeforeRelease) => Gate::Open,
        Kind::InitSent | Kind::InitAcked => Gate::Closed,
        Kind::Ready
        | Kind::Uploading
        | Kind::HandedOver
        | Kind::Published
        | Kind::Delivered
        | Kind::Dead
        | Kind::Uncertain => Gate::Gone,
    }
}

fn place(attempt: AttemptId) -> String {
    format!("pull:{attempt}")
}

/// The addresses of an attempt's pictures, first to last.
pub(super) fn addresses(app: &App, attempt: AttemptId, count: usize) -> Result<Vec<Url>> {
    let base = app.settings.pull_base().ok_or(Error::Conflict { code: "photos-unreachable" })?;
    let word = app.keys.gate_word(&place(attempt))?;
    let word = word.expose_secret();
    (0..count)
        .map(|n| {
            base.join(&format!("{attempt}/{word}/{n}"))
                .map_err(|_| Error::Io(std::io::Error::other("the address of a picture cannot be made")))
        })
        .collect()
}

impl App {
    /// Answers TikTok's request for the `n`-th picture of an attempt. A request that comes before the release is held for a while.
    ///
    /// # Errors
    /// When database or disk do not answer.
    pub async fn pull_gate(&self, attempt: AttemptId, word: &str, n: u32) -> Result<GateAnswer> {
        if !self.keys.opens_gate(&place(attempt), word) {
            return Ok(GateAnswer::Unknown);
        }
        let until = self.now().plus_millis(HOLD_MS);
        let mut news = self.live.subscribe();
        loop {
            let Some(row) = self.store.attempt(attempt).await? else { return Ok(GateAnswer::Unknown) };
            let pictures = row.snapshot.photos.as_ref().map(|photos| photos.pictures.as_slice()).unwrap_or_default();
            let wanted = usize::try_from(n).ok().and_then(|n| pictures.get(n)).cloned();
            let Some(picture) = wanted else { return Ok(GateAnswer::Unknown) };
            match gate(row.state.kind()) {
                Gate::Open => return self.serve(&row, n, &picture).await,
                Gate::Closed => {}
                Gate::Gone => return Ok(GateAnswer::Gone),
            }
            let now = self.now();
            if now >= until {
                return Ok(GateAnswer::NotYet);
            }
            let look = self.clock.sleep_until(now.plus_millis(LOOK_EVERY_MS).min(until));
            tokio::pin!(look);
            loop {
                tokio::select! {
                    biased;
                    () = &mut look => break,
                    event = news.recv() => match event {
                        Ok(event) if event.what_post() != Some(row.post_id) => {}
                        Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => break,
                        Err(tokio::sync::broadcast::error::RecvError::Closed) => {
                            look.await;
                            break;
                        }
                    },
                }
            }
        }
    }

    /// Serves one picture. That it is about to be served is durable before its first byte leaves.
    async fn serve(&self, attempt: &Attempt, n: u32, picture: &PictureSnapshot) -> Result<GateAnswer> {
        let Ok(key) = picture.blob_key.parse::<BlobKey>() else { return Ok(GateAnswer::Gone) };
        let file = match self.blobs.read_at(&key, 0).await {
            Ok(file) => file,
            Err(BlobError::Missing(_)) => return Ok(GateAnswer::Gone),
            Err(error) => return Err(storage(error)),
        };
        let Some(sha256) = unhex(&picture.sha256) else { return Ok(GateAnswer::Gone) };
        let mut tx = self.store.begin().await?;
        // Looked at once more with the line that says so: what is not released now gets no line and no byte.
        if tx.attempt(attempt.id).await?.is_none_or(|row| gate(row.state.kind()) != Gate::Open) {
            tx.rollback().await?;
            return Ok(GateAnswer::Gone);
        }
        tx.gate_visit_append(&GateVisit {
            attempt_id: attempt.id,
            picture: n,
            first_byte: 0,
            last_byte: picture.size_bytes.saturating_sub(1),
            at: self.now(),
        })
        .await?;
        tx.commit().await?;
        tracing::info!(attempt = %attempt.id, picture = n, bytes = picture.size_bytes, "a picture is served to TikTok");
        Ok(GateAnswer::Open {
            mime: picture.mime.clone(),
            size_bytes: picture.size_bytes,
            bytes: Box::pin(self.pace.apply(
                Order { bytes: slots::Bytes::Picture, due_at: attempt.due_at },
                send::picture(file, picture.size_bytes, &sha256),
                &Waits::default(),
            )),
        })
    }
}

impl crate::live::LiveEvent {
    const fn what_post(&self) -> Option<domain::id::PostId> {
        match &self.what {
            LiveChange::Post { post_id, .. } => Some(*post_id),
            LiveChange::Connections
            | LiveChange::Export
            | LiveChange::Upload { .. }
            | LiveChange::Rendition
            | LiveChange::SessionEnded { .. } => None,
        }
    }
}

/// The bytes of a lower-case hex text.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(2);
    if !digits.remainder().is_empty() {
        return None;
    }
    digits.map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}
