#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test says what it expects by failing"
)]

use std::sync::Arc;

use futures::stream;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::testing::bucket::BucketServer;

fn key() -> BlobKey {
    BlobKey::of(Uuid::from_u128(7))
}

/// Bytes that repeat late enough for a swapped part to show.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

async fn stage() -> (BucketServer, TempDir, Arc<Blobs>) {
    let (server, folder) = (BucketServer::start().await, TempDir::new().unwrap());
    let blobs = Blobs::bucket(folder.path().join("blobs"), &server.settings()).await.unwrap();
    (server, folder, Arc::new(blobs))
}

async fn uploaded(blobs: &Blobs, content: &[u8]) {
    blobs.create_partial(&key()).await.unwrap();
    let chunks: Vec<std::result::Result<Bytes, String>> =
        content.chunks(300_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    blobs.append(&key(), 0, u64::MAX, stream::iter(chunks)).await.unwrap();
}

async fn read(blobs: &Blobs, offset: u64) -> Vec<u8> {
    let mut content = Vec::new();
    blobs.read_at(&key(), offset).await.unwrap().read_to_end(&mut content).await.unwrap();
    content
}

/// Files in a folder and below.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn object(server: &BucketServer) -> PathBuf {
    server.objects().join("of/this-test/whole").join(key().as_str())
}

const PARTS_3: usize = 12 * 1024 * 1024 + 345;

#[tokio::test]
async fn a_large_file_goes_in_parts_is_read_back_and_is_gone_here() {
    let (server, folder, blobs) = stage().await;
    let content = bytes(PARTS_3);
    uploaded(&blobs, &content).await;
    blobs.finish(&key(), content.len() as u64).await.unwrap();
    assert!(files(folder.path()).is_empty(), "nothing stays here");
    assert_eq!(std::fs::read(object(&server)).unwrap(), content);
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|line| line.contains("partNumber=")).count(), 3, "{requests:?}");
    assert!(requests.iter().filter(|line| line.starts_with("GET")).count() >= 12, "read back: {requests:?}");
    for offset in [0, 1, 1_048_575, 1_048_576, 5_242_881, PARTS_3 - 1, PARTS_3] {
        assert_eq!(read(&blobs, offset as u64).await, &content[offset..], "from {offset}");
    }
    assert_eq!(blobs.len(&key()).await.unwrap(), PARTS_3 as u64);
    assert!(blobs.delete(BlobKind::Whole, &key()).await.unwrap());
    assert!(!object(&server).exists());
    assert!(!blobs.delete(BlobKind::Whole, &key()).await.unwrap());
}

#[tokio::test]
async fn a_file_of_whole_parts_and_an_empty_one_arrive_too() {
    let (server, _folder, blobs) = stage().await;
    for length in [0, 1, 5 * 1024 * 1024, 10 * 1024 * 1024] {
        let content = bytes(length);
        uploaded(&blobs, &content).await;
        blobs.finish(&key(), length as u64).await.unwrap();
        assert_eq!(read(&blobs, 0).await, content);
        assert_eq!(std::fs::read(object(&server)).unwrap().len(), length);
        assert!(blobs.delete(BlobKind::Whole, &key()).await.unwrap());
    }
}

