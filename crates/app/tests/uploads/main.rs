//! Uploads as people meet them: lost connections, restarts, two windows, full disks. Real databases, real files, real clocks moved
//! by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]

mod storage;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::media::pictures::{Picture, STRIP_FRAMES};
use app::uploads::Assembly;
use app::{Actor, App, AppParts, Clock, Error, Settings, SystemClock, SystemRandom};
use bytes::Bytes;
use domain::id::SessionId;
use domain::media::{Container, MediaOutcome, ThumbnailState};
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use futures::{Stream, StreamExt as _, stream};
use store::blobs::{BlobKind, Blobs};
use store::testing::bucket::BucketServer;
use store::testing::{START, Seed, TestStore, engines};
use tokio::io::AsyncReadExt as _;

/// A clock that a test moves.
#[derive(Debug, Default)]
struct HandClock {
    ms: AtomicI64,
}

impl HandClock {
    fn forward(&self, by: Duration) {
        self.ms.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        START.plus_millis(self.ms.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.ms.load(Ordering::Relaxed)).unwrap())
    }

    fn sleep_until(&self, _at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// One instance over a test's store and folder; starting it again is a restart.
struct Instance {
    app: Arc<App>,
    clock: Arc<HandClock>,
    actor: Actor,
    folder: std::path::PathBuf,
}

impl Instance {
    async fn start(test: &TestStore, seed: Seed, change: impl FnOnce(&mut Settings)) -> Self {
        let blobs = Blobs::disk(test.folder().join("blobs")).await.unwrap();
        Self::over(blobs, test, seed, change)
    }

    /// The same with files at a storage.
    async fn at(server: &BucketServer, test: &TestStore, seed: Seed) -> Self {
        let blobs = Blobs::bucket(test.folder().join("blobs"), &server.settings()).await.unwrap();
        Self::over(blobs, test, seed, with_ffmpeg)
    }

    fn over(blobs: Blobs, test: &TestStore, seed: Seed, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(url::Url::parse("http://127.0.0.1:8080/").unwrap());
        settings.disk_reserve_bytes = Some(0);
        change(&mut settings);
        let credentials =
            tiktok::AppCredentials { client_key: "unused".to_owned(), client_secret: "unused".to_owned().into() };
        let client =
            tiktok::Client::new(credentials, tiktok::Endpoints::production(), tiktok::HttpOptions::default()).unwrap();
        let clock = Arc::new(HandClock::default());
        let folder = test.folder().join("blobs");
        let app = App::new(AppParts {
            exports: store::export::folder::ExportFolder::of(&folder),
            marks: app::erasure::Marks::default(),
            store: test.store().clone(),
            keys: test.keys(),
            journal: store::journal::Journal::memory(),
            blobs,
            tiktok: client,
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            settings,
        });
        let actor = Actor {
            user_id: seed.user,
            workspace_id: seed.workspace,
            session_id: SessionId::from_uuid(uuid::Uuid::from_u128(1)),
            display_name: "Baker".to_owned(),
            locale: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            theme: "system".to_owned(),
        };
        Self { app, clock, actor, folder }
    }

    /// Files of a kind on disk.
    fn files(&self, kind: &str) -> usize {
        std::fs::read_dir(self.folder.join(kind)).unwrap().count()
    }

    /// Files are of this moment, and the clock of these stories began long ago.
    fn to_the_day_after_tomorrow(&self) {
        let ahead = SystemClock::new().now().millis() - self.app.now().millis() + 2 * 86_400_000;
        self.clock.forward(Duration::from_millis(u64::try_from(ahead).unwrap()));
    }

    async fn whole(&self, id: domain::id::MediaId) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut opened = self.app.media_bytes(&self.actor, id, 0).await.unwrap();
        opened.file.read_to_end(&mut bytes).await.unwrap();
        bytes
    }
}

