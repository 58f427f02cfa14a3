//! The bytes: hashing the stored file before the last chunk is announced, and streaming chunks with constant memory.
//!
//! Owns the guard that the last byte leaves only when the chunk it ends is the approved one.

use std::io;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use domain::attempt::MediaPlan;
use futures::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Bytes read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

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
    body(reader, size_bytes, Some(sha256.to_vec()))
}

/// Reads a whole file and compares it with the approved hash; `None` when it differs in any way.
pub(super) async fn check<R: AsyncRead + Unpin>(mut reader: R, plan: &MediaPlan) -> io::Result<Option<CheckedMedia>> {
    let mut whole = Context::new(&SHA256);
    let mut last = Context::new(&SHA256);
    let mut buffer = vec![0_u8; BUFFER_BYTES];
    let mut offset: u64 = 0;
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

/// A chunk before the last: exactly `len` bytes, or an error.
pub(super) fn chunk<R>(reader: R, len: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    R: AsyncRead + Unpin + Send + 'static,
{
    body(reader, len, None)
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
    body(reader, len, Some(checked.last_chunk.clone()))
}

struct Reading<R> {
    reader: R,
    left: u64,
    guard: Option<(Context, Vec<u8>)>,
}

fn body<R>(reader: R, len: u64, expected: Option<Vec<u8>>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let reading = Reading { reader, left: len, guard: expected.map(|expected| (Context::new(&SHA256), expected)) };
    futures::stream::try_unfold(reading, |mut reading| async move {
        if reading.left == 0 {
            return Ok(None);
        }
        let want = usize::try_from(reading.left).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let mut piece = vec![0_u8; want];
        reading.reader.read_exact(&mut piece).await?;
        let taken = u64::try_from(want).unwrap_or(u64::MAX);
        reading.left = reading.left.saturating_sub(taken);
        if let Some((hash, expected)) = &mut reading.guard {
            hash.update(&piece);
            if reading.left == 0 && hash.clone().finish().as_ref() != expected.as_slice() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the stored file changed after it was approved",
                ));
            }
        }
        Ok(Some((Bytes::from(piece), reading)))
    })
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
    use aws_lc_rs::digest::digest;
    use futures::StreamExt as _;

    use super::*;

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
    async fn a_file_that_ends_early_is_an_error_and_not_a_short_chunk() {
        let sent = collect(chunk(io::Cursor::new(vec![0; 10]), 11)).await;
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