/// Ends a move while a request of this kind is under way, as a killed process does, and finishes again.
async fn killed_at(request: &str) {
    let (server, folder, blobs) = stage().await;
    let content = bytes(PARTS_3);
    uploaded(&blobs, &content).await;
    server.hold(request);
    let moving = tokio::spawn({
        let blobs = Arc::clone(&blobs);
        async move { blobs.finish(&key(), PARTS_3 as u64).await }
    });
    server.holding().await;
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
    server.at_rest().await;
    server.let_go();
    let (left, at_first) = (server.requests(), files(server.folder()).len());
    server.forget_requests();

    // A new process knows nothing but the folder.
    let again = Blobs::bucket(folder.path().join("blobs"), &server.settings()).await.unwrap();
    assert_eq!(read(&again, 5).await, &content[5..], "readable at every moment");
    again.finish(&key(), PARTS_3 as u64).await.unwrap();
    again.finish(&key(), PARTS_3 as u64).await.unwrap();
    assert_eq!(std::fs::read(object(&server)).unwrap(), content);
    assert!(files(folder.path()).is_empty(), "{request}");
    // What was begun and not completed was given up: nothing of it lies at the server any more.
    let half = left.iter().any(|line| line.contains("partNumber=")) && !left.iter().any(|line| line.starts_with("GET"));
    if half {
        assert!(
            server.requests().iter().any(|line| line.starts_with("DELETE") && line.contains("uploadId=")),
            "{request}: {:?}",
            server.requests()
        );
    }
    let lying: Vec<PathBuf> =
        files(server.folder()).into_iter().filter(|path| path.to_string_lossy().contains("upload_id")).collect();
    assert!(lying.is_empty(), "{request}: {lying:?} of {at_first}");
}

#[tokio::test]
async fn a_move_that_is_killed_at_any_point_is_done_again_and_leaves_no_half() {
    for request in [
        "partNumber=1&",
        "partNumber=3&",
        "POST /media/of/this-test/whole/00000000-0000-0000-0000-000000000007?uploadId",
        "GET ",
    ] {
        killed_at(request).await;
    }
}

#[tokio::test]
async fn a_file_that_is_deleted_on_its_way_leaves_no_half_also_when_the_storage_was_away() {
    let (server, folder, blobs) = stage().await;
    uploaded(&blobs, &bytes(PARTS_3)).await;
    server.hold("partNumber=2&");
    let moving = tokio::spawn({
        let blobs = Arc::clone(&blobs);
        async move { blobs.finish(&key(), PARTS_3 as u64).await }
    });
    server.holding().await;
    moving.abort();
    drop(moving.await);
    server.let_go();
    assert_eq!(blobs.end_left_moves().await.unwrap(), 0, "its file is here");
    // As a version did that deleted the file first and was killed then.
    std::fs::remove_file(blobs.path(&key())).unwrap();
    server.forget_requests();
    assert_eq!(blobs.end_left_moves().await.unwrap(), 1);
    assert!(server.requests().iter().any(|line| line.starts_with("DELETE") && line.contains("uploadId=")));
    assert!(files(folder.path()).is_empty());
    assert_eq!(blobs.end_left_moves().await.unwrap(), 0);
}

#[tokio::test]
async fn other_bytes_at_the_storage_are_noticed_before_ours_go() {
    let (server, folder, blobs) = stage().await;
    let content = bytes(3_000_000);
    uploaded(&blobs, &content).await;
    server.hold("GET ");
    let moving = tokio::spawn({
        let blobs = Arc::clone(&blobs);
        async move { blobs.finish(&key(), 3_000_000).await }
    });
    server.holding().await;
    moving.abort();
    drop(moving.await);
    // The storage lies about what it was given: held before it is read back, another one puts other bytes there.
    server.let_go();
    server.hold("HEAD ");
    let moving = tokio::spawn({
        let blobs = Arc::clone(&blobs);
        async move { blobs.finish(&key(), 3_000_000).await }
    });
    server.holding().await;
    let mut altered = content.clone();
    altered[1_500_000] ^= 1;
    std::fs::write(object(&server), altered).unwrap();
    server.let_go();
    moving.abort();
    drop(moving.await);
    let here = folder.path().join("blobs/whole").join(key().as_str());
    assert_eq!(std::fs::read(here).unwrap(), content);
    blobs.finish(&key(), 3_000_000).await.unwrap();
    assert_eq!(std::fs::read(object(&server)).unwrap(), content);
}

