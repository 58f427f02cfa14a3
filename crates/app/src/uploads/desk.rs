//! The in-memory side of uploads: who is sending, how far each hash is. Everything here can be lost; files and rows cannot.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use domain::id::UploadId;

/// A sender that sent nothing for this long is ended when somebody asks for the upload again.
const SILENT_AFTER: Duration = Duration::from_secs(2);

/// Longest wait for an ended sender to save its bytes.
const END_WAIT: Duration = Duration::from_secs(10);

/// Running hashes that are kept between requests; more are computed anew from disk.
const HASHES_MAX: usize = 1_000;

/// Who is sending what, in this process.
#[derive(Debug, Default)]
pub struct UploadDesk {
    sending: Arc<Mutex<HashMap<UploadId, Sender>>>,
    hashes: Mutex<HashMap<UploadId, RunningHash>>,
    /// Wakes the worker that draws small pictures.
    pub(crate) pictures_wanted: Notify,
}

#[derive(Debug, Clone)]
struct Sender {
    /// Set to ask the sender to save its bytes and leave.
    end: CancellationToken,
    /// Set once it has left.
    left: CancellationToken,
    /// Monotonic time of its last byte, milliseconds.
    last_byte_ms: Arc<AtomicU64>,
}

/// The hashes of the first bytes of an upload: every byte goes into both, so both are of the same file.
#[derive(Clone)]
pub(super) struct RunningHash {
    sha256: Context,
    blake3: Box<blake3::Hasher>,
    pub(super) offset: u64,
}

impl std::fmt::Debug for RunningHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningHash").field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl store::blobs::Witness for RunningHash {
    fn saw(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl RunningHash {
    pub(super) fn new() -> Self {
        Self { sha256: Context::new(&SHA256), blake3: Box::default(), offset: 0 }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.blake3.update(bytes);
        self.offset = self.offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// SHA-256 and BLAKE3 of the bytes so far, lower-case hex.
    pub(super) fn hex(self) -> (String, String) {
        use std::fmt::Write as _;
        let digest = self.sha256.finish();
        let sha256 = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        (sha256, self.blake3.finalize().to_string())
    }
}

/// The right to change one upload; dropping it gives the right back.
#[derive(Debug)]
pub(crate) struct Claim {
    id: UploadId,
    sender: Sender,
    sending: Arc<Mutex<HashMap<UploadId, Sender>>>,
}

impl Claim {
    /// Resolves when somebody asked this sender to leave.
    pub(super) async fn ended(&self) {
        self.sender.end.cancelled().await;
    }

    /// Says that a byte arrived.
    pub(super) fn heard(&self, monotonic: Duration) {
        self.sender.last_byte_ms.store(millis(monotonic), Ordering::Relaxed);
    }

    /// Says that every byte is there and the last step is at work: nobody who hears nothing ends that.
    pub(super) fn finishing(&self) {
        self.sender.last_byte_ms.store(u64::MAX, Ordering::Relaxed);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.sending).remove(&self.id);
        self.sender.left.cancel();
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A poisoned map is still a map: every change to it is a single call.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UploadDesk {
    /// The right to change an upload; `None` while somebody else has it.
    pub(crate) fn claim(&self, id: UploadId, monotonic: Duration) -> Option<Claim> {
        let mut sending = lock(&self.sending);
        if sending.contains_key(&id) {
            return None;
        }
        let sender = Sender {
            end: CancellationToken::new(),
            left: CancellationToken::new(),
            last_byte_ms: Arc::new(AtomicU64::new(millis(monotonic))),
        };
        sending.insert(id, sender.clone());
        Some(Claim { id, sender, sending: Arc::clone(&self.sending) })
    }

    /// Ends a sender that fell silent and waits until its bytes are saved. One that still sends goes on.
    pub(super) async fn end_if_silent(&self, id: UploadId, monotonic: Duration) {
        let silent = lock(&self.sending).get(&id).is_some_and(|sender| {
            let last = sender.last_byte_ms.load(Ordering::Relaxed);
            millis(monotonic).saturating_sub(last) >= millis(SILENT_AFTER)
        });
        if silent {
            self.end(id).await;
        }
    }

    /// Ends whoever sends and waits until its bytes are saved.
    pub(super) async fn end(&self, id: UploadId) {
        let sender = lock(&self.sending).get(&id).cloned();
        if let Some(sender) = sender {
            sender.end.cancel();
            // A sender that hangs on the disk longer keeps its claim, and the caller meets it.
            let _ = tokio::time::timeout(END_WAIT, sender.left.cancelled()).await;
        }
    }

    /// The hash of the first `offset` bytes, if it is still known.
    pub(super) fn hash_at(&self, id: UploadId, offset: u64) -> Option<RunningHash> {
        if offset == 0 {
            return Some(RunningHash::new());
        }
        lock(&self.hashes).get(&id).filter(|hash| hash.offset == offset).cloned()
    }

    /// Keeps a hash for the next request.
    pub(super) fn keep_hash(&self, id: UploadId, hash: RunningHash) {
        let mut hashes = lock(&self.hashes);
        if hashes.len() < HASHES_MAX || hashes.contains_key(&id) {
            hashes.insert(id, hash);
        }
    }

    /// Drops what is known about an upload that is over.
    pub(crate) fn forget(&self, id: UploadId) {
        lock(&self.hashes).remove(&id);
    }
}