/// Runs a story on every database of this machine.
async fn on_every_engine<F, R>(story: F)
where
    F: Fn(Arc<TestStore>, Seed) -> R,
    R: Future<Output = ()>,
{
    for test in engines().await {
        let seed = Seed::write(&test).await;
        story(Arc::new(test), seed).await;
    }
}

fn plain(_: &mut Settings) {}

fn with_ffmpeg(settings: &mut Settings) {
    settings.ffmpeg = Some("/usr/bin/ffmpeg".into());
    settings.isolation = app::media::tools::Isolation::Off;
}

fn chunks(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Unpin + 'static {
    let chunks: Vec<_> = bytes.chunks(64 * 1024).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks)
}

/// Sends some bytes and then falls silent without ending.
fn hanging(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Unpin + 'static {
    chunks(bytes).chain(stream::pending())
}

/// Sends some bytes and then breaks off.
fn breaking(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Unpin + 'static {
    chunks(bytes).chain(stream::iter([Err(std::io::Error::other("connection reset"))]))
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Four seconds of an upright video, drawn by ffmpeg; `None` without it.
fn video(folder: &Path) -> Option<Vec<u8>> {
    let path = folder.join("drawn.mp4");
    let drawn = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=360x640:rate=30:duration=4"])
        .args(["-c:v", "libx264", "-preset", "ultrafast"])
        .arg(&path)
        .status();
    match drawn {
        Ok(status) => {
            assert!(status.success(), "ffmpeg could not draw the video");
            Some(std::fs::read(path).unwrap())
        }
        Err(_) => {
            eprintln!("ffmpeg is not installed: the stories that need a real video are not told");
            None
        }
    }
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Conflict { code } | Error::BadInput { code } | Error::Limit { code } => code,
        Error::NotFound { what } => what,
        Error::DiskReserve => "disk-reserve",
        other => panic!("unexpected: {other}"),
    }
}