#[tokio::test]
async fn a_process_that_died_after_the_end_of_a_move_and_before_its_note_was_gone_stops_nothing() {
    for there in [true, false] {
        let (server, folder, blobs) = stage().await;
        let content = bytes(6_000_000);
        uploaded(&blobs, &content).await;
        blobs.close(&key(), 6_000_000).await.unwrap();
        // The storage of these tests says "denied" for what it does not know, and may have been ended in the middle of it itself.
        std::fs::write(folder.path().join("blobs/moves").join(key().as_str()), Uuid::from_u128(77).to_string())
            .unwrap();
        if there {
            std::fs::create_dir_all(object(&server).parent().unwrap()).unwrap();
            std::fs::write(object(&server), &content).unwrap();
        }
        blobs.deliver(&key()).await.unwrap();
        assert_eq!(std::fs::read(object(&server)).unwrap(), content);
        assert!(files(folder.path()).is_empty());
        let left: Vec<_> =
            files(&server.objects()).into_iter().filter(|it| it.to_string_lossy().contains("check")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_copy_for_a_program_lies_in_the_jobs_folder_and_goes_with_its_reader() {
    let (_server, folder, blobs) = stage().await;
    let content = bytes(2_500_000);
    uploaded(&blobs, &content).await;
    blobs.close(&key(), 2_500_000).await.unwrap();
    let job = Uuid::from_u128(99);
    let still_here = blobs.local(&key(), job).await.unwrap();
    assert_eq!(still_here.path(), blobs.path(&key()), "not fetched while it lies here");
    drop(still_here);
    blobs.deliver(&key()).await.unwrap();
    let copy = blobs.local(&key(), job).await.unwrap();
    assert!(copy.path().starts_with(blobs.workshop(job)));
    assert_eq!(std::fs::read(copy.path()).unwrap(), content);
    // What killed processes leave: a copy without its lock, and the work of a job that is begun anew.
    let (left, work) = (blobs.workshop(Uuid::from_u128(100)), blobs.workshop(Uuid::from_u128(101)));
    std::fs::create_dir_all(&left).unwrap();
    std::fs::create_dir_all(&work).unwrap();
    std::fs::write(left.join(key().as_str()), b"half").unwrap();
    std::fs::write(work.join("out.mp4"), b"half").unwrap();
    assert_eq!(blobs.remove_left_copies().await.unwrap(), 1);
    assert!(!left.exists() && work.exists() && copy.path().exists(), "only what nobody holds");
    std::fs::remove_dir_all(work).unwrap();
    drop(copy);
    while blobs.workshop(job).exists() {
        tokio::task::yield_now().await;
    }
    assert!(files(folder.path()).is_empty());
    let none = BlobKey::of(Uuid::from_u128(8));
    assert!(matches!(blobs.local(&none, job).await, Err(BlobError::Missing(_))));
}

#[tokio::test]
async fn what_lies_in_the_folder_from_before_is_used_and_can_follow() {
    let (server, folder, blobs) = stage().await;
    let before = Blobs::disk(folder.path().join("blobs")).await.unwrap();
    let content = bytes(70_000);
    uploaded(&before, &content).await;
    before.finish(&key(), 70_000).await.unwrap();
    let thumb = key().companion("thumb", 0).unwrap();
    before.put_small(&thumb, Bytes::from_static(b"old")).await.unwrap();
    assert_eq!(read(&blobs, 0).await, content);
    assert_eq!(blobs.get_small(&thumb).await.unwrap().unwrap(), "old");
    blobs.put_small(&thumb, Bytes::from_static(b"new")).await.unwrap();
    assert_eq!(blobs.get_small(&thumb).await.unwrap().unwrap(), "new");
    blobs.deliver(&key()).await.unwrap();
    assert_eq!(std::fs::read(object(&server)).unwrap(), content);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn everything_can_move_to_the_storage_and_back() {
    let (server, folder, blobs) = stage().await;
    let before = Blobs::disk(folder.path().join("blobs")).await.unwrap();
    let content = bytes(6_000_000);
    uploaded(&before, &content).await;
    before.finish(&key(), 6_000_000).await.unwrap();
    let thumb = key().companion("thumb", 0).unwrap();
    before.put_small(&thumb, Bytes::from_static(b"jpeg")).await.unwrap();
    for _ in 0..2 {
        blobs.send(BlobKind::Whole, &key()).await.unwrap();
        blobs.send(BlobKind::Small, &thumb).await.unwrap();
    }
    assert!(files(folder.path()).is_empty());
    assert_eq!(files(&server.objects()).len(), 2);
    // As a move leaves it that was broken off.
    blobs.create_partial(&key()).await.unwrap();
    blobs.append(&key(), 0, 100, stream::iter([Ok::<_, String>(Bytes::from_static(b"half"))])).await.unwrap();
    blobs.fetch(BlobKind::Whole, &key()).await.unwrap();
    blobs.fetch(BlobKind::Small, &thumb).await.unwrap();
    assert!(files(&server.objects()).is_empty());
    assert_eq!(read(&before, 0).await, content);
    assert_eq!(before.get_small(&thumb).await.unwrap().unwrap(), "jpeg");
}

#[tokio::test]
async fn a_list_goes_through_more_than_one_page_and_leaves_out_what_is_not_ours() {
    let (server, _folder, blobs) = stage().await;
    let small = server.objects().join("of/this-test/small");
    std::fs::create_dir_all(&small).unwrap();
    for n in 0..1_203 {
        std::fs::write(small.join(format!("key-{n:04}")), b"1").unwrap();
    }
    std::fs::write(small.join("Not.A.Key"), b"1").unwrap();
    let found: Vec<Stored> = blobs.list(BlobKind::Small).map(std::result::Result::unwrap).collect().await;
    assert_eq!(found.len(), 1_203);
    assert!(found.iter().all(|it| it.size_bytes == 1 && it.changed_at_s > 1_700_000_000));
}

async fn refused(change: impl FnOnce(&mut BucketSettings)) -> String {
    let server = BucketServer::start().await;
    let folder = TempDir::new().unwrap();
    let mut settings = server.settings();
    change(&mut settings);
    let blobs = Blobs::bucket(folder.path(), &settings).await.unwrap();
    let error = blobs.check(Uuid::from_u128(1)).await.unwrap_err();
    assert!(blobs.reach().await.is_err());
    let words = error.to_string();
    assert!(!words.contains("canary"), "{words}");
    words
}

#[tokio::test]
async fn wrong_settings_are_told_with_what_to_do() {
    let words = refused(|it| it.secret = SecretString::from("canary-but-wrong")).await;
    assert!(words.contains("refuses the key (SignatureDoesNotMatch)"), "{words}");
    let words = refused(|it| it.key_id = "somebody".to_owned()).await;
    assert!(words.contains("refuses the key"), "{words}");
    let words = refused(|it| it.bucket = "elsewhere".to_owned()).await;
    assert!(words.contains("no such bucket"), "{words}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let words = refused(|it| it.endpoint = Url::parse(&format!("http://{closed}")).unwrap()).await;
    assert!(words.contains("does not answer (no connection)"), "{words}");
}

#[tokio::test]
async fn a_bucket_that_is_away_is_not_taken_for_missing_files() {
    let (server, _folder, blobs) = stage().await;
    uploaded(&blobs, b"honey cake").await;
    blobs.finish(&key(), 10).await.unwrap();
    std::fs::rename(server.objects(), server.folder().join("away")).unwrap();
    let gone = |error: BlobError| matches!(error, BlobError::Bucket { trouble: BucketTrouble::NoBucket, .. });
    assert!(gone(blobs.read_at(&key(), 0).await.unwrap_err()));
    assert!(gone(blobs.len(&key()).await.unwrap_err()));
    assert!(gone(blobs.delete(BlobKind::Whole, &key()).await.unwrap_err()));
    assert!(gone(blobs.get_small(&key()).await.unwrap_err()));
}

#[tokio::test]
async fn the_check_leaves_nothing_behind() {
    let (server, _folder, blobs) = stage().await;
    let facts = blobs.check(Uuid::from_u128(5)).await.unwrap().unwrap();
    assert!(!facts.keeps_versions);
    blobs.reach().await.unwrap();
    assert!(files(&server.objects()).is_empty());
}
