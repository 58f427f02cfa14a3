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

/// By which hash a stored file is known to be the approved one.
///
/// A consent names the SHA-256 of its file. Where a file came in, BLAKE3 was taken in the same pass, of every byte that the SHA-256 was
/// taken of, and both were written in one transaction. So other bytes with this BLAKE3 would be a second preimage of it, as other bytes
/// with this SHA-256 would be one of that: both are out of reach to the same degree, and comparing by either protects the same file.
/// BLAKE3 takes a third of the time. A file without it (from before it was taken, or from an import) is compared by SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Sha256,
    Blake3(blake3::Hash),
}

impl Known {
    fn hash(self) -> Hash {
        match self {
            Self::Sha256 => Hash::Sha256(Context::new(&SHA256)),
            Self::Blake3(_) => Hash::Blake3(Box::default()),
        }
    }

    /// Whether a hash of all bytes is that of the approved file; never, when it is of the other kind.
    fn is_of(self, whole: Hash, plan: &MediaPlan) -> bool {
        match (self, whole) {
            (Self::Sha256, Hash::Sha256(whole)) => hex(whole.finish().as_ref()) == plan.sha256(),
            (Self::Blake3(approved), Hash::Blake3(whole)) => whole.finalize() == approved,
            (Self::Sha256, Hash::Blake3(_)) | (Self::Blake3(_), Hash::Sha256(_)) => false,
        }
    }
}

/// A hash on its way.
#[derive(Clone)]
enum Hash {
    Sha256(Context),
    Blake3(Box<blake3::Hasher>),
}

impl Hash {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Blake3(hash) => drop(hash.update(bytes)),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(hash) => hash.finish().as_ref().to_vec(),
            Self::Blake3(hash) => hash.finalize().as_bytes().to_vec(),
        }
    }
}

/// Proof that the whole stored file was read and is the approved one.
#[derive(Debug, Clone)]
pub(super) struct CheckedMedia {
    known: Known,
    last_chunk: Vec<u8>,
}

impl CheckedMedia {
    /// Every picture was read and is the approved one; none of them is sent from here.
    pub(super) const fn pictures() -> Self {
        Self { known: Known::Sha256, last_chunk: Vec::new() }
    }
}

/// Reads a whole picture; true when it is the approved one.
pub(super) async fn is_approved<R: AsyncRead + Unpin>(reader: R, sha256: &str, size_bytes: u64) -> io::Result<bool> {
    let Ok(plan) = MediaPlan::new(sha256.to_owned(), size_bytes, size_bytes, 1) else { return Ok(false) };
    Ok(check(reader, &plan, Known::Sha256).await?.is_some())
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
    body(reader, size_bytes, Guard::Compare(Known::Sha256.hash(), sha256.to_vec()), None)
}

/// Reads a whole file and compares it with the approved hash; `None` when it differs in any way.
pub(super) async fn check<R: AsyncRead + Unpin>(
    reader: R,
    plan: &MediaPlan,
    known: Known,
) -> io::Result<Option<CheckedMedia>> {
    compare(reader, plan, known, Sent::nothing(known)).await
}

/// Reads from where `before` ends to the end of the file.
async fn compare<R: AsyncRead + Unpin>(
    mut reader: R,
    plan: &MediaPlan,
    known: Known,
    before: Sent,
) -> io::Result<Option<CheckedMedia>> {
    let Sent { hash: mut whole, bytes: mut offset } = before;
    let mut last = known.hash();
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
    let matches = offset == plan.size_bytes() && known.is_of(whole, plan);
    Ok(matches.then(|| CheckedMedia { known, last_chunk: last.finish() }))
}

/// The hash of what TikTok has taken from this worker: every byte from the first on, in order, as it left.
#[derive(Clone)]
pub(super) struct Sent {
    hash: Hash,
    bytes: u64,
}

