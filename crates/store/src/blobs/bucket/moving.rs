//! Bringing a finished file from this machine's disk to the storage. Owns the order: the bytes there, then read back, then gone here.
//!
//! It may end at any point and be done again. What an interrupted one left at the storage is known by a note beside the file.

use std::fs::File;
use std::io::Read as _;

use aws_lc_rs::digest::{Context, Digest, SHA256};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

use super::trouble::of;
use super::{BlobError, BlobKey, BlobKind, Bucket, BucketTrouble, CHECKS, Result};
use crate::blobs::disk::{Disk, blocking};

/// Bytes of one part: the least that S3 takes, and all have to be of one size.
pub(in crate::blobs) const PART_BYTES: usize = 5 * 1024 * 1024;
/// Parts on their way at the same time.
const PARTS_AT_ONCE: usize = 2;

/// What is written to see whether it can be.
const TRIED: &[u8] = b"written by moloko to see whether it may; it can be deleted";
/// A part that no file has: the largest has 763.
const TRIED_PART: usize = 9_998;

/// There is no such half any more.
fn is_unknown(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. }) || error.to_string().contains("NoSuchUpload")
}

/// A file that is read once from its beginning, and its hash so far.
struct Source {
    file: File,
    hash: Context,
}

impl Source {
    /// The next part; empty at the end.
    fn part(&mut self, mut room: BytesMut) -> std::io::Result<Bytes> {
        room.resize(PART_BYTES, 0);
        let mut filled = 0;
        while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read(rest)? {
                0 => break,
                many => filled += many,
            }
        }
        room.truncate(filled);
        self.hash.update(&room);
        Ok(room.freeze())
    }

    /// The next part, in the memory of one that was sent: blocks of this size, each from another thread, would never come back.
    async fn next(mut self, room: Option<BytesMut>) -> Result<(Self, Bytes)> {
        blocking(move || {
            let part = self.part(room.unwrap_or_default()).map_err(BlobError::io("read a finished file"))?;
            Ok((self, part))
        })
        .await
    }
}

impl Bucket {
    /// Moves a file that lies whole on the disk; doing it again does what is left. Nothing to do when only the storage has it.
    pub(in crate::blobs) async fn take_in(&self, disk: &Disk, key: &BlobKey) -> Result<()> {
        // Whoever comes later waits here, with nothing in memory.
        let _turn = self.moves.acquire().await.map_err(|error| {
            BlobError::bucket("move a finished file to the storage", BucketTrouble::Other(error.to_string()))
        })?;
        let locked = match disk.lock_whole(key).await {
            Ok(file) => file,
            Err(BlobError::Missing(_)) => return self.len(BlobKind::Whole, key).await.map(drop),
            Err(error) => return Err(error),
        };
        let path = self.path(BlobKind::Whole, key);
        self.end_noted_move(disk, key).await?;
        let (length, ours) =
            self.send(disk, key, &path, locked.try_clone().map_err(BlobError::io("open a stored file"))?).await?;
        self.is_the_same(key, length, &ours).await?;
        disk.delete(BlobKind::Whole, key).await?;
        drop(locked);
        Ok(())
    }

    /// Ends a move that was broken off: its parts are given up.
    pub(in crate::blobs) async fn end_noted_move(&self, disk: &Disk, key: &BlobKey) -> Result<()> {
        let Some(id) = disk.noted_move(key).await? else { return Ok(()) };
        self.give_up(key, &self.path(BlobKind::Whole, key), &id).await?;
        disk.forget_move(key).await
    }

    async fn give_up(&self, key: &BlobKey, path: &Path, id: &String) -> Result<()> {
        let refusal = match self.store.abort_multipart(path, id).await {
            Ok(()) => return Ok(()),
            // Given up or completed before.
            Err(error) if is_unknown(&error) => return Ok(()),
            Err(error @ object_store::Error::PermissionDenied { .. }) => error,
            Err(error) => return Err(of("give up half a file at the storage")(error)),
        };
        if self.has_ended(key, path, id).await? {
            Ok(())
        } else {
            Err(of("give up half a file at the storage")(refusal))
        }
    }

