#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test says what it expects by failing"
)]

use std::os::unix::fs::PermissionsExt as _;

use futures::stream;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

use super::*;
use crate::testing::bucket::BucketServer;

fn key() -> BlobKey {
    BlobKey::of(uuid::Uuid::from_u128(1))
}

async fn blobs() -> (TempDir, Blobs) {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::disk(folder.path().join("blobs")).await.unwrap();
    (folder, blobs)
}

type Item = std::result::Result<Bytes, String>;

fn chunks(parts: &[&[u8]]) -> impl Stream<Item = Item> {
    stream::iter(parts.iter().map(|part| Ok(Bytes::copy_from_slice(part))).collect::<Vec<Item>>())
}

/// The same on disk and at a storage.
struct Stage {
    blobs: Blobs,
    _folder: TempDir,
    _server: Option<BucketServer>,
}

async fn at_a_bucket() -> (BucketServer, TempDir, Blobs) {
    let (server, folder) = (BucketServer::start().await, TempDir::new().unwrap());
    let blobs = Blobs::bucket(folder.path().join("blobs"), &server.settings()).await.unwrap();
    (server, folder, blobs)
}

async fn both() -> [Stage; 2] {
    let (folder, on_disk) = blobs().await;
    let (server, spool, at_bucket) = at_a_bucket().await;
    [
        Stage { blobs: on_disk, _folder: folder, _server: None },
        Stage { blobs: at_bucket, _folder: spool, _server: Some(server) },
    ]
}

async fn keys(blobs: &Blobs, kind: BlobKind) -> Vec<BlobKey> {
    blobs.list(kind).map(|found| found.unwrap().key).collect().await
}

async fn read(blobs: &Blobs, offset: u64) -> Vec<u8> {
    let mut content = Vec::new();
    blobs.read_at(&key(), offset).await.unwrap().read_to_end(&mut content).await.unwrap();
    content
}