#[tokio::test]
async fn a_video_that_is_uploaded_is_in_the_library_measured_and_judged() {
    on_every_engine(|test, seed| async move {
        let Some(video) = video(test.folder()) else { return };
        let it = Instance::start(&test, seed, plain).await;
        let length = u64::try_from(video.len()).unwrap();
        let upload = it.app.upload_create(&it.actor, "C:\\films\\Торт\u{7}.mp4", length).await.unwrap();
        assert_eq!(upload.file_name, "Торт.mp4");
        let half = video.len() / 2;
        let first = it.app.upload_append(&it.actor, upload.id, 0, chunks(&video[..half])).await.unwrap();
        assert_eq!((first.offset_bytes, first.media_id), (u64::try_from(half).unwrap(), None));
        let last =
            it.app.upload_append(&it.actor, upload.id, first.offset_bytes, chunks(&video[half..])).await.unwrap();
        let media = it.app.media(&it.actor, last.media_id.expect("finished")).await.unwrap();
        assert_eq!(media.sha256, sha256(&video));
        assert_eq!(media.verdict.outcome, MediaOutcome::Accept, "{:?}", media.verdict);
        let facts = media.video().cloned().expect("measured");
        assert_eq!((facts.container, facts.width_px, facts.height_px), (Container::Mp4, 360, 640));
        assert_eq!(it.whole(media.id).await, video);
        assert_eq!(it.app.uploads_open(&it.actor).await.unwrap(), vec![]);
        assert_eq!((it.files("partial"), it.files("whole")), (0, 1));
        // A sender that did not hear the answer asks again.
        let again = it.app.upload_progress(&it.actor, upload.id).await.unwrap();
        assert_eq!((again.offset_bytes, again.media_id), (length, Some(media.id)));
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_lost_keeps_every_byte_that_arrived() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let file = noise(300_000);
        let upload = it.app.upload_create(&it.actor, "a.mp4", 300_000).await.unwrap();
        let kept = it.app.upload_append(&it.actor, upload.id, 0, breaking(&file[..123_456])).await.unwrap();
        assert_eq!(kept.offset_bytes, 123_456);
        let wrong = it.app.upload_append(&it.actor, upload.id, 100_000, chunks(&file[100_000..])).await.unwrap_err();
        assert_eq!(code(&wrong), "upload-offset");
        let done = it.app.upload_append(&it.actor, upload.id, 123_456, chunks(&file[123_456..])).await.unwrap();
        let media = it.app.media(&it.actor, done.media_id.expect("finished")).await.unwrap();
        assert_eq!(media.sha256, sha256(&file));
        assert_eq!(media.verdict.outcome, MediaOutcome::Reject, "noise is no video");
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing_and_a_silent_sender_makes_room() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let file = noise(200_000);
        let upload = it.app.upload_create(&it.actor, "a.mp4", 200_000).await.unwrap();
        let request = it.app.upload_append(&it.actor, upload.id, 0, hanging(&file[..150_000]));
        // The server drops a request's future when its connection breaks.
        assert!(tokio::time::timeout(Duration::from_millis(300), request).await.is_err());
        let busy = it.app.upload_append(&it.actor, upload.id, 0, chunks(&file)).await.unwrap_err();
        assert_eq!(code(&busy), "upload-locked");
        it.clock.forward(Duration::from_secs(3));
        let kept = it.app.upload_progress(&it.actor, upload.id).await.unwrap();
        assert_eq!(kept.offset_bytes, 150_000);
        let done = it.app.upload_append(&it.actor, upload.id, 150_000, chunks(&file[150_000..])).await.unwrap();
        assert_eq!(it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap().sha256, sha256(&file));
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_an_upload_goes_on_and_its_hash_is_computed_anew() {
    on_every_engine(|test, seed| async move {
        let file = noise(400_000);
        let upload = {
            let before = Instance::start(&test, seed, plain).await;
            let upload = before.app.upload_create(&before.actor, "a.mp4", 400_000).await.unwrap();
            before.app.upload_append(&before.actor, upload.id, 0, breaking(&file[..250_000])).await.unwrap();
            upload
        };
        // Bytes that a killed process wrote but nobody promised.
        let partial = test.folder().join("blobs/partial").join(upload.id.to_string());
        let mut bytes = std::fs::read(&partial).unwrap();
        bytes.extend(b"written, never promised");
        std::fs::write(&partial, bytes).unwrap();

        let after = Instance::start(&test, seed, plain).await;
        assert_eq!(after.app.uploads_recover().await.unwrap().orphans, 0);
        let open = after.app.uploads_open(&after.actor).await.unwrap();
        assert_eq!(open.iter().map(|upload| upload.offset_bytes).collect::<Vec<_>>(), [250_000]);
        let done = after.app.upload_append(&after.actor, upload.id, 250_000, chunks(&file[250_000..])).await.unwrap();
        let media = after.app.media(&after.actor, done.media_id.unwrap()).await.unwrap();
        assert_eq!(media.sha256, sha256(&file));
        let second = test.store().media_blake3(&media.blob_key, &media.sha256, media.size_bytes).await.unwrap();
        assert_eq!(second, Some(blake3::hash(&file).to_string()), "of the same bytes, also after a restart");
        assert_eq!(after.whole(media.id).await, file);
    })
    .await;
}

#[tokio::test]
async fn parts_that_a_crash_kept_from_each_other_are_put_together_at_the_next_start() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let file = noise(900_000);
        let (one, two) = file.split_at(500_000);
        let mut parts = Vec::new();
        for bytes in [one, two] {
            let length = u64::try_from(bytes.len()).unwrap();
            let part = it.app.upload_create_part(&it.actor, "", length).await.unwrap();
            it.app.upload_append(&it.actor, part.id, 0, chunks(bytes)).await.unwrap();
            parts.push(part.id);
        }
        // What a crash in the middle leaves: the row of the sum, and some of its bytes.
        let id = domain::id::UploadId::from_uuid(uuid::Uuid::from_u128(77));
        let mut tx = it.app.store.begin().await.unwrap();
        tx.upload_insert(&store::upload::Upload {
            id,
            workspace_id: it.actor.workspace_id,
            user_id: it.actor.user_id,
            file_name: "whole.mp4".to_owned(),
            length_bytes: 900_000,
            offset_bytes: 0,
            state: store::upload::UploadState::Open,
            media_id: None,
            created_at: START,
            updated_at: START,
            expires_at: START.plus_seconds(3600),
            assembly: Assembly::Final(parts.clone()),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let key = store::blobs::BlobKey::of(id.uuid());
        it.app.blobs.create_partial(&key).await.unwrap();
        it.app.blobs.append(&key, 0, 900_000, breaking(&file[..123_456])).await.unwrap();

        // A node with another folder has none of the parts, and leaves them to the one that has.
        let elsewhere = Blobs::disk(test.folder().join("another-node")).await.unwrap();
        let other = Instance::over(elsewhere, &test, seed, plain);
        assert_eq!(other.app.uploads_recover().await.unwrap().finished, 0);
        assert_eq!(std::fs::read_dir(test.folder().join("another-node/partial")).unwrap().count(), 0);

        let after = Instance::start(&test, seed, plain).await;
        assert_eq!(after.app.uploads_recover().await.unwrap().finished, 1);
        let told = after.app.upload_progress(&after.actor, id).await.unwrap();
        let media = after.app.media(&after.actor, told.media_id.unwrap()).await.unwrap();
        assert_eq!((media.sha256.as_str(), media.file_name.as_str()), (sha256(&file).as_str(), "whole.mp4"));
        assert_eq!(after.whole(media.id).await, file);
        assert_eq!((after.files("partial"), after.files("whole")), (0, 1), "the parts are gone");
        for part in parts {
            assert_eq!(code(&after.app.upload_progress(&after.actor, part).await.unwrap_err()), "upload");
        }
        // A node that listed it before and comes to it only now takes nothing away.
        other.app.uploads_recover().await.unwrap();
        assert_eq!(after.whole(media.id).await, file);
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_the_last_byte_and_the_library_is_made_up_for() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let file = noise(70_000);
        let upload = it.app.upload_create(&it.actor, "a.mp4", 70_000).await.unwrap();
        // What a crash after the last sync leaves: all bytes durable, the row knows it, no file in the library.
        let key = store::blobs::BlobKey::of(upload.id.uuid());
        it.app.blobs.append(&key, 0, 70_000, chunks(&file)).await.unwrap();
        let mut tx = it.app.store.begin().await.unwrap();
        tx.upload_advance(upload.id, 70_000, START, START.plus_seconds(3600)).await.unwrap();
        tx.commit().await.unwrap();
        // Once with the bytes still partial, and as it would be had the crash come right after they were renamed.
        it.app.blobs.finish(&key, 70_000).await.unwrap();

        let after = Instance::start(&test, seed, plain).await;
        let swept = after.app.uploads_recover().await.unwrap();
        assert_eq!((swept.finished, swept.orphans), (1, 0));
        let told = after.app.upload_progress(&after.actor, upload.id).await.unwrap();
        let media = after.app.media(&after.actor, told.media_id.unwrap()).await.unwrap();
        assert_eq!(media.sha256, sha256(&file));
    })
    .await;
}

#[tokio::test]
async fn files_that_belong_to_nothing_are_swept_and_strangers_files_are_left_alone() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 10).await.unwrap();
        let orphan = store::blobs::BlobKey::of(uuid::Uuid::from_u128(99));
        it.app.blobs.create_partial(&orphan).await.unwrap();
        it.app.blobs.put_small(&orphan.companion("thumb", 0).unwrap(), Bytes::from_static(b"jpeg")).await.unwrap();
        std::fs::write(it.folder.join("whole/notes-of-the-operator"), b"keep").unwrap();
        // A file that is only just being made: its row comes a moment later.
        let young = uuid::Builder::from_unix_timestamp_millis(u64::try_from(START.millis()).unwrap(), &[7; 10]);
        let young = store::blobs::BlobKey::of(young.into_uuid());
        it.app.blobs.create_partial(&young).await.unwrap();
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 2);
        assert_eq!((it.files("partial"), it.files("whole"), it.files("small")), (2, 1, 0));
        it.clock.forward(Duration::from_secs(601));
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 1);
        let progress = it.app.upload_progress(&it.actor, upload.id).await.unwrap();
        assert_eq!(progress.offset_bytes, 0);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_knows_none_of_the_files_takes_none_with_it() {
    on_every_engine(|test, seed| async move {
        let server = BucketServer::start().await;
        let on_disk = Instance::start(&test, seed, plain).await;
        let at_a_storage = Instance::at(&server, &test, seed).await;
        for it in [on_disk, at_a_storage] {
            for n in 0..11_u128 {
                let key = store::blobs::BlobKey::of(uuid::Uuid::from_u128(1_000 + n));
                it.app.blobs.create_partial(&key).await.unwrap();
                it.app.blobs.finish(&key, 0).await.unwrap();
                it.app.blobs.put_small(&key.companion("thumb", 0).unwrap(), Bytes::from_static(b"jpeg")).await.unwrap();
            }
            it.to_the_day_after_tomorrow();
            assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 0);
            assert_eq!(it.app.blobs.list(BlobKind::Whole).count().await, 11);
            // One less may be a deletion that a crash came into.
            let key = store::blobs::BlobKey::of(uuid::Uuid::from_u128(1_000));
            it.app.blobs.delete(BlobKind::Whole, &key).await.unwrap();
            assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 21);
            assert_eq!(it.app.blobs.list(BlobKind::Whole).count().await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn pp_6_4_an_upload_that_nobody_continues_is_given_up_with_its_bytes() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 1_000).await.unwrap();
        it.app.upload_append(&it.actor, upload.id, 0, chunks(&noise(500))).await.unwrap();
        it.clock.forward(Duration::from_secs(23 * 3600));
        assert_eq!(it.app.uploads_expire().await.unwrap(), 0);
        it.clock.forward(Duration::from_secs(2 * 3600));
        assert_eq!(it.app.uploads_expire().await.unwrap(), 1);
        assert_eq!(it.files("partial"), 0);
        let gone = it.app.upload_progress(&it.actor, upload.id).await.unwrap_err();
        assert_eq!(code(&gone), "upload");
    })
    .await;
}