    /// Some storages answer "denied" also for a half that is no more: a process may die between its end and the note of it. So it is tried
    /// whether something can be added to it, by a key that may write here.
    async fn has_ended(&self, key: &BlobKey, path: &Path, id: &String) -> Result<bool> {
        let (what, try_out) = ("see whether half a file is at the storage", self.below(&format!("{CHECKS}/{key}")));
        self.store.put(&try_out, PutPayload::from_static(TRIED)).await.map_err(of(what))?;
        self.store.delete(&try_out).await.map_err(of(what))?;
        match self.store.put_part(path, id, TRIED_PART, PutPayload::from_static(TRIED)).await {
            Ok(_) => Ok(false),
            Err(error) if is_unknown(&error) => Ok(true),
            Err(object_store::Error::PermissionDenied { .. }) => Ok(true),
            Err(error) => Err(of(what)(error)),
        }
    }

    /// Sends all bytes; gives how many and their hash.
    async fn send(&self, disk: &Disk, key: &BlobKey, path: &Path, file: File) -> Result<(u64, Digest)> {
        let source = Source { file, hash: Context::new(&SHA256) };
        let (source, first) = source.next(None).await?;
        if first.len() < PART_BYTES {
            let length = u64::try_from(first.len()).unwrap_or(u64::MAX);
            self.store.put(path, PutPayload::from(first)).await.map_err(of("write to the storage"))?;
            return Ok((length, source.hash.finish()));
        }
        let id = self.store.create_multipart(path).await.map_err(of("begin a file at the storage"))?;
        disk.note_move(key, &id).await?;
        let sent = self.send_parts(path, &id, source, first).await;
        match sent {
            Ok((parts, length, hash)) => {
                self.store.complete_multipart(path, &id, parts).await.map_err(of("end a file at the storage"))?;
                disk.forget_move(key).await?;
                Ok((length, hash))
            }
            Err(error) => {
                // The note stays when this fails, too, and the next try begins with it.
                if let Err(more) = self.end_noted_move(disk, key).await {
                    tracing::warn!(%key, error = %more, "half a file stays at the storage until it is moved again");
                }
                Err(error)
            }
        }
    }

    async fn send_parts(
        &self,
        path: &Path,
        id: &String,
        mut source: Source,
        mut part: Bytes,
    ) -> Result<(Vec<PartId>, u64, Digest)> {
        let (mut going, mut sent, mut length) = (FuturesOrdered::new(), Vec::new(), 0_u64);
        for n in 0.. {
            if part.is_empty() {
                break;
            }
            length = length.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
            going.push_back(self.send_part(path, id, n, part));
            let mut room = None;
            if going.len() >= PARTS_AT_ONCE
                && let Some(done) = going.next().await
            {
                let (done, free) = done?;
                sent.push(done);
                room = free;
            }
            (source, part) = source.next(room).await?;
        }
        while let Some(done) = going.next().await {
            sent.push(done?.0);
        }
        Ok((sent, length, source.hash.finish()))
    }

    /// Sends one part; gives its memory back where nobody else holds it any more.
    async fn send_part(&self, path: &Path, id: &String, n: usize, part: Bytes) -> Result<(PartId, Option<BytesMut>)> {
        let payload = PutPayload::from(part.clone());
        let done = self.store.put_part(path, id, n, payload).await.map_err(of("write to the storage"))?;
        Ok((done, part.try_into_mut().ok()))
    }

    /// Reads an object back: only what the storage can give again is let go of here.
    async fn is_the_same(&self, key: &BlobKey, length: u64, ours: &Digest) -> Result<()> {
        let what = "read a moved file back";
        let mut there = self.open_at(BlobKind::Whole, key, 0).await?;
        let mut hash = Context::new(&SHA256);
        while let Some(piece) = there.next().await.map_err(BlobError::io(what))? {
            hash.update(&piece);
        }
        if there.length() == length && hash.finish().as_ref() == ours.as_ref() {
            Ok(())
        } else {
            Err(BlobError::bucket(what, BucketTrouble::Altered))
        }
    }
}
