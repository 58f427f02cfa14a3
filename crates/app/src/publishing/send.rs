//! The bytes: hashing the stored file before the last chunk is announced, and streaming chunks with constant memory. The next bytes are
//! read and hashed while those before are on the wire.
//!
//! Owns the guard that the last byte leaves only when the chunk it ends is the approved one.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::{BufMut as _, Bytes, BytesMut};
use domain::attempt::MediaPlan;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Bytes read at a time.
const PIECE_BYTES: usize = 128 * 1024;
/// Pieces that wait, read and hashed, for the one on the wire: what an upload costs in memory is a few of them, whatever its size.
const PIECES_AHEAD: usize = 3;

/// Proof that the whole stored file was read and is the approved one.
#[derive(Debug, Clone)]
pub(super) struct CheckedMedia {
    last_chunk: Vec<u8>,
}

impl CheckedMedia {
    /// Every picture was read and is the approved one; none of them is sent from here.
    pub(super) const fn pictures() -> Self {
        Self { last_chunk: Vec::new() }
    }
}

/// Reads a whole picture; true when it is the approved one.
pub(super) async fn is_approved<R: AsyncRead + Unpin>(reader: R, sha256: &str, size_bytes: u64) -> io::Result<bool> {
    let Ok(plan) = MediaPlan::new(sha256.to_owned(), size_bytes, size_bytes, 1) else { return Ok(false) };
    Ok(check(reader, &plan).await?.is_some())
}