#[tokio::test]
async fn an_upload_whose_bytes_are_all_here_waits_for_the_storage_beyond_its_time() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 1_000).await.unwrap();
        let key = store::blobs::BlobKey::of(upload.id.uuid());
        it.app.blobs.append(&key, 0, 1_000, chunks(&noise(1_000))).await.unwrap();
        let mut tx = test.store().begin().await.unwrap();
        assert!(tx.upload_advance(upload.id, 1_000, START, START.plus_seconds(3_600)).await.unwrap());
        tx.commit().await.unwrap();
        let day = Duration::from_secs(86_400);
        it.clock.forward(day * 30);
        assert_eq!(it.app.uploads_expire().await.unwrap(), 0);
        assert_eq!(it.app.uploads_open(&it.actor).await.unwrap().len(), 1);
        // Not for ever: what cannot be finished for a month never will be.
        it.clock.forward(day);
        assert_eq!(it.app.uploads_expire().await.unwrap(), 1);
        assert_eq!(it.files("partial"), 0);
    })
    .await;
}

#[tokio::test]
async fn limits_are_told_before_a_byte_is_taken() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, |settings| {
            settings.open_uploads_max = 2;
            settings.media_quota_bytes = 10_000;
        })
        .await;
        let create = |length| it.app.upload_create(&it.actor, "a.mp4", length);
        assert_eq!(code(&create(0).await.unwrap_err()), "upload-empty");
        assert_eq!(code(&create(4_000_000_001).await.unwrap_err()), "upload-too-large");
        assert_eq!(code(&create(u64::MAX).await.unwrap_err()), "upload-too-large");
        // The seed's own file has 1,000 bytes.
        assert_eq!(code(&create(9_001).await.unwrap_err()), "upload-quota");
        create(5_000).await.unwrap();
        assert_eq!(code(&create(5_000).await.unwrap_err()), "upload-quota");
        create(1_000).await.unwrap();
        assert_eq!(code(&create(1_000).await.unwrap_err()), "upload-too-many");
        assert_eq!(it.files("partial"), 2, "refused uploads leave nothing");
    })
    .await;
}

