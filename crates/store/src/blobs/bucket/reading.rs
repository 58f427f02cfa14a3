//! Reading an object from an offset on. Owns the pieces: a few are fetched ahead, each by a request of its own that ends soon.
//!
//! One long answer would not do: whoever reads slowly, as at a limited line to TikTok, would meet its time limit in the middle.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures::Stream;
use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::task::AbortOnDropHandle;

use super::trouble::of;
use super::{BlobError, BlobKey, BlobKind, Bucket, Result};

/// Bytes of one piece.
const PIECE_BYTES: u64 = 1024 * 1024;
/// Pieces on their way while one is read.
const AHEAD: usize = 2;

/// The rest of an object.
#[derive(Debug)]
pub(in crate::blobs) struct ObjectReader {
    store: Arc<AmazonS3>,
    path: Path,
    length: u64,
    /// The first byte that was not asked for yet.
    asked: u64,
    coming: VecDeque<AbortOnDropHandle<Result<Bytes>>>,
    now: Bytes,
}

impl Bucket {
    pub(in crate::blobs) async fn open_at(&self, kind: BlobKind, key: &BlobKey, offset: u64) -> Result<ObjectReader> {
        let path = self.path(kind, key);
        let facts = self.facts(&path, key).await?;
        Ok(ObjectReader {
            store: Arc::clone(&self.store),
            path,
            length: facts.size,
            asked: offset.min(facts.size),
            coming: VecDeque::new(),
            now: Bytes::new(),
        })
    }
}

impl ObjectReader {
    /// Length of the whole object, bytes.
    pub(in crate::blobs) const fn length(&self) -> u64 {
        self.length
    }

    fn ask(&mut self) {
        while self.coming.len() < AHEAD && self.asked < self.length {
            let range = self.asked..self.length.min(self.asked.saturating_add(PIECE_BYTES));
            self.asked = range.end;
            let (store, path) = (Arc::clone(&self.store), self.path.clone());
            // A task, so that it ends in time however late somebody reads on.
            self.coming.push_back(AbortOnDropHandle::new(tokio::spawn(async move {
                let wanted = range.end.saturating_sub(range.start);
                let piece = store.get_range(&path, range).await.map_err(of("read a stored file"))?;
                if u64::try_from(piece.len()).ok() == Some(wanted) {
                    Ok(piece)
                } else {
                    Err(BlobError::bucket("read a stored file", super::BucketTrouble::Altered))
                }
            })));
        }
    }

    /// The next bytes; `None` at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        self.ask();
        let Some(first) = self.coming.front_mut() else { return Poll::Ready(Ok(None)) };
        let piece = ready!(Pin::new(first).poll(cx));
        self.coming.pop_front();
        Poll::Ready(match piece {
            Ok(Ok(piece)) => Ok(Some(piece)),
            Ok(Err(error)) => Err(io::Error::other(error)),
            Err(error) => Err(io::Error::other(error)),
        })
    }

    /// All that is left, piece by piece.
    pub(in crate::blobs) fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> {
        futures::stream::try_unfold(
            self,
            |mut reader| async move { Ok(reader.next().await?.map(|piece| (piece, reader))) },
        )
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }
}

impl AsyncRead for ObjectReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.now.is_empty() {
            match ready!(self.poll_piece(cx))? {
                Some(piece) => self.now = piece,
                None => return Poll::Ready(Ok(())),
            }
        }
        let many = self.now.len().min(buf.remaining());
        buf.put_slice(&self.now.split_to(many));
        if !self.now.has_remaining() {
            self.now = Bytes::new();
            self.ask();
        }
        Poll::Ready(Ok(()))
    }
}