impl Sent {
    /// Nothing yet.
    pub(super) fn nothing(known: Known) -> Self {
        Self { hash: known.hash(), bytes: 0 }
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
    known: Known,
    sent: Sent,
) -> io::Result<Option<CheckedMedia>> {
    if sent.bytes != plan.held_from() {
        return Ok(None);
    }
    compare(reader, plan, known, sent).await
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
    body(reader, len, Guard::Compare(checked.known.hash(), checked.last_chunk.clone()), None)
}

/// What is done with the bytes on their way.
enum Guard {
    None,
    /// They are noted, for the comparison before the last chunk.
    Note(Sent),
    /// They are compared, and the last of them stays here when they differ.
    Compare(Hash, Vec<u8>),
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
            if *left == 0 && hash.clone().finish() != *expected {
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

    /// By SHA-256, and by BLAKE3 taken of the same bytes.
    fn both(bytes: &[u8]) -> [Known; 2] {
        [Known::Sha256, Known::Blake3(blake3::hash(bytes))]
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
        for known in both(&bytes) {
            assert!(check(bytes.as_slice(), &plan, known).await.unwrap().is_some());
            let mut changed = bytes.clone();
            *changed.get_mut(150_000).unwrap() ^= 1;
            assert!(check(changed.as_slice(), &plan, known).await.unwrap().is_none());
            let short = bytes.get(..199_999).unwrap();
            assert!(check(short, &plan, known).await.unwrap().is_none());
            let long = [bytes.as_slice(), b"x"].concat();
            assert!(check(long.as_slice(), &plan, known).await.unwrap().is_none());
        }
        let of_another = Known::Blake3(blake3::hash(b"another file"));
        assert!(check(bytes.as_slice(), &plan, of_another).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_last_byte_stays_here_when_the_file_changed_after_the_check() {
        let (bytes, plan) = file();
        for known in both(&bytes) {
            let checked = check(bytes.as_slice(), &plan, known).await.unwrap().unwrap();
            let tail = bytes.get(90_000..).unwrap().to_vec();
            let sent = collect(last_chunk(io::Cursor::new(tail.clone()), 110_000, &checked)).await;
            assert_eq!(sent.unwrap(), tail);
            let mut changed = tail;
            *changed.first_mut().unwrap() ^= 1;
            let refused = collect(last_chunk(io::Cursor::new(changed), 110_000, &checked)).await;
            assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[tokio::test]
    async fn what_was_sent_whole_from_the_first_byte_on_need_not_be_read_again() {
        let (bytes, plan) = file();
        let (early, tail) = bytes.split_at(90_000);
        let sides = both(&bytes).map(|known| [(known, early.to_vec(), true), (known, vec![7; 90_000], false)]);
        for (known, sent, approved) in sides.into_iter().flatten() {
            let leaving = Leaving::default();
            let noted = Some((Sent::nothing(known), Arc::clone(&leaving)));
            collect(chunk(io::Cursor::new(sent), 90_000, noted)).await.unwrap();
            let sent = leaving.lock().unwrap().take().unwrap();
            assert_eq!(sent.bytes(), 90_000);
            let rest = check_rest(tail, &plan, known, sent.clone()).await.unwrap();
            assert_eq!(rest.is_some(), approved, "what was sent counts, not what the file says now");
            if let Some(rest) = rest {
                let whole = check(bytes.as_slice(), &plan, known).await.unwrap().unwrap();
                assert_eq!(rest.last_chunk, whole.last_chunk);
            }
            let mut changed = tail.to_vec();
            *changed.last_mut().unwrap() ^= 1;
            assert!(check_rest(changed.as_slice(), &plan, known, sent.clone()).await.unwrap().is_none());
            let [other] = both(&bytes).into_iter().filter(|other| *other != known).collect::<Vec<_>>()[..] else {
                panic!("there are two")
            };
            let mixed = check_rest(tail, &plan, other, sent).await.unwrap();
            assert!(mixed.is_none(), "the hash of one kind says nothing about the other");
        }
        // A gap proves nothing.
        assert!(check_rest(tail, &plan, Known::Sha256, Sent::nothing(Known::Sha256)).await.unwrap().is_none());
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
        let noted = Some((Sent::nothing(Known::Sha256), Arc::clone(&leaving)));
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