#[tokio::test]
async fn uploads_that_begin_at_one_instant_stay_within_the_limits_together() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, |settings| {
            settings.open_uploads_max = 100;
            settings.media_quota_bytes = 10_000;
        })
        .await;
        let all = futures::future::join_all((0..12).map(|_| it.app.upload_create(&it.actor, "a.mp4", 2_500))).await;
        // The seed's own file has 1,000 bytes.
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 3);
        assert!(all.iter().filter_map(|one| one.as_ref().err()).all(|error| code(error) == "upload-quota"));
        assert_eq!(it.files("partial"), 3);
    })
    .await;
}

#[tokio::test]
async fn a_disk_below_its_reserve_takes_no_upload() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, |settings| settings.disk_reserve_bytes = Some(u64::MAX)).await;
        let refused = it.app.upload_create(&it.actor, "a.mp4", 1).await.unwrap_err();
        assert_eq!(code(&refused), "disk-reserve");
        assert_eq!(it.files("partial"), 0);
    })
    .await;
}

#[tokio::test]
async fn more_bytes_than_declared_are_refused_and_the_declared_ones_are_the_file() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 1_000).await.unwrap();
        let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(&noise(1_500))).await.unwrap();
        let media = it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap();
        assert_eq!((media.size_bytes, media.sha256), (1_000, sha256(&noise(1_000))));
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_cancelled_is_gone_also_while_bytes_arrive() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 1_000_000).await.unwrap();
        let (app, actor) = (it.app.clone(), it.actor.clone());
        let arrived = Arc::new(tokio::sync::Notify::new());
        let all = Arc::clone(&arrived);
        let body = chunks(&noise(100_000)).chain(stream::once(Box::pin(async move {
            all.notify_one();
            std::future::pending().await
        })));
        let sending = tokio::spawn(async move { app.upload_append(&actor, upload.id, 0, body).await });
        arrived.notified().await;
        it.app.upload_terminate(&it.actor, upload.id).await.unwrap();
        assert_eq!(sending.await.unwrap().unwrap().offset_bytes, 100_000, "its bytes were saved before it left");
        assert_eq!(it.files("partial"), 0);
        assert_eq!(code(&it.app.upload_terminate(&it.actor, upload.id).await.unwrap_err()), "upload");
    })
    .await;
}