/// A picture as it is served: its last piece is held back until the whole is known to be the approved one.
pub(super) fn picture<R>(
    reader: R,
    size_bytes: u64,
    sha256: &[u8],
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<R>
where
    R: AsyncRead + Unpin + Send + 'static,
{
    body(reader, size_bytes, Guard::Compare(Context::new(&SHA256), sha256.to_vec()), None)
}

/// Reads a whole file and compares it with the approved hash; `None` when it differs in any way.
pub(super) async fn check<R: AsyncRead + Unpin>(reader: R, plan: &MediaPlan) -> io::Result<Option<CheckedMedia>> {
    compare(reader, plan, Context::new(&SHA256), 0).await
}

/// Reads from `offset` to the end; `whole` has hashed what stands before.
async fn compare<R: AsyncRead + Unpin>(
    mut reader: R,
    plan: &MediaPlan,
    mut whole: Context,
    mut offset: u64,
) -> io::Result<Option<CheckedMedia>> {
    let mut last = Context::new(&SHA256);
    let mut buffer = vec![0_u8; PIECE_BYTES];
    loop {
        let count = reader.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        let piece = buffer.get(..count).unwrap_or_default();
        whole.update(piece);
        let before_last = plan.held_from().saturating_sub(offset);
        let skip = usize::try_from(before_last).unwrap_or(usize::MAX).min(count);
        last.update(piece.get(skip..).unwrap_or_default());
        offset = offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if offset > plan.size_bytes() {
            return Ok(None);
        }
    }
    let matches = offset == plan.size_bytes() && hex(whole.finish().as_ref()) == plan.sha256();
    Ok(matches.then(|| CheckedMedia { last_chunk: last.finish().as_ref().to_vec() }))
}

/// The hash of what TikTok has taken from this worker: every byte from the first on, in order, as it left.
#[derive(Clone)]
pub(super) struct Sent {
    hash: Context,
    bytes: u64,
}

impl Sent {
    /// Nothing yet.
    pub(super) fn nothing() -> Self {
        Self { hash: Context::new(&SHA256), bytes: 0 }
    }

    /// How many bytes it covers, without a gap.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Filled with what was sent once a chunk has left whole; worth something only when TikTok then took it.
pub(super) type Leaving = Arc<Mutex<Option<Sent>>>;

/// Reads what follows the bytes that TikTok has taken, and compares all of it with the approved hash; `None` when it differs in any
/// way. As safe as [`check`]: what it hashed of the earlier chunks is what was sent, and the rest is read here.
pub(super) async fn check_rest<R: AsyncRead + Unpin>(
    reader: R,
    plan: &MediaPlan,
    sent: Sent,
) -> io::Result<Option<CheckedMedia>> {
    if sent.bytes != plan.held_from() {
        return Ok(None);
    }
    compare(reader, plan, sent.hash, sent.bytes).await
}

/// A chunk before the last: exactly `len` bytes, or an error. With `sent` its bytes are hashed on their way.
pub(super) fn chunk<R>(
    reader: R,
    len: u64,
    sent: Option<(Sent, Leaving)>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    R: AsyncRead + Unpin + Send + 'static,
{
    match sent {
        Some((sent, leaving)) => body(reader, len, Guard::Note(sent), Some(leaving)),
        None => body(reader, len, Guard::None, None),
    }
}

/// The last chunk: its last piece is held back until the hash of the chunk is known to be right.
pub(super) fn last_chunk<R>(
    reader: R,
    len: u64,
    checked: &CheckedMedia,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    R: AsyncRead + Unpin + Send + 'static,
{
    body(reader, len, Guard::Compare(Context::new(&SHA256), checked.last_chunk.clone()), None)
}

/// What is done with the bytes on their way.
enum Guard {
    None,
    /// They are noted, for the comparison before the last chunk.
    Note(Sent),
    /// They are compared, and the last of them stays here when they differ.
    Compare(Context, Vec<u8>),
}

/// Some bytes that were read, and hashed as far as that is wanted.
struct Piece {
    bytes: Bytes,
    /// With the last ones of a chunk whose bytes are noted.
    sent: Option<Sent>,
}

fn body<R>(
    reader: R,
    len: u64,
    guard: Guard,
    leaving: Option<Leaving>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<R>
where
    R: AsyncRead + Unpin + Send + 'static,
{
    // Nothing is read before somebody asks for it; from then on a few pieces are ready while others are on the wire.
    let read = async move {
        let (to, pieces) = mpsc::channel(PIECES_AHEAD);
        let reading = AbortOnDropHandle::new(tokio::spawn(read_ahead(reader, len, guard, to)));
        futures::stream::unfold((pieces, reading), |(mut pieces, reading)| async move {
            let piece = pieces.recv().await?;
            Some((piece, (pieces, reading)))
        })
    };
    futures::stream::once(read).flatten().map_ok(move |piece| {
        if let (Some(sent), Some(leaving)) = (piece.sent, &leaving) {
            *leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
        }
        piece.bytes
    })
}

/// Reads and hashes until the end, the first failure, or until nobody wants any more.
async fn read_ahead<R: AsyncRead + Unpin>(
    mut reader: R,
    len: u64,
    mut guard: Guard,
    to: mpsc::Sender<io::Result<Piece>>,
) {
    let mut left = len;
    while left > 0 {
        let piece = next_piece(&mut reader, &mut left, &mut guard).await;
        let failed = piece.is_err();
        if to.send(piece).await.is_err() || failed {
            return;
        }
    }
}

async fn next_piece<R: AsyncRead + Unpin>(reader: &mut R, left: &mut u64, guard: &mut Guard) -> io::Result<Piece> {
    let want = usize::try_from(*left).unwrap_or(usize::MAX).min(PIECE_BYTES);
    let mut piece = BytesMut::with_capacity(want).limit(want);
    while piece.has_remaining_mut() {
        if reader.read_buf(&mut piece).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let bytes = piece.into_inner().freeze();
    let taken = u64::try_from(want).unwrap_or(u64::MAX);
    *left = left.saturating_sub(taken);
    let sent = match guard {
        Guard::None => None,
        Guard::Note(sent) => {
            sent.hash.update(&bytes);
            sent.bytes = sent.bytes.saturating_add(taken);
            (*left == 0).then(|| sent.clone())
        }
        Guard::Compare(hash, expected) => {
            hash.update(&bytes);
            if *left == 0 && hash.clone().finish().as_ref() != expected.as_slice() {
                let changed = "the stored file changed after it was approved";
                return Err(io::Error::new(io::ErrorKind::InvalidData, changed));
            }
            None
        }
    };
    Ok(Piece { bytes, sent })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aws_lc_rs::digest::digest;

    fn file() -> (Vec<u8>, MediaPlan) {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let sha256 = hex(digest(&SHA256, &bytes).as_ref());
        (bytes, MediaPlan::new(sha256, 200_000, 90_000, 2).unwrap())
    }

    async fn collect(stream: impl Stream<Item = io::Result<Bytes>>) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut stream = std::pin::pin!(stream);
        while let Some(piece) = stream.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn only_the_approved_file_passes_the_check() {
        let (bytes, plan) = file();
        assert!(check(bytes.as_slice(), &plan).await.unwrap().is_some());
        let mut changed = bytes.clone();
        *changed.get_mut(150_000).unwrap() ^= 1;
        assert!(check(changed.as_slice(), &plan).await.unwrap().is_none());
        let short = bytes.get(..199_999).unwrap();
        assert!(check(short, &plan).await.unwrap().is_none());
        let long = [bytes.as_slice(), b"x"].concat();
        assert!(check(long.as_slice(), &plan).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_last_byte_stays_here_when_the_file_changed_after_the_check() {
        let (bytes, plan) = file();
        let checked = check(bytes.as_slice(), &plan).await.unwrap().unwrap();
        let tail = bytes.get(90_000..).unwrap().to_vec();
        let sent = collect(last_chunk(io::Cursor::new(tail.clone()), 110_000, &checked)).await;
        assert_eq!(sent.unwrap(), tail);
        let mut changed = tail;
        *changed.first_mut().unwrap() ^= 1;
        let refused = collect(last_chunk(io::Cursor::new(changed), 110_000, &checked)).await;
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn what_was_sent_whole_from_the_first_byte_on_need_not_be_read_again() {
        let (bytes, plan) = file();
        let (early, tail) = bytes.split_at(90_000);
        for (sent, approved) in [(early.to_vec(), true), (vec![7; 90_000], false)] {
            let leaving = Leaving::default();
            let noted = Some((Sent::nothing(), Arc::clone(&leaving)));
            collect(chunk(io::Cursor::new(sent), 90_000, noted)).await.unwrap();
            let sent = leaving.lock().unwrap().take().unwrap();
            assert_eq!(sent.bytes(), 90_000);
            let rest = check_rest(tail, &plan, sent.clone()).await.unwrap();
            assert_eq!(rest.is_some(), approved, "what was sent counts, not what the file says now");
            if let Some(rest) = rest {
                let whole = check(bytes.as_slice(), &plan).await.unwrap().unwrap();
                assert_eq!(rest.last_chunk, whole.last_chunk);
            }
            let mut changed = tail.to_vec();
            *changed.last_mut().unwrap() ^= 1;
            assert!(check_rest(changed.as_slice(), &plan, sent).await.unwrap().is_none());
        }
        // A gap proves nothing.
        assert!(check_rest(tail, &plan, Sent::nothing()).await.unwrap().is_none());
    }

    /// Counts what is read of an endless file.
    struct Counted(Arc<Mutex<usize>>);

    impl AsyncRead for Counted {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buf: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            *self.0.lock().unwrap() += buf.remaining();
            buf.put_slice(&vec![7; buf.remaining()]);
            std::task::Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_few_pieces_are_read_ahead_and_none_before_somebody_asks_or_after_nobody_does() {
        let read = Arc::new(Mutex::new(0_usize));
        let pieces = || read.lock().unwrap().div_ceil(PIECE_BYTES);
        let mut stream = Box::pin(chunk(Counted(Arc::clone(&read)), 1 << 40, None));
        tokio::task::yield_now().await;
        assert_eq!(pieces(), 0);
        for taken in 1..20 {
            stream.next().await.unwrap().unwrap();
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            // One more is in the hands of whoever reads.
            assert_eq!(pieces(), taken + PIECES_AHEAD + 1);
        }
        let so_far = pieces();
        drop(stream);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert_eq!((pieces(), Arc::strong_count(&read)), (so_far, 1), "the reader is gone with whoever wanted it");
    }

    #[tokio::test]
    async fn what_was_read_and_did_not_leave_is_not_noted() {
        let leaving = Leaving::default();
        let noted = Some((Sent::nothing(), Arc::clone(&leaving)));
        let len = u64::try_from(2 * PIECE_BYTES).unwrap();
        let mut stream = Box::pin(chunk(tokio::io::repeat(7), len, noted));
        stream.next().await.unwrap().unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(leaving.lock().unwrap().is_none(), "all of it is read by now, half of it left");
        stream.next().await.unwrap().unwrap();
        assert_eq!(leaving.lock().unwrap().as_ref().unwrap().bytes(), len);
    }

    #[tokio::test]
    async fn a_file_that_ends_early_is_an_error_and_not_a_short_chunk() {
        let sent = collect(chunk(io::Cursor::new(vec![0; 10]), 11, None)).await;
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