#[tokio::test]
async fn an_upload_grows_is_finished_and_read_from_any_offset() {
    for stage in both().await {
        let blobs = &stage.blobs;
        blobs.create_partial(&key()).await.unwrap();
        assert!(matches!(blobs.create_partial(&key()).await, Err(BlobError::Exists(_))));
        let first = blobs.append(&key(), 0, 100, chunks(&[b"honey", b" "])).await.unwrap();
        assert_eq!(first, Appended { durable_offset: 6, end: StreamEnd::Complete });
        blobs.append(&key(), 6, 100, chunks(&[b"cake"])).await.unwrap();
        assert!(matches!(blobs.len(&key()).await, Err(BlobError::Missing(_))), "not whole yet");
        blobs.finish(&key(), 10).await.unwrap();
        // As after a crash right behind the rename.
        blobs.finish(&key(), 10).await.unwrap();
        assert_eq!(read(blobs, 0).await, b"honey cake");
        assert_eq!(read(blobs, 6).await, b"cake");
        assert_eq!(blobs.len(&key()).await.unwrap(), 10);
        assert_eq!(keys(blobs, BlobKind::Whole).await, vec![key()]);
        assert!(keys(blobs, BlobKind::Partial).await.is_empty());
        assert!(blobs.delete(BlobKind::Whole, &key()).await.unwrap());
        assert!(!blobs.delete(BlobKind::Whole, &key()).await.unwrap());
        assert!(matches!(blobs.read_at(&key(), 0).await, Err(BlobError::Missing(_))));
        assert!(matches!(blobs.finish(&key(), 10).await, Err(BlobError::Missing(_))));
        assert!(matches!(blobs.len(&key()).await, Err(BlobError::Missing(_))));
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_keeps_what_arrived() {
    let (_folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    let broken = stream::iter([Ok(Bytes::from_static(b"honey")), Err("connection reset".to_owned())]);
    let kept = blobs.append(&key(), 0, 100, broken).await.unwrap();
    assert_eq!(kept.durable_offset, 5);
    assert_eq!(kept.end, StreamEnd::Broken("connection reset".to_owned()));
    assert_eq!(blobs.partial_len(&key()).await.unwrap(), 5);
}

#[tokio::test]
async fn a_stream_longer_than_announced_is_stopped_before_the_limit() {
    let (_folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    let stopped = blobs.append(&key(), 0, 7, chunks(&[b"honey", b"cake"])).await.unwrap();
    assert_eq!(stopped, Appended { durable_offset: 5, end: StreamEnd::TooLong });
}

#[tokio::test]
async fn bytes_nobody_was_promised_are_cut_and_lost_bytes_are_told() {
    for stage in both().await {
        let blobs = &stage.blobs;
        blobs.create_partial(&key()).await.unwrap();
        blobs.append(&key(), 0, 100, chunks(&[b"honeyGARBAGE"])).await.unwrap();
        blobs.append(&key(), 5, 100, chunks(&[b"!??"])).await.unwrap();
        let refused = blobs.finish(&key(), 9).await.unwrap_err();
        assert!(matches!(refused, BlobError::Shorter { length: 8, offset: 9, .. }), "{refused}");
        blobs.finish(&key(), 6).await.unwrap();
        assert_eq!(read(blobs, 0).await, b"honey!");

        let other = BlobKey::parse("other").unwrap();
        blobs.create_partial(&other).await.unwrap();
        let refused = blobs.append(&other, 9, 100, chunks(&[b"x"])).await.unwrap_err();
        assert!(matches!(refused, BlobError::Shorter { length: 0, offset: 9, .. }), "{refused}");
    }
}

#[tokio::test]
async fn sixteen_mebibytes_are_durable_while_more_arrive() {
    let (_folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    let mut appender = blobs.open_append(&key(), 0).await.unwrap();
    let chunk = Bytes::from(vec![7_u8; 1024 * 1024]);
    let mut promised = Vec::new();
    for _ in 0..50 {
        promised.extend(appender.write(chunk.clone()).await.unwrap());
    }
    let mib = 1024 * 1024;
    assert_eq!(promised, vec![16 * mib, 32 * mib]);
    assert_eq!((appender.offset(), appender.durable_offset()), (50 * mib, 32 * mib));
    // Dropped without a sync, as when the process is killed: the promise still holds.
    drop(appender);
    let mut again = blobs.open_append(&key(), 32 * mib).await.unwrap();
    again.write(Bytes::from_static(b"end")).await.unwrap();
    assert_eq!(again.sync().await.unwrap(), 32 * mib + 3);
}

/// Keeps what it was shown.
struct Seen(Vec<u8>);

impl Witness for Seen {
    fn saw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

#[tokio::test]
async fn a_witness_sees_every_byte_in_order_however_it_is_cut() {
    for stage in both().await {
        let blobs = &stage.blobs;
        blobs.create_partial(&key()).await.unwrap();
        let all: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let locked = blobs.lock_partial(&key()).await.unwrap();
        let mut appender = locked.append_from(0, Seen(Vec::new())).await.unwrap();
        // Sizes on both sides of what is copied together and of what is written at once.
        let (mut rest, mut sizes) = (&all[..], [1, 300_000, 5, 8_192, 8_191, 70_000, 2].iter().cycle());
        while !rest.is_empty() {
            let (chunk, more) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            appender.write(Bytes::copy_from_slice(chunk)).await.unwrap();
            rest = more;
        }
        let (durable, seen, lock) = appender.finish().await.unwrap();
        assert!(matches!(blobs.open_append(&key(), 0).await, Err(BlobError::Busy(_))), "until it was written down");
        drop(lock);
        assert_eq!(durable, 3_000_000);
        assert_eq!(seen.0, all);
        blobs.finish(&key(), durable).await.unwrap();
        assert_eq!(read(blobs, 0).await, all);
    }
}

#[tokio::test]
async fn whoever_waited_for_a_file_that_was_finished_meanwhile_does_not_touch_it() {
    let (folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    blobs.append(&key(), 0, 100, chunks(&[b"honey cake"])).await.unwrap();
    let first = blobs.lock_partial(&key()).await.unwrap();
    let waiting = tokio::spawn({
        let blobs = blobs.clone();
        async move { blobs.open_append(&key(), 0).await.map(drop) }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    // What finishing does, under the lock.
    let name = key().as_str().to_owned();
    let path = |part: &str| folder.path().join("blobs").join(part).join(&name);
    std::fs::rename(path("partial"), path("whole")).unwrap();
    drop(first);
    assert!(matches!(waiting.await.unwrap(), Err(BlobError::Missing(_))));
    assert_eq!(read(&blobs, 0).await, b"honey cake");
}

#[tokio::test]
async fn two_requests_do_not_write_into_one_upload() {
    let (_folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    let first = blobs.open_append(&key(), 0).await.unwrap();
    assert!(matches!(blobs.open_append(&key(), 0).await, Err(BlobError::Busy(_))));
    assert!(matches!(blobs.finish(&key(), 0).await, Err(BlobError::Busy(_))));
    drop(first);
    blobs.open_append(&key(), 0).await.unwrap();
}

#[tokio::test]
async fn small_blobs_are_replaced_at_once_and_limited() {
    for stage in both().await {
        let blobs = &stage.blobs;
        let thumb = key().companion("thumb", 0).unwrap();
        assert_eq!(blobs.get_small(&thumb).await.unwrap(), None);
        blobs.put_small(&thumb, Bytes::from_static(b"old")).await.unwrap();
        blobs.put_small(&thumb, Bytes::from_static(b"new")).await.unwrap();
        assert_eq!(blobs.get_small(&thumb).await.unwrap().unwrap(), "new");
        assert_eq!(keys(blobs, BlobKind::Small).await, vec![thumb.clone()]);
        let big = Bytes::from(vec![0; SMALL_MAX_BYTES + 1]);
        assert!(matches!(blobs.put_small(&thumb, big).await, Err(BlobError::TooLong { .. })));
        assert!(blobs.delete(BlobKind::Small, &thumb).await.unwrap());
    }
}

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let (folder, blobs) = blobs().await;
    blobs.create_partial(&key()).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("blobs")), 0o700);
    assert_eq!(mode(&folder.path().join("blobs/partial")), 0o700);
    assert_eq!(mode(&folder.path().join("blobs/partial").join(key().as_str())), 0o600);
    let space = blobs.free_bytes().await.unwrap();
    assert!(space.free_bytes > 0 && space.free_bytes <= space.total_bytes);
}

#[test]
fn a_key_cannot_leave_its_folder() {
    for bad in ["", "..", "../x", "a/b", "A", "x.new", "a\0", &"x".repeat(101)] {
        assert!(BlobKey::parse(bad).is_err(), "{bad:?}");
    }
    assert_eq!(key().companion("thumb", 3).unwrap().as_str(), format!("{}-thumb-3", key()));
    assert!(key().companion("../x", 3).is_err());
}

/// One thing that happens to an upload.
#[derive(Debug, Clone)]
enum Step {
    /// Chunks arrive, then the stream ends, or breaks off.
    Send { chunks: Vec<Vec<u8>>, breaks: bool },
    /// The process is killed in the middle of writing these bytes; nothing was promised about them.
    KilledWhileWriting(Vec<u8>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..2000);
    let send = (prop::collection::vec(bytes(), 0..4), any::<bool>())
        .prop_map(|(chunks, breaks)| Step::Send { chunks, breaks });
    prop::collection::vec(prop_oneof![3 => send, 1 => bytes().prop_map(Step::KilledWhileWriting)], 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_the_file_is_exactly_what_was_promised(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_folder, blobs) = blobs().await;
            blobs.create_partial(&key()).await.unwrap();
            let mut expected: Vec<u8> = Vec::new();
            for step in steps {
                let offset = expected.len() as u64;
                match step {
                    Step::Send { chunks, breaks } => {
                        let mut items: Vec<Item> = chunks.iter().cloned().map(|chunk| Ok(chunk.into())).collect();
                        if breaks {
                            items.push(Err("gone".to_owned()));
                        }
                        let appended = blobs.append(&key(), offset, u64::MAX, stream::iter(items)).await.unwrap();
                        expected.extend(chunks.concat());
                        prop_assert_eq!(appended.durable_offset, expected.len() as u64);
                        prop_assert_eq!(appended.end == StreamEnd::Complete, !breaks);
                    }
                    Step::KilledWhileWriting(bytes) => {
                        let mut appender = blobs.open_append(&key(), offset).await.unwrap();
                        appender.write(bytes.into()).await.unwrap();
                        drop(appender);
                    }
                }
            }
            blobs.finish(&key(), expected.len() as u64).await.unwrap();
            prop_assert_eq!(read(&blobs, 0).await, expected);
            Ok(())
        })?;
    }
}