#[tokio::test]
async fn nobody_else_sees_or_touches_an_upload_or_a_file() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let stranger =
            Actor { workspace_id: domain::id::WorkspaceId::from_uuid(uuid::Uuid::from_u128(77)), ..it.actor.clone() };
        let upload = it.app.upload_create(&it.actor, "a.mp4", 10).await.unwrap();
        let refusals = [
            it.app.upload_progress(&stranger, upload.id).await.unwrap_err(),
            it.app.upload_append(&stranger, upload.id, 0, chunks(b"0123456789")).await.unwrap_err(),
            it.app.upload_terminate(&stranger, upload.id).await.unwrap_err(),
        ];
        assert_eq!(refusals.iter().map(code).collect::<Vec<_>>(), ["upload"; 3]);
        let media =
            it.app.upload_append(&it.actor, upload.id, 0, chunks(b"0123456789")).await.unwrap().media_id.unwrap();
        let refusals = [
            it.app.media(&stranger, media).await.unwrap_err(),
            it.app.media_bytes(&stranger, media, 0).await.unwrap_err(),
            it.app.media_usage(&stranger, media).await.unwrap_err(),
            it.app.media_delete(&stranger, media).await.unwrap_err(),
            it.app.picture(&stranger, media, Picture::Thumbnail).await.unwrap_err(),
        ];
        assert_eq!(refusals.iter().map(code).collect::<Vec<_>>(), ["media"; 5]);
        assert_eq!(it.app.uploads_open(&stranger).await.unwrap(), vec![]);
        assert_eq!(it.app.media_list(&stranger, None, 50).await.unwrap(), vec![]);
    })
    .await;
}

