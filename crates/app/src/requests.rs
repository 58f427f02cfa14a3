//! The request log: whoever answers a request leaves a line in a bounded queue, one task writes them and sweeps the files.
//!
//! Owns the queue, what happens when it is full (lines are left out and counted) and when files are swept. Nobody ever waits for it, and a
//! disk that refuses costs lines and nothing else.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::time::UnixMillis;
use store::requests::{Keep, RequestFiles, RequestLine, sweep};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// Lines that may wait for the disk.
const QUEUE: usize = 4096;
/// Lines written at once.
const PORTION: usize = 512;

/// Where lines are left. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestLog {
    queue: Sender<(UnixMillis, RequestLine)>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    written: AtomicU64,
    left_out: AtomicU64,
}

/// The other end, to be run by one task.
#[derive(Debug)]
pub struct RequestWriter {
    queue: Receiver<(UnixMillis, RequestLine)>,
    counts: Arc<Counts>,
    folder: PathBuf,
    keep: Keep,
}

impl RequestLog {
    /// A log in this folder, which is made with the first line.
    #[must_use]
    pub fn new(folder: PathBuf, keep: Keep) -> (Self, RequestWriter) {
        let (queue, end) = channel(QUEUE);
        let counts = Arc::new(Counts::default());
        (Self { queue, counts: Arc::clone(&counts) }, RequestWriter { queue: end, counts, folder, keep })
    }

    /// Leaves a line, or counts it where the queue is full or nobody writes any more.
    pub fn leave(&self, at: UnixMillis, line: RequestLine) {
        if self.queue.try_send((at, line)).is_err() {
            self.counts.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lines that are in the files.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.counts.written.load(Ordering::Relaxed)
    }

    /// Lines that were left out: the queue was full, the disk refused, or the day has enough.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.counts.left_out.load(Ordering::Relaxed)
    }
}

impl RequestWriter {
    /// Writes until `stop`, and what is in the queue then. Sweeps the files at the start and after each midnight in UTC.
    pub async fn run(mut self, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let mut files = RequestFiles::new(self.folder.clone());
        let mut refused = false;
        let mut next_sweep = clock.now();
        loop {
            if clock.now() >= next_sweep {
                self.sweep(clock.now()).await;
                next_sweep = clock.now().date().end();
            }
            let mut lines = Vec::with_capacity(PORTION);
            tokio::select! {
                biased;
                many = self.queue.recv_many(&mut lines, PORTION) => {
                    if many == 0 {
                        return;
                    }
                    files = self.write(files, lines, &mut refused).await;
                }
                () = stop.cancelled() => return,
                () = clock.sleep_until(next_sweep) => {}
            }
        }
    }

    async fn write(
        &self,
        mut files: RequestFiles,
        lines: Vec<(UnixMillis, RequestLine)>,
        refused: &mut bool,
    ) -> RequestFiles {
        let many = u64::try_from(lines.len()).unwrap_or(0);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = files.append(&lines);
            (files, outcome)
        });
        let Ok((files, outcome)) = done.await else { return RequestFiles::new(self.folder.clone()) };
        let left_out = match outcome {
            Ok(left_out) => {
                *refused = false;
                left_out
            }
            Err(error) => {
                // Said once, until it works again: a full disk must not fill another log.
                if !std::mem::replace(refused, true) {
                    tracing::warn!(%error, folder = %self.folder.display(), "the request log cannot be written");
                }
                many
            }
        };
        self.counts.left_out.fetch_add(left_out, Ordering::Relaxed);
        self.counts.written.fetch_add(many.saturating_sub(left_out), Ordering::Relaxed);
        files
    }

    async fn sweep(&self, now: UnixMillis) {
        let (folder, keep) = (self.folder.clone(), self.keep);
        match tokio::task::spawn_blocking(move || sweep(&folder, now, keep)).await {
            Ok(Ok(swept)) if swept == store::requests::Swept::default() => {}
            Ok(Ok(swept)) => {
                tracing::info!(shortened = swept.shortened, removed = swept.removed, "swept the request log");
            }
            Ok(Err(error)) => tracing::error!(%error, folder = %self.folder.display(), "the request log was not swept"),
            Err(_) => tracing::error!("the sweep of the request log ended early"),
        }
    }
}