#[tokio::test]
async fn the_library_is_read_in_pages_newest_first_and_by_id() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let mut ids = vec![seed.media];
        for _ in 0..4 {
            it.clock.forward(Duration::from_millis(1));
            let upload = it.app.upload_create(&it.actor, "a.mp4", 3).await.unwrap();
            let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(b"abc")).await.unwrap();
            ids.push(done.media_id.unwrap());
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = it.app.media_list(&it.actor, before, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.created_at, last.id));
            seen.extend(page.iter().map(|media| media.id));
        }
        seen.reverse();
        assert_eq!(seen, ids);
        let wanted = [ids[0], ids[3], domain::id::MediaId::from_uuid(uuid::Uuid::from_u128(404))];
        let many = it.app.store.media_many(seed.workspace, &wanted).await.unwrap();
        let mut found: Vec<_> = many.iter().map(|media| media.id).collect();
        found.sort_unstable();
        assert_eq!(found, [ids[0], ids[3]]);
        assert_eq!(it.app.store.media_many(seed.workspace, &[]).await.unwrap(), vec![]);
        assert_eq!(it.app.media_room(&it.actor).await.unwrap(), (1_012, 50_000_000_000));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_a_post_needs_stays_and_one_that_nobody_needs_goes_with_its_pictures() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let upload = it.app.upload_create(&it.actor, "a.mp4", 10).await.unwrap();
        let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(b"0123456789")).await.unwrap();
        let media = it.app.media(&it.actor, done.media_id.unwrap()).await.unwrap();
        let thumb = media.blob_key.companion("thumb", 0).unwrap();
        it.app.blobs.put_small(&thumb, Bytes::from_static(b"jpeg")).await.unwrap();

        let mut post = seed.post(5, domain::post::PostState::Draft);
        post.media_id = media.id;
        let mut tx = it.app.store.begin().await.unwrap();
        tx.post_insert(&post).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(code(&it.app.media_delete(&it.actor, media.id).await.unwrap_err()), "media-in-use");
        assert_eq!(it.app.media_usage(&it.actor, media.id).await.unwrap().len(), 1);

        let mut tx = it.app.store.begin().await.unwrap();
        assert!(tx.post_delete_draft(seed.workspace, post.id).await.unwrap());
        tx.commit().await.unwrap();
        it.app.media_delete(&it.actor, media.id).await.unwrap();
        assert_eq!(it.app.blobs.list(BlobKind::Whole).count().await, 0);
        assert_eq!(it.files("small"), 0);
    })
    .await;
}

#[tokio::test]
async fn small_pictures_are_drawn_with_ffmpeg_and_said_to_be_missing_without() {
    on_every_engine(|test, seed| async move {
        let Some(video) = video(test.folder()) else { return };
        let length = u64::try_from(video.len()).unwrap();
        for ffmpeg in [None, Some(std::path::PathBuf::from("/usr/bin/ffmpeg"))] {
            let it = Instance::start(&test, seed, |settings| {
                settings.ffmpeg.clone_from(&ffmpeg);
                // The sandbox is raised by the binary, whose tests hold it to its word.
                settings.isolation = app::media::tools::Isolation::Off;
            })
            .await;
            let upload = it.app.upload_create(&it.actor, "a.mp4", length).await.unwrap();
            let done = it.app.upload_append(&it.actor, upload.id, 0, chunks(&video)).await.unwrap();
            let id = done.media_id.unwrap();
            assert_eq!(it.app.media(&it.actor, id).await.unwrap().thumbnail, ThumbnailState::Pending);
            assert_eq!(it.app.draw_pending_pictures().await.unwrap(), 1);
            let state = it.app.media(&it.actor, id).await.unwrap().thumbnail;
            let thumbnail = it.app.picture(&it.actor, id, Picture::Thumbnail).await.unwrap();
            if ffmpeg.is_none() {
                assert_eq!((state, thumbnail), (ThumbnailState::Unavailable, None));
                continue;
            }
            assert_eq!(state, ThumbnailState::Ready);
            assert!(thumbnail.unwrap().starts_with(&[0xff, 0xd8]));
            for n in 0..STRIP_FRAMES {
                let frame = it.app.picture(&it.actor, id, Picture::Frame(n)).await.unwrap();
                assert!(frame.is_some_and(|frame| frame.len() < 60_000), "frame {n}");
            }
            let beyond = it.app.picture(&it.actor, id, Picture::Frame(STRIP_FRAMES)).await.unwrap_err();
            assert_eq!(code(&beyond), "frame");
        }
    })
    .await;
}

#[tokio::test]
async fn a_large_file_costs_no_more_memory_than_a_small_one() {
    let tests = engines().await;
    let test = tests.into_iter().next().expect("SQLite is always there");
    let seed = Seed::write(&test).await;
    let it = Instance::start(&test, seed, plain).await;
    let length = 256 * 1024 * 1024_u64;
    let upload = it.app.upload_create(&it.actor, "a.mp4", length).await.unwrap();
    let before = resident_kib();
    let highest = Arc::new(Mutex::new(before));
    let seen = highest.clone();
    let block = Bytes::from(noise(256 * 1024));
    let body = stream::iter(0..1024).map(move |n| {
        if n % 64 == 0 {
            let mut highest = seen.lock().unwrap();
            *highest = (*highest).max(resident_kib());
        }
        Ok::<_, std::io::Error>(block.clone())
    });
    let done = it.app.upload_append(&it.actor, upload.id, 0, body).await.unwrap();
    assert!(done.media_id.is_some());
    let grown = *highest.lock().unwrap() - before;
    assert!(grown < 32 * 1024, "grew by {grown} KiB");
}

/// Resident memory of this process, KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn pp_6_6_files_that_came_after_a_copy_that_was_put_back_stay_for_a_week() {
    on_every_engine(|test, seed| async move {
        let it = Instance::start(&test, seed, plain).await;
        let hour = Duration::from_secs(3_600);
        // What it was before the copy has no row either: a crash left it.
        let born = |it: &Instance| store::blobs::BlobKey::of(it.app.random.uuid(it.app.now()));
        let lie = async |it: &Instance| {
            let key = born(it);
            std::fs::write(it.app.blobs.path(&key), b"a film").unwrap();
            key
        };
        let before = lie(&it).await;
        it.clock.forward(hour);
        let copy = it.app.now().in_utc().replace(':', "-");
        it.clock.forward(hour);
        let after = lie(&it).await;
        it.clock.forward(hour);
        let mut tx = test.begin().await.unwrap();
        tx.meta_put(app::publishing::RESTORED, &copy).await.unwrap();
        tx.commit().await.unwrap();
        it.app.replay_tombstones().await.unwrap();

        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 1);
        assert!(
            !it.app.blobs.path(&before).exists() && it.app.blobs.path(&after).exists(),
            "the wrong copy may have been put back"
        );
        it.clock.forward(24 * 7 * hour - hour);
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 0);
        it.clock.forward(hour);
        assert_eq!(it.app.uploads_recover().await.unwrap().orphans, 1);
        assert!(!it.app.blobs.path(&after).exists());
    })
    .await;
}
